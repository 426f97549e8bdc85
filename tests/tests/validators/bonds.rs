//! Bonds: who opens them, what they promise, and how money goes in and comes out.

use {
    crate::{bonding::*, support::to_next_epoch},
    events::NothingDueReason::{AlreadySettled, NotReviewed},
    tidepool_client::{Bond, BondTerms},
    tidepool_tests::prelude::*,
};

/// A bond as it is opened now.
fn opened(world: &World, index: usize, owner: &Pubkey, terms: BondTerms) -> Bond {
    let vote = world.validators[index].vote;
    Bond {
        pool: world.keys.pool,
        vote,
        owner: *owner,
        lamports: 0,
        terms,
        pending_terms: BondTerms::default(),
        pending_terms_epoch: 0,
        withdrawal_lamports: 0,
        withdrawal_epoch: 0,
        settled_epoch: world.chain.epoch(),
        settled_stake: 0,
        settled_min_credits_bps: world.pool().rules.min_credit_bps,
        bump: pda::bond(&world.keys.pool, &vote).1,
    }
}

fn expect_opened(world: &mut World, index: usize, owner: &Keypair, found: u64) {
    let (keys, vote, terms) = (world.keys, world.validators[index].vote, terms(500, 20_000));
    let payer = world.operator.insecure_clone();
    let (rent, bond) = (bond_rent(world), opened(world, index, &owner.pubkey(), terms));
    let open = keys.open_bond(&vote, &owner.pubkey(), &payer.pubkey(), terms);
    let outcome = world.expect_change(&open, &[owner, &payer], |expected| {
        expected.pays(&payer.pubkey(), rent);
        *expected.account(&keys.bond(&vote)) = Account {
            lamports: found + rent,
            data: bond_data(&bond),
            owner: tidepool_interface::ID,
            ..Account::default()
        };
    });
    let owner = owner.pubkey();
    outcome.assert_told(&events::BondOpened { pool: keys.pool, vote, owner, terms, state: state(world) });
}

/// The ledger of the world counts what a bond holds; these bonds were opened past it.
fn two_watched() -> World {
    let mut world = two();
    for index in [0, 1] {
        let key = world.keys.bond(&world.validators[index].vote);
        world.watch_bond(&key);
    }
    world
}

#[test]
fn a_validators_identity_or_its_withdrawer_opens_its_bond() {
    let mut world = two_watched();
    let (identity, withdrawer) = (identity(&world, 0), world.chain.validator(1).withdrawer.insecure_clone());
    expect_opened(&mut world, 0, &identity, 0);
    expect_opened(&mut world, 1, &withdrawer, 0);
}

/// A stranger's SOL at the address is no obstacle, buys nothing, and belongs to nobody.
#[test]
fn a_bond_is_opened_where_a_stranger_has_left_lamports() {
    let mut world = two_watched();
    let (owner, key) = (identity(&world, 0), bond_key(&world));
    world.give(&key, 5 * SOL).unwrap();
    expect_opened(&mut world, 0, &owner, 5 * SOL);
    assert_eq!(bond(&world).lamports, 0);
    let ask = world.keys.request_bond_withdrawal(&world.validators[0].vote, &owner.pubkey(), 1);
    world.expect_refusal(&ask, &[&owner], TidepoolError::InsufficientBalance);
}

#[test]
fn nobody_else_opens_a_bond_and_nobody_a_second_one() {
    let mut world = two();
    let (keys, payer) = (world.keys, world.operator.insecure_clone());
    let (vote, other_vote) = (world.validators[0].vote, world.validators[1].vote);
    let (owner, stranger) = (identity(&world, 0), identity(&world, 1));
    let open = |owner: &Keypair, terms| keys.open_bond(&vote, &owner.pubkey(), &payer.pubkey(), terms);
    let refused = |world: &World, call: &Instruction, owner: &Keypair, error: TidepoolError| {
        world.expect_refusal(call, &[owner, &payer], error);
    };

    refused(&world, &open(&stranger, EASY), &stranger, TidepoolError::NotTheValidator);
    refused(&world, &open(&owner, terms(10_001, 0)), &owner, TidepoolError::InvalidParameter);
    let no_vote = open(&owner, EASY).with(&vote, &owner.pubkey());
    refused(&world, &no_vote, &owner, TidepoolError::NotAVoteAccount);
    let elsewhere = open(&owner, EASY).with(&keys.bond(&vote), &keys.bond(&other_vote));
    refused(&world, &elsewhere, &owner, TidepoolError::WrongAddress);
    let unsigned = open(&owner, EASY).unsigned(&owner.pubkey());
    world.expect_refusal(&unsigned, &[&payer], AnchorError::AccountNotSigner);

    let rent = bond_rent(&world);
    world.open_bond(0, EASY, rent).unwrap();
    refused(&world, &open(&owner, EASY), &owner, TidepoolError::BondExists);
    let withdrawer = world.chain.validator(0).withdrawer.insecure_clone();
    refused(&world, &open(&withdrawer, terms(0, 0)), &withdrawer, TidepoolError::BondExists);
}

/// An identity that was given up or stolen would own the bond for ever, and a stranger's lamport in it must not keep it so. What
/// is left in it is the new owner's, and so is what it owes.
#[test]
fn the_withdrawer_opens_a_bond_anew_that_is_as_good_as_empty() {
    let mut world = two();
    let (keys, vote, payer) = (world.keys, world.validators[0].vote, world.operator.insecure_clone());
    world.set_rules(|rules| rules.min_credit_bps = 5_000).unwrap();
    world.open_bond(0, terms(10_000, 0), 0).unwrap();
    to_next_epoch(&mut world);
    let left = bond_rent(&world) - 1;
    world.post_bond(0, left).unwrap();
    world.request_bond_withdrawal(0, left).unwrap();
    let (before, key) = (identity(&world, 0), bond_key(&world));
    let after = world.chain.validator(0).withdrawer.insecure_clone();
    let open = |owner: &Keypair| keys.open_bond(&vote, &owner.pubkey(), &payer.pubkey(), terms(300, 7));
    world.expect_refusal(&open(&before), &[&before, &payer], TidepoolError::BondExists);

    let owner = after.pubkey();
    let new =
        Bond { owner, terms: terms(300, 7), withdrawal_lamports: 0, withdrawal_epoch: 0, ..bond(&world) };
    assert_eq!((new.lamports, new.settled_min_credits_bps), (left, 5_000));
    assert!(new.settled_epoch < world.chain.epoch());
    world.expect_change(&open(&after), &[&after, &payer], |expected| {
        change_bond(expected, &key, |bond| bond.clone_from(&new));
    });
    let ask = keys.request_bond_withdrawal(&vote, &before.pubkey(), left);
    world.expect_refusal(&ask, &[&before], TidepoolError::NotTheBondOwner);
    world.post_bond(0, 1).unwrap();
    world.expect_refusal(&open(&after), &[&after, &payer], TidepoolError::BondExists);
}

#[test]
fn anyone_posts_to_a_bond() {
    let mut world = two();
    world.open_bond(0, EASY, 3 * SOL).unwrap();
    let (keys, key, ana) = (world.keys, bond_key(&world), world.user("ana").wallet);
    let vote = world.validators[0].vote;
    let post = |lamports| keys.post_bond(&vote, &ana.pubkey(), lamports);
    let outcome = world.expect_change(&post(7), &[&ana], |expected| {
        expected.moves(&ana.pubkey(), &key, 7);
        change_bond(expected, &key, |bond| bond.lamports += 7);
    });
    outcome.assert_told(&events::BondPosted {
        pool: keys.pool,
        vote,
        payer: ana.pubkey(),
        lamports: 7,
        bond_lamports: 3 * SOL + 7,
        state: state(&world),
    });

    world.expect_refusal(&post(0), &[&ana], TidepoolError::ZeroAmount);
    for too_much in [world.sol_of("ana") + 1, u64::MAX] {
        world.expect_refusal(&post(too_much), &[&ana], TidepoolError::InsufficientBalance);
    }
    let no_bond = post(1).with(&key, &keys.bond(&world.validators[1].vote));
    world.expect_refusal(&no_bond, &[&ana], AnchorError::AccountNotInitialized);
    let not_a_bond = post(1).with(&key, &keys.entry(&vote));
    world.expect_refusal(&not_a_bond, &[&ana], AnchorError::AccountDiscriminatorMismatch);
}

#[test]
fn only_its_owner_changes_a_bond_and_only_that_of_this_pool() {
    let mut world = two();
    world.open_bond(0, EASY, SOL).unwrap();
    world.open_bond(1, EASY, SOL).unwrap();
    let (keys, vote) = (world.keys, world.validators[0].vote);
    let other = OtherPool::beside(&world);
    let owner = identity(&world, 0);
    let me = owner.pubkey();
    let calls = |owner: &Pubkey| {
        [
            keys.set_bond_terms(&vote, owner, EASY),
            keys.request_bond_withdrawal(&vote, owner, 1),
            keys.withdraw_bond(&vote, owner),
        ]
    };
    let stranger = identity(&world, 1);
    for call in calls(&stranger.pubkey()) {
        world.expect_refusal(&call, &[&stranger], TidepoolError::NotTheBondOwner);
    }
    let foreign = other.keys.bond(&vote);
    for call in calls(&me) {
        let call = call.with(&keys.bond(&vote), &foreign);
        world.expect_refusal(&call, &[&owner], TidepoolError::WrongBond);
    }
    let ana = world.user("ana").wallet;
    let post = keys.post_bond(&vote, &ana.pubkey(), 1).with(&keys.bond(&vote), &foreign);
    world.expect_refusal(&post, &[&ana], TidepoolError::WrongBond);

    // A settlement, too: by another pool's bond, by another validator's, into another reserve.
    world.review_all().unwrap();
    let settle = keys.settle_bond(&world.validators[0]);
    let refused = |with: Instruction, error| world.expect_refusal(&with, &[], error);
    refused(settle.clone().with(&keys.bond(&vote), &foreign), TidepoolError::WrongBond);
    let of_other_vote = keys.bond(&world.validators[1].vote);
    refused(settle.clone().with(&keys.bond(&vote), &of_other_vote), TidepoolError::NoSuchValidator);
    refused(settle.clone().with(&keys.reserve, &other.keys.reserve), TidepoolError::WrongReserve);
    refused(settle.clone().with(&keys.reserve, &keys.bond(&vote)), TidepoolError::WrongReserve);
    refused(settle.with(&world.validators[0].page, &other.validator.page), TidepoolError::WrongPool);
}

/// A validator may put up a bond before it is in the pool; nothing can be settled then.
#[test]
fn the_bond_of_a_validator_that_is_not_in_the_pool_is_its_owners_alone() {
    let mut world = two();
    let index = world.chain.add_validator(&ValidatorConfig::default());
    world.open_bond(index, EASY, 2 * SOL).unwrap();
    let absent = world.keys.validator(&world.chain.validator(index).vote, 2);
    world.expect_refusal(&world.keys.settle_bond(&absent), &[], TidepoolError::NoSuchValidator);
    world.request_bond_withdrawal(index, 2 * SOL).unwrap();
    (0..limits::BOND_NOTICE_EPOCHS).for_each(|_| to_next_epoch(&mut world));
    let owner = identity(&world, index).pubkey();
    let before = world.chain.lamports(&owner);
    world.withdraw_bond(index).unwrap();
    assert_eq!(world.chain.lamports(&owner) - before, 2 * SOL);
}

// ---- terms

fn expect_terms(world: &mut World, new: BondTerms, now: BondTerms, pending: Option<BondTerms>) {
    let (keys, key, owner) = (world.keys, bond_key(world), identity(world, 0));
    let vote = world.validators[0].vote;
    let epoch = pending.map_or(0, |_| world.chain.epoch() + limits::BOND_NOTICE_EPOCHS);
    let set = keys.set_bond_terms(&vote, &owner.pubkey(), new);
    let outcome = world.expect_change(&set, &[&owner], |expected| {
        change_bond(expected, &key, |bond| {
            bond.terms = now;
            bond.pending_terms = pending.unwrap_or_default();
            bond.pending_terms_epoch = epoch;
        });
    });
    outcome.assert_told(&events::BondTermsSet {
        pool: keys.pool,
        vote,
        terms: now,
        pending: pending.unwrap_or_default(),
        pending_epoch: epoch,
        state: state(world),
    });
}

#[test]
fn better_terms_hold_at_once_and_worse_ones_after_the_notice() {
    let mut world = settled(terms(500, 20_000), 10 * SOL);
    expect_terms(&mut world, terms(400, 30_000), terms(400, 30_000), None);
    // Half of it is better: that holds at once, and all of it later.
    let mixed = terms(300, 10_000);
    expect_terms(&mut world, mixed, terms(300, 30_000), Some(mixed));
    // Another announcement takes its place, and waits as long again.
    to_next_epoch(&mut world);
    let worse = terms(700, 5_000);
    expect_terms(&mut world, worse, terms(300, 30_000), Some(worse));
    to_next_epoch(&mut world);
    // The terms of now take the announcement back.
    expect_terms(&mut world, terms(300, 30_000), terms(300, 30_000), None);
    expect_terms(&mut world, worse, terms(300, 30_000), Some(worse));
    let set = world.keys.set_bond_terms(&world.validators[0].vote, &bond(&world).owner, terms(10_001, 0));
    world.expect_refusal(&set, &[&identity(&world, 0)], TidepoolError::InvalidParameter);

    for _ in 0..limits::BOND_NOTICE_EPOCHS {
        settle_all(&mut world);
        assert_eq!(bond(&world).terms, terms(300, 30_000));
        to_next_epoch(&mut world);
    }
    settle_all(&mut world);
    assert_eq!((bond(&world).terms, bond(&world).pending_terms_epoch), (worse, 0));
}

/// Easier terms would come cheap if whoever touches the bond first could choose what the epochs before cost.
#[test]
fn an_epoch_costs_what_was_promised_in_it_whoever_comes_before_the_settlement() {
    let mut world = settled(terms(10_000, 1_000_000), 50 * SOL);
    let paid = |world: &World| 50 * SOL + 4 - bond(world).lamports;
    world.set_bond_terms(0, terms(10_000, 0)).unwrap();
    for _ in 0..limits::BOND_NOTICE_EPOCHS {
        to_next_epoch(&mut world);
    }
    // The notice is over. The validator posts, asks, announces and settles before anybody reviews.
    (0..4).for_each(|_| drop(world.post_bond(0, 1).unwrap()));
    world.request_bond_withdrawal(0, 1).unwrap();
    world.request_bond_withdrawal(0, 0).unwrap();
    world.settle(0).unwrap();
    assert_eq!(bond(&world).terms, terms(10_000, 1_000_000));
    let (stake, epochs) = (bond(&world).settled_stake, world.chain.epoch() - bond(&world).settled_epoch);
    world.review(0).unwrap();
    let charge = owed(&world);
    assert_eq!(expect_settlement(&mut world, charge), part_ceil(stake, u128::from(epochs), 1_000));
    // From here on nothing is bid.
    let before = paid(&world);
    to_next_epoch(&mut world);
    settle_all(&mut world);
    assert_eq!(paid(&world), before);
}

// ---- asked back

#[test]
fn what_is_asked_back_is_paid_after_the_notice_and_once() {
    let mut world = settled(EASY, 10 * SOL);
    let owner = identity(&world, 0);
    let refused = |world: &World, error: TidepoolError| {
        drop(world.expect_refusal(&withdrawal(world), &[&owner], error))
    };
    refused(&world, TidepoolError::NothingRequested);
    for too_much in [10 * SOL + 1, u64::MAX] {
        let ask = world.keys.request_bond_withdrawal(&bond(&world).vote, &owner.pubkey(), too_much);
        world.expect_refusal(&ask, &[&owner], TidepoolError::InsufficientBalance);
    }

    expect_request(&mut world, 9 * SOL);
    to_next_epoch(&mut world);
    expect_request(&mut world, 0); // changes his mind
    refused(&world, TidepoolError::NothingRequested);
    expect_request(&mut world, 10 * SOL);
    to_next_epoch(&mut world);
    expect_request(&mut world, 4 * SOL); // waits anew
    for _ in 0..limits::BOND_NOTICE_EPOCHS {
        refused(&world, TidepoolError::NoticeRunning);
        to_next_epoch(&mut world);
    }
    expect_withdrawal(&mut world, 4 * SOL);
    refused(&world, TidepoolError::NothingRequested);
    assert_eq!(bond(&world).lamports, 6 * SOL);
}

/// Until it is out it is liable; what a settlement took of it is gone, and later posts do not stand in for it.
#[test]
fn what_is_asked_back_stays_liable_and_later_posts_do_not_make_it_good() {
    let mut world = settled(EASY, 10 * SOL);
    expect_request(&mut world, 10 * SOL);
    world.slash(0, 4 * SOL).unwrap();
    world.update([0]).unwrap();
    world.review(0).unwrap();
    let charge = owed(&world);
    assert_eq!(expect_settlement(&mut world, charge), 4 * SOL);
    assert_eq!((bond(&world).withdrawal_lamports, world.record(0).bond_lamports), (6 * SOL, 0));
    world.post_bond(0, 5 * SOL).unwrap();
    (0..limits::BOND_NOTICE_EPOCHS).for_each(|_| to_next_epoch(&mut world));
    expect_withdrawal(&mut world, 6 * SOL);
    settle_all(&mut world);
    assert_eq!((bond(&world).lamports, world.record(0).bond_lamports), (5 * SOL, 5 * SOL));
}

/// What a bond backs with is told at once by anyone, reviewed or settled or not: it costs nothing.
#[test]
fn what_is_posted_and_asked_back_is_noted_by_any_settlement() {
    let mut world = settled(EASY, 10 * SOL);
    let noted = |world: &World| (world.record(0).bond_lamports, world.pool().bond_lamports);
    assert_eq!(noted(&world), (10 * SOL, 10 * SOL));
    expect_nothing_settled(&mut world, NotReviewed);
    world.post_bond(0, SOL).unwrap();
    assert_eq!(noted(&world), (10 * SOL, 10 * SOL));
    world.settle(0).unwrap();
    assert_eq!(noted(&world), (11 * SOL, 11 * SOL));
    world.review(0).unwrap();
    world.settle(0).unwrap();
    expect_nothing_settled(&mut world, AlreadySettled);
    world.request_bond_withdrawal(0, 3 * SOL).unwrap();
    world.settle(0).unwrap();
    assert_eq!(noted(&world), (8 * SOL, 8 * SOL));
    expect_nothing_settled(&mut world, AlreadySettled);
}
