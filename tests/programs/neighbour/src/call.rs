//! A view of another program.

use {
    solana_account_info::AccountInfo,
    solana_cpi::{get_return_data, invoke},
    solana_instruction::{AccountMeta, Instruction},
    solana_program_error::ProgramError,
    solana_pubkey::Pubkey,
};

/// What the program `id` returns of `account` to a call without an argument.
pub fn answer<'info>(
    id: &Pubkey,
    discriminator: &[u8; 8],
    program: &AccountInfo<'info>,
    account: &AccountInfo<'info>,
) -> Result<Vec<u8>, ProgramError> {
    let accounts = vec![AccountMeta::new_readonly(*account.key, false)];
    let call = Instruction { program_id: *id, accounts, data: discriminator.to_vec() };
    invoke(&call, &[program.clone(), account.clone()])?;
    let (answerer, answer) = get_return_data().ok_or(ProgramError::InvalidAccountData)?;
    if answerer != *id {
        return Err(ProgramError::IncorrectProgramId);
    }
    Ok(answer)
}
