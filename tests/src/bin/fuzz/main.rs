//! Random runs of a pool against a plain model of it: `make fuzz STEPS=1000000 SEED=7`.
//!
//! Every step is done by the real program on the real runtime and by the model; every balance must agree to the lamport,
//! every refusal by its name, and all invariants hold. A run that fails is shortened to a few steps and printed; that text
//! can be played again by `fuzz --replay FILE`.

mod action;
mod game;
mod invariants;
mod observe;
mod order;
mod setup;
mod stage;
mod stories;

use std::process::ExitCode;

fn main() -> ExitCode {
    tidepool_tests::runs::main::<stage::Stage>()
}
