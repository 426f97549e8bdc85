use {
    crate::{
        errors::FixedPoolsError,
        events::{AuthorityAccepted, PoolState},
        state::Pool,
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct AcceptAuthority<'info> {
    #[account(mut, has_one = proposed_authority @ FixedPoolsError::NotProposed)]
    pub pool: AccountLoader<'info, Pool>,
    pub proposed_authority: Signer<'info>,
}

/// Who was proposed becomes the authority.
pub fn handler(ctx: Context<AcceptAuthority>) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    pool.authority = core::mem::take(&mut pool.proposed_authority);

    let now = Clock::get()?.unix_timestamp;
    emit!(AuthorityAccepted {
        pool: a.pool.key(),
        authority: pool.authority,
        state: PoolState::of(&pool, now)
    });
    Ok(())
}
