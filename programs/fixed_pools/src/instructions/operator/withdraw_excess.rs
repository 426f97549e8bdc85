use {
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{ExcessWithdrawn, PoolState},
        instructions::pool_tokens::*,
    },
    anchor_lang::prelude::*,
    tidepool_math::Tokens,
};

#[derive(Accounts)]
pub struct WithdrawExcess<'info> {
    pub tokens: PoolTokens<'info>,
    #[account(address = tokens.pool.load()?.authority @ FixedPoolsError::NotTheAuthority)]
    pub authority: Signer<'info>,
    /// CHECK: any account of the mint but the pool's vaults; the token program refuses others
    #[account(mut)]
    pub to: UncheckedAccount<'info>,
}

/// The authority takes out of the reward vault what nobody was promised and nobody gave up lately.
pub fn handler(ctx: Context<WithdrawExcess>, amount: u64) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.tokens.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    ensure(amount > 0, FixedPoolsError::ZeroAmount)?;
    ensure(!pool.is_vault(a.to.key), FixedPoolsError::WrongTokenAccount)?;
    let is_locked = pool.is_emergency(now) && pool.open_positions > 0;
    ensure(!is_locked, FixedPoolsError::ExcessLocked)?;
    let excess = pool.free_rewards(a.tokens.reward_balance()?, now);
    ensure(Tokens(amount) <= excess, FixedPoolsError::AboveExcess)?;

    a.tokens.pay_reward(&pool, &a.to, Tokens(amount))?;
    pool.withdrawn = pool.withdrawn.saturating_add(amount);

    emit!(ExcessWithdrawn {
        pool: a.tokens.pool.key(),
        amount,
        reward_balance: a.tokens.reward_balance()?.0,
        state: PoolState::of(&pool, now),
    });
    Ok(())
}
