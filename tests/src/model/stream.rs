//! Rewards that are found but not released yet.

use super::numbers::{floor, Amount};

/// A straight line: `amount` is released evenly between two slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    /// What had not been released when the line was drawn.
    pub amount: Amount,
    /// What of it is still withheld.
    pub withheld: Amount,
    pub start: Amount,
    pub end: Amount,
}

impl Stream {
    /// Releases all that the line has passed by `slot`: `floor(amount × passed / length)` in all.
    pub fn release(&mut self, slot: Amount) {
        if self.withheld > 0 {
            let released = match slot >= self.end {
                true => self.amount,
                false => floor(self.amount, (slot - self.start).max(0), self.end - self.start),
            };
            self.withheld = self.withheld.min(self.amount - released);
        }
    }

    /// A gain joins. The line begins anew and ends at the mean of both ends, weighted by lamports, rounded down, at least one
    /// slot from now.
    pub fn add(&mut self, gain: Amount, now: Amount, length: Amount) {
        if gain == 0 {
            return;
        }
        let left = (self.end - now).max(0);
        let sum = self.withheld + gain;
        let mean = (self.withheld * left + gain * length).div_euclid(sum);
        *self = Self { amount: sum, withheld: sum, start: now, end: now + mean.max(1) };
    }

    /// A loss eats what is withheld, as far as that goes; the rest keeps its end. Returns what was eaten.
    pub fn absorb(&mut self, loss: Amount, now: Amount) -> Amount {
        let eaten = loss.min(self.withheld);
        if eaten > 0 {
            let rest = self.withheld - eaten;
            *self = Self { amount: rest, withheld: rest, start: now, end: self.end };
        }
        eaten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_releases_evenly_however_often_it_is_asked() {
        let mut often = Stream::default();
        often.add(1_000, 10, 7);
        let mut once = often;
        (10..=14).for_each(|slot| often.release(slot));
        once.release(14);
        assert_eq!(often, once);
        assert_eq!(once.withheld, 1_000 - 4_000 / 7);
        once.release(17);
        assert_eq!(once.withheld, 0);
    }

    #[test]
    fn a_gain_moves_the_end_by_its_weight() {
        let mut stream = Stream::default();
        stream.add(300, 0, 100);
        stream.add(100, 50, 100);
        assert_eq!((stream.start, stream.end, stream.withheld), (50, 50 + (300 * 50 + 100 * 100) / 400, 400));
    }
}
