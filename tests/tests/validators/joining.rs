//! A validator joins by itself: by the pool's rules, with a bond, where the pool lets it.

use {
    crate::ground,
    anchor_lang::AccountSerialize,
    bytemuck::Zeroable,
    tidepool_client::{BondTerms, ValidatorEntry, ValidatorRecord},
    tidepool_tests::prelude::*,
};

/// The validator of the chain that is not in the pool, and the bond that is asked for.
const COMER: usize = 4;
const BOND: u64 = 10 * SOL;
const TERMS: BondTerms = BondTerms { commission_bps: 600, bid_ppb: 1_000 };

/// A pool of four validators, some slots into an epoch, that lets others join; one of the chain has the bond for it.
fn inviting() -> World {
    inviting_one(ValidatorConfig::default())
}

fn inviting_one(comer: ValidatorConfig) -> World {
    let mut validators = vec![ValidatorConfig::default(); COMER];
    validators.push(comer);
    let mut config = WorldConfig::default().with_validators(validators);
    config.weights = vec![100; COMER];
    let mut world = ground::staked(config, 4_000 * SOL);
    world.set_rules(|rules| (rules.join_weight, rules.join_bond_lamports) = (70, BOND)).unwrap();
    world.open_bond(COMER, TERMS, BOND).unwrap();
    world.run_epoch().unwrap();
    ground::slots(&mut world, 5);
    world
}

fn keys_of(world: &World, validator: usize, place: usize) -> ValidatorKeys {
    world.keys.validator(&world.chain.validator(validator).vote, place)
}

/// Ana lets the validator join.
fn wish(world: &World) -> Instruction {
    let payer = world.user("ana").wallet.pubkey();
    world.keys.join_pool(&payer, &keys_of(world, COMER, COMER))
}

fn refuse(world: &World, refusal: TidepoolError) {
    world.expect_refusal(&wish(world), &[&world.user("ana").wallet], refusal);
}

#[test]
fn anyone_enters_a_sound_validator_with_a_bond_at_the_weight_for_such() {
    let mut world = inviting();
    let (keys, slot, epoch) = (world.keys, world.chain.slot(), world.chain.epoch());
    let (ana, validator) = (world.user("ana").wallet, keys_of(&world, COMER, COMER));
    let rent = world.chain.rent().minimum_balance(200);
    let entry_rent = world.chain.rent().minimum_balance(ValidatorEntry::SPACE);
    let entry = ValidatorEntry {
        pool: keys.pool,
        vote: validator.vote,
        page: 0,
        slot_in_page: COMER as u8,
        is_listed: true,
    };
    world.validators.push(validator);
    let outcome = world.expect_change(&wish(&world), &[&ana], |expected| {
        expected.releases(slot);
        expected.record(&validator, |record| {
            *record = ValidatorRecord {
                vote: validator.vote,
                stakes: validator.stakes,
                lamports: [rent; 3],
                weight: 70,
                score_bps: 10_000,
                status: 1,
                bond_lamports: BOND,
                bid_ppb: TERMS.bid_ppb,
                has_joined: 1,
                entered_epoch: epoch,
                ..ValidatorRecord::zeroed()
            };
        });
        for stake in validator.stakes {
            expected.moves(&keys.reserve, &stake, rent);
            expected.stake_program_writes(&stake);
            expected.account(&stake).owner = cluster::STAKE_PROGRAM;
        }
        let mut data = vec![];
        entry.try_serialize(&mut data).unwrap();
        expected.pays(&ana.pubkey(), entry_rent);
        expected.moves(&ana.pubkey(), &keys.reserve, 3 * rent);
        *expected.account(&keys.entry(&validator.vote)) =
            Account { lamports: entry_rent, data, owner: tidepool_interface::ID, ..Account::default() };
        expected.pool(|pool| {
            pool.reserve_lamports -= 3 * rent;
            pool.stake_lamports += 3 * rent;
            pool.total_weight += 70 * 10_000;
            pool.validator_count += 1;
            pool.bond_lamports += BOND;
        });
    });
    outcome.assert_told(&events::ValidatorAdded {
        pool: keys.pool,
        vote: validator.vote,
        page: 0,
        slot_in_page: COMER as u8,
        weight: 70,
        group: 0,
        rent_lamports: 3 * rent,
        state: ground::state(&world),
    });

    // From then on it is a validator like any other.
    world.deposit("bob", 1_000 * SOL).unwrap();
    world.run_epoch().unwrap();
    let share = world.record(COMER).staked_lamports as f64 / world.pool().staked_lamports as f64;
    assert!(share > 0.1, "{share}");
    world.reweigh(COMER, 1, 3).unwrap();
    world.drain(COMER).unwrap();
}

#[test]
fn nobody_joins_a_pool_that_was_not_opened() {
    let mut world = inviting();
    assert_eq!(tidepool_client::ValidatorRules::default().join_weight, 0, "off by default");
    world.set_rules(|rules| rules.join_weight = 0).unwrap();
    refuse(&world, TidepoolError::JoiningIsOff);
    world.set_rules(|rules| rules.join_weight = 1).unwrap();
    world.join(COMER).unwrap();
}

#[test]
fn who_joins_comes_with_the_terms_whose_notice_is_over() {
    let mut world = inviting();
    let worse = BondTerms { commission_bps: 900, bid_ppb: 400 };
    world.set_bond_terms(COMER, worse).unwrap();
    for _ in 0..limits::BOND_NOTICE_EPOCHS {
        world.run_epoch().unwrap();
    }
    world.join(COMER).unwrap();
    assert_eq!(world.record(COMER).bid_ppb, worse.bid_ppb);
    let bond = world.bond(COMER).unwrap();
    assert_eq!((bond.terms, bond.pending_terms_epoch), (worse, 0));
}

#[test]
fn the_bond_must_back_with_what_is_asked_for_to_the_lamport() {
    let mut world = inviting();
    world.set_rules(|rules| rules.join_bond_lamports = BOND + 1).unwrap();
    refuse(&world, TidepoolError::BondTooSmall);
    world.post_bond(COMER, 1).unwrap();
    // What its owner asked for back does not count.
    world.request_bond_withdrawal(COMER, 1).unwrap();
    refuse(&world, TidepoolError::BondTooSmall);
    world.request_bond_withdrawal(COMER, 0).unwrap();
    world.join(COMER).unwrap();
    assert_eq!(world.record(COMER).bond_lamports, BOND + 1);
}

#[test]
fn a_bond_stands_for_its_validator_and_its_pool_alone() {
    let mut world = inviting();
    let ana = world.user("ana").wallet;
    let own = world.keys.bond(&world.chain.validator(COMER).vote);
    world.open_bond(0, TERMS, BOND).unwrap();
    let of_another = wish(&world).with(&own, &world.keys.bond(&world.validators[0].vote));
    world.expect_refusal(&of_another, &[&ana], TidepoolError::WrongBond);

    let other = OtherPool::beside(&world);
    let comer = world.chain.validator(COMER);
    let open = other.keys.open_bond(&comer.vote, &comer.identity.pubkey(), &ana.pubkey(), TERMS);
    let post = other.keys.post_bond(&comer.vote, &ana.pubkey(), BOND);
    world.chain.send(&[open, post], &[&ana, &comer.identity]).unwrap();
    let of_another = wish(&world).with(&own, &other.keys.bond(&comer.vote));
    world.expect_refusal(&of_another, &[&ana], TidepoolError::WrongBond);
    // No bond at all, and something else in its place.
    let none = wish(&world).with(&own, &Pubkey::new_unique());
    world.expect_refusal(&none, &[&ana], AnchorError::AccountNotInitialized);
    let no_bond = wish(&world).with(&own, &world.keys.entry(&world.validators[0].vote));
    world.expect_refusal(&no_bond, &[&ana], AnchorError::AccountDiscriminatorMismatch);
}

#[test]
fn a_validator_that_breaks_a_rule_does_not_join() {
    let breaks = TidepoolError::ValidatorBreaksRules;

    let mut world = inviting_one(ValidatorConfig::default().with_commission_bps(501));
    world.set_rules(|rules| rules.max_commission_bps = 500).unwrap();
    refuse(&world, breaks);
    world.chain.set_commission(COMER, 500);
    world.join(COMER).unwrap();

    let mut world = inviting_one(ValidatorConfig::default().with_uptime_bps(0));
    world.set_rules(|rules| rules.max_vote_lag_bps = 5_000).unwrap();
    refuse(&world, breaks);
    world.chain.vote(COMER, 1);
    world.join(COMER).unwrap();

    // Of its credits something can be said once there are means.
    let mut world = inviting_one(ValidatorConfig::default().with_uptime_bps(7_999));
    world.run_epoch().unwrap();
    world.set_rules(|rules| rules.min_credit_bps = 8_000).unwrap();
    assert!(world.pool().review.means_epoch > 0);
    refuse(&world, breaks);
    world.set_rules(|rules| rules.min_credit_bps = 7_998).unwrap();
    world.join(COMER).unwrap();
}

/// `solido#408`: the owner of a vote account was not checked at registration.
#[test]
fn what_is_no_vote_account_that_can_be_read_does_not_join() {
    let world = inviting();
    let vote = world.chain.validator(COMER).vote;
    let real = world.account(&vote).unwrap();
    let cut = |bytes: usize| Account { data: real.data[..bytes].to_vec(), ..real.clone() };
    let with_tag = |tag: u8| {
        let mut account = real.clone();
        account.data[0] = tag;
        account
    };
    let cases = [
        ("closed", Account::default(), TidepoolError::NotAVoteAccount),
        ("a wallet", Account { lamports: SOL, ..Account::default() }, TidepoolError::NotAVoteAccount),
        (
            "another program's",
            Account { owner: cluster::STAKE_PROGRAM, ..real.clone() },
            TidepoolError::NotAVoteAccount,
        ),
        (
            "zeroed",
            Account { data: vec![0; real.data.len()], ..real.clone() },
            TidepoolError::NotAVoteAccount,
        ),
        ("of an unknown version", with_tag(4), TidepoolError::UnknownVoteVersion),
        ("without a byte", cut(0), TidepoolError::NotAVoteAccount),
        ("cut off", cut(150), TidepoolError::VoteAccountUnreadable),
    ];
    for (what, account, refusal) in cases {
        println!("{what}");
        world.chain.set_account(&vote, &account);
        refuse(&world, refusal);
    }
}

#[test]
fn a_validator_that_stands_in_the_pool_does_not_join_and_a_removed_one_may() {
    let mut world = inviting();
    world.join(COMER).unwrap();
    let ana = world.user("ana").wallet;
    let again =
        |world: &World, place: usize| world.keys.join_pool(&ana.pubkey(), &keys_of(world, COMER, place));
    for place in [4, 5, 32] {
        world.expect_refusal(&again(&world, place), &[&ana], TidepoolError::ValidatorExists);
    }
    world.update([COMER]).unwrap();
    world.review(COMER).unwrap();
    world.settle(COMER).unwrap();
    world.drain(COMER).unwrap();
    world.expect_refusal(&again(&world, 4), &[&ana], TidepoolError::ValidatorExists);
    world.update([COMER]).unwrap();
    world.expect_refusal(&again(&world, 5), &[&ana], TidepoolError::ValidatorExists);
    world.remove(COMER).unwrap();
    world.send(&[again(&world, 4)], &[&ana]).unwrap();
    assert!(world.record(COMER).is_listed());
}

#[test]
fn who_joins_takes_no_slot_of_another_and_no_address_but_its_own() {
    let world = inviting();
    let ana = world.user("ana").wallet;
    let join = |validator: &ValidatorKeys| world.keys.join_pool(&ana.pubkey(), validator);
    world.expect_refusal(&join(&keys_of(&world, COMER, 0)), &[&ana], TidepoolError::SlotTaken);
    world.expect_refusal(&join(&keys_of(&world, COMER, 64)), &[&ana], TidepoolError::PageOutOfOrder);
    let own = keys_of(&world, COMER, COMER);
    let outside = ValidatorKeys { slot_in_page: 32, ..own };
    world.expect_refusal(&join(&outside), &[&ana], TidepoolError::NoSuchValidator);
    let next = ValidatorKeys { generation: 1, ..own };
    world.expect_refusal(&join(&next), &[&ana], TidepoolError::WrongAddress);
    let entry = world.keys.entry(&own.vote);
    let others = world.keys.entry(&world.validators[0].vote);
    world.expect_refusal(&join(&own).with(&entry, &others), &[&ana], TidepoolError::WrongAddress);
    let other = OtherPool::beside(&world);
    let foreign = join(&own).with(&own.page, &other.validator.page);
    world.expect_refusal(&foreign, &[&ana], TidepoolError::WrongPool);
    world.expect_refusal(&join(&own).unsigned(&ana.pubkey()), &[], AnchorError::AccountNotSigner);
}

#[test]
fn nobody_joins_while_rewards_are_paid_or_at_the_cost_of_tickets() {
    let mut world = inviting();
    world.advance(|chain| chain.cross_epoch());
    assert!(world.chain.rewards_active());
    refuse(&world, TidepoolError::EpochRewardsActive);
    world.advance(|chain| {
        chain.pay_rewards();
    });
    let all = world.lst_of("ana");
    world.order_unstake("ana", all).unwrap();
    let rents = 3 * world.chain.rent().minimum_balance(200);
    assert!(world.pool().free_reserve().unwrap().0 < rents);
    refuse(&world, TidepoolError::ReserveTooLow);
}
