//! Anyone may deactivate stake whose validator has been silent for five epochs. The pool finds out by itself.
//!
//! spl#3152, #5162, #5439 (from 2023-08 to 2024-01 neither withdrawn from nor removed), marinade#4, #76, #84, single-pool
//! ReactivatePool: the programs assumed that they alone deactivate.

use {
    crate::support::*,
    solana_account::Account,
    solana_stake_interface::instruction::deactivate_delinquent_stake,
    tidepool_interface::pda::StakeRole::{self, Main, Offramp, Onramp},
    tidepool_localnet::{World, WorldConfig},
};

/// The validator that falls silent, and one that goes on.
const SILENT: usize = 1;
const VOTING: usize = 0;

/// A pool whose validator `SILENT` has not voted for five epochs; its stake lies in the main account.
fn with_a_silent_validator(config: WorldConfig) -> World {
    let mut world = staked(config, 4_000 * SOL);
    world.chain.set_uptime(SILENT, 0);
    for _ in 0..5 {
        world.run_epoch().unwrap();
    }
    assert!(delegated(&world, SILENT, Main) > 900 * SOL);
    world
}

/// A stranger deactivates a stake account of the silent validator.
fn deactivate_by_a_stranger(world: &mut World, role: StakeRole) {
    world.chain.vote_all(); // the witness must have voted in this epoch too
    let stake = world.validators[SILENT].stake(role);
    let (silent, voting) = (world.validators[SILENT].vote, world.validators[VOTING].vote);
    world.send(&[deactivate_delinquent_stake(&stake, &silent, &voting)], &[]).unwrap();
    assert_eq!(world.chain.delegation(&stake).unwrap().deactivation_epoch, world.chain.epoch());
}

/// One epoch in which only the edge is worked: nothing is delegated. The pool loses nothing by it.
fn next_epoch_without_moves(world: &mut World) {
    let before = value(world) + withheld(world);
    world.work_the_edge().unwrap();
    assert!(value(world) + withheld(world) >= before);
    assert_all_booked(world);
}

/// The validator is back, and within three epochs its main account has its quarter of the stake again.
fn recovers(mut world: World) {
    world.chain.set_uptime(SILENT, 10_000);
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    let stakes: Vec<u64> = (0..4).map(|index| delegated(&world, index, Main)).collect();
    let quarter = world.pool().stake_lamports / 4;
    assert!(stakes[SILENT] > quarter / 100 * 99, "{stakes:?}");
    assert_eq!(delegated(&world, SILENT, Onramp), 0);
    assert_all_booked(&world);
}

#[test]
fn a_deactivated_main_account_comes_back_to_the_reserve_and_is_delegated_again() {
    let mut world = with_a_silent_validator(WorldConfig::default());
    let stake = delegated(&world, SILENT, Main);
    deactivate_by_a_stranger(&mut world, Main);
    world.update([SILENT]).unwrap();
    world.to_move_window();
    world.undelegate(SILENT).unwrap();
    let reserve = world.pool().reserve_lamports;
    next_epoch_without_moves(&mut world);
    assert!(world.pool().reserve_lamports >= reserve + stake - SOL, "it is back in the reserve");
    assert_eq!(delegated(&world, SILENT, Main), 0);
    recovers(world);
}

/// single-pool v6: a crank reactivates. Here the stake lies in the reserve for a part of an epoch.
#[test]
fn a_main_account_deactivated_in_its_last_slot_of_work_keeps_its_value() {
    let mut world = with_a_silent_validator(WorldConfig::default());
    world.work_the_window().unwrap();
    world.to_last_slot();
    deactivate_by_a_stranger(&mut world, Main);
    next_epoch_without_moves(&mut world);
    recovers(world);
}

/// The stake never was effective: it is free in the epoch of its deactivation, and can be delegated again in it.
#[test]
fn an_onramp_deactivated_before_it_was_active_is_free_at_once_and_used_again() {
    for update_first in [true, false] {
        let mut world = with_a_silent_validator(WorldConfig::default());
        world.deposit("bob", 2_000 * SOL).unwrap();
        world.work_the_window().unwrap();
        assert!(delegated(&world, SILENT, Onramp) > 400 * SOL);
        deactivate_by_a_stranger(&mut world, Onramp);
        if update_first {
            world.update([SILENT]).unwrap();
            assert_eq!(delegated(&world, SILENT, Onramp), 0);
        }
        world.delegate(SILENT).unwrap();
        next_epoch_without_moves(&mut world);
        recovers(world);
    }
}

#[test]
fn an_onramp_deactivated_when_it_was_active_comes_back_to_the_reserve() {
    let mut world = with_a_silent_validator(WorldConfig::default());
    world.deposit("bob", 2_000 * SOL).unwrap();
    world.work_the_window().unwrap();
    world.cross_epoch();
    deactivate_by_a_stranger(&mut world, Onramp); // before any update could merge it
    world.update_all().unwrap();
    world.work_the_window().unwrap();
    next_epoch_without_moves(&mut world);
    assert_eq!(delegated(&world, SILENT, Onramp), 0);
    recovers(world);
}

/// spl#5439: two accounts of a validator in opposite states, which nothing could bring together again.
#[test]
fn main_and_onramp_recover_from_every_mixture_of_states() {
    for deactivated in [vec![Main], vec![Onramp], vec![Main, Onramp]] {
        for epochs_between in 0..3 {
            let mut world = with_a_silent_validator(WorldConfig::default());
            for role in &deactivated {
                match role {
                    Main => deactivate_by_a_stranger(&mut world, Main),
                    _ => {
                        world.deposit("bob", 2_000 * SOL).unwrap();
                        world.work_the_window().unwrap();
                        deactivate_by_a_stranger(&mut world, Onramp);
                    }
                }
                for _ in 0..epochs_between {
                    next_epoch_without_moves(&mut world);
                }
            }
            // Everything that can be tried in this state is tried; none of it fails.
            world.deposit("cat", 100 * SOL).unwrap();
            world.order_unstake("ana", 50 * SOL).unwrap();
            world.run_epoch().unwrap();
            world.run_epoch().unwrap();
            assert!(world.tickets.is_empty());
            recovers(world);
        }
    }
}

/// Tickets are paid though the stake that was to pay them was deactivated by somebody else, or with it.
#[test]
fn tickets_are_paid_while_strangers_deactivate() {
    let mut world = with_a_silent_validator(WorldConfig::default());
    let ticket = world.order_unstake("ana", 2_000 * SOL).unwrap();
    deactivate_by_a_stranger(&mut world, Main);
    world.work_the_window().unwrap();
    assert_eq!(delegated(&world, SILENT, Offramp), 0, "what cools already is not moved");
    let mut epochs = 0;
    while world.ticket(&ticket).is_some() {
        world.run_epoch().unwrap();
        epochs += 1;
        assert!(epochs < 3);
    }
    recovers(world);
}

/// SIMD-0608, VB#297, spl#5162: handlers that read the vote account could not let go of stake when it was gone.
#[test]
fn stake_leaves_a_validator_whose_vote_account_is_closed_emptied_or_somebody_elses() {
    let vote_accounts = [
        None,
        Some(Account { owner: solana_sdk_ids::vote::id(), ..account(vec![0; 3_762]) }),
        Some(account(vec![0xff; 3_762])),
    ];
    for vote_account in vote_accounts {
        let mut world = with_a_silent_validator(WorldConfig::default());
        let vote = world.validators[SILENT].vote;
        world.chain.set_account(&vote, &vote_account.unwrap_or_default());
        let ticket = world.order_unstake("ana", 3_900 * SOL).unwrap();
        world.to_move_window();
        for index in 0..4 {
            world.undelegate(index).unwrap();
        }
        assert!(delegated(&world, SILENT, Offramp) > 900 * SOL);
        world.work_the_edge().unwrap();
        assert!(world.ticket(&ticket).is_none());
        assert_all_booked(&world);
    }
}

fn account(data: Vec<u8>) -> Account {
    Account {
        lamports: SOL,
        data,
        owner: solana_sdk_ids::system_program::id(),
        executable: false,
        rent_epoch: u64::MAX,
    }
}
