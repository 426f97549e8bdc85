//! The story of the liquid staking pool: its JSON and its text.

use {crate::support::*, serde_json::Value, std::sync::OnceLock};

const SEEDS: [u64; 5] = [0, 1, 7, 42, 1_000_000_007];

/// The reward fee of the demo's pool.
const REWARD_FEE: f64 = 0.06;

/// The largest share of the value that its rules let move in an epoch.
const MOVE_BUDGET: f64 = 0.1;

const SOL: f64 = 1e9;

/// What the demo says with each seed; played once for all tests.
fn reports() -> impl Iterator<Item = (u64, &'static Value)> {
    static REPORTS: OnceLock<Vec<Value>> = OnceLock::new();
    let reports =
        REPORTS.get_or_init(|| SEEDS.iter().map(|seed| json(&["--seed", &seed.to_string()])).collect());
    SEEDS.into_iter().zip(reports)
}

/// The epochs and the end.
fn moments(report: &Value) -> Vec<&Value> {
    list(&report["epochs"]).iter().chain([&report["end"]]).collect()
}

fn moment<'a>(report: &'a Value, epoch: &Value) -> &'a Value {
    moments(report).into_iter().find(|moment| moment["epoch"] == *epoch).unwrap()
}

fn next(epoch: &Value) -> Value {
    (epoch.as_u64().unwrap() + 1).into()
}

fn cost<'a>(report: &'a Value, chapter: &str) -> &'a Value {
    list(&report["costs"]).iter().find(|cost| cost["chapter"] == chapter).unwrap()
}

/// Number of a validator by its name.
fn place(name: &Value) -> usize {
    name.as_str().unwrap()[1..].parse::<usize>().unwrap() - 1
}

fn judged<'a>(moment: &'a Value, name: &Value) -> &'a Value {
    &moment["judged"][place(name)]
}

/// The APY by the bank's parameters alone, written anew from the JSON: per epoch inflation by points, less commissions
/// and fee, and what came `beside`, over what `base` says.
fn apy_by_the_bank(report: &Value, beside: impl Fn(&Value) -> f64, base: impl Fn(&Value) -> f64) -> f64 {
    let (mut growth, mut years) = (1.0, 0.0);
    for epoch in list(&report["epochs"]) {
        let bank = &epoch["bank"];
        let validators = list(&bank["validators"]);
        let points = |v: &Value, of: &str| number(&v[of]) * number(&v["uptime_bps"]);
        let all: f64 = validators.iter().chain([&bank["rest"]]).map(|v| points(v, "cluster")).sum();
        let ours = validators.iter().map(|v| points(v, "pool") * (1.0 - number(&v["commission_bps"]) / 1e4));
        let earned = number(&bank["inflation"]) * ours.sum::<f64>() / all;
        growth *= 1.0 + (earned * (1.0 - REWARD_FEE) + beside(epoch)) / base(epoch);
        years += number(&bank["years"]);
    }
    growth.powf(1.0 / years) - 1.0
}

fn assert_within(part: f64, measured: f64, expected: f64, what: &str) {
    let miss = measured / expected - 1.0;
    assert!(miss.abs() <= part, "{what}: {measured} instead of {expected}, off by {:.3} %", 100.0 * miss);
}

#[test]
fn the_rate_rises_every_epoch_from_rewards_the_cluster_paid_and_bonds() {
    for (seed, report) in reports() {
        assert_eq!(list(&report["epochs"]).len(), 12);
        for pair in moments(report).windows(2) {
            let (before, after) = (number(&pair[0]["rate"]), number(&pair[1]["rate"]));
            assert!(after > before, "seed {seed}: {before} then {after}");
            // All of the growth is what was withheld, and that was paid by the cluster, depositors and bonds.
            let streamed = number(&pair[0]["withheld"]) / number(&pair[0]["value"]);
            assert!((after / before - 1.0 - streamed).abs() < 1e-11, "seed {seed}: {after}");
            let without_comers = 1.0 - number(&pair[0]["entered"]) / number(&pair[0]["value"]);
            let of_rewards = number(&pair[0]["withheld"]) * without_comers - number(&pair[0]["beside"]);
            assert!(of_rewards <= number(&pair[0]["rewards"]), "seed {seed}: {}", pair[0]["epoch"]);
        }
        assert!(list(&report["epochs"]).iter().all(|epoch| number(&epoch["apy"]) > 0.0));
    }
}

#[test]
fn the_apy_is_what_the_bank_pays_net_of_commissions_and_fees_and_what_bonds_pay() {
    for (seed, report) in reports() {
        let (apy, expected) = (number(&report["apy"]), number(&report["expected_apy"]));
        println!(
            "seed {seed}: APY {apy:.6}, expected {expected:.6}, {:.6} %",
            100.0 * (apy / expected - 1.0)
        );
        let beside = |epoch: &Value| number(&epoch["beside"]);
        let value = |epoch: &Value| number(&epoch["value"]) - number(&epoch["entered"]);
        let stake =
            |epoch: &Value| list(&epoch["bank"]["validators"]).iter().map(|v| number(&v["pool"])).sum();
        assert_within(1e-6, expected, apy_by_the_bank(report, beside, value), "the demo's own arithmetic");
        assert_within(0.001, apy, expected, "with SOL that does not earn counted");
        assert_within(0.05, apy, apy_by_the_bank(report, beside, stake), "as if all SOL earned");
    }
}

#[test]
fn every_lamport_is_accounted_for() {
    for (seed, report) in reports() {
        let books = &report["reconciliation"];
        assert_eq!(books["difference_lamports"], 0, "seed {seed}");
        let came_in =
            total([&books["deposited"], &books["rewards"], &books["gifts"]]) - total([&books["slashed"]]);
        assert_eq!(came_in, total([&books["paid_out"], &books["held"]]), "seed {seed}");

        let held = &books["held_in"];
        let lying = total([&held["reserve"], &held["insurance"], &held["liquidity"], &held["rents"]]);
        let by_validator = total(list(&held["stake"])) + total(list(&held["bonds"]));
        assert_eq!(lying + by_validator, total([&books["held"]]), "seed {seed}");

        let people = list(&report["people"]);
        let paid_in = total(people.iter().map(|person| &person["paid_in"]));
        let by_others = total([&books["deposited_by_operator"], &books["deposited_by_validators"]]);
        assert_eq!(paid_in + by_others, total([&books["deposited"]]));
        assert_eq!(total(people.iter().map(|person| &person["paid_out"])), total([&books["paid_out"]]));

        let gains = &report["gains"];
        let gained = total([&gains["rewards"], &gains["bonds"], &gains["insurance_funded"]]);
        let shares = report["shares_of_gains"].as_object().unwrap();
        assert_eq!(total(shares.values()), gained - total([&gains["slashed"]]), "seed {seed}");
        let posted = total(list(&report["validators"]).iter().map(|v| &v["bond"]));
        assert_eq!(posted - total([&gains["bonds"]]), total(list(&held["bonds"])), "seed {seed}");
    }
}

#[test]
fn a_ticket_larger_than_the_reserve_is_paid_without_its_owner() {
    for (seed, report) in reports() {
        let [ordered] = events(report, "unstake_ordered")[..] else { panic!("one order") };
        let [paid] = events(report, "ticket_paid")[..] else { panic!("one payment") };
        assert!(number(&ordered["lamports"]) > number(&ordered["free_reserve"]), "seed {seed}");
        assert_eq!((&paid["who"], &paid["lamports"]), (&ordered["who"], &ordered["lamports"]));
        assert_eq!(paid["epoch"], next(&ordered["epoch"]));
        let cooled = events(report, "stake_undelegated");
        assert!(cooled.iter().any(|e| e["epoch"] == ordered["epoch"] && e["for_tickets"] == true));
        let open = |epoch: &Value| moment(report, epoch)["open_tickets"].clone();
        assert_eq!((open(&ordered["epoch"]), open(&paid["epoch"])), (1.into(), 0.into()));

        let [exit] = events(report, "exited_at_once")[..] else { panic!("one instant exit") };
        let fee = number(&exit["fee"]) / (number(&exit["fee"]) + number(&exit["lamports"]));
        assert!((0.001..0.01).contains(&fee), "seed {seed}: a fee of {fee}");
    }
}

#[test]
fn all_validators_are_judged_in_every_epoch_and_the_sound_ones_by_their_yield() {
    for (seed, report) in reports() {
        for moment in moments(report) {
            let judged = list(&moment["judged"]);
            assert_eq!(judged.len(), list(&report["validators"]).len());
            // Credits left to the stake, compared within an epoch: who leaves more has no lower score.
            let sound = judged.iter().filter(|v| v["verdict"] == "sound");
            let mut by_yield: Vec<(f64, u64)> = sound
                .map(|v| {
                    let kept = number(&v["credit_ratio_bps"]) * (1e4 - number(&v["commission_bps"]));
                    (kept, v["score_bps"].as_u64().unwrap())
                })
                .collect();
            by_yield.sort_by(|a, b| a.0.total_cmp(&b.0));
            // A bid is worth up to a tenth of a score, and a score moves in steps of 250.
            assert!(
                by_yield.windows(2).all(|pair| pair[0].1 <= pair[1].1 + 1_000),
                "seed {seed}: {by_yield:?}"
            );
            assert!(judged.iter().all(|v| (v["verdict"] == "sound") == (v["score_bps"] != 0)));
        }
    }
}

#[test]
fn a_silent_validator_loses_its_score_and_its_stake_leaves_at_once_within_the_budget() {
    for (seed, report) in reports() {
        let [fell] = events(report, "fell_silent")[..] else { panic!("one falls silent") };
        let (who, found_in) = (&fell["who"], next(&fell["epoch"]));
        assert_eq!(judged(moment(report, &fell["epoch"]), who)["verdict"], "sound", "seed {seed}");
        let found = judged(moment(report, &found_in), who);
        assert_eq!((&found["verdict"], &found["score_bps"]), (&"silent".into(), &0.into()), "seed {seed}");

        let left: Vec<&Value> =
            events(report, "stake_left").into_iter().filter(|e| e["who"] == *who).collect();
        assert_eq!(left[0]["epoch"], found_in, "seed {seed}: in the epoch that finds it");
        for leaving in &left {
            let budget = number(&leaving["budget"]);
            let value = number(&moment(report, &leaving["epoch"])["value"]);
            assert!(number(&leaving["lamports"]) <= budget, "seed {seed}");
            assert!((budget / value / MOVE_BUDGET - 1.0).abs() < 0.01, "seed {seed}: {budget} of {value}");
        }
        // As much as may move leaves in each epoch, until less is left than can stay.
        assert!(left.iter().rev().skip(1).all(|e| number(&e["lamports"]) > 0.99 * number(&e["budget"])));
        assert_eq!(left.last().unwrap()["left"], 0, "seed {seed}");
        let (last, end) = (&left.last().unwrap()["epoch"], &report["end"]);
        assert!(number(last) <= number(&found_in) + 2.0, "seed {seed}: {last}");
        assert!(number(&end["stake"][place(who)]) < 0.1 * SOL, "seed {seed}: rent alone is left");
        assert_eq!(judged(end, who)["score_bps"], 0);

        let cost = cost(report, "silence");
        assert!(number(&cost["lost"]) > 0.0 && number(&cost["holders"]) < 0.0, "seed {seed}: {cost}");
        assert_eq!((&cost["bond_paid"], &cost["insurance_first"]), (&0.into(), &0.into()));
    }
}

#[test]
fn a_commission_above_the_promise_is_paid_by_the_bond() {
    for (seed, report) in reports() {
        let [raised] = events(report, "commission_set")[..] else { panic!("one raises its commission") };
        let who = &raised["who"];
        let opened = events(report, "bond_opened").into_iter().find(|e| e["who"] == *who).unwrap();
        assert!(number(&raised["commission_bps"]) > number(&opened["commission_bps"]));

        let paid: Vec<&Value> =
            events(report, "bond_paid").into_iter().filter(|e| e["who"] == *who).collect();
        let epochs: Vec<f64> = paid.iter().map(|e| number(&e["epoch"])).collect();
        let every: Vec<f64> = (1..=paid.len()).map(|n| number(&raised["epoch"]) + n as f64).collect();
        assert_eq!(epochs, every, "seed {seed}: in every epoch from the next on");
        assert_eq!(every.last(), Some(&number(&report["end"]["epoch"])), "seed {seed}");
        assert!(paid.iter().all(|e| e["commission"] == e["lamports"] && number(&e["lamports"]) > 0.0));

        let cost = cost(report, "commission");
        let commission: i64 = total(paid.iter().map(|e| &e["commission"]));
        assert_eq!(total([&cost["bond_paid"]]), commission, "seed {seed}");
        // The bond pays from the first review that sees it; the cluster takes it from the next epoch but one.
        let (bond, lost) = (number(&cost["bond_paid"]), number(&cost["lost"]));
        assert!(lost > 0.0 && bond >= lost && bond < 2.0 * lost, "seed {seed}: {bond} for {lost}");
        let score = |epoch: &Value| number(&judged(moment(report, epoch), who)["score_bps"]);
        assert!(score(&report["end"]["epoch"]) < score(&raised["epoch"]), "seed {seed}");
    }
}

#[test]
fn a_slashing_is_paid_by_the_insurance_first_and_then_made_good_by_the_bond() {
    for (seed, report) in reports() {
        let [slashed] = events(report, "slashed")[..] else { panic!("one is slashed") };
        let [found] = events(report, "loss_found")[..] else { panic!("one loss is found") };
        assert_eq!((&found["epoch"], &found["lamports"]), (&slashed["epoch"], &slashed["lamports"]));
        let (insured, borne) = (total([&found["from_insurance"]]), total([&found["from_holders"]]));
        assert_eq!(insured + borne, total([&found["lamports"]]), "seed {seed}");
        assert!(borne > 0, "seed {seed}: the insurance has less than is lost");
        let insurance = |epoch: &Value| total([&moment(report, epoch)["insurance"]]);
        assert_eq!(insurance(&slashed["epoch"]), 0, "seed {seed}: so it gave all it had");

        let paid = events(report, "bond_paid").into_iter().find(|e| number(&e["lost"]) > 0.0).unwrap();
        assert_eq!((&paid["who"], &paid["lost"]), (&slashed["who"], &slashed["lamports"]), "seed {seed}");
        assert_eq!(paid["epoch"], next(&slashed["epoch"]), "seed {seed}: at the next settlement");
        assert_eq!(total([&paid["to_insurance"]]), insured, "seed {seed}: it has all of it back");
        assert!(insurance(&paid["epoch"]) >= insured, "seed {seed}");

        let cost = cost(report, "slashing");
        assert_eq!((&cost["lost"], &cost["bond_paid"]), (&slashed["lamports"], &slashed["lamports"]));
        assert_eq!(total([&cost["insurance_first"], &cost["back_to_insurance"]]), 2 * insured);
        assert!(number(&cost["holders"]).abs() < 0.05 * SOL, "seed {seed}: holders bear nothing: {cost}");
    }
}

#[test]
fn what_an_event_cost_is_the_same_in_lamports_and_in_apy() {
    for (seed, report) in reports() {
        let epochs = list(&report["epochs"]);
        let years: f64 = epochs.iter().map(|epoch| number(&epoch["bank"]["years"])).sum();
        let value = number(&report["end"]["value"]);
        let chapters: Vec<&Value> = list(&report["costs"]).iter().map(|cost| &cost["chapter"]).collect();
        assert_eq!(chapters, ["silence", "commission", "slashing", "bid"]);
        for cost in list(&report["costs"]) {
            let by_lamports = number(&cost["holders"]) / value / years * (1.0 + number(&report["apy"]));
            let miss = (by_lamports - number(&cost["apy"])).abs();
            assert!(miss < 1e-5 + 0.03 * by_lamports.abs(), "seed {seed}: {by_lamports} for {cost}");
        }
        let bid = cost(report, "bid");
        assert!(number(&bid["bond_paid"]) > 0.0 && number(&bid["holders"]) > 0.0, "seed {seed}: {bid}");
    }
}

#[test]
fn rules_and_scores_bring_more_than_equal_weights_on_the_same_bank() {
    for (seed, report) in reports() {
        let figures = &report["comparison"];
        let figure = |name: &str| number(&figures[name]);
        println!(
            "seed {seed}: {:.4} % with rules, {:.4} % without",
            100.0 * figure("apy"),
            100.0 * figure("apy_without_rules")
        );
        assert_eq!(figures["apy"], report["apy"], "seed {seed}");
        assert!(figure("gain") > 0.001 && figure("life_gain") > 0.001, "seed {seed}: {figures}");
        for (with, without, gain) in
            [("apy", "apy_without_rules", "gain"), ("life_apy", "life_apy_without_rules", "life_gain")]
        {
            assert!((figure(with) - figure(without) - figure(gain)).abs() < 1e-9, "seed {seed}: {figures}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let again = || json_bytes(&["--seed", "7"]);
    let first = again();
    assert_eq!(first, again());
    assert_ne!(first, json_bytes(&["--seed", "8"]));
    assert_eq!(demo(&["--seed", "7"]).stdout, demo(&["--seed", "7"]).stdout);
}

#[test]
fn any_number_of_validators_and_epochs_can_be_asked_for() {
    for (validators, epochs, costs) in [("1", "12", 0), ("2", "13", 1), ("3", "40", 2), ("20", "12", 4)] {
        let report = json(&["--validators", validators, "--epochs", epochs, "--seed", "3"]);
        assert_eq!(list(&report["validators"]).len().to_string(), validators);
        assert_eq!(list(&report["epochs"]).len().to_string(), epochs);
        assert!(list(&report["epochs"]).iter().all(|e| list(&e["stake"]).len().to_string() == validators));
        assert_eq!(report["reconciliation"]["difference_lamports"], 0);
        assert_eq!(list(&report["costs"]).len(), costs, "{validators} validators");
    }
}

#[test]
fn a_story_too_short_is_refused_with_advice() {
    let output = demo(&["--epochs", "11"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(errors.contains("at least 12"), "{errors}");
}

#[test]
fn the_text_fits_a_terminal_and_ends_in_balance() {
    for arguments in [&["--seed", "7"][..], &["--validators", "64"]] {
        let output = demo(arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success());
        let widest = text.lines().max_by_key(|line| line.len()).unwrap_or_default();
        assert!(widest.len() <= 110, "{} characters: {widest}", widest.len());
        let last = text.lines().last().unwrap_or_default();
        assert_eq!(last.split_whitespace().collect::<Vec<_>>(), ["difference", "0.000000000"]);
    }
}

#[test]
fn the_readme_shows_what_the_demo_prints() {
    let readme = include_str!("../../../../README.md");
    let shown = readme.split("```").nth(1).expect("a picture of the demo");
    assert_excerpt(shown, &demo(&[]).stdout);
}
