//! What a user gets: deposits, unstake orders and their cancellation. One conversion per path, so there is one rounding.

use crate::{mul_div_floor, Bps, Lamports, Rate, Result, Shares};

/// What a deposit mints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepositQuote {
    /// Paid in.
    pub lamports: Lamports,
    /// Minted to the user, more than 0.
    pub shares: Shares,
    /// Minted to the treasury.
    pub fee_shares: Shares,
}

/// A deposit: `gross = floor(lamports at rate)`, of which `ceil(gross × fee)` is the fee.
///
/// # Errors
/// [`MathError::ZeroResult`](crate::MathError::ZeroResult) if the user would get nothing, `NoValue`, `Overflow`, `InvalidFee`.
#[inline]
pub fn quote_deposit(rate: &Rate, lamports: Lamports, fee: Bps) -> Result<DepositQuote> {
    let gross = rate.shares_floor(lamports)?;
    let fee_shares = Shares(fee.checked()?.of_ceil(gross.0));
    let shares = gross.minus(fee_shares)?.non_zero()?;
    Ok(DepositQuote { lamports, shares, fee_shares })
}

/// What an unstake order costs and is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderQuote {
    /// Taken from the user.
    pub shares: Shares,
    /// Of them, to the treasury; the rest is burned.
    pub fee_shares: Shares,
    /// Ordered, more than 0.
    pub lamports: Lamports,
}

/// An unstake order: the fee is `ceil(shares × fee)`, the rest is worth `floor(… at rate)`.
///
/// # Errors
/// `ZeroResult` if nothing would be paid, `Insufficient` for more shares than there are, `InvalidFee`.
#[inline]
pub fn quote_order(rate: &Rate, shares: Shares, fee: Bps) -> Result<OrderQuote> {
    let fee_shares = Shares(fee.checked()?.of_ceil(rate.existing(shares)?.0));
    let lamports = rate.lamports_floor(shares.minus(fee_shares)?)?.non_zero()?;
    Ok(OrderQuote { shares, fee_shares, lamports })
}

/// Shares for the unpaid part of a ticket that is cancelled: its worth at the rate of now, but at most the same part of
/// the shares that were burned for it, both rounded down. So a ticket is no shelter from a loss and no bet on one.
///
/// `worth` is [`TicketQueue::worth`](crate::TicketQueue::worth) of the `unpaid_units` of the ticket's `units`; `burned`
/// the shares burned when it was ordered.
///
/// # Errors
/// `ZeroResult` if nothing would be minted, `NoValue`, `Overflow`.
pub fn quote_cancel(
    rate: &Rate,
    worth: Lamports,
    burned: Shares,
    unpaid_units: u64,
    units: u64,
) -> Result<Shares> {
    let back = Shares(mul_div_floor(burned.0, unpaid_units.min(units), units)?);
    // A worth that converts into more shares than fit is certainly more than was burned.
    match rate.shares_floor(worth) {
        Ok(shares) => shares.min(back).non_zero(),
        Err(crate::MathError::Overflow) => back.non_zero(),
        Err(error) => Err(error),
    }
}

/// Of a deposit made at the entry rate, what is not in the value at once: `lamports − ceil(minted × value / supply)`.
///
/// The entry rate counts rewards that are found but not released yet, `(value + withheld) / supply`: else whoever comes
/// after an epoch's edge would take a part of them from those whose stake earned them. What a depositor pays for them
/// joins the stream and flows back with it, so the rate does not move with the deposit.
///
/// # Errors
/// As [`Rate::lamports_ceil`].
pub fn entry_premium(rate: &Rate, lamports: Lamports, minted: Shares) -> Result<Lamports> {
    Ok(lamports.saturating_minus(rate.lamports_ceil(minted)?))
}
