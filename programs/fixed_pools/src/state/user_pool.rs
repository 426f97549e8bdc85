use {
    crate::errors::{MathResultExt, Result},
    anchor_lang::prelude::*,
    tidepool_math::Tokens,
};

/// What one user has in a pool. Never closed: it numbers his positions.
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct UserPool {
    pub pool: Pubkey,
    pub owner: Pubkey,
    /// The collection of the pool, so that what a user has in several pools can be added up.
    pub did_collection: Pubkey,
    /// Positions opened so far.
    pub next_index: u64,
    pub active_positions: u64,
    /// Σ of the amounts of open positions.
    pub active_stake: u64,
    /// All that was ever staked, compounded amounts included.
    pub staked: u64,
    /// All reward that was ever paid.
    pub rewarded: u64,
    /// Nobody else may claim for him or stake for him.
    pub is_owner_only: bool,
    /// He was told that he may have a whale's token.
    pub did_reminded: bool,
    pub did_minted: bool,
    pub bump: u8,
}

impl UserPool {
    /// Bytes of the account.
    pub const SPACE: usize = Self::DISCRIMINATOR.len() + Self::INIT_SPACE;

    pub fn new(pool: Pubkey, owner: Pubkey, did_collection: Pubkey, bump: u8) -> Self {
        Self {
            pool,
            owner,
            did_collection,
            next_index: 0,
            active_positions: 0,
            active_stake: 0,
            staked: 0,
            rewarded: 0,
            is_owner_only: false,
            did_reminded: false,
            did_minted: false,
            bump,
        }
    }

    /// Books a new position, and gives its index.
    pub fn book_opened(&mut self, amount: Tokens) -> Result<u64> {
        let index = self.next_index;
        self.next_index = index.saturating_add(1);
        self.active_positions = self.active_positions.saturating_add(1);
        self.active_stake = Tokens(self.active_stake).plus(amount).named()?.0;
        self.staked = self.staked.saturating_add(amount.0);
        Ok(index)
    }

    pub fn book_paid(&mut self, reward: Tokens) {
        self.rewarded = self.rewarded.saturating_add(reward.0);
    }

    pub fn book_closed(&mut self, amount: Tokens) -> Result<()> {
        self.active_positions = self.active_positions.saturating_sub(1);
        self.active_stake = Tokens(self.active_stake).minus(amount).named()?.0;
        Ok(())
    }
}
