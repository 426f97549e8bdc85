//! What leaving changes, to the byte: at the end of the lock, in an emergency, early.

use crate::support::*;

/// Ana's position is closed with its principal and `reward`; `also` says what else changes.
fn leaves(
    world: &mut FixedWorld,
    position: &PositionKeys,
    instruction: &Instruction,
    reward: u64,
    also: impl FnOnce(&mut Step),
) -> Outcome {
    let (ana, keys, old) = (world.user("ana"), world.pools[0], world.position(position).unwrap());
    world.expect_change(instruction, &[&ana.wallet], |expected| {
        expected.transfers(&keys.principal_vault, &ana.tokens, old.amount);
        expected.transfers(&keys.reward_vault, &ana.tokens, reward);
        closes(expected, &position.position, &old, reward);
        also(expected);
    })
}

#[test]
fn a_matured_position_pays_its_principal_with_all_of_its_reward() {
    let (mut world, position) = earning();
    world.claim("ana", 0, &position).unwrap();
    let claimed = world.position(&position).unwrap().claimed;
    world.go_to(OPENING + 2 * YEAR); // nothing is earned after the lock
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let rest = 80 * TOKEN - claimed;

    let too_much = keys.unstake(&position, &ana.key(), &ana.tokens, rest + 1);
    world.expect_refusal(&too_much, &[&ana.wallet], Error::BelowMinimumReward);
    let unstake = keys.unstake(&position, &ana.key(), &ana.tokens, rest);
    let outcome = leaves(&mut world, &position, &unstake, rest, |_| {});
    outcome.assert_told(&events::Unstaked {
        pool: keys.pool,
        owner: ana.key(),
        position: position.position,
        amount: 1_000 * TOKEN,
        reward: rest,
        forfeited: 0,
        state: state(&world),
    });
    assert_eq!(world.tokens_of("ana"), PURSE + 80 * TOKEN);
}

#[test]
fn only_the_owner_leaves_and_only_into_an_account_of_his_own() {
    let (world, position) = matured();
    let (ana, bob, keys) = (world.user("ana"), world.user("bob"), world.pools[0]);
    let payer = ana.key();
    let to_bob = keys.unstake(&position, &payer, &bob.tokens, 0);
    world.expect_refusal(&to_bob, &[&ana.wallet], Error::WrongTokenAccount);
    let rent_to_bob = keys.unstake(&position, &bob.key(), &ana.tokens, 0);
    world.expect_refusal(&rent_to_bob, &[&ana.wallet], Error::WrongRentPayer);
    let as_bob = PositionKeys { owner: bob.key(), ..position };
    let unstake = keys.unstake(&as_bob, &payer, &bob.tokens, 0);
    // Bob has no account in the pool: with ana's in its place it is not his.
    let with_anas = unstake.with(&keys.user_pool(&bob.key()), &keys.user_pool(&ana.key()));
    world.expect_refusal(&with_anas, &[&bob.wallet], Error::WrongUser);
    let early = keys.emergency_withdraw(&position, &payer, &ana.tokens, u64::MAX);
    world.expect_refusal(&early, &[&ana.wallet], Error::NoEmergency);
}

#[test]
fn an_emergency_withdrawal_pays_the_principal_alone_and_locks_what_was_given_up() {
    let (mut world, position) = earning();
    world.claim("ana", 0, &position).unwrap();
    let claimed = world.position(&position).unwrap().claimed;
    world.pass(DAY);
    emergency(&mut world, 3);
    let (ana, keys, now) = (world.user("ana"), world.pools[0], world.now());
    let earned = reward(1_000 * TOKEN, 800, now - OPENING) - claimed;

    let too_much = keys.emergency_withdraw(&position, &ana.key(), &ana.tokens, earned - 1);
    world.expect_refusal(&too_much, &[&ana.wallet], Error::AboveMaximumForfeit);
    let withdraw = keys.emergency_withdraw(&position, &ana.key(), &ana.tokens, earned);
    let forfeited = 80 * TOKEN - claimed;
    let outcome = leaves(&mut world, &position, &withdraw, 0, |expected| {
        expected.fixed_pool(0, |pool| {
            pool.forfeited = forfeited;
            pool.forfeits_locked_until = now + 30 * DAY;
        });
    });
    outcome.assert_told(&events::EmergencyWithdrawn {
        pool: keys.pool,
        owner: ana.key(),
        position: position.position,
        amount: 1_000 * TOKEN,
        forfeited,
        state: state(&world),
    });
}

#[test]
fn who_leaves_matured_in_an_emergency_gives_up_his_reward_and_who_waits_gets_it() {
    let (mut world, position) = earning();
    let waits = world.stake("ana", 0, 10 * TOKEN).unwrap();
    world.go_to(OPENING + 2 * YEAR);
    emergency(&mut world, 3);
    let (ana, keys, now) = (world.user("ana"), world.pools[0], world.now());
    let full = keys.unstake(&position, &ana.key(), &ana.tokens, 1);
    world.expect_refusal(&full, &[&ana.wallet], Error::BelowMinimumReward);
    let unstake = keys.unstake(&position, &ana.key(), &ana.tokens, 0);
    let outcome = leaves(&mut world, &position, &unstake, 0, |expected| {
        expected.fixed_pool(0, |pool| {
            pool.forfeited = 80 * TOKEN;
            pool.forfeits_locked_until = now + 30 * DAY;
        });
    });
    outcome.assert_told(&events::Unstaked {
        pool: keys.pool,
        owner: ana.key(),
        position: position.position,
        amount: 1_000 * TOKEN,
        reward: 0,
        forfeited: 80 * TOKEN,
        state: state(&world),
    });

    world.pass(14 * DAY);
    let unstake = keys.unstake(&waits, &ana.key(), &ana.tokens, 800_000_000);
    leaves(&mut world, &waits, &unstake, 800_000_000, |_| {});
}

#[test]
fn an_early_exit_is_requested_cancelled_and_requested_again() {
    let (mut world, position) = earning();
    let (ana, keys, now) = (world.user("ana"), world.pools[0], world.now());
    let (request, cancel) = (keys.request_early_exit(&position), keys.cancel_early_exit(&position));
    world.expect_refusal(&cancel, &[&ana.wallet], Error::NoExitRequested);
    let complete = keys.complete_early_exit(&position, &ana.key(), &ana.tokens, 0);
    world.expect_refusal(&complete, &[&ana.wallet], Error::NoExitRequested);

    let outcome = world.expect_change(&request, &[&ana.wallet], |expected| {
        expected.position(&position, |position| position.exit_requested_at = now);
    });
    outcome.assert_told(&events::EarlyExitRequested {
        pool: keys.pool,
        owner: ana.key(),
        position: position.position,
        completable_at: now + 7 * DAY,
        lapses_at: now + 14 * DAY,
        state: state(&world),
    });
    world.expect_refusal(&request, &[&ana.wallet], Error::ExitAlreadyRequested);
    let outcome = world.expect_change(&cancel, &[&ana.wallet], |expected| {
        expected.position(&position, |position| position.exit_requested_at = 0);
    });
    outcome.assert_told(&events::EarlyExitCancelled {
        pool: keys.pool,
        owner: ana.key(),
        position: position.position,
        state: state(&world),
    });
    world.send(&[request], &[&ana.wallet]).unwrap();
}

#[test]
fn an_early_exit_pays_the_principal_and_half_of_what_was_earned_at_its_request() {
    let (mut world, position) = earning();
    let (ana, keys, asked) = (world.user("ana"), world.pools[0], world.now());
    world.send(&[keys.request_early_exit(&position)], &[&ana.wallet]).unwrap();
    world.go_to(asked + 7 * DAY);
    let half = reward(1_000 * TOKEN, 800, asked - OPENING) / 2;
    let too_much = keys.complete_early_exit(&position, &ana.key(), &ana.tokens, half + 1);
    world.expect_refusal(&too_much, &[&ana.wallet], Error::BelowMinimumReward);
    let complete = keys.complete_early_exit(&position, &ana.key(), &ana.tokens, half);
    let outcome = leaves(&mut world, &position, &complete, half, |_| {});
    outcome.assert_told(&events::EarlyExitCompleted {
        pool: keys.pool,
        owner: ana.key(),
        position: position.position,
        amount: 1_000 * TOKEN,
        reward: half,
        released: 80 * TOKEN - half,
        state: state(&world),
    });
    assert_eq!(world.pool(0).reserved, 0);
}

#[test]
fn who_has_claimed_more_than_half_leaves_early_with_his_principal_alone() {
    let (mut world, position) = earning();
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    world.claim("ana", 0, &position).unwrap();
    world.send(&[keys.request_early_exit(&position)], &[&ana.wallet]).unwrap();
    world.pass(7 * DAY);
    let complete = keys.complete_early_exit(&position, &ana.key(), &ana.tokens, 0);
    leaves(&mut world, &position, &complete, 0, |_| {});
}

#[test]
fn a_pool_without_early_exits_has_none() {
    let mut world = world(standard(9));
    let position = world.stake("ana", 0, TOKEN).unwrap();
    let request = world.pools[0].request_early_exit(&position);
    world.expect_refusal(&request, &[&world.user("ana").wallet], Error::NoEarlyExit);
}
