//! Who is admitted to a pool.

use super::{ensure, Address, Amount, Model, Pool, Refusal, Result};

/// Users in one change of a whitelist.
const MOST_CHANGES: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryState {
    Applied,
    Approved,
    Refused,
}

/// Where a user stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub rent_payer: usize,
    pub state: EntryState,
    pub requested: Amount,
    pub max_amount: Amount,
    pub reason: Amount,
    /// 0 is never.
    pub expires_at: Amount,
}

impl Entry {
    fn new(rent_payer: usize) -> Self {
        let state = EntryState::Applied;
        Self { rent_payer, state, requested: 0, max_amount: 0, reason: 0, expires_at: 0 }
    }

    pub fn is_approved(&self) -> bool {
        self.state == EntryState::Approved
    }

    /// With how much; `None` if not at all.
    pub fn admits(&self, now: Amount) -> Option<Amount> {
        let is_over = self.expires_at != 0 && now >= self.expires_at;
        (self.is_approved() && !is_over).then_some(self.max_amount)
    }

    fn refuse(&mut self, reason: Amount) {
        (self.state, self.reason, self.max_amount, self.expires_at) = (EntryState::Refused, reason, 0, 0);
    }

    fn approve(&mut self, max_amount: Amount, expires_at: Amount) {
        (self.state, self.reason) = (EntryState::Approved, 0);
        (self.max_amount, self.expires_at) = (max_amount, expires_at);
    }
}

/// A Merkle tree that admits users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Who, and with how much at most.
    pub leaves: Vec<(usize, Amount)>,
    /// Nodes above the least tree of these leaves, each with a branch in which there is nobody of ours.
    pub levels_above: usize,
}

/// What the whitelist manager answers.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    Approve { max_amount: Amount, expires_at: Amount },
    Refuse { reason: Amount },
}

impl Model {
    fn as_manager(&mut self, pool: usize, by: usize) -> Result<&mut Pool> {
        let pool = self.open_pool(pool)?;
        ensure(pool.whitelist_manager == by, Refusal::NotTheWhitelistManager)?;
        Ok(pool)
    }

    pub fn apply_whitelist(&mut self, pool: usize, user: usize, amount: Amount) -> Result<()> {
        let (now, rent) = (self.now, self.rents.entry);
        let book = self.open_pool(pool)?;
        ensure(amount > 0, Refusal::ZeroAmount)?;
        let is_new = !book.entries.contains_key(&user);
        let entry = book.entries.entry(user).or_insert(Entry::new(user));
        ensure(entry.admits(now).is_none(), Refusal::AlreadyApproved)?;
        (entry.state, entry.requested, entry.reason) = (EntryState::Applied, amount, 0);
        if is_new {
            self.people[user].lamports -= rent;
        }
        Ok(())
    }

    pub fn review(&mut self, pool: usize, by: usize, user: usize, answer: Answer) -> Result<()> {
        let now = self.now;
        let entry = self.as_manager(pool, by)?.entries.get_mut(&user);
        let entry = entry.ok_or(Refusal::WrongEntries)?;
        ensure(entry.state == EntryState::Applied, Refusal::NoApplication)?;
        match answer {
            Answer::Approve { max_amount, expires_at } => {
                require_approval(max_amount, expires_at, now)?;
                entry.approve(max_amount, expires_at);
            }
            Answer::Refuse { reason } => entry.refuse(reason),
        }
        Ok(())
    }

    /// The entry that is passed as it is.
    pub(super) fn entry(&self, pool: usize, user: usize) -> Result<Entry> {
        let has_gift = self.gift(Address::Entry { pool, user }) > 0;
        self.pools[pool].entries.get(&user).copied().ok_or(match has_gift {
            true => Refusal::AccountOwnedByWrongProgram,
            false => Refusal::AccountNotInitialized,
        })
    }

    /// All of `users` with the same limits; who is named twice is admitted twice.
    pub fn admit(
        &mut self,
        pool: usize,
        by: usize,
        users: &[usize],
        max_amount: Amount,
        expires_at: Amount,
    ) -> Result<()> {
        let (now, rent) = (self.now, self.rents.entry);
        let book = self.as_manager(pool, by)?;
        ensure(users.len() <= MOST_CHANGES, Refusal::TooManyUsers)?;
        if !users.is_empty() {
            require_approval(max_amount, expires_at, now)?;
        }
        let mut new = 0;
        for user in users {
            new += Amount::from(!book.entries.contains_key(user));
            book.entries.entry(*user).or_insert(Entry::new(by)).approve(max_amount, expires_at);
        }
        self.people[by].lamports -= new * rent;
        Ok(())
    }

    /// Who has no entry, or none that is approved, is passed over.
    pub fn expel(&mut self, pool: usize, by: usize, users: &[usize], reason: Amount) -> Result<()> {
        let book = self.as_manager(pool, by)?;
        ensure(users.len() <= MOST_CHANGES, Refusal::TooManyUsers)?;
        for user in users {
            if let Some(entry) = book.entries.get_mut(user).filter(|entry| entry.is_approved()) {
                entry.refuse(reason);
            }
        }
        Ok(())
    }

    pub fn close_entry(&mut self, pool: usize, by: usize, user: usize) -> Result<()> {
        let (now, rent) = (self.now, self.rents.entry);
        let entry = self.entry(pool, user)?;
        ensure(by == user || by == entry.rent_payer, Refusal::WrongUser)?;
        if !self.pools[pool].is_closed {
            ensure(by == user || entry.state != EntryState::Applied, Refusal::WrongUser)?;
            ensure(entry.admits(now).is_none(), Refusal::EntryInUse)?;
        }
        self.pools[pool].entries.remove(&user);
        let gift = self.take_gift(Address::Entry { pool, user });
        self.people[entry.rent_payer].lamports += rent + gift;
        Ok(())
    }

    /// A broken tree has a root and no users, or users and no root.
    pub fn set_tree(&mut self, pool: usize, by: usize, tree: Tree, is_broken: bool) -> Result<()> {
        let book = self.open_pool(pool)?;
        ensure(book.authority == by, Refusal::NotTheAuthority)?;
        ensure(!is_broken, Refusal::EmptyTree)?;
        book.tree = tree;
        Ok(())
    }
}

fn require_approval(max_amount: Amount, expires_at: Amount, now: Amount) -> Result<()> {
    ensure(max_amount > 0, Refusal::ZeroAmount)?;
    ensure(expires_at == 0 || expires_at > now, Refusal::ExpiryInThePast)
}
