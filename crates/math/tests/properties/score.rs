use tidepool_math::entry::{MAX_EPOCH_GAIN_PPB, PPB};
use tidepool_math::score::*;

use crate::reference::*;
use num_bigint::BigInt;
use tidepool_math::*;

// ---- examples

const FULL: u64 = 4 * 16 * 432_000;

fn performance(credits: u64, commission: u16, bid_ppb: u32) -> Performance {
    Performance { credits, commission: Bps(commission), gain_ppb: 400_000, bid_ppb }
}

/// Means of a pool whose validators all do the same.
fn means_of(one: &Performance) -> Means {
    means(&[(1_000, *one)], 1_000).unwrap()
}

fn means(validators: &[(u64, Performance)], all_stake: u64) -> Option<Means> {
    sums(validators).means(Lamports(all_stake))
}

fn sums(validators: &[(u64, Performance)]) -> Sums {
    let mut sums = Sums::default();
    validators.iter().for_each(|(stake, performance)| sums.add(Lamports(*stake), performance));
    sums
}

const RULES: Rules =
    Rules { max_commission: Bps(1_000), min_credits: Bps(9_000), max_vote_lag: Some(16), score_gain: 0 };

#[test]
fn a_mean_weighs_each_validator_with_its_stake() {
    let validators = [(3_000, performance(1_000, 0, 0)), (1_000, performance(200, 10_000, 40))];
    let expected = Means { credits: 800, kept_credits: 7_500_000, gain_ppb: 400_000, bid_ppb: 10 };
    assert_eq!(means(&validators, 4_000), Some(expected));
}

/// Who reviews only whom he likes makes no means.
#[test]
fn two_thirds_of_the_stake_make_a_mean_and_a_lamport_less_does_not() {
    let reviewed = [(2_000, performance(1, 0, 0))];
    for (all_stake, is_enough) in [(0, true), (2_000, true), (3_000, true), (3_001, false), (u64::MAX, false)]
    {
        assert_eq!(means(&reviewed, all_stake).is_some(), is_enough, "{all_stake}");
    }
    assert_eq!(means(&[], 0), None);
    assert_eq!(means(&[(0, performance(1, 0, 0))], 0), None, "nothing is weighed");
    assert_eq!(means(&[(1, performance(1, 0, 0))], 1).unwrap().credits, 1);
}

#[test]
fn a_credit_ratio_is_rounded_down_and_whole_where_nobody_earned() {
    for (credits, mean, ratio) in [
        (0, 0, 10_000),
        (7, 0, 10_000),
        (0, 7, 0),
        (9, 10, 9_000),
        (8_999, 9_999, 8_999),
        (9_999, 10_000, 9_999),
        (2, 1, 20_000),
        (u64::MAX, 1, u16::MAX),
        (u64::MAX, u64::MAX, 10_000),
        (u64::MAX - 1, u64::MAX, 9_999),
    ] {
        assert_eq!(credit_ratio(credits, mean), Bps(ratio), "{credits} of {mean}");
    }
}

#[test]
fn rules_are_looked_at_in_one_order_and_the_first_that_is_broken_says_why() {
    let means = means_of(&performance(FULL, 500, 0));
    let judged =
        |commission, lag, credits| judge(&RULES, &performance(credits, commission, 0), lag, Some(&means));
    let few = FULL / 10 * 9 - 1;
    assert_eq!(judged(1_000, 16, FULL / 10 * 9), (Verdict::Sound, NEUTRAL_SCORE), "just within each");
    assert_eq!(judged(1_000, 16, few), (Verdict::TooFewCredits, Bps(0)));
    assert_eq!(judged(1_000, 17, few), (Verdict::Silent, Bps(0)));
    assert_eq!(judged(1_001, 17, few), (Verdict::CommissionTooHigh, Bps(0)));
    assert_eq!(judged(1_001, 0, FULL), (Verdict::CommissionTooHigh, Bps(0)));
}

#[test]
fn a_rule_that_a_pool_does_not_have_catches_nobody() {
    let loose = Rules { max_commission: Bps::ONE, min_credits: Bps(0), max_vote_lag: None, score_gain: 0 };
    let means = means_of(&performance(FULL, 500, 0));
    for lag in [0, u64::MAX] {
        let judged = judge(&loose, &performance(0, 10_000, 0), lag, Some(&means));
        assert_eq!(judged, (Verdict::Sound, NEUTRAL_SCORE));
    }
}

/// Nobody is taken for bad because nothing is known yet: stakenet#72.
#[test]
fn without_means_credits_and_yield_say_nothing_and_the_other_rules_hold() {
    let eager = Rules { score_gain: 100, ..RULES };
    let judged = |commission, lag| judge(&eager, &performance(0, commission, 7), lag, None);
    assert_eq!(judged(1_000, 16), (Verdict::Sound, NEUTRAL_SCORE));
    assert_eq!(judged(1_001, 16), (Verdict::CommissionTooHigh, Bps(0)));
    assert_eq!(judged(1_000, 17), (Verdict::Silent, Bps(0)));
}

#[test]
fn a_score_follows_the_yield_as_far_as_the_gain_says() {
    let means = means_of(&performance(1_000_000, 500, 0));
    let score = |performance: Performance, gain| yield_score(&performance, &means, gain).0;
    // 1 % more credits are 1 % more yield.
    assert_eq!(score(performance(1_010_000, 500, 0), 1), 10_100);
    assert_eq!(score(performance(1_010_000, 500, 0), 10), 11_000);
    assert_eq!(score(performance(990_000, 500, 0), 10), 9_000);
    assert_eq!(score(performance(990_000, 500, 0), 0), 10_000);
    // Commission of 0 instead of 5 %: 5.26 % more. None of it: all is lost.
    assert_eq!(score(performance(1_000_000, 0, 0), 1), 10_526);
    assert_eq!(score(performance(1_000_000, 10_000, 0), 1), 0);
    assert_eq!(score(performance(0, 500, 0), 1), 0);
    // A bid of 4,000 lamports per 10^9 is a hundredth of what stake gains.
    assert_eq!(score(performance(1_000_000, 500, 4_000), 10), 11_000);
    assert_eq!(score(performance(2_000_000, 500, 0), 1), 20_000);
    assert_eq!(score(performance(u64::MAX, 0, u32::MAX), u16::MAX), 20_000);
    assert_eq!(score(performance(0, 10_000, 0), u16::MAX), 0);
}

/// Towards the neutral score, on both sides.
#[test]
fn less_than_a_basis_point_of_difference_is_none() {
    let means = Means { credits: 1, kept_credits: 0, gain_ppb: 1_000_000, bid_ppb: 0 };
    let score = |bid_ppb: i64| {
        let own = Means { gain_ppb: 1_000_000, ..means };
        let bid = Performance { bid_ppb: u32::try_from(bid_ppb.max(0)).unwrap(), ..Performance::default() };
        yield_score(&bid, &own, 1).0
    };
    assert_eq!([99, 100, 199, 200].map(score), [10_000, 10_001, 10_001, 10_002]);
    let below = |missing: u64| {
        let means = Means { kept_credits: 10_000_000_000, ..means };
        yield_score(&Performance { credits: 1_000_000 - missing, ..Performance::default() }, &means, 1).0
    };
    assert_eq!([0, 99, 100, 199, 200].map(below), [10_000, 10_000, 9_999, 9_999, 9_998]);
}

#[test]
fn who_bids_gets_more_and_leaves_the_others_half_of_what_they_had() {
    let conduct = performance(1_000_000, 500, 0);
    // Half of what a pool earns is bid.
    let means = Means { bid_ppb: 400_000, ..means_of(&conduct) };
    let score = |bid_ppb| sound_score(&Performance { bid_ppb, ..conduct }, &means, 10).0;
    assert_eq!([0, 399_999, 400_000, 440_000, 800_000].map(score), [5_000, 10_000, 10_000, 15_000, 20_000]);
    // Half of a better conduct is more, of none at all it is nothing.
    let by_credits = |credits| sound_score(&performance(credits, 500, 0), &means, 10).0;
    assert_eq!([0, 950_000, 1_050_000].map(by_credits), [0, 2_500, 7_500]);
}

/// The smallest bid beside a gain of nothing would leave all others without a score.
#[test]
fn a_bid_decides_nothing_while_no_gain_is_known() {
    let means = Means { gain_ppb: 0, bid_ppb: 1, ..means_of(&performance(FULL, 0, 0)) };
    for bid in [0, 1, u32::MAX] {
        assert_eq!(yield_score(&performance(FULL, 0, bid), &means, 10), NEUTRAL_SCORE);
    }
}

#[test]
fn a_score_moves_in_steps_and_to_nothing_and_back_at_once() {
    let step = SCORE_STEP.0;
    for (old, new, settled) in [
        (10_000, 10_000 + step - 1, 10_000),
        (10_000, 10_000 - step + 1, 10_000),
        (10_000, 10_000 + step, 10_000 + step),
        (10_000, 10_000 - step, 10_000 - step),
        (1, 0, 0),
        (0, 1, 1),
        (0, 0, 0),
        (1, step, 1),
        (0, 20_000, 20_000),
        (20_000, 0, 0),
        (u16::MAX, 1, 1),
    ] {
        assert_eq!(settled_score(Bps(old), Bps(new)), Bps(settled), "{old} to {new}");
    }
}

// ---- against exact arithmetic

fn any_bps() -> BoxedStrategy<Bps> {
    prop_oneof![4 => bps(), 1 => any::<u16>().prop_map(Bps)].boxed()
}

fn any_performance() -> BoxedStrategy<Performance> {
    (any_u64(), any_bps(), any_ppb(), any_ppb())
        .prop_map(|(credits, commission, gain_ppb, bid_ppb)| Performance {
            credits,
            commission,
            gain_ppb,
            bid_ppb,
        })
        .boxed()
}

/// What validators of a cluster do.
fn usual_performance() -> BoxedStrategy<Performance> {
    (0..=FULL, bps(), 0..1_000_000u32, 0..100_000u32)
        .prop_map(|(credits, commission, gain_ppb, bid_ppb)| Performance {
            credits,
            commission,
            gain_ppb,
            bid_ppb,
        })
        .boxed()
}

/// Any stake and performance, and those of clusters.
fn validators() -> BoxedStrategy<Vec<(u64, Performance)>> {
    let any = prop::collection::vec((any_u64(), any_performance()), 0..12);
    let usual = prop::collection::vec((0..1u64 << 54, usual_performance()), 1..12);
    prop_oneof![any, usual].boxed()
}

fn any_means() -> BoxedStrategy<Means> {
    (any_u64(), any_u64(), any_ppb(), any_ppb())
        .prop_map(|(credits, kept_credits, gain_ppb, bid_ppb)| Means {
            credits,
            kept_credits,
            gain_ppb,
            bid_ppb,
        })
        .boxed()
}

fn any_rules() -> BoxedStrategy<Rules> {
    (any_bps(), any_bps(), prop::option::of(any_u64()), any::<u16>())
        .prop_map(|(max_commission, min_credits, max_vote_lag, score_gain)| Rules {
            max_commission,
            min_credits,
            max_vote_lag,
            score_gain,
        })
        .boxed()
}

fn exact_kept(performance: &Performance) -> BigUint {
    big(performance.credits) * BPS.saturating_sub(performance.commission.0.into())
}

fn at_most<T: Into<BigUint> + Copy + TryFrom<BigUint>>(n: BigUint, most: T) -> T {
    T::try_from(n).unwrap_or(most)
}

/// Sums that fit their 128 bits are exact, whatever they are of.
fn exact_sum(validators: &[(u64, Performance)], value: impl Fn(&Performance) -> BigUint) -> BigUint {
    validators.iter().map(|(stake, performance)| value(performance) * *stake).sum()
}

fn exact_score(performance: &Performance, means: &Means, gain: u16) -> BigInt {
    let int = |n: BigUint| BigInt::from(n);
    let earned = floor(exact_kept(performance) * means.gain_ppb, means.kept_credits)
        .map_or(big(means.gain_ppb), |earned| earned.min(big(PPB)));
    let own = int(earned) + performance.bid_ppb;
    let mean = int(big(means.gain_ppb)) + means.bid_ppb;
    let exact = match means.gain_ppb {
        0 => BigInt::from(10_000),
        // Big integers too divide towards zero.
        _ => (own - &mean) * gain * BPS / mean + 10_000,
    };
    exact.clamp(BigInt::from(0), BigInt::from(20_000))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn kept_credits_are_exact(performance in any_performance()) {
        prop_assert_eq!(big(performance.kept_credits()), exact_kept(&performance));
    }

    #[test]
    fn sums_are_exact_and_stop_at_the_largest_number(validators in validators()) {
        let sums = sums(&validators);
        let exact = |value: fn(&Performance) -> BigUint| at_most(exact_sum(&validators, value), u128::MAX);
        let stake: BigUint = validators.iter().map(|(stake, _)| big(*stake)).sum();
        prop_assert_eq!(sums.stake.0, at_most(stake, u64::MAX));
        prop_assert_eq!(sums.credits, exact(|p| big(p.credits)));
        prop_assert_eq!(sums.kept_credits, exact(exact_kept));
        prop_assert_eq!(sums.gain, exact(|p| big(p.gain_ppb.min(MAX_EPOCH_GAIN_PPB))));
        prop_assert_eq!(sums.bid, exact(|p| big(p.bid_ppb)));
    }

    /// In which order validators are reviewed, and by whom, makes no difference.
    #[test]
    fn the_order_of_reviews_makes_no_difference(validators in validators().prop_shuffle(), by in 0..12usize) {
        let mut others = validators.clone();
        others.rotate_left(by.min(validators.len()));
        others.reverse();
        prop_assert_eq!(sums(&validators), sums(&others));
    }

    #[test]
    fn means_are_exact_quotients_rounded_down_and_need_two_thirds(
        validators in validators(), all in prop_oneof![any_u64().boxed(), Just(0).boxed()], off in 0..3u64,
    ) {
        let sums = sums(&validators);
        // At the border, and anywhere.
        let border = u64::try_from(big(sums.stake.0) * 3u8 / 2u8).unwrap_or(u64::MAX).saturating_add(off).saturating_sub(1);
        for all in [all, border] {
            let is_enough = sums.stake.0 > 0 && big(sums.stake.0) * 3u8 >= big(all) * 2u8;
            let means = sums.means(Lamports(all));
            prop_assert_eq!(means.is_some(), is_enough);
            let Some(means) = means else { continue };
            let exact = |sum: u128| floor(big(sum), sums.stake.0).unwrap();
            prop_assert_eq!(means.credits, at_most(exact(sums.credits), u64::MAX));
            prop_assert_eq!(means.kept_credits, at_most(exact(sums.kept_credits), u64::MAX));
            prop_assert_eq!(means.gain_ppb, at_most(exact(sums.gain), u32::MAX));
            prop_assert_eq!(means.bid_ppb, at_most(exact(sums.bid), u32::MAX));
        }
    }

    /// A mean lies between the least and the most of what it is of.
    #[test]
    fn a_mean_lies_between_its_validators(validators in prop::collection::vec((1..1u64 << 54, usual_performance()), 1..12)) {
        let means = means(&validators, 0).unwrap();
        let of = |value: fn(&Performance) -> u64| {
            let all = validators.iter().map(|(_, performance)| value(performance));
            (all.clone().min().unwrap(), all.max().unwrap())
        };
        let (least, most) = of(|p| p.credits);
        prop_assert!(least <= means.credits && means.credits <= most);
        let (least, most) = of(|p| p.bid_ppb.into());
        prop_assert!(least <= means.bid_ppb.into() && u64::from(means.bid_ppb) <= most);
        let (least, most) = of(|p| p.gain_ppb.into());
        prop_assert!(least <= means.gain_ppb.into() && u64::from(means.gain_ppb) <= most);
    }

    #[test]
    fn a_credit_ratio_is_the_exact_part_rounded_down(credits in any_u64(), mean in any_u64()) {
        let exact = floor(big(credits) * BPS, mean).map_or(10_000, |ratio| at_most(ratio, u16::MAX));
        prop_assert_eq!(credit_ratio(credits, mean), Bps(exact));
    }

    /// stakenet#122: a score's products left 64 bits in production. Here any arguments at all have a result.
    #[test]
    fn a_yield_score_is_exact_rounded_towards_the_neutral_one_and_clamped(
        performance in prop_oneof![any_performance(), usual_performance()],
        means in prop_oneof![any_means(), usual_performance().prop_map(|one| means_of(&one))],
        gain in prop_oneof![0..20u16, any::<u16>()],
    ) {
        prop_assert_eq!(BigInt::from(yield_score(&performance, &means, gain).0), exact_score(&performance, &means, gain));
    }

    /// Whatever others bid, conduct alone is worth half of its score.
    #[test]
    fn bids_of_others_take_at_most_half_of_what_conduct_is_worth(
        performance in prop_oneof![any_performance(), usual_performance()],
        means in prop_oneof![any_means(), usual_performance().prop_map(|one| means_of(&one))],
        gain in prop_oneof![0..20u16, any::<u16>()],
    ) {
        let nobody_bids = Means { bid_ppb: 0, ..means };
        let by_conduct = exact_score(&Performance { bid_ppb: 0, ..performance }, &nobody_bids, gain);
        let exact = exact_score(&performance, &means, gain).max(by_conduct / 2);
        prop_assert_eq!(BigInt::from(sound_score(&performance, &means, gain).0), exact);
    }

    /// What a bond cannot pay is not bid: else a few lamports could leave all others without a score.
    #[test]
    fn a_bid_is_worth_what_the_bond_can_pay_for_an_epoch(bid in any::<u32>(), bond in lamports(), stake in lamports()) {
        let payable = bond::payable_bid(bid, bond, stake);
        let exact = floor(big(bond.0) * PPB, stake.0).map_or(big(0u8), |most| most.min(big(bid)));
        prop_assert_eq!(big(payable), exact);
        // What it adds to the mean, in lamports, never is more than the bond.
        prop_assert!(big(payable) * stake.0 <= big(bond.0) * PPB);
    }

    #[test]
    fn a_judgement_is_the_first_rule_broken_or_the_yield(
        rules in any_rules(), performance in any_performance(), lag in any_u64(), means in prop::option::of(any_means()),
    ) {
        let has_few = |means: &Means| credit_ratio(performance.credits, means.credits) < rules.min_credits;
        let verdict = if performance.commission.0 > rules.max_commission.0 {
            Verdict::CommissionTooHigh
        } else if matches!(rules.max_vote_lag, Some(most) if lag > most) {
            Verdict::Silent
        } else if means.as_ref().is_some_and(has_few) {
            Verdict::TooFewCredits
        } else {
            Verdict::Sound
        };
        let score = match (verdict, &means) {
            (Verdict::Sound, Some(means)) => sound_score(&performance, means, rules.score_gain),
            (Verdict::Sound, None) => NEUTRAL_SCORE,
            _ => Bps(0),
        };
        prop_assert_eq!(judge(&rules, &performance, lag, means.as_ref()), (verdict, score));
        prop_assert!(score <= MAX_SCORE);
    }

    /// stakenet#95, #92: the cluster made votes worth 8 and 16 times as many credits, and scores broke. Here a validator and
    /// the mean are of the same epochs, and only their ratio counts.
    #[test]
    fn credits_worth_sixteen_times_as_much_change_no_judgement(
        validators in prop::collection::vec((1..1u64 << 54, usual_performance()), 1..12), rules in any_rules(), lag in 0..100u64,
        factor in prop_oneof![Just(16u64), Just(8), 1..1_000u64],
    ) {
        let scale = |one: &Performance| Performance { credits: one.credits * factor, ..*one };
        let scaled: Vec<(u64, Performance)> = validators.iter().map(|(stake, one)| (*stake, scale(one))).collect();
        let (before, after) = (means(&validators, 0).unwrap(), means(&scaled, 0).unwrap());
        let in_old_credits =
            Means { credits: after.credits / factor, kept_credits: after.kept_credits / factor, ..after };
        prop_assert_eq!(in_old_credits, before, "the mean grows alike, but for its rounding");

        let credits = before.credits * factor;
        let exact = Means { credits, kept_credits: before.kept_credits * factor, ..before };
        for (_, one) in &validators {
            let judged = judge(&rules, &scale(one), lag, Some(&exact));
            prop_assert_eq!(judged, judge(&rules, one, lag, Some(&before)));
        }
    }

    #[test]
    fn the_same_conduct_for_everybody_is_neutral_whatever_it_is(
        stakes in prop::collection::vec(1..1u64 << 54, 1..12), one in usual_performance(), gain in any::<u16>(),
    ) {
        let validators: Vec<(u64, Performance)> = stakes.into_iter().map(|stake| (stake, one)).collect();
        let means = means(&validators, 0).unwrap();
        prop_assert_eq!(yield_score(&one, &means, gain), NEUTRAL_SCORE);
        prop_assert_eq!(credit_ratio(one.credits, means.credits), Bps::ONE);
    }

    /// More credits, less commission or a higher bid never cost score.
    #[test]
    fn to_do_better_never_costs_score(
        performance in any_performance(), means in any_means(), gain in any::<u16>(),
        credits in any_u64(), commission in any::<u16>(), bid in any::<u32>(),
    ) {
        let better = Performance {
            credits: performance.credits.saturating_add(credits),
            commission: Bps(performance.commission.0.saturating_sub(commission)),
            bid_ppb: performance.bid_ppb.saturating_add(bid),
            ..performance
        };
        prop_assert!(yield_score(&better, &means, gain) >= yield_score(&performance, &means, gain));
    }

    #[test]
    fn a_settled_score_is_the_old_one_or_the_new_one_and_never_a_step_off(old in any::<u16>(), new in 0..=20_000u16) {
        let settled = settled_score(Bps(old), Bps(new));
        prop_assert!(settled == Bps(old) || settled == Bps(new));
        prop_assert!(settled.0.abs_diff(new) < SCORE_STEP.0);
        prop_assert_eq!(settled.0 == 0, new == 0, "a score of 0 is never kept, nor kept off");
        prop_assert_eq!(settled_score(settled, Bps(new)), settled, "a repeat changes nothing");
    }

    /// A yield that swings by less than half a step never moves a score twice.
    #[test]
    fn small_swings_move_no_score_to_and_fro(
        start in any::<u16>(), around in 200..20_000u16, swings in prop::collection::vec(0..SCORE_STEP.0, 1..40),
    ) {
        let mut moves = 0;
        let mut score = Bps(start);
        for swing in swings {
            let next = settled_score(score, Bps(around + swing));
            moves += u32::from(next != score);
            score = next;
        }
        prop_assert!(moves <= 1);
    }
}
