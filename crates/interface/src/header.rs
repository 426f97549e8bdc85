//! The header of a pool account: fixed offsets, so that a reader needs no deserializer and no later version of the
//! program can move a field.

use {
    crate::bytes::{bytes, key_at, u16_at, u64_at},
    solana_pubkey::Pubkey,
    tidepool_math::{
        comers_charge, entry_rate, quote_order, quote_split_deposit, Bps, DepositSplit, Epoch, Lamports,
        MathError, OrderQuote, Rate, Shares, Slot, Stream,
    },
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
    pub const GAIN_PPB: usize = 124;
    pub const STREAM_AMOUNT: usize = 128;
    pub const PENDING_FEES: usize = 136;
    pub const LAST_GAIN_PPB: usize = 156;
    pub const PENDING_FEES_EPOCH: usize = 160;
    pub const END: usize = 168;
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
    /// Of the last epoch's gain: what a comer is charged for the epoch in which new SOL does not earn.
    pub warmup: Bps,
    /// Share of the deposit fee that goes to who sent the depositor.
    pub referral_share: Bps,
}

/// Functions of a pool that can be paused, each by its bit in `pause_flags`; bit 7 is the [`BREAKER`]'s.
/// Ordering, claiming and cancelling tickets, taking liquidity out, updates, reviews and syncs are not among
/// them: they can never be paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Function {
    /// Deposits of SOL and of stake.
    Deposit = 0,
    /// Instant exits.
    LiquidUnstake = 1,
    AddLiquidity = 2,
    /// Stake going out to validators, and moved between them; never what tickets need.
    Delegation = 3,
    /// Exits with active stake.
    WithdrawStake = 4,
}

/// Bit of `pause_flags` that says that the breaker is open: a gain or loss of an epoch was larger than the pool thinks
/// possible. It shuts [`Function::Deposit`] and [`Function::LiquidUnstake`] for two epochs, whatever their own bits are, or
/// until the guardian closes it; nobody can set it.
pub const BREAKER: u8 = 0b1000_0000;

impl Function {
    pub const ALL: [Self; 5] =
        [Self::Deposit, Self::LiquidUnstake, Self::AddLiquidity, Self::Delegation, Self::WithdrawStake];
    /// The bits of all functions.
    pub const MASK: u8 = 0b1_1111;

    /// Its bit in `pause_flags`.
    pub const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// Whether these `pause_flags` shut it: its own bit does, and for deposits and instant exits [`BREAKER`].
    pub const fn is_shut_by(self, pause_flags: u8) -> bool {
        let breaker = match self {
            Self::Deposit | Self::LiquidUnstake => BREAKER,
            Self::AddLiquidity | Self::Delegation | Self::WithdrawStake => 0,
        };
        pause_flags & (self.bit() | breaker) != 0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// Shorter than a header.
    TooShort,
    /// Another kind of account.
    NotAPool,
    /// Another kind of account.
    NotALiquidityPool,
    /// Another kind of account.
    NotAPosition,
    /// A layout newer than this crate.
    UnknownVersion,
}

impl core::fmt::Display for HeaderError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::TooShort => "the account is shorter than its header",
            Self::NotAPool => "the account is not a Tidepool pool",
            Self::NotALiquidityPool => "the account is not the liquidity account of a Tidepool pool",
            Self::NotAPosition => "the account is not a position in a fixed-APY pool",
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
    /// Fees as of the last touch; see [`PoolHeader::fees_at`].
    pub fees: Fees,
    /// What the epoch of the last update gained per unit of value, in parts per billion.
    pub gain_ppb: u32,
    /// The same of the last epoch before it that had a gain.
    pub last_gain_ppb: u32,
    /// Fees that were announced and the epoch from which on they hold, if there are some.
    pub pending_fees: Option<(Fees, Epoch)>,
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
        let pending_fees = match u64_at(header, offset::PENDING_FEES_EPOCH) {
            0 => None,
            epoch => Some((fees_at(header, offset::PENDING_FEES), epoch)),
        };
        Ok(Self {
            version: header[offset::VERSION],
            pause_flags: header[offset::PAUSE_FLAGS],
            lst_mint: key_at(header, offset::LST_MINT),
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
            fees: fees_at(header, offset::FEES),
            gain_ppb: u32::from_le_bytes(bytes(header, offset::GAIN_PPB)),
            last_gain_ppb: u32::from_le_bytes(bytes(header, offset::LAST_GAIN_PPB)),
            pending_fees,
        })
    }

    /// The rate in `slot`, with what the reward stream has released by then: what the program itself would use.
    pub fn rate_at(&self, slot: Slot) -> Rate {
        Rate {
            value: Lamports(self.value_floor.0.saturating_add(self.stream.due(slot).0)),
            supply: self.lst_supply,
        }
    }

    /// What a comer pays for a share in `slot` of `epoch`: rewards that are found count in full, released or not, and so do
    /// the pool's warm-up charge for the epoch in which new SOL does not earn, and for each epoch whose rewards are not all
    /// found yet (`tidepool_math::entry`).
    ///
    /// # Errors
    /// `Overflow` if the pool's lamports do not fit 64 bits.
    pub fn entry_rate_at(&self, slot: Slot, epoch: Epoch) -> Result<Rate, MathError> {
        let rate = self.rate_at(slot);
        let withheld = self.stream.unreleased.saturating_minus(self.stream.due(slot));
        let gain_ppb = self.gain_ppb.max(self.last_gain_ppb);
        let epochs = epoch.saturating_sub(self.last_update_epoch).saturating_add(1);
        let charge = comers_charge(rate.value, gain_ppb, self.fees_at(epoch).warmup, epochs)?;
        entry_rate(&rate, withheld, charge)
    }

    /// The fees that hold in `epoch`, from the epoch of the last touch on.
    pub fn fees_at(&self, epoch: Epoch) -> Fees {
        match self.pending_fees {
            Some((fees, from_epoch)) if epoch >= from_epoch => fees,
            _ => self.fees,
        }
    }

    /// Whether `function` was shut at the last touch, by a pause or by the breaker. Both end by themselves; the pool account
    /// says when.
    pub fn is_paused(&self, function: Function) -> bool {
        function.is_shut_by(self.pause_flags)
    }

    /// What an unstake order of `shares` is worth in `slot` of `epoch`.
    ///
    /// # Errors
    /// As [`tidepool_math::quote_order`].
    pub fn quote_order(&self, slot: Slot, epoch: Epoch, shares: Shares) -> Result<OrderQuote, MathError> {
        quote_order(&self.rate_at(slot), shares, self.fees_at(epoch).ticket)
    }

    /// What a deposit gives in `slot` of `epoch`, if the liquidity pool has `for_sale` LST.
    ///
    /// # Errors
    /// As [`tidepool_math::quote_split_deposit`].
    pub fn quote_deposit(
        &self,
        slot: Slot,
        epoch: Epoch,
        lamports: Lamports,
        for_sale: Shares,
    ) -> Result<DepositSplit, MathError> {
        let entry_rate = self.entry_rate_at(slot, epoch)?;
        quote_split_deposit(&entry_rate, lamports, self.fees_at(epoch).deposit, for_sale)
    }

    /// A lower bound of the rate that needs no clock.
    pub fn rate_floor(&self) -> Rate {
        Rate { value: self.value_floor, supply: self.lst_supply }
    }
}

fn fees_at(header: &[u8; offset::END], at: usize) -> Fees {
    let fee = |index: usize| Bps(u16_at(header, at + 2 * index));
    Fees {
        reward: fee(0),
        deposit: fee(1),
        ticket: fee(2),
        stake_withdrawal: fee(3),
        liquid_min: fee(4),
        liquid_max: fee(5),
        liquid_treasury_share: fee(6),
        insurance_share: fee(7),
        warmup: fee(8),
        referral_share: fee(9),
    }
}
