//! Fixed-APY pools: a lock, a rate, and never more promised than held. Users stake any SPL token for a time and a rate
//! that are fixed from the first second; all of the reward is in the pool's vault before it is promised, and nobody who
//! runs a pool can touch what was staked.

use anchor_lang::prelude::*;

pub mod account;
pub mod did_token;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod mint_policy;
pub mod state;
pub mod token;

// Anchor looks for what belongs to an accounts struct in the crate's root; the handlers come along.
#[allow(ambiguous_glob_reexports)]
pub use instructions::{
    did::{
        mint_whale_did::{self, *},
        set_did_collection::{self, *},
    },
    operator::{
        accept_authority::{self, *},
        close_pool::{self, *},
        initialize_pool::{self, *},
        roles::{self, *},
        sweep_surplus::{self, *},
        withdraw_excess::{self, *},
    },
    pool_tokens::{self, *},
    user::{
        claim::{self, *},
        claim_many::{self, *},
        compound::{self, *},
        fund_rewards::{self, *},
        leave::{self, *},
        request_early_exit::{self, *},
        roll_over::{self, *},
        set_owner_only::{self, *},
        stake::{self, *},
    },
    views::{self, *},
    whitelist::{
        add_to_whitelist::{self, *},
        apply_whitelist::{self, *},
        close_whitelist_entry::{self, *},
        entries::{self, *},
        review_application::{self, *},
    },
};
use state::PoolTerms;

declare_id!("TideFixedAPYPoo1s11111111111111111111111111");

#[program]
pub mod fixed_pools {
    use super::*;

    pub fn stake<'info>(ctx: Context<'info, Stake<'info>>, request: StakeRequest) -> Result<()> {
        instructions::user::stake::handler(ctx, request)
    }

    pub fn claim<'info>(ctx: Context<'info, Claim<'info>>) -> Result<()> {
        instructions::user::claim::handler(ctx)
    }

    pub fn claim_many<'info>(ctx: Context<'info, ClaimMany<'info>>) -> Result<()> {
        instructions::user::claim_many::handler(ctx)
    }

    pub fn compound(ctx: Context<Renew>, request: RenewalRequest) -> Result<()> {
        instructions::user::compound::handler(ctx, request)
    }

    pub fn roll_over(ctx: Context<RollOver>, request: RenewalRequest, with_reward: bool) -> Result<()> {
        instructions::user::roll_over::handler(ctx, request, with_reward)
    }

    pub fn unstake(ctx: Context<Leave>, min_reward: u64) -> Result<()> {
        instructions::user::unstake::handler(ctx, min_reward)
    }

    pub fn emergency_withdraw(ctx: Context<Leave>, max_forfeit: u64) -> Result<()> {
        instructions::user::emergency_withdraw::handler(ctx, max_forfeit)
    }

    pub fn request_early_exit(ctx: Context<OwnPosition>) -> Result<()> {
        instructions::user::request_early_exit::handler(ctx)
    }

    pub fn cancel_early_exit(ctx: Context<OwnPosition>) -> Result<()> {
        instructions::user::cancel_early_exit::handler(ctx)
    }

    pub fn complete_early_exit(ctx: Context<Leave>, min_reward: u64) -> Result<()> {
        instructions::user::complete_early_exit::handler(ctx, min_reward)
    }

    pub fn set_owner_only(ctx: Context<SetOwnerOnly>, is_owner_only: bool) -> Result<()> {
        instructions::user::set_owner_only::handler(ctx, is_owner_only)
    }

    pub fn fund_rewards(ctx: Context<FundRewards>, amount: u64) -> Result<()> {
        instructions::user::fund_rewards::handler(ctx, amount)
    }

    pub fn initialize_pool(ctx: Context<InitializePool>, parameters: PoolParameters) -> Result<()> {
        instructions::operator::initialize_pool::handler(ctx, parameters)
    }

    pub fn set_terms(ctx: Context<ByAuthority>, terms: PoolTerms) -> Result<()> {
        instructions::operator::set_terms::handler(ctx, terms)
    }

    pub fn set_roles(ctx: Context<ByAuthority>, guardian: Pubkey, whitelist_manager: Pubkey) -> Result<()> {
        instructions::operator::set_roles::handler(ctx, guardian, whitelist_manager)
    }

    pub fn propose_authority(ctx: Context<ByAuthority>, proposed: Pubkey) -> Result<()> {
        instructions::operator::propose_authority::handler(ctx, proposed)
    }

    pub fn accept_authority(ctx: Context<AcceptAuthority>) -> Result<()> {
        instructions::operator::accept_authority::handler(ctx)
    }

    pub fn pause(ctx: Context<ByGuardian>, functions: u8) -> Result<()> {
        instructions::operator::pause::handler(ctx, functions)
    }

    pub fn resume(ctx: Context<ByAuthority>, functions: u8) -> Result<()> {
        instructions::operator::resume::handler(ctx, functions)
    }

    pub fn begin_emergency(ctx: Context<ByGuardian>, reason_code: u16) -> Result<()> {
        instructions::operator::begin_emergency::handler(ctx, reason_code)
    }

    pub fn end_emergency(ctx: Context<ByAuthority>) -> Result<()> {
        instructions::operator::end_emergency::handler(ctx)
    }

    pub fn withdraw_excess(ctx: Context<WithdrawExcess>, amount: u64) -> Result<()> {
        instructions::operator::withdraw_excess::handler(ctx, amount)
    }

    pub fn sweep_surplus(ctx: Context<SweepSurplus>) -> Result<()> {
        instructions::operator::sweep_surplus::handler(ctx)
    }

    pub fn close_pool<'info>(ctx: Context<'info, ClosePool<'info>>) -> Result<()> {
        instructions::operator::close_pool::handler(ctx)
    }

    pub fn apply_whitelist(ctx: Context<ApplyWhitelist>, amount: u64, note_hash: [u8; 32]) -> Result<()> {
        instructions::whitelist::apply_whitelist::handler(ctx, amount, note_hash)
    }

    pub fn review_application(ctx: Context<ReviewApplication>, answer: Answer) -> Result<()> {
        instructions::whitelist::review_application::handler(ctx, answer)
    }

    pub fn add_to_whitelist<'info>(
        ctx: Context<'info, ByWhitelistManager<'info>>,
        users: Vec<Admitted>,
        expires_at: i64,
    ) -> Result<()> {
        instructions::whitelist::add_to_whitelist::handler(ctx, users, expires_at)
    }

    pub fn remove_from_whitelist<'info>(
        ctx: Context<'info, ByWhitelistManager<'info>>,
        users: Vec<Pubkey>,
        reason_code: u16,
    ) -> Result<()> {
        instructions::whitelist::remove_from_whitelist::handler(ctx, users, reason_code)
    }

    pub fn close_whitelist_entry<'info>(ctx: Context<'info, CloseWhitelistEntry<'info>>) -> Result<()> {
        instructions::whitelist::close_whitelist_entry::handler(ctx)
    }

    pub fn set_merkle_root(
        ctx: Context<ByAuthority>,
        merkle_root: [u8; 32],
        merkle_leaves: u64,
    ) -> Result<()> {
        instructions::whitelist::set_merkle_root::handler(ctx, merkle_root, merkle_leaves)
    }

    pub fn set_did_collection(ctx: Context<SetDidCollection>, parameters: DidParameters) -> Result<()> {
        instructions::did::set_did_collection::handler(ctx, parameters)
    }

    pub fn mint_whale_did<'info>(ctx: Context<'info, MintWhaleDid<'info>>) -> Result<()> {
        instructions::did::mint_whale_did::handler(ctx)
    }

    pub fn pending_reward(ctx: Context<PositionView>) -> Result<PendingReward> {
        instructions::views::pending_reward(ctx)
    }

    pub fn quote_stake(ctx: Context<PoolView>, amount: u64) -> Result<StakeQuote> {
        instructions::views::quote_stake(ctx, amount)
    }

    pub fn get_metrics(ctx: Context<PoolView>) -> Result<Metrics> {
        instructions::views::get_metrics(ctx)
    }
}
