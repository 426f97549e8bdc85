//! Where a gain goes: the fee by share minting with a high-water mark, the rest to the stream.

use crate::{Bps, Lamports, MathError, Rate, Result, Shares};

/// The parts of a gain: `treasury + insurance + streamed` is the gain, to the lamport.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GainSplit {
    /// Newly minted to the treasury for `treasury`, rounded down.
    pub fee_shares: Shares,
    /// Enters the value together with `fee_shares`, which leaves the rate as it is or (by rounding) a trace higher.
    pub treasury: Lamports,
    /// Set aside for the insurance vault.
    pub insurance: Lamports,
    /// For the reward stream.
    pub streamed: Lamports,
    /// What is left of the losses that later gains make good without a fee.
    pub loss_carry: Lamports,
}

/// Splits a gain.
///
/// * `loss_carry` is recovered first and pays no fee (SPL `calc_epoch_fee_amount` charges the recovery after a slashing).
/// * `fee = ceil(rest × reward_fee)`, of which `ceil(fee × insurance_share)` goes to the insurance vault.
/// * The treasury's part becomes `floor` shares at `rate`. If it is worth no share (or a number of shares that does not
///   fit), it is streamed to the holders: an update never fails because of a fee.
///
/// # Errors
/// [`MathError::InvalidFee`] above 100 %.
pub fn split_gain(
    gain: Lamports,
    loss_carry: Lamports,
    reward_fee: Bps,
    insurance_share: Bps,
    rate: &Rate,
) -> Result<GainSplit> {
    let (reward_fee, insurance_share) = (reward_fee.checked()?, insurance_share.checked()?);
    let recovered = gain.min(loss_carry);
    let fee = Lamports(reward_fee.of_ceil(gain.saturating_minus(recovered).0));
    let insurance = Lamports(insurance_share.of_ceil(fee.0));
    let treasury = fee.saturating_minus(insurance);

    let fee_shares = mintable(treasury, rate).unwrap_or(Shares::ZERO);
    let treasury = if fee_shares.is_zero() { Lamports::ZERO } else { treasury };
    Ok(GainSplit {
        fee_shares,
        treasury,
        insurance,
        streamed: gain.saturating_minus(insurance).saturating_minus(treasury),
        loss_carry: loss_carry.saturating_minus(recovered),
    })
}

/// Shares for `lamports`, if supply and value have room for both.
fn mintable(lamports: Lamports, rate: &Rate) -> Result<Shares> {
    let shares = rate.shares_floor(lamports)?;
    rate.supply.plus(shares)?;
    rate.value.plus(lamports)?;
    Ok(shares)
}

/// What burned shares were worth, rounded down: the pool lowers its supply counter by `burned` and its value by the
/// result, which becomes a gain (streamed), so the rate does not fall at the moment of the burn. Also for shares that the
/// treasury could not take.
///
/// # Errors
/// [`MathError::Insufficient`] if there are fewer shares than `burned`.
pub fn burned_gain(burned: Shares, rate: &Rate) -> Result<Lamports> {
    match burned <= rate.supply {
        true => rate.lamports_floor(burned),
        false => Err(MathError::Insufficient),
    }
}
