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
        constraint = user_pool.pool == tokens.pool.key() @ FixedPoolsError::WrongPool,
        has_one = owner @ FixedPoolsError::WrongUser,
    )]
    pub user_pool: Account<'info, UserPool>,
    #[account(
        mut,
        constraint = position.pool == tokens.pool.key() @ FixedPoolsError::WrongPool,
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
}

/// Pays the owner his principal and `reward`, and closes the position. Gives what was kept for it beyond that.
pub fn leave(a: &mut Leave, pool: &mut Pool, reward: Tokens) -> Result<Tokens> {
    token::require_account_of(&a.to, a.owner.key, pool)?;
    let amount = Tokens(a.position.amount);
    a.tokens.pay_principal(pool, &a.to, amount)?;
    a.tokens.pay_reward(pool, &a.to, reward)?;

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
