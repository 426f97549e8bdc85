//! Tidepool: liquid staking. SOL in, an LST out whose rate against SOL grows with staking rewards; out again at once
//! through a liquid pool, or at par by a ticket. Anyone may make a pool, anyone may turn its cranks, and nobody has to
//! be trusted to do so.

use anchor_lang::prelude::*;

pub mod errors;
pub mod events;
pub mod instructions;
pub mod mint_policy;
pub mod stake;
pub mod state;
pub mod transfer;
pub mod vote;

// Anchor looks for what belongs to an accounts struct in the crate's root; the handlers come along.
#[allow(ambiguous_glob_reexports)]
pub use instructions::{
    admin::{
        accept_role::{self, *},
        cancel_role_proposal::{self, *},
        initialize_pool::{self, *},
        pause::{self, *},
        propose_role::{self, *},
        resume::{self, *},
        set_fees::{self, *},
        set_parameters::{self, *},
        set_validator_rules::{self, *},
        PoolSettings,
    },
    bond::{
        open_bond::{self, *},
        own_bond::{self, *},
        post_bond::{self, *},
        request_bond_withdrawal, set_bond_terms,
        settle_bond::{self, *},
        withdraw_bond,
    },
    crank::{
        delegate::{self, *},
        extend_history::{self, *},
        release_ticket::{self, *},
        remove_validator::{self, *},
        review_validator::{self, *},
        sync_pool::{self, *},
        undelegate::{self, *},
        update_validators::{self, *},
    },
    insurance::{
        cancel_insurance_withdrawal::{self, *},
        fund_insurance::{self, *},
        propose_insurance_withdrawal::{self, *},
        withdraw_insurance::{self, *},
    },
    liquidity::{
        add_liquidity::{self, *},
        collect_recycled::{self, *},
        recycle_liquidity::{self, *},
        remove_liquidity::{self, *},
    },
    manager::{
        add_validator::{self, *},
        drain_validator::{self, *},
        enter::Place,
        join_pool::{self, *},
        set_weights::{self, *},
    },
    user::{
        cancel_ticket::{self, *},
        claim_ticket::{self, *},
        deposit::{self, *},
        deposit_stake::{self, *},
        liquid_unstake::{self, *},
        order_unstake::{self, *},
        transfer_ticket::{self, *},
        withdraw_stake::{self, *},
    },
    views::{self, *},
};
use state::{BondTerms, PoolFees, Role, ValidatorRules};

declare_id!("TidePoo1LiquidStaking1111111111111111111111");

#[program]
pub mod tidepool {
    use super::*;

    pub fn deposit(ctx: Context<Deposit>, lamports: u64, min_lst_out: u64) -> Result<()> {
        instructions::user::deposit::handler(ctx, lamports, min_lst_out)
    }

    pub fn liquid_unstake(ctx: Context<LiquidUnstake>, lst_amount: u64, min_lamports_out: u64) -> Result<()> {
        instructions::user::liquid_unstake::handler(ctx, lst_amount, min_lamports_out)
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

    pub fn cancel_ticket(ctx: Context<CancelTicket>, min_lst_out: u64) -> Result<()> {
        instructions::user::cancel_ticket::handler(ctx, min_lst_out)
    }

    pub fn transfer_ticket(ctx: Context<TransferTicket>) -> Result<()> {
        instructions::user::transfer_ticket::handler(ctx)
    }

    pub fn deposit_stake(ctx: Context<DepositStake>, slot_in_page: u8, min_lst_out: u64) -> Result<()> {
        instructions::user::deposit_stake::handler(ctx, slot_in_page, min_lst_out)
    }

    pub fn withdraw_stake(
        ctx: Context<WithdrawStake>,
        slot_in_page: u8,
        lst_amount: u64,
        min_lamports_out: u64,
    ) -> Result<()> {
        instructions::user::withdraw_stake::handler(ctx, slot_in_page, lst_amount, min_lamports_out)
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

    pub fn recycle_liquidity(ctx: Context<RecycleLiquidity>, nonce: u64, ticket_bump: u8) -> Result<()> {
        instructions::liquidity::recycle_liquidity::handler(ctx, nonce, ticket_bump)
    }

    pub fn collect_recycled(ctx: Context<CollectRecycled>) -> Result<()> {
        instructions::liquidity::collect_recycled::handler(ctx)
    }

    pub fn get_rate(ctx: Context<View>) -> Result<RateView> {
        views::get_rate(ctx)
    }

    pub fn preview_deposit(ctx: Context<LiquidityView>, lamports: u64) -> Result<DepositPreview> {
        views::preview_deposit(ctx, lamports)
    }

    pub fn preview_liquid_unstake(
        ctx: Context<LiquidityView>,
        lst_amount: u64,
    ) -> Result<LiquidUnstakePreview> {
        views::preview_liquid_unstake(ctx, lst_amount)
    }

    pub fn preview_order_unstake(ctx: Context<View>, lst_amount: u64) -> Result<OrderPreview> {
        views::preview_order_unstake(ctx, lst_amount)
    }

    pub fn get_apy(ctx: Context<HistoryView>, days: u16) -> Result<ApyView> {
        views::get_apy(ctx, days)
    }

    pub fn get_safety(ctx: Context<View>) -> Result<SafetyView> {
        views::get_safety(ctx)
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

    pub fn release_ticket(ctx: Context<ReleaseTicket>) -> Result<()> {
        instructions::crank::release_ticket::handler(ctx)
    }

    pub fn extend_history(ctx: Context<ExtendHistory>) -> Result<()> {
        instructions::crank::extend_history::handler(ctx)
    }

    pub fn initialize_pool(ctx: Context<InitializePool>, parameters: PoolParameters) -> Result<()> {
        instructions::admin::initialize_pool::handler(ctx, parameters)
    }

    pub fn add_validator<'info>(
        ctx: Context<'info, AddValidator<'info>>,
        place: Place,
        weight: u32,
        group: u16,
    ) -> Result<()> {
        instructions::manager::add_validator::handler(ctx, place, weight, group)
    }

    pub fn join_pool<'info>(ctx: Context<'info, JoinPool<'info>>, place: Place) -> Result<()> {
        instructions::manager::join_pool::handler(ctx, place)
    }

    pub fn set_weights(ctx: Context<SetWeights>, weights: Vec<NewWeight>) -> Result<()> {
        instructions::manager::set_weights::handler(ctx, weights)
    }

    pub fn drain_validator(ctx: Context<DrainValidator>, slot_in_page: u8) -> Result<()> {
        instructions::manager::drain_validator::handler(ctx, slot_in_page)
    }

    pub fn remove_validator(ctx: Context<RemoveValidator>, slot_in_page: u8) -> Result<()> {
        instructions::crank::remove_validator::handler(ctx, slot_in_page)
    }

    pub fn review_validator(ctx: Context<ReviewValidator>, slot_in_page: u8) -> Result<()> {
        instructions::crank::review_validator::handler(ctx, slot_in_page)
    }

    pub fn open_bond(ctx: Context<OpenBond>, terms: BondTerms) -> Result<()> {
        instructions::bond::open_bond::handler(ctx, terms)
    }

    pub fn post_bond(ctx: Context<PostBond>, lamports: u64) -> Result<()> {
        instructions::bond::post_bond::handler(ctx, lamports)
    }

    pub fn set_bond_terms(ctx: Context<OwnBond>, terms: BondTerms) -> Result<()> {
        instructions::bond::set_bond_terms::handler(ctx, terms)
    }

    pub fn request_bond_withdrawal(ctx: Context<OwnBond>, lamports: u64) -> Result<()> {
        instructions::bond::request_bond_withdrawal::handler(ctx, lamports)
    }

    pub fn withdraw_bond(ctx: Context<OwnBond>) -> Result<()> {
        instructions::bond::withdraw_bond::handler(ctx)
    }

    pub fn settle_bond(ctx: Context<SettleBond>, slot_in_page: u8) -> Result<()> {
        instructions::bond::settle_bond::handler(ctx, slot_in_page)
    }

    pub fn fund_insurance(ctx: Context<FundInsurance>, lamports: u64) -> Result<()> {
        instructions::insurance::fund_insurance::handler(ctx, lamports)
    }

    pub fn propose_insurance_withdrawal(
        ctx: Context<ProposeInsuranceWithdrawal>,
        lamports: u64,
        to: Pubkey,
    ) -> Result<()> {
        instructions::insurance::propose_insurance_withdrawal::handler(ctx, lamports, to)
    }

    pub fn cancel_insurance_withdrawal(ctx: Context<CancelInsuranceWithdrawal>) -> Result<()> {
        instructions::insurance::cancel_insurance_withdrawal::handler(ctx)
    }

    pub fn withdraw_insurance(ctx: Context<WithdrawInsurance>) -> Result<()> {
        instructions::insurance::withdraw_insurance::handler(ctx)
    }

    pub fn propose_role(ctx: Context<ProposeRole>, role: Role, successor: Pubkey) -> Result<()> {
        instructions::admin::propose_role::handler(ctx, role, successor)
    }

    pub fn accept_role(ctx: Context<AcceptRole>, role: Role) -> Result<()> {
        instructions::admin::accept_role::handler(ctx, role)
    }

    pub fn cancel_role_proposal(ctx: Context<CancelRoleProposal>, role: Role) -> Result<()> {
        instructions::admin::cancel_role_proposal::handler(ctx, role)
    }

    pub fn set_fees(ctx: Context<SetFees>, fees: PoolFees) -> Result<()> {
        instructions::admin::set_fees::handler(ctx, fees)
    }

    pub fn set_parameters(ctx: Context<SetParameters>, settings: PoolSettings) -> Result<()> {
        instructions::admin::set_parameters::handler(ctx, settings)
    }

    pub fn set_validator_rules(ctx: Context<SetValidatorRules>, rules: ValidatorRules) -> Result<()> {
        instructions::admin::set_validator_rules::handler(ctx, rules)
    }

    pub fn pause(ctx: Context<Pause>, functions: u8) -> Result<()> {
        instructions::admin::pause::handler(ctx, functions)
    }

    pub fn resume(ctx: Context<Resume>, functions: u8) -> Result<()> {
        instructions::admin::resume::handler(ctx, functions)
    }
}
