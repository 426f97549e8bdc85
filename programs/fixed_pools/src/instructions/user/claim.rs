use {
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{Claimed, PoolState},
        state::{Function, Pool, Position, UserPool},
        token::{self, PoolSigner, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_math::Tokens,
};

#[derive(Accounts)]
pub struct Claim<'info> {
    #[account(
        mut,
        has_one = mint @ FixedPoolsError::WrongMint,
        has_one = token_program @ FixedPoolsError::WrongTokenProgram,
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
    )]
    pub position: Account<'info, Position>,
    /// CHECK: address is the position's
    pub owner: UncheckedAccount<'info>,
    /// The owner, or anybody else whom he lets claim for him.
    pub claimer: Signer<'info>,
    /// CHECK: must be a token account of the owner's
    #[account(mut)]
    pub to: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub reward_vault: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub mint: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

/// A claim pays the owner what his position has earned since the last one; the position stays.
pub fn handler(ctx: Context<Claim>) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    require_claims(&pool, &a.user_pool, a.claimer.key, now)?;
    token::require_account_of(&a.to, a.owner.key, &pool)?;

    let due = a.position.claimable(now)?;
    ensure(!due.is_zero(), FixedPoolsError::NothingToClaim)?;
    let token = Token { program: &a.token_program, mint: &a.mint, decimals: pool.decimals };
    token.send(&PoolSigner::of(&pool), a.pool.as_ref(), &a.reward_vault, &a.to, due)?;
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
