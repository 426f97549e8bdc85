use {
    super::sum::active_stake_with,
    crate::{
        account,
        did_token::DidToken,
        errors::{ensure, FixedPoolsError},
        events::WhaleDidMinted,
        state::{Did, DidCollection, UserPool},
    },
    anchor_lang::prelude::*,
    anchor_spl::{associated_token::AssociatedToken, token_2022::Token2022},
    tidepool_interface::fixed::pda::prefix,
};

/// Followed by what the user has in other pools of the same creator and mint, in the order of the pools' addresses.
#[derive(Accounts)]
pub struct MintWhaleDid<'info> {
    #[account(mut)]
    pub collection: Account<'info, DidCollection>,
    #[account(
        mut,
        has_one = owner @ FixedPoolsError::WrongUser,
        constraint = user_pool.load()?.did_collection == collection.key() @ FixedPoolsError::WrongCollection,
    )]
    pub user_pool: AccountLoader<'info, UserPool>,
    /// Pays for everything.
    #[account(mut)]
    pub owner: Signer<'info>,
    /// CHECK: created here
    #[account(mut)]
    pub did: UncheckedAccount<'info>,
    /// CHECK: created here
    #[account(mut)]
    pub did_mint: UncheckedAccount<'info>,
    /// CHECK: the owner's associated token account; its program checks the address and creates it
    #[account(mut)]
    pub token_account: UncheckedAccount<'info>,
    pub token_program: Program<'info, Token2022>,
    pub associated_token_program: Program<'info, AssociatedToken>,
    pub system_program: Program<'info, System>,
}

/// A whale mints his token: one of its kind, which can neither be moved nor made again. It gives no claim on any funds.
pub fn handler<'info>(ctx: Context<'info, MintWhaleDid<'info>>) -> Result<()> {
    let a = ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    ensure(*a.did.owner != crate::ID, FixedPoolsError::DidAlreadyMinted)?;
    let active_stake = active_stake_with(&*a.user_pool.load()?, ctx.remaining_accounts)?.active_stake;
    ensure(active_stake >= a.collection.threshold, FixedPoolsError::BelowWhaleThreshold)?;

    let (collection, owner) = (a.collection.key(), a.owner.key());
    let seeds: &[&[u8]] = &[prefix::DID, collection.as_ref(), owner.as_ref()];
    let bump = account::create(&a.owner, &a.did, Did::SPACE, &crate::ID, seeds)?;
    mint(a)?;
    let did = Did { collection, owner, mint: a.did_mint.key(), minted_at: now, active_stake, bump };
    account::write(&a.did, &did)?;
    a.collection.minted = a.collection.minted.saturating_add(1);
    a.user_pool.load_mut()?.did_minted = 1;

    emit!(WhaleDidMinted { collection, owner, mint: did.mint, active_stake, timestamp: now });
    Ok(())
}

fn mint(a: &MintWhaleDid) -> Result<()> {
    let (collection, owner) = (a.collection.key(), a.owner.key());
    let seeds: &[&[u8]] = &[prefix::DID_MINT, collection.as_ref(), owner.as_ref()];
    let token = DidToken {
        mint: &a.did_mint,
        account: &a.token_account,
        owner: &a.owner,
        collection: a.collection.as_ref(),
        token_program: &a.token_program,
        associated_token_program: &a.associated_token_program,
        system_program: &a.system_program,
        state: &a.collection,
    };
    account::create(&a.owner, &a.did_mint, DidToken::MINT_SPACE, a.token_program.key, seeds)?;
    account::top_up(&a.owner, &a.did_mint, token.full_space())?;
    token.make_mint()?;
    token.make_account()?;
    token.mint_the_only_one()
}
