//! The pools the cases play on.

use {
    crate::Result,
    tidepool_client::PoolParameters,
    tidepool_interface::pda::StakeRole,
    tidepool_localnet::{
        Call, MintExtension, Outcome, ValidatorConfig, World, WorldConfig, LAMPORTS_PER_SOL as SOL,
    },
    tidepool_math::TicketIndex,
};

/// Validators where their number does not matter; as many as a world has by default.
pub const SOME: usize = 4;

/// Refuses a case that is not what its name says.
pub fn must(holds: bool, what: &str) -> Result<()> {
    match holds {
        true => Ok(()),
        false => Err(format!("not the case it should be: {what}").into()),
    }
}

/// A pool of ana and bob, who have SOL and a little in the pool, with so many validators and no stake.
pub fn young(seed: u64, validators: usize) -> Result<World> {
    start(WorldConfig::default().with_validators(vec![ValidatorConfig::default(); validators]), seed)
}

/// [`young`], with parameters of its own.
pub fn young_with(seed: u64, change: impl FnOnce(&mut PoolParameters)) -> Result<World> {
    start(WorldConfig::default().with_parameters(change), seed)
}

/// [`young`], on a mint of Token-2022 that carries its own metadata.
pub fn young_on_token_2022(seed: u64) -> Result<World> {
    let extensions = [MintExtension::MetadataPointer, MintExtension::TokenMetadata];
    start(WorldConfig::default().on_token_2022(&extensions), seed)
}

fn start(config: WorldConfig, seed: u64) -> Result<World> {
    let mut config = config.with_seed(seed);
    // They join below, when the reserve can pay the rent of their stake accounts.
    let weights = std::mem::take(&mut config.weights);
    let mut world = World::start(config)?.with_user("ana", 50_000 * SOL)?.with_user("bob", 50_000 * SOL)?;
    world.deposit("bob", SOL)?;
    for (index, weight) in weights.into_iter().enumerate() {
        world.add_validator(index, weight)?;
    }
    Ok(world)
}

/// [`young`], with 100 SOL a validator staked and earning.
pub fn staked(seed: u64, validators: usize) -> Result<World> {
    let mut world = young(seed, validators)?;
    fund(&mut world, 100)?;
    run_epoch(&mut world)?;
    Ok(world)
}

/// [`staked`] in a cluster so small that the stake took several epochs to warm up: then its phase has to be computed
/// epoch by epoch.
pub fn slowly_staked(seed: u64, validators: usize) -> Result<World> {
    let small = ValidatorConfig::default().with_stake(1_000 * SOL);
    let config = WorldConfig::default().with_validators(vec![small; validators]);
    let mut world = start(config, seed)?;
    fund(&mut world, 800)?;
    delegate_all(&mut world)?;
    let onramp = world.validators[0].stake(StakeRole::Onramp);
    let mut epochs = 0;
    while world.chain.stake_activation(&onramp).activating > 0 {
        world.cross_epoch();
        epochs += 1;
    }
    must(epochs >= 5, "the stake takes its time")?;
    world.update_all()?;
    world.sync()?;
    Ok(world)
}

/// Deposits so many SOL for each validator.
pub fn fund(world: &mut World, sol_each: u64) -> Result<Outcome> {
    Ok(world.deposit("ana", sol_each * SOL * world.validators.len() as u64)?)
}

/// Stakes what is there to stake, over the edge of the epoch, and updates all.
pub fn run_epoch(world: &mut World) -> Result<()> {
    delegate_all(world)?;
    world.cross_epoch();
    world.update_all()?;
    world.sync()?;
    Ok(())
}

pub fn delegate_all(world: &mut World) -> Result<()> {
    world.to_move_window();
    for index in 0..world.validators.len() {
        world.delegate(index)?;
    }
    Ok(())
}

/// For tickets of earlier slots: those of this very slot would not count yet.
pub fn undelegate_all(world: &mut World) -> Result<()> {
    world.to_move_window();
    next_slot(world);
    for index in 0..world.validators.len() {
        world.undelegate(index)?;
    }
    Ok(())
}

pub fn next_slot(world: &mut World) {
    world.advance(|chain| chain.next_slot());
}

/// Everything that makes an instruction dear at once: every fee is charged, an uninsured loss has brought the ticket
/// index below one, a reward stream runs, ana's order waits for most of its SOL, and the liquidity pool holds LST.
pub fn troubled(seed: u64) -> Result<World> {
    let mut world = before_the_trouble(seed)?;
    world.liquid_unstake("bob", 300 * SOL)?;
    trouble(world)
}

/// [`troubled`], but nobody has sold LST to the liquidity pool, so that a deposit has nothing to buy.
pub fn troubled_with_nothing_for_sale(seed: u64) -> Result<World> {
    trouble(before_the_trouble(seed)?)
}

fn before_the_trouble(seed: u64) -> Result<World> {
    let mut world = young_with(seed, |p| {
        p.fees.deposit = 10;
        p.fees.ticket = 10;
        p.fees.referral_share = 5_000;
        p.fees.warmup = 5_000;
    })?;
    fund(&mut world, 100)?;
    world.deposit("bob", 400 * SOL)?;
    world.add_liquidity("bob", 1_200 * SOL)?;
    run_epoch(&mut world)?;
    Ok(world)
}

fn trouble(mut world: World) -> Result<World> {
    world.order_unstake("ana", 100 * SOL)?;
    let loss = lose(&mut world, 0)?;
    let reserve = world.keys.reserve;
    world.give(&reserve, 5 * loss)?;
    world.sync()?;
    must_be_troubled(&world)?;
    Ok(world)
}

/// Fees have been announced and this is their epoch, but nobody has touched the pool in it; a stream runs.
pub fn with_fees_about_to_rise(mut world: World) -> Result<World> {
    let mut fees = world.fees();
    fees.deposit += 5;
    fees.liquid_max += 100;
    world.set_fees(fees)?;
    let from_epoch = world.pool().pending_fees_epoch;
    while world.chain.epoch() + 1 < from_epoch {
        world.cross_epoch();
    }
    world.to_move_window();
    let reserve = world.keys.reserve;
    world.give(&reserve, 50 * SOL)?;
    world.sync()?;
    world.cross_epoch();
    let (pool, clock) = (world.pool(), world.chain.clock());
    must(pool.pending_fees_epoch == clock.epoch, "fees are about to rise")?;
    must(pool.stream_end_slot > clock.slot, "a stream runs")?;
    Ok(world)
}

/// Slashes a validator by more than insurance and withheld rewards cover; gives the loss.
pub fn lose(world: &mut World, index: usize) -> Result<u64> {
    let pool = world.pool();
    let loss = pool.insurance_lamports + pool.insurance_due + pool.withheld + SOL;
    world.slash(index, loss).ok_or("the validator has less stake than it should lose")?;
    world.update([index])?;
    Ok(loss)
}

pub fn must_be_troubled(world: &World) -> Result<()> {
    let pool = world.pool();
    must(pool.ticket_index < TicketIndex::ONE.0, "the ticket index is below one")?;
    must(pool.withheld > 0, "a stream runs")?;
    must(!pool.queue().is_filled(), "tickets wait")
}

/// Calls of the stake program.
pub fn stake_calls(outcome: &Outcome) -> usize {
    calls_of(outcome, &solana_sdk_ids::stake::id()).len()
}

pub fn calls_of(outcome: &Outcome, program: &solana_pubkey::Pubkey) -> Vec<Call> {
    outcome.cpis().into_iter().filter(|call| call.program == *program).collect()
}
