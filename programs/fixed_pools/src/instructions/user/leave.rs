//! What every instruction that ends a position does.

use {
    crate::{
        errors::FixedPoolsError,
        instructions::pool_tokens::*,
        state::{Pool, Position, UserPool},
        token,
    },
    anchor_lang::prelude::*,
    tidepool_math::Tokens,
};

#[derive(Accounts)]
pub struct Leave<'info> {
    pub tokens: PoolTokens<'info>,
    #[account(
        mut,
        constraint = user_pool.load()?.pool == tokens.pool.key() @ FixedPoolsError::WrongPool,
        has_one = owner @ FixedPoolsError::WrongUser,
    )]
    pub user_pool: AccountLoader<'info, UserPool>,
    #[account(
        mut,
        constraint = position.load()?.pool == tokens.pool.key() @ FixedPoolsError::WrongPool,
        has_one = owner @ FixedPoolsError::WrongOwner,
        has_one = rent_payer @ FixedPoolsError::WrongRentPayer,
    )]
    pub position: AccountLoader<'info, Position>,
    pub owner: Signer<'info>,
    /// CHECK: address is the position's
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: must be a token account of the owner's
    #[account(mut)]
    pub to: UncheckedAccount<'info>,
}

/// Pays the owner his principal and `reward`, and books the end of the position, whose account is still to be closed. Gives
/// what was kept for it beyond that.
pub fn leave(a: &Leave, pool: &mut Pool, position: &mut Position, reward: Tokens) -> Result<Tokens> {
    token::require_account_of(&a.to, a.owner.key, pool)?;
    a.tokens.pay_principal(pool, &a.to, Tokens(position.amount))?;
    a.tokens.pay_reward(pool, &a.to, reward)?;
    book(pool, &mut *a.user_pool.load_mut()?, position, reward)
}

/// Books that a position ends with `reward`; gives what was kept for it beyond that.
pub fn book(pool: &mut Pool, user: &mut UserPool, position: &mut Position, reward: Tokens) -> Result<Tokens> {
    pool.book_paid(position, reward)?;
    user.book_paid(reward);
    user.book_closed(Tokens(position.amount))?;
    pool.book_closed(position, user.active_positions == 0)
}
