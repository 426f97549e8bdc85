use {
    crate::errors::{MathResultExt, Result},
    anchor_lang::prelude::*,
    tidepool_math::Tokens,
};

/// What one user has in a pool. Never closed: it numbers his positions.
#[account(zero_copy)]
#[repr(C)]
#[derive(Debug, PartialEq, Eq)]
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
    /// 1 if nobody else may claim for him or stake for him.
    pub is_owner_only: u8,
    /// 1 if he was told that he may have a whale's token.
    pub did_reminded: u8,
    /// 1 if he has had it.
    pub did_minted: u8,
    pub bump: u8,
    pub padding: [u8; 4],
}

impl UserPool {
    /// Bytes of the account.
    pub const SPACE: usize = Self::DISCRIMINATOR.len() + size_of::<Self>();

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
            is_owner_only: 0,
            did_reminded: 0,
            did_minted: 0,
            bump,
            padding: [0; 4],
        }
    }

    /// Whether somebody may claim or stake for him.
    pub fn lets(&self, somebody: &Pubkey) -> bool {
        *somebody == self.owner || self.is_owner_only == 0
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
