use {
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{PoolState, RewardsFunded},
        instructions::pool_tokens::*,
    },
    anchor_lang::prelude::*,
    tidepool_math::Tokens,
};

#[derive(Accounts)]
pub struct FundRewards<'info> {
    pub tokens: PoolTokens<'info>,
    /// Anybody.
    pub funder: Signer<'info>,
    /// CHECK: the token program checks that `funder` may spend from it
    #[account(mut)]
    pub from: UncheckedAccount<'info>,
}

/// Brings tokens that rewards can be promised from.
pub fn handler(ctx: Context<FundRewards>, amount: u64) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.tokens.pool.load_mut()?;
    ensure(amount > 0, FixedPoolsError::ZeroAmount)?;

    a.tokens.token(&pool).bring(&a.funder, &a.from, &a.tokens.reward_vault, Tokens(amount))?;
    pool.funded = pool.funded.saturating_add(amount);

    emit!(RewardsFunded {
        pool: a.tokens.pool.key(),
        funder: a.funder.key(),
        amount,
        reward_balance: a.tokens.reward_balance()?.0,
        state: PoolState::of(&pool, Clock::get()?.unix_timestamp),
    });
    Ok(())
}
