//! The settings that hold at once, and the one that does not.

use {
    crate::stage::{self, governed, send, to_first_slot_of, to_last_slot, worst_settings},
    tidepool_client::{events::*, read_view, LiquidUnstakePreview, PoolSettings},
    tidepool_tests::{prelude::*, Expected},
};

/// Every setting another one than a pool starts with; the liquidity target is lower.
fn others() -> PoolSettings {
    PoolSettings {
        reserve_target_bps: 777,
        move_window_bps: 5_000,
        max_validator_bps: 3_333,
        max_move_bps: 1_234,
        breaker_bps: 0,
        min_deposit_lamports: 12_345,
        deposit_cap_lamports: 9_999_999 * SOL,
        instant_cap_lamports_per_day: 88 * SOL,
        liquidity_target_lamports: 500 * SOL,
    }
}

fn write(expected: &mut Expected, settings: &PoolSettings) {
    let settings = *settings;
    expected.pool(|pool| {
        pool.reserve_target_bps = settings.reserve_target_bps;
        pool.move_window_bps = settings.move_window_bps;
        pool.max_validator_bps = settings.max_validator_bps;
        pool.max_move_bps = settings.max_move_bps;
        pool.min_deposit = settings.min_deposit_lamports;
        pool.deposit_cap = settings.deposit_cap_lamports;
        pool.instant_cap_per_day = settings.instant_cap_lamports_per_day;
    });
}

#[test]
fn settings_hold_at_once_and_a_lower_liquidity_target_does_too() {
    let (mut world, cast) = governed();
    let (slot, settings) = (world.chain.slot(), others());
    let set = world.keys.set_parameters(&cast.admin.pubkey(), settings);
    let outcome = world.expect_change(&set, &[&cast.admin], |expected| {
        expected.releases(slot);
        write(expected, &settings);
        expected.liquidity(|liquidity| liquidity.target_lamports = settings.liquidity_target_lamports);
    });
    let (pool, state) = (world.keys.pool, stage::state(&world));
    outcome.assert_told(&ParametersSet { pool, settings, target_epoch: 0, state });
    assert_eq!(world.settings(), settings);
    // And again, to no effect.
    world.expect_change(&set, &[&cast.admin], |_| ());
}

/// A higher target makes exits dearer, so it is announced as a higher fee is.
#[test]
fn a_higher_liquidity_target_is_announced_two_epochs_ahead() {
    let (mut world, cast) = governed();
    to_last_slot(&mut world);
    let (slot, epoch) = (world.chain.slot(), world.chain.epoch());
    let old = world.liquidity().target_lamports;
    let settings = PoolSettings { liquidity_target_lamports: 3 * old, ..others() };
    let set = world.keys.set_parameters(&cast.admin.pubkey(), settings);
    let outcome = world.expect_change(&set, &[&cast.admin], |expected| {
        expected.releases(slot);
        write(expected, &settings);
        expected.liquidity(|liquidity| {
            liquidity.pending_target_lamports = 3 * old;
            liquidity.pending_target_epoch = epoch + 2;
        });
    });
    let (pool, state) = (world.keys.pool, stage::state(&world));
    outcome.assert_told(&ParametersSet { pool, settings, target_epoch: epoch + 2, state });

    let fee_at = |world: &World, target: u64| {
        let (fees, liquidity) = (world.fees(), world.liquidity());
        let (min, max, target) = (Bps(fees.liquid_min), Bps(fees.liquid_max), Lamports(target));
        let fee = LiquidFee { min, max, target };
        let sol = Lamports(liquidity.sol_lamports);
        quote_liquid_unstake(&world.rate(), Shares(40 * SOL), sol, &fee, Bps::ZERO).unwrap().fee.0
    };
    let exit = |world: &mut World, target: u64| {
        let expected = fee_at(world, target);
        let preview = world.keys.preview_liquid_unstake(40 * SOL);
        let preview = send(world, &preview, &[]).return_data.unwrap();
        assert_eq!(read_view::<LiquidUnstakePreview>(&preview).unwrap().fee_lamports, expected);
        let outcome = world.liquid_unstake("ana", 40 * SOL).unwrap();
        assert_eq!(told::<LiquidUnstaked>(&outcome)[0].fee_lamports, expected);
    };
    world.set_parameters(PoolSettings { instant_cap_lamports_per_day: 0, ..settings }).unwrap();
    to_first_slot_of(&mut world, epoch + 1);
    exit(&mut world, old);
    to_last_slot(&mut world);
    exit(&mut world, old);
    to_first_slot_of(&mut world, epoch + 2);
    assert!(fee_at(&world, 3 * old) > fee_at(&world, old));
    exit(&mut world, 3 * old);
    let liquidity = world.liquidity();
    assert_eq!((liquidity.target_lamports, liquidity.pending_target_epoch), (3 * old, 0));
}

#[test]
fn a_second_target_replaces_one_that_is_pending() {
    let (mut world, _) = governed();
    let old = world.liquidity().target_lamports;
    let epoch = world.chain.epoch();
    let at = |target| PoolSettings { liquidity_target_lamports: target, ..others() };
    world.set_parameters(at(5 * old)).unwrap();
    to_first_slot_of(&mut world, epoch + 1);
    world.set_parameters(at(2 * old)).unwrap();
    to_first_slot_of(&mut world, epoch + 2);
    world.sync().unwrap();
    assert_eq!(world.liquidity().target_lamports, old, "the notice starts anew");
    to_first_slot_of(&mut world, epoch + 3);
    world.sync().unwrap();
    assert_eq!(world.liquidity().target_lamports, 2 * old);
    // A cut forgets what was announced.
    world.set_parameters(at(5 * old)).unwrap();
    world.set_parameters(at(old)).unwrap();
    let liquidity = world.liquidity();
    assert_eq!(
        (liquidity.target_lamports, liquidity.pending_target_lamports, liquidity.pending_target_epoch),
        (old, 0, 0)
    );
    to_first_slot_of(&mut world, epoch + 6);
    world.sync().unwrap();
    assert_eq!(world.liquidity().target_lamports, old);
}

#[test]
fn shares_above_the_whole_and_a_window_that_is_too_short_are_refused() {
    type Field = fn(&mut PoolSettings) -> &mut u16;
    let fields: [Field; 4] = [
        |settings| &mut settings.reserve_target_bps,
        |settings| &mut settings.move_window_bps,
        |settings| &mut settings.max_validator_bps,
        |settings| &mut settings.max_move_bps,
    ];
    let (mut world, cast) = governed();
    let admin = cast.admin.pubkey();
    for (index, field) in fields.into_iter().enumerate() {
        let least = if index == 1 { limits::MIN_MOVE_WINDOW.0 } else { 0 };
        let set = |value: u16| {
            let mut settings = others();
            *field(&mut settings) = value;
            world.keys.set_parameters(&admin, settings)
        };
        let refused: Vec<u16> = [10_001, u16::MAX].into_iter().chain(least.checked_sub(1)).collect();
        for value in refused {
            world.expect_refusal(&set(value), &[&cast.admin], TidepoolError::InvalidParameter);
        }
        for accepted in [set(least), set(10_000)] {
            send(&mut world, &accepted, &[&cast.admin]);
        }
    }
    world.set_parameters(worst_settings()).unwrap();
    world.set_parameters(PoolSettings { move_window_bps: 10_000, ..worst_settings() }).unwrap();
}

/// The liquidity account is the pool's own.
#[test]
fn another_pools_liquidity_is_not_touched() {
    let (world, cast) = governed();
    let other = OtherPool::beside(&world);
    let set = world.keys.set_parameters(&cast.admin.pubkey(), others());
    let crossed = set.with(&world.keys.liquidity, &other.keys.liquidity);
    world.expect_refusal(&crossed, &[&cast.admin], TidepoolError::WrongLiquidity);
}

/// What is set holds for the next instruction of the same slot.
#[test]
fn limits_bind_from_the_next_instruction_on() {
    let (mut world, _) = governed();
    let ana = world.user("ana");
    let deposit = world.keys.deposit(&ana.wallet.pubkey(), &ana.lst, 10 * SOL, 0);
    let exit = world.keys.liquid_unstake(&ana.wallet.pubkey(), &ana.lst, 10 * SOL, 0);
    let settings = world.settings();
    world.set_parameters(PoolSettings { min_deposit_lamports: 10 * SOL + 1, ..settings }).unwrap();
    world.expect_refusal(&deposit, &[&ana.wallet], TidepoolError::BelowMinimumDeposit);
    world.set_parameters(PoolSettings { deposit_cap_lamports: 1, ..settings }).unwrap();
    world.expect_refusal(&deposit, &[&ana.wallet], TidepoolError::DepositCapReached);
    world.set_parameters(PoolSettings { instant_cap_lamports_per_day: 9 * SOL, ..settings }).unwrap();
    world.expect_refusal(&exit, &[&ana.wallet], TidepoolError::InstantCapReached);
    world.set_parameters(settings).unwrap();
    send(&mut world, &deposit, &[&ana.wallet]);
    send(&mut world, &exit, &[&ana.wallet]);
}
