use anchor_lang::prelude::*;

/// Where a validator stands in a pool's pages: so that it stands there once. It stays when the validator is removed.
#[account]
#[derive(InitSpace)]
pub struct ValidatorEntry {
    pub pool: Pubkey,
    pub vote: Pubkey,
    pub page: u32,
    pub slot_in_page: u8,
    /// Whether it stands there now.
    pub is_listed: bool,
}

impl ValidatorEntry {
    /// Bytes of the account.
    pub const SPACE: usize = Self::DISCRIMINATOR.len() + Self::INIT_SPACE;
}
