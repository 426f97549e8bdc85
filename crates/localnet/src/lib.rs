//! A Solana chain in one process: the real runtime (`solana_runtime::bank::Bank`), the real stake, vote and token
//! programs, short epochs, several validators, real activation, rewards and inflation. No ledger, no RPC, no threads of
//! our own, and everything follows from one seed: two chains with the same [`ChainConfig`] and the same actions agree
//! to the lamport, the second and the bank hash.
//!
//! ```no_run
//! use tidepool_localnet::{Chain, ChainConfig, ValidatorConfig};
//! use tidepool_localnet::stake_interface::instruction as stake;
//!
//! let config = ChainConfig::default().with_seed(7).with_validators(vec![ValidatorConfig::default(); 3]);
//! let mut chain = Chain::start(config)?;
//! let ana = chain.wallet("ana", 10_000_000_000)?;
//! let outcome = chain.send(&[stake::get_minimum_delegation()], &[&ana])?;
//! println!("{} CU, {:?}", outcome.compute_units, outcome.return_data);
//! chain.cross_epoch(); // all validators vote; first slot of the next epoch, EpochRewards active
//! chain.pay_rewards(); // now every stake account has its reward
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod chain;
mod config;
mod economics;
pub mod fixed_world;
mod genesis;
mod keys;
mod lookup_table;
mod outcome;
mod programs;
mod simulation;
mod stake_account;
mod token;
mod transactions;
mod validators;
mod vote_account;
pub mod world;

pub use {
    chain::Chain,
    config::{
        default_disabled_features, ChainConfig, ConfigError, Program, ValidatorConfig, LAMPORTS_PER_SOL,
    },
    fixed_world::FixedWorld,
    keys::derive_keypair,
    outcome::{Call, Failure, Outcome},
    stake_account::{genesis_stake_account, StakeActivation},
    token::{
        associated_token_address, associated_token_address_of, extensions, AccountExtension, Extension,
        MintExtension, ASSOCIATED_TOKEN_PROGRAM, METADATA, MINT_LEN, TOKEN_2022_PROGRAM, TOKEN_ACCOUNT_LEN,
        TOKEN_PROGRAM,
    },
    transactions::MAX_TRANSACTION_BYTES,
    validators::{Validator, FULL_EPOCH_CREDITS},
    vote_account::{vote_account, VoteAccount, VoteVersion},
    world::{StartError, World, WorldConfig},
};

/// The versions this crate speaks, for those who build instructions, read accounts and name features.
pub use {
    agave_feature_set as features, solana_message::AddressLookupTableAccount,
    solana_stake_interface as stake_interface, solana_vote_interface::state::BlockTimestamp,
};
