//! The fixed-APY program: its id, where its accounts live and how to read them, its views, its limits and its whitelists.

pub mod limits;
pub mod merkle;
pub mod pda;
pub mod pool;
pub mod position;
pub mod views;

use solana_pubkey::Pubkey;
pub use {
    pool::{Function, PoolHeader},
    position::PositionHeader,
};

/// The program of fixed-APY pools.
pub const ID: Pubkey = Pubkey::from_str_const("TideFixedAPYPoo1s11111111111111111111111111");
