//! What a stake, a compounding and a roll-over change, to the byte.

use crate::support::*;

/// A stake of `funder` for `owner`, and all it changes.
fn a_stake_does_what_it_says(
    world: &mut FixedWorld,
    funder: &str,
    owner: &str,
    amount: u64,
) -> (PositionKeys, Position) {
    let (funder, owner, keys) = (world.user(funder), world.user(owner).key(), world.pools[0]);
    let position = world.next_position(0, &owner);
    let new = next(world, &owner, &funder.key(), amount);
    let is_there = world.user_pool(0, &owner).is_some();
    let (user_rent, position_rent) = (rent(world, UserPool::SPACE), rent(world, Position::SPACE));

    let stake = keys.stake(&funder.key(), &funder.tokens, &position, amount, new.rate_bps, Proof::None);
    let outcome = world.expect_change(&stake, &[&funder.wallet], |expected| {
        if !is_there {
            let (key, bump) = pda::user(&keys.pool, &owner);
            expected.pays(&funder.key(), user_rent);
            expected.creates(&key, user_rent, &UserPool::new(keys.pool, owner, keys.did_collection, bump));
        }
        expected.transfers(&funder.tokens, &keys.principal_vault, amount);
        opens(expected, &position.position, position_rent, &new);
    });
    outcome.assert_told(&events::Staked {
        pool: keys.pool,
        owner,
        funder: funder.key(),
        position: position.position,
        index: new.index,
        amount,
        rate_bps: new.rate_bps,
        unlock_at: new.unlock_at,
        full_reward: new.full_reward,
        state: state(world),
    });
    (position, new)
}

#[test]
fn a_stake_locks_tokens_and_sets_all_of_its_reward_aside() {
    let mut world = world(product());
    let (_, first) = a_stake_does_what_it_says(&mut world, "ana", "ana", 10_000 * TOKEN);
    assert_eq!((first.full_reward, first.unlock_at), (800 * TOKEN, 1_825_027_200));
    world.pass(DAY);
    a_stake_does_what_it_says(&mut world, "ana", "ana", TOKEN + 1);
    a_stake_does_what_it_says(&mut world, "bob", "bob", 2 * TOKEN);
}

#[test]
fn anybody_stakes_for_somebody_else_and_gets_the_rent_back_when_the_position_goes() {
    let mut world = world(product());
    let (position, new) = a_stake_does_what_it_says(&mut world, "bob", "ana", 5 * TOKEN);
    assert_eq!(new.rent_payer, world.user("bob").key());
    world.go_to(new.unlock_at);
    let (ana, bob) = (world.user("ana"), world.user("bob"));
    let before = world.chain.lamports(&bob.key());
    let unstake = world.pools[0].unstake(&position, &bob.key(), &ana.tokens, 0);
    world.send(&[unstake], &[&ana.wallet]).unwrap();
    assert_eq!(world.chain.lamports(&bob.key()), before + rent(&world, Position::SPACE));
    assert_eq!(world.tokens_of("ana"), PURSE + 5 * TOKEN + 400_000_000);
}

#[test]
fn compounding_makes_a_position_of_what_was_earned_and_leaves_the_first_as_it_is() {
    let (mut world, from) = earning();
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let earned = reward(1_000 * TOKEN, 800, 100 * DAY + 1);
    let (to, new) = (world.next_position(0, &ana.key()), next(&world, &ana.key(), &ana.key(), earned));
    let position_rent = rent(&world, Position::SPACE);

    let compound = keys.compound(&from, &to, new.rate_bps, Proof::None);
    let outcome = world.expect_change(&compound, &[&ana.wallet], |expected| {
        expected.transfers(&keys.reward_vault, &keys.principal_vault, earned);
        expected.position(&from, |position| position.claimed = earned);
        pays_reward(expected, &ana.key(), earned);
        opens(expected, &to.position, position_rent, &new);
    });
    outcome.assert_told(&events::Compounded {
        pool: keys.pool,
        owner: ana.key(),
        from: from.position,
        position: to.position,
        index: 1,
        amount: earned,
        rate_bps: 800,
        unlock_at: new.unlock_at,
        full_reward: new.full_reward,
        state: state(&world),
    });
}

/// A matured position of ana's becomes the next one, and all that changes.
fn a_roll_over_does_what_it_says(with_reward: bool) {
    let (mut world, from) = matured();
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let (old, earned) = (world.position(&from).unwrap(), 80 * TOKEN);
    let amount = 1_000 * TOKEN + if with_reward { earned } else { 0 };
    let (to, new) = (world.next_position(0, &ana.key()), next(&world, &ana.key(), &ana.key(), amount));
    let position_rent = rent(&world, Position::SPACE);

    let payer = ana.key();
    let roll = keys.roll_over(&from, &payer, &to, &ana.tokens, with_reward, new.rate_bps, Proof::None);
    let outcome = world.expect_change(&roll, &[&ana.wallet], |expected| {
        let reward_to = if with_reward { keys.principal_vault } else { ana.tokens };
        expected.transfers(&keys.reward_vault, &reward_to, earned);
        closes(expected, &from.position, &old, earned);
        opens(expected, &to.position, position_rent, &new);
    });
    outcome.assert_told(&events::RolledOver {
        pool: keys.pool,
        owner: ana.key(),
        from: from.position,
        position: to.position,
        index: 1,
        amount,
        reward_paid: if with_reward { 0 } else { earned },
        rate_bps: 800,
        unlock_at: new.unlock_at,
        full_reward: new.full_reward,
        state: state(&world),
    });
}

#[test]
fn a_roll_over_stakes_the_principal_again_and_pays_the_reward() {
    a_roll_over_does_what_it_says(false);
}

#[test]
fn a_roll_over_stakes_principal_and_reward_again() {
    a_roll_over_does_what_it_says(true);
}

#[test]
fn a_roll_over_needs_no_room_under_the_cap_but_its_own() {
    let (mut world, from) = earning();
    world.stake("bob", 0, 9_999_000 * TOKEN).unwrap();
    world.go_to(OPENING + YEAR);
    let ana = world.user("ana");
    let to = world.next_position(0, &ana.key());
    let roll = |with_reward| {
        let keys = world.pools[0];
        keys.roll_over(&from, &ana.key(), &to, &ana.tokens, with_reward, 0, Proof::None)
    };
    world.expect_refusal(&roll(true), &[&ana.wallet], Error::CapReached);
    let roll = roll(false);
    world.send(&[roll], &[&ana.wallet]).unwrap();
    assert_eq!(world.pool(0).total_staked, world.pool(0).cap);
}

#[test]
fn funding_brings_tokens_that_rewards_can_be_promised_from() {
    let (mut world, _) = earning();
    let (bob, keys) = (world.user("bob"), world.pools[0]);
    let fund = keys.fund_rewards(&bob.key(), &bob.tokens, 7 * TOKEN);
    let outcome = world.expect_change(&fund, &[&bob.wallet], |expected| {
        expected.transfers(&bob.tokens, &keys.reward_vault, 7 * TOKEN);
        expected.fixed_pool(0, |pool| pool.funded += 7 * TOKEN);
    });
    outcome.assert_told(&events::RewardsFunded {
        pool: keys.pool,
        funder: bob.key(),
        amount: 7 * TOKEN,
        reward_balance: 2_000_007 * TOKEN,
        state: state(&world),
    });
    let nothing = keys.fund_rewards(&bob.key(), &bob.tokens, 0);
    world.expect_refusal(&nothing, &[&bob.wallet], Error::ZeroAmount);
    let of_others = keys.fund_rewards(&bob.key(), &world.user("ana").tokens, 1);
    world.expect_refusal(&of_others, &[&bob.wallet], OtherProgram::NotTheTokenOwner);
}
