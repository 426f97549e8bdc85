//! The validators of the cluster and their votes.

use {
    crate::{
        chain::Chain,
        config::{ValidatorConfig, LAMPORTS_PER_SOL},
        keys::derive_keypair,
        vote_account::{self, VoteAccount},
    },
    solana_account::Account,
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    solana_vote_interface::state::BlockTimestamp,
};

/// What a mainnet validator earns per epoch if it misses no vote: 16 for each of 432,000 slots. Only ratios matter.
pub const FULL_EPOCH_CREDITS: u64 = 16 * 432_000;

const FULL_UPTIME_BPS: u16 = 10_000;

/// A validator and its keys.
#[derive(Debug)]
pub struct Validator {
    /// Its vote account.
    pub vote: Pubkey,
    /// The account that holds its stake from genesis, if it has any; the identity is its authority.
    pub stake: Pubkey,
    /// The node; also the authorized voter.
    pub identity: Keypair,
    /// Withdraw authority of the vote account.
    pub withdrawer: Keypair,
    /// Share of the votes cast by [`Chain::vote_all`]; 0 is delinquent.
    pub uptime_bps: u16,
}

impl Validator {
    pub(crate) fn derive(seed: u64, index: usize, config: &ValidatorConfig) -> Self {
        let key = |role: &str| derive_keypair(seed, &format!("validator/{index}/{role}"));
        Self {
            vote: key("vote").pubkey(),
            stake: key("stake").pubkey(),
            identity: key("identity"),
            withdrawer: key("withdrawer"),
            uptime_bps: config.uptime_bps,
        }
    }

    pub(crate) fn vote_account(&self, config: &ValidatorConfig, now: BlockTimestamp) -> Account {
        vote_account::vote_account(&VoteAccount {
            version: config.vote_version,
            address: self.vote,
            identity: self.identity.pubkey(),
            withdrawer: self.withdrawer.pubkey(),
            commission_bps: config.commission_bps,
            lamports: LAMPORTS_PER_SOL,
            timestamp: now,
        })
    }

    pub(crate) fn identity_account(&self) -> Account {
        Account::new(LAMPORTS_PER_SOL, 0, &solana_sdk_ids::system_program::id())
    }
}

impl Chain {
    pub fn validators(&self) -> &[Validator] {
        &self.validators
    }

    /// # Panics
    /// If there are not so many validators.
    pub fn validator(&self, index: usize) -> &Validator {
        &self.validators[index]
    }

    /// The vote accounts of all validators, in order.
    pub fn votes(&self) -> Vec<Pubkey> {
        self.validators.iter().map(|validator| validator.vote).collect()
    }

    /// A validator that joins now; it has no stake, whatever the config says. Returns its index.
    pub fn add_validator(&mut self, config: &ValidatorConfig) -> usize {
        let index = self.validators.len();
        let validator = Validator::derive(self.seed(), index, config);
        self.set_account(&validator.vote, &validator.vote_account(config, self.timestamp()));
        self.set_account(&validator.identity.pubkey(), &validator.identity_account());
        self.validators.push(validator);
        index
    }

    /// Share of the possible votes that [`Chain::vote_all`] casts for a validator, in basis points; 0 makes it delinquent.
    pub fn set_uptime(&mut self, index: usize, uptime_bps: u16) {
        self.validators[index].uptime_bps = uptime_bps.min(FULL_UPTIME_BPS);
    }

    /// Changes the commission of a validator at once. The runtime pays by what stood there an epoch or two ago.
    pub fn set_commission(&self, index: usize, commission_bps: u16) {
        self.edit_vote(index, |state| vote_account::set_commission(state, commission_bps));
    }

    /// What a validator's votes in this epoch leave behind: `credits` more, and the time. With 0 it has voted in vain: it
    /// is seen, but earns nothing. Does nothing if its vote account is gone.
    pub fn vote(&self, index: usize, credits: u64) {
        let epoch = self.epoch();
        let stamp = self.timestamp();
        self.edit_vote(index, |state| {
            vote_account::set_timestamp(state, &stamp);
            vote_account::add_credits(state, epoch, credits);
        });
    }

    /// Fills the vote account of a validator but for its credits: a whole tower up to this slot, a root, and a voter for each
    /// epoch that can have one.
    pub fn fill_vote_account(&self, index: usize) {
        let (slot, epoch) = (self.slot(), self.epoch());
        self.edit_vote(index, |state| vote_account::fill(state, slot, epoch));
    }

    /// Every validator votes through an epoch, according to its uptime; those with 0 do not vote at all.
    pub fn vote_all(&self) {
        for (index, validator) in self.validators.iter().enumerate() {
            if validator.uptime_bps > 0 {
                let credits = u128::from(FULL_EPOCH_CREDITS) * u128::from(validator.uptime_bps)
                    / u128::from(FULL_UPTIME_BPS);
                self.vote(index, credits as u64);
            }
        }
    }

    /// The cluster's clock is a stake-weighted median of what votes say, and stands still without votes. So one validator
    /// with stake says the time in every slot; that earns it nothing.
    pub(crate) fn tell_time(&self) {
        let stamp = self.timestamp();
        let has_stake = |vote: &Pubkey| self.bank().epoch_vote_account_stake(vote) > 0;
        for (index, validator) in self.validators.iter().enumerate() {
            let told = has_stake(&validator.vote)
                && self.edit_vote(index, |state| vote_account::set_timestamp(state, &stamp)).is_some();
            if told {
                return;
            }
        }
    }

    /// The time of this slot by the config, without drift.
    fn timestamp(&self) -> BlockTimestamp {
        let bank = self.bank();
        let slot = bank.slot();
        let elapsed = u128::from(slot) * bank.ns_per_slot_at_slot(slot) / 1_000_000_000;
        BlockTimestamp { slot, timestamp: bank.genesis_creation_time() + elapsed as i64 }
    }

    fn edit_vote(
        &self,
        index: usize,
        change: impl FnOnce(&mut solana_vote_interface::state::VoteStateVersions),
    ) -> Option<()> {
        let vote = self.validators[index].vote;
        let mut account = self.account(&vote)?;
        vote_account::edit(&mut account, change)?;
        self.set_account(&vote, &account);
        Some(())
    }
}
