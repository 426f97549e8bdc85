//! The demo as data. The shape is described in docs/demo.md.

use {
    super::{
        costs::{Comparison, Cost, Played},
        error::DemoError,
        events::Happened,
        fixed,
        plan::{Plan, RULES},
        reconciliation::{Gains, Person, Reconciliation, SharesOfGains},
        story::{as_number, Judged, Row},
        yields::{BankEpoch, Yields},
    },
    serde::Serialize,
};

#[derive(Serialize)]
struct Report<'a> {
    seed: u64,
    rules: Rules,
    validators: Vec<Validator<'a>>,
    epochs: Vec<Epoch<'a>>,
    events: &'a [Happened],
    apy: f64,
    expected_apy: f64,
    yields: &'a Yields,
    end: Epoch<'a>,
    costs: &'a [Cost],
    comparison: &'a Comparison,
    people: &'a [Person],
    gains: &'a Gains,
    shares_of_gains: &'a SharesOfGains,
    reconciliation: &'a Reconciliation,
    fixed: fixed::Report<'a>,
}

#[derive(Serialize)]
struct Validator<'a> {
    name: &'a str,
    vote: &'a str,
    commission: f64,
    uptime: f64,
    weight: u32,
    bond: u64,
}

/// What the pool asks of its validators.
#[derive(Serialize)]
struct Rules {
    max_commission_bps: u16,
    min_credit_bps: u16,
    max_vote_lag_bps: u16,
    score_gain: u16,
}

#[derive(Serialize)]
struct Epoch<'a> {
    epoch: u64,
    unix_time: i64,
    rate: f64,
    apy: f64,
    value: u64,
    supply: u64,
    withheld: u64,
    entered: u64,
    reserve: u64,
    insurance: u64,
    stake: &'a [u64],
    judged: &'a [Judged],
    open_tickets: usize,
    rewards: u64,
    bank: &'a BankEpoch,
    beside: i64,
}

impl<'a> From<&'a Row> for Epoch<'a> {
    fn from(row: &'a Row) -> Self {
        Self {
            epoch: row.epoch,
            unix_time: row.unix_time,
            rate: as_number(&row.rate),
            apy: row.apy_ppm as f64 / 1e6,
            value: row.rate.value.0,
            supply: row.rate.supply.0,
            withheld: row.withheld,
            entered: row.entered,
            reserve: row.reserve,
            insurance: row.insurance,
            stake: &row.stake,
            judged: &row.judged,
            open_tickets: row.open_tickets,
            rewards: row.rewards,
            bank: &row.bank,
            beside: row.beside,
        }
    }
}

/// The story of the fixed-APY pools alone.
pub fn render_fixed(plan: &fixed::Plan, told: &fixed::Told) -> Result<String, DemoError> {
    Ok(serde_json::to_string_pretty(&fixed::Report::of(plan, told))?)
}

pub fn render(
    plan: &Plan,
    played: &Played,
    fixed_plan: &fixed::Plan,
    fixed_told: &fixed::Told,
) -> Result<String, DemoError> {
    let told = &played.told;
    let validators = plan.validators.iter().zip(&told.votes).map(|(validator, vote)| Validator {
        name: &validator.name,
        vote,
        commission: f64::from(validator.config.commission_bps) / 10_000.0,
        uptime: f64::from(validator.config.uptime_bps) / 10_000.0,
        weight: validator.weight,
        bond: validator.bond.as_ref().map_or(0, |bond| bond.lamports),
    });
    let report = Report {
        seed: plan.seed,
        rules: Rules {
            max_commission_bps: RULES.max_commission_bps,
            min_credit_bps: RULES.min_credit_bps,
            max_vote_lag_bps: RULES.max_vote_lag_bps,
            score_gain: RULES.score_gain,
        },
        validators: validators.collect(),
        epochs: told.rows.iter().map(Epoch::from).collect(),
        events: &told.events,
        apy: told.apy(),
        expected_apy: told.yields.expected,
        yields: &told.yields,
        end: Epoch::from(&told.end),
        costs: &played.costs,
        comparison: &played.comparison,
        people: &told.reconciliation.people,
        gains: &told.reconciliation.gains,
        shares_of_gains: &told.reconciliation.shares_of_gains,
        reconciliation: &told.reconciliation,
        fixed: fixed::Report::of(fixed_plan, fixed_told),
    };
    Ok(serde_json::to_string_pretty(&report)?)
}
