//! What nearly every test names.

pub use {
    crate::{told, Expect, OtherPool, OtherProgram, Tamper, Told},
    anchor_lang::error::ErrorCode as AnchorError,
    solana_account::Account,
    solana_instruction::{AccountMeta, Instruction},
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_client::{
        cluster,
        events::{self, PoolState},
        Batch, PoolKeys, PoolParameters, TidepoolError, ValidatorKeys,
    },
    tidepool_interface::{
        limits::{self, MIN_INITIAL_DEPOSIT},
        pda::{self, StakeRole},
    },
    tidepool_localnet::{
        world::{OpenTicket, User},
        Failure, Outcome, ValidatorConfig, World, WorldConfig, LAMPORTS_PER_SOL as SOL,
    },
    tidepool_math::{
        self as math, quote_deposit, quote_liquid_unstake, quote_order, Bps, Lamports, LiquidFee, Rate,
        Shares, TicketIndex,
    },
};
