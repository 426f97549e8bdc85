//! Every formula of Tidepool, in one place: the program executes them, clients and tests quote with them, so a quote is
//! computed by the very code that executes it.
//!
//! * Integers only, no panics: each function is total over the whole range of its arguments and gives either the
//!   exact result, rounded as its documentation says, or a named [`MathError`].
//! * Units are in the type: [`Lamports`] and [`Shares`] cannot be mixed up (spl#1352).
//! * Every rounding favours the pool: minted shares, lamports paid out and released rewards round down, fees round up.
//! * The chain has no 128-bit division; the routine a toolchain brings for it costs from 180 to several hundred compute
//!   units. All formulas that users pay for go through [`wide`], 64-bit instructions alone: at most 160 units, 45 where the
//!   product fits 64 bits, and no division at all where a rate or an index is 1.
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

pub mod allocation;
pub mod amount;
pub mod apy;
pub mod bond;
pub mod daily_cap;
pub mod entry;
pub mod error;
pub mod fixed;
pub mod gain;
pub mod liquid;
pub mod loss;
pub mod queue;
pub mod quotes;
pub mod rate;
pub mod score;
pub mod stream;
pub mod wide;

pub use allocation::{
    delegatable, holds_its_share, part_by_weight, stake_to_delegate, stake_to_undelegate, target_stake,
    TargetCaps,
};
pub use amount::{Bps, Lamports, Shares, Tokens, BPS};
pub use apy::{apy_ppm, SECONDS_PER_YEAR};
pub use daily_cap::DailyCap;
pub use entry::{charged, comers_charge, entry_premium, entry_rate, gain_ppb};
pub use error::MathError;
pub use gain::{burned_gain, split_gain, GainSplit};
pub use liquid::{quote_liquid_unstake, LiquidFee, LiquidQuote, LiquidityPool};
pub use loss::{split_loss, LossSplit};
pub use queue::{CancelledTicket, Claim, TicketIndex, TicketQueue, TicketRange};
pub use quotes::{
    quote_cancel, quote_deposit, quote_order, quote_split_deposit, quote_stake_deposit,
    quote_stake_withdrawal, DepositQuote, DepositSplit, OrderQuote, StakeWithdrawalQuote,
};
pub use rate::Rate;
pub use stream::Stream;
pub use wide::{mul_div_ceil, mul_div_floor};

/// A slot of the chain (about 400 ms).
pub type Slot = u64;

/// An epoch of the chain (432,000 slots on mainnet).
pub type Epoch = u64;

/// Not exported: a glob import beside Anchor's prelude would make `Result` ambiguous.
pub(crate) type Result<T> = core::result::Result<T, MathError>;
