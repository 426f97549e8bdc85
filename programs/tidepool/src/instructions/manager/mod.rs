pub mod add_validator;
