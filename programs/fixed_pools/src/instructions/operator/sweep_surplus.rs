use {
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{PoolState, SurplusSwept},
        instructions::pool_tokens::*,
    },
    anchor_lang::prelude::*,
    tidepool_math::Tokens,
};

#[derive(Accounts)]
pub struct SweepSurplus<'info> {
    pub tokens: PoolTokens<'info>,
}

/// Anybody moves what was sent to the principal vault by mistake to the reward vault.
pub fn handler(ctx: Context<SweepSurplus>) -> Result<()> {
    let a = ctx.accounts;
    let pool = a.tokens.pool.load()?;
    let surplus = a.tokens.principal_balance()?.saturating_minus(Tokens(pool.total_staked));
    ensure(!surplus.is_zero(), FixedPoolsError::NoSurplus)?;

    a.tokens.pay_principal(&pool, &a.tokens.reward_vault, surplus)?;

    emit!(SurplusSwept {
        pool: a.tokens.pool.key(),
        amount: surplus.0,
        reward_balance: a.tokens.reward_balance()?.0,
        state: PoolState::of(&pool, Clock::get()?.unix_timestamp),
    });
    Ok(())
}
