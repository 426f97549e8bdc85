//! What stands between a loss and the holders.

use {
    crate::stage::{ask, earning, header, slots},
    tidepool_client::SafetyView,
    tidepool_tests::prelude::*,
};

fn assert_safety(world: &World) -> SafetyView {
    let pool = world.pool();
    let told: SafetyView = ask(world, &world.keys.get_safety());
    let stream = header(world).stream;
    let withheld = stream.unreleased.0 - stream.due(world.chain.slot()).0;
    let insurance = pool.insurance_lamports + pool.insurance_due;
    let value = world.rate().value.0;
    let bps = u128::from(insurance + withheld + pool.bond_lamports) * 10_000 / u128::from(value);
    let expected = SafetyView {
        insurance_lamports: insurance,
        withheld_lamports: withheld,
        bond_lamports: pool.bond_lamports,
        bps_of_value: bps as u64,
    };
    assert_eq!(told, expected);
    told
}

#[test]
fn insurance_and_withheld_rewards_are_told_as_a_part_of_the_value() {
    let mut world = earning(WorldConfig::default());
    let before = assert_safety(&world);
    assert!(before.withheld_lamports > 0 && before.insurance_lamports > 0);
    // Rewards that are released protect nobody any more.
    slots(&mut world, 5);
    let after = assert_safety(&world);
    assert!(after.withheld_lamports < before.withheld_lamports);
    assert_eq!(after.insurance_lamports, before.insurance_lamports);
    // A gift to the insurance counts once a sync has found it.
    let insurance = world.keys.insurance;
    world.give(&insurance, 50 * SOL).unwrap();
    assert_eq!(assert_safety(&world).insurance_lamports, after.insurance_lamports);
    world.sync().unwrap();
    let gifted = assert_safety(&world);
    assert_eq!(gifted.insurance_lamports, after.insurance_lamports + 50 * SOL);
    assert!(gifted.bps_of_value > 500, "{gifted:?}");
    // Its share of rewards counts from the update that found them, though the next sync will move it.
    world.work_the_window().unwrap();
    world.cross_epoch();
    world.update_all().unwrap();
    let due = world.pool().insurance_due;
    assert!(due > 0);
    let found = assert_safety(&world);
    assert_eq!(found.insurance_lamports, gifted.insurance_lamports + due);
    world.sync().unwrap();
    assert_eq!((world.pool().insurance_due, assert_safety(&world)), (0, found));
}

/// What is told covers a loss: one that is as large does not touch the holders, and a lamport more does.
#[test]
fn a_loss_of_as_much_touches_nobody() {
    for beyond in [0, 1] {
        let mut world = earning(WorldConfig::default());
        world.sync().unwrap();
        let told = assert_safety(&world);
        let cover = told.insurance_lamports + told.withheld_lamports;
        let rate = world.rate();
        // The whole cover, in this very slot, at one validator.
        world.slash(0, cover + beyond).unwrap();
        world.update([0]).unwrap();
        assert_eq!(world.rate() < rate, beyond > 0, "{:?}", world.rate());
        let after = assert_safety(&world);
        assert_eq!((after.insurance_lamports, after.withheld_lamports), (0, 0));
    }
}

#[test]
fn a_pool_without_value_is_told_without_a_division() {
    let world = earning(WorldConfig::default());
    crate::stage::patch(&world, &world.keys.pool, |pool| {
        use tidepool_interface::header::offset;
        for field in [offset::VALUE_FLOOR, offset::WITHHELD] {
            pool.data[field..][..8].fill(0);
        }
    });
    let told: SafetyView = ask(&world, &world.keys.get_safety());
    assert_eq!((told.withheld_lamports, told.bps_of_value), (0, 0));
}
