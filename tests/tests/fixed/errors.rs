//! Every way to refuse is reached by a test of this folder.

use std::path::Path;
use tidepool_tests::errors_without_a_test;

/// Errors that nothing can bring about from outside, and why.
const OUT_OF_REACH: [&str; 1] = [
    // No mint that a pool takes keeps something on the way: the program looks all the same.
    "WrongAmountReceived",
];

#[test]
fn every_error_is_reached_by_a_test_that_names_it() {
    let source = include_str!("../../../programs/fixed_pools/src/errors.rs");
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixed");
    let mut missing = errors_without_a_test(source, "FixedPoolsError", &tests, "Error");
    missing.retain(|name| !OUT_OF_REACH.contains(&name.as_str()));
    assert!(missing.is_empty(), "no test names {missing:?}");
}
