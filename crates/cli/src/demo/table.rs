//! The demo for people: amounts in SOL, lines of at most 100 characters.

use super::{
    plan::{Plan, EPOCHS_BEFORE},
    reconciliation::Reconciliation,
    story::{as_number, Row, Told},
    yields::Yields,
};

/// Columns of stake that fit a line.
const VALIDATORS_PER_LINE: usize = 9;

const APY_NOTE: &str = "
  Withheld is what flows in the epoch: rewards, and what depositors paid for their part of them.
  APY is the growth since the line before, by the clock. A deposit lowers it in the next epoch,
  until its own stake has earned; stake that cools down for a ticket earns for those who stay.";

const LAMPORTS_PER_CENT: u64 = 10_000_000;

/// Lamports in SOL to the nearest hundredth: `1,234.57`.
pub fn sol(lamports: u64) -> String {
    let cents = (u128::from(lamports) + u128::from(LAMPORTS_PER_CENT) / 2) / u128::from(LAMPORTS_PER_CENT);
    format!("{}.{:02}", thousands(cents / 100), cents % 100)
}

/// LST to the nearest hundredth; it has the decimals of SOL.
pub fn lst(amount: u64) -> String {
    sol(amount)
}

/// Lamports in SOL, all nine decimals.
fn sol_exactly(lamports: i128) -> String {
    let sign = if lamports < 0 { "-" } else { "" };
    let lamports = lamports.unsigned_abs();
    format!("{sign}{}.{:09}", thousands(lamports / 1_000_000_000), lamports % 1_000_000_000)
}

fn thousands(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub fn rate_text(rate: f64) -> String {
    format!("{rate:.9}")
}

fn percent(part: f64) -> String {
    format!("{:.2} %", 100.0 * part)
}

/// A table: the first line are the heads. Columns are as wide as their widest cell; the first is flush left, the rest
/// right.
fn table(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(String::len).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let mut row = String::from(" ");
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            match column {
                0 => row += &format!(" {cell:<width$}"),
                _ => row += &format!("  {cell:>width$}"),
            }
        }
        text += &format!("\n{}", row.trim_end());
        if number == 0 {
            let total = widths.iter().sum::<usize>() + 2 * columns.saturating_sub(1);
            text += &format!("\n  {}", "-".repeat(total));
        }
    }
    text
}

fn cells<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(String::from).to_vec()
}

pub fn opening(plan: &Plan) -> String {
    let mut lines =
        vec![cells(["validator", "commission", "uptime", "stake of the cluster", "weight in the pool"])];
    for validator in &plan.validators {
        lines.push(vec![
            validator.name.clone(),
            percent(f64::from(validator.config.commission_bps) / 10_000.0),
            percent(f64::from(validator.config.uptime_bps) / 10_000.0),
            sol(validator.config.stake),
            validator.weight.to_string(),
        ]);
    }
    format!(
        "Tidepool: a liquid staking pool on the Solana runtime, in this process\n\
         {} epochs of two days, seed {}; all amounts in SOL\n{}\n\n\
         Before the story begins, the pool has run for {EPOCHS_BEFORE} epochs with {} SOL of its founders:\n\
         its stake is active, and rewards are flowing.",
        plan.epochs,
        plan.seed,
        table(&lines),
        sol(plan.founded_with),
    )
}

pub fn closing(plan: &Plan, told: &Told) -> String {
    [
        "\nThe pool at the beginning of each epoch, after what people did and before rewards flow"
            .to_string(),
        epochs(told),
        APY_NOTE.to_string(),
        "\nStake by validator".to_string(),
        stakes(plan, told),
        "\nWhere the yield comes from, per year".to_string(),
        yields(told),
        "\nWho has what".to_string(),
        people(&told.reconciliation),
        "\nEvery lamport".to_string(),
        every_lamport(plan, &told.reconciliation),
    ]
    .join("\n")
}

fn named_rows(told: &Told) -> Vec<(String, &Row)> {
    let rows = told.rows.iter().map(|row| (row.epoch.to_string(), row));
    rows.chain([("end".to_string(), &told.end)]).collect()
}

fn epochs(told: &Told) -> String {
    let mut lines =
        vec![cells(["epoch", "value", "LST supply", "rate", "APY", "withheld", "reserve", "open tickets"])];
    for (name, row) in named_rows(told) {
        lines.push(vec![
            name,
            sol(row.rate.value.0),
            sol(row.rate.supply.0),
            rate_text(as_number(&row.rate)),
            percent(row.apy_ppm as f64 / 1e6),
            sol(row.withheld),
            sol(row.reserve),
            row.open_tickets.to_string(),
        ]);
    }
    table(&lines)
}

fn stakes(plan: &Plan, told: &Told) -> String {
    let numbers: Vec<usize> = (0..plan.validators.len()).collect();
    let part = |numbers: &[usize]| {
        let mut lines = vec![cells(["epoch"])];
        lines[0].extend(numbers.iter().map(|number| plan.validators[*number].name.clone()));
        for (name, row) in named_rows(told) {
            let mut line = vec![name];
            line.extend(numbers.iter().map(|number| sol(row.stake[*number])));
            lines.push(line);
        }
        table(&lines)
    };
    let parts: Vec<String> = numbers.chunks(VALIDATORS_PER_LINE).map(part).collect();
    parts.join("\n")
}

fn yields(told: &Told) -> String {
    let Yields { inflation, with_uptime, after_commission, after_fee, expected } = told.yields;
    let line = |what: &str, part: f64| format!("  {what:<58}{:>10}", format!("{:.4} %", 100.0 * part));
    [
        line("new SOL of the cluster over all of its stake", inflation),
        line("  at the pool's validators, by their uptime", with_uptime),
        line("  less their commissions", after_commission),
        line("  less the pool's fee on rewards", after_fee),
        line("  on all SOL, with what does not earn yet: expected APY", expected),
        line("the rate grew by", told.apy()),
        line("  beside the expected, as a part of it", told.apy_miss()),
    ]
    .join("\n")
}

fn people(books: &Reconciliation) -> String {
    let mut lines = vec![cells(["", "paid in", "got back", "LST", "worth now", "gain"])];
    for person in &books.people {
        lines.push(vec![
            person.name.to_string(),
            sol(person.paid_in),
            sol(person.paid_out),
            sol(person.lst),
            sol(person.worth),
            sol_exactly(person.gain),
        ]);
    }
    let shares = &books.shares_of_rewards;
    for (who, gain) in [
        ("treasury", shares.treasury),
        ("insurance", shares.insurance),
        ("withheld", shares.withheld),
        ("the pool's first shares", shares.pool),
        ("all rewards", books.rewards),
    ] {
        let mut line = cells([who, "", "", "", ""]);
        line.push(sol_exactly(gain));
        lines.push(line);
    }
    table(&lines)
}

fn every_lamport(plan: &Plan, books: &Reconciliation) -> String {
    let line = |what: &str, lamports: i128| format!("  {what:<46}{:>20}", sol_exactly(lamports));
    let mut lines = vec![
        line("paid in by people", books.deposited - books.deposited_by_operator),
        line("paid in by the operator: rents, first shares", books.deposited_by_operator),
        line("rewards of the cluster", books.rewards),
        line("= came in", books.deposited + books.rewards),
        String::new(),
        line("paid out", books.paid_out),
        line("held: reserve", books.held_in.reserve.into()),
        line("held: insurance", books.held_in.insurance.into()),
        line("held: liquidity pool", books.held_in.liquidity.into()),
    ];
    for (validator, stake) in plan.validators.iter().zip(&books.held_in.stake) {
        lines.push(line(&format!("held: stake with {}", validator.name), (*stake).into()));
    }
    lines.push(line("held: rents of the pool's accounts", books.held_in.rents));
    lines.push(line("= paid out and held", books.paid_out + books.held));
    lines.push(String::new());
    lines.push(line("difference", books.difference_lamports));
    lines.join("\n")
}
