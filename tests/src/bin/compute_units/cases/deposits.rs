//! Deposits of SOL.

use {
    super::stage::{
        must, must_be_troubled, next_slot, staked, troubled, troubled_with_nothing_for_sale,
        with_fees_about_to_rise, young, young_on_token_2022, young_with, SOME,
    },
    crate::Result,
    tidepool_localnet::{Outcome, World, LAMPORTS_PER_SOL as SOL},
};

pub fn deposit(seed: u64) -> Result<Outcome> {
    Ok(young(seed, SOME)?.deposit("ana", 10 * SOL)?)
}

/// With a fee, at the rate of a running stream, and all of it goes to a waiting ticket.
pub fn deposit_into_trouble(seed: u64) -> Result<Outcome> {
    let mut world = troubled_with_nothing_for_sale(seed)?;
    let outcome = world.deposit("ana", 10 * SOL)?;
    must_be_troubled(&world)?;
    Ok(outcome)
}

pub fn deposit_fills_all_tickets(seed: u64) -> Result<Outcome> {
    let mut world = troubled_with_nothing_for_sale(seed)?;
    let outcome = world.deposit("bob", 1_000 * SOL)?;
    must(world.pool().queue().is_filled(), "all tickets are filled")?;
    Ok(outcome)
}

/// The last epoch's rewards are all released, and the warm-up is charged alone: it starts a stream over an epoch.
pub fn deposit_charged_for_warm_up(seed: u64) -> Result<Outcome> {
    let mut world = young_with(seed, |p| {
        p.fees.deposit = 10;
        p.fees.warmup = 5_000;
    })?;
    world.deposit("bob", 400 * SOL)?;
    world.run_epoch()?;
    world.run_epoch()?;
    world.run_epoch()?;
    world.cross_epoch();
    let outcome = world.deposit("ana", 10 * SOL)?;
    let pool = world.pool();
    must(pool.epoch_gain_ppb() > 0, "an epoch has gained")?;
    must(
        pool.stream_end_slot - pool.stream_start_slot == world.chain.slots_per_epoch(),
        "a new stream runs",
    )?;
    Ok(outcome)
}

/// Fees that were announced take effect with it.
pub fn deposit_under_new_fees(seed: u64) -> Result<Outcome> {
    let mut world = with_fees_about_to_rise(troubled_with_nothing_for_sale(seed)?)?;
    let outcome = world.deposit("ana", 10 * SOL)?;
    must(world.pool().pending_fees_epoch == 0, "new fees hold")?;
    Ok(outcome)
}

pub fn deposit_referred(seed: u64) -> Result<Outcome> {
    let mut world = troubled_with_nothing_for_sale(seed)?;
    let before = world.lst_of("bob");
    let outcome = send_referred(&mut world, 10 * SOL)?;
    must(world.lst_of("bob") > before, "the referrer is paid")?;
    Ok(outcome)
}

pub fn deposit_bought(seed: u64) -> Result<Outcome> {
    let mut world = staked(seed, SOME)?;
    world.add_liquidity("bob", 1_200 * SOL)?;
    next_slot(&mut world);
    world.liquid_unstake("ana", 100 * SOL)?;
    buy_all(&mut world)
}

pub fn deposit_bought_in_trouble(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    let outcome = buy_all(&mut world)?;
    must_be_troubled(&world)?;
    Ok(outcome)
}

fn buy_all(world: &mut World) -> Result<Outcome> {
    let before = world.liquidity().lst_amount;
    let outcome = world.deposit("ana", 10 * SOL)?;
    let after = world.liquidity().lst_amount;
    must(0 < after && after < before, "all is bought")?;
    Ok(outcome)
}

pub fn deposit_bought_in_part(seed: u64) -> Result<Outcome> {
    let mut world = staked(seed, SOME)?;
    world.add_liquidity("bob", 1_200 * SOL)?;
    next_slot(&mut world);
    world.liquid_unstake("ana", 100 * SOL)?;
    let before = world.pool().lst_supply;
    let outcome = world.deposit("ana", 200 * SOL)?;
    must(world.liquidity().lst_amount == 0 && world.pool().lst_supply > before, "a part is bought")?;
    Ok(outcome)
}

/// A part is bought, the rest minted and its fee shared with a referrer; waiting tickets are filled.
pub fn deposit_with_everything(seed: u64) -> Result<Outcome> {
    let mut world = with_fees_about_to_rise(troubled(seed)?)?;
    let (bob, supply) = (world.lst_of("bob"), world.pool().lst_supply);
    let outcome = send_referred(&mut world, 1_000 * SOL)?;
    must(world.liquidity().lst_amount == 0 && world.pool().lst_supply > supply, "a part is bought")?;
    must(world.lst_of("bob") > bob, "the referrer is paid")?;
    must(world.pool().queue().is_filled(), "all tickets are filled")?;
    Ok(outcome)
}

/// For ana, who was sent by bob.
fn send_referred(world: &mut World, lamports: u64) -> Result<Outcome> {
    let bob = world.user("bob").lst;
    Ok(world.deposit_referred("ana", lamports, &bob)?)
}

pub fn deposit_on_token_2022(seed: u64) -> Result<Outcome> {
    Ok(young_on_token_2022(seed)?.deposit("ana", 10 * SOL)?)
}
