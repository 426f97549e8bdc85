//! Applications, answers and lists: what they change, to the byte, and whom they let stake.

use crate::support::*;
use tidepool_client::fixed::read_whitelist_entry;

fn entry_of(world: &FixedWorld, user: &Pubkey, rent_payer: &Pubkey) -> WhitelistEntry {
    let keys = world.pools[0];
    WhitelistEntry {
        pool: keys.pool,
        user: *user,
        rent_payer: *rent_payer,
        state: WhitelistState::Applied,
        requested_amount: 0,
        max_amount: 0,
        note_hash: [0; 32],
        reason_code: 0,
        expires_at: 0,
        bump: pda::whitelist_entry(&keys.pool, user).1,
    }
}

fn changed(world: &FixedWorld, entry: &WhitelistEntry) -> events::WhitelistChanged {
    events::WhitelistChanged {
        pool: entry.pool,
        user: entry.user,
        entry_state: entry.state,
        max_amount: entry.max_amount,
        expires_at: entry.expires_at,
        reason_code: entry.reason_code,
        state: state(world),
    }
}

/// A pool for those on its list, to which ana has applied for ten tokens.
fn applied() -> (FixedWorld, WhitelistEntry) {
    let mut world = world(listed());
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let entry = WhitelistEntry {
        requested_amount: 10 * TOKEN,
        note_hash: [7; 32],
        ..entry_of(&world, &ana.key(), &ana.key())
    };
    let entry_rent = rent(&world, WhitelistEntry::SPACE);
    let apply = keys.apply_whitelist(&ana.key(), 10 * TOKEN, [7; 32]);
    let outcome = world.expect_change(&apply, &[&ana.wallet], |expected| {
        expected.pays(&ana.key(), entry_rent);
        expected.writes(&keys.whitelist_entry(&ana.key()), entry_rent, &entry);
    });
    outcome.assert_told(&events::WhitelistApplied {
        pool: keys.pool,
        user: ana.key(),
        requested_amount: 10 * TOKEN,
        note_hash: [7; 32],
        state: state(&world),
    });
    (world, entry)
}

fn stake(world: &FixedWorld, name: &str, amount: u64, proof: Proof) -> Instruction {
    let user = world.user(name);
    let next = world.next_position(0, &user.key());
    world.pools[0].stake(&user.key(), &user.tokens, &next, amount, 0, proof)
}

#[test]
fn an_application_that_is_approved_admits_its_user_with_so_much_and_no_more() {
    let (mut world, entry) = applied();
    let (ana, keys, now) = (world.user("ana"), world.pools[0], world.now());
    let too_early = stake(&world, "ana", TOKEN, Proof::Entry);
    world.expect_refusal(&too_early, &[&ana.wallet], Error::NotWhitelisted);

    let expires_at = now + DAY;
    let approve = |max_amount, expires_at| {
        keys.review_application(&manager().pubkey(), &ana.key(), Answer::Approve { max_amount, expires_at })
    };
    world.expect_refusal(&approve(0, 0), &[&manager()], Error::ZeroAmount);
    world.expect_refusal(&approve(1, now), &[&manager()], Error::ExpiryInThePast);
    let approve = approve(8 * TOKEN, expires_at);
    let entry =
        WhitelistEntry { state: WhitelistState::Approved, max_amount: 8 * TOKEN, expires_at, ..entry };
    let outcome = world.expect_change(&approve, &[&manager()], |expected| {
        expected.whitelist_entry(0, &ana.key(), |it| *it = entry.clone());
        expected.fixed_pool(0, |pool| pool.approved_users = 1);
    });
    outcome.assert_told(&changed(&world, &entry));
    world.expect_refusal(&approve, &[&manager()], Error::NoApplication);
    let apply = keys.apply_whitelist(&ana.key(), 1, [0; 32]);
    world.expect_refusal(&apply, &[&ana.wallet], Error::AlreadyApproved);

    world.expect_refusal(
        &stake(&world, "ana", 8 * TOKEN + 1, Proof::Entry),
        &[&ana.wallet],
        Error::AboveWhitelistAmount,
    );
    world.stake_with("ana", 0, 5 * TOKEN, Proof::Entry).unwrap();
    world.expect_refusal(
        &stake(&world, "ana", 3 * TOKEN + 1, Proof::Entry),
        &[&ana.wallet],
        Error::AboveWhitelistAmount,
    );
    world.go_to(expires_at - 1);
    world.stake_with("ana", 0, 2 * TOKEN, Proof::Entry).unwrap();
    world.go_to(expires_at);
    let over = stake(&world, "ana", TOKEN, Proof::Entry);
    world.expect_refusal(&over, &[&ana.wallet], Error::NotWhitelisted);
}

#[test]
fn whose_approval_is_over_applies_again() {
    let (mut world, _) = applied();
    let (ana, keys, now) = (world.user("ana"), world.pools[0], world.now());
    let answer = Answer::Approve { max_amount: TOKEN, expires_at: now + 1 };
    let approve = keys.review_application(&manager().pubkey(), &ana.key(), answer);
    world.send(&[approve], &[&manager()]).unwrap();
    world.go_to(now + 1);
    let apply = keys.apply_whitelist(&ana.key(), 3 * TOKEN, [1; 32]);
    world.expect_change(&apply, &[&ana.wallet], |expected| {
        expected.whitelist_entry(0, &ana.key(), |entry| {
            entry.state = WhitelistState::Applied;
            entry.requested_amount = 3 * TOKEN;
            entry.note_hash = [1; 32];
        });
        expected.fixed_pool(0, |pool| pool.approved_users = 0);
    });
}

#[test]
fn a_refusal_has_its_reason_and_who_was_refused_applies_again_or_closes_his_entry() {
    let (mut world, entry) = applied();
    let (ana, bob, keys) = (world.user("ana"), world.user("bob"), world.pools[0]);
    let refuse = keys.review_application(&manager().pubkey(), &ana.key(), Answer::Refuse { reason_code: 12 });
    let refused = WhitelistEntry { state: WhitelistState::Refused, reason_code: 12, ..entry };
    let outcome = world.expect_change(&refuse, &[&manager()], |expected| {
        expected.whitelist_entry(0, &ana.key(), |it| *it = refused.clone());
    });
    outcome.assert_told(&changed(&world, &refused));
    world.expect_refusal(&refuse, &[&manager()], Error::NoApplication);
    let refused = stake(&world, "ana", TOKEN, Proof::Entry);
    world.expect_refusal(&refused, &[&ana.wallet], Error::NotWhitelisted);

    let nothing = keys.apply_whitelist(&ana.key(), 0, [0; 32]);
    world.expect_refusal(&nothing, &[&ana.wallet], Error::ZeroAmount);
    let again = keys.apply_whitelist(&ana.key(), 2 * TOKEN, [8; 32]);
    world.expect_change(&again, &[&ana.wallet], |expected| {
        expected.whitelist_entry(0, &ana.key(), |entry| {
            entry.state = WhitelistState::Applied;
            (entry.requested_amount, entry.note_hash, entry.reason_code) = (2 * TOKEN, [8; 32], 0);
        });
    });

    let by_bob = keys.close_whitelist_entry(&bob.key(), &ana.key(), &ana.key());
    world.expect_refusal(&by_bob, &[&bob.wallet], Error::WrongUser);
    let to_bob = keys.close_whitelist_entry(&ana.key(), &ana.key(), &bob.key());
    world.expect_refusal(&to_bob, &[&ana.wallet], Error::WrongRentPayer);
    let close = keys.close_whitelist_entry(&ana.key(), &ana.key(), &ana.key());
    let key = keys.whitelist_entry(&ana.key());
    let outcome = world.expect_change(&close, &[&ana.wallet], |expected| expected.closes(&key, &ana.key()));
    let told = events::WhitelistEntryClosed { pool: keys.pool, user: ana.key(), state: state(&world) };
    outcome.assert_told(&told);
    let gone = keys.review_application(&manager().pubkey(), &ana.key(), Answer::Refuse { reason_code: 0 });
    world.expect_refusal(&gone, &[&manager()], Error::WrongEntries);
}

#[test]
fn twenty_users_are_added_at_once_and_adding_them_again_changes_nothing() {
    let mut world = world(listed());
    let (man, keys) = (manager(), world.pools[0]);
    let users: Vec<Pubkey> =
        (0..20).map(|number| derive_keypair(1, &format!("user {number}")).pubkey()).collect();
    let list: Vec<Admitted> = users.iter().map(|user| Admitted { user: *user, max_amount: 9 }).collect();
    let expires_at = OPENING + 1_000;
    let approved = |user: &Pubkey| WhitelistEntry {
        state: WhitelistState::Approved,
        max_amount: 9,
        expires_at,
        ..entry_of(&world, user, &man.pubkey())
    };
    let approved: Vec<WhitelistEntry> = users.iter().map(approved).collect();
    let entry_rent = rent(&world, WhitelistEntry::SPACE);

    // Eleven fit a legacy transaction.
    let add = keys.add_to_whitelist(&man.pubkey(), &list[..11], expires_at);
    world.expect_change(&add, &[&man], |expected| {
        for entry in &approved[..11] {
            expected.pays(&man.pubkey(), entry_rent);
            expected.writes(&keys.whitelist_entry(&entry.user), entry_rent, entry);
        }
        expected.fixed_pool(0, |pool| pool.approved_users = 11);
    });
    world.expect_change(&add, &[&man], |_| {});

    // All of them fit one with a lookup table.
    let entries: Vec<Pubkey> = users.iter().map(|user| keys.whitelist_entry(user)).collect();
    let table = world.chain.create_lookup_table(&entries);
    world.chain.next_slot();
    let send = |instruction| {
        world.chain.send_versioned(&[instruction], &[&man], std::slice::from_ref(&table)).unwrap()
    };
    let found = || -> Vec<WhitelistEntry> {
        let data = entries.iter().map(|key| world.chain.account(key).unwrap().data);
        data.map(|data| read_whitelist_entry(&data).unwrap()).collect()
    };
    for _ in 0..2 {
        let outcome = send(keys.add_to_whitelist(&man.pubkey(), &list, expires_at));
        assert_eq!(outcome.told().len(), 20);
        assert_eq!(world.pool(0).approved_users, 20);
        assert_eq!(found(), approved);
    }
    for told in [20, 0] {
        let outcome = send(keys.remove_from_whitelist(&man.pubkey(), &users, 5));
        assert_eq!(outcome.told().len(), told);
        assert_eq!(world.pool(0).approved_users, 0);
    }
    let refused = |user: &Pubkey| WhitelistEntry {
        state: WhitelistState::Refused,
        reason_code: 5,
        ..entry_of(&world, user, &man.pubkey())
    };
    assert_eq!(found(), users.iter().map(refused).collect::<Vec<_>>());
}

#[test]
fn lists_are_at_most_twenty_long_and_match_their_entries() {
    let world = world(listed());
    let (man, keys) = (manager(), world.pools[0]);
    let (ana, bob) = (world.user("ana").key(), world.user("bob").key());
    let admitted = Admitted { user: ana, max_amount: 9 };
    // The count is looked at before the entries, which would not fit the transaction.
    let mut many = keys.remove_from_whitelist(&man.pubkey(), &[ana; 21], 0);
    many.accounts.truncate(3);
    world.expect_refusal(&many, &[&man], Error::TooManyUsers);

    let add = keys.add_to_whitelist(&man.pubkey(), &[admitted], 0);
    let none = add.clone().without(3);
    world.expect_refusal(&none, &[&man], Error::WrongEntries);
    let of_bob = add.clone().with(&keys.whitelist_entry(&ana), &keys.whitelist_entry(&bob));
    world.expect_refusal(&of_bob, &[&man], Error::WrongAddress);
    let zero = keys.add_to_whitelist(&man.pubkey(), &[Admitted { max_amount: 0, ..admitted }], 0);
    world.expect_refusal(&zero, &[&man], Error::ZeroAmount);
    let over = keys.add_to_whitelist(&man.pubkey(), &[admitted], OPENING);
    world.expect_refusal(&over, &[&man], Error::ExpiryInThePast);
    let elsewhere = keys.remove_from_whitelist(&man.pubkey(), &[bob], 0);
    let elsewhere = elsewhere.with(&keys.whitelist_entry(&bob), &stranger().pubkey());
    world.expect_refusal(&elsewhere, &[&man], Error::WrongEntries);
    let none = keys.remove_from_whitelist(&man.pubkey(), &[bob], 0).without(3);
    world.expect_refusal(&none, &[&man], Error::WrongEntries);
}

#[test]
fn nobody_stops_the_removal_of_others_by_having_no_entry_any_more() {
    let mut world = world(listed());
    let (man, keys) = (manager(), world.pools[0]);
    let (ana, bob) = (world.user("ana").key(), world.user("bob").key());
    admit(&mut world, "ana", TOKEN, 0);
    let remove = keys.remove_from_whitelist(&man.pubkey(), &[bob, ana], 7);
    world.send(std::slice::from_ref(&remove), &[&man]).unwrap();
    let entry =
        read_whitelist_entry(&world.chain.account(&keys.whitelist_entry(&ana)).unwrap().data).unwrap();
    assert_eq!((entry.state, entry.reason_code), (WhitelistState::Refused, 7));
    world.expect_change(&remove, &[&man], |_| {});
}

#[test]
fn who_is_taken_from_the_list_keeps_what_he_has_staked() {
    let mut world = world(listed());
    admit(&mut world, "ana", 10 * TOKEN, 0);
    let position = world.stake_with("ana", 0, 5 * TOKEN, Proof::Entry).unwrap();
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let in_use = keys.close_whitelist_entry(&ana.key(), &ana.key(), &manager().pubkey());
    world.expect_refusal(&in_use, &[&ana.wallet], Error::EntryInUse);
    let remove = keys.remove_from_whitelist(&manager().pubkey(), &[ana.key()], 1);
    world.send(&[remove], &[&manager()]).unwrap();
    world.go_to(OPENING + YEAR);
    let next = world.next_position(0, &ana.key());
    let compound = keys.compound(&position, &next, 0, Proof::Entry);
    world.expect_refusal(&compound, &[&ana.wallet], Error::NotWhitelisted);
    let roll = keys.roll_over(&position, &ana.key(), &next, &ana.tokens, false, 0, Proof::Entry);
    world.expect_refusal(&roll, &[&ana.wallet], Error::NotWhitelisted);
    world.unstake("ana", 0, &position).unwrap();
    assert_eq!(world.tokens_of("ana"), PURSE + 400_000_000);
    // The manager paid the rent of the entry, and gets it back.
    let before = world.chain.lamports(&manager().pubkey());
    world.send(&[in_use], &[&ana.wallet]).unwrap();
    assert_eq!(world.chain.lamports(&manager().pubkey()), before + rent(&world, WhitelistEntry::SPACE));
}

#[test]
fn an_approval_that_is_over_is_closed_and_counts_no_more() {
    let mut world = world(listed());
    admit(&mut world, "ana", TOKEN, OPENING + 10);
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let man = manager().pubkey();
    let close = keys.close_whitelist_entry(&ana.key(), &ana.key(), &man);
    world.go_to(OPENING + 9);
    world.expect_refusal(&close, &[&ana.wallet], Error::EntryInUse);
    world.go_to(OPENING + 10);
    let key = keys.whitelist_entry(&ana.key());
    let outcome = world.expect_change(&close, &[&ana.wallet], |expected| {
        expected.closes(&key, &man);
        expected.fixed_pool(0, |pool| pool.approved_users = 0);
    });
    let told = events::WhitelistEntryClosed { pool: keys.pool, user: ana.key(), state: state(&world) };
    outcome.assert_told(&told);
}

#[test]
fn entries_are_closed_when_their_pool_is() {
    let mut world = world(listed());
    admit(&mut world, "ana", TOKEN, 0);
    let other = world.add_pool(PoolParameters { pool_id: 3, ..listed() }).unwrap();
    let (ana, keys, operator) = (world.user("ana"), world.pools[0], world.operator.clone());
    let man = manager().pubkey();
    world.send(&[keys.close_pool(&operator.key(), &operator.tokens)], &[&operator.wallet]).unwrap();

    let close = keys.close_whitelist_entry(&man, &ana.key(), &man);
    let of_other = close.clone().with(&keys.pool, &world.pools[other].pool);
    world.expect_refusal(&of_other, &[&manager()], Error::WrongPool);
    let key = keys.whitelist_entry(&ana.key());
    let outcome = world.expect_change(&close, &[&manager()], |expected| expected.closes(&key, &man));
    let now = world.chain.clock().unix_timestamp;
    let empty = PoolState { total_staked: 0, promised: 0, reserved: 0, open_positions: 0, timestamp: now };
    let told = events::WhitelistEntryClosed { pool: keys.pool, user: ana.key(), state: empty };
    outcome.assert_told(&told);
}

#[test]
fn nobody_stakes_with_the_entry_of_another_user_or_pool() {
    let mut world = world(listed());
    let other = world.add_pool(PoolParameters { pool_id: 3, ..listed() }).unwrap();
    admit(&mut world, "ana", 10 * TOKEN, 0);
    let (ana, bob, keys) = (world.user("ana"), world.user("bob"), world.pools[0]);
    let (mine, his) = (keys.whitelist_entry(&bob.key()), keys.whitelist_entry(&ana.key()));
    let as_ana = stake(&world, "bob", TOKEN, Proof::Entry).with(&mine, &his);
    world.expect_refusal(&as_ana, &[&bob.wallet], Error::WrongUser);
    let next = world.next_position(other, &ana.key());
    let there = world.pools[other];
    let stake = there.stake(&ana.key(), &ana.tokens, &next, TOKEN, 0, Proof::Entry);
    let elsewhere = stake.with(&there.whitelist_entry(&ana.key()), &his);
    world.expect_refusal(&elsewhere, &[&ana.wallet], Error::WrongUser);
}
