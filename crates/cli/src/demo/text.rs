//! Amounts and tables as people read them. SOL, LST and the tokens of the fixed-APY pools have nine decimals.

const UNITS_PER_ONE: u128 = 1_000_000_000;

/// Base units to the nearest of so many decimals: `1,234.57`.
pub fn rounded(units: u64, decimals: u32) -> String {
    let steps_per_one = 10u128.pow(decimals);
    let step = UNITS_PER_ONE / steps_per_one;
    let steps = (u128::from(units) + step / 2) / step;
    let decimals = decimals as usize;
    format!("{}.{:0decimals$}", thousands(steps / steps_per_one), steps % steps_per_one)
}

/// Base units with all nine decimals.
pub fn exactly(units: i128) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let units = units.unsigned_abs();
    format!("{sign}{}.{:09}", thousands(units / UNITS_PER_ONE), units % UNITS_PER_ONE)
}

pub fn thousands(number: u128) -> String {
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

/// A table: the first line are the heads. Columns are as wide as their widest cell; the first is flush left, the rest
/// right.
pub fn table(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(String::len).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let mut row = String::from(" ");
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            match column {
                0 => row += &format!(" {cell:<width$}"),
                _ => row += &format!("  {cell:>width$}"),
            }
        }
        text += &format!("\n{}", row.trim_end());
        if number == 0 {
            let total = widths.iter().sum::<usize>() + 2 * columns.saturating_sub(1);
            text += &format!("\n  {}", "-".repeat(total));
        }
    }
    text
}

pub fn cells<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(String::from).to_vec()
}
