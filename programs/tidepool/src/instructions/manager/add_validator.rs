use {
    super::enter::{judge, Entrance, Place},
    crate::{
        errors::{ensure, Result, TidepoolError},
        stake,
        state::Pool,
    },
    anchor_lang::prelude::*,
    tidepool_interface::limits::MAX_GROUPS,
    tidepool_math::score::Verdict,
};

#[derive(Accounts)]
pub struct AddValidator<'info> {
    #[account(
        mut,
        has_one = manager @ TidepoolError::NotTheManager,
        has_one = reserve @ TidepoolError::WrongReserve,
        has_one = authority @ TidepoolError::WrongAuthority,
    )]
    pub pool: AccountLoader<'info, Pool>,
    pub manager: Signer<'info>,
    /// Pays the rent of a new page and of the entry.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// CHECK: this pool's page, or the address of its next one
    #[account(mut)]
    pub page: UncheckedAccount<'info>,
    /// CHECK: the validator's entry of this pool, or the address its seeds give
    #[account(mut)]
    pub entry: UncheckedAccount<'info>,
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

/// The manager enters a validator: a record in a page, and its three stake accounts with rent out of the reserve. One that
/// breaks a rule enters with the score 0, or he could send stake there before anybody has judged it.
pub fn handler<'info>(
    ctx: Context<'info, AddValidator<'info>>,
    place: Place,
    weight: u32,
    group: u16,
) -> Result<()> {
    let a = &*ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    stake::require_no_rewards_payout()?;
    pool.touch(&clock)?;

    require_group(group)?;
    let verdict = judge(&pool, &a.vote, &clock)?;
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
    entrance.enter(&mut pool, &place, &clock, |_, record| {
        record.weight = weight;
        record.group = group;
        if verdict != Verdict::Sound {
            (record.score_bps, record.verdict) = (0, verdict as u8);
        }
    })?;
    Ok(())
}

pub(super) fn require_group(group: u16) -> Result<()> {
    ensure(usize::from(group) < MAX_GROUPS, TidepoolError::NoSuchGroup)
}
