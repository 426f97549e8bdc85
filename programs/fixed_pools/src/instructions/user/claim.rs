use {super::claim_many::*, anchor_lang::prelude::*};

#[derive(Accounts)]
pub struct Claim<'info> {
    pub claims: ClaimMany<'info>,
    /// CHECK: must be a position of the owner's
    #[account(mut)]
    pub position: UncheckedAccount<'info>,
}

/// A claim pays the owner what his position has earned since the last one; the position stays.
pub fn handler<'info>(ctx: Context<'info, Claim<'info>>) -> Result<()> {
    let a: &'info Claim<'info> = ctx.accounts;
    pay_claims(&a.claims, [a.position.as_ref()])
}
