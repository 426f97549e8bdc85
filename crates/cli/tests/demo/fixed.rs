//! The story of the fixed-APY pools: its JSON and its text.

use {
    crate::support::*,
    serde_json::Value,
    std::{
        collections::BTreeSet,
        process::{Command, Stdio},
        sync::OnceLock,
    },
};

const SEEDS: std::ops::Range<u64> = 0..20;

const TOKEN: u64 = 1_000_000_000;
const DAY: u64 = 86_400;
const YEAR: u64 = 365 * DAY;

/// What the story says with each seed; played once for all tests.
fn reports() -> impl Iterator<Item = (u64, &'static Value)> {
    static REPORTS: OnceLock<Vec<Value>> = OnceLock::new();
    let play = |seed: u64| json(&["--fixed", "--seed", &seed.to_string()]);
    SEEDS.zip(REPORTS.get_or_init(|| SEEDS.map(play).collect()))
}

fn units(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is not an amount"))
}

fn positions(report: &Value) -> &[Value] {
    list(&report["positions"])
}

fn reward(position: &Value) -> u64 {
    units(&position["reward_paid"]) + units(&position["reward_staked"])
}

fn refusals<'a>(report: &'a Value, what: &str) -> Vec<&'a Value> {
    events(report, "refused").into_iter().filter(|event| event["what"] == what).collect()
}

fn the_only(found: Vec<&Value>) -> &Value {
    let [one] = found[..] else { panic!("not one: {found:?}") };
    one
}

/// Simple interest, rounded down.
fn earned(amount: u64, rate_bps: u64, seconds: u64) -> u64 {
    let earned = u128::from(amount) * u128::from(rate_bps) * u128::from(seconds);
    u64::try_from(earned / (10_000 * u128::from(YEAR))).unwrap()
}

fn months<'a>(report: &'a Value, tier: &'a str) -> impl Iterator<Item = &'a Value> {
    list(&report["months"]).iter().filter(move |month| month["tier"] == tier)
}

fn sum<'a>(rows: impl Iterator<Item = &'a Value>, field: &str) -> u64 {
    rows.map(|row| units(&row[field])).sum()
}

#[test]
fn the_pools_are_those_of_the_reference_deployment() {
    for (_, report) in reports() {
        let [standard, premium] = list(&report["pools"]) else { panic!("two pools") };
        for (pool, tier, min_stake, rate_bps, label, cap, access) in [
            (standard, "standard", 1, 800, "8 % fixed, simple", 10_000_000, "open"),
            (premium, "premium", 500_000, 1_600, "16 % fixed, simple", 20_000_000, "whitelist"),
        ] {
            assert_eq!((&pool["tier"], &pool["access"]), (&tier.into(), &access.into()));
            assert_eq!((&pool["label"], &pool["rate_bps"]), (&label.into(), &rate_bps.into()));
            assert_eq!((units(&pool["min_stake"]), units(&pool["cap"])), (min_stake * TOKEN, cap * TOKEN));
            assert_eq!(units(&pool["lock_seconds"]), YEAR);
        }
    }
}

#[test]
fn one_token_brings_80_000_000_units_and_500_000_tokens_bring_80_000() {
    for (seed, report) in reports() {
        let of = |principal: u64| {
            the_only(positions(report).iter().filter(|it| units(&it["principal"]) == principal).collect())
        };
        for (position, tier, principal, brings) in [
            (of(TOKEN), "standard", TOKEN, 80_000_000),
            (of(500_000 * TOKEN), "premium", 500_000 * TOKEN, 80_000 * TOKEN),
        ] {
            assert_eq!(position["tier"], tier, "seed {seed}");
            assert_eq!(position["end"], "unstaked", "seed {seed}");
            assert_eq!(units(&position["principal_back"]), principal, "seed {seed}");
            assert_eq!(units(&position["reward_paid"]), brings, "seed {seed}");
        }
    }
}

#[test]
fn every_position_brings_what_it_was_promised_to_the_unit() {
    for (seed, report) in reports() {
        for position in positions(report) {
            let (principal, promised) = (units(&position["principal"]), units(&position["promised"]));
            let rate_bps = units(&position["rate_bps"]);
            assert_eq!(promised, earned(principal, rate_bps, YEAR), "seed {seed}: {position}");
            assert_eq!(units(&position["principal_back"]), principal, "seed {seed}: {position}");
            let lock = units(&position["unlock_at"]) - units(&position["staked_at"]);
            assert_eq!(lock, YEAR);
            match position["end"].as_str().unwrap() {
                "left_in_emergency" => assert!(reward(position) < promised),
                _ => {
                    assert_eq!(reward(position), promised, "seed {seed}: {position}");
                    assert!(units(&position["ended_at"]) >= units(&position["unlock_at"]));
                }
            }
        }
    }
}

#[test]
fn monthly_claims_of_a_keeper_add_up_to_the_unit() {
    for (seed, report) in reports() {
        let claims = events(report, "claimed").into_iter().filter(|event| event["who"] == "ana");
        let claimed: Vec<u64> = claims.map(|event| units(&event["amount"])).collect();
        let left = the_only(events(report, "unstaked").into_iter().filter(|e| e["who"] == "ana").collect());
        assert_eq!(claimed.len(), 10, "seed {seed}: the emergency let one out");
        assert_eq!(claimed.iter().sum::<u64>() + units(&left["reward"]), 80_000_000, "seed {seed}");
        let early = the_only(refusals(report, "unstake"));
        assert_eq!((&early["who"], &early["error"]), (&"ana".into(), &"NotMatured".into()));
        assert_eq!(units(&early["unix_time"]) + 1, units(&left["unix_time"]), "seed {seed}");
    }
}

#[test]
fn a_stake_that_the_vault_cannot_cover_is_refused_with_what_fits_and_then_funded() {
    for (seed, report) in reports() {
        let refused =
            the_only(refusals(report, "stake").into_iter().filter(|e| e["tier"] == "standard").collect());
        assert_eq!(refused["error"], "RewardsNotFunded", "seed {seed}");
        let at = units(&refused["unix_time"]);
        let before = |event: &&Value| event["tier"] == "standard" && units(&event["unix_time"]) < at;
        let funded: u64 =
            events(report, "rewards_funded").iter().filter(|e| before(e)).map(|e| units(&e["amount"])).sum();
        let promised: u64 =
            events(report, "staked").iter().filter(|e| before(e)).map(|e| units(&e["promised"])).sum();
        let (free, fits) = (funded - promised, units(&refused["fits"]));
        assert!(earned(fits, 800, YEAR) <= free && earned(fits + 1, 800, YEAR) > free, "seed {seed}: {fits}");
        assert!(fits < units(&refused["amount"]));

        let funding = events(report, "rewards_funded");
        let funding = the_only(funding.into_iter().filter(|e| units(&e["unix_time"]) > at).collect());
        let staked = events(report, "staked").into_iter().find(|e| e["who"] == refused["who"]).unwrap();
        assert_eq!(staked["amount"], refused["amount"], "seed {seed}");
        assert!(units(&staked["unix_time"]) > units(&funding["unix_time"]));
    }
}

#[test]
fn the_whitelist_keeps_a_stranger_out_and_lets_a_whale_in_who_gets_his_token() {
    for (seed, report) in reports() {
        let stranger =
            the_only(refusals(report, "stake").into_iter().filter(|e| e["tier"] == "premium").collect());
        assert_eq!(stranger["error"], "NotWhitelisted");
        assert!(stranger["text"].as_str().unwrap().contains("not on this pool's whitelist"));
        assert!(positions(report).iter().all(|position| position["who"] != stranger["who"]));

        let way = ["applied", "approved", "staked", "whale_reminded", "did_minted", "refused"];
        let whale = &the_only(events(report, "whale_reminded"))["who"];
        let his = list(&report["events"]).iter().filter(|event| event["who"] == *whale);
        let his: Vec<&str> = his.map(|event| event["event"].as_str().unwrap()).take(way.len()).collect();
        assert_eq!(his, way, "seed {seed}");
        let minted = the_only(events(report, "did_minted"));
        assert_eq!((&minted["name"], &minted["symbol"]), (&"Tidepool whale".into(), &"WHALE".into()));
        assert!(the_only(refusals(report, "transfer_did"))["text"].as_str().unwrap().len() > 10);
    }
}

#[test]
fn an_emergency_costs_who_flees_his_reward_and_who_waits_nothing() {
    for (seed, report) in reports() {
        let began = the_only(events(report, "emergency_began"));
        let ended = the_only(events(report, "emergency_ended"));
        assert_eq!(units(&began["ends_at"]), units(&ended["unix_time"]), "seed {seed}: by itself");
        assert_eq!(units(&ended["seconds"]), 14 * DAY);

        let weighed = the_only(events(report, "exit_weighed"));
        let fled = the_only(events(report, "left_in_emergency"));
        let position =
            the_only(positions(report).iter().filter(|p| p["end"] == "left_in_emergency").collect());
        assert_eq!((&weighed["who"], &fled["who"]), (&position["who"], &position["who"]));
        let (principal, kept) = (units(&position["principal"]), units(&weighed["kept"]));
        assert_eq!((units(&weighed["principal"]), units(&fled["principal"])), (principal, principal));
        assert_eq!(reward(position), kept, "seed {seed}: what was claimed before is his");
        assert_eq!(units(&fled["forfeited"]), units(&position["promised"]) - kept, "seed {seed}");
        let seconds = units(&position["ended_at"]) - units(&position["staked_at"]);
        let by_then = earned(principal, 800, seconds);
        assert_eq!(units(&weighed["given_up"]), by_then - kept, "seed {seed}");

        let waited = positions(report).iter().filter(|p| {
            let is_there = units(&p["staked_at"]) < units(&began["unix_time"]);
            p["tier"] == "standard" && is_there && p["end"] != "left_in_emergency"
        });
        let mut earned_meanwhile = 0;
        for (number, position) in waited.enumerate() {
            let until = |time: &Value| {
                earned(units(&position["principal"]), 800, units(time) - units(&position["staked_at"]))
            };
            earned_meanwhile += until(&ended["unix_time"]) - until(&began["unix_time"]);
            assert!(number < ended["waited"].as_u64().unwrap() as usize);
        }
        assert_eq!(units(&ended["earned"]), earned_meanwhile, "seed {seed}");
        let refused = refusals(report, "claim");
        assert!(
            !refused.is_empty() && refused.iter().all(|e| e["error"] == "EmergencyActive"),
            "seed {seed}"
        );

        let reached: Vec<&Value> = refusals(report, "withdraw_excess").iter().map(|e| &e["error"]).collect();
        assert_eq!(reached, ["ExcessLocked", "AboveExcess"], "seed {seed}");
        let freed = the_only(events(report, "forfeit_freed"));
        assert_eq!(units(&freed["unix_time"]), units(&fled["unix_time"]) + 30 * DAY, "seed {seed}");
        assert_eq!(freed["amount"], fled["forfeited"]);
    }
}

#[test]
fn reward_is_compounded_and_rolled_over_and_what_lies_idle_earns_nothing_more() {
    for (seed, report) in reports() {
        let compounded = the_only(events(report, "compounded"));
        let rolled = the_only(events(report, "rolled_over"));
        let second = |who: &Value| {
            the_only(positions(report).iter().filter(|p| p["who"] == *who && p["index"] == 1).collect())
        };
        assert_eq!(second(&compounded["who"])["principal"], compounded["amount"], "seed {seed}");
        let renewed = units(&rolled["principal"]) + units(&rolled["reward"]);
        assert_eq!(units(&second(&rolled["who"])["principal"]), renewed, "seed {seed}");

        let idle = the_only(events(report, "lies_idle"));
        let position = the_only(positions(report).iter().filter(|p| p["who"] == idle["who"]).collect());
        assert_eq!(idle["since"], position["unlock_at"]);
        assert_eq!(idle["claimable"], position["promised"], "seed {seed}");
        assert!(units(&position["ended_at"]) > units(&position["unlock_at"]) + 80 * DAY, "seed {seed}");
    }
}

#[test]
fn the_months_add_up() {
    for (seed, report) in reports() {
        for tier in ["standard", "premium"] {
            let mut vault = 0;
            for month in months(report, tier) {
                let of = |field: &str| units(&month[field]);
                vault = vault + of("funded") - of("claimed") - of("withdrawn");
                assert_eq!(of("reward_vault"), vault, "seed {seed}: {month}");
                assert_eq!(of("reserved") + of("free") + of("locked"), vault, "seed {seed}: {month}");
                assert_eq!(month["runway_seconds"].is_null(), of("stake") == 0);
            }
            let here = || positions(report).iter().filter(|position| position["tier"] == tier);
            assert_eq!(sum(months(report, tier), "accrued"), sum(here(), "accrued"), "seed {seed}");
            assert_eq!(sum(months(report, tier), "claimed"), here().map(reward).sum::<u64>(), "seed {seed}");
            let last = months(report, tier).last().unwrap();
            assert_eq!((units(&last["stake"]), units(&last["reward_vault"])), (0, 0), "seed {seed}");
        }
        assert!(months(report, "standard").count() > 24, "seed {seed}: two years");
    }
}

#[test]
fn every_token_is_accounted_for_and_the_pools_are_closed_empty() {
    for (seed, report) in reports() {
        let books = &report["reconciliation"];
        assert_eq!(books["difference"], 0, "seed {seed}");
        assert_eq!(books["supply"], books["in_wallets"], "seed {seed}: nothing is held any more");
        for pool in list(&books["pools"]) {
            assert_eq!(pool["difference"], 0, "seed {seed}");
            let came_in = units(&pool["staked"]) + units(&pool["funded"]);
            assert_eq!(came_in, units(&pool["paid_out"]) + units(&pool["withdrawn"]), "seed {seed}");
            assert_eq!((&pool["principal_vault"], &pool["reward_vault"]), (&0.into(), &0.into()));
        }
        let gains = list(&report["people"]).iter().map(|person| &person["gain"]);
        assert_eq!(total(gains), 0, "seed {seed}: the operator has paid what the others have gained");
        assert_eq!(events(report, "pool_closed").len(), 2, "seed {seed}");
    }
}

#[test]
fn the_plain_demo_tells_the_same_story_last() {
    let plain = json(&["--seed", "3"]);
    assert_eq!(plain["fixed"], json(&["--fixed", "--seed", "3"]));
    let text = |arguments: &[&str]| String::from_utf8(demo(arguments).stdout).unwrap();
    assert!(text(&["--seed", "3"]).ends_with(&text(&["--fixed", "--seed", "3"])));
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let again = || json_bytes(&["--fixed", "--seed", "7"]);
    let first = again();
    assert_eq!(first, again());
    assert_ne!(first, json_bytes(&["--fixed", "--seed", "8"]));
    let text = || demo(&["--fixed", "--seed", "7"]).stdout;
    assert_eq!(text(), text());
}

#[test]
fn epochs_and_validators_are_refused_with_the_fixed_story() {
    for option in ["--epochs", "--validators"] {
        let output = demo(&["--fixed", option, "12"]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && output.stdout.is_empty());
        assert!(errors.contains("'--fixed' cannot be used with") && errors.contains(option), "{errors}");
    }
}

#[test]
fn the_text_fits_a_terminal_ends_in_balance_and_names_the_rate_for_what_it_is() {
    for seed in ["0", "7"] {
        let output = demo(&["--fixed", "--seed", seed]);
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        let widest = text.lines().max_by_key(|line| line.len()).unwrap_or_default();
        assert!(widest.len() <= 110, "{} characters: {widest}", widest.len());
        let last = text.lines().last().unwrap_or_default();
        assert_eq!(last.split_whitespace().collect::<Vec<_>>(), ["difference", "0.000000000"]);
        assert!(text.contains("8 % fixed, simple") && !text.replace("fixed-APY pools", "").contains("APY"));
    }
}

#[test]
fn whoever_reads_may_stop_early() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tidepool"))
        .args(["demo", "--fixed"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn the_readme_shows_what_the_story_prints() {
    let readme = include_str!("../../../../README.md");
    let shown = readme.split("```").nth(3).expect("a picture of the story");
    assert_excerpt(shown, &demo(&["--fixed"]).stdout);
}

/// Names of all fields, and of events.
fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| names(value, found)),
        Value::Object(fields) => {
            found.extend(fields.get("event").and_then(Value::as_str).map(String::from));
            for (name, value) in fields {
                found.insert(name.clone());
                names(value, found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_field_and_event_of_the_json_is_documented() {
    let guide = include_str!("../../../../docs/demo.md");
    let guide = guide.split("## The fixed-APY pools").nth(1).expect("a part of their own");
    let mut found = BTreeSet::new();
    names(&json(&["--fixed"]), &mut found);
    assert!(found.len() > 60);
    for name in found {
        let ways = ["`NAME`", "`NAME[]`", "`.NAME`", "`.NAME[]`"].map(|way| way.replace("NAME", &name));
        assert!(ways.iter().any(|way| guide.contains(way)), "docs/demo.md does not name {name}");
    }
}

#[test]
fn what_matures_and_what_must_be_funded_is_told_when_all_have_staked() {
    for (seed, report) in reports() {
        let [standard, premium] = list(&report["outlook"]) else { panic!("one for each pool") };
        for (ahead, tier) in [(standard, "standard"), (premium, "premium")] {
            let at = &ahead["unix_time"];
            let month = months(report, tier).find(|month| month["unix_time"] == *at).unwrap();
            let ladder = || list(&ahead["ladder"]).iter();
            assert_eq!(sum(ladder(), "positions"), units(&month["open_positions"]), "seed {seed}");
            assert_eq!(sum(ladder(), "principal"), units(&month["stake"]), "seed {seed}");
            // The keeper claims in the same second, after it.
            assert!(sum(ladder(), "reward") >= units(&month["reserved"]), "seed {seed}");
            for line in list(&ahead["funding"]) {
                assert_eq!(units(&line["needed"]), units(&line["covered"]) + units(&line["to_fund"]));
            }
            let pool = list(&report["pools"]).iter().find(|pool| pool["tier"] == tier).unwrap();
            let room = &ahead["funding"][0];
            assert_eq!((&room["filling"], &room["covered"]), (&"room".into(), &ahead["free"]), "seed {seed}");
            assert_eq!(units(&room["stake"]) + units(&month["stake"]), units(&pool["cap"]), "seed {seed}");
        }
    }
}
