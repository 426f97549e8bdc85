//! What the cluster does.

use {
    super::{Difference, Done, Stage},
    tidepool_interface::pda::StakeRole,
    tidepool_localnet::{features, Chain},
    tidepool_tests::model::{self, Amount, Cluster, StakeAccount},
};

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

    pub(super) fn cut_rent(&mut self) -> Result<Done, Difference> {
        let cuts = [
            features::set_lamports_per_byte_to_5080::id(),
            features::set_lamports_per_byte_to_2575::id(),
            features::set_lamports_per_byte_to_696::id(),
        ];
        let Some(cut) = cuts.get(self.rent_cuts) else { return Ok(Done::Idle) };
        self.rent_cuts += 1;
        self.chain.activate_feature(cut);
        Ok(Done::Ok(String::new()))
    }

    pub(super) fn slash(&mut self, validator: usize, ppm: u64) -> Result<Done, Difference> {
        let main = self.validators[validator % self.validators.len()].stake(StakeRole::Main);
        let stake = self.chain.delegation(&main).map_or(0, |delegation| delegation.stake);
        let loss = (u128::from(stake) * u128::from(ppm) / 1_000_000) as u64;
        if loss == 0 || self.chain.slash(&main, loss).is_none() {
            return Ok(Done::Idle);
        }
        self.look_at_cluster();
        Ok(Done::Ok(format!("{loss} lamports")))
    }

    /// Tells the model what the cluster has done.
    pub(super) fn look_at_cluster(&mut self) {
        self.model.cluster = cluster(&self.chain);
        for (validator, keys) in self.validators.iter().enumerate() {
            for (role, key) in keys.stakes.iter().enumerate() {
                self.model.lies(StakeAccount { validator, role }, self.chain.lamports(key).into());
            }
        }
        for (known, own) in self.stakes.iter().zip(&mut self.model.books.own_stakes) {
            own.lamports = self.chain.lamports(&known.key).into();
            own.stake = self.chain.delegation(&known.key).map_or(0, |delegation| delegation.stake.into());
        }
    }
}

pub(super) fn cluster(chain: &Chain) -> Cluster {
    const TICKET_SIZE: usize = 8 + 3 * 32 + 8 + 16 + 5 * 8 + 1;
    const STAKE_SIZE: usize = 200;
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
    }
}
