//! A pool as it is on the chain when it has been opened.

use {
    super::{table::rate, tier::Tier},
    serde::Serialize,
    tidepool_client::fixed::Access,
    tidepool_localnet::FixedWorld,
};

#[derive(Clone, Debug, Serialize)]
pub struct Product {
    pub tier: Tier,
    /// Its address.
    pub pool: String,
    pub rate_bps: u16,
    pub label: String,
    pub lock_seconds: u64,
    pub min_stake: u64,
    pub cap: u64,
    pub access: &'static str,
}

impl Product {
    pub fn read(world: &FixedWorld, tier: Tier) -> Self {
        let pool = world.pool(tier.number());
        let terms = pool.terms();
        Self {
            tier,
            pool: world.pools[tier.number()].pool.to_string(),
            rate_bps: terms.rate_bps,
            label: rate(terms.rate_bps),
            lock_seconds: pool.lock_seconds,
            min_stake: terms.min_stake,
            cap: terms.cap,
            access: access_name(terms.access),
        }
    }
}

pub fn access_name(access: Access) -> &'static str {
    match access {
        Access::Open => "open",
        Access::Whitelist => "whitelist",
    }
}
