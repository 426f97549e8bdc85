//! Providers of the liquidity that serves instant exits.

use {
    crate::stage::{self, Wishes},
    tidepool_interface::header::Function,
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
            (liquidity.add_slot, liquidity.added_lamports) = (slot, lamports);
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
    stage::slots(&mut world, 1); // fees of the slot in which he leaves are not his
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
            liquidity.added_lamports = liquidity.added_lamports.saturating_sub(lamports.0);
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

/// A staked pool whose liquidity pool has recycled its LST: its tickets wait.
fn with_tickets() -> World {
    let mut world = stage::staked_from(stage::selling(100 * SOL));
    world.to_move_window();
    world.recycle().unwrap();
    let books = world.liquidity_books();
    assert!(books.tickets > Lamports(80 * SOL) && books.lst == Shares(0));
    world
}

#[test]
fn a_provider_pays_for_a_part_of_open_tickets() {
    let mut world = with_tickets();
    let before = world.liquidity_books();
    let owned = before.sol.0 + before.tickets.0;
    let told = &told::<events::LiquidityAdded>(&world.add_liquidity("ana", 70 * SOL).unwrap())[0];
    let lp = u128::from(70 * SOL) * u128::from(before.lp_supply.0) / u128::from(owned);
    assert_eq!(u128::from(told.lp_minted), lp);
}

#[test]
fn who_leaves_gets_his_part_of_open_tickets_in_sol() {
    let mut world = with_tickets();
    let before = world.liquidity_books();
    let lp = world.lp_of("bob");
    let told = &told::<events::LiquidityRemoved>(&world.remove_liquidity("bob", lp).unwrap())[0];
    let owned = u128::from(before.sol.0 + before.tickets.0);
    assert_eq!(u128::from(told.lamports), owned * u128::from(lp) / u128::from(before.lp_supply.0));
    assert_eq!(told.lst_amount, 0);
    assert_eq!(world.liquidity_books().tickets, before.tickets);
    // Who stays has what he had: tickets instead of SOL.
    let now = world.liquidity_books();
    let per_share = |books: &math::LiquidityPool| Rate {
        value: books.value_floor(&world.rate()).unwrap(),
        supply: books.lp_supply,
    };
    assert!(per_share(&now) >= per_share(&before));
}

/// He takes all SOL there is; his minimum protects him, and what he leaves is theirs who stay.
#[test]
fn who_leaves_a_vault_that_cannot_pay_for_his_tickets_leaves_the_rest() {
    let mut world = with_tickets();
    let sol = world.liquidity().sol_lamports;
    let net = sol - 5 * SOL;
    world.deposit("ana", 2 * net).unwrap();
    let lst = world.rate().shares_floor(Lamports(net)).unwrap().0;
    world.liquid_unstake("ana", lst).unwrap();
    stage::slots(&mut world, 1);

    let (ana, before) = (world.user("ana"), world.liquidity_books());
    let lp = world.lp_of("ana");
    let part =
        |lamports: u64| (u128::from(lamports) * u128::from(lp) / u128::from(before.lp_supply.0)) as u64;
    let (owned, lst) = (part(before.sol.0 + before.tickets.0), part(before.lst.0));
    assert!(owned > before.sol.0);
    let too_much = world.wish_remove("ana", lp, owned, lst);
    world.expect_refusal(&too_much, &[&ana.wallet], TidepoolError::BelowMinimumOut);
    let remove = world.wish_remove("ana", lp, before.sol.0, lst);
    world.send(&[remove], &[&ana.wallet]).unwrap();
    let now = world.liquidity_books();
    assert_eq!((now.sol, now.tickets), (Lamports(0), before.tickets));
    let rate = world.rate();
    let per_share = |books: &math::LiquidityPool| Rate {
        value: books.value_floor(&rate).unwrap(),
        supply: books.lp_supply,
    };
    assert!(per_share(&now) > per_share(&before));
}

/// A pause stops additions, never what takes SOL out or brings it back.
#[test]
fn a_pause_of_additions_stops_nothing_else() {
    let mut world = with_tickets();
    world.pause(Function::AddLiquidity.bit()).unwrap();
    let ana = world.user("ana").wallet;
    world.expect_refusal(&world.wish_add("ana", SOL, 0), &[&ana], TidepoolError::Paused);
    world.pause(Function::MASK).unwrap();
    world.remove_liquidity("ana", SOL).unwrap();
    stage::slots(&mut world, 1);
    world.run_epoch_and_recycle().unwrap();
    world.resume(Function::AddLiquidity.bit()).unwrap();
    world.add_liquidity("ana", SOL).unwrap();
}

/// A higher target, which makes exits dearer, was announced; the first step of its epoch finds it in force.
#[test]
fn an_announced_target_holds_from_its_epoch_on() {
    let mut world = stage::earning();
    let before = world.liquidity().target_lamports;
    let mut settings = world.settings();
    settings.liquidity_target_lamports = before + SOL;
    world.set_parameters(settings).unwrap();
    world.cross_epoch();
    world.add_liquidity("ana", SOL).unwrap();
    assert_eq!(world.liquidity().target_lamports, before);
    world.cross_epoch();

    let (ana, keys, slot) = (world.user("ana"), world.keys, world.chain.slot());
    let lp = world.liquidity_books().quote_add(&world.entry_rate(), Lamports(SOL)).unwrap().0;
    let add = world.wish_add("ana", SOL, lp);
    world.expect_change(&add, &[&ana.wallet], |expected| {
        expected.releases(slot);
        expected.moves(&ana.wallet.pubkey(), &keys.sol_vault, SOL);
        expected.mints(&keys.lp_mint, &ana.lp, lp);
        expected.liquidity(|liquidity| {
            liquidity.sol_lamports += SOL;
            liquidity.lp_supply += lp;
            (liquidity.add_slot, liquidity.added_lamports) = (slot, SOL);
            liquidity.target_lamports = before + SOL;
            (liquidity.pending_target_lamports, liquidity.pending_target_epoch) = (0, 0);
        });
    });
}
