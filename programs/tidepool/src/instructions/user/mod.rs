pub mod claim_ticket;
pub mod deposit;
pub mod liquid_unstake;
pub mod order_unstake;
