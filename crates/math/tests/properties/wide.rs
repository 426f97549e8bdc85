use tidepool_math::wide::{div_ceil, div_rem, div_wide, halves, join, part_floor, product};

use crate::reference::*;
use tidepool_math::*;

#[test]
fn the_edges_of_a_product_have_a_result_or_a_named_error() {
    assert_eq!(mul_div_floor(u64::MAX, u64::MAX, u64::MAX), Ok(u64::MAX));
    assert_eq!(mul_div_ceil(u64::MAX, u64::MAX, u64::MAX), Ok(u64::MAX));
    assert_eq!(mul_div_floor(u64::MAX, u64::MAX, u64::MAX - 1), Err(MathError::Overflow));
    // The quotient itself fits, rounded up it does not.
    assert_eq!(mul_div_floor(u64::MAX, 3, 3), Ok(u64::MAX));
    assert_eq!(div_ceil(product(u64::MAX, 3) + 1, 3), Err(MathError::Overflow));
    assert_eq!(mul_div_floor(0, 0, 0), Err(MathError::NoValue));
    assert_eq!(mul_div_ceil(u64::MAX, u64::MAX, 0), Err(MathError::NoValue));
    assert_eq!(mul_div_floor(7, 3, 2), Ok(10));
    assert_eq!(mul_div_ceil(7, 3, 2), Ok(11));
    assert_eq!(mul_div_ceil(0, 3, 2), Ok(0));
}

proptest! {
    #![proptest_config(cases(20_000))]

    #[test]
    fn a_product_over_a_divisor_is_exact_rounded_down_and_up(a in any_u64(), b in any_u64(), d in any_u64()) {
        let n = big(a) * b;
        prop_assert_eq!(mul_div_floor(a, b, d), expected(floor(n.clone(), d)));
        prop_assert_eq!(mul_div_ceil(a, b, d), expected(ceil(n, d)));
    }

    #[test]
    fn long_division_is_exact_where_its_digits_are_guessed_wrongly(n in any_u128(), d in prop_oneof![digits(), any_u64()]) {
        prop_assert_eq!(div_rem(n, d).map(|(quotient, _)| quotient), expected(floor(big(n), d)));
        prop_assert_eq!(div_ceil(n, d), expected(ceil(big(n), d)));
        match div_rem(n, d) {
            Ok((quotient, rest)) => {
                prop_assert!(rest < d);
                prop_assert_eq!(big(quotient) * d + rest, big(n));
            }
            Err(_) => prop_assert!(d == 0 || n >> 64 >= u128::from(d)),
        }
        prop_assert_eq!(div_wide(n, d).ok(), n.checked_div(u128::from(d)));
        // A dividend whose high half is just below the divisor has the largest quotients.
        if d > 0 {
            let largest = join(d - 1, n as u64);
            prop_assert_eq!(div_rem(largest, d).map(|(quotient, _)| quotient), expected(floor(big(largest), d)));
        }
    }

    #[test]
    fn halves_join_to_the_whole(n in any_u128()) {
        let (high, low) = halves(n);
        prop_assert_eq!(join(high, low), n);
    }

    #[test]
    fn a_part_is_exact_and_never_more_than_the_amount(amount in any_u64(), n in any_u64(), d in any_u64()) {
        let exact = floor(big(amount) * n.min(d), d).map_or(amount, |part| u64::try_from(part).unwrap());
        prop_assert_eq!(part_floor(amount, n, d), exact);
        prop_assert!(part_floor(amount, n, d) <= amount);
    }
}
