//! What a pool asks of its validators.

use {
    super::Pool,
    crate::errors::{ensure, Result, TidepoolError},
    anchor_lang::prelude::*,
    bytemuck::{Pod, Zeroable},
    tidepool_math::{score::Rules, Bps, BPS},
};

/// Rules for validators. A pool starts with the loosest.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct ValidatorRules {
    /// Largest share of what can be staked for the validators of one group.
    pub max_group_bps: u16,
    /// No new stake for a validator that has a larger share of the cluster's stake.
    pub max_cluster_bps: u16,
    /// The highest commission.
    pub max_commission_bps: u16,
    /// The least credits of a window of epochs, as a share of the stake-weighted mean of the pool's validators.
    pub min_credit_bps: u16,
    /// The longest time without a vote, as a share of an epoch; 0: it is not looked at.
    pub max_vote_lag_bps: u16,
    /// How much of a difference in yield becomes a difference in score; 0 leaves the manager's weights alone.
    pub score_gain: u16,
    /// SOL of stake that a SOL of bond allows; 0: no bond is needed.
    pub stake_per_bond: u32,
    /// Weight of a validator that anyone enters; 0: only the manager enters validators.
    pub join_weight: u32,
    pub padding: [u8; 4],
    /// What the bond of such a validator must back with.
    pub join_bond_lamports: u64,
}

impl Default for ValidatorRules {
    fn default() -> Self {
        Self {
            max_group_bps: Bps::ONE.0,
            max_cluster_bps: Bps::ONE.0,
            max_commission_bps: Bps::ONE.0,
            min_credit_bps: 0,
            max_vote_lag_bps: 0,
            score_gain: 0,
            stake_per_bond: 0,
            join_weight: 0,
            padding: [0; 4],
            join_bond_lamports: 0,
        }
    }
}

impl ValidatorRules {
    pub fn require_valid(&self) -> Result<()> {
        let shares = [self.max_group_bps, self.max_cluster_bps, self.max_commission_bps, self.min_credit_bps];
        let are_shares = shares.iter().all(|share| u64::from(*share) <= BPS);
        ensure(are_shares && self.padding == [0; 4], TidepoolError::InvalidParameter)
    }

    /// As the formulas want them, in epochs of so many slots.
    pub fn as_math(&self, slots_per_epoch: u64) -> Rules {
        let lag = Bps(self.max_vote_lag_bps);
        Rules {
            max_commission: Bps(self.max_commission_bps),
            min_credits: Bps(self.min_credit_bps),
            max_vote_lag: (lag != Bps::ZERO).then(|| lag.of_floor(slots_per_epoch)),
            score_gain: self.score_gain,
        }
    }
}

impl Pool {
    /// Weight of all validators of a group; 0 for none.
    pub fn group_weight(&self, group: u16) -> u64 {
        match group {
            0 => 0,
            group => self.group_weights.get(usize::from(group)).copied().unwrap_or_default(),
        }
    }
}
