//! The liquidity pool.

use {
    crate::stage::{self, Wishes},
    tidepool_tests::prelude::*,
};

/// What somebody owns, in lamports at the rates of now: SOL, LST, his tickets, and his part of the liquidity pool.
fn wealth(world: &World, name: &str) -> u64 {
    let (rate, books, queue) = (world.rate(), world.liquidity_books(), world.pool().queue());
    let lp = Rate { value: books.value_floor(&rate).unwrap(), supply: books.lp_supply };
    let owner = world.user(name).wallet.pubkey();
    let his = world.tickets.iter().filter(|ticket| ticket.owner == owner);
    let tickets = his.filter_map(|ticket| queue.worth(world.ticket(ticket)?.unpaid_units()).ok());
    world.sol_of(name)
        + rate.lamports_floor(Shares(world.lst_of(name))).unwrap().0
        + lp.lamports_floor(Shares(world.lp_of(name))).unwrap().0
        + tickets.map(|lamports| lamports.0).sum::<u64>()
}

type Step = fn(&mut World);

/// What ana can do between an entry into the liquidity pool and her exit, all in one slot.
const STEPS: [(&str, Step); 12] = [
    ("an addition", |world| drop(world.add_liquidity("ana", 333 * SOL).unwrap())),
    ("a removal", |world| {
        let lp = world.lp_of("ana");
        world.remove_liquidity("ana", lp / 2).unwrap();
    }),
    // Refused if the SOL it would be paid from came in this slot.
    ("an instant exit", |world| drop(world.liquid_unstake("ana", 100 * SOL))),
    ("an instant exit of nearly all", |world| {
        let most = world.liquidity().sol_lamports.min(world.lst_of("ana")) / 2;
        drop(world.liquid_unstake("ana", most));
    }),
    ("a deposit that buys", |world| drop(world.deposit("ana", 20 * SOL).unwrap())),
    ("a deposit that buys all and mints", |world| drop(world.deposit("ana", 1_000 * SOL).unwrap())),
    ("an order", |world| drop(world.send_order("ana", 100 * SOL).unwrap())),
    ("an order and its cancellation", |world| {
        let ticket = world.order_unstake("ana", 50 * SOL).unwrap();
        world.cancel(&ticket).unwrap();
    }),
    ("a recycling", |world| drop(world.recycle().unwrap())),
    ("a sync", |world| drop(world.sync().unwrap())),
    ("a gift to the vault", |world| {
        let (ana, vault) = (world.user("ana").wallet, world.keys.sol_vault);
        let gift = solana_system_interface::instruction::transfer(&ana.pubkey(), &vault, 10 * SOL);
        world.send(&[gift], &[&ana]).unwrap();
        world.sync().unwrap();
    }),
    ("a gift of shares to nobody", |world| {
        let ana = world.user("ana");
        let lp = world.lp_of("ana") / 10;
        world.chain.burn(&ana.lp, &ana.wallet, lp).unwrap();
        world.sync().unwrap();
    }),
];

/// UNS Sec3 2023-07: shares were minted while the vault was short; almost all liquidity could be stolen. No instruction
/// leaves the vault short, and no two steps between an entry and an exit pay who does all of it himself.
#[test]
fn no_sandwich_of_entry_and_exit_pays() {
    for (first, one) in STEPS {
        for (second, other) in STEPS {
            // Each worth is rounded down: so little may come back that was not there on paper.
            const ROUNDING: u64 = 4;
            let mut world = stage::earning();
            world.to_move_window();
            let (before, others) = (wealth(&world, "ana"), wealth(&world, "bob"));
            world.add_liquidity("ana", 1_000 * SOL).unwrap();
            one(&mut world);
            other(&mut world);
            let lp = world.lp_of("ana");
            world.remove_liquidity("ana", lp).unwrap();
            let after = wealth(&world, "ana");
            assert!(after <= before + ROUNDING, "{first}, {second}: {before} before, {after} after");
            let bobs = wealth(&world, "bob");
            assert!(bobs + ROUNDING >= others, "{first}, {second}: {others} before, {bobs} after");
        }
    }
}

/// INF docs/risks.md, "LP time arb": providers entered for a moment and took the gain of an epoch. Here a gain is streamed:
/// whoever enters in front of an update and leaves behind it gets nothing of it.
#[test]
fn nobody_enters_for_a_moment_to_take_the_gain_of_an_epoch() {
    let mut world = stage::staked_from(stage::selling(100 * SOL));
    world.add_user("eve", 5_000 * SOL).unwrap();
    world.cross_epoch();
    world.add_liquidity("eve", 2_000 * SOL).unwrap();
    let withheld = world.pool().withheld;
    world.update_all().unwrap();
    world.sync().unwrap();
    assert!(world.pool().withheld > withheld, "an epoch has gained");
    let lp = world.lp_of("eve");
    world.remove_liquidity("eve", lp).unwrap();
    assert!(wealth(&world, "eve") <= 5_000 * SOL, "{}", wealth(&world, "eve"));
}

/// The same, of who enters behind it and waits until all of it is released: he has paid for what flows to him.
#[test]
fn who_enters_behind_an_update_pays_for_what_will_flow_to_him() {
    let mut world = stage::staked_from(stage::selling(100 * SOL));
    world.add_user("eve", 5_000 * SOL).unwrap();
    world.cross_epoch();
    world.update_all().unwrap();
    world.sync().unwrap();
    world.add_liquidity("eve", 2_000 * SOL).unwrap();
    assert!(wealth(&world, "eve") < 5_000 * SOL);
    stage::slots(&mut world, stage::SLOTS);
    assert_eq!(world.pool().stream().due(world.chain.slot()).0, world.pool().withheld);
    let lp = world.lp_of("eve");
    world.remove_liquidity("eve", lp).unwrap();
    assert!(wealth(&world, "eve") <= 5_000 * SOL, "{}", wealth(&world, "eve"));
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
    stage::slots(&mut world, 1);
    world.liquid_unstake("ana", 1).unwrap();
    world.add_liquidity("bob", 100 * SOL).unwrap();
    stage::slots(&mut world, 1);
    world.liquid_unstake("ana", 100 * SOL).unwrap();
    let lp = world.lp_of("bob");
    world.remove_liquidity("bob", lp).unwrap();
}

/// `UNS#46`, `UNS#57`: a pool that had run dry. One of LST alone says so to who wants SOL; it takes SOL, sells its LST and
/// gives providers what is theirs.
#[test]
fn a_liquidity_pool_that_ran_dry_does_all_it_can() {
    let dry = || {
        let mut world = stage::earning();
        let sol = world.liquidity().sol_lamports;
        stage::patch_pool(&world, |pool| (pool.fees.liquid_min, pool.fees.liquid_max) = (0, 0));
        let exact = world.rate().shares_ceil(Lamports(sol)).unwrap().0;
        let worth = world.rate().lamports_floor(Shares(exact)).unwrap().0;
        // The last lamport may not be reachable in units of LST; what stays pays nobody either.
        let lst = if worth > sol { exact - 1 } else { exact };
        world.liquid_unstake("ana", lst).unwrap();
        assert!(world.liquidity().sol_lamports <= 1);
        world
    };

    let mut world = dry();
    let ana = world.user("ana").wallet;
    world.expect_refusal(&world.wish_liquid("ana", SOL, 0), &[&ana], TidepoolError::InsufficientLiquidity);
    // A provider gets LST alone.
    let (sol, lp) = (world.sol_of("ana"), world.lp_of("ana"));
    let removed = &told::<events::LiquidityRemoved>(&world.remove_liquidity("ana", lp).unwrap())[0];
    assert!(removed.lst_amount > 0 && world.sol_of("ana") - sol <= 1);

    // SOL comes by an addition, which pays for the LST that is there.
    let mut world = dry();
    let bobs = wealth(&world, "bob");
    world.add_liquidity("ana", 10 * SOL).unwrap();
    stage::slots(&mut world, 1);
    world.liquid_unstake("ana", 5 * SOL).unwrap();
    assert!(wealth(&world, "bob") >= bobs);

    // Or by a deposit, which buys all of it.
    let mut world = dry();
    let (bobs, for_sale) = (wealth(&world, "bob"), world.liquidity().lst_amount);
    let deposited = &told::<events::Deposited>(&world.deposit("ana", 1_000 * SOL).unwrap())[0];
    assert_eq!(deposited.lst_bought, for_sale);
    let books = world.liquidity();
    assert_eq!(books.lst_amount, 0);
    assert!(books.sol_lamports >= deposited.lamports_to_liquidity);
    assert!(wealth(&world, "bob") >= bobs);
}

/// The same taken to its end: all LST but the shares that nobody can redeem lies in the vault. It can be recycled, and
/// the pool begins again.
#[test]
fn the_whole_supply_may_lie_in_the_vault() {
    let mut world = stage::funded(WorldConfig::default().without_fees());
    world.add_liquidity("bob", 600 * SOL - MIN_INITIAL_DEPOSIT.0).unwrap(); // the target is 1,000
    stage::slots(&mut world, 1);
    for name in ["ana", "bob"] {
        let lst = world.lst_of(name);
        world.liquid_unstake(name, lst).unwrap();
    }
    let (books, pool, rate) = (world.liquidity(), world.pool(), world.rate());
    assert_eq!(books.lst_amount, pool.lst_supply - MIN_INITIAL_DEPOSIT.0);
    let ana = world.user("ana").wallet;
    world.expect_refusal(&world.wish_liquid("ana", 1, 0), &[&ana], TidepoolError::InsufficientBalance);

    world.to_move_window();
    world.recycle().unwrap();
    assert_eq!(world.liquidity().lst_amount, 0);
    assert_eq!(world.pool().lst_supply, MIN_INITIAL_DEPOSIT.0);
    assert_eq!(world.rate(), rate);
    world.deposit("ana", 10 * SOL).unwrap();
    assert_eq!(world.lst_of("ana"), 10 * SOL);
    world.run_epoch_and_recycle().unwrap();
    world.run_epoch_and_recycle().unwrap();
    let now = world.liquidity();
    assert_eq!((now.ticket_units, now.sol_lamports), (0, books.sol_lamports + books.lst_amount));
    world.liquid_unstake("ana", 10 * SOL).unwrap();
}

/// `UNS#44` once more: the stored number of shares did not follow the mint. Shares that their holders burn are a gift to
/// the holders of the LST; what the other shares are worth does not change, whoever is left.
#[test]
fn burned_liquidity_shares_change_nothing_for_the_others() {
    let mut world = stage::earning();
    world.sync().unwrap();
    let per_share = |world: &World| {
        let books = world.liquidity_books();
        Rate { value: books.value_floor(&world.rate()).unwrap(), supply: books.lp_supply }
    };
    for name in ["ana", "bob"] {
        let (before, bobs) = (per_share(&world), wealth(&world, "bob"));
        let (user, lp) = (world.user(name), world.lp_of(name));
        world.chain.burn(&user.lp, &user.wallet, lp).unwrap();
        assert_eq!(per_share(&world), before, "before a sync");
        assert_eq!(told::<events::PoolSynced>(&world.sync().unwrap())[0].lp_burned, lp);
        // Neither less, but for a lamport of rounding, nor more than what was rounded down for the burned ones.
        let after = per_share(&world);
        let expected = before.lamports_floor(after.supply).unwrap().0;
        assert!(after.value.0 + 1 >= expected && after.value.0 <= expected + 4, "{after:?}, not {expected}");
        if name == "ana" {
            assert!(wealth(&world, "bob").abs_diff(bobs) <= 4);
        }
    }
    // Only shares that nobody can redeem are left: who comes next pays their price, and gets it back.
    assert_eq!(world.liquidity().lp_supply, MIN_INITIAL_DEPOSIT.0);
    let before = wealth(&world, "ana");
    world.add_liquidity("ana", 100 * SOL).unwrap();
    let lp = world.lp_of("ana");
    world.remove_liquidity("ana", lp).unwrap();
    let after = wealth(&world, "ana");
    assert!(after <= before && before - after < SOL / 10, "{before} before, {after} after");
}

/// inf-1.5 docs/v2/NOTES.md: a pool that held its own LST counted it as backing and could mint without bound. Here the
/// vault's LST is no asset of the pool, deposits buy it instead of minting, and providers count it at the rate, once.
#[test]
fn going_round_through_the_vault_mints_nothing() {
    let mut world = stage::earning();
    let before = wealth(&world, "ana");
    world.deposit("ana", 300 * SOL).unwrap();
    let (supply, value) = (world.pool().lst_supply, world.pool().value_floor);
    for _ in 0..20 {
        world.liquid_unstake("ana", 100 * SOL).unwrap();
        let for_sale = world.liquidity().lst_amount;
        let price = world.entry_rate().lamports_ceil(Shares(for_sale)).unwrap().0;
        world.deposit("ana", price).unwrap();
        assert_eq!(world.liquidity().lst_amount, 0);
        let books = world.liquidity_books();
        assert_eq!(books.value_floor(&world.rate()).unwrap(), books.sol);
    }
    assert_eq!((world.pool().lst_supply, world.pool().value_floor), (supply, value));
    assert!(wealth(&world, "ana") < before, "the others' fees");
}

/// datamaks.xyz, msol-unwind: exits cost 27 bps on average and 70 and more under stress, because liquidity was short and its
/// capital stuck as LST. Here keepers bring all of it back within two epochs, whenever it was drained.
#[test]
fn a_drained_liquidity_pool_is_back_at_its_target_within_two_epochs() {
    const TARGET: u64 = 300 * SOL;
    let at_the_start: Step = |_| ();
    let in_the_last_slot: Step = |world| {
        world.work_the_window().unwrap();
        let end = world.chain.first_slot(world.chain.epoch() + 1) - 1;
        world.advance(|chain| chain.jump_to(end));
    };
    for (epochs, when) in [(1, at_the_start), (2, in_the_last_slot)] {
        let config =
            WorldConfig::default().with_parameters(|p| p.settings.liquidity_target_lamports = TARGET);
        let mut world = stage::young(config);
        world.deposit("ana", 5_000 * SOL).unwrap();
        world.add_liquidity("bob", TARGET).unwrap();
        for _ in 0..2 {
            world.run_epoch_and_recycle().unwrap();
        }
        let full = world.liquidity().sol_lamports;
        assert!(full >= TARGET);
        when(&mut world);
        let lst = world.rate().shares_floor(Lamports(full)).unwrap().0;
        world.liquid_unstake("ana", lst).unwrap();
        assert!(world.liquidity().sol_lamports < TARGET / 100);

        let (epoch, nearly) = (world.chain.epoch(), TARGET - limits::MIN_RECYCLE.0);
        while world.liquidity().sol_lamports < nearly {
            assert!(world.chain.epoch() - epoch < epochs, "{} lamports", world.liquidity().sol_lamports);
            world.run_epoch_and_recycle().unwrap();
        }
        assert_eq!(world.chain.epoch() - epoch, epochs);
    }
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
