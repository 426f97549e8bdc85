//! What those do who run a pool.

use {
    super::{
        ensure, pool::interest, Address, Amount, Mistake, Model, Numbered, Pool, Refusal, Result, Suspension,
        Terms, Tree, DAY,
    },
    std::collections::BTreeMap,
};

const MAX_LOCK: Amount = 3_650 * DAY;
const GUARDIAN_EMERGENCY: Amount = 14 * DAY;
const MAX_EMERGENCY: Amount = 90 * DAY;
const CLAIM_PAUSE: Amount = 7 * DAY;

/// Bits of the functions that can be paused.
const STAKE: u8 = 1;
const CLAIM: u8 = 2;
const EXIT: u8 = 4;

/// What a pool's creator decides.
#[derive(Clone, Copy, Debug)]
pub struct NewPool {
    pub creator: usize,
    pub guardian: usize,
    pub whitelist_manager: usize,
    pub lock: Amount,
    pub allows_early_exit: bool,
    /// Takes a mint whose issuer can freeze the vaults.
    pub accepts_freezes: bool,
    pub terms: Terms,
}

/// Where somebody sends tokens by mistake.
#[derive(Clone, Copy, Debug)]
pub enum Vault {
    Principal,
    Reward,
}

impl Model {
    pub fn initialize_pool(&mut self, new: NewPool) -> Result<()> {
        ensure(!self.can_be_frozen || new.accepts_freezes, Refusal::MintHasFreezeAuthority)?;
        ensure((1..=MAX_LOCK).contains(&new.lock), Refusal::InvalidLock)?;
        require_terms(&new.terms, new.lock, 0, self.now)?;
        self.people[new.creator].lamports -= self.rents.pool + 2 * self.rents.vault;
        self.pools.push(Pool {
            creator: new.creator,
            lock: new.lock,
            allows_early_exit: new.allows_early_exit,
            terms: new.terms,
            authority: new.creator,
            proposed: None,
            guardian: new.guardian,
            whitelist_manager: new.whitelist_manager,
            stakes_are_paused: false,
            exits_are_paused: false,
            claim_pause: Suspension::default(),
            emergency: Suspension::default(),
            emergency_reason: 0,
            forfeited: 0,
            forfeits_locked_until: 0,
            funded: 0,
            rewarded: 0,
            withdrawn: 0,
            principal: 0,
            reward: 0,
            users: BTreeMap::new(),
            positions: vec![],
            entries: BTreeMap::new(),
            tree: Tree::default(),
            is_closed: false,
        });
        Ok(())
    }

    fn as_authority(&mut self, pool: usize, by: usize) -> Result<&mut Pool> {
        let pool = self.open_pool(pool)?;
        ensure(pool.authority == by, Refusal::NotTheAuthority)?;
        Ok(pool)
    }

    fn as_guardian(&mut self, pool: usize, by: usize) -> Result<&mut Pool> {
        let pool = self.open_pool(pool)?;
        ensure(pool.authority == by || pool.guardian == by, Refusal::NotTheGuardian)?;
        Ok(pool)
    }

    pub fn set_terms(&mut self, pool: usize, by: usize, terms: Terms) -> Result<()> {
        let (now, for_all) = (self.now, self.has(Mistake::RateForAll));
        let pool = self.as_authority(pool, by)?;
        require_terms(&terms, pool.lock, pool.total_staked(), now)?;
        pool.terms = terms;
        if for_all {
            pool.positions.iter_mut().for_each(|position| position.rate = terms.rate);
        }
        Ok(())
    }

    pub fn set_roles(&mut self, pool: usize, by: usize, guardian: usize, manager: usize) -> Result<()> {
        let pool = self.as_authority(pool, by)?;
        (pool.guardian, pool.whitelist_manager) = (guardian, manager);
        Ok(())
    }

    pub fn propose(&mut self, pool: usize, by: usize, to: Option<usize>) -> Result<()> {
        self.as_authority(pool, by)?.proposed = to;
        Ok(())
    }

    pub fn accept(&mut self, pool: usize, by: usize) -> Result<()> {
        let pool = self.open_pool(pool)?;
        ensure(pool.proposed == Some(by), Refusal::NotProposed)?;
        pool.authority = by;
        pool.proposed = None;
        Ok(())
    }

    pub fn pause(&mut self, pool: usize, by: usize, functions: u8) -> Result<()> {
        let now = self.now;
        let pool = self.as_guardian(pool, by)?;
        require_known(functions)?;
        if functions & CLAIM != 0 {
            pool.claim_pause.begin(now, CLAIM_PAUSE)?;
        }
        pool.stakes_are_paused |= functions & STAKE != 0;
        pool.exits_are_paused |= functions & EXIT != 0;
        Ok(())
    }

    pub fn resume(&mut self, pool: usize, by: usize, functions: u8) -> Result<()> {
        let now = self.now;
        let pool = self.as_authority(pool, by)?;
        require_known(functions)?;
        if functions & CLAIM != 0 {
            pool.claim_pause.end(now);
        }
        pool.stakes_are_paused &= functions & STAKE == 0;
        pool.exits_are_paused &= functions & EXIT == 0;
        Ok(())
    }

    pub fn begin_emergency(&mut self, pool: usize, by: usize, reason: Amount) -> Result<()> {
        let now = self.now;
        let pool = self.as_guardian(pool, by)?;
        let seconds = if pool.authority == by { MAX_EMERGENCY } else { GUARDIAN_EMERGENCY };
        pool.emergency.begin(now, seconds)?;
        pool.emergency_reason = reason;
        Ok(())
    }

    pub fn end_emergency(&mut self, pool: usize, by: usize) -> Result<()> {
        let now = self.now;
        let pool = self.as_authority(pool, by)?;
        ensure(pool.emergency.is_on(now), Refusal::NoEmergency)?;
        pool.emergency.end(now);
        Ok(())
    }

    pub fn withdraw_excess(&mut self, pool: usize, by: usize, amount: Amount) -> Result<()> {
        let now = self.now;
        let book = self.as_authority(pool, by)?;
        ensure(amount > 0, Refusal::ZeroAmount)?;
        ensure(!book.emergency.is_on(now) || book.is_empty(), Refusal::ExcessLocked)?;
        ensure(amount <= book.free_rewards(now), Refusal::AboveExcess)?;
        book.reward -= amount;
        book.withdrawn += amount;
        self.people[by].tokens += amount;
        Ok(())
    }

    /// Gives what is swept.
    pub fn sweep(&mut self, pool: usize) -> Result<Amount> {
        let pool = self.open_pool(pool)?;
        let surplus = pool.principal - pool.total_staked();
        ensure(surplus > 0, Refusal::NoSurplus)?;
        pool.principal -= surplus;
        pool.reward += surplus;
        Ok(surplus)
    }

    /// Gives what was left in the vaults.
    pub fn close_pool(&mut self, pool: usize, by: usize) -> Result<Amount> {
        let (now, rents) = (self.now, self.rents);
        let book = self.as_authority(pool, by)?;
        ensure(book.is_empty() && book.locked_forfeits(now) == 0, Refusal::PoolNotEmpty)?;
        let left = book.principal + book.reward;
        (book.principal, book.reward, book.is_closed) = (0, 0, true);
        let place = Numbered { creator: book.creator, number: pool };
        let places = [Address::Pool(place), Address::PrincipalVault(place), Address::RewardVault(place)];
        let gifts: Amount = places.into_iter().map(|place| self.take_gift(place)).sum();
        let authority = &mut self.people[by];
        authority.tokens += left;
        authority.lamports += rents.pool + 2 * rents.vault - rents.retired + gifts;
        Ok(left)
    }

    /// Somebody sends tokens to a vault by mistake.
    pub fn donate(&mut self, pool: usize, vault: Vault, by: usize, amount: Amount) {
        let pool = &mut self.pools[pool];
        let balance = match vault {
            Vault::Principal => &mut pool.principal,
            Vault::Reward => &mut pool.reward,
        };
        *balance += amount;
        self.people[by].tokens -= amount;
    }
}

fn require_known(functions: u8) -> Result<()> {
    ensure((1..8).contains(&functions), Refusal::UnknownFunction)
}

fn require_terms(terms: &Terms, lock: Amount, staked: Amount, now: Amount) -> Result<()> {
    ensure(terms.start < terms.end, Refusal::WindowReversed)?;
    ensure(terms.end > now, Refusal::WindowInThePast)?;
    ensure(terms.min_stake > 0, Refusal::ZeroMinimum)?;
    ensure(terms.min_stake <= terms.cap, Refusal::MinimumAboveCap)?;
    ensure(terms.cap >= staked, Refusal::CapBelowStaked)?;
    ensure(terms.rate > 0, Refusal::ZeroRate)?;
    let all = terms.cap + interest(terms.cap, terms.rate, lock);
    ensure(all <= Amount::from(u64::MAX), Refusal::CapTooLarge)
}
