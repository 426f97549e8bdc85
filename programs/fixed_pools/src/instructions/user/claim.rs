use {
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{Claimed, PoolState},
        instructions::pool_tokens::*,
        state::{Function, Pool, Position, UserPool},
        token,
    },
    anchor_lang::prelude::*,
    tidepool_math::Tokens,
};

#[derive(Accounts)]
pub struct Claim<'info> {
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
    )]
    pub position: AccountLoader<'info, Position>,
    /// CHECK: address is the position's
    pub owner: UncheckedAccount<'info>,
    /// The owner, or anybody else whom he lets claim for him.
    pub claimer: Signer<'info>,
    /// CHECK: must be a token account of the owner's
    #[account(mut)]
    pub to: UncheckedAccount<'info>,
}

/// A claim pays the owner what his position has earned since the last one; the position stays.
pub fn handler(ctx: Context<Claim>) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.tokens.pool.key();
    let mut pool = a.tokens.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    let mut user = a.user_pool.load_mut()?;
    let mut position = a.position.load_mut()?;
    require_claims(&pool, &user, a.claimer.key, now)?;
    token::require_account_of(&a.to, a.owner.key, &pool)?;

    let due = position.claimable(now)?;
    ensure(!due.is_zero(), FixedPoolsError::NothingToClaim)?;
    a.tokens.pay_reward(&pool, &a.to, due)?;
    book(&mut pool, &mut user, &mut position, due)?;

    emit!(Claimed {
        pool: pool_key,
        owner: a.owner.key(),
        position: a.position.key(),
        amount: due.0,
        reserved_for_position: position.reserved().0,
        state: PoolState::of(&pool, now),
    });
    Ok(())
}

/// Refuses while claims are shut, and to others than the user if he wants that.
pub(super) fn require_claims(pool: &Pool, user: &UserPool, claimer: &Pubkey, now: i64) -> Result<()> {
    pool.require_open(Function::Claim, now)?;
    pool.require_no_emergency(now)?;
    ensure(user.lets(claimer), FixedPoolsError::OwnerOnly)
}

pub(super) fn book(pool: &mut Pool, user: &mut UserPool, position: &mut Position, due: Tokens) -> Result<()> {
    pool.book_paid(position, due)?;
    user.book_paid(due);
    Ok(())
}
