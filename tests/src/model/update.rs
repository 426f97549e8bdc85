//! Looking at stake accounts: what they gained and lost, and what is due with them.

use super::{
    check,
    numbers::Amount,
    validators::{Phase, Stake, StakeBook, Status, MAIN, ONRAMP},
    Model, Refusal,
};

/// Less than this stays where it is.
const LEAST_SWEEP: Amount = 1_000_000;

/// A validator and those of its accounts that an update is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    pub validator: usize,
    pub accounts: [bool; 3],
}

impl Look {
    fn roles(self) -> impl Iterator<Item = usize> {
        (0..3).filter(move |role| self.accounts[*role])
    }
}

/// What counts of an account: all that lies in it, as long as it is the pool's.
fn lies(account: &StakeBook) -> Amount {
    if account.now.is_open {
        account.now.lamports
    } else {
        0
    }
}

impl Model {
    /// Looks at accounts: what they have more is a gain, what they have less a loss, gains first. Stake that has warmed up
    /// joins the main account, what is free comes back to the reserve.
    pub fn update(&mut self, looks: &[Look]) -> Result<(), Refusal> {
        self.attempt(|m| {
            check(!m.cluster.pays_rewards, Refusal::EpochRewardsActive)?;
            m.touch();
            m.begin_epoch();
            for look in looks {
                m.require_listed(look.validator)?;
                m.require_accounts(look)?;
            }
            let (mut gain, mut loss, mut rewards) = (0, 0, 0);
            for look in looks {
                let found = m.found_at(look);
                gain += found.0;
                loss += found.1;
                rewards += m.rewards_at(look, found.0);
            }
            m.note_found(gain, loss);
            m.books.pool.gains.delegation += rewards;
            m.books.pool.gains.free += gain - rewards;
            looks.iter().for_each(|look| m.note_look(look));
            m.gain(gain, |books| {
                for (look, role) in looks.iter().flat_map(|look| look.roles().map(move |role| (look, role))) {
                    let account = &mut books.stakes[look.validator][role];
                    account.seen = account.seen.max(lies(account));
                }
            });
            m.lose(loss, |books| {
                for (look, role) in looks.iter().flat_map(|look| look.roles().map(move |role| (look, role))) {
                    let account = &mut books.stakes[look.validator][role];
                    account.seen = lies(account);
                }
            })?;
            for look in looks {
                m.merge(look);
                m.note_stake(look);
                look.roles().for_each(|role| m.sweep(look.validator, role));
            }
            m.fill();
            Ok(())
        })
    }

    fn require_accounts(&self, look: &Look) -> Result<(), Refusal> {
        let in_use = self.books.validators[look.validator].in_use;
        let may_lack = |role: usize| role != MAIN && !in_use[role];
        let is_complete = (0..3).all(|role| look.accounts[role] || may_lack(role));
        check(is_complete, Refusal::StakeAccountMismatch)
    }

    /// What there is more, and what there is less, account by account.
    fn found_at(&self, look: &Look) -> (Amount, Amount) {
        let accounts = self.books.stakes[look.validator];
        let differences = || look.roles().map(|role| lies(&accounts[role]) - accounts[role].seen);
        (differences().map(|more| more.max(0)).sum(), differences().map(|more| (-more).max(0)).sum())
    }

    /// What the cluster pays for stake is added to the stake, also while it cools down: the rest was found beside it.
    fn rewards_at(&self, look: &Look, gain: Amount) -> Amount {
        let validator = self.books.validators[look.validator];
        let cooling = [validator.main_cooling, 0, validator.cooling];
        let grown_while_cooling = |role: usize| match cooling[role] {
            0 => 0,
            cooling => (self.books.stakes[look.validator][role].now.delegated - cooling).max(0),
        };
        let grown = (self.staked_now(look) - validator.staked).max(0);
        let all = grown + look.roles().map(grown_while_cooling).sum::<Amount>();
        all.min(gain)
    }

    /// Stake of main account and onramp that stays.
    fn staked_now(&self, look: &Look) -> Amount {
        let staked = |role: usize| self.books.stakes[look.validator][role].now.staked();
        [MAIN, ONRAMP].into_iter().filter(|role| look.accounts[*role]).map(staked).sum()
    }

    /// An epoch with more gain or loss than the pool thinks possible stops those who come and leave at once, for two epochs.
    fn note_found(&mut self, gain: Amount, loss: Amount) {
        let pool = &self.books.pool;
        let shared = self.books.value() + pool.stream.withheld + pool.queue.liabilities();
        let pool = &mut self.books.pool;
        pool.epoch_gain += gain;
        pool.epoch_loss += loss;
        pool.loss += loss;
        let most = super::numbers::floor(shared, pool.settings.breaker, super::numbers::BPS);
        // Nobody may have looked for the gains of epochs; a loss is no more likely for that.
        let is_too_much = pool.epoch_gain > most * pool.to_find.max(1) || pool.epoch_loss > most;
        if pool.settings.breaker > 0 && gain + loss > 0 && is_too_much {
            pool.breaker = true;
            pool.breaker_end = self.cluster.epoch + 2;
        }
    }

    /// Notes what a validator's stake earned and lost, and that it was looked at. Whether that was the first time in the epoch.
    fn note_look(&mut self, look: &Look) {
        let epoch = self.cluster.epoch;
        let accounts = self.books.stakes[look.validator];
        let validator = &mut self.books.validators[look.validator];
        let main = accounts[MAIN];
        let gain = (lies(&main) - main.seen).max(0);
        let is_first = validator.look(gain, main.seen, self.cluster.minimum_delegation, epoch);
        for role in look.roles() {
            let account = accounts[role];
            if account.now.is_open {
                validator.lost += (account.seen - account.now.lamports).max(0);
            }
            let staked = if account.now.is_open { account.now.delegated } else { 0 };
            validator.limit_cooling(role, staked);
        }
        if is_first {
            self.books.pool.updated += 1;
            self.complete_epoch();
        }
    }

    pub(super) fn complete_epoch(&mut self) {
        if self.books.pool.updated >= self.books.listed() {
            self.books.pool.last_update_epoch = self.cluster.epoch;
        }
    }

    /// Active stake of the onramp joins the main account, if that has active stake or none, and if both together are enough;
    /// what is not cools down.
    fn merge(&mut self, look: &Look) {
        let [main, onramp, _] = &mut self.books.stakes[look.validator];
        let is_given = look.accounts[ONRAMP] && main.now.is_open && onramp.now.is_open;
        if !is_given || onramp.now.delegated == 0 || onramp.now.phase != Phase::Active {
            return;
        }
        let can_join = main.now.is_idle() || main.now.is_settled();
        let would_lack_rent = onramp.now.lamports - onramp.now.delegated < self.cluster.stake_rent;
        if !can_join || would_lack_rent {
            return;
        }
        if main.now.is_idle() {
            self.books.validators[look.validator].main_cooling = 0;
        }
        let moved = onramp.now.delegated;
        let joined = moved + if main.now.is_idle() { 0 } else { main.now.delegated };
        if joined < self.cluster.minimum_delegation {
            onramp.now.deactivate(self.cluster.epoch);
            return;
        }
        onramp.now.move_to(&mut main.now, moved);
        main.seen += moved;
        onramp.seen -= moved;
    }

    fn note_stake(&mut self, look: &Look) {
        let staked = self.staked_now(look);
        self.books.validators[look.validator].stake_becomes(staked, self.cluster.epoch);
    }

    /// What is free goes to the reserve; of a validator that has left, everything.
    fn sweep(&mut self, index: usize, role: usize) {
        let account = &mut self.books.stakes[index][role];
        if !account.now.is_open {
            return;
        }
        let validator = &mut self.books.validators[index];
        let is_idle = account.now.is_idle();
        let closes = is_idle && validator.has_left();
        let free = if closes { account.now.lamports } else { account.now.free(self.cluster.stake_rent) };
        if closes || free >= LEAST_SWEEP {
            account.now.lamports -= free;
            account.seen -= free;
            self.books.pool.reserve += free;
            self.books.vaults.reserve += free;
        }
        if closes {
            account.now = Stake::default();
        }
        if is_idle {
            validator.in_use[role] = validator.status == Status::Draining && !closes;
            validator.limit_cooling(role, 0);
        }
    }
}
