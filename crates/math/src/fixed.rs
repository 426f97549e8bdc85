//! Rewards at a fixed rate: simple interest on what is locked, for as long as the lock lasts.

use crate::{
    wide::{div_wide, mul_div_ceil, mul_div_floor, product},
    Bps, MathError, Result, Tokens, BPS,
};

/// A year of 365 days, which rates are named for.
pub const YEAR_SECONDS: u64 = 31_536_000;

/// A day, which inflows are named for.
pub const DAY_SECONDS: u64 = 86_400;

/// What `rate_bps × seconds` is divided by.
const BPS_YEAR: u64 = BPS.saturating_mul(YEAR_SECONDS);

/// The longest lock, ten years: with it `rate_bps × seconds` fits 64 bits at any rate.
pub const MAX_LOCK_SECONDS: u64 = YEAR_SECONDS.saturating_mul(10);

/// What a position is promised: a rate, simple and per year of 365 days, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedTerms {
    /// May be above 100 %.
    pub rate: Bps,
    /// At most [`MAX_LOCK_SECONDS`].
    pub lock_seconds: u64,
}

impl FixedTerms {
    /// What `amount` has earned after so many seconds: `floor(amount × rate × min(elapsed, lock) / year)`, nothing before it
    /// was staked. It counts from the beginning, so whoever claims often loses nothing by rounding.
    ///
    /// # Errors
    /// [`MathError::Overflow`] if the reward does not fit 64 bits or the lock is too long.
    #[inline]
    pub fn accrued(&self, amount: Tokens, elapsed_seconds: i64) -> Result<Tokens> {
        let elapsed = u64::try_from(elapsed_seconds).unwrap_or(0);
        self.after(amount, elapsed.min(self.lock_seconds))
    }

    /// What `amount` has earned at the end of the lock, which is all it ever earns.
    ///
    /// # Errors
    /// As [`FixedTerms::accrued`].
    #[inline]
    pub fn full_reward(&self, amount: Tokens) -> Result<Tokens> {
        self.after(amount, self.lock_seconds)
    }

    /// All that is owed for `amount` in the end: itself and its reward.
    ///
    /// # Errors
    /// [`MathError::Overflow`] if both together do not fit 64 bits.
    pub fn repaid(&self, amount: Tokens) -> Result<Tokens> {
        amount.plus(self.full_reward(amount)?)
    }

    /// The largest amount whose full reward is at most `reward`: `floor(((reward + 1) × year − 1) / (rate × lock))`, for
    /// `floor(a × n / d) ≤ r` exactly if `a × n < (r + 1) × d`. `u64::MAX` if nothing is ever earned.
    ///
    /// # Errors
    /// [`MathError::Overflow`] if the lock is too long.
    pub fn most_backed_by(&self, reward: Tokens) -> Result<Tokens> {
        let per_unit = self.bps_seconds(self.lock_seconds)?;
        let short_of = product(reward.0, BPS_YEAR).saturating_add(u128::from(BPS_YEAR.saturating_sub(1)));
        match div_wide(short_of, per_unit) {
            Ok(most) => Ok(Tokens(u64::try_from(most).unwrap_or(u64::MAX))),
            Err(_) => Ok(Tokens::MAX),
        }
    }

    /// How often in `[from, until)` tokens are staked that are staked at `first` and again whenever their lock is over: the
    /// number of `k ≥ 0` with `from ≤ first + k × lock < until`.
    ///
    /// # Errors
    /// [`MathError::NoValue`] if there is no lock.
    pub fn stakes_between(&self, first: i64, from: i64, until: i64) -> Result<u64> {
        Ok(self.stakes_before(first, until)?.saturating_sub(self.stakes_before(first, from)?))
    }

    /// `ceil((until − first) / lock)`.
    fn stakes_before(&self, first: i64, until: i64) -> Result<u64> {
        let seconds = if until > first { until.abs_diff(first) } else { 0 };
        mul_div_ceil(seconds, 1, self.lock_seconds)
    }

    #[inline]
    fn after(&self, amount: Tokens, seconds: u64) -> Result<Tokens> {
        mul_div_floor(amount.0, self.bps_seconds(seconds)?, BPS_YEAR).map(Tokens)
    }

    #[inline]
    fn bps_seconds(&self, seconds: u64) -> Result<u64> {
        match self.lock_seconds <= MAX_LOCK_SECONDS {
            true => Ok(u64::from(self.rate.0).saturating_mul(seconds)),
            false => Err(MathError::Overflow),
        }
    }
}

/// What of its reward an early exit leaves: half of what was earned when it was asked for, rounded down, less what was
/// claimed already. The principal is never touched.
#[must_use]
pub fn early_exit_reward(accrued_at_request: Tokens, claimed: Tokens) -> Tokens {
    Tokens(accrued_at_request.0 / 2).saturating_minus(claimed)
}

/// For how many seconds `balance` pays what open positions earn, if they were promised `promised` for a whole lock:
/// `floor(balance × lock / promised)`, at most `u64::MAX`, which also stands for no positions.
#[must_use]
pub fn runway_seconds(balance: Tokens, promised: Tokens, lock_seconds: u64) -> u64 {
    mul_div_floor(balance.0, lock_seconds, promised.0).unwrap_or(u64::MAX)
}

/// What comes in within so many seconds, at `per_day` a day: `floor(per_day × seconds / 86,400)`, at most `u64::MAX`.
#[must_use]
pub fn inflow(per_day: Tokens, seconds: u64) -> Tokens {
    Tokens(mul_div_floor(per_day.0, seconds, DAY_SECONDS).unwrap_or(u64::MAX))
}
