use {
    super::own_bond::OwnBond,
    crate::{
        errors::Result,
        events::{BondWithdrawalRequested, PoolState},
    },
    anchor_lang::prelude::*,
    tidepool_math::Lamports,
};

/// The owner asks for a part of the bond back. Until the notice is over it stays liable, but backs no stake any more; a new
/// request takes the place of the one before, and 0 takes it back.
pub fn handler(ctx: Context<OwnBond>, lamports: u64) -> Result<()> {
    let a = ctx.accounts;
    let clock = Clock::get()?;
    a.bond.request_withdrawal(Lamports(lamports), clock.epoch)?;

    emit!(BondWithdrawalRequested {
        pool: a.pool.key(),
        vote: a.bond.vote,
        lamports,
        withdrawal_epoch: a.bond.withdrawal_epoch,
        state: PoolState::of(&*a.pool.load()?, clock.slot),
    });
    Ok(())
}
