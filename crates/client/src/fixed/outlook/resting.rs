use {
    super::Outlook,
    fixed_pools::state::{Function, Position},
    solana_pubkey::Pubkey,
    tidepool_math::{fixed::DAY_SECONDS, Tokens},
};

/// A matured position: it earns nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resting {
    pub owner: Pubkey,
    pub index: u64,
    pub amount: Tokens,
    /// Earned and not claimed.
    pub unpaid: Tokens,
    /// When its lock was over.
    pub since: i64,
    /// What its principal would earn in a day (in the lock, if that is shorter) if it were rolled over now; `None` if the pool
    /// would refuse that. Whether it still admits the owner is not looked at.
    pub per_day: Option<Tokens>,
}

impl Outlook<'_> {
    /// What has matured and is still there, the longest first.
    pub fn resting(&self) -> Vec<Resting> {
        let matured = self.positions.iter().filter(|position| position.is_matured(self.now));
        let mut resting: Vec<Resting> = matured.map(|position| self.rest(position)).collect();
        resting.sort_by_key(|one| (one.since, one.owner, one.index));
        resting
    }

    fn rest(&self, position: &Position) -> Resting {
        Resting {
            owner: position.owner,
            index: position.index,
            amount: Tokens(position.amount),
            unpaid: position.reserved(),
            since: position.unlock_at,
            per_day: self.per_day_if_rolled_over(Tokens(position.amount)),
        }
    }

    /// Its room under the cap is its own, and its reward, which is paid then, is no part of what is free.
    fn per_day_if_rolled_over(&self, amount: Tokens) -> Option<Tokens> {
        self.pool.require_open(Function::Stake, self.now).ok()?;
        self.pool.require_window(self.now).ok()?;
        self.pool.require_minimum(amount).ok()?;
        let terms = self.pool.fixed_terms();
        let is_backed = terms.full_reward(amount).ok()? <= self.free();
        is_backed.then(|| terms.accrued(amount, DAY_SECONDS.cast_signed()).ok()).flatten()
    }
}
