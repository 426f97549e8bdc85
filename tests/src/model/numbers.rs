//! Whole numbers with a stated rounding.

use super::Refusal;

/// Lamports, base units of a token or units of the queue. Signed, so that what must never be negative shows if it is.
pub type Amount = i128;

/// Basis points in a whole.
pub const BPS: Amount = 10_000;
/// Parts per billion in a whole.
pub const PPB: Amount = 1_000_000_000;
/// What a number on the chain can hold.
const MOST: Amount = u64::MAX as Amount;

/// `floor(a × b / d)`.
///
/// # Panics
/// If a product leaves 127 bits or `d` is 0: no formula asks for either.
pub fn floor(a: Amount, b: Amount, d: Amount) -> Amount {
    a.checked_mul(b).expect("a product of 127 bits").div_euclid(d)
}

/// `ceil(a × b / d)`.
///
/// # Panics
/// As [`floor`].
pub fn ceil(a: Amount, b: Amount, d: Amount) -> Amount {
    -(-a.checked_mul(b).expect("a product of 127 bits")).div_euclid(d)
}

/// An amount the chain can write down.
///
/// # Errors
/// `AmountTooLarge` above 64 bits.
pub fn fits(amount: Amount) -> Result<Amount, Refusal> {
    match amount <= MOST {
        true => Ok(amount),
        false => Err(Refusal::AmountTooLarge),
    }
}

/// More than nothing.
///
/// # Errors
/// `AmountTooSmall` for 0.
pub fn something(amount: Amount) -> Result<Amount, Refusal> {
    match amount > 0 {
        true => Ok(amount),
        false => Err(Refusal::AmountTooSmall),
    }
}

/// What `supply` shares are worth together; 1:1 while there are none.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    pub value: Amount,
    pub supply: Amount,
}

impl Rate {
    /// Shares for lamports, rounded down.
    ///
    /// # Errors
    /// `PoolHasNoValue` if the shares there are hold nothing; `AmountTooLarge`.
    pub fn shares(&self, lamports: Amount) -> Result<Amount, Refusal> {
        match (self.supply, self.value) {
            (0, _) => Ok(lamports),
            (_, 0) => Err(Refusal::PoolHasNoValue),
            _ => fits(floor(lamports, self.supply, self.value)),
        }
    }

    /// Shares for lamports, rounded up.
    ///
    /// # Errors
    /// As [`Rate::shares`].
    pub fn shares_ceil(&self, lamports: Amount) -> Result<Amount, Refusal> {
        match (self.supply, self.value) {
            (0, _) => Ok(lamports),
            (_, 0) => Err(Refusal::PoolHasNoValue),
            _ => fits(ceil(lamports, self.supply, self.value)),
        }
    }

    /// Lamports for shares, rounded down.
    pub fn lamports(&self, shares: Amount) -> Amount {
        match self.supply {
            0 => shares,
            supply => floor(shares, self.value, supply),
        }
    }

    /// Lamports for shares, rounded up.
    pub fn lamports_ceil(&self, shares: Amount) -> Amount {
        match self.supply {
            0 => shares,
            supply => ceil(shares, self.value, supply),
        }
    }

    /// Whether a share is worth less than under `other`, exactly.
    pub fn is_below(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.parts(), other.parts());
        mine.0 * theirs.1 < theirs.0 * mine.1
    }

    fn parts(&self) -> (Amount, Amount) {
        match self.supply {
            0 => (1, 1),
            supply => (self.value, supply),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roundings_go_where_they_say() {
        assert_eq!((floor(7, 1, 2), ceil(7, 1, 2), floor(8, 1, 2), ceil(8, 1, 2)), (3, 4, 4, 4));
        let rate = Rate { value: 3, supply: 2 };
        assert_eq!((rate.shares(2), rate.shares_ceil(2)), (Ok(1), Ok(2)));
        assert_eq!((rate.lamports(1), rate.lamports_ceil(1)), (1, 2));
    }

    #[test]
    fn a_rate_is_below_another_by_any_fraction() {
        let rate = Rate { value: 1_000_000_000_000_000_001, supply: 1_000_000_000_000_000_000 };
        let one = Rate { value: 5, supply: 5 };
        assert!(one.is_below(&rate) && !rate.is_below(&one) && !one.is_below(&one));
    }
}
