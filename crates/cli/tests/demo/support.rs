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
