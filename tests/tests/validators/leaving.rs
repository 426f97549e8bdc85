//! A validator is let go, its accounts are closed, its record is freed: what each instruction does, for whom, and what it refuses.

use {
    crate::ground::{self, nothing_due, refused, update_in_full, wish_weights},
    anchor_lang::AccountSerialize,
    bytemuck::Zeroable,
    tidepool_client::{events::NothingDueReason, read_entry, BondTerms, ValidatorRecord},
    tidepool_tests::prelude::*,
};

// ---- what the instructions change

#[test]
fn a_drain_takes_the_weight_and_says_what_is_to_leave() {
    let mut world = ground::earning();
    world.reweigh(2, 300, 9).unwrap();
    ground::slots(&mut world, 1);
    let (slot, operator) = (world.chain.slot(), world.operator.insecure_clone());
    let (validator, before) = (world.validators[2], world.record(2));
    let drain = world.keys.drain_validator(&operator.pubkey(), &validator);
    let outcome = world.expect_change(&drain, &[&operator], |expected| {
        expected.releases(slot);
        expected.record(&validator, |record| {
            record.status = 2;
            record.in_use = 0b111; // whoever updates it has to bring all of its accounts
        });
        expected.pool(|pool| {
            pool.total_weight -= 300 * 10_000;
            pool.group_weights[9] = 0;
        });
    });
    outcome.assert_told(&events::ValidatorDrained {
        pool: world.keys.pool,
        vote: validator.vote,
        lamports: before.lamports.iter().sum(),
        state: ground::state(&world),
    });
    world.expect_refusal(&drain, &[&operator], TidepoolError::ValidatorIsDraining);
    let elsewhere = ValidatorKeys { slot_in_page: 1, ..validator };
    let drain = world.keys.drain_validator(&operator.pubkey(), &elsewhere);
    world.expect_refusal(&drain, &[&operator], TidepoolError::NoSuchValidator);
}

/// [`ground::earning`], with a validator more that has a bond and no stake; it leaves.
fn with_one_that_leaves() -> World {
    let mut config = WorldConfig::default().with_validators(vec![ValidatorConfig::default(); 5]);
    config.weights = vec![100; 4];
    let mut world = ground::staked(config, 4_000 * SOL);
    world.run_epoch().unwrap();
    world.add_validator(4, 100).unwrap();
    world.open_bond(4, BondTerms { commission_bps: 1_000, bid_ppb: 7 }, 3 * SOL).unwrap();
    world.settle(4).unwrap();
    world.update([4]).unwrap();
    ground::slots(&mut world, 3);
    world.drain(4).unwrap();
    assert_eq!((world.record(4).bond_lamports, world.pool().bond_lamports), (3 * SOL, 3 * SOL));
    world
}

#[test]
fn an_update_closes_the_accounts_of_who_leaves_and_anyone_frees_the_record() {
    let mut world = with_one_that_leaves();
    ground::slots(&mut world, 1);
    let (keys, slot) = (world.keys, world.chain.slot());
    let validator = world.validators[4];
    let rent = world.chain.rent().minimum_balance(200);
    let update = update_in_full(&world, [4]);
    let outcome = world.expect_change(&update, &[], |expected| {
        expected.releases(slot);
        for stake in &validator.stakes {
            expected.closes(stake, &keys.reserve);
        }
        expected.record(&validator, |record| (record.lamports, record.in_use) = ([0; 3], 0));
        expected.pool(|pool| {
            pool.stake_lamports -= 3 * rent;
            pool.reserve_lamports += 3 * rent;
        });
    });
    let told: Vec<events::ValidatorsUpdated> = told(&outcome);
    assert_eq!((told[0].gain, told[0].loss, told[0].returned), (0, 0, 3 * rent));
    world.expect_change(&update, &[], |_| {}).assert_told(&events::ValidatorsUpdated {
        pool: keys.pool,
        validators: 1,
        gain: 0,
        loss: 0,
        returned: 0,
        epoch_complete: true,
        state: ground::state(&world),
    });

    ground::slots(&mut world, 1);
    let slot = world.chain.slot();
    let remove = keys.remove_validator(&validator);
    let outcome = world.expect_change(&remove, &[], |expected| {
        expected.releases(slot);
        expected.record(&validator, |record| *record = ValidatorRecord::zeroed());
        let entry = expected.account(&keys.entry(&validator.vote));
        let mut state = read_entry(&entry.data).unwrap();
        state.is_listed = false;
        entry.data.clear();
        state.try_serialize(&mut entry.data).unwrap();
        expected.pool(|pool| {
            pool.validator_count -= 1;
            pool.validators_updated -= 1;
            pool.bond_lamports -= 3 * SOL;
            pool.last_update_slot = slot;
        });
    });
    outcome.assert_told(&events::ValidatorRemoved {
        pool: keys.pool,
        vote: validator.vote,
        page: 0,
        slot_in_page: 4,
        state: ground::state(&world),
    });
    world.expect_refusal(&remove, &[], TidepoolError::NoSuchValidator);
}

/// The others' records are not touched: `expect_change` compares the whole page. INF ND-SCT01-H1: a removal moved entries over
/// others; stakenet OS-SWD-ADV-00: the index of a removed validator was used for the one that took its place.
#[test]
fn removing_the_first_a_middle_and_the_last_leaves_the_other_records_as_they_are() {
    let mut world = ground::funded(ground::still(5), 10 * SOL);
    world.cross_epoch();
    world.update_all().unwrap();
    for index in 0..5 {
        world.reweigh(index, 10 + index as u32, 1 + index as u16 % 2).unwrap();
    }
    for index in [0, 2, 4] {
        world.drain(index).unwrap();
        world.update([index]).unwrap();
        let (validator, slot) = (world.validators[index], world.chain.slot());
        let entry = world.keys.entry(&validator.vote);
        let remove = world.keys.remove_validator(&validator);
        world.expect_change(&remove, &[], |expected| {
            expected.record(&validator, |record| *record = ValidatorRecord::zeroed());
            *expected.account(&entry).data.last_mut().unwrap() = 0;
            expected.pool(|pool| {
                pool.validator_count -= 1;
                pool.validators_updated -= 1;
                pool.last_update_slot = slot;
            });
        });
        world.expect_refusal(&remove, &[], TidepoolError::NoSuchValidator);
    }
    assert_eq!(world.listed(), [1, 3]);
    assert_eq!(world.pool().total_weight, (11 + 13) * 10_000);
    world.deposit("bob", 10 * SOL).unwrap();
    world.run_epoch().unwrap();
    assert!([1, 3].iter().all(|index| world.record(*index).staked_lamports > 8 * SOL));
}

#[test]
fn removing_the_last_one_nobody_has_updated_completes_the_epoch() {
    let mut world = ground::staked(ground::still(4), 400 * SOL);
    world.drain(3).unwrap();
    ground::leave(&mut world, 3, 6);
    world.cross_epoch();
    let epoch = world.chain.epoch();
    world.update([0, 1, 2]).unwrap();
    assert_eq!(world.pool().last_update_epoch, epoch - 1);
    world.remove(3).unwrap();
    let pool = world.pool();
    assert_eq!((pool.last_update_epoch, pool.validators_updated, pool.validator_count), (epoch, 3, 3));

    // One that was updated is not counted any more; the others are still to come.
    world.drain(2).unwrap();
    ground::leave(&mut world, 2, 6);
    world.cross_epoch();
    world.update([2]).unwrap();
    world.remove(2).unwrap();
    let pool = world.pool();
    assert_eq!((pool.last_update_epoch, pool.validators_updated), (epoch_before(&world), 0));
    world.update([0, 1]).unwrap();
    assert_eq!(world.pool().last_update_epoch, world.chain.epoch());
}

fn epoch_before(world: &World) -> u64 {
    world.chain.epoch() - 1
}

// ---- who may do what to whom

/// What a validator of the pool can be.
#[derive(Clone, Copy, Debug)]
enum Standing {
    Active,
    /// It leaves, and has stake.
    Leaving,
    /// It leaves, and all of its accounts are closed.
    Left,
    /// Its record is free again.
    Removed,
}

const SUBJECT: usize = 1;

/// A pool in the window, with a validator of that standing that has a bond; ana has LST and an active stake account with it.
fn standing(standing: Standing) -> (World, Pubkey) {
    let mut world = ground::staked(ground::still(3), 300 * SOL);
    let stake = world.add_stake("ana", SUBJECT, 5 * SOL).unwrap();
    world.open_bond(SUBJECT, BondTerms::default(), SOL).unwrap();
    world.set_rules(|rules| rules.join_weight = 1).unwrap();
    if !matches!(standing, Standing::Active) {
        world.drain(SUBJECT).unwrap();
    }
    if matches!(standing, Standing::Left | Standing::Removed) {
        ground::leave(&mut world, SUBJECT, 6);
    }
    world.run_epoch().unwrap();
    if matches!(standing, Standing::Removed) {
        world.remove(SUBJECT).unwrap();
    }
    world.to_move_window();
    world.deposit("bob", SOL).unwrap(); // for the rent of stake accounts
    (world, stake)
}

/// marinade#69, stake-pool 0e56295: one of two mirror instructions did not look at the status, and a validator that was to be
/// removed went on giving or getting stake. marinade#68: a deposit of stake for one that leaves is refused, too.
#[test]
fn each_instruction_is_for_validators_of_its_standing_and_refuses_the_others_by_name() {
    use TidepoolError::*;
    type Answers = [Option<TidepoolError>; 4];
    const LISTED: Answers = [None, None, None, Some(NoSuchValidator)];
    const MOVES: Answers = LISTED; // where nothing is left, nothing is due
    const BY_ACCOUNT: Answers = [None, None, Some(ForeignStakeAccount), Some(NoSuchValidator)];
    const ENTRY: Answers = [Some(ValidatorExists), Some(ValidatorExists), Some(ValidatorExists), None];
    const ACTIVE: Answers =
        [None, Some(ValidatorIsDraining), Some(ValidatorIsDraining), Some(NoSuchValidator)];
    let all = [Standing::Active, Standing::Leaving, Standing::Left, Standing::Removed];
    for (at, what) in all.into_iter().enumerate() {
        let (mut world, stake) = standing(what);
        let new_stake = world.prepare_stake().unwrap();
        let (keys, validator, ana) = (world.keys, world.validators[SUBJECT], world.user("ana"));
        let (operator, wallet) = (world.operator.insecure_clone(), ana.wallet.pubkey());
        let key = operator.pubkey();
        let takes_none = Some(ValidatorTakesNoStake);
        let table: [(&str, Instruction, Answers); 12] = [
            ("set_weights", wish_weights(&world, vec![new_weight_of(&validator)]), ACTIVE),
            ("drain", keys.drain_validator(&key, &validator), ACTIVE),
            (
                "remove",
                keys.remove_validator(&validator),
                [Some(ValidatorNotDraining), Some(ValidatorNotEmpty), None, Some(NoSuchValidator)],
            ),
            ("update", update_in_full(&world, [SUBJECT]), LISTED),
            ("review", keys.review_validator(&validator), LISTED),
            ("settle", keys.settle_bond(&validator), LISTED),
            ("delegate", keys.delegate(&validator), MOVES),
            ("undelegate", keys.undelegate(&validator), MOVES),
            (
                "withdraw_stake",
                keys.withdraw_stake(&wallet, &new_stake, &validator, &ana.lst, 2 * SOL, 0),
                BY_ACCOUNT,
            ),
            (
                "deposit_stake",
                keys.deposit_stake(&wallet, &stake, &validator, &ana.lst, 0),
                [None, takes_none, takes_none, Some(NoSuchValidator)],
            ),
            ("add", keys.add_validator(&key, &key, &validator, 1, 0), ENTRY),
            ("join", keys.join_pool(&key, &validator), ENTRY),
        ];
        for (name, instruction, answers) in table {
            println!("{what:?}: {name}");
            match answers[at] {
                Some(refusal) => {
                    world.expect_refusal(&instruction, &[&operator, &ana.wallet], refusal);
                }
                None => {
                    let done = world.chain.simulate(&[instruction], &key);
                    done.unwrap_or_else(|failure| panic!("{what:?}: {name}: {failure}"));
                }
            }
        }
        // A delegation to one that leaves is asked for in vain.
        if matches!(what, Standing::Leaving) {
            world.deposit("bob", 100 * SOL).unwrap();
            let outcome = world.delegate(SUBJECT).unwrap();
            assert_eq!(nothing_due(&outcome), Some(NothingDueReason::AtTarget));
        }
    }
}

fn new_weight_of(validator: &ValidatorKeys) -> tidepool_client::NewWeight {
    let ValidatorKeys { vote, slot_in_page, .. } = *validator;
    tidepool_client::NewWeight { slot_in_page, vote, weight: 1, group: 0 }
}

/// marinade#84; stake-pool's cleanup: what was removed while a stake account still held something had no record any more.
#[test]
fn a_validator_with_anything_left_is_not_removed() {
    let mut world = ground::staked(ground::still(4), 400 * SOL);
    refused(world.remove(SUBJECT), TidepoolError::ValidatorNotDraining);
    world.drain(SUBJECT).unwrap();
    let own: [Account; 3] = world.validators[SUBJECT].stakes.map(|stake| world.account(&stake).unwrap());
    ground::leave(&mut world, SUBJECT, 6);
    let remove = world.keys.remove_validator(&world.validators[SUBJECT]);
    let not_empty = TidepoolError::ValidatorNotEmpty;
    for role in StakeRole::ALL {
        // A lamport in the books.
        ground::patch_record(&world, SUBJECT, |record| record.lamports[role as usize] = 1);
        world.expect_refusal(&remove, &[], not_empty);
        ground::patch_record(&world, SUBJECT, |record| record.lamports[role as usize] = 0);
        // An account that is the pool's, though the books say nothing of it: with stake, and with a lamport.
        let stake = world.validators[SUBJECT].stake(role);
        for lamports in [own[role as usize].lamports, 1] {
            world.chain.set_account(&stake, &Account { lamports, ..own[role as usize].clone() });
            world.expect_refusal(&remove, &[], not_empty);
        }
        world.chain.set_account(&stake, &Account::default());
    }
    world.remove(SUBJECT).unwrap();
}

#[test]
fn a_validator_is_not_removed_by_accounts_that_are_not_its_own() {
    let mut world = with_one_that_leaves();
    world.update([4]).unwrap();
    let other = OtherPool::beside(&world);
    let (keys, validator, beside) = (world.keys, world.validators[4], world.validators[0]);
    let remove = keys.remove_validator(&validator);
    for role in StakeRole::ALL {
        for impostor in [beside.stake(role), Pubkey::new_unique(), validator.stakes[(role as usize + 1) % 3]]
        {
            let mut changed = remove.clone();
            let place = changed.accounts.len() - 3 + role as usize;
            changed.accounts[place].pubkey = impostor;
            world.expect_refusal(&changed, &[], TidepoolError::StakeAccountMismatch);
        }
    }
    let entry = keys.entry(&validator.vote);
    let swapped = remove.clone().with(&entry, &keys.entry(&beside.vote));
    world.expect_refusal(&swapped, &[], TidepoolError::NoSuchValidator);
    let foreign = remove.clone().with(&entry, &other.keys.entry(&beside.vote));
    world.expect_refusal(&foreign, &[], TidepoolError::WrongPool);
    let foreign = remove.clone().with(&validator.page, &other.validator.page);
    world.expect_refusal(&foreign, &[], TidepoolError::WrongPool);
    let bond = keys.bond(&validator.vote);
    for impostor in [keys.bond(&beside.vote), other.keys.bond(&validator.vote), Pubkey::new_unique()] {
        let changed = remove.clone().with(&bond, &impostor);
        world.expect_refusal(&changed, &[], TidepoolError::WrongBond);
    }
    let swapped = remove.clone().with(&validator.vote, &beside.vote);
    world.expect_refusal(&swapped, &[], TidepoolError::NoSuchValidator);
    world.send(&[remove], &[]).unwrap();
}
