//! A ticket in, SOL out.

use {
    crate::stage::{self, Wishes},
    tidepool_client::Ticket,
    tidepool_tests::prelude::*,
};

/// Ana ordered, the reserve covered it, and it is the next epoch; a stream still runs.
fn covered(lst: u64) -> (World, OpenTicket) {
    let mut world = stage::earning();
    let ticket = world.order_unstake("ana", lst).unwrap();
    world.cross_epoch();
    (world, ticket)
}

/// Most of ana's order waits; `epochs` pass.
fn waiting(epochs: u64) -> (World, OpenTicket) {
    let mut world = stage::staked();
    let ticket = world.order_unstake("ana", 300 * SOL).unwrap();
    (0..epochs).for_each(|_| world.cross_epoch());
    (world, ticket)
}

#[test]
fn a_claim_pays_the_owner_and_gives_the_rent_back() {
    let (mut world, ticket) = covered(31_234_567_891);
    let (keys, slot) = (world.keys, world.chain.slot());
    let state = world.ticket(&ticket).unwrap();
    assert_eq!(state.units, state.lamports, "the index is one");

    let claim = world.wish_claim(&ticket);
    let outcome = world.expect_change(&claim, &[], |expected| {
        expected.releases(slot);
        expected.moves(&keys.reserve, &ticket.owner, state.lamports);
        expected.closes(&ticket.key, &ticket.rent_payer);
        expected.pool(|pool| {
            pool.reserve_lamports -= state.lamports;
            pool.ticket_settled = (u128::from(pool.ticket_settled) + u128::from(state.units)).into();
        });
    });
    outcome.assert_told(&events::TicketClaimed {
        pool: keys.pool,
        ticket: ticket.key,
        owner: ticket.owner,
        lamports: state.lamports,
        lamports_left: 0,
        state: stage::state(&world),
    });
}

/// marinade orders/claim.rs, `marinade#97` P-0002: a sum of tickets out of step with its counter. The queue and the reserve
/// fall by the same.
#[test]
fn a_claim_in_part_pays_what_is_covered_and_keeps_the_ticket() {
    let (mut world, ticket) = waiting(1);
    let (keys, slot) = (world.keys, world.chain.slot());
    let state = world.ticket(&ticket).unwrap();
    let due = world.pool().queue().claimable(&state.range(), 0).unwrap();
    assert!(due.lamports > Lamports(0) && due.units < state.units);

    let claim = world.wish_claim(&ticket);
    let rent = world.chain.lamports(&ticket.key);
    let outcome = world.expect_change(&claim, &[], |expected| {
        expected.releases(slot);
        expected.moves(&keys.reserve, &ticket.owner, due.lamports.0);
        expected.ticket(&ticket.key, rent, &Ticket { paid_units: due.units, ..state.clone() });
        expected.pool(|pool| {
            pool.reserve_lamports -= due.lamports.0;
            pool.ticket_settled = (u128::from(pool.ticket_settled) + u128::from(due.units)).into();
        });
    });
    outcome.assert_told(&events::TicketClaimed {
        pool: keys.pool,
        ticket: ticket.key,
        owner: ticket.owner,
        lamports: due.lamports.0,
        lamports_left: state.lamports - due.lamports.0,
        state: stage::state(&world),
    });
    // Nothing more has come.
    world.expect_refusal(&claim, &[], TidepoolError::TicketNotFilled);
    // More comes: the rest is paid.
    world.deposit("bob", 500 * SOL).unwrap();
    let before = world.sol_of("ana");
    world.claim(&ticket).unwrap();
    assert_eq!(world.sol_of("ana") - before, state.lamports - due.lamports.0);
    assert!(world.account(&ticket.key).is_none());
}

#[test]
fn a_ticket_is_not_claimable_in_the_epoch_of_its_order() {
    let mut world = stage::earning();
    let ticket = world.order_unstake("ana", SOL).unwrap();
    let claim = world.wish_claim(&ticket);
    world.expect_refusal(&claim, &[], TidepoolError::TicketTooYoung);
    world.advance(|chain| chain.jump_to(chain.first_slot(chain.epoch() + 1) - 1));
    world.expect_refusal(&claim, &[], TidepoolError::TicketTooYoung);
    world.advance(|chain| chain.next_slot());
    world.claim(&ticket).unwrap();
}

#[test]
fn a_ticket_nothing_has_reached_is_not_claimable() {
    let (mut world, _) = waiting(0);
    let second = world.order_unstake("bob", SOL).unwrap();
    world.cross_epoch();
    world.expect_refusal(&world.wish_claim(&second), &[], TidepoolError::TicketNotFilled);
}

#[test]
fn a_claim_pays_nobody_but_owner_and_rent_payer() {
    let (world, ticket) = covered(SOL);
    let thief = world.user("bob").wallet.pubkey();
    let claim = world.wish_claim(&ticket);
    let wrong_owner = claim.clone().with(&ticket.owner, &thief);
    world.expect_refusal(&wrong_owner, &[], TidepoolError::WrongTicketOwner);
    let wrong_payer = claim.clone().with(&ticket.rent_payer, &thief);
    world.expect_refusal(&wrong_payer, &[], TidepoolError::WrongRentPayer);
    let swapped = claim.swapped(3, 4);
    world.expect_refusal(&swapped, &[], TidepoolError::WrongTicketOwner);
}

#[test]
fn who_owns_a_ticket_may_have_paid_its_rent() {
    let mut world = stage::earning();
    let ana = world.user("ana");
    // No user of the world, whose ledger counts what users pay for pool money.
    let payer = world.chain.wallet("payer", SOL).unwrap();
    let lst = world.chain.create_token_account(&world.keys.lst_mint, &payer.pubkey()).unwrap();
    world.chain.transfer_tokens(&ana.lst, &lst, &ana.wallet, SOL).unwrap();
    let order = world.keys.order_unstake(&payer.pubkey(), &payer.pubkey(), &lst, SOL, 0, 0);
    let key = pda::ticket(&world.keys.pool, &payer.pubkey(), 0).0;
    let ticket = OpenTicket { key, owner: payer.pubkey(), rent_payer: payer.pubkey() };
    world.tickets.push(ticket.clone());
    world.send(&[order], &[&payer]).unwrap();
    world.cross_epoch();
    let owed = world.ticket(&ticket).unwrap().lamports;
    world.ledger.paid_out += i128::from(owed);
    world.claim(&ticket).unwrap();
    assert_eq!(world.chain.lamports(&payer.pubkey()), SOL + owed);
}

#[test]
fn a_payout_that_the_runtime_would_refuse_is_refused_by_name_until_the_owner_is_funded() {
    let mut world = stage::earning();
    let ticket = world.order_unstake("ana", 100_000).unwrap();
    world.cross_epoch();
    // The owner's wallet is emptied; 100,000 units are worth less than its rent.
    let owner = world.user("ana").wallet;
    let left = world.sol_of("ana");
    let faucet = world.chain.faucet();
    let empty = solana_system_interface::instruction::transfer(&owner.pubkey(), &faucet.pubkey(), left);
    world.chain.send(&[empty], &[faucet, &owner]).unwrap();
    assert_eq!(world.sol_of("ana"), 0);

    world.expect_refusal(&world.wish_claim(&ticket), &[], TidepoolError::PayoutBelowRent);
    world.give(&owner.pubkey(), world.chain.rent().minimum_balance(0)).unwrap();
    world.claim(&ticket).unwrap();
    assert!(world.account(&ticket.key).is_none());
}

#[test]
fn a_ticket_worth_less_than_a_lamport_closes_for_nothing() {
    let mut world = stage::funded(WorldConfig::default().without_fees());
    world.run_epoch().unwrap();
    world.deposit("bob", SOL).unwrap();
    let ticket = world.order_unstake("ana", 1).unwrap();
    // One unit of the queue, which the reserve covers; a loss takes a part of it.
    let loss = world.pool().withheld + 100 * SOL;
    world.slash(0, loss).unwrap();
    world.update([0]).unwrap();
    assert!(world.pool().ticket_index < TicketIndex::ONE.0);
    world.cross_epoch();

    let slot = world.chain.slot();
    let before = world.pool();
    let claim = world.wish_claim(&ticket);
    let mut queue = before.queue();
    queue.settle(1).unwrap();
    let freed = before.queue().liabilities().unwrap().0 - queue.liabilities().unwrap().0;
    let outcome = world.expect_change(&claim, &[], |expected| {
        expected.releases(slot);
        expected.closes(&ticket.key, &ticket.rent_payer);
        expected.pool(|pool| {
            pool.set_queue(&queue);
            pool.value_floor += freed; // what was kept for it, rounded up, is the holders' again
        });
    });
    let told = tidepool_tests::told::<events::TicketClaimed>(&outcome);
    assert_eq!((told[0].lamports, told[0].lamports_left), (0, 0));
}

/// INF Sec3 P2-L-01, OS-SCT-ADV-05: any account, even the main state, could be closed in the place of the right one.
#[test]
fn only_tickets_of_the_pool_are_claimed() {
    let (world, ticket) = covered(SOL);
    let other = OtherPool::beside(&world);
    let theirs = other.keys.claim_ticket(&other.ticket, &other.owner.pubkey(), &other.owner.pubkey());
    let through_ours =
        theirs.with(&other.keys.pool, &world.keys.pool).with(&other.keys.reserve, &world.keys.reserve);
    world.expect_refusal(&through_ours, &[], TidepoolError::WrongPool);

    let claim = world.wish_claim(&ticket);
    let no_tickets = [
        (world.keys.liquidity, AnchorError::AccountDiscriminatorMismatch),
        (world.validators[0].page, AnchorError::AccountDiscriminatorMismatch),
        (world.user("ana").lst, AnchorError::AccountOwnedByWrongProgram),
        (world.keys.reserve, AnchorError::AccountOwnedByWrongProgram),
        (world.chain.keypair("nobody").pubkey(), AnchorError::AccountNotInitialized),
    ];
    for (impostor, refusal) in no_tickets {
        world.expect_refusal(&claim.clone().with(&ticket.key, &impostor), &[], refusal);
    }
}

/// Between order and claim the owner may close the account his LST came from, or have it frozen: a claim pays SOL.
#[test]
fn a_claim_needs_no_token_account() {
    const STATE: usize = 108;
    type Spoil = fn(&mut Account);
    let spoil: [Spoil; 2] = [|account| *account = Account::default(), |account| account.data[STATE] = 2];
    for spoil in spoil {
        let (mut world, ticket) = covered(SOL);
        let lst = world.user("ana").lst;
        stage::patch(&world, &lst, spoil);
        let (owed, before) = (world.ticket(&ticket).unwrap().lamports, world.sol_of("ana"));
        world.claim(&ticket).unwrap();
        assert_eq!(world.sol_of("ana") - before, owed);
    }
}

#[test]
fn a_ticket_is_paid_in_as_many_parts_as_sol_comes_in() {
    let (mut world, ticket) = waiting(1);
    let owed = world.ticket(&ticket).unwrap().lamports;
    let (reserve, before) = (world.keys.reserve, world.sol_of("ana"));
    let mut parts = 0;
    while world.ticket(&ticket).is_some() {
        world.claim(&ticket).unwrap();
        parts += 1;
        // As little as a lamport at first.
        world.give(&reserve, 10_u64.pow(parts.min(11))).unwrap();
        world.sync().unwrap();
    }
    assert!(parts > 5, "{parts} parts");
    assert_eq!(world.sol_of("ana") - before, owed, "no more and no less than ordered");
}
