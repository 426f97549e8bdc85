//! Who signs for a pool.

use {
    crate::{
        errors::{ensure, FixedPoolsError, Result},
        state::Pool,
    },
    anchor_lang::prelude::*,
};

/// What the authority alone decides.
#[derive(Accounts)]
pub struct ByAuthority<'info> {
    #[account(mut, has_one = authority @ FixedPoolsError::NotTheAuthority)]
    pub pool: AccountLoader<'info, Pool>,
    pub authority: Signer<'info>,
}

/// What the guardian may decide too.
#[derive(Accounts)]
pub struct ByGuardian<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, Pool>,
    /// The guardian or the authority.
    pub guardian: Signer<'info>,
}

/// Whether the authority acts, or the guardian; refuses anybody else.
pub fn is_authority(pool: &Pool, key: &Pubkey) -> Result<bool> {
    ensure(*key == pool.authority || *key == pool.guardian, FixedPoolsError::NotTheGuardian)?;
    Ok(*key == pool.authority)
}
