use {
    super::roles::ByAuthority,
    crate::events::{PoolState, RolesSet},
    anchor_lang::prelude::*,
};

/// The authority names the guardian and the whitelist manager.
pub fn handler(ctx: Context<ByAuthority>, guardian: Pubkey, whitelist_manager: Pubkey) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    pool.guardian = guardian;
    pool.whitelist_manager = whitelist_manager;

    let now = Clock::get()?.unix_timestamp;
    emit!(RolesSet { pool: a.pool.key(), guardian, whitelist_manager, state: PoolState::of(&pool, now) });
    Ok(())
}
