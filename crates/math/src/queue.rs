//! Unstake tickets: a reserved first-in-first-out queue that nobody can overtake and that shares losses like every holder.
//!
//! A ticket owns a range of **units** on one endless line; a unit is worth the index in lamports, which starts at 1 and
//! falls with every loss. Four counters describe the whole queue, so no instruction loops over tickets:
//!
//! ```text
//! 0 ……… settled ≤ filled ≤ total
//!       paid or given up │ covered by SOL in the reserve │ waiting
//! ```
//!
//! `settled` counts units, it is not a position: claims come in any order. Positions are 128 bits wide, because borrowed
//! millions ordered and cancelled over and over could make 64 bits wrap.

use crate::wide::{div_ceil, div_wide, halves, join, product};
use crate::{mul_div_floor, Lamports, MathError, Result};

/// Lamports per unit as a fixed-point number with 18 decimals; starts at 1 and only falls.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketIndex(pub u64);

impl TicketIndex {
    /// 1 lamport per unit.
    pub const ONE: Self = Self(1_000_000_000_000_000_000);

    /// `units × index` in parts of 10^18 lamports. Where that leaves 128 bits it stops at the largest number: the lamports
    /// leave 64 bits long before.
    #[inline]
    fn parts(self, units: u128) -> u128 {
        let (high, low) = halves(units);
        let parts = product(low, self.0);
        // Units beyond 64 bits only count after a loss of almost everything.
        if high == 0 {
            return parts;
        }
        let high = u64::try_from(product(high, self.0)).unwrap_or(u64::MAX);
        join(high, 0).saturating_add(parts)
    }

    /// `floor(units × index)` in lamports.
    #[inline]
    fn worth_floor(self, units: u64) -> Result<Lamports> {
        let lamports = match self {
            Self::ONE => units,
            _ => mul_div_floor(units, self.0, Self::ONE.0)?,
        };
        Ok(Lamports(lamports))
    }

    /// `ceil(units × index)` in lamports.
    #[inline]
    pub(crate) fn worth_ceil(self, units: u128) -> Result<Lamports> {
        let lamports = match self {
            Self::ONE => u64::try_from(units).map_err(|_| MathError::Overflow)?,
            _ => div_ceil(self.parts(units), Self::ONE.0)?,
        };
        Ok(Lamports(lamports))
    }
}

impl Default for TicketIndex {
    fn default() -> Self {
        Self::ONE
    }
}

/// The units of one ticket: `[start, start + units)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TicketRange {
    /// Position of the first unit.
    pub start: u128,
    /// How many there are.
    pub units: u64,
}

impl TicketRange {
    /// Position behind the last unit.
    ///
    /// # Errors
    /// [`MathError::Overflow`]; ranges that the queue gave out always have an end.
    #[inline]
    pub fn end(&self) -> Result<u128> {
        self.start.checked_add(self.units as u128).ok_or(MathError::Overflow)
    }

    /// How many of its units are covered once the queue has filled up to `filled`.
    #[inline]
    #[must_use]
    pub fn reached(&self, filled: u128) -> u64 {
        u64::try_from(filled.saturating_sub(self.start)).unwrap_or(u64::MAX).min(self.units)
    }
}

/// What a ticket can be paid now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// Units that are covered and unpaid.
    pub units: u64,
    /// What they are worth, rounded down.
    pub lamports: Lamports,
}

/// What a cancellation gave up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CancelledTicket {
    /// All units of the ticket that were not paid.
    pub units: u64,
    /// Those of them the queue has not reached and cannot forget, because others wait behind them: to be given to
    /// [`TicketQueue::release_cancelled`] when the queue arrives at their start. 0 units if there are none.
    pub gap: TicketRange,
}

/// The queue of all tickets of a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TicketQueue {
    /// Units ever ordered: the position of the next ticket.
    pub total: u128,
    /// Units covered so far, from the front.
    pub filled: u128,
    /// Covered units that were paid or given up.
    pub settled: u128,
    /// Cancelled units that are not settled yet.
    pub cancelled: u128,
    /// What a unit is worth.
    pub index: TicketIndex,
}

impl TicketQueue {
    /// Lamports owed to open tickets: `ceil((total − settled − cancelled) × index)`.
    ///
    /// # Errors
    /// [`MathError::Overflow`] if they do not fit, [`MathError::Insufficient`] if the counters contradict each other.
    #[inline]
    pub fn liabilities(&self) -> Result<Lamports> {
        self.index.worth_ceil(self.open()?)
    }

    /// Lamports of the reserve that are kept for tickets: `ceil((filled − settled) × index)`.
    ///
    /// # Errors
    /// As [`liabilities`](Self::liabilities).
    #[inline]
    pub fn reserved(&self) -> Result<Lamports> {
        self.index.worth_ceil(difference(self.filled, self.settled)?)
    }

    /// Lamports that still have to come before every open ticket is covered: `ceil((total − filled − cancelled) × index)`,
    /// not below 0.
    ///
    /// Cancelled units need none: those behind `filled` will be skipped, and SOL that covers those in front of it flows on
    /// when they are released. Without this, ordering and cancelling with a loan in one transaction would make the pool
    /// unstake as much as was borrowed.
    ///
    /// # Errors
    /// As [`liabilities`](Self::liabilities).
    #[inline]
    pub fn unfilled(&self) -> Result<Lamports> {
        self.index.worth_ceil(difference(self.total, self.filled)?.saturating_sub(self.cancelled))
    }

    /// [`unfilled`](Self::unfilled) of the queue as it was at an earlier moment, as far as that has not been filled or
    /// taken back since: what was ordered later does not count, nor what of it was cancelled.
    ///
    /// # Errors
    /// As [`liabilities`](Self::liabilities).
    #[inline]
    pub fn unfilled_since(&self, total_before: u128, cancelled_before: u128) -> Result<Lamports> {
        let waiting = self.total.min(total_before).saturating_sub(self.filled);
        self.index.worth_ceil(waiting.saturating_sub(self.cancelled.min(cancelled_before)))
    }

    /// Whether nothing more has to come: [`unfilled`](Self::unfilled) units are 0.
    #[inline]
    #[must_use]
    pub fn is_filled(&self) -> bool {
        self.total.saturating_sub(self.filled) <= self.cancelled
    }

    /// Appends a ticket for `lamports`. It gets `floor(lamports / index)` units, the most whose worth, rounded up, is at
    /// most `lamports`: the liabilities never rise by more than that.
    ///
    /// In an empty queue the index starts again at 1; otherwise a queue that once lost everything (index 0) or almost
    /// everything could not be used any more.
    ///
    /// # Errors
    /// [`MathError::ZeroResult`] for 0 units, [`MathError::NoValue`] if the index is 0 and worthless tickets are still open,
    /// [`MathError::Overflow`].
    pub fn order(&mut self, lamports: Lamports) -> Result<TicketRange> {
        let index = match self.settled == self.total {
            true => TicketIndex::ONE,
            false => self.index,
        };
        let units = match index {
            TicketIndex::ONE => lamports.0,
            TicketIndex(index) => mul_div_floor(lamports.0, TicketIndex::ONE.0, index)?,
        };
        if units == 0 {
            return Err(MathError::ZeroResult);
        }
        let range = TicketRange { start: self.total, units };
        self.total = range.end()?;
        self.index = index;
        Ok(range)
    }

    /// Covers, strictly in order, as many further units as a reserve of `reserve` lamports pays for, and returns how many
    /// those were. What was covered stays covered, whatever the reserve; if [`reserved`](Self::reserved) was at most
    /// `reserve` before, it is so afterwards.
    ///
    /// # Errors
    /// [`MathError::Insufficient`] if the counters contradict each other.
    pub fn fill(&mut self, reserve: Lamports) -> Result<u128> {
        if difference(self.total, self.filled)? == 0 {
            return Ok(0);
        }
        // The most units whose worth, rounded up, is at most `reserve`.
        let payable = match self.index {
            TicketIndex::ONE => reserve.0 as u128,
            TicketIndex(0) => u128::MAX,
            TicketIndex(index) => div_wide(product(reserve.0, TicketIndex::ONE.0), index)?,
        };
        let reach = self.settled.saturating_add(payable).min(self.total);
        let covered = reach.saturating_sub(self.filled);
        self.filled = self.filled.saturating_add(covered);
        Ok(covered)
    }

    /// What the ticket that owns `range`, and was paid for `paid_units` of it, can be paid now.
    ///
    /// 0 lamports for more than 0 units means that they are worth less than a lamport: wait for more of them, or, if the
    /// whole ticket is reached, settle them for nothing so that it can be closed.
    ///
    /// # Errors
    /// [`MathError::Insufficient`] if more was paid than is covered, [`MathError::Overflow`].
    pub fn claimable(&self, range: &TicketRange, paid_units: u64) -> Result<Claim> {
        let units = range.reached(self.filled).checked_sub(paid_units).ok_or(MathError::Insufficient)?;
        Ok(Claim { units, lamports: self.worth(units)? })
    }

    /// What `units` are worth now, rounded down.
    ///
    /// # Errors
    /// [`MathError::Overflow`]; impossible for an index of at most 1.
    #[inline]
    pub fn worth(&self, units: u64) -> Result<Lamports> {
        self.index.worth_floor(units)
    }

    /// What `units` are worth now, rounded up: what must be paid for them.
    ///
    /// # Errors
    /// As [`worth`](Self::worth).
    #[inline]
    pub fn worth_ceil(&self, units: u64) -> Result<Lamports> {
        self.index.worth_ceil(units as u128)
    }

    /// Marks covered units of a ticket as paid. Liabilities and reserved lamports fall by at least the worth of the units.
    ///
    /// # Errors
    /// [`MathError::Insufficient`] if so many units are not open and covered.
    pub fn settle(&mut self, units: u64) -> Result<()> {
        difference(self.open()?, units as u128)?;
        self.settle_covered(units)
    }

    /// Cancels all of a ticket that was not paid; it stops being a liability at once.
    ///
    /// * Units already covered are settled: their SOL is free again for those behind.
    /// * Units at the very end of the queue are taken back, as if they had never been ordered.
    /// * Other units become a gap, which the queue skips without SOL: see [`release_cancelled`](Self::release_cancelled).
    ///
    /// # Errors
    /// [`MathError::Insufficient`] if more was paid than is covered, or the range is not one of open tickets; the queue is
    /// then unchanged.
    pub fn cancel(&mut self, range: &TicketRange, paid_units: u64) -> Result<CancelledTicket> {
        let reached = range.reached(self.filled);
        let covered = reached.checked_sub(paid_units).ok_or(MathError::Insufficient)?;
        let waiting = range.units.saturating_sub(reached);
        let gap_start = range.start.saturating_add(reached as u128);

        let units = covered.saturating_add(waiting);
        difference(self.open()?, units as u128)?;
        let after = range.end()?;
        if after > self.total {
            return Err(MathError::Insufficient);
        }
        self.settle_covered(covered)?;
        let gap = if after == self.total {
            self.total = self.total.saturating_sub(waiting as u128);
            TicketRange { start: gap_start, units: 0 }
        } else {
            self.cancelled = self.cancelled.saturating_add(waiting as u128);
            TicketRange { start: gap_start, units: waiting }
        };
        Ok(CancelledTicket { units, gap })
    }

    /// Removes a gap that [`cancel`](Self::cancel) left, once the queue has arrived at its start: what SOL had
    /// covered of it is free again, the rest is skipped. A gap that has come to be the end of the queue is taken back.
    /// Returns `false`, and changes nothing, while tickets in front of it still wait.
    ///
    /// # Errors
    /// [`MathError::Insufficient`] if so many units are not cancelled.
    pub fn release_cancelled(&mut self, gap: &TicketRange) -> Result<bool> {
        let units = gap.units as u128;
        let cancelled = difference(self.cancelled, units)?;
        let end = gap.end()?;
        if end > self.total {
            return Err(MathError::Insufficient);
        }
        if gap.start <= self.filled {
            self.filled = self.filled.max(end);
            self.settle_covered(gap.units)?;
        } else if end == self.total {
            self.total = gap.start;
        } else {
            return Ok(false);
        }
        self.cancelled = cancelled;
        Ok(true)
    }

    /// Units of open tickets, covered or waiting.
    #[inline]
    pub(crate) fn open(&self) -> Result<u128> {
        difference(difference(self.total, self.settled)?, self.cancelled)
    }

    #[inline]
    fn settle_covered(&mut self, units: u64) -> Result<()> {
        let settled = self.settled.checked_add(units as u128).ok_or(MathError::Overflow)?;
        difference(self.filled, settled)?;
        self.settled = settled;
        Ok(())
    }
}

#[inline]
fn difference(whole: u128, part: u128) -> Result<u128> {
    whole.checked_sub(part).ok_or(MathError::Insufficient)
}
