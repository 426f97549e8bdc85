use {
    super::entries::{self, ByWhitelistManager, Verdict},
    crate::{
        account,
        errors::{ensure, FixedPoolsError},
    },
    anchor_lang::prelude::*,
    tidepool_interface::fixed::limits::MAX_WHITELIST_CHANGES,
};

/// Who is admitted, and with how much.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admitted {
    pub user: Pubkey,
    pub max_amount: u64,
}

/// The whitelist manager admits users until `expires_at`, 0 for no end, whether they applied or not; their entries follow the
/// accounts, in order. Who is admitted already gets the new limits.
pub fn handler<'info>(
    ctx: Context<'info, ByWhitelistManager<'info>>,
    users: Vec<Admitted>,
    expires_at: i64,
) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    ensure(users.len() <= MAX_WHITELIST_CHANGES, FixedPoolsError::TooManyUsers)?;
    ensure(users.len() == ctx.remaining_accounts.len(), FixedPoolsError::WrongEntries)?;

    for (admitted, account) in users.iter().zip(ctx.remaining_accounts) {
        let mut entry = entries::of(account, &pool_key, &admitted.user, &a.whitelist_manager)?;
        Verdict::approve(admitted.max_amount, expires_at, now)?.apply(&mut pool, &mut entry, now);
        account::write(account, &entry)?;
    }
    Ok(())
}
