//! Another program on the chain: a multisig whose vaults can hold every role, and an integrator that reads rates.

use {
    solana_instruction::{AccountMeta, Instruction},
    solana_pubkey::Pubkey,
    tidepool_localnet::{world::built_program, Outcome, WorldConfig},
    tidepool_math::{Lamports, Rate, Shares},
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
    let program = built_program("neighbour").unwrap_or_else(|error| panic!("{error}"));
    config.with_program(neighbour::ID, program)
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
    Instruction {
        program_id: neighbour::ID,
        accounts: [tidepool_interface::ID, *pool].map(|key| AccountMeta::new_readonly(key, false)).to_vec(),
        data: vec![neighbour::READ_RATE],
    }
}

/// What [`read_rate`] returned.
///
/// # Panics
/// If it returned anything else.
pub fn rate_reading(outcome: &Outcome) -> RateReading {
    let mut data = outcome.return_data.clone().unwrap_or_default();
    assert!(data.len() <= 32, "{} bytes are no reading", data.len());
    data.resize(32, 0); // the runtime cuts zeros off the end
    let (words, _) = data.as_chunks();
    let word = |index: usize| u64::from_le_bytes(words[index]);
    let rate = |first: usize| Rate { value: Lamports(word(first)), supply: Shares(word(first + 1)) };
    RateReading { told: rate(0), seen: rate(2) }
}
