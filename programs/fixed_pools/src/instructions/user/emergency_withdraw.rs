use {
    super::leave::{leave, Leave},
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{EmergencyWithdrawn, PoolState},
    },
    anchor_lang::prelude::*,
    tidepool_math::Tokens,
};

/// In an emergency a position can be left at any time, with its principal alone. `max_forfeit`: how much of what it has
/// earned its owner will give up for that.
pub fn handler(ctx: Context<Leave>, max_forfeit: u64) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.tokens.pool.key();
    let loader = a.tokens.pool.clone();
    let mut pool = loader.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    ensure(pool.is_emergency(now), FixedPoolsError::NoEmergency)?;
    let earned = a.position.claimable(now)?;
    ensure(earned.0 <= max_forfeit, FixedPoolsError::AboveMaximumForfeit)?;

    let forfeited = leave(a, &mut pool, Tokens::ZERO)?;
    pool.lock_forfeit(forfeited, now);

    emit!(EmergencyWithdrawn {
        pool: pool_key,
        owner: a.owner.key(),
        position: a.position.key(),
        amount: a.position.amount,
        forfeited: forfeited.0,
        state: PoolState::of(&pool, now),
    });
    Ok(())
}
