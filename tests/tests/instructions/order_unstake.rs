//! LST in, a ticket out.

use {
    crate::stage::{self, Wishes, NONCE},
    tidepool_client::{Ticket, TicketKind},
    tidepool_tests::prelude::*,
};

fn ticket_of(world: &World, name: &str) -> OpenTicket {
    let owner = world.user(name).wallet.pubkey();
    let key = pda::ticket(&world.keys.pool, &owner, NONCE).0;
    OpenTicket { key, owner, rent_payer: world.chain.faucet().pubkey() }
}

/// The order's effect, whatever the queue makes of it.
fn an_order_does_what_its_quote_says(mut world: World, lst: u64) {
    let (ana, keys, slot) = (world.user("ana"), world.keys, world.chain.slot());
    let quote = quote_order(&world.rate(), Shares(lst), Bps(20)).unwrap();
    let (before, ticket) = (world.pool(), ticket_of(&world, "ana"));
    let mut queue = before.queue();
    let range = queue.order(quote.lamports).unwrap();
    queue.fill(Lamports(before.reserve_lamports)).unwrap();
    let rent = world.chain.rent().minimum_balance(Ticket::SPACE);

    world.tickets.push(ticket.clone());
    let order = world.wish_order("ana", lst, quote.lamports.0);
    let outcome = world.expect_change(&order, &[&ana.wallet], |expected| {
        expected.releases(slot);
        expected.burns(&keys.lst_mint, &ana.lst, lst);
        expected.pool(|pool| {
            pool.lst_supply -= lst - quote.fee_shares.0;
            pool.fee_shares_due += quote.fee_shares.0;
            pool.value_floor -= quote.lamports.0;
            pool.tickets_ordered += 1;
            (pool.order_slot, pool.ticket_total_before) = (slot, pool.ticket_total);
            pool.ticket_cancelled_before = pool.ticket_cancelled;
            pool.set_queue(&queue);
        });
        expected.pays(&ticket.rent_payer, rent);
        expected.ticket(
            &ticket.key,
            rent,
            &Ticket {
                pool: keys.pool,
                owner: ticket.owner,
                rent_payer: ticket.rent_payer,
                index: before.tickets_ordered,
                queue_start: range.start,
                units: range.units,
                paid_units: 0,
                lamports: quote.lamports.0,
                lst_amount: lst,
                created_epoch: world_epoch(slot),
                kind: TicketKind::Order,
            },
        );
    });
    outcome.assert_told(&events::UnstakeOrdered {
        pool: keys.pool,
        ticket: ticket.key,
        owner: ticket.owner,
        index: before.tickets_ordered,
        lst_burned: lst,
        fee_shares: quote.fee_shares.0,
        lamports: quote.lamports.0,
        claimable_epoch: world.chain.epoch() + 1,
        state: stage::state(&world),
    });
}

/// Epochs of a world have 64 slots.
fn world_epoch(slot: u64) -> u64 {
    slot / 64
}

#[test]
fn an_order_burns_lst_and_opens_a_ticket_that_the_reserve_covers_at_once() {
    an_order_does_what_its_quote_says(stage::earning(), 31_234_567_891);
}

#[test]
fn an_order_of_more_than_the_reserve_holds_is_covered_in_part() {
    let world = stage::staked();
    let reserve = world.pool().reserve_lamports;
    assert!(reserve > 0 && reserve < 100 * SOL);
    an_order_does_what_its_quote_says(world, 300 * SOL);
}

#[test]
fn an_order_may_burn_all_its_owner_has() {
    let mut world = stage::earning();
    let all = world.lst_of("ana");
    world.order_unstake("ana", all).unwrap();
    assert_eq!(world.lst_of("ana"), 0);
}

#[test]
fn an_order_of_nothing_is_refused() {
    let world = stage::earning();
    let order = world.wish_order("ana", 0, 0);
    world.expect_refusal(&order, &[&world.user("ana").wallet], TidepoolError::ZeroAmount);
}

#[test]
fn an_order_worth_nothing_is_refused() {
    // At a rate below 1 the last unit is worth less than a lamport.
    let world = stage::below_one();
    let order = world.wish_order("ana", 1, 0);
    world.expect_refusal(&order, &[&world.user("ana").wallet], TidepoolError::AmountTooSmall);

    // The fee takes the only unit.
    let world = stage::earning();
    let order = world.wish_order("ana", 1, 0);
    world.expect_refusal(&order, &[&world.user("ana").wallet], TidepoolError::AmountTooSmall);
}

#[test]
fn an_order_of_more_lst_than_the_account_holds_is_refused() {
    let world = stage::earning();
    for lst in [world.lst_of("ana") + 1, u64::MAX] {
        let order = world.wish_order("ana", lst, 0);
        world.expect_refusal(&order, &[&world.user("ana").wallet], TidepoolError::InsufficientBalance);
    }
}

/// Solana-Audit-Arena#197, #227: the minimum was compared with the amount before fees.
#[test]
fn an_order_is_never_worth_less_than_the_owner_accepts() {
    let world = stage::earning();
    let quote = quote_order(&world.rate(), Shares(SOL), Bps(20)).unwrap();
    for too_much in [quote.lamports.0 + 1, u64::MAX] {
        let order = world.wish_order("ana", SOL, too_much);
        world.expect_refusal(&order, &[&world.user("ana").wallet], TidepoolError::BelowMinimumOut);
    }
}

#[test]
fn nobody_orders_with_the_lst_of_another() {
    let world = stage::earning();
    let (ana, bob) = (world.user("ana"), world.user("bob"));
    let order = world.wish_order("ana", SOL, 0).with(&ana.lst, &bob.lst);
    world.expect_refusal(&order, &[&ana.wallet], OtherProgram::NotTheTokenOwner);
}

#[test]
fn an_order_needs_both_signatures() {
    let world = stage::earning();
    let ana = world.user("ana").wallet;
    let order = world.wish_order("ana", SOL, 0).unsigned(&ana.pubkey());
    world.expect_refusal(&order, &[], AnchorError::AccountNotSigner);

    let payer = world.chain.wallet("payer", SOL).unwrap().pubkey();
    let order = world.wish_order("ana", SOL, 0).with(&world.chain.faucet().pubkey(), &payer);
    world.expect_refusal(&order.unsigned(&payer), &[&ana], AnchorError::AccountNotSigner);
}

/// Cantina on Sanctum Sols, H-1: what was assumed to be an address of the program was a user's wallet.
#[test]
fn a_ticket_exists_only_at_its_own_address() {
    let mut world = stage::earning();
    let (ana, bob) = (world.user("ana").wallet, world.user("bob").wallet);
    let ticket = ticket_of(&world, "ana").key;
    let elsewhere = [
        world.chain.keypair("a wallet").pubkey(),
        ticket_of(&world, "bob").key,
        pda::ticket(&world.keys.pool, &ana.pubkey(), NONCE + 1).0,
        world.keys.reserve,
    ];
    for address in elsewhere {
        let order = world.wish_order("ana", SOL, 0).with(&ticket, &address);
        world.expect_refusal(&order, &[&ana], TidepoolError::WrongAddress);
    }
    let mut wrong_bump = world.wish_order("ana", SOL, 0);
    *wrong_bump.data.last_mut().unwrap() ^= 1;
    world.expect_refusal(&wrong_bump, &[&ana], TidepoolError::WrongAddress);

    // Another owner's order at the same nonce is at another address.
    world.tickets.push(ticket_of(&world, "bob"));
    let order = world.wish_order("bob", SOL, 0);
    world.send(&[order], &[&bob]).unwrap();
}

#[test]
fn an_open_ticket_is_not_written_over() {
    let mut world = stage::earning();
    let ana = world.user("ana").wallet;
    world.tickets.push(ticket_of(&world, "ana"));
    let order = world.wish_order("ana", SOL, 0);
    world.send(std::slice::from_ref(&order), &[&ana]).unwrap();
    // The system program: this account has data already.
    world.expect_failure(&[order], &[&ana]);
}
