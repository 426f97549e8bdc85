use {
    crate::{
        errors::{ensure, FixedPoolsError, Result},
        events::{PoolState, WhitelistEntryClosed},
        state::{Pool, WhitelistEntry, WhitelistState},
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct CloseWhitelistEntry<'info> {
    /// CHECK: address is the entry's; what is left of a closed pool will do
    #[account(mut)]
    pub pool: UncheckedAccount<'info>,
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
    /// The user, or who paid the entry's rent; while an application waits for its answer, the user alone.
    pub closer: Signer<'info>,
}

/// An entry that admits nobody, or to a pool that was closed, is closed, and its rent goes back to who paid it.
pub fn handler<'info>(ctx: Context<'info, CloseWhitelistEntry<'info>>) -> Result<()> {
    let a: &'info CloseWhitelistEntry<'info> = ctx.accounts;
    let is_his = [a.entry.user, a.entry.rent_payer].contains(a.closer.key);
    ensure(is_his, FixedPoolsError::WrongUser)?;
    let now = Clock::get()?.unix_timestamp;
    let state = match Pool::is_retired(&a.pool)? {
        true => PoolState::empty(now),
        false => take_off_list(a, now)?,
    };

    emit!(WhitelistEntryClosed { pool: a.pool.key(), user: a.entry.user, state });
    Ok(())
}

fn take_off_list<'info>(a: &'info CloseWhitelistEntry<'info>, now: i64) -> Result<PoolState> {
    let loader = AccountLoader::<Pool>::try_from(&a.pool)?;
    let mut pool = loader.load_mut()?;
    // Who paid the rent may have been dismissed, and would withdraw what is for another to answer.
    let is_his = a.entry.state != WhitelistState::Applied || a.entry.user == *a.closer.key;
    ensure(is_his, FixedPoolsError::WrongUser)?;
    ensure(a.entry.admits(now).is_none(), FixedPoolsError::EntryInUse)?;
    pool.book_approval(a.entry.is_approved(), false);
    Ok(PoolState::of(&pool, now))
}
