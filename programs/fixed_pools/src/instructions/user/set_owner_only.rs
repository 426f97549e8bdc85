use {
    crate::{
        errors::FixedPoolsError,
        events::{OwnerOnlySet, PoolState},
        state::{Pool, UserPool},
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct SetOwnerOnly<'info> {
    pub pool: AccountLoader<'info, Pool>,
    #[account(
        mut,
        has_one = pool @ FixedPoolsError::WrongPool,
        has_one = owner @ FixedPoolsError::WrongUser,
    )]
    pub user_pool: AccountLoader<'info, UserPool>,
    pub owner: Signer<'info>,
}

/// A user says whether others may claim for him, which pays him, and stake for him, which gives him a position.
pub fn handler(ctx: Context<SetOwnerOnly>, is_owner_only: bool) -> Result<()> {
    let a = ctx.accounts;
    a.user_pool.load_mut()?.is_owner_only = is_owner_only.into();

    let now = Clock::get()?.unix_timestamp;
    emit!(OwnerOnlySet {
        pool: a.pool.key(),
        owner: a.owner.key(),
        is_owner_only,
        state: PoolState::of(&*a.pool.load()?, now),
    });
    Ok(())
}
