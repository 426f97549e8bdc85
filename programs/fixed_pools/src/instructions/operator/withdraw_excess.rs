use {
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{ExcessWithdrawn, PoolState},
        state::Pool,
        token::{self, PoolSigner, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_math::Tokens,
};

#[derive(Accounts)]
pub struct WithdrawExcess<'info> {
    #[account(
        mut,
        has_one = authority @ FixedPoolsError::NotTheAuthority,
        has_one = mint @ FixedPoolsError::WrongMint,
        has_one = token_program @ FixedPoolsError::WrongTokenProgram,
        has_one = reward_vault @ FixedPoolsError::WrongVault,
    )]
    pub pool: AccountLoader<'info, Pool>,
    pub authority: Signer<'info>,
    /// CHECK: any account of the mint; the token program refuses others
    #[account(mut)]
    pub to: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub reward_vault: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub mint: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

/// The authority takes out of the reward vault what nobody was promised and nobody gave up lately.
pub fn handler(ctx: Context<WithdrawExcess>, amount: u64) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    ensure(amount > 0, FixedPoolsError::ZeroAmount)?;
    let is_locked = pool.is_emergency(now) && pool.open_positions > 0;
    ensure(!is_locked, FixedPoolsError::ExcessLocked)?;
    let excess = pool.excess(token::balance(&a.reward_vault)?, now);
    ensure(Tokens(amount) <= excess, FixedPoolsError::AboveExcess)?;

    let token = Token { program: &a.token_program, mint: &a.mint, decimals: pool.decimals };
    token.send(&PoolSigner::of(&pool), a.pool.as_ref(), &a.reward_vault, &a.to, Tokens(amount))?;
    pool.withdrawn = pool.withdrawn.saturating_add(amount);

    emit!(ExcessWithdrawn {
        pool: a.pool.key(),
        amount,
        reward_balance: token::balance(&a.reward_vault)?.0,
        state: PoolState::of(&pool, now),
    });
    Ok(())
}
