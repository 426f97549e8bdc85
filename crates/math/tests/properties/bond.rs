use tidepool_math::bond::*;
use tidepool_math::entry::PPB;
use tidepool_math::score::Means;

use crate::reference::*;
use tidepool_math::*;

const SOL: u64 = 1_000_000_000;

fn means(gain_ppb: u32) -> Means {
    Means { gain_ppb, ..Means::default() }
}

/// `ceil(stake × rate × epochs / whole)`, or all there is.
fn exact_part(conduct: &Conduct, rate: BigUint, whole: u64) -> Lamports {
    let epochs = conduct.epochs.min(MAX_SETTLED_EPOCHS);
    let exact = expected(ceil(big(conduct.stake.0) * rate * epochs, whole));
    exact.map_or(Lamports::MAX, Lamports)
}

#[test]
fn a_validator_pays_for_its_bid_its_commission_its_missed_votes_and_its_slashing() {
    let terms = Terms { commission: Bps(500), bid_ppb: 20_000 };
    let conduct = Conduct {
        stake: Lamports(1_000 * SOL),
        epochs: 2,
        commission: Bps(700),
        credit_ratio: Bps(8_000),
        lost: Lamports(3 * SOL),
    };
    let charge = charge(&terms, &conduct, Bps(9_000), Some(&means(400_000)));
    // Of a mean gain of 0.4 SOL an epoch: 2 % for the commission, 10 % for the votes.
    let expected = Charge {
        bid: Lamports(40_000_000),
        commission: Lamports(16_000_000),
        credits: Lamports(80_000_000),
        lost: Lamports(3 * SOL),
    };
    assert_eq!((charge, charge.total()), (expected, Lamports(3_136_000_000)));
}

#[test]
fn who_keeps_his_promise_and_the_rule_to_the_point_owes_nothing() {
    let terms = Terms { commission: Bps(500), bid_ppb: 0 };
    let kept = Conduct {
        stake: Lamports(u64::MAX),
        epochs: u64::MAX,
        commission: Bps(500),
        credit_ratio: Bps(9_000),
        lost: Lamports::ZERO,
    };
    let of = |conduct: Conduct| charge(&terms, &conduct, Bps(9_000), Some(&means(1)));
    assert_eq!(of(kept), Charge::default());
    let small = Conduct { stake: Lamports(1), epochs: 1, ..kept };
    let one = Lamports(1);
    let dearer = Conduct { commission: Bps(501), ..small };
    assert_eq!(of(dearer), Charge { commission: one, ..Charge::default() });
    let lazier = Conduct { credit_ratio: Bps(8_999), ..small };
    assert_eq!(of(lazier), Charge { credits: one, ..Charge::default() });
}

#[test]
fn what_does_not_fit_is_all_there_is_and_no_settlement_fails() {
    let terms = Terms { commission: Bps::ZERO, bid_ppb: u32::MAX };
    let most = Conduct {
        stake: Lamports(u64::MAX),
        epochs: u64::MAX,
        commission: Bps(u16::MAX),
        credit_ratio: Bps::ZERO,
        lost: Lamports(u64::MAX),
    };
    let all = charge(&terms, &most, Bps(u16::MAX), Some(&means(u32::MAX)));
    assert_eq!(
        all,
        Charge { bid: Lamports::MAX, commission: Lamports::MAX, credits: Lamports::MAX, lost: Lamports::MAX }
    );
    assert_eq!(all.total(), Lamports::MAX);
    assert_eq!(backed_stake(Lamports(u64::MAX), u32::MAX), Lamports::MAX);
    assert_eq!(payable_bid(u32::MAX, Lamports(u64::MAX), Lamports(1)), u32::MAX);
}

#[test]
fn holders_are_made_whole_before_the_insurance_gets_back_what_it_paid() {
    let back = |paid, lost, insured, carry| {
        back_to_insurance(Lamports(paid), Lamports(lost), Lamports(insured), Lamports(carry)).0
    };
    assert_eq!(back(10, 10, 6, 4), 6);
    assert_eq!(back(5, 10, 6, 4), 1);
    assert_eq!(back(4, 10, 6, 4), 0);
    assert_eq!(back(10, 10, 10, 0), 10);
    // It paid for another validator's loss, and holders bore this one.
    assert_eq!(back(10, 10, 10, 10), 0);
    // Rewards have made good what holders bore: the part that the insurance cannot have paid is theirs all the same.
    assert_eq!(back(10, 10, 6, 0), 6);
    assert_eq!(back(10, 10, 0, 0), 0);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn each_part_of_a_charge_is_exact_and_rounded_up_once(
        (stake, lost) in (lamports(), lamports()),
        epochs in prop_oneof![0..25u64, any_u64()],
        (commission, promised, ratio, least) in (bps(), bps(), bps(), bps()),
        (bid_ppb, gain_ppb) in (any_ppb(), any_ppb()),
        has_means in any::<bool>(),
    ) {
        let terms = Terms { commission: promised, bid_ppb };
        let conduct = Conduct { stake, epochs, commission, credit_ratio: ratio, lost };
        let known = means(gain_ppb);
        let charge = charge(&terms, &conduct, least, has_means.then_some(&known));

        let gain = if has_means { gain_ppb } else { 0 };
        let of_gain = |high: Bps, low: Bps| {
            exact_part(&conduct, big(gain) * high.0.saturating_sub(low.0), PPB * BPS)
        };
        prop_assert_eq!(charge.bid, exact_part(&conduct, big(bid_ppb), PPB));
        prop_assert_eq!(charge.commission, of_gain(commission, promised));
        prop_assert_eq!(charge.credits, of_gain(least, ratio));
        prop_assert_eq!(charge.lost, lost);
        let sum = big(charge.bid.0) + charge.commission.0 + charge.credits.0 + lost.0;
        prop_assert_eq!(big(charge.total().0), sum.min(big(u64::MAX)));
    }

    /// Whoever chooses when to settle chooses nothing: an epoch at a time costs what all at once does, but for the rounding,
    /// and beyond the cap it costs more.
    #[test]
    fn settling_every_epoch_costs_what_settling_once_does(
        stake in 0..1u64 << 59, epochs in 1..=2 * MAX_SETTLED_EPOCHS,
        (commission, promised, ratio, least) in (bps(), bps(), bps(), bps()),
        (bid_ppb, gain_ppb) in (0..2_000_000u32, 0..2_000_000u32),
    ) {
        let terms = Terms { commission: promised, bid_ppb };
        let of = |epochs: u64| {
            let conduct =
                Conduct { stake: Lamports(stake), epochs, commission, credit_ratio: ratio, lost: Lamports::ZERO };
            charge(&terms, &conduct, least, Some(&means(gain_ppb))).total().0
        };
        let (each, once) = (epochs * of(1), of(epochs));
        prop_assert!(once <= each);
        prop_assert!(epochs > MAX_SETTLED_EPOCHS || each - once <= 3 * epochs);
        prop_assert_eq!(of(epochs.max(MAX_SETTLED_EPOCHS)), of(MAX_SETTLED_EPOCHS));
    }

    #[test]
    fn worse_conduct_and_better_terms_never_cost_less(
        stake in lamports(), epochs in 0..12u64, (low, high, promised) in (bps(), bps(), bps()),
        (bid_ppb, gain_ppb) in (0..=u32::MAX / 2, any_ppb()),
    ) {
        let (low, high) = (low.min(high), low.max(high));
        let of = |commission: Bps, credit_ratio: Bps, bid_ppb: u32| {
            let conduct = Conduct { stake, epochs, commission, credit_ratio, lost: Lamports::ZERO };
            charge(&Terms { commission: promised, bid_ppb }, &conduct, Bps::ONE, Some(&means(gain_ppb))).total()
        };
        prop_assert!(of(low, high, bid_ppb) <= of(high, high, bid_ppb));
        prop_assert!(of(low, high, bid_ppb) <= of(low, low, bid_ppb));
        prop_assert!(of(low, high, bid_ppb) <= of(low, high, bid_ppb + bid_ppb / 2));
    }

    #[test]
    fn the_insurance_gets_back_no_more_than_it_paid_and_nothing_that_holders_miss(
        (paid, lost, insured, carry) in (lamports(), lamports(), lamports(), lamports()),
    ) {
        let back = back_to_insurance(paid, lost, insured, carry);
        prop_assert!(back <= insured && back <= paid);
        prop_assert!(back.is_zero() || paid.saturating_minus(back) >= carry);
        prop_assert!(back.is_zero() || big(paid.0 - back.0) + insured.0 >= big(lost.0));
        // All the rest is the insurance's.
        let left = carry.max(lost.saturating_minus(insured));
        prop_assert_eq!(back, paid.saturating_minus(left).min(insured));
    }

    #[test]
    fn backed_stake_is_exact_as_far_as_it_fits(bond in lamports(), per_bond in any::<u32>()) {
        let exact = big(bond.0) * per_bond;
        prop_assert_eq!(big(backed_stake(bond, per_bond).0), exact.min(big(u64::MAX)));
    }

    /// A bid counts as far as there is money for an epoch of it, and no further; without stake, for which it would be paid, not
    /// at all.
    #[test]
    fn a_bid_that_counts_can_be_paid(bid_ppb in any_ppb(), bond in lamports(), stake in lamports()) {
        let counts = payable_bid(bid_ppb, bond, stake);
        let most = floor(big(bond.0) * PPB, stake.0).unwrap_or(big(0u8));
        prop_assert_eq!(big(counts), most.min(big(bid_ppb)));
        let conduct = Conduct { stake, epochs: 1, ..Conduct::default() };
        let owed = charge(&Terms { commission: Bps::ONE, bid_ppb: counts }, &conduct, Bps::ZERO, None).bid;
        prop_assert!(owed <= bond);
    }

    /// Who bore a part beside the insurance is made whole first; the insurance never gets more than it paid, and all that is
    /// lost, paid in however many parts, leaves everybody where he was.
    #[test]
    fn a_loss_that_is_paid_in_parts_makes_holders_whole_before_the_insurance(
        lost in lamports(), insured in lamports(), parts in prop::collection::vec(lamports(), 0..5),
    ) {
        let insured = insured.min(lost);
        let borne = lost.saturating_minus(insured);
        let (mut left, mut insured_left, mut to_holders) = (lost, insured, Lamports::ZERO);
        for part in parts.into_iter().chain([lost]) {
            let paid = part.min(left);
            let missed = borne.saturating_minus(to_holders);
            let back = back_to_insurance(paid, left, insured_left, missed);
            prop_assert!(back <= paid && back <= insured_left);
            to_holders = to_holders.saturating_plus(paid.saturating_minus(back));
            prop_assert!(back.is_zero() || to_holders == borne, "the insurance came first");
            left = left.saturating_minus(paid);
            insured_left = insured_left.saturating_minus(back);
        }
        prop_assert_eq!((left, insured_left, to_holders), (Lamports::ZERO, Lamports::ZERO, borne));
    }
}
