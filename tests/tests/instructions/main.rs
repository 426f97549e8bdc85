//! Every instruction: what it changes, to the byte, what it refuses and why, and what went wrong elsewhere and must not
//! go wrong here.

mod deposit;
mod stage;
