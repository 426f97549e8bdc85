pub mod accept_role;
pub mod cancel_role_proposal;
pub mod initialize_pool;
pub mod pause;
pub mod propose_role;
pub mod resume;
pub mod set_fees;
pub mod set_parameters;
pub mod set_validator_rules;
mod settings;

pub use settings::PoolSettings;
