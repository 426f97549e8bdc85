//! Seeds of the fixed-APY program's accounts, once.

use {super::ID, solana_pubkey::Pubkey};

/// What stands before the keys in the seeds of each account.
pub mod prefix {
    pub const POOL: &[u8] = b"pool";
    pub const PRINCIPAL: &[u8] = b"principal";
    pub const REWARD: &[u8] = b"reward";
    pub const USER: &[u8] = b"user";
    pub const POSITION: &[u8] = b"position";
    pub const WHITELIST: &[u8] = b"wl";
    pub const DID_COLLECTION: &[u8] = b"did_collection";
    pub const DID: &[u8] = b"did";
    pub const DID_MINT: &[u8] = b"did_mint";
}

/// A pool; its creator chooses the number.
pub fn pool(creator: &Pubkey, pool_id: u64) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[prefix::POOL, creator.as_ref(), &pool_id.to_le_bytes()], &ID)
}

/// Holds what users have staked; the pool owns it.
pub fn principal_vault(pool: &Pubkey) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[prefix::PRINCIPAL, pool.as_ref()], &ID)
}

/// Holds what rewards are paid from; the pool owns it.
pub fn reward_vault(pool: &Pubkey) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[prefix::REWARD, pool.as_ref()], &ID)
}

/// What one user has in a pool.
pub fn user(pool: &Pubkey, owner: &Pubkey) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[prefix::USER, pool.as_ref(), owner.as_ref()], &ID)
}

/// The position number `index` of a user in a pool.
pub fn position(pool: &Pubkey, owner: &Pubkey, index: u64) -> (Pubkey, u8) {
    Pubkey::find_program_address(
        &[prefix::POSITION, pool.as_ref(), owner.as_ref(), &index.to_le_bytes()],
        &ID,
    )
}

/// Where a user stands in the whitelist of a pool.
pub fn whitelist_entry(pool: &Pubkey, user: &Pubkey) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[prefix::WHITELIST, pool.as_ref(), user.as_ref()], &ID)
}

/// The whales of all pools that one creator made for one mint.
pub fn did_collection(creator: &Pubkey, mint: &Pubkey) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[prefix::DID_COLLECTION, creator.as_ref(), mint.as_ref()], &ID)
}

/// A whale's entry in a collection.
pub fn did(collection: &Pubkey, owner: &Pubkey) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[prefix::DID, collection.as_ref(), owner.as_ref()], &ID)
}

/// The mint of a whale's token.
pub fn did_mint(collection: &Pubkey, owner: &Pubkey) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[prefix::DID_MINT, collection.as_ref(), owner.as_ref()], &ID)
}
