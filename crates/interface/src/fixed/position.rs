//! The account of a position: fixed offsets, as in [`crate::header`].

use {
    crate::{
        bytes::{i64_at, key_at, u16_at, u64_at},
        header::HeaderError,
    },
    solana_pubkey::Pubkey,
    tidepool_math::{fixed::FixedTerms, Bps, MathError, Tokens},
};

/// First eight bytes of every position.
pub const DISCRIMINATOR: [u8; 8] = [170, 188, 143, 228, 122, 64, 247, 208];

/// Byte offsets in the account's data.
pub mod offset {
    pub const POOL: usize = 8;
    pub const OWNER: usize = 40;
    pub const RENT_PAYER: usize = 72;
    pub const INDEX: usize = 104;
    pub const AMOUNT: usize = 112;
    pub const STAKED_AT: usize = 120;
    pub const UNLOCK_AT: usize = 128;
    pub const FULL_REWARD: usize = 136;
    pub const CLAIMED: usize = 144;
    pub const EXIT_REQUESTED_AT: usize = 152;
    pub const RATE_BPS: usize = 160;
    pub const END: usize = 168;
}

/// One stake of a user. Its amount, rate and times never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionHeader {
    pub pool: Pubkey,
    pub owner: Pubkey,
    /// Who gets the account's rent when it is closed.
    pub rent_payer: Pubkey,
    /// How many positions the owner had opened in this pool before.
    pub index: u64,
    pub amount: Tokens,
    pub staked_at: i64,
    /// First second in which it can be left.
    pub unlock_at: i64,
    /// What it earns until then.
    pub full_reward: Tokens,
    /// Of that, what has been paid.
    pub claimed: Tokens,
    /// When its owner asked to leave early, if he did.
    pub exit_requested_at: Option<i64>,
    pub rate: Bps,
}

impl PositionHeader {
    /// Reads the account's bytes. The caller must have checked that `crate::fixed::ID` owns the account.
    ///
    /// # Errors
    /// If it is another kind of account, or too short.
    pub fn parse(data: &[u8]) -> Result<Self, HeaderError> {
        let data: &[u8; offset::END] = data.first_chunk().ok_or(HeaderError::TooShort)?;
        if data[..8] != DISCRIMINATOR {
            return Err(HeaderError::NotAPosition);
        }
        let tokens_at = |at| Tokens(u64_at(data, at));
        let exit_requested_at = i64_at(data, offset::EXIT_REQUESTED_AT);
        Ok(Self {
            pool: key_at(data, offset::POOL),
            owner: key_at(data, offset::OWNER),
            rent_payer: key_at(data, offset::RENT_PAYER),
            index: u64_at(data, offset::INDEX),
            amount: tokens_at(offset::AMOUNT),
            staked_at: i64_at(data, offset::STAKED_AT),
            unlock_at: i64_at(data, offset::UNLOCK_AT),
            full_reward: tokens_at(offset::FULL_REWARD),
            claimed: tokens_at(offset::CLAIMED),
            exit_requested_at: (exit_requested_at != 0).then_some(exit_requested_at),
            rate: Bps(u16_at(data, offset::RATE_BPS)),
        })
    }

    pub fn is_matured(&self, now: i64) -> bool {
        now >= self.unlock_at
    }

    /// What it has earned by `now`, claimed or not, rounded down.
    ///
    /// # Errors
    /// As [`FixedTerms::accrued`].
    pub fn accrued(&self, now: i64) -> Result<Tokens, MathError> {
        let lock_seconds = u64::try_from(self.unlock_at.saturating_sub(self.staked_at)).unwrap_or(0);
        let terms = FixedTerms { rate: self.rate, lock_seconds };
        terms.accrued(self.amount, now.saturating_sub(self.staked_at))
    }

    /// What a claim would pay at `now`.
    ///
    /// # Errors
    /// As [`FixedTerms::accrued`].
    pub fn claimable(&self, now: i64) -> Result<Tokens, MathError> {
        Ok(self.accrued(now)?.saturating_minus(self.claimed))
    }

    /// What it may still be paid beside its amount, all of it in the reward vault.
    pub fn reserved(&self) -> Tokens {
        self.full_reward.saturating_minus(self.claimed)
    }
}
