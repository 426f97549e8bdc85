//! Updates of batches, each in one version 0 transaction that takes its accounts from a lookup table.

use {
    super::stage::{
        calls_of, delegate_all, fund, lose, must, slowly_staked, stake_calls, staked, undelegate_all, young,
    },
    crate::Result,
    solana_instruction::Instruction,
    solana_pubkey::Pubkey,
    std::{collections::BTreeSet, ops::Range},
    tidepool_interface::{limits::RECORDS_PER_PAGE, pda::StakeRole},
    tidepool_localnet::{Outcome, World, LAMPORTS_PER_SOL as SOL},
    tidepool_math::TicketIndex,
};

/// Accounts a transaction may name; mainnet's limit, not that of a chain with every feature on.
const MAX_LOCKS: usize = 64;
/// The payer, our program and the compute budget's.
const LOCKS_BESIDE: usize = 3;

/// Bytes of log a node keeps of a transaction; the events that come later are lost to all who read them there.
const MAX_LOG: usize = 10_000;

/// Rewards to book, nothing to move.
pub fn resting(seed: u64, validators: usize) -> Result<Outcome> {
    let mut world = staked(seed, validators)?;
    world.cross_epoch();
    let before = records(&world, StakeRole::Main);
    let outcome = update(&mut world, 0..validators)?;
    let after = records(&world, StakeRole::Main);
    must(before.iter().zip(&after).all(|(before, after)| before < after), "every validator has earned")?;
    must_have_gained(&world)?;
    must(outcome.cpis().is_empty(), "no call is due")?;
    must_be_logged_in_full(&outcome)?;
    Ok(outcome)
}

/// A second update in the same epoch.
pub fn seen_before(seed: u64, validators: usize) -> Result<Outcome> {
    let mut world = staked(seed, validators)?;
    let outcome = update(&mut world, 0..validators)?;
    must(outcome.cpis().is_empty(), "no call is due")?;
    Ok(outcome)
}

/// Rewards to book, and stake that joins the active stake of each.
pub fn merging(seed: u64, validators: usize) -> Result<Outcome> {
    let mut world = staked(seed, validators)?;
    fund(&mut world, 100)?;
    delegate_all(&mut world)?;
    world.cross_epoch();
    let outcome = merge_all(&mut world)?;
    must_have_gained(&world)?;
    Ok(outcome)
}

pub fn merging_the_first_stake(seed: u64) -> Result<Outcome> {
    let mut world = young(seed, 1)?;
    fund(&mut world, 100)?;
    delegate_all(&mut world)?;
    world.cross_epoch();
    merge_all(&mut world)
}

/// Stake that joins a main account whose phase has to be computed epoch by epoch.
pub fn merging_after_a_slow_warm_up(seed: u64) -> Result<Outcome> {
    let mut world = slowly_staked(seed, 1)?;
    fund(&mut world, 10)?;
    delegate_all(&mut world)?;
    world.cross_epoch();
    merge_all(&mut world)
}

fn merge_all(world: &mut World) -> Result<Outcome> {
    let validators = world.validators.len();
    let outcome = update(world, 0..validators)?;
    let rent = world.chain.rent().minimum_balance(200);
    must(records(world, StakeRole::Onramp).iter().all(|onramp| *onramp == rent), "every onramp is merged")?;
    must(stake_calls(&outcome) == validators, "one call of the stake program a validator")?;
    must_be_logged_in_full(&outcome)?;
    Ok(outcome)
}

/// Rewards to book, and stake of each that has cooled down for tickets.
pub fn returning(seed: u64, validators: usize) -> Result<Outcome> {
    let mut world = staked(seed, validators)?;
    world.order_unstake("ana", 30 * SOL * validators as u64)?;
    undelegate_all(&mut world)?;
    world.cross_epoch();
    let before = world.pool().reserve_lamports;
    let outcome = update(&mut world, 0..validators)?;
    must(world.pool().reserve_lamports > before + 25 * SOL * validators as u64, "stake came back")?;
    must(world.pool().queue().is_filled(), "the ticket is filled")?;
    must_have_gained(&world)?;
    must(stake_calls(&outcome) == validators, "one call of the stake program a validator")?;
    must_be_logged_in_full(&outcome)?;
    Ok(outcome)
}

/// The program's own bound of calls in one update; gifts in every account would make more due.
const MAX_CALLS: usize = 48;

/// Everything that can be due, for the last validators of two pages: each has rewards, stake to merge, stake that comes
/// back and tips on all three accounts; one was slashed, for which the insurance pays a part; tickets wait, the index is
/// below one and a stream runs.
pub fn all_at_once(seed: u64, validators: usize) -> Result<Outcome> {
    let mut world = with_stake_both_ways(seed)?;
    let all = world.validators.len();
    let batch = all - validators..all;
    for index in batch.clone() {
        for stake in world.validators[index].stakes {
            world.give(&stake, SOL / 100)?;
        }
    }
    let before = world.pool();
    must(before.withheld > 0 && before.ticket_index < TicketIndex::ONE.0, "a stream runs after a loss")?;
    must(before.insurance_lamports > 0, "the insurance can pay")?;
    let loss = before.insurance_lamports + before.insurance_due + before.withheld + 5 * SOL;
    world.slash(all - 1, loss).ok_or("too little stake to slash")?;
    let outcome = update(&mut world, batch)?;

    let due = 4 * validators;
    must(stake_calls(&outcome) == due.min(MAX_CALLS), "four calls of the stake program a validator")?;
    let paid = calls_of(&outcome, &solana_sdk_ids::system_program::id()).len();
    must(paid == 1, "the insurance pays")?;
    must(world.pool().ticket_index < before.ticket_index, "tickets bear a part of the loss")?;
    must(!world.pool().queue().is_filled(), "tickets wait")?;
    Ok(outcome)
}

/// Every validator of two pages has stake that has warmed up and stake that has cooled down, for tickets it does not
/// suffice for; there was a loss, and the update of the first has started a stream.
fn with_stake_both_ways(seed: u64) -> Result<World> {
    let mut world = staked(seed, RECORDS_PER_PAGE + 2)?;
    fund(&mut world, 50)?;
    delegate_all(&mut world)?;
    world.order_unstake("ana", 80 * SOL * world.validators.len() as u64)?;
    lose(&mut world, 0)?;
    undelegate_all(&mut world)?;
    let insurance = world.keys.insurance;
    world.give(&insurance, SOL)?;
    world.sync()?;
    world.cross_epoch();
    world.update([0])?;
    Ok(world)
}

fn must_have_gained(world: &World) -> Result<()> {
    must(world.pool().withheld > 0, "rewards are booked and streamed")
}

fn must_be_logged_in_full(outcome: &Outcome) -> Result<()> {
    let bytes: usize = outcome.logs.iter().map(String::len).sum();
    must(bytes <= MAX_LOG, &format!("{bytes} bytes of log"))
}

pub fn update(world: &mut World, validators: Range<usize>) -> Result<Outcome> {
    let table = world.lookup_table();
    let update = world.keys.update_validators(&world.batch(validators));
    let locks = accounts(&update).len() + LOCKS_BESIDE;
    must(locks <= MAX_LOCKS, &format!("{locks} accounts"))?;
    Ok(world.send_versioned(&[update], &[], &[table])?)
}

fn accounts(instruction: &Instruction) -> BTreeSet<Pubkey> {
    instruction.accounts.iter().map(|meta| meta.pubkey).collect()
}

/// What the pool last saw in each validator's account of `role`.
fn records(world: &World, role: StakeRole) -> Vec<u64> {
    (0..world.validators.len()).map(|index| world.record(index).lamports(role)).collect()
}
