//! The insurance: what goes in, and the one way out that is not a loss.

use {
    crate::{bonding::state, support::*},
    tidepool_tests::prelude::*,
};

fn insured(lamports: u64) -> World {
    let mut world = judging(usual(2));
    world.fund_insurance(lamports).unwrap();
    world
}

fn wallet(world: &World, name: &str) -> Pubkey {
    world.user(name).wallet.pubkey()
}

fn expect_proposal(world: &mut World, lamports: u64, to: &Pubkey) {
    let (keys, slot, admin) = (world.keys, world.chain.slot(), world.operator.insecure_clone());
    let withdrawal_epoch = world.chain.epoch() + limits::INSURANCE_NOTICE_EPOCHS;
    let propose = keys.propose_insurance_withdrawal(&admin.pubkey(), lamports, to);
    let outcome = world.expect_change(&propose, &[&admin], |expected| {
        expected.releases(slot);
        expected.pool(|pool| {
            pool.insurance_withdrawal_lamports = lamports;
            pool.insurance_withdrawal_epoch = withdrawal_epoch;
            pool.insurance_withdrawal_to = *to;
        });
    });
    let (pool, to, state) = (keys.pool, *to, state(world));
    outcome.assert_told(&events::InsuranceWithdrawalProposed { pool, lamports, to, withdrawal_epoch, state });
}

fn forget(pool: &mut tidepool_client::Pool) {
    pool.insurance_withdrawal_lamports = 0;
    pool.insurance_withdrawal_epoch = 0;
    pool.insurance_withdrawal_to = Pubkey::default();
}

/// The proposal is paid: so much of it.
fn expect_withdrawal(world: &mut World, to: &Pubkey, lamports: u64) {
    let (keys, slot, admin) = (world.keys, world.chain.slot(), world.operator.insecure_clone());
    let left = world.pool().insurance_lamports - lamports;
    let withdraw = keys.withdraw_insurance(&admin.pubkey(), to);
    let outcome = world.expect_change(&withdraw, &[&admin], |expected| {
        expected.releases(slot);
        expected.moves(&keys.insurance, to, lamports);
        expected.pool(|pool| {
            pool.insurance_lamports = left;
            forget(pool);
        });
    });
    let (pool, to, state) = (keys.pool, *to, state(world));
    outcome.assert_told(&events::InsuranceWithdrawn { pool, to, lamports, insurance_lamports: left, state });
}

/// Epochs pass, and in the last one all validators are updated.
fn wait(world: &mut World, epochs: u64) {
    let epoch = world.chain.epoch() + epochs;
    while world.chain.epoch() < epoch {
        world.cross_epoch();
    }
    world.update_all().unwrap();
}

fn refused(world: &World, to: &Pubkey, error: TidepoolError) {
    let withdraw = world.keys.withdraw_insurance(&world.operator.pubkey(), to);
    world.expect_refusal(&withdraw, &[&world.operator], error);
}

#[test]
fn anyone_funds_the_insurance() {
    let mut world = insured(0x10);
    let (keys, slot, ana) = (world.keys, world.chain.slot(), world.user("ana").wallet);
    let fund = |lamports| keys.fund_insurance(&ana.pubkey(), lamports);
    let outcome = world.expect_change(&fund(5 * SOL), &[&ana], |expected| {
        expected.releases(slot);
        expected.moves(&ana.pubkey(), &keys.insurance, 5 * SOL);
        expected.pool(|pool| pool.insurance_lamports += 5 * SOL);
    });
    outcome.assert_told(&events::InsuranceFunded {
        pool: keys.pool,
        payer: ana.pubkey(),
        lamports: 5 * SOL,
        insurance_lamports: 5 * SOL + 0x10,
        state: state(&world),
    });
    world.expect_refusal(&fund(0), &[&ana], TidepoolError::ZeroAmount);
    for too_much in [world.sol_of("ana") + 1, u64::MAX] {
        world.expect_refusal(&fund(too_much), &[&ana], TidepoolError::InsufficientBalance);
    }
    let elsewhere = fund(1).with(&keys.insurance, &keys.reserve);
    world.expect_refusal(&elsewhere, &[&ana], TidepoolError::WrongInsurance);
}

/// VB ND-MND3-L1: the operator's hot wallet could take everything at once. Here it waits fourteen epochs in front of everybody,
/// and can be taken back.
#[test]
fn what_is_proposed_leaves_the_insurance_after_fourteen_epochs_and_not_before() {
    assert_eq!(limits::INSURANCE_NOTICE_EPOCHS, 14);
    let mut world = insured(10 * SOL);
    let to = wallet(&world, "ana");
    refused(&world, &to, TidepoolError::NothingRequested);
    expect_proposal(&mut world, 4 * SOL, &to);
    for _ in 0..13 {
        refused(&world, &to, TidepoolError::NoticeRunning);
        wait(&mut world, 1);
    }
    refused(&world, &to, TidepoolError::NoticeRunning);
    wait(&mut world, 1);
    refused(&world, &world.keys.reserve, TidepoolError::WrongAddress);
    expect_withdrawal(&mut world, &to, 4 * SOL);
    refused(&world, &to, TidepoolError::NothingRequested);
}

/// Kept for years it would be no notice: the admin could use it the day before a loss is found.
#[test]
fn a_proposal_that_is_not_used_in_its_time_is_void() {
    let mut world = insured(10 * SOL);
    let to = wallet(&world, "ana");
    expect_proposal(&mut world, u64::MAX, &to);
    wait(&mut world, limits::INSURANCE_NOTICE_EPOCHS + limits::INSURANCE_TAKING_EPOCHS);
    refused(&world, &to, TidepoolError::ProposalExpired);
    world.fund_insurance(SOL).unwrap();
    refused(&world, &to, TidepoolError::ProposalExpired);
    expect_proposal(&mut world, u64::MAX, &to);
    wait(&mut world, limits::INSURANCE_NOTICE_EPOCHS + limits::INSURANCE_TAKING_EPOCHS - 1);
    expect_withdrawal(&mut world, &to, 11 * SOL);
}

#[test]
fn another_proposal_starts_anew_and_a_cancelled_one_is_forgotten() {
    let mut world = insured(10 * SOL);
    let (to, admin, keys) = (wallet(&world, "ana"), world.operator.insecure_clone(), world.keys);
    expect_proposal(&mut world, SOL, &to);
    wait(&mut world, 14);
    let elsewhere = world.chain.keypair("elsewhere").pubkey();
    expect_proposal(&mut world, 2 * SOL, &elsewhere);
    refused(&world, &elsewhere, TidepoolError::NoticeRunning);
    refused(&world, &to, TidepoolError::NoticeRunning);

    let (slot, cancel) = (world.chain.slot(), keys.cancel_insurance_withdrawal(&admin.pubkey()));
    let outcome = world.expect_change(&cancel, &[&admin], |expected| {
        expected.releases(slot);
        expected.pool(forget);
    });
    outcome.assert_told(&events::InsuranceWithdrawalCancelled {
        pool: keys.pool,
        lamports: 2 * SOL,
        to: elsewhere,
        state: state(&world),
    });
    wait(&mut world, 14);
    refused(&world, &elsewhere, TidepoolError::NothingRequested);
    world.expect_refusal(&cancel, &[&admin], TidepoolError::NothingRequested);
    let nothing = keys.propose_insurance_withdrawal(&admin.pubkey(), 0, &to);
    world.expect_refusal(&nothing, &[&admin], TidepoolError::ZeroAmount);
}

#[test]
fn nobody_but_the_admin_touches_it() {
    let mut world = insured(10 * SOL);
    let (to, keys) = (wallet(&world, "ana"), world.keys);
    expect_proposal(&mut world, SOL, &to);
    wait(&mut world, 14);
    let ana = world.user("ana").wallet;
    let calls = [
        keys.propose_insurance_withdrawal(&to, SOL, &to),
        keys.cancel_insurance_withdrawal(&to),
        keys.withdraw_insurance(&to, &to),
    ];
    for call in calls {
        world.expect_refusal(&call, &[&ana], TidepoolError::NotTheAdmin);
    }
    let admin = world.operator.insecure_clone();
    let unsigned = keys.withdraw_insurance(&admin.pubkey(), &to).unsigned(&admin.pubkey());
    world.expect_refusal(&unsigned, &[], AnchorError::AccountNotSigner);
    let out_of_the_reserve =
        keys.withdraw_insurance(&admin.pubkey(), &to).with(&keys.insurance, &keys.reserve);
    world.expect_refusal(&out_of_the_reserve, &[&admin], TidepoolError::WrongInsurance);
}

/// A loss in between comes first, and the notice does not save anything from it.
#[test]
fn losses_take_what_is_proposed_and_the_withdrawal_what_they_leave() {
    for (loss, left) in [(3 * SOL, 7 * SOL), (12 * SOL, 0)] {
        let mut world = insured(10 * SOL);
        let to = wallet(&world, "ana");
        expect_proposal(&mut world, 10 * SOL, &to);
        wait(&mut world, 14);
        world.update_all().unwrap();
        world.slash(1, loss).unwrap();
        world.update([1]).unwrap();
        assert_eq!(world.pool().insurance_lamports, left);
        expect_withdrawal(&mut world, &to, left);
    }
}

/// What goes to an account of the pool itself is not lost: the next sync books it where it is.
#[test]
fn a_withdrawal_into_the_pool_itself_is_found_again() {
    for is_reserve in [true, false] {
        let mut world = insured(10 * SOL);
        let to = if is_reserve { world.keys.reserve } else { world.keys.sol_vault };
        expect_proposal(&mut world, 4 * SOL, &to);
        wait(&mut world, 14);
        world.sync().unwrap();
        expect_withdrawal(&mut world, &to, 4 * SOL);
        let outcome = world.sync().unwrap();
        assert_eq!(told::<events::PoolSynced>(&outcome)[0].donated, 4 * SOL);
    }
}

/// Into the vault it comes from: nothing moves, whatever the program makes of two accounts that are one.
#[test]
fn a_withdrawal_into_the_insurance_itself_loses_nothing() {
    let mut world = insured(10 * SOL);
    let insurance = world.keys.insurance;
    expect_proposal(&mut world, 4 * SOL, &insurance);
    wait(&mut world, 14);
    let held = world.chain.lamports(&insurance);
    let _either = world.withdraw_insurance(&insurance);
    world.sync().unwrap();
    assert_eq!((world.chain.lamports(&insurance), world.pool().insurance_lamports), (held, 10 * SOL));
}

/// An account cannot live below its rent: the runtime refuses, and the admin can propose another one.
#[test]
fn too_little_for_a_new_account_is_refused_and_nothing_is_lost() {
    let mut world = insured(10 * SOL);
    let to = world.chain.keypair("nobody yet").pubkey();
    world.add_vault(&to);
    let rent = world.chain.rent().minimum_balance(0);
    for (lamports, is_enough) in [(rent - 1, false), (rent, true)] {
        expect_proposal(&mut world, lamports, &to);
        wait(&mut world, 14);
        match is_enough {
            true => expect_withdrawal(&mut world, &to, lamports),
            false => {
                let withdraw = world.keys.withdraw_insurance(&world.operator.pubkey(), &to);
                let failure = world.expect_failure(&[withdraw], &[&world.operator]);
                assert!(failure.to_string().contains("InsufficientFundsForRent"), "{failure}");
            }
        }
    }
}

/// To an account of a program, as a vault of a multisig is.
#[test]
fn it_can_go_to_any_account_that_can_be_written() {
    let mut world = insured(10 * SOL);
    let to = world.validators[0].vote;
    world.add_vault(&to);
    expect_proposal(&mut world, 10 * SOL, &to);
    wait(&mut world, 14);
    expect_withdrawal(&mut world, &to, 10 * SOL);
    assert_eq!(world.pool().insurance_lamports, 0);
    assert_eq!(world.chain.lamports(&world.keys.insurance), world.pool().insurance_rent);
}
