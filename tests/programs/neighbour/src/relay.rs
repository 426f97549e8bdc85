//! An instruction of another program, signed by a vault.

use {
    crate::{vault, VAULT},
    solana_account_info::AccountInfo,
    solana_cpi::invoke_signed,
    solana_instruction::{AccountMeta, Instruction},
    solana_program_error::{ProgramError, ProgramResult},
    solana_pubkey::MAX_SEED_LEN,
};

/// Calls the first account with all others, as they came; the vault of the seed signs besides.
///
/// Data: length of the seed (1 byte), the seed, the data of the call.
pub fn process(accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    let (seed, data) = split_seed(data).ok_or(ProgramError::InvalidInstructionData)?;
    let (target, others) = accounts.split_first().ok_or(ProgramError::NotEnoughAccountKeys)?;
    let (vault, bump) = vault(seed);
    let meta = |account: &AccountInfo| AccountMeta {
        pubkey: *account.key,
        is_signer: account.is_signer || *account.key == vault,
        is_writable: account.is_writable,
    };
    let call = Instruction {
        program_id: *target.key,
        accounts: others.iter().map(meta).collect(),
        data: data.to_vec(),
    };
    invoke_signed(&call, accounts, &[&[VAULT, seed, &[bump]]])
}

fn split_seed(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = data.split_first()?;
    rest.split_at_checked(usize::from(*length)).filter(|(seed, _)| seed.len() <= MAX_SEED_LEN)
}
