use tidepool_math::daily_cap::SECONDS_PER_DAY;

use crate::reference::*;
use tidepool_math::*;

const DAY: i64 = SECONDS_PER_DAY as i64;

fn any_time() -> impl Strategy<Value = i64> {
    prop_oneof![4 => 0..4_000_000_000i64, 1 => any::<i64>(), 1 => Just(i64::MIN), 1 => Just(i64::MAX)]
}

fn any_cap() -> impl Strategy<Value = DailyCap> {
    (lamports(), lamports(), any_time()).prop_map(|(cap, used, at)| DailyCap { cap, used, at })
}

#[test]
fn a_day_gives_back_what_a_day_allows_and_half_a_day_half_of_it() {
    let full = DailyCap { cap: Lamports(100), used: Lamports(100), at: 1_000 };
    let available = |passed| full.available(1_000 + passed).0;
    assert_eq!(available(0), 0);
    assert_eq!(available(863), 0);
    assert_eq!(available(864), 1);
    assert_eq!(available(DAY / 2), 50);
    assert_eq!(available(DAY - 1), 99);
    assert_eq!(available(DAY), 100);
    assert_eq!(available(1_000 * DAY), 100);
    // A clock that goes back gives nothing.
    assert_eq!(available(-1), 0);
    assert_eq!(full.available(i64::MIN).0, 0);
}

#[test]
fn without_a_cap_everything_may_be_paid_and_nothing_is_counted() {
    let none = DailyCap { cap: Lamports(0), used: Lamports(77), at: 5 };
    assert_eq!(none.available(5), Lamports::MAX);
    assert_eq!(none.spend(Lamports::MAX, 9), DailyCap::default());
    // A cap that was lowered below what is used is used up, and no more than that.
    let lowered = DailyCap { cap: Lamports(10), used: Lamports(100), at: 0 };
    let available = [0, DAY / 2, DAY].map(|now| lowered.available(now).0);
    assert_eq!(available, [0, 5, 10]);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_used_and_what_is_left_are_exact(bucket in any_cap(), now in any_time(), paid in lamports()) {
        let passed = (i128::from(now) - i128::from(bucket.at)).clamp(0, DAY.into()) as u64;
        let back = floor(big(bucket.cap.0) * passed, SECONDS_PER_DAY).unwrap();
        let used = big(bucket.used.0.min(bucket.cap.0));
        let used = &used - back.min(used.clone());
        prop_assert_eq!(big(bucket.used_at(now).0), used.clone());
        if bucket.cap.is_zero() {
            prop_assert_eq!(bucket.available(now), Lamports::MAX);
            return Ok(());
        }
        let left = big(bucket.cap.0) - used.clone().min(big(bucket.cap.0));
        prop_assert_eq!(big(bucket.available(now).0), left);
        let after = bucket.spend(paid, now);
        prop_assert_eq!((after.cap, after.at), (bucket.cap, now));
        prop_assert_eq!(big(after.used.0), (used.clone() + paid.0).min(big(u64::MAX)));
        // What comes back is as if it had not been paid; nobody gives more back than was used.
        let rest = used.clone() - big(paid.0).min(used);
        prop_assert_eq!(big(bucket.give_back(paid, now).used_at(now).0), rest);
        if paid <= bucket.available(now) {
            prop_assert_eq!(after.give_back(paid, now).available(now), bucket.available(now));
        }
    }

    /// However the payments are cut and timed: never more than the cap and what the passing time allows.
    #[test]
    fn payments_never_exceed_the_cap_and_what_time_gives_back(
        cap in 1..=1u64 << 50, steps in prop::collection::vec((0..30_000i64, any_u64(), any::<bool>()), 1..60),
    ) {
        let start = 1_790_000_000;
        let mut bucket = DailyCap { cap: Lamports(cap), ..DailyCap::default() };
        let (mut now, mut total) = (start, big(0u8));
        for (wait, wish, takes_all) in steps {
            now += wait;
            let left = bucket.available(now);
            let paid = if takes_all { left } else { Lamports(wish).min(left) };
            bucket = bucket.spend(paid, now);
            total += paid.0;
            prop_assert!(bucket.used.0 <= cap);
            let allowed = big(cap) * (SECONDS_PER_DAY + (now - start) as u64);
            prop_assert!(total.clone() * SECONDS_PER_DAY <= allowed);
        }
        // Rounding takes at most a lamport a payment; nobody waits longer than a day.
        prop_assert_eq!(bucket.available(now + DAY), Lamports(cap));
    }
}
