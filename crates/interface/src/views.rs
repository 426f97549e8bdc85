//! What another program asks Tidepool by a call: the views, which need no signer and write nothing.
//!
//! A view is an instruction whose data are its discriminator and its argument (little-endian), with the accounts named
//! here, all read-only. It answers by return data.

use tidepool_math::{Lamports, Rate, Shares, Slot};

/// `get_rate()`; accounts: the pool. Returns a [`RateView`].
pub const GET_RATE: [u8; 8] = [177, 72, 238, 202, 231, 17, 128, 243];
/// `preview_deposit(lamports: u64)`; accounts: the pool, its liquidity account.
pub const PREVIEW_DEPOSIT: [u8; 8] = [16, 61, 8, 235, 146, 126, 80, 84];
/// `preview_liquid_unstake(lst_amount: u64)`; accounts: the pool, its liquidity account.
pub const PREVIEW_LIQUID_UNSTAKE: [u8; 8] = [104, 44, 229, 111, 48, 54, 74, 219];
/// `preview_order_unstake(lst_amount: u64)`; accounts: the pool.
pub const PREVIEW_ORDER_UNSTAKE: [u8; 8] = [81, 158, 103, 31, 87, 238, 11, 124];
/// `get_apy(days: u16)`; accounts: the pool, its history account.
pub const GET_APY: [u8; 8] = [194, 123, 183, 54, 181, 74, 194, 97];
/// `get_safety()`; accounts: the pool.
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
        let words: &[u8; 32] = return_data.try_into().ok()?;
        let (words, _) = words.as_chunks();
        let [value, supply, withheld, slot] = [0, 1, 2, 3].map(|word| u64::from_le_bytes(words[word]));
        let rate = Rate { value: Lamports(value), supply: Shares(supply) };
        Some(Self { rate, withheld: Lamports(withheld), slot })
    }
}
