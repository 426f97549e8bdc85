//! From the first stake to the last token out.

use {
    tidepool_client::fixed::Proof,
    tidepool_localnet::fixed_world::{standard, FixedWorld, MintConfig, OPENING},
};

const TOKEN: u64 = 1_000_000_000;
const DAY: i64 = 86_400;

#[test]
fn a_stake_of_a_year_pays_its_principal_and_eight_percent() {
    let mut world = FixedWorld::start(&MintConfig::default()).unwrap();
    let pool = world.add_pool(standard(9)).unwrap();
    world.add_user("ana", TOKEN).unwrap();
    world.fund(pool, TOKEN).unwrap();

    let position = world.stake("ana", pool, TOKEN).unwrap();
    assert_eq!(world.tokens_of("ana"), 0);
    assert_eq!(world.pool(pool).reserved, 80_000_000);

    world.go_to(OPENING + 100 * DAY);
    world.claim("ana", pool, &position).unwrap();
    assert_eq!(world.tokens_of("ana"), 21_917_808);

    world.go_to(OPENING + 365 * DAY - 1);
    assert!(world.unstake("ana", pool, &position).is_err());
    world.go_to(OPENING + 365 * DAY);
    world.unstake("ana", pool, &position).unwrap();
    assert_eq!(world.tokens_of("ana"), TOKEN + 80_000_000);
    assert_eq!(world.position(&position), None);
    assert_eq!((world.principal_balance(pool), world.reward_balance(pool)), (0, TOKEN - 80_000_000));
}

#[test]
fn what_has_matured_is_rolled_over_with_its_reward_and_pays_again() {
    let mut world = FixedWorld::start(&MintConfig::default()).unwrap();
    let pool = world.add_pool(standard(9)).unwrap();
    let ana = world.add_user("ana", TOKEN).unwrap();
    world.fund(pool, TOKEN).unwrap();
    let old = world.stake("ana", pool, TOKEN).unwrap();

    world.go_to(OPENING + 365 * DAY);
    let new = world.next_position(pool, &ana.key());
    let roll_over = world.pools[pool].roll_over(&old, &ana.key(), &new, &ana.tokens, true, 800, Proof::None);
    world.send(&[roll_over], &[&ana.wallet]).unwrap();
    assert_eq!(world.position(&old), None);
    let position = world.position(&new).unwrap();
    assert_eq!((position.amount, position.full_reward), (1_080_000_000, 86_400_000));
    assert_eq!((world.pool(pool).total_staked, world.pool(pool).active_users), (1_080_000_000, 1));

    world.go_to(OPENING + 730 * DAY);
    world.unstake("ana", pool, &new).unwrap();
    assert_eq!(world.tokens_of("ana"), 1_166_400_000);
}
