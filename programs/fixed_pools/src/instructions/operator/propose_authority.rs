use {
    super::roles::ByAuthority,
    crate::events::{AuthorityProposed, PoolState},
    anchor_lang::prelude::*,
};

/// The authority names its successor, or takes that back by naming the zero key. Nothing changes hands before he accepts.
pub fn handler(ctx: Context<ByAuthority>, proposed: Pubkey) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    pool.proposed_authority = proposed;

    let now = Clock::get()?.unix_timestamp;
    emit!(AuthorityProposed { pool: a.pool.key(), proposed, state: PoolState::of(&pool, now) });
    Ok(())
}
