//! A pool at the beginning of a month, after the keeper's claims, and what happened in it since the row before.

use {
    super::{calendar::date, tier::Tier},
    serde::Serialize,
    tidepool_client::fixed::Metrics,
};

/// What went through a pool's reward vault, and what was earned, since the pool was opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flows {
    /// By all positions there ever were.
    pub accrued: u64,
    /// Paid for positions, into wallets or into the principal vault.
    pub claimed: u64,
    /// By the operator, in and out.
    pub funded: u64,
    pub withdrawn: u64,
}

#[derive(Clone, Debug, Serialize)]
pub struct Month {
    pub tier: Tier,
    pub unix_time: i64,
    pub date: String,
    pub stake: u64,
    pub open_positions: u64,
    /// Since the row before.
    pub accrued: u64,
    pub claimed: u64,
    pub funded: u64,
    pub withdrawn: u64,
    /// What lies in the reward vault: what is promised, what is free, and what was given up lately and is locked.
    pub reward_vault: u64,
    pub reserved: u64,
    pub free: u64,
    pub locked: u64,
    /// For how long the reward vault would pay what is staked; none if nothing is.
    pub runway_seconds: Option<u64>,
}

impl Month {
    pub fn new(
        tier: Tier,
        unix_time: i64,
        metrics: &Metrics,
        locked: u64,
        before: &Flows,
        now: &Flows,
    ) -> Self {
        Self {
            tier,
            unix_time,
            date: date(unix_time),
            stake: metrics.total_staked,
            open_positions: metrics.open_positions,
            accrued: now.accrued - before.accrued,
            claimed: now.claimed - before.claimed,
            funded: now.funded - before.funded,
            withdrawn: now.withdrawn - before.withdrawn,
            reward_vault: metrics.reward_balance,
            reserved: metrics.reserved,
            free: metrics.free,
            locked,
            runway_seconds: (metrics.total_staked > 0).then_some(metrics.runway_seconds),
        }
    }
}
