use {
    crate::errors::{MathResultExt, Result},
    anchor_lang::prelude::*,
    tidepool_interface::fixed::limits::EARLY_EXIT_NOTICE_SECONDS,
    tidepool_math::{
        fixed::{early_exit_reward, FixedTerms},
        Bps, Tokens,
    },
};

/// One stake of a user: locked until `unlock_at`, at the rate of the day it was made.
#[account(zero_copy)]
#[repr(C)]
#[derive(Debug, PartialEq, Eq)]
pub struct Position {
    pub pool: Pubkey,
    pub owner: Pubkey,
    /// Who paid the rent and gets it back.
    pub rent_payer: Pubkey,
    /// How many positions the owner had opened in this pool before.
    pub index: u64,
    pub amount: u64,
    pub staked_at: i64,
    pub unlock_at: i64,
    /// What it earns until `unlock_at`, all of it in the reward vault since the position was opened.
    pub full_reward: u64,
    /// Of that, what has been paid.
    pub claimed: u64,
    /// When its owner asked to leave early; 0 if he did not.
    pub exit_requested_at: i64,
    pub rate_bps: u16,
    pub bump: u8,
    pub padding: [u8; 5],
}

impl Position {
    /// Bytes of the account.
    pub const SPACE: usize = Self::DISCRIMINATOR.len() + size_of::<Self>();

    pub fn is_matured(&self, now: i64) -> bool {
        now >= self.unlock_at
    }

    /// What it has earned by `now`, claimed or not.
    pub fn accrued(&self, now: i64) -> Result<Tokens> {
        self.terms().accrued(Tokens(self.amount), now.saturating_sub(self.staked_at)).named()
    }

    /// What it has earned by `now` and not been paid.
    pub fn claimable(&self, now: i64) -> Result<Tokens> {
        Ok(self.accrued(now)?.saturating_minus(Tokens(self.claimed)))
    }

    /// What is kept in the reward vault for it: all it may still be paid.
    pub fn reserved(&self) -> Tokens {
        Tokens(self.full_reward).saturating_minus(Tokens(self.claimed))
    }

    /// From when on an exit that was asked for at `requested_at` can be completed, and when it lapses: it stays open for as long as
    /// its notice was.
    pub fn exit_window(requested_at: i64) -> (i64, i64) {
        let completable_at = requested_at.saturating_add(EARLY_EXIT_NOTICE_SECONDS);
        (completable_at, completable_at.saturating_add(EARLY_EXIT_NOTICE_SECONDS))
    }

    /// What of its reward it is paid on leaving as it asked to.
    pub fn early_exit_reward(&self) -> Result<Tokens> {
        Ok(early_exit_reward(self.accrued(self.exit_requested_at)?, Tokens(self.claimed)))
    }

    fn terms(&self) -> FixedTerms {
        let lock = self.unlock_at.saturating_sub(self.staked_at);
        FixedTerms { rate: Bps(self.rate_bps), lock_seconds: u64::try_from(lock).unwrap_or(0) }
    }
}
