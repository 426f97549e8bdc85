//! Stake that leaves the reserve for a validator, and the other way.

use {
    super::stage::{
        delegate_all, fund, must, must_be_troubled, next_slot, slowly_staked, stake_calls, staked, troubled,
        undelegate_all, young, SOME,
    },
    crate::Result,
    tidepool_interface::pda::StakeRole,
    tidepool_localnet::{Outcome, World, LAMPORTS_PER_SOL as SOL},
    tidepool_math::TicketIndex,
};

pub fn delegate(seed: u64) -> Result<Outcome> {
    let mut world = young(seed, SOME)?;
    fund(&mut world, 100)?;
    world.to_move_window();
    delegates(&mut world)
}

pub fn delegate_again(seed: u64) -> Result<Outcome> {
    let mut world = young(seed, SOME)?;
    fund(&mut world, 100)?;
    delegate_all(&mut world)?;
    fund(&mut world, 100)?;
    delegates(&mut world)
}

/// To an account that was used before, out of a pool in which everything happens but tickets that wait: then nothing is
/// staked.
pub fn delegate_in_trouble(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    world.deposit("bob", 1_000 * SOL)?;
    delegate_all(&mut world)?;
    world.deposit("bob", 1_000 * SOL)?;
    let pool = world.pool();
    must(pool.withheld > 0 && pool.ticket_index < TicketIndex::ONE.0, "a stream runs after a loss")?;
    must(pool.queue().reserved().is_ok_and(|reserved| !reserved.is_zero()), "tickets are covered, not paid")?;
    delegates(&mut world)
}

fn delegates(world: &mut World) -> Result<Outcome> {
    let before = world.record(0).lamports(StakeRole::Onramp);
    let outcome = world.delegate(0)?;
    must(world.record(0).lamports(StakeRole::Onramp) > before, "stake is delegated")?;
    must(stake_calls(&outcome) == 1, "one call of the stake program")?;
    Ok(outcome)
}

pub fn nothing_to_delegate(seed: u64) -> Result<Outcome> {
    let mut world = staked(seed, SOME)?;
    world.to_move_window();
    no_calls(world.delegate(0)?)
}

pub fn nothing_to_delegate_while_tickets_wait(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    world.to_move_window();
    no_calls(world.delegate(0)?)
}

/// The account has stake from the last epoch, which nobody has merged.
pub fn nothing_to_delegate_to_a_busy_account(seed: u64) -> Result<Outcome> {
    let mut world = young(seed, SOME)?;
    fund(&mut world, 100)?;
    delegate_all(&mut world)?;
    world.cross_epoch();
    fund(&mut world, 100)?;
    world.to_move_window();
    no_calls(world.delegate(0)?)
}

pub fn undelegate_for_tickets(seed: u64) -> Result<Outcome> {
    let mut world = staked(seed, SOME)?;
    world.order_unstake("ana", 100 * SOL)?;
    world.to_move_window();
    undelegates(&mut world)
}

/// One more validator, and all others have more than their part.
pub fn undelegate_above_the_target(seed: u64) -> Result<Outcome> {
    let mut world = staked(seed, SOME)?;
    let index = world.chain.add_validator(&Default::default());
    world.add_validator(index, 100)?;
    world.to_move_window();
    undelegates(&mut world)
}

/// To an account that was used before, for tickets that wait after a loss, while a stream runs.
pub fn undelegate_in_trouble(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    undelegate_all(&mut world)?;
    world.cross_epoch();
    world.update_all()?;
    must(!world.record(0).uses(StakeRole::Offramp), "the offramp has cooled down")?;
    world.order_unstake("ana", 200 * SOL)?;
    let reserve = world.keys.reserve;
    world.to_move_window();
    world.give(&reserve, 10 * SOL)?;
    world.sync()?;
    must_be_troubled(&world)?;
    undelegates(&mut world)
}

/// The phase of the stake has to be computed epoch by epoch, by us and by the stake program.
pub fn undelegate_after_a_slow_warm_up(seed: u64) -> Result<Outcome> {
    let mut world = slowly_staked(seed, SOME)?;
    world.order_unstake("ana", 100 * SOL)?;
    world.to_move_window();
    undelegates(&mut world)
}

fn undelegates(world: &mut World) -> Result<Outcome> {
    let before = world.record(0).cooling_lamports;
    let outcome = world.undelegate(0)?;
    must(world.record(0).cooling_lamports > before, "stake is sent to cool down")?;
    must(stake_calls(&outcome) == 2, "stake is moved and deactivated")?;
    Ok(outcome)
}

pub fn nothing_to_undelegate(seed: u64) -> Result<Outcome> {
    let mut world = staked(seed, SOME)?;
    world.to_move_window();
    no_calls(world.undelegate(0)?)
}

/// An order after stake was already sent to cool down in this epoch: the offramp resumes, takes more and goes again.
pub fn undelegate_again(seed: u64) -> Result<Outcome> {
    let mut world = staked(seed, SOME)?;
    world.order_unstake("ana", 100 * SOL)?;
    undelegate_all(&mut world)?;
    world.order_unstake("ana", 100 * SOL)?;
    next_slot(&mut world);
    let outcome = world.undelegate(0)?;
    must(stake_calls(&outcome) == 3, "it resumes, takes more and cools down")?;
    Ok(outcome)
}

/// Tickets wait, and nobody has looked at the validator in this epoch.
pub fn nothing_to_undelegate_unseen(seed: u64) -> Result<Outcome> {
    let mut world = staked(seed, SOME)?;
    world.order_unstake("ana", 100 * SOL)?;
    world.cross_epoch();
    world.to_move_window();
    no_calls(world.undelegate(0)?)
}

fn no_calls(outcome: Outcome) -> Result<Outcome> {
    must(outcome.cpis().is_empty(), "nothing is due")?;
    Ok(outcome)
}
