//! Liquidity providers.

use {
    super::stage::{must, troubled, young, SOME},
    crate::Result,
    tidepool_localnet::{Outcome, LAMPORTS_PER_SOL as SOL},
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
