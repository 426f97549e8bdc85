//! Stake accounts and vote accounts as they really are, in the words of the model.

use {
    super::Stage,
    solana_pubkey::Pubkey,
    solana_stake_interface::state::Delegation,
    solana_vote_interface::state::VoteStateVersions,
    tidepool_client::ValidatorKeys,
    tidepool_interface::pda::StakeRole,
    tidepool_localnet::Chain,
    tidepool_tests::model::{Amount, Phase, Stake, Vote},
};

/// Epochs of credits that can matter to a review.
const EPOCHS: usize = 20;

impl Stage {
    /// A stake account of the pool.
    pub fn stake(&self, validator: usize, role: StakeRole) -> Stake {
        let key = self.validators[validator].stake(role);
        let Some(account) = self.chain.account(&key) else { return Stake::default() };
        let (lamports, data) = (account.lamports.into(), account.data);
        let number = |at: usize| data[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let is_stake = account.owner == solana_sdk_ids::stake::id() && matches!(data[0], 1 | 2);
        if !is_stake || data[12..44] != self.keys.authority.to_bytes() {
            return Stake { lamports, ..Stake::default() };
        }
        let open = Stake { is_open: true, lamports, old_rent: number(4).into(), ..Stake::default() };
        let delegation = Delegation {
            stake: number(156),
            activation_epoch: number(164),
            deactivation_epoch: number(172),
            ..Delegation::default()
        };
        if data[0] == 1 || delegation.stake == 0 {
            return open;
        }
        let cools = delegation.deactivation_epoch;
        Stake {
            delegated: delegation.stake.into(),
            phase: self.phase(&delegation),
            is_new: delegation.activation_epoch == self.chain.epoch(),
            cools_since: (cools != u64::MAX).then_some(cools.into()),
            ..open
        }
    }

    /// As the stake program itself computes it.
    #[allow(deprecated)] // it computes with floats
    fn phase(&self, delegation: &Delegation) -> Phase {
        let now =
            delegation.stake_activating_and_deactivating(self.chain.epoch(), &self.stake_history, Some(0));
        match (now.effective, now.activating, now.deactivating) {
            (0, 0, 0) => Phase::Inactive,
            (_, 0, 0) => Phase::Active,
            (_, _, 0) => Phase::Activating,
            _ => Phase::Deactivating,
        }
    }
}

pub(super) fn votes(chain: &Chain, validators: &[ValidatorKeys]) -> Vec<Vote> {
    validators.iter().map(|validator| vote(chain, &validator.vote)).collect()
}

fn vote(chain: &Chain, key: &Pubkey) -> Vote {
    // As programs are told it: the stakes that the epoch began with.
    let accounts = chain.bank().get_current_epoch_vote_accounts();
    let cluster_stake = accounts.get(key).map_or(0, |(stake, _)| *stake).into();
    let account = chain.account(key).unwrap_or_default();
    let state = bincode::deserialize(&account.data).ok();
    let percent = |commission: u8| Amount::from(commission) * 100;
    let (commission, stamp, credits) = match state {
        Some(VoteStateVersions::V4(state)) => {
            (state.inflation_rewards_commission_bps.into(), state.last_timestamp.slot, state.epoch_credits)
        }
        Some(VoteStateVersions::V3(state)) => {
            (percent(state.commission), state.last_timestamp.slot, state.epoch_credits)
        }
        Some(VoteStateVersions::V1_14_11(state)) => {
            (percent(state.commission), state.last_timestamp.slot, state.epoch_credits)
        }
        _ => return Vote { cluster_stake, ..Vote::default() },
    };
    let late = credits.iter().skip(credits.len().saturating_sub(EPOCHS));
    Vote {
        is_open: account.owner == solana_sdk_ids::vote::id(),
        commission: commission.min(10_000),
        last_vote_slot: stamp.into(),
        credits: late.map(|(epoch, end, start)| ((*epoch).into(), (end - start).into())).collect(),
        cluster_stake,
    }
}
