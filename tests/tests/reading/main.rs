//! What a pool says of itself is what it does: its rate, its previews, its history, its yield, by every way of reading it.

mod apy;
mod history;
mod previews;
mod rates;
mod safety;
mod stage;
