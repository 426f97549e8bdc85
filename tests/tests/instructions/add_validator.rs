//! The manager enters a validator.

use {
    crate::stage,
    solana_stake_interface::state::{Authorized, Lockup, StakeStateV2},
    tidepool_client::{ValidatorEntry, ValidatorPage, ValidatorRecord},
    tidepool_localnet::{vote_account, VoteAccount, VoteVersion},
    tidepool_tests::prelude::*,
};

/// A pool of ana and bob with SOL in the reserve and no validator; the chain has two.
fn without_validators() -> World {
    let mut config = stage::all_fees().with_validators(vec![ValidatorConfig::default(); 2]);
    config.weights.clear();
    stage::funded(config)
}

/// Ana pays for pages.
fn wish(world: &World, validator: &ValidatorKeys, weight: u32) -> Instruction {
    let operator = world.operator.pubkey();
    let payer = world.user("ana").wallet.pubkey();
    world.keys.add_validator(&operator, &payer, validator, weight, 0)
}

/// The validator of the chain as number `place` of the pool.
fn entry(world: &World, validator: usize, place: usize) -> ValidatorKeys {
    world.keys.validator(&world.chain.validator(validator).vote, place)
}

fn expect_refusal(world: &World, instruction: &Instruction, refusal: TidepoolError) {
    world.expect_refusal(instruction, &[&world.operator, &world.user("ana").wallet], refusal);
}

/// Asserts what entering a validator does; `opens`: whether its page is new.
fn expect_entry(world: &mut World, validator: ValidatorKeys, weight: u32, opens: bool) {
    let (keys, slot) = (world.keys, world.chain.slot());
    let (operator, payer) = (world.operator.insecure_clone(), world.user("ana").wallet);
    let rent = world.chain.rent().minimum_balance(200);
    let page_rent = world.chain.rent().minimum_balance(ValidatorPage::SPACE);
    let entry_rent = world.chain.rent().minimum_balance(ValidatorEntry::SPACE);
    let epoch = world.chain.epoch();
    let instruction = wish(world, &validator, weight);
    world.validators.push(validator);
    let outcome = world.expect_change(&instruction, &[&operator, &payer], |expected| {
        expected.releases(slot);
        if opens {
            let mut page: ValidatorPage = bytemuck::Zeroable::zeroed();
            page.pool = keys.pool;
            page.index = validator.page_index;
            page.bump = pda::validator_page(&keys.pool, validator.page_index).1;
            expected.pays(&payer.pubkey(), page_rent);
            expected.creates(&validator.page, page_rent, &page);
        }
        expected.pays(&payer.pubkey(), entry_rent);
        let entry = ValidatorEntry {
            pool: keys.pool,
            vote: validator.vote,
            page: validator.page_index,
            slot_in_page: validator.slot_in_page,
            is_listed: true,
        };
        expected.writes(&keys.entry(&validator.vote), entry_rent, &entry);
        expected.record(&validator, |record| {
            *record = ValidatorRecord {
                vote: validator.vote,
                stakes: validator.stakes,
                lamports: [rent; 3],
                weight,
                score_bps: 10_000,
                status: 1,
                entered_epoch: epoch,
                ..bytemuck::Zeroable::zeroed()
            };
        });
        for stake in validator.stakes {
            expected.moves(&keys.reserve, &stake, rent);
            expected.stake_program_writes(&stake);
            expected.account(&stake).owner = cluster::STAKE_PROGRAM;
        }
        expected.pool(|pool| {
            pool.reserve_lamports -= 3 * rent;
            pool.stake_lamports += 3 * rent;
            pool.total_weight += u64::from(weight) * 10_000;
            pool.validator_count += 1;
            pool.page_count += u32::from(opens);
        });
    });
    for stake in validator.stakes {
        let Some(StakeStateV2::Initialized(meta)) = world.chain.stake_state(&stake) else {
            panic!("a new stake account is initialized")
        };
        assert_eq!(meta.authorized, Authorized::auto(&keys.authority));
        assert_eq!(meta.lockup, Lockup::default());
        assert_eq!(world.account(&stake).unwrap().data.len(), 200);
    }
    outcome.assert_told(&events::ValidatorAdded {
        pool: keys.pool,
        vote: validator.vote,
        page: validator.page_index,
        slot_in_page: validator.slot_in_page,
        weight,
        group: 0,
        rent_lamports: 3 * rent,
        state: stage::state(world),
    });
}

/// INF ND-SCT01-H1: entries were moved over others. Here the records beside a new one stay as they are, to the byte.
#[test]
fn a_validator_gets_a_record_and_three_stake_accounts_out_of_the_reserve() {
    let mut world = without_validators();
    stage::gift(&mut world, 99 * SOL);
    stage::slots(&mut world, 3);
    let first = entry(&world, 0, 0);
    expect_entry(&mut world, first, 100, true);
    let second = entry(&world, 1, 31);
    expect_entry(&mut world, second, u32::MAX, false);
}

#[test]
fn a_full_page_is_followed_by_the_next() {
    let mut world = without_validators();
    let first = entry(&world, 0, 0);
    expect_entry(&mut world, first, 100, true);
    let second = entry(&world, 1, 32);
    assert_eq!((second.page_index, second.slot_in_page), (1, 0));
    expect_entry(&mut world, second, 0, true);
}

#[test]
fn pages_are_added_one_after_another() {
    let mut world = without_validators();
    let ahead = entry(&world, 0, 32);
    expect_refusal(&world, &wish(&world, &ahead, 1), TidepoolError::PageOutOfOrder);
    world.add_validator(0, 1).unwrap();
    let ahead = entry(&world, 1, 64);
    expect_refusal(&world, &wish(&world, &ahead, 1), TidepoolError::PageOutOfOrder);

    // An existing page under another number.
    let (operator, ana) = (world.operator.insecure_clone(), world.user("ana").wallet);
    let signers = [&operator, &ana];
    let second = entry(&world, 1, 1);
    let next = entry(&world, 1, 33);
    let elsewhere = wish(&world, &second, 1).with(&second.page, &next.page);
    world.expect_refusal(&elsewhere, &signers, AnchorError::AccountOwnedByWrongProgram);
    let elsewhere = wish(&world, &next, 1).with(&next.page, &second.page);
    expect_refusal(&world, &elsewhere, TidepoolError::WrongAddress);
    // Once there are two, one for the other.
    world.validators.push(next);
    world.send(&[wish(&world, &next, 1)], &signers).unwrap();
    let fresh = fresh_validator(&mut world, VoteVersion::V4);
    let third = world.keys.validator(&fresh, 2);
    let elsewhere = wish(&world, &third, 1).with(&third.page, &next.page);
    expect_refusal(&world, &elsewhere, TidepoolError::PageOutOfOrder);
}

/// The vote account of a validator that joins the chain now.
fn fresh_validator(world: &mut World, version: VoteVersion) -> Pubkey {
    let config = ValidatorConfig::default().with_vote_version(version);
    let index = world.chain.add_validator(&config);
    world.chain.validator(index).vote
}

#[test]
fn a_slot_holds_one_validator_and_a_page_holds_thirty_two() {
    let mut world = without_validators();
    world.add_validator(0, 1).unwrap();
    let taken = entry(&world, 1, 0);
    expect_refusal(&world, &wish(&world, &taken, 1), TidepoolError::SlotTaken);
    for slot in [32, u8::MAX] {
        let outside = ValidatorKeys { slot_in_page: slot, ..entry(&world, 1, 1) };
        expect_refusal(&world, &wish(&world, &outside, 1), TidepoolError::NoSuchValidator);
    }
}

/// marinade 5e0bc70: a validator could be added twice. Its entry makes it impossible here, whatever the slot and the page.
#[test]
fn a_validator_is_entered_once() {
    let mut world = without_validators();
    world.add_validator(0, 1).unwrap();
    for place in [1, 31, 32] {
        let again = entry(&world, 0, place);
        expect_refusal(&world, &wish(&world, &again, 1), TidepoolError::ValidatorExists);
    }
    // Twice in one transaction.
    let twice = [1, 2].map(|place| wish(&world, &entry(&world, 1, place), 1));
    let refused = world.expect_refusal_of_all(
        &twice,
        &[&world.operator, &world.user("ana").wallet],
        TidepoolError::ValidatorExists,
    );
    assert_eq!(refused.custom_error().unwrap().0, 1, "the second is the one refused");
    // With the entry, or with the stake accounts, of another validator in the place of its own.
    let (again, other) = (entry(&world, 0, 1), entry(&world, 1, 1));
    let entries = [again, other].map(|validator| world.keys.entry(&validator.vote));
    let disguised = wish(&world, &again, 1).with(&entries[0], &entries[1]);
    expect_refusal(&world, &disguised, TidepoolError::WrongAddress);
    let mut disguised = wish(&world, &other, 1);
    for role in StakeRole::ALL {
        disguised = disguised.with(&other.stake(role), &again.stake(role));
    }
    expect_refusal(&world, &disguised, TidepoolError::WrongAddress);
}

/// `solido#408`: the owner of a vote account was not checked at registration.
#[test]
fn only_a_vote_account_of_the_vote_program_is_entered() {
    let world = without_validators();
    let vote = world.chain.fresh_keypair().pubkey();
    let real = vote_account(&VoteAccount {
        version: VoteVersion::V4,
        address: vote,
        identity: vote,
        withdrawer: vote,
        commission_bps: 0,
        lamports: SOL,
        timestamp: tidepool_localnet::BlockTimestamp::default(),
    });
    let with_tag = |tag: [u8; 4]| {
        let mut account = real.clone();
        account.data[..4].copy_from_slice(&tag);
        account
    };
    let none: [(&str, Account, TidepoolError); 10] = [
        ("nothing", Account::default(), TidepoolError::NotAVoteAccount),
        ("a wallet", Account { lamports: SOL, ..Account::default() }, TidepoolError::NotAVoteAccount),
        (
            "the system program's",
            Account { owner: cluster::SYSTEM_PROGRAM, ..real.clone() },
            TidepoolError::NotAVoteAccount,
        ),
        (
            "the stake program's",
            Account { owner: cluster::STAKE_PROGRAM, ..real.clone() },
            TidepoolError::NotAVoteAccount,
        ),
        (
            "zeroed",
            Account { data: vec![0; real.data.len()], ..real.clone() },
            TidepoolError::NotAVoteAccount,
        ),
        ("empty", Account { data: vec![], ..real.clone() }, TidepoolError::NotAVoteAccount),
        ("three bytes", Account { data: vec![3, 0, 0], ..real.clone() }, TidepoolError::NotAVoteAccount),
        (
            "four bytes",
            Account { data: vec![3, 0, 0, 0], ..real.clone() },
            TidepoolError::VoteAccountUnreadable,
        ),
        ("of an unknown version", with_tag([4, 0, 0, 0]), TidepoolError::UnknownVoteVersion),
        ("of a version in the second byte", with_tag([0, 3, 0, 0]), TidepoolError::UnknownVoteVersion),
    ];
    let entered = world.keys.validator(&vote, 0);
    for (what, account, refusal) in none {
        world.chain.set_account(&vote, &account);
        println!("{what}");
        expect_refusal(&world, &wish(&world, &entered, 1), refusal);
    }
}

#[test]
fn vote_accounts_of_every_version_are_entered() {
    let mut world = without_validators();
    for (place, version) in [VoteVersion::V1_14_11, VoteVersion::V3, VoteVersion::V4].into_iter().enumerate()
    {
        let vote = fresh_validator(&mut world, version);
        let validator = world.keys.validator(&vote, place);
        expect_entry(&mut world, validator, 1, place == 0);
    }
}

#[test]
fn the_rent_of_stake_accounts_never_comes_out_of_what_tickets_are_owed() {
    let mut config =
        WorldConfig::default().without_fees().with_validators(vec![ValidatorConfig::default(); 2]);
    config.weights.clear();
    let mut world = stage::young(config);
    let rents = 3 * world.chain.rent().minimum_balance(200);
    // What is free is the deposit behind the dead shares, whatever is ordered besides.
    world.deposit("ana", 10 * SOL).unwrap();
    world.order_unstake("ana", 10 * SOL).unwrap();
    assert_eq!(world.pool().free_reserve().unwrap(), MIN_INITIAL_DEPOSIT);

    // Validators join until it is used up: the last lamport decides.
    let first = entry(&world, 0, 0);
    let mut places = 0..;
    while world.pool().free_reserve().unwrap().0 >= rents {
        let vote = fresh_validator(&mut world, VoteVersion::V4);
        let place = places.next().unwrap();
        let validator = world.keys.validator(&vote, place);
        expect_entry(&mut world, validator, 1, place == 0);
    }
    assert!(places.start > 0);
    let next = world.keys.validator(&first.vote, places.start);
    expect_refusal(&world, &wish(&world, &next, 1), TidepoolError::ReserveTooLow);
    let short = rents - world.pool().free_reserve().unwrap().0;
    world.deposit("ana", short - 1).unwrap();
    expect_refusal(&world, &wish(&world, &next, 1), TidepoolError::ReserveTooLow);
    world.deposit("ana", 1).unwrap();
    expect_entry(&mut world, next, 1, false);
}

/// `solido#388`: the signer was checked but not compared with the stored key.
#[test]
fn only_the_manager_enters_validators() {
    let world = without_validators();
    let validator = entry(&world, 0, 0);
    let ana = world.user("ana").wallet;
    let by_ana = world.keys.add_validator(&ana.pubkey(), &ana.pubkey(), &validator, 1, 0);
    world.expect_refusal(&by_ana, &[&ana], TidepoolError::NotTheManager);
    let unsigned = wish(&world, &validator, 1).unsigned(&world.operator.pubkey());
    world.expect_refusal(&unsigned, &[&ana], AnchorError::AccountNotSigner);
    let unpaid = wish(&world, &validator, 1).unsigned(&ana.pubkey());
    world.expect_refusal(&unpaid, &[&world.operator], AnchorError::AccountNotSigner);
}

#[test]
fn the_manager_of_another_pool_enters_no_validators_here() {
    let world = without_validators();
    let other = OtherPool::beside(&world);
    let validator = entry(&world, 1, 0);
    let theirs = world.keys.add_validator(&other.owner.pubkey(), &other.owner.pubkey(), &validator, 1, 0);
    world.expect_refusal(&theirs, &[&other.owner], TidepoolError::NotTheManager);
    // Our manager, in a page of the other pool.
    let foreign_page = ValidatorKeys { page: other.validator.page, ..validator };
    expect_refusal(&world, &wish(&world, &foreign_page, 1), TidepoolError::WrongAddress);
}

#[test]
fn a_page_of_another_pool_is_not_written() {
    let mut world = without_validators();
    world.add_validator(0, 1).unwrap();
    let other = OtherPool::beside(&world);
    let second = entry(&world, 1, 1);
    let foreign = wish(&world, &second, 1).with(&second.page, &other.validator.page);
    expect_refusal(&world, &foreign, TidepoolError::WrongPool);
    for (impostor, refusal) in [
        (world.keys.liquidity, AnchorError::AccountDiscriminatorMismatch),
        (world.keys.reserve, AnchorError::AccountOwnedByWrongProgram),
    ] {
        let impostor = wish(&world, &second, 1).with(&second.page, &impostor);
        world.expect_refusal(&impostor, &[&world.operator, &world.user("ana").wallet], refusal);
    }
}

/// There the validator may stand, whatever it does here.
#[test]
fn the_entry_of_a_validator_in_another_pool_is_not_written() {
    let world = without_validators();
    let other = OtherPool::beside(&world);
    let first = entry(&world, 0, 0);
    assert_eq!(first.vote, other.validator.vote);
    let own = world.keys.entry(&first.vote);
    let foreign = wish(&world, &first, 1).with(&own, &other.keys.entry(&first.vote));
    expect_refusal(&world, &foreign, TidepoolError::WrongAddress);
}

/// Its weight would count in no group, and no cap of a group would hold for it.
#[test]
fn a_validator_is_entered_in_a_group_that_there_is() {
    let world = without_validators();
    let (operator, ana, first) =
        (world.operator.insecure_clone(), world.user("ana").wallet, entry(&world, 0, 0));
    let enter = |group| world.keys.add_validator(&operator.pubkey(), &ana.pubkey(), &first, 1, group);
    for group in [128, u16::MAX] {
        expect_refusal(&world, &enter(group), TidepoolError::NoSuchGroup);
    }
    world.chain.send(&[enter(127)], &[world.chain.faucet(), &operator, &ana]).unwrap();
}

/// `spl#2920`; solido test `stake_deposit_succeeds_despite_donation`: lamports at a future stake address blocked it.
#[test]
fn lamports_at_the_addresses_of_stake_accounts_and_page_do_not_stop_an_entry() {
    for gift in [1, 2_282_880, 10 * SOL] {
        let mut world = without_validators();
        let validator = entry(&world, 0, 0);
        for key in validator.stakes.iter().chain([&validator.page]) {
            world.chain.add_lamports(key, gift);
        }
        let value = world.pool().value_floor;
        world.add_validator(0, 100).unwrap();
        assert_eq!(world.pool().value_floor, value);
        let rent = world.chain.rent().minimum_balance(200);
        for (role, stake) in StakeRole::ALL.into_iter().zip(validator.stakes) {
            assert_eq!(world.chain.lamports(&stake), rent + gift);
            assert_eq!(world.record(0).lamports(role), rent, "what was given is found by the first update");
        }
        let withheld = world.pool().withheld;
        let mut batch = Batch::default();
        batch.add(&validator, &StakeRole::ALL).unwrap();
        let update = world.keys.update_validators(&batch);
        let outcome = world.send(&[update], &[]).unwrap();
        assert_eq!(told::<events::ValidatorsUpdated>(&outcome)[0].gain, 3 * gift);
        assert!(world.pool().withheld > withheld);
    }
}
