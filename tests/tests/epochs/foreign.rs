//! Stake accounts that are not what the pool left them as. A cluster restart can reset them; whoever gets hold of one must
//! gain nothing by it, and no crank may fail for it.
//!
//! stake-pool 0e56295: a main account reset to Initialized could be taken over and was still counted. Neodyme SPL 2021-10:
//! an update trusted an address, not its authorities.

use {
    crate::support::*,
    solana_pubkey::Pubkey,
    solana_stake_interface::state::{Lockup, StakeStateV2},
    tidepool_client::{
        events::{ForeignStakeFound, NothingDueReason},
        Batch, TidepoolError,
    },
    tidepool_interface::pda::StakeRole::{self, Main, Offramp, Onramp},
    tidepool_localnet::World,
};

const VICTIM: usize = 2;

/// Rewrites a stake account of the validator.
fn tamper(world: &mut World, role: StakeRole, change: impl FnOnce(&mut StakeStateV2)) {
    let key = world.validators[VICTIM].stake(role);
    let mut account = world.account(&key).unwrap();
    let mut state = world.chain.stake_state(&key).unwrap();
    change(&mut state);
    account.data.fill(0);
    bincode::serialize_into(&mut account.data[..], &state).unwrap();
    world.chain.set_account(&key, &account);
}

fn meta(state: &mut StakeStateV2) -> &mut solana_stake_interface::state::Meta {
    match state {
        StakeStateV2::Initialized(meta) | StakeStateV2::Stake(meta, _, _) => meta,
        _ => panic!("no stake account"),
    }
}

type Change = fn(&mut StakeStateV2);

const TAKEN_OVER: [(&str, Change); 6] = [
    ("staker", |state| meta(state).authorized.staker = Pubkey::new_from_array([1; 32])),
    ("withdrawer", |state| meta(state).authorized.withdrawer = Pubkey::new_from_array([1; 32])),
    ("lockup epoch", |state| meta(state).lockup = Lockup { epoch: 1_000_000, ..Lockup::default() }),
    ("lockup time", |state| meta(state).lockup = Lockup { unix_timestamp: i64::MAX, ..Lockup::default() }),
    ("uninitialized", |state| *state = StakeStateV2::Uninitialized),
    ("rewards pool", |state| *state = StakeStateV2::RewardsPool),
];

/// The update books the account as lost, says so, and goes on; the other validators and all users are served.
#[test]
fn a_stake_account_that_was_taken_over_is_booked_as_lost_and_reported() {
    for (what, change) in TAKEN_OVER {
        for role in StakeRole::ALL {
            let mut world =
                staked(still().with_parameters(|p| p.settings.reserve_target_bps = 100), 4_000 * SOL);
            world.deposit("bob", 400 * SOL).unwrap();
            world.work_the_window().unwrap(); // the onramps are in use
            world.order_unstake("ana", 900 * SOL).unwrap();
            world.next_slot();
            world.move_stake().unwrap(); // and the offramps
            let lost = world.record(VICTIM).lamports(role);
            assert!(lost > 90 * SOL, "{role:?}");
            tamper(&mut world, role, change);

            world.cross_epoch();
            let before = world.pool().stake_lamports;
            let outcome = world.update([VICTIM]).unwrap();
            let reported = told::<ForeignStakeFound>(&outcome);
            assert_eq!((reported.len(), reported[0].stake.lamports), (1, lost), "{what} of {role:?}");
            assert_eq!(world.record(VICTIM).lamports(role), 0);
            assert!(world.pool().stake_lamports <= before - lost);

            let again = world.update([VICTIM]).unwrap();
            assert!(told::<ForeignStakeFound>(&again).is_empty(), "once is enough");
            world.update_all().unwrap();
            world.sync().unwrap();
            world.deposit("bob", 10 * SOL).unwrap();
            world.to_move_window();
            let refusals = [world.undelegate(VICTIM), world.delegate(VICTIM)];
            for refusal in refusals.into_iter().filter(Result::is_err) {
                refused(refusal, TidepoolError::ForeignStakeAccount);
            }
            for index in [0, 1, 3] {
                world.undelegate(index).unwrap();
                world.delegate(index).unwrap();
            }
            world.work_the_edge().unwrap();
            world.order_unstake("ana", 500 * SOL).unwrap();
        }
    }
}

/// Into a main account that is lost no stake can join, and out of an offramp that is lost none would come back.
#[test]
fn nothing_is_staked_with_a_validator_that_has_lost_an_account() {
    for role in [Main, Offramp] {
        let mut world = staked(still(), 4_000 * SOL);
        world.run_epoch().unwrap();
        tamper(&mut world, role, TAKEN_OVER[0].1);
        let mut batch = Batch::default();
        batch.add(&world.validators[VICTIM], &StakeRole::ALL).unwrap();
        let update = world.keys.update_validators(&batch);
        world.send(&[update], &[]).unwrap();
        world.deposit("bob", 400 * SOL).unwrap();
        world.to_move_window();
        let declined = world.delegate(VICTIM).unwrap();
        assert_eq!(nothing_due(&declined), Some(NothingDueReason::AccountLost), "{role:?}");
    }
}

/// What was taken by mistake and comes back is a gain, and makes the loss good without a fee.
#[test]
fn a_stake_account_that_comes_back_is_a_gain_without_a_fee() {
    let config = still().with_parameters(|p| p.fees.reward = 1_000);
    let mut world = staked(config, 4_000 * SOL);
    let key = world.validators[VICTIM].stake(Main);
    let original = world.account(&key).unwrap();
    let (before, supply) = (value(&world), world.pool().lst_supply);
    tamper(&mut world, Main, TAKEN_OVER[0].1);
    world.update([VICTIM]).unwrap();
    assert!(value(&world) < before - 900 * SOL);
    world.chain.set_account(&key, &original);
    world.update([VICTIM]).unwrap();
    assert_eq!((value(&world) + withheld(&world), world.pool().lst_supply), (before, supply));
    assert_eq!(world.pool().loss_carry, 0);
}

/// Delegated to somebody else, though still the pool's: it keeps its value, is not mixed up and pays tickets.
#[test]
fn stake_that_is_delegated_to_another_validator_keeps_its_value_and_pays_tickets() {
    let mut world = staked(still().with_parameters(|p| p.settings.reserve_target_bps = 100), 4_000 * SOL);
    let other = world.validators[0].vote;
    let before = value(&world);
    world.deposit("bob", 400 * SOL).unwrap();
    world.work_the_window().unwrap();
    tamper(&mut world, Main, |state| {
        if let StakeStateV2::Stake(_, stake, _) = state {
            stake.delegation.voter_pubkey = other;
        }
    });
    world.work_the_edge().unwrap();
    assert_eq!(value(&world), before + 400 * SOL);
    assert!(delegated(&world, VICTIM, Onramp) > 0, "it does not join");
    let stake = delegated(&world, VICTIM, Main);
    let ticket = world.order_unstake("ana", 3_900 * SOL).unwrap();
    world.run_epoch().unwrap();
    world.run_epoch().unwrap();
    assert!(world.ticket(&ticket).is_none());
    assert!(delegated(&world, VICTIM, Main) < stake / 5);
}
