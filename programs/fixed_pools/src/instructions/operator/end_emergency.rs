use {
    super::roles::ByAuthority,
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{EmergencyModeChanged, PoolState},
    },
    anchor_lang::prelude::*,
};

/// The authority ends the emergency.
pub fn handler(ctx: Context<ByAuthority>) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    ensure(pool.is_emergency(now), FixedPoolsError::NoEmergency)?;

    pool.emergency.end(now);

    emit!(EmergencyModeChanged {
        pool: a.pool.key(),
        by: a.authority.key(),
        emergency: pool.emergency,
        reason_code: pool.emergency_reason,
        state: PoolState::of(&pool, now),
    });
    Ok(())
}
