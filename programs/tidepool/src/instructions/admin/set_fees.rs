use {
    crate::{
        errors::TidepoolError,
        events::{FeesSet, PoolState},
        state::{Pool, PoolFees},
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct SetFees<'info> {
    #[account(mut, has_one = admin @ TidepoolError::NotTheAdmin)]
    pub pool: AccountLoader<'info, Pool>,
    pub admin: Signer<'info>,
}

/// New fees: what falls holds at once; if anything rises, all of them hold two epochs from now.
pub fn handler(ctx: Context<SetFees>, fees: PoolFees) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    fees.require_within_limits()?;
    pool.announce_fees(fees, clock.epoch);

    emit!(FeesSet {
        pool: a.pool.key(),
        fees: pool.fees,
        pending: pool.pending_fees,
        pending_epoch: pool.pending_fees_epoch,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
