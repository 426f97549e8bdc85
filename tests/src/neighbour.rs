//! Another program on the chain: a multisig whose vaults can hold every role, and an integrator that reads rates.

use {
    solana_instruction::{AccountMeta, Instruction},
    solana_pubkey::Pubkey,
    tidepool_localnet::{world::built_program, ChainConfig, Outcome, WorldConfig},
    tidepool_math::{Lamports, Rate, Shares, Tokens},
};

/// What the neighbour found out about a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateReading {
    /// By Tidepool's view.
    pub told: Rate,
    /// By the pool's bytes.
    pub seen: Rate,
}

/// A world in which the neighbour is deployed.
///
/// # Panics
/// If it is not built.
pub fn beside(config: WorldConfig) -> WorldConfig {
    config.with_program(neighbour::ID, program())
}

/// A chain on which the neighbour is deployed.
///
/// # Panics
/// If it is not built.
pub fn on(config: ChainConfig) -> ChainConfig {
    config.with_program(neighbour::ID, program())
}

fn program() -> Vec<u8> {
    built_program("neighbour").unwrap_or_else(|error| panic!("{error}"))
}

/// The address that signs what is relayed for `seed`.
pub fn vault(seed: &[u8]) -> Pubkey {
    neighbour::vault(seed).0
}

/// The same instruction, called by the neighbour; its vault signs where it has to.
///
/// # Panics
/// If the instruction does not ask for the signature of the seed's vault: then it needs no relay.
pub fn relay(instruction: Instruction, seed: &[u8]) -> Instruction {
    let Instruction { program_id: target, accounts, data } = instruction;
    let vault = vault(seed);
    let is_signer = |meta: &AccountMeta| meta.pubkey == vault && meta.is_signer;
    assert!(accounts.iter().any(is_signer), "the vault does not sign this");
    let outer = |meta: AccountMeta| AccountMeta { is_signer: meta.is_signer && meta.pubkey != vault, ..meta };
    let target = AccountMeta::new_readonly(target, false);
    Instruction {
        program_id: neighbour::ID,
        accounts: std::iter::once(target).chain(accounts.into_iter().map(outer)).collect(),
        data: [&[neighbour::RELAY, seed.len() as u8], seed, &data].concat(),
    }
}

/// Lets the neighbour read the rate of `pool`; [`rate_reading`] says what it found.
pub fn read_rate(pool: &Pubkey) -> Instruction {
    read(neighbour::READ_RATE, &tidepool_interface::ID, pool)
}

/// What [`read_rate`] returned.
///
/// # Panics
/// If it returned anything else.
pub fn rate_reading(outcome: &Outcome) -> RateReading {
    let [told_value, told_supply, seen_value, seen_supply] = words(outcome);
    let rate = |value, supply| Rate { value: Lamports(value), supply: Shares(supply) };
    RateReading { told: rate(told_value, told_supply), seen: rate(seen_value, seen_supply) }
}

/// Lets the neighbour read what can be claimed of a position; [`claimable_reading`] says what it found.
pub fn read_position(position: &Pubkey) -> Instruction {
    read(neighbour::READ_POSITION, &tidepool_interface::fixed::ID, position)
}

/// What [`read_position`] returned: as the view tells it, and by the position's bytes.
///
/// # Panics
/// If it returned anything else.
pub fn claimable_reading(outcome: &Outcome) -> [Tokens; 2] {
    words(outcome).map(Tokens)
}

fn read(what: u8, program: &Pubkey, account: &Pubkey) -> Instruction {
    Instruction {
        program_id: neighbour::ID,
        accounts: [*program, *account].map(|key| AccountMeta::new_readonly(key, false)).to_vec(),
        data: vec![what],
    }
}

fn words<const N: usize>(outcome: &Outcome) -> [u64; N] {
    let data = outcome.return_data.clone().unwrap_or_default();
    let (words, rest) = data.as_chunks();
    let words: Option<[[u8; 8]; N]> = words.try_into().ok().filter(|_| rest.is_empty());
    words.unwrap_or_else(|| panic!("{} bytes are no reading", data.len())).map(u64::from_le_bytes)
}
