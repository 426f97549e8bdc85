//! One event for every change. Each carries the pool's state after it, so a reader needs no second source.

use {
    crate::{
        instructions::{admin::PoolSettings, manager::set_weights::NewWeight},
        state::{BondTerms, Pool, PoolFees, Role, ValidatorRules},
    },
    anchor_lang::prelude::*,
    tidepool_math::Slot,
};

/// The pool after the change.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolState {
    pub value: u64,
    pub lst_supply: u64,
    pub withheld: u64,
    pub slot: u64,
}

impl PoolState {
    pub fn of(pool: &Pool, slot: Slot) -> Self {
        Self { value: pool.value_floor, lst_supply: pool.lst_supply, withheld: pool.withheld, slot }
    }
}

/// Which part of a validator's stake an event speaks of, and how much of it moved.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakeMove {
    pub vote: Pubkey,
    pub lamports: u64,
}

#[event]
pub struct PoolInitialized {
    pub pool: Pubkey,
    pub lst_mint: Pubkey,
    pub admin: Pubkey,
    pub state: PoolState,
}

#[event]
pub struct Deposited {
    pub pool: Pubkey,
    pub user: Pubkey,
    pub lamports: u64,
    pub lst_minted: u64,
    /// Of `lamports`, what bought LST of the liquidity pool.
    pub lamports_to_liquidity: u64,
    pub lst_bought: u64,
    pub fee_shares: u64,
    /// Of `fee_shares`, what went to who sent the depositor.
    pub referral_shares: u64,
    pub state: PoolState,
}

#[event]
pub struct StakeDeposited {
    pub pool: Pubkey,
    pub user: Pubkey,
    pub vote: Pubkey,
    /// Active stake.
    pub stake_lamports: u64,
    /// Rent and whatever else lay in the account.
    pub free_lamports: u64,
    pub lst_minted: u64,
    pub fee_shares: u64,
    pub state: PoolState,
}

#[event]
pub struct StakeWithdrawn {
    pub pool: Pubkey,
    pub user: Pubkey,
    pub vote: Pubkey,
    pub stake_account: Pubkey,
    pub lamports: u64,
    pub lst_amount: u64,
    pub fee_shares: u64,
    /// What the withdrawal cost beyond the fee, streamed to the holders.
    pub charge_lamports: u64,
    pub state: PoolState,
}

#[event]
pub struct UnstakeOrdered {
    pub pool: Pubkey,
    pub ticket: Pubkey,
    pub owner: Pubkey,
    pub index: u64,
    pub lst_burned: u64,
    pub fee_shares: u64,
    pub lamports: u64,
    pub claimable_epoch: u64,
    pub state: PoolState,
}

#[event]
pub struct TicketClaimed {
    pub pool: Pubkey,
    pub ticket: Pubkey,
    pub owner: Pubkey,
    pub lamports: u64,
    /// Lamports the ticket is still owed; 0 when it was closed.
    pub lamports_left: u64,
    pub state: PoolState,
}

#[event]
pub struct TicketCancelled {
    pub pool: Pubkey,
    pub ticket: Pubkey,
    pub owner: Pubkey,
    /// What was still owed.
    pub lamports: u64,
    pub lst_minted: u64,
    /// Units of the queue that still have to be skipped; 0 when the ticket was closed.
    pub gap_units: u64,
    pub state: PoolState,
}

/// The gap that a cancelled ticket had left was skipped.
#[event]
pub struct TicketReleased {
    pub pool: Pubkey,
    pub ticket: Pubkey,
    pub units: u64,
    pub state: PoolState,
}

#[event]
pub struct TicketTransferred {
    pub pool: Pubkey,
    pub ticket: Pubkey,
    pub from: Pubkey,
    pub to: Pubkey,
    pub state: PoolState,
}

#[event]
pub struct LiquidUnstaked {
    pub pool: Pubkey,
    pub user: Pubkey,
    pub lst_amount: u64,
    pub lamports: u64,
    pub fee_lamports: u64,
    pub treasury_shares: u64,
    pub state: PoolState,
}

#[event]
pub struct LiquidityAdded {
    pub pool: Pubkey,
    pub user: Pubkey,
    pub lamports: u64,
    pub lp_minted: u64,
    pub lp_supply: u64,
    pub state: PoolState,
}

#[event]
pub struct LiquidityRemoved {
    pub pool: Pubkey,
    pub user: Pubkey,
    pub lp_burned: u64,
    pub lamports: u64,
    pub lst_amount: u64,
    pub lp_supply: u64,
    pub state: PoolState,
}

/// LST of the liquidity pool became a ticket, which brings its SOL back.
#[event]
pub struct LiquidityRecycled {
    pub pool: Pubkey,
    pub ticket: Pubkey,
    pub lst_burned: u64,
    pub lamports: u64,
    pub claimable_epoch: u64,
    pub state: PoolState,
}

/// A ticket of the liquidity pool was paid into its vault.
#[event]
pub struct RecycledCollected {
    pub pool: Pubkey,
    pub ticket: Pubkey,
    pub lamports: u64,
    /// Lamports the ticket is still owed; 0 when it was closed.
    pub lamports_left: u64,
    pub state: PoolState,
}

#[event]
pub struct RoleProposed {
    pub pool: Pubkey,
    pub role: Role,
    pub holder: Pubkey,
    pub successor: Pubkey,
    pub state: PoolState,
}

#[event]
pub struct RoleProposalCancelled {
    pub pool: Pubkey,
    pub role: Role,
    pub successor: Pubkey,
    pub state: PoolState,
}

#[event]
pub struct RoleHandedOver {
    pub pool: Pubkey,
    pub role: Role,
    pub from: Pubkey,
    pub to: Pubkey,
    pub state: PoolState,
}

#[event]
pub struct FeesSet {
    pub pool: Pubkey,
    /// What holds now.
    pub fees: PoolFees,
    /// What will hold from `pending_epoch` on, if that is not 0.
    pub pending: PoolFees,
    pub pending_epoch: u64,
    pub state: PoolState,
}

#[event]
pub struct ParametersSet {
    pub pool: Pubkey,
    pub settings: PoolSettings,
    /// The epoch from which on a higher liquidity target holds; 0 if it holds already.
    pub target_epoch: u64,
    pub state: PoolState,
}

/// Functions were paused or opened again.
#[event]
pub struct PauseSet {
    pub pool: Pubkey,
    pub by: Pubkey,
    /// Bits of all functions that are paused now.
    pub pause_flags: u8,
    pub pause_end_epoch: [u64; 8],
    pub state: PoolState,
}

#[event]
pub struct HistoryExtended {
    pub pool: Pubkey,
    pub bytes: u64,
    pub state: PoolState,
}

#[event]
pub struct ValidatorAdded {
    pub pool: Pubkey,
    pub vote: Pubkey,
    pub page: u32,
    pub slot_in_page: u8,
    pub weight: u32,
    pub group: u16,
    pub rent_lamports: u64,
    pub state: PoolState,
}

#[event]
pub struct ValidatorsUpdated {
    pub pool: Pubkey,
    pub validators: u32,
    pub gain: u64,
    pub loss: u64,
    /// Lamports that came back to the reserve.
    pub returned: u64,
    /// Whether every validator has been seen in this epoch.
    pub epoch_complete: bool,
    pub state: PoolState,
}

/// Stake that had become active joined the validator's main account.
#[event]
pub struct StakeMerged {
    pub pool: Pubkey,
    pub stake: StakeMove,
}

/// A stake account that was the pool's is not any more; its lamports are booked as lost.
#[event]
pub struct ForeignStakeFound {
    pub pool: Pubkey,
    pub stake: StakeMove,
}

#[event]
pub struct StakeDelegated {
    pub pool: Pubkey,
    pub stake: StakeMove,
    pub state: PoolState,
}

#[event]
pub struct StakeUndelegated {
    pub pool: Pubkey,
    pub stake: StakeMove,
    pub state: PoolState,
}

/// A crank found nothing to do and changed nothing.
#[event]
pub struct NothingDue {
    pub pool: Pubkey,
    /// The validator's vote account, the ticket or the liquidity pool that it looked at.
    pub account: Pubkey,
    pub reason: NothingDueReason,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum NothingDueReason {
    /// Tickets are waiting for SOL, so none is staked.
    TicketsWaiting,
    /// The validator's stake is at its target, as near as the smallest delegation allows.
    AtTarget,
    /// The validator's accounts were not looked at in this epoch: update it first.
    NotUpdated,
    /// A stake account of the validator is not the pool's any more: what is staked there could not come back.
    AccountLost,
    /// The stake account is still warming up or cooling down from an earlier move.
    AccountBusy,
    /// Stake moves are paused, and no ticket needs one.
    Paused,
    /// The validator has more than the share of the cluster's stake up to which it gets new stake.
    AboveClusterShare,
    /// The validator was reviewed in this epoch, and nothing has changed since.
    AlreadyReviewed,
    /// The validator was not reviewed in this epoch: review it first.
    NotReviewed,
    /// The bond was settled in this epoch, and nothing was posted or asked for since.
    AlreadySettled,
    /// Tickets in front of the gap still wait.
    GapNotReached,
    /// The liquidity pool has its SOL, or too little LST to be worth a ticket.
    LiquidityAtTarget,
}

#[event]
pub struct ValidatorReviewed {
    pub pool: Pubkey,
    pub vote: Pubkey,
    /// `tidepool_math::score::Verdict`.
    pub verdict: u8,
    pub score_bps: u16,
    pub commission_bps: u16,
    /// Credits as a share of the mean that the validator was compared with.
    pub credit_ratio_bps: u16,
    /// Credits of the last complete epochs, which count in the next mean.
    pub credits: u64,
    pub state: PoolState,
}

#[event]
pub struct WeightsSet {
    pub pool: Pubkey,
    pub page: u32,
    pub weights: Vec<NewWeight>,
    /// Σ weight × score of all validators, afterwards.
    pub total_weight: u64,
    pub state: PoolState,
}

/// A validator's stake leaves for good.
#[event]
pub struct ValidatorDrained {
    pub pool: Pubkey,
    pub vote: Pubkey,
    /// Lamports in its stake accounts.
    pub lamports: u64,
    pub state: PoolState,
}

#[event]
pub struct ValidatorRemoved {
    pub pool: Pubkey,
    pub vote: Pubkey,
    pub page: u32,
    pub slot_in_page: u8,
    pub state: PoolState,
}

#[event]
pub struct ValidatorRulesSet {
    pub pool: Pubkey,
    pub rules: ValidatorRules,
    pub state: PoolState,
}

#[event]
pub struct BondOpened {
    pub pool: Pubkey,
    pub vote: Pubkey,
    pub owner: Pubkey,
    pub terms: BondTerms,
    pub state: PoolState,
}

#[event]
pub struct BondPosted {
    pub pool: Pubkey,
    pub vote: Pubkey,
    pub payer: Pubkey,
    pub lamports: u64,
    /// What is in the bond now.
    pub bond_lamports: u64,
    pub state: PoolState,
}

#[event]
pub struct BondTermsSet {
    pub pool: Pubkey,
    pub vote: Pubkey,
    /// What holds now.
    pub terms: BondTerms,
    /// What will hold from `pending_epoch` on, if that is not 0.
    pub pending: BondTerms,
    pub pending_epoch: u64,
    pub state: PoolState,
}

#[event]
pub struct BondWithdrawalRequested {
    pub pool: Pubkey,
    pub vote: Pubkey,
    pub lamports: u64,
    /// From which epoch on it can be withdrawn; 0 if the request was taken back.
    pub withdrawal_epoch: u64,
    pub state: PoolState,
}

#[event]
pub struct BondWithdrawn {
    pub pool: Pubkey,
    pub vote: Pubkey,
    pub owner: Pubkey,
    pub lamports: u64,
    /// What is in the bond now.
    pub bond_lamports: u64,
    pub state: PoolState,
}

/// What a bond owed, by reason, and what it could pay; all 0 if the pool only learned what it backs with now.
#[event]
pub struct BondSettled {
    pub pool: Pubkey,
    pub vote: Pubkey,
    pub bid_lamports: u64,
    pub commission_lamports: u64,
    pub credits_lamports: u64,
    pub lost_lamports: u64,
    pub paid_lamports: u64,
    /// What is in the bond now.
    pub bond_lamports: u64,
    pub state: PoolState,
}

#[event]
pub struct InsuranceFunded {
    pub pool: Pubkey,
    pub payer: Pubkey,
    pub lamports: u64,
    /// What is in the insurance vault now.
    pub insurance_lamports: u64,
    pub state: PoolState,
}

#[event]
pub struct InsuranceWithdrawalProposed {
    pub pool: Pubkey,
    pub lamports: u64,
    pub to: Pubkey,
    /// From which epoch on it can be withdrawn.
    pub withdrawal_epoch: u64,
    pub state: PoolState,
}

#[event]
pub struct InsuranceWithdrawalCancelled {
    pub pool: Pubkey,
    pub lamports: u64,
    pub to: Pubkey,
    pub state: PoolState,
}

#[event]
pub struct InsuranceWithdrawn {
    pub pool: Pubkey,
    pub to: Pubkey,
    pub lamports: u64,
    /// What is in the insurance vault now.
    pub insurance_lamports: u64,
    pub state: PoolState,
}

#[event]
pub struct PoolSynced {
    pub pool: Pubkey,
    pub epoch: u64,
    /// Lamports found in the reserve that nobody booked.
    pub donated: u64,
    /// LST that left the supply without being redeemed.
    pub burned: u64,
    /// LST minted to the treasury.
    pub fee_shares: u64,
    /// LP tokens that left the supply without being redeemed.
    pub lp_burned: u64,
    /// Lamports moved to the insurance vault.
    pub insured: u64,
    pub ticket_index: u64,
    /// Whether this was the first sync of the epoch, which the history keeps.
    pub recorded: bool,
    pub state: PoolState,
}
