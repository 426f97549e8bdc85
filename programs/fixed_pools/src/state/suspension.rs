use {
    anchor_lang::prelude::*,
    bytemuck::{Pod, Zeroable},
    tidepool_interface::fixed::limits::MIN_OPEN_SECONDS,
};

/// A time for which something is shut. It ends by itself, and cannot begin again before what it shut has been open for as
/// long, and for [`MIN_OPEN_SECONDS`] at least: so nobody can shut it for ever by beginning again and again.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Suspension {
    /// When the last one began; 0 if there never was one.
    pub since: i64,
    /// When it ends, or has ended.
    pub until: i64,
}

impl Suspension {
    pub fn is_on(&self, now: i64) -> bool {
        now < self.until
    }

    /// When the next one may begin.
    pub fn earliest(&self) -> i64 {
        self.until.saturating_add(self.until.saturating_sub(self.since).max(MIN_OPEN_SECONDS))
    }

    /// Whether one may begin, or is on and may be prolonged.
    pub fn may_last(&self, now: i64) -> bool {
        self.is_on(now) || now >= self.earliest()
    }

    /// Begins, or goes on if it is on: in either case for `seconds` from its beginning, but never shorter than it was to be.
    pub fn last(&mut self, now: i64, seconds: i64) {
        if !self.is_on(now) {
            *self = Self { since: now, until: now };
        }
        self.until = self.until.max(self.since.saturating_add(seconds));
    }

    /// Ends at once.
    pub fn end(&mut self, now: i64) {
        self.until = self.until.min(now);
    }
}
