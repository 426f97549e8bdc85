//! What went wrong in other liquid staking, and must not go wrong here. Each test names its source; those that prove
//! the same of one instruction stand beside that instruction's other tests.

mod liquidity;
mod rounding;
mod shares;
mod tickets;
