//! LST of the liquidity pool becomes a ticket of its own, and comes back as SOL.

use {
    crate::stage::{self, Wishes, NONCE},
    tidepool_client::{events::NothingDueReason, Ticket, TicketKind},
    tidepool_interface::limits::MIN_RECYCLE,
    tidepool_math::{Claim, LiquidityPool},
    tidepool_tests::prelude::*,
};

/// The liquidity pool holds nearly 100 SOL's worth of LST and lacks far more SOL; stake may move, and a stream runs.
fn drained() -> World {
    let mut world = stage::staked_from(stage::selling(100 * SOL));
    world.to_move_window();
    assert!(world.pool().stream().due(world.chain.slot()) > Lamports(0));
    world
}

/// [`drained`], but all SOL that is missing is `lamports`.
fn lacking(lamports: u64) -> World {
    let mut world = drained();
    let mut settings = world.settings();
    settings.liquidity_target_lamports = world.liquidity().sol_lamports + lamports;
    world.set_parameters(settings).unwrap();
    world
}

/// [`drained`], after a loss that tickets bore too: ana's ticket waits.
fn after_a_loss() -> World {
    let mut world = drained();
    world.order_unstake("ana", 150 * SOL).unwrap();
    let pool = world.pool();
    let loss = pool.withheld + pool.insurance_due + pool.insurance_lamports + 7_777_777_777;
    world.slash(0, loss).unwrap();
    world.update([0]).unwrap();
    assert!(world.pool().ticket_index < TicketIndex::ONE.0);
    world
}

/// The tickets of `world` from here on are of the next epoch; what is staked for them has cooled down.
fn next_epoch(world: &mut World) {
    stage::slots(world, 1);
    world.run_epoch().unwrap();
}

fn wish(world: &World) -> (Instruction, OpenTicket) {
    let (rent_payer, owner) = (world.chain.faucet().pubkey(), world.keys.sol_vault);
    let key = pda::ticket(&world.keys.pool, &owner, NONCE).0;
    (world.keys.recycle_liquidity(&rent_payer, NONCE), OpenTicket { key, owner, rent_payer })
}

fn wish_collect(world: &World, ticket: &OpenTicket) -> Instruction {
    world.keys.collect_recycled(&ticket.key, &ticket.rent_payer)
}

/// The ticket of a recycling that does something.
fn recycle(world: &mut World) -> OpenTicket {
    let ticket = world.next_recycled();
    world.recycle().unwrap();
    assert_eq!(world.ticket(&ticket).unwrap().kind, TicketKind::Recycled);
    ticket
}

/// A recycling of `lst` and all it changes.
fn a_recycling_does_what_its_quote_says(mut world: World, lst: u64) {
    let (keys, slot) = (world.keys, world.chain.slot());
    // No fee: the whole of it is ordered at the rate.
    let quote = quote_order(&world.rate(), Shares(lst), Bps(0)).unwrap();
    let before = world.pool();
    let mut queue = before.queue();
    let range = queue.order(quote.lamports).unwrap();
    queue.fill(Lamports(before.reserve_lamports)).unwrap();
    let rent = world.chain.rent().minimum_balance(Ticket::SPACE);
    let epoch = world.chain.epoch();

    let (recycle, ticket) = wish(&world);
    world.tickets.push(ticket.clone());
    let outcome = world.expect_change(&recycle, &[], |expected| {
        expected.releases(slot);
        expected.burns(&keys.lst_mint, &keys.lst_vault, lst);
        expected.liquidity(|liquidity| {
            liquidity.lst_amount -= lst;
            liquidity.ticket_units += range.units;
        });
        expected.pool(|pool| {
            pool.lst_supply -= lst;
            pool.tickets_ordered += 1;
            if pool.order_slot != slot {
                (pool.order_slot, pool.ticket_total_before) = (slot, pool.ticket_total);
            }
            pool.set_queue(&queue);
            balance(pool);
        });
        expected.pays(&ticket.rent_payer, rent);
        expected.ticket(
            &ticket.key,
            rent,
            &Ticket {
                pool: keys.pool,
                owner: keys.sol_vault,
                rent_payer: ticket.rent_payer,
                index: before.tickets_ordered,
                queue_start: range.start,
                units: range.units,
                paid_units: 0,
                lamports: quote.lamports.0,
                lst_amount: lst,
                created_epoch: epoch,
                kind: TicketKind::Recycled,
            },
        );
    });
    outcome.assert_told(&events::LiquidityRecycled {
        pool: keys.pool,
        ticket: ticket.key,
        lst_burned: lst,
        lamports: quote.lamports.0,
        claimable_epoch: epoch + 1,
        state: stage::state(&world),
    });
}

/// The value follows from the rest of the books: after a loss the liabilities round.
fn balance(pool: &mut tidepool_client::Pool) {
    let assets = pool.reserve_lamports + pool.stake_lamports;
    let tickets = pool.queue().liabilities().unwrap().0;
    pool.value_floor = assets - tickets - pool.insurance_due - pool.withheld;
}

#[test]
fn a_recycling_turns_all_lst_into_a_ticket_if_more_sol_is_missing() {
    let world = drained();
    let lst = world.liquidity().lst_amount;
    assert!(lst > 90 * SOL);
    a_recycling_does_what_its_quote_says(world, lst);
}

#[test]
fn a_recycling_takes_no_more_lst_than_brings_back_what_is_missing() {
    let missing = 12_345_678_901;
    let world = lacking(missing);
    let lst = world.rate().shares_ceil(Lamports(missing)).unwrap().0;
    assert!(lst < world.liquidity().lst_amount);
    let brings = world.rate().lamports_floor(Shares(lst)).unwrap().0;
    assert!((missing..=missing + 1).contains(&brings), "{brings}");
    a_recycling_does_what_its_quote_says(world, lst);
}

#[test]
fn a_recycling_after_a_loss_gets_units_by_the_index() {
    let world = after_a_loss();
    let lst = world.liquidity().lst_amount;
    a_recycling_does_what_its_quote_says(world, lst);
}

/// A repeat says that nothing is due and burns nothing: what is on its way counts.
#[test]
fn a_second_recycling_finds_nothing_missing() {
    let mut world = lacking(20 * SOL);
    recycle(&mut world);
    let (again, _) = wish(&world);
    let nothing_due = events::NothingDue {
        pool: world.keys.pool,
        account: world.keys.liquidity,
        reason: NothingDueReason::LiquidityAtTarget,
    };
    // In the same slot, and in a later one.
    world.expect_change(&again, &[], |_| {}).assert_told(&nothing_due);
    stage::slots(&mut world, 1);
    let slot = world.chain.slot();
    world.expect_change(&again, &[], |expected| expected.releases(slot)).assert_told(&nothing_due);
    // Once it is here, too.
    next_epoch(&mut world);
    world.collect_due().unwrap();
    world.to_move_window();
    assert_eq!(told::<events::NothingDue>(&world.recycle().unwrap()).len(), 1);
}

#[test]
fn less_than_a_tenth_of_a_sol_is_not_recycled() {
    // By what is missing: two lamports less do not reach it, for the last unit of LST is worth up to two.
    let mut world = lacking(MIN_RECYCLE.0 - 2);
    assert_eq!(told::<events::NothingDue>(&world.recycle().unwrap()).len(), 1);
    let mut world = lacking(MIN_RECYCLE.0);
    recycle(&mut world);

    // By the LST there is.
    for (worth, is_enough) in [(MIN_RECYCLE.0 - 2, false), (MIN_RECYCLE.0, true)] {
        let mut world = drained();
        let left = world.rate().shares_ceil(Lamports(worth)).unwrap().0;
        let buys = world.entry_rate().lamports_ceil(Shares(world.liquidity().lst_amount - left)).unwrap();
        world.deposit("bob", buys.0).unwrap();
        assert_eq!(world.liquidity().lst_amount, left);
        let outcome = world.recycle().unwrap();
        let told = told::<events::NothingDue>(&outcome).len();
        assert_eq!(told == 0, is_enough, "{worth} lamports' worth");
    }
}

#[test]
fn nothing_is_recycled_from_a_liquidity_pool_without_lst_or_at_its_target() {
    for sold in [0, 100 * SOL] {
        let mut world = stage::staked_from(stage::selling(sold));
        let missing = world.liquidity().target_lamports - world.liquidity().sol_lamports;
        if sold > 0 {
            world.add_liquidity("bob", missing).unwrap();
        }
        world.to_move_window();
        let before = world.liquidity().lst_amount;
        assert_eq!(told::<events::NothingDue>(&world.recycle().unwrap()).len(), 1);
        assert_eq!(world.liquidity().lst_amount, before);
    }
}

#[test]
fn lst_is_recycled_only_when_stake_may_move() {
    let mut world = stage::staked_from(stage::selling(100 * SOL));
    let (recycle, ticket) = wish(&world);
    let first = world.chain.first_slot(world.chain.epoch()) + 48; // the last quarter of 64 slots
    world.advance(|chain| chain.jump_to(first - 1));
    world.expect_refusal(&recycle, &[], TidepoolError::OutsideMoveWindow);
    world.advance(|chain| chain.next_slot());
    world.tickets.push(ticket.clone());
    world.send(&[recycle], &[]).unwrap();
    assert!(world.ticket(&ticket).is_some());
    world.cross_epoch();
    let (next, _) = wish(&world);
    world.expect_refusal(&next, &[], TidepoolError::OutsideMoveWindow);
}

/// The ticket is the vault's, whoever turns the crank, and at the address that follows from the vault.
#[test]
fn a_recycled_ticket_is_nobody_elses() {
    let world = drained();
    let (recycle, ticket) = wish(&world);
    let bob = world.user("bob");
    let his = pda::ticket(&world.keys.pool, &bob.wallet.pubkey(), NONCE).0;
    world.expect_refusal(&recycle.clone().with(&ticket.key, &his), &[], TidepoolError::WrongAddress);
    let other_nonce = pda::ticket(&world.keys.pool, &ticket.owner, NONCE + 1).0;
    world.expect_refusal(&recycle.clone().with(&ticket.key, &other_nonce), &[], TidepoolError::WrongAddress);
    let vault = world.keys.lst_vault;
    world.expect_refusal(&recycle.clone().with(&vault, &bob.lst), &[], TidepoolError::WrongLiquidity);
    let by_bob = recycle.with(&ticket.rent_payer, &bob.wallet.pubkey());
    world.expect_refusal(&by_bob.clone().unsigned(&bob.wallet.pubkey()), &[], AnchorError::AccountNotSigner);
}

/// The books of the liquidity pool as LP shares count them, in lamports: at the rate, and at what a comer pays for them.
fn worth(books: &LiquidityPool, rate: &Rate) -> u64 {
    books.value_floor(rate).unwrap().0
}

/// At the rate LPs lose no more than roundings: one of LST to lamports, one of lamports to units, one of units to lamports.
/// What they give up, and all holders share, is what the recycled LST had in rewards that are found but not released yet.
#[test]
fn providers_give_up_the_withheld_part_of_recycled_lst_and_nothing_else() {
    for (mut world, rounding) in [(drained(), 1), (after_a_loss(), 3)] {
        if world.pool().withheld == 0 {
            stage::gift(&mut world, 30 * SOL); // the loss took what was withheld
        }
        stage::slots(&mut world, 1);
        let (rate, entry) = (world.rate(), world.entry_rate());
        let before = world.liquidity_books();
        let ticket = recycle(&mut world);
        let lst = world.ticket(&ticket).unwrap().lst_amount;
        let after = world.liquidity_books();
        assert!(world.rate() >= rate);
        assert!(worth(&after, &rate) + rounding >= worth(&before, &rate));
        assert!(worth(&after, &rate) <= worth(&before, &rate));

        let withheld = |rate: &Rate, entry: &Rate, lst: u64| {
            entry.lamports_floor(Shares(lst)).unwrap().0 - rate.lamports_floor(Shares(lst)).unwrap().0
        };
        let given_up = withheld(&rate, &entry, lst);
        assert!(given_up > 0);
        let lost = worth(&before, &entry) - worth(&after, &entry);
        assert!(lost.abs_diff(given_up) <= rounding, "{lost} lost, {given_up} withheld for {lst} LST");
        // All LST that is left gained it, the liquidity pool's own with it.
        let left = world.pool().lst_supply;
        let gained = withheld(&world.rate(), &world.entry_rate(), left) - withheld(&rate, &entry, left);
        assert!(gained.abs_diff(given_up) <= rounding + 1, "{gained} gained, {given_up} given up");
    }
}

/// Ana's ticket and the recycled one lose the same part, and so does LST.
#[test]
fn a_recycled_ticket_shares_a_loss_like_any_other() {
    let mut world = drained();
    let lst = world.liquidity().lst_amount;
    let recycled = recycle(&mut world);
    let ordered = world.order_unstake("ana", lst).unwrap();
    next_epoch(&mut world);
    let worth = |world: &World, ticket: &OpenTicket| {
        world.pool().queue().worth(world.ticket(ticket).unwrap().unpaid_units()).unwrap().0
    };
    // Both have been covered, and share the loss until they are paid. `run_epoch` has claimed ana's.
    assert!(world.ticket(&ordered).is_none());
    let ordered = world.order_unstake("ana", lst).unwrap();
    let before = [worth(&world, &recycled), worth(&world, &ordered), world.liquidity_books().tickets.0];
    assert_eq!(before[0], before[2]);
    let (rate, pool) = (world.rate(), world.pool());
    let loss = pool.withheld + pool.insurance_due + pool.insurance_lamports + 99_999_999_999;
    world.slash(0, loss).unwrap();
    world.update([0]).unwrap();

    let after = [worth(&world, &recycled), worth(&world, &ordered), world.liquidity_books().tickets.0];
    assert_eq!(after[0], after[2]);
    let lost = |before: u64, after: u64| 1.0 - after as f64 / before as f64;
    let of_lst = lost(
        rate.lamports_floor(Shares(1_000 * SOL)).unwrap().0,
        world.rate().lamports_floor(Shares(1_000 * SOL)).unwrap().0,
    );
    assert!(of_lst > 0.05, "{of_lst}");
    for (before, after) in before.into_iter().zip(after) {
        assert!((lost(before, after) - of_lst).abs() < 1e-9, "{before} before, {after} after");
    }
    // It is paid what it is worth now.
    let sol = world.liquidity().sol_lamports;
    world.collect(&recycled).unwrap();
    assert_eq!(world.liquidity().sol_lamports - sol, after[0]);
    assert_eq!((world.liquidity().ticket_units, world.liquidity_books().tickets), (0, Lamports(0)));
}

/// A recycled ticket in its second epoch, covered as far as the pool had SOL for it. `order`: what ana ordered before it.
fn coming_back(order: u64) -> (World, OpenTicket) {
    let mut world = drained();
    if order > 0 {
        world.order_unstake("ana", order).unwrap();
    }
    let ticket = recycle(&mut world);
    world.cross_epoch();
    (world, ticket)
}

/// A collection of what is due, and all it changes.
fn a_collection_does_what_the_queue_says(world: &mut World, ticket: &OpenTicket) -> Claim {
    let (keys, slot) = (world.keys, world.chain.slot());
    let state = world.ticket(ticket).unwrap();
    let queue = world.pool().queue();
    let due = queue.claimable(&state.range(), state.paid_units).unwrap();
    assert!(due.lamports > Lamports(0));
    let left = queue.worth(state.unpaid_units() - due.units).unwrap().0;
    let rent = world.chain.lamports(&ticket.key);

    let collect = wish_collect(world, ticket);
    let outcome = world.expect_change(&collect, &[], |expected| {
        expected.releases(slot);
        expected.moves(&keys.reserve, &keys.sol_vault, due.lamports.0);
        let paid = Ticket { paid_units: state.paid_units + due.units, ..state.clone() };
        match paid.is_paid() {
            true => expected.closes(&ticket.key, &ticket.rent_payer),
            false => expected.ticket(&ticket.key, rent, &paid),
        }
        expected.pool(|pool| {
            pool.reserve_lamports -= due.lamports.0;
            pool.ticket_settled = (u128::from(pool.ticket_settled) + u128::from(due.units)).into();
            balance(pool);
        });
        expected.liquidity(|liquidity| {
            liquidity.sol_lamports += due.lamports.0;
            liquidity.ticket_units -= due.units;
        });
    });
    outcome.assert_told(&events::RecycledCollected {
        pool: keys.pool,
        ticket: ticket.key,
        lamports: due.lamports.0,
        lamports_left: left,
        state: stage::state(world),
    });
    due
}

#[test]
fn a_collection_pays_the_vault_and_gives_the_rent_back() {
    let (mut world, ticket) = coming_back(0);
    world.deposit("bob", 200 * SOL).unwrap();
    let owed = world.ticket(&ticket).unwrap().lamports;
    let due = a_collection_does_what_the_queue_says(&mut world, &ticket);
    assert_eq!(due.lamports.0, owed);
    assert!(world.account(&ticket.key).is_none());
    world.expect_failure(&[wish_collect(&world, &ticket)], &[]);
}

#[test]
fn a_collection_in_part_books_what_came_and_keeps_the_ticket() {
    let (mut world, ticket) = coming_back(0);
    let owed = world.ticket(&ticket).unwrap().lamports;
    let first = a_collection_does_what_the_queue_says(&mut world, &ticket);
    assert!(first.lamports.0 < owed);
    let books = world.liquidity_books();
    assert_eq!(books.tickets.0, owed - first.lamports.0);
    // Nothing more has come.
    world.expect_refusal(&wish_collect(&world, &ticket), &[], TidepoolError::TicketNotFilled);
    // More comes: the rest is paid.
    world.deposit("bob", 200 * SOL).unwrap();
    let second = a_collection_does_what_the_queue_says(&mut world, &ticket);
    assert_eq!(first.lamports.0 + second.lamports.0, owed);
    assert!(world.account(&ticket.key).is_none());
    assert_eq!(world.liquidity().ticket_units, 0);
}

#[test]
fn a_collection_after_a_loss_pays_by_the_index() {
    let mut world = after_a_loss();
    let ticket = recycle(&mut world);
    next_epoch(&mut world);
    assert!(world.pool().ticket_index < TicketIndex::ONE.0);
    a_collection_does_what_the_queue_says(&mut world, &ticket);
}

#[test]
fn a_recycled_ticket_waits_like_any_other() {
    let mut world = drained();
    let ticket = recycle(&mut world);
    world.expect_refusal(&wish_collect(&world, &ticket), &[], TidepoolError::TicketTooYoung);

    // Ana's order took all that the reserve had.
    let (mut world, ticket) = coming_back(200 * SOL);
    world.expect_refusal(&wish_collect(&world, &ticket), &[], TidepoolError::TicketNotFilled);
    world.deposit("bob", 500 * SOL).unwrap();
    a_collection_does_what_the_queue_says(&mut world, &ticket);
}

#[test]
fn a_recycled_ticket_is_neither_claimed_cancelled_transferred_nor_released() {
    let (mut world, ticket) = coming_back(0);
    world.deposit("bob", 200 * SOL).unwrap();
    world.expect_refusal(&world.wish_claim(&ticket), &[], TidepoolError::TicketIsRecycled);
    world.expect_refusal(&world.wish_release(&ticket), &[], TidepoolError::TicketNotCancelled);
    // Its owner cannot sign, and nobody else owns it.
    let ana = world.user("ana");
    let wallet = ana.wallet.pubkey();
    let cancel = world.wish_cancel(&ticket, &ana.lst, 0);
    world.expect_refusal(&cancel.clone().unsigned(&ticket.owner), &[], AnchorError::AccountNotSigner);
    let by_ana = cancel.with(&ticket.owner, &wallet);
    world.expect_refusal(&by_ana, &[&ana.wallet], TidepoolError::WrongTicketOwner);
    let transfer = world.wish_transfer(&ticket, &wallet);
    world.expect_refusal(&transfer.clone().unsigned(&ticket.owner), &[], AnchorError::AccountNotSigner);
    let by_ana = transfer.with(&ticket.owner, &wallet);
    world.expect_refusal(&by_ana, &[&ana.wallet], TidepoolError::WrongTicketOwner);
    // Nor does it pay anybody else.
    let collect = wish_collect(&world, &ticket);
    let to_ana = collect.clone().with(&world.keys.sol_vault, &wallet);
    world.expect_refusal(&to_ana, &[], TidepoolError::WrongLiquidity);
    let rent_to_ana = collect.with(&ticket.rent_payer, &wallet);
    world.expect_refusal(&rent_to_ana, &[], TidepoolError::WrongRentPayer);
}

#[test]
fn an_order_and_a_gap_are_not_collected() {
    let (world, _, behind) = stage::queueing(&[SOL, SOL]);
    let order = wish_collect(&world, &behind[0]);
    world.expect_refusal(&order, &[], TidepoolError::TicketNotRecycled);
    let mut world = world;
    world.cancel(&behind[0]).unwrap();
    assert_eq!(world.ticket(&behind[0]).unwrap().kind, TicketKind::Cancelled);
    let gap = wish_collect(&world, &behind[0]);
    world.expect_refusal(&gap, &[], TidepoolError::TicketNotRecycled);
}

/// Its SOL is in the vault but in nobody's books: the providers get no part of it, and the next sync streams it to all
/// holders.
#[test]
fn a_strangers_ticket_given_to_the_vault_is_a_gift_to_the_holders() {
    let mut world = stage::earning();
    let ticket = world.order_unstake("ana", 10 * SOL).unwrap();
    let owed = world.ticket(&ticket).unwrap().lamports;
    let vault = world.keys.sol_vault;
    let ticket = world.transfer_ticket(&ticket, &vault).unwrap();
    world.cross_epoch();
    world.sync().unwrap();
    let (books, withheld) = (world.liquidity(), world.pool().withheld);

    world.expect_refusal(&wish_collect(&world, &ticket), &[], TidepoolError::TicketNotRecycled);
    world.claim(&ticket).unwrap();
    assert_eq!(bytemuck::bytes_of(&world.liquidity()), bytemuck::bytes_of(&books));
    let synced = &told::<events::PoolSynced>(&world.sync().unwrap())[0];
    assert_eq!(synced.donated, owed);
    assert_eq!(world.liquidity().sol_lamports, books.sol_lamports);
    assert!(world.pool().withheld > withheld + owed / 10 * 9);
}
