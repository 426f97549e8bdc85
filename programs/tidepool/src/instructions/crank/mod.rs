mod batch;
pub mod delegate;
pub mod sync_pool;
pub mod undelegate;
pub mod update_validators;
