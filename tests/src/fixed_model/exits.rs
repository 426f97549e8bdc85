//! How users leave.

use super::{ensure, Address, Amount, Mistake, Model, Position, Refusal, Result, DAY};

const NOTICE: Amount = 7 * DAY;
const FORFEIT_LOCK: Amount = 30 * DAY;

impl Model {
    /// Pays the principal and `reward`, and closes the position; gives what was kept for it beyond that.
    fn leave(&mut self, pool: usize, place: usize, reward: Amount) -> Amount {
        self.book_paid(pool, place, reward);
        let position = self.pools[pool].positions[place];
        self.pools[pool].reward -= reward;
        self.pools[pool].principal -= position.amount;
        self.people[position.owner].tokens += position.amount + reward;
        self.close_position(pool, place);
        position.reserved()
    }

    pub(super) fn close_position(&mut self, pool: usize, place: usize) {
        let position = self.pools[pool].positions.remove(place);
        let gift = self.take_gift(Address::Position { pool, owner: position.owner, index: position.index });
        self.people[position.rent_payer].lamports += self.rents.position + gift;
    }

    fn forfeit(&mut self, pool: usize, amount: Amount) {
        let now = self.now;
        let free = self.has(Mistake::ForfeitsAreFree);
        let pool = &mut self.pools[pool];
        if amount > 0 {
            pool.forfeited = pool.locked_forfeits(now) + amount;
            pool.forfeits_locked_until = now + if free { 0 } else { FORFEIT_LOCK };
        }
    }

    /// Gives the reward that is paid.
    pub fn unstake(
        &mut self,
        pool: usize,
        place: usize,
        min_reward: Amount,
        is_his_account: bool,
    ) -> Result<Amount> {
        let late = Amount::from(self.has(Mistake::UnlocksLate));
        let now = self.now;
        let position = self.open_pool(pool)?.positions[place];
        ensure(position.is_matured(now - late), Refusal::NotMatured)?;
        let is_emergency = self.pools[pool].emergency.is_on(now);
        let reward = if is_emergency { 0 } else { self.claimable(&position) };
        ensure(reward >= min_reward, Refusal::BelowMinimumReward)?;
        ensure(is_his_account, Refusal::WrongTokenAccount)?;
        let forfeited = self.leave(pool, place, reward);
        self.forfeit(pool, forfeited);
        Ok(reward)
    }

    /// Gives what is forfeited of what was earned already.
    pub fn emergency_withdraw(
        &mut self,
        pool: usize,
        place: usize,
        max_forfeit: Amount,
        is_his_account: bool,
    ) -> Result<Amount> {
        let now = self.now;
        let position = self.open_pool(pool)?.positions[place];
        ensure(self.pools[pool].emergency.is_on(now), Refusal::NoEmergency)?;
        let earned = self.claimable(&position);
        ensure(earned <= max_forfeit, Refusal::AboveMaximumForfeit)?;
        ensure(is_his_account, Refusal::WrongTokenAccount)?;
        let forfeited = self.leave(pool, place, 0);
        self.forfeit(pool, forfeited);
        Ok(earned)
    }

    pub fn request_exit(&mut self, pool: usize, place: usize) -> Result<()> {
        let now = self.now;
        let pool = self.open_pool(pool)?;
        ensure(pool.allows_early_exit, Refusal::NoEarlyExit)?;
        ensure(!pool.exits_are_paused, Refusal::EarlyExitPaused)?;
        ensure(!pool.emergency.is_on(now), Refusal::EmergencyActive)?;
        let position = &mut pool.positions[place];
        ensure(!position.is_matured(now), Refusal::AlreadyMatured)?;
        let has_lapsed = position.exit_requested_at.is_none_or(|at| now >= at + 2 * NOTICE);
        ensure(has_lapsed, Refusal::ExitAlreadyRequested)?;
        position.exit_requested_at = Some(now);
        Ok(())
    }

    pub fn cancel_exit(&mut self, pool: usize, place: usize) -> Result<()> {
        let position = &mut self.open_pool(pool)?.positions[place];
        ensure(position.exit_requested_at.is_some(), Refusal::NoExitRequested)?;
        position.exit_requested_at = None;
        Ok(())
    }

    /// Whether an early exit was asked for, and its notice is over but not its time.
    pub fn is_exit_due(&self, position: &Position) -> bool {
        let is_due = |at| (at + NOTICE..at + 2 * NOTICE).contains(&self.now);
        position.exit_requested_at.is_some_and(is_due) && !position.is_matured(self.now)
    }

    /// What an early exit would pay of the reward.
    fn exit_reward(&self, position: &Position, requested_at: Amount) -> Amount {
        let counts_at = if self.has(Mistake::ExitCountsTheEnd) { self.now } else { requested_at };
        (position.accrued(counts_at) / 2 - position.claimed).max(0)
    }

    /// Gives the reward that is paid; what is kept of it is free for others.
    pub fn complete_exit(
        &mut self,
        pool: usize,
        place: usize,
        min_reward: Amount,
        is_his_account: bool,
    ) -> Result<Amount> {
        let now = self.now;
        let book = self.open_pool(pool)?;
        ensure(!book.exits_are_paused, Refusal::EarlyExitPaused)?;
        ensure(!book.emergency.is_on(now), Refusal::EmergencyActive)?;
        let position = book.positions[place];
        let requested_at = position.exit_requested_at.ok_or(Refusal::NoExitRequested)?;
        ensure(now >= requested_at + NOTICE, Refusal::NoticeRunning)?;
        ensure(now < requested_at + 2 * NOTICE, Refusal::ExitLapsed)?;
        ensure(!position.is_matured(now), Refusal::AlreadyMatured)?;
        let reward = self.exit_reward(&position, requested_at);
        ensure(reward >= min_reward, Refusal::BelowMinimumReward)?;
        ensure(is_his_account, Refusal::WrongTokenAccount)?;
        self.leave(pool, place, reward);
        Ok(reward)
    }

    /// Every second at which something begins or ends in a pool.
    pub fn edges(&self) -> Vec<Amount> {
        let mut edges = vec![];
        for pool in self.pools.iter().filter(|pool| !pool.is_closed) {
            edges.extend([pool.terms.start, pool.terms.end, pool.forfeits_locked_until]);
            edges.extend(pool.emergency.edges());
            edges.extend(pool.claim_pause.edges());
            edges.extend(pool.entries.values().map(|entry| entry.expires_at));
            for position in &pool.positions {
                edges.push(position.unlock_at);
                edges.extend(position.exit_requested_at.iter().flat_map(|at| [at + NOTICE, at + 2 * NOTICE]));
            }
        }
        edges.retain(|edge| *edge > self.now);
        edges.sort_unstable();
        edges.dedup();
        edges
    }
}
