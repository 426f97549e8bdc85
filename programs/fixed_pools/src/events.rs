//! One event for every change of state. Each carries the pool's books after it, so a reader needs no second source.

use {
    crate::state::{Pool, PoolTerms, Suspension, WhitelistState},
    anchor_lang::prelude::*,
};

/// The pool after the change.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolState {
    pub total_staked: u64,
    pub promised: u64,
    pub reserved: u64,
    pub open_positions: u64,
    pub timestamp: i64,
}

impl PoolState {
    pub fn of(pool: &Pool, now: i64) -> Self {
        Self {
            total_staked: pool.total_staked,
            promised: pool.promised,
            reserved: pool.reserved,
            open_positions: pool.open_positions,
            timestamp: now,
        }
    }

    /// Of a pool that was closed.
    pub fn empty(now: i64) -> Self {
        Self { total_staked: 0, promised: 0, reserved: 0, open_positions: 0, timestamp: now }
    }
}

#[event]
pub struct PoolInitialized {
    pub pool: Pubkey,
    pub creator: Pubkey,
    pub mint: Pubkey,
    pub pool_id: u64,
    pub lock_seconds: u64,
    pub allows_early_exit: bool,
    /// The mint's issuer can freeze the pool's vaults.
    pub can_be_frozen: bool,
    pub terms: PoolTerms,
    pub state: PoolState,
}

#[event]
pub struct RewardsFunded {
    pub pool: Pubkey,
    pub funder: Pubkey,
    pub amount: u64,
    pub reward_balance: u64,
    pub state: PoolState,
}

#[event]
pub struct Staked {
    pub pool: Pubkey,
    pub owner: Pubkey,
    pub funder: Pubkey,
    pub position: Pubkey,
    pub index: u64,
    pub amount: u64,
    pub rate_bps: u16,
    pub unlock_at: i64,
    pub full_reward: u64,
    pub state: PoolState,
}

#[event]
pub struct Claimed {
    pub pool: Pubkey,
    pub owner: Pubkey,
    pub position: Pubkey,
    pub amount: u64,
    /// What the position can still earn.
    pub reserved_for_position: u64,
    pub state: PoolState,
}

#[event]
pub struct Compounded {
    pub pool: Pubkey,
    pub owner: Pubkey,
    /// The position whose reward was staked.
    pub from: Pubkey,
    pub position: Pubkey,
    pub index: u64,
    pub amount: u64,
    pub rate_bps: u16,
    pub unlock_at: i64,
    pub full_reward: u64,
    pub state: PoolState,
}

#[event]
pub struct RolledOver {
    pub pool: Pubkey,
    pub owner: Pubkey,
    /// The matured position, which is gone.
    pub from: Pubkey,
    pub position: Pubkey,
    pub index: u64,
    pub amount: u64,
    /// Reward that was paid out instead of being staked.
    pub reward_paid: u64,
    pub rate_bps: u16,
    pub unlock_at: i64,
    pub full_reward: u64,
    pub state: PoolState,
}

#[event]
pub struct Unstaked {
    pub pool: Pubkey,
    pub owner: Pubkey,
    pub position: Pubkey,
    pub amount: u64,
    pub reward: u64,
    /// Reward given up, in an emergency.
    pub forfeited: u64,
    pub state: PoolState,
}

#[event]
pub struct EmergencyWithdrawn {
    pub pool: Pubkey,
    pub owner: Pubkey,
    pub position: Pubkey,
    pub amount: u64,
    /// All that was kept for the position and is not paid any more.
    pub forfeited: u64,
    pub state: PoolState,
}

#[event]
pub struct EarlyExitRequested {
    pub pool: Pubkey,
    pub owner: Pubkey,
    pub position: Pubkey,
    pub completable_at: i64,
    pub lapses_at: i64,
    pub state: PoolState,
}

#[event]
pub struct EarlyExitCancelled {
    pub pool: Pubkey,
    pub owner: Pubkey,
    pub position: Pubkey,
    pub state: PoolState,
}

#[event]
pub struct EarlyExitCompleted {
    pub pool: Pubkey,
    pub owner: Pubkey,
    pub position: Pubkey,
    pub amount: u64,
    pub reward: u64,
    /// Kept for the position and free again.
    pub released: u64,
    pub state: PoolState,
}

#[event]
pub struct OwnerOnlySet {
    pub pool: Pubkey,
    pub owner: Pubkey,
    pub is_owner_only: bool,
    pub state: PoolState,
}

#[event]
pub struct WhitelistApplied {
    pub pool: Pubkey,
    pub user: Pubkey,
    pub requested_amount: u64,
    pub note_hash: [u8; 32],
    pub state: PoolState,
}

#[event]
pub struct WhitelistChanged {
    pub pool: Pubkey,
    pub user: Pubkey,
    pub entry_state: WhitelistState,
    pub max_amount: u64,
    pub expires_at: i64,
    pub reason_code: u16,
    pub state: PoolState,
}

#[event]
pub struct WhitelistEntryClosed {
    pub pool: Pubkey,
    pub user: Pubkey,
    pub state: PoolState,
}

#[event]
pub struct MerkleRootSet {
    pub pool: Pubkey,
    pub merkle_root: [u8; 32],
    pub merkle_leaves: u64,
    pub state: PoolState,
}

#[event]
pub struct TermsSet {
    pub pool: Pubkey,
    pub terms: PoolTerms,
    pub state: PoolState,
}

#[event]
pub struct PauseSet {
    pub pool: Pubkey,
    pub by: Pubkey,
    pub pause_flags: u8,
    pub claim_pause: Suspension,
    pub state: PoolState,
}

#[event]
pub struct EmergencyModeChanged {
    pub pool: Pubkey,
    pub by: Pubkey,
    pub emergency: Suspension,
    pub reason_code: u16,
    pub state: PoolState,
}

#[event]
pub struct ExcessWithdrawn {
    pub pool: Pubkey,
    pub amount: u64,
    pub reward_balance: u64,
    pub state: PoolState,
}

#[event]
pub struct SurplusSwept {
    pub pool: Pubkey,
    pub amount: u64,
    pub reward_balance: u64,
    pub state: PoolState,
}

#[event]
pub struct RolesSet {
    pub pool: Pubkey,
    pub guardian: Pubkey,
    pub whitelist_manager: Pubkey,
    pub state: PoolState,
}

#[event]
pub struct AuthorityProposed {
    pub pool: Pubkey,
    /// The zero key if a proposal was taken back.
    pub proposed: Pubkey,
    pub state: PoolState,
}

#[event]
pub struct AuthorityAccepted {
    pub pool: Pubkey,
    pub authority: Pubkey,
    pub state: PoolState,
}

#[event]
pub struct PoolClosed {
    pub pool: Pubkey,
    pub authority: Pubkey,
    /// What was left in both vaults.
    pub amount: u64,
    pub state: PoolState,
}

/// A reminder: the user may have a whale's token now. Nothing was minted.
#[event]
pub struct WhaleDidEligible {
    pub pool: Pubkey,
    pub owner: Pubkey,
    pub active_stake: u64,
    pub state: PoolState,
}

#[event]
pub struct DidCollectionSet {
    pub collection: Pubkey,
    pub creator: Pubkey,
    pub mint: Pubkey,
    pub threshold: u64,
}

#[event]
pub struct WhaleDidMinted {
    pub collection: Pubkey,
    pub owner: Pubkey,
    pub mint: Pubkey,
    pub active_stake: u64,
    pub timestamp: i64,
}
