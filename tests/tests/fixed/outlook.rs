//! What is to come in a pool, as its accounts foretell it, against what its books say and what then happens.

use crate::support::*;
use tidepool_client::fixed::{
    find_positions, find_user_pools, find_whitelist_entries,
    outlook::{expired_approvals, open_applications, Due, Filling, Month},
    AccountFilter, Outlook,
};
use tidepool_math::Tokens;

/// All that a node lists of the program.
fn accounts(world: &FixedWorld) -> Vec<(Pubkey, Vec<u8>)> {
    let accounts = world.chain.program_accounts(&tidepool_interface::fixed::ID);
    accounts.into_iter().map(|(key, account)| (key, account.data)).collect()
}

/// What `look` finds out about pool 0 now.
fn looking<T>(world: &FixedWorld, look: impl FnOnce(Outlook) -> T) -> T {
    let (pool, positions) = (world.pool(0), world.positions(0));
    let reward_balance = Tokens(world.reward_balance(0));
    look(Outlook { pool: &pool, reward_balance, positions: &positions, now: world.now() })
}

/// ana, bob and carl stake on odd days, two claim, and one has nothing left to claim.
fn busy() -> FixedWorld {
    let mut world = world(product());
    let stakes = [
        ("ana", 0, 1_000),
        ("bob", 0, 77),
        ("ana", 29, 20_000),
        ("carl", 30, 5),
        ("bob", 119, 3_333),
        ("carl", 119, 1_000_000),
        ("ana", 200, 12),
    ];
    let mut positions = vec![];
    for (name, day, tokens) in stakes {
        world.go_to(OPENING + day * DAY + i64::from(day > 0) * 4_321);
        positions.push((name, world.stake(name, 0, tokens * TOKEN + 123_456_789).unwrap()));
    }
    for (name, position) in &positions[..3] {
        world.claim(name, 0, position).unwrap();
    }
    world
}

#[test]
fn each_account_of_a_pool_is_found_and_none_of_another() {
    let mut world = world(listed());
    world.add_pool(PoolParameters { pool_id: 7, ..listed() }).unwrap();
    world.fund(1, TOKEN).unwrap();
    let other = world.pools[1];
    let (ana, bob) = (world.user("ana").key(), world.user("bob").key());
    for keys in world.pools.clone() {
        let admitted = [ana, bob].map(|user| Admitted { user, max_amount: 100 * TOKEN });
        let add = keys.add_to_whitelist(&manager().pubkey(), &admitted, 0);
        world.send(&[add], &[&manager()]).unwrap();
    }
    let mut wanted = vec![];
    for (name, pool) in [("ana", 0), ("bob", 1), ("ana", 0), ("bob", 0)] {
        let position = world.stake_with(name, pool, TOKEN, Proof::Entry).unwrap();
        if pool == 0 {
            wanted.push(position);
        }
    }

    let (keys, all) = (world.pools[0], accounts(&world));
    let sorted = |mut keys: Vec<Pubkey>| {
        keys.sort();
        keys
    };
    let positions = find_positions(&keys.pool, all.clone());
    for (key, position) in &positions {
        assert_eq!(world.pools[0].position(&position.owner, position.index).position, *key);
    }
    let found = sorted(positions.into_iter().map(|(key, _)| key).collect());
    assert_eq!(found, sorted(wanted.iter().map(|keys| keys.position).collect()));
    let users = find_user_pools(&keys.pool, all.clone());
    let found = sorted(users.into_iter().map(|(key, _)| key).collect());
    assert_eq!(found, sorted([ana, bob].map(|owner| keys.user_pool(&owner)).to_vec()));
    let entries = find_whitelist_entries(&keys.pool, all.clone());
    let found = sorted(entries.into_iter().map(|(key, _)| key).collect());
    assert_eq!(found, sorted([ana, bob].map(|owner| keys.whitelist_entry(&owner)).to_vec()));

    let filters = [
        (AccountFilter::positions(&keys.pool), 2),
        (AccountFilter::user_pools(&keys.pool), 1),
        (AccountFilter::whitelist_entries(&keys.pool), 1),
    ];
    for (filter, of_ana) in filters {
        let his = filter.clone().of_owner(&ana);
        assert_eq!(all.iter().filter(|(_, data)| his.matches(data)).count(), of_ana);
        // A node takes 128 bytes at most to compare with.
        assert!(his.start.len() <= 128);
    }
    assert_eq!(find_positions(&other.pool, all).len(), 1);
    assert!(!AccountFilter::positions(&keys.pool).matches(&[]));
}

#[test]
fn the_ladder_adds_up_to_the_books_and_is_what_is_paid() {
    let mut world = busy();
    let ladder = looking(&world, |outlook| outlook.maturity_ladder());
    let (pool, positions) = (world.pool(0), world.positions(0));
    let books = Due {
        positions: pool.open_positions,
        principal: Tokens(pool.total_staked),
        reward: Tokens(pool.promised - pool.rewarded),
    };
    assert_eq!((ladder.matured, ladder.total()), (Due::default(), books));
    assert_eq!(books.reward.0, pool.reserved);
    let months: Vec<_> =
        ladder.rungs.iter().map(|rung| (rung.month.to_string(), rung.due.positions)).collect();
    let wanted = [("2027-11", 3), ("2027-12", 1), ("2028-02", 2), ("2028-05", 1)];
    assert_eq!(months, wanted.map(|(month, count)| (month.to_string(), count)));

    // All leave in the last second of the month in which they can.
    for rung in &ladder.rungs {
        world.go_to(rung.month.ends_at() - 1);
        assert_eq!(looking(&world, |outlook| outlook.maturity_ladder()).matured, rung.due);
        let vaults = (world.principal_balance(0), world.reward_balance(0));
        let of_month = positions.iter().filter(|position| Month::of(position.unlock_at) == rung.month);
        for position in of_month {
            let name =
                ["ana", "bob", "carl"].into_iter().find(|name| world.user(name).key() == position.owner);
            let keys = world.pools[0].position(&position.owner, position.index);
            world.unstake(name.unwrap(), 0, &keys).unwrap();
        }
        let paid = (vaults.0 - world.principal_balance(0), vaults.1 - world.reward_balance(0));
        assert_eq!(paid, (rung.due.principal.0, rung.due.reward.0));
    }
    assert_eq!(world.positions(0), []);
    assert_eq!(looking(&world, |outlook| outlook.maturity_ladder()).total(), Due::default());
    assert_eq!(world.pool(0).rewarded, pool.promised);
}

#[test]
fn the_plan_is_what_it_takes_to_refuse_nobody_and_not_a_unit_more() {
    let mut world = world(product());
    set_terms(&mut world, |terms| terms.cap = 30_000 * TOKEN + 7);
    let first = world.stake("ana", 0, 9_876 * TOKEN + 543_210_987).unwrap();
    let operator = world.operator.clone();
    let excess = world.reward_balance(0) - world.pool(0).reserved;
    let withdraw = world.pools[0].withdraw_excess(&operator.key(), &operator.tokens, excess);
    world.send(&[withdraw], &[&operator.wallet]).unwrap();
    world.go_to(OPENING + 40 * DAY);

    let plan = looking(&world, |outlook| outlook.funding_plan(24)).unwrap();
    let [room, matured, november, december] = plan.lines[..] else { panic!("{plan:?}") };
    assert_eq!((plan.free, matured.room), (Tokens(0), Tokens(0)));
    let metrics = world.pool(0).funding_needed(Tokens(world.reward_balance(0)), world.now()).unwrap();
    assert_eq!((room.filling, room.to_fund), (Filling::Room, metrics));
    let renewals = ["2027-11", "2027-12"].map(String::from);
    let told = [november, december].map(|line| match line.filling {
        Filling::Renewal(month) => month.to_string(),
        other => panic!("{other:?}"),
    });
    assert_eq!(told, renewals);

    // What is short of a unit is short.
    let (bob, all) = (world.user("bob"), room.room.0);
    let second = world.next_position(0, &bob.key());
    let stake = world.pools[0].stake(&bob.key(), &bob.tokens, &second, all, 0, Proof::None);
    world.fund(0, room.to_fund.0 - 1).unwrap();
    world.expect_refusal(&stake, &[&bob.wallet], Error::RewardsNotFunded);
    world.fund(0, 1).unwrap();
    world.send(&[stake], &[&bob.wallet]).unwrap();
    assert_eq!(world.reward_balance(0), world.pool(0).reserved);

    for (name, old, line) in [("ana", first, november), ("bob", second, december)] {
        let user = world.user(name);
        world.fund(0, line.to_fund.0 - 1).unwrap();
        world.go_to(world.position(&old).unwrap().unlock_at);
        let new = world.next_position(0, &user.key());
        let roll_over =
            world.pools[0].roll_over(&old, &user.key(), &new, &user.tokens, false, 0, Proof::None);
        // A unit may be one more than is needed: lines cover what is staked across them, too.
        let resting = looking(&world, |outlook| outlook.resting());
        let needed = reward(line.room.0, 800, YEAR);
        assert!((needed..=needed + 1).contains(&line.needed.0));
        assert_eq!((resting.len(), resting[0].owner, resting[0].amount), (1, user.key(), line.room));
        world.fund(0, 1).unwrap();
        assert!(looking(&world, |outlook| outlook.resting()[0].per_day).is_some());
        world.send(&[roll_over], &[&user.wallet]).unwrap();
    }
    let owed = world.pool(0).reserved;
    assert!((owed..=owed + 2).contains(&world.reward_balance(0)));
}

#[test]
fn free_rewards_last_for_as_long_as_they_are_said_to() {
    let mut world = world(product());
    let operator = world.operator.clone();
    let all_but = world.reward_balance(0) - 1_000 * TOKEN;
    let withdraw = world.pools[0].withdraw_excess(&operator.key(), &operator.tokens, all_but);
    world.send(&[withdraw], &[&operator.wallet]).unwrap();

    // 12,500 tokens are promised a thousand. At 2,000 a day they are there after six days and six hours.
    let per_day = Tokens(2_000 * TOKEN);
    let until = looking(&world, |outlook| outlook.funded_until(per_day)).unwrap();
    assert_eq!(until, OPENING + 25 * DAY / 4 + 1);
    let seven_days = looking(&world, |outlook| outlook.needed_within(per_day, 7)).unwrap();
    assert_eq!(seven_days, Tokens(1_120 * TOKEN));
    for quarter in 1..=25 {
        world.go_to(OPENING + quarter * DAY / 4);
        world.stake("ana", 0, 500 * TOKEN).unwrap();
    }
    let ana = world.user("ana");
    let next = world.next_position(0, &ana.key());
    let stake = world.pools[0].stake(&ana.key(), &ana.tokens, &next, 2 * TOKEN, 0, Proof::None);
    world.expect_refusal(&stake, &[&ana.wallet], Error::RewardsNotFunded);
    assert_eq!(looking(&world, |outlook| outlook.free()), Tokens(0));
}

#[test]
fn who_rolls_over_what_rests_earns_what_was_said_a_day() {
    let (mut world, old) = matured();
    set_terms(&mut world, |terms| terms.rate_bps = 1_234);
    world.pass(5);
    let [resting] = looking(&world, |outlook| outlook.resting())[..] else { panic!() };
    assert_eq!((resting.owner, resting.index, resting.since), (old.owner, old.index, OPENING + YEAR));
    let before = world.tokens_of("ana");
    let ana = world.user("ana");
    let new = world.next_position(0, &old.owner);
    let roll_over = world.pools[0].roll_over(&old, &old.owner, &new, &ana.tokens, false, 0, Proof::None);
    world.send(&[roll_over], &[&ana.wallet]).unwrap();
    assert_eq!(world.tokens_of("ana") - before, resting.unpaid.0);
    world.pass(DAY);
    world.claim("ana", 0, &new).unwrap();
    assert_eq!(Some(Tokens(world.position(&new).unwrap().claimed)), resting.per_day);
    assert_eq!(looking(&world, |outlook| outlook.resting()), []);
}

#[test]
fn whoever_applied_waits_until_he_is_answered_and_approvals_end() {
    let mut world = world(listed());
    let keys = world.pools[0];
    for (name, amount) in [("ana", 5), ("bob", 7), ("carl", 6)] {
        let user = world.user(name);
        let apply = keys.apply_whitelist(&user.key(), amount * TOKEN, [amount as u8; 32]);
        world.send(&[apply], &[&user.wallet]).unwrap();
    }
    let [ana, bob, carl] = ["ana", "bob", "carl"].map(|name| world.user(name).key());
    let listed = |world: &FixedWorld| -> Vec<WhitelistEntry> {
        find_whitelist_entries(&keys.pool, accounts(world)).into_iter().map(|(_, entry)| entry).collect()
    };
    let open = |world: &FixedWorld| -> Vec<_> {
        let entries = listed(world);
        let open = open_applications(&entries);
        open.iter().map(|entry| (entry.user, entry.requested_amount, entry.note_hash[0])).collect()
    };
    let expired = |world: &FixedWorld| -> Vec<Pubkey> {
        let entries = listed(world);
        expired_approvals(&entries, world.now()).iter().map(|entry| entry.user).collect()
    };
    assert_eq!(open(&world), [(bob, 7 * TOKEN, 7), (carl, 6 * TOKEN, 6), (ana, 5 * TOKEN, 5)]);
    let answers = [
        (bob, Answer::Approve { max_amount: 7 * TOKEN, expires_at: OPENING + 2 * DAY }),
        (ana, Answer::Approve { max_amount: 5 * TOKEN, expires_at: OPENING + DAY }),
        (carl, Answer::Refuse { reason_code: 4 }),
    ];
    for (user, answer) in answers {
        let review = keys.review_application(&manager().pubkey(), &user, answer);
        world.send(&[review], &[&manager()]).unwrap();
    }
    assert_eq!((open(&world), expired(&world)), (vec![], vec![]));
    world.go_to(OPENING + DAY - 1);
    assert_eq!(expired(&world), []);
    world.go_to(OPENING + DAY);
    assert_eq!(expired(&world), [ana]);
    world.go_to(OPENING + 2 * DAY);
    assert_eq!(expired(&world), [ana, bob]);
    let user = world.user("ana");
    let again = keys.apply_whitelist(&ana, TOKEN, [9; 32]);
    world.send(&[again], &[&user.wallet]).unwrap();
    assert_eq!((open(&world), expired(&world)), (vec![(ana, TOKEN, 9)], vec![bob]));
}
