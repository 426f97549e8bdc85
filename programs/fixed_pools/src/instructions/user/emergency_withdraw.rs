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
    let mut pool = a.tokens.pool.load_mut()?;
    let mut position = a.position.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    ensure(pool.is_emergency(now), FixedPoolsError::NoEmergency)?;
    let earned = position.claimable(now)?;
    ensure(earned.0 <= max_forfeit, FixedPoolsError::AboveMaximumForfeit)?;

    let forfeited = leave(a, &mut pool, &mut position, Tokens::ZERO)?;
    pool.lock_forfeit(forfeited, now);

    emit!(EmergencyWithdrawn {
        pool: pool_key,
        owner: a.owner.key(),
        position: a.position.key(),
        amount: position.amount,
        forfeited: forfeited.0,
        state: PoolState::of(&pool, now),
    });
    drop(position);
    a.position.close(a.rent_payer.to_account_info())
}
