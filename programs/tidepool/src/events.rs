//! One event for every change. Each carries the pool's state after it, so a reader needs no second source.

use {crate::state::Pool, anchor_lang::prelude::*, tidepool_math::Slot};

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
    pub fee_shares: u64,
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

#[event]
pub struct ValidatorAdded {
    pub pool: Pubkey,
    pub vote: Pubkey,
    pub page: u32,
    pub slot_in_page: u8,
    pub weight: u32,
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
    pub vote: Pubkey,
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
    /// LST of exit fees paid to the treasury.
    pub exit_fee_shares: u64,
    /// Lamports moved to the insurance vault.
    pub insured: u64,
    pub ticket_index: u64,
    pub state: PoolState,
}
