use {
    crate::{
        errors::{Result, TidepoolError},
        events::{InsuranceWithdrawalProposed, PoolState},
        state::Pool,
    },
    anchor_lang::prelude::*,
    tidepool_math::Lamports,
};

#[derive(Accounts)]
pub struct ProposeInsuranceWithdrawal<'info> {
    #[account(mut, has_one = admin @ TidepoolError::NotTheAdmin)]
    pub pool: AccountLoader<'info, Pool>,
    pub admin: Signer<'info>,
}

/// The admin announces that he wants to take SOL out of the insurance, and where to: holders have time to leave first. A
/// new proposal takes the place of the one before, and its time starts anew.
pub fn handler(ctx: Context<ProposeInsuranceWithdrawal>, lamports: u64, to: Pubkey) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    pool.propose_insurance_withdrawal(Lamports(lamports), to, clock.epoch)?;

    emit!(InsuranceWithdrawalProposed {
        pool: a.pool.key(),
        lamports,
        to,
        withdrawal_epoch: pool.insurance_withdrawal_epoch,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
