//! A pool with all that its tokens lie in and move by.

use {
    crate::{
        errors::FixedPoolsError,
        state::Pool,
        token::{self, PoolSigner, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_math::Tokens,
};

#[derive(Accounts)]
pub struct PoolTokens<'info> {
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

impl<'info> PoolTokens<'info> {
    pub fn reward_balance(&self) -> Result<Tokens> {
        token::balance(&self.reward_vault)
    }

    pub fn principal_balance(&self) -> Result<Tokens> {
        token::balance(&self.principal_vault)
    }

    /// Out of the principal vault.
    pub fn pay_principal(&self, pool: &Pool, to: &AccountInfo<'info>, amount: Tokens) -> Result<()> {
        self.pay(pool, &self.principal_vault, to, amount)
    }

    /// Out of the reward vault.
    pub fn pay_reward(&self, pool: &Pool, to: &AccountInfo<'info>, amount: Tokens) -> Result<()> {
        self.pay(pool, &self.reward_vault, to, amount)
    }

    pub fn token(&self, pool: &Pool) -> Token<'_, 'info> {
        Token { program: &self.token_program, mint: &self.mint, decimals: pool.decimals }
    }

    fn pay(
        &self,
        pool: &Pool,
        vault: &AccountInfo<'info>,
        to: &AccountInfo<'info>,
        amount: Tokens,
    ) -> Result<()> {
        self.token(pool).send(&PoolSigner::of(pool), self.pool.as_ref(), vault, to, amount)
    }
}
