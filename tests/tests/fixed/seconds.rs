//! One second before, at and after every border in time.

use crate::support::*;

/// Whether a stake of ana's of a token succeeds now, or why not.
fn try_stake(world: &mut FixedWorld, error: Option<Error>) {
    let ana = world.user("ana");
    let next = world.next_position(0, &ana.key());
    let stake = world.pools[0].stake(&ana.key(), &ana.tokens, &next, TOKEN, 0, Proof::None);
    try_one(world, stake, error);
}

/// Ana's instruction succeeds, or is refused by this error.
fn try_one(world: &mut FixedWorld, instruction: Instruction, error: Option<Error>) {
    let ana = world.user("ana");
    match error {
        None => {
            drop(world.send(&[instruction], &[&ana.wallet]).unwrap_or_else(|failure| panic!("{failure}")))
        }
        Some(error) => drop(world.expect_refusal(&instruction, &[&ana.wallet], error)),
    }
}

#[test]
fn a_window_opens_at_its_start_and_shuts_at_its_end() {
    let mut parameters = product();
    (parameters.terms.start, parameters.terms.end) = (OPENING + 1_000, OPENING + 2_000);
    let mut world = world(parameters);
    let (start, end) = (OPENING + 1_000, OPENING + 2_000);
    let steps = [
        (start - 1, Some(Error::NotStarted)),
        (start, None),
        (start + 1, None),
        (end - 1, None),
        (end, Some(Error::WindowEnded)),
        (end + 1, Some(Error::WindowEnded)),
    ];
    for (second, error) in steps {
        world.go_to(second);
        try_stake(&mut world, error);
    }
}

#[test]
fn a_position_can_be_left_at_exactly_the_second_of_its_unlock() {
    for (second, error) in [(-1, Some(Error::NotMatured)), (0, None), (1, None)] {
        let (mut world, position) = earning();
        let (ana, keys) = (world.user("ana"), world.pools[0]);
        world.go_to(OPENING + YEAR + second);
        let next = world.next_position(0, &ana.key());
        let roll = keys.roll_over(&position, &ana.key(), &next, &ana.tokens, false, 0, Proof::None);
        if error.is_some() {
            try_one(&mut world, roll, error);
        }
        try_one(&mut world, keys.unstake(&position, &ana.key(), &ana.tokens, 0), error);
    }
    let (mut world, position) = earning();
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    world.go_to(OPENING + YEAR);
    let next = world.next_position(0, &ana.key());
    let roll = keys.roll_over(&position, &ana.key(), &next, &ana.tokens, false, 0, Proof::None);
    try_one(&mut world, roll, None);
}

#[test]
fn an_emergency_is_over_at_its_last_second() {
    let (mut world, position) = earning();
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let small = world.stake("ana", 0, TOKEN).unwrap();
    emergency(&mut world, 1);
    let end = world.pool(0).emergency.until;
    let withdraw = |position| keys.emergency_withdraw(position, &ana.key(), &ana.tokens, u64::MAX);
    for (second, is_on) in [(end - 1, true), (end, false), (end + 1, false)] {
        world.go_to(second);
        let when = |on: bool, error| (is_on == on).then_some(error);
        try_stake(&mut world, when(true, Error::EmergencyActive));
        try_one(
            &mut world,
            keys.claim(&ana.key(), &ana.tokens, &position),
            when(true, Error::EmergencyActive),
        );
        match is_on {
            true => try_one(&mut world, withdraw(&small), None),
            false => try_one(&mut world, withdraw(&position), Some(Error::NoEmergency)),
        }
    }
}

#[test]
fn an_emergency_comes_again_when_the_pool_was_open_for_as_long() {
    let (mut world, _) = earning();
    let (guard, operator, keys) = (guardian(), world.operator.clone(), world.pools[0]);
    let by_guardian = keys.begin_emergency(&guard.pubkey(), 1);
    let by_authority = keys.begin_emergency(&operator.key(), 1);
    emergency(&mut world, 1);
    let end = world.pool(0).emergency.until;
    for second in [end, end + 14 * DAY - 1] {
        world.go_to(second);
        world.expect_refusal(&by_guardian, &[&guard], Error::OpenTooShort);
        world.expect_refusal(&by_authority, &[&operator.wallet], Error::OpenTooShort);
    }
    world.go_to(end + 14 * DAY);
    world.send(&[by_authority], &[&operator.wallet]).unwrap();
    let last = Suspension { since: end + 14 * DAY, until: end + 104 * DAY };
    assert_eq!(world.pool(0).emergency, last);
    // One that was ended early counts for as long as it lasted.
    world.pass(DAY);
    world.send(&[keys.end_emergency(&operator.key())], &[&operator.wallet]).unwrap();
    world.pass(DAY - 1);
    world.expect_refusal(&by_guardian, &[&guard], Error::OpenTooShort);
    world.pass(1);
    world.send(&[by_guardian], &[&guard]).unwrap();
}

#[test]
fn a_pause_of_claims_ends_after_seven_days_and_comes_again_after_seven_more() {
    let (mut world, position) = earning();
    let (ana, guard, keys) = (world.user("ana"), guardian(), world.pools[0]);
    let bit = Function::Claim.bit();
    pause(&mut world, bit);
    let end = world.now() + 7 * DAY;
    let again = keys.pause(&guard.pubkey(), bit);
    let both = keys.pause(&guard.pubkey(), bit | Function::Stake.bit());
    for (second, error) in [(end - 1, Some(Error::ClaimPaused)), (end, None), (end + 1, None)] {
        world.go_to(second);
        try_one(&mut world, keys.claim(&ana.key(), &ana.tokens, &position), error);
    }
    world.go_to(end + 7 * DAY - 1);
    for pause in [&again, &both] {
        world.expect_refusal(pause, &[&guard], Error::OpenTooShort);
    }
    world.go_to(end + 7 * DAY);
    world.send(&[again], &[&guard]).unwrap();
    assert_eq!(world.pool(0).claim_pause, Suspension { since: end + 7 * DAY, until: end + 14 * DAY });
}

#[test]
fn an_early_exit_is_completed_from_the_seventh_to_the_fourteenth_day() {
    let steps = [
        (7 * DAY - 1, Some(Error::NoticeRunning)),
        (7 * DAY, None),
        (7 * DAY + 1, None),
        (14 * DAY - 1, None),
        (14 * DAY, Some(Error::ExitLapsed)),
        (14 * DAY + 1, Some(Error::ExitLapsed)),
    ];
    for (second, error) in steps {
        let (mut world, position) = earning();
        let (ana, keys) = (world.user("ana"), world.pools[0]);
        let request = keys.request_early_exit(&position);
        world.send(std::slice::from_ref(&request), &[&ana.wallet]).unwrap();
        world.pass(second);
        let again = if second < 14 * DAY { Some(Error::ExitAlreadyRequested) } else { None };
        if again.is_some() {
            try_one(&mut world, request.clone(), again);
        }
        try_one(&mut world, keys.complete_early_exit(&position, &ana.key(), &ana.tokens, 0), error);
        if again.is_none() {
            try_one(&mut world, request, None);
        }
    }
}

#[test]
fn who_has_matured_neither_asks_for_an_early_exit_nor_completes_one() {
    let (mut world, position) = earning();
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let complete = keys.complete_early_exit(&position, &ana.key(), &ana.tokens, 0);
    let request = keys.request_early_exit(&position);
    world.go_to(OPENING + YEAR - 7 * DAY);
    try_one(&mut world, request.clone(), None);
    world.go_to(OPENING + YEAR);
    try_one(&mut world, complete, Some(Error::AlreadyMatured));
    try_one(&mut world, keys.cancel_early_exit(&position), None);
    try_one(&mut world, request, Some(Error::AlreadyMatured));
    try_one(&mut world, keys.unstake(&position, &ana.key(), &ana.tokens, 80 * TOKEN), None);
}

#[test]
fn what_was_forfeited_is_locked_for_thirty_days_after_the_last_forfeit() {
    let (mut world, position) = earning();
    let second = world.stake("ana", 0, 10 * TOKEN).unwrap();
    let (ana, operator, keys) = (world.user("ana"), world.operator.clone(), world.pools[0]);
    let leave = |position| keys.emergency_withdraw(position, &ana.key(), &ana.tokens, u64::MAX);
    emergency(&mut world, 1);
    world.send(&[leave(&position)], &[&ana.wallet]).unwrap();
    world.pass(10 * DAY);
    world.send(&[leave(&second)], &[&ana.wallet]).unwrap();
    let (forfeited, all) = (80_800_000_000, 2_000_000 * TOKEN);
    assert_eq!(world.pool(0).forfeited, forfeited);
    let withdraw = |amount| keys.withdraw_excess(&operator.key(), &operator.tokens, amount);
    let free_again = world.now() + 30 * DAY;
    world.go_to(free_again - 1);
    world.expect_refusal(&withdraw(all - forfeited + 1), &[&operator.wallet], Error::AboveExcess);
    world.go_to(free_again);
    world.expect_refusal(&withdraw(all + 1), &[&operator.wallet], Error::AboveExcess);
    world.send(&[withdraw(all)], &[&operator.wallet]).unwrap();
    assert_eq!(world.reward_balance(0), 0);
}

#[test]
fn forfeits_of_another_time_are_locked_no_longer_by_those_of_now() {
    let (mut world, position) = earning();
    let second = world.stake("ana", 0, 10 * TOKEN).unwrap();
    let (ana, operator, keys) = (world.user("ana"), world.operator.clone(), world.pools[0]);
    let leave = |position| keys.emergency_withdraw(position, &ana.key(), &ana.tokens, u64::MAX);
    world.send(&[keys.begin_emergency(&operator.key(), 1)], &[&operator.wallet]).unwrap();
    world.send(&[leave(&position)], &[&ana.wallet]).unwrap();
    world.pass(30 * DAY);
    world.send(&[leave(&second)], &[&ana.wallet]).unwrap();
    assert_eq!(world.pool(0).forfeited, 800_000_000);
}

#[test]
fn a_position_of_one_second_earns_what_a_second_earns() {
    let mut parameters = PoolParameters { lock_seconds: 1, ..product() };
    parameters.terms.min_stake = 1;
    let mut world = world(parameters);
    let position = world.stake("ana", 0, TOKEN).unwrap();
    let dust = world.stake("ana", 0, 1).unwrap();
    assert_eq!(world.position(&position).unwrap().full_reward, 2);
    assert_eq!(world.position(&dust).unwrap().full_reward, 0);
    world.pass(1);
    world.unstake("ana", 0, &position).unwrap();
    world.unstake("ana", 0, &dust).unwrap();
    assert_eq!(world.tokens_of("ana"), PURSE + 2);
}

#[test]
fn time_in_an_emergency_counts() {
    let (mut world, position) = earning();
    emergency(&mut world, 1);
    world.pass(14 * DAY);
    world.claim("ana", 0, &position).unwrap();
    let earned = reward(1_000 * TOKEN, 800, 114 * DAY + 1);
    assert_eq!(world.position(&position).unwrap().claimed, earned);
}
