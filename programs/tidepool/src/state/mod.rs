mod bond;
mod entry;
pub mod history;
mod liquidity;
mod pool;
mod ticket;
mod validators;

pub use {
    bond::{Bond, BondTerms},
    entry::ValidatorEntry,
    history::{History, HistoryEntry, HistoryRing},
    liquidity::Liquidity,
    pool::{slots_in, Gains, Pool, PoolBumps, PoolFees, Review, Role, Source, ValidatorRules},
    ticket::{Ticket, TicketKind},
    validators::{ValidatorPage, ValidatorRecord, ValidatorStatus},
};

use {
    anchor_lang::prelude::*,
    bytemuck::{Pod, Zeroable},
};

/// A `u128` that asks for no more alignment than account data has.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct PodU128([u64; 2]);

impl From<u128> for PodU128 {
    fn from(value: u128) -> Self {
        bytemuck::cast(value.to_le_bytes())
    }
}

impl From<PodU128> for u128 {
    fn from(value: PodU128) -> Self {
        Self::from_le_bytes(bytemuck::cast(value))
    }
}
