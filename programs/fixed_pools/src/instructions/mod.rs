pub mod did;
pub mod operator;
pub mod user;
pub mod views;
pub mod whitelist;
