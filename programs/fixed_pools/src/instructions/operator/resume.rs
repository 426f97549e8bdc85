use {
    super::{pause::require_known, roles::ByAuthority},
    crate::{
        events::{PauseSet, PoolState},
        state::Function,
    },
    anchor_lang::prelude::*,
};

/// The authority lets functions go on, each by its bit.
pub fn handler(ctx: Context<ByAuthority>, functions: u8) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    require_known(functions)?;

    pool.pause_flags &= !functions;
    if functions & Function::Claim.bit() != 0 {
        pool.claim_pause.end(now);
    }

    emit!(PauseSet {
        pool: a.pool.key(),
        by: a.authority.key(),
        pause_flags: pool.pause_flags,
        claim_pause: pool.claim_pause,
        state: PoolState::of(&pool, now),
    });
    Ok(())
}
