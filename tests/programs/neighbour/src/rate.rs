//! A pool's rate as an integrator learns it: told by Tidepool's view, and read from the account's bytes.

use {
    solana_account_info::AccountInfo,
    solana_clock::Clock,
    solana_cpi::{get_return_data, invoke, set_return_data},
    solana_instruction::{AccountMeta, Instruction},
    solana_program_error::{ProgramError, ProgramResult},
    solana_sysvar::Sysvar,
    tidepool_interface::{views::GET_RATE, PoolHeader, RateView},
    tidepool_math::Rate,
};

/// Returns the rate as the view tells it, then as the account says it: value and supply of each, as little-endian u64.
///
/// Accounts: Tidepool, the pool. No further data.
pub fn process(accounts: &[AccountInfo]) -> ProgramResult {
    let [tidepool, pool] = accounts else { return Err(ProgramError::NotEnoughAccountKeys) };
    let told = ask(tidepool, pool)?;
    let seen = look(pool)?;
    let words = [told.value.0, told.supply.0, seen.value.0, seen.supply.0];
    set_return_data(words.map(u64::to_le_bytes).as_flattened());
    Ok(())
}

fn ask<'info>(tidepool: &AccountInfo<'info>, pool: &AccountInfo<'info>) -> Result<Rate, ProgramError> {
    let call = Instruction {
        program_id: tidepool_interface::ID,
        accounts: vec![AccountMeta::new_readonly(*pool.key, false)],
        data: GET_RATE.to_vec(),
    };
    invoke(&call, &[tidepool.clone(), pool.clone()])?;
    let (program, answer) = get_return_data().ok_or(ProgramError::InvalidAccountData)?;
    if program != tidepool_interface::ID {
        return Err(ProgramError::IncorrectProgramId);
    }
    Ok(RateView::parse(&answer).ok_or(ProgramError::InvalidAccountData)?.rate)
}

fn look(pool: &AccountInfo) -> Result<Rate, ProgramError> {
    if *pool.owner != tidepool_interface::ID {
        return Err(ProgramError::InvalidAccountOwner);
    }
    let data = pool.try_borrow_data()?;
    let header = PoolHeader::parse(&data).map_err(|_| ProgramError::InvalidAccountData)?;
    Ok(header.rate_at(Clock::get()?.slot))
}
