use {
    crate::{
        errors::{ensure, TidepoolError},
        events::{PauseSet, PoolState},
        state::Pool,
    },
    anchor_lang::prelude::*,
    tidepool_interface::header::Function,
};

#[derive(Accounts)]
pub struct Pause<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, Pool>,
    /// The guardian or the admin.
    pub guardian: Signer<'info>,
}

/// A pause stops functions for a while, each by its bit. What lets holders leave by a ticket is none of them.
pub fn handler(ctx: Context<Pause>, functions: u8) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    let is_admin = is_admin(&pool, a.guardian.key)?;
    ensure(functions != 0, TidepoolError::InvalidParameter)?;
    for function in named_by(functions)? {
        pool.pause(function, is_admin, clock.epoch)?;
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

/// Whether the admin acts, or the guardian; refuses anybody else.
pub(super) fn is_admin(pool: &Pool, key: &Pubkey) -> Result<bool> {
    ensure(*key == pool.admin || *key == pool.guardian, TidepoolError::NotTheGuardian)?;
    Ok(*key == pool.admin)
}

pub(super) fn named_by(bits: u8) -> Result<impl Iterator<Item = Function>> {
    ensure(bits & !Function::MASK == 0, TidepoolError::InvalidParameter)?;
    Ok(Function::ALL.into_iter().filter(move |function| bits & function.bit() != 0))
}
