//! What another program asks the fixed-APY program by a call, as in [`crate::views`].

use {
    crate::bytes::{words, words_and},
    tidepool_math::{Bps, Tokens},
};

/// `pending_reward()`; accounts: the position. Returns a [`PendingReward`].
pub const PENDING_REWARD: [u8; 8] = [61, 57, 122, 246, 238, 167, 250, 136];
/// `quote_stake(amount: u64)`; accounts: the pool, its reward vault. Returns a [`StakeQuote`].
pub const QUOTE_STAKE: [u8; 8] = [247, 46, 246, 219, 53, 198, 123, 157];
/// `get_metrics()`; accounts: the pool, its reward vault. Returns [`Metrics`].
pub const GET_METRICS: [u8; 8] = [38, 12, 253, 38, 173, 46, 173, 7];

/// What `pending_reward` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingReward {
    /// Earned so far, claimed or not.
    pub accrued: Tokens,
    pub claimed: Tokens,
    /// Earned and not claimed.
    pub claimable: Tokens,
    /// Earned in all when the lock is over.
    pub full_reward: Tokens,
    pub unlock_at: i64,
    pub is_matured: bool,
}

impl PendingReward {
    /// Reads the return data; `None` if they are not of this view.
    pub fn parse(return_data: &[u8]) -> Option<Self> {
        let (words, [is_matured]) = words_and(return_data)?;
        let [accrued, claimed, claimable, full_reward, unlock_at] = words;
        Some(Self {
            accrued: Tokens(accrued),
            claimed: Tokens(claimed),
            claimable: Tokens(claimable),
            full_reward: Tokens(full_reward),
            unlock_at: unlock_at.cast_signed(),
            is_matured: is_matured != 0,
        })
    }
}

/// What `quote_stake` returns: what a stake of that amount would be promised now. The view refuses what a stake would refuse of
/// the pool; who is admitted is another matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakeQuote {
    pub full_reward: Tokens,
    pub unlock_at: i64,
    pub rate: Bps,
}

impl StakeQuote {
    /// Reads the return data; `None` if they are not of this view.
    pub fn parse(return_data: &[u8]) -> Option<Self> {
        let ([full_reward, unlock_at], rate_bps) = words_and(return_data)?;
        let rate = Bps(u16::from_le_bytes(rate_bps));
        Some(Self { full_reward: Tokens(full_reward), unlock_at: unlock_at.cast_signed(), rate })
    }
}

/// What `get_metrics` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metrics {
    pub total_staked: Tokens,
    /// Users with an open position.
    pub active_users: u64,
    pub open_positions: u64,
    /// What such a user has staked on average, rounded down.
    pub average_stake: Tokens,
    /// Approved entries, those whose time is over included until they are closed or changed, and leaves of the Merkle tree as its
    /// maker counts them.
    pub whitelisted_users: u64,
    /// In the reward vault.
    pub reward_balance: Tokens,
    /// Of it, promised to open positions.
    pub reserved: Tokens,
    /// Of it, not promised.
    pub free: Tokens,
    /// The largest stake that cap and reward vault allow.
    pub max_new_stake: Tokens,
    /// For how long the reward vault would pay what is staked now at its rates; `u64::MAX` if nothing is.
    pub runway_seconds: u64,
    /// What must be funded before the pool can be filled to its cap.
    pub funding_needed: Tokens,
}

impl Metrics {
    /// Reads the return data; `None` if they are not of this view.
    pub fn parse(return_data: &[u8]) -> Option<Self> {
        let words: [u64; 11] = words(return_data)?;
        let tokens = words.map(Tokens);
        Some(Self {
            total_staked: tokens[0],
            active_users: words[1],
            open_positions: words[2],
            average_stake: tokens[3],
            whitelisted_users: words[4],
            reward_balance: tokens[5],
            reserved: tokens[6],
            free: tokens[7],
            max_new_stake: tokens[8],
            runway_seconds: words[9],
            funding_needed: tokens[10],
        })
    }
}
