use {
    super::roles::{is_authority, ByGuardian},
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{PauseSet, PoolState},
        state::Function,
    },
    anchor_lang::prelude::*,
    tidepool_interface::fixed::limits::CLAIM_PAUSE_SECONDS,
};

/// A pause stops functions, each by its bit. That of claims ends by itself, and leaving when the lock is over is none of them.
pub fn handler(ctx: Context<ByGuardian>, functions: u8) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    is_authority(&pool, a.guardian.key)?;
    require_known(functions)?;

    if functions & Function::Claim.bit() != 0 {
        ensure(pool.claim_pause.may_last(now), FixedPoolsError::OpenTooShort)?;
        pool.claim_pause.last(now, CLAIM_PAUSE_SECONDS);
    }
    pool.pause_flags |= functions & !Function::Claim.bit();

    emit!(PauseSet {
        pool: a.pool.key(),
        by: a.guardian.key(),
        pause_flags: pool.pause_flags,
        claim_pause: pool.claim_pause,
        state: PoolState::of(&pool, now),
    });
    Ok(())
}

/// Refuses bits that stand for nothing, and none at all.
pub(super) fn require_known(functions: u8) -> Result<()> {
    ensure(functions != 0 && functions & !Function::MASK == 0, FixedPoolsError::UnknownFunction)
}
