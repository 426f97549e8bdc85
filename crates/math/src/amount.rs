//! Amounts with their unit in the type, and fractions in basis points.

use core::fmt;

use crate::{MathError, Result};

/// Basis points in a whole: 10,000 = 100 %.
pub const BPS: u64 = 10_000;

macro_rules! amount {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[repr(transparent)]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);
            /// The largest amount that can be written.
            pub const MAX: Self = Self(u64::MAX);

            /// The sum.
            ///
            /// # Errors
            /// [`MathError::Overflow`] if it does not fit.
            #[inline]
            pub const fn plus(self, other: Self) -> Result<Self> {
                match self.0.checked_add(other.0) {
                    Some(sum) => Ok(Self(sum)),
                    None => Err(MathError::Overflow),
                }
            }

            /// The difference.
            ///
            /// # Errors
            /// [`MathError::Insufficient`] if `other` is the larger one.
            #[inline]
            pub const fn minus(self, other: Self) -> Result<Self> {
                match self.0.checked_sub(other.0) {
                    Some(rest) => Ok(Self(rest)),
                    None => Err(MathError::Insufficient),
                }
            }

            /// The difference, or nothing if `other` is the larger one.
            #[inline]
            #[must_use]
            pub const fn saturating_minus(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }

            /// The sum, or [`Self::MAX`] if it does not fit.
            #[inline]
            #[must_use]
            pub const fn saturating_plus(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }

            /// Whether this is nothing.
            #[inline]
            #[must_use]
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }

            /// The amount itself, for results that must be more than nothing.
            ///
            /// # Errors
            /// [`MathError::ZeroResult`] if it is nothing.
            #[inline]
            pub const fn non_zero(self) -> Result<Self> {
                match self.0 {
                    0 => Err(MathError::ZeroResult),
                    _ => Ok(self),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

amount! {
    /// SOL in lamports: 1 SOL = 10^9.
    Lamports
}
amount! {
    /// Base units of a share token, the LST or the LP token: 1 token = 10^9.
    Shares
}
amount! {
    /// Base units of a token of any mint, whatever its decimals.
    Tokens
}

/// A fraction in basis points. As a fee at most [`BPS`]; [`Bps::new`] checks that, and so does every formula that takes
/// a fee. The field is open because scores and multiples may be larger than 1.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bps(pub u16);

impl Bps {
    /// 0 %.
    pub const ZERO: Self = Self(0);
    /// 100 %.
    pub const ONE: Self = Self(10_000);

    /// A fraction of at most 100 %.
    ///
    /// # Errors
    /// [`MathError::InvalidFee`] above 10,000.
    #[inline]
    pub const fn new(bps: u16) -> Result<Self> {
        Self(bps).checked()
    }

    /// The same fraction if it is at most 100 %.
    ///
    /// # Errors
    /// [`MathError::InvalidFee`] above 10,000.
    #[inline]
    pub const fn checked(self) -> Result<Self> {
        match self.0 <= Self::ONE.0 {
            true => Ok(self),
            false => Err(MathError::InvalidFee),
        }
    }

    /// `floor(amount × bps / 10,000)`: at most `amount` up to 100 %. Above 100 % it stops at `u64::MAX`.
    #[inline]
    #[must_use]
    pub const fn of_floor(self, amount: u64) -> u64 {
        let (wholes, rest) = self.of(amount);
        wholes.saturating_add(rest / BPS)
    }

    /// `ceil(amount × bps / 10,000)`: at most `amount` up to 100 %, at least 1 if neither is 0 (spl#6153: small amounts
    /// paid no fee). Above 100 % it stops at `u64::MAX`.
    #[inline]
    #[must_use]
    pub const fn of_ceil(self, amount: u64) -> u64 {
        let (wholes, rest) = self.of(amount);
        wholes.saturating_add(rest.div_ceil(BPS))
    }

    /// `amount = q × 10,000 + r` makes the product `q × bps` wholes and `r × bps` parts: no product leaves 64 bits.
    #[inline]
    const fn of(self, amount: u64) -> (u64, u64) {
        let bps = self.0 as u64;
        ((amount / BPS).saturating_mul(bps), (amount % BPS).saturating_mul(bps))
    }
}

impl fmt::Display for Bps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
