use {
    super::request_early_exit::OwnPosition,
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{EarlyExitCancelled, PoolState},
    },
    anchor_lang::prelude::*,
};

/// A user takes his request to leave early back.
pub fn handler(ctx: Context<OwnPosition>) -> Result<()> {
    let a = ctx.accounts;
    let pool = a.pool.load()?;
    let now = Clock::get()?.unix_timestamp;
    let mut position = a.position.load_mut()?;
    ensure(position.exit_requested_at != 0, FixedPoolsError::NoExitRequested)?;

    position.exit_requested_at = 0;

    emit!(EarlyExitCancelled {
        pool: a.pool.key(),
        owner: a.owner.key(),
        position: a.position.key(),
        state: PoolState::of(&pool, now),
    });
    Ok(())
}
