use {
    super::{Month, Outlook},
    fixed_pools::state::Position,
    std::collections::BTreeMap,
    tidepool_math::Tokens,
};

/// What positions are owed when their locks are over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    pub positions: u64,
    pub principal: Tokens,
    /// All reward that is still unpaid then if nobody claims before.
    pub reward: Tokens,
}

impl Due {
    /// Principal and reward. Both lie in vaults of one mint, so they fit 64 bits.
    pub fn total(&self) -> Tokens {
        self.principal.saturating_plus(self.reward)
    }

    fn of(position: &Position) -> Self {
        Self { positions: 1, principal: Tokens(position.amount), reward: position.reserved() }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            positions: self.positions.saturating_add(other.positions),
            principal: self.principal.saturating_plus(other.principal),
            reward: self.reward.saturating_plus(other.reward),
        }
    }
}

/// A month in which positions unlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    pub month: Month,
    pub due: Due,
    /// With all that is due earlier, what has matured already included.
    pub cumulative: Due,
}

/// What becomes due month by month. All of it is in the vaults already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaturityLadder {
    /// Unlocked by now, and still there.
    pub matured: Due,
    /// In order; months in which nothing unlocks are left out.
    pub rungs: Vec<Rung>,
}

impl MaturityLadder {
    /// All that open positions are owed: the pool's `open_positions`, `total_staked` and `reserved`.
    pub fn total(&self) -> Due {
        self.rungs.last().map_or(self.matured, |last| last.cumulative)
    }
}

impl Outlook<'_> {
    /// When positions unlock, and what is due then. Early exits that were asked for are not looked at.
    pub fn maturity_ladder(&self) -> MaturityLadder {
        let mut matured = Due::default();
        let mut months: BTreeMap<Month, Due> = BTreeMap::new();
        for position in self.positions {
            let due = match position.is_matured(self.now) {
                true => &mut matured,
                false => months.entry(Month::of(position.unlock_at)).or_default(),
            };
            *due = due.plus(Due::of(position));
        }
        let mut cumulative = matured;
        let rungs = months.into_iter().map(|(month, due)| {
            cumulative = cumulative.plus(due);
            Rung { month, due, cumulative }
        });
        MaturityLadder { matured, rungs: rungs.collect() }
    }
}
