//! What the cluster and its validators do.

use {
    super::{facts::votes, Difference, Done, Stage},
    solana_stake_interface::{instruction::deactivate_delinquent_stake, stake_history::StakeHistory},
    tidepool_client::History,
    tidepool_interface::pda::StakeRole,
    tidepool_localnet::{features, Chain},
    tidepool_tests::model::{self, Amount, Cluster},
};

/// Bytes of accounts whose rent the model has to know.
const TICKET_SIZE: usize = 8 + 3 * 32 + 8 + 16 + 5 * 8 + 1;
const STAKE_SIZE: usize = 200;
const BOND_SIZE: usize = tidepool_client::Bond::SPACE;

impl Stage {
    pub(super) fn slots(&mut self, slots: u64) -> Result<Done, Difference> {
        let last = self.chain.first_slot(self.chain.epoch() + 1) - 1;
        self.go_to((self.chain.slot() + slots).min(last))
    }

    pub(super) fn wait_for_move_window(&mut self) -> Result<Done, Difference> {
        let Cluster { first_slot, slots_per_epoch, .. } = self.model.cluster;
        let window =
            model::numbers::ceil(slots_per_epoch, self.model.books.pool.settings.move_window, 10_000);
        self.go_to((first_slot + slots_per_epoch - window) as u64)
    }

    pub(super) fn go_to(&mut self, slot: u64) -> Result<Done, Difference> {
        if slot <= self.chain.slot() {
            return Ok(Done::Idle);
        }
        self.chain.jump_to(slot);
        self.look_at_cluster();
        Ok(Done::Ok(format!("slot {slot}")))
    }

    pub(super) fn epoch(&mut self, at_edge: bool) -> Result<Done, Difference> {
        self.chain.cross_epoch();
        if !at_edge {
            self.chain.pay_rewards();
        }
        self.look_at_cluster();
        Ok(Done::Ok(format!("epoch {}", self.chain.epoch())))
    }

    /// Down to 73 % and to 10 %, all the way up again, and down.
    pub(super) fn change_rent(&mut self) -> Result<Done, Difference> {
        let steps = [
            features::set_lamports_per_byte_to_5080::id(),
            features::set_lamports_per_byte_to_696::id(),
            features::set_lamports_per_byte_to_6960::id(),
            features::set_lamports_per_byte_to_2575::id(),
        ];
        let Some(step) = steps.get(self.rent_steps) else { return Ok(Done::Idle) };
        self.rent_steps += 1;
        self.chain.activate_feature(step);
        Ok(Done::Ok(String::new()))
    }

    pub(super) fn slash(&mut self, validator: usize, role: usize, ppm: u64) -> Result<Done, Difference> {
        let account = self.validators[validator % self.validators.len()].stakes[role];
        let stake = self.chain.delegation(&account).map_or(0, |delegation| delegation.stake);
        let loss = (u128::from(stake) * u128::from(ppm) / 1_000_000) as u64;
        if loss == 0 || self.chain.slash(&account, loss).is_none() {
            return Ok(Done::Idle);
        }
        self.look_at_cluster();
        Ok(Done::Ok(format!("{loss} lamports")))
    }

    pub(super) fn set_uptime(&mut self, validator: usize, bps: u16) -> Result<Done, Difference> {
        let validator = validator % self.validators.len();
        self.chain.set_uptime(validator, bps);
        Ok(Done::Ok(format!("{bps} bps of the votes")))
    }

    pub(super) fn set_commission(&mut self, validator: usize, bps: u16) -> Result<Done, Difference> {
        let validator = validator % self.validators.len();
        self.chain.set_commission(validator, bps);
        self.look_at_cluster();
        Ok(Done::Ok(format!("{bps} bps")))
    }

    /// A stranger sends the stake of a validator that has been silent for five epochs to cool down, if the cluster lets him:
    /// of the one named or, if that votes, of another. The witness has to have voted in this epoch too.
    pub(super) fn deactivate_delinquent(
        &mut self,
        validator: usize,
        role: StakeRole,
        witness: usize,
    ) -> Result<Done, Difference> {
        let count = self.validators.len();
        let mut in_turn = (validator..validator + count).map(|index| index % count);
        let Some(silent) = in_turn.find(|index| self.chain.validator(*index).uptime_bps == 0) else {
            return Ok(Done::Idle);
        };
        let (silent, witness) = (self.validators[silent], witness % count);
        self.chain.vote(witness, 0);
        let witness = self.validators[witness].vote;
        let deactivate = deactivate_delinquent_stake(&silent.stake(role), &silent.vote, &witness);
        let is_refused = self.send(&deactivate, &[]).is_err();
        self.look_at_cluster();
        if is_refused {
            return Ok(Done::Idle);
        }
        Ok(Done::Ok(String::new()))
    }

    /// Tells the model what the cluster has done.
    pub(super) fn look_at_cluster(&mut self) {
        self.stake_history = stake_history(&self.chain);
        self.model.cluster = cluster(&self.chain, &self.keys.history);
        self.model.votes = votes(&self.chain, &self.validators);
        for validator in 0..self.validators.len() {
            for role in StakeRole::ALL {
                let now = self.stake(validator, role);
                self.model.tell(validator, role as usize, now);
            }
        }
        for (known, own) in self.stakes.iter().zip(&mut self.model.books.own_stakes) {
            own.lamports = self.chain.lamports(&known.key).into();
            own.stake = self.chain.delegation(&known.key).map_or(0, |delegation| delegation.stake.into());
        }
    }
}

pub(super) fn stake_history(chain: &Chain) -> StakeHistory {
    let account = chain.account(&solana_sdk_ids::sysvar::stake_history::id());
    account.and_then(|account| bincode::deserialize(&account.data).ok()).unwrap_or_default()
}

fn history_room(chain: &Chain, history: &solana_pubkey::Pubkey) -> Amount {
    let whole = History::SPACE;
    let entry = size_of::<tidepool_client::HistoryEntry>();
    let head = whole - History::CAPACITY * entry;
    let bytes = chain.account(history).map_or(0, |account| account.data.len());
    (bytes.saturating_sub(head) / entry) as Amount
}

pub(super) fn cluster(chain: &Chain, history: &solana_pubkey::Pubkey) -> Cluster {
    const MINIMUM_DELEGATION: Amount = 1_000_000_000;
    let rent = chain.rent();
    Cluster {
        slot: chain.slot().into(),
        epoch: chain.epoch().into(),
        time: chain.clock().unix_timestamp.into(),
        first_slot: chain.first_slot(chain.epoch()).into(),
        slots_per_epoch: chain.slots_per_epoch().into(),
        pays_rewards: chain.rewards_active(),
        minimum_delegation: MINIMUM_DELEGATION,
        wallet_rent: rent.minimum_balance(0).into(),
        ticket_rent: rent.minimum_balance(TICKET_SIZE).into(),
        stake_rent: rent.minimum_balance(STAKE_SIZE).into(),
        bond_rent: rent.minimum_balance(BOND_SIZE).into(),
        all_stake: chain.bank().get_current_epoch_total_stake().into(),
        history_room: history_room(chain, history),
    }
}
