use {
    crate::{
        errors::TidepoolError,
        events::{PoolState, RoleProposed},
        state::{Pool, Role},
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct ProposeRole<'info> {
    #[account(mut, has_one = admin @ TidepoolError::NotTheAdmin)]
    pub pool: AccountLoader<'info, Pool>,
    pub admin: Signer<'info>,
}

/// A proposal names who is to take over a role. Nothing changes hands before he accepts; a new proposal replaces it.
pub fn handler(ctx: Context<ProposeRole>, role: Role, successor: Pubkey) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    pool.propose(role, successor)?;

    emit!(RoleProposed {
        pool: a.pool.key(),
        role,
        holder: pool.holder(role),
        successor,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
