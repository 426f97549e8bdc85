//! What is to come in a pool, from its accounts alone: what matures when, what has to be funded for it, who earns nothing any
//! more, and whom the whitelist keeps waiting.

mod funding;
mod ladder;
mod month;
mod resting;
mod whitelist;

pub use {
    funding::{Filling, FundingLine, FundingPlan},
    ladder::{Due, MaturityLadder, Rung},
    month::Month,
    resting::Resting,
    whitelist::{expired_approvals, open_applications},
};

use {
    fixed_pools::state::{Pool, Position},
    tidepool_math::Tokens,
};

/// A pool at a time. What is said of it holds if nobody does anything but what the method names.
#[derive(Clone, Copy, Debug)]
pub struct Outlook<'a> {
    pub pool: &'a Pool,
    /// Tokens in its reward vault.
    pub reward_balance: Tokens,
    /// All of its open positions, in any order.
    pub positions: &'a [Position],
    /// Unix time, in seconds.
    pub now: i64,
}

impl Outlook<'_> {
    /// What lies in the reward vault and can be promised. What was given up lately and is locked counts as nothing, here and in
    /// what follows from it.
    pub fn free(&self) -> Tokens {
        self.pool.free_rewards(self.reward_balance, self.now)
    }

    /// From when on staking is possible: now, or the window's first second if that is to come.
    fn opening(&self) -> i64 {
        self.now.max(self.pool.start)
    }
}
