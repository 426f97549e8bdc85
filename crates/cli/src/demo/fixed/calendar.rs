//! Days and months of Unix times, in UTC.

use tidepool_client::fixed::outlook::Month;

pub const DAY: i64 = 86_400;

/// `2026-11-01`
pub fn date(unix_time: i64) -> String {
    let month = Month::of(unix_time);
    format!("{month}-{:02}", (unix_time - month.starts_at()) / DAY + 1)
}

/// The first second of the month after.
pub fn next_month(unix_time: i64) -> i64 {
    Month::of(unix_time).ends_at()
}
