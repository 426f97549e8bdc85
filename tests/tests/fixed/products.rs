//! The products as they are sold: a year of daily claims, short and odd locks, mints of any decimals, and the reference
//! deployment from its opening to its end.

use crate::support::*;

#[test]
fn a_year_of_daily_claims_pays_the_same_to_the_unit() {
    let mut world = world(product());
    let amount = 12_345 * TOKEN + 678_901_234;
    let position = world.stake("ana", 0, amount).unwrap();
    for day in 1..=365 {
        world.go_to(OPENING + day * DAY);
        world.claim("ana", 0, &position).unwrap();
        assert_eq!(world.position(&position).unwrap().claimed, reward(amount, 800, day * DAY));
    }
    let full = reward(amount, 800, YEAR);
    assert_eq!(world.tokens_of("ana"), PURSE - amount + full);
    world.unstake("ana", 0, &position).unwrap();
    assert_eq!(world.tokens_of("ana"), PURSE + full);
    assert_eq!(world.reward_balance(0), 2_000_000 * TOKEN - full);
}

#[test]
fn a_lock_of_three_hundred_days_pays_three_hundred_days() {
    let mut world = world(PoolParameters { lock_seconds: 300 * DAY as u64, ..product() });
    let position = world.stake("ana", 0, 10_000 * TOKEN).unwrap();
    world.go_to(OPENING + 300 * DAY - 1);
    let ana = world.user("ana");
    let unstake = world.pools[0].unstake(&position, &ana.key(), &ana.tokens, 0);
    world.expect_refusal(&unstake, &[&ana.wallet], Error::NotMatured);
    world.go_to(OPENING + 365 * DAY);
    world.unstake("ana", 0, &position).unwrap();
    assert_eq!(world.tokens_of("ana"), PURSE + 657_534_246_575);
}

#[test]
fn mints_of_any_decimals_earn_the_same_share() {
    for decimals in [0, 6, 9, 12] {
        let token = 10_u64.pow(decimals);
        let mut world =
            FixedWorld::start(&MintConfig { decimals: decimals as u8, ..MintConfig::default() }).unwrap();
        let mut parameters = standard(decimals as u8);
        parameters.terms.cap = 1_000 * token;
        world.add_pool(parameters).unwrap();
        world.fund(0, 80 * token).unwrap();
        world.add_user("ana", 1_000 * token).unwrap();
        let position = world.stake("ana", 0, 1_000 * token).unwrap();
        assert_eq!(world.pool(0).decimals, decimals as u8);
        world.go_to(OPENING + 73 * DAY); // a fifth of a year
        world.claim("ana", 0, &position).unwrap();
        assert_eq!(world.tokens_of("ana"), 16 * token);
        world.go_to(OPENING + YEAR);
        world.unstake("ana", 0, &position).unwrap();
        assert_eq!((world.tokens_of("ana"), world.reward_balance(0)), (1_080 * token, 0));
    }
}

#[test]
fn stakes_of_one_unit_earn_nothing_until_they_earn_a_unit() {
    let mut parameters = product();
    parameters.terms.min_stake = 1;
    let mut world = world(parameters);
    let position = world.stake("ana", 0, 13).unwrap(); // 1.04 units a year
    assert_eq!(world.position(&position).unwrap().full_reward, 1);
    let ana = world.user("ana");
    let claim = world.pools[0].claim(&ana.key(), &ana.tokens, &position);
    // ⌈10,000 × year / (13 × 800)⌉
    let first = 30_323_077;
    world.go_to(OPENING + first - 1);
    world.expect_refusal(&claim, &[&ana.wallet], Error::NothingToClaim);
    world.go_to(OPENING + first);
    world.send(&[claim], &[&ana.wallet]).unwrap();
    assert_eq!(world.tokens_of("ana"), PURSE - 12);
}

/// Both products, funded for all that they may promise.
fn deployment() -> FixedWorld {
    let mut world = world_with(&MintConfig::default());
    world.add_pool(product()).unwrap();
    world
        .add_pool(PoolParameters {
            pool_id: 1,
            allows_early_exit: true,
            guardian: guardian().pubkey(),
            whitelist_manager: manager().pubkey(),
            ..premium(9)
        })
        .unwrap();
    world.fund(0, 800_000 * TOKEN).unwrap();
    world.fund(1, 3_200_000 * TOKEN).unwrap();
    world
}

fn admit_to_premium(world: &mut FixedWorld, name: &str, max_amount: u64) {
    let admitted = Admitted { user: world.user(name).key(), max_amount };
    let add = world.pools[1].add_to_whitelist(&manager().pubkey(), &[admitted], 0);
    world.send(&[add], &[&manager()]).unwrap();
}

#[test]
fn the_reference_deployment_pays_what_it_says_from_its_opening_to_its_end() {
    let mut world = deployment();
    for (name, max_amount) in [("ana", 500_000), ("bob", 19_500_000)] {
        admit_to_premium(&mut world, name, max_amount * TOKEN);
    }
    // On the first second: the smallest stakes there are.
    let small = world.stake("ana", 0, TOKEN).unwrap();
    let large = world.stake_with("ana", 1, 500_000 * TOKEN, Proof::Entry).unwrap();
    let (ana, carl) = (world.user("ana"), world.user("carl"));
    let premium = world.pools[1];
    let next = world.next_position(1, &carl.key());
    let stake = premium.stake(&carl.key(), &carl.tokens, &next, 500_000 * TOKEN, 0, Proof::Entry);
    // Who has no entry at all cannot even name one.
    let uninitialized = tidepool_tests::prelude::AnchorError::AccountNotInitialized;
    world.expect_refusal(&stake, &[&carl.wallet], uninitialized);

    // Both are filled to their caps, and the vaults hold just what they owe.
    let thousand = world.stake("bob", 0, 10_000 * TOKEN).unwrap();
    world.stake("carl", 0, 9_989_999 * TOKEN).unwrap();
    world.stake_with("bob", 1, 19_500_000 * TOKEN, Proof::Entry).unwrap();
    for (pool, owed) in [(0, 800_000 * TOKEN), (1, 3_200_000 * TOKEN)] {
        assert_eq!(world.pool(pool).total_staked, world.pool(pool).cap);
        assert_eq!((world.pool(pool).reserved, world.reward_balance(pool)), (owed, owed));
    }

    world.go_to(OPENING + 1);
    let earned = |world: &FixedWorld, position: &PositionKeys| {
        world.position(position).unwrap().claimable(world.now()).unwrap().0
    };
    assert_eq!((earned(&world, &small), earned(&world, &large)), (2, 2_536_783));
    world.go_to(OPENING + 30 * DAY);
    assert_eq!(earned(&world, &large), 6_575_342_465_753);
    assert_eq!(earned(&world, &thousand), 65_753_424_657);
    world.go_to(OPENING + 100 * DAY);
    assert_eq!(earned(&world, &large), 21_917_808_219_178);
    assert_eq!(earned(&world, &thousand), 219_178_082_191);
    let claim = premium.claim(&ana.key(), &ana.tokens, &large);
    world.send(&[claim], &[&ana.wallet]).unwrap();

    world.go_to(1_825_027_200 - 1); // 2027-11-01T00:00:00Z
    for (pool, position) in [(0, &small), (1, &large)] {
        let early = world.pools[pool].unstake(position, &ana.key(), &ana.tokens, 0);
        world.expect_refusal(&early, &[&ana.wallet], Error::NotMatured);
    }
    world.go_to(1_825_027_200);
    let owners = [("ana", 0, 0), ("ana", 1, 0), ("bob", 0, 0), ("bob", 1, 0), ("carl", 0, 0)];
    for (name, pool, index) in owners {
        let position = world.pools[pool].position(&world.user(name).key(), index);
        world.unstake(name, pool, &position).unwrap();
    }
    assert_eq!(world.tokens_of("ana"), PURSE + 80_000_000 + 80_000 * TOKEN);
    assert_eq!(world.tokens_of("bob"), PURSE + 800 * TOKEN + 3_120_000 * TOKEN);
    assert_eq!(world.tokens_of("carl"), PURSE + 799_199_920_000_000);
    let operator = world.operator.clone();
    for keys in world.pools.clone() {
        assert_eq!((world.balance(&keys.principal_vault), world.balance(&keys.reward_vault)), (0, 0));
        let close = keys.close_pool(&operator.key(), &operator.tokens);
        world.send(&[close], &[&operator.wallet]).unwrap();
    }
}

#[test]
fn nothing_moves_between_the_pools_of_a_creator() {
    let mut world = deployment();
    admit_to_premium(&mut world, "bob", PURSE);
    let (operator, ana) = (world.operator.clone(), world.user("ana"));
    let standard = world.pools[0];
    let free = world.reward_balance(0);
    world
        .send(&[standard.withdraw_excess(&operator.key(), &operator.tokens, free)], &[&operator.wallet])
        .unwrap();
    // The premium pool's millions back nothing here.
    let next = world.next_position(0, &ana.key());
    let stake = standard.stake(&ana.key(), &ana.tokens, &next, TOKEN, 0, Proof::None);
    world.expect_refusal(&stake, &[&ana.wallet], Error::RewardsNotFunded);
    let borrowed = stake.with(&standard.reward_vault, &world.pools[1].reward_vault);
    world.expect_refusal(&borrowed, &[&ana.wallet], Error::WrongVault);
    world.stake_with("bob", 1, 500_000 * TOKEN, Proof::Entry).unwrap();
    assert_eq!(world.pool(0).total_staked, 0);
}
