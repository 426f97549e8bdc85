//! What admin, guardian and their successors do.

use {
    super::stage::{must, troubled, young, SOME},
    crate::Result,
    solana_instruction::Instruction,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_client::{PoolKeys, Role},
    tidepool_interface::header::Function,
    tidepool_localnet::{world::typical_parameters, Outcome, World, LAMPORTS_PER_SOL as SOL},
};

pub fn propose(seed: u64) -> Result<Outcome> {
    let world = young(seed, SOME)?;
    let successor = world.user("ana").wallet.pubkey();
    by_operator(world, |keys, admin| keys.propose_role(admin, Role::Admin, &successor))
}

pub fn cancel(seed: u64) -> Result<Outcome> {
    let mut world = young(seed, SOME)?;
    let successor = world.user("ana").wallet.pubkey();
    let operator = world.operator.insecure_clone();
    let propose = world.keys.propose_role(&operator.pubkey(), Role::Admin, &successor);
    world.send(&[propose], &[&operator])?;
    by_operator(world, |keys, admin| keys.cancel_role_proposal(admin, Role::Admin))
}

pub fn accept(seed: u64) -> Result<Outcome> {
    let mut world = young(seed, SOME)?;
    let (operator, ana) = (world.operator.insecure_clone(), world.user("ana").wallet);
    let propose = world.keys.propose_role(&operator.pubkey(), Role::Admin, &ana.pubkey());
    world.send(&[propose], &[&operator])?;
    let accept = world.keys.accept_role(&ana.pubkey(), Role::Admin);
    let outcome = world.send(&[accept], &[&ana])?;
    must(world.pool().admin == ana.pubkey(), "the role is handed over")?;
    Ok(outcome)
}

/// The token account is looked at as well.
pub fn accept_treasury(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    let (operator, ana) = (world.operator.insecure_clone(), world.user("ana"));
    let propose = world.keys.propose_role(&operator.pubkey(), Role::Treasury, &ana.lst);
    world.send(&[propose], &[&operator])?;
    let accept = world.keys.accept_treasury(&ana.wallet.pubkey(), &ana.lst);
    let outcome = world.send(&[accept], &[&ana.wallet])?;
    must(world.pool().treasury == ana.lst, "the role is handed over")?;
    Ok(outcome)
}

pub fn announce_fees(seed: u64) -> Result<Outcome> {
    let world = troubled(seed)?;
    let mut fees = world.pool().fees;
    fees.deposit += 5;
    fees.reward -= 5;
    by_operator(world, |keys, admin| keys.set_fees(admin, fees))
}

pub fn set_parameters(seed: u64) -> Result<Outcome> {
    let world = troubled(seed)?;
    let mut settings = typical_parameters().settings;
    settings.liquidity_target_lamports += SOL;
    settings.min_deposit_lamports = SOL;
    by_operator(world, |keys, admin| keys.set_parameters(admin, settings))
}

pub fn pause(seed: u64) -> Result<Outcome> {
    by_operator(troubled(seed)?, |keys, guardian| keys.pause(guardian, Function::MASK))
}

pub fn resume(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    let operator = world.operator.insecure_clone();
    let pause = world.keys.pause(&operator.pubkey(), Function::MASK);
    world.send(&[pause], &[&operator])?;
    by_operator(world, |keys, guardian| keys.resume(guardian, Function::MASK))
}

/// He is admin and guardian.
fn by_operator(mut world: World, build: impl FnOnce(&PoolKeys, &Pubkey) -> Instruction) -> Result<Outcome> {
    let operator = world.operator.insecure_clone();
    let instruction = build(&world.keys, &operator.pubkey());
    Ok(world.send(&[instruction], &[&operator])?)
}
