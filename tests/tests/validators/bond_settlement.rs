//! What a settlement takes from a bond, to the lamport, and that nobody gains by choosing when it is done.

use {
    crate::{bonding::*, support::*},
    events::NothingDueReason::{AlreadySettled, NotUpdated},
    tidepool_math::bond::{Charge, MAX_SETTLED_EPOCHS},
    tidepool_tests::prelude::*,
};

const BID: u32 = 20_000;

/// Only what is named.
fn only(bid: u64, commission: u64, credits: u64, lost: u64) -> Charge {
    let [bid, commission, credits, lost] = [bid, commission, credits, lost].map(Lamports);
    Charge { bid, commission, credits, lost }
}

fn bid_of(stake: u64, epochs: u64) -> u64 {
    part_ceil(stake, u128::from(BID) * u128::from(epochs), 1_000_000_000)
}

fn gain_ppb(world: &World) -> u64 {
    means(world).unwrap().gain_ppb.into()
}

/// Validator 0 loses stake, and an update finds it.
pub fn lose(world: &mut World, lamports: u64) {
    world.slash(0, lamports).unwrap();
    world.update([0]).unwrap();
}

/// All of validator 0's stake is on its way out.
pub fn drain_all(world: &mut World) {
    let mut settings = world.settings();
    settings.max_move_bps = 10_000;
    world.set_parameters(settings).unwrap();
    world.drain(0).unwrap();
    world.undelegate(0).unwrap();
    assert_eq!(staked(world, 0), 0);
}

// ---- each reason

#[test]
fn a_bid_is_paid_once_an_epoch_for_the_stake_of_the_last_settlement() {
    let mut world = settled(terms(10_000, BID), 10 * SOL);
    let stake = bond(&world).settled_stake;
    assert!(stake < staked(&world, 0), "rewards came since");
    world.review(0).unwrap();
    expect_settlement(&mut world, only(bid_of(stake, 1), 0, 0, 0));
    expect_nothing_settled(&mut world, AlreadySettled);
    let opening = world.record(0).opening_stake(world.chain.epoch());
    assert!(opening.0 < staked(&world, 0), "what came in this epoch does not earn in it");
    assert_eq!(bond(&world).settled_stake, opening.0);
}

/// The runtime pays by what stood in the vote account an epoch or two ago: it is enough that it was seen once.
#[test]
fn a_commission_that_was_lowered_again_before_the_settlement_is_charged_as_the_highest_seen() {
    let mut world = settled(terms(600, 0), 10 * SOL);
    let (stake, gain) = (bond(&world).settled_stake, gain_ppb(&world));
    for commission in [500, 2_100, 700] {
        world.chain.set_commission(0, commission);
        world.review(0).unwrap();
    }
    let charge = part_ceil(stake, u128::from(gain) * 1_500, 10_000_000_000_000);
    assert!(charge > 0);
    expect_settlement(&mut world, only(0, charge, 0, 0));
    // What was charged is not charged again: from here on it is the commission of now.
    to_next_epoch(&mut world);
    let (stake, gain) = (bond(&world).settled_stake, gain_ppb(&world));
    world.review(0).unwrap();
    let charge = part_ceil(stake, u128::from(gain) * 100, 10_000_000_000_000);
    expect_settlement(&mut world, only(0, charge, 0, 0));
    to_next_epoch(&mut world);
    world.chain.set_commission(0, 600);
    world.review(0).unwrap();
    assert_eq!(world.record(0).highest_commission_bps, 700, "it was 700 after the last settlement");
    settle_all(&mut world);
    to_next_epoch(&mut world);
    world.review(0).unwrap();
    expect_settlement(&mut world, Charge::default());
}

#[test]
fn votes_that_are_missing_to_the_rule_are_charged_and_those_beyond_it_are_not() {
    let mut world = settled(EASY, 10 * SOL);
    world.set_rules(|rules| rules.min_credit_bps = 9_500).unwrap();
    world.review_all().unwrap();
    expect_settlement(&mut world, Charge::default());
    world.chain.set_uptime(0, 0);
    while world.record(0).credit_ratio_bps >= 9_500 {
        settle_all(&mut world);
        to_next_epoch(&mut world);
        world.review_all().unwrap();
    }
    let (stake, gain, ratio) =
        (bond(&world).settled_stake, gain_ppb(&world), u128::from(world.record(0).credit_ratio_bps));
    let charge = part_ceil(stake, u128::from(gain) * (9_500 - ratio), 10_000_000_000_000);
    assert!(charge > 0 && bond(&world).lamports == 10 * SOL);
    expect_settlement(&mut world, only(0, 0, charge, 0));
}

/// Whoever makes the rules could else take a bond by a rule for what was no fault when it was done.
#[test]
fn a_rule_that_came_since_the_last_settlement_costs_nothing_for_the_epochs_before() {
    let mut world = settled(EASY, 10 * SOL);
    world.chain.set_uptime(0, 0);
    for _ in 0..2 {
        settle_all(&mut world);
        to_next_epoch(&mut world);
    }
    world.set_rules(|rules| rules.min_credit_bps = 10_000).unwrap();
    world.review_all().unwrap();
    assert!(world.record(0).credit_ratio_bps < 10_000);
    expect_settlement(&mut world, Charge::default());
    // From here on the rule is known, and holds for what comes, even if it is taken back.
    to_next_epoch(&mut world);
    world.set_rules(|rules| rules.min_credit_bps = 0).unwrap();
    world.review_all().unwrap();
    let charge = owed(&world);
    assert!(charge.credits > Lamports::ZERO);
    expect_settlement(&mut world, charge);
}

#[test]
fn what_was_slashed_is_paid_to_the_lamport_and_once() {
    let mut world = settled(EASY, 10 * SOL);
    lose(&mut world, SOL);
    lose(&mut world, 2 * SOL + 7);
    world.review(0).unwrap();
    expect_settlement(&mut world, only(0, 0, 0, 3 * SOL + 7));
    assert_eq!(world.pool().loss_carry, 0);
    to_next_epoch(&mut world);
    world.review(0).unwrap();
    expect_settlement(&mut world, Charge::default());
}

/// Nothing is known of what stake gains: commission and votes cost nothing, the bid and what was slashed do.
#[test]
fn without_means_only_the_bid_and_the_loss_are_charged() {
    let config = WorldConfig::default().without_fees().with_validators(usual(2));
    let mut world = World::start(config).unwrap().with_user("ana", 3_000 * SOL).unwrap();
    world.set_rules(|rules| rules.min_credit_bps = 10_000).unwrap();
    world.deposit("ana", 2_000 * SOL).unwrap();
    world.work_the_window().unwrap();
    to_next_epoch(&mut world);
    world.open_bond(0, terms(0, BID), 10 * SOL).unwrap();
    for _ in 0..2 {
        to_next_epoch(&mut world);
        world.review(0).unwrap(); // half of the stake is not enough for a mean
        let charge = owed(&world);
        expect_settlement(&mut world, charge);
    }
    to_next_epoch(&mut world);
    lose(&mut world, SOL);
    world.review(0).unwrap();
    assert_eq!((means(&world), world.record(0).highest_commission_bps), (None, 500));
    let stake = bond(&world).settled_stake;
    expect_settlement(&mut world, only(bid_of(stake, 1), 0, 0, SOL));
}

// ---- together

/// Everything at once, for two epochs: 7 % above the promised commission, too few votes, 10 SOL slashed.
fn bad_in_every_way(lamports: u64) -> World {
    let mut world = two();
    world.set_rules(|rules| rules.min_credit_bps = 10_000).unwrap();
    let mut world = settled_in(world, terms(500, BID), lamports);
    world.chain.set_uptime(0, 0);
    world.review_all().unwrap();
    to_next_epoch(&mut world);
    world.review_all().unwrap();
    to_next_epoch(&mut world);
    world.chain.set_commission(0, 1_200);
    lose(&mut world, 10 * SOL);
    world.review(0).unwrap();
    world
}

#[test]
fn all_reasons_add_up() {
    let mut world = bad_in_every_way(30 * SOL);
    let (stake, gain, ratio) =
        (bond(&world).settled_stake, gain_ppb(&world), u128::from(world.record(0).credit_ratio_bps));
    let of_gain = |bps: u128| part_ceil(stake, 3 * u128::from(gain) * bps, 10_000_000_000_000);
    let charge = only(bid_of(stake, 3), of_gain(700), of_gain(10_000 - ratio), 10 * SOL);
    assert!(charge.commission.0 > 0 && charge.credits.0 > 0);
    assert_eq!(expect_settlement(&mut world, charge), charge.total().0);
}

/// The first lamports pay for what was slashed; what is still owed for it stays owed, and nothing else does.
#[test]
fn a_bond_that_cannot_pay_all_pays_for_the_slashing_first_and_owes_the_rest_of_it() {
    let mut world = bad_in_every_way(6 * SOL);
    let charge = owed(&world);
    assert_eq!(expect_settlement(&mut world, charge), 6 * SOL);
    let record = world.record(0);
    assert_eq!((record.lost_lamports, record.bond_lamports, record.bid_ppb), (4 * SOL, 0, 0));
    world.post_bond(0, 5 * SOL).unwrap();
    to_next_epoch(&mut world);
    world.review(0).unwrap();
    let charge = owed(&world);
    assert_eq!(charge.lost, Lamports(4 * SOL));
    expect_settlement(&mut world, charge);
    assert_eq!(world.record(0).lost_lamports, 0);

    let mut world = bad_in_every_way(10 * SOL + 1);
    let charge = owed(&world);
    assert_eq!(expect_settlement(&mut world, charge), 10 * SOL + 1);
    assert_eq!(world.record(0).lost_lamports, 0);
}

/// What a pool with a reward fee takes of a bond's payment: nothing of what makes a loss good, its fee of what is a gain.
#[test]
fn what_makes_a_loss_good_pays_no_fee_and_a_bid_does() {
    let mut world = settled(terms(10_000, BID), 50 * SOL);
    let mut fees = world.fees();
    fees.reward = 1_000;
    world.set_fees(fees).unwrap();
    for _ in 0..limits::FEE_NOTICE_EPOCHS {
        settle_all(&mut world);
        to_next_epoch(&mut world);
    }
    let issued = |world: &World| world.pool().lst_supply;
    lose(&mut world, 9 * SOL);
    let stake = bond(&world).settled_stake;
    let owed = 9 * SOL + bid_of(stake, 1);
    // A part of the carry is left: the bid makes that good as well.
    let carry = world.pool().loss_carry;
    let (before, held) = (issued(&world), bond(&world).lamports);
    world.review(0).unwrap();
    world.settle(0).unwrap();
    assert_eq!(held - bond(&world).lamports, owed);
    let beyond = owed.saturating_sub(carry);
    assert_eq!((world.pool().loss_carry, issued(&world) > before), (carry.saturating_sub(owed), beyond > 0));

    to_next_epoch(&mut world);
    assert_eq!(world.pool().loss_carry, 0);
    let before = issued(&world);
    world.review(0).unwrap();
    let fee = Bps(1_000).of_ceil(bid_of(bond(&world).settled_stake, 1));
    let shares = world.rate().shares_floor(Lamports(fee)).unwrap().0;
    world.settle(0).unwrap();
    assert_eq!(issued(&world) - before, shares);
}

/// The insurance paid in front of everybody; the bond gives it back, once holders have theirs.
#[test]
fn the_insurance_gets_back_what_it_paid_once_holders_are_whole() {
    for (posted, to_holders, to_insurance) in
        [(20 * SOL, 4 * SOL, 6 * SOL), (5 * SOL, 4 * SOL, SOL), (3 * SOL, 3 * SOL, 0)]
    {
        let mut world = settled(EASY, posted);
        world.fund_insurance(6 * SOL).unwrap();
        lose(&mut world, 10 * SOL);
        let pool = world.pool();
        assert_eq!((pool.insurance_lamports, pool.insured_loss, pool.loss_carry), (0, 6 * SOL, 4 * SOL));
        world.review(0).unwrap();
        let rate = world.rate();
        world.settle(0).unwrap();
        let pool = world.pool();
        assert_eq!((pool.insurance_due, pool.insured_loss), (to_insurance, 6 * SOL - to_insurance));
        assert_eq!((pool.loss_carry, world.rate()), (4 * SOL - to_holders, rate));
        world.sync().unwrap();
        assert_eq!(world.pool().insurance_lamports, to_insurance);
    }
}

/// It paid for a validator without a bond; what another one loses then is borne by holders, and theirs is what its bond pays.
#[test]
fn a_bond_does_not_pay_the_insurance_for_what_another_validator_lost() {
    let mut world = settled(EASY, 20 * SOL);
    world.fund_insurance(6 * SOL).unwrap();
    world.slash(1, 6 * SOL).unwrap();
    world.update([1]).unwrap();
    assert_eq!((world.pool().insured_loss, world.pool().loss_carry), (6 * SOL, 0));
    lose(&mut world, 6 * SOL);
    assert_eq!(world.pool().loss_carry, 6 * SOL);
    world.review(0).unwrap();
    world.settle(0).unwrap();
    let pool = world.pool();
    assert_eq!((pool.loss_carry, pool.insurance_due, pool.insured_loss), (0, 0, 6 * SOL));
    assert_eq!(bond(&world).lamports, 14 * SOL);
}

// ---- when

#[test]
fn epochs_that_nobody_settled_are_charged_together_and_ten_at_most() {
    for epochs in [3, MAX_SETTLED_EPOCHS, MAX_SETTLED_EPOCHS + 2] {
        let mut world = settled(terms(10_000, BID), 50 * SOL);
        (1..epochs).for_each(|_| to_next_epoch(&mut world));
        let stake = bond(&world).settled_stake;
        world.review(0).unwrap();
        expect_settlement(&mut world, only(bid_of(stake, epochs.min(MAX_SETTLED_EPOCHS)), 0, 0, 0));
    }
}

/// Settling before the review, again and again, in the last slot, or only now and then: all of it costs the same.
#[test]
fn nobody_gains_by_choosing_when_to_settle() {
    const EPOCHS: u64 = 4;
    let run = |work: fn(&mut World, u64)| {
        let mut world = settled(terms(400, BID), 50 * SOL);
        for epoch in 1..=EPOCHS {
            work(&mut world, epoch);
            to_next_epoch(&mut world);
        }
        settle_all(&mut world);
        50 * SOL - bond(&world).lamports
    };
    let as_keepers = run(|world, _| settle_all(world));
    let hostile_first = run(|world, _| {
        world.settle(0).unwrap();
        world.review_all().unwrap();
        (0..3).for_each(|_| drop(world.settle(0).unwrap()));
    });
    let in_the_last_slot = run(|world, _| {
        world.review_all().unwrap();
        let last = world.chain.first_slot(world.chain.epoch() + 1) - 1;
        world.advance(|chain| chain.jump_to(last));
        world.settle(0).unwrap();
        // `to_next_epoch` wants to be before the window's end.
    });
    assert_eq!(hostile_first, as_keepers);
    assert_eq!(in_the_last_slot, as_keepers);
    // Later, by the smaller stake of earlier and by the means of then: that is less by the gain on the gain.
    let rarely = run(|world, epoch| {
        world.review_all().unwrap();
        if epoch % 3 == 0 {
            world.settle(0).unwrap();
        }
    });
    assert!(rarely.abs_diff(as_keepers) < as_keepers / 200, "{rarely} and {as_keepers}");
}

/// Stake that leaves in front of a settlement was there, and earns to the end of the epoch; stake that comes was not.
#[test]
fn stake_that_left_since_the_last_settlement_is_charged_and_stake_that_came_is_not() {
    let mut world = settled(terms(10_000, BID), 10 * SOL);
    let stake = bond(&world).settled_stake;
    drain_all(&mut world);
    world.review(0).unwrap();
    expect_settlement(&mut world, only(bid_of(stake, 1), 0, 0, 0));
    let opening = bond(&world).settled_stake;
    assert!(opening > 900 * SOL);
    to_next_epoch(&mut world);
    world.review(0).unwrap();
    expect_settlement(&mut world, only(bid_of(opening, 1), 0, 0, 0));
    assert_eq!(bond(&world).settled_stake, 0);

    let mut world = settled(terms(10_000, BID), 10 * SOL);
    let stake = bond(&world).settled_stake;
    world.deposit("ana", 1_000 * SOL).unwrap();
    world.work_the_window().unwrap();
    assert!(staked(&world, 0) > stake + 300 * SOL);
    world.review(0).unwrap();
    expect_settlement(&mut world, only(bid_of(stake, 1), 0, 0, 0));
}

// ---- a validator that leaves

#[test]
fn a_validator_is_not_removed_before_its_bond_has_paid_and_comes_back_without_debts() {
    let mut world = settled(terms(10_000, BID), 10 * SOL);
    drain_all(&mut world);
    to_next_epoch(&mut world);
    assert!(world.record(0).is_empty());
    let stake = bond(&world).settled_stake;
    let remove = world.keys.remove_validator(&world.validators[0]);
    world.expect_refusal(&remove, &[], TidepoolError::BondNotSettled);
    let others = world.keys.bond(&world.validators[1].vote);
    let with_others = remove.clone().with(&bond_key(&world), &others);
    world.expect_refusal(&with_others, &[], TidepoolError::WrongBond);
    world.review(0).unwrap();
    expect_settlement(&mut world, only(bid_of(stake, 2), 0, 0, 0));
    world.remove(0).unwrap();
    assert_eq!(world.pool().bond_lamports, 0);
    let settle = world.keys.settle_bond(&world.validators[0]);
    world.expect_refusal(&settle, &[], TidepoolError::NoSuchValidator);

    // Back in the pool in a later epoch: for the time between it owes nothing.
    to_next_epoch(&mut world);
    world.enter_again(0, 100, 0).unwrap();
    to_next_epoch(&mut world);
    world.review(0).unwrap();
    expect_settlement(&mut world, Charge::default());
}

/// A loss that is found by the very update that closes the accounts: nothing is settled in front of it.
#[test]
fn the_last_loss_is_paid_before_a_validator_is_removed() {
    let mut world = settled(EASY, 10 * SOL);
    drain_all(&mut world);
    let offramp = world.validators[0].stake(StakeRole::Offramp);
    world.chain.slash(&offramp, 2 * SOL).unwrap();
    world.ledger.rewards -= i128::from(2 * SOL);
    world.cross_epoch();
    world.review(0).unwrap();
    expect_nothing_settled(&mut world, NotUpdated);
    world.update([0]).unwrap();
    let lost = world.record(0).lost_lamports; // less what the last epoch earned
    assert!(world.record(0).is_empty() && lost > SOL && lost < 2 * SOL);
    let remove = world.keys.remove_validator(&world.validators[0]);
    world.expect_refusal(&remove, &[], TidepoolError::BondNotSettled);
    expect_settlement(&mut world, only(0, 0, 0, lost));
    world.remove(0).unwrap();
}

/// More was slashed than the bond holds, and a stranger posts a lamport after every settlement, so that something is owed and
/// there is something to pay it with.
#[test]
fn a_lamport_posted_again_and_again_holds_nobody_in_the_pool() {
    let mut world = settled(EASY, SOL);
    lose(&mut world, 5 * SOL);
    settle_all(&mut world);
    world.post_bond(0, 1).unwrap();
    assert_eq!((bond(&world).lamports, world.record(0).lost_lamports), (1, 4 * SOL));
    drain_all(&mut world);
    to_next_epoch(&mut world);
    let remove = world.keys.remove_validator(&world.validators[0]);
    world.expect_refusal(&remove, &[], TidepoolError::BondNotSettled);
    world.review(0).unwrap();
    expect_settlement(&mut world, only(0, 0, 0, 4 * SOL));
    world.post_bond(0, 1).unwrap();
    world.remove(0).unwrap();
}

/// It may be that nobody can: without a review nothing is settled, and a vote account's layout may be one that nobody knows.
#[test]
fn a_bond_that_nobody_settles_holds_nobody_in_the_pool() {
    let mut world = settled(EASY, SOL);
    drain_all(&mut world);
    settle_all(&mut world);
    let remove = world.keys.remove_validator(&world.validators[0]);
    for _ in 0..limits::BOND_NOTICE_EPOCHS {
        let is_gone = world.record(0).is_empty();
        let refusal = if is_gone { TidepoolError::BondNotSettled } else { TidepoolError::ValidatorNotEmpty };
        world.expect_refusal(&remove, &[], refusal);
        to_next_epoch(&mut world);
    }
    world.remove(0).unwrap();
}

#[test]
fn an_empty_bond_holds_nobody_in_the_pool() {
    let mut world = settled(terms(10_000, BID), 0);
    lose(&mut world, SOL);
    drain_all(&mut world);
    to_next_epoch(&mut world);
    world.remove(0).unwrap();
}

// ---- what a bond is for

/// A bid of a fortieth of the mean gain, with a gain of 10 from yield to score: a quarter more stake, until it is spent.
#[test]
fn a_bid_raises_the_score_until_the_bond_is_spent() {
    let mut world = two();
    world.set_rules(|rules| rules.score_gain = 10).unwrap();
    let gain = gain_ppb(&world);
    let bid = u32::try_from(gain / 40).unwrap();
    let epochs_worth = part_ceil(staked(&world, 0), 2 * u128::from(bid), 1_000_000_000);
    world.open_bond(0, terms(10_000, bid), epochs_worth).unwrap();
    settle_all(&mut world);
    world.review(0).unwrap();
    assert!(world.record(0).score_bps.abs_diff(12_500) < 10, "{}", world.record(0).score_bps);
    let target = |world: &World, index: usize| {
        world.pool().target_stake(&world.record(index), world.chain.slot()).unwrap().0
    };
    let (ours, theirs) = (target(&world, 0), target(&world, 1));
    assert!(ours * 4 > theirs * 4 / 5 * 6 && ours > theirs, "{ours} and {theirs}");

    for _ in 0..6 {
        to_next_epoch(&mut world);
        settle_all(&mut world);
    }
    assert_eq!((bond(&world).lamports, world.record(0).bid_ppb), (0, 0));
    assert!(world.record(0).score_bps <= 10_000);
    assert!(target(&world, 0).abs_diff(target(&world, 1)) < SOL);
}

/// A lamport in the bond, and a promise of four times the stake an epoch: worth a lamport, to oneself and to the mean that the
/// others are compared with.
#[test]
fn a_bid_without_the_money_for_it_moves_nobodys_score() {
    let mut world = two();
    world.set_rules(|rules| rules.score_gain = 100).unwrap();
    world.open_bond(0, terms(10_000, u32::MAX), 1).unwrap();
    for _ in 0..4 {
        settle_all(&mut world);
        world.post_bond(0, 1).unwrap();
        world.settle(0).unwrap();
        world.review_all().unwrap();
        assert_eq!((scores(&world), means(&world).unwrap().bid_ppb), (vec![10_000, 10_000], 0));
        to_next_epoch(&mut world);
    }
}

#[test]
fn what_is_asked_back_backs_no_stake_any_more() {
    let mut world = settled(EASY, 5 * SOL);
    world.set_rules(|rules| rules.stake_per_bond = 100).unwrap();
    let target = |world: &World| world.pool().target_stake(&world.record(0), world.chain.slot()).unwrap().0;
    assert_eq!(target(&world), 500 * SOL);
    world.request_bond_withdrawal(0, 3 * SOL).unwrap();
    world.settle(0).unwrap(); // by anyone, at any time
    assert_eq!(target(&world), 200 * SOL);
    world.request_bond_withdrawal(0, 0).unwrap();
    world.settle(0).unwrap();
    assert_eq!(target(&world), 500 * SOL);
    // Who has no bond gets no stake.
    let other = world.pool().target_stake(&world.record(1), world.chain.slot()).unwrap();
    assert_eq!(other, Lamports::ZERO);
}

/// The largest numbers there are: the bond is spent, and nothing fails.
#[test]
fn a_promise_of_everything_costs_the_whole_bond_and_no_more() {
    let mut world = settled(terms(0, u32::MAX), 3 * SOL);
    world.review(0).unwrap();
    let charge = owed(&world);
    assert!(charge.bid > Lamports(4_000 * SOL));
    assert_eq!(expect_settlement(&mut world, charge), 3 * SOL);
    assert_eq!((bond(&world).lamports, world.chain.lamports(&bond_key(&world))), (0, bond_rent(&world)));
}
