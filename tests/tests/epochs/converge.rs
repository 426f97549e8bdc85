//! Invariant 10: from any state, cranks alone bring stake to its targets within three epochs, and then it stays where it is.

use {
    crate::support::*,
    solana_stake_interface::instruction::deactivate_delinquent_stake,
    tidepool_interface::pda::StakeRole,
    tidepool_localnet::{ValidatorConfig, World, WorldConfig},
};

/// In the pool. The chain has one more, who bears witness against those that are silent.
const VALIDATORS: usize = 6;
const WITNESS: usize = VALIDATORS;

/// No rewards, so that what moves is moved by cranks; rebalancing may move all of it.
fn free_to_move() -> WorldConfig {
    let mut config = still().with_validators(vec![ValidatorConfig::default(); VALIDATORS + 1]);
    config.weights.truncate(VALIDATORS);
    config.with_parameters(|p| {
        p.settings.reserve_target_bps = 100;
        p.settings.max_move_bps = 10_000;
    })
}

/// 6,000 SOL, spread evenly.
fn spread() -> World {
    let mut world = staked(free_to_move(), 6_000 * SOL);
    world.run_epoch().unwrap();
    world
}

fn weights(world: &mut World, weights: [u32; VALIDATORS]) {
    for (index, weight) in weights.into_iter().enumerate() {
        world.reweigh(index, weight, 0).unwrap();
    }
}

/// Nobody is a minimum away from the target, and no more than that lies in the reserve, unless caps keep it there.
#[track_caller]
fn assert_at_targets(world: &World, state: &str) {
    let (pool, slot) = (world.pool(), world.chain.slot());
    let mut targets = 0;
    for index in 0..world.validators.len() {
        let (record, target) =
            (world.record(index), pool.target_stake(&world.record(index), slot).unwrap().0);
        assert!(record.staked_lamports.abs_diff(target) < SOL, "{state}: {index} of {target}: {record:?}");
        assert_eq!(record.cooling_lamports + record.main_cooling_lamports, 0, "{state}: {index}");
        assert!(!record.uses(StakeRole::Onramp), "{state}: {index}");
        targets += target;
    }
    let kept_by_caps = delegatable(world) - targets;
    let spare = pool.spare_reserve().unwrap().0;
    assert!(spare < kept_by_caps + SOL, "{state}: {spare} in the reserve, {kept_by_caps} by caps");
}

/// Three epochs of cranks, in an order that changes, reach the targets; in five more nothing moves.
#[track_caller]
fn converges(mut world: World, state: &str) {
    let mut dice = Dice(state.len() as u64);
    let mut order: Vec<usize> = (0..world.validators.len()).collect();
    let mut epoch = |world: &mut World| {
        dice.shuffle(&mut order);
        world.to_move_window();
        order.iter().for_each(|index| drop(world.undelegate(*index).unwrap()));
        order.iter().rev().for_each(|index| drop(world.delegate(*index).unwrap()));
        world.work_the_edge().unwrap();
    };
    (0..3).for_each(|_| epoch(&mut world));
    assert_at_targets(&world, state);
    let stakes = |world: &World| -> Vec<[u64; 3]> {
        (0..world.validators.len()).map(|index| world.record(index).lamports).collect()
    };
    let settled = (stakes(&world), world.pool().reserve_lamports);
    (0..5).for_each(|_| epoch(&mut world));
    assert_eq!((stakes(&world), world.pool().reserve_lamports), settled, "{state}: it stays");
    assert!(world.tickets.is_empty(), "{state}");
    assert_all_booked(&world);
}

#[test]
fn a_fresh_deposit_however_small_or_large_is_spread() {
    for lamports in [SOL, 3 * SOL, 7 * SOL + 1, 60 * SOL, 20_000 * SOL] {
        let mut world = spread();
        world.deposit("bob", lamports).unwrap();
        converges(world, &format!("{lamports} deposited"));
    }
    let mut world = peopled(free_to_move());
    world.deposit("ana", 6_000 * SOL).unwrap();
    converges(world, "the first deposit");
}

#[test]
fn stake_that_is_all_with_one_validator_is_spread() {
    for index in [0, 5] {
        let mut world = peopled(free_to_move());
        let mut all_to_one = [0; VALIDATORS];
        all_to_one[index] = 100;
        weights(&mut world, all_to_one);
        world.deposit("ana", 6_000 * SOL).unwrap();
        world.run_epoch().unwrap();
        assert!(world.record(index).staked_lamports > 5_900 * SOL);
        weights(&mut world, [100; VALIDATORS]);
        converges(world, "all with one");
    }
}

#[test]
fn stake_follows_new_weights() {
    for new in [
        [600, 500, 400, 300, 200, 100],
        [1, 1_000_000, 0, 7, 0, 0],
        [0, 0, 0, 0, 0, 1],
        [3, 5, 7, 11, 13, 17],
        [0; VALIDATORS],
    ] {
        let mut world = spread();
        weights(&mut world, new);
        converges(world, &format!("weights {new:?}"));
    }
}

#[test]
fn caps_keep_in_the_reserve_what_nobody_may_have() {
    for (most, of_group, groups) in [
        (1_000, 10_000, [0, 0, 0, 0, 0, 0]),
        (2_000, 10_000, [0, 0, 0, 0, 0, 0]),
        (10_000, 3_000, [1, 1, 1, 2, 0, 0]),
        (2_500, 4_000, [1, 1, 2, 2, 2, 2]),
    ] {
        let mut world = spread();
        let settings = tidepool_client::PoolSettings { max_validator_bps: most, ..world.settings() };
        world.set_parameters(settings).unwrap();
        world.set_rules(|rules| rules.max_group_bps = of_group).unwrap();
        for (index, group) in groups.into_iter().enumerate() {
            world.reweigh(index, 100 + 150 * index as u32, group).unwrap();
        }
        converges(world, &format!("caps of {most} and {of_group}"));
    }
}

#[test]
fn a_new_validator_beside_others_gets_its_part() {
    let mut config = free_to_move();
    config.weights.truncate(VALIDATORS - 1);
    let mut world = staked(config, 6_000 * SOL);
    for _ in 0..2 {
        world.run_epoch().unwrap();
        world.deposit("bob", SOL / 2).unwrap(); // everybody lacks a little
    }
    world.add_validator(VALIDATORS - 1, 100).unwrap();
    converges(world, "a new validator");
}

#[test]
fn validators_that_broke_a_rule_lose_all_and_get_it_back() {
    let mut world = spread();
    world.set_rules(|rules| rules.max_commission_bps = 1_000).unwrap();
    for index in 0..VALIDATORS / 2 {
        world.chain.set_commission(index, 5_000);
        world.review(index).unwrap();
        assert!(world.record(index).must_leave());
    }
    converges(world, "half of the scores at 0");

    let mut world = spread();
    world.set_rules(|rules| rules.max_commission_bps = 1_000).unwrap();
    for index in 0..VALIDATORS / 2 {
        world.chain.set_commission(index, 5_000);
    }
    run_epochs(&mut world, 3);
    for index in 0..VALIDATORS / 2 {
        assert_eq!(world.record(index).staked_lamports, 0);
        world.chain.set_commission(index, 500);
        world.review(index).unwrap();
    }
    converges(world, "half of the scores back");
}

#[test]
fn tickets_for_half_of_the_pool_and_for_nearly_all_of_it_leave_the_rest_spread() {
    for percent in [1, 50, 97] {
        for in_window in [false, true] {
            let mut world = spread();
            if in_window {
                world.work_the_window().unwrap();
            }
            let lst = world.lst_of("ana") / 100 * percent;
            world.order_unstake("ana", lst).unwrap();
            world.next_slot();
            converges(world, &format!("{percent} % in tickets, in the window: {in_window}"));
        }
    }
}

/// Down to less than the minimum delegation, too.
#[test]
fn after_slashing_what_is_left_is_spread_anew() {
    for losses in [vec![100 * SOL], vec![900 * SOL, 500 * SOL, SOL], vec![980 * SOL]] {
        let mut world = spread();
        for (index, loss) in losses.iter().enumerate() {
            let staked = world.record(index).staked_lamports;
            world.slash(index, (*loss).min(staked - SOL / 2)).unwrap();
        }
        world.update_all().unwrap();
        converges(world, &format!("{losses:?} slashed"));
    }
}

/// spl#3152, spl#5439: what a third party deactivated stayed where it was.
#[test]
fn after_a_third_party_has_deactivated_everything_it_comes_back() {
    for updated in [true, false] {
        let mut world = spread();
        (0..VALIDATORS).for_each(|index| world.chain.set_uptime(index, 0));
        run_epochs(&mut world, 5);
        world.deposit("bob", 3_000 * SOL).unwrap();
        world.work_the_window().unwrap();
        world.chain.vote_all();
        let witness = world.chain.validator(WITNESS).vote;
        for index in 0..VALIDATORS {
            for role in [StakeRole::Main, StakeRole::Onramp] {
                let validator = &world.validators[index];
                let deactivate =
                    deactivate_delinquent_stake(&validator.stake(role), &validator.vote, &witness);
                world.send(&[deactivate], &[]).unwrap();
            }
        }
        if updated {
            world.update_all().unwrap();
        }
        (0..VALIDATORS).for_each(|index| world.chain.set_uptime(index, 10_000));
        converges(world, "all deactivated");
    }
}

/// spl#1890: one account for both directions blocked the other one.
#[test]
fn with_onramps_and_offramps_busy_everywhere_it_converges() {
    let mut world = spread();
    world.to_move_window();
    weights(&mut world, [300, 300, 300, 100, 100, 100]);
    world.move_stake().unwrap();
    world.deposit("bob", 2_000 * SOL).unwrap();
    world.move_stake().unwrap();
    weights(&mut world, [100, 100, 100, 300, 300, 300]);
    world.order_unstake("ana", 1_500 * SOL).unwrap();
    world.next_slot();
    world.move_stake().unwrap();
    let busy = |role| (0..VALIDATORS).filter(|index| world.record(*index).uses(role)).count();
    let (warming, cooling) = (busy(StakeRole::Onramp), busy(StakeRole::Offramp));
    assert!(warming >= 2 && cooling == VALIDATORS, "{warming} warm up, {cooling} cool down");
    converges(world, "everything on its way");
}

/// With a budget it takes longer, at the pace of the budget, and stays then too.
#[test]
fn within_a_move_budget_it_converges_at_the_pace_of_the_budget() {
    let mut world = spread();
    let settings = tidepool_client::PoolSettings { max_move_bps: 1_000, ..world.settings() };
    world.set_parameters(settings).unwrap();
    weights(&mut world, [100, 0, 0, 100, 0, 0]);
    let mut most = 0;
    for _ in 0..7 {
        let cooling = world.pool().cooling_lamports;
        assert_eq!(cooling, 0);
        world.work_the_window().unwrap();
        most = world.pool().cooling_lamports.max(most);
        world.work_the_edge().unwrap();
    }
    assert!(most < value(&world) / 10 + SOL && most > value(&world) / 11, "{most}");
    converges(world, "within a budget");
}

/// With rewards, what moves is no more than what was earned: validators that earn more than others grow beyond their target.
#[test]
fn with_rewards_no_more_moves_than_validators_earn() {
    let validators = (0..VALIDATORS).map(|n| ValidatorConfig::default().with_commission_bps(n as u16 * 200));
    let config = WorldConfig::default().with_validators(validators.collect());
    let mut world = staked(config, 15_000 * SOL);
    run_epochs(&mut world, 3);
    let earned = world.ledger.rewards;
    let mut moved = 0;
    for _ in 0..20 {
        world.to_move_window();
        let before = world.pool();
        world.move_stake().unwrap();
        let after = world.pool();
        moved += before.reserve_lamports - after.reserve_lamports;
        moved += after.cooling_lamports - before.cooling_lamports;
        world.work_the_edge().unwrap();
        let (pool, slot) = (world.pool(), world.chain.slot());
        for index in 0..VALIDATORS {
            let target = pool.target_stake(&world.record(index), slot).unwrap().0;
            let staked = world.record(index).staked_lamports;
            assert!(staked.abs_diff(target) < 5 * SOL, "{index}: {staked} of {target}");
        }
    }
    let earned = (world.ledger.rewards - earned) as u64;
    println!("{} SOL earned and {} SOL moved in 20 epochs", earned / SOL, moved / SOL);
    assert!(moved <= earned, "{moved} of {earned}");
}
