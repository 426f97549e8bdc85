//! Keepers who want no good. Everything is decided on chain: a crank at the worst moment does what is right or nothing.

use {
    crate::support::*,
    tidepool_client::{
        events::{NothingDueReason, StakeDelegated, StakeUndelegated},
        TidepoolError,
    },
    tidepool_interface::pda::StakeRole::{Main, Onramp},
    tidepool_localnet::{ValidatorConfig, World, WorldConfig},
    tidepool_math::Bps,
};

/// A pool in the move window of an epoch in which nothing was updated yet.
fn in_the_window() -> World {
    let mut world = staked(WorldConfig::default(), 4_000 * SOL);
    world.cross_epoch();
    world.to_move_window();
    world
}

#[test]
fn stake_moves_only_in_the_last_part_of_an_epoch() {
    let mut world = staked(WorldConfig::default(), 4_000 * SOL);
    let slots = world.chain.slots_per_epoch();
    let window = Bps(world.pool().move_window_bps).of_ceil(slots);
    world.deposit("bob", 400 * SOL).unwrap();
    loop {
        let is_open = world.slot_in_epoch() >= slots - window;
        if is_open {
            world.delegate(0).unwrap();
            world.undelegate(0).unwrap();
        } else {
            refused(world.delegate(0), TidepoolError::OutsideMoveWindow);
            refused(world.undelegate(0), TidepoolError::OutsideMoveWindow);
        }
        if world.slot_in_epoch() + 1 == slots {
            return;
        }
        world.next_slot();
    }
}

/// Marinade, stake-pool#222: decisions on the numbers of yesterday.
#[test]
fn nothing_is_undelegated_before_the_validator_was_updated_in_this_epoch() {
    let mut world = in_the_window();
    world.order_unstake("ana", 1_000 * SOL).unwrap();
    world.next_slot();
    let outcome = world.undelegate(0).unwrap();
    assert_eq!(nothing_due(&outcome), Some(NothingDueReason::NotUpdated));
    world.update([0]).unwrap();
    let outcome = world.undelegate(0).unwrap();
    assert_eq!(nothing_due(&outcome), None);
    assert!(told::<StakeUndelegated>(&outcome)[0].stake.lamports > 100 * SOL);
    assert_eq!(
        nothing_due(&world.undelegate(1).unwrap()),
        Some(NothingDueReason::NotUpdated),
        "of the others too"
    );
}

#[test]
fn nothing_is_delegated_while_tickets_wait() {
    let mut world = in_the_window();
    world.update_all().unwrap();
    world.order_unstake("ana", 1_000 * SOL).unwrap();
    assert_eq!(nothing_due(&world.delegate(0).unwrap()), Some(NothingDueReason::TicketsWaiting));
    world.deposit("bob", 100 * SOL).unwrap();
    assert_eq!(nothing_due(&world.delegate(0).unwrap()), Some(NothingDueReason::TicketsWaiting));
    assert!(world.pool().free_reserve().unwrap().is_zero());
    world.deposit("bob", 2_000 * SOL).unwrap();
    assert_eq!(nothing_due(&world.delegate(0).unwrap()), None);
}

#[test]
fn a_validator_at_its_target_gets_and_gives_nothing_however_often_it_is_asked() {
    let mut world = in_the_window();
    world.update_all().unwrap();
    for _ in 0..3 {
        for index in 0..4 {
            assert_eq!(nothing_due(&world.delegate(index).unwrap()), Some(NothingDueReason::AtTarget));
            assert_eq!(nothing_due(&world.undelegate(index).unwrap()), Some(NothingDueReason::AtTarget));
        }
    }
}

/// marinade#62: a target a little above the stake made a delegation below the minimum.
#[test]
fn less_than_the_minimum_delegation_is_not_delegated() {
    let mut world = staked(still(), 400 * SOL);
    world.deposit("bob", SOL / 2).unwrap();
    world.to_move_window();
    for index in 0..4 {
        assert_eq!(nothing_due(&world.delegate(index).unwrap()), Some(NothingDueReason::AtTarget));
    }
}

/// A second deposit in the same epoch: what already warms up since this epoch takes it along.
#[test]
fn what_is_deposited_after_a_delegation_of_the_same_epoch_joins_it() {
    let mut world = in_the_window();
    world.update_all().unwrap();
    world.deposit("bob", 400 * SOL).unwrap();
    let first = world.delegate(0).unwrap();
    world.deposit("bob", 800 * SOL).unwrap();
    let second = world.delegate(0).unwrap();
    let sum: u64 =
        [first, second].iter().flat_map(told::<StakeDelegated>).map(|event| event.stake.lamports).sum();
    assert!(sum > 250 * SOL, "{sum}");
    assert_eq!(delegated(&world, 0, Onramp), sum);
}

/// Only one validator is ever asked, by a keeper who likes it.
#[test]
fn a_keeper_who_serves_only_his_validator_gives_it_no_more_than_its_target() {
    let mut world = peopled(WorldConfig::default());
    world.deposit("ana", 4_000 * SOL).unwrap();
    for _ in 0..5 {
        world.to_move_window();
        for _ in 0..3 {
            world.delegate(2).unwrap();
        }
        world.work_the_edge().unwrap();
    }
    let stake = delegated(&world, 2, Main) + delegated(&world, 2, Onramp);
    let target = world.pool().target_stake(&world.record(2), world.chain.slot()).unwrap().0;
    assert!(stake <= target + world.ledger.rewards as u64, "{stake}, {target} is its target");
    assert!(stake > 980 * SOL);
    // And he cannot keep it from being spread.
    world.run_epoch().unwrap();
    world.run_epoch().unwrap();
    assert!((0..4).all(|index| delegated(&world, index, Main) > 980 * SOL));
}

/// The cap binds the manager's weights too; what no validator may have stays in the reserve.
#[test]
fn no_validator_gets_more_than_its_cap_whatever_its_weight() {
    let mut config = WorldConfig::default().with_parameters(|p| p.settings.max_validator_bps = 3_000);
    config.weights = vec![1_000_000, 10, 10, 10];
    let mut world = staked(config, 4_000 * SOL);
    for _ in 0..3 {
        world.run_epoch().unwrap();
        let all = delegatable(&world);
        for index in 0..4 {
            let stake = world.record(index).staked_lamports;
            assert!(stake <= all / 10 * 3 + SOL, "{index} has {stake} of {all}");
        }
    }
    assert!(world.record(0).staked_lamports > delegatable(&world) / 100 * 29);
}

/// Invariant 10: cranks alone bring the pool to its targets within three epochs.
#[test]
fn a_reserve_that_tickets_drained_is_filled_up_again_by_cranks_alone() {
    let mut world = staked(WorldConfig::default(), 4_000 * SOL);
    let kept = |world: &World| {
        let free = world.pool().free_reserve().unwrap().0 as i128;
        free - i128::from(world.pool().reserve_buffer().0)
    };
    assert!(kept(&world) >= 0 && kept(&world) < i128::from(SOL), "{}", kept(&world));
    let lst = world.pool().free_reserve().unwrap().0;
    world.order_unstake("ana", lst - SOL / 10).unwrap();
    assert!(kept(&world) < -(30 * SOL as i128));
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    // Each validator may be above its target by less than the smallest move.
    assert!(kept(&world) > -(4 * SOL as i128), "{}", kept(&world));
    assert!(kept(&world) < 4 * SOL as i128, "{}", kept(&world));
}

/// marinade bdcc572: operators unstaked 6.33 M SOL in an epoch. Here the weights say that all of the stake should move.
#[test]
fn rebalancing_moves_no_more_than_its_share_in_an_epoch_and_tickets_come_on_top() {
    let mut config = WorldConfig::default().with_parameters(|p| p.settings.max_move_bps = 500);
    config.chain.validators = vec![ValidatorConfig::default(); 5];
    config.weights = vec![100];
    let mut world = staked(config, 2_000 * SOL);
    for index in 1..5 {
        world.add_validator(index, 10_000).unwrap(); // validator 0 is now far above its target
    }
    for _ in 0..4 {
        world.to_move_window();
        let most = Bps(500).of_floor(value(&world));
        let before = delegated(&world, 0, Main);
        for _ in 0..3 {
            world.move_stake().unwrap();
        }
        let moved = before - delegated(&world, 0, Main);
        assert!(moved <= most && moved > most / 2, "{moved} of {most}");
        world.work_the_edge().unwrap();
    }
    let ticket = world.order_unstake("ana", 1_000 * SOL).unwrap();
    world.run_epoch().unwrap();
    world.run_epoch().unwrap();
    assert!(world.ticket(&ticket).is_none(), "tickets are not limited by the budget");
}

/// Every crank in every slot, in an order made by chance, by somebody who does not care whether it makes sense.
#[test]
fn cranks_at_every_moment_do_no_harm() {
    let mut dice = Dice(11);
    let mut world = staked(WorldConfig::default(), 4_000 * SOL);
    world.add_liquidity("cat", 500 * SOL).unwrap();
    let end = world.chain.epoch() + 6;
    while world.chain.epoch() < end {
        for _ in 0..3 {
            let index = dice.between(0, 4) as usize;
            let refusals = match dice.between(0, 7) {
                0 => world.update([index]).err(),
                1 => world.sync().err(),
                2 => world.delegate(index).err(),
                3 => world.undelegate(index).err(),
                4 => world.deposit("bob", dice.between(SOL, 40 * SOL)).err(),
                5 => match world.lst_of("bob") {
                    lst if lst > SOL => world.send_order("bob", lst / 3).err(),
                    _ => None,
                },
                _ => world.claim_due().err(),
            };
            if let Some(failure) = refusals {
                let code = failure.custom_error_code();
                let named = [TidepoolError::OutsideMoveWindow, TidepoolError::EpochRewardsActive];
                assert!(named.into_iter().any(|error| code == Some(error.into())), "{failure}");
            }
        }
        world.next_slot_with_votes();
    }
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    assert!(world.tickets.is_empty());
    assert_all_booked(&world);
}
