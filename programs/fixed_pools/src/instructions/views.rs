//! What a pool says of itself, by return data: for other programs by a call, for everybody else by simulation.

use {
    crate::{
        errors::FixedPoolsError,
        state::{Function, Pool, Position},
        token,
    },
    anchor_lang::prelude::*,
    tidepool_math::{fixed::runway_seconds, Tokens},
};

#[derive(Accounts)]
pub struct PoolView<'info> {
    #[account(has_one = reward_vault @ FixedPoolsError::WrongVault)]
    pub pool: AccountLoader<'info, Pool>,
    /// CHECK: address is the pool's
    pub reward_vault: UncheckedAccount<'info>,
}

#[derive(Accounts)]
pub struct PositionView<'info> {
    pub position: AccountLoader<'info, Position>,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingReward {
    /// Earned so far, claimed or not.
    pub accrued: u64,
    pub claimed: u64,
    /// Earned and not claimed.
    pub claimable: u64,
    /// Earned in all when the lock is over.
    pub full_reward: u64,
    pub unlock_at: i64,
    pub is_matured: bool,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakeQuote {
    pub full_reward: u64,
    pub unlock_at: i64,
    pub rate_bps: u16,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metrics {
    pub total_staked: u64,
    /// Users with an open position.
    pub active_users: u64,
    pub open_positions: u64,
    /// What a user has staked on average, rounded down; 0 if there are none.
    pub average_stake: u64,
    /// Approved entries, expired ones that nobody closed included, and leaves of the Merkle tree.
    pub whitelisted_users: u64,
    /// In the reward vault.
    pub reward_balance: u64,
    /// Of it, promised to open positions.
    pub reserved: u64,
    /// Of it, neither promised nor given up lately in an emergency.
    pub free: u64,
    /// The largest stake that cap and reward vault allow now.
    pub max_new_stake: u64,
    /// For how long the reward vault would pay what is staked now at its rates; `u64::MAX` if nothing is.
    pub runway_seconds: u64,
    /// What must be funded before the pool can be filled to its cap.
    pub funding_needed: u64,
}

pub fn pending_reward(ctx: Context<PositionView>) -> Result<PendingReward> {
    let position = ctx.accounts.position.load()?;
    let now = Clock::get()?.unix_timestamp;
    Ok(PendingReward {
        accrued: position.accrued(now)?.0,
        claimed: position.claimed,
        claimable: position.claimable(now)?.0,
        full_reward: position.full_reward,
        unlock_at: position.unlock_at,
        is_matured: position.is_matured(now),
    })
}

/// What a stake of `amount` would be promised now. Refuses what a stake would refuse of the pool; who is admitted is another
/// matter.
pub fn quote_stake(ctx: Context<PoolView>, amount: u64) -> Result<StakeQuote> {
    let pool = ctx.accounts.pool.load()?;
    let now = Clock::get()?.unix_timestamp;
    pool.require_open(Function::Stake, now)?;
    pool.require_window(now)?;
    pool.require_minimum(Tokens(amount))?;
    let full_reward = pool.promise(Tokens(amount), token::balance(&ctx.accounts.reward_vault)?, now)?;
    Ok(StakeQuote { full_reward: full_reward.0, unlock_at: pool.unlock_at(now)?, rate_bps: pool.rate_bps })
}

pub fn get_metrics(ctx: Context<PoolView>) -> Result<Metrics> {
    let pool = ctx.accounts.pool.load()?;
    let balance = token::balance(&ctx.accounts.reward_vault)?;
    let now = Clock::get()?.unix_timestamp;
    let fixed = pool.fixed_terms();
    Ok(Metrics {
        total_staked: pool.total_staked,
        active_users: pool.active_users,
        open_positions: pool.open_positions,
        average_stake: pool.total_staked.checked_div(pool.active_users).unwrap_or(0),
        whitelisted_users: pool.approved_users.saturating_add(pool.merkle_leaves),
        reward_balance: balance.0,
        reserved: pool.reserved,
        free: pool.free_rewards(balance, now).0,
        max_new_stake: pool.most_stake(balance, now)?.0,
        runway_seconds: runway_seconds(balance, Tokens(pool.promised), fixed.lock_seconds),
        funding_needed: pool.funding_needed(balance, now)?.0,
    })
}
