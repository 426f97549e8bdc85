pub mod cancel_insurance_withdrawal;
pub mod fund_insurance;
pub mod propose_insurance_withdrawal;
pub mod withdraw_insurance;
