//! From the first stake to the last token out.

use tidepool_localnet::fixed_world::{standard, FixedWorld, MintConfig, OPENING};

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
