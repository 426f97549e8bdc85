use {
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{PoolState, RewardsFunded},
        state::Pool,
        token::{self, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_math::Tokens,
};

#[derive(Accounts)]
pub struct FundRewards<'info> {
    #[account(
        mut,
        has_one = mint @ FixedPoolsError::WrongMint,
        has_one = token_program @ FixedPoolsError::WrongTokenProgram,
        has_one = reward_vault @ FixedPoolsError::WrongVault,
    )]
    pub pool: AccountLoader<'info, Pool>,
    /// Anybody.
    pub funder: Signer<'info>,
    /// CHECK: the token program checks that `funder` may spend from it
    #[account(mut)]
    pub from: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub reward_vault: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub mint: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

/// Brings tokens that rewards can be promised from.
pub fn handler(ctx: Context<FundRewards>, amount: u64) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    ensure(amount > 0, FixedPoolsError::ZeroAmount)?;

    let token = Token { program: &a.token_program, mint: &a.mint, decimals: pool.decimals };
    token.bring(&a.funder, &a.from, &a.reward_vault, Tokens(amount))?;
    pool.funded = pool.funded.saturating_add(amount);

    emit!(RewardsFunded {
        pool: a.pool.key(),
        funder: a.funder.key(),
        amount,
        reward_balance: token::balance(&a.reward_vault)?.0,
        state: PoolState::of(&pool, Clock::get()?.unix_timestamp),
    });
    Ok(())
}
