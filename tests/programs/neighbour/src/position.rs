//! What a position in a fixed-APY pool has earned, as an integrator learns it: told by the view, and read from its bytes.

use {
    crate::call::answer,
    solana_account_info::AccountInfo,
    solana_clock::Clock,
    solana_cpi::set_return_data,
    solana_program_error::{ProgramError, ProgramResult},
    solana_sysvar::Sysvar,
    tidepool_interface::fixed::{
        views::{PendingReward, PENDING_REWARD},
        PositionHeader, ID,
    },
    tidepool_math::Tokens,
};

/// Returns what can be claimed as the view tells it, then as the account says it, each as little-endian u64.
///
/// Accounts: the fixed-APY program, the position. No further data.
pub fn process(accounts: &[AccountInfo]) -> ProgramResult {
    let [program, position] = accounts else { return Err(ProgramError::NotEnoughAccountKeys) };
    let told = answer(&ID, &PENDING_REWARD, program, position)?;
    let told = PendingReward::parse(&told).ok_or(ProgramError::InvalidAccountData)?.claimable;
    let words = [told.0, look(position)?.0];
    set_return_data(words.map(u64::to_le_bytes).as_flattened());
    Ok(())
}

fn look(position: &AccountInfo) -> Result<Tokens, ProgramError> {
    if *position.owner != ID {
        return Err(ProgramError::InvalidAccountOwner);
    }
    let data = position.try_borrow_data()?;
    let header = PositionHeader::parse(&data).map_err(|_| ProgramError::InvalidAccountData)?;
    header.claimable(Clock::get()?.unix_timestamp).map_err(|_| ProgramError::ArithmeticOverflow)
}
