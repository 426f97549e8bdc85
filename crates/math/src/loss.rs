//! Who bears a loss: the insurance, then withheld reward, then holders and open tickets alike.

use crate::wide::part_floor;
use crate::{Lamports, MathError, Result, TicketIndex, TicketQueue};

/// The parts of a loss: they add up to it, to the lamport.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LossSplit {
    /// Paid by the insurance vault.
    pub insurance: Lamports,
    /// Taken from the reward stream.
    pub withheld: Lamports,
    /// Taken from the value; at most all of it.
    pub holders: Lamports,
    /// What the liabilities to open tickets fall by.
    pub tickets: Lamports,
    /// The ticket index afterwards.
    pub index: TicketIndex,
}

/// Splits a loss.
///
/// What insurance and withheld reward do not pay (`rest`) costs holders and tickets the same proportion,
/// `rest / (value + liabilities)`: the index falls to `floor(index × (value + liabilities − rest) / (value + liabilities))`,
/// tickets bear exactly what the liabilities fall by, and holders the remainder.
///
/// Rounding: a unit loses less than 10^-18 lamports more than its proportion, and liabilities are a whole number, so each
/// side bears its part within two lamports (as long as no more than 10^18 units are open). Where tickets would bear more
/// than `rest`, so that holders gained by a loss, the index is rounded up instead.
/// The index is never computed from the lamports that tickets bear: one forgotten ticket of a single lamport would then
/// carry the index to 0 at the first small loss.
///
/// # Errors
/// [`MathError::Insufficient`] if the loss is larger than all there is, [`MathError::Overflow`] if value and liabilities
/// together do not fit 64 bits.
pub fn split_loss(
    loss: Lamports,
    insurance: Lamports,
    withheld: Lamports,
    value: Lamports,
    queue: &TicketQueue,
) -> Result<LossSplit> {
    let insurance = loss.min(insurance);
    let uninsured = loss.saturating_minus(insurance);
    let withheld = uninsured.min(withheld);
    let rest = uninsured.saturating_minus(withheld);

    let mut split =
        LossSplit { insurance, withheld, holders: rest, tickets: Lamports::ZERO, index: queue.index };
    if rest.is_zero() {
        return Ok(split);
    }
    let open = queue.open()?;
    let liabilities = queue.index.worth_ceil(open)?;
    let before = value.plus(liabilities)?;
    let after = before.minus(rest)?;
    if liabilities.is_zero() {
        return Ok(split);
    }

    let falls_to = |index: TicketIndex| -> Result<(TicketIndex, Lamports)> {
        Ok((index, liabilities.saturating_minus(index.worth_ceil(open)?)))
    };
    let (mut index, mut tickets) = falls_to(TicketIndex(part_floor(queue.index.0, after.0, before.0)))?;
    if tickets > rest {
        // Only if holders have next to nothing. The next index is at most the old one, since `rest` is more than 0, and
        // leaves tickets at least `liabilities − rest`.
        let (next, borne) = falls_to(TicketIndex(index.0.saturating_add(1)))?;
        if rest.saturating_minus(borne) <= value {
            (index, tickets) = (next, borne);
        }
    }
    split.index = index;
    // Capped only if more than 10^18 units are open, which takes earlier losses of almost everything, and holders own
    // less than the index can express: then a few lamports stay in the value.
    split.tickets = tickets.min(rest);
    split.holders = rest.saturating_minus(split.tickets);
    match split.holders <= value {
        true => Ok(split),
        false => Err(MathError::Insufficient),
    }
}
