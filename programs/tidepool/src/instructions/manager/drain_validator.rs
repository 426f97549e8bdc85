use {
    crate::{
        errors::{ensure, Result, TidepoolError},
        events::{PoolState, ValidatorDrained},
        state::{Pool, ValidatorPage, ValidatorRecord},
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct DrainValidator<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, Pool>,
    /// The manager; anyone, for a validator that joined by itself and has not kept its bond.
    pub manager: Signer<'info>,
    #[account(mut, has_one = pool @ TidepoolError::WrongPool)]
    pub page: AccountLoader<'info, ValidatorPage>,
    /// CHECK: named by the record; it may be closed by now
    pub vote: UncheckedAccount<'info>,
}

/// The manager lets a validator go: it has no weight any more, and its stake leaves as far as the limits on moves allow. Once
/// all of it is back, anyone can remove it. One that joined by itself anyone may let go when less than half of the bond it
/// joined for is left: else its weight and its place in the page would stay for nothing.
pub fn handler(ctx: Context<DrainValidator>, slot_in_page: u8) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let mut page = a.page.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    let record = page.validator(slot_in_page, a.vote.key)?;
    let may_drain = *a.manager.key == pool.manager || record.lacks_bond(&pool.rules);
    ensure(may_drain, TidepoolError::NotTheManager)?;
    ensure(!record.is_draining(), TidepoolError::ValidatorIsDraining)?;
    pool.reweigh(record, ValidatorRecord::drain);

    emit!(ValidatorDrained {
        pool: a.pool.key(),
        vote: record.vote,
        lamports: record.lamports.iter().fold(0, |sum: u64, lamports| sum.saturating_add(*lamports)),
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
