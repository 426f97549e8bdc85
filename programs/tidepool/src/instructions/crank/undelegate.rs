use {
    crate::{
        errors::{ensure, TidepoolError},
        events::{NothingDue, NothingDueReason, PoolState, StakeMove, StakeUndelegated},
        stake::{self, Phase, Stake, StakeAccount},
        state::{Pool, ValidatorPage, ValidatorRecord},
        transfer, vote,
    },
    anchor_lang::prelude::*,
    tidepool_interface::{header::Function, pda::StakeRole},
    tidepool_math::{stake_to_undelegate, Epoch, Lamports},
};

#[derive(Accounts)]
pub struct Undelegate<'info> {
    #[account(mut, has_one = authority @ TidepoolError::WrongAuthority)]
    pub pool: AccountLoader<'info, Pool>,
    #[account(mut, has_one = pool @ TidepoolError::WrongPool)]
    pub page: AccountLoader<'info, ValidatorPage>,
    /// CHECK: named by the record
    pub vote: UncheckedAccount<'info>,
    /// CHECK: address is the record's
    #[account(mut)]
    pub main: UncheckedAccount<'info>,
    /// CHECK: address is the record's
    #[account(mut)]
    pub offramp: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub authority: UncheckedAccount<'info>,
    /// CHECK: address
    #[account(address = stake::STAKE_PROGRAM @ TidepoolError::WrongStakeProgram)]
    pub stake_program: UncheckedAccount<'info>,
}

/// An undelegation sends active stake to cool down: for tickets that wait, or because a validator is above its target. What
/// has to leave a validator altogether need not wait for the last part of the epoch.
pub fn handler(ctx: Context<Undelegate>, slot_in_page: u8) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let mut page = a.page.load_mut()?;
    let clock = Clock::get()?;
    stake::require_no_rewards_payout()?;
    pool.touch(&clock)?;
    pool.fill_tickets()?;
    pool.begin_epoch(clock.epoch);

    let record = page.validator(slot_in_page, a.vote.key)?;
    let is_window = stake::is_move_window(&pool, &clock)?;
    ensure(is_window || record.must_leave(), TidepoolError::OutsideMoveWindow)?;
    // Tickets are served in the window alone: until then SOL may still come for them. But an offramp whose vote account is gone
    // takes stake once in an epoch, and what is sent off before the window would keep it from them.
    let serves_tickets = is_window || vote::is_none(&a.vote);
    let shortfall = if serves_tickets { pool.shortfall(clock.slot)? } else { Lamports::ZERO };
    let due = match what_to_undelegate(a, &pool, record, shortfall, &clock)? {
        Ok(due) => due,
        Err(reason) => {
            emit!(NothingDue { pool: pool_key, account: record.vote, reason });
            return Ok(());
        }
    };

    let lamports = due.lamports;
    send_to_cool_down(a, &pool, record, &due)?;
    let for_tickets = lamports.min(shortfall);
    pool.count_move(lamports.saturating_minus(for_tickets));
    pool.book_undelegated(lamports);
    let left = Lamports(record.staked_lamports).saturating_minus(lamports);
    pool.book_staked(record, left, clock.epoch);
    record.last_move_epoch = clock.epoch;

    emit!(StakeUndelegated {
        pool: pool_key,
        stake: StakeMove { vote: record.vote, lamports: lamports.0 },
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}

/// An offramp that was sent to cool down earlier in this epoch can resume, take more and go again: a small order must not
/// keep a large one waiting.
fn can_resume(a: &Undelegate, offramp: &StakeAccount, epoch: Epoch) -> Result<bool> {
    let rent_minimum = Rent::get()?.minimum_balance(stake::ACCOUNT_SIZE);
    Ok(offramp.can_resume(epoch, rent_minimum) && !vote::is_none(&a.vote))
}

/// Stake of the minimum delegation goes to the offramp and cools down there; what cannot be moved cools where it is.
fn send_to_cool_down(
    a: &Undelegate,
    pool: &Pool,
    record: &mut ValidatorRecord,
    due: &Undelegation,
) -> Result<()> {
    let pool_key = a.pool.key();
    let signer = transfer::authority_signer(&pool_key, pool.bumps.authority);
    let stake = Stake { authority: &a.authority, signer };
    if due.in_place {
        record.main_cooling_lamports = due.lamports.0;
        return stake.deactivate(&a.main);
    }
    if due.resumes {
        stake.delegate(&a.offramp, &a.vote)?;
    }
    stake.move_stake(&a.main, &a.offramp, due.lamports)?;
    record.move_to_offramp(due.lamports);
    stake.deactivate(&a.offramp)
}

/// What is to cool down, and how.
struct Undelegation {
    lamports: Lamports,
    /// In the main account, all of it: it cannot be moved.
    in_place: bool,
    /// The offramp has to resume to take it.
    resumes: bool,
}

fn what_to_undelegate(
    a: &Undelegate,
    pool: &Pool,
    record: &ValidatorRecord,
    shortfall: Lamports,
    clock: &Clock,
) -> Result<core::result::Result<Undelegation, NothingDueReason>> {
    // Its accounts may be closed.
    if record.has_left() {
        return Ok(Err(NothingDueReason::AtTarget));
    }
    ensure(a.main.key() == *record.key(StakeRole::Main), TidepoolError::StakeAccountMismatch)?;
    ensure(a.offramp.key() == *record.key(StakeRole::Offramp), TidepoolError::StakeAccountMismatch)?;
    let main = StakeAccount::read(&a.main, a.authority.key).ok_or(TidepoolError::ForeignStakeAccount)?;
    let offramp = StakeAccount::read(&a.offramp, a.authority.key);
    // Without an offramp nothing can be split off: a validator that has to be left goes as a whole, at once.
    ensure(offramp.is_some() || record.must_leave(), TidepoolError::ForeignStakeAccount)?;
    if record.last_update_epoch != clock.epoch {
        return Ok(Err(NothingDueReason::NotUpdated));
    }
    let resumes = offramp.map_or(Ok(false), |offramp| can_resume(a, &offramp, clock.epoch))?;
    let is_offramp_ready =
        resumes || offramp.is_none_or(|offramp| offramp.phase(clock.epoch) == Phase::Inactive);
    if main.phase(clock.epoch) != Phase::Active || !is_offramp_ready {
        return Ok(Err(NothingDueReason::AccountBusy));
    }
    // What tickets need is never paused.
    let budget = match pool.is_paused(Function::Delegation) {
        true => Lamports::ZERO,
        false => pool.move_budget(),
    };
    let minimum = Lamports(pool.minimum_delegation);
    // After a rise of the rent the stake program moves no stake out of an account that would be left with less.
    let rent_minimum = Rent::get()?.minimum_balance(stake::ACCOUNT_SIZE);
    let would_lack_rent = |moved: Lamports| main.lamports.saturating_sub(moved.0) < rent_minimum;
    let lamports = stake_to_undelegate(
        Lamports(main.stake),
        Lamports(record.staked_lamports),
        pool.target_stake(record, clock.slot)?,
        shortfall,
        budget,
        minimum,
    );
    Ok(lamports.ok_or(NothingDueReason::AtTarget).map(|lamports| match offramp {
        None => Undelegation { lamports: Lamports(main.stake), in_place: true, resumes },
        Some(_) => {
            Undelegation { lamports, in_place: lamports < minimum || would_lack_rent(lamports), resumes }
        }
    }))
}
