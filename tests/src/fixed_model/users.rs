//! What users do as long as they stay.

use super::{ensure, pool::interest, Admission, Amount, Mistake, Model, Position, Refusal, Result, Shown};

/// A stake that somebody makes, for himself or for another.
#[derive(Clone, Copy, Debug)]
pub struct Stake<'a> {
    pub pool: usize,
    pub owner: usize,
    pub funder: usize,
    pub amount: Amount,
    pub min_rate: Amount,
    pub by: Admission,
    /// To be told whether the owner is a whale.
    pub shown: Option<&'a Shown>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staked {
    pub full_reward: Amount,
    /// All the owner has staked, if he was told that it makes him a whale.
    pub reminder: Option<Amount>,
}

/// How what was earned, or has matured, is staked anew.
#[derive(Clone, Copy, Debug)]
pub struct Renewal {
    pub min_rate: Amount,
    pub by: Admission,
}

impl Model {
    pub fn stake(&mut self, stake: Stake) -> Result<Staked> {
        let Stake { owner, funder, amount, .. } = stake;
        let (now, mistake) = (self.now, self.mistake);
        let has = self.people[funder].tokens;
        self.open_pool(stake.pool)?;
        self.require_entry(stake.pool, stake.by)?;
        if let Some(shown) = stake.shown {
            self.require_collection(shown.collection)?;
        }
        let pool = &self.pools[stake.pool];
        ensure(!pool.stakes_are_paused, Refusal::StakePaused)?;
        let is_owner_only = pool.users.get(&owner).is_some_and(|user| user.is_owner_only);
        ensure(owner == funder || !is_owner_only, Refusal::OwnerOnly)?;
        pool.require_access(owner, amount, stake.by, now)?;
        pool.require_window(now)?;
        pool.require_minimum(amount)?;
        pool.require_rate(stake.min_rate)?;
        let full_reward = pool.promise(amount, now, mistake)?;
        ensure(amount <= has, Refusal::TooFewTokens)?;
        pool.require_books(full_reward)?;

        let mut after = self.clone();
        after.pools[stake.pool].principal += amount;
        after.people[funder].tokens -= amount;
        after.open(stake.pool, owner, funder, amount, full_reward);
        let reminder = match stake.shown {
            Some(shown) => after.remind(stake.pool, owner, shown)?,
            None => None,
        };
        *self = after;
        Ok(Staked { full_reward, reminder })
    }

    /// An entry that is passed must be there, whether it is needed or not.
    fn require_entry(&self, pool: usize, by: Admission) -> Result<()> {
        match by {
            Admission::Entry(user) => self.entry(pool, user).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// A new position of `owner`, whose rent `rent_payer` pays.
    fn open(&mut self, pool: usize, owner: usize, rent_payer: usize, amount: Amount, full_reward: Amount) {
        let (now, rents) = (self.now, self.rents);
        let pool = &mut self.pools[pool];
        if !pool.users.contains_key(&owner) {
            self.people[rent_payer].lamports -= rents.user;
        }
        self.people[rent_payer].lamports -= rents.position;
        let user = pool.users.entry(owner).or_default();
        pool.positions.push(Position {
            owner,
            index: user.next_index,
            rent_payer,
            amount,
            rate: pool.terms.rate,
            staked_at: now,
            unlock_at: now + pool.lock,
            full_reward,
            claimed: 0,
            exit_requested_at: None,
        });
        user.next_index += 1;
        user.staked += amount;
    }

    /// What a position has earned and not been paid.
    pub fn claimable(&self, position: &Position) -> Amount {
        let late = Amount::from(self.has(Mistake::LosesASecond));
        let accrued = position.accrued(self.now.min(position.unlock_at - late));
        let due = (accrued - position.claimed).max(0);
        if self.has(Mistake::RoundsEveryClaim) && position.claimed > 0 {
            let a_second = interest(position.amount * 1_000_000, position.rate, 1).max(1);
            let paid_for = (position.claimed * 1_000_000 + a_second - 1) / a_second;
            let seconds = (self.now.min(position.unlock_at) - position.staked_at - paid_for).max(0);
            return interest(position.amount, position.rate, seconds).min(due);
        }
        due
    }

    /// `place`: of the pool's open positions. Gives what is paid.
    pub fn claim(&mut self, pool: usize, place: usize, by: usize, is_his_account: bool) -> Result<Amount> {
        let owner = self.open_pool(pool)?.positions[place].owner;
        self.require_claims(pool, owner, by)?;
        ensure(is_his_account, Refusal::WrongTokenAccount)?;
        let due = self.claimable(&self.pools[pool].positions[place]);
        ensure(due > 0, Refusal::NothingToClaim)?;
        self.book_paid(pool, place, due);
        self.pools[pool].reward -= due;
        self.people[owner].tokens += due;
        Ok(due)
    }

    /// As a claim for each of these positions of one owner, some of which may have earned nothing.
    pub fn claim_many(
        &mut self,
        pool: usize,
        owner: usize,
        places: &[usize],
        by: usize,
        is_his_account: bool,
    ) -> Result<Amount> {
        let has_user = self.open_pool(pool)?.users.contains_key(&owner);
        ensure(has_user, Refusal::AccountOwnedByWrongProgram)?;
        self.require_claims(pool, owner, by)?;
        ensure(is_his_account, Refusal::WrongTokenAccount)?;
        let due = |place: &usize| self.claimable(&self.pools[pool].positions[*place]);
        let dues: Vec<(usize, Amount)> = places.iter().map(|place| (*place, due(place))).collect();
        let sum = dues.iter().map(|(_, due)| due).sum();
        ensure(sum > 0, Refusal::NothingToClaim)?;
        for (place, due) in dues {
            self.book_paid(pool, place, due);
        }
        self.pools[pool].reward -= sum;
        self.people[owner].tokens += sum;
        Ok(sum)
    }

    fn require_claims(&mut self, pool: usize, owner: usize, by: usize) -> Result<()> {
        let now = self.now;
        let pool = self.open_pool(pool)?;
        ensure(!pool.claim_pause.is_on(now), Refusal::ClaimPaused)?;
        ensure(!pool.emergency.is_on(now), Refusal::EmergencyActive)?;
        ensure(by == owner || !pool.users[&owner].is_owner_only, Refusal::OwnerOnly)
    }

    pub(super) fn book_paid(&mut self, pool: usize, place: usize, reward: Amount) {
        let pool = &mut self.pools[pool];
        let position = &mut pool.positions[place];
        position.claimed += reward;
        pool.rewarded += reward;
        if let Some(user) = pool.users.get_mut(&position.owner) {
            user.rewarded += reward;
        }
    }

    /// Gives what is staked.
    pub fn compound(&mut self, pool: usize, place: usize, renewal: Renewal) -> Result<Amount> {
        let (now, mistake) = (self.now, self.mistake);
        let Position { owner, .. } = self.open_pool(pool)?.positions[place];
        self.require_entry(pool, renewal.by)?;
        let amount = self.claimable(&self.pools[pool].positions[place]);
        let book = &self.pools[pool];
        ensure(!book.stakes_are_paused, Refusal::StakePaused)?;
        ensure(!book.claim_pause.is_on(now), Refusal::ClaimPaused)?;
        book.require_access(owner, amount, renewal.by, now)?;
        book.require_window(now)?;
        book.require_rate(renewal.min_rate)?;
        ensure(amount > 0, Refusal::NothingToClaim)?;

        let mut after = self.clone();
        after.book_paid(pool, place, amount);
        after.pools[pool].reward -= amount;
        let full_reward = after.pools[pool].promise(amount, now, mistake)?;
        after.pools[pool].require_books(full_reward)?;
        after.pools[pool].principal += amount;
        after.open(pool, owner, owner, amount, full_reward);
        *self = after;
        Ok(amount)
    }

    /// Gives what is staked.
    pub fn roll_over(
        &mut self,
        pool: usize,
        place: usize,
        with_reward: bool,
        renewal: Renewal,
        is_his_account: bool,
    ) -> Result<Amount> {
        let (now, mistake) = (self.now, self.mistake);
        let position = self.open_pool(pool)?.positions[place];
        self.require_entry(pool, renewal.by)?;
        ensure(!self.pools[pool].stakes_are_paused, Refusal::StakePaused)?;
        ensure(position.is_matured(now), Refusal::NotMatured)?;
        ensure(is_his_account, Refusal::WrongTokenAccount)?;
        let reward = self.claimable(&position);
        let amount = position.amount + if with_reward { reward } else { 0 };

        let mut after = self.clone();
        after.book_paid(pool, place, reward);
        after.pools[pool].reward -= reward;
        let beside = if self.has(Mistake::RollsOverBesideItself) { position.amount } else { 0 };
        after.close_position(pool, place);
        let book = &mut after.pools[pool];
        book.require_access(position.owner, amount, renewal.by, now)?;
        book.require_window(now)?;
        book.require_minimum(amount)?;
        book.require_rate(renewal.min_rate)?;
        ensure(amount + beside <= book.room(), Refusal::CapReached)?;
        let full_reward = book.promise(amount, now, mistake)?;
        book.require_books(full_reward)?;
        if with_reward {
            book.principal += reward;
        } else {
            after.people[position.owner].tokens += reward;
        }
        after.open(pool, position.owner, position.owner, amount, full_reward);
        *self = after;
        Ok(amount)
    }

    pub fn set_owner_only(&mut self, pool: usize, user: usize, is_owner_only: bool) -> Result<()> {
        let book = self.open_pool(pool)?.users.get_mut(&user);
        book.ok_or(Refusal::AccountOwnedByWrongProgram)?.is_owner_only = is_owner_only;
        Ok(())
    }

    pub fn fund(&mut self, pool: usize, funder: usize, amount: Amount) -> Result<()> {
        let has = self.people[funder].tokens;
        let book = self.open_pool(pool)?;
        ensure(amount > 0, Refusal::ZeroAmount)?;
        ensure(amount <= has, Refusal::TooFewTokens)?;
        book.reward += amount;
        book.funded += amount;
        self.people[funder].tokens -= amount;
        Ok(())
    }
}
