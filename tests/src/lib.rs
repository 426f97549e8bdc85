//! What the tests share: steps whose effect is asserted to the byte, refusals that must change nothing, events read
//! back from the log, and a second pool to take foreign accounts from.

mod events;
mod expect;
mod instruction;
mod other_pool;
pub mod prelude;

pub use {
    events::{told, Told},
    expect::{Expect, Expected, OtherProgram, Refusal},
    instruction::Tamper,
    other_pool::OtherPool,
};
