//! What other programs read of pools and positions, against what the program has. No offset here may ever change for version 1.

use crate::support::*;
use std::mem::offset_of;
use tidepool_client::{
    fixed::{Metrics, PendingReward, StakeQuote},
    read_view,
};
use tidepool_interface::{
    fixed::{pool, position, views, PoolHeader, PositionHeader},
    HeaderError,
};
use tidepool_localnet::ChainConfig;
use tidepool_math::{Bps, Tokens};
use tidepool_tests::neighbour::{self, claimable_reading, read_position};

fn data(world: &FixedWorld, key: &Pubkey) -> Vec<u8> {
    world.chain.account(key).unwrap().data
}

fn header(world: &FixedWorld) -> PoolHeader {
    PoolHeader::parse(&data(world, &world.pools[0].pool)).unwrap()
}

/// What a view returns to a simulation.
fn answer(world: &FixedWorld, view: &Instruction) -> Result<Vec<u8>, Failure> {
    let outcome = world.chain.simulate(std::slice::from_ref(view), &world.operator.key())?;
    Ok(outcome.return_data.expect("a view returns something"))
}

#[test]
fn every_offset_of_a_pool_is_where_the_program_has_the_field() {
    use pool::offset;
    let suspension_until = offset_of!(Suspension, until);
    let of_program = [
        (8 + offset_of!(Pool, version), offset::VERSION, 8),
        (8 + offset_of!(Pool, decimals), offset::DECIMALS, 10),
        (8 + offset_of!(Pool, access), offset::ACCESS, 11),
        (8 + offset_of!(Pool, pause_flags), offset::PAUSE_FLAGS, 12),
        (8 + offset_of!(Pool, allows_early_exit), offset::ALLOWS_EARLY_EXIT, 13),
        (8 + offset_of!(Pool, can_be_frozen), offset::CAN_BE_FROZEN, 14),
        (8 + offset_of!(Pool, rate_bps), offset::RATE_BPS, 16),
        (8 + offset_of!(Pool, mint), offset::MINT, 192),
        (8 + offset_of!(Pool, token_program), offset::TOKEN_PROGRAM, 224),
        (8 + offset_of!(Pool, principal_vault), offset::PRINCIPAL_VAULT, 256),
        (8 + offset_of!(Pool, reward_vault), offset::REWARD_VAULT, 288),
        (8 + offset_of!(Pool, start), offset::START, 392),
        (8 + offset_of!(Pool, end), offset::END_OF_WINDOW, 400),
        (8 + offset_of!(Pool, lock_seconds), offset::LOCK_SECONDS, 408),
        (8 + offset_of!(Pool, min_stake), offset::MIN_STAKE, 416),
        (8 + offset_of!(Pool, cap), offset::CAP, 424),
        (8 + offset_of!(Pool, total_staked), offset::TOTAL_STAKED, 432),
        (8 + offset_of!(Pool, promised), offset::PROMISED, 440),
        (8 + offset_of!(Pool, reserved), offset::RESERVED, 448),
        (8 + offset_of!(Pool, open_positions), offset::OPEN_POSITIONS, 456),
        (8 + offset_of!(Pool, emergency) + suspension_until, offset::EMERGENCY_UNTIL, 496),
        (8 + offset_of!(Pool, claim_pause) + suspension_until, offset::CLAIM_PAUSE_UNTIL, 512),
        (8 + offset_of!(Pool, forfeited), offset::FORFEITED, 520),
        (8 + offset_of!(Pool, forfeits_locked_until), offset::FORFEITS_LOCKED_UNTIL, 528),
        (8 + offset_of!(Pool, funded), offset::END, 536),
    ];
    for (in_program, in_interface, published) in of_program {
        assert_eq!((in_program, in_interface), (published, published));
    }
    assert_eq!((pool::VERSION, Pool::VERSION, Access::Open as u8), (1, 1, 0));
    // What `docs/integrators.md` says besides.
    let of_guide = [
        (8 + offset_of!(Pool, pool_id), 24),
        (8 + offset_of!(Pool, creator), 32),
        (8 + offset_of!(Pool, authority), 64),
        (8 + offset_of!(Pool, merkle_root), 352),
        (8 + offset_of!(Pool, merkle_leaves), 384),
        (Pool::SPACE, 560),
    ];
    for (in_program, published) in of_guide {
        assert_eq!(in_program, published);
    }
}

/// What `docs/integrators.md` says of users.
#[test]
fn users_stand_where_the_guide_says() {
    let of_guide = [
        (8 + offset_of!(UserPool, pool), 8),
        (8 + offset_of!(UserPool, owner), 40),
        (8 + offset_of!(UserPool, next_index), 104),
        (8 + offset_of!(UserPool, active_positions), 112),
        (8 + offset_of!(UserPool, active_stake), 120),
        (8 + offset_of!(UserPool, is_owner_only), 144),
        (UserPool::SPACE, 152),
    ];
    for (in_program, published) in of_guide {
        assert_eq!(in_program, published);
    }
    let (world, keys) = earning();
    let user = data(&world, &world.pools[0].user_pool(&keys.owner));
    assert_eq!(user[..8], [0xec, 0x49, 0x38, 0xb8, 0xcd, 0x18, 0x91, 0xdc]);
}

#[test]
fn every_offset_of_a_position_is_where_the_program_has_the_field() {
    use position::offset;
    let of_program = [
        (8 + offset_of!(Position, pool), offset::POOL, 8),
        (8 + offset_of!(Position, owner), offset::OWNER, 40),
        (8 + offset_of!(Position, rent_payer), offset::RENT_PAYER, 72),
        (8 + offset_of!(Position, index), offset::INDEX, 104),
        (8 + offset_of!(Position, amount), offset::AMOUNT, 112),
        (8 + offset_of!(Position, staked_at), offset::STAKED_AT, 120),
        (8 + offset_of!(Position, unlock_at), offset::UNLOCK_AT, 128),
        (8 + offset_of!(Position, full_reward), offset::FULL_REWARD, 136),
        (8 + offset_of!(Position, claimed), offset::CLAIMED, 144),
        (8 + offset_of!(Position, exit_requested_at), offset::EXIT_REQUESTED_AT, 152),
        (8 + offset_of!(Position, rate_bps), offset::RATE_BPS, 160),
        (Position::SPACE, offset::END, 168),
    ];
    for (in_program, in_interface, published) in of_program {
        assert_eq!((in_program, in_interface), (published, published));
    }
}

#[test]
fn the_interface_and_the_idl_name_accounts_and_views_alike() {
    let idl: serde_json::Value = serde_json::from_str(include_str!("../../../idl/fixed_pools.json")).unwrap();
    let listed = |kind: &str, name: &str| -> [u8; 8] {
        let all = idl[kind].as_array().unwrap();
        let found = all.iter().find(|one| one["name"] == name).unwrap();
        serde_json::from_value(found["discriminator"].clone()).unwrap()
    };
    assert_eq!(listed("accounts", "Pool"), pool::DISCRIMINATOR);
    assert_eq!(listed("accounts", "Position"), position::DISCRIMINATOR);
    assert_eq!(listed("instructions", "pending_reward"), views::PENDING_REWARD);
    assert_eq!(listed("instructions", "quote_stake"), views::QUOTE_STAKE);
    assert_eq!(listed("instructions", "get_metrics"), views::GET_METRICS);
    assert_eq!(idl["address"], tidepool_interface::fixed::ID.to_string());
}

#[test]
fn the_header_of_a_real_pool_says_what_the_program_stored() {
    let (mut world, _) = earning();
    let says_the_same = |world: &FixedWorld| {
        let (header, pool, now) = (header(world), world.pool(0), world.now());
        assert_eq!(
            (header.version, header.decimals, header.pause_flags),
            (pool.version, pool.decimals, pool.pause_flags)
        );
        assert_eq!(header.is_open_to_all, pool.is_open_to_all());
        assert_eq!((header.allows_early_exit, header.can_be_frozen), (true, false));
        assert_eq!((header.mint, header.token_program), (pool.mint, pool.token_program));
        assert_eq!(header.principal_vault, world.pools[0].principal_vault);
        assert_eq!(header.reward_vault, world.pools[0].reward_vault);
        assert_eq!((header.start, header.end, header.terms), (pool.start, pool.end, pool.fixed_terms()));
        assert_eq!((header.min_stake.0, header.cap.0), (pool.min_stake, pool.cap));
        assert_eq!((header.total_staked.0, header.promised.0), (pool.total_staked, pool.promised));
        assert_eq!((header.reserved.0, header.open_positions), (pool.reserved, pool.open_positions));
        assert_eq!(header.emergency_until, pool.emergency.until);
        assert_eq!(header.claim_pause_until, pool.claim_pause.until);
        assert_eq!(header.forfeited, Tokens(pool.forfeited));
        assert_eq!(header.forfeits_locked_until, pool.forfeits_locked_until);
        assert_eq!(header.is_emergency(now), pool.is_emergency(now));
        for function in Function::ALL {
            assert_eq!(header.is_paused(function, now), pool.is_paused(function, now));
        }
    };
    says_the_same(&world);
    set_terms(&mut world, |terms| {
        (terms.rate_bps, terms.min_stake, terms.cap) = (1_234, 5 * TOKEN, 5_000 * TOKEN);
        terms.access = Access::Whitelist;
    });
    pause(&mut world, Function::MASK);
    emergency(&mut world, 3);
    says_the_same(&world);
    world.pass(90 * DAY);
    says_the_same(&world);
}

#[test]
fn the_header_of_a_real_position_earns_what_the_program_pays() {
    let (mut world, keys) = earning();
    let request = world.pools[0].request_early_exit(&keys);
    let ana = world.user("ana");
    let read = |world: &FixedWorld| PositionHeader::parse(&data(world, &keys.position)).unwrap();
    assert_eq!(read(&world).exit_requested_at, None);
    world.send(&[request], &[&ana.wallet]).unwrap();
    let (header, stored) = (read(&world), world.position(&keys).unwrap());
    assert_eq!(
        (header.pool, header.owner, header.rent_payer),
        (stored.pool, stored.owner, stored.rent_payer)
    );
    assert_eq!((header.index, header.amount.0, header.rate), (stored.index, stored.amount, Bps(800)));
    assert_eq!((header.staked_at, header.unlock_at), (stored.staked_at, stored.unlock_at));
    assert_eq!(header.exit_requested_at, Some(stored.exit_requested_at));

    for then in [world.now(), OPENING + 200 * DAY, OPENING + YEAR - 1, OPENING + YEAR, OPENING + 2 * YEAR] {
        world.go_to(then.max(world.now()));
        let (now, header) = (world.now(), read(&world));
        assert_eq!(header.is_matured(now), now >= OPENING + YEAR);
        assert_eq!(header.accrued(now), Ok(world.position(&keys).unwrap().accrued(now).unwrap()));
        let (claimable, before) = (header.claimable(now).unwrap().0, world.tokens_of("ana"));
        assert_eq!(world.claim("ana", 0, &keys).is_ok(), claimable > 0);
        assert_eq!(world.tokens_of("ana") - before, claimable);
        assert_eq!(read(&world).reserved().0, header.full_reward.0 - header.claimed.0 - claimable);
    }
}

#[test]
fn views_are_parsed_as_the_client_reads_them() {
    let (world, keys) = earning();
    let pool = world.pools[0];
    let view = pool.pending_reward(&keys);
    assert_eq!(view.data, views::PENDING_REWARD);
    let bytes = answer(&world, &view).unwrap();
    let (parsed, read) =
        (views::PendingReward::parse(&bytes).unwrap(), read_view::<PendingReward>(&bytes).unwrap());
    assert_eq!(
        (parsed.accrued.0, parsed.claimed.0, parsed.claimable.0, parsed.full_reward.0),
        (read.accrued, read.claimed, read.claimable, read.full_reward)
    );
    assert_eq!((parsed.unlock_at, parsed.is_matured), (read.unlock_at, read.is_matured));
    assert!(parsed.claimable > Tokens(0) && !parsed.is_matured);

    let view = pool.quote_stake(10 * TOKEN);
    assert_eq!(view.data, [views::QUOTE_STAKE.as_slice(), &(10 * TOKEN).to_le_bytes()].concat());
    let bytes = answer(&world, &view).unwrap();
    let (parsed, read) =
        (views::StakeQuote::parse(&bytes).unwrap(), read_view::<StakeQuote>(&bytes).unwrap());
    assert_eq!(
        (parsed.full_reward.0, parsed.unlock_at, parsed.rate.0),
        (read.full_reward, read.unlock_at, read.rate_bps)
    );
    assert_eq!(Ok(parsed.full_reward), header(&world).terms.full_reward(Tokens(10 * TOKEN)));

    let view = pool.get_metrics();
    assert_eq!(view.data, views::GET_METRICS);
    let bytes = answer(&world, &view).unwrap();
    let (parsed, read) = (views::Metrics::parse(&bytes).unwrap(), read_view::<Metrics>(&bytes).unwrap());
    let words = |metrics: &Metrics| {
        [
            metrics.total_staked,
            metrics.active_users,
            metrics.open_positions,
            metrics.average_stake,
            metrics.whitelisted_users,
            metrics.reward_balance,
            metrics.reserved,
            metrics.free,
            metrics.max_new_stake,
            metrics.runway_seconds,
            metrics.funding_needed,
        ]
    };
    let parsed_words = [
        parsed.total_staked.0,
        parsed.active_users,
        parsed.open_positions,
        parsed.average_stake.0,
        parsed.whitelisted_users,
        parsed.reward_balance.0,
        parsed.reserved.0,
        parsed.free.0,
        parsed.max_new_stake.0,
        parsed.runway_seconds,
        parsed.funding_needed.0,
    ];
    assert_eq!(parsed_words, words(&read));

    for cut in [&bytes[1..], &bytes[..bytes.len() - 1], &[]] {
        assert_eq!(views::Metrics::parse(cut), None);
        assert_eq!(views::PendingReward::parse(cut), None);
        assert_eq!(views::StakeQuote::parse(cut), None);
    }
}

#[test]
fn a_header_knows_what_a_stake_is_refused_for() {
    let mut world = world(product());
    set_terms(&mut world, |terms| (terms.start, terms.end) = (OPENING + DAY, OPENING + 3 * DAY));
    let agrees = |world: &FixedWorld| {
        let (header, rewards, now) = (header(world), Tokens(world.reward_balance(0)), world.now());
        let most = header.most_stake(rewards, now).unwrap();
        let metrics: Metrics = read_view(&answer(world, &world.pools[0].get_metrics()).unwrap()).unwrap();
        assert_eq!((most.0, header.free_rewards(rewards, now).0), (metrics.max_new_stake, metrics.free));
        let is_taken = answer(world, &world.pools[0].quote_stake(most.0)).is_ok();
        assert_eq!(header.takes_stakes(world.now()) && most >= header.min_stake, is_taken);
        is_taken
    };
    assert!(!agrees(&world));
    world.go_to(OPENING + DAY);
    assert!(agrees(&world));
    world.stake("ana", 0, 100 * TOKEN).unwrap();
    assert!(agrees(&world));
    pause(&mut world, Function::Stake.bit());
    assert!(!agrees(&world));
    let operator = world.operator.clone();
    let resume = world.pools[0].resume(&operator.key(), Function::MASK);
    world.send(&[resume], &[&operator.wallet]).unwrap();
    emergency(&mut world, 1);
    assert!(!agrees(&world));
    let end = world.pools[0].end_emergency(&operator.key());
    world.send(&[end], &[&operator.wallet]).unwrap();
    assert!(agrees(&world));
    set_terms(&mut world, |terms| (terms.min_stake, terms.cap) = (50 * TOKEN, 149 * TOKEN));
    assert!(!agrees(&world));
    world.go_to(OPENING + 3 * DAY);
    assert!(!agrees(&world));
}

#[test]
fn what_is_no_pool_or_position_is_refused_by_name() {
    let (world, keys) = earning();
    let pool_data = data(&world, &world.pools[0].pool);
    let position_data = data(&world, &keys.position);
    assert!(PoolHeader::parse(&pool_data[..pool::offset::END]).is_ok());
    for length in [0, 8, pool::offset::END - 1] {
        assert_eq!(PoolHeader::parse(&pool_data[..length]), Err(HeaderError::TooShort));
    }
    for length in [0, 8, position::offset::END - 1] {
        assert_eq!(PositionHeader::parse(&position_data[..length]), Err(HeaderError::TooShort));
    }
    assert_eq!(PoolHeader::parse(&[0; 1_000]), Err(HeaderError::NotAPool));
    assert_eq!(PositionHeader::parse(&pool_data), Err(HeaderError::NotAPosition));
    let mut foreign = position_data.clone();
    foreign[..8].copy_from_slice(&data(&world, &world.pools[0].user_pool(&keys.owner))[..8]);
    assert_eq!(PositionHeader::parse(&foreign), Err(HeaderError::NotAPosition));
    for version in [0, 2, 255] {
        let mut newer = pool_data.clone();
        newer[pool::offset::VERSION] = version;
        assert_eq!(PoolHeader::parse(&newer), Err(HeaderError::UnknownVersion));
    }
    assert_eq!((pool_data.len(), position_data.len()), (Pool::SPACE, Position::SPACE));
}

#[test]
fn another_program_reads_a_position_by_call_and_by_bytes() {
    let chain = neighbour::on(ChainConfig::default());
    let mut world = FixedWorld::start_on(chain, &MintConfig::default()).unwrap();
    world.add_pool(product()).unwrap();
    world.fund(0, 100 * TOKEN).unwrap();
    world.add_user("ana", 1_000 * TOKEN).unwrap();
    let keys = world.stake("ana", 0, 1_000 * TOKEN).unwrap();
    for seconds in [0, 1, 30 * DAY, YEAR, 2 * YEAR] {
        world.go_to(OPENING + seconds);
        let outcome = world.send(&[read_position(&keys.position)], &[]).unwrap();
        let earned = Tokens(reward(1_000 * TOKEN, 800, seconds.min(YEAR)));
        assert_eq!(claimable_reading(&outcome), [earned, earned]);
    }
    let pool = world.pools[0];
    for not_a_position in [pool.pool, pool.user_pool(&keys.owner), pool.principal_vault, pool.mint] {
        assert!(world.send(&[read_position(&not_a_position)], &[]).is_err());
    }
}
