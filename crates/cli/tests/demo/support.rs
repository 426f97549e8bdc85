//! Runs the built program and reads what it says.

use {
    serde_json::Value,
    std::process::{Command, Output},
};

pub fn demo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tidepool")).arg("demo").args(arguments).output().unwrap()
}

pub fn json_bytes(arguments: &[&str]) -> Vec<u8> {
    let output = demo(&[arguments, &["--json"]].concat());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(errors.is_empty(), "standard error is no terminal, so it shows nothing: {errors}");
    output.stdout
}

pub fn json(arguments: &[&str]) -> Value {
    serde_json::from_slice(&json_bytes(arguments)).expect("nothing but one JSON object on standard output")
}

pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"))
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is not a list"))
}

pub fn total<'a>(values: impl IntoIterator<Item = &'a Value>) -> i64 {
    values.into_iter().map(|value| value.as_i64().unwrap_or_else(|| panic!("{value}"))).sum()
}

pub fn events<'a>(report: &'a Value, kind: &str) -> Vec<&'a Value> {
    list(&report["events"]).iter().filter(|event| event["event"] == kind).collect()
}

/// What is shown stands in what was printed, line by line and in this order; where `[…]` stands something is left out.
pub fn assert_excerpt(shown: &str, printed: &[u8]) {
    let printed: Vec<&str> = std::str::from_utf8(printed).unwrap().lines().collect();
    let shown: Vec<&str> = shown.trim_matches('\n').lines().collect();
    let mut from = 0;
    for piece in shown.split(|line| line.trim() == "[…]") {
        let first = piece.iter().position(|line| !line.is_empty()).unwrap_or(0);
        let last = piece.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
        let piece = &piece[first..last];
        let found = printed[from..].windows(piece.len().max(1)).position(|window| window == piece);
        let found = found.unwrap_or_else(|| panic!("the demo does not print this:\n{}", piece.join("\n")));
        from += found + piece.len();
    }
}
