//! Liquidity providers.

use {
    super::stage::{must, next_slot, troubled, undelegate_all, young, SOME},
    crate::Result,
    tidepool_localnet::{world::OpenTicket, Outcome, World, LAMPORTS_PER_SOL as SOL},
    tidepool_math::TicketIndex,
};

pub fn add(seed: u64) -> Result<Outcome> {
    Ok(young(seed, SOME)?.add_liquidity("bob", 100 * SOL)?)
}

/// The pool holds LST, whose rate a running stream moves.
pub fn add_in_trouble(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    must(world.liquidity().lst_amount > 0, "the liquidity pool holds LST")?;
    Ok(world.add_liquidity("bob", 100 * SOL + 1)?)
}

pub fn remove_sol(seed: u64) -> Result<Outcome> {
    let mut world = young(seed, SOME)?;
    world.add_liquidity("bob", 100 * SOL)?;
    Ok(world.remove_liquidity("bob", 10 * SOL)?)
}

pub fn remove_in_trouble(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    let before = world.lst_of("bob");
    let outcome = world.remove_liquidity("bob", 10 * SOL + 1)?;
    must(world.lst_of("bob") > before, "LST is paid too")?;
    Ok(outcome)
}

pub fn recycle(seed: u64) -> Result<Outcome> {
    let mut world = drained(seed)?;
    Ok(send_recycle(&mut world)?.1)
}

/// After a loss, while a stream runs and another ticket waits; a stranger has given to the ticket's address.
pub fn recycle_in_trouble(seed: u64) -> Result<Outcome> {
    let mut world = troubled_in_the_window(seed)?;
    let ticket = world.next_recycled();
    world.chain.airdrop(&ticket.key, 1_000_000)?;
    Ok(send_recycle(&mut world)?.1)
}

pub fn recycle_nothing(seed: u64) -> Result<Outcome> {
    let mut world = young(seed, SOME)?;
    world.add_liquidity("bob", 100 * SOL)?;
    world.to_move_window();
    let outcome = world.recycle()?;
    must(outcome.cpis().is_empty(), "nothing is due")?;
    Ok(outcome)
}

pub fn collect(seed: u64) -> Result<Outcome> {
    let mut world = drained(seed)?;
    let (ticket, _) = send_recycle(&mut world)?;
    world.cross_epoch();
    collect_all(&mut world, &ticket)
}

/// After a loss, while a stream runs and another ticket waits.
pub fn collect_the_rest(seed: u64) -> Result<Outcome> {
    let (mut world, ticket) = partly_covered(seed)?;
    world.collect(&ticket)?;
    let reserve = world.keys.reserve;
    world.give(&reserve, world.pool().queue().unfilled()?.0 + SOL)?;
    world.sync()?;
    let lst = world.lst_of("bob");
    world.order_unstake("bob", lst)?;
    let pool = world.pool();
    must(!pool.queue().is_filled() && pool.withheld > 0, "another waits and a stream runs")?;
    collect_all(&mut world, &ticket)
}

/// After a loss, while a stream runs; the ticket stays.
pub fn collect_in_part(seed: u64) -> Result<Outcome> {
    let (mut world, ticket) = partly_covered(seed)?;
    let outcome = world.collect(&ticket)?;
    must(world.ticket(&ticket).is_some_and(|ticket| ticket.paid_units > 0), "a part is collected")?;
    Ok(outcome)
}

fn partly_covered(seed: u64) -> Result<(World, OpenTicket)> {
    let mut world = troubled_in_the_window(seed)?;
    let (ticket, _) = send_recycle(&mut world)?;
    world.cross_epoch();
    world.update_all()?;
    let reserve = world.keys.reserve;
    let waits = world.pool().queue().unfilled()?.0.checked_sub(40 * SOL).ok_or("too much is covered")?;
    world.give(&reserve, waits)?;
    world.sync()?;
    let state = world.ticket(&ticket).ok_or("no ticket")?;
    let pool = world.pool();
    let claim = pool.queue().claimable(&state.range(), 0)?;
    must(0 < claim.units && claim.units < state.units, "a part is covered")?;
    must(pool.ticket_index < TicketIndex::ONE.0 && pool.withheld > 0, "a stream runs after a loss")?;
    Ok((world, ticket))
}

/// The liquidity pool has LST and lacks SOL; the reserve can pay for it.
fn drained(seed: u64) -> Result<World> {
    let mut world = young(seed, SOME)?;
    world.deposit("ana", 400 * SOL)?;
    world.add_liquidity("bob", 100 * SOL)?;
    next_slot(&mut world);
    world.liquid_unstake("ana", 50 * SOL)?;
    world.to_move_window();
    Ok(world)
}

/// Stake cools down for the ticket that waits.
fn troubled_in_the_window(seed: u64) -> Result<World> {
    let mut world = troubled(seed)?;
    world.to_move_window();
    undelegate_all(&mut world)?;
    let reserve = world.keys.reserve;
    world.give(&reserve, 5 * SOL)?;
    world.sync()?;
    let pool = world.pool();
    must(pool.ticket_index < TicketIndex::ONE.0 && pool.withheld > 0, "a stream runs after a loss")?;
    must(!pool.queue().is_filled(), "another ticket waits")?;
    Ok(world)
}

fn send_recycle(world: &mut World) -> Result<(OpenTicket, Outcome)> {
    let ticket = world.next_recycled();
    let outcome = world.recycle()?;
    must(world.ticket(&ticket).is_some(), "there is a ticket")?;
    Ok((ticket, outcome))
}

fn collect_all(world: &mut World, ticket: &OpenTicket) -> Result<Outcome> {
    let outcome = world.collect(ticket)?;
    must(world.ticket(ticket).is_none(), "the ticket is paid and closed")?;
    Ok(outcome)
}
