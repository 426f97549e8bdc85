//! A ticket in, LST out.

use {
    crate::stage::{self, Wishes},
    tidepool_client::{Ticket, TicketKind},
    tidepool_math::{CancelledTicket, TicketQueue},
    tidepool_tests::prelude::*,
};

/// What a cancellation gives now, by the books: LST, what the ticket is still worth, and whether a gap stays.
struct Quote {
    lst: u64,
    worth: u64,
    queue: TicketQueue,
    gap: Option<math::TicketRange>,
}

fn quote(world: &World, ticket: &OpenTicket) -> Quote {
    let (state, before) = (world.ticket(ticket).unwrap(), world.pool().queue());
    let unpaid = state.units - state.paid_units;
    let worth = before.worth(unpaid).unwrap();
    let burned = u128::from(state.lst_amount) * u128::from(unpaid) / u128::from(state.units);
    // Who cancels comes back like a comer: he pays for rewards that are found and for an epoch's gain, whatever others pay.
    let price = stage::rate_with(world, stage::charge(world, Bps::ONE));
    let lst = price.shares_floor(worth).unwrap().0.min(u64::try_from(burned).unwrap());

    let mut queue = before;
    let CancelledTicket { units, gap } = queue.cancel(&state.range(), state.paid_units).unwrap();
    assert_eq!(units, unpaid);
    let closes = gap.units == 0 || queue.release_cancelled(&gap).unwrap();
    Quote { lst, worth: worth.0, queue, gap: (!closes).then_some(gap) }
}

/// A cancellation and all it changes; the LST goes to `lst_to`.
fn a_cancellation_does_what_its_quote_says(world: &mut World, ticket: &OpenTicket, lst_to: &Pubkey) -> Quote {
    let (keys, slot, rate) = (world.keys, world.chain.slot(), world.rate());
    let state = world.ticket(ticket).unwrap();
    let Quote { lst, worth, mut queue, gap } = quote(world, ticket);
    assert!(lst <= state.lst_amount);
    let owner = world.users().find(|(_, user)| user.wallet.pubkey() == ticket.owner).unwrap().1.clone();
    let (rent, charge) = (world.chain.lamports(&ticket.key), stage::charge(world, Bps::ONE));

    let cancel = world.wish_cancel(ticket, lst_to, lst);
    let outcome = world.expect_change(&cancel, &[&owner.wallet], |expected| {
        expected.releases(slot);
        expected.mints(&keys.lst_mint, lst_to, lst);
        match &gap {
            None => expected.closes(&ticket.key, &ticket.rent_payer),
            Some(gap) => expected.ticket(
                &ticket.key,
                rent,
                &Ticket {
                    queue_start: gap.start,
                    units: gap.units,
                    paid_units: 0,
                    lamports: 0,
                    lst_amount: 0,
                    kind: TicketKind::Cancelled,
                    ..state.clone()
                },
            ),
        }
        expected.pool(|pool| {
            let streamed = stage::stream_premium(pool, worth, Shares(lst), charge, slot);
            let before = pool.queue().liabilities().unwrap().0;
            pool.value_floor += before - queue.liabilities().unwrap().0 - streamed;
            pool.lst_supply += lst;
            if let Some(gap) = &gap {
                if gap.start < pool.ticket_total_before.into() {
                    let before = u128::from(pool.ticket_cancelled_before) + u128::from(gap.units);
                    pool.ticket_cancelled_before = before.into();
                }
            }
            queue.fill(Lamports(pool.reserve_lamports)).unwrap();
            pool.set_queue(&queue);
        });
    });
    outcome.assert_told(&events::TicketCancelled {
        pool: keys.pool,
        ticket: ticket.key,
        owner: ticket.owner,
        lamports: worth,
        lst_minted: lst,
        gap_units: gap.map_or(0, |gap| gap.units),
        state: stage::state(world),
    });
    assert!(world.rate() >= rate);
    Quote { lst, worth, queue, gap }
}

#[test]
fn at_the_end_of_the_queue_an_order_is_undone() {
    let (mut world, _, tickets) = stage::queueing(&[50 * SOL]);
    let ana = world.user("ana").lst;
    let lst = world.lst_of("ana");
    let (total, units) = (world.pool().queue().total, world.ticket(&tickets[0]).unwrap().units);
    let (rate, price) = (world.rate(), stage::rate_with(&world, stage::charge(&world, Bps::ONE)));
    let Quote { lst: back, gap, .. } = a_cancellation_does_what_its_quote_says(&mut world, &tickets[0], &ana);
    assert!(gap.is_none());
    assert_eq!(world.pool().queue().total, total - u128::from(units));
    // All but the ticket fee, what it left behind of rewards that are found and not released, and an epoch's gain; and at
    // most a unit for each of two roundings.
    let ordered = u128::from(50 * SOL - Bps(20).of_ceil(50 * SOL));
    let whole = ordered * u128::from(rate.value.0) / u128::from(price.value.0);
    assert!(u128::from(back) <= whole && whole - u128::from(back) <= 2, "{back} of {whole}");
    assert_eq!(world.lst_of("ana"), lst + back);
    assert!(world.account(&tickets[0].key).is_none());
}

#[test]
fn in_the_middle_of_the_queue_a_gap_stays() {
    let (mut world, first, tickets) = stage::queueing(&[50 * SOL, 30 * SOL]);
    let ana = world.user("ana").lst;
    let state = world.ticket(&tickets[0]).unwrap();
    let before = world.pool().queue();
    let Quote { gap, .. } = a_cancellation_does_what_its_quote_says(&mut world, &tickets[0], &ana);
    assert_eq!(gap, Some(state.range()));
    let queue = world.pool().queue();
    assert_eq!((queue.total, queue.filled), (before.total, before.filled), "the others keep their places");
    assert_eq!(queue.cancelled, u128::from(state.units));

    // What comes pays bob, then ana's other ticket: the gap takes none of it.
    let missing = [&first, &tickets[1]].map(|ticket| world.ticket(ticket).unwrap().units);
    let missing = missing.iter().sum::<u64>() - u64::try_from(before.filled).unwrap();
    let price = world.entry_rate().lamports_ceil(Shares(world.liquidity().lst_amount)).unwrap().0;
    world.deposit("bob", price + missing).unwrap();
    assert_eq!(world.pool().queue().unfilled().unwrap(), Lamports(0), "the gap waits for nothing");
    world.cross_epoch();
    world.release(&tickets[0]).unwrap();
    for ticket in [&tickets[1], &first] {
        world.claim(ticket).unwrap();
        assert!(world.account(&ticket.key).is_none());
    }
    assert!(world.account(&tickets[0].key).is_none());
}

#[test]
fn a_ticket_that_is_covered_in_part_closes_and_its_sol_flows_on() {
    let (mut world, first, tickets) = stage::queueing(&[50 * SOL]);
    let bob = world.user("bob").lst;
    let covered = u64::try_from(world.pool().queue().filled).unwrap();
    assert!(covered < 50 * SOL);
    let Quote { gap, .. } = a_cancellation_does_what_its_quote_says(&mut world, &first, &bob);
    assert!(gap.is_none());
    // What it had waits for ana now.
    world.cross_epoch();
    let before = world.sol_of("ana");
    world.claim(&tickets[0]).unwrap();
    assert_eq!(world.sol_of("ana") - before, covered);
}

#[test]
fn a_ticket_that_is_covered_gives_its_sol_back_to_the_reserve() {
    let mut world = stage::earning();
    let ana = world.user("ana").lst;
    let before = world.pool().free_reserve().unwrap();
    let ticket = world.order_unstake("ana", 31_234_567_891).unwrap();
    assert!(world.pool().queue().is_filled());
    a_cancellation_does_what_its_quote_says(&mut world, &ticket, &ana);
    assert_eq!(world.pool().free_reserve().unwrap(), before);

    // The last one of an empty queue, and one that others stand behind.
    let [first, second] = [7, 9].map(|lst| world.order_unstake("ana", lst * SOL).unwrap());
    a_cancellation_does_what_its_quote_says(&mut world, &first, &ana);
    world.cross_epoch();
    a_cancellation_does_what_its_quote_says(&mut world, &second, &ana);
    let queue = world.pool().queue();
    assert_eq!((queue.liabilities().unwrap(), queue.cancelled), (Lamports(0), 0));
}

#[test]
fn of_a_ticket_that_is_paid_in_part_the_rest_is_cancelled() {
    let (mut world, first, _) = stage::queueing(&[50 * SOL]);
    let bob = world.user("bob").lst;
    world.cross_epoch();
    world.claim(&first).unwrap();
    let state = world.ticket(&first).unwrap();
    assert!(state.paid_units > 0 && state.paid_units < state.units);
    let Quote { lst, worth, .. } = a_cancellation_does_what_its_quote_says(&mut world, &first, &bob);
    assert_eq!(worth, state.lamports - state.paid_units);
    let part = u128::from(state.lst_amount) * u128::from(worth) / u128::from(state.units);
    assert!(u128::from(lst) <= part);
}

/// OriginProtocol/arm-oeth#240: who waited cancelled at a better price than who stayed. A ticket is no shelter from a loss,
/// nor a bet on one.
#[test]
fn after_a_loss_a_ticket_becomes_no_more_lst_than_was_burned_for_it() {
    for loss in [40 * SOL, 150 * SOL] {
        let (mut world, first, tickets) = stage::queueing(&[50 * SOL, 10 * SOL]);
        let (ana, bob) = (world.user("ana").lst, world.user("bob").lst);
        let rate = world.rate();
        let insured = world.pool().insurance_lamports + world.pool().insurance_due;
        world.slash(0, loss + insured + world.pool().withheld).unwrap();
        world.update([0]).unwrap();
        assert!(world.pool().ticket_index < TicketIndex::ONE.0 && world.rate() < rate);
        for (ticket, lst_to) in [(&tickets[0], &ana), (&first, &bob), (&tickets[1], &ana)] {
            let state = world.ticket(ticket).unwrap();
            let (rate, price) = (world.rate(), stage::rate_with(&world, stage::charge(&world, Bps::ONE)));
            let Quote { lst, worth, .. } =
                a_cancellation_does_what_its_quote_says(&mut world, ticket, lst_to);
            assert!(worth < state.lamports);
            // Less the fee and the price of coming back it is what was burned: both fell alike.
            let burned = state.lst_amount - Bps(20).of_ceil(state.lst_amount);
            let back = u128::from(burned) * u128::from(rate.value.0) / u128::from(price.value.0);
            let back = u64::try_from(back).unwrap();
            assert!(lst < burned && lst.abs_diff(back) < burned / 1_000, "{lst} of {burned}");
        }
    }
}

#[test]
fn after_a_gain_a_ticket_becomes_what_its_lamports_buy_now() {
    let (mut world, _, tickets) = stage::queueing(&[50 * SOL]);
    let ana = world.user("ana").lst;
    for _ in 0..3 {
        world.cross_epoch();
        world.update_all().unwrap();
    }
    let worth = world.ticket(&tickets[0]).unwrap().lamports;
    let before = stage::rate_with(&world, stage::charge(&world, Bps::ONE));
    let Quote { lst, .. } = a_cancellation_does_what_its_quote_says(&mut world, &tickets[0], &ana);
    assert!(lst < 50 * SOL - Bps(20).of_ceil(50 * SOL) - SOL / 1_000, "the rate has risen");
    let price = before.lamports_floor(Shares(lst)).unwrap();
    assert!(price.0 <= worth && worth - price.0 <= 2);
}

#[test]
fn a_cancellation_never_gives_less_than_the_owner_accepts() {
    let (mut world, _, tickets) = stage::queueing(&[50 * SOL]);
    let ana = world.user("ana");
    let lst = quote(&world, &tickets[0]).lst;
    for too_much in [lst + 1, 50 * SOL, u64::MAX] {
        let cancel = world.wish_cancel(&tickets[0], &ana.lst, too_much);
        world.expect_refusal(&cancel, &[&ana.wallet], TidepoolError::BelowMinimumOut);
    }
    let cancel = world.wish_cancel(&tickets[0], &ana.lst, lst);
    world.send(&[cancel], &[&ana.wallet]).unwrap();
}

#[test]
fn only_the_owner_cancels() {
    let (world, _, tickets) = stage::queueing(&[50 * SOL]);
    let (ana, bob) = (world.user("ana"), world.user("bob"));
    let cancel = world.wish_cancel(&tickets[0], &bob.lst, 0);
    let by_bob = cancel.clone().with(&ana.wallet.pubkey(), &bob.wallet.pubkey());
    world.expect_refusal(&by_bob, &[&bob.wallet], TidepoolError::WrongTicketOwner);
    let unsigned = cancel.clone().unsigned(&ana.wallet.pubkey());
    world.expect_refusal(&unsigned, &[], AnchorError::AccountNotSigner);
    let rent_to_bob = cancel.with(&tickets[0].rent_payer, &bob.wallet.pubkey());
    world.expect_refusal(&rent_to_bob, &[&ana.wallet], TidepoolError::WrongRentPayer);

    let other = OtherPool::beside(&world);
    let me = other.owner.pubkey();
    let theirs = other.keys.cancel_ticket(&other.ticket, &me, &me, &ana.lst, 0);
    let pool = world.keys;
    let through_ours = theirs
        .with(&other.keys.pool, &pool.pool)
        .with(&other.keys.lst_mint, &pool.lst_mint)
        .with(&other.keys.authority, &pool.authority);
    world.expect_refusal(&through_ours, &[&other.owner], TidepoolError::WrongPool);
}

/// Between order and claim an owner may lose the account his LST came from.
#[test]
fn lst_goes_to_any_usable_account_of_the_mint() {
    const STATE: usize = 108;
    type Spoil = fn(&World, &mut Account);
    let spoil: [(&str, Spoil); 5] = [
        ("closed", |_, account| *account = Account::default()),
        ("frozen", |_, account| account.data[STATE] = 2),
        ("uninitialized", |_, account| account.data[STATE] = 0),
        ("of another mint", |world, account| {
            account.data[..32].copy_from_slice(world.keys.lp_mint.as_ref());
        }),
        ("of another program", |_, account| account.owner = tidepool_localnet::TOKEN_2022_PROGRAM),
    ];
    for (how, spoil) in spoil {
        println!("{how}");
        let (mut world, _, tickets) = stage::queueing(&[50 * SOL]);
        let (ana, bob) = (world.user("ana"), world.user("bob").lst);
        stage::patch(&world, &ana.lst, |account| spoil(&world, account));
        let cancel = world.wish_cancel(&tickets[0], &ana.lst, 0);
        world.expect_refusal(&cancel, &[&ana.wallet], TidepoolError::WrongTokenAccount);
        if how == "closed" {
            // What she had left there is gone with it; the world's books count it as burned.
            a_cancellation_does_what_its_quote_says(&mut world, &tickets[0], &bob);
        } else {
            world.send(&[world.wish_cancel(&tickets[0], &bob, 0)], &[&ana.wallet]).unwrap();
        }
    }
}

#[test]
fn nothing_is_minted_for_a_ticket_while_the_mint_is_out_of_step() {
    const SUPPLY: usize = 36;
    let (mut world, _, tickets) = stage::queueing(&[50 * SOL]);
    let (ana, mint) = (world.user("ana"), world.keys.lst_mint);
    world.sync().unwrap();
    let supply = world.chain.mint_supply(&mint);
    stage::patch(&world, &mint, |mint| stage::put_u64(mint, SUPPLY, supply + 1));
    let cancel = world.wish_cancel(&tickets[0], &ana.lst, 0);
    world.expect_refusal(&cancel, &[&ana.wallet], TidepoolError::MintOutOfStep);
    stage::patch(&world, &mint, |mint| stage::put_u64(mint, SUPPLY, supply));
    world.cancel(&tickets[0]).unwrap();
}

#[test]
fn a_ticket_worth_less_than_a_share_is_not_cancelled() {
    // A share costs two lamports and a half; ordered, it is worth two.
    let mut world = stage::at_rate(2_500);
    let ana = world.user("ana");
    let ticket = world.order_unstake("ana", 1).unwrap();
    assert_eq!(world.ticket(&ticket).unwrap().lamports, 2);
    let cancel = world.wish_cancel(&ticket, &ana.lst, 0);
    world.expect_refusal(&cancel, &[&ana.wallet], TidepoolError::AmountTooSmall);
    // It is paid like any other.
    world.cross_epoch();
    let before = world.sol_of("ana");
    world.claim(&ticket).unwrap();
    assert_eq!(world.sol_of("ana") - before, 2);
}

#[test]
fn a_cancelled_ticket_is_neither_cancelled_again_nor_claimed_nor_given_away() {
    let (mut world, _, tickets) = stage::queueing(&[50 * SOL, 30 * SOL]);
    let (ana, bob) = (world.user("ana"), world.user("bob"));
    let (cancel, claim) = (world.wish_cancel(&tickets[0], &ana.lst, 0), world.wish_claim(&tickets[0]));
    let transfer = world.wish_transfer(&tickets[0], &bob.wallet.pubkey());
    let twice = [cancel.clone(), cancel.clone()];
    world.expect_refusal_of_all(&twice, &[&ana.wallet], TidepoolError::TicketCancelled);
    let claimed = [cancel.clone(), claim.clone()];
    world.expect_refusal_of_all(&claimed, &[&ana.wallet], TidepoolError::TicketCancelled);

    world.cancel(&tickets[0]).unwrap();
    for _ in 0..2 {
        for instruction in [&cancel, &transfer] {
            world.expect_refusal(instruction, &[&ana.wallet], TidepoolError::TicketCancelled);
        }
        world.expect_refusal(&claim, &[], TidepoolError::TicketCancelled);
        world.cross_epoch();
    }
}

/// marinade `ReusingDelayedUnstakeTicket`: a closed ticket was revived in the same transaction.
#[test]
fn a_cancelled_ticket_that_closed_is_gone_even_if_its_rent_comes_back() {
    let (mut world, _, tickets) = stage::queueing(&[50 * SOL]);
    let ana = world.user("ana");
    let cancel = world.wish_cancel(&tickets[0], &ana.lst, 0);
    let rent = world.chain.lamports(&tickets[0].key);
    let faucet = world.chain.faucet().pubkey();
    let refund = solana_system_interface::instruction::transfer(&faucet, &tickets[0].key, rent);
    let release = world.wish_release(&tickets[0]);
    let claim = world.wish_claim(&tickets[0]);
    for again in [&cancel, &release, &claim] {
        let revived = [cancel.clone(), refund.clone(), again.clone()];
        world.expect_refusal_of_all(&revived, &[&ana.wallet], AnchorError::AccountOwnedByWrongProgram);
        let closed = [cancel.clone(), again.clone()];
        world.expect_refusal_of_all(&closed, &[&ana.wallet], AnchorError::AccountNotInitialized);
    }
    world.cancel(&tickets[0]).unwrap();
    world.expect_refusal(&cancel, &[&ana.wallet], AnchorError::AccountNotInitialized);
}
