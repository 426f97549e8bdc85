use {
    crate::{
        errors::{ensure, TidepoolError},
        events::{PoolState, RoleHandedOver},
        state::{Pool, Role},
        transfer::layout,
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct AcceptRole<'info> {
    #[account(mut, has_one = lst_mint @ TidepoolError::WrongMint)]
    pub pool: AccountLoader<'info, Pool>,
    /// Who was proposed; for the treasury, the owner of the token account that was proposed.
    pub successor: Signer<'info>,
    /// CHECK: address is the pool's
    pub lst_mint: UncheckedAccount<'info>,
    /// CHECK: for the treasury alone: the token account that was proposed
    pub treasury: Option<UncheckedAccount<'info>>,
}

/// An acceptance hands a role over to who was proposed for it and signs.
pub fn handler(ctx: Context<AcceptRole>, role: Role) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    let to = match role {
        Role::Treasury => accepted_treasury(a)?,
        _ => a.successor.key(),
    };
    let from = pool.hand_over(role, &to)?;

    emit!(RoleHandedOver { pool: a.pool.key(), role, from, to, state: PoolState::of(&pool, clock.slot) });
    Ok(())
}

fn accepted_treasury(a: &AcceptRole) -> Result<Pubkey> {
    let treasury = a.treasury.as_ref().ok_or(TidepoolError::WrongTreasury)?;
    layout::require_usable(treasury, a.lst_mint.key, a.lst_mint.owner)?;
    ensure(layout::is_owned_by(treasury, a.successor.key), TidepoolError::NotTheProposed)?;
    Ok(treasury.key())
}
