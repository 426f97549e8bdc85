//! The end of a run: everybody can leave, whatever those do who run the pools.

use {
    super::{Difference, Done, Stage},
    crate::action::{Limit, To, Who},
};

impl Stage {
    /// Authorities stop what they can and declare emergencies; then every position is left, in an emergency with its principal
    /// or, in every second one, after it. At last the pools are closed, and all tokens are with people again.
    pub(super) fn everybody_leaves(&mut self) -> Result<Done, Difference> {
        for pool in self.open_pools() {
            let by = Who::Authority;
            self.both(|stage| stage.pause(by, pool, 0b101))?;
            self.both(|stage| stage.pause(by, pool, 0b010))?;
            if pool % 2 == 0 {
                self.both(|stage| stage.begin_emergency(by, pool, 1))?;
            }
        }
        let mut left = 0;
        for pool in self.open_pools() {
            while !self.model.pools[pool].positions.is_empty() {
                self.one_leaves(pool, left % 2 == 0)?;
                left += 1;
            }
        }
        for pool in self.open_pools() {
            self.both(|stage| stage.sweep(pool))?;
            let unlocked = self.model.pools[pool].forfeits_locked_until;
            if unlocked > self.model.now {
                self.go_to(unlocked);
            }
            self.must(|stage| stage.close_pool(Who::Authority, pool), "an empty pool is not closed")?;
        }
        let outside: i128 = self.model.people.iter().map(|person| person.tokens).sum();
        match outside == self.model.tokens() {
            true => Ok(Done::Ok(format!("{left} positions"))),
            false => Err(Difference::new("tokens stay in vaults", format!("{outside} came out"))),
        }
    }

    fn open_pools(&self) -> Vec<usize> {
        (0..self.pools.len()).filter(|pool| !self.model.pools[*pool].is_closed).collect()
    }

    fn one_leaves(&mut self, pool: usize, waits: bool) -> Result<(), Difference> {
        let book = &self.model.pools[pool];
        let place = book.positions.len() - 1;
        let (own, none) = (To::Own, Limit::None);
        if book.emergency.is_on(self.model.now) && !waits {
            let leave = |stage: &mut Self| stage.emergency_withdraw_at(pool, place, none, own);
            return self.must(leave, "somebody cannot leave in an emergency");
        }
        let then = book.positions[place].unlock_at.max(book.emergency.until);
        if then > self.model.now {
            self.go_to(then);
        }
        self.must(|stage| stage.unstake_at(pool, place, none, own), "somebody cannot leave after his lock")
    }

    /// A step that both do or both refuse.
    fn both(&mut self, step: impl FnOnce(&mut Self) -> Result<Done, Difference>) -> Result<Done, Difference> {
        let before = self.model.clone();
        let done = step(self)?;
        self.compare()?;
        self.watch.check(&before, &self.model)?;
        Ok(done)
    }

    /// A step that nobody may refuse.
    fn must(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<Done, Difference>,
        otherwise: &str,
    ) -> Result<(), Difference> {
        match self.both(step)? {
            Done::Ok(_) => Ok(()),
            done => Err(Difference::new(otherwise, format!("{done:?}"))),
        }
    }
}
