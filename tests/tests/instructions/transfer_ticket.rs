//! A ticket goes to another owner.

use {
    crate::stage::{self, Wishes},
    tidepool_client::Ticket,
    tidepool_tests::prelude::*,
};

/// A transfer of ana's ticket and all it changes.
fn a_transfer_changes_the_owner_alone(world: &mut World, ticket: &OpenTicket, to: &Pubkey) -> OpenTicket {
    let (keys, slot, ana) = (world.keys, world.chain.slot(), world.user("ana").wallet);
    let (state, lamports) = (world.ticket(ticket).unwrap(), world.chain.lamports(&ticket.key));
    let transfer = world.wish_transfer(ticket, to);
    let outcome = world.expect_change(&transfer, &[&ana], |expected| {
        expected.releases(slot);
        expected.ticket(&ticket.key, lamports, &Ticket { owner: *to, ..state });
    });
    outcome.assert_told(&events::TicketTransferred {
        pool: keys.pool,
        ticket: ticket.key,
        from: ticket.owner,
        to: *to,
        state: stage::state(world),
    });
    OpenTicket { owner: *to, ..ticket.clone() }
}

#[test]
fn what_a_ticket_pays_is_the_new_owners() {
    let mut world = stage::earning();
    let (ana, bob) = (world.user("ana"), world.user("bob"));
    let ticket = world.order_unstake("ana", 31_234_567_891).unwrap();
    let theirs = a_transfer_changes_the_owner_alone(&mut world, &ticket, &bob.wallet.pubkey());
    world.cross_epoch();

    let owed = world.ticket(&ticket).unwrap().lamports;
    world.expect_refusal(&world.wish_claim(&ticket), &[], TidepoolError::WrongTicketOwner);
    let again = world.wish_transfer(&ticket, &ana.wallet.pubkey());
    world.expect_refusal(&again, &[&ana.wallet], TidepoolError::WrongTicketOwner);
    let cancel = world.wish_cancel(&ticket, &ana.lst, 0);
    world.expect_refusal(&cancel, &[&ana.wallet], TidepoolError::WrongTicketOwner);

    let before = (world.sol_of("ana"), world.sol_of("bob"));
    world.claim(&theirs).unwrap();
    assert_eq!((world.sol_of("ana"), world.sol_of("bob")), (before.0, before.1 + owed));
}

#[test]
fn a_ticket_paid_in_part_is_given_away_with_what_is_left() {
    let (mut world, _, tickets) = stage::queueing(&[50 * SOL]);
    let bob = world.user("bob");
    let ticket = &tickets[0];
    stage::gift(&mut world, 130 * SOL);
    world.cross_epoch();
    let before = world.sol_of("ana");
    world.claim(ticket).unwrap();
    let (paid, owed) = (world.sol_of("ana") - before, world.ticket(ticket).unwrap().lamports);
    assert!(paid > 0 && paid < owed);
    let theirs = a_transfer_changes_the_owner_alone(&mut world, ticket, &bob.wallet.pubkey());
    stage::gift(&mut world, 100 * SOL);
    let before = world.sol_of("bob");
    world.claim(&theirs).unwrap();
    assert_eq!(world.sol_of("bob") - before, owed - paid);
}

#[test]
fn the_new_owner_may_cancel_or_give_it_back() {
    let (mut world, _, tickets) = stage::queueing(&[50 * SOL]);
    let (ana, bob) = (world.user("ana").wallet.pubkey(), world.user("bob").wallet.pubkey());
    let bobs = world.transfer_ticket(&tickets[0], &bob).unwrap();
    let anas = world.transfer_ticket(&bobs, &ana).unwrap();
    assert_eq!(anas, tickets[0]);
    // To oneself it is no change at all.
    let anas = a_transfer_changes_the_owner_alone(&mut world, &anas, &ana);
    let bobs = world.transfer_ticket(&anas, &bob).unwrap();
    let before = world.lst_of("bob");
    world.cancel(&bobs).unwrap();
    assert!(world.lst_of("bob") > before);
}

/// marinade claim.rs: what was not a wallet could not be paid.
#[test]
fn a_ticket_may_be_given_to_any_address_that_can_be_paid() {
    type Owner = fn(&World) -> Pubkey;
    let owners: [(&str, Owner); 5] = [
        ("an address of a program", |_| pda::reserve(&Pubkey::new_unique()).0),
        ("an address with nothing on it", |world| world.chain.keypair("nobody").pubkey()),
        ("a token account", |world| world.user("bob").lst),
        ("an account of Tidepool", |world| world.validators[0].page),
        ("the reserve, for all holders", |world| world.keys.reserve),
    ];
    for (what, owner) in owners {
        println!("{what}");
        let mut world = stage::earning();
        let owner = owner(&world);
        let ticket = world.order_unstake("ana", SOL).unwrap();
        let theirs = a_transfer_changes_the_owner_alone(&mut world, &ticket, &owner);
        world.cross_epoch();
        let owed = world.ticket(&theirs).unwrap().lamports;
        let before = world.chain.lamports(&owner);
        let stays_in_the_pool = [world.validators[0].page, world.keys.reserve].contains(&owner);
        if !stays_in_the_pool {
            world.ledger.paid_out += i128::from(owed); // to nobody the world knows
        }
        world.claim(&theirs).unwrap();
        let gets = if owner == world.keys.reserve { 0 } else { owed };
        assert_eq!(world.chain.lamports(&owner) - before, gets, "{what}");
        assert!(world.account(&ticket.key).is_none());
    }
}

/// marinade claim.rs: a ticket whose owner can never be paid would never leave the queue. The runtime lets nobody write to
/// sysvars and built-in programs (the zero key is one), nor pay to other programs.
#[test]
fn a_ticket_is_not_given_to_what_can_never_be_paid() {
    let mut world = stage::earning();
    let ana = world.user("ana").wallet;
    let ticket = world.order_unstake("ana", SOL).unwrap();
    let never = [
        Pubkey::default(),
        solana_sdk_ids::sysvar::clock::ID,
        solana_sdk_ids::sysvar::rent::ID,
        cluster::STAKE_PROGRAM,
        solana_sdk_ids::vote::ID,
        solana_sdk_ids::bpf_loader_upgradeable::ID,
        tidepool_interface::ID, // the program that is called
    ];
    for owner in never {
        let transfer = world.wish_transfer(&ticket, &owner);
        world.expect_refusal(&transfer, &[&ana], AnchorError::ConstraintMut);
    }
    // Another program; the pool itself, in which SOL would be nobody's.
    for owner in [cluster::TOKEN_PROGRAM, world.keys.pool] {
        let transfer = world.wish_transfer(&ticket, &owner);
        world.expect_refusal(&transfer, &[&ana], TidepoolError::InvalidParameter);
    }
    // Nor by who says that it need not be written to.
    let bob = world.user("bob").wallet.pubkey();
    let read_only = world.wish_transfer(&ticket, &bob).read_only(&bob);
    world.expect_refusal(&read_only, &[&ana], AnchorError::ConstraintMut);
    world.transfer_ticket(&ticket, &bob).unwrap();
}

/// A wallet without lamports cannot be paid less than its rent; the ticket waits until it can.
#[test]
fn a_ticket_given_to_a_closed_wallet_waits_until_it_can_be_paid() {
    let mut world = stage::earning();
    let closed = world.chain.keypair("a closed wallet").pubkey();
    let ticket = world.order_unstake("ana", 100_000).unwrap();
    let theirs = world.transfer_ticket(&ticket, &closed).unwrap();
    world.cross_epoch();
    world.expect_refusal(&world.wish_claim(&theirs), &[], TidepoolError::PayoutBelowRent);
    world.give(&closed, world.chain.rent().minimum_balance(0)).unwrap();
    let owed = world.ticket(&theirs).unwrap().lamports;
    world.ledger.paid_out += i128::from(owed);
    world.claim(&theirs).unwrap();
    assert_eq!(world.chain.lamports(&closed), world.chain.rent().minimum_balance(0) + owed);
}

#[test]
fn nobody_but_the_owner_gives_a_ticket_away() {
    let mut world = stage::earning();
    let ticket = world.order_unstake("ana", SOL).unwrap();
    let (ana, bob) = (world.user("ana").wallet, world.user("bob").wallet);
    let transfer = world.wish_transfer(&ticket, &bob.pubkey());
    let unsigned = transfer.clone().unsigned(&ana.pubkey());
    world.expect_refusal(&unsigned, &[], AnchorError::AccountNotSigner);
    let by_bob = transfer.clone().with(&ana.pubkey(), &bob.pubkey());
    world.expect_refusal(&by_bob, &[&bob], TidepoolError::WrongTicketOwner);
    let other = OtherPool::beside(&world);
    let through_theirs = transfer.clone().with(&world.keys.pool, &other.keys.pool);
    world.expect_refusal(&through_theirs, &[&ana], TidepoolError::WrongPool);
    let theirs = world.keys.transfer_ticket(&other.ticket, &other.owner.pubkey(), &bob.pubkey());
    world.expect_refusal(&theirs, &[&other.owner], TidepoolError::WrongPool);

    // Paid and gone.
    world.cross_epoch();
    world.claim(&ticket).unwrap();
    world.expect_refusal(&transfer, &[&ana], AnchorError::AccountNotInitialized);
}

/// A transfer and a claim in one transaction, in both orders: whoever owns it at that moment is paid.
#[test]
fn a_claim_pays_who_owns_the_ticket_at_that_moment() {
    let mut world = stage::earning();
    let ticket = world.order_unstake("ana", SOL).unwrap();
    world.cross_epoch();
    let (ana, bob) = (world.user("ana").wallet, world.user("bob").wallet.pubkey());
    let transfer = world.wish_transfer(&ticket, &bob);
    let claim_first = [world.wish_claim(&ticket), transfer.clone()];
    world.expect_refusal_of_all(&claim_first, &[&ana], AnchorError::AccountNotInitialized);
    let old_owner = [transfer.clone(), world.wish_claim(&ticket)];
    world.expect_refusal_of_all(&old_owner, &[&ana], TidepoolError::WrongTicketOwner);
    let before = world.sol_of("bob");
    let owed = world.ticket(&ticket).unwrap().lamports;
    let theirs = OpenTicket { owner: bob, ..ticket };
    let claim = world.wish_claim(&theirs);
    world.send(&[transfer, claim], &[&ana]).unwrap();
    assert_eq!(world.sol_of("bob") - before, owed);
}
