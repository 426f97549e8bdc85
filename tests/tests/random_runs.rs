//! Random runs of the programs against plain models of them (`src/model`, `src/fixed_model`), played by `src/bin/fuzz` and
//! `src/bin/fuzz_fixed`: `make fuzz` plays as many as one likes. `FUZZ_SEED` names one more seed to play here.

use {
    std::{
        fmt::Debug,
        fs,
        path::PathBuf,
        process::{Command, Output},
    },
    tidepool_tests::{fixed_model, model::Mistake},
};

/// The commands: of the pool that runs itself, and of fixed-APY pools.
const POOL: &str = env!("CARGO_BIN_EXE_fuzz");
const FIXED: &str = env!("CARGO_BIN_EXE_fuzz-fixed");

/// What a script is at most after it was shortened.
const FEW_STEPS: usize = 12;

fn fuzz(command: &str, arguments: &[&str]) -> Output {
    Command::new(command).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn assert_agrees(command: &str, seed: &str) {
    let output = fuzz(command, &["--steps", "12000", "--seed", seed, "--shrink-seconds", "30"]);
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("12000 steps") && text.ends_with("differences 0\n"), "{text}");
}

fn assert_agrees_with_any(command: &str) {
    assert_agrees(command, "1");
    if let Ok(seed) = std::env::var("FUZZ_SEED") {
        assert_agrees(command, &seed);
    }
}

#[test]
fn program_and_model_agree_to_the_lamport() {
    assert_agrees_with_any(POOL);
}

#[test]
fn fixed_pools_and_their_model_agree_to_the_unit() {
    assert_agrees_with_any(FIXED);
}

/// The steps of the shortened script at the end of a failing run.
fn script(text: &str) -> String {
    let begin = text.find("\nstart ").unwrap_or_else(|| panic!("no script in {text}"));
    text[begin + 1..].to_string()
}

fn assert_found_and_shortened(command: &str, mistake: impl Debug) {
    let name = format!("{mistake:?}");
    let output = fuzz(command, &["--steps", "40000", "--seed", "5", "--mistake", &name]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{name} was not found: {text}");
    let script = script(&text);
    let steps = script.lines().filter(|line| !line.starts_with('#')).count() - 1;
    assert!((1..=FEW_STEPS).contains(&steps), "{name}: {steps} steps in\n{script}");

    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.script"));
    fs::write(&file, &script).unwrap();
    let path = file.to_str().unwrap();
    let again = fuzz(command, &["--replay", path, "--mistake", &name]);
    assert_eq!(again.status.code(), Some(1), "{name}: the script alone does not fail");
    let without = fuzz(command, &["--replay", path]);
    assert!(without.status.success(), "{name}: the right model fails too");
}

#[test]
fn a_wrong_entry_rate_is_found_and_shortened() {
    assert_found_and_shortened(POOL, Mistake::DepositAtTheRate);
}

#[test]
fn a_cancelled_ticket_that_gives_too_much_is_found_and_shortened() {
    assert_found_and_shortened(POOL, Mistake::CancelGivesAllBack);
}

#[test]
fn means_of_too_few_reviews_are_found_and_shortened() {
    assert_found_and_shortened(POOL, Mistake::AnyMeansWillDo);
}

#[test]
fn fixed_rewards_that_are_promised_twice_are_found_and_shortened() {
    assert_found_and_shortened(FIXED, fixed_model::Mistake::PromisesTwice);
}

#[test]
fn a_lock_that_ends_a_second_late_is_found_and_shortened() {
    assert_found_and_shortened(FIXED, fixed_model::Mistake::UnlocksLate);
}

#[test]
fn every_mistake_with_fixed_pools_is_found() {
    for mistake in fixed_model::Mistake::ALL {
        assert_found(FIXED, mistake, "5");
    }
}

/// To shorten these takes longer than a test should.
fn assert_found(command: &str, mistake: impl Debug, seed: &str) {
    let name = format!("{mistake:?}");
    let output =
        fuzz(command, &["--steps", "40000", "--seed", seed, "--mistake", &name, "--shrink-seconds", "0"]);
    assert_eq!(output.status.code(), Some(1), "{name} was not found: {}", text(&output));
}

#[test]
fn a_wrong_exit_fee_is_found() {
    assert_found(POOL, Mistake::ExitFeeAtTheEnd, "5");
}

#[test]
fn tickets_that_bear_no_loss_are_found() {
    assert_found(POOL, Mistake::TicketsBearNoLoss, "5");
}

#[test]
fn credits_of_the_wrong_epochs_are_found() {
    assert_found(POOL, Mistake::ComparesOtherEpochs, "5");
}

#[test]
fn a_group_without_its_cap_is_found() {
    assert_found(POOL, Mistake::NoGroupCap, "5");
}

#[test]
fn a_remainder_too_small_to_move_is_found() {
    assert_found(POOL, Mistake::LeavesARemainder, "5");
}

#[test]
fn a_bond_that_forgets_the_highest_commission_is_found() {
    assert_found(POOL, Mistake::ForgetsTheHighestCommission, "7");
}

#[test]
fn what_cannot_be_played_is_refused() {
    for wrong in
        [&["--steps"][..], &["--steps", "many"], &["--mistake", "none"], &["--replay", "/no/such/file"]]
    {
        for command in [POOL, FIXED] {
            assert_eq!(fuzz(command, wrong).status.code(), Some(2), "{wrong:?}");
        }
    }
}
