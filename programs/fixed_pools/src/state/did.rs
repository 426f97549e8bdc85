use anchor_lang::prelude::*;

/// Bytes of the texts of a token's metadata, at most.
pub const MAX_NAME: usize = 32;
pub const MAX_SYMBOL: usize = 10;
pub const MAX_URI: usize = 200;

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
    #[max_len(MAX_NAME)]
    pub name: String,
    #[max_len(MAX_SYMBOL)]
    pub symbol: String,
    #[max_len(MAX_URI)]
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
