//! The story as data. The shape is described in docs/demo.md.

use {
    super::{
        events::Happened,
        holding::Holding,
        month::Month,
        outlook::Ahead,
        plan::Plan,
        product::Product,
        reconciliation::{Person, Reconciliation},
        story::Told,
    },
    serde::Serialize,
};

#[derive(Serialize)]
pub struct Report<'a> {
    seed: u64,
    pools: &'a [Product],
    events: &'a [Happened],
    months: &'a [Month],
    positions: &'a [Holding],
    outlook: &'a [Ahead],
    people: &'a [Person],
    reconciliation: &'a Reconciliation,
}

impl<'a> Report<'a> {
    pub fn of(plan: &Plan, told: &'a Told) -> Self {
        Self {
            seed: plan.seed,
            pools: &told.products,
            events: &told.events,
            months: &told.months,
            positions: &told.holdings,
            outlook: &told.outlook,
            people: &told.reconciliation.people,
            reconciliation: &told.reconciliation,
        }
    }
}
