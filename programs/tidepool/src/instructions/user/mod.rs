pub mod cancel_ticket;
pub mod claim_ticket;
pub mod deposit;
pub mod deposit_stake;
pub mod liquid_unstake;
pub mod order_unstake;
pub mod transfer_ticket;
pub mod withdraw_stake;
