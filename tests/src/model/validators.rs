//! What the pool knows of its validators, what they should have of its stake, and what the manager does with them.

use super::{
    admin::{Keeper, MANAGER},
    check,
    numbers::{ceil, floor, Amount, BPS},
    reviews::SOUND,
    Books, Model, Refusal,
};

/// Roles of a validator's stake accounts.
pub const MAIN: usize = 0;
pub const ONRAMP: usize = 1;
pub const OFFRAMP: usize = 2;

/// The score of whoever does what the mean does.
pub(super) const NEUTRAL: Amount = BPS;

/// The rent that the stake program writes into every new account, whatever the rent is.
const OLD_RENT: Amount = 2_282_880;

/// Numbers of groups; 0 is no group.
const GROUPS: Amount = 128;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Nobody stands there.
    #[default]
    Free,
    Active,
    /// Its stake leaves for good.
    Draining,
}

/// Where stake is between being delegated and being free again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    #[default]
    Inactive,
    Activating,
    Active,
    Deactivating,
}

/// A stake account as the cluster has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stake {
    /// It is a stake account of the pool; else whatever lies there is nobody's.
    pub is_open: bool,
    pub lamports: Amount,
    /// What is delegated, whether it is active or not; without any, what follows says nothing.
    pub delegated: Amount,
    /// The rent that is written down in it.
    pub old_rent: Amount,
    pub phase: Phase,
    /// It was delegated in this very epoch.
    pub is_new: bool,
    /// When it was sent to cool down.
    pub cools_since: Option<Amount>,
}

/// A stake account of the pool: what it is, and what the pool saw there last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StakeBook {
    pub now: Stake,
    pub seen: Amount,
}

/// What the pool notes of a validator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ValidatorBook {
    pub status: Status,
    /// The manager's, and the reviews'.
    pub weight: Amount,
    pub score: Amount,
    pub group: Amount,
    /// Of the pool's stake with it, what is active or warming up, as of the last look.
    pub staked: Amount,
    /// The same as `opened_in` found it, the last epoch in which it was written.
    pub opening: Amount,
    pub opened_in: Amount,
    /// What was sent to cool down: in the offramp, and too little to be moved, in the main account.
    pub cooling: Amount,
    pub main_cooling: Amount,
    /// Accounts that hold stake.
    pub in_use: [bool; 3],
    /// What its main account gained in the last epoch in which it did, of its lamports, in parts per billion.
    pub gain_ppb: Amount,
    /// The last epochs in which it was looked at, in which stake came or went, and in which it was judged.
    pub updated_in: Amount,
    pub moved_in: Amount,
    pub reviewed_in: Amount,
    /// When it was entered.
    pub entered_in: Amount,
    /// Why it has its score, by number.
    pub verdict: Amount,
    /// At the last review; the highest since the bond was last settled.
    pub commission: Amount,
    pub highest_commission: Amount,
    /// Its credits as a share of the mean.
    pub credit_ratio: Amount,
    /// What its bond backs with and bids.
    pub bond: Amount,
    pub bid_ppb: Amount,
    /// Slashed, and not paid by its bond yet.
    pub lost: Amount,
    /// By itself, for a bond that has to last.
    pub has_joined: bool,
}

impl ValidatorBook {
    /// What it counts for in the means of an epoch: the stake that the epoch began with.
    pub fn opening_in(&self, epoch: Amount) -> Amount {
        if self.opened_in == epoch {
            self.opening
        } else {
            self.staked
        }
    }

    /// Its stake is another now; what the epoch began with stays known.
    pub fn stake_becomes(&mut self, staked: Amount, epoch: Amount) {
        self.opening = self.opening_in(epoch);
        self.opened_in = epoch;
        self.staked = staked;
    }
}

impl Stake {
    /// What is delegated and was not asked to cool down.
    pub fn staked(&self) -> Amount {
        if self.cools_since.is_some() {
            0
        } else {
            self.delegated
        }
    }

    /// Nothing is staked: all but the rent can be taken.
    pub fn is_idle(&self) -> bool {
        self.delegated == 0 || (self.cools_since.is_some() && self.phase == Phase::Inactive)
    }

    /// All of it is active, and nobody has asked it to cool down.
    pub fn is_settled(&self) -> bool {
        self.delegated > 0 && self.cools_since.is_none() && self.phase == Phase::Active
    }

    /// What can be taken out: the larger one of both rents stays, and the stake if it is not idle.
    pub(super) fn free(&self, rent: Amount) -> Amount {
        let staked = if self.is_idle() { 0 } else { self.delegated };
        (self.lamports - staked - self.old_rent.max(rent)).max(0)
    }

    /// The stake program delegates all that lies there, but for today's rent.
    pub(super) fn delegate(&mut self, rent: Amount) {
        self.delegated = self.lamports - rent;
        (self.phase, self.is_new, self.cools_since) = (Phase::Activating, true, None);
    }

    pub(super) fn deactivate(&mut self, epoch: Amount) {
        self.phase = if self.is_new { Phase::Inactive } else { Phase::Deactivating };
        self.cools_since = Some(epoch);
    }

    /// Active stake goes to an account with active stake or without any.
    pub(super) fn move_to(&mut self, other: &mut Self, lamports: Amount) {
        self.lamports -= lamports;
        self.delegated -= lamports;
        other.receive(lamports, lamports);
        if self.delegated == 0 {
            *self =
                Self { is_open: true, lamports: self.lamports, old_rent: self.old_rent, ..Self::default() };
        }
    }

    pub(super) fn receive(&mut self, lamports: Amount, stake: Amount) {
        let before = if self.is_idle() { 0 } else { self.delegated };
        self.lamports += lamports;
        self.delegated = before + stake;
        (self.phase, self.is_new, self.cools_since) = (Phase::Active, false, None);
    }
}

impl ValidatorBook {
    pub fn is_listed(&self) -> bool {
        self.status != Status::Free
    }

    /// Weight × score, as long as it may get stake.
    pub fn effective_weight(&self) -> Amount {
        if self.status == Status::Active {
            self.weight * self.score
        } else {
            0
        }
    }

    /// Nothing is staked with it for ever.
    pub(super) fn has_left(&self) -> bool {
        self.status == Status::Draining && self.staked == 0
    }

    /// Its stake has to leave at once.
    pub fn must_leave(&self) -> bool {
        self.status == Status::Draining || self.score == 0
    }

    /// What is written down as cooling in an account cannot be more than what is staked there.
    pub(super) fn limit_cooling(&mut self, role: usize, most: Amount) {
        match role {
            MAIN => self.main_cooling = self.main_cooling.min(most),
            OFFRAMP => self.cooling = self.cooling.min(most),
            _ => {}
        }
    }
}

impl Books {
    fn sum(&self, of: impl Fn(&ValidatorBook) -> Amount) -> Amount {
        self.validators.iter().filter(|validator| validator.is_listed()).map(of).sum()
    }

    pub fn listed(&self) -> Amount {
        self.sum(|_| 1)
    }

    pub fn total_weight(&self) -> Amount {
        self.sum(ValidatorBook::effective_weight)
    }

    pub fn group_weight(&self, group: Amount) -> Amount {
        self.sum(|validator| if validator.group == group { validator.effective_weight() } else { 0 })
    }

    pub fn staked(&self) -> Amount {
        self.sum(|validator| validator.staked)
    }

    pub fn cooling(&self) -> Amount {
        self.sum(|validator| validator.cooling + validator.main_cooling)
    }

    pub fn backing(&self) -> Amount {
        self.sum(|validator| validator.bond)
    }
}

impl Model {
    /// What the cluster has done with a stake account; the pool does not know it yet.
    pub fn tell(&mut self, validator: usize, role: usize, now: Stake) {
        self.books.stakes[validator][role].now = now;
    }

    /// The part of the value that is never staked.
    pub fn buffer(&self) -> Amount {
        ceil(self.books.value(), self.books.pool.settings.reserve_target, BPS)
    }

    /// What is to be spread over the validators: stake and spare SOL, less what tickets wait for. Tickets of this very slot
    /// do not count yet: neither what they wait for nor what the reserve has promised them.
    pub fn delegatable(&self) -> Amount {
        let pool = &self.books.pool;
        let mut queue = pool.queue;
        if pool.order_slot == self.cluster.slot {
            queue.filled = queue.filled.min(pool.total_before).max(queue.settled);
        }
        let free = (pool.reserve - queue.reserved() - pool.insurance_due).max(0);
        (self.books.staked() + self.books.cooling() + free - self.buffer() - self.waiting()).max(0)
    }

    /// What tickets wait for, those of this slot aside.
    pub(super) fn waiting(&self) -> Amount {
        let pool = &self.books.pool;
        match pool.order_slot == self.cluster.slot {
            true => pool.queue.unfilled_since(pool.total_before, pool.cancelled_before),
            false => pool.queue.unfilled(),
        }
    }

    /// The most that a validator may have of `all`: the cap for one, its part by weight of the cap for its group, what its
    /// bond backs.
    pub(super) fn most_of(&self, index: usize, all: Amount) -> Amount {
        let validator = self.books.validators[index];
        let rules = self.books.pool.rules;
        let mut most = floor(all, self.books.pool.settings.max_validator, BPS);
        let group = if validator.group == 0 { 0 } else { self.books.group_weight(validator.group) };
        if group > 0 && self.mistake != Some(super::Mistake::NoGroupCap) {
            let of_group = floor(all, rules.max_group, BPS);
            most = most.min(floor(of_group, validator.effective_weight(), group));
        }
        if rules.stake_per_bond > 0 {
            most = most.min(validator.bond * rules.stake_per_bond);
        }
        most
    }

    /// What a validator should have.
    pub fn target(&self, index: usize) -> Amount {
        let all = self.delegatable();
        match self.books.total_weight() {
            0 => 0,
            sum => {
                let share = floor(all, self.books.validators[index].effective_weight(), sum);
                share.min(self.most_of(index, all))
            }
        }
    }

    pub(super) fn require_manager(&self, signer: Keeper) -> Result<(), Refusal> {
        check(signer == self.books.pool.holders[MANAGER], Refusal::NotTheManager)
    }

    pub(super) fn require_listed(&self, index: usize) -> Result<(), Refusal> {
        check(self.books.validators[index].is_listed(), Refusal::NoSuchValidator)
    }

    fn require_not_draining(&self, index: usize) -> Result<(), Refusal> {
        check(self.books.validators[index].status != Status::Draining, Refusal::ValidatorIsDraining)
    }

    /// The manager gives a validator another weight and group.
    pub fn set_weight(
        &mut self,
        signer: Keeper,
        index: usize,
        weight: Amount,
        group: Amount,
    ) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.require_manager(signer)?;
            m.touch();
            check(group < GROUPS, Refusal::NoSuchGroup)?;
            m.require_listed(index)?;
            m.require_not_draining(index)?;
            let validator = &mut m.books.validators[index];
            (validator.weight, validator.group) = (weight, group);
            Ok(())
        })
    }

    /// The manager lets a validator go; anyone one that joined and has less than half of the bond for that.
    pub fn drain(&mut self, signer: Keeper, index: usize) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.touch();
            m.require_listed(index)?;
            let validator = &m.books.validators[index];
            let lacks_bond = validator.has_joined && validator.bond < m.books.pool.rules.join_bond / 2;
            if !lacks_bond {
                m.require_manager(signer)?;
            }
            m.require_not_draining(index)?;
            let validator = &mut m.books.validators[index];
            // All of its accounts have to be closed, so all have to be looked at.
            (validator.status, validator.in_use) = (Status::Draining, [true; 3]);
            Ok(())
        })
    }

    /// A validator that has left, accounts and all, is forgotten.
    pub fn remove(&mut self, index: usize) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.touch();
            m.begin_epoch();
            m.require_listed(index)?;
            let validator = m.books.validators[index];
            check(validator.status == Status::Draining, Refusal::ValidatorNotDraining)?;
            let is_gone = |account: &StakeBook| account.seen == 0 && !account.now.is_open;
            check(m.books.stakes[index].iter().all(is_gone), Refusal::ValidatorNotEmpty)?;
            // Nobody could settle its bond any more.
            let is_paid = |bond: &super::Bond| {
                let is_settled = bond.settled_in >= m.cluster.epoch && validator.lost == 0;
                m.can_leave(bond) == 0 || is_settled || bond.is_left_alone(m.cluster.epoch)
            };
            check(m.books.bonds[index].iter().all(is_paid), Refusal::BondNotSettled)?;
            if validator.updated_in == m.cluster.epoch {
                m.books.pool.updated = (m.books.pool.updated - 1).max(0);
            }
            m.books.validators[index] = ValidatorBook::default();
            m.complete_epoch();
            Ok(())
        })
    }

    /// The manager enters a validator.
    pub fn add(
        &mut self,
        signer: Keeper,
        index: usize,
        weight: Amount,
        group: Amount,
    ) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.require_manager(signer)?;
            check(!m.cluster.pays_rewards, Refusal::EpochRewardsActive)?;
            m.touch();
            check(group < GROUPS, Refusal::NoSuchGroup)?;
            let found = m.judge(index, &ValidatorBook::default()).verdict;
            // Who breaks a rule gets nothing until it is found to keep them all.
            let (score, verdict) = if found == SOUND { (NEUTRAL, 0) } else { (0, found) };
            m.enter(index, ValidatorBook { weight, group, score, verdict, ..ValidatorBook::default() })
        })
    }

    /// A record, and three accounts with rent out of the reserve; what strangers have left there is found later.
    pub(super) fn enter(&mut self, index: usize, new: ValidatorBook) -> Result<(), Refusal> {
        let rent = self.cluster.stake_rent;
        check(self.books.free_reserve() >= 3 * rent, Refusal::ReserveTooLow)?;
        check(!self.books.validators[index].is_listed(), Refusal::ValidatorExists)?;
        let entered_in = self.cluster.epoch;
        self.books.validators[index] = ValidatorBook { status: Status::Active, entered_in, ..new };
        for account in &mut self.books.stakes[index] {
            let lamports = account.now.lamports + rent;
            account.now = Stake { is_open: true, lamports, old_rent: OLD_RENT, ..Stake::default() };
            account.seen = rent;
        }
        self.books.pool.reserve -= 3 * rent;
        self.books.vaults.reserve -= 3 * rent;
        Ok(())
    }
}
