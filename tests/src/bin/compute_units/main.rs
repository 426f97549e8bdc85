//! `compute-units`: what every instruction costs in its normal and in its worst case, measured on the SBF build with the
//! real runtime and compared with `bench/compute_units.json`.
//!
//!     compute-units             measure all, compare, fail if something became dearer or is over its limit
//!     compute-units WORD…       only the cases whose name contains one of the words
//!     compute-units --write     measure all and rewrite the file

mod cases;
mod figures;
mod measure;
mod program;
mod report;

use {
    cases::{Case, CASES},
    figures::{Figure, Figures},
    measure::Measured,
    std::process::ExitCode,
    tidepool_localnet::world::built_program,
};

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Error>;

/// Every case is measured on a chain of each seed: keys differ, and with them the tries for an address off the curve.
const SEEDS: std::ops::Range<u64> = 0..4;

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(complaints) if complaints.is_empty() => ExitCode::SUCCESS,
        Ok(complaints) => {
            eprintln!("\n{}", complaints.join("\n"));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("compute-units: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures, prints the table and gives what is wrong with it.
fn run(arguments: Vec<String>) -> Result<Vec<String>> {
    let (options, words): (Vec<String>, Vec<String>) =
        arguments.into_iter().partition(|argument| argument.starts_with('-'));
    let write = options.iter().any(|option| option == "--write");
    if let Some(unknown) = options.iter().find(|option| *option != "--write") {
        return Err(format!("unknown option {unknown}; known is --write").into());
    }
    if write && !words.is_empty() {
        return Err("--write takes no names: the file holds all cases or none".into());
    }

    let is_wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let chosen = CASES.iter().filter(|case| is_wanted(case.name));
    let program = built_program("tidepool")?;
    let (mut rows, failed) = measure_all(chosen);
    if built_program("tidepool")? != program {
        return Err("the program was built anew meanwhile: measure again".into());
    }
    rows.extend(program::figures(&program).into_iter().filter(|(name, _)| is_wanted(name)));

    let old = Figures::read()?;
    report::print(&rows, &old);
    let mut complaints = [failed, report::over_limit(&rows)].concat();
    if !write {
        complaints.extend(report::dearer(&rows, &old));
        if words.is_empty() {
            complaints.extend(report::forgotten(&rows, &old));
        }
    } else if rows.len() >= CASES.len() {
        Figures::of(&rows).write()?;
    }
    Ok(complaints)
}

/// Each case's dearest run over the seeds, in the order of the list, and the cases that could not be played.
fn measure_all<'a>(chosen: impl Iterator<Item = &'a Case>) -> (Vec<(&'static str, Figure)>, Vec<String>) {
    let (mut rows, mut failed) = (vec![], vec![]);
    for case in chosen {
        let runs: Result<Vec<Measured>> = SEEDS.map(|seed| Measured::of(&(case.run)(seed)?)).collect();
        match runs.and_then(|runs| Figure::of_runs(&runs, case.limit)) {
            Ok(figure) => rows.push((case.name, figure)),
            Err(error) => failed.push(format!("{}: {error}", case.name)),
        }
    }
    (rows, failed)
}
