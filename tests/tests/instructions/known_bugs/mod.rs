//! What went wrong in other liquid staking, and must not go wrong here. Each test names its source; those that prove
//! the same of one instruction stand beside that instruction's other tests.
//!
//! `spl#` is solana-labs/solana-program-library, `stake-pool#`, `single-pool#` and `stake#` are repositories of
//! solana-program, `marinade#` is marinade-finance/liquid-staking-program, `VB#` marinade-finance/validator-bonds, `solido#`
//! ChorusOne/solido, `UNS` igneous-labs/sanctum-unstake-program, `INF` igneous-labs/S, `stakenet#` jito-foundation/stakenet;
//! what is named after a firm comes from its audit of one of them.

mod liquidity;
mod rounding;
mod shares;
mod tickets;
mod users;
