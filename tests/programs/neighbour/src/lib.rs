//! Another program on the chain, for tests. It relays instructions signed by an address of its own, as a multisig does,
//! and reads a pool's rate, and what a position at a fixed rate has earned, in both ways an integrator may.
//!
//! The first byte of an instruction says which it is; what follows and the accounts are described at each.

mod call;
mod position;
mod rate;
mod relay;

use {
    solana_account_info::AccountInfo,
    solana_program_error::{ProgramError, ProgramResult},
    solana_pubkey::Pubkey,
};

pub const ID: Pubkey = Pubkey::from_str_const("Neighbour1111111111111111111111111111111111");

/// First byte of an instruction that relays another.
pub const RELAY: u8 = 0;
/// First byte of the instruction that reads a pool's rate.
pub const READ_RATE: u8 = 1;
/// First byte of the instruction that reads what a position has earned.
pub const READ_POSITION: u8 = 2;

/// First of the seeds of every address this program signs for.
const VAULT: &[u8] = b"vault";

/// The address this program signs for on behalf of `seed`, which has at most 32 bytes.
pub fn vault(seed: &[u8]) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[VAULT, seed], &ID)
}

#[cfg(not(feature = "no-entrypoint"))]
solana_program_entrypoint::entrypoint!(process);

pub fn process(_program: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    match data {
        [RELAY, relayed @ ..] => relay::process(accounts, relayed),
        [READ_RATE] => rate::process(accounts),
        [READ_POSITION] => position::process(accounts),
        _ => Err(ProgramError::InvalidInstructionData),
    }
}
