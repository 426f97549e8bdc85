//! The two ways out: instant exits, and orders with their claims.

use {
    super::stage::{
        must, must_be_troubled, next_slot, staked, troubled, troubled_with_nothing_for_sale,
        with_fees_about_to_rise, young, young_on_token_2022, young_with, SOME,
    },
    crate::Result,
    solana_signer::Signer,
    tidepool_localnet::{world::OpenTicket, Outcome, World, LAMPORTS_PER_SOL as SOL},
};

pub fn exit_above_the_target(seed: u64) -> Result<Outcome> {
    exit(young(seed, SOME)?, 1_200 * SOL, 100 * SOL)
}

pub fn exit_across_the_target(seed: u64) -> Result<Outcome> {
    exit(young(seed, SOME)?, 1_200 * SOL, 300 * SOL)
}

pub fn exit_below_the_target(seed: u64) -> Result<Outcome> {
    exit(young(seed, SOME)?, 900 * SOL, 100 * SOL)
}

/// Across the target again, out of a pool in which everything happens at once.
pub fn exit_in_trouble(seed: u64) -> Result<Outcome> {
    let world = troubled(seed)?;
    let liquidity = world.liquidity();
    let to_target = liquidity.target_lamports - liquidity.sol_lamports;
    exit(world, to_target + 200 * SOL, 300 * SOL + 1)
}

/// The fees of the exit change with it, so do the target's, and what others have taken off the daily cap is counted down.
pub fn exit_under_a_daily_cap(seed: u64) -> Result<Outcome> {
    let mut world = young_with(seed, |p| {
        p.settings.instant_cap_lamports_per_day = 10_000 * SOL;
    })?;
    world.deposit("bob", 100 * SOL)?;
    world.add_liquidity("bob", 200 * SOL)?;
    next_slot(&mut world);
    world.liquid_unstake("bob", 10 * SOL)?;
    let world = with_fees_about_to_rise(world)?;
    must(world.pool().instant_used > 0, "a part of the cap is used")?;
    exit(world, 900 * SOL, 100 * SOL)
}

pub fn exit_on_token_2022(seed: u64) -> Result<Outcome> {
    exit(young_on_token_2022(seed)?, 900 * SOL, 100 * SOL)
}

fn exit(mut world: World, liquidity: u64, lst: u64) -> Result<Outcome> {
    world.add_liquidity("bob", liquidity)?;
    next_slot(&mut world);
    if world.lst_of("ana") < lst {
        world.deposit("ana", 2 * lst)?;
    }
    Ok(world.liquid_unstake("ana", lst)?)
}

/// The reserve pays for it at once.
pub fn order(seed: u64) -> Result<Outcome> {
    let mut world = young(seed, SOME)?;
    world.deposit("ana", 100 * SOL)?;
    let outcome = world.send_order("ana", 10 * SOL)?;
    must(world.pool().queue().is_filled(), "the ticket is filled")?;
    Ok(outcome)
}

pub fn order_on_token_2022(seed: u64) -> Result<Outcome> {
    let mut world = young_on_token_2022(seed)?;
    world.deposit("ana", 100 * SOL)?;
    Ok(world.send_order("ana", 10 * SOL)?)
}

/// With a fee, at an index below one, at the end of a queue that waits.
pub fn order_in_trouble(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    let outcome = world.send_order("ana", 10 * SOL + 1)?;
    must_be_troubled(&world)?;
    Ok(outcome)
}

pub fn order_with_lamports_on_its_address(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    let ticket = world.next_ticket("ana");
    world.chain.airdrop(&ticket.key, 1_000_000)?;
    Ok(world.send_order("ana", 10 * SOL + 1)?)
}

pub fn claim_in_full(seed: u64) -> Result<Outcome> {
    let mut world = young(seed, SOME)?;
    world.deposit("ana", 100 * SOL)?;
    let ticket = world.order_unstake("ana", 10 * SOL)?;
    world.cross_epoch();
    claim_all(&mut world, &ticket)
}

pub fn claim_in_part(seed: u64) -> Result<Outcome> {
    let (mut world, ticket) = half_filled_ticket(seed)?;
    let outcome = world.claim(&ticket)?;
    let left = world.ticket(&ticket).is_some_and(|ticket| 0 < ticket.paid_units && !ticket.is_paid());
    must(left, "a part is paid")?;
    Ok(outcome)
}

pub fn claim_the_rest(seed: u64) -> Result<Outcome> {
    let (mut world, ticket) = half_filled_ticket(seed)?;
    world.claim(&ticket)?;
    world.deposit("bob", 1_000 * SOL)?;
    claim_all(&mut world, &ticket)
}

/// A ticket of ana that the reserve covers in part, and may be claimed.
fn half_filled_ticket(seed: u64) -> Result<(World, OpenTicket)> {
    let mut world = staked(seed, SOME)?;
    world.deposit("ana", 10 * SOL)?;
    let ticket = world.order_unstake("ana", 100 * SOL)?;
    world.cross_epoch();
    Ok((world, ticket))
}

/// The rest of a ticket of an owner whose wallet is empty, at an index below one, while a stream runs and another ticket
/// waits.
pub fn claim_in_trouble(seed: u64) -> Result<Outcome> {
    let mut world = troubled_with_nothing_for_sale(seed)?;
    let ticket = world.tickets.first().cloned().ok_or("no ticket")?;
    world.cross_epoch();
    world.claim(&ticket)?;
    world.deposit("bob", 120 * SOL)?;
    world.order_unstake("bob", 100 * SOL)?;
    world.update_all()?;
    let wallet = world.user("ana").wallet.pubkey();
    world.chain.set_account(&wallet, &Default::default());
    let outcome = claim_all(&mut world, &ticket)?;
    must_be_troubled(&world)?;
    Ok(outcome)
}

fn claim_all(world: &mut World, ticket: &OpenTicket) -> Result<Outcome> {
    let outcome = world.claim(ticket)?;
    must(world.ticket(ticket).is_none(), "the ticket is paid and closed")?;
    Ok(outcome)
}
