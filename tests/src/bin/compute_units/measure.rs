//! What an instruction of the program took, read off the log.

use {
    crate::Result,
    tidepool_localnet::{Call, Outcome},
};

/// What the runtime charges for a built-in program (of those we call, the system program), which logs nothing of it.
const BUILTIN: u64 = 150;

/// Compute units of one top-level instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// All of it, with the calls it made.
    pub total: u64,
    /// What the programs it called consumed. What the runtime takes for a call (about a thousand, and some for the
    /// accounts) is not in it: calling less and with less is ours to do.
    pub in_cpis: u64,
    /// Calls it made itself.
    pub calls: u64,
}

impl Measured {
    /// Of the transaction's one instruction of our programs.
    pub fn of(outcome: &Outcome) -> Result<Self> {
        let programs = [tidepool_interface::ID, tidepool_interface::fixed::ID];
        let totals: Vec<u64> = programs.iter().flat_map(|program| outcome.consumed_by(program)).collect();
        let [total] = totals[..] else {
            return Err("a measured transaction has one instruction of our programs".into());
        };
        let cpis: Vec<Call> = outcome.cpis().into_iter().filter(|call| call.depth == 2).collect();
        Ok(Self {
            total,
            in_cpis: cpis.iter().map(|call| call.units.unwrap_or(BUILTIN)).sum(),
            calls: cpis.len() as u64,
        })
    }
}
