//! Providers of the liquidity that serves instant exits.

use {
    crate::stage::{self, Wishes},
    tidepool_tests::prelude::*,
};

#[test]
fn a_provider_pays_sol_in_and_gets_shares_of_all_there_is() {
    let mut world = stage::earning();
    let (ana, keys, slot) = (world.user("ana"), world.keys, world.chain.slot());
    let lamports = 7_123_456_789;
    let lp = world.liquidity_books().quote_add(&world.entry_rate(), Lamports(lamports)).unwrap().0;
    assert!(lp < lamports, "shares have earned fees");

    let add = world.wish_add("ana", lamports, lp);
    let outcome = world.expect_change(&add, &[&ana.wallet], |expected| {
        expected.releases(slot);
        expected.moves(&ana.wallet.pubkey(), &keys.sol_vault, lamports);
        expected.mints(&keys.lp_mint, &ana.lp, lp);
        expected.liquidity(|liquidity| {
            liquidity.sol_lamports += lamports;
            liquidity.lp_supply += lp;
        });
    });
    outcome.assert_told(&events::LiquidityAdded {
        pool: keys.pool,
        user: ana.wallet.pubkey(),
        lamports,
        lp_minted: lp,
        lp_supply: world.liquidity().lp_supply,
        state: stage::state(&world),
    });
}

#[test]
fn a_provider_gets_his_part_of_both_vaults() {
    let mut world = stage::earning();
    let (ana, keys, slot) = (world.user("ana"), world.keys, world.chain.slot());
    let lp = 31_234_567_891;
    let (lamports, lst) = world.liquidity_books().quote_remove(Shares(lp)).unwrap();
    assert!(lst > Shares(0));

    let remove = world.wish_remove("ana", lp, lamports.0, lst.0);
    let outcome = world.expect_change(&remove, &[&ana.wallet], |expected| {
        expected.releases(slot);
        expected.burns(&keys.lp_mint, &ana.lp, lp);
        expected.moves(&keys.sol_vault, &ana.wallet.pubkey(), lamports.0);
        expected.transfers(&keys.lst_vault, &ana.lst, lst.0);
        expected.liquidity(|liquidity| {
            liquidity.sol_lamports -= lamports.0;
            liquidity.lst_amount -= lst.0;
            liquidity.lp_supply -= lp;
        });
    });
    outcome.assert_told(&events::LiquidityRemoved {
        pool: keys.pool,
        user: ana.wallet.pubkey(),
        lp_burned: lp,
        lamports: lamports.0,
        lst_amount: lst.0,
        lp_supply: world.liquidity().lp_supply,
        state: stage::state(&world),
    });
}

#[test]
fn nothing_is_neither_added_nor_removed() {
    let world = stage::earning();
    let ana = world.user("ana").wallet;
    world.expect_refusal(&world.wish_add("ana", 0, 0), &[&ana], TidepoolError::ZeroAmount);
    world.expect_refusal(&world.wish_remove("ana", 0, 0, 0), &[&ana], TidepoolError::ZeroAmount);
}

#[test]
fn amounts_that_round_to_nothing_are_refused() {
    // A share is worth more than a lamport here.
    let world = stage::earning();
    let ana = world.user("ana").wallet;
    world.expect_refusal(&world.wish_add("ana", 1, 0), &[&ana], TidepoolError::AmountTooSmall);

    // A vault of nearly nothing but LST, of which a share is less than a unit.
    let mut world = stage::funded(WorldConfig::default().without_fees());
    let sol = world.liquidity().sol_lamports;
    world.liquid_unstake("ana", sol / 2).unwrap();
    world.expect_refusal(
        &world.wish_remove("ana", 1, 0, 0),
        &[&world.user("ana").wallet],
        TidepoolError::AmountTooSmall,
    );
}

#[test]
fn more_than_is_owned_is_neither_added_nor_removed() {
    let world = stage::earning();
    let ana = world.user("ana").wallet;
    let add = world.wish_add("ana", world.sol_of("ana") + 1, 0);
    world.expect_refusal(&add, &[&ana], TidepoolError::InsufficientBalance);
    for lp in [world.lp_of("ana") + 1, u64::MAX] {
        let remove = world.wish_remove("ana", lp, 0, 0);
        world.expect_refusal(&remove, &[&ana], TidepoolError::InsufficientBalance);
    }
}

#[test]
fn providers_never_get_less_than_they_accept() {
    let mut world = stage::earning();
    let ana = world.user("ana").wallet;
    let lp = world.liquidity_books().quote_add(&world.entry_rate(), Lamports(SOL)).unwrap().0;
    for too_much in [lp + 1, u64::MAX] {
        let add = world.wish_add("ana", SOL, too_much);
        world.expect_refusal(&add, &[&ana], TidepoolError::BelowMinimumOut);
    }
    let (lamports, lst) = world.liquidity_books().quote_remove(Shares(SOL)).unwrap();
    for (min_lamports, min_lst) in [(lamports.0 + 1, lst.0), (lamports.0, lst.0 + 1), (u64::MAX, u64::MAX)] {
        let remove = world.wish_remove("ana", SOL, min_lamports, min_lst);
        world.expect_refusal(&remove, &[&ana], TidepoolError::BelowMinimumOut);
    }
    let remove = world.wish_remove("ana", SOL, lamports.0, lst.0);
    world.send(&[remove], &[&ana]).unwrap();
}

#[test]
fn nobody_removes_the_liquidity_of_another() {
    let world = stage::earning();
    let (ana, bob) = (world.user("ana"), world.user("bob"));
    let remove = world.wish_remove("ana", SOL, 0, 0);
    for theirs in [bob.lp, world.keys.dead_lp] {
        let remove = remove.clone().with(&ana.lp, &theirs);
        world.expect_refusal(
            &world.wish_remove("ana", SOL / 100, 0, 0).with(&ana.lp, &theirs),
            &[&ana.wallet],
            OtherProgram::NotTheTokenOwner,
        );
        world.expect_failure(&[remove], &[&ana.wallet]);
    }
    let ana = ana.wallet.pubkey();
    world.expect_refusal(&remove.unsigned(&ana), &[], AnchorError::AccountNotSigner);
    let add = world.wish_add("ana", SOL, 0).unsigned(&ana);
    world.expect_refusal(&add, &[], AnchorError::AccountNotSigner);
}
