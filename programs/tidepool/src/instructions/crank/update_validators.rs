use {
    super::batch::{Batch, Found},
    crate::{
        errors::{ensure, TidepoolError},
        events::{PoolState, ValidatorsUpdated},
        stake,
        state::{slots_in, Pool, Source, ValidatorPage, ValidatorRecord},
        transfer,
    },
    anchor_lang::prelude::*,
    tidepool_math::{Epoch, Slot},
};

/// Remaining accounts: the pages of the batch in rising order, then for each validator named, in the order of page and
/// slot, its main stake account, its onramp and its offramp. An onramp or offramp that is not in use may be left out.
#[derive(Accounts)]
pub struct UpdateValidators<'info> {
    #[account(
        mut,
        has_one = reserve @ TidepoolError::WrongReserve,
        has_one = insurance @ TidepoolError::WrongInsurance,
        has_one = authority @ TidepoolError::WrongAuthority,
    )]
    pub pool: AccountLoader<'info, Pool>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub reserve: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub insurance: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub authority: UncheckedAccount<'info>,
    /// CHECK: address
    #[account(address = stake::STAKE_PROGRAM @ TidepoolError::WrongStakeProgram)]
    pub stake_program: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

/// An update looks at the stake accounts of a batch of validators, does with them what is due, and books what they
/// gained or lost. `slots` names the validators: for each page passed, a bit a slot.
pub fn handler<'info>(ctx: Context<'info, UpdateValidators<'info>>, slots: Vec<u32>) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    stake::require_no_rewards_payout()?;
    pool.touch(&clock)?;
    pool.begin_epoch(clock.epoch);

    ensure(slots.iter().any(|bits| *bits != 0), TidepoolError::EmptyBatch)?;
    ensure(slots.len() <= ctx.remaining_accounts.len(), TidepoolError::PagesOutOfOrder)?;
    let (pages, stakes) = ctx.remaining_accounts.split_at(slots.len());
    let mut batch = Batch::new(&mut pool, &pool_key, &a.reserve, &a.authority, stakes, clock.epoch)?;
    let mut next_page = 0;
    for (account, bits) in pages.iter().zip(slots) {
        let loader = AccountLoader::<ValidatorPage>::try_from(account)?;
        let mut page = loader.load_mut()?;
        ensure(page.pool == pool_key, TidepoolError::WrongPool)?;
        ensure(page.index >= next_page, TidepoolError::PagesOutOfOrder)?;
        next_page = page.index.saturating_add(1);
        for record in records_named_by(bits, &mut page) {
            batch.update(record, clock.slot)?;
        }
    }
    let seen = batch.finish()?;
    book(a, &mut pool, &pool_key, &seen, clock.slot, clock.epoch)?;

    emit!(ValidatorsUpdated {
        pool: pool_key,
        validators: seen.validators,
        gain: seen.gain.0,
        loss: seen.loss.0,
        returned: seen.returned.0,
        epoch_complete: pool.last_update_epoch == clock.epoch,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}

fn records_named_by(bits: u32, page: &mut ValidatorPage) -> impl Iterator<Item = &mut ValidatorRecord> {
    let is_named = move |slot: usize| bits >> slot & 1 == 1;
    page.records.iter_mut().enumerate().filter(move |(slot, _)| is_named(*slot)).map(|(_, record)| record)
}

/// Gains first: a gain and a loss of the same batch meet in the withheld rewards before a holder feels either.
fn book(
    a: &UpdateValidators,
    pool: &mut Pool,
    pool_key: &Pubkey,
    seen: &Found,
    slot: Slot,
    epoch: Epoch,
) -> Result<()> {
    pool.note_found(seen.gain, seen.loss, epoch)?;
    if !seen.gain.is_zero() {
        pool.gains.add(Source::Delegation, seen.rewards);
        let free = seen.gain.saturating_minus(seen.rewards);
        pool.gains.add(Source::Free, free);
        pool.book_gain(seen.gain, slot, slots_in(epoch)?)?;
    }
    let from_insurance = pool.book_loss(seen.loss, slot)?;
    if !from_insurance.is_zero() {
        let signer = transfer::insurance_signer(pool_key, pool.bumps.insurance);
        transfer::sol_from_vault(&signer, &a.insurance, &a.reserve, from_insurance)?;
    }
    pool.fill_tickets()
}
