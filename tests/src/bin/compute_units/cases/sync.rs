//! Bringing the books in line.

use {
    super::stage::{must, staked, troubled, SOME},
    crate::Result,
    tidepool_localnet::{Outcome, LAMPORTS_PER_SOL as SOL},
};

/// The second one of an epoch.
pub fn nothing_due(seed: u64) -> Result<Outcome> {
    Ok(staked(seed, SOME)?.sync()?)
}

/// The first one of an epoch, after its update: a fee for the treasury, something for the insurance, an entry of the history.
pub fn normal(seed: u64) -> Result<Outcome> {
    let mut world = staked(seed, SOME)?;
    world.cross_epoch();
    world.update_all()?;
    let pool = world.pool();
    must(pool.fee_shares_due > 0 && pool.insurance_due > 0, "fees are due")?;
    Ok(world.sync()?)
}

/// Fees, exit fees, insurance, gifts to every vault, burned LST and burned liquidity shares, and an entry of the history.
pub fn all_due(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    world.deposit("bob", 1_000 * SOL)?; // the insurance is paid when no ticket waits
    world.cross_epoch();
    world.update_all()?;
    let keys = world.keys;
    for vault in [keys.reserve, keys.insurance, keys.sol_vault] {
        world.give(&vault, SOL)?;
    }
    world.liquid_unstake("bob", SOL)?;
    let bob = world.user("bob");
    world.chain.transfer_tokens(&bob.lst, &keys.lst_vault, &bob.wallet, SOL)?;
    world.chain.burn(&bob.lp, &bob.wallet, SOL)?;
    world.chain.burn(&bob.lst, &bob.wallet, SOL)?;
    let (pool, liquidity) = (world.pool(), world.liquidity());
    must(pool.fee_shares_due > 0 && pool.insurance_due > 0, "fees are due")?;
    must(liquidity.treasury_lst_due > 0, "exit fees are due")?;
    let outcome = world.sync()?;
    let (pool, liquidity) = (world.pool(), world.liquidity());
    must(pool.fee_shares_due == 0 && liquidity.treasury_lst_due == 0, "fees are paid")?;
    must(liquidity.lst_amount > 0, "gifts")?;
    Ok(outcome)
}
