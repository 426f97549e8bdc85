use {
    crate::{
        errors::{ensure, MathResultExt, TidepoolError},
        events::{Deposited, PoolState},
        state::Pool,
        transfer::{self, layout, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_math::{quote_deposit, Bps, Lamports, Shares},
};

#[derive(Accounts)]
pub struct Deposit<'info> {
    #[account(
        mut,
        has_one = lst_mint @ TidepoolError::WrongMint,
        has_one = reserve @ TidepoolError::WrongReserve,
        has_one = authority @ TidepoolError::WrongAuthority,
    )]
    pub pool: AccountLoader<'info, Pool>,
    #[account(mut)]
    pub user: Signer<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub reserve: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub lst_mint: UncheckedAccount<'info>,
    /// CHECK: any usable token account of the mint
    #[account(mut)]
    pub lst_to: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub authority: UncheckedAccount<'info>,
    #[account(constraint = token_program.key == lst_mint.owner @ TidepoolError::WrongTokenProgram)]
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

/// A deposit pays SOL into the reserve and mints LST at the entry rate of this slot.
pub fn handler(ctx: Context<Deposit>, lamports: u64, min_lst_out: u64) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let slot = Clock::get()?.slot;
    pool.release_rewards(slot)?;

    pool.require_above_minimum_deposit(Lamports(lamports))?;
    pool.require_mint_in_step(layout::mint_supply(&a.lst_mint)?)?;
    layout::require_usable(&a.lst_to, a.lst_mint.key, a.token_program.key)?;
    let quote = quote_deposit(&pool.entry_rate()?, Lamports(lamports), Bps(pool.fees.deposit)).named()?;
    ensure(quote.shares >= Shares(min_lst_out), TidepoolError::BelowMinimumOut)?;

    transfer::sol(&a.user, &a.reserve, quote.lamports)?;
    let token = Token { program: &a.token_program, mint: &a.lst_mint };
    let signer = transfer::authority_signer(&pool_key, pool.bumps.authority);
    token.mint_to(&signer, &a.authority, &a.lst_to, quote.shares)?;
    pool.book_deposit(&quote, slot)?;

    emit!(Deposited {
        pool: pool_key,
        user: a.user.key(),
        lamports,
        lst_minted: quote.shares.0,
        fee_shares: quote.fee_shares.0,
        state: PoolState::of(&pool, slot),
    });
    Ok(())
}
