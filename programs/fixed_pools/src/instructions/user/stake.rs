use {
    super::open::{require_access, Admission, Opening},
    crate::{
        account,
        errors::{ensure, FixedPoolsError},
        events::{PoolState, Staked, WhaleDidEligible},
        instructions::{did::sum::active_stake_with, pool_tokens::*},
        state::{DidCollection, Function, Pool, UserPool, WhitelistEntry},
    },
    anchor_lang::prelude::*,
    tidepool_interface::fixed::pda::prefix,
    tidepool_math::Tokens,
};

/// What somebody stakes, and how he shows that he may.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct StakeRequest {
    pub amount: u64,
    /// The lowest rate at which he does.
    pub min_rate_bps: u16,
    /// Bump of the new position's address.
    pub position_bump: u8,
    /// For a pool with a Merkle root, unless a whitelist entry is passed: the most the owner's leaf allows, and his proof.
    pub max_amount: u64,
    pub proof: Vec<[u8; 32]>,
}

#[derive(Accounts)]
pub struct Stake<'info> {
    pub tokens: PoolTokens<'info>,
    /// CHECK: made here if it is the owner's first stake
    #[account(mut)]
    pub user_pool: UncheckedAccount<'info>,
    /// CHECK: created here at the address its seeds give
    #[account(mut)]
    pub position: UncheckedAccount<'info>,
    /// CHECK: whose the position will be
    pub owner: UncheckedAccount<'info>,
    /// Brings the tokens and pays the rent: the owner or anybody else.
    #[account(mut)]
    pub funder: Signer<'info>,
    /// CHECK: the token program checks that `funder` may spend from it
    #[account(mut)]
    pub from: UncheckedAccount<'info>,
    pub whitelist_entry: Option<Account<'info, WhitelistEntry>>,
    pub did_collection: Option<Account<'info, DidCollection>>,
    pub system_program: Program<'info, System>,
}

/// A stake locks tokens at the pool's rate of this moment; all of the reward is set aside at once.
pub fn handler<'info>(ctx: Context<'info, Stake<'info>>, request: StakeRequest) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.tokens.pool.key();
    let mut pool = a.tokens.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    let mut user = user_of(a, &pool, &pool_key)?;
    let amount = Tokens(request.amount);

    pool.require_open(Function::Stake, now)?;
    ensure(user.lets(a.funder.key), FixedPoolsError::OwnerOnly)?;
    let entry = a.whitelist_entry.as_deref();
    let admission = Admission { entry, max_amount: request.max_amount, proof: &request.proof };
    require_access(&pool, &pool_key, &user, amount, &admission, now)?;
    pool.require_window(now)?;
    pool.require_minimum(amount)?;
    pool.require_rate(request.min_rate_bps)?;
    let full_reward = pool.promise(amount, a.tokens.reward_balance()?, now)?;

    a.tokens.token(&pool).bring(&a.funder, &a.from, &a.tokens.principal_vault, amount)?;
    let opening = Opening {
        pool_key: &pool_key,
        account: &a.position,
        rent_payer: &a.funder,
        bump: request.position_bump,
    };
    let position = opening.open(&mut pool, &mut user, amount, full_reward, now)?;
    if let Some(collection) = &a.did_collection {
        remind(collection, &pool, &mut user, ctx.remaining_accounts, now)?;
    }
    account::write_plain(&a.user_pool, &user)?;

    emit!(Staked {
        pool: pool_key,
        owner: position.owner,
        funder: a.funder.key(),
        position: a.position.key(),
        index: position.index,
        amount: amount.0,
        rate_bps: position.rate_bps,
        unlock_at: position.unlock_at,
        full_reward: full_reward.0,
        state: PoolState::of(&pool, now),
    });
    Ok(())
}

/// The owner's account in the pool, made now if he has none.
fn user_of(a: &Stake, pool: &Pool, pool_key: &Pubkey) -> Result<UserPool> {
    let owner = a.owner.key;
    if *a.user_pool.owner == crate::ID {
        let user: UserPool = account::read_plain(&a.user_pool)?;
        let is_his = user.pool == *pool_key && user.owner == *owner;
        ensure(is_his, FixedPoolsError::WrongUser)?;
        return Ok(user);
    }
    let seeds: &[&[u8]] = &[prefix::USER, pool_key.as_ref(), owner.as_ref()];
    let bump = account::create(&a.funder, &a.user_pool, UserPool::SPACE, &crate::ID, seeds)?;
    Ok(UserPool::new(*pool_key, *owner, pool.did_collection, bump))
}

/// Tells a user once that he may have a whale's token.
fn remind<'info>(
    collection: &Account<DidCollection>,
    pool: &Pool,
    user: &mut UserPool,
    others: &'info [AccountInfo<'info>],
    now: i64,
) -> Result<()> {
    ensure(collection.key() == pool.did_collection, FixedPoolsError::WrongCollection)?;
    let sum = active_stake_with(user, others)?;
    if sum.active_stake >= collection.threshold && !sum.is_reminded {
        user.did_reminded = 1;
        emit!(WhaleDidEligible {
            pool: user.pool,
            owner: user.owner,
            active_stake: sum.active_stake,
            state: PoolState::of(pool, now),
        });
    }
    Ok(())
}
