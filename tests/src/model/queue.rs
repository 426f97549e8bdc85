//! Unstake tickets: one line of units, covered from the front.

use super::{
    numbers::{ceil, floor, something, Amount},
    Refusal,
};

/// An index of 1: lamports a unit, with 18 decimals.
pub const ONE: Amount = 1_000_000_000_000_000_000;

/// The line. `settled` counts units (paid, or covered and given up), wherever they are; `filled` and `total` are positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue {
    pub total: Amount,
    pub filled: Amount,
    pub settled: Amount,
    /// Units of cancelled tickets that the line has not reached.
    pub cancelled: Amount,
    pub index: Amount,
}

impl Default for Queue {
    fn default() -> Self {
        Self { total: 0, filled: 0, settled: 0, cancelled: 0, index: ONE }
    }
}

impl Queue {
    /// Units of tickets that are still to be paid.
    pub fn open(&self) -> Amount {
        self.total - self.settled - self.cancelled
    }

    /// What the pool owes for them, rounded up.
    pub fn liabilities(&self) -> Amount {
        ceil(self.open(), self.index, ONE)
    }

    /// What the reserve keeps for units that are covered.
    pub fn reserved(&self) -> Amount {
        ceil(self.filled - self.settled, self.index, ONE)
    }

    /// What still has to come.
    pub fn unfilled(&self) -> Amount {
        ceil((self.total - self.filled - self.cancelled).max(0), self.index, ONE)
    }

    /// The same for the line as it was at an earlier moment, as far as that has not been covered or taken back since.
    pub fn unfilled_since(&self, total: Amount, cancelled: Amount) -> Amount {
        let waiting = (self.total.min(total) - self.filled).max(0);
        ceil((waiting - self.cancelled.min(cancelled)).max(0), self.index, ONE)
    }

    /// Whether nothing has to come.
    pub fn is_filled(&self) -> bool {
        self.total - self.filled <= self.cancelled
    }

    /// What units are worth to their owner.
    pub fn worth(&self, units: Amount) -> Amount {
        floor(units, self.index, ONE)
    }

    /// Appends a ticket for `lamports`; gives its first unit and how many it has. An empty line starts with an index of 1.
    ///
    /// # Errors
    /// `PoolHasNoValue` while worthless tickets stand in the line, `AmountTooSmall` for less than a unit.
    pub fn order(&mut self, lamports: Amount) -> Result<(Amount, Amount), Refusal> {
        if self.settled == self.total {
            self.index = ONE;
        }
        if self.index == 0 {
            return Err(Refusal::PoolHasNoValue);
        }
        let units = something(floor(lamports, ONE, self.index))?;
        let start = self.total;
        self.total += units;
        Ok((start, units))
    }

    /// Covers as many units, in order, as `reserve` pays for. What is covered stays so.
    pub fn fill(&mut self, reserve: Amount) {
        if self.is_filled() {
            return;
        }
        let reach = match self.index {
            0 => self.total,
            index => self.settled + floor(reserve, ONE, index),
        };
        self.filled = self.filled.max(reach.min(self.total));
    }

    /// How many of a ticket's units are covered.
    pub fn covered(&self, start: Amount, units: Amount) -> Amount {
        (self.filled - start).clamp(0, units)
    }

    /// Gives up all of a ticket that was not paid. Returns the gap it leaves: its start and its units, 0 if there is none.
    pub fn cancel(&mut self, start: Amount, units: Amount, paid: Amount) -> (Amount, Amount) {
        let covered = self.covered(start, units);
        let waiting = units - covered;
        self.settled += covered - paid;
        if start + units == self.total {
            self.total -= waiting;
            return (start + covered, 0);
        }
        self.cancelled += waiting;
        (start + covered, waiting)
    }

    /// Closes a gap that the line has reached, or that has come to stand at its end; `false` while others wait before it.
    pub fn release(&mut self, start: Amount, units: Amount) -> bool {
        if start <= self.filled {
            self.filled = self.filled.max(start + units);
            self.settled += units;
        } else if start + units == self.total {
            self.total = start;
        } else {
            return false;
        }
        self.cancelled -= units;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_covered_first() {
        let mut queue = Queue::default();
        assert_eq!((queue.order(10), queue.order(20)), (Ok((0, 10)), Ok((10, 20))));
        queue.fill(15);
        assert_eq!((queue.covered(0, 10), queue.covered(10, 20)), (10, 5));
        assert_eq!((queue.liabilities(), queue.reserved(), queue.unfilled()), (30, 15, 15));
    }

    #[test]
    fn a_gap_is_skipped_without_lamports() {
        let mut queue = Queue::default();
        (0..3).for_each(|_| assert!(queue.order(10).is_ok()));
        let (start, units) = queue.cancel(10, 10, 0);
        assert_eq!((start, units, queue.liabilities()), (10, 10, 20));
        assert!(!queue.release(start, units));
        queue.fill(10);
        assert!(queue.release(start, units));
        queue.fill(20);
        assert_eq!((queue.filled, queue.settled, queue.open()), (30, 10, 20));
    }
}
