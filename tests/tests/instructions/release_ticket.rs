//! The gap that a cancelled ticket left is skipped.

use {
    crate::stage::{self, Wishes},
    tidepool_tests::prelude::*,
};

/// Bob waits, then comes the gap of ana's first ticket, then ana's second one.
fn with_a_gap() -> (World, OpenTicket, OpenTicket, OpenTicket) {
    let (mut world, first, tickets) = stage::queueing(&[50 * SOL, 30 * SOL]);
    let [gap, behind] = tickets.try_into().unwrap();
    world.cancel(&gap).unwrap();
    stage::slots(&mut world, 3);
    (world, first, gap, behind)
}

/// SOL for so many units of the queue, and no more.
fn bring(world: &mut World, units: u64) {
    let reserve = world.keys.reserve;
    world.give(&reserve, units).unwrap();
    world.sync().unwrap();
}

fn units(world: &World, ticket: &OpenTicket) -> u64 {
    world.ticket(ticket).unwrap().units
}

/// A release and all it changes.
fn a_release_skips_the_gap(world: &mut World, gap: &OpenTicket) {
    let (keys, slot) = (world.keys, world.chain.slot());
    let units = units(world, gap);
    let mut queue = world.pool().queue();
    let range = world.ticket(gap).unwrap().range();
    let start = range.start;
    assert!(queue.release_cancelled(&range).unwrap());
    let release = world.wish_release(gap);
    let outcome = world.expect_change(&release, &[], |expected| {
        expected.releases(slot);
        expected.closes(&gap.key, &gap.rent_payer);
        expected.pool(|pool| {
            queue.fill(Lamports(pool.reserve_lamports)).unwrap();
            pool.set_queue(&queue);
            if start < pool.ticket_total_before.into() {
                let before = u128::from(pool.ticket_cancelled_before).saturating_sub(units.into());
                pool.ticket_cancelled_before = before.into();
            }
        });
    });
    outcome.assert_told(&events::TicketReleased {
        pool: keys.pool,
        ticket: gap.key,
        units,
        state: stage::state(world),
    });
    assert_eq!(world.pool().queue().cancelled, 0);
}

#[test]
fn a_gap_the_queue_has_not_reached_stays_and_nothing_is_due() {
    let (mut world, first, gap, _) = with_a_gap();
    let (keys, slot) = (world.keys, world.chain.slot());
    for _ in 0..2 {
        let release = world.wish_release(&gap);
        let outcome = world.expect_change(&release, &[], |expected| expected.releases(slot));
        outcome.assert_told(&events::NothingDue {
            pool: keys.pool,
            account: gap.key,
            reason: events::NothingDueReason::GapNotReached,
        });
    }
    // A unit is still missing in front of it.
    let filled = u64::try_from(world.pool().queue().filled).unwrap();
    let missing = units(&world, &first) - filled;
    bring(&mut world, missing - 1);
    let outcome = world.release(&gap).unwrap();
    assert_eq!(told::<events::NothingDue>(&outcome).len(), 1);
    assert!(world.ticket(&gap).is_some());
}

#[test]
fn a_gap_the_queue_has_reached_is_skipped() {
    let (mut world, first, gap, behind) = with_a_gap();
    let filled = u64::try_from(world.pool().queue().filled).unwrap();
    let missing = units(&world, &first) - filled;
    bring(&mut world, missing);
    a_release_skips_the_gap(&mut world, &gap);
    // The next unit is that of the ticket behind.
    let range = world.ticket(&behind).unwrap().range();
    assert_eq!(world.pool().queue().filled, range.start);
    bring(&mut world, 1);
    assert_eq!(world.pool().queue().filled, range.start + 1);
}

#[test]
fn sol_that_had_covered_a_gap_flows_on_when_it_is_skipped() {
    let (mut world, first, gap, behind) = with_a_gap();
    let filled = u64::try_from(world.pool().queue().filled).unwrap();
    // Nobody released the gap: SOL goes into it.
    let missing = units(&world, &first) - filled;
    bring(&mut world, missing + 20 * SOL);
    let range = world.ticket(&behind).unwrap().range();
    assert!(world.pool().queue().filled < range.start);
    a_release_skips_the_gap(&mut world, &gap);
    assert_eq!(world.pool().queue().filled, range.start + u128::from(20 * SOL));
}

/// Who waits behind a gap is not kept waiting by it, though nobody releases it: SOL enough for all tickets covers all of them
/// but what lies in the gap, which a release by anybody gives to them.
#[test]
fn anybody_releases_a_gap_and_its_rent_goes_to_who_paid_it() {
    let (mut world, _, gap, behind) = with_a_gap();
    bring(&mut world, 300 * SOL);
    let stranger = world.chain.wallet("stranger", SOL).unwrap();
    let (rent, payer) = (world.chain.lamports(&gap.key), gap.rent_payer);
    let before = world.chain.lamports(&payer);
    world.chain.send(&[world.wish_release(&gap)], &[&stranger]).unwrap();
    assert_eq!(world.chain.lamports(&payer) - before, rent);
    world.cross_epoch();
    world.claim(&behind).unwrap();
    assert!(world.account(&behind.key).is_none());
}

#[test]
fn a_gap_at_the_end_of_the_queue_is_taken_back() {
    let (mut world, first, gap, behind) = with_a_gap();
    world.cancel(&behind).unwrap();
    assert!(world.account(&behind.key).is_none());
    let queue = world.pool().queue();
    assert_eq!(queue.total, world.ticket(&gap).unwrap().range().end().unwrap());
    a_release_skips_the_gap(&mut world, &gap);
    assert_eq!(world.pool().queue().total, world.ticket(&first).unwrap().range().end().unwrap());
}

#[test]
fn only_gaps_of_this_pool_are_released_and_each_once() {
    let (mut world, first, gap, _) = with_a_gap();
    let bob = world.user("bob").wallet.pubkey();
    world.expect_refusal(&world.wish_release(&first), &[], TidepoolError::TicketNotCancelled);
    let rent_to_bob = world.wish_release(&gap).with(&gap.rent_payer, &bob);
    world.expect_refusal(&rent_to_bob, &[], TidepoolError::WrongRentPayer);
    let other = OtherPool::beside(&world);
    let theirs = other.keys.release_ticket(&gap.key, &gap.rent_payer);
    world.expect_refusal(&theirs, &[], TidepoolError::WrongPool);
    for impostor in [world.keys.liquidity, world.validators[0].page] {
        let release = world.wish_release(&gap).with(&gap.key, &impostor);
        world.expect_refusal(&release, &[], AnchorError::AccountDiscriminatorMismatch);
    }

    bring(&mut world, 300 * SOL);
    let release = world.wish_release(&gap);
    let faucet = world.chain.faucet().pubkey();
    let refund = solana_system_interface::instruction::transfer(&faucet, &gap.key, 3_000_000);
    let revived = [release.clone(), refund, release.clone()];
    world.expect_refusal_of_all(&revived, &[], AnchorError::AccountOwnedByWrongProgram);
    let twice = [release.clone(), release.clone()];
    world.expect_refusal_of_all(&twice, &[], AnchorError::AccountNotInitialized);
    world.release(&gap).unwrap();
    world.expect_refusal(&release, &[], AnchorError::AccountNotInitialized);
}

/// Every other one of many tickets is cancelled, in any order; then SOL for the rest comes and everybody else is paid.
#[test]
fn many_gaps_released_in_any_order_leave_everybody_paid_in_full() {
    for reversed in [false, true] {
        let (mut world, first, tickets) = stage::queueing(&[7, 1, 5, 2, 9, 3, 4, 6].map(|lst| lst * SOL));
        let (gaps, kept): (Vec<_>, Vec<_>) =
            tickets.iter().enumerate().partition(|(place, _)| place % 2 == 0);
        for (_, gap) in &gaps {
            world.cancel(gap).unwrap();
        }
        world.cross_epoch();
        let open: u64 = kept.iter().map(|(_, ticket)| units(&world, ticket)).sum();
        let filled = u64::try_from(world.pool().queue().filled).unwrap();
        let missing = units(&world, &first) + open - filled;
        bring(&mut world, missing);
        let mut order = gaps;
        if reversed {
            order.reverse();
        }
        for _ in 0..order.len() {
            for (_, gap) in &order {
                if world.ticket(gap).is_some() {
                    world.release(gap).unwrap();
                }
            }
        }
        assert!(order.iter().all(|(_, gap)| world.account(&gap.key).is_none()));
        assert_eq!(world.pool().queue().unfilled().unwrap(), Lamports(0));
        for (_, ticket) in &kept {
            let owed = world.ticket(ticket).unwrap().lamports;
            let before = world.sol_of("ana");
            world.claim(ticket).unwrap();
            assert_eq!(world.sol_of("ana") - before, owed);
        }
    }
}
