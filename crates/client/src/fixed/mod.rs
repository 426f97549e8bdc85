//! Builds the instructions of fixed-APY pools and reads their accounts.

mod did;
mod find;
mod keys;
mod merkle_tree;
mod operator;
pub mod outlook;
mod user;
mod views;
mod whitelist;

pub use {
    did::DidKeys,
    find::{find_positions, find_user_pools, find_whitelist_entries, AccountFilter},
    fixed_pools::{
        errors::FixedPoolsError,
        events,
        state::{
            Access, Did, DidCollection, Function, Pool, PoolTerms, Position, Suspension, UserPool,
            WhitelistEntry, WhitelistState,
        },
        Admitted, Answer, DidParameters, Metrics, PendingReward, PoolParameters, RenewalRequest, StakeQuote,
        StakeRequest,
    },
    keys::{FixedPoolKeys, PositionKeys},
    merkle_tree::MerkleTree,
    outlook::Outlook,
    user::Proof,
};

use {
    crate::accounts::{read_borsh, read_zero_copy, ReadError},
    anchor_lang::{InstructionData, ToAccountMetas},
    solana_instruction::Instruction,
};

pub fn read_pool(data: &[u8]) -> Result<Pool, ReadError> {
    read_zero_copy(data)
}

pub fn read_user_pool(data: &[u8]) -> Result<UserPool, ReadError> {
    read_zero_copy(data)
}

pub fn read_position(data: &[u8]) -> Result<Position, ReadError> {
    read_zero_copy(data)
}

pub fn read_whitelist_entry(data: &[u8]) -> Result<WhitelistEntry, ReadError> {
    read_borsh(data)
}

pub fn read_did_collection(data: &[u8]) -> Result<DidCollection, ReadError> {
    read_borsh(data)
}

pub fn read_did(data: &[u8]) -> Result<Did, ReadError> {
    read_borsh(data)
}

impl FixedPoolKeys {
    fn tokens(&self) -> fixed_pools::accounts::PoolTokens {
        fixed_pools::accounts::PoolTokens {
            pool: self.pool,
            principal_vault: self.principal_vault,
            reward_vault: self.reward_vault,
            mint: self.mint,
            token_program: self.token_program,
        }
    }
}

fn build(accounts: impl ToAccountMetas, data: impl InstructionData) -> Instruction {
    Instruction { program_id: fixed_pools::ID, accounts: accounts.to_account_metas(None), data: data.data() }
}
