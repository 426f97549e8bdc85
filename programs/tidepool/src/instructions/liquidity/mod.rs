pub mod add_liquidity;
pub mod remove_liquidity;
