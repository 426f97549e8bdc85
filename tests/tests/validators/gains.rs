//! Where gains come from and whose losses are whose, in the pool's books and in its history.

use {
    crate::ground,
    solana_stake_interface::state::StakeStateV2,
    tidepool_client::{BondTerms, Gains, HistoryEntry, HistoryRing},
    tidepool_tests::prelude::*,
};

/// The newest entry of the history, and how many there are.
fn newest(world: &World) -> (HistoryEntry, usize) {
    let data = world.account(&world.keys.history).unwrap().data;
    let ring = HistoryRing::read(&data, &world.keys.pool).unwrap();
    (*ring.newest(0).unwrap(), ring.len())
}

/// What the stake accounts of the pool hold beyond its books.
fn found_on_chain(world: &World) -> u64 {
    let of_one = |index: usize| -> u64 {
        let (keys, record) = (world.validators[index], world.record(index));
        StakeRole::ALL
            .iter()
            .map(|role| world.chain.lamports(&keys.stake(*role)) - record.lamports(*role))
            .sum()
    };
    (0..world.validators.len()).map(of_one).sum()
}

/// Rewards of stake, of that which cools down too; tips; gifts; what a leaver pays; what a bond pays: each where it belongs, once.
#[test]
fn gains_are_told_apart_by_their_source_and_the_history_keeps_them() {
    let mut world = ground::staked(WorldConfig::default(), 4_000 * SOL);
    world.open_bond(1, BondTerms { commission_bps: 500, bid_ppb: 100_000 }, 50 * SOL).unwrap();
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    assert_eq!(world.pool().gains, Gains::default(), "all of it is in the history");
    let (_, entries) = newest(&world);

    let main = world.validators[0].stake(StakeRole::Main);
    world.give(&main, 3 * SOL).unwrap();
    world.update([0]).unwrap();
    world.give(&world.keys.reserve.clone(), 5 * SOL).unwrap();
    world.sync().unwrap();
    ground::slots(&mut world, 2);
    let (user, vote) = (world.user("ana"), world.validators[0]);
    let stake = world.prepare_stake().unwrap();
    let leave = world.keys.withdraw_stake(&user.wallet.pubkey(), &stake, &vote, &user.lst, 20 * SOL, 0);
    let outcome = world.send(&[leave], &[&user.wallet]).unwrap();
    let charge = told::<events::StakeWithdrawn>(&outcome)[0].charge_lamports;
    assert!(charge > 0);
    let known = Gains { free: 3 * SOL, gifts: 5 * SOL, fees: charge, ..Gains::default() };
    assert_eq!(world.pool().gains, known);

    // Half of what one has cools down, and earns until the edge.
    world.order_unstake("ana", 500 * SOL).unwrap();
    world.to_move_window();
    world.undelegate(2).unwrap();
    world.cross_epoch();
    let rewards = found_on_chain(&world);
    let offramp = world.validators[2].stake(StakeRole::Offramp);
    assert!(world.chain.lamports(&offramp) > world.record(2).lamports(StakeRole::Offramp), "it has earned");
    world.update_all().unwrap();
    world.review_all().unwrap();
    let outcome = world.settle(1).unwrap();
    let paid = told::<events::BondSettled>(&outcome)[0].paid_lamports;
    assert!(paid > SOL / 20, "0.01 % of some 1,000 SOL: {paid}");
    let known = Gains { delegation: rewards, bonds: paid, ..known };
    assert_eq!(world.pool().gains, known);

    for _ in 0..3 {
        world.sync().unwrap();
        world.update_all().unwrap();
        world.settle(1).unwrap();
        assert_eq!(world.pool().gains, Gains::default());
        let (entry, now) = newest(&world);
        assert_eq!((entry.gains, entry.loss, now), (known, 0, entries + 1));
    }
}

#[test]
fn free_lamports_of_every_account_are_no_rewards() {
    let mut world = ground::staked(ground::still(3), 300 * SOL);
    for (index, role) in [(0, StakeRole::Main), (1, StakeRole::Onramp), (2, StakeRole::Offramp)] {
        let stake = world.validators[index].stake(role);
        world.give(&stake, SOL + index as u64).unwrap();
    }
    let update = ground::update_in_full(&world, 0..3);
    world.send(&[update], &[]).unwrap();
    assert_eq!(world.pool().gains, Gains { free: 3 * SOL + 3, ..Gains::default() });

    // An account that cooled down before and rests: what its delegation was is no stake.
    world.order_unstake("ana", 100 * SOL).unwrap();
    ground::next_slot(&mut world);
    for _ in 0..2 {
        world.run_epoch().unwrap();
    }
    let offramps: Vec<Pubkey> =
        world.validators.iter().map(|validator| validator.stake(StakeRole::Offramp)).collect();
    let used = offramps.iter().filter(|stake| world.chain.delegation(stake).is_some()).count();
    assert!(used > 0);
    for stake in &offramps {
        world.give(stake, 2 * SOL).unwrap();
    }
    let update = ground::update_in_full(&world, 0..3);
    world.send(&[update], &[]).unwrap();
    assert_eq!(world.pool().gains, Gains { free: 6 * SOL, ..Gains::default() });
}

/// What is slashed is the validator's doing, and its bond will be asked for it; an account that is not the pool's any more is not.
#[test]
fn a_slashing_is_booked_to_its_validator_and_a_lost_account_to_nobody() {
    let mut world = ground::staked(ground::still(4), 4_000 * SOL);
    world.deposit("bob", 400 * SOL).unwrap();
    world.order_unstake("bob", 200 * SOL).unwrap();
    ground::next_slot(&mut world);
    world.to_move_window();
    world.move_stake().unwrap();
    world.slash(0, 7 * SOL).unwrap();
    for (index, role, lamports) in [(0, StakeRole::Onramp, 2 * SOL), (1, StakeRole::Main, 1)] {
        let stake = world.validators[index].stake(role);
        if world.chain.slash(&stake, lamports).is_some() {
            world.ledger.rewards -= i128::from(lamports);
        }
    }
    // Validator 3 loses its main account to a stranger.
    let main = world.validators[3].stake(StakeRole::Main);
    let lost = world.record(3).lamports(StakeRole::Main);
    let mut account = world.account(&main).unwrap();
    let mut state = world.chain.stake_state(&main).unwrap();
    let StakeStateV2::Stake(meta, _, _) = &mut state else { panic!("it has stake") };
    meta.authorized.withdrawer = Pubkey::new_unique();
    bincode::serialize_into(&mut account.data[..], &state).unwrap();
    world.chain.set_account(&main, &account);

    let of_onramp = world.record(0).lamports(StakeRole::Onramp)
        - world.chain.lamports(&world.validators[0].stake(StakeRole::Onramp));
    for _ in 0..3 {
        let update = ground::update_in_full(&world, 0..4);
        world.send(&[update], &[]).unwrap();
        let losses = [0, 1, 2, 3].map(|index| world.record(index).lost_lamports);
        assert_eq!(losses, [7 * SOL + of_onramp, 1, 0, 0]);
        assert_eq!(world.pool().loss, 7 * SOL + of_onramp + 1 + lost);
    }
    let loss = world.pool().loss;
    world.cross_epoch();
    world.sync().unwrap();
    assert_eq!((newest(&world).0.loss, world.pool().loss), (loss, 0));
}

/// VB ND-MND3-I1: what only the log says is lost when the log is cut. State alone tells what fourteen updates have found.
#[test]
fn fourteen_updates_in_one_transaction_leave_what_they_found_in_the_state() {
    const VALIDATORS: usize = 14;
    let mut config = WorldConfig::default().with_validators(vec![ValidatorConfig::default(); VALIDATORS]);
    config.weights.clear();
    let mut world = ground::funded(config, 1_400 * SOL);
    for index in 0..VALIDATORS {
        world.add_validator(index, 100).unwrap();
    }
    world.run_epoch().unwrap();
    world.cross_epoch();
    let rewards = found_on_chain(&world);
    for index in 0..VALIDATORS {
        let main = world.validators[index].stake(StakeRole::Main);
        world.give(&main, 1_000_000 + index as u64).unwrap();
    }
    let tips = found_on_chain(&world) - rewards;
    let table = world.lookup_table();
    let updates: Vec<Instruction> =
        (0..VALIDATORS).map(|index| world.keys.update_validators(&world.batch([index]))).collect();
    let outcome = world.send_versioned(&updates, &[], &[table]).unwrap();
    assert!(outcome.compute_units < 1_400_000);
    world.sync().unwrap();
    let entry = newest(&world).0;
    assert_eq!(entry.gains, Gains { delegation: rewards, free: tips, ..Gains::default() });
    assert_eq!((entry.epoch, world.pool().last_update_epoch), (world.chain.epoch(), world.chain.epoch()));
}
