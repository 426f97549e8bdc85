//! single-pool#730: two errors could never be returned, so callers got misleading ones.

use std::path::Path;
use tidepool_tests::errors_without_a_test;

#[test]
fn every_error_is_reached_by_a_test_that_names_it() {
    let source = include_str!("../../../programs/tidepool/src/errors.rs");
    // Some errors are reached by the tests of another crate.
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let missing = errors_without_a_test(source, "TidepoolError", &tests, "TidepoolError");
    assert!(missing.is_empty(), "no test names {missing:?}");
}
