//! Who may do what to a pool, what nobody may do to it, and what a holder can do whatever they all do.

mod always_out;
mod fees;
mod multisig;
mod parameters;
mod pause;
mod roles;
mod stage;
mod treasury;
