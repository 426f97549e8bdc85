//! What claims change, to the byte, and who may claim for whom.

use crate::support::*;

fn claimed(world: &FixedWorld, owner: &Pubkey, key: &PositionKeys, amount: u64) -> events::Claimed {
    let position = world.position(key).unwrap();
    events::Claimed {
        pool: world.pools[0].pool,
        owner: *owner,
        position: key.position,
        amount,
        reserved_for_position: position.full_reward - position.claimed,
        state: state(world),
    }
}

#[test]
fn a_claim_pays_what_was_earned_and_the_position_stays() {
    let (mut world, position) = earning();
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let earned = reward(1_000 * TOKEN, 800, 100 * DAY + 1);
    let claim = keys.claim(&ana.key(), &ana.tokens, &position);
    let outcome = world.expect_change(&claim, &[&ana.wallet], |expected| {
        expected.transfers(&keys.reward_vault, &ana.tokens, earned);
        expected.position(&position, |position| position.claimed = earned);
        pays_reward(expected, &ana.key(), earned);
    });
    outcome.assert_told(&claimed(&world, &ana.key(), &position, earned));
    world.expect_refusal(&claim, &[&ana.wallet], Error::NothingToClaim);
}

#[test]
fn anybody_claims_for_an_owner_but_only_into_an_account_of_the_owners() {
    let (mut world, position) = earning();
    let (ana, bob, keys) = (world.user("ana"), world.user("bob"), world.pools[0]);
    let earned = reward(1_000 * TOKEN, 800, 100 * DAY + 1);
    let steal = keys.claim(&bob.key(), &bob.tokens, &position);
    world.expect_refusal(&steal, &[&bob.wallet], Error::WrongTokenAccount);
    for vault in [keys.principal_vault, keys.reward_vault] {
        let loop_back = keys.claim(&bob.key(), &vault, &position);
        world.expect_refusal(&loop_back, &[&bob.wallet], Error::WrongTokenAccount);
    }
    let claim = keys.claim(&bob.key(), &ana.tokens, &position);
    world.expect_change(&claim, &[&bob.wallet], |expected| {
        expected.transfers(&keys.reward_vault, &ana.tokens, earned);
        expected.position(&position, |position| position.claimed = earned);
        pays_reward(expected, &ana.key(), earned);
    });
}

#[test]
fn who_wants_to_sign_himself_is_neither_claimed_for_nor_staked_for() {
    let (mut world, position) = earning();
    let (ana, bob, keys) = (world.user("ana"), world.user("bob"), world.pools[0]);
    let only = keys.set_owner_only(&ana.key(), true);
    let outcome = world.expect_change(&only, &[&ana.wallet], |expected| {
        expected.user_pool(0, &ana.key(), |user| user.is_owner_only = 1);
    });
    outcome.assert_told(&events::OwnerOnlySet {
        pool: keys.pool,
        owner: ana.key(),
        is_owner_only: true,
        state: state(&world),
    });

    let next = world.next_position(0, &ana.key());
    let claim = keys.claim(&bob.key(), &ana.tokens, &position);
    let claim_many = keys.claim_many(&bob.key(), &ana.tokens, &ana.key(), &[position]);
    let stake = keys.stake(&bob.key(), &bob.tokens, &next, TOKEN, 0, Proof::None);
    for instruction in [&claim, &claim_many, &stake] {
        world.expect_refusal(instruction, &[&bob.wallet], Error::OwnerOnly);
    }
    world.claim("ana", 0, &position).unwrap();

    let all = keys.set_owner_only(&ana.key(), false);
    world.expect_change(&all, &[&ana.wallet], |expected| {
        expected.user_pool(0, &ana.key(), |user| user.is_owner_only = 0);
    });
    world.send(&[stake], &[&bob.wallet]).unwrap();
}

#[test]
fn several_positions_are_claimed_at_once_and_each_once() {
    let (mut world, first) = earning();
    let second = world.stake("ana", 0, 50 * TOKEN).unwrap();
    world.pass(10 * DAY);
    let new = world.stake("ana", 0, 9 * TOKEN).unwrap();
    let (ana, keys, now) = (world.user("ana"), world.pools[0], world.now());
    let earned = reward(1_000 * TOKEN, 800, now - OPENING);
    let later = reward(50 * TOKEN, 800, 10 * DAY);

    // The first one stands there twice, and the new one has earned nothing.
    let all = [first, second, new, first];
    let claim = keys.claim_many(&ana.key(), &ana.tokens, &ana.key(), &all);
    let reserved = world.pool(0).reserved;
    let outcome = world.expect_change(&claim, &[&ana.wallet], |expected| {
        expected.transfers(&keys.reward_vault, &ana.tokens, earned + later);
        expected.position(&first, |position| position.claimed = earned);
        expected.position(&second, |position| position.claimed = later);
        pays_reward(expected, &ana.key(), earned + later);
    });
    let after = claimed(&world, &ana.key(), &second, later);
    let between = PoolState { reserved: reserved - earned, ..after.state };
    let before = events::Claimed { state: between, ..claimed(&world, &ana.key(), &first, earned) };
    let events: Vec<events::Claimed> = told(&outcome);
    assert_eq!(events.len(), outcome.told().len());
    let read = |event: &events::Claimed| {
        (event.position, event.amount, event.reserved_for_position, event.owner, event.pool, event.state)
    };
    assert_eq!(events.iter().map(read).collect::<Vec<_>>(), [read(&before), read(&after)]);
    world.expect_refusal(&claim, &[&ana.wallet], Error::NothingToClaim);
    let none = keys.claim_many(&ana.key(), &ana.tokens, &ana.key(), &[]);
    world.expect_refusal(&none, &[&ana.wallet], Error::NothingToClaim);
}

#[test]
fn foreign_positions_are_claimed_by_nobody_else() {
    let (mut world, anas) = earning();
    let other = PoolParameters { pool_id: 7, ..product() };
    let other = world.add_pool(other).unwrap();
    world.fund(other, TOKEN).unwrap();
    let elsewhere = world.stake("bob", other, TOKEN).unwrap();
    let bobs = world.stake("bob", 0, TOKEN).unwrap();
    world.pass(DAY);
    let (ana, bob, keys) = (world.user("ana"), world.user("bob"), world.pools[0]);

    let claim_many =
        |positions: &[PositionKeys]| keys.claim_many(&bob.key(), &bob.tokens, &bob.key(), positions);
    world.expect_refusal(&claim_many(&[bobs, anas]), &[&bob.wallet], Error::WrongOwner);
    world.expect_refusal(&claim_many(&[bobs, elsewhere]), &[&bob.wallet], Error::WrongPool);
    // As if ana's position were his.
    let claim = keys.claim(&bob.key(), &bob.tokens, &PositionKeys { owner: bob.key(), ..anas });
    world.expect_refusal(&claim, &[&bob.wallet], Error::WrongOwner);
    let claim = keys.claim(&bob.key(), &bob.tokens, &elsewhere);
    world.expect_refusal(&claim, &[&bob.wallet], Error::WrongPool);
    let claim = keys.claim(&ana.key(), &ana.tokens, &anas);
    let as_bob = claim.clone().with(&keys.user_pool(&ana.key()), &keys.user_pool(&bob.key()));
    world.expect_refusal(&as_bob, &[&ana.wallet], Error::WrongUser);
    let from_principal = claim.with(&keys.reward_vault, &keys.principal_vault);
    world.expect_refusal(&from_principal, &[&ana.wallet], Error::WrongVault);
}
