//! Every instruction: what it changes, to the byte, what it refuses and why, and what went wrong elsewhere and must not
//! go wrong here.

mod add_validator;
mod cancel_ticket;
mod claim_ticket;
mod delegate;
mod deposit;
mod deposit_stake;
mod edges;
mod errors;
mod initialize_pool;
mod known_bugs;
mod liquid_unstake;
mod liquidity;
mod order_unstake;
mod recycle;
mod release_ticket;
mod rewards_payout;
mod stage;
mod stakes;
mod sync_pool;
mod transfer_ticket;
mod undelegate;
mod update_validators;
mod withdraw_stake;
mod wrong_accounts;
