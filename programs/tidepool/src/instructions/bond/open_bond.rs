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
/// place, and promise something else. A bond that is as good as empty the vote account's withdrawer may open anew, so that an
/// identity that was given up or stolen does not own it for ever: it is his then, and owes what it owed.
pub fn handler(ctx: Context<OpenBond>, terms: BondTerms) -> Result<()> {
    let a = ctx.accounts;
    let clock = Clock::get()?;
    let is_withdrawer = require_the_validator(&a.vote, a.owner.key)?;
    let (pool, vote) = (a.pool.key(), a.vote.key());
    let seeds: &[&[u8]] = &[prefix::BOND, pool.as_ref(), vote.as_ref()];
    let mut bond = match *a.bond.owner == crate::ID {
        true => {
            transfer::bump_of(&a.bond, seeds)?;
            what_is_left(a, is_withdrawer)?
        }
        false => Bond {
            pool,
            vote,
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
            settled_min_credits_bps: a.pool.load()?.rules.min_credit_bps,
            bump: transfer::create_at(&a.payer, &a.bond, Bond::SPACE, seeds)?,
        },
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

/// Refuses anybody but the validator's identity and withdrawer; whether it is the withdrawer.
fn require_the_validator(account: &AccountInfo, owner: &Pubkey) -> Result<bool> {
    let data = account.try_borrow_data()?;
    let vote = VoteState::of(account.owner, &data)?.ok_or(TidepoolError::NotAVoteAccount)?;
    ensure(*owner == vote.node || *owner == vote.withdrawer, TidepoolError::NotTheValidator)?;
    Ok(*owner == vote.withdrawer)
}

/// A bond that may be opened anew: in it is less than its account's rent, so that a stranger's lamport does not hold it. All but
/// its owner stays: else whoever empties it could open it anew each time, and pay for every other epoch.
fn what_is_left(a: &OpenBond, is_withdrawer: bool) -> Result<Bond> {
    let bond = Bond::try_deserialize(&mut &a.bond.try_borrow_data()?[..])?;
    let is_empty = bond.lamports < Rent::get()?.minimum_balance(Bond::SPACE);
    ensure(is_withdrawer && is_empty, TidepoolError::BondExists)?;
    Ok(Bond { owner: a.owner.key(), withdrawal_lamports: 0, withdrawal_epoch: 0, ..bond })
}
