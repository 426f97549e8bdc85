//! Active stake goes to cool down.

use {
    crate::stage,
    events::NothingDueReason::{AccountBusy, AtTarget, NotUpdated},
    tidepool_interface::header::Function,
    tidepool_tests::prelude::*,
};

/// [`stage::in_the_window`], with an order that waits for more than the reserve held.
fn ready() -> World {
    let mut world = stage::staked();
    world.order_unstake("ana", 300 * SOL).unwrap();
    world.to_move_window();
    world
}

/// A slashing left half a SOL of the only validator's stake; all LST is ordered, and that half cools down for it.
fn with_half_a_sol_cooling() -> World {
    let config = WorldConfig::default().without_fees().with_validators(vec![ValidatorConfig::default()]);
    let mut world = stage::young(config);
    world.deposit("ana", 2 * SOL).unwrap();
    world.run_epoch().unwrap();
    let staked = world.chain.delegation(&world.validators[0].stake(StakeRole::Main)).unwrap().stake;
    world.slash(0, staked - SOL / 2).unwrap();
    world.update([0]).unwrap();
    let all = world.lst_of("ana");
    world.order_unstake("ana", all).unwrap();
    world.to_move_window();
    world.undelegate(0).unwrap();
    assert_eq!(world.pool().cooling_lamports, SOL / 2);
    world
}

/// What the validator should give, by the pool's books after the release of this slot.
fn due(world: &World, index: usize) -> Option<Lamports> {
    let pool = world.pool();
    let stage::Want { value, unfilled, target, .. } = stage::Want::of(world, index);
    let main = world.chain.delegation(&world.validators[index].stake(StakeRole::Main)).unwrap().stake;
    math::stake_to_undelegate(
        Lamports(main),
        Lamports(world.record(index).staked_lamports),
        target,
        unfilled.saturating_minus(Lamports(pool.cooling_lamports)),
        Lamports(Bps(pool.max_move_bps).of_floor(value) - pool.moved_lamports),
        Lamports(SOL),
    )
}

fn expect_undelegation(world: &mut World, index: usize, lamports: u64) {
    let (keys, slot, epoch) = (world.keys, world.chain.slot(), world.chain.epoch());
    let validator = world.validators[index];
    let (main, offramp) = (validator.stake(StakeRole::Main), validator.stake(StakeRole::Offramp));
    let staked = world.chain.delegation(&main).unwrap().stake;
    let outcome = world.expect_change(&keys.undelegate(&validator), &[], |expected| {
        expected.releases(slot);
        expected.moves(&main, &offramp, lamports);
        expected.stake_program_writes(&main);
        expected.stake_program_writes(&offramp);
        expected.record(&validator, |record| {
            record.lamports[StakeRole::Main as usize] -= lamports;
            record.lamports[StakeRole::Offramp as usize] += lamports;
            stage::note_opening(record, epoch);
            record.staked_lamports -= lamports;
            record.cooling_lamports += lamports;
            record.set_in_use(StakeRole::Offramp, true);
            record.last_move_epoch = epoch;
        });
        expected.pool(|pool| {
            let waiting = pool.queue().unfilled().unwrap().0.saturating_sub(pool.cooling_lamports);
            pool.moved_lamports += lamports.saturating_sub(waiting);
            pool.staked_lamports -= lamports;
            pool.cooling_lamports += lamports;
        });
    });
    let left = world.chain.delegation(&main).map_or(0, |delegation| delegation.stake);
    let cooling = world.chain.delegation(&offramp).unwrap();
    assert!(left == 0 || left >= SOL);
    assert_eq!((left, cooling.stake), (staked - lamports, lamports));
    assert_eq!((cooling.voter_pubkey, cooling.deactivation_epoch), (validator.vote, epoch));
    outcome.assert_told(&events::StakeUndelegated {
        pool: keys.pool,
        stake: events::StakeMove { vote: validator.vote, lamports },
        state: stage::state(world),
    });
}

fn expect_nothing_due(world: &mut World, index: usize, reason: events::NothingDueReason) {
    let (keys, slot, epoch) = (world.keys, world.chain.slot(), world.chain.epoch());
    let validator = world.validators[index];
    let outcome = world.expect_change(&keys.undelegate(&validator), &[], |expected| {
        expected.releases(slot);
        expected.pool(|pool| {
            if pool.counted_epoch != epoch {
                stage::begin_epoch(pool, epoch);
            }
        });
    });
    outcome.assert_told(&events::NothingDue { pool: keys.pool, account: validator.vote, reason });
}

#[test]
fn an_undelegation_serves_waiting_tickets() {
    let mut world = ready();
    for index in 0..4 {
        let Some(lamports) = due(&world, index) else {
            expect_nothing_due(&mut world, index, AtTarget);
            continue;
        };
        expect_undelegation(&mut world, index, lamports.0);
    }
    let pool = world.pool();
    assert!(
        pool.cooling_lamports >= pool.queue().unfilled().unwrap().0,
        "all that tickets wait for is on its way"
    );
}

/// solido: one validator can serve a shortfall below the minimum delegation, and gives one minimum.
#[test]
fn a_small_shortfall_is_served_by_one_minimum_delegation() {
    let mut world = stage::funded(WorldConfig::default().without_fees());
    world.run_epoch().unwrap();
    let reserve = world.pool().reserve_lamports;
    let rate = world.rate();
    let lst = rate.shares_ceil(Lamports(reserve + SOL / 10)).unwrap().0;
    world.order_unstake("ana", lst).unwrap();
    assert!(world.pool().queue().unfilled().unwrap() < Lamports(SOL));
    world.to_move_window();
    let served: Vec<u64> = (0..4)
        .filter_map(|index| {
            let lamports = due(&world, index)?;
            expect_undelegation(&mut world, index, lamports.0);
            Some(lamports.0)
        })
        .collect();
    assert_eq!(served, [SOL]);
}

/// With LST borrowed for one transaction anyone could otherwise send the pool's stake to cool down and be gone.
#[test]
fn tickets_of_this_very_slot_send_nothing_to_cool_down() {
    let mut world = stage::in_the_window();
    let (ana, keys) = (world.user("ana"), world.keys);
    let ticket = world.next_ticket("ana");
    let before = world.pool().staked_lamports;
    let order = keys.order_unstake(&ticket.owner, &ticket.rent_payer, &ana.lst, 300 * SOL, 0, 0);
    let mut all = vec![order];
    all.extend(world.validators.iter().map(|validator| keys.undelegate(validator)));
    all.push(keys.cancel_ticket(&ticket.key, &ticket.owner, &ticket.rent_payer, &ana.lst, 0));
    world.send(&all, &[&ana.wallet]).unwrap();
    assert_eq!((world.pool().staked_lamports, world.pool().cooling_lamports), (before, 0));

    world.order_unstake("bob", 200 * SOL).unwrap();
    for index in 0..4 {
        expect_nothing_due(&mut world, index, AtTarget);
    }
    stage::slots(&mut world, 1);
    let lamports = due(&world, 0).unwrap();
    assert!(lamports > Lamports(SOL));
    expect_undelegation(&mut world, 0, lamports.0);
}

/// Orders of a slot do not hide those of earlier slots.
#[test]
fn tickets_of_earlier_slots_are_served_whatever_is_ordered_now() {
    let mut world = ready();
    let lamports = due(&world, 0).unwrap();
    world.order_unstake("bob", 100 * SOL).unwrap();
    world.undelegate(0).unwrap();
    let cooling = world.pool().cooling_lamports;
    // What is left in the reserve fills the same tickets; only their own shortfall counts.
    assert!(cooling.abs_diff(lamports.0) <= SOL, "{cooling} instead of {lamports:?}");
}

/// Pausing stops what rebalances, never what tickets need.
#[test]
fn while_delegation_is_paused_stake_cools_down_for_tickets_alone() {
    let mut config = WorldConfig::default().without_fees();
    config.weights = vec![100];
    let mut world = stage::funded(config);
    world.run_epoch().unwrap();
    world.deposit("ana", 10 * SOL).unwrap();
    for index in 1..4 {
        world.add_validator(index, 100).unwrap(); // validator 0 is now far above its target
    }
    world.to_move_window();
    world.pause(Function::Delegation.bit()).unwrap();
    assert!(due(&world, 0).is_some(), "there is stake to be moved");
    expect_nothing_due(&mut world, 0, AtTarget);

    world.order_unstake("bob", 100 * SOL).unwrap();
    stage::slots(&mut world, 1);
    let waiting = world.pool().queue().unfilled().unwrap().0;
    expect_undelegation(&mut world, 0, waiting);
    expect_nothing_due(&mut world, 0, AtTarget);
    world.resume(Function::Delegation.bit()).unwrap();
    let more = due(&world, 0).unwrap().0;
    let resumed = world.undelegate(0).unwrap();
    assert_eq!(told::<events::StakeUndelegated>(&resumed)[0].stake.lamports, more);
}

#[test]
fn at_its_target_a_validator_gives_nothing() {
    let mut world = stage::in_the_window();
    expect_nothing_due(&mut world, 0, AtTarget);
}

#[test]
fn a_validator_nobody_looked_at_in_this_epoch_gives_nothing() {
    let mut world = ready();
    world.cross_epoch();
    world.to_move_window();
    expect_nothing_due(&mut world, 0, NotUpdated);
    world.update([0]).unwrap();
    let lamports = due(&world, 0).unwrap();
    expect_undelegation(&mut world, 0, lamports.0);
}

#[test]
fn an_offramp_of_this_epoch_takes_more_until_its_vote_account_is_gone() {
    let mut world = ready();
    world.undelegate(0).unwrap();
    let cooling = world.pool().cooling_lamports;
    world.order_unstake("bob", 100 * SOL).unwrap();
    stage::slots(&mut world, 1);
    world.undelegate(0).unwrap();
    assert!(world.pool().cooling_lamports > cooling);

    world.order_unstake("bob", 100 * SOL).unwrap();
    stage::slots(&mut world, 1);
    world.chain.set_account(&world.validators[0].vote, &Account::default());
    expect_nothing_due(&mut world, 0, AccountBusy);
}

#[test]
fn an_undelegation_names_the_validators_own_accounts() {
    let world = ready();
    let [first, second] = [world.validators[0], world.validators[1]];
    let undelegate = world.keys.undelegate(&first);
    let stake = |role| first.stake(role);
    let (main, onramp, offramp) =
        (stake(StakeRole::Main), stake(StakeRole::Onramp), stake(StakeRole::Offramp));
    let wrong = [
        undelegate.clone().with(&main, &onramp),
        undelegate.clone().with(&main, &offramp),
        undelegate.clone().with(&offramp, &main),
        undelegate.clone().with(&offramp, &onramp),
        undelegate.clone().with(&main, &second.stake(StakeRole::Main)),
        undelegate.clone().with(&offramp, &second.stake(StakeRole::Offramp)),
        undelegate.clone().swapped(3, 4),
    ];
    for wrong in wrong {
        world.expect_refusal(&wrong, &[], TidepoolError::StakeAccountMismatch);
    }
}

#[test]
fn stake_that_is_not_the_pools_is_not_moved() {
    const STAKER: usize = 12;
    const WITHDRAWER: usize = 44;
    const LOCKUP_TIME: usize = 76;
    for role in [StakeRole::Main, StakeRole::Offramp] {
        for offset in [STAKER, WITHDRAWER, LOCKUP_TIME] {
            let world = ready();
            stage::patch(&world, &world.validators[0].stake(role), |account| account.data[offset] ^= 1);
            let undelegate = world.keys.undelegate(&world.validators[0]);
            world.expect_refusal(&undelegate, &[], TidepoolError::ForeignStakeAccount);
        }
    }
}

/// VB#297, `spl#5162`: vote account closed; what is staked there must still come back.
#[test]
fn stake_comes_back_from_a_vote_account_that_is_gone() {
    let mut world = ready();
    let vote = world.validators[0].vote;
    world.chain.set_account(&vote, &Account::default());
    let lamports = due(&world, 0).unwrap();
    expect_undelegation(&mut world, 0, lamports.0);
}

/// `stake-pool#756`, `OS-SSP-SUG-02`: stake below the minimum delegation blocked exits. A slashed validator may be left with
/// less than the minimum; all of it must still be able to cool down.
#[test]
fn stake_below_the_minimum_delegation_still_comes_back() {
    let mut world = with_half_a_sol_cooling();
    world.cross_epoch();
    world.update([0]).unwrap();
    assert_eq!((world.pool().cooling_lamports, world.record(0).main_cooling_lamports), (0, 0));
    assert!(world.pool().reserve_lamports >= SOL / 2);
}

/// An offramp that is not the pool's any more is booked as lost; the stake that cooled there will never fill a ticket, so
/// tickets must get theirs from other stake.
#[test]
fn tickets_do_not_wait_for_stake_that_is_lost() {
    const STAKER: usize = 12;
    let mut world = ready();
    for index in 0..4 {
        world.undelegate(index).unwrap();
    }
    // All four offramps are taken over, in the middle of their cooling down.
    let offramps: Vec<Pubkey> = world.validators.iter().map(|v| v.stake(StakeRole::Offramp)).collect();
    for offramp in &offramps {
        stage::patch(&world, offramp, |account| account.data[STAKER] ^= 1);
    }
    world.cross_epoch();
    world.update_all().unwrap();
    let pool = world.pool();
    assert!(pool.queue().unfilled().unwrap() > Lamports(0), "tickets still wait");
    assert_eq!(pool.cooling_lamports, 0, "and nothing is on its way to them");
}

/// As above; meanwhile tickets are paid by a deposit, and new stake joins the main account before its old stake was swept.
#[test]
fn nothing_waits_for_small_stake_that_came_back_while_new_stake_joined() {
    let mut world = with_half_a_sol_cooling();
    world.deposit("bob", 20 * SOL).unwrap();
    let delegated = world.delegate(0).unwrap();
    assert_eq!(told::<events::StakeDelegated>(&delegated).len(), 1);

    world.cross_epoch();
    world.update([0]).unwrap();
    assert_eq!(world.chain.stake_activation(&world.validators[0].stake(StakeRole::Offramp)).deactivating, 0);
    assert_eq!((world.pool().cooling_lamports, world.record(0).main_cooling_lamports), (0, 0));
}
