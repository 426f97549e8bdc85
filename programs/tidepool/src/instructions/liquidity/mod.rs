pub mod add_liquidity;
pub mod collect_recycled;
pub mod recycle_liquidity;
pub mod remove_liquidity;
