use {
    super::pause::{is_admin, named_by},
    crate::{
        errors::{ensure, TidepoolError},
        events::{PauseSet, PoolState},
        state::Pool,
    },
    anchor_lang::prelude::*,
    tidepool_interface::header::BREAKER,
};

#[derive(Accounts)]
pub struct Resume<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, Pool>,
    /// The guardian or the admin.
    pub guardian: Signer<'info>,
}

/// Opens functions again before their pause ends.
pub fn handler(ctx: Context<Resume>, functions: u8) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    let is_admin = is_admin(&pool, a.guardian.key)?;
    ensure(functions != 0, TidepoolError::InvalidParameter)?;
    if functions & BREAKER != 0 {
        pool.close_breaker();
    }
    for function in named_by(functions & !BREAKER)? {
        pool.resume(function, is_admin);
    }

    emit!(PauseSet {
        pool: a.pool.key(),
        by: a.guardian.key(),
        pause_flags: pool.pause_flags,
        pause_end_epoch: pool.pause_end_epoch,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
