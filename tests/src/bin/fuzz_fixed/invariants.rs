//! What must hold whatever happens (invariants 1 to 6 in docs/auditors.md), in exact numbers. Program and model agree after
//! every step, so what is said here of the model is said of the program. That everybody can leave is proved at the end of each run.

use tidepool_tests::{
    fixed_model::{Amount, Model, Pool, Position},
    runs::Difference,
};

/// Follows a run from step to step.
#[derive(Debug, Default)]
pub struct Watch {
    /// Positions that are gone.
    pub ended: u64,
    pub most_positions: usize,
    /// Users in a pool, told that they are whales.
    pub reminded: u64,
}

impl Watch {
    /// Checks the step from `before` to `after`.
    pub fn check(&mut self, before: &Model, after: &Model) -> Result<(), Difference> {
        let mut wrong = vec![];
        let mut must = |holds: bool, what: &str| {
            if !holds {
                wrong.push(what.to_string());
            }
        };
        must(before.tokens() == after.tokens(), "no token comes from nowhere or is gone");
        for (was, is) in before.pools.iter().zip(&after.pools) {
            check_vaults(is, &mut must);
            check_positions(was, is, before.now, after.now, &mut must);
            self.check_ends(was, is, before.now, &mut must);
            self.reminded += (reminded(is) - reminded(was)) as u64;
        }
        self.most_positions =
            self.most_positions.max(after.pools.iter().map(|pool| pool.positions.len()).sum());
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(Difference::new(wrong[0].clone(), wrong.join("\n"))),
        }
    }

    /// Whoever is gone has got what he was promised, to the unit.
    fn check_ends(&mut self, was: &Pool, is: &Pool, now: Amount, must: &mut impl FnMut(bool, &str)) {
        let is_there = |position: &Position| {
            is.positions.iter().any(|other| (other.owner, other.index) == (position.owner, position.index))
        };
        for position in was.positions.iter().filter(|position| !is_there(position)) {
            self.ended += 1;
            let paid = position.claimed + was.reward - is.reward;
            if was.emergency.is_on(now) {
                must(paid == position.claimed, "an emergency pays what was claimed, and no more reward");
            } else if position.is_matured(now) {
                must(paid == position.full_reward, "all of a matured position's reward is paid");
            } else {
                let half = position.exit_requested_at.map_or(0, |at| position.accrued(at) / 2);
                must(paid == half.max(position.claimed), "an early exit pays half of what was earned");
            }
        }
    }
}

fn reminded(pool: &Pool) -> usize {
    pool.users.values().filter(|user| user.is_reminded).count()
}

fn check_vaults(pool: &Pool, must: &mut impl FnMut(bool, &str)) {
    must(pool.principal >= pool.total_staked(), "the principal vault holds all that is staked");
    must(pool.reward >= pool.reserved(), "the reward vault holds all that is promised");
    must(pool.total_staked() <= pool.terms.cap, "no more is staked than the cap");
}

fn check_positions(was: &Pool, is: &Pool, before: Amount, after: Amount, must: &mut impl FnMut(bool, &str)) {
    for position in &is.positions {
        let accrued = position.accrued(after);
        must(0 <= position.claimed && position.claimed <= accrued, "no more is claimed than was earned");
        must(accrued <= position.full_reward, "no more is earned than was promised");
        must(position.accrued(position.unlock_at) == position.full_reward, "the lock earns the full reward");
        let mut old = was.positions.iter();
        let Some(old) = old.find(|old| (old.owner, old.index) == (position.owner, position.index)) else {
            continue;
        };
        let terms = |position: &Position| {
            (position.amount, position.rate, position.staked_at, position.unlock_at, position.full_reward)
        };
        must(terms(old) == terms(position), "nobody changes what a position was promised");
        must(old.claimed <= position.claimed, "nothing that was claimed is claimed again");
        must(old.accrued(before) <= accrued, "what is earned never becomes less");
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        tidepool_tests::fixed_model::{Admission, NewPool, Person, Rents, Stake, Terms},
    };

    fn model() -> Model {
        let rents =
            Rents { pool: 7, vault: 6, user: 5, position: 4, entry: 3, retired: 2, ..Rents::default() };
        let people = vec![Person { tokens: 1_000_000, lamports: 1_000 }; 2];
        let mut model = Model { rents, people, ..Model::default() };
        let terms =
            Terms { start: 0, end: 9, min_stake: 1, cap: 1_000_000, rate: 10_000, is_open_to_all: true };
        let new = NewPool {
            creator: 0,
            guardian: 0,
            whitelist_manager: 0,
            lock: 31_536_000,
            allows_early_exit: true,
            accepts_freezes: false,
            terms,
        };
        model.initialize_pool(new).unwrap();
        model.fund(0, 0, 500_000).unwrap();
        let by = Admission::Nothing;
        let stake = Stake { pool: 0, owner: 1, funder: 1, amount: 400, min_rate: 0, by, shown: None };
        model.stake(stake).unwrap();
        model
    }

    /// What is wrong with a year in which `fault` happens.
    fn wrong_with(fault: impl FnOnce(&mut Model)) -> Option<String> {
        let before = model();
        let mut after = before.clone();
        after.now += 31_536_000;
        fault(&mut after);
        Watch::default().check(&before, &after).err().map(|difference| difference.kind)
    }

    #[test]
    fn an_honest_step_passes() {
        assert_eq!(wrong_with(|_| ()), None);
        assert_eq!(wrong_with(|model| assert_eq!(model.claim(0, 0, 1, true), Ok(400))), None);
    }

    #[test]
    fn tokens_from_nowhere_are_seen() {
        let wrong = wrong_with(|model| model.people[0].tokens += 1);
        assert_eq!(wrong.as_deref(), Some("no token comes from nowhere or is gone"));
    }

    #[test]
    fn a_vault_with_less_than_it_owes_is_seen() {
        let wrong = wrong_with(|model| {
            model.pools[0].principal -= 1;
            model.people[0].tokens += 1;
        });
        assert_eq!(wrong.as_deref(), Some("the principal vault holds all that is staked"));
        let wrong = wrong_with(|model| {
            model.pools[0].reward -= 499_601;
            model.people[0].tokens += 499_601;
        });
        assert_eq!(wrong.as_deref(), Some("the reward vault holds all that is promised"));
    }

    #[test]
    fn a_promise_that_changes_is_seen() {
        let wrong = wrong_with(|model| {
            let position = &mut model.pools[0].positions[0];
            (position.rate, position.full_reward) = (5_000, 200);
        });
        assert_eq!(wrong.as_deref(), Some("nobody changes what a position was promised"));
    }

    #[test]
    fn a_position_that_ends_with_too_little_is_seen() {
        let mut before = model();
        before.now += 31_536_000;
        let mut after = before.clone();
        after.unstake(0, 0, 0, true).unwrap();
        Watch::default().check(&before, &after).unwrap();
        after.people[1].tokens -= 1;
        after.pools[0].reward += 1;
        let wrong = Watch::default().check(&before, &after).unwrap_err();
        assert_eq!(wrong.kind, "all of a matured position's reward is paid");
    }
}
