//! What was asked for in numbers.

use {
    crate::action::{Least, Size},
    tidepool_tests::model::{Amount, Refusal},
};

/// Base units; what does not fit a u64 is cut.
pub(super) fn amount(size: Size, has: Amount) -> u64 {
    match size {
        Size::Units(units) => units,
        Size::Ppm(ppm) => u64::try_from(has * Amount::from(ppm) / 1_000_000).unwrap_or(u64::MAX),
    }
}

pub(super) fn at_least(least: Least, quote: Result<Amount, Refusal>) -> u64 {
    let quote = quote.map_or(0, |quote| quote as u64);
    match least {
        Least::Nothing => 0,
        Least::Quote => quote,
        Least::OneMore => quote + 1,
    }
}
