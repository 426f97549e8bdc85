//! The story of the fixed-APY pools: both products of the reference deployment, from their opening to the last token out.

mod agenda;
mod calendar;
mod did;
mod events;
mod holding;
mod json;
mod month;
mod operator;
mod outlook;
mod plan;
mod product;
mod reconciliation;
mod refusal;
mod story;
mod table;
mod tier;
mod users;

pub use {
    json::Report,
    plan::Plan,
    story::{play, Told},
    table::{closing, opening},
};
