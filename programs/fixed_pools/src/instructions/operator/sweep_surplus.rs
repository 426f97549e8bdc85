use {
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{PoolState, SurplusSwept},
        state::Pool,
        token::{self, PoolSigner, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_math::Tokens,
};

#[derive(Accounts)]
pub struct SweepSurplus<'info> {
    #[account(
        mut,
        has_one = mint @ FixedPoolsError::WrongMint,
        has_one = token_program @ FixedPoolsError::WrongTokenProgram,
        has_one = principal_vault @ FixedPoolsError::WrongVault,
        has_one = reward_vault @ FixedPoolsError::WrongVault,
    )]
    pub pool: AccountLoader<'info, Pool>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub principal_vault: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub reward_vault: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub mint: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

/// Anybody moves what was sent to the principal vault by mistake to the reward vault.
pub fn handler(ctx: Context<SweepSurplus>) -> Result<()> {
    let a = ctx.accounts;
    let pool = a.pool.load()?;
    let surplus = token::balance(&a.principal_vault)?.saturating_minus(Tokens(pool.total_staked));
    ensure(!surplus.is_zero(), FixedPoolsError::NoSurplus)?;

    let token = Token { program: &a.token_program, mint: &a.mint, decimals: pool.decimals };
    token.send(&PoolSigner::of(&pool), a.pool.as_ref(), &a.principal_vault, &a.reward_vault, surplus)?;

    emit!(SurplusSwept {
        pool: a.pool.key(),
        amount: surplus.0,
        reward_balance: token::balance(&a.reward_vault)?.0,
        state: PoolState::of(&pool, Clock::get()?.unix_timestamp),
    });
    Ok(())
}
