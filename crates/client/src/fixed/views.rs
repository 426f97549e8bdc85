//! What a pool says of itself, by return data: send these in a simulation and read them with
//! [`read_view`](crate::read_view).

use {
    super::{build, FixedPoolKeys, PositionKeys},
    fixed_pools::{accounts, instruction},
    solana_instruction::Instruction,
};

impl FixedPoolKeys {
    /// Returns a [`PendingReward`](super::PendingReward).
    pub fn pending_reward(&self, position: &PositionKeys) -> Instruction {
        build(accounts::PositionView { position: position.position }, instruction::PendingReward {})
    }

    /// Returns a [`StakeQuote`](super::StakeQuote).
    pub fn quote_stake(&self, amount: u64) -> Instruction {
        build(self.view(), instruction::QuoteStake { amount })
    }

    /// Returns [`Metrics`](super::Metrics).
    pub fn get_metrics(&self) -> Instruction {
        build(self.view(), instruction::GetMetrics {})
    }

    fn view(&self) -> accounts::PoolView {
        accounts::PoolView { pool: self.pool, reward_vault: self.reward_vault }
    }
}
