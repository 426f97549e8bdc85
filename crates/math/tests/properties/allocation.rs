use crate::reference::*;
use tidepool_math::*;

const SOL: u64 = 1_000_000_000;

fn undelegate(
    active: u64,
    current: u64,
    target: u64,
    shortfall: u64,
    budget: u64,
    minimum: u64,
) -> Option<u64> {
    let [active, current, target, shortfall, budget, minimum] =
        [active, current, target, shortfall, budget, minimum].map(Lamports);
    stake_to_undelegate(active, current, target, shortfall, budget, minimum).map(|stake| stake.0)
}

#[test]
fn a_surplus_is_moved_within_the_budget_and_tickets_are_served_beyond_it() {
    assert_eq!(undelegate(10 * SOL, 10 * SOL, 4 * SOL, 0, 100 * SOL, SOL), Some(6 * SOL));
    assert_eq!(undelegate(10 * SOL, 10 * SOL, 4 * SOL, 0, 2 * SOL, SOL), Some(2 * SOL));
    assert_eq!(undelegate(10 * SOL, 10 * SOL, 4 * SOL, 0, 0, SOL), None);
    assert_eq!(undelegate(10 * SOL, 10 * SOL, 4 * SOL, 5 * SOL, 0, SOL), Some(5 * SOL));
    assert_eq!(undelegate(10 * SOL, 10 * SOL, 4 * SOL, 50 * SOL, 0, SOL), Some(6 * SOL));
    // Less than the minimum is asked for: the minimum is given.
    assert_eq!(undelegate(10 * SOL, 10 * SOL, 4 * SOL, 1, 0, SOL), Some(SOL));
    // Only what is active can be taken.
    assert_eq!(undelegate(3 * SOL, 10 * SOL, 4 * SOL, 50 * SOL, 0, SOL), Some(3 * SOL));
}

#[test]
fn a_validator_at_its_target_gives_one_minimum_for_a_shortfall_and_one_below_it_gives_nothing() {
    assert_eq!(undelegate(10 * SOL, 10 * SOL, 10 * SOL, 7 * SOL, 0, SOL), Some(SOL));
    assert_eq!(undelegate(10 * SOL, 10 * SOL, 10 * SOL - 1, 7 * SOL, 0, SOL), Some(SOL));
    assert_eq!(undelegate(10 * SOL, 10 * SOL, 10 * SOL + 1, 7 * SOL, 0, SOL), None);
    assert_eq!(undelegate(10 * SOL, 10 * SOL, 10 * SOL, 0, SOL, SOL), None);
}

/// stake-pool#756, spl#3994: stake between one and two minimum delegations blocked splits and removals.
#[test]
fn a_rest_below_the_minimum_is_taken_along() {
    for active in [SOL, SOL + SOL / 2, 2 * SOL - 1] {
        assert_eq!(undelegate(active, active, 0, 1, 0, SOL), Some(active));
        assert_eq!(undelegate(active, active, 0, 0, u64::MAX, SOL), Some(active));
        assert_eq!(undelegate(active, active, active, 1, 0, SOL), Some(active));
    }
    assert_eq!(undelegate(2 * SOL, 2 * SOL, 2 * SOL, 1, 0, SOL), Some(SOL));
    // Slashed below the minimum: it must still be possible to empty it.
    assert_eq!(undelegate(SOL - 1, SOL - 1, 0, 0, u64::MAX, SOL), Some(SOL - 1));
    assert_eq!(undelegate(SOL - 1, SOL - 1, SOL - 1, 0, u64::MAX, SOL), None);
    assert_eq!(undelegate(0, 5 * SOL, 0, SOL, SOL, SOL), None);
}

#[test]
fn stake_below_the_minimum_is_not_delegated() {
    let delegate = |spare, target, current| {
        stake_to_delegate(Lamports(spare), Lamports::ZERO, Lamports(target), Lamports(current), Lamports(SOL))
    };
    assert_eq!(delegate(2 * SOL, 10 * SOL, 0), Some(Lamports(2 * SOL)));
    assert_eq!(delegate(29 * SOL, 10 * SOL, 8 * SOL), Some(Lamports(2 * SOL)));
    assert_eq!(delegate(SOL - 1, 10 * SOL, 0), None);
    assert_eq!(delegate(SOL, 10 * SOL, 0), Some(Lamports(SOL)));
    assert_eq!(delegate(0, 10 * SOL, 0), None);
    assert_eq!(delegate(17 * SOL, 10 * SOL, 11 * SOL), None);
    let [nothing, some] = [Lamports::ZERO, Lamports(9)];
    assert_eq!(stake_to_delegate(nothing, nothing, some, nothing, nothing), None);
}

#[test]
fn who_lacks_next_to_nothing_takes_nothing_that_others_lack() {
    let delegate = |spare, part, lacking| {
        stake_to_delegate(Lamports(spare), Lamports(part), Lamports(lacking), Lamports::ZERO, Lamports(SOL))
    };
    assert_eq!(
        delegate(6 * SOL, SOL / 10, SOL / 10),
        Some(Lamports(SOL)),
        "a small deposit, spread over many"
    );
    assert_eq!(delegate(6 * SOL, SOL / 10, SOL / 10 - 1), None, "others lack more than their part");
    assert_eq!(delegate(600 * SOL, 10 * SOL, SOL - 1), None);
    assert_eq!(delegate(600 * SOL, 10 * SOL, SOL), Some(Lamports(SOL)), "the minimum is always enough");
}

/// Examples: a group of two in three, and a bond.
#[test]
fn a_group_shares_what_it_may_have_by_weight_and_a_bond_limits_a_validator() {
    let target = |weight, group_weight, backed: Option<u64>| {
        let backed = backed.map(Lamports);
        let caps = TargetCaps { validator: Bps(4_000), group: Bps(5_000), group_weight, backed };
        target_stake(Lamports(1_000), weight, 100, &caps).unwrap().0
    };
    assert_eq!(target(30, 0, None), 300, "by weight");
    assert_eq!(target(60, 0, None), 400, "a validator's cap");
    assert_eq!(target(30, 80, None), 187, "3/8 of half of it");
    assert_eq!(target(50, 80, None), 312, "5/8 of half of it");
    assert_eq!(target(30, 80, Some(150)), 150);
    assert_eq!(target(30, 80, Some(0)), 0);
    assert_eq!(bond::backed_stake(Lamports(3), 50), Lamports(150));
    assert_eq!(bond::backed_stake(Lamports(u64::MAX), 2), Lamports::MAX);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn delegatable_is_exact_between_nothing_and_the_largest_number(
        stake in lamports(), free in lamports(), buffer in lamports(), unfilled in lamports(),
    ) {
        let (have, keep) = (big(stake.0) + free.0, big(buffer.0) + unfilled.0);
        let exact = if have > keep { have - keep } else { big(0u8) };
        prop_assert_eq!(big(delegatable(stake, free, buffer, unfilled).0), exact.min(big(u64::MAX)));
    }

    #[test]
    fn a_target_is_the_weighted_part_below_the_cap(
        delegatable in lamports(), weight in any_u64(), total in any_u64(), cap in any::<u16>(),
    ) {
        let target = target_stake(delegatable, weight, total, &own_cap(Bps(cap)));
        if cap > 10_000 {
            prop_assert_eq!(target, Err(MathError::InvalidFee));
        } else {
            let most = floor(big(delegatable.0) * cap, BPS).unwrap();
            let exact = floor(big(delegatable.0) * weight, total).map_or(big(0u8), |part| part.min(most));
            prop_assert_eq!(big(target.unwrap().0), exact);
        }
    }

    #[test]
    fn targets_of_all_validators_never_exceed_what_can_be_delegated(
        delegatable in lamports(), weights in prop::collection::vec(0..1_000_000u64, 1..20), cap in bps(),
    ) {
        let total = weights.iter().sum();
        let sum: u128 = weights.iter()
            .map(|weight| u128::from(target_stake(delegatable, *weight, total, &own_cap(cap)).unwrap().0)).sum();
        prop_assert!(sum <= u128::from(delegatable.0));
    }

    /// The least of all limits, each of them exact and rounded down.
    #[test]
    fn a_target_keeps_every_limit_exactly(
        delegatable in lamports(), weight in any_u64(), others in any_u64(), outside in any_u64(),
        validator in bps(), group in bps(), bond in prop::option::of(lamports()), stake_per_bond in any::<u32>(),
    ) {
        let group_weight = weight.saturating_add(others);
        let total = group_weight.saturating_add(outside);
        let backed = bond.map(|bond| bond::backed_stake(bond, stake_per_bond));
        let caps = TargetCaps { validator, group, group_weight, backed };
        let target = target_stake(delegatable, weight, total, &caps).unwrap();
        let of_all = |share: Bps| floor(big(delegatable.0) * share.0, BPS).unwrap();
        let by_weight = floor(big(delegatable.0) * weight, total).unwrap_or_default();
        let in_group = floor(of_all(group) * weight, group_weight).unwrap_or_else(|| big(u64::MAX));
        let backed = bond.map_or(big(u64::MAX), |bond| big(bond.0) * stake_per_bond);
        prop_assert_eq!(big(target.0), by_weight.min(of_all(validator)).min(in_group).min(backed));
        prop_assert_eq!(target.min(caps.most(delegatable, weight).unwrap()), target);
    }

    /// Whatever weights, groups and bonds validators have: no group has a target beyond its share, no validator beyond its own
    /// and its bond's, and all together not beyond what there is.
    #[test]
    fn targets_of_a_group_never_exceed_its_share(
        delegatable in lamports(), validator in bps(), group in bps(),
        validators in prop::collection::vec(
            (prop_oneof![0..100u64, 0..1u64 << 50], 0..4usize, prop::option::of((lamports(), any::<u32>()))), 1..20,
        ),
    ) {
        let weight_of = |group: usize| -> u64 {
            validators.iter().filter(|(_, of, _)| *of == group).map(|(weight, ..)| weight).sum()
        };
        let total = validators.iter().map(|(weight, ..)| weight).sum();
        let mut sums = [0u128; 4];
        for (weight, of, bond) in &validators {
            let group_weight = if *of == 0 { 0 } else { weight_of(*of) };
            let backed = bond.map(|(bond, stake_per_bond)| bond::backed_stake(bond, stake_per_bond));
            let caps = TargetCaps { validator, group, group_weight, backed };
            let target = target_stake(delegatable, *weight, total, &caps).unwrap();
            prop_assert!(target.0 <= validator.of_floor(delegatable.0));
            prop_assert!(backed.is_none_or(|backed| target <= backed));
            sums[*of] += u128::from(target.0);
        }
        let share = u128::from(group.of_floor(delegatable.0));
        prop_assert!(sums[1..].iter().all(|sum| *sum <= share), "{:?} of {}", sums, share);
        prop_assert!(sums.iter().sum::<u128>() <= u128::from(delegatable.0));
    }

    #[test]
    fn a_share_above_all_is_refused_in_every_cap(delegatable in lamports(), weight in any_u64(), share in 10_001..=u16::MAX) {
        let fits = TargetCaps { validator: Bps::ONE, group: Bps::ONE, group_weight: 1, backed: None };
        for caps in [TargetCaps { validator: Bps(share), ..fits }, TargetCaps { group: Bps(share), ..fits }] {
            prop_assert_eq!(target_stake(delegatable, weight, 1, &caps), Err(MathError::InvalidFee));
        }
        // In no group, what a group may have is not asked.
        let alone = TargetCaps { group: Bps(share), group_weight: 0, ..fits };
        prop_assert!(target_stake(delegatable, weight, 1, &alone).is_ok());
    }

    #[test]
    fn what_is_delegated_is_spare_wanted_and_at_least_the_minimum(
        spare in lamports(), part in lamports(), target in lamports(), current in lamports(), minimum in lamports(),
    ) {
        let lacking = target.saturating_minus(current);
        let is_due = !lacking.is_zero() && (lacking >= minimum || lacking >= part);
        let most = if is_due { spare.min(lacking.max(minimum)) } else { Lamports::ZERO };
        match stake_to_delegate(spare, part, target, current, minimum) {
            Some(stake) => {
                prop_assert_eq!(stake, most);
                prop_assert!(stake >= minimum && !stake.is_zero());
            }
            None => prop_assert!(most < minimum || most.is_zero()),
        }
    }

    #[test]
    fn parts_by_weight_are_rounded_down_and_never_more_than_all(
        all in lamports(), weights in prop::collection::vec(0..u64::MAX >> 8, 1..20),
    ) {
        let total: u64 = weights.iter().sum();
        let parts = weights.iter().map(|weight| part_by_weight(all, *weight, total).0);
        let sum: u128 = parts.clone().map(u128::from).sum();
        prop_assert!(sum <= u128::from(all.0));
        for (part, weight) in parts.zip(&weights) {
            prop_assert_eq!(big(part), floor(big(all.0) * *weight, total).unwrap_or_default());
        }
    }

    #[test]
    fn what_is_undelegated_and_what_stays_is_nothing_or_at_least_the_minimum(
        active in lamports(), extra in lamports(), target in lamports(), shortfall in lamports(), budget in lamports(),
        minimum in prop_oneof![Just(Lamports(SOL)), lamports()],
    ) {
        let current = active.saturating_plus(extra);
        let surplus = current.saturating_minus(target);
        let Some(stake) = stake_to_undelegate(active, current, target, shortfall, budget, minimum) else {
            // Nothing to do: no tickets that it must serve, and no surplus it may move.
            prop_assert!(active.is_zero() || shortfall.is_zero() || current < target || minimum.is_zero());
            prop_assert!(active.is_zero() || surplus.min(budget) < minimum.min(active) || surplus.min(budget).is_zero());
            return Ok(());
        };
        prop_assert!(!stake.is_zero() && stake <= active);
        prop_assert!(stake >= minimum || stake == active);
        let rest = active.saturating_minus(stake);
        prop_assert!(rest.is_zero() || rest >= minimum);
        // Beyond what was asked for it only rounds to a stake that can exist.
        let asked = surplus.min(shortfall.max(budget));
        prop_assert!(stake <= asked || big(stake.0) < big(asked.0.max(minimum.0)) + minimum.0);
        // Never below the target by more than that, and nothing at all from a validator below it.
        prop_assert!(current >= target);
        // The tickets' part is never limited by the budget.
        prop_assert!(shortfall.is_zero() || stake >= shortfall.min(surplus).min(active));
        // The other part is.
        prop_assert!(!shortfall.is_zero() || big(stake.0) < big(budget.0) + minimum.0.max(1));
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_validators_share_is_compared_exactly(staked in lamports(), total in lamports(), weight in any_u64(), total_weight in any_u64()) {
        let exact = big(staked.0) * total_weight >= big(total.0) * weight;
        prop_assert_eq!(holds_its_share(staked, total, weight, total_weight), exact);
    }

    /// Whoever wants to leave with stake finds a validator that may give it, whatever the weights; and if only one has
    /// more than its share, that one.
    #[test]
    fn some_validator_always_holds_its_share(validators in prop::collection::vec((0..1u64 << 54, 0..1u64 << 40), 1..20)) {
        let total = Lamports(validators.iter().map(|(staked, _)| staked).sum());
        let total_weight = validators.iter().map(|(_, weight)| weight).sum();
        let holds = |(staked, weight): &(u64, u64)| holds_its_share(Lamports(*staked), total, *weight, total_weight);
        prop_assert!(validators.iter().any(holds));
        // One without weight has its share, with whatever stake is left there.
        prop_assert!(validators.iter().filter(|(_, weight)| *weight == 0).all(holds));
    }
}
