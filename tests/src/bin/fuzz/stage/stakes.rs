//! What people do with stake accounts of their own.

use {
    super::{
        agree,
        amounts::{amount, at_least},
        unexpected, Difference, Done, KnownStake, Stage,
    },
    crate::action::{Least, Size},
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_localnet::world::User,
    tidepool_tests::model::{Amount, Model, OwnStake},
};

/// More stake accounts than this nobody has.
const MOST_STAKES: usize = 12;

impl Stage {
    pub(super) fn empty_stake_of(&self, user: usize) -> Option<usize> {
        let rent = self.model.cluster.stake_rent;
        let is_empty = |own: &OwnStake| own.owner == user && own.stake == 0 && own.lamports >= rent;
        self.model.books.own_stakes.iter().position(is_empty)
    }

    pub(super) fn note_stake(&mut self, owner: usize, key: Pubkey, lamports: Amount, stake: Amount) {
        self.stakes.push(KnownStake { id: self.next_id, owner, key });
        self.model.books.own_stakes.push(OwnStake { id: self.next_id, owner, lamports, stake });
        self.next_id += 1;
    }

    pub(super) fn prepare_stake(&mut self, user: usize) -> Result<Done, Difference> {
        let key = self.chain.create_blank_stake().map_err(|failure| unexpected("a blank stake", &failure))?;
        let rent = self.model.cluster.stake_rent;
        self.note_stake(user, key, rent, 0);
        Ok(Done::Ok(String::new()))
    }

    pub(super) fn make_stake(
        &mut self,
        user: usize,
        validator: usize,
        lamports: u64,
    ) -> Result<Done, Difference> {
        if self.stakes.len() >= MOST_STAKES || self.model.cluster.pays_rewards {
            return Ok(Done::Idle);
        }
        let lamports = lamports.max(self.model.cluster.minimum_delegation as u64);
        let vote = self.validators[validator % self.validators.len()].vote;
        let wallet = self.people[user].wallet.insecure_clone();
        let key = self.chain.create_stake(&wallet, &vote, lamports);
        let key = key.map_err(|failure| unexpected("a new stake", &failure))?;
        let rent = self.model.cluster.stake_rent;
        self.note_stake(user, key, rent + Amount::from(lamports), lamports.into());
        Ok(Done::Ok(format!("{lamports} lamports")))
    }

    pub(super) fn deposit_stake(
        &mut self,
        index: usize,
        validator: Option<usize>,
        least: Least,
    ) -> Result<Done, Difference> {
        let with_stake: Vec<usize> =
            (0..self.stakes.len()).filter(|own| self.model.books.own_stakes[*own].stake > 0).collect();
        let Some(place) = index.checked_rem(with_stake.len()) else { return Ok(Done::Idle) };
        let own = with_stake[place];
        let known = self.stakes[own];
        let voter = self.chain.delegation(&known.key).map(|delegation| delegation.voter_pubkey);
        let home = self.validators.iter().position(|validator| Some(validator.vote) == voter);
        let index = validator.or(home).unwrap_or(0) % self.validators.len();
        let is_active_there = home == Some(index) && self.is_active(&known.key);
        let step = |m: &mut Model, min| m.deposit_stake(own, is_active_there, index, min);
        let min = at_least(least, self.model.preview(|m| step(m, 0)));
        let predicted = step(&mut self.model, min.into());
        let User { wallet, lst, .. } = self.people[known.owner].clone();
        let deposit =
            self.keys.deposit_stake(&wallet.pubkey(), &known.key, &self.validators[index], &lst, min);
        let real = self.send(&deposit, &[&wallet]);
        if real.is_ok() {
            self.stakes.remove(own);
        }
        agree(predicted.map(|lst| format!("{lst} LST")), real)
    }

    pub(super) fn withdraw_stake(
        &mut self,
        user: usize,
        index: usize,
        size: Size,
        least: Least,
    ) -> Result<Done, Difference> {
        let Some(own) = self.empty_stake_of(user) else { return Ok(Done::Idle) };
        if self.stakes.len() >= MOST_STAKES {
            return Ok(Done::Idle);
        }
        let index = index % self.validators.len();
        let lst = amount(size, self.model.books.people[user].lst);
        let step = |m: &mut Model, min| m.withdraw_stake(own, lst.into(), index, min);
        let min = at_least(least, self.model.preview(|m| step(m, 0)));
        let predicted = step(&mut self.model, min.into());
        let User { wallet, lst: from, .. } = self.people[user].clone();
        let key = self.stakes[own].key;
        let validator = &self.validators[index];
        let withdraw = self.keys.withdraw_stake(&wallet.pubkey(), &key, validator, &from, lst, min);
        let real = self.send(&withdraw, &[&wallet]);
        agree(predicted.map(|out| format!("{lst} LST for {out} lamports of stake")), real)
    }

    /// Whether all of a stake is active and nobody has asked it to cool down.
    pub(super) fn is_active(&self, key: &Pubkey) -> bool {
        let stays = |stake: u64, end: u64| stake > 0 && end == u64::MAX;
        let Some(delegation) = self.chain.delegation(key) else { return false };
        let now = self.chain.stake_activation(key);
        stays(delegation.stake, delegation.deactivation_epoch) && now.effective == delegation.stake
    }
}
