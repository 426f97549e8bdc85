use {
    super::leave::{leave, Leave},
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{PoolState, Unstaked},
    },
    anchor_lang::prelude::*,
    tidepool_math::Tokens,
};

/// A position whose lock is over pays its principal with all of its reward, and closes. No pause stops that; in an emergency
/// it pays the principal alone.
pub fn handler(ctx: Context<Leave>, min_reward: u64) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.tokens.pool.key();
    let mut pool = a.tokens.pool.load_mut()?;
    let mut position = a.position.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    ensure(position.is_matured(now), FixedPoolsError::NotMatured)?;
    let reward = match pool.is_emergency(now) {
        true => Tokens::ZERO,
        false => position.claimable(now)?,
    };
    ensure(reward.0 >= min_reward, FixedPoolsError::BelowMinimumReward)?;

    let forfeited = leave(a, &mut pool, &mut position, reward)?;
    pool.lock_forfeit(forfeited, now);

    emit!(Unstaked {
        pool: pool_key,
        owner: a.owner.key(),
        position: a.position.key(),
        amount: position.amount,
        reward: reward.0,
        forfeited: forfeited.0,
        state: PoolState::of(&pool, now),
    });
    drop(position);
    a.position.close(a.rent_payer.to_account_info())
}
