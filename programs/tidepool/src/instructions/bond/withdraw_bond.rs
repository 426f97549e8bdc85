use {
    super::own_bond::OwnBond,
    crate::{
        errors::Result,
        events::{BondWithdrawn, PoolState},
        transfer,
    },
    anchor_lang::prelude::*,
};

/// After the notice the owner takes out what he asked for, as far as settlements have left it and today's rent lets it go.
pub fn handler(ctx: Context<OwnBond>) -> Result<()> {
    let a = ctx.accounts;
    let clock = Clock::get()?;

    let can_leave = transfer::above_rent(a.bond.as_ref())?;
    let paid = a.bond.withdraw(can_leave, clock.epoch)?;
    transfer::from_own_account(a.bond.as_ref(), &a.owner, paid)?;

    emit!(BondWithdrawn {
        pool: a.pool.key(),
        vote: a.bond.vote,
        owner: a.owner.key(),
        lamports: paid.0,
        bond_lamports: a.bond.lamports,
        state: PoolState::of(&*a.pool.load()?, clock.slot),
    });
    Ok(())
}
