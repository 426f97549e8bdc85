//! The liquidity account of a pool: what is needed to quote instant exits, and deposits that buy from it.

use {
    crate::bytes::u64_at,
    crate::header::{HeaderError, PoolHeader},
    tidepool_math::{quote_liquid_unstake, Epoch, Lamports, LiquidFee, LiquidQuote, MathError, Shares, Slot},
};

/// First eight bytes of every liquidity account.
pub const DISCRIMINATOR: [u8; 8] = [54, 252, 249, 226, 137, 172, 121, 58];

/// Byte offsets in the account's data.
pub mod offset {
    pub const SOL_LAMPORTS: usize = 136;
    pub const LST_AMOUNT: usize = 144;
    pub const LP_SUPPLY: usize = 152;
    pub const TARGET_LAMPORTS: usize = 168;
    pub const PENDING_TARGET_LAMPORTS: usize = 184;
    pub const PENDING_TARGET_EPOCH: usize = 192;
    pub const TICKET_UNITS: usize = 200;
    pub const ADD_SLOT: usize = 208;
    pub const ADDED_LAMPORTS: usize = 216;
    pub const END: usize = 224;
}

/// A liquidity pool's books, as of its last touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidityHeader {
    /// SOL that is there; what instant exits are paid from is [`LiquidityHeader::sol_at`].
    pub sol: Lamports,
    /// What depositors buy before anything is minted for them.
    pub lst: Shares,
    pub lp_supply: Shares,
    /// Liquidity from which on the fee is lowest; see [`LiquidityHeader::target_at`].
    pub target: Lamports,
    /// A target that was announced and the epoch from which on it holds, if there is one.
    pub pending_target: Option<(Lamports, Epoch)>,
    /// Units of its own unstake tickets; one is worth a lamport, less what losses took.
    pub ticket_units: u64,
    /// Slot in which SOL was last added, and what of it is still there.
    pub add_slot: Slot,
    pub added: Lamports,
}

impl LiquidityHeader {
    /// Reads the books from the account's bytes. The caller must have checked that `crate::ID` owns the account and that it
    /// is the pool's (`crate::pda::liquidity`).
    ///
    /// # Errors
    /// If it is another kind of account, or too short.
    pub fn parse(data: &[u8]) -> Result<Self, HeaderError> {
        let header: &[u8; offset::END] = data.first_chunk().ok_or(HeaderError::TooShort)?;
        if header[..8] != DISCRIMINATOR {
            return Err(HeaderError::NotALiquidityPool);
        }
        let u64_at = |at| u64_at(header, at);
        let pending_epoch = u64_at(offset::PENDING_TARGET_EPOCH);
        let pending = Lamports(u64_at(offset::PENDING_TARGET_LAMPORTS));
        Ok(Self {
            sol: Lamports(u64_at(offset::SOL_LAMPORTS)),
            lst: Shares(u64_at(offset::LST_AMOUNT)),
            lp_supply: Shares(u64_at(offset::LP_SUPPLY)),
            target: Lamports(u64_at(offset::TARGET_LAMPORTS)),
            pending_target: (pending_epoch != 0).then_some((pending, pending_epoch)),
            ticket_units: u64_at(offset::TICKET_UNITS),
            add_slot: u64_at(offset::ADD_SLOT),
            added: Lamports(u64_at(offset::ADDED_LAMPORTS)),
        })
    }

    /// The target that holds in `epoch`, from the epoch of the last touch on.
    pub fn target_at(&self, epoch: Epoch) -> Lamports {
        match self.pending_target {
            Some((target, from_epoch)) if epoch >= from_epoch => target,
            _ => self.target,
        }
    }

    /// What instant exits of `slot` are paid from and priced by: without what was added in that very slot.
    pub fn sol_at(&self, slot: Slot) -> Lamports {
        let added = if self.add_slot == slot { self.added } else { Lamports::ZERO };
        self.sol.saturating_minus(added)
    }

    /// What an instant exit of `shares` pays in `slot` of `epoch`. A pause and the daily cap are not looked at.
    ///
    /// # Errors
    /// As [`tidepool_math::quote_liquid_unstake`].
    pub fn quote_liquid_unstake(
        &self,
        pool: &PoolHeader,
        slot: Slot,
        epoch: Epoch,
        shares: Shares,
    ) -> Result<LiquidQuote, MathError> {
        let fees = pool.fees_at(epoch);
        let fee = LiquidFee { min: fees.liquid_min, max: fees.liquid_max, target: self.target_at(epoch) };
        quote_liquid_unstake(&pool.rate_at(slot), shares, self.sol_at(slot), &fee, fees.liquid_treasury_share)
    }
}
