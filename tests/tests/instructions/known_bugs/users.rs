//! What a user is charged, and whose failure may stand in his way.

use {
    crate::stage::{self, Wishes},
    tidepool_tests::prelude::*,
};

/// INF ND-I1, OS-SCT-ADV-04: fees could be changed under a pending transaction, which had no minimum. Every instruction of a
/// user that has a price has one, and it binds what he really gets. (Of stake: beside those instructions.)
#[test]
fn every_price_has_a_minimum_that_binds() {
    type Wish = fn(&World, &OpenTicket, u64) -> Instruction;
    type Got = fn(&World, &OpenTicket) -> u64;
    let prices: [(&str, Wish, Got); 7] = [
        (
            "deposit",
            |world, _, min| world.wish_deposit("ana", 100 * SOL, min),
            |world, _| world.lst_of("ana"),
        ),
        (
            "cancel_ticket",
            |world, ticket, min| world.wish_cancel(ticket, &world.user("ana").lst, min),
            |world, _| world.lst_of("ana"),
        ),
        (
            "liquid_unstake",
            |world, _, min| world.wish_liquid("ana", SOL, min),
            |world, _| world.sol_of("ana"),
        ),
        ("add_liquidity", |world, _, min| world.wish_add("ana", SOL, min), |world, _| world.lp_of("ana")),
        (
            "remove_liquidity, in SOL",
            |world, _, min| world.wish_remove("ana", SOL, min, 0),
            |world, _| world.sol_of("ana"),
        ),
        (
            "remove_liquidity, in LST",
            |world, _, min| world.wish_remove("ana", SOL, 0, min),
            |world, _| world.lst_of("ana"),
        ),
        (
            "order_unstake",
            |world, _, min| world.wish_order("ana", SOL, min),
            |world, _| {
                let owner = world.user("ana").wallet.pubkey();
                let key = pda::ticket(&world.keys.pool, &owner, stage::NONCE).0;
                let ticket = OpenTicket { key, owner, rent_payer: owner };
                world.ticket(&ticket).map_or(0, |ticket| ticket.lamports)
            },
        ),
    ];
    for (name, wish, got) in prices {
        let ready = || {
            let mut world = stage::earning();
            let ticket = world.order_unstake("ana", 10 * SOL).unwrap();
            (world, ticket)
        };
        let (world, ticket) = ready();
        let ana = world.user("ana").wallet;
        let before = got(&world, &ticket);
        world.chain.send(&[wish(&world, &ticket, 0)], &[world.chain.faucet(), &ana]).unwrap();
        let net = got(&world, &ticket) - before;
        assert!(net > 0, "{name} gave nothing");

        let (world, ticket) = ready();
        for above in [net + 1, u64::MAX] {
            let wish = wish(&world, &ticket, above);
            world.expect_refusal(&wish, &[&ana], TidepoolError::BelowMinimumOut);
        }
        world.chain.send(&[wish(&world, &ticket, net)], &[world.chain.faucet(), &ana]).unwrap();
    }
}

/// `spl#2180`: the fee account paid a fee to itself when it withdrew, so it never came to an end. Here the fee of its last
/// exit but one is a single unit, which can be given away like any token.
#[test]
fn the_treasury_can_leave_to_its_last_unit() {
    let mut world = stage::staked();
    let (keys, owner) = (world.keys, world.chain.keypair("treasury"));
    world.chain.airdrop(&owner.pubkey(), SOL).unwrap();
    world.sync().unwrap();
    let balance = |world: &World| world.chain.token_balance(&keys.treasury);
    assert!(balance(&world) > SOL);
    let mut exits = 0;
    while balance(&world) > 1 {
        let payer = world.chain.faucet().pubkey();
        let order = keys.order_unstake(&owner.pubkey(), &payer, &keys.treasury, balance(&world), 0, exits);
        let key = pda::ticket(&keys.pool, &owner.pubkey(), exits).0;
        world.tickets.push(OpenTicket { key, owner: owner.pubkey(), rent_payer: payer });
        world.send(&[order], &[&owner]).unwrap();
        assert_eq!(balance(&world), 0);
        world.sync().unwrap();
        exits += 1;
    }
    assert!((2..8).contains(&exits), "{exits} exits");
    assert_eq!(balance(&world), 1);
    let bob = world.user("bob").lst;
    world.chain.transfer_tokens(&keys.treasury, &bob, &owner, 1).unwrap();
    world.sync().unwrap();
    assert_eq!(balance(&world), 0);
}

/// lidofinance/solido#34: the only way out split stake, and when the network changed what a split needs, $24 M could not
/// leave. Here no way out in SOL makes any call to the stake program.
#[test]
fn no_exit_in_sol_calls_the_stake_program() {
    let (mut world, first, tickets) = stage::queueing(&[50 * SOL, 30 * SOL, 20 * SOL]);
    let bob = world.user("bob").wallet.pubkey();
    let lp = world.lp_of("ana") / 2;
    let order = world.send_order("ana", SOL).unwrap();
    let liquid = world.liquid_unstake("ana", SOL).unwrap();
    let removal = world.remove_liquidity("ana", lp).unwrap();
    let deposit = world.deposit("bob", 400 * SOL).unwrap();
    let cancellation = world.cancel(&tickets[0]).unwrap();
    let transfer = world.wish_transfer(&tickets[1], &bob);
    let transfer = world.send(&[transfer], &[&world.user("ana").wallet]).unwrap();
    world.cross_epoch();
    let exits = [
        ("order", order),
        ("liquid unstake", liquid),
        ("removal of liquidity", removal),
        ("deposit", deposit),
        ("cancellation", cancellation),
        ("transfer", transfer),
        ("claim", world.claim(&first).unwrap()),
    ];
    for (name, outcome) in &exits {
        let programs: Vec<String> =
            outcome.calls().into_iter().map(|call| call.program.to_string()).collect();
        assert!(programs.contains(&tidepool_interface::ID.to_string()), "{name}: {programs:?}");
        assert!(!programs.contains(&cluster::STAKE_PROGRAM.to_string()), "{name}: {programs:?}");
    }
}

/// INF Sec3 P1-I-08: the inverse of a fee of 100 % on nothing was all there is. At the hard limits of all fees nothing, one
/// unit and everything there could be give a result or a named refusal.
#[test]
fn at_the_highest_fees_the_ends_of_all_amounts_are_priced_or_refused_by_name() {
    let config = WorldConfig::default().with_parameters(|p| {
        p.fees.reward = limits::MAX_REWARD_FEE.0;
        p.fees.deposit = limits::MAX_DEPOSIT_FEE.0;
        p.fees.ticket = limits::MAX_TICKET_FEE.0;
        p.fees.stake_withdrawal = limits::MAX_STAKE_WITHDRAWAL_FEE.0;
        (p.fees.liquid_min, p.fees.liquid_max) = (limits::MAX_LIQUID_FEE.0, limits::MAX_LIQUID_FEE.0);
        p.fees.liquid_treasury_share = limits::MAX_TREASURY_SHARE.0;
        p.fees.warmup = limits::MAX_WARMUP.0;
        p.fees.referral_share = limits::MAX_REFERRAL_SHARE.0;
    });
    let mut world = stage::funded(config);
    stage::gift(&mut world, 123_456_789_123);
    world.liquid_unstake("bob", 50 * SOL).unwrap();
    let ana = world.user("ana").wallet;
    for amount in [0, 1, 2, u64::MAX - 1, u64::MAX] {
        let wishes = [
            world.wish_deposit("ana", amount, 0),
            world.wish_order("ana", amount, 0),
            world.wish_liquid("ana", amount, 0),
            world.wish_add("ana", amount, 0),
            world.wish_remove("ana", amount, 0, 0),
        ];
        for wish in wishes {
            let refusal = match amount {
                0 => Some(TidepoolError::ZeroAmount),
                _ => None,
            };
            let sent = world.chain.send(std::slice::from_ref(&wish), &[world.chain.faucet(), &ana]);
            match (sent, refusal) {
                (Ok(_), None) => assert!(amount < 3, "{amount} was taken"),
                (Ok(_), Some(refusal)) => panic!("{refusal:?} was expected"),
                (Err(failure), _) => {
                    let code = failure.custom_error_code().unwrap_or_else(|| panic!("{failure}"));
                    assert!(code >= 6_000, "{amount}: {failure}");
                    assert!(refusal.is_none_or(|refusal| code == u32::from(refusal)), "{failure}");
                }
            }
        }
    }
}
