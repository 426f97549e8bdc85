use {
    super::leave::{leave, Leave},
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{EarlyExitCompleted, PoolState},
        state::{Function, Position},
    },
    anchor_lang::prelude::*,
};

/// After its notice an early exit pays the principal, and of the reward half of what was earned when it was asked for, less
/// what was claimed.
pub fn handler(ctx: Context<Leave>, min_reward: u64) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.tokens.pool.key();
    let mut pool = a.tokens.pool.load_mut()?;
    let mut position = a.position.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    pool.require_open(Function::EarlyExit, now)?;
    pool.require_no_emergency(now)?;
    require_due(position.exit_requested_at, now)?;
    ensure(!position.is_matured(now), FixedPoolsError::AlreadyMatured)?;
    let reward = position.early_exit_reward()?;
    ensure(reward.0 >= min_reward, FixedPoolsError::BelowMinimumReward)?;

    let released = leave(a, &mut pool, &mut position, reward)?;

    emit!(EarlyExitCompleted {
        pool: pool_key,
        owner: a.owner.key(),
        position: a.position.key(),
        amount: position.amount,
        reward: reward.0,
        released: released.0,
        state: PoolState::of(&pool, now),
    });
    drop(position);
    a.position.close(a.rent_payer.to_account_info())
}

fn require_due(requested_at: i64, now: i64) -> Result<()> {
    ensure(requested_at != 0, FixedPoolsError::NoExitRequested)?;
    let (completable_at, lapses_at) = Position::exit_window(requested_at);
    ensure(now >= completable_at, FixedPoolsError::NoticeRunning)?;
    ensure(now < lapses_at, FixedPoolsError::ExitLapsed)
}
