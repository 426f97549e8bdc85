//! The table, and what is wrong with it.

use crate::{
    cases::CASES,
    figures::{Figure, Figures},
    program::PROGRAMS,
};

/// A rise beyond this needs somebody who writes it down on purpose.
const TOLERATED_RISE_PERCENT: u64 = 5;

type Row = (&'static str, Figure);

/// What stands in the file beside what was measured.
pub fn print(rows: &[Row], old: &Figures) {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    println!(
        "{:width$} {:>10} {:>10} {:>7} {:>10} {:>10} {:>6} {:>10} {:>6}",
        "", "old", "new", "", "in CPIs", "ours", "calls", "limit", "used"
    );
    let mut group = "";
    for (name, figure) in rows {
        let instruction = name.split('/').next().unwrap_or_default();
        if instruction != group {
            group = instruction;
            println!();
        }
        println!("{}", line(name, figure, old.get(name), width));
    }
}

fn line(name: &str, figure: &Figure, old: Option<&Figure>, width: usize) -> String {
    let shown = |number: Option<u64>| number.map(grouped).unwrap_or_default();
    let value = figure.value();
    let change = match old.map(Figure::value) {
        None => "new".to_string(),
        Some(old) if old == value => String::new(),
        Some(old) => format!("{:+.1}%", percent(value, old) - 100.0),
    };
    let (in_cpis, ours, calls, at_best) = match figure {
        Figure::Instruction { compute_units, in_cpis, calls, at_best, .. } => {
            (Some(*in_cpis), Some(compute_units.saturating_sub(*in_cpis)), Some(*calls), *at_best)
        }
        Figure::Program { .. } => (None, None, None, None),
    };
    let used = figure.limit().map(|limit| format!("{:.0}%", percent(value, limit))).unwrap_or_default();
    let range = at_best.map(|least| format!("  (from {} by keys)", grouped(least))).unwrap_or_default();
    let line = format!(
        "{name:width$} {:>10} {:>10} {change:>7} {:>10} {:>10} {:>6} {:>10} {used:>6}{range}",
        shown(old.map(Figure::value)),
        grouped(value),
        shown(in_cpis),
        shown(ours),
        shown(calls),
        shown(figure.limit()),
    );
    line.trim_end().to_string()
}

pub fn over_limit(rows: &[Row]) -> Vec<String> {
    let complain = |(name, figure): &Row| {
        let limit = figure.limit()?;
        let value = figure.value();
        (value > limit).then(|| {
            format!("{name}: {} {} are over the limit of {}", grouped(value), figure.unit(), grouped(limit))
        })
    };
    rows.iter().filter_map(complain).collect()
}

/// What rose by more than is tolerated.
pub fn dearer(rows: &[Row], old: &Figures) -> Vec<String> {
    let complain = |(name, figure): &Row| {
        let (value, old) = (figure.value(), old.get(name)?.value());
        let rose = u128::from(value) * 100 > u128::from(old) * u128::from(100 + TOLERATED_RISE_PERCENT);
        rose.then(|| {
            format!(
                "{name}: rose from {} to {} {}, by more than {TOLERATED_RISE_PERCENT} %; if it has to, `make bench`",
                grouped(old),
                grouped(value),
                figure.unit(),
            )
        })
    };
    rows.iter().filter_map(complain).collect()
}

/// What there is nothing to compare with.
pub fn missing(rows: &[Row], old: &Figures) -> Vec<String> {
    let names: Vec<&str> =
        rows.iter().map(|(name, _)| *name).filter(|name| old.get(name).is_none()).collect();
    match names.is_empty() {
        true => vec![],
        false => vec![format!("not in the file; `make bench` adds: {}", names.join(", "))],
    }
}

/// What stands in the file and is measured no more.
pub fn forgotten(old: &Figures) -> Vec<String> {
    let programs = || PROGRAMS.iter().flat_map(|program| [program.size, program.stack_frame]);
    let cases = || CASES.iter().map(|case| case.name).chain(programs());
    old.names()
        .filter(|name| cases().all(|case| case != *name))
        .map(|name| format!("{name}: in the file, but no case any more; `make bench` removes it"))
        .collect()
}

fn percent(value: u64, of: u64) -> f64 {
    100.0 * value as f64 / of.max(1) as f64
}

/// 1234567 as 1,234,567.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
