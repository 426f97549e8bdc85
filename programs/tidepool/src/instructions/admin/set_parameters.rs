use {
    super::PoolSettings,
    crate::{
        errors::TidepoolError,
        events::{ParametersSet, PoolState},
        state::{Liquidity, Pool},
    },
    anchor_lang::prelude::*,
    tidepool_math::Lamports,
};

#[derive(Accounts)]
pub struct SetParameters<'info> {
    #[account(
        mut,
        has_one = admin @ TidepoolError::NotTheAdmin,
        has_one = liquidity @ TidepoolError::WrongLiquidity,
    )]
    pub pool: AccountLoader<'info, Pool>,
    #[account(mut)]
    pub liquidity: AccountLoader<'info, Liquidity>,
    pub admin: Signer<'info>,
}

/// New limits and shares hold at once; a higher liquidity target, which makes exits dearer, two epochs from now.
pub fn handler(ctx: Context<SetParameters>, settings: PoolSettings) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let mut liquidity = a.liquidity.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;
    liquidity.touch(clock.epoch);

    settings.require_valid()?;
    settings.write(&mut pool);
    liquidity.announce_target(Lamports(settings.liquidity_target_lamports), clock.epoch);

    emit!(ParametersSet {
        pool: a.pool.key(),
        settings,
        target_epoch: liquidity.pending_target_epoch,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
