pub mod add_validator;
pub mod drain_validator;
pub(crate) mod enter;
pub mod join_pool;
pub mod set_weights;
