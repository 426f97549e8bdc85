use {
    super::entries::{self, ByWhitelistManager, Verdict},
    crate::{
        account,
        errors::{ensure, FixedPoolsError},
    },
    anchor_lang::prelude::*,
    tidepool_interface::fixed::limits::MAX_WHITELIST_CHANGES,
};

/// The whitelist manager withdraws approvals; the users' entries follow the accounts, in order. Who has none, or no entry any
/// more, is passed over: nobody can stop the others' removal by closing his own entry.
/// What they have staked stays.
pub fn handler<'info>(
    ctx: Context<'info, ByWhitelistManager<'info>>,
    users: Vec<Pubkey>,
    reason_code: u16,
) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    ensure(users.len() <= MAX_WHITELIST_CHANGES, FixedPoolsError::TooManyUsers)?;
    ensure(users.len() == ctx.remaining_accounts.len(), FixedPoolsError::WrongEntries)?;

    for (user, account) in users.iter().zip(ctx.remaining_accounts) {
        let Some(mut entry) = entries::find(account, &pool_key, user)? else { continue };
        if entry.is_approved() {
            Verdict::refuse(reason_code).apply(&mut pool, &mut entry, now);
            account::write(account, &entry)?;
        }
    }
    Ok(())
}
