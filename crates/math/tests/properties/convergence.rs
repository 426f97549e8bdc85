//! From any state, cranks in any order bring stake to its targets, and then nothing moves any more.

use {crate::reference::*, std::cell::Cell, tidepool_math::*};

const SOL: u64 = 1_000_000_000;
const MINIMUM: Lamports = Lamports(SOL);

#[derive(Clone, Copy, Debug, Default)]
struct Validator {
    weight: u64,
    active: u64,
    /// Delegated in this epoch, or earlier and still in the onramp: active from the next one on.
    warming: u64,
    /// In the reserve from the next epoch on.
    cooling: u64,
    /// Whether the offramp is busy since an earlier epoch, and takes nothing more in this one.
    is_busy: bool,
}

/// A pool as far as moves of stake look at it. Nothing is earned, nobody comes or leaves.
#[derive(Clone, Debug)]
struct Pool {
    validators: Vec<Validator>,
    free: u64,
    buffer: u64,
    cap: Bps,
    /// What rebalancing may move in an epoch, and has moved in this one.
    budget: u64,
    moved: u64,
}

impl Pool {
    fn total_weight(&self) -> u64 {
        self.validators.iter().map(|validator| validator.weight).sum()
    }

    fn all(&self) -> u64 {
        let stakes = self.validators.iter().map(|v| v.active + v.warming + v.cooling);
        stakes.sum::<u64>() + self.free
    }

    fn target(&self, index: usize) -> Lamports {
        let staked = Lamports(self.all() - self.free);
        let all = delegatable(staked, Lamports(self.free), Lamports(self.buffer), Lamports::ZERO);
        let caps = own_cap(self.cap);
        target_stake(all, self.validators[index].weight, self.total_weight(), &caps).unwrap()
    }

    fn current(&self, index: usize) -> Lamports {
        let Validator { active, warming, .. } = self.validators[index];
        Lamports(active + warming)
    }

    fn spare(&self) -> Lamports {
        Lamports(self.free.saturating_sub(self.buffer))
    }

    fn undelegate(&mut self, index: usize) -> u64 {
        let (current, target) = (self.current(index), self.target(index));
        let budget = Lamports(self.budget - self.moved.min(self.budget));
        let validator = &mut self.validators[index];
        let active = Lamports(validator.active);
        if validator.is_busy {
            return 0;
        }
        let stake = stake_to_undelegate(active, current, target, Lamports::ZERO, budget, MINIMUM);
        let moved = stake.unwrap_or_default().0;
        validator.active -= moved;
        validator.cooling += moved;
        self.moved += moved;
        moved
    }

    fn delegate(&mut self, index: usize) -> u64 {
        let spare = self.spare();
        let part = part_by_weight(spare, self.validators[index].weight, self.total_weight());
        let stake = stake_to_delegate(spare, part, self.target(index), self.current(index), MINIMUM);
        let moved = stake.unwrap_or_default().0;
        self.free -= moved;
        self.validators[index].warming += moved;
        moved
    }

    /// An epoch's cranks in the order of `order`, and the edge after them. Gives what went out and in.
    fn epoch(&mut self, order: &[usize]) -> (u64, u64) {
        let out = order.iter().map(|index| self.undelegate(*index)).sum();
        let back = order.iter().rev().map(|index| self.delegate(*index)).sum();
        self.moved = 0;
        for validator in &mut self.validators {
            validator.active += std::mem::take(&mut validator.warming);
            self.free += std::mem::take(&mut validator.cooling);
            validator.is_busy = false;
        }
        (out, back)
    }

    /// Nobody is a minimum above its target. What others lack stands against surpluses that are too small to be moved, caps
    /// apart, and what is left in the reserve is less than a minimum, or nobody's.
    fn assert_settled(&self) {
        let (mut lacking, mut surplus) = (0, 0);
        for index in 0..self.validators.len() {
            let (current, target) = (self.current(index), self.target(index));
            assert!(current < target.plus(MINIMUM).unwrap(), "{index} of {self:?}");
            lacking += target.saturating_minus(current).0;
            surplus += current.saturating_minus(target).0;
        }
        let targets: u64 = (0..self.validators.len()).map(|index| self.target(index).0).sum();
        let staked: u64 = (0..self.validators.len()).map(|index| self.current(index).0).sum();
        let for_nobody = (staked + self.spare().0).saturating_sub(targets);
        assert!(lacking <= surplus + self.spare().0, "{self:?}");
        assert!(self.spare().0 < SOL.max(2 * for_nobody) + self.validators.len() as u64, "{self:?}");
    }
}

fn stake() -> BoxedStrategy<u64> {
    prop_oneof![
        2 => Just(0),
        1 => SOL..2 * SOL,
        2 => SOL..50 * SOL,
        4 => (900 * SOL)..(1_100 * SOL),
        1 => SOL..100_000 * SOL,
    ]
    .boxed()
}

fn weight() -> BoxedStrategy<u64> {
    prop_oneof![1 => Just(0u64), 5 => Just(1_000_000u64), 3 => 1..2_000_000u64].boxed()
}

fn validator() -> impl Strategy<Value = Validator> {
    let warming = prop_oneof![3 => Just(0), 1 => SOL..500 * SOL];
    (weight(), stake(), warming, stake(), any::<bool>()).prop_map(
        |(weight, active, warming, cooling, cools)| Validator {
            weight,
            active,
            warming,
            cooling: if cools { cooling } else { 0 },
            is_busy: cools,
        },
    )
}

fn pool() -> impl Strategy<Value = Pool> {
    let cap = prop_oneof![Just(Bps::ONE), (100..3_000u16).prop_map(Bps)];
    let free = prop_oneof![0..3 * SOL, 0..10_000 * SOL];
    (prop::collection::vec(validator(), 1..70), free, 0..200u64, cap).prop_map(
        |(validators, free, buffer, cap)| {
            let mut pool = Pool { validators, free, buffer: 0, cap, budget: u64::MAX, moved: 0 };
            pool.buffer = pool.all() / 10_000 * buffer;
            pool
        },
    )
}

/// A new order of the cranks in every epoch.
fn orders(length: usize) -> impl FnMut() -> Vec<usize> {
    let state = Cell::new(length as u64 + 1);
    move || {
        let mut order: Vec<usize> = (0..length).collect();
        for last in (1..length).rev() {
            state.set(state.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
            order.swap(last, (state.get() >> 33) as usize % (last + 1));
        }
        order
    }
}

/// Small deposits and rewards leave everyone a little below the target. Were they topped up first, in the order of the cranks,
/// nothing would be left for whom it was taken from the others for, and nobody would have enough above the target to give.
#[test]
fn a_new_validator_gets_its_stake_though_all_others_lack_a_little() {
    const OTHERS: usize = 60;
    let old = Validator { weight: 1_000_000, active: 1_000 * SOL, ..Validator::default() };
    let mut validators = vec![old; OTHERS];
    validators.push(Validator { active: 0, ..old });
    let mut pool = Pool { validators, free: SOL / 2, buffer: 0, cap: Bps::ONE, budget: u64::MAX, moved: 0 };
    let new_comes_last: Vec<usize> = (0..=OTHERS).rev().collect();
    pool.epoch(&new_comes_last);
    pool.free += 3 * SOL;
    pool.epoch(&new_comes_last);
    let (current, target) = (pool.current(OTHERS), pool.target(OTHERS));
    assert!(current.plus(MINIMUM).unwrap() > target, "{current:?} of {target:?}");
    assert_eq!(pool.epoch(&new_comes_last).0, 0, "nothing goes out again");
    pool.assert_settled();
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn from_any_state_three_epochs_of_cranks_reach_the_targets_and_then_nothing_moves(pool in pool()) {
        let mut pool = pool;
        let mut order = orders(pool.validators.len());
        let all = pool.all();
        for _ in 0..3 {
            pool.epoch(&order());
        }
        pool.assert_settled();
        for _ in 0..5 {
            prop_assert_eq!(pool.epoch(&order()), (0, 0), "{:?}", &pool);
        }
        prop_assert_eq!(pool.all(), all);
    }

    /// With a budget it takes as many epochs more as the budget is smaller.
    #[test]
    fn within_a_budget_what_is_above_its_target_leaves_at_the_pace_of_the_budget(pool in pool(), part in 500..5_000u64) {
        let mut pool = pool;
        let mut order = orders(pool.validators.len());
        pool.budget = (pool.all() / 10_000 * part).max(2 * SOL);
        let surplus: u64 = (0..pool.validators.len())
            .map(|index| pool.current(index).saturating_minus(pool.target(index)).0)
            .sum();
        // A budget's last part below the minimum is not used.
        for _ in 0..surplus.div_ceil(pool.budget - SOL) + 3 {
            let (out, _) = pool.epoch(&order());
            // A rest that could not stay by itself goes along.
            prop_assert!(out < pool.budget + SOL);
        }
        pool.assert_settled();
        prop_assert_eq!(pool.epoch(&order()), (0, 0));
    }
}
