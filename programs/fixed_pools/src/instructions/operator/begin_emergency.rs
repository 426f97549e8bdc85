use {
    super::roles::{is_authority, ByGuardian},
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{EmergencyModeChanged, PoolState},
    },
    anchor_lang::prelude::*,
    tidepool_interface::fixed::limits::{GUARDIAN_EMERGENCY_SECONDS, MAX_EMERGENCY_SECONDS},
};

/// Emergency mode: no stake, no claim, but everybody's principal at once. The guardian's ends after two weeks; the authority
/// makes it, or its own, last longer, but not for ever.
pub fn handler(ctx: Context<ByGuardian>, reason_code: u16) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    let seconds = match is_authority(&pool, a.guardian.key)? {
        true => MAX_EMERGENCY_SECONDS,
        false => GUARDIAN_EMERGENCY_SECONDS,
    };
    ensure(pool.emergency.may_last(now), FixedPoolsError::OpenTooShort)?;

    pool.emergency.last(now, seconds);
    pool.emergency_reason = reason_code;

    emit!(EmergencyModeChanged {
        pool: a.pool.key(),
        by: a.guardian.key(),
        emergency: pool.emergency,
        reason_code,
        state: PoolState::of(&pool, now),
    });
    Ok(())
}
