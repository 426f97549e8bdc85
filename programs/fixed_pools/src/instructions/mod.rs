pub mod did;
pub mod operator;
pub mod pool_tokens;
pub mod user;
pub mod views;
pub mod whitelist;
