use tidepool_math::fixed::*;

use crate::reference::*;
use tidepool_math::*;

const DAY: u64 = DAY_SECONDS;
const YEAR: u64 = YEAR_SECONDS;
const TOKEN: u64 = 1_000_000_000;

fn terms(bps: u16, lock_seconds: u64) -> FixedTerms {
    FixedTerms { rate: Bps(bps), lock_seconds }
}

fn any_terms() -> impl Strategy<Value = FixedTerms> {
    let lock = prop_oneof![
        1 => 0..3u64,
        4 => 0..=MAX_LOCK_SECONDS,
        1 => Just(YEAR),
        1 => Just(MAX_LOCK_SECONDS),
    ];
    let bps = prop_oneof![1 => 0..3u16, 4 => 0..20_000u16, 1 => Just(u16::MAX)];
    (bps, lock).prop_map(|(bps, lock)| terms(bps, lock))
}

/// A second of a lock, of the time before or after it, or of no time at all.
fn any_elapsed() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => 0..=MAX_LOCK_SECONDS as i64,
        1 => any::<i64>(),
        1 => -3..3i64,
        1 => Just(i64::MIN),
        1 => Just(i64::MAX),
    ]
}

/// `floor(amount × bps × min(max(elapsed, 0), lock) / (10,000 × year))`.
fn earned(terms: &FixedTerms, amount: u64, elapsed: i64) -> Outcome<u64> {
    let seconds = u64::try_from(elapsed.max(0)).unwrap().min(terms.lock_seconds);
    expected(floor(big(amount) * terms.rate.0 * seconds, BPS * YEAR))
}

#[test]
fn the_reference_values_come_out_to_the_unit() {
    let table: [(u64, u16, u64, u64); 14] = [
        (1, 800, 365, 80_000_000),
        (1_000, 800, 30, 6_575_342_465),
        (1_000, 800, 60, 13_150_684_931),
        (10_000, 800, 30, 65_753_424_657),
        (10_000, 800, 100, 219_178_082_191),
        (10_000, 800, 180, 394_520_547_945),
        (10_000, 800, 365, 800_000_000_000),
        (10_000, 800, 400, 800_000_000_000),
        (500_000, 1_600, 1, 219_178_082_191),
        (500_000, 1_600, 30, 6_575_342_465_753),
        (500_000, 1_600, 100, 21_917_808_219_178),
        (500_000, 1_600, 365, 80_000_000_000_000),
        (500_000, 1_600, 366, 80_000_000_000_000),
        (500_000, 1_600, 0, 0),
    ];
    for (tokens, bps, days, units) in table {
        let accrued = terms(bps, YEAR).accrued(Tokens(tokens * TOKEN), (days * DAY) as i64);
        assert_eq!(accrued, Ok(Tokens(units)), "{tokens} at {bps} after {days} days");
    }
    assert_eq!(terms(800, YEAR).accrued(Tokens(TOKEN), 1), Ok(Tokens(2)));
    assert_eq!(terms(1_600, YEAR).accrued(Tokens(500_000 * TOKEN), 1), Ok(Tokens(2_536_783)));
}

#[test]
fn a_lock_above_ten_years_is_refused_whatever_is_asked() {
    let long = terms(1, MAX_LOCK_SECONDS + 1);
    assert_eq!(long.accrued(Tokens(1), 1), Err(MathError::Overflow));
    assert_eq!(long.full_reward(Tokens(1)), Err(MathError::Overflow));
    assert_eq!(long.repaid(Tokens(1)), Err(MathError::Overflow));
    assert_eq!(long.most_backed_by(Tokens(1)), Err(MathError::Overflow));
    assert!(terms(u16::MAX, MAX_LOCK_SECONDS).accrued(Tokens(1), i64::MAX).is_ok());
}

#[test]
fn no_reward_backs_what_earns_less_than_a_unit() {
    // 12 units earn 0.96 in a year, 13 earn 1.04.
    assert_eq!(terms(800, YEAR).most_backed_by(Tokens(0)), Ok(Tokens(12)));
    assert_eq!(terms(800, YEAR).most_backed_by(Tokens(1)), Ok(Tokens(24)));
    // What earns nothing is backed by nothing.
    assert_eq!(terms(0, YEAR).most_backed_by(Tokens(0)), Ok(Tokens::MAX));
    assert_eq!(terms(800, 0).most_backed_by(Tokens(0)), Ok(Tokens::MAX));
}

#[test]
fn a_stake_is_renewed_in_the_second_in_which_its_lock_is_over() {
    let year = terms(800, YEAR);
    let end = YEAR as i64;
    assert_eq!(year.stakes_between(0, 0, end), Ok(1));
    assert_eq!(year.stakes_between(0, 0, end + 1), Ok(2));
    assert_eq!(year.stakes_between(0, end, end + 1), Ok(1));
    assert_eq!(year.stakes_between(0, 1, end), Ok(0));
    assert_eq!(year.stakes_between(0, end, 0), Ok(0));
    assert_eq!(terms(800, 1).stakes_between(i64::MIN, i64::MIN, i64::MAX), Ok(u64::MAX));
    assert_eq!(terms(800, 0).stakes_between(0, 0, 1), Err(MathError::NoValue));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_accrued_is_exact_and_rounded_down(
        terms in any_terms(),
        amount in any_u64(),
        elapsed in any_elapsed(),
    ) {
        let accrued = terms.accrued(Tokens(amount), elapsed);
        prop_assert_eq!(accrued.map(|tokens| tokens.0), earned(&terms, amount, elapsed));
    }

    #[test]
    fn nothing_is_accrued_before_the_stake_or_after_the_lock(
        terms in any_terms(),
        amount in any_u64(),
        elapsed in any_elapsed(),
    ) {
        prop_assert_eq!(terms.accrued(Tokens(amount), elapsed.min(0)), Ok(Tokens(0)));
        let lock = terms.lock_seconds as i64;
        let full = terms.full_reward(Tokens(amount));
        prop_assert_eq!(terms.accrued(Tokens(amount), elapsed.max(lock)), full);
    }

    #[test]
    fn what_is_accrued_never_falls_and_claims_add_up_to_all_of_it(
        terms in any_terms(),
        amount in any_u64(),
        mut seconds in proptest::collection::vec(any_elapsed(), 1..20),
    ) {
        let Ok(full) = terms.full_reward(Tokens(amount)) else { return Ok(()) };
        seconds.sort_unstable();
        seconds.push(terms.lock_seconds as i64);
        let mut claimed = 0;
        let mut latest = i64::MIN;
        for second in seconds {
            latest = latest.max(second);
            let accrued = terms.accrued(Tokens(amount), latest).unwrap().0;
            prop_assert!((claimed..=full.0).contains(&accrued));
            claimed += accrued - claimed;
        }
        prop_assert_eq!(claimed, full.0);
    }

    #[test]
    fn more_earns_no_less_and_parts_no_more_than_the_whole(
        terms in any_terms(),
        a in any_u64(),
        b in any_u64(),
        elapsed in any_elapsed(),
    ) {
        let Some(sum) = a.checked_add(b) else { return Ok(()) };
        let Ok(whole) = terms.accrued(Tokens(sum), elapsed) else { return Ok(()) };
        let parts = [a, b].map(|amount| terms.accrued(Tokens(amount), elapsed).unwrap().0);
        let parts_sum = parts[0] + parts[1];
        prop_assert!(parts_sum <= whole.0 && whole.0 - parts_sum <= 1);
    }

    #[test]
    fn what_is_repaid_is_the_amount_with_its_full_reward_or_an_error(
        terms in any_terms(),
        amount in any_u64(),
    ) {
        let wanted = earned(&terms, amount, i64::MAX)
            .and_then(|reward| expected(Some(big(reward) + amount)));
        prop_assert_eq!(terms.repaid(Tokens(amount)).map(|tokens| tokens.0), wanted);
    }

    #[test]
    fn most_backed_by_is_exactly_the_largest_amount(terms in any_terms(), reward in any_u64()) {
        let most = terms.most_backed_by(Tokens(reward)).unwrap().0;
        let needs = |amount: u64| floor(big(amount) * terms.rate.0 * terms.lock_seconds, BPS * YEAR).unwrap();
        prop_assert!(needs(most) <= big(reward));
        if let Some(more) = most.checked_add(1) {
            prop_assert!(needs(more) > big(reward));
        }
    }

    #[test]
    fn an_early_exit_leaves_half_of_what_was_earned_less_what_was_claimed(
        accrued in any_u64(),
        claimed in any_u64(),
    ) {
        let half = i128::from(accrued) / 2 - i128::from(claimed);
        let reward = early_exit_reward(Tokens(accrued), Tokens(claimed)).0;
        prop_assert_eq!(i128::from(reward), half.max(0));
        // Never more than what is left of what was earned.
        prop_assert!(u128::from(reward) + u128::from(claimed.min(accrued)) <= u128::from(accrued));
    }

    #[test]
    fn a_runway_is_exact_and_without_end_when_nothing_is_promised(
        balance in any_u64(),
        promised in any_u64(),
        lock in 0..=MAX_LOCK_SECONDS,
    ) {
        let exact = floor(big(balance) * lock, promised).and_then(|seconds| u64::try_from(seconds).ok());
        let wanted = exact.unwrap_or(u64::MAX);
        prop_assert_eq!(runway_seconds(Tokens(balance), Tokens(promised), lock), wanted);
    }

    #[test]
    fn stakes_are_counted_one_by_one(
        lock in 1..50u64,
        first in -100..100i64,
        from in -200..200i64,
        until in -200..200i64,
    ) {
        let times = (0..=400).map(|k| first + k * lock as i64);
        let wanted = times.filter(|time| (from..until).contains(time)).count() as u64;
        prop_assert_eq!(terms(800, lock).stakes_between(first, from, until), Ok(wanted));
    }

    #[test]
    fn stakes_of_a_time_are_those_of_its_parts(
        terms in any_terms().prop_filter("a lock", |terms| terms.lock_seconds > 0),
        first in any::<i64>(),
        mut borders in any::<[i64; 3]>(),
    ) {
        borders.sort_unstable();
        let [from, middle, until] = borders;
        let count = |from, until| terms.stakes_between(first, from, until).unwrap();
        prop_assert_eq!(u128::from(count(from, until)), u128::from(count(from, middle)) + u128::from(count(middle, until)));
    }

    #[test]
    fn an_inflow_is_exact_rounded_down_and_at_most_all_there_is(
        per_day in any_u64(),
        seconds in any_u64(),
    ) {
        let exact = floor(big(per_day) * seconds, DAY).and_then(|tokens| u64::try_from(tokens).ok());
        prop_assert_eq!(inflow(Tokens(per_day), seconds).0, exact.unwrap_or(u64::MAX));
    }
}
