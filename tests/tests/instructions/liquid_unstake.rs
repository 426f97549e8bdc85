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
    for lst in [world.lst_of("ana") + 1, u64::MAX] {
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
