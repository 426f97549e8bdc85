//! SOL of the reserve goes to a validator.

use {
    crate::stage,
    events::NothingDueReason::{AccountBusy, AtTarget, Paused, TicketsWaiting},
    tidepool_interface::header::Function,
    tidepool_tests::prelude::*,
};

/// [`stage::in_the_window`], with SOL to stake.
fn ready() -> World {
    let mut world = stage::staked();
    world.deposit("ana", 400 * SOL).unwrap();
    world.to_move_window();
    world
}

/// What the validator should get, by the pool's books after the release of this slot.
fn due(world: &World, index: usize) -> Option<Lamports> {
    let stage::Want { free, buffer, target, .. } = stage::Want::of(world, index);
    let (pool, record) = (world.pool(), world.record(index));
    let spare = free.saturating_minus(buffer);
    let part = math::part_by_weight(spare, record.effective_weight(), pool.total_weight);
    math::stake_to_delegate(spare, part, target, Lamports(record.staked_lamports), Lamports(SOL))
}

fn expect_delegation(world: &mut World, index: usize, lamports: u64) {
    let (keys, slot, epoch) = (world.keys, world.chain.slot(), world.chain.epoch());
    let validator = world.validators[index];
    let onramp = validator.stake(StakeRole::Onramp);
    let outcome = world.expect_change(&keys.delegate(&validator), &[], |expected| {
        expected.releases(slot);
        expected.moves(&keys.reserve, &onramp, lamports);
        expected.stake_program_writes(&onramp);
        expected.record(&validator, |record| {
            record.lamports[StakeRole::Onramp as usize] += lamports;
            stage::note_opening(record, epoch);
            record.staked_lamports += lamports;
            record.set_in_use(StakeRole::Onramp, true);
            record.last_move_epoch = epoch;
        });
        expected.pool(|pool| {
            pool.reserve_lamports -= lamports;
            pool.stake_lamports += lamports;
            pool.staked_lamports += lamports;
        });
    });
    let delegation = world.chain.delegation(&onramp).unwrap();
    assert_eq!((delegation.voter_pubkey, delegation.activation_epoch), (validator.vote, epoch));
    assert_eq!(delegation.stake, world.chain.lamports(&onramp) - world.chain.rent().minimum_balance(200));
    outcome.assert_told(&events::StakeDelegated {
        pool: keys.pool,
        stake: events::StakeMove { vote: validator.vote, lamports },
        state: stage::state(world),
    });
}

fn expect_nothing_due(world: &mut World, index: usize, reason: events::NothingDueReason) {
    let (keys, slot, validator) = (world.keys, world.chain.slot(), world.validators[index]);
    let outcome = world.expect_change(&keys.delegate(&validator), &[], |expected| expected.releases(slot));
    outcome.assert_told(&events::NothingDue { pool: keys.pool, account: validator.vote, reason });
}

#[test]
fn a_delegation_stakes_what_the_validator_lacks() {
    let mut world = ready();
    for index in 0..4 {
        let lamports = due(&world, index).unwrap();
        assert!(lamports > Lamports(80 * SOL));
        expect_delegation(&mut world, index, lamports.0);
    }
}

#[test]
fn a_second_delegation_of_the_epoch_joins_the_first() {
    let mut world = ready();
    world.delegate(0).unwrap();
    world.deposit("bob", 100 * SOL).unwrap();
    let more = due(&world, 0).unwrap();
    expect_delegation(&mut world, 0, more.0);
}

#[test]
fn the_reserve_keeps_its_buffer() {
    let mut world = ready();
    for index in 0..4 {
        world.delegate(index).unwrap();
    }
    let pool = world.pool();
    let buffer = Bps(pool.reserve_target_bps).of_ceil(pool.value_floor);
    let free = pool.free_reserve().unwrap().0;
    assert!(free >= buffer && free < buffer + SOL, "{free} of {buffer}");
}

/// VB 7c5ba93b: an early Ok skipped the bookkeeping. A crank with nothing to do says so, and changes nothing.
#[test]
fn at_its_target_a_validator_gets_nothing() {
    let mut world = ready();
    world.delegate(0).unwrap();
    expect_nothing_due(&mut world, 0, AtTarget);
}

/// `marinade#62`, `stake-o-matic#174`, `single-pool#649`: dust was delegated that could never be taken back.
#[test]
fn less_than_the_minimum_delegation_is_never_staked() {
    let config = WorldConfig::default().without_fees().with_validators(vec![ValidatorConfig::default()]);
    let mut world = stage::young(config);
    world.to_move_window();
    // All of it but one lamport less than the minimum goes to the only validator.
    let free = world.pool().free_reserve().unwrap().0;
    world.deposit("ana", SOL - 1 - free).unwrap();
    expect_nothing_due(&mut world, 0, AtTarget);
    world.deposit("ana", 1).unwrap();
    // Its target counts the rent of its three accounts as well; that much more is missing for the minimum.
    while due(&world, 0).is_none() {
        expect_nothing_due(&mut world, 0, AtTarget);
        world.deposit("ana", 1_000_000).unwrap();
    }
    let lamports = due(&world, 0).unwrap().0;
    assert!(lamports >= SOL);
    expect_delegation(&mut world, 0, lamports);
}

#[test]
fn nothing_is_staked_while_tickets_wait() {
    let mut world = stage::staked();
    world.order_unstake("ana", 100 * SOL).unwrap();
    world.to_move_window();
    expect_nothing_due(&mut world, 0, TicketsWaiting);
}

/// A pause is no error: a crank says that it is why nothing happens. Nothing else of the pool's stands still.
#[test]
fn while_delegation_is_paused_nothing_is_staked() {
    let mut world = ready();
    world.pause(Function::Delegation.bit()).unwrap();
    for index in 0..4 {
        assert!(due(&world, index).is_some());
        expect_nothing_due(&mut world, index, Paused);
    }
    world.resume(Function::Delegation.bit()).unwrap();
    world.pause(Function::MASK & !Function::Delegation.bit()).unwrap();
    let lamports = due(&world, 0).unwrap().0;
    expect_delegation(&mut world, 0, lamports);
}

#[test]
fn an_account_that_is_warming_up_takes_nothing_more() {
    // So much at once that the cluster takes several epochs to warm it up.
    let small = ValidatorConfig::default().with_stake(1_000 * SOL);
    let mut world = stage::young(WorldConfig::default().without_fees().with_validators(vec![small; 2]));
    world.deposit("ana", 5_000 * SOL).unwrap();
    world.to_move_window();
    world.delegate(0).unwrap();
    world.cross_epoch();
    world.deposit("ana", 500 * SOL).unwrap();
    world.to_move_window();
    expect_nothing_due(&mut world, 0, AccountBusy);
}

#[test]
fn stake_moves_in_the_last_part_of_an_epoch_only() {
    let mut world = stage::staked();
    world.deposit("ana", 400 * SOL).unwrap();
    let (delegate, undelegate) =
        (world.keys.delegate(&world.validators[0]), world.keys.undelegate(&world.validators[0]));
    // A quarter of 64 slots.
    let first = world.chain.first_slot(world.chain.epoch());
    world.advance(|chain| chain.jump_to(first + 47));
    for instruction in [&delegate, &undelegate] {
        world.expect_refusal(instruction, &[], TidepoolError::OutsideMoveWindow);
    }
    world.advance(|chain| chain.next_slot());
    world.delegate(0).unwrap();
    world.undelegate(0).unwrap();
    world.advance(|chain| chain.jump_to(first + 63));
    world.delegate(1).unwrap();
    world.undelegate(1).unwrap();
    world.cross_epoch();
    for instruction in [&delegate, &undelegate] {
        world.expect_refusal(instruction, &[], TidepoolError::OutsideMoveWindow);
    }
}

#[test]
fn a_delegation_names_the_validator_by_place_and_vote_account() {
    let world = ready();
    let [first, second] = [world.validators[0], world.validators[1]];
    let wrong_names = [
        ValidatorKeys { slot_in_page: 1, ..first },
        ValidatorKeys { slot_in_page: 31, ..first },
        ValidatorKeys { slot_in_page: 32, ..first },
        ValidatorKeys { vote: second.vote, ..first },
        ValidatorKeys { vote: Pubkey::default(), slot_in_page: 5, ..first },
    ];
    for wrong in wrong_names {
        world.expect_refusal(&world.keys.delegate(&wrong), &[], TidepoolError::NoSuchValidator);
        world.expect_refusal(&world.keys.undelegate(&wrong), &[], TidepoolError::NoSuchValidator);
    }
    let delegate = world.keys.delegate(&first);
    for role in [StakeRole::Main, StakeRole::Offramp] {
        let wrong = delegate.clone().with(&first.stake(StakeRole::Onramp), &first.stake(role));
        world.expect_refusal(&wrong, &[], TidepoolError::StakeAccountMismatch);
    }
    let wrong = delegate.with(&first.stake(StakeRole::Onramp), &second.stake(StakeRole::Onramp));
    world.expect_refusal(&wrong, &[], TidepoolError::StakeAccountMismatch);
}

/// Neodyme SPL 2021-10 (critical), stake-pool 0e56295: an address was trusted, not its authorities.
#[test]
fn a_stake_account_that_is_not_the_pools_gets_nothing() {
    const STAKER: usize = 12;
    const WITHDRAWER: usize = 44;
    const LOCKUP_EPOCH: usize = 84;
    for offset in [STAKER, WITHDRAWER, LOCKUP_EPOCH] {
        let world = ready();
        let onramp = world.validators[0].stake(StakeRole::Onramp);
        stage::patch(&world, &onramp, |account| account.data[offset] ^= 1);
        let delegate = world.keys.delegate(&world.validators[0]);
        world.expect_refusal(&delegate, &[], TidepoolError::ForeignStakeAccount);
    }
    let spoil: [fn(&mut Account); 2] =
        [|account| *account = Account::default(), |account| account.data.fill(0)];
    for spoil in spoil {
        let world = ready();
        let onramp = world.validators[0].stake(StakeRole::Onramp);
        stage::patch(&world, &onramp, spoil);
        let delegate = world.keys.delegate(&world.validators[0]);
        world.expect_refusal(&delegate, &[], TidepoolError::ForeignStakeAccount);
    }
}

/// VB#297, `spl#5162`: a vote account may be closed at any time. Then nothing can be staked there, and the error says so.
#[test]
fn nothing_is_staked_with_a_vote_account_that_is_gone() {
    let world = ready();
    let vote = world.validators[0].vote;
    let delegate = world.keys.delegate(&world.validators[0]);
    for lamports in [0, SOL] {
        // Somebody may have sent something there since.
        world.chain.set_account(&vote, &Account { lamports, ..Account::default() });
        world.expect_refusal(&delegate, &[], TidepoolError::NotAVoteAccount);
    }
}
