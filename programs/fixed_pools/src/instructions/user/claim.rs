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
        constraint = user_pool.pool == tokens.pool.key() @ FixedPoolsError::WrongPool,
        has_one = owner @ FixedPoolsError::WrongUser,
    )]
    pub user_pool: Account<'info, UserPool>,
    #[account(
        mut,
        constraint = position.pool == tokens.pool.key() @ FixedPoolsError::WrongPool,
        has_one = owner @ FixedPoolsError::WrongOwner,
    )]
    pub position: Account<'info, Position>,
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
    require_claims(&pool, &a.user_pool, a.claimer.key, now)?;
    token::require_account_of(&a.to, a.owner.key, &pool)?;

    let due = a.position.claimable(now)?;
    ensure(!due.is_zero(), FixedPoolsError::NothingToClaim)?;
    a.tokens.pay_reward(&pool, &a.to, due)?;
    book(&mut pool, &mut a.user_pool, &mut a.position, due)?;

    emit!(Claimed {
        pool: pool_key,
        owner: a.owner.key(),
        position: a.position.key(),
        amount: due.0,
        reserved_for_position: a.position.reserved().0,
        state: PoolState::of(&pool, now),
    });
    Ok(())
}

/// Refuses while claims are shut, and to others than the user if he wants that.
pub(super) fn require_claims(pool: &Pool, user: &UserPool, claimer: &Pubkey, now: i64) -> Result<()> {
    pool.require_open(Function::Claim, now)?;
    pool.require_no_emergency(now)?;
    ensure(*claimer == user.owner || !user.is_owner_only, FixedPoolsError::OwnerOnly)
}

pub(super) fn book(pool: &mut Pool, user: &mut UserPool, position: &mut Position, due: Tokens) -> Result<()> {
    pool.book_paid(position, due)?;
    user.book_paid(due);
    Ok(())
}
