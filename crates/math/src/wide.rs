//! Products and quotients wider than 64 bits, made of 64-bit instructions only.

use crate::{MathError, Result};

/// `floor(a × b / d)`.
///
/// # Errors
/// [`MathError::NoValue`] if `d` is 0, [`MathError::Overflow`] if the result does not fit.
#[inline]
pub fn mul_div_floor(a: u64, b: u64, d: u64) -> Result<u64> {
    div_rem(product(a, b), d).map(|(quotient, _)| quotient)
}

/// `ceil(a × b / d)`.
///
/// # Errors
/// [`MathError::NoValue`] if `d` is 0, [`MathError::Overflow`] if the result does not fit.
#[inline]
pub fn mul_div_ceil(a: u64, b: u64, d: u64) -> Result<u64> {
    div_ceil(product(a, b), d)
}

/// `floor(amount × numerator / denominator)`, and all of `amount` from `numerator ≥ denominator` on: what a fraction of
/// at most 1 leaves of an amount. Always has a result.
#[inline]
#[must_use]
pub fn part_floor(amount: u64, numerator: u64, denominator: u64) -> u64 {
    if numerator >= denominator {
        return amount;
    }
    // numerator < denominator: the quotient is less than `amount`, so neither error can occur.
    mul_div_floor(amount, numerator, denominator).unwrap_or(amount)
}

/// `a × b`, exact: two 64-bit factors always fit.
#[inline]
#[must_use]
pub const fn product(a: u64, b: u64) -> u128 {
    (a as u128).wrapping_mul(b as u128)
}

/// The high and the low 64 bits.
#[inline]
#[must_use]
pub const fn halves(n: u128) -> (u64, u64) {
    ((n >> 64) as u64, n as u64)
}

/// `high × 2^64 + low`.
#[inline]
#[must_use]
pub const fn join(high: u64, low: u64) -> u128 {
    ((high as u128) << 64) | low as u128
}

/// `ceil(n / d)`.
///
/// # Errors
/// As [`div_rem`].
#[inline]
pub fn div_ceil(n: u128, d: u64) -> Result<u64> {
    match div_rem(n, d)? {
        (quotient, 0) => Ok(quotient),
        (quotient, _) => quotient.checked_add(1).ok_or(MathError::Overflow),
    }
}

/// `(floor(n / d), n mod d)`.
///
/// # Errors
/// [`MathError::NoValue`] if `d` is 0, [`MathError::Overflow`] if the quotient does not fit 64 bits.
#[inline]
pub fn div_rem(n: u128, d: u64) -> Result<(u64, u64)> {
    let (high, low) = halves(n);
    match high {
        0 => match (low.checked_div(d), low.checked_rem(d)) {
            (Some(quotient), Some(remainder)) => Ok((quotient, remainder)),
            _ => Err(MathError::NoValue),
        },
        _ if d == 0 => Err(MathError::NoValue),
        // n / d ≥ 2^64 exactly if high ≥ d.
        _ if high >= d => Err(MathError::Overflow),
        _ => Ok(long_division(high, low, d)),
    }
}

/// `floor(n / d)` with a quotient of up to 128 bits.
///
/// # Errors
/// [`MathError::NoValue`] if `d` is 0.
pub fn div_wide(n: u128, d: u64) -> Result<u128> {
    let (high, low) = halves(n);
    let (quotient_high, rest) = div_rem(high as u128, d)?;
    let (quotient_low, _) = div_rem(join(rest, low), d)?;
    Ok(join(quotient_high, quotient_low))
}

/// `(high × 2^64 + low)` divided by `d` in two steps of 32 bits: Knuth's algorithm D, The Art of Computer Programming
/// 4.3.1, as in Hacker's Delight `divlu`. Needs `high < d`, which makes both digits of the quotient smaller than 2^32.
fn long_division(high: u64, low: u64, d: u64) -> (u64, u64) {
    // Normalised, the divisor's top bit is set, so a guessed digit is at most 2 too large. Shifted half by half: a shift of
    // 128 bits is a call on the chain.
    let shift = d.leading_zeros();
    let d = d.wrapping_shl(shift);
    let rest = high.wrapping_shl(shift) | (low >> 1).wrapping_shr(shift ^ 63);
    let low = low.wrapping_shl(shift);
    let (digit_high, rest) = quotient_digit(rest, low >> 32, d);
    let (digit_low, rest) = quotient_digit(rest, low & 0xffff_ffff, d);
    ((digit_high << 32) | digit_low, rest.wrapping_shr(shift))
}

/// One digit: `(rest × 2^32 + next)` divided by the normalised `d`, for `rest < d` and `next < 2^32`.
#[inline]
fn quotient_digit(rest: u64, next: u64, d: u64) -> (u64, u64) {
    let (d_high, d_low) = (d >> 32, d & 0xffff_ffff);
    // d_high ≥ 2^31 since d is normalised.
    let mut digit = rest.checked_div(d_high).unwrap_or_default();
    let mut guess_rest = rest.wrapping_sub(digit.wrapping_mul(d_high));
    // Both sides stay below 2^64: rest < d makes digit ≤ 2^32 + 1, and guess_rest is below 2^32 where it is looked at. A
    // digit of 2^32 or more is always found too large, since then guess_rest < d_low.
    while digit.wrapping_mul(d_low) > (guess_rest << 32 | next) {
        digit = digit.wrapping_sub(1);
        guess_rest = guess_rest.wrapping_add(d_high);
        if guess_rest > 0xffff_ffff {
            break;
        }
    }
    // The true rest is less than d, so the lost high bits of both sides cancel.
    let rest = (rest << 32 | next).wrapping_sub(digit.wrapping_mul(d));
    (digit, rest)
}
