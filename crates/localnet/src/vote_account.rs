//! Vote accounts in the three layouts a cluster can hold.

use {
    crate::chain::encode,
    solana_account::Account,
    solana_pubkey::Pubkey,
    solana_vote_interface::{
        authorized_voters::AuthorizedVoters,
        state::{
            BlockTimestamp, LandedVote, Lockout, VoteState1_14_11, VoteStateV3, VoteStateV4,
            VoteStateVersions,
        },
    },
};

/// Credits are kept for so many epochs.
const MAX_EPOCH_CREDITS: usize = 64;

/// Size of a V1_14_11 vote account.
const V1_14_11_LEN: usize = 3731;

/// Layout of a vote account (enum tag 1, 2, 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(non_camel_case_types)]
pub enum VoteVersion {
    V1_14_11,
    V3,
    V4,
}

/// What a vote account is built from.
#[derive(Clone, Debug)]
pub struct VoteAccount {
    pub version: VoteVersion,
    /// The account's own address: it collects its commission.
    pub address: Pubkey,
    /// The node; also the authorized voter.
    pub identity: Pubkey,
    pub withdrawer: Pubkey,
    pub commission_bps: u16,
    pub lamports: u64,
    /// Last slot and time it voted for; a false one would turn the cluster's clock.
    pub timestamp: BlockTimestamp,
}

/// A vote account that has not voted yet.
pub fn vote_account(config: &VoteAccount) -> Account {
    let (state, len) = match config.version {
        VoteVersion::V4 => (VoteStateVersions::V4(Box::new(state_v4(config))), VoteStateV4::size_of()),
        VoteVersion::V3 => (VoteStateVersions::V3(Box::new(state_v3(config))), VoteStateV3::size_of()),
        VoteVersion::V1_14_11 => {
            (VoteStateVersions::V1_14_11(Box::new(state_v1_14_11(config))), V1_14_11_LEN)
        }
    };
    Account {
        lamports: config.lamports,
        data: encode(&state, len),
        owner: solana_sdk_ids::vote::id(),
        executable: false,
        rent_epoch: u64::MAX,
    }
}

fn state_v4(config: &VoteAccount) -> VoteStateV4 {
    VoteStateV4 {
        node_pubkey: config.identity,
        authorized_withdrawer: config.withdrawer,
        inflation_rewards_collector: config.address,
        block_revenue_collector: config.identity,
        inflation_rewards_commission_bps: config.commission_bps,
        block_revenue_commission_bps: 10_000,
        authorized_voters: AuthorizedVoters::new(0, config.identity),
        last_timestamp: config.timestamp.clone(),
        ..VoteStateV4::default()
    }
}

fn state_v3(config: &VoteAccount) -> VoteStateV3 {
    VoteStateV3 {
        node_pubkey: config.identity,
        authorized_withdrawer: config.withdrawer,
        commission: percent(config.commission_bps),
        authorized_voters: AuthorizedVoters::new(0, config.identity),
        last_timestamp: config.timestamp.clone(),
        ..VoteStateV3::default()
    }
}

fn state_v1_14_11(config: &VoteAccount) -> VoteState1_14_11 {
    VoteState1_14_11 {
        node_pubkey: config.identity,
        authorized_withdrawer: config.withdrawer,
        commission: percent(config.commission_bps),
        authorized_voters: AuthorizedVoters::new(0, config.identity),
        last_timestamp: config.timestamp.clone(),
        ..VoteState1_14_11::default()
    }
}

fn percent(bps: u16) -> u8 {
    u8::try_from(bps / 100).unwrap_or(u8::MAX)
}

/// Changes the state of a vote account. `None` if it is not an initialised vote account.
pub(crate) fn edit(account: &mut Account, change: impl FnOnce(&mut VoteStateVersions)) -> Option<()> {
    let mut state: VoteStateVersions = bincode::deserialize(&account.data).ok()?;
    if account.owner != solana_sdk_ids::vote::id() || matches!(state, VoteStateVersions::Uninitialized) {
        return None;
    }
    change(&mut state);
    account.data = encode(&state, account.data.len());
    Some(())
}

pub(crate) fn set_timestamp(state: &mut VoteStateVersions, stamp: &BlockTimestamp) {
    match state {
        VoteStateVersions::V4(state) => state.last_timestamp = stamp.clone(),
        VoteStateVersions::V3(state) => state.last_timestamp = stamp.clone(),
        VoteStateVersions::V1_14_11(state) => state.last_timestamp = stamp.clone(),
        VoteStateVersions::Uninitialized => {}
    }
}

pub(crate) fn set_commission(state: &mut VoteStateVersions, bps: u16) {
    match state {
        VoteStateVersions::V4(state) => state.inflation_rewards_commission_bps = bps,
        VoteStateVersions::V3(state) => state.commission = percent(bps),
        VoteStateVersions::V1_14_11(state) => state.commission = percent(bps),
        VoteStateVersions::Uninitialized => {}
    }
}

/// Adds `credits` to those of `epoch`, as a row of votes would.
pub(crate) fn add_credits(state: &mut VoteStateVersions, epoch: u64, credits: u64) {
    let history = match state {
        VoteStateVersions::V4(state) => &mut state.epoch_credits,
        VoteStateVersions::V3(state) => &mut state.epoch_credits,
        VoteStateVersions::V1_14_11(state) => &mut state.epoch_credits,
        VoteStateVersions::Uninitialized => return,
    };
    match history.last_mut() {
        Some((last, total, _)) if *last == epoch => *total += credits,
        Some(&mut (_, total, _)) => history.push((epoch, total + credits, total)),
        None => history.push((epoch, credits, 0)),
    }
    if history.len() > MAX_EPOCH_CREDITS {
        history.remove(0);
    }
}

/// Votes of a tower.
const MAX_TOWER: u64 = 31;
/// A voter for the epoch before, this one, and the two ahead.
const MAX_VOTERS: u64 = 4;

/// Fills all that a vote account can hold but its credits: a whole tower below `slot` with its root, and a voter of its own
/// for each epoch around `epoch`.
pub(crate) fn fill(state: &mut VoteStateVersions, slot: u64, epoch: u64) {
    let first = slot.saturating_sub(MAX_TOWER);
    let lockouts = (0..MAX_TOWER)
        .map(|vote| Lockout::new_with_confirmation_count(first + vote, (MAX_TOWER - vote) as u32));
    let landed = lockouts.clone().map(LandedVote::from);
    let mut voters = AuthorizedVoters::default();
    for ahead in 0..MAX_VOTERS {
        voters.insert((epoch + ahead).saturating_sub(1), Pubkey::new_from_array([ahead as u8 + 1; 32]));
    }
    let root = Some(first.saturating_sub(1));
    match state {
        VoteStateVersions::V4(state) => {
            state.votes = landed.collect();
            state.bls_pubkey_compressed = Some([7; 48]);
            (state.root_slot, state.authorized_voters) = (root, voters);
        }
        VoteStateVersions::V3(state) => {
            state.votes = landed.collect();
            (state.root_slot, state.authorized_voters) = (root, voters);
        }
        VoteStateVersions::V1_14_11(state) => {
            state.votes = lockouts.collect();
            (state.root_slot, state.authorized_voters) = (root, voters);
        }
        VoteStateVersions::Uninitialized => {}
    }
}
