//! The pool account: fixed offsets, as in [`crate::header`].

use {
    crate::{
        bytes::{i64_at, key_at, u16_at, u64_at},
        header::HeaderError,
    },
    solana_pubkey::Pubkey,
    tidepool_math::{fixed::FixedTerms, Bps, MathError, Tokens},
};

/// First eight bytes of every pool account.
pub const DISCRIMINATOR: [u8; 8] = [241, 154, 109, 4, 17, 177, 109, 188];

/// Version of the layout this crate reads.
pub const VERSION: u8 = 1;

/// Byte offsets in the account's data.
pub mod offset {
    pub const VERSION: usize = 8;
    pub const DECIMALS: usize = 10;
    pub const ACCESS: usize = 11;
    pub const PAUSE_FLAGS: usize = 12;
    pub const ALLOWS_EARLY_EXIT: usize = 13;
    pub const CAN_BE_FROZEN: usize = 14;
    pub const RATE_BPS: usize = 16;
    pub const MINT: usize = 192;
    pub const TOKEN_PROGRAM: usize = 224;
    pub const PRINCIPAL_VAULT: usize = 256;
    pub const REWARD_VAULT: usize = 288;
    pub const START: usize = 392;
    pub const END_OF_WINDOW: usize = 400;
    pub const LOCK_SECONDS: usize = 408;
    pub const MIN_STAKE: usize = 416;
    pub const CAP: usize = 424;
    pub const TOTAL_STAKED: usize = 432;
    pub const PROMISED: usize = 440;
    pub const RESERVED: usize = 448;
    pub const OPEN_POSITIONS: usize = 456;
    pub const EMERGENCY_UNTIL: usize = 496;
    pub const CLAIM_PAUSE_UNTIL: usize = 512;
    pub const FORFEITED: usize = 520;
    pub const FORFEITS_LOCKED_UNTIL: usize = 528;
    pub const END: usize = 536;
}

/// What a guardian can stop, each by its bit in `pause_flags`. Leaving at the end of the lock is not among it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Function {
    /// New positions of any kind.
    Stake = 0,
    /// Rewards before the position is left. Its bit is never set in the flags: the pause ends by itself.
    Claim = 1,
    EarlyExit = 2,
}

impl Function {
    pub const ALL: [Self; 3] = [Self::Stake, Self::Claim, Self::EarlyExit];
    /// All bits there are.
    pub const MASK: u8 = 0b111;

    pub const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A pool's terms and books, as of its last change. Nothing in it moves by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolHeader {
    pub version: u8,
    pub decimals: u8,
    /// If not, users are admitted by a whitelist entry or a Merkle proof.
    pub is_open_to_all: bool,
    /// By [`Function`]; see [`PoolHeader::is_paused`].
    pub pause_flags: u8,
    pub allows_early_exit: bool,
    /// The mint's issuer can freeze the pool's vaults.
    pub can_be_frozen: bool,
    pub mint: Pubkey,
    pub token_program: Pubkey,
    pub principal_vault: Pubkey,
    pub reward_vault: Pubkey,
    /// First second in which staking is possible.
    pub start: i64,
    /// First second in which it is not any more.
    pub end: i64,
    /// What a position opened now is promised.
    pub terms: FixedTerms,
    pub min_stake: Tokens,
    pub cap: Tokens,
    pub total_staked: Tokens,
    /// All that open positions earn in their locks, paid or not.
    pub promised: Tokens,
    /// Of it, what is not paid yet; the reward vault holds at least that.
    pub reserved: Tokens,
    pub open_positions: u64,
    /// When the emergency ends, or has ended.
    pub emergency_until: i64,
    /// When the pause of claims ends, or has ended.
    pub claim_pause_until: i64,
    /// Given up in an emergency; neither promised nor taken out before `forfeits_locked_until`.
    pub forfeited: Tokens,
    pub forfeits_locked_until: i64,
}

impl PoolHeader {
    /// Reads the account's bytes. The caller must have checked that `crate::fixed::ID` owns the account; its mint and creator
    /// are anybody's choice.
    ///
    /// # Errors
    /// If it is another kind of account, too short, or newer than this crate.
    pub fn parse(data: &[u8]) -> Result<Self, HeaderError> {
        let data: &[u8; offset::END] = data.first_chunk().ok_or(HeaderError::TooShort)?;
        if data[..8] != DISCRIMINATOR {
            return Err(HeaderError::NotAPool);
        }
        if data[offset::VERSION] != VERSION {
            return Err(HeaderError::UnknownVersion);
        }
        let tokens_at = |at| Tokens(u64_at(data, at));
        Ok(Self {
            version: data[offset::VERSION],
            decimals: data[offset::DECIMALS],
            is_open_to_all: data[offset::ACCESS] == 0,
            pause_flags: data[offset::PAUSE_FLAGS],
            allows_early_exit: data[offset::ALLOWS_EARLY_EXIT] != 0,
            can_be_frozen: data[offset::CAN_BE_FROZEN] != 0,
            mint: key_at(data, offset::MINT),
            token_program: key_at(data, offset::TOKEN_PROGRAM),
            principal_vault: key_at(data, offset::PRINCIPAL_VAULT),
            reward_vault: key_at(data, offset::REWARD_VAULT),
            start: i64_at(data, offset::START),
            end: i64_at(data, offset::END_OF_WINDOW),
            terms: FixedTerms {
                rate: Bps(u16_at(data, offset::RATE_BPS)),
                lock_seconds: u64_at(data, offset::LOCK_SECONDS),
            },
            min_stake: tokens_at(offset::MIN_STAKE),
            cap: tokens_at(offset::CAP),
            total_staked: tokens_at(offset::TOTAL_STAKED),
            promised: tokens_at(offset::PROMISED),
            reserved: tokens_at(offset::RESERVED),
            open_positions: u64_at(data, offset::OPEN_POSITIONS),
            emergency_until: i64_at(data, offset::EMERGENCY_UNTIL),
            claim_pause_until: i64_at(data, offset::CLAIM_PAUSE_UNTIL),
            forfeited: tokens_at(offset::FORFEITED),
            forfeits_locked_until: i64_at(data, offset::FORFEITS_LOCKED_UNTIL),
        })
    }

    pub fn is_emergency(&self, now: i64) -> bool {
        now < self.emergency_until
    }

    pub fn is_paused(&self, function: Function, now: i64) -> bool {
        match function {
            Function::Claim => now < self.claim_pause_until,
            Function::Stake | Function::EarlyExit => self.pause_flags & function.bit() != 0,
        }
    }

    /// Whether a stake is possible at `now` at all: window, pause and emergency.
    pub fn takes_stakes(&self, now: i64) -> bool {
        let is_in_window = self.start <= now && now < self.end;
        is_in_window && !self.is_paused(Function::Stake, now) && !self.is_emergency(now)
    }

    /// What may still be staked under the cap.
    pub fn room(&self) -> Tokens {
        self.cap.saturating_minus(self.total_staked)
    }

    /// What of the reward vault's balance nobody was promised and nobody gave up lately.
    pub fn free_rewards(&self, reward_balance: Tokens, now: i64) -> Tokens {
        let locked = if now < self.forfeits_locked_until { self.forfeited } else { Tokens::ZERO };
        reward_balance.saturating_minus(self.reserved).saturating_minus(locked)
    }

    /// The largest stake that cap and reward vault allow.
    ///
    /// # Errors
    /// As [`FixedTerms::most_backed_by`].
    pub fn most_stake(&self, reward_balance: Tokens, now: i64) -> Result<Tokens, MathError> {
        Ok(self.terms.most_backed_by(self.free_rewards(reward_balance, now))?.min(self.room()))
    }
}
