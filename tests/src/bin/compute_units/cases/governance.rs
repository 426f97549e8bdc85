//! What admin, guardian and their successors do.

use {
    super::stage::{must, troubled, young, SOME},
    crate::Result,
    solana_signer::Signer,
    tidepool_client::Role,
    tidepool_interface::header::Function,
    tidepool_localnet::{Outcome, LAMPORTS_PER_SOL as SOL},
};

pub fn propose(seed: u64) -> Result<Outcome> {
    let mut world = young(seed, SOME)?;
    let successor = world.user("ana").wallet.pubkey();
    Ok(world.propose_role(Role::Admin, &successor)?)
}

pub fn cancel(seed: u64) -> Result<Outcome> {
    let mut world = young(seed, SOME)?;
    let successor = world.user("ana").wallet.pubkey();
    world.propose_role(Role::Admin, &successor)?;
    Ok(world.cancel_role_proposal(Role::Admin)?)
}

pub fn accept(seed: u64) -> Result<Outcome> {
    let mut world = young(seed, SOME)?;
    let ana = world.user("ana").wallet;
    world.propose_role(Role::Admin, &ana.pubkey())?;
    let outcome = world.accept_role(&ana, Role::Admin)?;
    must(world.pool().admin == ana.pubkey(), "the role is handed over")?;
    Ok(outcome)
}

/// The token account is looked at as well.
pub fn accept_treasury(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    let ana = world.user("ana");
    world.propose_role(Role::Treasury, &ana.lst)?;
    let outcome = world.accept_treasury(&ana.wallet, &ana.lst)?;
    must(world.pool().treasury == ana.lst, "the role is handed over")?;
    Ok(outcome)
}

pub fn announce_fees(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    let mut fees = world.fees();
    fees.deposit += 5;
    fees.reward -= 5;
    Ok(world.set_fees(fees)?)
}

pub fn set_parameters(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    let mut settings = world.settings();
    settings.liquidity_target_lamports += SOL;
    settings.min_deposit_lamports = SOL;
    Ok(world.set_parameters(settings)?)
}

pub fn pause(seed: u64) -> Result<Outcome> {
    Ok(troubled(seed)?.pause(Function::MASK)?)
}

pub fn resume(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    world.pause(Function::MASK)?;
    Ok(world.resume(Function::MASK)?)
}
