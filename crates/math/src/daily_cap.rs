//! A cap on what may be paid out in a day: a bucket that is refilled evenly.

use crate::{mul_div_floor, Lamports};

/// Seconds in which an empty bucket fills.
pub const SECONDS_PER_DAY: u64 = 86_400;

/// How much of a day's cap is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DailyCap {
    /// What may be paid out in a day; 0 means there is no cap.
    pub cap: Lamports,
    /// What of it was used at `at`.
    pub used: Lamports,
    /// Time of the last payment, in seconds.
    pub at: i64,
}

impl DailyCap {
    /// What of the cap is used at `now`: every second gives back `cap / 86,400`, rounded down over the time that has passed
    /// since the last payment. A clock that goes back gives nothing back. More than the cap is never used: the cap may have
    /// been lowered since.
    #[must_use]
    pub fn used_at(&self, now: i64) -> Lamports {
        let passed = u64::try_from(now.saturating_sub(self.at)).unwrap_or(0).min(SECONDS_PER_DAY);
        let back = mul_div_floor(self.cap.0, passed, SECONDS_PER_DAY).unwrap_or(0);
        self.used.min(self.cap).saturating_minus(Lamports(back))
    }

    /// What may be paid out at `now`; all there is if there is no cap.
    #[must_use]
    pub fn available(&self, now: i64) -> Lamports {
        match self.cap.is_zero() {
            true => Lamports::MAX,
            false => self.cap.saturating_minus(self.used_at(now)),
        }
    }

    /// The bucket after a payment of `lamports` at `now`.
    #[must_use]
    pub fn spend(&self, lamports: Lamports, now: i64) -> Self {
        match self.cap.is_zero() {
            true => Self::default(),
            false => Self { cap: self.cap, used: self.used_at(now).saturating_plus(lamports), at: now },
        }
    }

    /// The bucket after `lamports` have come back at `now`.
    #[must_use]
    pub fn give_back(&self, lamports: Lamports, now: i64) -> Self {
        match self.used.is_zero() {
            true => *self,
            false => Self { cap: self.cap, used: self.used_at(now).saturating_minus(lamports), at: now },
        }
    }
}
