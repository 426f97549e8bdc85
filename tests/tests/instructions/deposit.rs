//! SOL in, LST out.

use {
    crate::stage::{self, Wishes},
    tidepool_tests::prelude::*,
};

#[test]
fn a_deposit_pays_into_the_reserve_and_mints_at_the_entry_rate_of_this_slot() {
    let mut world = stage::earning();
    let (ana, keys, slot) = (world.user("ana"), world.keys, world.chain.slot());
    let lamports = 7_123_456_789;
    let quote = quote_deposit(&world.entry_rate(), Lamports(lamports), Bps(30)).unwrap();
    assert!(quote.shares.0 < lamports && quote.fee_shares > Shares(0));

    let deposit = world.wish_deposit("ana", lamports, quote.shares.0);
    let outcome = world.expect_change(&deposit, &[&ana.wallet], |expected| {
        expected.releases(slot);
        expected.moves(&ana.wallet.pubkey(), &keys.reserve, lamports);
        expected.mints(&keys.lst_mint, &ana.lst, quote.shares.0);
        expected.pool(|pool| {
            // What it pays for rewards that are found but not released joins them.
            let minted = Shares(quote.shares.0 + quote.fee_shares.0);
            let premium = lamports - pool.rate().lamports_ceil(minted).unwrap().0;
            assert!(premium > 0);
            stage::book_premium(pool, premium, slot);
            pool.reserve_lamports += lamports;
            pool.value_floor += lamports - premium;
            pool.lst_supply += minted.0;
            pool.fee_shares_due += quote.fee_shares.0;
        });
    });
    outcome.assert_told(&events::Deposited {
        pool: keys.pool,
        user: ana.wallet.pubkey(),
        lamports,
        lst_minted: quote.shares.0,
        fee_shares: quote.fee_shares.0,
        state: stage::state(&world),
    });
}

#[test]
fn a_deposit_may_be_for_somebody_else() {
    let mut world = stage::earning();
    let (ana, bob) = (world.user("ana"), world.user("bob"));
    let before = world.lst_of("bob");
    let quote = quote_deposit(&world.entry_rate(), Lamports(SOL), Bps(30)).unwrap();
    let deposit = world.keys.deposit(&ana.wallet.pubkey(), &bob.lst, SOL, 0);
    world.send(&[deposit], &[&ana.wallet]).unwrap();
    assert_eq!(world.lst_of("bob") - before, quote.shares.0);
}

#[test]
fn a_deposit_fills_waiting_tickets_first() {
    let mut world = stage::staked();
    world.order_unstake("bob", 200 * SOL).unwrap();
    let waiting = world.pool().queue().unfilled().unwrap();
    assert!(waiting > Lamports(10 * SOL));

    world.deposit("ana", 10 * SOL).unwrap();
    assert_eq!(world.pool().queue().unfilled().unwrap(), Lamports(waiting.0 - 10 * SOL));
}

#[test]
fn a_deposit_of_nothing_is_refused() {
    let world = stage::earning();
    let deposit = world.wish_deposit("ana", 0, 0);
    world.expect_refusal(&deposit, &[&world.user("ana").wallet], TidepoolError::ZeroAmount);
}

#[test]
fn a_deposit_below_the_minimum_is_refused() {
    let mut world =
        stage::young(WorldConfig::default().with_parameters(|p| p.settings.min_deposit_lamports = 5_000_000));
    let ana = world.user("ana").wallet;
    let below = world.wish_deposit("ana", 4_999_999, 0);
    world.expect_refusal(&below, &[&ana], TidepoolError::BelowMinimumDeposit);
    world.deposit("ana", 5_000_000).unwrap();
}

#[test]
fn a_deposit_that_would_mint_nothing_is_refused() {
    // Worth 0.4 of a share.
    let world = stage::at_rate(2_500);
    let deposit = world.wish_deposit("ana", 1, 0);
    world.expect_refusal(&deposit, &[&world.user("ana").wallet], TidepoolError::AmountTooSmall);

    // The fee takes the only share.
    let world = stage::young(stage::all_fees());
    let deposit = world.wish_deposit("ana", 1, 0);
    world.expect_refusal(&deposit, &[&world.user("ana").wallet], TidepoolError::AmountTooSmall);
}

/// Solana-Audit-Arena#197, #227: the minimum was compared with the amount before fees.
#[test]
fn a_deposit_never_mints_less_than_the_user_accepts() {
    let mut world = stage::earning();
    let ana = world.user("ana").wallet;
    let quote = quote_deposit(&world.entry_rate(), Lamports(SOL), Bps(30)).unwrap();
    for too_much in [quote.shares.0 + 1, u64::MAX] {
        let deposit = world.wish_deposit("ana", SOL, too_much);
        world.expect_refusal(&deposit, &[&ana], TidepoolError::BelowMinimumOut);
    }
    let deposit = world.wish_deposit("ana", SOL, quote.shares.0);
    world.send(&[deposit], &[&ana]).unwrap();
}

#[test]
fn a_deposit_of_more_than_the_wallet_holds_is_refused() {
    let world = stage::earning();
    let ana = world.user("ana").wallet;
    let all = world.sol_of("ana");
    for lamports in [all + 1, u64::MAX / 2] {
        let deposit = world.wish_deposit("ana", lamports, 0);
        world.expect_refusal(&deposit, &[&ana], TidepoolError::InsufficientBalance);
    }
}

#[test]
fn a_deposit_whose_shares_do_not_fit_is_refused() {
    let world = stage::below_one();
    let deposit = world.wish_deposit("ana", u64::MAX, 0);
    world.expect_refusal(&deposit, &[&world.user("ana").wallet], TidepoolError::AmountTooLarge);
}

#[test]
fn nothing_is_minted_while_the_mint_holds_lst_the_pool_did_not_issue() {
    const SUPPLY: usize = 36;
    let mut world = stage::earning();
    let ana = world.user("ana").wallet;
    world.sync().unwrap();
    let (pool, mint) = (world.pool(), world.keys.lst_mint);
    let issued = pool.lst_supply - pool.fee_shares_due;
    assert_eq!(world.chain.mint_supply(&mint), issued);

    stage::patch(&world, &mint, |mint| stage::put_u64(mint, SUPPLY, issued + 1));
    let deposit = world.wish_deposit("ana", SOL, 0);
    world.expect_refusal(&deposit, &[&ana], TidepoolError::MintOutOfStep);

    stage::patch(&world, &mint, |mint| stage::put_u64(mint, SUPPLY, issued));
    world.deposit("ana", SOL).unwrap();
}

#[test]
fn a_deposit_needs_the_signature_of_who_pays() {
    let world = stage::earning();
    let ana = world.user("ana").wallet.pubkey();
    let deposit = world.wish_deposit("ana", SOL, 0).unsigned(&ana);
    world.expect_refusal(&deposit, &[], AnchorError::AccountNotSigner);
}
