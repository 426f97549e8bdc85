use {
    crate::{
        errors::{ensure, TidepoolError},
        events::{LiquidUnstaked, PoolState},
        state::{Liquidity, Pool},
        transfer::{self, layout, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_math::{Lamports, Shares},
};

#[derive(Accounts)]
pub struct LiquidUnstake<'info> {
    #[account(
        mut,
        has_one = lst_mint @ TidepoolError::WrongMint,
        has_one = liquidity @ TidepoolError::WrongLiquidity,
    )]
    pub pool: AccountLoader<'info, Pool>,
    #[account(
        mut,
        has_one = sol_vault @ TidepoolError::WrongLiquidity,
        has_one = lst_vault @ TidepoolError::WrongLiquidity,
    )]
    pub liquidity: AccountLoader<'info, Liquidity>,
    #[account(mut)]
    pub user: Signer<'info>,
    /// CHECK: a usable token account of the mint; the token program checks that `user` may spend it
    #[account(mut)]
    pub lst_from: UncheckedAccount<'info>,
    /// CHECK: address is the liquidity pool's
    #[account(mut)]
    pub sol_vault: UncheckedAccount<'info>,
    /// CHECK: address is the liquidity pool's
    #[account(mut)]
    pub lst_vault: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub lst_mint: UncheckedAccount<'info>,
    #[account(constraint = token_program.key == lst_mint.owner @ TidepoolError::WrongTokenProgram)]
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

/// An instant exit sells LST to the liquidity pool at the rate, less a fee that grows as liquidity runs dry.
pub fn handler(ctx: Context<LiquidUnstake>, lst_amount: u64, min_lamports_out: u64) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let mut liquidity = a.liquidity.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;
    liquidity.touch(clock.epoch);

    let quote = pool.quote_liquid_unstake(Shares(lst_amount), &liquidity, &clock)?;
    layout::require_usable(&a.lst_from, a.lst_mint.key, a.token_program.key)?;
    ensure(layout::balance(&a.lst_from)? >= lst_amount, TidepoolError::InsufficientBalance)?;
    ensure(quote.net >= Lamports(min_lamports_out), TidepoolError::BelowMinimumOut)?;

    let token = Token { program: &a.token_program, mint: &a.lst_mint };
    token.transfer(&a.user, &a.lst_from, &a.lst_vault, quote.shares)?;
    let signer = transfer::liquidity_sol_signer(&pool_key, liquidity.sol_vault_bump);
    transfer::sol_from_vault(&signer, &a.sol_vault, &a.user, quote.net)?;
    liquidity.book_exit(&quote, clock.slot)?;
    pool.count_instant_exit(quote.net, clock.unix_timestamp);

    emit!(LiquidUnstaked {
        pool: pool_key,
        user: a.user.key(),
        lst_amount,
        lamports: quote.net.0,
        fee_lamports: quote.fee.0,
        treasury_shares: quote.treasury_shares.0,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
