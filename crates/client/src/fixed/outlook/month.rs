use {
    chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc},
    std::fmt,
};

/// A calendar month, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    first_day: NaiveDate,
}

impl Month {
    /// The month of a second since 1970; the first or the last one there is for times beyond the calendar's 262,000 years.
    pub fn of(unix_timestamp: i64) -> Self {
        let beyond = if unix_timestamp < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
        let day = DateTime::from_timestamp(unix_timestamp, 0).unwrap_or(beyond).date_naive();
        Self { first_day: day.with_day(1).unwrap_or(day) }
    }

    pub fn year(&self) -> i32 {
        self.first_day.year()
    }

    /// From 1 for January to 12.
    pub fn number(&self) -> u32 {
        self.first_day.month()
    }

    /// Its first second.
    pub fn starts_at(&self) -> i64 {
        self.first_day.and_time(NaiveTime::MIN).and_utc().timestamp()
    }

    /// The first second after it, which is the next one's first.
    pub fn ends_at(&self) -> i64 {
        self.plus(1).starts_at()
    }

    /// The month so many later, or this one if the calendar ends before.
    pub fn plus(&self, months: u32) -> Self {
        let first_day = self.first_day.checked_add_months(Months::new(months)).unwrap_or(self.first_day);
        Self { first_day }
    }
}

/// As `2027-11`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}
