//! Random runs of fixed-APY pools against a plain model of them: `make fuzz STEPS=1000000 SEED=7`.
//!
//! Every step is done by the real program on the real runtime and by the model; every account must agree to the unit, every
//! refusal by its name, and all invariants hold. At the end of each run everybody leaves, whatever those who run the pools
//! have done. A run that fails is shortened and printed; `fuzz-fixed --replay FILE` plays it again.

mod action;
mod game;
mod invariants;
mod observe;
mod setup;
mod stage;

use std::process::ExitCode;

fn main() -> ExitCode {
    tidepool_tests::runs::main::<stage::Stage>()
}
