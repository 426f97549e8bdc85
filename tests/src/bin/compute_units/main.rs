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
    program::PROGRAMS,
    std::process::ExitCode,
    tidepool_localnet::world::built_program,
};

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T, E = Error> = std::result::Result<T, E>;

/// Every case is measured on a chain of each seed: keys differ, and with them the tries for an address off the curve.
const SEEDS: std::ops::Range<u64> = 0..8;

fn main() -> ExitCode {
    match Arguments::parse(std::env::args().skip(1)).and_then(run) {
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

struct Arguments {
    write: bool,
    /// Parts of names; none means all cases.
    words: Vec<String>,
}

impl Arguments {
    fn parse(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let (options, words): (Vec<String>, Vec<String>) =
            arguments.partition(|argument| argument.starts_with('-'));
        if let Some(unknown) = options.iter().find(|option| *option != "--write") {
            return Err(format!("unknown option {unknown}; there is --write alone").into());
        }
        let write = !options.is_empty();
        if write && !words.is_empty() {
            return Err("--write takes no names: the file holds all cases or none".into());
        }
        Ok(Self { write, words })
    }

    fn want(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()))
    }
}

/// Measures, prints the table and gives what is wrong with it.
fn run(arguments: Arguments) -> Result<Vec<String>> {
    let built = || PROGRAMS.iter().map(|program| built_program(program.name)).collect::<Result<Vec<_>, _>>();
    let programs = built()?;
    let (mut rows, mut complaints) = measure(CASES.iter().filter(|case| arguments.want(case.name)));
    if built()? != programs {
        return Err("a program was built anew meanwhile: measure again".into());
    }
    let figures = PROGRAMS.iter().zip(&programs).flat_map(|(program, bytes)| program.figures(bytes));
    rows.extend(figures.filter(|(name, _)| arguments.want(name)));
    if rows.is_empty() && complaints.is_empty() {
        return Err(format!("no case has one of these in its name: {}", arguments.words.join(" ")).into());
    }

    let old = Figures::read()?;
    report::print(&rows, &old);
    match arguments.write {
        true if complaints.is_empty() => Figures::of(&rows).write()?,
        true => complaints.push("nothing was written, for not all could be measured".to_string()),
        false => {
            complaints.extend(report::dearer(&rows, &old));
            complaints.extend(report::missing(&rows, &old));
            complaints.extend(report::forgotten(&old));
        }
    }
    complaints.extend(report::over_limit(&rows));
    Ok(complaints)
}

/// Each case's dearest run over the seeds, in the order of the list, and why some could not be played.
fn measure<'a>(cases: impl Iterator<Item = &'a Case>) -> (Vec<(&'static str, Figure)>, Vec<String>) {
    let (mut rows, mut failed) = (vec![], vec![]);
    for case in cases {
        let runs: Result<Vec<Measured>> = SEEDS.map(|seed| Measured::of(&(case.run)(seed)?)).collect();
        match runs.and_then(|runs| Figure::of_runs(&runs, case.limit)) {
            Ok(figure) => rows.push((case.name, figure)),
            Err(error) => failed.push(format!("{}: {}", case.name, brief(&error.to_string()))),
        }
    }
    (rows, failed)
}

/// The first and the last lines of a text: what went wrong, and where in the log.
fn brief(text: &str) -> String {
    const LAST: usize = 4;
    let lines: Vec<&str> = text.lines().collect();
    match lines.split_first() {
        Some((first, rest)) if rest.len() > LAST => {
            [&[*first], &rest[rest.len() - LAST..]].concat().join("\n")
        }
        _ => text.to_string(),
    }
}
