//! The header of a pool account: fixed offsets, so that a reader needs no deserializer and no later version of the
//! program can move a field.

use {
    solana_pubkey::Pubkey,
    tidepool_math::{Bps, Epoch, Lamports, Rate, Shares, Slot, Stream},
};

/// First eight bytes of every pool account.
pub const DISCRIMINATOR: [u8; 8] = [241, 154, 109, 4, 17, 177, 109, 188];

/// Version of the layout this crate reads.
pub const VERSION: u8 = 1;

/// Byte offsets in the account's data.
pub mod offset {
    pub const DISCRIMINATOR: usize = 0;
    pub const VERSION: usize = 8;
    pub const PAUSE_FLAGS: usize = 9;
    pub const BUMPS: usize = 10;
    pub const LST_MINT: usize = 16;
    pub const LST_SUPPLY: usize = 48;
    pub const VALUE_FLOOR: usize = 56;
    pub const WITHHELD: usize = 64;
    pub const STREAM_START_SLOT: usize = 72;
    pub const STREAM_END_SLOT: usize = 80;
    pub const LAST_UPDATE_EPOCH: usize = 88;
    pub const LAST_UPDATE_SLOT: usize = 96;
    pub const FEES: usize = 104;
    pub const STREAM_AMOUNT: usize = 120;
    pub const END: usize = 128;
}

/// Fees of a pool, in basis points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fees {
    /// Of rewards; minted as LST to the treasury, less the insurance share.
    pub reward: Bps,
    /// Of a deposit; taken in LST.
    pub deposit: Bps,
    /// Of an unstake order; taken in LST.
    pub ticket: Bps,
    /// Of stake withdrawn as a stake account.
    pub stake_withdrawal: Bps,
    /// Of an instant exit while the liquidity pool is at its target.
    pub liquid_min: Bps,
    /// Of an instant exit that takes the last lamport of liquidity.
    pub liquid_max: Bps,
    /// Share of the instant exit fee that goes to the treasury; the rest stays with the liquidity providers.
    pub liquid_treasury_share: Bps,
    /// Share of the reward fee that goes to the insurance vault.
    pub insurance_share: Bps,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// Shorter than a header.
    TooShort,
    /// Another kind of account.
    NotAPool,
    /// A layout newer than this crate.
    UnknownVersion,
}

impl core::fmt::Display for HeaderError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::TooShort => "the account is shorter than a pool header",
            Self::NotAPool => "the account is not a Tidepool pool",
            Self::UnknownVersion => "the pool has a newer layout: update tidepool-interface",
        })
    }
}

impl core::error::Error for HeaderError {}

/// A pool's rate and how it moves, as of its last touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolHeader {
    pub version: u8,
    pub pause_flags: u8,
    pub lst_mint: Pubkey,
    pub lst_supply: Shares,
    /// Value at the last touch.
    pub value_floor: Lamports,
    /// Rewards that are paid but were not yet part of the value at the last touch.
    pub stream: Stream,
    /// The last epoch in which every validator was updated.
    pub last_update_epoch: Epoch,
    /// The slot in which that was done.
    pub last_update_slot: Slot,
    pub fees: Fees,
}

impl PoolHeader {
    /// Reads the header from the account's bytes. The caller must have checked that `crate::ID` owns the account.
    pub fn parse(data: &[u8]) -> Result<Self, HeaderError> {
        let header: &[u8; offset::END] = data.first_chunk().ok_or(HeaderError::TooShort)?;
        if header[..8] != DISCRIMINATOR {
            return Err(HeaderError::NotAPool);
        }
        if header[offset::VERSION] != VERSION {
            return Err(HeaderError::UnknownVersion);
        }
        let fee = |index: usize| Bps(u16::from_le_bytes(bytes(header, offset::FEES + 2 * index)));
        Ok(Self {
            version: header[offset::VERSION],
            pause_flags: header[offset::PAUSE_FLAGS],
            lst_mint: Pubkey::new_from_array(bytes(header, offset::LST_MINT)),
            lst_supply: Shares(u64_at(header, offset::LST_SUPPLY)),
            value_floor: Lamports(u64_at(header, offset::VALUE_FLOOR)),
            stream: Stream {
                amount: Lamports(u64_at(header, offset::STREAM_AMOUNT)),
                unreleased: Lamports(u64_at(header, offset::WITHHELD)),
                start_slot: u64_at(header, offset::STREAM_START_SLOT),
                end_slot: u64_at(header, offset::STREAM_END_SLOT),
            },
            last_update_epoch: u64_at(header, offset::LAST_UPDATE_EPOCH),
            last_update_slot: u64_at(header, offset::LAST_UPDATE_SLOT),
            fees: Fees {
                reward: fee(0),
                deposit: fee(1),
                ticket: fee(2),
                stake_withdrawal: fee(3),
                liquid_min: fee(4),
                liquid_max: fee(5),
                liquid_treasury_share: fee(6),
                insurance_share: fee(7),
            },
        })
    }

    /// The rate in `slot`, with what the reward stream has released by then: what the program itself would use.
    pub fn rate_at(&self, slot: Slot) -> Rate {
        Rate {
            value: Lamports(self.value_floor.0.saturating_add(self.stream.due(slot).0)),
            supply: self.lst_supply,
        }
    }

    /// What a deposit pays for a share: rewards that are found count in full, released or not. It stays what it is while a
    /// stream runs, and is the rate once nothing is withheld.
    pub fn entry_rate(&self) -> Rate {
        Rate {
            value: Lamports(self.value_floor.0.saturating_add(self.stream.unreleased.0)),
            supply: self.lst_supply,
        }
    }

    /// A lower bound of the rate that needs no clock.
    pub fn rate_floor(&self) -> Rate {
        Rate { value: self.value_floor, supply: self.lst_supply }
    }
}

fn bytes<const N: usize>(header: &[u8; offset::END], at: usize) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&header[at..at + N]);
    bytes
}

fn u64_at(header: &[u8; offset::END], at: usize) -> u64 {
    u64::from_le_bytes(bytes(header, at))
}
