//! The demo as data. The shape is described in the README.

use {
    super::{
        error::DemoError,
        events::Happened,
        plan::Plan,
        reconciliation::{Person, Reconciliation, SharesOfRewards},
        story::{as_number, Row, Told},
        yields::{BankEpoch, Yields},
    },
    serde::Serialize,
};

#[derive(Serialize)]
struct Report<'a> {
    seed: u64,
    validators: Vec<Validator<'a>>,
    epochs: Vec<Epoch<'a>>,
    events: &'a [Happened],
    apy: f64,
    expected_apy: f64,
    yields: &'a Yields,
    end: Epoch<'a>,
    people: &'a [Person],
    shares_of_rewards: &'a SharesOfRewards,
    reconciliation: &'a Reconciliation,
}

#[derive(Serialize)]
struct Validator<'a> {
    name: &'a str,
    vote: &'a str,
    commission: f64,
    uptime: f64,
    weight: u32,
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
    stake: &'a [u64],
    open_tickets: usize,
    rewards: u64,
    bank: &'a BankEpoch,
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
            stake: &row.stake,
            open_tickets: row.open_tickets,
            rewards: row.rewards,
            bank: &row.bank,
        }
    }
}

pub fn render(plan: &Plan, told: &Told) -> Result<String, DemoError> {
    let validators = plan.validators.iter().zip(&told.votes).map(|(validator, vote)| Validator {
        name: &validator.name,
        vote,
        commission: f64::from(validator.config.commission_bps) / 10_000.0,
        uptime: f64::from(validator.config.uptime_bps) / 10_000.0,
        weight: validator.weight,
    });
    let report = Report {
        seed: plan.seed,
        validators: validators.collect(),
        epochs: told.rows.iter().map(Epoch::from).collect(),
        events: &told.events,
        apy: told.apy(),
        expected_apy: told.yields.expected,
        yields: &told.yields,
        end: Epoch::from(&told.end),
        people: &told.reconciliation.people,
        shares_of_rewards: &told.reconciliation.shares_of_rewards,
        reconciliation: &told.reconciliation,
    };
    Ok(serde_json::to_string_pretty(&report)?)
}
