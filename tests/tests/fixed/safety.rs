//! What pauses, emergencies and withdrawals of those who run a pool change, to the byte.

use crate::support::*;

#[test]
fn a_pause_stops_what_it_names_and_that_of_claims_ends_by_itself() {
    let (mut world, _) = earning();
    let (guard, operator, keys, now) = (guardian(), world.operator.clone(), world.pools[0], world.now());
    let suspension = Suspension { since: now, until: now + 7 * DAY };
    let pause = keys.pause(&guard.pubkey(), 0b111);
    let outcome = world.expect_change(&pause, &[&guard], |expected| {
        expected.fixed_pool(0, |pool| (pool.pause_flags, pool.claim_pause) = (0b101, suspension));
    });
    outcome.assert_told(&events::PauseSet {
        pool: keys.pool,
        by: guard.pubkey(),
        pause_flags: 0b101,
        claim_pause: suspension,
        state: state(&world),
    });
    world.pass(DAY);
    // Again does not make it longer.
    world.expect_change(&pause, &[&guard], |_| {});

    let ended = Suspension { until: now + DAY, ..suspension };
    let resume = keys.resume(&operator.key(), 0b011);
    let outcome = world.expect_change(&resume, &[&operator.wallet], |expected| {
        expected.fixed_pool(0, |pool| (pool.pause_flags, pool.claim_pause) = (0b100, ended));
    });
    outcome.assert_told(&events::PauseSet {
        pool: keys.pool,
        by: operator.key(),
        pause_flags: 0b100,
        claim_pause: ended,
        state: state(&world),
    });
    for functions in [0, 0b1000, 0xff] {
        world.expect_refusal(&keys.pause(&guard.pubkey(), functions), &[&guard], Error::UnknownFunction);
        let resume = keys.resume(&operator.key(), functions);
        world.expect_refusal(&resume, &[&operator.wallet], Error::UnknownFunction);
    }
}

#[test]
fn an_emergency_of_the_guardian_lasts_two_weeks_and_the_authority_makes_ninety_days_of_it() {
    let (mut world, _) = earning();
    let (guard, operator, keys, now) = (guardian(), world.operator.clone(), world.pools[0], world.now());
    world.expect_refusal(&keys.end_emergency(&operator.key()), &[&operator.wallet], Error::NoEmergency);
    let by_guardian = Suspension { since: now, until: now + 14 * DAY };
    let begin = keys.begin_emergency(&guard.pubkey(), 3);
    let outcome = world.expect_change(&begin, &[&guard], |expected| {
        expected.fixed_pool(0, |pool| (pool.emergency, pool.emergency_reason) = (by_guardian, 3));
    });
    let changed = events::EmergencyModeChanged {
        pool: keys.pool,
        by: guard.pubkey(),
        emergency: by_guardian,
        reason_code: 3,
        state: state(&world),
    };
    outcome.assert_told(&changed);
    world.pass(DAY);
    world.expect_change(&begin, &[&guard], |_| {});

    let by_authority = Suspension { since: now, until: now + 90 * DAY };
    let prolong = keys.begin_emergency(&operator.key(), 4);
    world.expect_change(&prolong, &[&operator.wallet], |expected| {
        expected.fixed_pool(0, |pool| (pool.emergency, pool.emergency_reason) = (by_authority, 4));
    });
    world.go_to(now + 90 * DAY - 1);
    world.expect_change(&prolong, &[&operator.wallet], |_| {});

    let ended = Suspension { since: now, until: world.now() };
    let end = keys.end_emergency(&operator.key());
    let outcome = world.expect_change(&end, &[&operator.wallet], |expected| {
        expected.fixed_pool(0, |pool| pool.emergency = ended);
    });
    outcome.assert_told(&events::EmergencyModeChanged {
        by: operator.key(),
        emergency: ended,
        reason_code: 4,
        state: state(&world),
        ..changed
    });
}

#[test]
fn the_authority_takes_what_nobody_was_promised_and_not_a_unit_more() {
    let (mut world, _) = earning();
    let (operator, keys) = (world.operator.clone(), world.pools[0]);
    let excess = 2_000_000 * TOKEN - 80 * TOKEN;
    let withdraw = |amount| keys.withdraw_excess(&operator.key(), &operator.tokens, amount);
    world.expect_refusal(&withdraw(0), &[&operator.wallet], Error::ZeroAmount);
    world.expect_refusal(&withdraw(excess + 1), &[&operator.wallet], Error::AboveExcess);
    let outcome = world.expect_change(&withdraw(excess), &[&operator.wallet], |expected| {
        expected.transfers(&keys.reward_vault, &operator.tokens, excess);
        expected.fixed_pool(0, |pool| pool.withdrawn = excess);
    });
    outcome.assert_told(&events::ExcessWithdrawn {
        pool: keys.pool,
        amount: excess,
        reward_balance: 80 * TOKEN,
        state: state(&world),
    });
    world.expect_refusal(&withdraw(1), &[&operator.wallet], Error::AboveExcess);
}

#[test]
fn nothing_leaves_the_reward_vault_in_an_emergency_while_positions_are_open() {
    let (mut world, position) = earning();
    let (operator, ana, keys) = (world.operator.clone(), world.user("ana"), world.pools[0]);
    emergency(&mut world, 1);
    let withdraw = |amount| keys.withdraw_excess(&operator.key(), &operator.tokens, amount);
    world.expect_refusal(&withdraw(1), &[&operator.wallet], Error::ExcessLocked);
    let leave = keys.emergency_withdraw(&position, &ana.key(), &ana.tokens, u64::MAX);
    world.send(&[leave], &[&ana.wallet]).unwrap();
    // Nobody is left, and what ana gave up is still locked.
    let free = 2_000_000 * TOKEN - 80 * TOKEN;
    world.expect_refusal(&withdraw(free + 1), &[&operator.wallet], Error::AboveExcess);
    world.send(&[withdraw(free)], &[&operator.wallet]).unwrap();
}

#[test]
fn what_was_sent_to_the_principal_vault_by_mistake_becomes_reward() {
    let (mut world, _) = earning();
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let sweep = keys.sweep_surplus();
    world.expect_refusal(&sweep, &[], Error::NoSurplus);
    world.chain.transfer_checked(&ana.tokens, &keys.principal_vault, &ana.wallet, 5).unwrap();
    let outcome = world.expect_change(&sweep, &[], |expected| {
        expected.transfers(&keys.principal_vault, &keys.reward_vault, 5);
    });
    outcome.assert_told(&events::SurplusSwept {
        pool: keys.pool,
        amount: 5,
        reward_balance: 2_000_000 * TOKEN + 5,
        state: state(&world),
    });
    world.expect_refusal(&sweep, &[], Error::NoSurplus);
}

#[test]
fn an_empty_pool_is_closed_and_never_made_again() {
    let (mut world, position) = earning();
    let (operator, ana, keys) = (world.operator.clone(), world.user("ana"), world.pools[0]);
    let close = keys.close_pool(&operator.key(), &operator.tokens);
    world.expect_refusal(&close, &[&operator.wallet], Error::PoolNotEmpty);
    world.go_to(OPENING + YEAR);
    world.unstake("ana", 0, &position).unwrap();
    // A gift to the principal vault goes along.
    world.chain.transfer_checked(&ana.tokens, &keys.principal_vault, &ana.wallet, 5).unwrap();

    let (left, state) = (2_000_000 * TOKEN - 80 * TOKEN, state(&world));
    let (pool_rent, stub_rent) = (rent(&world, Pool::SPACE), rent(&world, 8));
    let to_ana = keys.close_pool(&operator.key(), &ana.tokens);
    let outcome = world.expect_change(&to_ana, &[&operator.wallet], |expected| {
        expected.transfers(&keys.principal_vault, &ana.tokens, 5);
        expected.transfers(&keys.reward_vault, &ana.tokens, left);
        expected.closes(&keys.principal_vault, &operator.key());
        expected.closes(&keys.reward_vault, &operator.key());
        expected.moves(&keys.pool, &operator.key(), pool_rent - stub_rent);
        expected.account(&keys.pool).data = b"retired!".to_vec();
    });
    let authority = operator.key();
    outcome.assert_told(&events::PoolClosed { pool: keys.pool, authority, amount: left + 5, state });

    let again = keys.initialize_pool(product());
    world.expect_refusal(&again, &[&operator.wallet], Error::PoolExists);
    let next = keys.position(&ana.key(), 1);
    let user_pool = keys.set_owner_only(&ana.key(), true);
    let stake = keys.stake(&ana.key(), &ana.tokens, &next, TOKEN, 0, Proof::None);
    let mismatch = tidepool_tests::prelude::AnchorError::AccountDiscriminatorMismatch;
    for instruction in [stake, keys.sweep_surplus(), user_pool, close] {
        world.expect_refusal(&instruction, &[&ana.wallet, &operator.wallet], mismatch);
    }
}

#[test]
fn a_pool_is_not_closed_before_forfeits_are_free() {
    let (mut world, position) = earning();
    let (operator, ana, keys) = (world.operator.clone(), world.user("ana"), world.pools[0]);
    emergency(&mut world, 1);
    let leave = keys.emergency_withdraw(&position, &ana.key(), &ana.tokens, u64::MAX);
    world.send(&[leave], &[&ana.wallet]).unwrap();
    let close = keys.close_pool(&operator.key(), &operator.tokens);
    world.pass(30 * DAY - 1);
    world.expect_refusal(&close, &[&operator.wallet], Error::PoolNotEmpty);
    world.pass(1);
    world.send(&[close], &[&operator.wallet]).unwrap();
}
