//! Share accounting and inflation.

use {
    crate::stage::{self, Wishes},
    solana_system_interface::instruction::transfer,
    tidepool_localnet::derive_keypair,
    tidepool_tests::prelude::*,
};

/// `spl#2636`: lamports that lay in the reserve when the pool was made belonged to the first depositor.
#[test]
fn the_first_depositor_gets_nothing_of_what_lay_in_the_reserve() {
    let mint = derive_keypair(WorldConfig::default().chain.seed, "lst mint").pubkey();
    let reserve = pda::reserve(&pda::pool(&mint).0).0;
    let config = WorldConfig::default().without_fees().with_chain(|chain| {
        chain.accounts.push((reserve, Account { lamports: 50 * SOL, ..Account::default() }))
    });
    let mut world = World::start(config).unwrap().with_user("ana", 10 * SOL).unwrap();
    assert_eq!(world.keys.reserve, reserve);

    world.deposit("ana", SOL).unwrap();
    assert_eq!(world.lst_of("ana"), SOL);
    let ticket = world.order_unstake("ana", SOL / 2).unwrap();
    assert_eq!(world.ticket(&ticket).unwrap().lamports, SOL / 2);
    // Found, it is streamed to those who are there by then.
    world.sync().unwrap();
    assert_eq!(world.pool().withheld, 50 * SOL);
    let ticket = world.order_unstake("ana", SOL / 2).unwrap();
    assert_eq!(world.ticket(&ticket).unwrap().lamports, SOL / 2);
}

/// `spl#1934`: lamports sent to an account of the pool moved the price at once.
#[test]
fn a_gift_in_front_of_a_deposit_changes_nothing_for_it() {
    let without_gift = {
        let mut world = stage::staked();
        let before = world.lst_of("ana");
        world.deposit("ana", 100 * SOL).unwrap();
        world.lst_of("ana") - before
    };
    let all: [fn(&World) -> Pubkey; 7] = [
        |world| world.keys.reserve,
        |world| world.keys.insurance,
        |world| world.keys.sol_vault,
        |world| world.keys.pool,
        |world| world.validators[0].stake(StakeRole::Main),
        |world| world.validators[0].stake(StakeRole::Onramp),
        |world| world.validators[0].stake(StakeRole::Offramp),
    ];
    for account in all {
        let mut world = stage::staked();
        let (account, before, rate) = (account(&world), world.lst_of("ana"), world.rate());
        let faucet = world.chain.faucet().pubkey();
        let both = [transfer(&faucet, &account, 100 * SOL), world.wish_deposit("ana", 100 * SOL, 0)];
        world.ledger.gifts += 100 * SOL;
        world.send(&both, &[&world.user("ana").wallet]).unwrap();
        assert_eq!(world.lst_of("ana") - before, without_gift);

        // Nor is it in the rate of this slot once it is found.
        world.update([0]).unwrap();
        world.sync().unwrap();
        let (was, is) =
            (rate.lamports_floor(Shares(SOL)).unwrap(), world.rate().lamports_floor(Shares(SOL)).unwrap());
        assert!(is.0 - was.0 <= 1, "{was} before, {is} after");
    }
}

/// single-pool#601: lamports that were not swept yet were outside the price, so a deposit before a sweep had more of them
/// than it paid for. Here nobody has them at once, and whoever comes after they were found pays for what will flow to him.
#[test]
fn lamports_that_a_sweep_finds_are_streamed_and_paid_for_by_who_comes_after() {
    let mut world = stage::staked();
    let main = world.validators[0].stake(StakeRole::Main);
    world.give(&main, 20 * SOL).unwrap();
    let rate = world.rate();
    let before = quote_deposit(&world.entry_rate(), Lamports(10 * SOL), Bps(30)).unwrap();
    world.update([0]).unwrap();
    let after = quote_deposit(&world.entry_rate(), Lamports(10 * SOL), Bps(30)).unwrap();
    assert!(
        rate.shares_floor(Lamports(SOL)).unwrap().0 - world.rate().shares_floor(Lamports(SOL)).unwrap().0
            <= 1
    );
    assert!(after.shares < before.shares);
}

/// `spl#2108`: holders burned tokens and the pool never noticed.
#[test]
fn burned_lst_is_noticed_once_and_streamed() {
    let mut world = stage::earning();
    world.sync().unwrap();
    let before = world.pool();
    let burned = before.lst_supply / 10;
    let worth = world.rate().lamports_floor(Shares(burned)).unwrap();
    let rate = world.rate();
    stage::burn(&world, "ana", burned);

    world.sync().unwrap();
    let pool = world.pool();
    assert_eq!(pool.lst_supply, before.lst_supply - burned);
    assert_eq!(pool.lst_supply, world.chain.mint_supply(&world.keys.lst_mint));
    assert_eq!(pool.withheld, before.withheld + worth.0);
    assert!(world.rate() >= rate);
    let sync = world.keys.sync_pool();
    world.expect_change(&sync, &[], |_| {});
    stage::slots(&mut world, 70);
    assert!(world.rate() > rate);
}

/// single-pool#582: money of the pool that was nobody's. Here all value is somebody's from the start, and all shares
/// together, those nobody can redeem included, are never worth more than it.
#[test]
fn all_shares_together_are_never_worth_more_than_the_pool() {
    let mut world = stage::staked();
    world.sync().unwrap();
    let mut holders = vec![world.keys.dead_lst, world.keys.lst_vault, world.keys.treasury];
    holders.extend(world.users().map(|(_, user)| user.lst));
    let all: u64 = holders.iter().map(|key| world.chain.token_balance(key)).sum();
    assert_eq!(all, world.pool().lst_supply);

    for name in ["ana", "bob"] {
        let lp = world.lp_of(name);
        world.remove_liquidity(name, lp).unwrap();
        let lst = world.lst_of(name);
        world.order_unstake(name, lst).unwrap();
    }
    let pool = world.pool();
    let worth = world.rate().lamports_floor(Shares(pool.lst_supply)).unwrap().0;
    assert!(worth <= pool.value_floor + pool.stream().due(world.chain.slot()).0);
    assert_eq!(world.chain.token_balance(&world.keys.dead_lst), MIN_INITIAL_DEPOSIT.0);
    assert!(pool.value_floor >= MIN_INITIAL_DEPOSIT.0);
}

/// Cantina on Solomon Labs: a reward to a pool without shares made every later deposit mint 0 for ever.
#[test]
fn a_gift_before_the_first_deposit_blocks_nothing() {
    let mut world = stage::young(WorldConfig::default().without_fees());
    stage::gift(&mut world, 5_000 * SOL);
    stage::slots(&mut world, 70);
    assert_eq!(world.pool().lst_supply, MIN_INITIAL_DEPOSIT.0);
    // Shares nobody can redeem took the gift: one is worth 50,001 lamports, and deposits still work.
    world.deposit("ana", SOL).unwrap();
    let lst = world.lst_of("ana");
    let ticket = world.order_unstake("ana", lst).unwrap();
    let back = world.ticket(&ticket).unwrap().lamports;
    assert!(back <= SOL && SOL - back < 100_000, "{back}");
}

/// All somebody has, in lamports at the rate of now: his ticket is worth what it was ordered for.
fn wealth(world: &World, name: &str, tickets: &[OpenTicket]) -> u64 {
    let owed: u64 =
        tickets.iter().filter_map(|ticket| world.ticket(ticket)).map(|ticket| ticket.lamports).sum();
    let (sol, lst) = match world.lp_of(name) {
        0 => (Lamports(0), Shares(0)),
        lp => world.liquidity_books().quote_remove(Shares(lp)).unwrap(),
    };
    let lst = world.rate().lamports_floor(Shares(world.lst_of(name) + lst.0)).unwrap();
    world.sol_of(name) + sol.0 + lst.0 + owed
}

/// INF Sec3 P1-I-03, Cantina on Sanctum Sols, H-2: while one part of the value was fresh and the others were stale, one could
/// come, have a stale part refreshed, and leave with the difference. Here what an update finds is streamed: in whatever order
/// validators are updated, and whatever is done around each of them, nobody gains in that slot.
#[test]
fn nobody_gains_by_being_there_for_the_update_of_a_part() {
    type Enter = fn(&mut World) -> Option<OpenTicket>;
    type Leave = fn(&mut World, Option<OpenTicket>) -> Option<OpenTicket>;
    let trips: [(&str, Enter, Leave); 4] = [
        (
            "deposit and order",
            |world| {
                world.deposit("ana", 1_000 * SOL).unwrap();
                None
            },
            |world, _| {
                let all = world.lst_of("ana");
                Some(world.order_unstake("ana", all).unwrap())
            },
        ),
        (
            "liquidity in and out",
            |world| {
                world.add_liquidity("ana", 1_000 * SOL).unwrap();
                None
            },
            |world, _| {
                let all = world.lp_of("ana");
                world.remove_liquidity("ana", all).unwrap();
                None
            },
        ),
        (
            "instant exit and deposit",
            |world| {
                world.liquid_unstake("ana", 100 * SOL).unwrap();
                None
            },
            |world, _| {
                world.deposit("ana", 100 * SOL).unwrap();
                None
            },
        ),
        (
            "order and cancellation",
            |world| Some(world.order_unstake("ana", 100 * SOL).unwrap()),
            |world, ticket| {
                world.cancel(&ticket.unwrap()).unwrap();
                None
            },
        ),
    ];
    for order in [[0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]] {
        for (name, enter, leave) in trips {
            let mut world = stage::staked();
            world.cross_epoch();
            world.update_all().unwrap();
            world.sync().unwrap();
            world.cross_epoch();
            for index in order {
                let before = wealth(&world, "ana", &[]);
                let others = wealth(&world, "bob", &[]);
                let ticket = enter(&mut world);
                world.update([index]).unwrap();
                let ticket = leave(&mut world, ticket);
                let tickets: Vec<OpenTicket> = ticket.into_iter().collect();
                let after = wealth(&world, "ana", &tickets);
                assert!(after <= before + 2, "{name} around validator {index}: {before} became {after}");
                assert!(wealth(&world, "bob", &[]) + 2 >= others, "{name} around validator {index} cost bob");
                if let [ticket] = &tickets[..] {
                    world.cancel(ticket).unwrap(); // ready for the next round
                }
            }
        }
    }
}
