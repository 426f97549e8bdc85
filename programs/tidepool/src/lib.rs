//! Tidepool: liquid staking. SOL in, an LST out whose rate against SOL grows with staking rewards; out again at once
//! through a liquid pool, or at par by a ticket. Anyone may make a pool, anyone may turn its cranks, and nobody has to
//! be trusted to do so.

use anchor_lang::prelude::*;

pub mod errors;
pub mod events;
pub mod instructions;
pub mod stake;
pub mod state;
pub mod transfer;

// Anchor looks for what belongs to an accounts struct in the crate's root; the handlers come along.
#[allow(ambiguous_glob_reexports)]
pub use instructions::{
    admin::initialize_pool::{self, *},
    crank::{
        delegate::{self, *},
        sync_pool::{self, *},
        undelegate::{self, *},
        update_validators::{self, *},
    },
    liquidity::{
        add_liquidity::{self, *},
        remove_liquidity::{self, *},
    },
    manager::add_validator::{self, *},
    user::{
        claim_ticket::{self, *},
        deposit::{self, *},
        liquid_unstake::{self, *},
        order_unstake::{self, *},
    },
};

declare_id!("TidePoo1LiquidStaking1111111111111111111111");

#[program]
pub mod tidepool {
    use super::*;

    pub fn initialize_pool(ctx: Context<InitializePool>, parameters: PoolParameters) -> Result<()> {
        instructions::admin::initialize_pool::handler(ctx, parameters)
    }

    pub fn deposit(ctx: Context<Deposit>, lamports: u64, min_lst_out: u64) -> Result<()> {
        instructions::user::deposit::handler(ctx, lamports, min_lst_out)
    }

    pub fn order_unstake(
        ctx: Context<OrderUnstake>,
        lst_amount: u64,
        min_lamports: u64,
        nonce: u64,
        ticket_bump: u8,
    ) -> Result<()> {
        instructions::user::order_unstake::handler(ctx, lst_amount, min_lamports, nonce, ticket_bump)
    }

    pub fn claim_ticket(ctx: Context<ClaimTicket>) -> Result<()> {
        instructions::user::claim_ticket::handler(ctx)
    }

    pub fn liquid_unstake(ctx: Context<LiquidUnstake>, lst_amount: u64, min_lamports_out: u64) -> Result<()> {
        instructions::user::liquid_unstake::handler(ctx, lst_amount, min_lamports_out)
    }

    pub fn add_liquidity(ctx: Context<AddLiquidity>, lamports: u64, min_lp_out: u64) -> Result<()> {
        instructions::liquidity::add_liquidity::handler(ctx, lamports, min_lp_out)
    }

    pub fn remove_liquidity(
        ctx: Context<RemoveLiquidity>,
        lp_amount: u64,
        min_lamports_out: u64,
        min_lst_out: u64,
    ) -> Result<()> {
        instructions::liquidity::remove_liquidity::handler(ctx, lp_amount, min_lamports_out, min_lst_out)
    }

    pub fn add_validator<'info>(
        ctx: Context<'info, AddValidator<'info>>,
        page_index: u32,
        slot_in_page: u8,
        weight: u32,
    ) -> Result<()> {
        instructions::manager::add_validator::handler(ctx, page_index, slot_in_page, weight)
    }

    pub fn update_validators<'info>(
        ctx: Context<'info, UpdateValidators<'info>>,
        slots: Vec<u32>,
    ) -> Result<()> {
        instructions::crank::update_validators::handler(ctx, slots)
    }

    pub fn delegate(ctx: Context<Delegate>, slot_in_page: u8) -> Result<()> {
        instructions::crank::delegate::handler(ctx, slot_in_page)
    }

    pub fn undelegate(ctx: Context<Undelegate>, slot_in_page: u8) -> Result<()> {
        instructions::crank::undelegate::handler(ctx, slot_in_page)
    }

    pub fn sync_pool(ctx: Context<SyncPool>) -> Result<()> {
        instructions::crank::sync_pool::handler(ctx)
    }
}
