//! The fixed-APY program: its id, where its accounts live, its limits and its whitelists.

pub mod limits;
pub mod merkle;
pub mod pda;

use solana_pubkey::Pubkey;

/// The program of fixed-APY pools.
pub const ID: Pubkey = Pubkey::from_str_const("TideFixedAPYPoo1s11111111111111111111111111");
