//! What the cluster pays. A bank pays, at the first slot of an epoch, `rate × capitalisation × years per epoch` lamports
//! (rounded down) for the epoch before: `Bank::calculate_epoch_inflation_rewards`. Each stake account gets a share by
//! its points, effective stake × credits of its validator, of which the validator keeps its commission; what a delinquent
//! validator does not earn goes to the others.

use {crate::chain::Chain, solana_pubkey::Pubkey};

impl Chain {
    /// All lamports there are.
    pub fn capitalization(&self) -> u64 {
        self.bank().capitalization()
    }

    /// New lamports per year as a share of all.
    pub fn annual_inflation(&self) -> f64 {
        self.bank().inflation().validator(self.bank().slot_in_year_for_inflation())
    }

    pub fn epoch_duration_in_years(&self) -> f64 {
        self.bank().epoch_duration_in_years(self.epoch())
    }

    /// Lamports that will be paid for this epoch if the capitalisation stays (each fee burns a little of it).
    pub fn epoch_inflation(&self) -> u64 {
        (self.annual_inflation() * self.capitalization() as f64 * self.epoch_duration_in_years()) as u64
    }

    /// Effective stake of the whole cluster now, in lamports.
    pub fn cluster_stake(&self) -> u64 {
        self.bank().vote_accounts().values().map(|(stake, _)| stake).sum()
    }

    /// Effective stake of a validator now, in lamports.
    pub fn validator_stake(&self, vote: &Pubkey) -> u64 {
        self.bank().vote_accounts().get(vote).map_or(0, |(stake, _)| *stake)
    }

    /// What `sol_get_epoch_stake` tells a program of a validator: its stake at the start of the epoch **before**.
    pub fn epoch_stake(&self, vote: &Pubkey) -> u64 {
        self.bank().epoch_vote_account_stake(vote)
    }

    /// What `sol_get_epoch_stake` tells a program of the cluster: all stake at the start of the epoch **before**.
    pub fn epoch_total_stake(&self) -> u64 {
        self.bank().get_current_epoch_total_stake()
    }

    /// The commission that is taken of this epoch's rewards, in basis points: what stood in the vote account at the start of
    /// the epoch **before**, so that a raise is seen before it costs anything. `None` for a validator that was not there then.
    pub fn reward_commission_bps(&self, vote: &Pubkey) -> Option<u16> {
        let (_, account) = self.bank().epoch_vote_accounts(self.epoch())?.get(vote)?;
        Some(account.vote_state_view().inflation_rewards_commission())
    }

    /// What a stake earns in this epoch as a share of itself, before commission, if its validator and all others vote alike.
    pub fn epoch_yield(&self) -> f64 {
        self.epoch_inflation() as f64 / self.cluster_stake() as f64
    }

    /// [`Chain::epoch_yield`] compounded over a year.
    pub fn annual_yield(&self) -> f64 {
        (1.0 + self.epoch_yield()).powf(1.0 / self.epoch_duration_in_years()) - 1.0
    }
}
