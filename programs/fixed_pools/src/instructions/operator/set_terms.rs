use {
    super::roles::ByAuthority,
    crate::{
        events::{PoolState, TermsSet},
        state::PoolTerms,
    },
    anchor_lang::prelude::*,
};

/// New terms for positions to come: window, minimum, cap, rate and access. What is open keeps its own.
pub fn handler(ctx: Context<ByAuthority>, terms: PoolTerms) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    pool.set_terms(&terms, now)?;

    emit!(TermsSet { pool: a.pool.key(), terms, state: PoolState::of(&pool, now) });
    Ok(())
}
