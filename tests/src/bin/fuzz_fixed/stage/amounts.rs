//! What was asked for, in numbers.

use {
    crate::action::{Limit, Size},
    tidepool_tests::fixed_model::{Amount, Refusal},
};

/// Base units; what does not fit a u64 is cut. `edges`: where the answer changes.
pub(super) fn amount(size: Size, has: Amount, edges: &[Amount]) -> u64 {
    let amount = match size {
        Size::Units(units) => units.into(),
        Size::Ppm(ppm) => has * Amount::from(ppm) / 1_000_000,
        Size::Edge(edge, offset) => edges[usize::from(edge) % edges.len()] + Amount::from(offset),
    };
    clamped(amount)
}

pub(super) fn clamped(amount: Amount) -> u64 {
    amount.clamp(0, u64::MAX.into()) as u64
}

/// The least reward that is wanted.
pub(super) fn at_least(limit: Limit, quote: Result<Amount, Refusal>) -> u64 {
    let quote = clamped(quote.unwrap_or(0));
    match limit {
        Limit::None => 0,
        Limit::Quote => quote,
        Limit::Beyond => quote + 1,
    }
}

/// The most that is given up.
pub(super) fn at_most(limit: Limit, quote: Result<Amount, Refusal>) -> u64 {
    let quote = clamped(quote.unwrap_or(0));
    match limit {
        Limit::None => u64::MAX,
        Limit::Quote => quote,
        Limit::Beyond => quote.saturating_sub(1),
    }
}
