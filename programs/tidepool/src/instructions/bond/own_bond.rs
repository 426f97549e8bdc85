use {
    crate::{
        errors::TidepoolError,
        state::{Bond, Pool},
    },
    anchor_lang::prelude::*,
};

/// The accounts of what a bond's owner does with it.
#[derive(Accounts)]
pub struct OwnBond<'info> {
    pub pool: AccountLoader<'info, Pool>,
    #[account(
        mut,
        has_one = pool @ TidepoolError::WrongBond,
        has_one = owner @ TidepoolError::NotTheBondOwner,
    )]
    pub bond: Account<'info, Bond>,
    /// Gets what is taken out.
    #[account(mut)]
    pub owner: Signer<'info>,
}
