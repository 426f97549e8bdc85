//! The annual yield that a wallet shows, computed on chain without floating point.

use crate::wide::{halves, product};
use crate::{MathError, Rate, Result};

/// A Julian year of 365.25 days: yields are by time, never by counting epochs, whose length varies.
pub const SECONDS_PER_YEAR: u64 = 31_557_600;

/// Parts per million in a whole.
const PPM: i64 = 1_000_000;

/// ln 2 × 2^64.
const LN_2: u64 = 0xB172_17F7_D1CF_79AC;

/// Annual compounded growth from one rate to a later one, in parts per million: `((now / then)^(year / seconds) − 1) × 10^6`,
/// to the nearest. Negative if the rate fell, −1,000,000 if it fell to 0.
///
/// Logarithm and exponential are power series in fixed point with 64 fractional bits. The result is within 1 of the exact
/// one (within 10^-9 of it above 10^9) for rates within a factor of 2 and times from a day to three years.
///
/// # Errors
/// [`MathError::NoValue`] if no time has passed or the first rate is 0; [`MathError::Overflow`] above a growth of about
/// 9 × 10^12.
pub fn apy_ppm(then: &Rate, now: &Rate, seconds: u64) -> Result<i64> {
    let ((value_then, supply_then), (value_now, supply_now)) = (then.fraction(), now.fraction());
    if seconds == 0 || value_then == 0 {
        return Err(MathError::NoValue);
    }
    if value_now == 0 {
        return Ok(PPM.saturating_neg());
    }
    let log = ln_ratio(product(value_now, supply_then), product(value_then, supply_now));
    // |log| < 90 × 2^64 and a year has 25 bits: 96 bits.
    let exponent = log
        .saturating_mul(SECONDS_PER_YEAR as i128)
        .checked_div(seconds as i128)
        .ok_or(MathError::NoValue)?;
    exp_ppm(exponent)?.checked_sub(PPM).ok_or(MathError::Overflow)
}

/// `ln(a / b) × 2^64` for a, b > 0, by `ln(a / b) = 2 atanh((a − b) / (a + b))` after taking out powers of two.
fn ln_ratio(a: u128, b: u128) -> i128 {
    let (zeros_a, zeros_b) = (a.leading_zeros(), b.leading_zeros());
    // Mantissas with 64 bits, the top one set.
    let mut a = a.wrapping_shl(zeros_a) >> 64;
    let mut b = b.wrapping_shl(zeros_b) >> 64;
    let mut twos = (zeros_b as i128).saturating_sub(zeros_a as i128);
    // Now within a factor of 2 of each other; bring them within 1.5, so rates near each other need no power of two and
    // the series converges fast.
    if a.wrapping_shl(1) > b.saturating_mul(3) {
        b = b.wrapping_shl(1);
        twos = twos.saturating_add(1);
    } else if b.wrapping_shl(1) > a.saturating_mul(3) {
        a = a.wrapping_shl(1);
        twos = twos.saturating_sub(1);
    }
    // At most 1/5, so the shifted difference fits.
    let z = a.abs_diff(b).wrapping_shl(64).checked_div(a.saturating_add(b)).unwrap_or_default();
    let z = u64::try_from(z).unwrap_or(u64::MAX);
    let z_squared = high(z, z);

    // z + z³/3 + z⁵/5 + …: about 14 terms.
    let (mut term, mut n, mut sum) = (z, 1u64, 0u64);
    while term > 0 {
        sum = sum.saturating_add(term.checked_div(n).unwrap_or_default());
        term = high(term, z_squared);
        n = n.saturating_add(2);
    }
    let log = (sum as i128).wrapping_shl(1);
    let twos = twos.saturating_mul(LN_2 as i128);
    if a >= b {
        twos.saturating_add(log)
    } else {
        twos.saturating_sub(log)
    }
}

/// `exp(x / 2^64) × 10^6`, to the nearest.
fn exp_ppm(x: i128) -> Result<i64> {
    // exp(x) = 2^twos × exp(rest) with 0 ≤ rest < ln 2.
    let twos = x.div_euclid(LN_2 as i128);
    let rest = x.rem_euclid(LN_2 as i128) as u64;
    if twos > 43 {
        return Err(MathError::Overflow);
    }
    // Between 64 − 43 and, where nothing is left of it, 127.
    let shift = u32::try_from(64i128.saturating_sub(twos)).unwrap_or(u32::MAX).min(127);

    // 1 + x + x²/2! + x³/3! + …: about 20 terms.
    let (mut term, mut n, mut sum) = (rest, 1u64, 1u128 << 64);
    while term > 0 {
        sum = sum.saturating_add(term as u128);
        n = n.saturating_add(1);
        term = high(term, rest).checked_div(n).unwrap_or_default();
    }
    let half = 1u128.wrapping_shl(shift.saturating_sub(1));
    let ppm = sum.saturating_mul(PPM as u128).saturating_add(half).wrapping_shr(shift);
    i64::try_from(ppm).map_err(|_| MathError::Overflow)
}

/// The product of two fractions with 64 bits.
#[inline]
fn high(a: u64, b: u64) -> u64 {
    halves(product(a, b)).0
}
