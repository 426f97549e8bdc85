//! What a user has staked in all pools of one creator and mint, as far as he shows them.

use {
    crate::{
        errors::{ensure, FixedPoolsError, Result},
        state::UserPool,
    },
    anchor_lang::prelude::*,
};

pub struct ActiveStake {
    pub active_stake: u64,
    pub is_reminded: bool,
}

/// Adds up `first` and the same user's other pools of its collection, each counted once: they must be passed in the order of
/// the pools' addresses.
pub fn active_stake_with<'info>(
    first: &UserPool,
    others: &'info [AccountInfo<'info>],
) -> Result<ActiveStake> {
    let mut sum = ActiveStake { active_stake: first.active_stake, is_reminded: first.did_reminded != 0 };
    let mut last = Pubkey::default();
    for other in others {
        let other = AccountLoader::<UserPool>::try_from(other)?;
        let other = other.load()?;
        let is_same_user = other.owner == first.owner && other.did_collection == first.did_collection;
        let is_new = other.pool > last && other.pool != first.pool;
        ensure(is_same_user && is_new, FixedPoolsError::WrongUser)?;
        last = other.pool;
        sum.active_stake = sum.active_stake.saturating_add(other.active_stake);
        sum.is_reminded |= other.did_reminded != 0;
    }
    Ok(sum)
}
