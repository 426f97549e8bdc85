use {
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{PoolState, WhitelistEntryClosed},
        state::{Pool, WhitelistEntry},
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct CloseWhitelistEntry<'info> {
    pub pool: AccountLoader<'info, Pool>,
    #[account(
        mut,
        has_one = pool @ FixedPoolsError::WrongPool,
        has_one = rent_payer @ FixedPoolsError::WrongRentPayer,
        close = rent_payer,
    )]
    pub entry: Account<'info, WhitelistEntry>,
    /// CHECK: address is the entry's
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// The user, or who paid the entry's rent.
    pub closer: Signer<'info>,
}

/// An entry that admits nobody is closed, and its rent goes back to who paid it.
pub fn handler(ctx: Context<CloseWhitelistEntry>) -> Result<()> {
    let a = ctx.accounts;
    let is_his = [a.entry.user, a.entry.rent_payer].contains(a.closer.key);
    ensure(is_his, FixedPoolsError::WrongUser)?;
    ensure(!a.entry.is_approved(), FixedPoolsError::EntryInUse)?;

    let now = Clock::get()?.unix_timestamp;
    emit!(WhitelistEntryClosed {
        pool: a.pool.key(),
        user: a.entry.user,
        state: PoolState::of(&*a.pool.load()?, now)
    });
    Ok(())
}
