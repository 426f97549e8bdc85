pub mod admin;
pub mod bond;
pub mod crank;
pub mod insurance;
pub mod liquidity;
pub mod manager;
pub mod user;
pub mod views;
