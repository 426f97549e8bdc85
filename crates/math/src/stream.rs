//! The reward stream: gains enter the value slot by slot, so the rate is continuous and there is no jump to snipe.

use crate::wide::part_floor;
use crate::{mul_div_floor, Lamports, MathError, Result, Slot};

/// Reward that is released along a straight line. What was released is computed from the line's start, never from the
/// last touch: many touches release what one does (inf-1.5 `release_yield` released nothing when it was called each slot).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stream {
    /// What was not yet released when the line (re)started.
    pub amount: Lamports,
    /// What was not yet in the value at the last touch: the pool's `withheld`.
    pub unreleased: Lamports,
    /// Where the line starts.
    pub start_slot: Slot,
    /// From this slot on everything is released.
    pub end_slot: Slot,
}

impl Stream {
    /// Lamports of the line that are released by `slot`: `floor(amount × (slot − start) / (end − start))`, 0 before the
    /// start, all of it from the end on.
    ///
    /// Rounding down keeps the rate at or below what the schedule allows, so a reader can never be ahead of the payer.
    #[inline]
    #[must_use]
    pub fn released_by(&self, slot: Slot) -> Lamports {
        if slot >= self.end_slot {
            return self.amount;
        }
        let passed = slot.saturating_sub(self.start_slot);
        let length = self.end_slot.saturating_sub(self.start_slot);
        match passed {
            0 => Lamports::ZERO,
            _ => Lamports(part_floor(self.amount.0, passed, length)),
        }
    }

    /// What a touch at `slot` moves from withheld into the value: at most what is unreleased, and 0 for a slot before the last
    /// touch.
    #[inline]
    #[must_use]
    pub fn due(&self, slot: Slot) -> Lamports {
        let released = self.amount.saturating_minus(self.unreleased);
        self.released_by(slot).saturating_minus(released)
    }

    /// Takes out what is [`due`](Self::due) at `slot` and returns it.
    #[inline]
    #[must_use = "it belongs into the value"]
    pub fn release(&mut self, slot: Slot) -> Lamports {
        let due = self.due(slot);
        self.unreleased = self.unreleased.saturating_minus(due);
        due
    }

    /// Adds a gain; call it after [`release`](Self::release) at `now`. The line restarts at `now` with all that is
    /// unreleased and ends at the lamport-weighted mean of both ends,
    ///
    /// `now + max(1, floor((remaining × (end − now) + gain × slots_per_epoch) / (remaining + gain)))`.
    ///
    /// Rounded down, dust cannot stretch it: rounded up, one gifted lamport in every slot would turn the linear release
    /// into an exponential one. A gain of 0 changes nothing.
    ///
    /// # Errors
    /// [`MathError::Overflow`] if the sum or the end slot does not fit; the stream is then unchanged.
    pub fn add(&mut self, gain: Lamports, now: Slot, slots_per_epoch: u64) -> Result<()> {
        if gain.is_zero() {
            return Ok(());
        }
        let remaining = self.unreleased;
        let sum = remaining.plus(gain)?;
        let left = self.end_slot.saturating_sub(now);
        // The mean is the nearer end plus the farther one's weight in the distance: 129-bit sums are not needed.
        let (near, distance, weight) = match left <= slots_per_epoch {
            true => (left, slots_per_epoch.saturating_sub(left), gain),
            false => (slots_per_epoch, left.saturating_sub(slots_per_epoch), remaining),
        };
        let mean = near.saturating_add(mul_div_floor(distance, weight.0, sum.0)?);
        let end_slot = now.checked_add(mean.max(1)).ok_or(MathError::Overflow)?;
        *self = Self { amount: sum, unreleased: sum, start_slot: now, end_slot };
        Ok(())
    }

    /// A loss eats unreleased reward; call it after [`release`](Self::release) at `now`. Returns the part of `loss` that
    /// it could pay for. The rest of the reward is released along a new line from `now` to the same end.
    #[must_use = "the rest of the loss must be taken elsewhere"]
    pub fn absorb(&mut self, loss: Lamports, now: Slot) -> Lamports {
        let absorbed = loss.min(self.unreleased);
        if !absorbed.is_zero() {
            let rest = self.unreleased.saturating_minus(absorbed);
            *self = Self { amount: rest, unreleased: rest, start_slot: now, end_slot: self.end_slot };
        }
        absorbed
    }
}
