//! Cranks in any order, in any batches, any number of times: the pool comes out the same.

use {
    crate::support::*,
    tidepool_localnet::{Chain, ValidatorConfig, World, WorldConfig},
};

/// Seven validators that differ, after two epochs of work; rewards, free lamports, an active onramp, a cooled offramp and a
/// gift wait to be found.
fn with_much_to_find() -> World {
    let validators = (0..7)
        .map(|n| ValidatorConfig::default().with_commission_bps(n * 100).with_uptime_bps(10_000 - 500 * n))
        .collect();
    let mut world = staked(WorldConfig::default().with_validators(validators), 8_000 * SOL);
    world.run_epoch().unwrap();
    world.deposit("bob", 2_000 * SOL).unwrap();
    world.work_the_window().unwrap();
    world.order_unstake("ana", 500 * SOL).unwrap();
    world.next_slot();
    world.move_stake().unwrap();
    for index in 0..7 {
        let main = world.validators[index].stakes[0];
        world.give(&main, index as u64 * SOL).unwrap();
    }
    let reserve = world.keys.reserve;
    world.give(&reserve, 3 * SOL).unwrap();
    world.cross_epoch();
    world
}

#[derive(Clone, Copy, Debug)]
enum Crank {
    Update(&'static [usize]),
    Sync,
}
use Crank::*;

/// What the pool is after these cranks: value with what is withheld, the end of the stream, shares, and lamports of every
/// account.
fn after(cranks: &[Crank]) -> (u64, u64, u64, i128, Vec<[u64; 3]>, u64) {
    let mut world = with_much_to_find();
    for crank in cranks {
        match crank {
            Update(indices) => drop(world.update(indices.iter().copied()).unwrap()),
            Sync => drop(world.sync().unwrap()),
        }
    }
    assert_all_booked(&world);
    world.next_slot();
    let pool = world.pool();
    let records = (0..7).map(|index| world.record(index).lamports).collect();
    (
        value(&world) + withheld(&world),
        pool.stream_end_slot,
        pool.lst_supply,
        world.held(),
        records,
        value(&world),
    )
}

/// Invariant 7.
#[test]
fn the_order_and_the_batches_of_the_cranks_of_a_slot_do_not_matter() {
    let all: &[usize] = &[0, 1, 2, 3, 4, 5, 6];
    let expected = after(&[Update(all), Sync]);
    let orders: [&[Crank]; 5] = [
        &[Sync, Update(all), Sync],
        &[Update(&[6]), Update(&[5, 4]), Update(&[3, 2, 1, 0]), Sync],
        &[Update(&[0, 2, 4, 6]), Sync, Update(&[1, 3, 5]), Sync],
        &[Update(&[3]), Update(all), Update(all), Sync, Sync],
        &[Update(&[0]), Sync, Update(&[1]), Sync, Update(&[2, 3, 4]), Sync, Update(&[5, 6]), Sync],
    ];
    for cranks in orders {
        let found = after(cranks);
        assert!(found.0.abs_diff(expected.0) <= 16, "{cranks:?}: {} and {}", found.0, expected.0);
        assert!(found.2.abs_diff(expected.2) <= 16, "{cranks:?}: shares");
        assert!(found.5.abs_diff(expected.5) <= 16, "{cranks:?}: value");
        assert_eq!((found.1, found.3, &found.4), (expected.1, expected.3, &expected.4), "{cranks:?}");
    }
}

/// spl#2263/#2269: several updates in an epoch each applied the next step. spl#6059: what was done was done again.
#[test]
fn a_hundred_repeats_of_every_crank_change_and_consume_nothing() {
    let mut world = with_much_to_find();
    world.update_all().unwrap();
    world.sync().unwrap();
    world.to_move_window();
    world.move_stake().unwrap();
    world.sync().unwrap();
    let state = |world: &World| {
        let records: Vec<[u64; 3]> = (0..7).map(|index| world.record(index).lamports).collect();
        let pool = world.pool();
        (
            records,
            pool.reserve_lamports,
            pool.moved_lamports,
            pool.validators_updated,
            pool.lst_supply,
            world.rate(),
        )
    };
    let before = state(&world);
    for _ in 0..100 {
        world.update_all().unwrap();
        world.sync().unwrap();
    }
    for _ in 0..10 {
        world.move_stake().unwrap();
    }
    assert_eq!(state(&world), before);
}

/// stakenet#82, OS-SWD-ADV-02: what was built in one epoch landed in the next and did the last step of the old one.
#[test]
fn a_crank_of_yesterday_is_computed_anew_today() {
    let mut world = with_much_to_find();
    let old_update = world.keys.update_validators(&world.batch(0..7));
    let [old_delegate, old_undelegate] =
        [world.keys.delegate(&world.validators[0]), world.keys.undelegate(&world.validators[0])];
    world.update_all().unwrap();
    world.sync().unwrap();
    world.run_epoch().unwrap();
    let before = (value(&world) + withheld(&world), world.held());
    world.send(&[old_update], &[]).unwrap();
    assert_eq!((value(&world) + withheld(&world), world.held()), before);
    assert!(world.send(&[old_delegate], &[]).is_err(), "too early in the epoch");
    assert!(world.send(&[old_undelegate], &[]).is_err(), "too early in the epoch");
}

/// Marinade, spl: a part of the validators updated, then users, then the rest; nobody gains by when he acts.
#[test]
fn no_round_trip_between_two_halves_of_an_update_gains() {
    for first in 1..7 {
        let mut world = with_much_to_find();
        let before = world.sol_of("eve");
        world.add_liquidity("cat", 5_000 * SOL).unwrap();
        world.advance(Chain::next_slot);
        world.update(0..first).unwrap();
        world.deposit("eve", 1_000 * SOL).unwrap();
        world.update(first..7).unwrap();
        world.sync().unwrap();
        world.liquid_unstake("eve", world.lst_of("eve")).unwrap();
        assert!(world.sol_of("eve") < before);
    }
}
