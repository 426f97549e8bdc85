use {
    crate::{
        errors::{Result, TidepoolError},
        events::{InsuranceWithdrawalCancelled, PoolState},
        state::Pool,
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct CancelInsuranceWithdrawal<'info> {
    #[account(mut, has_one = admin @ TidepoolError::NotTheAdmin)]
    pub pool: AccountLoader<'info, Pool>,
    pub admin: Signer<'info>,
}

/// The admin takes his proposal back.
pub fn handler(ctx: Context<CancelInsuranceWithdrawal>) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    let (lamports, to) = pool.end_insurance_proposal()?;

    emit!(InsuranceWithdrawalCancelled {
        pool: a.pool.key(),
        lamports: lamports.0,
        to,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
