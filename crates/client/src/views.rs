//! What a pool says of itself, by return data: send these in a simulation.

use {
    crate::{cluster::SYSTEM_PROGRAM, instructions::build, keys::PoolKeys},
    anchor_lang::AnchorDeserialize,
    solana_instruction::Instruction,
    solana_pubkey::Pubkey,
    tidepool::{accounts, instruction},
};

pub use tidepool::{ApyView, DepositPreview, LiquidUnstakePreview, OrderPreview, RateView, SafetyView};

impl PoolKeys {
    /// Returns a [`RateView`].
    pub fn get_rate(&self) -> Instruction {
        build(accounts::View { pool: self.pool }, instruction::GetRate {})
    }

    /// Returns a [`DepositPreview`].
    pub fn preview_deposit(&self, lamports: u64) -> Instruction {
        build(self.with_liquidity(), instruction::PreviewDeposit { lamports })
    }

    /// Returns a [`LiquidUnstakePreview`].
    pub fn preview_liquid_unstake(&self, lst_amount: u64) -> Instruction {
        build(self.with_liquidity(), instruction::PreviewLiquidUnstake { lst_amount })
    }

    /// Returns an [`OrderPreview`].
    pub fn preview_order_unstake(&self, lst_amount: u64) -> Instruction {
        build(accounts::View { pool: self.pool }, instruction::PreviewOrderUnstake { lst_amount })
    }

    /// Returns an [`ApyView`].
    pub fn get_apy(&self, days: u16) -> Instruction {
        let accounts = accounts::HistoryView { pool: self.pool, history: self.history };
        build(accounts, instruction::GetApy { days })
    }

    /// Returns a [`SafetyView`].
    pub fn get_safety(&self) -> Instruction {
        build(accounts::View { pool: self.pool }, instruction::GetSafety {})
    }

    /// Lets the history grow by one step; anyone may pay for it.
    pub fn extend_history(&self, payer: &Pubkey) -> Instruction {
        let accounts = accounts::ExtendHistory {
            pool: self.pool,
            history: self.history,
            payer: *payer,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::ExtendHistory {})
    }

    fn with_liquidity(&self) -> accounts::LiquidityView {
        accounts::LiquidityView { pool: self.pool, liquidity: self.liquidity }
    }
}

/// Reads what a view returned.
///
/// # Errors
/// If the bytes are of another view.
pub fn read_view<T: AnchorDeserialize>(mut return_data: &[u8]) -> std::io::Result<T> {
    T::deserialize(&mut return_data)
}
