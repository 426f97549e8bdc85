//! The two products of the reference deployment.

use {
    serde::Serialize,
    std::fmt,
    tidepool_client::fixed::PoolParameters,
    tidepool_localnet::fixed_world::{premium, standard},
    tidepool_math::{fixed::FixedTerms, Bps, MathError, Tokens},
};

pub const DECIMALS: u8 = 9;

/// Base units in a token.
pub const TOKEN: u64 = 1_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    Standard,
    Premium,
}

impl Tier {
    pub const ALL: [Self; 2] = [Self::Standard, Self::Premium];

    /// Of its pool, which is the reference deployment's number of it too.
    pub fn number(self) -> usize {
        self as usize
    }

    /// What its pool is made with.
    pub fn parameters(self) -> PoolParameters {
        match self {
            Self::Standard => standard(DECIMALS),
            Self::Premium => premium(DECIMALS),
        }
    }

    /// What so much earns over the lock.
    pub fn full_reward(self, amount: u64) -> Result<u64, MathError> {
        let parameters = self.parameters();
        let terms =
            FixedTerms { rate: Bps(parameters.terms.rate_bps), lock_seconds: parameters.lock_seconds };
        terms.full_reward(Tokens(amount)).map(|reward| reward.0)
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Standard => "standard",
            Self::Premium => "premium",
        })
    }
}
