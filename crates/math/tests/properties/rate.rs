use core::cmp::Ordering;

use crate::reference::*;
use tidepool_math::*;

fn rate(value: u64, supply: u64) -> Rate {
    Rate { value: Lamports(value), supply: Shares(supply) }
}

#[test]
fn a_pool_without_shares_starts_one_to_one_whatever_it_holds() {
    for value in [0, 1, u64::MAX] {
        assert_eq!(rate(value, 0).shares_floor(Lamports(7)), Ok(Shares(7)));
        assert_eq!(rate(value, 0).lamports_floor(Shares(7)), Ok(Lamports(7)));
    }
}

#[test]
fn shares_without_value_have_no_price_and_pay_nothing() {
    assert_eq!(rate(0, 5).shares_floor(Lamports(7)), Err(MathError::NoValue));
    assert_eq!(rate(0, 5).shares_ceil(Lamports(7)), Err(MathError::NoValue));
    assert_eq!(rate(0, 5).lamports_floor(Shares(5)), Ok(Lamports(0)));
    assert_eq!(rate(0, 5).lamports_ceil(Shares(5)), Ok(Lamports(0)));
}

#[test]
fn rates_are_equal_if_their_fractions_are() {
    assert_eq!(rate(3, 2), rate(6, 4));
    assert_eq!(rate(9, 0), rate(1, 1));
    assert_eq!(rate(0, 5), rate(0, 6));
    assert!(rate(u64::MAX, u64::MAX - 1) > rate(u64::MAX - 1, u64::MAX - 1));
    assert!(rate(u64::MAX - 1, u64::MAX) > rate(u64::MAX - 2, u64::MAX - 1));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn conversions_are_exact_down_and_up(rate in any_rate(), n in any_u64()) {
        let (value, supply) = if rate.supply.is_zero() { (1, 1) } else { (rate.value.0, rate.supply.0) };
        let shares = big(n) * supply;
        prop_assert_eq!(rate.shares_floor(Lamports(n)), expected(floor(shares.clone(), value)).map(Shares));
        prop_assert_eq!(rate.shares_ceil(Lamports(n)), expected(ceil(shares, value)).map(Shares));
        let lamports = big(n) * value;
        prop_assert_eq!(rate.lamports_floor(Shares(n)), expected(floor(lamports.clone(), supply)).map(Lamports));
        prop_assert_eq!(rate.lamports_ceil(Shares(n)), expected(ceil(lamports, supply)).map(Lamports));
    }

    /// INF OS-SCT-ADV-00, inf-1.5#90: the inverse of a rounded quote paid one unit too much.
    #[test]
    fn there_and_back_never_gains(rate in any_rate(), n in any_u64()) {
        if let Ok(shares) = rate.shares_floor(Lamports(n)) {
            prop_assert!(rate.lamports_floor(shares).unwrap() <= Lamports(n));
        }
        if let Ok(lamports) = rate.lamports_floor(Shares(n)) {
            if let Ok(shares) = rate.shares_floor(lamports) {
                prop_assert!(shares <= Shares(n));
            }
        }
        if let Ok(shares) = rate.shares_ceil(Lamports(n)) {
            prop_assert!(rate.lamports_floor(shares).map_or(true, |lamports| lamports >= Lamports(n)));
        }
    }

    #[test]
    fn rates_compare_as_fractions(a in any_rate(), b in any_rate()) {
        let side = |rate: &Rate| if rate.supply.is_zero() { (1, 1) } else { (rate.value.0, rate.supply.0) };
        let ((a_value, a_supply), (b_value, b_supply)) = (side(&a), side(&b));
        prop_assert_eq!(a.cmp(&b), (big(a_value) * b_supply).cmp(&(big(b_value) * a_supply)));
        prop_assert_eq!(a == b, a.cmp(&b) == Ordering::Equal);
        prop_assert_eq!(a.partial_cmp(&b), Some(a.cmp(&b)));
    }
}
