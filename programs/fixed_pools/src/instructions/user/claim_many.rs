use {
    crate::{
        errors::{ensure, FixedPoolsError, MathResultExt},
        events::{Claimed, PoolState},
        instructions::pool_tokens::*,
        state::{Function, Pool, Position, UserPool},
        token,
    },
    anchor_lang::prelude::*,
    tidepool_math::Tokens,
};

/// Followed by the positions, all of one owner.
#[derive(Accounts)]
pub struct ClaimMany<'info> {
    pub tokens: PoolTokens<'info>,
    #[account(
        mut,
        constraint = user_pool.load()?.pool == tokens.pool.key() @ FixedPoolsError::WrongPool,
        has_one = owner @ FixedPoolsError::WrongUser,
    )]
    pub user_pool: AccountLoader<'info, UserPool>,
    /// CHECK: address is the user's
    pub owner: UncheckedAccount<'info>,
    /// The owner, or anybody else whom he lets claim for him.
    pub claimer: Signer<'info>,
    /// CHECK: must be a token account of the owner's
    #[account(mut)]
    pub to: UncheckedAccount<'info>,
}

/// Claims for several positions of one owner at once; one that has earned nothing since its last claim is passed over.
pub fn handler<'info>(ctx: Context<'info, ClaimMany<'info>>) -> Result<()> {
    pay_claims(ctx.accounts, ctx.remaining_accounts)
}

pub fn pay_claims<'info>(
    a: &ClaimMany<'info>,
    positions: impl IntoIterator<Item = &'info AccountInfo<'info>>,
) -> Result<()> {
    let mut pool = a.tokens.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    let mut user = a.user_pool.load_mut()?;
    pool.require_open(Function::Claim, now)?;
    pool.require_no_emergency(now)?;
    ensure(user.lets(a.claimer.key), FixedPoolsError::OwnerOnly)?;
    token::require_account_of(&a.to, a.owner.key, &pool)?;

    let mut due = Tokens::ZERO;
    for position in positions {
        due = due.plus(claim_one(position, &mut pool, &mut user, now)?).named()?;
    }
    ensure(!due.is_zero(), FixedPoolsError::NothingToClaim)?;
    a.tokens.pay_reward(&pool, &a.to, due)
}

fn claim_one<'info>(
    account: &'info AccountInfo<'info>,
    pool: &mut Pool,
    user: &mut UserPool,
    now: i64,
) -> Result<Tokens> {
    let loader = AccountLoader::<Position>::try_from(account)?;
    let mut position = loader.load_mut()?;
    ensure(position.pool == user.pool, FixedPoolsError::WrongPool)?;
    ensure(position.owner == user.owner, FixedPoolsError::WrongOwner)?;
    let due = position.claimable(now)?;
    if due.is_zero() {
        return Ok(due);
    }
    pool.book_paid(&mut position, due)?;
    user.book_paid(due);
    emit!(Claimed {
        pool: position.pool,
        owner: position.owner,
        position: account.key(),
        amount: due.0,
        reserved_for_position: position.reserved().0,
        state: PoolState::of(pool, now),
    });
    Ok(due)
}
