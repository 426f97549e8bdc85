//! More than one keeper, keepers who come twice, and keepers who do not come at all.

use {
    crate::support::*,
    solana_instruction::Instruction,
    tidepool_client::{events::NothingDueReason, BondTerms, PoolKeys, ValidatorKeys},
    tidepool_interface::pda::StakeRole,
    tidepool_localnet::{ValidatorConfig, World, WorldConfig},
};

const VALIDATORS: usize = 7;
const LOSS: u64 = 2 * SOL;

/// [`with_much_to_do_and_insured`] for more than what is lost.
fn with_much_to_do() -> World {
    with_much_to_do_and_insured(10 * SOL)
}

/// Validators that differ, rules, bonds that owe a bid, and everything to be found that an epoch can bring.
fn with_much_to_do_and_insured(insurance: u64) -> World {
    let validators = (0..VALIDATORS as u16)
        .map(|n| ValidatorConfig::default().with_commission_bps(n * 150).with_uptime_bps(10_000 - 300 * n));
    let mut world = staked(WorldConfig::default().with_validators(validators.collect()), 8_000 * SOL);
    world
        .set_rules(|rules| {
            rules.max_commission_bps = 800;
            rules.min_credit_bps = 9_000;
            rules.score_gain = 5;
        })
        .unwrap();
    for index in 0..3 {
        world.open_bond(index, BondTerms { commission_bps: 1_000, bid_ppb: 20_000 }, 50 * SOL).unwrap();
    }
    if insurance > 0 {
        world.fund_insurance(insurance).unwrap();
    }
    run_epochs(&mut world, 3);
    world.deposit("bob", 2_000 * SOL).unwrap();
    world.work_the_window().unwrap();
    world.order_unstake("ana", 500 * SOL).unwrap();
    world.next_slot();
    world.move_stake().unwrap();
    world.slash(4, LOSS).unwrap();
    let reserve = world.keys.reserve;
    world.give(&reserve, 3 * SOL).unwrap();
    world.cross_epoch();
    world
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Crank {
    Update(usize),
    Review(usize),
    Settle(usize),
    Sync,
}

fn all_cranks() -> Vec<Crank> {
    let validators = 0..VALIDATORS;
    let mut all: Vec<Crank> = validators.clone().map(Crank::Update).collect();
    all.extend(validators.map(Crank::Review));
    all.extend((0..3).map(Crank::Settle));
    all.push(Crank::Sync);
    all
}

fn turn(world: &mut World, crank: Crank) {
    let done = match crank {
        Crank::Update(index) => world.update([index]),
        Crank::Review(index) => world.review(index),
        Crank::Settle(index) => world.settle(index),
        Crank::Sync => world.sync(),
    };
    done.unwrap();
}

/// What a pool is, but for rounding: what belongs to holders, and to whom it lies.
fn wealth(world: &World) -> u64 {
    value(world) + withheld(world)
}

fn stakes(world: &World) -> Vec<u64> {
    (0..world.validators.len()).map(|index| world.record(index).staked_lamports).collect()
}

/// A settlement needs the review, so it is turned once more at the end, as all of them are: nobody knows who was first.
fn end_of_epoch(mut world: World, dice: &mut Dice, mut cranks: Vec<Crank>) -> World {
    dice.shuffle(&mut cranks);
    cranks.iter().for_each(|crank| turn(&mut world, *crank));
    all_cranks().into_iter().for_each(|crank| turn(&mut world, crank));
    world.to_move_window();
    world
}

/// Invariant 7, with reviews and settlements.
#[test]
fn the_order_of_updates_reviews_settlements_and_syncs_does_not_change_the_end_of_the_epoch() {
    let mut dice = Dice(7);
    let expected = end_of_epoch(with_much_to_do(), &mut Dice(0), vec![]);
    assert!(expected.record(6).must_leave(), "a rule was broken");
    assert!((0..3).all(|index| expected.bond(index).unwrap().lamports < 50 * SOL), "bids were paid");
    for _ in 0..8 {
        let found = end_of_epoch(with_much_to_do(), &mut dice, all_cranks());
        let [found_wealth, wealth] = [&found, &expected].map(wealth);
        assert!(found_wealth.abs_diff(wealth) <= 32, "{found_wealth} and {wealth}");
        assert!(found.pool().lst_supply.abs_diff(expected.pool().lst_supply) <= 32);
        assert_eq!((stakes(&found), found.held()), (stakes(&expected), expected.held()));
        for index in 0..VALIDATORS {
            let [found, expected] = [&found, &expected].map(|world| world.record(index));
            assert_eq!((found.score_bps, found.verdict), (expected.score_bps, expected.verdict));
        }
    }
}

/// A loss beyond the insurance is borne by rewards found so far, then by holders and tickets, and what is found after it makes
/// it good without a fee. So the order decides a little of who bears it, within the loss; nothing is won or lost by it.
#[test]
fn with_a_loss_beyond_the_insurance_the_order_decides_who_bears_it_and_not_how_much_there_is() {
    let mut dice = Dice(8);
    let assets = |world: &World| {
        let pool = world.pool();
        let owed = pool.queue().liabilities().unwrap().0;
        wealth(world) + owed + pool.insurance_due + pool.insurance_lamports
    };
    let expected = end_of_epoch(with_much_to_do_and_insured(0), &mut Dice(0), vec![]);
    for _ in 0..8 {
        let found = end_of_epoch(with_much_to_do_and_insured(0), &mut dice, all_cranks());
        assert!(assets(&found).abs_diff(assets(&expected)) <= 32);
        assert!(wealth(&found).abs_diff(wealth(&expected)) <= LOSS / 10);
        assert_eq!((stakes(&found), found.held()), (stakes(&expected), expected.held()));
    }
}

/// How a crank that moves stake is built.
type Move = fn(&PoolKeys, &ValidatorKeys) -> Instruction;

/// Invariant 7: delegations and undelegations of a window in any order. Who gets how much may differ by what cannot be moved,
/// but no lamport is won or lost by it.
#[test]
fn the_order_of_moves_in_a_window_does_not_change_the_value_at_the_end_of_the_epoch() {
    let run = |seed: u64| {
        let mut dice = Dice(seed);
        let mut world = end_of_epoch(with_much_to_do(), &mut Dice(0), vec![]);
        world.deposit("bob", 700 * SOL).unwrap();
        let of_all = |call: Move| (0..VALIDATORS).map(move |index| (call, index));
        let mut calls: Vec<(Move, usize)> =
            of_all(PoolKeys::undelegate).chain(of_all(PoolKeys::delegate)).collect();
        if seed > 0 {
            dice.shuffle(&mut calls);
        }
        for (call, index) in calls {
            let call = call(&world.keys, &world.validators[index]);
            world.send(&[call], &[]).unwrap();
        }
        world.work_the_edge().unwrap();
        (wealth(&world), world.pool().lst_supply, stakes(&world))
    };
    let expected = run(0);
    for seed in 1..7 {
        let found = run(seed);
        // What was not delegated yet earned nothing, but none of it was to earn before the next edge.
        assert!(found.0.abs_diff(expected.0) <= 32, "{} and {}", found.0, expected.0);
        assert!(found.1.abs_diff(expected.1) <= 32);
    }
}

/// solido fd5151e6, #421: maintainers raced, and all but one failed and paid. spl#6059, stakenet#299: what was done was sent
/// again in each run.
#[test]
fn a_second_keepers_transactions_succeed_and_change_nothing() {
    let mut world = with_much_to_do();
    let work = |world: &mut World| {
        world.update_all().unwrap();
        world.review_all().unwrap();
        world.settle_all().unwrap();
        world.leave_at_once().unwrap();
        world.sync().unwrap();
        world.claim_due().unwrap()
    };
    let state = |world: &World| {
        let records: Vec<_> = (0..VALIDATORS).map(|index| world.record(index)).collect();
        let seen: Vec<_> =
            records.iter().map(|r| (r.lamports, r.score_bps, r.in_use, r.reviewed_epoch)).collect();
        let pool = world.pool();
        (seen, pool.reserve_lamports, pool.moved_lamports, pool.lst_supply, pool.gains, world.rate())
    };
    work(&mut world);
    let first = state(&world);
    assert_eq!(work(&mut world), 0, "no ticket is paid twice");
    assert_eq!(state(&world), first);
    assert_eq!(nothing_due(&world.review(0).unwrap()), Some(NothingDueReason::AlreadyReviewed));
    assert_eq!(nothing_due(&world.settle(0).unwrap()), Some(NothingDueReason::AlreadySettled));

    world.to_move_window();
    world.move_stake().unwrap();
    let first = state(&world);
    for index in 0..VALIDATORS {
        assert!(nothing_due(&world.undelegate(index).unwrap()).is_some());
        assert!(nothing_due(&world.delegate(index).unwrap()).is_some());
    }
    assert_eq!(state(&world), first);
}

/// stakenet#69, #72: a decrease by the number in a list was larger than what the account held. What is moved is what is
/// there, whatever the record says.
#[test]
fn an_undelegation_takes_no_more_than_the_account_holds() {
    for lost in [100 * SOL, 700 * SOL, 999 * SOL] {
        let mut world = staked(still(), 4_000 * SOL);
        world.run_epoch().unwrap();
        let staked = world.record(1).staked_lamports;
        world.slash(1, lost.min(staked - SOL)).unwrap(); // after the update
        let left = delegated(&world, 1, StakeRole::Main);
        world.reweigh(1, 0, 0).unwrap();
        world.order_unstake("ana", 3_900 * SOL).unwrap();
        world.to_move_window();
        world.undelegate(1).unwrap();
        assert_eq!(world.pool().cooling_lamports, left);
        world.work_the_window().unwrap();
        world.work_the_edge().unwrap();
        assert_eq!(world.record(1).staked_lamports, 0);
        assert_all_booked(&world);
    }
}

/// What users do in every slot of an epoch without keepers: so little that no stake has to move for it.
fn act_in_every_slot(world: &mut World, slots: u64) {
    for _ in 0..slots {
        world.deposit("cat", SOL / 50).unwrap();
        world.liquid_unstake("cat", SOL / 200).unwrap();
        world.send_order("cat", SOL / 200).unwrap();
        let oldest = world.tickets[0].clone();
        if world.ticket(&oldest).is_some_and(|ticket| ticket.is_claimable_in(world.chain.epoch())) {
            world.claim(&oldest).unwrap();
        }
        world.next_slot_with_votes();
    }
}

/// One pool has keepers, its twin has none for whole epochs; users act in every slot of both. A few epochs of work later the
/// second one is as good as the first.
#[test]
fn a_pool_without_keepers_for_up_to_five_epochs_serves_everybody_and_is_none_the_worse_afterwards() {
    for epochs in [1, 3, 5] {
        let run = |has_keepers: bool| {
            let mut world = staked(WorldConfig::default(), 5_000 * SOL);
            world.add_liquidity("bob", 500 * SOL).unwrap();
            world.run_epoch().unwrap();
            let slots = world.chain.slots_per_epoch();
            world.deposit("cat", SOL).unwrap();
            for _ in 0..epochs {
                act_in_every_slot(&mut world, slots);
                if has_keepers {
                    world.pay_rewards();
                    world.update_all().unwrap();
                    world.review_all().unwrap();
                    world.sync().unwrap();
                }
            }
            run_epochs(&mut world, 4);
            assert!(world.tickets.is_empty());
            assert_all_booked(&world);
            world
        };
        let [worked, missed] = [true, false].map(run);
        let share = |world: &World| wealth(world) as f64 / world.pool().lst_supply as f64;
        let [worked_share, missed_share] = [&worked, &missed].map(share);
        // Fees are taken in shares at the rate of the day, and rewards flow later.
        assert!((missed_share / worked_share - 1.0).abs() < 2e-5, "{missed_share} and {worked_share}");
        for index in 0..4 {
            let away = stakes(&worked)[index].abs_diff(stakes(&missed)[index]);
            assert!(away < 2 * SOL, "{:?} and {:?}", stakes(&worked), stakes(&missed));
        }
        assert_eq!(missed.pool().last_update_epoch, missed.chain.epoch());
        println!("{epochs} epochs without a crank: a share is worth {missed_share:.9}, {worked_share:.9} with them");
    }
}

/// marinade#84, spl#5439: what stake leaves by was gone before the stake was. An update of a draining validator leaves its
/// accounts alone until all of them are empty, whatever came first.
#[test]
fn a_draining_validator_that_is_updated_before_its_stake_has_left_can_still_be_left() {
    for busy in [false, true] {
        let mut world = staked(still(), 4_000 * SOL);
        world.run_epoch().unwrap();
        if busy {
            world.deposit("bob", 1_000 * SOL).unwrap();
            world.work_the_window().unwrap();
            world.order_unstake("ana", 400 * SOL).unwrap();
            world.next_slot();
            world.move_stake().unwrap();
        }
        world.drain(1).unwrap();
        for _ in 0..12 {
            world.update_all().unwrap();
            world.run_epoch().unwrap();
        }
        assert!(world.record(1).is_empty(), "{:?}", world.record(1));
        world.remove(1).unwrap();
        assert!(world.tickets.is_empty());
        let spare = world.pool().spare_reserve().unwrap().0;
        assert!(spare < 3 * SOL, "the others have it: {spare}");
        assert_all_booked(&world);
    }
}
