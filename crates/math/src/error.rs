//! What can go wrong in a formula; one variant, one meaning.

use core::fmt;

/// Why a formula has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MathError {
    /// The exact result does not fit its type.
    Overflow,
    /// More than nothing was put in and nothing would come out.
    ZeroResult,
    /// The divisor is nothing: shares exist but the pool holds no value, so they have no price.
    NoValue,
    /// The liquidity pool holds less SOL than the trade needs.
    InsufficientLiquidity,
    /// More would be taken than there is.
    Insufficient,
    /// A fee or cap above 100 %, or a lowest fee above the highest.
    InvalidFee,
}

impl fmt::Display for MathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overflow => "the result does not fit 64 bits; use a smaller amount",
            Self::ZeroResult => "the amount is too small: nothing would come out for it",
            Self::NoValue => "shares exist but hold no value, so they have no price",
            Self::InsufficientLiquidity => "the liquidity pool holds less SOL than this trade needs",
            Self::Insufficient => "more would be taken than there is",
            Self::InvalidFee => "a fee is above 100 %, or a lowest fee is above the highest",
        })
    }
}

impl core::error::Error for MathError {}
