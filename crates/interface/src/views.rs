//! What another program asks Tidepool by a call: the views, which need no signer and write nothing.
//!
//! A view is an instruction whose data are its discriminator and its argument (little-endian), with the accounts named
//! here, all read-only. It answers by return data.

use {
    crate::bytes::words,
    tidepool_math::{Epoch, Lamports, Rate, Shares, Slot},
};

/// `get_rate()`; accounts: the pool. Returns a [`RateView`].
pub const GET_RATE: [u8; 8] = [177, 72, 238, 202, 231, 17, 128, 243];
/// `preview_deposit(lamports: u64)`; accounts: the pool, its liquidity account. Returns a [`DepositPreview`].
pub const PREVIEW_DEPOSIT: [u8; 8] = [16, 61, 8, 235, 146, 126, 80, 84];
/// `preview_liquid_unstake(lst_amount: u64)`; accounts: the pool, its liquidity account. Returns a
/// [`LiquidUnstakePreview`].
pub const PREVIEW_LIQUID_UNSTAKE: [u8; 8] = [104, 44, 229, 111, 48, 54, 74, 219];
/// `preview_order_unstake(lst_amount: u64)`; accounts: the pool. Returns an [`OrderPreview`].
pub const PREVIEW_ORDER_UNSTAKE: [u8; 8] = [81, 158, 103, 31, 87, 238, 11, 124];
/// `get_apy(days: u16)`; accounts: the pool, its history account. Returns an [`ApyView`].
pub const GET_APY: [u8; 8] = [194, 123, 183, 54, 181, 74, 194, 97];
/// `get_safety()`; accounts: the pool. Returns a [`SafetyView`].
pub const GET_SAFETY: [u8; 8] = [240, 90, 173, 148, 3, 74, 103, 70];

/// What `get_rate` returns: the rate the program itself uses in this slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateView {
    pub rate: Rate,
    /// Rewards that are found and will join the value slot by slot.
    pub withheld: Lamports,
    pub slot: Slot,
}

impl RateView {
    /// Reads the return data; `None` if they are not of this view.
    pub fn parse(return_data: &[u8]) -> Option<Self> {
        let [value, supply, withheld, slot] = words(return_data)?;
        let rate = Rate { value: Lamports(value), supply: Shares(supply) };
        Some(Self { rate, withheld: Lamports(withheld), slot })
    }
}

/// What `preview_deposit` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepositPreview {
    /// All LST the depositor gets.
    pub lst: Shares,
    /// Of it, what is bought from the liquidity pool.
    pub bought: Shares,
    /// What of the deposit buys it.
    pub to_liquidity: Lamports,
    pub fee: Shares,
}

impl DepositPreview {
    /// Reads the return data; `None` if they are not of this view.
    pub fn parse(return_data: &[u8]) -> Option<Self> {
        let [lst, bought, to_liquidity, fee] = words(return_data)?;
        Some(Self {
            lst: Shares(lst),
            bought: Shares(bought),
            to_liquidity: Lamports(to_liquidity),
            fee: Shares(fee),
        })
    }
}

/// What `preview_liquid_unstake` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidUnstakePreview {
    /// What the user gets.
    pub lamports: Lamports,
    pub fee: Lamports,
}

impl LiquidUnstakePreview {
    /// Reads the return data; `None` if they are not of this view.
    pub fn parse(return_data: &[u8]) -> Option<Self> {
        let [lamports, fee] = words(return_data)?;
        Some(Self { lamports: Lamports(lamports), fee: Lamports(fee) })
    }
}

/// What `preview_order_unstake` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderPreview {
    pub lamports: Lamports,
    pub fee: Shares,
    pub claimable_epoch: Epoch,
}

impl OrderPreview {
    /// Reads the return data; `None` if they are not of this view.
    pub fn parse(return_data: &[u8]) -> Option<Self> {
        let [lamports, fee, claimable_epoch] = words(return_data)?;
        Some(Self { lamports: Lamports(lamports), fee: Shares(fee), claimable_epoch })
    }
}

/// What `get_apy` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApyView {
    /// Compounding growth of the rate a year, net of all fees, in parts per million.
    pub apy_ppm: i64,
    /// Time of the entry it is measured from, in seconds since 1970.
    pub from_timestamp: i64,
    pub to_timestamp: i64,
}

impl ApyView {
    /// Reads the return data; `None` if they are not of this view. An [`OrderPreview`] is as long: know what you asked for.
    pub fn parse(return_data: &[u8]) -> Option<Self> {
        let [apy_ppm, from_timestamp, to_timestamp] = words(return_data)?.map(u64::cast_signed);
        Some(Self { apy_ppm, from_timestamp, to_timestamp })
    }
}

/// What `get_safety` returns: what stands between a loss and the holders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SafetyView {
    /// In the insurance vault, and on its way there.
    pub insurance: Lamports,
    /// Rewards not yet released, which pay a loss before the value does.
    pub withheld: Lamports,
    /// What the bonds of validators back with.
    pub bonds: Lamports,
    /// All three, in basis points of the value, rounded down.
    pub bps_of_value: u64,
}

impl SafetyView {
    /// Reads the return data; `None` if they are not of this view.
    pub fn parse(return_data: &[u8]) -> Option<Self> {
        let [insurance, withheld, bonds, bps_of_value] = words(return_data)?;
        let (insurance, withheld, bonds) = (Lamports(insurance), Lamports(withheld), Lamports(bonds));
        Some(Self { insurance, withheld, bonds, bps_of_value })
    }
}
