use {
    crate::{
        errors::{ensure, MathResultExt, TidepoolError},
        events::{LiquidityAdded, PoolState},
        state::{Liquidity, Pool},
        transfer::{self, layout, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_interface::header::Function,
    tidepool_math::{Lamports, Shares},
};

#[derive(Accounts)]
pub struct AddLiquidity<'info> {
    #[account(
        mut,
        has_one = authority @ TidepoolError::WrongAuthority,
        has_one = liquidity @ TidepoolError::WrongLiquidity,
    )]
    pub pool: AccountLoader<'info, Pool>,
    #[account(
        mut,
        has_one = sol_vault @ TidepoolError::WrongLiquidity,
        has_one = lp_mint @ TidepoolError::WrongLiquidity,
    )]
    pub liquidity: AccountLoader<'info, Liquidity>,
    #[account(mut)]
    pub user: Signer<'info>,
    /// CHECK: address is the liquidity pool's
    #[account(mut)]
    pub sol_vault: UncheckedAccount<'info>,
    /// CHECK: address is the liquidity pool's
    #[account(mut)]
    pub lp_mint: UncheckedAccount<'info>,
    /// CHECK: any usable token account of the liquidity shares
    #[account(mut)]
    pub lp_to: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub authority: UncheckedAccount<'info>,
    #[account(constraint = token_program.key == lp_mint.owner @ TidepoolError::WrongTokenProgram)]
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

/// A provider pays SOL into the liquidity pool and gets shares of all it holds.
pub fn handler(ctx: Context<AddLiquidity>, lamports: u64, min_lp_out: u64) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let mut liquidity = a.liquidity.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;
    liquidity.touch(clock.epoch);

    pool.require_open(Function::AddLiquidity)?;
    ensure(lamports > 0, TidepoolError::ZeroAmount)?;
    layout::require_usable(&a.lp_to, a.lp_mint.key, a.token_program.key)?;
    let lamports = Lamports(lamports);
    let lp = liquidity
        .as_math(&pool)?
        .quote_add(&pool.rate_with(pool.entry_charge(clock.epoch)?)?, lamports)
        .named()?;
    ensure(lp >= Shares(min_lp_out), TidepoolError::BelowMinimumOut)?;

    transfer::sol(&a.user, &a.sol_vault, lamports)?;
    let token = Token { program: &a.token_program, mint: &a.lp_mint };
    let signer = transfer::authority_signer(&pool_key, pool.bumps.authority);
    token.mint_to(&signer, &a.authority, &a.lp_to, lp)?;
    liquidity.book_add(lamports, lp, clock.slot)?;

    emit!(LiquidityAdded {
        pool: pool_key,
        user: a.user.key(),
        lamports: lamports.0,
        lp_minted: lp.0,
        lp_supply: liquidity.lp_supply,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
