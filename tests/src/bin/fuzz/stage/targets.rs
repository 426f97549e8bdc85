//! Cranks alone bring the pool to its targets, whatever was before, and there it stays.

use {
    super::{Difference, Done, Stage},
    crate::action::{Action, Who},
    tidepool_tests::model::{Amount, Phase},
};

/// Epochs in which targets are reached, and those after them in which nothing moves.
const EPOCHS: usize = 3;

/// More epochs than that the cluster needs for nothing: then what is wrong is not how slowly stake moves in it.
const MOST_EPOCHS: usize = 60;

impl Stage {
    pub(super) fn reach_targets(&mut self) -> Result<Done, Difference> {
        self.set_sane_limits()?;
        let mut epochs = 0;
        let mut counted = 0;
        while counted < EPOCHS {
            self.keepers_epoch()?;
            counted += usize::from(!self.is_cluster_behind());
            epochs += 1;
            if epochs > MOST_EPOCHS {
                return Err(Difference::new("stake never settles", format!("{:?}", self.model.books.stakes)));
            }
        }
        self.require_targets()?;

        let before = (self.moved, self.earned(), self.rent_steps);
        for _ in 0..EPOCHS {
            self.keepers_epoch()?;
        }
        // What was withheld is not to be staked before it is released.
        let earned = self.earned() - before.1 + self.model.books.pool.stream.amount;
        let moved = [self.moved[0] - before.0[0], self.moved[1] - before.0[1]];
        let [went, came] = moved;
        let count = self.model.books.listed();
        let least = self.model.cluster.minimum_delegation;
        let most = if earned == 0 { 0 } else { earned + count * least };
        if came > most || went > came + most + least {
            let text = format!("{went} lamports went, {came} came, {earned} were earned");
            return Err(Difference::new("stake goes in and out", text));
        }
        Ok(Done::Ok(format!("after {epochs} epochs; then {went} lamports went and {came} came")))
    }

    /// All may move, and validators are judged by nothing that changes from epoch to epoch.
    fn set_sane_limits(&mut self) -> Result<(), Difference> {
        let settings = self.model.books.pool.settings;
        let bps = |amount: Amount| amount as u16;
        let shares = [
            bps(settings.reserve_target),
            bps(settings.move_window),
            bps(settings.max_validator),
            10_000,
            bps(settings.breaker),
        ];
        let lamports = [settings.min_deposit, settings.deposit_cap, settings.instant_cap, 0];
        let lamports = lamports.map(|amount| amount as u64);
        self.step(&Action::SetParameters { by: Who::Admin, shares, lamports })?;
        let rules = self.model.books.pool.rules;
        let shares = [bps(rules.max_group), 10_000, 10_000, 0, 0, 0];
        let numbers = [rules.stake_per_bond as u32, 0, 0];
        self.step(&Action::SetRules { by: Who::Admin, shares, numbers })?;
        self.step(&Action::Resume { by: Who::Admin, functions: 0b1_1111 })?;
        Ok(())
    }

    fn keepers_epoch(&mut self) -> Result<(), Difference> {
        self.step(&Action::Epoch { at_edge: false })?;
        self.update_all()?;
        let listed = self.listed();
        for validator in &listed {
            self.step(&Action::Review { validator: *validator })?;
        }
        self.step(&Action::Sync)?;
        self.step(&Action::ToMoveWindow)?;
        for validator in &listed {
            self.step(&Action::Undelegate { validator: *validator })?;
        }
        for validator in &listed {
            self.step(&Action::Delegate { validator: *validator })?;
        }
        Ok(())
    }

    fn listed(&self) -> Vec<u8> {
        let validators = &self.model.books.validators;
        (0..validators.len())
            .filter(|index| validators[*index].is_listed())
            .map(|index| index as u8)
            .collect()
    }

    /// Whether the cluster takes more than an epoch for stake that began to move in an earlier one.
    fn is_cluster_behind(&self) -> bool {
        let epoch = self.model.cluster.epoch;
        self.model.books.stakes.iter().flatten().any(|account| match account.now.phase {
            Phase::Activating => !account.now.is_new,
            Phase::Deactivating => account.now.cools_since != Some(epoch),
            Phase::Inactive | Phase::Active => false,
        })
    }

    /// Nobody has a minimum delegation more than he should; and who has so much less has it because nothing is left to give.
    fn require_targets(&self) -> Result<(), Difference> {
        let now = self.model.touched();
        let books = &now.books;
        let least = now.cluster.minimum_delegation;
        let spare = books.free_reserve() - now.buffer();
        for (index, validator) in books.validators.iter().enumerate() {
            let (has, should) = (validator.staked, now.target(index));
            let is_lost = books.stakes[index].iter().any(|account| account.seen == 0);
            let has_too_much = has - should >= least;
            let has_too_little = should - has >= least && spare >= 2 * least && !is_lost;
            if validator.is_listed() && (has_too_much || has_too_little) {
                let accounts = books.stakes[index];
                let text = format!(
                    "validator {index} has {has}, should have {should}; {spare} are spare; {validator:?} {accounts:?}"
                );
                return Err(Difference::new("a target is not reached", text));
            }
        }
        Ok(())
    }

    /// All that ever came to the pool: what it has, and what it has paid in fees to the insurance.
    fn earned(&self) -> Amount {
        let books = &self.model.books;
        let pool = &books.pool;
        books.value() + pool.stream.withheld + pool.queue.liabilities() + pool.insurance_due + pool.insurance
    }
}
