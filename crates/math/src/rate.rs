//! The exchange rate between lamports and shares.

use core::cmp::Ordering;

use crate::wide::product;
use crate::{mul_div_ceil, mul_div_floor, Lamports, MathError, Result, Shares};

/// Value per share, kept as the exact fraction `value / supply`; 1:1 while there are no shares.
///
/// Two rates are equal if their fractions are, whatever the size of the pool.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rate {
    /// What all shares together are worth.
    pub value: Lamports,
    /// How many shares there are.
    pub supply: Shares,
}

impl Rate {
    /// Shares for lamports, rounded down: what is minted for them.
    ///
    /// # Errors
    /// [`MathError::NoValue`] if shares exist that hold no value; [`MathError::Overflow`].
    #[inline]
    pub fn shares_floor(&self, lamports: Lamports) -> Result<Shares> {
        match self.is_one() {
            true => Ok(Shares(lamports.0)),
            false => mul_div_floor(lamports.0, self.supply.0, self.value.0).map(Shares),
        }
    }

    /// Shares for lamports, rounded up: what must be burned to pay them out.
    ///
    /// # Errors
    /// [`MathError::NoValue`] if shares exist that hold no value; [`MathError::Overflow`].
    #[inline]
    pub fn shares_ceil(&self, lamports: Lamports) -> Result<Shares> {
        match self.is_one() {
            true => Ok(Shares(lamports.0)),
            false => mul_div_ceil(lamports.0, self.supply.0, self.value.0).map(Shares),
        }
    }

    /// Lamports for shares, rounded down: what is paid for them. 0 if the shares hold no value.
    ///
    /// # Errors
    /// [`MathError::Overflow`], only possible for more shares than there are.
    #[inline]
    pub fn lamports_floor(&self, shares: Shares) -> Result<Lamports> {
        match self.is_one() {
            true => Ok(Lamports(shares.0)),
            false => mul_div_floor(shares.0, self.value.0, self.supply.0).map(Lamports),
        }
    }

    /// Lamports for shares, rounded up: what must be paid in for them. 0 if the shares hold no value.
    ///
    /// # Errors
    /// [`MathError::Overflow`], only possible for more shares than there are.
    #[inline]
    pub fn lamports_ceil(&self, shares: Shares) -> Result<Lamports> {
        match self.is_one() {
            true => Ok(Lamports(shares.0)),
            false => mul_div_ceil(shares.0, self.value.0, self.supply.0).map(Lamports),
        }
    }

    /// The fraction's two sides, 1/1 while there are no shares.
    #[inline]
    pub(crate) fn fraction(&self) -> (u64, u64) {
        match self.supply.0 {
            0 => (1, 1),
            supply => (self.value.0, supply),
        }
    }

    #[inline]
    fn is_one(&self) -> bool {
        self.supply.0 == 0 || self.supply.0 == self.value.0
    }

    /// `shares` if so many exist.
    #[inline]
    pub(crate) fn existing(&self, shares: Shares) -> Result<Shares> {
        match shares <= self.supply {
            true => Ok(shares),
            false => Err(MathError::Insufficient),
        }
    }
}

/// Exact, by cross multiplication.
impl Ord for Rate {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        let ((value, supply), (other_value, other_supply)) = (self.fraction(), other.fraction());
        product(value, other_supply).cmp(&product(other_value, supply))
    }
}

impl PartialOrd for Rate {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Rate {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Rate {}
