mod batch;
pub mod delegate;
pub mod extend_history;
pub mod release_ticket;
pub mod remove_validator;
pub mod review_validator;
pub mod sync_pool;
pub mod undelegate;
pub mod update_validators;
