use anchor_lang::prelude::*;

/// The whales of all pools that one creator made for one mint: who has staked so much there may have a token that says so.
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct DidCollection {
    pub creator: Pubkey,
    /// Mint of the pools.
    pub mint: Pubkey,
    /// Active stake in all of the creator's pools of this mint from which on a user is a whale.
    pub threshold: u64,
    /// Tokens minted so far.
    pub minted: u64,
    #[max_len(32)]
    pub name: String,
    #[max_len(10)]
    pub symbol: String,
    #[max_len(200)]
    pub uri: String,
    pub bump: u8,
}

impl DidCollection {
    /// Bytes of the account.
    pub const SPACE: usize = Self::DISCRIMINATOR.len() + Self::INIT_SPACE;
}

/// That a user has had his token of a collection.
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct Did {
    pub collection: Pubkey,
    pub owner: Pubkey,
    /// Mint of the token.
    pub mint: Pubkey,
    pub minted_at: i64,
    /// Active stake the user showed then.
    pub active_stake: u64,
    pub bump: u8,
}

impl Did {
    /// Bytes of the account.
    pub const SPACE: usize = Self::DISCRIMINATOR.len() + Self::INIT_SPACE;
}
