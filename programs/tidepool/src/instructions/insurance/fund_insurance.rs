use {
    crate::{
        errors::{ensure, Result, TidepoolError},
        events::{InsuranceFunded, PoolState},
        state::Pool,
        transfer,
    },
    anchor_lang::prelude::*,
    tidepool_math::Lamports,
};

#[derive(Accounts)]
pub struct FundInsurance<'info> {
    #[account(mut, has_one = insurance @ TidepoolError::WrongInsurance)]
    pub pool: AccountLoader<'info, Pool>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub insurance: UncheckedAccount<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    pub system_program: Program<'info, System>,
}

/// Anyone gives SOL to the insurance, which pays losses before anybody else bears them.
pub fn handler(ctx: Context<FundInsurance>, lamports: u64) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    ensure(lamports > 0, TidepoolError::ZeroAmount)?;
    transfer::sol(&a.payer, &a.insurance, Lamports(lamports))?;
    pool.book_insurance(Lamports(lamports))?;

    emit!(InsuranceFunded {
        pool: a.pool.key(),
        payer: a.payer.key(),
        lamports,
        insurance_lamports: pool.insurance_lamports,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
