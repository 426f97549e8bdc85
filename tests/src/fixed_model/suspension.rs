//! What is shut for a time, and opens by itself.

use super::{ensure, Amount, Refusal, Result};

/// Seconds that it is over at least before another one.
const SHORTEST_BREAK: Amount = 60;

/// Begins at `since` and ends before `until`; another one may begin only when it has been over for as long as it was, or for a
/// minute if that is more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Suspension {
    pub since: Amount,
    pub until: Amount,
}

impl Suspension {
    pub fn is_on(&self, now: Amount) -> bool {
        now < self.until
    }

    /// When it is over and may begin again.
    pub fn edges(&self) -> [Amount; 2] {
        [self.until, self.until + (self.until - self.since).max(SHORTEST_BREAK)]
    }

    /// Begins for so many seconds, or lasts for as many from its beginning if it is on; it never becomes shorter by that.
    pub fn begin(&mut self, now: Amount, seconds: Amount) -> Result<()> {
        if self.is_on(now) {
            self.until = self.until.max(self.since + seconds);
            return Ok(());
        }
        let was = self.until - self.since;
        ensure(now - self.until >= was.max(SHORTEST_BREAK), Refusal::OpenTooShort)?;
        *self = Self { since: now, until: now + seconds };
        Ok(())
    }

    pub fn end(&mut self, now: Amount) {
        if self.is_on(now) {
            self.until = now;
        }
    }
}
