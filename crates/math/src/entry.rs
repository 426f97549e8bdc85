//! What comers pay beyond the rate: for rewards that are found but not released yet, and for the epoch in which new SOL
//! does not earn.

use crate::{mul_div_ceil, Bps, Lamports, Rate, Result, Shares};

/// Parts per billion in a whole.
pub const PPB: u64 = 1_000_000_000;

/// The most that an epoch is taken to have gained: 1 %. It bounds what a comer can be charged, whatever a stranger gives
/// the pool.
pub const MAX_EPOCH_GAIN_PPB: u32 = 10_000_000;

/// The part that `gain` was of `value`, in parts per billion, rounded up; at most [`MAX_EPOCH_GAIN_PPB`].
#[must_use]
pub fn gain_ppb(gain: Lamports, value: Lamports) -> u32 {
    if gain.is_zero() {
        return 0;
    }
    let ppb = mul_div_ceil(gain.0, PPB, value.0).unwrap_or(u64::MAX);
    u32::try_from(ppb).unwrap_or(u32::MAX).min(MAX_EPOCH_GAIN_PPB)
}

/// `ceil(amount × ppb / 10^9)`: at most `amount` up to a whole.
///
/// # Errors
/// [`MathError::Overflow`](crate::MathError::Overflow), only possible above a whole.
#[inline]
pub fn part_ppb_ceil(amount: u64, ppb: u32) -> Result<u64> {
    match ppb {
        0 => Ok(0),
        _ => mul_div_ceil(amount, ppb as u64, PPB),
    }
}

/// Lamports that all shares together would have to be worth more, so that a comer pays `warmup` of what the last epoch
/// gained: new SOL warms up for an epoch and shares meanwhile in what others earn. Rounded up.
///
/// # Errors
/// As [`part_ppb_ceil`].
#[inline]
pub fn warmup_charge(value: Lamports, epoch_gain_ppb: u32, warmup: Bps) -> Result<Lamports> {
    let ppb = warmup.of_ceil(epoch_gain_ppb as u64);
    part_ppb_ceil(value.0, u32::try_from(ppb).unwrap_or(u32::MAX)).map(Lamports)
}

/// The rate that comers pay: `(value + max(withheld, warm-up charge)) / supply`. Never below the rate.
///
/// The larger of both, not their sum: what is withheld was gained in the last epoch, so it is the same gain that the
/// charge speaks of, as far as it has not been released.
///
/// # Errors
/// [`MathError::Overflow`](crate::MathError::Overflow) if the sum does not fit.
#[inline]
pub fn entry_rate(rate: &Rate, withheld: Lamports, charge: Lamports) -> Result<Rate> {
    Ok(Rate { value: rate.value.plus(withheld.max(charge))?, supply: rate.supply })
}

/// What `minted` shares cost beyond the rate: `lamports − ceil(minted × value / supply)`, not below 0. It joins the stream
/// and flows to all holders, so the rate does not move with a deposit.
///
/// # Errors
/// As [`Rate::lamports_ceil`].
pub fn entry_premium(rate: &Rate, lamports: Lamports, minted: Shares) -> Result<Lamports> {
    Ok(lamports.saturating_minus(rate.lamports_ceil(minted)?))
}
