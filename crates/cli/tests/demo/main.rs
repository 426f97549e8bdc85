//! The demo as its user has it: the built program, its JSON and its text.

// Clippy's exception for tests does not reach functions beside a test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod fixed;
mod liquid;
mod support;
