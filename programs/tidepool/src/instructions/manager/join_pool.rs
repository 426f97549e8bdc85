use {
    super::enter::{judge, Entrance, Place},
    crate::{
        errors::{ensure, Result, TidepoolError},
        stake,
        state::{Bond, Pool},
        transfer,
    },
    anchor_lang::prelude::*,
    tidepool_math::{score::Verdict, Lamports},
};

#[derive(Accounts)]
pub struct JoinPool<'info> {
    #[account(
        mut,
        has_one = reserve @ TidepoolError::WrongReserve,
        has_one = authority @ TidepoolError::WrongAuthority,
    )]
    pub pool: AccountLoader<'info, Pool>,
    /// Pays the rent of a new page, of the entry and, to the reserve, of the stake accounts.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// CHECK: this pool's page, or the address of its next one
    #[account(mut)]
    pub page: UncheckedAccount<'info>,
    /// CHECK: the validator's entry of this pool, or the address its seeds give
    #[account(mut)]
    pub entry: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = pool @ TidepoolError::WrongBond,
        has_one = vote @ TidepoolError::WrongBond,
    )]
    pub bond: Account<'info, Bond>,
    /// CHECK: owner checked
    #[account(owner = stake::VOTE_PROGRAM @ TidepoolError::NotAVoteAccount)]
    pub vote: UncheckedAccount<'info>,
    /// CHECK: created here at the address its seeds give
    #[account(mut)]
    pub main: UncheckedAccount<'info>,
    /// CHECK: created here at the address its seeds give
    #[account(mut)]
    pub onramp: UncheckedAccount<'info>,
    /// CHECK: created here at the address its seeds give
    #[account(mut)]
    pub offramp: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub reserve: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub authority: UncheckedAccount<'info>,
    /// CHECK: address
    #[account(address = stake::STAKE_PROGRAM @ TidepoolError::WrongStakeProgram)]
    pub stake_program: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

/// A validator that keeps all rules and has a bond joins a pool that lets it, with the weight that the pool gives such.
pub fn handler<'info>(ctx: Context<'info, JoinPool<'info>>, place: Place) -> Result<()> {
    let a = ctx.accounts;
    let clock = Clock::get()?;
    a.bond.adopt_terms(clock.epoch);
    let a = &*a;
    let mut pool = a.pool.load_mut()?;
    stake::require_no_rewards_payout()?;
    pool.touch(&clock)?;

    let rules = pool.rules;
    ensure(rules.join_weight > 0, TidepoolError::JoiningIsOff)?;
    ensure(a.bond.backing() >= Lamports(rules.join_bond_lamports), TidepoolError::BondTooSmall)?;
    let verdict = judge(&pool, &a.vote, &clock)?;
    ensure(verdict == Verdict::Sound, TidepoolError::ValidatorBreaksRules)?;
    let entrance = Entrance {
        pool_key: a.pool.key(),
        payer: &a.payer,
        page: &a.page,
        entry: &a.entry,
        vote: &a.vote,
        stakes: [&a.main, &a.onramp, &a.offramp],
        reserve: &a.reserve,
        authority: &a.authority,
    };
    let rents = entrance.enter(&mut pool, &place, &clock, |pool, record| {
        record.has_joined = 1;
        record.weight = rules.join_weight;
        pool.note_bond(record, &a.bond);
    })?;
    // A gift, as any that a sync finds there: nobody empties the reserve by joining again and again.
    transfer::sol(&a.payer, &a.reserve, rents)
}
