//! LST in, SOL out, at once.

use {
    crate::stage::{self, Wishes},
    tidepool_math::LiquidQuote,
    tidepool_tests::prelude::*,
};

/// What an exit of `lst` would be now, by the pool's books.
fn quote(world: &World, lst: u64) -> Result<LiquidQuote, math::MathError> {
    let (pool, liquidity) = (world.pool(), world.liquidity());
    let fee = LiquidFee {
        min: Bps(pool.fees.liquid_min),
        max: Bps(pool.fees.liquid_max),
        target: Lamports(liquidity.target_lamports),
    };
    let treasury_share = Bps(pool.fees.liquid_treasury_share);
    quote_liquid_unstake(&world.rate(), Shares(lst), Lamports(liquidity.sol_lamports), &fee, treasury_share)
}

#[test]
fn an_exit_sells_lst_to_the_liquidity_pool_less_a_fee() {
    let mut world = stage::earning();
    let (ana, keys, slot) = (world.user("ana"), world.keys, world.chain.slot());
    let lst = 61_234_567_891;
    let quote = quote(&world, lst).unwrap();
    assert!(quote.fee > Lamports(0) && quote.treasury_shares > Shares(0));

    let exit = world.wish_liquid("ana", lst, quote.net.0);
    let outcome = world.expect_change(&exit, &[&ana.wallet], |expected| {
        expected.releases(slot);
        expected.transfers(&ana.lst, &keys.lst_vault, lst);
        expected.moves(&keys.sol_vault, &ana.wallet.pubkey(), quote.net.0);
        expected.liquidity(|liquidity| {
            liquidity.sol_lamports -= quote.net.0;
            liquidity.lst_amount += lst - quote.treasury_shares.0;
            liquidity.treasury_lst_due += quote.treasury_shares.0;
            (liquidity.exit_slot, liquidity.slot_fees) = (slot, quote.providers_fee.0);
        });
    });
    outcome.assert_told(&events::LiquidUnstaked {
        pool: keys.pool,
        user: ana.wallet.pubkey(),
        lst_amount: lst,
        lamports: quote.net.0,
        fee_lamports: quote.fee.0,
        treasury_shares: quote.treasury_shares.0,
        state: stage::state(&world),
    });
}

#[test]
fn an_exit_of_nothing_is_refused() {
    let world = stage::earning();
    let exit = world.wish_liquid("ana", 0, 0);
    world.expect_refusal(&exit, &[&world.user("ana").wallet], TidepoolError::ZeroAmount);
}

#[test]
fn an_exit_that_would_pay_nothing_is_refused() {
    // The unit is worth less than a lamport.
    let world = stage::below_one();
    let exit = world.wish_liquid("ana", 1, 0);
    world.expect_refusal(&exit, &[&world.user("ana").wallet], TidepoolError::AmountTooSmall);
    // The fee takes the only lamport.
    let world = stage::earning();
    let exit = world.wish_liquid("ana", 1, 0);
    world.expect_refusal(&exit, &[&world.user("ana").wallet], TidepoolError::AmountTooSmall);
}

#[test]
fn an_exit_of_more_lst_than_the_account_holds_is_refused() {
    let world = stage::earning();
    let (ana, bob) = (world.user("ana"), world.user("bob"));
    // So little that the liquidity pool could pay for more.
    let all = world.lst_of("ana");
    world.chain.transfer_tokens(&ana.lst, &bob.lst, &ana.wallet, all - 10 * SOL).unwrap();
    for lst in [10 * SOL + 1, 20 * SOL, u64::MAX] {
        let exit = world.wish_liquid("ana", lst, 0);
        world.expect_refusal(&exit, &[&world.user("ana").wallet], TidepoolError::InsufficientBalance);
    }
}

/// stake-pool 0e56295: the check of a reserve did not subtract what was asked for.
#[test]
fn an_exit_takes_the_vault_to_its_rent_and_no_further() {
    let mut world = stage::funded(WorldConfig::default().without_fees());
    let ana = world.user("ana").wallet;
    let liquidity = world.liquidity();
    // At par without a fee: one unit of LST is one lamport.
    let one_too_many = world.wish_liquid("ana", liquidity.sol_lamports + 1, 0);
    world.expect_refusal(&one_too_many, &[&ana], TidepoolError::InsufficientLiquidity);
    world.liquid_unstake("ana", liquidity.sol_lamports).unwrap();
    assert_eq!(world.liquidity().sol_lamports, 0);
    assert_eq!(world.chain.lamports(&world.keys.sol_vault), liquidity.sol_vault_rent);
    let one_more = world.wish_liquid("ana", 1, 0);
    world.expect_refusal(&one_more, &[&ana], TidepoolError::InsufficientLiquidity);
}

/// Solana-Audit-Arena#197, #227: the minimum was compared with the amount before fees.
#[test]
fn an_exit_never_pays_less_than_the_user_accepts() {
    let mut world = stage::earning();
    let ana = world.user("ana").wallet;
    let net = quote(&world, 40 * SOL).unwrap().net.0;
    for too_much in [net + 1, u64::MAX] {
        let exit = world.wish_liquid("ana", 40 * SOL, too_much);
        world.expect_refusal(&exit, &[&ana], TidepoolError::BelowMinimumOut);
    }
    let exit = world.wish_liquid("ana", 40 * SOL, net);
    world.send(&[exit], &[&ana]).unwrap();
}

#[test]
fn nobody_sells_the_lst_of_another() {
    let world = stage::earning();
    let (ana, bob, keys) = (world.user("ana"), world.user("bob"), world.keys);
    let exit = world.wish_liquid("ana", SOL, 0);
    world.expect_refusal(
        &exit.clone().with(&ana.lst, &bob.lst),
        &[&ana.wallet],
        OtherProgram::NotTheTokenOwner,
    );
    for vault in [keys.dead_lst, keys.lst_vault] {
        world.expect_failure(&[exit.clone().with(&ana.lst, &vault)], &[&ana.wallet]);
    }
    let unsigned = exit.unsigned(&ana.wallet.pubkey());
    world.expect_refusal(&unsigned, &[], AnchorError::AccountNotSigner);
}

/// A pool at par without fees, whose instant exits may take so much a day: a unit of LST is a lamport.
fn capped(instant_cap_lamports_per_day: u64) -> World {
    let config = WorldConfig::default().without_fees();
    stage::funded(config.with_parameters(|p| {
        p.settings.instant_cap_lamports_per_day = instant_cap_lamports_per_day;
    }))
}

/// Ana's exit of `lamports` and all it changes.
fn an_exit_spends(world: &mut World, lamports: u64, used_after: u64) {
    let (ana, keys, slot) = (world.user("ana"), world.keys, world.chain.slot());
    let now = world.chain.clock().unix_timestamp;
    let exit = world.wish_liquid("ana", lamports, lamports);
    world.expect_change(&exit, &[&ana.wallet], |expected| {
        expected.releases(slot);
        expected.transfers(&ana.lst, &keys.lst_vault, lamports);
        expected.moves(&keys.sol_vault, &ana.wallet.pubkey(), lamports);
        expected.liquidity(|liquidity| {
            liquidity.sol_lamports -= lamports;
            liquidity.lst_amount += lamports;
            (liquidity.exit_slot, liquidity.slot_fees) = (slot, 0);
        });
        expected.pool(|pool| (pool.instant_used, pool.instant_used_at) = (used_after, now));
    });
}

fn expect_capped(world: &World, lamports: u64) {
    let exit = world.wish_liquid("ana", lamports, 0);
    world.expect_refusal(&exit, &[&world.user("ana").wallet], TidepoolError::InstantCapReached);
}

#[test]
fn instant_exits_take_what_a_day_allows_and_no_more() {
    let mut world = capped(10 * SOL);
    for too_much in [10 * SOL + 1, 100 * SOL] {
        expect_capped(&world, too_much);
    }
    an_exit_spends(&mut world, 4 * SOL, 4 * SOL);
    expect_capped(&world, 6 * SOL + 1);
    an_exit_spends(&mut world, 6 * SOL, 10 * SOL);
    expect_capped(&world, 1);
    // Who bears the rest is not kept: tickets are as open as ever.
    world.order_unstake("ana", SOL).unwrap();
    let lp = world.lp_of("ana");
    world.remove_liquidity("ana", lp / 2).unwrap();
}

#[test]
fn what_was_used_comes_back_evenly_by_the_second() {
    // A thousand lamports a second.
    let cap = 86_400 * 1_000;
    let mut world = capped(cap);
    an_exit_spends(&mut world, cap, cap);
    expect_capped(&world, 1);
    for (seconds, back) in [(1, 1_000), (7, 7_000), (86_399, 86_399_000), (86_400, cap), (200_000, cap)] {
        let now = world.chain.clock().unix_timestamp;
        stage::patch_pool(&world, |pool| {
            (pool.instant_used, pool.instant_used_at) = (cap, now - seconds);
        });
        expect_capped(&world, back + 1);
        an_exit_spends(&mut world, back, cap);
        expect_capped(&world, 1);
    }
    // A rate that no second divides: 86,399 lamports a day, rounded down over the time since the last exit.
    let mut world = capped(86_399);
    let now = world.chain.clock().unix_timestamp;
    for (seconds, back) in [(1, 0), (2, 1), (43_200, 43_199), (86_399, 86_398), (86_400, 86_399)] {
        stage::patch_pool(&world, |pool| {
            (pool.instant_used, pool.instant_used_at) = (86_399, now - seconds);
        });
        expect_capped(&world, back + 1);
        if back > 0 {
            an_exit_spends(&mut world, back, 86_399);
        }
    }
    // A clock that goes back gives nothing back.
    stage::patch_pool(&world, |pool| (pool.instant_used, pool.instant_used_at) = (86_399, now + 1_000));
    expect_capped(&world, 1);
}

/// By the cluster's clock, which moves 45 minutes in a slot of these worlds.
#[test]
fn a_day_later_as_much_may_be_taken_again() {
    let mut world = capped(10 * SOL);
    an_exit_spends(&mut world, 10 * SOL, 10 * SOL);
    let start = world.chain.clock().unix_timestamp;
    loop {
        let passed = u64::try_from(world.chain.clock().unix_timestamp - start).unwrap();
        let back = (10 * SOL / 86_400 * passed).min(10 * SOL);
        let pool = world.pool();
        let used = pool.instant_cap().used_at(world.chain.clock().unix_timestamp).0;
        assert!(used.abs_diff(10 * SOL - back) <= 86_400, "{used} used, {back} came back");
        if passed >= 86_400 {
            break;
        }
        expect_capped(&world, 10 * SOL - used + 1);
        stage::slots(&mut world, 1);
    }
    an_exit_spends(&mut world, 10 * SOL, 10 * SOL);
}

/// What counts is what is paid: the fee stays in the pool.
#[test]
fn the_cap_counts_what_is_paid_and_not_the_fee() {
    let cap = 20 * SOL;
    let config = stage::all_fees().with_parameters(|p| p.settings.instant_cap_lamports_per_day = cap);
    let mut world = stage::funded(config);
    // The most LST for which no more than the cap is paid.
    let (mut low, mut high) = (cap, 2 * cap);
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        match quote(&world, middle).unwrap().net.0 <= cap {
            true => low = middle,
            false => high = middle,
        }
    }
    assert_eq!(quote(&world, low).unwrap().net.0, cap);
    let least_above = (low..).find(|lst| quote(&world, *lst).unwrap().net.0 > cap).unwrap();
    expect_capped(&world, least_above);
    world.liquid_unstake("ana", low).unwrap();
    assert_eq!(world.pool().instant_used, cap);
}

#[test]
fn without_a_cap_nothing_is_counted_and_everything_may_be_taken() {
    let mut world = capped(0);
    let sol = world.liquidity().sol_lamports;
    world.liquid_unstake("ana", sol).unwrap();
    assert_eq!((world.pool().instant_used, world.pool().instant_used_at), (0, 0));
    // A cap below what is used already, as the admin may set it, is used up; a day later it is whole.
    world.add_liquidity("bob", 10 * SOL).unwrap();
    stage::slots(&mut world, 1);
    let now = world.chain.clock().unix_timestamp;
    stage::patch_pool(&world, |pool| {
        (pool.instant_cap_per_day, pool.instant_used, pool.instant_used_at) = (SOL, 5 * SOL, now);
    });
    expect_capped(&world, 1);
    stage::patch_pool(&world, |pool| pool.instant_used_at = now - 43_200);
    expect_capped(&world, SOL / 2 + 1);
    stage::patch_pool(&world, |pool| pool.instant_used_at = now - 86_400);
    an_exit_spends(&mut world, SOL, SOL);
}

/// Who deposits brings back to the liquidity pool what instant exits have taken from it.
#[test]
fn a_depositor_gives_instant_exits_their_cap_back() {
    let mut world = capped(10 * SOL);
    an_exit_spends(&mut world, 9 * SOL, 9 * SOL);
    world.deposit("bob", 4 * SOL).unwrap();
    assert_eq!(world.pool().instant_used, 5 * SOL);
    expect_capped(&world, 5 * SOL + 1);
    an_exit_spends(&mut world, 5 * SOL, 10 * SOL);
    // No more than was used comes back.
    world.deposit("bob", 20 * SOL).unwrap();
    assert_eq!(world.pool().instant_used, 0);
    expect_capped(&world, 10 * SOL + 1);
    // SOL that was added in this very slot pays no exit.
    let before = world.liquidity().sol_lamports;
    world.add_liquidity("bob", 500 * SOL).unwrap();
    let cap = |world: &World| stage::patch_pool(world, |pool| pool.instant_cap_per_day = 0);
    cap(&world);
    let ana = world.user("ana").wallet;
    let too_much = world.wish_liquid("ana", before + 1, 0);
    world.expect_refusal(&too_much, &[&ana], TidepoolError::InsufficientLiquidity);
    world.liquid_unstake("ana", before).unwrap();
    stage::slots(&mut world, 1);
    world.liquid_unstake("ana", 10 * SOL).unwrap();
}
