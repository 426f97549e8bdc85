//! The story as data. The shape is described in docs/demo.md.

use {
    super::{
        events::Happened,
        holding::Holding,
        month::Month,
        outlook::Ahead,
        plan::Plan,
        reconciliation::{Person, Reconciliation},
        story::Told,
        table::rate,
        tier::Tier,
    },
    serde::Serialize,
    tidepool_client::fixed::Access,
};

#[derive(Serialize)]
pub struct Report<'a> {
    seed: u64,
    pools: Vec<Product>,
    events: &'a [Happened],
    months: &'a [Month],
    positions: &'a [Holding],
    outlook: &'a [Ahead],
    people: &'a [Person],
    reconciliation: &'a Reconciliation,
}

#[derive(Serialize)]
struct Product {
    tier: Tier,
    /// Its address.
    pool: String,
    rate_bps: u16,
    label: String,
    lock_seconds: u64,
    min_stake: u64,
    cap: u64,
    access: &'static str,
}

impl<'a> Report<'a> {
    pub fn of(plan: &Plan, told: &'a Told) -> Self {
        let product = |tier: &Tier| {
            let parameters = tier.parameters();
            let terms = parameters.terms;
            Product {
                tier: *tier,
                pool: told.pools[tier.number()].pool.to_string(),
                rate_bps: terms.rate_bps,
                label: rate(terms.rate_bps),
                lock_seconds: parameters.lock_seconds,
                min_stake: terms.min_stake,
                cap: terms.cap,
                access: match terms.access {
                    Access::Open => "open",
                    Access::Whitelist => "whitelist",
                },
            }
        };
        Self {
            seed: plan.seed,
            pools: Tier::ALL.iter().map(product).collect(),
            events: &told.events,
            months: &told.months,
            positions: &told.holdings,
            outlook: &told.outlook,
            people: &told.reconciliation.people,
            reconciliation: &told.reconciliation,
        }
    }
}
