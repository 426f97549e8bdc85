//! A pool's rate as an integrator learns it: told by Tidepool's view, and read from the account's bytes.

use {
    crate::call::answer,
    solana_account_info::AccountInfo,
    solana_clock::Clock,
    solana_cpi::set_return_data,
    solana_program_error::{ProgramError, ProgramResult},
    solana_sysvar::Sysvar,
    tidepool_interface::{views::GET_RATE, PoolHeader, RateView, ID},
    tidepool_math::Rate,
};

/// Returns the rate as the view tells it, then as the account says it: value and supply of each, as little-endian u64.
///
/// Accounts: Tidepool, the pool. No further data.
pub fn process(accounts: &[AccountInfo]) -> ProgramResult {
    let [tidepool, pool] = accounts else { return Err(ProgramError::NotEnoughAccountKeys) };
    let told = answer(&ID, &GET_RATE, tidepool, pool)?;
    let told = RateView::parse(&told).ok_or(ProgramError::InvalidAccountData)?.rate;
    let seen = look(pool)?;
    let words = [told.value.0, told.supply.0, seen.value.0, seen.supply.0];
    set_return_data(words.map(u64::to_le_bytes).as_flattened());
    Ok(())
}

fn look(pool: &AccountInfo) -> Result<Rate, ProgramError> {
    if *pool.owner != ID {
        return Err(ProgramError::InvalidAccountOwner);
    }
    let data = pool.try_borrow_data()?;
    let header = PoolHeader::parse(&data).map_err(|_| ProgramError::InvalidAccountData)?;
    Ok(header.rate_at(Clock::get()?.slot))
}
