//! The demo as its user has it: the built program, its JSON and its text.

// Clippy's exception for tests does not reach functions beside a test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use {
    serde_json::Value,
    std::process::{Command, Output},
};

const SEEDS: [u64; 5] = [0, 1, 7, 42, 1_000_000_007];

/// The reward fee of the demo's pool.
const REWARD_FEE: f64 = 0.06;

fn demo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tidepool")).arg("demo").args(arguments).output().unwrap()
}

fn json_bytes(arguments: &[&str]) -> Vec<u8> {
    let output = demo(&[arguments, &["--json"]].concat());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(errors.is_empty(), "standard error is no terminal, so it shows nothing: {errors}");
    output.stdout
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_slice(&json_bytes(arguments)).expect("nothing but one JSON object on standard output")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is not a list"))
}

fn total<'a>(values: impl IntoIterator<Item = &'a Value>) -> i64 {
    values.into_iter().map(|value| value.as_i64().unwrap_or_else(|| panic!("{value}"))).sum()
}

fn events<'a>(report: &'a Value, kind: &str) -> Vec<&'a Value> {
    list(&report["events"]).iter().filter(|event| event["event"] == kind).collect()
}

/// The APY by the bank's parameters alone, written anew from the JSON: per epoch inflation by points, less commissions
/// and fee, over what `base` says.
fn apy_by_the_bank(report: &Value, base: impl Fn(&Value) -> f64) -> f64 {
    let (mut growth, mut years) = (1.0, 0.0);
    for epoch in list(&report["epochs"]) {
        let bank = &epoch["bank"];
        let validators = list(&bank["validators"]);
        let points = |v: &Value, of: &str| number(&v[of]) * number(&v["uptime_bps"]);
        let all: f64 = validators.iter().map(|v| points(v, "cluster")).sum();
        let ours = validators.iter().map(|v| points(v, "pool") * (1.0 - number(&v["commission_bps"]) / 1e4));
        let earned = number(&bank["inflation"]) * ours.sum::<f64>() / all;
        growth *= 1.0 + earned * (1.0 - REWARD_FEE) / base(epoch);
        years += number(&bank["years"]);
    }
    growth.powf(1.0 / years) - 1.0
}

fn assert_within(part: f64, measured: f64, expected: f64, what: &str) {
    let miss = measured / expected - 1.0;
    assert!(miss.abs() <= part, "{what}: {measured} instead of {expected}, off by {:.3} %", 100.0 * miss);
}

#[test]
fn the_rate_rises_every_epoch_from_rewards_the_cluster_paid() {
    for seed in SEEDS {
        let report = json(&["--epochs", "8", "--seed", &seed.to_string()]);
        let epochs = list(&report["epochs"]);
        assert_eq!(epochs.len(), 8);
        let moments: Vec<&Value> = epochs.iter().chain([&report["end"]]).collect();
        for pair in moments.windows(2) {
            let (before, after) = (number(&pair[0]["rate"]), number(&pair[1]["rate"]));
            assert!(after > before, "seed {seed}: {before} then {after}");
            // All of the growth is what was withheld, and that was paid by the cluster.
            let streamed = number(&pair[0]["withheld"]) / number(&pair[0]["value"]);
            assert!((after / before - 1.0 - streamed).abs() < 1e-11, "seed {seed}: {after}");
            assert!(number(&pair[0]["withheld"]) <= number(&pair[0]["rewards"]), "seed {seed}");
        }
        assert!(epochs.iter().all(|epoch| number(&epoch["apy"]) > 0.0));
    }
}

#[test]
fn the_apy_is_what_the_bank_pays_net_of_commissions_and_fees() {
    for seed in SEEDS {
        let report = json(&["--seed", &seed.to_string()]);
        let (apy, expected) = (number(&report["apy"]), number(&report["expected_apy"]));
        println!(
            "seed {seed}: APY {apy:.6}, expected {expected:.6}, {:.6} %",
            100.0 * (apy / expected - 1.0)
        );
        let of_value = apy_by_the_bank(&report, |epoch| number(&epoch["value"]) - number(&epoch["entered"]));
        let of_stake = apy_by_the_bank(&report, |epoch| {
            list(&epoch["bank"]["validators"]).iter().map(|v| number(&v["pool"])).sum()
        });
        assert_within(1e-6, expected, of_value, "the demo's own arithmetic");
        assert_within(0.001, apy, expected, "with SOL that does not earn counted");
        assert_within(0.02, apy, of_stake, "as if all SOL earned");
    }
}

#[test]
fn every_lamport_is_accounted_for() {
    for seed in SEEDS {
        let report = json(&["--seed", &seed.to_string()]);
        let books = &report["reconciliation"];
        assert_eq!(books["difference_lamports"], 0, "seed {seed}");
        let came_in = total([&books["deposited"], &books["rewards"], &books["gifts"]]);
        assert_eq!(came_in, total([&books["paid_out"], &books["held"]]), "seed {seed}");

        let held = &books["held_in"];
        let lying = total([&held["reserve"], &held["insurance"], &held["liquidity"], &held["rents"]]);
        assert_eq!(lying + total(list(&held["stake"])), total([&books["held"]]), "seed {seed}");

        let people = list(&report["people"]);
        let paid_in = total(people.iter().map(|person| &person["paid_in"]));
        assert_eq!(paid_in + total([&books["deposited_by_operator"]]), total([&books["deposited"]]));
        assert_eq!(total(people.iter().map(|person| &person["paid_out"])), total([&books["paid_out"]]));
        let shares = report["shares_of_rewards"].as_object().unwrap();
        assert_eq!(total(shares.values()), total([&books["rewards"]]), "seed {seed}");
    }
}

#[test]
fn a_ticket_larger_than_the_reserve_is_paid_without_its_owner() {
    for seed in SEEDS {
        let report = json(&["--seed", &seed.to_string()]);
        let [ordered] = events(&report, "unstake_ordered")[..] else { panic!("one order") };
        let [paid] = events(&report, "ticket_paid")[..] else { panic!("one payment") };
        assert!(number(&ordered["lamports"]) > number(&ordered["free_reserve"]), "seed {seed}");
        assert_eq!((&paid["who"], &paid["lamports"]), (&ordered["who"], &ordered["lamports"]));
        assert_eq!(number(&paid["epoch"]), number(&ordered["epoch"]) + 1.0);
        let cooled = events(&report, "stake_undelegated");
        assert!(cooled.iter().any(|e| e["epoch"] == ordered["epoch"] && e["for_tickets"] == true));
        let open = |epoch: &Value| {
            list(&report["epochs"]).iter().find(|e| e["epoch"] == *epoch).unwrap()["open_tickets"].clone()
        };
        assert_eq!((open(&ordered["epoch"]), open(&paid["epoch"])), (1.into(), 0.into()));

        let [exit] = events(&report, "exited_at_once")[..] else { panic!("one instant exit") };
        let fee = number(&exit["fee"]) / (number(&exit["fee"]) + number(&exit["lamports"]));
        assert!((0.001..0.01).contains(&fee), "seed {seed}: a fee of {fee}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let again = || json_bytes(&["--epochs", "8", "--seed", "7"]);
    assert_eq!(again(), again());
    assert_eq!(demo(&["--seed", "7"]).stdout, demo(&["--seed", "7"]).stdout);
    assert_ne!(again(), json_bytes(&["--epochs", "8", "--seed", "8"]));
}

#[test]
fn any_number_of_validators_and_epochs_can_be_asked_for() {
    for (validators, epochs) in [("1", "8"), ("2", "11"), ("33", "9"), ("64", "30")] {
        let report = json(&["--validators", validators, "--epochs", epochs, "--seed", "3"]);
        assert_eq!(list(&report["validators"]).len().to_string(), validators);
        assert_eq!(list(&report["epochs"]).len().to_string(), epochs);
        assert!(list(&report["epochs"]).iter().all(|e| list(&e["stake"]).len().to_string() == validators));
        assert_eq!(report["reconciliation"]["difference_lamports"], 0);
    }
}

#[test]
fn a_story_too_short_is_refused_with_advice() {
    let output = demo(&["--epochs", "7"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(errors.contains("at least 8"), "{errors}");
}

#[test]
fn the_text_fits_a_terminal_and_ends_in_balance() {
    for arguments in [&["--seed", "7"][..], &["--validators", "64", "--epochs", "40"]] {
        let output = demo(arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success());
        let widest = text.lines().max_by_key(|line| line.len()).unwrap_or_default();
        assert!(widest.len() <= 100, "{} characters: {widest}", widest.len());
        let last = text.lines().last().unwrap_or_default();
        assert_eq!(last.split_whitespace().collect::<Vec<_>>(), ["difference", "0.000000000"]);
    }
}

#[test]
fn the_readme_shows_what_the_demo_prints() {
    let readme = include_str!("../../../README.md");
    let shown = readme.split("```").nth(1).expect("a picture of the demo");
    let printed = String::from_utf8(demo(&[]).stdout).unwrap();
    let printed: Vec<&str> = printed.lines().collect();
    for line in shown.lines().filter(|line| !line.is_empty() && *line != "[…]") {
        assert!(printed.contains(&line), "the demo does not print: {line}");
    }
}
