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

/// Whoever has the key of a vote account can close it, once nobody votes there, and give the address to the vote program again
/// with fewer bytes than its version takes. Its review was refused then: so the stake stayed where nothing is earned, the bond
/// could not be settled and left after three epochs, and with a lamport in it the validator could not be removed.
#[test]
fn a_vote_account_made_again_without_a_byte_is_none() {
    for bytes in [0, 3] {
        let mut world = staked(WorldConfig::default(), 400 * SOL);
        world.open_bond(1, BondTerms { commission_bps: 500, bid_ppb: 0 }, 10 * SOL).unwrap();
        epochs(&mut world, 3);
        make_vote_account_again(&world, 1, bytes);
        epochs(&mut world, 1);
        assert_eq!(world.record(1).score_bps, 0);
        assert!(world.bond(1).unwrap().lamports < 10 * SOL, "it pays for what its stake did not earn");
        world.set_parameters(PoolSettings { max_move_bps: 10_000, ..world.settings() }).unwrap();
        world.drain(1).unwrap();
        epochs(&mut world, 2);
        world.remove(1).unwrap();
    }
}

/// Not of the first validator: it is the cluster's leader.
fn make_vote_account_again(world: &World, index: usize, bytes: usize) {
    let vote = world.validators[index].vote;
    let made_again = Account { data: vec![0; bytes], ..world.account(&vote).unwrap() };
    world.chain.set_account(&vote, &made_again);
}

/// What went to cool down earlier in the epoch resumes for a ticket by a delegation to the vote account; to what is none that
/// fails, and with it whatever else the keeper sends.
#[test]
fn stake_that_cannot_resume_for_a_ticket_stops_no_keeper() {
    for bytes in [0, 3_762] {
        let mut world = staked(still(), 400 * SOL);
        world.drain(1).unwrap();
        world.update_all().unwrap();
        world.undelegate(1).unwrap();
        assert!(world.record(1).cooling_lamports > 0 && world.record(1).staked_lamports > 0);
        make_vote_account_again(&world, 1, bytes);
        world.order_unstake("ana", 300 * SOL).unwrap();
        slots(&mut world, 1);
        world.to_move_window();
        world.undelegate(1).unwrap();
        epochs(&mut world, 3);
        assert!(world.tickets.is_empty(), "what leaves before the window leaves for the ticket");
    }
}

/// A settlement that comes before the update knows nothing of what was slashed, and the bond could leave right after it.
#[test]
fn no_bond_leaves_before_a_slashing_is_found() {
    let mut world = staked(still(), 400 * SOL);
    world.open_bond(0, bidding(0), 10 * SOL).unwrap();
    epochs(&mut world, 2);
    world.request_bond_withdrawal(0, 10 * SOL).unwrap();
    epochs(&mut world, 2);
    slash(&mut world, 0, StakeRole::Main, 6 * SOL);
    world.cross_epoch();

    let (validator, owner) = (world.validators[0], identity(&world, 0));
    let withdraw = world.keys.withdraw_bond(&validator.vote, &owner.pubkey());
    let calls = [world.keys.review_validator(&validator), world.keys.settle_bond(&validator), withdraw];
    let refused = world.expect_failure(&calls, &[&owner]);
    assert_eq!(refused.custom_error_code(), Some(TidepoolError::BondNotSettled.into()));
    world.update_all().unwrap();
    world.review(0).unwrap();
    world.settle(0).unwrap();
    world.withdraw_bond(0).unwrap();
    assert_eq!((world.record(0).lost_lamports, world.bond(0).unwrap().lamports), (0, 0));
    assert_eq!(world.pool().gains.bonds, 6 * SOL);
}

/// Who bids from a bond that holds no more than one epoch's bid empties it in every settlement. Opened anew it owed nothing for
/// the epoch that had begun, and so for every other one.
#[test]
fn a_bond_that_is_opened_anew_pays_for_every_epoch() {
    const BID: u32 = 1_000_000;
    let mut world = staked(still(), 400 * SOL);
    world.open_bond(0, bidding(BID), SOL / 4).unwrap();
    epochs(&mut world, 5);
    assert_eq!(world.bond(0).unwrap().lamports, 0);
    let (vote, payer) = (world.validators[0].vote, world.operator.insecure_clone());
    let withdrawer = world.chain.validator(0).withdrawer.insecure_clone();
    let anew = world.keys.open_bond(&vote, &withdrawer.pubkey(), &payer.pubkey(), bidding(0));
    world.send(&[anew], &[&withdrawer, &payer]).unwrap();
    world.post_bond(0, SOL).unwrap();
    epochs(&mut world, 1);
    let bond = world.bond(0).unwrap();
    assert!(bond.lamports < SOL - SOL / 12, "{}", bond.lamports);
    assert_eq!(bond.terms, bidding(BID), "worse terms wait, in an empty bond too");
}

/// As above, with the insurance: its notice is over, and the admin comes before the update.
#[test]
fn no_insurance_leaves_before_a_slashing_is_found() {
    let mut world = staked(still(), 400 * SOL);
    world.fund_insurance(10 * SOL).unwrap();
    let to = world.user("eve").wallet.pubkey();
    world.propose_insurance_withdrawal(10 * SOL, &to).unwrap();
    epochs(&mut world, 14);
    slash(&mut world, 0, StakeRole::Main, 6 * SOL);
    world.cross_epoch();
    let withdraw = world.keys.withdraw_insurance(&world.operator.pubkey(), &to);
    world.expect_refusal(&withdraw, &[&world.operator], TidepoolError::ValidatorNotUpdated);
    world.update([1, 2, 3]).unwrap();
    world.expect_refusal(&withdraw, &[&world.operator], TidepoolError::ValidatorNotUpdated);
    world.update([0]).unwrap();
    assert_eq!(world.pool().insurance_lamports, 4 * SOL);
    world.withdraw_insurance(&to).unwrap();
}

/// A manager entered a validator that takes all rewards, and sent it all that was free before anybody could judge it: an epoch's
/// rewards of that, and again in the next one.
#[test]
fn no_stake_goes_to_a_new_validator_that_breaks_a_rule() {
    let mut config = WorldConfig::default()
        .with_validators([vec![ValidatorConfig::default(); 4], vec![taking_all()]].concat());
    config.weights.truncate(4);
    let mut world = staked(config, 400 * SOL);
    world.set_rules(|rules| rules.max_commission_bps = 1_000).unwrap();
    world.deposit("eve", 100 * SOL).unwrap();
    world.to_move_window();
    world.add_validator(4, 1_000_000).unwrap();
    world.delegate(4).unwrap();
    assert_eq!((world.record(4).staked_lamports, world.record(4).score_bps), (0, 0));
    assert_eq!(world.pool().total_weight, 400 * 10_000);
    world.chain.set_commission(4, 1_000);
    world.review(4).unwrap();
    world.delegate(4).unwrap();
    assert!(world.record(4).staked_lamports > 90 * SOL);
}

fn taking_all() -> ValidatorConfig {
    ValidatorConfig::default().with_commission_bps(10_000)
}

/// Who took all rewards for the moment of its review, and was judged again at once, lowered the mean so far that everybody was
/// better than that by the score's limit: and so no worse than the best.
#[test]
fn a_commission_for_the_moment_of_a_review_does_not_make_all_scores_alike() {
    let worse = ValidatorConfig::default().with_commission_bps(900);
    let config =
        WorldConfig::default().with_validators([vec![ValidatorConfig::default(); 3], vec![worse]].concat());
    let mut world = staked(config, 1_000 * SOL);
    world.set_rules(|rules| (rules.score_gain, rules.max_commission_bps) = (10, 1_000)).unwrap();
    epochs(&mut world, 3);
    let honest: Vec<u16> = (0..4).map(|index| world.record(index).score_bps).collect();
    assert!(honest[3] + 3_000 < honest[0], "{honest:?}");
    for _ in 0..2 {
        world.work_the_window().unwrap();
        world.cross_epoch();
        world.chain.set_commission(3, 10_000);
        world.review(3).unwrap();
        world.chain.set_commission(3, 900);
        world.review(3).unwrap();
        world.update_all().unwrap();
        world.review_all().unwrap();
    }
    let scores: Vec<u16> = (0..4).map(|index| world.record(index).score_bps).collect();
    assert!(scores[3] + 3_000 < scores[0], "{scores:?}");
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
