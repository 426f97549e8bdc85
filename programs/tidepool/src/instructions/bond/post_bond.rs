use {
    crate::{
        errors::{ensure, Result, TidepoolError},
        events::{BondPosted, PoolState},
        state::{Bond, Pool},
        transfer,
    },
    anchor_lang::prelude::*,
    tidepool_math::Lamports,
};

#[derive(Accounts)]
pub struct PostBond<'info> {
    pub pool: AccountLoader<'info, Pool>,
    #[account(mut, has_one = pool @ TidepoolError::WrongBond)]
    pub bond: Account<'info, Bond>,
    #[account(mut)]
    pub payer: Signer<'info>,
    pub system_program: Program<'info, System>,
}

/// Anyone posts SOL to a validator's bond. It backs stake from the bond's next settlement on, and is its owner's.
pub fn handler(ctx: Context<PostBond>, lamports: u64) -> Result<()> {
    let a = ctx.accounts;
    ensure(lamports > 0, TidepoolError::ZeroAmount)?;
    let clock = Clock::get()?;

    transfer::sol(&a.payer, a.bond.as_ref(), Lamports(lamports))?;
    a.bond.post(Lamports(lamports))?;

    emit!(BondPosted {
        pool: a.pool.key(),
        vote: a.bond.vote,
        payer: a.payer.key(),
        lamports,
        bond_lamports: a.bond.lamports,
        state: PoolState::of(&*a.pool.load()?, clock.slot),
    });
    Ok(())
}
