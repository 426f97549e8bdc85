//! What limits the stake of a validator: a share of all, a share for its group, its bond, its share of the cluster; and how much
//! may move in an epoch. All of it binds the manager too.

use {
    crate::ground::{self, nothing_due},
    tidepool_client::{events::NothingDueReason, BondTerms},
    tidepool_tests::prelude::*,
};

/// What can be staked: all of it, for these pools keep nothing liquid.
fn all(world: &World) -> u64 {
    world.pool().staked_lamports + world.pool().cooling_lamports + world.pool().free_reserve().unwrap().0
}

fn staked_with(world: &World, indices: &[usize]) -> u64 {
    indices.iter().map(|index| world.record(*index).staked_lamports).sum()
}

/// What lacks less than the smallest delegation gets that much all the same.
#[track_caller]
fn assert_capped(world: &World, indices: &[usize], most: u64) {
    let stake = staked_with(world, indices);
    let tolerance = SOL * indices.len() as u64;
    assert!(stake < most + tolerance && stake + tolerance > most, "{indices:?}: {stake}, {most} is the cap");
}

/// Whoever has the weights, the manager raises them as far as they go.
fn insist(world: &mut World, indices: &[usize]) {
    for index in indices {
        let group = world.record(*index).group;
        world.reweigh(*index, u32::MAX, group).unwrap();
    }
}

#[test]
fn no_delegation_passes_the_cap_of_a_validator() {
    let config = ground::still(4).with_parameters(|p| p.settings.max_validator_bps = 3_000);
    let mut world = ground::funded(config, 1_000 * SOL);
    insist(&mut world, &[0]);
    for _ in 0..3 {
        world.run_epoch().unwrap();
        assert_capped(&world, &[0], all(&world) / 10 * 3);
    }
}

/// Two groups and one validator of none: each group has its cap, by weight among its validators, and what nobody may have stays
/// in the reserve.
#[test]
fn no_delegation_passes_the_cap_of_a_group_of_several_validators() {
    let mut world = ground::funded(ground::still(5), 1_000 * SOL);
    world.set_rules(|rules| rules.max_group_bps = 3_000).unwrap();
    for (index, weight, group) in
        [(0, 2_000_000, 1), (1, 1_000_000, 1), (2, 1_000_000, 7), (3, 1_000_000, 7), (4, 1, 0)]
    {
        world.reweigh(index, weight, group).unwrap();
    }
    for _ in 0..3 {
        world.run_epoch().unwrap();
        let of_group = all(&world) / 10 * 3;
        assert_capped(&world, &[0], of_group / 3 * 2);
        assert_capped(&world, &[1], of_group / 3);
        assert_capped(&world, &[2, 3], of_group);
        assert!(world.record(4).staked_lamports < 2 * SOL);
        assert!(world.pool().free_reserve().unwrap().0 > all(&world) / 10 * 3);
    }
    // One that comes into the group shares its cap; what is too much leaves in a few epochs.
    world.reweigh(4, 3_000_000, 1).unwrap();
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    let of_group = all(&world) / 10 * 3;
    assert_capped(&world, &[0, 1, 4], of_group);
    assert_capped(&world, &[4], of_group / 2);
    // Alone in a group that nobody else weighs in, it has the cap for itself.
    world.reweigh(4, 1, 99).unwrap();
    insist(&mut world, &[4]);
    for _ in 0..4 {
        world.run_epoch().unwrap();
    }
    assert_capped(&world, &[4], all(&world) / 10 * 3);
}

#[test]
fn no_delegation_passes_what_a_bond_backs() {
    let mut world = ground::funded(ground::still(3), 1_000 * SOL);
    world.set_rules(|rules| rules.stake_per_bond = 20).unwrap();
    for (index, bond) in [(0, 10 * SOL), (1, 2 * SOL)] {
        world.open_bond(index, BondTerms::default(), bond).unwrap();
        world.settle(index).unwrap();
    }
    insist(&mut world, &[0, 1, 2]);
    for _ in 0..3 {
        world.run_epoch().unwrap();
        assert_eq!([0, 1, 2].map(|index| world.record(index).staked_lamports), [200 * SOL, 40 * SOL, 0]);
    }
    // What its owner asks for back does not count from the next settlement on.
    world.request_bond_withdrawal(0, 5 * SOL).unwrap();
    world.settle(0).unwrap();
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    assert_eq!(world.record(0).staked_lamports, 100 * SOL);
    world.post_bond(1, SOL).unwrap();
    world.settle(1).unwrap();
    world.run_epoch().unwrap();
    assert_eq!(world.record(1).staked_lamports, 60 * SOL);
}

/// The cluster's stake in the pool's rule is that of the epoch, which programs read by a syscall.
#[test]
fn a_validator_above_its_share_of_the_cluster_gets_no_new_stake() {
    let stakes = [500, 300, 199, 1].map(|thousands| thousands * 1_000 * SOL);
    let validators = stakes.map(|stake| ValidatorConfig::default().with_stake(stake)).to_vec();
    let config = ground::still(4).with_validators(validators);
    let mut world = ground::funded(config, 1_000 * SOL);
    world.set_rules(|rules| rules.max_cluster_bps = 3_000).unwrap();
    insist(&mut world, &[0]);
    world.to_move_window();
    let outcome = world.delegate(0).unwrap();
    assert_eq!(nothing_due(&outcome), Some(NothingDueReason::AboveClusterShare));
    assert_eq!(world.record(0).staked_lamports, 0);
    world.reweigh(0, 100, 0).unwrap();
    world.delegate(1).unwrap();
    assert!(world.record(1).staked_lamports > 249 * SOL, "a share of exactly 30 % is none above it");
    world.set_rules(|rules| rules.max_cluster_bps = 2_999).unwrap();
    world.deposit("bob", 400 * SOL).unwrap();
    let outcome = world.delegate(1).unwrap();
    assert_eq!(nothing_due(&outcome), Some(NothingDueReason::AboveClusterShare));
    world.delegate(2).unwrap();
    assert!(world.record(2).staked_lamports > 340 * SOL);

    // What it has already may stay, and leaves for tickets like any other.
    world.work_the_edge().unwrap();
    world.to_move_window();
    world.undelegate(1).unwrap();
    assert!(world.record(1).staked_lamports > 249 * SOL);
    let ticket = world.order_unstake("ana", 900 * SOL).unwrap();
    ground::next_slot(&mut world);
    world.move_stake().unwrap();
    assert!(world.record(1).cooling_lamports > 0);
    world.work_the_edge().unwrap();
    world.run_epoch().unwrap();
    assert!(world.ticket(&ticket).is_none());
    // And the rule off, it is a validator without that limit.
    world.set_rules(|rules| rules.max_cluster_bps = 10_000).unwrap();
    world.deposit("bob", 400 * SOL).unwrap();
    world.to_move_window();
    world.delegate(0).unwrap();
    assert!(world.record(0).staked_lamports > 100 * SOL);
}

// ---- stake that users bring

/// The most that users may bring to the validator: its stake afterwards is at most its share of all afterwards.
fn room(world: &World, index: usize, most: impl Fn(u64) -> u64) -> u64 {
    let (staked, all) = (world.record(index).staked_lamports, all(world));
    let fits = |more: u64| staked + more <= most(all + more);
    let (mut low, mut high) = (0, 10_000 * SOL);
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        if fits(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Ana brings a lamport more than there is room for, and is refused; what there is room for is taken.
fn expect_room(mut world: World, index: usize, room: u64) {
    let too_much = world.add_stake("ana", index, room + 1).unwrap();
    let enough = world.add_stake("ana", index, room).unwrap();
    world.cross_epoch();
    world.update_all().unwrap();
    let ana = world.user("ana");
    let wallet = ana.wallet.pubkey();
    let deposit = world.keys.deposit_stake(&wallet, &too_much, &world.validators[index], &ana.lst, 0);
    world.expect_refusal(&deposit, &[&ana.wallet], TidepoolError::ValidatorAboveCap);
    world.deposit_stake("ana", &enough, index).unwrap();
}

#[test]
fn no_deposit_of_stake_passes_a_cap_and_the_last_lamport_decides() {
    let share = |bps: u64| move |all: u64| (u128::from(all) * u128::from(bps) / 10_000) as u64;

    let mut world = ground::staked(ground::still(4), 1_000 * SOL);
    let mut settings = world.settings();
    settings.max_validator_bps = 4_000;
    world.set_parameters(settings).unwrap();
    let most = room(&world, 0, share(4_000));
    assert!(most > 200 * SOL);
    expect_room(world, 0, most);

    // Two of the group's three parts of the weight.
    let mut world = ground::staked(ground::still(4), 1_000 * SOL);
    world.set_rules(|rules| rules.max_group_bps = 6_000).unwrap();
    world.reweigh(0, 200, 3).unwrap();
    world.reweigh(1, 100, 3).unwrap();
    let of_group = share(6_000);
    let most = room(&world, 0, |all| (u128::from(of_group(all)) * 2 / 3) as u64);
    assert!(most > 200 * SOL);
    expect_room(world, 0, most);

    let mut world = ground::staked(ground::still(4), 1_000 * SOL);
    world.set_rules(|rules| rules.stake_per_bond = 30).unwrap();
    world.open_bond(0, BondTerms::default(), 10 * SOL).unwrap();
    world.settle(0).unwrap();
    let most = 300 * SOL - world.record(0).staked_lamports;
    expect_room(world, 0, most);
}

// ---- how much moves

/// Marinade's operators unstaked 6.33 M SOL in one epoch; a limit came later (marinade bdcc572, Neodyme 2023 #17).
#[test]
fn when_all_weights_go_to_zero_a_share_leaves_in_each_epoch_and_tickets_are_paid_on_top() {
    let mut world = ground::staked(ground::still(4), 4_000 * SOL);
    let none: Vec<_> = (0..4).map(|index| ground::new_weight(&world, index, 0, 0)).collect();
    let operator = world.operator.insecure_clone();
    world.send(&[ground::wish_weights(&world, none)], &[&operator]).unwrap();
    for _ in 0..4 {
        let most = world.pool().value_floor / 10;
        let before = world.pool().staked_lamports;
        world.update_all().unwrap();
        world.move_stake().unwrap_err(); // it has to wait for the window
        world.to_move_window();
        for _ in 0..3 {
            world.move_stake().unwrap();
        }
        let left = before - world.pool().staked_lamports;
        assert!(left <= most && left > most - SOL, "{left} left, {most} may");
        world.work_the_edge().unwrap();
        assert!(before - world.pool().staked_lamports == left, "the edge moves nothing more");
    }
    let ticket = world.order_unstake("ana", 3_500 * SOL).unwrap();
    world.run_epoch().unwrap();
    world.run_epoch().unwrap();
    assert!(world.ticket(&ticket).is_none());
}

/// spl#1890, #1627: the staker increased and decreased for ever, so that no active stake could be withdrawn.
#[test]
fn a_manager_who_turns_the_weights_around_for_twenty_epochs_keeps_nobody_from_being_paid() {
    let mut world = ground::staked(ground::still(4), 4_000 * SOL);
    let turn = |world: &mut World, favourite: usize| {
        let weight = |index: usize| if index == favourite { u32::MAX } else { 0 };
        let weights: Vec<_> =
            (0..4).map(|index| ground::new_weight(world, index, weight(index), 0)).collect();
        let operator = world.operator.insecure_clone();
        world.send(&[ground::wish_weights(world, weights)], &[&operator]).unwrap();
    };
    let first = world.order_unstake("ana", 500 * SOL).unwrap();
    let mut waiting = vec![];
    for epoch in 0..20 {
        turn(&mut world, epoch % 4);
        world.to_move_window();
        for favourite in [1, 3, 0, 2] {
            turn(&mut world, favourite);
            world.move_stake().unwrap();
            ground::next_slot(&mut world);
        }
        // Active stake can leave as well: some validator always has its share.
        let has_share = |index: &usize| {
            let (pool, record) = (world.pool(), world.record(*index));
            let share = u128::from(record.staked_lamports) * u128::from(pool.total_weight);
            let is_active = ground::delegated(&world, *index, StakeRole::Main) > 3 * SOL;
            is_active && share >= u128::from(pool.staked_lamports) * u128::from(record.effective_weight())
        };
        let giver = (0..4).find(has_share).expect("some validator has its share");
        world.withdraw_stake("ana", 2 * SOL, giver).unwrap();
        world.work_the_edge().unwrap();
        waiting.push(world.order_unstake("ana", 20 * SOL).unwrap());
        if epoch >= 1 {
            assert!(world.ticket(&first).is_none(), "the first ticket waits since {epoch} epochs");
            let due = &waiting[epoch - 1];
            let before_last = epoch < 2 || world.ticket(&waiting[epoch - 2]).is_none();
            assert!(before_last, "ticket {} waits", due.key);
        }
        if world.lst_of("bob") < SOL {
            world.deposit("bob", 100 * SOL).unwrap();
        }
    }
}
