//! Which errors of a program no test names.

use std::{fs, path::Path};

/// The variants of the error `error` in this source that no test of a folder names as `name`::Variant; tests about errors,
/// in files of that name, do not count.
///
/// # Panics
/// If the source has no such error, or the folder cannot be read.
pub fn errors_without_a_test(source: &str, error: &str, folder: &Path, name: &str) -> Vec<String> {
    let variants = variants(source, error);
    assert!(variants.len() > 40, "{variants:?}");
    let tests = tests_in(folder);
    let is_named = |variant: &str| {
        tests
            .match_indices(&format!("{name}::{variant}"))
            .any(|(at, found)| !tests[at + found.len()..].starts_with(|next: char| next.is_alphanumeric()))
    };
    variants.into_iter().filter(|variant| !is_named(variant)).map(str::to_string).collect()
}

fn variants<'a>(source: &'a str, error: &str) -> Vec<&'a str> {
    let lines = source.lines().map(str::trim);
    let body = lines.skip_while(|line| !line.starts_with(&format!("pub enum {error}"))).skip(1);
    let body = body.take_while(|line| *line != "}");
    body.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()))
        .map(|line| line.trim_end_matches(','))
        .collect()
}

/// Text of all tests of a folder.
fn tests_in(folder: &Path) -> String {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let others = paths.filter(|path| !path.ends_with("errors.rs"));
    others
        .map(|path| if path.is_dir() { tests_in(&path) } else { fs::read_to_string(&path).unwrap() })
        .collect()
}
