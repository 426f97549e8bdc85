use {
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{EarlyExitRequested, PoolState},
        state::{Function, Pool, Position},
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct OwnPosition<'info> {
    pub pool: AccountLoader<'info, Pool>,
    #[account(
        mut,
        has_one = pool @ FixedPoolsError::WrongPool,
        has_one = owner @ FixedPoolsError::WrongOwner,
    )]
    pub position: AccountLoader<'info, Position>,
    pub owner: Signer<'info>,
}

/// A user asks to leave before the lock is over. The position earns on; what it has earned now is what the exit counts.
pub fn handler(ctx: Context<OwnPosition>) -> Result<()> {
    let a = ctx.accounts;
    let pool = a.pool.load()?;
    let now = Clock::get()?.unix_timestamp;
    let mut position = a.position.load_mut()?;
    ensure(pool.allows_early_exit != 0, FixedPoolsError::NoEarlyExit)?;
    pool.require_open(Function::EarlyExit, now)?;
    pool.require_no_emergency(now)?;
    ensure(!position.is_matured(now), FixedPoolsError::AlreadyMatured)?;
    let earlier = position.exit_requested_at;
    let is_open = earlier != 0 && now < Position::exit_window(earlier).1;
    ensure(!is_open, FixedPoolsError::ExitAlreadyRequested)?;
    let (completable_at, lapses_at) = Position::exit_window(now);

    position.exit_requested_at = now;

    emit!(EarlyExitRequested {
        pool: a.pool.key(),
        owner: a.owner.key(),
        position: a.position.key(),
        completable_at,
        lapses_at,
        state: PoolState::of(&pool, now),
    });
    Ok(())
}
