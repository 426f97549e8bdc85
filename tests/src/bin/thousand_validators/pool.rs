//! A pool of 1,000 validators, made by transactions alone.

use {
    crate::Result,
    solana_instruction::Instruction,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_client::{cluster, ValidatorKeys},
    tidepool_localnet::{
        AddressLookupTableAccount, ValidatorConfig, World, WorldConfig, LAMPORTS_PER_SOL as SOL,
    },
};

pub const VALIDATORS: usize = 1_000;

/// Entries that fit a transaction.
const ENTRIES: usize = 4;
/// Delegations that fit a transaction, which may have 64 instructions, calls among them: three for each.
const DELEGATIONS: usize = 20;
/// Validators whose accounts fit one lookup table: four of each in 256 addresses.
const VALIDATORS_PER_TABLE: usize = 64;

/// The pool with its validators and 20 SOL for each of them, nothing staked yet.
pub fn start() -> Result<World> {
    let validator = ValidatorConfig::default().with_stake(10_000 * SOL);
    let mut config = WorldConfig::default().with_validators(vec![validator; VALIDATORS]);
    config.weights.clear();
    let mut world = World::start(config)?.with_user("ana", 50_000 * SOL)?.with_user("bob", 50_000 * SOL)?;
    world.deposit("ana", 20 * SOL * VALIDATORS as u64)?;
    enter_all(&mut world)?;
    Ok(world)
}

fn enter_all(world: &mut World) -> Result<()> {
    let operator = world.operator.insecure_clone();
    let table = world.chain.create_lookup_table(&shared(world));
    let votes = world.chain.votes();
    let all: Vec<ValidatorKeys> =
        votes.iter().enumerate().map(|(index, vote)| world.keys.validator(vote, index)).collect();
    for some in all.chunks(ENTRIES) {
        world.validators.extend(some);
        let enter =
            |validator| world.keys.add_validator(&operator.pubkey(), &operator.pubkey(), validator, 100, 0);
        let entries: Vec<Instruction> = some.iter().map(enter).collect();
        world.send_versioned(&entries, &[&operator], std::slice::from_ref(&table))?;
    }
    Ok(())
}

/// What every instruction of a keeper names.
fn shared(world: &World) -> Vec<Pubkey> {
    let keys = &world.keys;
    let programs = [cluster::SYSTEM_PROGRAM, cluster::STAKE_PROGRAM];
    [keys.pool, keys.reserve, keys.insurance, keys.authority].into_iter().chain(programs).collect()
}

/// The tables a keeper of this pool would have: one of what all transactions name and of the pages, and one for every 64
/// validators.
pub fn lookup_tables(world: &World) -> Vec<AddressLookupTableAccount> {
    let mut pages: Vec<Pubkey> = world.validators.iter().map(|validator| validator.page).collect();
    pages.dedup();
    let first = [shared(world), pages].concat();
    let of_some = |some: &[ValidatorKeys]| {
        let accounts = some.iter().flat_map(|validator| validator.stakes.into_iter().chain([validator.vote]));
        world.chain.create_lookup_table(&accounts.collect::<Vec<_>>())
    };
    let others = world.validators.chunks(VALIDATORS_PER_TABLE).map(of_some);
    std::iter::once(world.chain.create_lookup_table(&first)).chain(others).collect()
}

/// Stakes what these validators should have.
pub fn delegate(
    world: &mut World,
    tables: &[AddressLookupTableAccount],
    indices: impl Iterator<Item = usize>,
) -> Result<()> {
    world.to_move_window();
    let before = world.pool().staked_lamports;
    let all: Vec<Instruction> = indices.map(|index| world.keys.delegate(&world.validators[index])).collect();
    for some in all.chunks(DELEGATIONS) {
        world.send_versioned(some, &[], tables)?;
    }
    match world.pool().staked_lamports - before >= all.len() as u64 * SOL {
        true => Ok(()),
        false => Err("not all validators were given stake".into()),
    }
}
