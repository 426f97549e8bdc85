//! A pool, its users and their positions.

use {
    super::{ensure, Amount, Entry, Mistake, Refusal, Result, Suspension, Tree},
    std::collections::BTreeMap,
};

const BPS_YEAR: Amount = 10_000 * 365 * 86_400;

/// Of a Merkle proof.
const MOST_NODES: usize = 20;

/// What holds for new positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub start: Amount,
    pub end: Amount,
    pub min_stake: Amount,
    pub cap: Amount,
    pub rate: Amount,
    pub is_open_to_all: bool,
}

/// A stake; numbered by its owner's positions in the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub owner: usize,
    pub index: Amount,
    pub rent_payer: usize,
    pub amount: Amount,
    pub rate: Amount,
    pub staked_at: Amount,
    pub unlock_at: Amount,
    pub full_reward: Amount,
    pub claimed: Amount,
    /// When its owner asked to leave early.
    pub exit_requested_at: Option<Amount>,
}

/// `floor(amount · rate · seconds / year)`.
pub(crate) fn interest(amount: Amount, rate: Amount, seconds: Amount) -> Amount {
    amount * rate * seconds / BPS_YEAR
}

impl Position {
    pub fn is_matured(&self, now: Amount) -> bool {
        now >= self.unlock_at
    }

    pub fn accrued(&self, now: Amount) -> Amount {
        let lock = self.unlock_at - self.staked_at;
        interest(self.amount, self.rate, (now - self.staked_at).clamp(0, lock))
    }

    pub fn reserved(&self) -> Amount {
        self.full_reward - self.claimed
    }
}

/// What is counted of one user and stays when his positions are gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserBook {
    pub next_index: Amount,
    pub staked: Amount,
    pub rewarded: Amount,
    pub is_owner_only: bool,
    /// That he may have a whale's token.
    pub is_reminded: bool,
    /// With this pool as the first.
    pub has_did: bool,
}

/// How somebody shows that he may stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    Nothing,
    /// By his entry, or that of another.
    Entry(usize),
    /// By a leaf that the tree has or has not.
    Leaf {
        max_amount: Amount,
        is_in_tree: bool,
        nodes: usize,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    pub creator: usize,
    pub lock: Amount,
    pub allows_early_exit: bool,
    pub terms: Terms,
    pub authority: usize,
    pub proposed: Option<usize>,
    pub guardian: usize,
    pub whitelist_manager: usize,
    pub stakes_are_paused: bool,
    pub exits_are_paused: bool,
    pub claim_pause: Suspension,
    pub emergency: Suspension,
    pub emergency_reason: Amount,
    /// Given up in emergencies and not free yet.
    pub forfeited: Amount,
    pub forfeits_locked_until: Amount,
    pub funded: Amount,
    pub rewarded: Amount,
    pub withdrawn: Amount,
    /// Balances of the vaults.
    pub principal: Amount,
    pub reward: Amount,
    pub users: BTreeMap<usize, UserBook>,
    /// Open ones, oldest first.
    pub positions: Vec<Position>,
    pub entries: BTreeMap<usize, Entry>,
    pub tree: Tree,
    pub is_closed: bool,
}

impl Pool {
    pub fn total_staked(&self) -> Amount {
        self.positions.iter().map(|position| position.amount).sum()
    }

    pub fn promised(&self) -> Amount {
        self.positions.iter().map(|position| position.full_reward).sum()
    }

    pub fn reserved(&self) -> Amount {
        self.positions.iter().map(Position::reserved).sum()
    }

    pub fn of(&self, owner: usize) -> impl Iterator<Item = &Position> {
        self.positions.iter().filter(move |position| position.owner == owner)
    }

    pub fn stake_of(&self, owner: usize) -> Amount {
        self.of(owner).map(|position| position.amount).sum()
    }

    pub fn active_users(&self) -> usize {
        self.users.keys().filter(|user| self.of(**user).next().is_some()).count()
    }

    pub fn approved_users(&self) -> usize {
        self.entries.values().filter(|entry| entry.is_approved()).count()
    }

    pub fn room(&self) -> Amount {
        (self.terms.cap - self.total_staked()).max(0)
    }

    pub fn free_rewards(&self, now: Amount) -> Amount {
        (self.reward - self.reserved() - self.locked_forfeits(now)).max(0)
    }

    pub fn full_reward(&self, amount: Amount) -> Amount {
        interest(amount, self.terms.rate, self.lock)
    }

    /// The largest stake whose reward is free, found by trying.
    pub fn most_backed(&self, now: Amount) -> Amount {
        let free = self.free_rewards(now);
        let (mut fits, mut too_much) = (0, Amount::from(u64::MAX) + 1);
        while too_much - fits > 1 {
            let middle = (fits + too_much) / 2;
            if self.full_reward(middle) <= free {
                fits = middle;
            } else {
                too_much = middle;
            }
        }
        fits
    }

    pub fn locked_forfeits(&self, now: Amount) -> Amount {
        if now < self.forfeits_locked_until {
            self.forfeited
        } else {
            0
        }
    }

    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }

    // ---- what a new position must pass, in the order of docs/integrators.md

    pub(crate) fn require_access(
        &self,
        owner: usize,
        amount: Amount,
        by: Admission,
        now: Amount,
    ) -> Result<()> {
        if self.terms.is_open_to_all {
            return Ok(());
        }
        let most = match by {
            Admission::Nothing => None,
            Admission::Entry(whose) => {
                ensure(whose == owner, Refusal::WrongUser)?;
                self.entries.get(&whose).and_then(|entry| entry.admits(now))
            }
            Admission::Leaf { max_amount, is_in_tree, nodes } => {
                ensure(nodes <= MOST_NODES, Refusal::ProofTooLong)?;
                is_in_tree.then_some(max_amount)
            }
        };
        let most = most.ok_or(Refusal::NotWhitelisted)?;
        let staked = (self.stake_of(owner) + amount).min(u64::MAX.into());
        ensure(staked <= most, Refusal::AboveWhitelistAmount)
    }

    pub(crate) fn require_window(&self, now: Amount) -> Result<()> {
        ensure(!self.emergency.is_on(now), Refusal::EmergencyActive)?;
        ensure(now >= self.terms.start, Refusal::NotStarted)?;
        ensure(now < self.terms.end, Refusal::WindowEnded)
    }

    pub(crate) fn require_minimum(&self, amount: Amount) -> Result<()> {
        ensure(amount >= self.terms.min_stake, Refusal::BelowMinimumStake)
    }

    pub(crate) fn require_rate(&self, min_rate: Amount) -> Result<()> {
        ensure(self.terms.rate >= min_rate, Refusal::BelowMinimumRate)
    }

    /// What the cap has room for and the vault backs is promised its reward.
    pub(crate) fn promise(&self, amount: Amount, now: Amount, mistake: Option<Mistake>) -> Result<Amount> {
        ensure(amount <= self.room(), Refusal::CapReached)?;
        let full_reward = self.full_reward(amount);
        let free = match mistake {
            Some(Mistake::PromisesTwice) => self.reward,
            _ => self.free_rewards(now),
        };
        ensure(full_reward <= free, Refusal::RewardsNotFunded)?;
        Ok(full_reward)
    }

    /// Positions may have been promised more than there is at once, for what is claimed can be promised again.
    pub(crate) fn require_books(&self, full_reward: Amount) -> Result<()> {
        ensure(self.promised() + full_reward <= Amount::from(u64::MAX), Refusal::AmountTooLarge)
    }
}
