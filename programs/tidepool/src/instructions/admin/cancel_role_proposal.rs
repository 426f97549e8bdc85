use {
    crate::{
        errors::TidepoolError,
        events::{PoolState, RoleProposalCancelled},
        state::{Pool, Role},
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct CancelRoleProposal<'info> {
    #[account(mut, has_one = admin @ TidepoolError::NotTheAdmin)]
    pub pool: AccountLoader<'info, Pool>,
    pub admin: Signer<'info>,
}

/// A cancelled proposal can no longer be accepted.
pub fn handler(ctx: Context<CancelRoleProposal>, role: Role) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    let successor = pool.cancel_proposal(role)?;

    emit!(RoleProposalCancelled {
        pool: a.pool.key(),
        role,
        successor,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
