use crate::reference::*;
use tidepool_math::*;

#[test]
fn a_fraction_above_the_whole_is_refused_where_it_is_a_fee() {
    assert_eq!(Bps::new(10_000), Ok(Bps::ONE));
    assert_eq!(Bps::new(10_001), Err(MathError::InvalidFee));
    assert_eq!(Bps::new(u16::MAX), Err(MathError::InvalidFee));
}

#[test]
fn every_error_says_what_it_means() {
    let all = [
        MathError::Overflow,
        MathError::ZeroResult,
        MathError::NoValue,
        MathError::InsufficientLiquidity,
        MathError::Insufficient,
        MathError::InvalidFee,
    ];
    let texts: std::collections::HashSet<_> = all.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), all.len());
    assert!(texts.iter().all(|text| text.len() > 20));
}

#[test]
fn amounts_print_as_plain_numbers() {
    assert_eq!(format!("{} {} {}", Lamports(5), Shares::MAX, Bps(30)), "5 18446744073709551615 30");
    assert_eq!(format!("{:>4}", Lamports(5)), "   5");
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_fraction_of_an_amount_is_exact_down_and_up(bps in any::<u16>(), amount in any_u64()) {
        let n = big(amount) * bps;
        // Above 100 % the result stops at the largest number.
        let floor = expected(floor(n.clone(), BPS)).unwrap_or(u64::MAX);
        let ceil = expected(ceil(n, BPS)).unwrap_or(u64::MAX);
        prop_assert_eq!(Bps(bps).of_floor(amount), floor);
        prop_assert_eq!(Bps(bps).of_ceil(amount), ceil);
    }

    /// spl#6153, Halborn 2023-12: small amounts paid no fee.
    #[test]
    fn a_fee_is_at_least_one_unit_and_never_more_than_the_amount(bps in bps(), amount in any_u64()) {
        prop_assert!(bps.of_ceil(amount) <= amount);
        prop_assert!(bps.of_floor(amount) <= bps.of_ceil(amount));
        prop_assert_eq!(bps.of_ceil(amount) > 0, bps.0 > 0 && amount > 0);
    }

    #[test]
    fn sums_and_differences_are_exact_or_refused(a in any_u64(), b in any_u64()) {
        let sum = Lamports(a).plus(Lamports(b));
        prop_assert_eq!(sum, a.checked_add(b).map(Lamports).ok_or(MathError::Overflow));
        prop_assert_eq!(Lamports(a).saturating_plus(Lamports(b)), sum.unwrap_or(Lamports::MAX));
        let difference = Shares(a).minus(Shares(b));
        prop_assert_eq!(difference, a.checked_sub(b).map(Shares).ok_or(MathError::Insufficient));
        prop_assert_eq!(Shares(a).saturating_minus(Shares(b)), difference.unwrap_or(Shares::ZERO));
        prop_assert_eq!(Lamports(a).non_zero().is_err(), Lamports(a).is_zero());
    }
}
