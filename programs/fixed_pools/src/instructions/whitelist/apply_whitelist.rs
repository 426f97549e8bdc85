use {
    super::entries,
    crate::{
        account,
        errors::{ensure, FixedPoolsError},
        events::{PoolState, WhitelistApplied},
        state::{Pool, WhitelistState},
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct ApplyWhitelist<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, Pool>,
    /// CHECK: the user's entry, made here if there is none
    #[account(mut)]
    pub entry: UncheckedAccount<'info>,
    #[account(mut)]
    pub user: Signer<'info>,
    pub system_program: Program<'info, System>,
}

/// A user asks to be admitted with so much; who was refused, or whose approval is over, may ask again.
pub fn handler(ctx: Context<ApplyWhitelist>, amount: u64, note_hash: [u8; 32]) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    ensure(amount > 0, FixedPoolsError::ZeroAmount)?;
    let mut entry = entries::of(&a.entry, &pool_key, a.user.key, &a.user)?;
    ensure(entry.admits(now).is_none(), FixedPoolsError::AlreadyApproved)?;

    pool.book_approval(entry.is_approved(), false);
    entry.state = WhitelistState::Applied;
    entry.requested_amount = amount;
    entry.note_hash = note_hash;
    entry.reason_code = 0;
    account::write(&a.entry, &entry)?;

    emit!(WhitelistApplied {
        pool: pool_key,
        user: a.user.key(),
        requested_amount: amount,
        note_hash,
        state: PoolState::of(&pool, now),
    });
    Ok(())
}
