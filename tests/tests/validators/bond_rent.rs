//! A rise of the rent: a bond's account lacks what was enough when it was opened, and what is owed leaves it all the same.

use {
    crate::{
        bond_settlement::{drain_all, lose},
        bonding::*,
        support::{judging_with, to_next_epoch, usual},
    },
    tidepool_client::BondTerms,
    tidepool_localnet::features,
    tidepool_tests::prelude::*,
};

/// A bond that was opened and settled at a tenth of the rent.
fn cheap(terms: BondTerms, lamports: u64) -> World {
    let config = WorldConfig::default().with_validators(usual(2));
    let config = config.with_chain(|chain| *chain = chain.clone().with_rent_factor(0.1));
    settled_in(judging_with(config), terms, lamports)
}

/// The rent rises with the next epoch. Gives what the bond's account lacks of it then.
fn rise(world: &mut World) -> u64 {
    let before = bond_rent(world);
    world.chain.activate_feature(&features::set_lamports_per_byte_to_6960::id());
    to_next_epoch(world);
    assert!(bond_rent(world) > 9 * before);
    bond_rent(world) - before
}

fn settle_next(world: &mut World) -> u64 {
    world.review(0).unwrap();
    let charge = owed(world);
    expect_settlement(world, charge)
}

#[test]
fn a_settlement_takes_all_but_what_the_account_lacks_of_the_rent() {
    let mut world = cheap(terms(0, u32::MAX), 3 * SOL);
    let lacking = rise(&mut world);
    assert_eq!(settle_next(&mut world), 3 * SOL - lacking);
    assert_eq!(world.chain.lamports(&bond_key(&world)), bond_rent(&world));

    to_next_epoch(&mut world);
    assert_eq!(settle_next(&mut world), 0);

    to_next_epoch(&mut world);
    let key = bond_key(&world);
    world.give(&key, lacking).unwrap();
    assert_eq!(settle_next(&mut world), lacking);
    assert_eq!(bond(&world).lamports, 0);
}

#[test]
fn a_bond_that_has_less_than_the_rent_pays_nothing_and_goes_on() {
    let mut world = cheap(terms(0, u32::MAX), 0);
    world.post_bond(0, 1_000).unwrap();
    let lacking = rise(&mut world);
    assert!(lacking > 1_000);
    assert_eq!(settle_next(&mut world), 0);
    world.post_bond(0, lacking).unwrap();
    to_next_epoch(&mut world);
    assert_eq!(settle_next(&mut world), 1_000);
}

#[test]
fn an_owner_takes_out_all_but_what_the_account_lacks_of_the_rent_and_that_later() {
    let mut world = cheap(EASY, 10 * SOL);
    expect_request(&mut world, 10 * SOL);
    let lacking = rise(&mut world);
    to_next_epoch(&mut world);
    to_next_epoch(&mut world);
    expect_withdrawal(&mut world, 10 * SOL - lacking);
    assert_eq!(bond(&world).withdrawal_lamports, lacking);

    let owner = identity(&world, 0);
    world.expect_refusal(&withdrawal(&world), &[&owner], TidepoolError::InsufficientBalance);
    settle_all(&mut world);
    assert_eq!((bond(&world).withdrawal_lamports, world.record(0).bond_lamports), (lacking, 0));

    let key = bond_key(&world);
    world.give(&key, lacking).unwrap();
    expect_withdrawal(&mut world, lacking);
    world.expect_refusal(&withdrawal(&world), &[&owner], TidepoolError::NothingRequested);
}

/// It owes more than it can ever pay.
#[test]
fn a_bond_whose_rest_is_rent_holds_nobody_in_the_pool() {
    let mut world = cheap(EASY, 1_000);
    lose(&mut world, SOL);
    drain_all(&mut world);
    to_next_epoch(&mut world);
    let remove = world.keys.remove_validator(&world.validators[0]);
    world.expect_refusal(&remove, &[], TidepoolError::BondNotSettled);
    rise(&mut world);
    world.remove(0).unwrap();
    assert_eq!(bond(&world).lamports, 1_000);
}
