//! Active stake that comes in with its owner, or leaves with him.

use {
    super::stage::{delegate_all, fund, must, stake_calls, staked, young_with, SOME},
    crate::Result,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_interface::pda::StakeRole,
    tidepool_localnet::{Outcome, World, LAMPORTS_PER_SOL as SOL},
};

/// It joins stake that is active.
pub fn deposit(seed: u64) -> Result<Outcome> {
    let mut world = staked(seed, SOME)?;
    let stake = own_stake(&mut world)?;
    deposit_merges(&mut world, &stake)
}

/// With fees, while rewards stream, the epoch's rewards all found; what is brought beyond the stake comes like SOL; tickets
/// wait.
pub fn deposit_in_trouble(seed: u64) -> Result<Outcome> {
    let mut world = charging(seed)?;
    let stake = own_stake(&mut world)?;
    world.update_all()?;
    world.order_unstake("bob", 300 * SOL)?;
    must(world.pool().withheld > 0 && !world.pool().queue().is_filled(), "a stream runs and a ticket waits")?;
    deposit_merges(&mut world, &stake)
}

fn deposit_merges(world: &mut World, stake: &Pubkey) -> Result<Outcome> {
    let outcome = send_deposit(world, stake)?;
    must(stake_calls(&outcome) == 3, "it changes hands and is merged")?;
    Ok(outcome)
}

/// Nothing is staked with the validator yet: the stake is moved, the rest goes to the reserve.
pub fn deposit_the_first_stake(seed: u64) -> Result<Outcome> {
    let mut world = young_with(seed, |p| p.fees.deposit = 10)?;
    let stake = own_stake(&mut world)?;
    let outcome = send_deposit(&mut world, &stake)?;
    must(stake_calls(&outcome) == 4, "it changes hands, the stake moves, the rest is withdrawn")?;
    Ok(outcome)
}

fn send_deposit(world: &mut World, stake: &Pubkey) -> Result<Outcome> {
    let before = world.pool().staked_lamports;
    let outcome = world.deposit_stake("ana", stake, 0)?;
    must(world.pool().staked_lamports > before, "the stake is the pool's")?;
    Ok(outcome)
}

pub fn withdraw(seed: u64) -> Result<Outcome> {
    send_withdrawal(staked(seed, SOME)?)
}

/// The last epoch's gain is charged, rewards stream.
pub fn withdraw_in_trouble(seed: u64) -> Result<Outcome> {
    let mut world = charging(seed)?;
    world.update_all()?;
    must(world.pool().withheld > 0 && world.pool().epoch_gain_ppb() > 0, "an epoch has gained")?;
    send_withdrawal(world)
}

fn send_withdrawal(mut world: World) -> Result<Outcome> {
    let (ana, stake) = (world.user("ana"), world.prepare_stake()?);
    let (owner, validator) = (ana.wallet.pubkey(), &world.validators[0]);
    let withdraw = world.keys.withdraw_stake(&owner, &stake, validator, &ana.lst, 10 * SOL + 1, 0);
    let outcome = world.send(&[withdraw], &[&ana.wallet])?;
    must(world.chain.delegation(&stake).is_some(), "stake is handed over")?;
    must(stake_calls(&outcome) == 3, "it is split off and changes hands")?;
    Ok(outcome)
}

/// Every fee is charged, and the last epoch has gained.
fn charging(seed: u64) -> Result<World> {
    let mut world = young_with(seed, |p| {
        p.fees.deposit = 10;
        p.fees.warmup = 5_000;
        p.fees.stake_withdrawal = 1;
    })?;
    fund(&mut world, 200)?;
    world.deposit("bob", 400 * SOL)?;
    delegate_all(&mut world)?;
    world.cross_epoch();
    world.update_all()?;
    world.cross_epoch();
    must(world.record(0).lamports(StakeRole::Main) > 100 * SOL, "stake is active")?;
    Ok(world)
}

/// Active stake of ana with the first validator, with lamports beside it.
fn own_stake(world: &mut World) -> Result<Pubkey> {
    let stake = world.add_stake("ana", 0, 50 * SOL)?;
    world.cross_epoch();
    world.chain.airdrop(&stake, SOL)?;
    Ok(stake)
}
