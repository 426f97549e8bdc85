//! What the tests share: steps whose effect is asserted to the byte, refusals that must change nothing, events read
//! back from the log, a second pool to take foreign accounts from, and another program.

mod errors;
mod events;
mod expect;
pub mod fixed_model;
mod instruction;
pub mod model;
pub mod neighbour;
mod other_pool;
pub mod prelude;
pub mod runs;

pub use {
    errors::errors_without_a_test,
    events::{told, Told},
    expect::{Expect, Expected, OtherProgram, Refusal, Stage},
    instruction::Tamper,
    other_pool::OtherPool,
};
