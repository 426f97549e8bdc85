//! Every state that the three stake accounts of a validator can be in, and every crank in each of them.
//!
//! spl#5439: main was deactivated while the onramp was still activating, and nothing could ever bring them together again.
//! solido#260: merges failed between accounts of different states, and 28 of them piled up. Neodyme SPL 2023-01, spl#3987,
//! spl#4002: deactivated stake met an activating account and was activated again.

use {
    crate::support::*,
    solana_signer::Signer,
    solana_stake_interface::{
        instruction::deactivate_stake,
        state::{Stake, StakeStateV2},
    },
    tidepool_client::Batch,
    tidepool_interface::pda::StakeRole,
    tidepool_localnet::{ValidatorConfig, World},
};

/// Where a stake account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It has no delegation.
    Initialized,
    Activating,
    Active,
    /// It was active until this epoch.
    Deactivating,
    /// It was deactivated epochs ago, and still says to whom it was delegated.
    Inactive,
    /// It was deactivated in the epoch of its delegation, which is this one.
    NeverActive,
}
use State::*;

const STATES: [State; 5] = [Initialized, Activating, Active, Deactivating, Inactive];
const ALL: usize = STATES.len() * STATES.len() * STATES.len();

/// Of validator `index`: main, onramp, offramp.
fn states_of(index: usize) -> [State; 3] {
    [STATES[index / 25], STATES[index / 5 % 5], STATES[index % 5]]
}

/// What lies in an account beyond its rent. Onramps of every fourth validator are as small as they can be.
fn lamports_of(index: usize, role: StakeRole) -> u64 {
    match role {
        StakeRole::Main => 8 * SOL,
        StakeRole::Onramp if index.is_multiple_of(4) => SOL,
        StakeRole::Onramp => 3 * SOL,
        StakeRole::Offramp => 2 * SOL,
    }
}

/// A validator for each combination, without any stake yet; the chain is some epochs old.
fn with_a_validator_for_each() -> World {
    let mut validators = vec![ValidatorConfig::default().with_stake(1_000_000 * SOL)];
    validators.resize(ALL, ValidatorConfig::default().with_stake(100 * SOL));
    let mut config = still().with_validators(validators);
    config.weights.clear();
    config.parameters.settings.max_move_bps = 10_000;
    let mut world = peopled(config);
    world.deposit("ana", 10 * SOL).unwrap();
    (0..ALL).for_each(|index| drop(world.add_validator(index, 100).unwrap()));
    // A cluster in which stake comes and goes in every epoch, as that of the accounts would have.
    let (eve, mut theirs) = (world.user("eve").wallet, vec![]);
    for _ in 0..5 {
        theirs.push(world.add_stake("eve", 0, 2_000 * SOL).unwrap());
        if let [.., last, _] = theirs[..] {
            world.send(&[deactivate_stake(&last, &eve.pubkey())], &[&eve]).unwrap();
        }
        world.cross_epoch();
    }
    world
}

/// Brings an account into a state, as the stake program would have left it.
fn bring_into(world: &mut World, index: usize, role: StakeRole, state: State) {
    let key = world.validators[index].stake(role);
    world.give(&key, lamports_of(index, role)).unwrap();
    let mut account = world.account(&key).unwrap();
    let StakeStateV2::Initialized(meta) = bincode::deserialize(&account.data).unwrap() else {
        panic!("{index} {role:?} is not new")
    };
    let epoch = world.chain.epoch();
    let (activation_epoch, deactivation_epoch) = match state {
        Initialized => return,
        Activating => (epoch, u64::MAX),
        Active => (epoch - 2, u64::MAX),
        Deactivating => (epoch - 2, epoch),
        Inactive => (epoch - 3, epoch - 2),
        NeverActive => (epoch, epoch),
    };
    let mut stake = Stake::default();
    stake.delegation.voter_pubkey = world.validators[index].vote;
    stake.delegation.stake = account.lamports - world.chain.rent().minimum_balance(200);
    (stake.delegation.activation_epoch, stake.delegation.deactivation_epoch) =
        (activation_epoch, deactivation_epoch);
    let delegated = StakeStateV2::Stake(meta, stake, Default::default());
    account.data.fill(0);
    bincode::serialize_into(&mut account.data[..], &delegated).unwrap();
    world.chain.set_account(&key, &account);
}

/// Every crank on every validator in its state. None may fail: it does what is due, or says that there is nothing.
fn turn_every_crank(world: &mut World) {
    for index in 0..ALL {
        let (keys, validator) = (world.keys, world.validators[index]);
        let cranks =
            [keys.undelegate(&validator), keys.delegate(&validator), keys.review_validator(&validator)];
        if let Err(failure) = world.send(&cranks, &[]) {
            panic!("{index} in {:?}: {failure}", states_of(index));
        }
    }
    world.sync().unwrap();
}

/// An update of all accounts of every validator, a few in a transaction.
fn update_every_account(world: &mut World) {
    for some in (0..ALL).collect::<Vec<_>>().chunks(5) {
        let mut batch = Batch::default();
        for index in some {
            batch.add(&world.validators[*index], &StakeRole::ALL).unwrap();
        }
        let update = world.keys.update_validators(&batch);
        if let Err(failure) = world.send(&[update], &[]) {
            panic!("{:?}: {failure}", some.iter().map(|index| states_of(*index)).collect::<Vec<_>>());
        }
    }
}

#[test]
fn every_crank_works_in_every_state_of_the_three_accounts_and_all_of_it_comes_together_again() {
    let mut world = with_a_validator_for_each();
    world.to_move_window();
    let mut found = 0;
    for index in 0..ALL {
        for (role, state) in StakeRole::ALL.into_iter().zip(states_of(index)) {
            bring_into(&mut world, index, role, state);
            found += lamports_of(index, role);
        }
    }
    let before = value(&world) + withheld(&world);
    turn_every_crank(&mut world); // before any update has seen them
    update_every_account(&mut world);
    let has = value(&world) + withheld(&world);
    assert!(has.abs_diff(before + found) <= ALL as u64, "{has} of {before} and {found} found");
    turn_every_crank(&mut world);

    for _ in 0..3 {
        world.cross_epoch();
        update_every_account(&mut world);
        world.to_move_window();
        turn_every_crank(&mut world);
    }
    world.cross_epoch();
    update_every_account(&mut world);
    assert_all_booked(&world);
    let (pool, slot) = (world.pool(), world.chain.slot());
    for index in 0..ALL {
        let (record, states) = (world.record(index), states_of(index));
        let target = pool.target_stake(&record, slot).unwrap().0;
        let [main, onramp, offramp] = StakeRole::ALL.map(|role| delegated(&world, index, role));
        assert!(main.abs_diff(target) < SOL, "{index} {states:?}: {main} of {target}");
        // An offramp that was never sent out is nobody's doing here: it is left alone, and harms nothing.
        let is_left_alone = matches!(states[2], Activating | Active);
        assert_eq!((onramp, offramp > 0), (0, is_left_alone), "{index} {states:?}");
        assert_eq!(record.staked_lamports, main, "{index} {states:?}");
    }
    assert!(pool.spare_reserve().unwrap().0 < SOL);
    assert_eq!(pool.cooling_lamports, 0);
}

/// Neodyme SPL 2023-01: undelegated in the epoch of a delegation with the same validator. What is warming up goes on to do so,
/// what was active cools down, and each lamport comes out where it should.
#[test]
fn stake_sent_out_in_the_epoch_in_which_stake_came_in_keeps_its_value() {
    let mut world = staked(still(), 4_000 * SOL);
    world.deposit("bob", 2_000 * SOL).unwrap();
    world.work_the_window().unwrap();
    let warming: Vec<u64> = (0..4).map(|index| delegated(&world, index, StakeRole::Onramp)).collect();
    let ticket = world.order_unstake("ana", 1_000 * SOL).unwrap();
    world.next_slot();
    world.move_stake().unwrap();
    for (index, warming) in warming.iter().enumerate() {
        assert_eq!(delegated(&world, index, StakeRole::Onramp), *warming, "it was not touched");
        assert!(delegated(&world, index, StakeRole::Offramp) > 200 * SOL);
    }
    let held = world.held();
    world.work_the_edge().unwrap();
    assert!(world.ticket(&ticket).is_none());
    let (rent, paid) = (world.held() - held, 1_000 * SOL as i128);
    assert!((-paid - i128::from(SOL)..=-paid).contains(&rent), "only the ticket was paid: {rent}");
    for index in 0..4 {
        assert_eq!(delegated(&world, index, StakeRole::Onramp), 0, "it has joined");
    }
    assert_all_booked(&world);
}

/// DelegateStake would not take back what cools down, but begin anew; and MoveStake brings nothing to what is warming up.
#[test]
fn an_offramp_that_never_was_active_takes_stake_as_an_empty_one_does() {
    let mut world = staked(still(), 400 * SOL);
    world.run_epoch().unwrap();
    bring_into(&mut world, 0, StakeRole::Offramp, NeverActive);
    world.order_unstake("ana", 100 * SOL).unwrap();
    world.to_move_window();
    world.undelegate(0).unwrap();
    assert!(world.pool().cooling_lamports > SOL);
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    assert!(world.tickets.is_empty());
    assert_all_booked(&world);
}

/// single-pool#649: top-ups near the minimum were never tried at 1 SOL. What can be staked is swept and staked, what cannot
/// stays free, and nothing is ever delegated below the minimum.
#[test]
fn sweeps_and_delegations_around_the_minimum_stake_all_or_nothing() {
    for lamports in [1, SOL / 1_000 - 1, SOL / 1_000, SOL / 2, SOL - 1, SOL, SOL + 1] {
        for role in StakeRole::ALL {
            let validators = vec![ValidatorConfig::default()];
            let mut world = staked(still().with_validators(validators), 10 * SOL);
            let spare = world.pool().spare_reserve().unwrap().0;
            world.give(&world.validators[0].stake(role).clone(), lamports).unwrap();
            update_all_accounts_of(&mut world, 0);
            let swept = if lamports >= SOL / 1_000 { lamports } else { 0 };
            assert_eq!(world.pool().spare_reserve().unwrap().0, spare + swept, "{role:?} {lamports}");
            let before = world.record(0).staked_lamports;
            world.work_the_window().unwrap();
            let staked = world.record(0).staked_lamports - before;
            assert!(staked == 0 || staked >= SOL, "{role:?} {lamports}: {staked}");
            assert_eq!(
                staked >= SOL,
                spare + swept >= SOL,
                "{role:?} {lamports}: {staked} of {spare} + {swept}"
            );
            world.work_the_edge().unwrap();
            assert_all_booked(&world);
        }
    }
}
