//! Attempts of validators, of those who run a pool, and of strangers, by what judges validators and holds their bonds.

use {
    crate::support::*,
    solana_system_interface::instruction::transfer,
    tidepool_client::{BondTerms, PoolSettings},
};

/// No promise of a commission.
const ANY_COMMISSION: u16 = 10_000;

fn bidding(bid_ppb: u32) -> BondTerms {
    BondTerms { commission_bps: ANY_COMMISSION, bid_ppb }
}

fn identity(world: &World, index: usize) -> Keypair {
    world.chain.validator(index).identity.insecure_clone()
}

/// Four validators have the pool's stake; the fifth is not in it, and may join with a bond of 10 SOL, which it has.
fn with_a_fifth() -> World {
    let mut config = with_validators(still(), 5);
    config.weights.truncate(4);
    let mut world = staked(config, 400 * SOL);
    world.set_rules(|rules| (rules.join_weight, rules.join_bond_lamports) = (100, 10 * SOL)).unwrap();
    world.open_bond(4, bidding(0), 10 * SOL).unwrap();
    world.deposit("eve", SOL).unwrap();
    world
}

// ---- once broken

/// A score that follows a mean of bids lets one that bids, for a tenth of what the pool earns, take all others' score; and of
/// what leaves them it may have no more than the cap, so nine tenths of the pool lay idle.
#[test]
fn a_bid_leaves_no_validator_that_keeps_the_rules_without_stake() {
    let config = WorldConfig::default().with_parameters(|p| p.settings.max_validator_bps = 3_000);
    let mut world = staked(config, 10_000 * SOL);
    epochs(&mut world, 3);
    world.set_rules(|rules| rules.score_gain = 10).unwrap();
    let gain_ppb = world.pool().review.mean_gain_ppb;
    assert!(gain_ppb > 0);
    world.open_bond(0, bidding(2 * gain_ppb), 200 * SOL).unwrap();
    epochs(&mut world, 5);
    assert_eq!(world.record(0).score_bps, 20_000);
    let others: u64 = (1..4).map(|index| world.record(index).staked_lamports).sum();
    assert!((1..4).all(|index| world.record(index).score_bps == 5_000));
    assert!(others > 10_000 * SOL / 5 * 2, "{others}");
}

/// The notice is for settlements to come first; in the first slot after it the last epoch is not paid yet.
#[test]
fn no_bond_leaves_before_it_has_paid_for_the_epoch_that_ended() {
    const BID: u32 = 1_000_000;
    let mut world = staked(still(), 400 * SOL);
    world.open_bond(0, bidding(BID), 10 * SOL).unwrap();
    epochs(&mut world, 2);
    let all = world.bond(0).unwrap().lamports;
    world.request_bond_withdrawal(0, all).unwrap();
    epochs(&mut world, 2);
    world.cross_epoch();
    world.update_all().unwrap();

    let (vote, owner) = (world.validators[0].vote, identity(&world, 0));
    let withdraw = world.keys.withdraw_bond(&vote, &owner.pubkey());
    world.expect_refusal(&withdraw, &[&owner], TidepoolError::BondNotSettled);
    let before = world.bond(0).unwrap();
    world.review(0).unwrap();
    world.settle(0).unwrap();
    let owed = (u128::from(before.settled_stake) * u128::from(BID)).div_ceil(1_000_000_000) as u64;
    assert!(owed >= SOL / 10);
    assert_eq!(before.lamports - world.bond(0).unwrap().lamports, owed);
    world.withdraw_bond(0).unwrap();
    assert_eq!(world.bond(0).unwrap().lamports, 0);
}

/// As above: one that nobody can settle, for the validator is in no page, is not kept.
#[test]
fn a_bond_that_nobody_can_settle_leaves_after_its_notice() {
    let mut world = with_a_fifth();
    world.request_bond_withdrawal(4, 10 * SOL).unwrap();
    epochs(&mut world, 3);
    world.withdraw_bond(4).unwrap();
}

/// One bond, taken back after its notice and posted for the next validator, would fill a page every few epochs, take its part
/// of the weight from those that have stake, and make every update dearer; and nobody but the manager could undo it.
#[test]
fn who_joins_and_takes_the_bond_back_is_let_go_by_anyone() {
    let mut world = with_a_fifth();
    world.join(4).unwrap();
    let eve = world.user("eve").wallet;
    let drain = world.keys.drain_validator(&eve.pubkey(), &world.validators[4]);
    world.expect_refusal(&drain, &[&eve], TidepoolError::NotTheManager);
    world.request_bond_withdrawal(4, 5 * SOL).unwrap();
    world.settle(4).unwrap();
    world.expect_refusal(&drain, &[&eve], TidepoolError::NotTheManager);
    world.request_bond_withdrawal(4, 5 * SOL + 1).unwrap();
    world.settle(4).unwrap();
    world.send(&[drain], &[&eve]).unwrap();
    let entered = world.keys.drain_validator(&eve.pubkey(), &world.validators[3]);
    world.expect_refusal(&entered, &[&eve], TidepoolError::NotTheManager);
    epochs(&mut world, 2);
    world.remove(4).unwrap();
    assert_eq!(world.pool().validator_count, 4);
}

/// The reserve pays the rent of a validator's accounts; whoever joins again and again would have all of it in rents.
#[test]
fn who_joins_gives_the_reserve_what_its_accounts_take() {
    let mut world = with_a_fifth();
    let (before, spent) = (world.pool(), world.ledger.paid_in);
    world.join(4).unwrap();
    world.sync().unwrap();
    let after = world.pool();
    assert_eq!(after.reserve_lamports, before.reserve_lamports);
    let rents = after.stake_lamports - before.stake_lamports;
    let entry = world.chain.lamports(&world.keys.entry(&world.validators[4].vote));
    assert_eq!(world.ledger.paid_in - spent, i128::from(rents + entry));
    assert_eq!(after.value_floor + after.withheld - before.value_floor - before.withheld, rents);
}

// ---- refused

/// A closed stake account to which lamports come in the same transaction stays the stake program's.
#[test]
fn lamports_at_accounts_that_just_closed_keep_no_validator_in_its_place() {
    let mut world = staked(still(), 400 * SOL);
    world.drain(0).unwrap();
    let settings = PoolSettings { max_move_bps: 10_000, ..world.settings() };
    world.set_parameters(settings).unwrap();
    world.update_all().unwrap();
    world.undelegate(0).unwrap();
    world.cross_epoch();
    let eve = world.user("eve").wallet;
    let mut calls = vec![world.keys.update_validators(&world.batch([0]))];
    let stakes = world.validators[0].stakes;
    calls.extend(stakes.map(|stake| transfer(&eve.pubkey(), &stake, SOL / 100)));
    world.send(&calls, &[&eve]).unwrap();
    assert!(stakes.iter().all(|stake| world.account(stake).unwrap().owner == cluster::STAKE_PROGRAM));
    world.work_the_edge().unwrap();
    world.remove(0).unwrap();
    let refused = world.enter_again(0, 100, 0).unwrap_err();
    assert_eq!(refused.custom_error_code(), Some(TidepoolError::StakeAddressTaken.into()));
    world.enter_again(0, 100, 1).unwrap();
    epochs(&mut world, 4);
    assert!(world.record(0).staked_lamports > 90 * SOL);
}

/// Every validator breaks a rule, nothing may be moved, all are sent away, and deposits are shut.
#[test]
fn nothing_that_admin_and_manager_do_to_validators_keeps_a_ticket_from_being_paid() {
    let mut world = staked(WorldConfig::default(), 1_000 * SOL);
    epochs(&mut world, 2);
    world
        .set_rules(|rules| {
            (rules.max_commission_bps, rules.min_credit_bps, rules.max_group_bps) = (0, 10_000, 0);
            (rules.max_cluster_bps, rules.stake_per_bond) = (0, 1);
        })
        .unwrap();
    let settings = PoolSettings { max_move_bps: 0, max_validator_bps: 0, breaker_bps: 1, ..world.settings() };
    world.set_parameters(settings).unwrap();
    epochs(&mut world, 1);
    assert_eq!(world.pool().total_weight, 0);
    order_all(&mut world, &["ana"]);
    (0..4).for_each(|index| drop(world.drain(index).unwrap()));
    slots(&mut world, 1);
    epochs(&mut world, 3);
    assert!(world.tickets.is_empty());
}

/// A rule that nobody keeps leaves a pool without weights; when it falls, all of it is as before.
#[test]
fn a_pool_in_which_every_score_was_zero_stakes_again() {
    let mut world = staked(with_validators(still(), 4), 400 * SOL);
    world.set_rules(|rules| rules.max_commission_bps = 0).unwrap();
    epochs(&mut world, 3);
    assert_eq!((world.pool().total_weight, world.record(0).score_bps), (0, 0));
    assert!(world.pool().reserve_lamports > 80 * SOL);
    world.set_rules(|rules| rules.max_commission_bps = 10_000).unwrap();
    epochs(&mut world, 2);
    assert!((0..4).all(|index| world.record(index).score_bps == 10_000));
    assert!(world.pool().reserve_lamports < SOL);
}
