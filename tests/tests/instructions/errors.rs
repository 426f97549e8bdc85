//! single-pool#730: two errors could never be returned, so callers got misleading ones.

use std::{fs, path::Path};

const ERRORS: &str = include_str!("../../../programs/tidepool/src/errors.rs");

/// Errors that nothing can bring about from outside, and why.
const OUT_OF_REACH: [&str; 0] = [];

/// Names of all variants of the program's error.
fn variants() -> Vec<&'static str> {
    let lines = ERRORS.lines().map(str::trim);
    let body = lines.skip_while(|line| !line.starts_with("pub enum TidepoolError")).skip(1);
    let body = body.take_while(|line| *line != "}");
    body.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()))
        .map(|line| line.trim_end_matches(','))
        .collect()
}

/// Text of all tests of a folder but this one. Some errors are reached by the tests of another crate.
fn tests_in(folder: &Path) -> String {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let others = paths.filter(|path| !path.ends_with("errors.rs"));
    others
        .map(|path| if path.is_dir() { tests_in(&path) } else { fs::read_to_string(&path).unwrap() })
        .collect()
}

#[test]
fn every_error_is_reached_by_a_test_that_names_it() {
    let variants = variants();
    let tests = tests_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"));
    assert!(variants.len() > 40, "{variants:?}");
    let is_named = |variant: &str| {
        tests
            .match_indices(&format!("TidepoolError::{variant}"))
            .any(|(at, found)| !tests[at + found.len()..].starts_with(|next: char| next.is_alphanumeric()))
    };
    let missing: Vec<&str> =
        variants.into_iter().filter(|name| !is_named(name) && !OUT_OF_REACH.contains(name)).collect();
    assert!(missing.is_empty(), "no test names {missing:?}");
}
