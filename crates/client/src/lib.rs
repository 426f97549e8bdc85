//! Builds Tidepool's instructions and reads its accounts.

mod accounts;
pub mod fixed;
mod governance;
mod instructions;
mod keys;
mod logs;
mod validators;
mod views;

pub use {
    accounts::{read_bond, read_entry, read_liquidity, read_page, read_pool, read_ticket, ReadError},
    instructions::{Batch, BatchError},
    keys::{PoolKeys, ValidatorKeys},
    logs::read_events,
    tidepool::{
        errors::TidepoolError,
        events,
        state::{
            Bond, BondTerms, Gains, History, HistoryEntry, HistoryRing, Liquidity, Pool, PoolFees, Review,
            Role, Ticket, TicketKind, ValidatorEntry, ValidatorPage, ValidatorRecord, ValidatorRules,
            ValidatorStatus,
        },
        NewWeight, Place, PoolParameters, PoolSettings,
    },
    validators::leaving_order,
    views::{read_view, ApyView, DepositPreview, LiquidUnstakePreview, OrderPreview, RateView, SafetyView},
};

/// The programs and accounts of the cluster that Tidepool's instructions name.
pub mod cluster {
    use solana_pubkey::Pubkey;

    pub const SYSTEM_PROGRAM: Pubkey = solana_sdk_ids::system_program::ID;
    pub const STAKE_PROGRAM: Pubkey = solana_sdk_ids::stake::ID;
    pub const TOKEN_PROGRAM: Pubkey = Pubkey::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
    pub const TOKEN_2022_PROGRAM: Pubkey =
        Pubkey::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
    pub const ASSOCIATED_TOKEN_PROGRAM: Pubkey =
        Pubkey::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");

    /// The address of an owner's associated token account under either token program.
    pub fn associated_token_address_of(owner: &Pubkey, mint: &Pubkey, token_program: &Pubkey) -> Pubkey {
        let seeds = [owner.as_ref(), token_program.as_ref(), mint.as_ref()];
        Pubkey::find_program_address(&seeds, &ASSOCIATED_TOKEN_PROGRAM).0
    }
}
