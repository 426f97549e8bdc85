//! What every instruction that ends a position does.

use {
    crate::{
        errors::FixedPoolsError,
        state::{Pool, Position, UserPool},
        token::{self, PoolSigner, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_math::Tokens,
};

#[derive(Accounts)]
pub struct Leave<'info> {
    #[account(
        mut,
        has_one = mint @ FixedPoolsError::WrongMint,
        has_one = token_program @ FixedPoolsError::WrongTokenProgram,
        has_one = principal_vault @ FixedPoolsError::WrongVault,
        has_one = reward_vault @ FixedPoolsError::WrongVault,
    )]
    pub pool: AccountLoader<'info, Pool>,
    #[account(
        mut,
        has_one = pool @ FixedPoolsError::WrongPool,
        has_one = owner @ FixedPoolsError::WrongUser,
    )]
    pub user_pool: Account<'info, UserPool>,
    #[account(
        mut,
        has_one = pool @ FixedPoolsError::WrongPool,
        has_one = owner @ FixedPoolsError::WrongOwner,
        has_one = rent_payer @ FixedPoolsError::WrongRentPayer,
    )]
    pub position: Account<'info, Position>,
    pub owner: Signer<'info>,
    /// CHECK: address is the position's
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: must be a token account of the owner's
    #[account(mut)]
    pub to: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub principal_vault: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub reward_vault: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub mint: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

/// Pays the owner his principal and `reward`, and closes the position. Gives what was kept for it beyond that.
pub fn leave(a: &mut Leave, pool: &mut Pool, reward: Tokens) -> Result<Tokens> {
    token::require_account_of(&a.to, a.owner.key, pool)?;
    let amount = Tokens(a.position.amount);
    let token = Token { program: &a.token_program, mint: &a.mint, decimals: pool.decimals };
    let signer = PoolSigner::of(pool);
    token.send(&signer, a.pool.as_ref(), &a.principal_vault, &a.to, amount)?;
    token.send(&signer, a.pool.as_ref(), &a.reward_vault, &a.to, reward)?;

    let released = book(pool, &mut a.user_pool, &mut a.position, reward)?;
    a.position.close(a.rent_payer.to_account_info())?;
    Ok(released)
}

/// Books that a position ends with `reward`; gives what was kept for it beyond that.
pub fn book(pool: &mut Pool, user: &mut UserPool, position: &mut Position, reward: Tokens) -> Result<Tokens> {
    pool.book_paid(position, reward)?;
    user.book_paid(reward);
    user.book_closed(Tokens(position.amount))?;
    pool.book_closed(position, user.active_positions == 0)
}
