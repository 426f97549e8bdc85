use {
    crate::{
        errors::{Result, TidepoolError},
        events::{BondTermsSet, PoolState},
        state::{Bond, BondTerms, Pool},
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct SetBondTerms<'info> {
    pub pool: AccountLoader<'info, Pool>,
    #[account(
        mut,
        has_one = pool @ TidepoolError::WrongBond,
        has_one = owner @ TidepoolError::NotTheBondOwner,
    )]
    pub bond: Account<'info, Bond>,
    pub owner: Signer<'info>,
}

/// A validator promises something else: what is better for the pool holds at once, what is worse after the notice.
pub fn handler(ctx: Context<SetBondTerms>, terms: BondTerms) -> Result<()> {
    let a = ctx.accounts;
    let clock = Clock::get()?;
    a.bond.announce_terms(terms, clock.epoch)?;

    emit!(BondTermsSet {
        pool: a.pool.key(),
        vote: a.bond.vote,
        terms: a.bond.terms,
        pending: a.bond.pending_terms,
        pending_epoch: a.bond.pending_terms_epoch,
        state: PoolState::of(&*a.pool.load()?, clock.slot),
    });
    Ok(())
}
