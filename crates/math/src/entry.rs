//! What comers pay beyond the rate: for rewards that are found but not released yet, and for the epoch in which new SOL
//! does not earn.

use crate::{mul_div_ceil, Bps, Lamports, Rate, Result, Shares};

/// Parts per billion in a whole.
pub const PPB: u64 = 1_000_000_000;

/// The most that an epoch is taken to have gained: 1 %. It bounds what a comer can be charged, whatever a stranger gives
/// the pool.
pub const MAX_EPOCH_GAIN_PPB: u32 = 10_000_000;

/// The most epochs that a comer pays for. Nobody can make comers pay for more by keeping some validator from being updated.
pub const MAX_CHARGED_EPOCHS: u64 = 10;

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
    mul_div_ceil(amount, ppb as u64, PPB)
}

/// Lamports that all shares together would have to be worth more, so that a comer pays `part` of what `epochs` epochs gain:
/// `ceil(value × ceil(epoch_gain_ppb × part) × epochs / 10^9)`, of at most [`MAX_CHARGED_EPOCHS`]. New SOL earns nothing in
/// its first epoch and shares meanwhile in what others earn; and it shares in rewards of epochs in which nobody has looked
/// for them yet.
///
/// # Errors
/// [`MathError::Overflow`](crate::MathError::Overflow) if it does not fit.
#[inline]
pub fn comers_charge(value: Lamports, epoch_gain_ppb: u32, part: Bps, epochs: u64) -> Result<Lamports> {
    let ppb = part.of_ceil(epoch_gain_ppb as u64).saturating_mul(epochs.min(MAX_CHARGED_EPOCHS));
    mul_div_ceil(value.0, ppb, PPB).map(Lamports)
}

/// The rate that comers pay: `(value + withheld + charge) / supply`. Never below the rate.
///
/// Rewards that are found but not released yet were earned by others, so they count in full; what the comer pays for them
/// comes back to him as they are released. The charge does not.
///
/// # Errors
/// [`MathError::Overflow`](crate::MathError::Overflow) if the sum does not fit.
#[inline]
pub fn entry_rate(rate: &Rate, withheld: Lamports, charge: Lamports) -> Result<Rate> {
    Ok(Rate { value: rate.value.plus(withheld)?.plus(charge)?, supply: rate.supply })
}

/// Of what `minted` shares cost, the part that `charge` made up: `floor(minted × charge / supply)`.
///
/// # Errors
/// [`MathError::Overflow`](crate::MathError::Overflow), only possible for more shares than there are.
pub fn charged(rate: &Rate, charge: Lamports, minted: Shares) -> Result<Lamports> {
    Rate { value: charge, supply: rate.supply }.lamports_floor(minted)
}

/// What `minted` shares cost beyond the rate: `lamports − ceil(minted × value / supply)`, not below 0. It joins the stream
/// and flows to all holders, so the rate does not move with a deposit.
///
/// # Errors
/// As [`Rate::lamports_ceil`].
pub fn entry_premium(rate: &Rate, lamports: Lamports, minted: Shares) -> Result<Lamports> {
    Ok(lamports.saturating_minus(rate.lamports_ceil(minted)?))
}
