//! Caps and reward vaults, filled exactly and passed by one; and what a pool then says of itself.

use crate::support::*;
use tidepool_client::{
    fixed::{Metrics, PendingReward, StakeQuote},
    read_view,
};

fn stake(world: &FixedWorld, name: &str, amount: u64) -> Instruction {
    let user = world.user(name);
    let next = world.next_position(0, &user.key());
    world.pools[0].stake(&user.key(), &user.tokens, &next, amount, 0, Proof::None)
}

fn refused(world: &FixedWorld, instruction: &Instruction, error: Error) -> Failure {
    world.expect_refusal(instruction, &[&world.user("ana").wallet], error)
}

fn says(failure: &Failure, words: &str) -> bool {
    failure.logs.iter().any(|line| line.strip_prefix("Program log: ") == Some(words))
}

fn metrics(world: &FixedWorld) -> Metrics {
    let payer = world.operator.key();
    let said = world.chain.simulate(&[world.pools[0].get_metrics()], &payer).unwrap();
    read_view(&said.return_data.unwrap()).unwrap()
}

fn quote(world: &FixedWorld, amount: u64) -> Result<StakeQuote, Option<u32>> {
    let said = world.chain.simulate(&[world.pools[0].quote_stake(amount)], &world.operator.key());
    let said = said.map_err(|failure| failure.custom_error_code())?;
    Ok(read_view(&said.return_data.unwrap()).unwrap())
}

#[test]
fn a_cap_is_filled_exactly_and_the_log_says_what_fits() {
    let mut world = world(product());
    let cap = world.pool(0).cap;
    world.stake("bob", 0, cap - 5 * TOKEN).unwrap();
    let failure = refused(&world, &stake(&world, "ana", 5 * TOKEN + 1), Error::CapReached);
    assert!(says(&failure, "room for 5000000000 under the cap"), "{failure}");
    assert_eq!(metrics(&world).max_new_stake, 5 * TOKEN);
    world.stake("ana", 0, 5 * TOKEN).unwrap();
    let failure = refused(&world, &stake(&world, "ana", TOKEN), Error::CapReached);
    assert!(says(&failure, "room for 0 under the cap"), "{failure}");
    // Who leaves makes room.
    world.go_to(OPENING + YEAR);
    let first = world.pools[0].position(&world.user("ana").key(), 0);
    world.unstake("ana", 0, &first).unwrap();
    world.stake("ana", 0, 5 * TOKEN).unwrap();
}

#[test]
fn a_reward_vault_backs_exactly_what_it_holds_and_the_log_says_what_is_left() {
    let mut world = world_with(&MintConfig::default());
    world.add_pool(product()).unwrap();
    let unfunded = refused(&world, &stake(&world, "ana", TOKEN), Error::RewardsNotFunded);
    assert!(says(&unfunded, "rewards for 12 are left"), "{unfunded}"); // which earn nothing
    world.fund(0, 80 * TOKEN - 1).unwrap();
    let failure = refused(&world, &stake(&world, "ana", 1_000 * TOKEN), Error::RewardsNotFunded);
    // One unit more would earn one more than there is.
    assert!(says(&failure, "rewards for 999999999999 are left"), "{failure}");
    assert_eq!(reward(999_999_999_999, 800, YEAR), 80 * TOKEN - 1);
    assert_eq!(metrics(&world).max_new_stake, 999_999_999_999);
    world.fund(0, 1).unwrap();
    world.stake("ana", 0, 1_000 * TOKEN).unwrap();
    assert_eq!(world.pool(0).reserved, world.reward_balance(0));
    let failure = refused(&world, &stake(&world, "ana", TOKEN), Error::RewardsNotFunded);
    assert!(says(&failure, "rewards for 12 are left"), "{failure}");
}

#[test]
fn a_minimum_is_met_exactly() {
    let mut world = world(product());
    refused(&world, &stake(&world, "ana", TOKEN - 1), Error::BelowMinimumStake);
    refused(&world, &stake(&world, "ana", 0), Error::BelowMinimumStake);
    world.stake("ana", 0, TOKEN).unwrap();
    set_terms(&mut world, |terms| terms.rate_bps = 799);
    let ana = world.user("ana");
    let next = world.next_position(0, &ana.key());
    let at_least = |bps| world.pools[0].stake(&ana.key(), &ana.tokens, &next, TOKEN, bps, Proof::None);
    refused(&world, &at_least(800), Error::BelowMinimumRate);
    let at_least = at_least(799);
    world.send(&[at_least], &[&ana.wallet]).unwrap();
}

#[test]
fn nobody_stakes_more_than_he_has() {
    let mut world =
        world(PoolParameters { terms: PoolTerms { cap: 2 * PURSE, ..product().terms }, ..product() });
    world.fund(0, PURSE).unwrap();
    let too_much = stake(&world, "ana", PURSE + 1);
    world.expect_failure(&[too_much], &[&world.user("ana").wallet]);
    world.stake("ana", 0, PURSE).unwrap();
    assert_eq!(world.tokens_of("ana"), 0);
}

#[test]
fn a_compounding_is_exempt_from_the_minimum_and_from_nothing_else() {
    let (mut world, position) = earning();
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let operator = world.operator.clone();
    let next = world.next_position(0, &ana.key());
    let compound = |bps| keys.compound(&position, &next, bps, Proof::None);
    let earned = reward(1_000 * TOKEN, 800, 100 * DAY + 1);
    assert!(earned > TOKEN);
    set_terms(&mut world, |terms| (terms.min_stake, terms.cap) = (100 * TOKEN, 1_000 * TOKEN + earned - 1));
    let failure = refused(&world, &compound(0), Error::CapReached);
    assert!(says(&failure, &format!("room for {} under the cap", earned - 1)), "{failure}");
    set_terms(&mut world, |terms| terms.cap += 1);
    refused(&world, &compound(801), Error::BelowMinimumRate);
    // The vault holds what was promised, and one unit less than the new promise besides.
    let promise = reward(earned, 800, YEAR);
    let excess = world.reward_balance(0) - world.pool(0).reserved - promise + 1;
    world
        .send(&[keys.withdraw_excess(&operator.key(), &operator.tokens, excess)], &[&operator.wallet])
        .unwrap();
    refused(&world, &compound(800), Error::RewardsNotFunded);
    world.fund(0, 1).unwrap();
    world.send(&[compound(800)], &[&ana.wallet]).unwrap();
    assert_eq!(world.pool(0).reserved, world.reward_balance(0));
    refused(
        &world,
        &keys.compound(&position, &world.next_position(0, &ana.key()), 0, Proof::None),
        Error::NothingToClaim,
    );
}

#[test]
fn views_say_what_stakes_and_claims_do() {
    let (mut world, position) = earning();
    let bobs = world.stake("bob", 0, 3 * TOKEN).unwrap();
    let expected = StakeQuote { full_reward: 800_000_000, unlock_at: world.now() + YEAR, rate_bps: 800 };
    assert_eq!(quote(&world, 10 * TOKEN), Ok(expected));
    let code = |error: Error| Err(Some(error.into()));
    assert_eq!(quote(&world, TOKEN - 1), code(Error::BelowMinimumStake));
    assert_eq!(quote(&world, 10_000_000 * TOKEN), code(Error::CapReached));

    let pending = |position: &PositionKeys| -> PendingReward {
        let view = world.pools[0].pending_reward(position);
        let said = world.chain.simulate(&[view], &world.operator.key()).unwrap();
        read_view(&said.return_data.unwrap()).unwrap()
    };
    let earned = reward(1_000 * TOKEN, 800, 100 * DAY + 1);
    let of_ana = PendingReward {
        accrued: earned,
        claimed: 0,
        claimable: earned,
        full_reward: 80 * TOKEN,
        unlock_at: OPENING + YEAR,
        is_matured: false,
    };
    assert_eq!(pending(&position), of_ana);
    assert_eq!(pending(&bobs).claimable, 0);

    let of_pool = Metrics {
        total_staked: 1_003 * TOKEN,
        active_users: 2,
        open_positions: 2,
        average_stake: 501_500_000_000,
        whitelisted_users: 0,
        reward_balance: 2_000_000 * TOKEN,
        reserved: 80_240_000_000,
        free: 2_000_000 * TOKEN - 80_240_000_000,
        max_new_stake: 9_998_997 * TOKEN,
        // 2,000,000 tokens at 80.24 a year.
        runway_seconds: 786_041_874_376,
        funding_needed: 0,
    };
    assert_eq!(metrics(&world), of_pool);

    world.claim("ana", 0, &position).unwrap();
    pause(&mut world, Function::Stake.bit());
    assert_eq!(quote(&world, TOKEN), code(Error::StakePaused));
    emergency(&mut world, 1);
    let operator = world.operator.clone();
    let resume = world.pools[0].resume(&operator.key(), Function::Stake.bit());
    world.send(&[resume], &[&operator.wallet]).unwrap();
    assert_eq!(quote(&world, TOKEN), code(Error::EmergencyActive));
    world.go_to(OPENING + YEAR);
    let view = world.pools[0].pending_reward(&position);
    let said = world.chain.simulate(&[view], &world.operator.key()).unwrap();
    let after = PendingReward {
        accrued: 80 * TOKEN,
        claimed: earned,
        claimable: 80 * TOKEN - earned,
        is_matured: true,
        ..of_ana
    };
    assert_eq!(read_view::<PendingReward>(&said.return_data.unwrap()).unwrap(), after);
}
