//! The demo for people: amounts in SOL, lines of at most 100 characters.

use super::{
    costs::{Cost, Played},
    plan::{Chapter, Plan, EPOCHS_BEFORE, RULES},
    reconciliation::Reconciliation,
    story::{as_number, Row, Told},
    text::{cells, exactly, rounded, table},
    yields::Yields,
};

/// Columns of stake that fit a line.
const VALIDATORS_PER_LINE: usize = 9;

const APY_NOTE: &str = "
  Withheld is what flows in the epoch: rewards, bonds, what depositors paid for their part of them.
  APY is the growth since the line before, by the clock. A deposit lowers it in the next epoch,
  until its own stake has earned; stake that cools down for a ticket earns for those who stay.";

/// Lamports in SOL to the nearest hundredth: `1,234.57`.
pub fn sol(lamports: u64) -> String {
    rounded(lamports, 2)
}

/// LST to the nearest hundredth; it has the decimals of SOL.
pub fn lst(amount: u64) -> String {
    sol(amount)
}

pub fn rate_text(rate: f64) -> String {
    format!("{rate:.9}")
}

/// Basis points as a percentage.
pub fn bps(bps: u16) -> String {
    format!("{:.2} %", f64::from(bps) / 100.0)
}

/// A score as a factor of the weight.
pub fn score(bps: u16) -> String {
    format!("{:.2}", f64::from(bps) / 10_000.0)
}

fn percent(part: f64) -> String {
    format!("{:.2} %", 100.0 * part)
}

pub fn opening(plan: &Plan) -> String {
    let mut lines =
        vec![cells(["validator", "commission", "uptime", "stake of the cluster", "weight", "bond"])];
    for validator in &plan.validators {
        lines.push(vec![
            validator.name.clone(),
            percent(f64::from(validator.config.commission_bps) / 10_000.0),
            percent(f64::from(validator.config.uptime_bps) / 10_000.0),
            sol(validator.config.stake),
            validator.weight.to_string(),
            validator.bond.as_ref().map(|bond| sol(bond.lamports)).unwrap_or_default(),
        ]);
    }
    format!(
        "Tidepool: a liquid staking pool on the Solana runtime, in this process\n\
         {} epochs of two days, seed {}; all amounts in SOL\n{}\n\n\
         The pool asks for a commission of at most {}, {} of the mean credits, a vote\n\
         within half an epoch; 1 % more yield is {} % more score, and stake follows weight x score.\n\
         Before the story begins, it has run for {EPOCHS_BEFORE} epochs with {} SOL of its founders.",
        plan.epochs,
        plan.seed,
        table(&lines),
        bps(RULES.max_commission_bps),
        bps(RULES.min_credit_bps),
        RULES.score_gain,
        sol(plan.founded_with),
    )
}

pub fn closing(plan: &Plan, played: &Played) -> String {
    let told = &played.told;
    [
        "\nThe pool at the beginning of each epoch, after what people did and before rewards flow"
            .to_string(),
        epochs(told),
        APY_NOTE.to_string(),
        "\nStake by validator".to_string(),
        by_validator(plan, told, |row, index| sol(row.stake[index])),
        "\nScore by validator: a factor of its weight".to_string(),
        by_validator(plan, told, |row, index| score(row.judged[index].score_bps)),
        "\nWhat each event cost or brought, against the same story without it".to_string(),
        costs(&played.costs),
        "\nRules and scores, against equal weights and no rules on the same bank".to_string(),
        comparison(played),
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

fn by_validator(plan: &Plan, told: &Told, cell: impl Fn(&Row, usize) -> String) -> String {
    let numbers: Vec<usize> = (0..plan.validators.len()).collect();
    let part = |numbers: &[usize]| {
        let mut lines = vec![cells(["epoch"])];
        lines[0].extend(numbers.iter().map(|number| plan.validators[*number].name.clone()));
        for (name, row) in named_rows(told) {
            let mut line = vec![name];
            line.extend(numbers.iter().map(|number| cell(row, *number)));
            lines.push(line);
        }
        table(&lines)
    };
    let parts: Vec<String> = numbers.chunks(VALIDATORS_PER_LINE).map(part).collect();
    parts.join("\n")
}

fn costs(costs: &[Cost]) -> String {
    if costs.is_empty() {
        return "\n  Nothing happened: it takes more than one validator.".to_string();
    }
    let mut lines = vec![cells(["", "lost", "insurance first", "its bond", "holders", "APY"])];
    for cost in costs {
        let who = &cost.validator;
        lines.push(vec![
            match cost.chapter {
                Chapter::Silence => format!("{who} falls silent"),
                Chapter::Commission => format!("{who} raises its commission"),
                Chapter::Slashing => format!("{who} is slashed"),
                Chapter::Bid => format!("{who} bids for stake"),
                Chapter::Rules => "rules".to_string(),
            },
            sol(cost.lost),
            sol(cost.insurance_first),
            sol(cost.bond_paid),
            signed(cost.holders),
            format!("{:+.4} %", 100.0 * cost.apy),
        ]);
    }
    let note = "\n\n  Lost: not earned, kept above the promise, or slashed. Out of the bond of who was slashed the\n  \
                insurance gets back what it paid first. Holders have so much more, or less, at the end than\n  \
                without the event; stake that moves because of it earns nothing for an epoch.";
    table(&lines) + note
}

fn signed(lamports: i64) -> String {
    let sign = if lamports < 0 { "-" } else { "+" };
    sign.to_string() + &sol(lamports.unsigned_abs())
}

fn comparison(played: &Played) -> String {
    let all = &played.comparison;
    let mut lines = vec![cells(["APY", "in the story", "since the pool was made"])];
    for (what, story, life) in [
        ("with rules and scores", all.apy, all.life_apy),
        ("equal weights, no rules", all.apy_without_rules, all.life_apy_without_rules),
        ("what the rules bring", all.gain, all.life_gain),
    ] {
        let percent = |part: f64| format!("{:.4} %", 100.0 * part);
        lines.push(vec![what.to_string(), percent(story), percent(life)]);
    }
    table(&lines)
}

fn yields(told: &Told) -> String {
    let Yields { inflation, with_uptime, after_commission, after_fee, on_value, expected } = told.yields;
    let line = |what: &str, part: f64| format!("  {what:<58}{:>10}", format!("{:.4} %", 100.0 * part));
    [
        line("new SOL of the cluster over all of its stake", inflation),
        line("  at the pool's validators, by their uptime", with_uptime),
        line("  less their commissions", after_commission),
        line("  less the pool's fee on rewards", after_fee),
        line("  on all SOL, with what does not earn yet", on_value),
        line("  with bonds, less the slashing: expected APY", expected),
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
            exactly(person.gain),
        ]);
    }
    let shares = &books.shares_of_gains;
    for (who, gain) in [
        ("treasury", shares.treasury),
        ("insurance", shares.insurance),
        ("withheld", shares.withheld),
        ("the pool's first shares", shares.pool),
        ("rewards and bonds, less the slashing", books.gains.total()),
    ] {
        let mut line = cells([who, "", "", "", ""]);
        line.push(exactly(gain));
        lines.push(line);
    }
    table(&lines)
}

fn every_lamport(plan: &Plan, books: &Reconciliation) -> String {
    let line = |what: &str, lamports: i128| format!("  {what:<48}{:>20}", exactly(lamports));
    let by_validators = i128::from(books.deposited_by_validators);
    let mut lines = vec![
        line("paid in by people", books.deposited - books.deposited_by_operator - by_validators),
        line("by the operator: insurance, rents, first shares", books.deposited_by_operator),
        line("by validators: their bonds", by_validators),
        line("rewards of the cluster", books.rewards),
        line("slashed", -i128::from(books.slashed)),
        line("= came in", books.deposited + books.rewards - i128::from(books.slashed)),
        String::new(),
        line("paid out", books.paid_out),
        line("held: reserve", books.held_in.reserve.into()),
        line("held: insurance", books.held_in.insurance.into()),
        line("held: liquidity pool", books.held_in.liquidity.into()),
        line("held: bonds", books.held_in.bonds.iter().copied().map(i128::from).sum()),
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
