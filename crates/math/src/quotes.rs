//! What a user gets: deposits of SOL and of stake, unstake orders and their cancellation, stake withdrawn. One conversion
//! per path, so there is one rounding.

use crate::entry::part_ppb_ceil;
use crate::{mul_div_floor, Bps, Lamports, MathError, Rate, Result, Shares};

/// What a deposit mints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DepositQuote {
    /// Paid in.
    pub lamports: Lamports,
    /// Minted to the user, more than 0 if anything is paid in.
    pub shares: Shares,
    /// Minted to the treasury.
    pub fee_shares: Shares,
}

/// A deposit: `gross = floor(lamports at rate)`, of which `ceil(gross × fee)` is the fee.
///
/// # Errors
/// [`MathError::ZeroResult`] if the user would get nothing, `NoValue`, `Overflow`, `InvalidFee`.
#[inline]
pub fn quote_deposit(rate: &Rate, lamports: Lamports, fee: Bps) -> Result<DepositQuote> {
    let gross = rate.shares_floor(lamports)?;
    let fee_shares = Shares(fee.checked()?.of_ceil(gross.0));
    let shares = gross.minus(fee_shares)?.non_zero()?;
    Ok(DepositQuote { lamports, shares, fee_shares })
}

/// A deposit that first buys what the liquidity pool has to sell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DepositSplit {
    /// Bought from the liquidity pool.
    pub bought: Shares,
    /// Paid to it.
    pub paid: Lamports,
    /// The rest: paid into the reserve and minted for.
    pub minted: DepositQuote,
}

impl DepositSplit {
    /// All the user gets.
    ///
    /// # Errors
    /// [`MathError::Overflow`] if it does not fit.
    #[inline]
    pub fn shares(&self) -> Result<Shares> {
        self.bought.plus(self.minted.shares)
    }
}

/// Splits a deposit: as much as `for_sale` reaches is bought at `rate` (the entry rate) without a fee, its price rounded up;
/// the rest is a [deposit](quote_deposit) at the same rate. Neither moves the rate, so but for the fee a deposit gives the same
/// shares, within one unit, whatever is for sale (marinade#67, #69: the rest was priced again after the purchase).
///
/// A rest that would mint nothing is paid to the liquidity pool too.
///
/// # Errors
/// As [`quote_deposit`].
#[inline]
pub fn quote_split_deposit(
    rate: &Rate,
    lamports: Lamports,
    fee: Bps,
    for_sale: Shares,
) -> Result<DepositSplit> {
    if for_sale.is_zero() {
        let minted = quote_deposit(rate, lamports, fee)?;
        return Ok(DepositSplit { minted, ..DepositSplit::default() });
    }
    let bought = rate.shares_floor(lamports)?.non_zero()?.min(for_sale);
    let all_bought = DepositSplit { bought, paid: lamports, minted: DepositQuote::default() };
    let price = rate.lamports_ceil(bought)?;
    if bought < for_sale || price >= lamports {
        return Ok(all_bought);
    }
    match quote_deposit(rate, lamports.minus(price)?, fee) {
        Ok(minted) => Ok(DepositSplit { bought, paid: price, minted }),
        Err(MathError::ZeroResult) => Ok(all_bought),
        Err(error) => Err(error),
    }
}

/// A deposit of a stake account that holds `stake` lamports of active stake and `free` others (rent and extras). Active
/// stake brings its own next reward, so it pays `earned`, the rate with all rewards that are found; what is free comes like
/// SOL, at `entry`. Both round down; the fee is `ceil(shares × fee)`.
///
/// # Errors
/// As [`quote_deposit`].
pub fn quote_stake_deposit(
    earned: &Rate,
    entry: &Rate,
    stake: Lamports,
    free: Lamports,
    fee: Bps,
) -> Result<DepositQuote> {
    let gross = earned.shares_floor(stake)?.plus(entry.shares_floor(free)?)?;
    let fee_shares = Shares(fee.checked()?.of_ceil(gross.0));
    let shares = gross.minus(fee_shares)?.non_zero()?;
    Ok(DepositQuote { lamports: stake.plus(free)?, shares, fee_shares })
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

/// Shares for the unpaid part of a ticket that is cancelled: its worth at `rate`, the entry rate of now, but at most the same part of
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
        Err(MathError::Overflow) => back.non_zero(),
        Err(error) => Err(error),
    }
}

/// What leaving with active stake costs and gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakeWithdrawalQuote {
    /// Taken from the user.
    pub shares: Shares,
    /// Of them, to the treasury; the rest is burned.
    pub fee_shares: Shares,
    /// Active stake handed over, more than 0.
    pub lamports: Lamports,
    /// What the charge beyond the fee is worth: it stays in the pool and is streamed to the holders.
    pub charge: Lamports,
}

/// A withdrawal of active stake. It costs the larger of the fee, `ceil(shares × fee)`, and of what the last epoch gained,
/// `ceil(shares × epoch_gain_ppb / 10^9)`: so turning idle SOL into active stake through the pool in front of an epoch's
/// end never pays. What the gain is more than the fee is the charge. Stake and charge round down.
///
/// # Errors
/// `ZeroResult` if nothing would be handed over, `Insufficient` for more shares than there are, `InvalidFee`.
pub fn quote_stake_withdrawal(
    rate: &Rate,
    shares: Shares,
    fee: Bps,
    epoch_gain_ppb: u32,
) -> Result<StakeWithdrawalQuote> {
    let fee_shares = Shares(fee.checked()?.of_ceil(rate.existing(shares)?.0));
    let gain_shares = Shares(part_ppb_ceil(shares.0, epoch_gain_ppb)?);
    let charge_shares = gain_shares.saturating_minus(fee_shares);
    let lamports = rate.lamports_floor(shares.minus(fee_shares)?.minus(charge_shares)?)?.non_zero()?;
    Ok(StakeWithdrawalQuote { shares, fee_shares, lamports, charge: rate.lamports_floor(charge_shares)? })
}
