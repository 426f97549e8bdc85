use {
    super::open::{require_access, Admission, Opening},
    crate::{
        errors::{ensure, FixedPoolsError, MathResultExt},
        events::{Compounded, PoolState},
        instructions::pool_tokens::*,
        state::{Function, Position, UserPool, WhitelistEntry},
    },
    anchor_lang::prelude::*,
};

/// At what rate an owner stakes what he has earned, or what has matured, and how he shows that he may.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct RenewalRequest {
    /// The lowest rate at which he does.
    pub min_rate_bps: u16,
    /// Bump of the new position's address.
    pub position_bump: u8,
    /// For a pool with a Merkle root, unless a whitelist entry is passed: the most his leaf allows, and his proof.
    pub max_amount: u64,
    pub proof: Vec<[u8; 32]>,
}

impl RenewalRequest {
    pub fn admission<'a>(&'a self, entry: Option<&'a WhitelistEntry>) -> Admission<'a> {
        Admission { entry, max_amount: self.max_amount, proof: &self.proof }
    }
}

#[derive(Accounts)]
pub struct Renew<'info> {
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
    /// CHECK: created here at the address its seeds give
    #[account(mut)]
    pub new_position: UncheckedAccount<'info>,
    /// Pays the new position's rent.
    #[account(mut)]
    pub owner: Signer<'info>,
    pub whitelist_entry: Option<Account<'info, WhitelistEntry>>,
    pub system_program: Program<'info, System>,
}

impl<'info> Renew<'info> {
    pub fn opening<'a>(&'a self, request: &RenewalRequest, pool_key: &'a Pubkey) -> Opening<'a, 'info> {
        Opening {
            pool_key,
            account: &self.new_position,
            rent_payer: &self.owner,
            bump: request.position_bump,
        }
    }
}

/// What a position has earned becomes a new position. As a claim and a stake in one, but for the minimum.
pub fn handler(ctx: Context<Renew>, request: RenewalRequest) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.tokens.pool.key();
    let mut pool = a.tokens.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    let mut user = a.user_pool.load_mut()?;
    let mut from = a.position.load_mut()?;
    let amount = from.claimable(now)?;

    pool.require_open(Function::Stake, now)?;
    pool.require_open(Function::Claim, now)?;
    let admission = request.admission(a.whitelist_entry.as_deref());
    require_access(&pool, &pool_key, &user, amount, &admission, now)?;
    pool.require_window(now)?;
    pool.require_rate(request.min_rate_bps)?;
    ensure(!amount.is_zero(), FixedPoolsError::NothingToClaim)?;

    pool.book_paid(&mut from, amount)?;
    user.book_paid(amount);
    let reward_balance = a.tokens.reward_balance()?.minus(amount).named()?;
    let full_reward = pool.promise(amount, reward_balance, now)?;
    a.tokens.pay_reward(&pool, &a.tokens.principal_vault, amount)?;
    let position = a.opening(&request, &pool_key).open(&mut pool, &mut user, amount, full_reward, now)?;

    emit!(Compounded {
        pool: pool_key,
        owner: position.owner,
        from: a.position.key(),
        position: a.new_position.key(),
        index: position.index,
        amount: amount.0,
        rate_bps: position.rate_bps,
        unlock_at: position.unlock_at,
        full_reward: full_reward.0,
        state: PoolState::of(&pool, now),
    });
    Ok(())
}
