pub mod admin;
pub mod crank;
pub mod liquidity;
pub mod manager;
pub mod user;
pub mod views;
