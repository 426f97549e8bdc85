//! The manager gives weights and groups.

use {
    crate::ground::{self, new_weight, wish_weights},
    tidepool_client::NewWeight,
    tidepool_tests::prelude::*,
};

/// What validators of these weights and neutral score weigh.
fn weigh(weights: &[u64]) -> u64 {
    weights.iter().sum::<u64>() * 10_000
}

/// Sets these weights and groups (validator, weight, group) and asserts that records and sums follow, and nothing else.
fn expect_weights(world: &mut World, new: &[(usize, u32, u16)]) {
    let (slot, operator) = (world.chain.slot(), world.operator.insecure_clone());
    let validators = world.validators.clone();
    let list: Vec<NewWeight> =
        new.iter().map(|(index, weight, group)| new_weight(world, *index, *weight, *group)).collect();
    let before: Vec<_> = (0..validators.len()).map(|index| world.record(index)).collect();
    let set = wish_weights(world, list.clone());
    let outcome = world.expect_change(&set, &[&operator], |expected| {
        expected.releases(slot);
        let mut after = before.clone();
        for (index, weight, group) in new {
            (after[*index].weight, after[*index].group) = (*weight, *group);
            expected.record(&validators[*index], |record| {
                (record.weight, record.group) = (*weight, *group);
            });
        }
        expected.pool(|pool| {
            pool.total_weight = after.iter().map(|record| record.effective_weight()).sum();
            for group in 1..limits::MAX_GROUPS {
                let of_group = after.iter().filter(|record| usize::from(record.group) == group);
                pool.group_weights[group] = of_group.map(|record| record.effective_weight()).sum();
            }
        });
    });
    outcome.assert_told(&events::WeightsSet {
        pool: world.keys.pool,
        page: 0,
        weights: list,
        total_weight: world.pool().total_weight,
        state: ground::state(world),
    });
}

#[test]
fn weights_and_groups_change_records_and_sums_and_nothing_else() {
    let mut world = ground::earning();
    expect_weights(&mut world, &[(0, 300, 1), (2, 50, 1), (3, 0, 127)]);
    assert_eq!(world.pool().total_weight, weigh(&[300, 100, 50]));
    assert_eq!((world.pool().group_weight(1), world.pool().group_weight(127)), (weigh(&[300, 50]), 0));
    // From one group to another, and out of all of them.
    expect_weights(&mut world, &[(0, 300, 2), (2, 50, 0), (3, 9, 127)]);
    let pool = world.pool();
    let groups = [1, 2, 127].map(|group| pool.group_weight(group));
    assert_eq!(groups, [0, weigh(&[300]), weigh(&[9])]);
    assert_eq!(pool.group_weights[0], 0, "no group has no weight");
    // What is set again changes nothing.
    expect_weights(&mut world, &[(0, 300, 2)]);
}

#[test]
fn of_a_validator_named_twice_the_last_weight_holds() {
    let mut world = ground::earning();
    expect_weights(&mut world, &[(0, 1, 1), (1, 5, 1), (0, 7, 2)]);
    let record = world.record(0);
    assert_eq!((record.weight, record.group), (7, 2));
    assert_eq!(world.pool().total_weight, weigh(&[7, 5, 100, 100]));
    assert_eq!((world.pool().group_weight(1), world.pool().group_weight(2)), (weigh(&[5]), weigh(&[7])));
}

#[test]
fn the_largest_weights_overflow_nothing() {
    let mut world = ground::staked(ground::still(4), 400 * SOL);
    let all: Vec<_> = (0..4).map(|index| (index, u32::MAX, 1)).collect();
    expect_weights(&mut world, &all);
    assert_eq!(world.pool().total_weight, weigh(&[u32::MAX.into(); 4]));
    world.deposit("bob", 400 * SOL).unwrap();
    world.run_epoch().unwrap();
    for index in 0..4 {
        assert!(world.record(index).staked_lamports > 199 * SOL);
    }
}

#[test]
fn a_transaction_sets_twenty_four_weights() {
    const MOST: usize = 24;
    let mut config = ground::still(MOST + 1);
    config.weights.clear();
    let mut world = ground::funded(config, 10 * SOL); // which pays the rent of stake accounts
    for index in 0..=MOST {
        world.add_validator(index, 100).unwrap();
    }
    let operator = world.operator.insecure_clone();
    let weights = |world: &World, count: usize| -> Vec<NewWeight> {
        (0..count).map(|index| new_weight(world, index, 1 + index as u32, 1 + index as u16 % 3)).collect()
    };
    // The manager pays, so that nobody else signs.
    let too_many = wish_weights(&world, weights(&world, MOST + 1));
    let failure = world.chain.send(&[too_many], &[&operator]).unwrap_err();
    assert!(failure.logs[0].contains("transaction too large"), "{failure}");
    let set = wish_weights(&world, weights(&world, MOST));
    let outcome = world.chain.send(&[set], &[&operator]).unwrap();
    assert!(outcome.bytes <= 1_232, "{} bytes", outcome.bytes);
    assert!(outcome.compute_units < 60_000, "{} CU", outcome.compute_units);

    let sum: u64 = (1..=MOST as u64).sum::<u64>() + 100;
    assert_eq!(world.pool().total_weight, weigh(&[sum]));
    for index in 0..MOST {
        let record = world.record(index);
        assert_eq!((record.weight, record.group), (1 + index as u32, 1 + index as u16 % 3));
    }
    ground::next_slot(&mut world); // the books are checked, group by group
}

#[test]
fn weights_for_what_is_not_there_are_refused_and_the_good_ones_beside_them_too() {
    let mut world = ground::earning();
    world.drain(3).unwrap();
    let operator = world.operator.insecure_clone();
    let good = new_weight(&world, 1, 7, 3);
    let vote = world.validators[0].vote;
    let at = |slot_in_page: u8, vote: Pubkey| NewWeight { slot_in_page, vote, ..good };
    let grouped = |group: u16| NewWeight { group, ..new_weight(&world, 0, 1, 0) };
    let bad = [
        ("another's vote account", at(1, vote), TidepoolError::NoSuchValidator),
        ("a free slot", at(4, vote), TidepoolError::NoSuchValidator),
        ("a free slot and no vote account", at(4, Pubkey::default()), TidepoolError::NoSuchValidator),
        ("the slot behind the last", at(32, vote), TidepoolError::NoSuchValidator),
        ("no slot", at(u8::MAX, vote), TidepoolError::NoSuchValidator),
        ("one that leaves", new_weight(&world, 3, 1, 0), TidepoolError::ValidatorIsDraining),
        ("a group too high", grouped(128), TidepoolError::NoSuchGroup),
        ("no group at all", grouped(u16::MAX), TidepoolError::NoSuchGroup),
    ];
    for (what, bad, refusal) in bad {
        println!("{what}");
        world.expect_refusal(&wish_weights(&world, vec![bad]), &[&operator], refusal);
        world.expect_refusal(&wish_weights(&world, vec![good, bad]), &[&operator], refusal);
    }
    world.expect_refusal(&wish_weights(&world, vec![]), &[&operator], TidepoolError::EmptyBatch);
    world.send(&[wish_weights(&world, vec![good, grouped(127)])], &[&operator]).unwrap();
}

/// `solido#388`: the signer was checked but not compared with the stored key.
#[test]
fn only_the_manager_sets_weights_and_drains_and_in_his_pool_alone() {
    let world = ground::earning();
    let (ana, operator) = (world.user("ana").wallet, world.operator.insecure_clone());
    let other = OtherPool::beside(&world);
    let (mine, theirs) = (world.validators[0], other.validator);
    let weights = vec![new_weight(&world, 0, 1, 0)]; // slot and vote are those of the other pool's validator, too
    let key = operator.pubkey();

    for by in [&ana, &other.owner] {
        let set = world.keys.set_weights(&by.pubkey(), &mine.page, weights.clone());
        world.expect_refusal(&set, &[by], TidepoolError::NotTheManager);
        let drain = world.keys.drain_validator(&by.pubkey(), &mine);
        world.expect_refusal(&drain, &[by], TidepoolError::NotTheManager);
    }
    let set = world.keys.set_weights(&key, &theirs.page, weights.clone());
    world.expect_refusal(&set, &[&operator], TidepoolError::WrongPool);
    let drain = world.keys.drain_validator(&key, &theirs);
    world.expect_refusal(&drain, &[&operator], TidepoolError::WrongPool);
    let set = world.keys.set_weights(&key, &mine.page, weights).unsigned(&key);
    world.expect_refusal(&set, &[], AnchorError::AccountNotSigner);
    let drain = world.keys.drain_validator(&key, &mine).unsigned(&key);
    world.expect_refusal(&drain, &[], AnchorError::AccountNotSigner);
}

#[test]
fn the_weight_of_a_group_follows_reviews_drains_and_removals() {
    const GROUP: u16 = 5;
    let mut world = ground::staked(ground::still(4), 400 * SOL);
    for (index, weight) in [(0, 10), (1, 20), (2, 40)] {
        world.reweigh(index, weight, GROUP).unwrap();
    }
    let weights = |world: &World| (world.pool().group_weight(GROUP), world.pool().total_weight);
    assert_eq!(weights(&world), (weigh(&[10, 20, 40]), weigh(&[10, 20, 40, 100])));

    // One breaks a rule, keeps it again, and leaves.
    world.set_rules(|rules| rules.max_commission_bps = 1_000).unwrap();
    world.chain.set_commission(0, 1_001);
    assert_eq!(weights(&world).0, weigh(&[10, 20, 40]), "nobody has looked");
    world.review(0).unwrap();
    assert_eq!(weights(&world), (weigh(&[20, 40]), weigh(&[20, 40, 100])));
    world.reweigh(0, 11, GROUP).unwrap();
    assert_eq!(weights(&world), (weigh(&[20, 40]), weigh(&[20, 40, 100])), "11 × 0");
    world.chain.set_commission(0, 1_000);
    world.review(0).unwrap();
    assert_eq!(weights(&world), (weigh(&[11, 20, 40]), weigh(&[11, 20, 40, 100])));
    world.drain(0).unwrap();
    assert_eq!(weights(&world), (weigh(&[20, 40]), weigh(&[20, 40, 100])));
    world.review(0).unwrap();
    assert_eq!(
        weights(&world),
        (weigh(&[20, 40]), weigh(&[20, 40, 100])),
        "a good review brings nothing back"
    );
    ground::leave(&mut world, 0, 12);
    world.remove(0).unwrap();
    assert_eq!(weights(&world), (weigh(&[20, 40]), weigh(&[20, 40, 100])));
}
