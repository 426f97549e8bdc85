use {
    crate::{
        errors::{ensure, MathResultExt, TidepoolError},
        events::{NothingDue, NothingDueReason, PoolState, StakeDelegated, StakeMove},
        stake::{self, Phase, Stake, StakeAccount},
        state::{Pool, ValidatorPage, ValidatorRecord},
        transfer,
    },
    anchor_lang::prelude::*,
    tidepool_interface::{header::Function, pda::StakeRole},
    tidepool_math::{part_by_weight, stake_to_delegate, Bps, Lamports},
};

#[derive(Accounts)]
pub struct Delegate<'info> {
    #[account(
        mut,
        has_one = reserve @ TidepoolError::WrongReserve,
        has_one = authority @ TidepoolError::WrongAuthority,
    )]
    pub pool: AccountLoader<'info, Pool>,
    #[account(mut, has_one = pool @ TidepoolError::WrongPool)]
    pub page: AccountLoader<'info, ValidatorPage>,
    /// CHECK: named by the record
    pub vote: UncheckedAccount<'info>,
    /// CHECK: address is the record's
    #[account(mut)]
    pub onramp: UncheckedAccount<'info>,
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

/// A delegation takes SOL the reserve can spare to a validator below its target, in the last part of an epoch.
pub fn handler(ctx: Context<Delegate>, slot_in_page: u8) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let mut page = a.page.load_mut()?;
    let clock = Clock::get()?;
    stake::require_no_rewards_payout()?;
    stake::require_move_window(&pool, &clock)?;
    pool.touch(&clock)?;
    pool.fill_tickets()?;

    let record = page.validator(slot_in_page, a.vote.key)?;
    let Delegation { stake, sent } = match what_to_delegate(a, &pool, record, &clock)? {
        Ok(due) => due,
        Err(reason) => {
            emit!(NothingDue { pool: pool_key, account: record.vote, reason });
            return Ok(());
        }
    };

    let signer = transfer::reserve_signer(&pool_key, pool.bumps.reserve);
    transfer::sol_from_vault(&signer, &a.reserve, &a.onramp, sent)?;
    let signer = transfer::authority_signer(&pool_key, pool.bumps.authority);
    Stake { authority: &a.authority, signer }.delegate(&a.onramp, &a.vote)?;
    record.lamports[StakeRole::Onramp as usize] = record.lamports(StakeRole::Onramp).saturating_add(sent.0);
    record.set_in_use(StakeRole::Onramp, true);
    let after = Lamports(record.staked_lamports).plus(stake).named()?;
    pool.book_staked(record, after, clock.epoch);
    record.last_move_epoch = clock.epoch;
    pool.book_delegated(sent)?;

    emit!(StakeDelegated {
        pool: pool_key,
        stake: StakeMove { vote: record.vote, lamports: sent.0 },
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}

/// What is to be staked, and what the reserve sends for that.
struct Delegation {
    stake: Lamports,
    sent: Lamports,
}

fn what_to_delegate(
    a: &Delegate,
    pool: &Pool,
    record: &ValidatorRecord,
    clock: &Clock,
) -> Result<core::result::Result<Delegation, NothingDueReason>> {
    // Its accounts may be closed.
    if record.has_left() {
        return Ok(Err(NothingDueReason::AtTarget));
    }
    ensure(*a.vote.owner == stake::VOTE_PROGRAM, TidepoolError::NotAVoteAccount)?;
    ensure(a.onramp.key() == *record.key(StakeRole::Onramp), TidepoolError::StakeAccountMismatch)?;
    let onramp = StakeAccount::read(&a.onramp, a.authority.key).ok_or(TidepoolError::ForeignStakeAccount)?;
    if pool.is_paused(Function::Delegation) {
        return Ok(Err(NothingDueReason::Paused));
    }
    if !pool.queue().is_filled() {
        return Ok(Err(NothingDueReason::TicketsWaiting));
    }
    if record.lamports.contains(&0) {
        return Ok(Err(NothingDueReason::AccountLost));
    }
    if stake::is_above_cluster_share(&record.vote, Bps(pool.rules.max_cluster_bps)) {
        return Ok(Err(NothingDueReason::AboveClusterShare));
    }
    if !onramp.is_fresh(clock.epoch) && onramp.phase(clock.epoch) != Phase::Inactive {
        return Ok(Err(NothingDueReason::AccountBusy));
    }
    let (beyond, lacking) = beside_rent(record, &onramp)?;
    let spare = pool.spare_reserve()?.saturating_minus(lacking);
    let stake = stake_to_delegate(
        spare,
        part_by_weight(spare, record.effective_weight(), pool.total_weight),
        pool.target_stake(record, clock.slot)?,
        Lamports(record.staked_lamports),
        Lamports(pool.minimum_delegation),
    );
    Ok(stake.ok_or(NothingDueReason::AtTarget).map(|stake| Delegation {
        stake: stake.max(beyond),
        sent: stake.saturating_minus(beyond).saturating_plus(lacking),
    }))
}

/// The stake program delegates all but today's rent: so what is known to lie in an empty onramp beyond that becomes a part of the
/// stake, and what it lacks of it has to be sent along.
fn beside_rent(record: &ValidatorRecord, onramp: &StakeAccount) -> Result<(Lamports, Lamports)> {
    if !onramp.staked().is_zero() {
        return Ok((Lamports::ZERO, Lamports::ZERO));
    }
    let rent = Lamports(Rent::get()?.minimum_balance(stake::ACCOUNT_SIZE));
    let has = Lamports(onramp.lamports.min(record.lamports(StakeRole::Onramp)));
    Ok((has.saturating_minus(rent), rent.saturating_minus(has)))
}
