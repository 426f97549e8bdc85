//! Pools at the edge of their arithmetic: without value, with broken books, with amounts that hardly fit.

use {
    crate::stage::{self, Wishes},
    tidepool_interface::header::offset,
    tidepool_tests::prelude::*,
};

/// Everything was staked with one validator, and is lost. Tickets of ana and bob wait.
fn worthless() -> (World, OpenTicket) {
    let config = WorldConfig::default().without_fees().with_validators(vec![ValidatorConfig::default()]);
    let mut world = stage::young(config);
    world.deposit("ana", 100 * SOL).unwrap();
    world.deposit("bob", 100 * SOL).unwrap();
    world.add_liquidity("bob", 100 * SOL).unwrap();
    world.run_epoch().unwrap();
    let ticket = world.order_unstake("ana", 40 * SOL).unwrap();
    for stake in world.validators[0].stakes {
        let lamports = world.chain.lamports(&stake);
        world.chain.set_account(&stake, &Account::default());
        world.ledger.rewards -= i128::from(lamports);
    }
    let mut batch = Batch::default();
    batch.add(&world.validators[0], &StakeRole::ALL).unwrap();
    let update = world.keys.update_validators(&batch);
    world.send(&[update], &[]).unwrap();
    assert_eq!((world.pool().value_floor, world.pool().ticket_index), (0, 0));
    (world, ticket)
}

#[test]
fn a_pool_that_lost_everything_prices_nothing_and_closes_its_tickets() {
    let (mut world, ticket) = worthless();
    let ana = world.user("ana").wallet;
    let cancel = world.wish_cancel(&ticket, &world.user("ana").lst, 0);
    world.expect_refusal(&cancel, &[&ana], TidepoolError::PoolHasNoValue);
    world.expect_refusal(&world.wish_deposit("ana", SOL, 0), &[&ana], TidepoolError::PoolHasNoValue);
    world.expect_refusal(&world.wish_order("ana", SOL, 0), &[&ana], TidepoolError::AmountTooSmall);
    world.expect_refusal(&world.wish_liquid("ana", SOL, 0), &[&ana], TidepoolError::AmountTooSmall);
    // What the liquidity pool has in SOL is still its providers'.
    world.remove_liquidity("bob", 50 * SOL).unwrap();
    world.sync().unwrap();
    world.cross_epoch();
    world.claim(&ticket).unwrap();
    assert!(world.account(&ticket.key).is_none());
}

#[test]
fn a_pool_that_lost_everything_lives_again_with_a_gift() {
    let (mut world, ticket) = worthless();
    world.cross_epoch();
    world.claim(&ticket).unwrap();
    stage::gift(&mut world, 10 * SOL);
    stage::slots(&mut world, 70);
    world.deposit("ana", SOL).unwrap();
    let lst = world.lst_of("ana");
    world.order_unstake("ana", lst).unwrap();
}

/// No sequence of instructions leads here; the books are broken from outside.
#[test]
fn a_pool_whose_books_do_not_add_up_refuses_to_go_on() {
    let world = stage::minting();
    let ana = world.user("ana").wallet;
    stage::patch(&world, &world.keys.pool, |pool| {
        stage::put_u64(pool, offset::WITHHELD, u64::MAX / 2);
        stage::put_u64(pool, offset::STREAM_AMOUNT, u64::MAX / 2);
        stage::put_u64(pool, offset::STREAM_START_SLOT, u64::MAX - 1);
        stage::put_u64(pool, offset::STREAM_END_SLOT, u64::MAX);
    });
    for instruction in [world.wish_deposit("ana", SOL, 0), world.wish_order("ana", SOL, 0)] {
        world.expect_refusal(&instruction, &[&ana], TidepoolError::BooksBroken);
    }
}

/// stakenet#122, `marinade#97` P-0007: products overflowed in production; panics look like any failed transaction.
///
/// Everybody's books at the end of what 64 bits hold: each instruction gives a result or a named error.
#[test]
fn books_that_hardly_fit_give_a_result_or_a_named_error() {
    for (supply, value) in [
        (u64::MAX, u64::MAX),
        (u64::MAX, 1),
        (1, u64::MAX),
        (u64::MAX, SOL),
        (SOL, u64::MAX),
        (0, u64::MAX),
        (u64::MAX, 0),
        (0, 0),
    ] {
        let mut world = stage::earning();
        let ana = world.user("ana").wallet;
        let (ticket, gap) =
            (world.order_unstake("ana", SOL).unwrap(), world.order_unstake("ana", SOL).unwrap());
        let (bob, lst) = (world.user("bob").wallet.pubkey(), world.user("ana").lst);
        stage::patch(&world, &world.keys.pool, |pool| {
            stage::put_u64(pool, offset::LST_SUPPLY, supply);
            stage::put_u64(pool, offset::VALUE_FLOOR, value);
        });
        let all = [
            world.wish_deposit("ana", SOL, 0),
            world.wish_deposit("ana", u64::MAX, 0),
            world.wish_order("ana", SOL, 0),
            world.wish_liquid("ana", SOL, 0),
            world.wish_add("ana", SOL, 0),
            world.wish_add("ana", u64::MAX, 0),
            world.wish_remove("ana", SOL, 0, 0),
            world.wish_cancel(&gap, &lst, 0),
            world.wish_transfer(&ticket, &bob),
            world.keys.deposit_referred(&ana.pubkey(), &lst, Some(&lst), 100 * SOL, 0),
            world.keys.sync_pool(),
            world.keys.update_validators(&world.batch([0])),
        ];
        for instruction in all {
            // Not through the world: its books are nonsense now.
            let sent = world.chain.send(&[instruction], &[world.chain.faucet(), &ana]);
            let Err(failure) = sent else { continue };
            let code = failure.custom_error_code().unwrap_or_else(|| panic!("no named error: {failure}"));
            let is_named = code >= 6_000 || code == u32::from(OtherProgram::TooFewLamports);
            assert!(is_named, "supply {supply}, value {value}: {failure}");
        }
    }
}

#[test]
fn the_largest_arguments_are_refused_by_name() {
    let world = stage::earning();
    let ana = world.user("ana").wallet;
    const MAX: u64 = u64::MAX;
    let refusals = [
        (world.wish_order("ana", MAX, MAX), TidepoolError::InsufficientBalance),
        (world.wish_liquid("ana", MAX, MAX), TidepoolError::InsufficientBalance),
        (world.wish_remove("ana", MAX, MAX, MAX), TidepoolError::InsufficientBalance),
        (world.wish_deposit("ana", MAX, MAX), TidepoolError::AmountTooLarge),
        (world.wish_deposit("ana", MAX / 2, MAX), TidepoolError::BelowMinimumOut),
        (world.wish_add("ana", MAX, MAX), TidepoolError::BelowMinimumOut),
    ];
    for (instruction, refusal) in refusals {
        world.expect_refusal(&instruction, &[&ana], refusal);
    }
    // Somebody whose account says he holds everything there could be.
    const AMOUNT: usize = 64;
    let user = world.user("ana");
    stage::patch(&world, &user.lst, |account| stage::put_u64(account, AMOUNT, MAX));
    stage::patch(&world, &user.lp, |account| stage::put_u64(account, AMOUNT, MAX));
    for instruction in [
        world.wish_order("ana", MAX, 0),
        world.wish_liquid("ana", MAX, 0),
        world.wish_remove("ana", MAX, 0, 0),
    ] {
        world.expect_refusal(&instruction, &[&ana], TidepoolError::InsufficientBalance);
    }
}

/// A nonce is any number: it only tells an owner's tickets apart.
#[test]
fn the_ends_of_all_nonces_name_tickets() {
    let mut world = stage::earning();
    let (ana, payer) = (world.user("ana"), world.chain.faucet().pubkey());
    for nonce in [u64::MAX, 1 << 63, u64::from(u32::MAX) + 1] {
        let owner = ana.wallet.pubkey();
        let order = world.keys.order_unstake(&owner, &payer, &ana.lst, SOL, 0, nonce);
        let ticket =
            OpenTicket { key: pda::ticket(&world.keys.pool, &owner, nonce).0, owner, rent_payer: payer };
        world.tickets.push(ticket.clone());
        world.send(&[order], &[&ana.wallet]).unwrap();
        world.cancel(&ticket).unwrap();
        assert!(world.account(&ticket.key).is_none());
    }
}

/// Holders may burn nearly all LST there is, in front of anything: what it stood for is the others' by the next sync.
#[test]
fn holders_who_burn_their_lst_stop_nothing() {
    let mut world = stage::earning();
    let first = world.order_unstake("ana", 10 * SOL).unwrap();
    let second = world.order_unstake("ana", 10 * SOL).unwrap();
    let (anas, bobs) = (world.lst_of("ana"), world.lst_of("bob"));
    stage::burn(&world, "ana", anas - 2 * SOL);
    stage::burn(&world, "bob", bobs);
    world.cancel(&second).unwrap();
    world.deposit("bob", 10 * SOL).unwrap();
    world.order_unstake("ana", SOL).unwrap();
    world.liquid_unstake("ana", SOL / 2).unwrap();
    world.cross_epoch();
    world.claim(&first).unwrap();
    world.sync().unwrap();
    let left = world.lst_of("ana");
    let before = world.rate();
    stage::slots(&mut world, 70);
    assert!(world.rate() > before);
    world.order_unstake("ana", left).unwrap();
    world.deposit("bob", SOL).unwrap();
}
