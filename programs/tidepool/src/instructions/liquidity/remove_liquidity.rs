use {
    crate::{
        errors::{ensure, MathResultExt, TidepoolError},
        events::{LiquidityRemoved, PoolState},
        state::{Liquidity, Pool},
        transfer::{self, layout, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_math::{Lamports, Shares},
};

#[derive(Accounts)]
pub struct RemoveLiquidity<'info> {
    #[account(
        mut,
        has_one = authority @ TidepoolError::WrongAuthority,
        has_one = liquidity @ TidepoolError::WrongLiquidity,
        has_one = lst_mint @ TidepoolError::WrongMint,
    )]
    pub pool: AccountLoader<'info, Pool>,
    #[account(
        mut,
        has_one = sol_vault @ TidepoolError::WrongLiquidity,
        has_one = lst_vault @ TidepoolError::WrongLiquidity,
        has_one = lp_mint @ TidepoolError::WrongLiquidity,
    )]
    pub liquidity: AccountLoader<'info, Liquidity>,
    #[account(mut)]
    pub user: Signer<'info>,
    /// CHECK: a usable token account of the liquidity shares; the token program checks that `user` may burn from it
    #[account(mut)]
    pub lp_from: UncheckedAccount<'info>,
    /// CHECK: any usable token account of the LST
    #[account(mut)]
    pub lst_to: UncheckedAccount<'info>,
    /// CHECK: address is the liquidity pool's
    #[account(mut)]
    pub sol_vault: UncheckedAccount<'info>,
    /// CHECK: address is the liquidity pool's
    #[account(mut)]
    pub lst_vault: UncheckedAccount<'info>,
    /// CHECK: address is the liquidity pool's
    #[account(mut)]
    pub lp_mint: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub lst_mint: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub authority: UncheckedAccount<'info>,
    #[account(constraint = token_program.key == lst_mint.owner @ TidepoolError::WrongTokenProgram)]
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

/// A provider burns shares and gets his part of both vaults; fees of this very slot he leaves to those who stay.
pub fn handler(
    ctx: Context<RemoveLiquidity>,
    lp_amount: u64,
    min_lamports_out: u64,
    min_lst_out: u64,
) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let mut liquidity = a.liquidity.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;
    liquidity.touch(clock.epoch);

    ensure(lp_amount > 0, TidepoolError::ZeroAmount)?;
    layout::require_usable(&a.lp_from, a.lp_mint.key, a.token_program.key)?;
    layout::require_usable(&a.lst_to, a.lst_mint.key, a.token_program.key)?;
    ensure(a.lst_to.key != a.lst_vault.key, TidepoolError::WrongTokenAccount)?;
    ensure(layout::balance(&a.lp_from)? >= lp_amount, TidepoolError::InsufficientBalance)?;
    let lp = Shares(lp_amount);
    let books = liquidity.as_math(&pool)?;
    let paid_for = books.shares_without_fees(&pool.rate(), lp, liquidity.fees_of(clock.slot)).named()?;
    let (lamports, lst) = books.quote_remove(paid_for).named()?;
    ensure(
        lamports >= Lamports(min_lamports_out) && lst >= Shares(min_lst_out),
        TidepoolError::BelowMinimumOut,
    )?;

    let lp_token = Token { program: &a.token_program, mint: &a.lp_mint };
    lp_token.burn(&a.user, &a.lp_from, lp)?;
    if !lamports.is_zero() {
        let signer = transfer::liquidity_sol_signer(&pool_key, liquidity.sol_vault_bump);
        transfer::sol_from_vault(&signer, &a.sol_vault, &a.user, lamports)?;
    }
    if !lst.is_zero() {
        let lst_token = Token { program: &a.token_program, mint: &a.lst_mint };
        let signer = transfer::authority_signer(&pool_key, pool.bumps.authority);
        lst_token.transfer_from_vault(&signer, &a.authority, &a.lst_vault, &a.lst_to, lst)?;
    }
    liquidity.book_remove(lp, lamports, lst)?;

    emit!(LiquidityRemoved {
        pool: pool_key,
        user: a.user.key(),
        lp_burned: lp_amount,
        lamports: lamports.0,
        lst_amount: lst.0,
        lp_supply: liquidity.lp_supply,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
