use num_bigint::BigInt;

use crate::reference::*;
use tidepool_math::*;

const DAY: u64 = 86_400;

fn rate(value: u64, supply: u64) -> Rate {
    Rate { value: Lamports(value), supply: Shares(supply) }
}

/// Fixed point with 320 bits behind the point: far more than 64 bits can tell apart.
const POINT: u32 = 320;

fn one() -> BigInt {
    BigInt::from(1) << POINT
}

/// ln(n / d) by atanh, slow and plain: powers of two taken out by doubling.
fn ln(mut n: BigInt, mut d: BigInt) -> BigInt {
    let mut twos = 0;
    while n > d.clone() * 2 {
        d *= 2;
        twos += 1;
    }
    while d > n.clone() * 2 {
        n *= 2;
        twos -= 1;
    }
    let atanh = |z: BigInt| {
        let square = (&z * &z) >> POINT;
        let (mut term, mut sum, mut k) = (z, BigInt::from(0), 1);
        while term != BigInt::from(0) && term != BigInt::from(-1) {
            sum += &term / k;
            term = (term * &square) >> POINT;
            k += 2;
        }
        sum
    };
    atanh(((&n - &d) << POINT) / (n + d)) * 2 + atanh(one() / 3) * 2 * twos
}

/// exp(x) × 10^6 for x < 100, rounded down to millionths of a ppm.
fn exp_ppm_micro(x: &BigInt) -> BigInt {
    // exp(x) = exp(x / 2^8)^(2^8)
    let small: BigInt = x >> 8;
    let (mut term, mut sum, mut k) = (one(), BigInt::from(0), 1);
    while term != BigInt::from(0) && term != BigInt::from(-1) {
        sum += &term;
        term = ((term * &small) >> POINT) / k;
        k += 1;
    }
    for _ in 0..8 {
        sum = (&sum * &sum) >> POINT;
    }
    (sum * 1_000_000_000_000u64) >> POINT
}

/// The exact yield in millionths of a ppm, `None` if it is absurd.
fn exact_micro(then: &Rate, now: &Rate, seconds: u64) -> Option<BigInt> {
    let n = BigInt::from(now.value.0) * then.supply.0;
    let d = BigInt::from(then.value.0) * now.supply.0;
    let exponent = ln(n, d) * SECONDS_PER_YEAR / seconds;
    if exponent > one() * 40 {
        return None;
    }
    if exponent < one() * -60 {
        return Some(BigInt::from(-1_000_000_000_000i64));
    }
    Some(exp_ppm_micro(&exponent) - 1_000_000_000_000u64)
}

#[test]
fn known_yields_come_out_to_the_last_digit() {
    let start = rate(1_000_000_000, 1_000_000_000);
    let then_now = |now, seconds| apy_ppm(&start, &rate(now, 1_000_000_000), seconds);
    assert_eq!(then_now(1_080_000_000, SECONDS_PER_YEAR), Ok(80_000));
    assert_eq!(then_now(1_000_000_000, 1), Ok(0));
    assert_eq!(then_now(2_000_000_000, SECONDS_PER_YEAR), Ok(1_000_000));
    assert_eq!(then_now(500_000_000, SECONDS_PER_YEAR), Ok(-500_000));
    // Half a year squares it, two years take the root.
    assert_eq!(then_now(1_100_000_000, SECONDS_PER_YEAR / 2), Ok(210_000));
    assert_eq!(then_now(1_210_000_000, 2 * SECONDS_PER_YEAR), Ok(100_000));
    // 0.04 % in two days, a usual epoch: 1.0004^182.625 − 1.
    assert_eq!(then_now(1_000_400_000, 2 * DAY), Ok(75_769));
}

#[test]
fn the_largest_yield_is_just_below_what_64_bits_hold() {
    let year = |factor| apy_ppm(&rate(1, 1), &rate(factor, 1), SECONDS_PER_YEAR);
    let found = year(9_000_000_000_000).unwrap();
    assert!(found.abs_diff(8_999_999_999_999_000_000) < 10_000, "{found}");
    assert_eq!(year(9_300_000_000_000), Err(MathError::Overflow));
}

#[test]
fn yields_that_do_not_exist_are_refused_by_name() {
    let (one, none, empty) = (rate(1, 1), rate(0, 1), rate(5, 0));
    assert_eq!(apy_ppm(&one, &one, 0), Err(MathError::NoValue));
    assert_eq!(apy_ppm(&one, &none, 0), Err(MathError::NoValue));
    assert_eq!(apy_ppm(&none, &one, DAY), Err(MathError::NoValue));
    assert_eq!(apy_ppm(&one, &none, DAY), Ok(-1_000_000));
    assert_eq!(apy_ppm(&one, &empty, DAY), Ok(0));
    assert_eq!(apy_ppm(&one, &rate(2, 1), DAY), Err(MathError::Overflow));
    assert_eq!(apy_ppm(&rate(1, u64::MAX), &rate(u64::MAX, 1), 1), Err(MathError::Overflow));
    assert_eq!(apy_ppm(&rate(u64::MAX, 1), &rate(1, u64::MAX), 1), Ok(-1_000_000));
    assert_eq!(apy_ppm(&one, &rate(u64::MAX, 1), u64::MAX), Ok(0));
}

fn close(found: i64, exact_micro: &BigInt) -> bool {
    let away: BigInt = BigInt::from(found) * 1_000_000 - exact_micro;
    let away = if away < BigInt::from(0) { -away } else { away };
    // Half a unit for rounding to the nearest, and 10^-15 of the growth.
    let growth = exact_micro + 1_000_000_000_000u64;
    away <= BigInt::from(500_001) + growth / 1_000_000_000_000_000u64
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn a_yield_is_exact_to_the_nearest_ppm(
        then in pool_rate(), millionths in 500_000..=2_000_000u64, seconds in DAY..=3 * SECONDS_PER_YEAR, supply in 1..u64::MAX / 4,
    ) {
        let value = floor(big(then.value.0) * supply * millionths, big(then.supply.0) * 1_000_000u64);
        let Ok(value) = expected(value) else { return Ok(()) };
        prop_assume!(value > 0);
        let now = rate(value, supply);
        match (apy_ppm(&then, &now, seconds), exact_micro(&then, &now, seconds)) {
            (Ok(found), Some(exact)) => prop_assert!(close(found, &exact), "{found} against {exact} × 10^-6"),
            (Err(MathError::Overflow), exact) => prop_assert!(exact.is_none_or(|exact| exact / 1_000_000 > BigInt::from(i64::MAX / 2))),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    /// What a wallet shows: a week of a pool that earns up to 20 % a year.
    #[test]
    fn a_week_of_a_usual_pool_is_exact_to_the_nearest_ppm(then in 1_000_000_000_000..100_000_000_000_000_000u64, gain in 0..4_000u64, days in 1..60u64) {
        let supply = then - then / 10;
        let now = rate(then + (u128::from(then) * u128::from(gain) / 1_000_000) as u64, supply);
        let (then, seconds) = (rate(then, supply), days * DAY);
        let found = apy_ppm(&then, &now, seconds).unwrap();
        prop_assert!(close(found, &exact_micro(&then, &now, seconds).unwrap()));
        prop_assert!(found >= 0);
    }

    #[test]
    fn every_yield_has_a_result_or_a_named_error(then in any_rate(), now in any_rate(), seconds in any_u64()) {
        match apy_ppm(&then, &now, seconds) {
            Ok(ppm) => {
                prop_assert!(ppm >= -1_000_000);
                prop_assert!(ppm == 0 || (ppm > 0) == (now > then));
            }
            Err(MathError::NoValue) => prop_assert!(seconds == 0 || (then.value.is_zero() && !then.supply.is_zero())),
            Err(error) => {
                prop_assert_eq!(error, MathError::Overflow);
                prop_assert!(now > then);
            }
        }
    }
}
