use {
    crate::{
        errors::{ensure, MathResultExt, TidepoolError},
        events::{Deposited, PoolState},
        state::{Liquidity, Pool},
        transfer::{self, layout, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_math::{Bps, DepositQuote, DepositSplit, Lamports, Shares},
};

#[derive(Accounts)]
pub struct Deposit<'info> {
    #[account(
        mut,
        has_one = lst_mint @ TidepoolError::WrongMint,
        has_one = reserve @ TidepoolError::WrongReserve,
        has_one = authority @ TidepoolError::WrongAuthority,
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
    /// CHECK: address is the pool's
    #[account(mut)]
    pub reserve: UncheckedAccount<'info>,
    /// CHECK: address is the liquidity pool's
    #[account(mut)]
    pub sol_vault: UncheckedAccount<'info>,
    /// CHECK: address is the liquidity pool's
    #[account(mut)]
    pub lst_vault: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub lst_mint: UncheckedAccount<'info>,
    /// CHECK: any usable token account of the mint but the liquidity pool's
    #[account(mut)]
    pub lst_to: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub authority: UncheckedAccount<'info>,
    /// CHECK: a token account of who sent the depositor; one that cannot be used gets nothing
    #[account(mut)]
    pub referrer: Option<UncheckedAccount<'info>>,
    #[account(constraint = token_program.key == lst_mint.owner @ TidepoolError::WrongTokenProgram)]
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

/// A deposit buys the LST that the liquidity pool has to sell, at the entry rate of this slot; for what is left of it SOL
/// goes into the reserve and LST is minted at the same rate.
pub fn handler(ctx: Context<Deposit>, lamports: u64, min_lst_out: u64) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let mut liquidity = a.liquidity.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    let charge = pool.entry_charge(clock.epoch)?;
    let split = pool.quote_deposit(Lamports(lamports), &liquidity, charge)?;
    let shares = split.shares().named()?;
    ensure(shares >= Shares(min_lst_out), TidepoolError::BelowMinimumOut)?;
    layout::require_usable(&a.lst_to, a.lst_mint.key, a.token_program.key)?;
    ensure(a.lst_to.key != a.lst_vault.key, TidepoolError::WrongTokenAccount)?;

    if !split.bought.is_zero() {
        buy(a, &pool, &split)?;
        liquidity.book_sale(split.bought, split.paid)?;
        pool.count_instant_return(split.paid, clock.unix_timestamp);
    }
    let mut referral = Shares::ZERO;
    if !split.minted.lamports.is_zero() {
        referral = referral_of(a, &pool, &split.minted);
        mint(a, &pool, &split.minted, referral)?;
        pool.book_deposit(&split.minted, charge, &clock)?;
        pool.book_fee_minted(referral)?;
    }

    emit!(Deposited {
        pool: a.pool.key(),
        user: a.user.key(),
        lamports,
        lst_minted: split.minted.shares.0,
        lamports_to_liquidity: split.paid.0,
        lst_bought: split.bought.0,
        fee_shares: split.minted.fee_shares.0,
        referral_shares: referral.0,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}

fn buy(a: &Deposit, pool: &Pool, split: &DepositSplit) -> Result<()> {
    transfer::sol(&a.user, &a.sol_vault, split.paid)?;
    let pool_key = a.pool.key();
    let token = Token { program: &a.token_program, mint: &a.lst_mint };
    let signer = transfer::authority_signer(&pool_key, pool.bumps.authority);
    token.transfer_from_vault(&signer, &a.authority, &a.lst_vault, &a.lst_to, split.bought)
}

fn mint(a: &Deposit, pool: &Pool, minted: &DepositQuote, referral: Shares) -> Result<()> {
    pool.require_mint_in_step(layout::mint_supply(&a.lst_mint)?)?;
    transfer::sol(&a.user, &a.reserve, minted.lamports)?;
    let pool_key = a.pool.key();
    let token = Token { program: &a.token_program, mint: &a.lst_mint };
    let signer = transfer::authority_signer(&pool_key, pool.bumps.authority);
    token.mint_to(&signer, &a.authority, &a.lst_to, minted.shares)?;
    match &a.referrer {
        Some(referrer) if !referral.is_zero() => token.mint_to(&signer, &a.authority, referrer, referral),
        _ => Ok(()),
    }
}

/// The referrer's part of the fee. Without a usable account of his all of it is the treasury's: a depositor does not fail
/// because somebody else closed an account.
fn referral_of(a: &Deposit, pool: &Pool, minted: &DepositQuote) -> Shares {
    let is_usable = a.referrer.as_ref().is_some_and(|referrer| {
        layout::is_usable(referrer, a.lst_mint.key, a.token_program.key) && referrer.key != a.lst_vault.key
    });
    match is_usable {
        true => Shares(Bps(pool.fees.referral_share).of_floor(minted.fee_shares.0)),
        false => Shares::ZERO,
    }
}
