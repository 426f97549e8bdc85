//! What another program, a lender or an aggregator needs to know of Tidepool: the program id, where its accounts
//! live, and how to read a pool's rate from raw bytes.
#![no_std]
#![forbid(unsafe_code)]

mod bytes;
pub mod fixed;
pub mod header;
pub mod limits;
pub mod liquidity;
pub mod pda;
pub mod views;

use solana_pubkey::Pubkey;
pub use {
    header::{Function, HeaderError, PoolHeader},
    liquidity::LiquidityHeader,
    views::RateView,
};

/// The Tidepool program.
pub const ID: Pubkey = Pubkey::from_str_const("TidePoo1LiquidStaking1111111111111111111111");

/// The examples of the guide compile.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/integrators.md")]
struct Guide;
