//! Every formula of `tidepool-math` against a slow, exact reference in big integers over the whole range of its arguments,
//! rounding direction included, and the properties that are promised.
#![allow(clippy::unwrap_used)]

mod allocation;
mod amount;
mod apy;
mod bond;
mod convergence;
mod daily_cap;
mod entry;
mod fixed;
mod gain;
mod liquid;
mod loss;
mod queue;
mod quotes;
mod rate;
mod recycle;
mod reference;
mod score;
mod split_deposit;
mod stake_quotes;
mod stream;
mod wide;
