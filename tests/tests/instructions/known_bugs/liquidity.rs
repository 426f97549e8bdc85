//! The liquidity pool.

use {
    crate::stage::{self, Wishes},
    tidepool_tests::prelude::*,
};

/// What somebody owns, in lamports at the rates of now.
fn wealth(world: &World, name: &str) -> u64 {
    let rate = world.rate();
    let liquidity = world.liquidity();
    let (sol, lst) = match world.lp_of(name) {
        0 => (0, 0),
        lp => liquidity.as_math().quote_remove(Shares(lp)).map(|(sol, lst)| (sol.0, lst.0)).unwrap(),
    };
    let lst = rate.lamports_floor(Shares(world.lst_of(name) + lst)).unwrap().0;
    world.sol_of(name) + sol + lst
}

/// UNS Sec3 2023-07: shares were minted while the vault was short; almost all liquidity could be stolen. No instruction
/// leaves the vault short, and nothing between an entry and an exit pays who does all of it himself.
#[test]
fn no_sandwich_of_entry_and_exit_pays() {
    type Step = fn(&mut World);
    let between: [(&str, Step); 6] = [
        ("nothing", |_| ()),
        ("an instant exit", |world| drop(world.liquid_unstake("ana", 100 * SOL).unwrap())),
        ("a deposit", |world| drop(world.deposit("ana", 100 * SOL).unwrap())),
        ("an order", |world| {
            world.order_unstake("ana", 100 * SOL).unwrap();
        }),
        ("a sync", |world| drop(world.sync().unwrap())),
        ("a gift to the vault", |world| {
            let (ana, vault) = (world.user("ana").wallet, world.keys.sol_vault);
            let gift = solana_system_interface::instruction::transfer(&ana.pubkey(), &vault, 10 * SOL);
            world.send(&[gift], &[&ana]).unwrap();
            world.sync().unwrap();
        }),
    ];
    for (what, step) in between {
        // Worth is rounded down, in SOL and in LST: so little may come back that was not there on paper.
        const ROUNDING: u64 = 2;
        let mut world = stage::earning();
        let before = wealth(&world, "ana") + ROUNDING;
        let others = wealth(&world, "bob");
        world.add_liquidity("ana", 1_000 * SOL).unwrap();
        let owed: u64 = {
            step(&mut world);
            world.tickets.iter().filter_map(|ticket| world.ticket(ticket)).map(|ticket| ticket.lamports).sum()
        };
        let lp = world.lp_of("ana");
        world.remove_liquidity("ana", lp).unwrap();
        let after = wealth(&world, "ana") + owed;
        assert!(after <= before, "{what} in between: {before} before, {after} after");
        assert!(wealth(&world, "bob") >= others - 1, "{what} in between");
    }
}

/// `UNS#44`: a gift changed the price of shares, though the stored total could not see it. Here it never does: it is
/// streamed to all holders, once.
#[test]
fn a_gift_to_a_vault_never_changes_the_price_of_liquidity() {
    let mut world = stage::earning();
    let (keys, ana) = (world.keys, world.user("ana"));
    world.sync().unwrap();
    let quote =
        |world: &World| world.liquidity_books().quote_add(&world.entry_rate(), Lamports(SOL)).unwrap();
    let before = quote(&world);
    world.give(&keys.sol_vault, 50 * SOL).unwrap();
    world.chain.transfer_tokens(&ana.lst, &keys.lst_vault, &ana.wallet, 30 * SOL).unwrap();
    assert_eq!(quote(&world), before);
    let minted = told::<events::LiquidityAdded>(&world.add_liquidity("ana", SOL).unwrap())[0].lp_minted;
    assert_eq!(minted, before.0);

    let (books, withheld) = (world.liquidity(), world.pool().withheld);
    let synced = &told::<events::PoolSynced>(&world.sync().unwrap())[0];
    assert_eq!((synced.donated, synced.burned), (50 * SOL, 30 * SOL));
    let again = &told::<events::PoolSynced>(&world.sync().unwrap())[0];
    assert_eq!((again.donated, again.burned), (0, 0));
    let now = world.liquidity();
    assert_eq!((now.sol_lamports, now.lst_amount), (books.sol_lamports, books.lst_amount));
    assert!(world.pool().withheld > withheld + 70 * SOL);
    assert!(quote(&world) < before, "who comes now pays for the part of the gift that flows to the vault");
}

/// `UNS#34`, `UNS#46`, `UNS#57`, `UNS#59`, `UNS#60`: the cases of nothing divided by zero or took money.
#[test]
fn an_empty_liquidity_pool_fills_again() {
    let mut world = stage::funded(WorldConfig::default().without_fees());
    for name in ["ana", "bob"] {
        let lp = world.lp_of(name);
        world.remove_liquidity(name, lp).unwrap();
    }
    assert_eq!(world.liquidity().lp_supply, MIN_INITIAL_DEPOSIT.0, "only shares nobody can redeem");
    // A pool of LST alone.
    let sol = world.liquidity().sol_lamports;
    world.liquid_unstake("ana", sol).unwrap();
    assert_eq!(world.liquidity().sol_lamports, 0);
    let ana = world.user("ana").wallet;
    world.expect_refusal(&world.wish_liquid("ana", SOL, 0), &[&ana], TidepoolError::InsufficientLiquidity);
    world.expect_refusal(&world.wish_remove("ana", 1, 0, 0), &[&ana], TidepoolError::InsufficientBalance);
    // A lamport, then more.
    world.add_liquidity("bob", 1).unwrap();
    assert_eq!(world.lp_of("bob"), 1);
    world.liquid_unstake("ana", 1).unwrap();
    world.add_liquidity("bob", 100 * SOL).unwrap();
    world.liquid_unstake("ana", 100 * SOL).unwrap();
    let lp = world.lp_of("bob");
    world.remove_liquidity("bob", lp).unwrap();
}

/// marinade liquid_unstake.rs: the fee was computed from the liquidity after the trade and charged on all of it, so that
/// parts paid much less than the whole.
#[test]
fn an_exit_in_parts_saves_no_more_than_the_highest_fee_of_its_fee() {
    const WHOLE: u64 = 200 * SOL;
    let paid_in = |parts: u64| {
        let mut world = stage::at_rate(1_370);
        // Fees from a pool without any, so that nothing else is in the way.
        stage::patch(&world, &world.keys.pool, |pool| {
            let fees = tidepool_interface::header::offset::FEES;
            pool.data[fees + 8..fees + 12].copy_from_slice(&[10, 0, 232, 3]); // 10 to 1,000 bps
        });
        let mut fees = 0;
        for _ in 0..parts {
            let outcome = world.liquid_unstake("ana", WHOLE / parts).unwrap();
            fees += told::<events::LiquidUnstaked>(&outcome)[0].fee_lamports;
        }
        fees
    };
    let whole = paid_in(1);
    for parts in [2, 10, 100] {
        let fee = paid_in(parts);
        assert!(fee <= whole + parts, "{fee} in {parts} parts, {whole} at once");
        assert!(fee >= whole - whole / 10 - parts, "{fee} in {parts} parts, {whole} at once");
    }
}
