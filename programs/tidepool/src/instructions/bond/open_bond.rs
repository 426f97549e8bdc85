use {
    crate::{
        errors::{ensure, Result, TidepoolError},
        events::{BondOpened, PoolState},
        stake,
        state::{Bond, BondTerms, Pool},
        transfer,
        vote::VoteState,
    },
    anchor_lang::prelude::*,
    tidepool_interface::pda::prefix,
};

#[derive(Accounts)]
pub struct OpenBond<'info> {
    pub pool: AccountLoader<'info, Pool>,
    /// CHECK: owner checked
    #[account(owner = stake::VOTE_PROGRAM @ TidepoolError::NotAVoteAccount)]
    pub vote: UncheckedAccount<'info>,
    /// The validator's identity or the withdrawer of its vote account.
    pub owner: Signer<'info>,
    /// Pays the bond's rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// CHECK: created here at the address its seeds give
    #[account(mut)]
    pub bond: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

/// A validator opens its bond for a pool, with nothing in it yet, and says what it promises. Nobody else can do that in its
/// place, and promise something else.
pub fn handler(ctx: Context<OpenBond>, terms: BondTerms) -> Result<()> {
    let a = ctx.accounts;
    let clock = Clock::get()?;
    require_the_validator(&a.vote, a.owner.key)?;
    let bump = open(a)?;

    let mut bond = Bond {
        pool: a.pool.key(),
        vote: a.vote.key(),
        owner: a.owner.key(),
        lamports: 0,
        // What is worse than anything: so all of `terms` holds at once.
        terms: BondTerms { commission_bps: u16::MAX, bid_ppb: 0 },
        pending_terms: BondTerms::default(),
        pending_terms_epoch: 0,
        withdrawal_lamports: 0,
        withdrawal_epoch: 0,
        settled_epoch: clock.epoch,
        settled_stake: 0,
        bump,
    };
    bond.announce_terms(terms, clock.epoch)?;
    bond.try_serialize(&mut &mut a.bond.try_borrow_mut_data()?[..])?;

    emit!(BondOpened {
        pool: bond.pool,
        vote: bond.vote,
        owner: bond.owner,
        terms,
        state: PoolState::of(&*a.pool.load()?, clock.slot),
    });
    Ok(())
}

fn require_the_validator(account: &AccountInfo, owner: &Pubkey) -> Result<()> {
    let data = account.try_borrow_data()?;
    let vote = VoteState::of(account.owner, &data)?.ok_or(TidepoolError::NotAVoteAccount)?;
    ensure(*owner == vote.node || *owner == vote.withdrawer, TidepoolError::NotTheValidator)
}

/// Makes the account, and gives its bump.
fn open(a: &OpenBond) -> Result<u8> {
    ensure(*a.bond.owner != crate::ID, TidepoolError::BondExists)?;
    let (pool, vote) = (a.pool.key(), a.vote.key());
    transfer::create_at(&a.payer, &a.bond, Bond::SPACE, &[prefix::BOND, pool.as_ref(), vote.as_ref()])
}
