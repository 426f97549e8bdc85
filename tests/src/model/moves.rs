//! Stake that goes out to validators and comes back.

use super::{
    admin::Function,
    check,
    numbers::{ceil, floor, Amount, BPS},
    validators::{Phase, OFFRAMP, ONRAMP},
    Cluster, Mistake, Model, Refusal,
};

impl Model {
    /// Stakes what the reserve can spare with a validator below its target: what that lacks, the minimum delegation at least. Who
    /// lacks less than that gets it if it is no less than its part, by weight, of what can be spared.
    /// Gives what moved.
    pub fn delegate(&mut self, index: usize) -> Result<Amount, Refusal> {
        self.attempt(|m| {
            check(!m.cluster.pays_rewards, Refusal::EpochRewardsActive)?;
            check(m.is_move_window(), Refusal::OutsideMoveWindow)?;
            m.touch();
            m.fill();
            m.require_listed(index)?;
            if m.books.validators[index].has_left() {
                return Ok(0);
            }
            check(m.votes[index].is_open, Refusal::NotAVoteAccount)?;
            check(m.books.stakes[index][ONRAMP].now.is_open, Refusal::ForeignStakeAccount)?;
            let stake = m.to_delegate(index);
            if stake == 0 {
                return Ok(0);
            }
            // What is known to lie there beyond the rent need not come.
            let beyond = m.beyond_rent(index);
            let moved = (stake - beyond).max(0);
            m.books.pool.reserve -= moved;
            m.books.vaults.reserve -= moved;
            let onramp = &mut m.books.stakes[index][ONRAMP];
            onramp.seen += moved;
            onramp.now.lamports += moved;
            onramp.now.delegate(m.cluster.stake_rent);
            let grown = stake.max(beyond);
            let validator = &mut m.books.validators[index];
            validator.in_use[ONRAMP] = true;
            validator.stake_becomes(validator.staked + grown, m.cluster.epoch);
            validator.moved_in = m.cluster.epoch;
            Ok(moved)
        })
    }

    /// All of an empty onramp is delegated but the rent: what the pool knows to lie there beyond it; below 0, what it lacks.
    fn beyond_rent(&self, index: usize) -> Amount {
        let onramp = &self.books.stakes[index][ONRAMP];
        match onramp.now.staked() {
            0 => onramp.now.lamports.min(onramp.seen) - self.cluster.stake_rent,
            _ => 0,
        }
    }

    fn to_delegate(&self, index: usize) -> Amount {
        let Self { books, cluster, .. } = self;
        let onramp = books.stakes[index][ONRAMP].now;
        let is_lost = books.stakes[index].iter().any(|account| account.seen == 0);
        let share = books.pool.rules.max_cluster;
        let is_large = share < BPS && self.votes[index].cluster_stake > floor(cluster.all_stake, share, BPS);
        let is_ready = onramp.delegated == 0 || onramp.phase == Phase::Inactive || onramp.is_new;
        let is_open = self.require_open(Function::Delegation).is_ok();
        if !is_open || !books.pool.queue.is_filled() || is_lost || is_large || !is_ready {
            return 0;
        }
        let lacking = self.target(index) - books.validators[index].staked;
        let least = cluster.minimum_delegation;
        let spare = (books.free_reserve() - self.buffer()).max(0);
        // Rent that it lacks goes along.
        let spare = (spare + self.beyond_rent(index).min(0)).max(0);
        let part = match books.total_weight() {
            0 => 0,
            sum => floor(spare, books.validators[index].effective_weight(), sum),
        };
        let stake = spare.min(lacking.max(least));
        if lacking > 0 && lacking >= part.min(least) && stake >= least {
            stake
        } else {
            0
        }
    }

    /// Sends stake to cool down: for tickets that wait, and what a validator has above its target as far as the budget of the
    /// epoch goes. From a validator that must be left also before the window, but then not for tickets. Gives what moved.
    pub fn undelegate(&mut self, index: usize) -> Result<Amount, Refusal> {
        self.attempt(|m| {
            check(!m.cluster.pays_rewards, Refusal::EpochRewardsActive)?;
            m.touch();
            m.fill();
            m.begin_epoch();
            m.require_listed(index)?;
            if m.books.validators[index].has_left() {
                return Ok(0);
            }
            let is_window = m.is_move_window();
            check(is_window || m.books.validators[index].must_leave(), Refusal::OutsideMoveWindow)?;
            let [main, _, offramp] = m.books.stakes[index];
            // Without an offramp it is all or nothing, so it is only for those that must be left.
            let can_go = offramp.now.is_open || m.books.validators[index].must_leave();
            check(main.now.is_open && can_go, Refusal::ForeignStakeAccount)?;
            let serves_tickets = is_window || !m.votes[index].is_open;
            let shortfall = if serves_tickets { (m.waiting() - m.books.cooling()).max(0) } else { 0 };
            let moved = m.to_undelegate(index, shortfall);
            if moved == 0 {
                return Ok(0);
            }
            m.books.pool.moved += moved - moved.min(shortfall);
            m.cool_down(index, moved);
            let epoch = m.cluster.epoch;
            let validator = &mut m.books.validators[index];
            validator.stake_becomes((validator.staked - moved).max(0), epoch);
            validator.moved_in = epoch;
            Ok(moved)
        })
    }

    fn to_undelegate(&self, index: usize, shortfall: Amount) -> Amount {
        let validator = self.books.validators[index];
        let [main, _, offramp] = self.books.stakes[index];
        let is_idle = offramp.now.delegated == 0 || offramp.now.phase == Phase::Inactive;
        let is_ready = !offramp.now.is_open || is_idle || self.can_resume(index);
        let is_active = main.now.delegated > 0 && main.now.phase == Phase::Active;
        if validator.updated_in != self.cluster.epoch || !is_active || !is_ready {
            return 0;
        }
        let (active, target) = (main.now.delegated, self.target(index));
        let surplus = (validator.staked - target).max(0);
        // Less than the minimum cannot be split: then it is all there is.
        let least = self.cluster.minimum_delegation.min(active);
        let mut wanted = 0;
        if shortfall > 0 && validator.staked >= target {
            wanted = shortfall.min(surplus).max(least);
        }
        let balance = surplus.min(self.budget());
        if balance >= least {
            wanted = wanted.max(balance);
        }
        let wanted = wanted.min(active);
        let stays = active - wanted;
        // Nothing is left that is too little to be taken later.
        let leaves_too_little = stays < self.cluster.minimum_delegation;
        if wanted > 0 && !offramp.now.is_open {
            return active;
        }
        if wanted > 0 && leaves_too_little && self.mistake != Some(Mistake::LeavesARemainder) {
            return active;
        }
        wanted
    }

    /// What may still move in this epoch but for tickets.
    fn budget(&self) -> Amount {
        match self.require_open(Function::Delegation) {
            Ok(()) => {
                let share = self.books.pool.settings.max_move;
                // Else a small pool could move nothing.
                let least = if share == 0 { 0 } else { self.cluster.minimum_delegation };
                let most = floor(self.books.value(), share, BPS).max(least);
                (most - self.books.pool.moved).max(0)
            }
            Err(_) => 0,
        }
    }

    /// An offramp that was sent to cool down in this epoch can be taken back and go again with more.
    fn can_resume(&self, index: usize) -> bool {
        let offramp = self.books.stakes[index][OFFRAMP].now;
        let has_rent = offramp.lamports >= offramp.delegated + self.cluster.stake_rent;
        if !offramp.is_open {
            return false;
        }
        let is_of_today = offramp.cools_since == Some(self.cluster.epoch) && !offramp.is_new;
        self.votes[index].is_open && is_of_today && offramp.delegated > 0 && has_rent
    }

    /// In the offramp; what cannot be moved cools where it is.
    fn cool_down(&mut self, index: usize, moved: Amount) {
        let resumes = self.can_resume(index);
        let epoch = self.cluster.epoch;
        let [main, _, offramp] = &mut self.books.stakes[index];
        let validator = &mut self.books.validators[index];
        // The stake program moves none out of an account that would be left with less than today's rent.
        let would_lack_rent = main.now.lamports - moved < self.cluster.stake_rent;
        if moved < self.cluster.minimum_delegation || !offramp.now.is_open || would_lack_rent {
            main.now.deactivate(epoch);
            validator.main_cooling = moved;
            return;
        }
        if resumes {
            (offramp.now.phase, offramp.now.cools_since) = (Phase::Active, None);
        }
        main.now.move_to(&mut offramp.now, moved);
        offramp.now.deactivate(epoch);
        main.seen -= moved;
        offramp.seen += moved;
        validator.cooling += moved;
        validator.in_use[OFFRAMP] = true;
    }

    /// Whether it is the last part of an epoch.
    pub(super) fn is_move_window(&self) -> bool {
        let Cluster { slot, first_slot, slots_per_epoch, .. } = self.cluster;
        let open = ceil(slots_per_epoch, self.books.pool.settings.move_window, BPS);
        slot - first_slot + open >= slots_per_epoch
    }
}
