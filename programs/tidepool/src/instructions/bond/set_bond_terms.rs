use {
    super::own_bond::OwnBond,
    crate::{
        errors::Result,
        events::{BondTermsSet, PoolState},
        state::BondTerms,
    },
    anchor_lang::prelude::*,
};

/// A validator promises something else: what is better for the pool holds at once, what is worse after the notice.
pub fn handler(ctx: Context<OwnBond>, terms: BondTerms) -> Result<()> {
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
