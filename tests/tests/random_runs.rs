//! Random runs of the program against a plain model of it (`src/model`), played by `src/bin/fuzz`: `make fuzz` plays as
//! many as one likes. `FUZZ_SEED` names one more seed to play here.

use {
    std::{
        fs,
        path::PathBuf,
        process::{Command, Output},
    },
    tidepool_tests::model::Mistake,
};

/// What a script is at most after it was shortened.
const FEW_STEPS: usize = 12;

fn fuzz(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fuzz")).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn assert_agrees(seed: &str) {
    let output = fuzz(&["--steps", "12000", "--seed", seed, "--shrink-seconds", "30"]);
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("12000 steps") && text.ends_with("differences 0\n"), "{text}");
}

#[test]
fn program_and_model_agree_to_the_lamport() {
    assert_agrees("1");
    if let Ok(seed) = std::env::var("FUZZ_SEED") {
        assert_agrees(&seed);
    }
}

/// The steps of the shortened script at the end of a failing run.
fn script(text: &str) -> String {
    let begin = text.find("\nstart ").unwrap_or_else(|| panic!("no script in {text}"));
    text[begin + 1..].to_string()
}

fn assert_found_and_shortened(mistake: Mistake) {
    let name = format!("{mistake:?}");
    let output = fuzz(&["--steps", "40000", "--seed", "5", "--mistake", &name]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{name} was not found: {text}");
    let script = script(&text);
    let steps = script.lines().filter(|line| !line.starts_with('#')).count() - 1;
    assert!((1..=FEW_STEPS).contains(&steps), "{name}: {steps} steps in\n{script}");

    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.script"));
    fs::write(&file, &script).unwrap();
    let path = file.to_str().unwrap();
    let again = fuzz(&["--replay", path, "--mistake", &name]);
    assert_eq!(again.status.code(), Some(1), "{name}: the script alone does not fail");
    let without = fuzz(&["--replay", path]);
    assert!(without.status.success(), "{name}: the right model fails too");
}

#[test]
fn a_wrong_entry_rate_is_found_and_shortened() {
    assert_found_and_shortened(Mistake::DepositAtTheRate);
}

#[test]
fn a_cancelled_ticket_that_gives_too_much_is_found_and_shortened() {
    assert_found_and_shortened(Mistake::CancelGivesAllBack);
}

#[test]
fn means_of_too_few_reviews_are_found_and_shortened() {
    assert_found_and_shortened(Mistake::AnyMeansWillDo);
}

/// To shorten these takes longer than a test should.
fn assert_found(mistake: Mistake, seed: &str) {
    let name = format!("{mistake:?}");
    let output = fuzz(&["--steps", "40000", "--seed", seed, "--mistake", &name, "--shrink-seconds", "0"]);
    assert_eq!(output.status.code(), Some(1), "{name} was not found: {}", text(&output));
}

#[test]
fn a_wrong_exit_fee_is_found() {
    assert_found(Mistake::ExitFeeAtTheEnd, "5");
}

#[test]
fn tickets_that_bear_no_loss_are_found() {
    assert_found(Mistake::TicketsBearNoLoss, "5");
}

#[test]
fn credits_of_the_wrong_epochs_are_found() {
    assert_found(Mistake::ComparesOtherEpochs, "5");
}

#[test]
fn a_group_without_its_cap_is_found() {
    assert_found(Mistake::NoGroupCap, "5");
}

#[test]
fn a_remainder_too_small_to_move_is_found() {
    assert_found(Mistake::LeavesARemainder, "5");
}

#[test]
fn a_bond_that_forgets_the_highest_commission_is_found() {
    assert_found(Mistake::ForgetsTheHighestCommission, "7");
}

#[test]
fn what_cannot_be_played_is_refused() {
    for wrong in
        [&["--steps"][..], &["--steps", "many"], &["--mistake", "none"], &["--replay", "/no/such/file"]]
    {
        assert_eq!(fuzz(wrong).status.code(), Some(2), "{wrong:?}");
    }
}
