//! What an owner and others can do with a ticket besides claiming it.

use {
    super::stage::{must, staked, troubled_with_nothing_for_sale, young, SOME},
    crate::Result,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_client::TicketKind,
    tidepool_localnet::{world::OpenTicket, Outcome, World, LAMPORTS_PER_SOL as SOL},
    tidepool_math::TicketIndex,
};

/// At once, and nobody has ordered since.
pub fn cancel(seed: u64) -> Result<Outcome> {
    let mut world = young(seed, SOME)?;
    world.deposit("ana", 100 * SOL)?;
    let ticket = world.order_unstake("ana", 10 * SOL)?;
    let outcome = world.cancel(&ticket)?;
    must(world.ticket(&ticket).is_none(), "the ticket is closed")?;
    Ok(outcome)
}

/// The first one that waits, covered in part, after a loss, while a stream runs: what the LST does not stand for joins it,
/// and the ticket behind is filled.
pub fn cancel_covered_in_part(seed: u64) -> Result<Outcome> {
    let mut world = troubled_with_nothing_for_sale(seed)?;
    let [first, _] = two_tickets(&mut world)?;
    let before = world.pool();
    must(before.ticket_index < TicketIndex::ONE.0 && before.withheld > 0, "a stream runs after a loss")?;
    let state = world.ticket(&first).ok_or("no ticket")?;
    let covered = before.queue().claimable(&state.range(), 0)?.units;
    must(0 < covered && covered < state.units, "a part is covered")?;
    let outcome = world.cancel(&first)?;
    must(world.ticket(&first).is_none(), "the ticket is closed")?;
    must(world.pool().queue().filled > before.queue().filled, "others are filled")?;
    Ok(outcome)
}

/// Between tickets that wait, after the same: a gap is left.
pub fn cancel_leaves_a_gap(seed: u64) -> Result<Outcome> {
    let mut world = troubled_with_nothing_for_sale(seed)?;
    let [_, second] = two_tickets(&mut world)?;
    let outcome = world.cancel(&second)?;
    must_be_a_gap(&world, &second)?;
    Ok(outcome)
}

fn must_be_a_gap(world: &World, ticket: &OpenTicket) -> Result<()> {
    let is_gap = world.ticket(ticket).is_some_and(|ticket| ticket.kind == TicketKind::Cancelled);
    must(is_gap, "a gap is left")
}

pub fn release(seed: u64) -> Result<Outcome> {
    let mut world = troubled_with_nothing_for_sale(seed)?;
    let [first, second] = two_tickets(&mut world)?;
    world.cancel(&second)?;
    // The queue fills up to the gap, and beyond it as far as the SOL of the gap reaches.
    let state = world.ticket(&first).ok_or("no ticket")?;
    let pool = world.pool();
    let missing = pool.queue().worth(state.units)?.0 - pool.queue().claimable(&state.range(), 0)?.lamports.0;
    world.deposit("bob", missing + SOL)?;
    let filled = world.pool().queue().filled;
    let outcome = world.release(&second)?;
    must(world.ticket(&second).is_none(), "the gap is closed")?;
    must(
        world.pool().queue().filled > filled && world.pool().withheld > 0,
        "others are filled, a stream runs",
    )?;
    Ok(outcome)
}

pub fn release_too_early(seed: u64) -> Result<Outcome> {
    let mut world = troubled_with_nothing_for_sale(seed)?;
    let [_, second] = two_tickets(&mut world)?;
    world.cancel(&second)?;
    let outcome = world.release(&second)?;
    must_be_a_gap(&world, &second)?;
    Ok(outcome)
}

/// Ana's, which waits, and one of bob behind it, behind which waits another.
fn two_tickets(world: &mut World) -> Result<[OpenTicket; 2]> {
    let first = world.tickets.first().cloned().ok_or("no ticket")?;
    let second = world.order_unstake("bob", 10 * SOL)?;
    world.order_unstake("bob", 10 * SOL)?;
    Ok([first, second])
}

pub fn transfer(seed: u64) -> Result<Outcome> {
    let mut world = staked(seed, SOME)?;
    let ticket = world.order_unstake("ana", 100 * SOL)?;
    let bob = world.user("bob").wallet.pubkey();
    let outcome = send_transfer(&mut world, &ticket, &bob)?;
    must(world.ticket(&ticket).is_some_and(|ticket| ticket.owner == bob), "it is his")?;
    Ok(outcome)
}

fn send_transfer(world: &mut World, ticket: &OpenTicket, new_owner: &Pubkey) -> Result<Outcome> {
    let transfer = world.keys.transfer_ticket(&ticket.key, &ticket.owner, new_owner);
    Ok(world.send(&[transfer], &[&world.user("ana").wallet])?)
}
