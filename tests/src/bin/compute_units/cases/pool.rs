//! Making a pool and entering validators.

use {
    super::stage::young,
    crate::Result,
    solana_signer::Signer,
    tidepool_client::{PoolKeys, PoolParameters, ValidatorKeys},
    tidepool_interface::limits::{DECIMALS, RECORDS_PER_PAGE},
    tidepool_localnet::{Outcome, ValidatorConfig, World, WorldConfig},
};

/// A stranger's gift, enough for an account without data.
const GIFT: u64 = 1_000_000;

pub fn initialize(seed: u64) -> Result<Outcome> {
    Ok(initialize_second_pool(seed, |_, _| Ok(()))?.2)
}

/// By as much as an instruction can.
pub fn extend_history(seed: u64) -> Result<Outcome> {
    let (world, keys, _) = initialize_second_pool(seed, |_, _| Ok(()))?;
    let extend = keys.extend_history(&world.operator.pubkey());
    Ok(world.chain.send(&[extend], &[&world.operator])?)
}

pub fn initialize_with_lamports_on_its_addresses(seed: u64) -> Result<Outcome> {
    initialize_second_pool(seed, |world, keys| {
        let PoolKeys { pool, reserve, insurance, history, liquidity, sol_vault, .. } = keys;
        let PoolKeys { lst_vault, lp_mint, dead_lst, dead_lp, .. } = keys;
        let keys =
            [pool, reserve, insurance, history, liquidity, sol_vault, lst_vault, lp_mint, dead_lst, dead_lp];
        for key in keys {
            world.chain.airdrop(key, GIFT)?;
        }
        Ok(())
    })
    .map(|(_, _, outcome)| outcome)
}

/// The first pool is made by the world, out of sight.
fn initialize_second_pool(
    seed: u64,
    prepare: impl FnOnce(&World, &PoolKeys) -> Result<()>,
) -> Result<(World, PoolKeys, Outcome)> {
    let world = young(seed, 1)?;
    let operator = &world.operator;
    let mint = world.chain.keypair("second mint");
    world.chain.create_mint(&mint, &operator.pubkey(), DECIMALS, None)?;
    let treasury = world.chain.create_token_account(&mint.pubkey(), &operator.pubkey())?;
    let keys = PoolKeys::new(&mint.pubkey(), &treasury);
    prepare(&world, &keys)?;
    let parameters = PoolParameters {
        manager: operator.pubkey(),
        guardian: operator.pubkey(),
        ..WorldConfig::default().parameters
    };
    let create = keys.initialize_pool(&operator.pubkey(), &operator.pubkey(), parameters);
    let outcome = world.chain.send(&[create], &[operator])?;
    Ok((world, keys, outcome))
}

/// Opens the page as well.
pub fn add_first_validator(seed: u64) -> Result<Outcome> {
    let config = WorldConfig { weights: vec![], ..WorldConfig::default().with_seed(seed) };
    add_validator(World::start(config)?)
}

pub fn add_later_validator(seed: u64) -> Result<Outcome> {
    add_validator(with_one_more_on_the_chain(young(seed, 1)?))
}

/// All records before it are looked through, and strangers have given to its stake accounts.
pub fn add_last_validator(seed: u64) -> Result<Outcome> {
    let world = with_one_more_on_the_chain(young(seed, RECORDS_PER_PAGE - 1)?);
    for stake in next_validator(&world).stakes {
        world.chain.airdrop(&stake, GIFT)?;
    }
    add_validator(world)
}

fn with_one_more_on_the_chain(mut world: World) -> World {
    world.chain.add_validator(&ValidatorConfig::default());
    world
}

/// The first validator of the chain that is not in the pool.
fn next_validator(world: &World) -> ValidatorKeys {
    let index = world.validators.len();
    world.keys.validator(&world.chain.validator(index).vote, index)
}

/// Not through the world, whose ledger does not know of gifts to accounts that are not the pool's yet.
fn add_validator(world: World) -> Result<Outcome> {
    let operator = &world.operator;
    let validator = next_validator(&world);
    let enter = world.keys.add_validator(&operator.pubkey(), &operator.pubkey(), &validator, 100, 0);
    Ok(world.chain.send(&[enter], &[operator])?)
}
