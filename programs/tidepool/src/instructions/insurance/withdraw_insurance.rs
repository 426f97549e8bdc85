use {
    crate::{
        errors::{ensure, Result, TidepoolError},
        events::{InsuranceWithdrawn, PoolState},
        state::Pool,
        transfer,
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct WithdrawInsurance<'info> {
    #[account(
        mut,
        has_one = admin @ TidepoolError::NotTheAdmin,
        has_one = insurance @ TidepoolError::WrongInsurance,
    )]
    pub pool: AccountLoader<'info, Pool>,
    pub admin: Signer<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub insurance: UncheckedAccount<'info>,
    /// CHECK: address is the proposal's
    #[account(mut)]
    pub to: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

/// After the notice, and not long after it, the admin takes what he proposed out of the insurance, as far as losses have left
/// it: all validators must have been updated in this epoch.
pub fn handler(ctx: Context<WithdrawInsurance>) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    pool.require_insurance_free(clock.epoch)?;
    let (proposed, to) = pool.end_insurance_proposal()?;
    ensure(a.to.key() == to, TidepoolError::WrongAddress)?;
    let paid = pool.book_insurance_withdrawal(proposed);
    let signer = transfer::insurance_signer(&pool_key, pool.bumps.insurance);
    transfer::sol_from_vault(&signer, &a.insurance, &a.to, paid)?;

    emit!(InsuranceWithdrawn {
        pool: pool_key,
        to,
        lamports: paid.0,
        insurance_lamports: pool.insurance_lamports,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
