use {
    crate::{
        errors::{ensure, Result, TidepoolError},
        events::{PoolState, ValidatorRemoved},
        stake::StakeAccount,
        state::{Bond, Pool, ValidatorEntry, ValidatorPage, ValidatorRecord},
        transfer,
    },
    anchor_lang::prelude::*,
    tidepool_interface::pda,
    tidepool_math::{Epoch, Lamports},
};

#[derive(Accounts)]
pub struct RemoveValidator<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, Pool>,
    #[account(mut, has_one = pool @ TidepoolError::WrongPool)]
    pub page: AccountLoader<'info, ValidatorPage>,
    #[account(
        mut,
        has_one = pool @ TidepoolError::WrongPool,
        has_one = vote @ TidepoolError::NoSuchValidator,
    )]
    pub entry: Account<'info, ValidatorEntry>,
    /// CHECK: named by the record; it may be closed by now
    pub vote: UncheckedAccount<'info>,
    /// CHECK: where the validator's bond for this pool is, if it has one
    pub bond: UncheckedAccount<'info>,
    /// CHECK: address is the record's
    pub main: UncheckedAccount<'info>,
    /// CHECK: address is the record's
    pub onramp: UncheckedAccount<'info>,
    /// CHECK: address is the record's
    pub offramp: UncheckedAccount<'info>,
}

/// A validator that has left is removed: nothing is left of its stake, its stake accounts are closed, and its bond has paid
/// what it owes, for nobody could settle it any more. Anyone may do so.
pub fn handler(ctx: Context<RemoveValidator>, slot_in_page: u8) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let mut page = a.page.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;
    pool.begin_epoch(clock.epoch);

    let record = page.validator(slot_in_page, a.vote.key)?;
    ensure(record.is_draining(), TidepoolError::ValidatorNotDraining)?;
    let stakes = [&a.main, &a.onramp, &a.offramp];
    let are_its = stakes.iter().zip(record.stakes).all(|(account, key)| account.key() == key);
    ensure(are_its, TidepoolError::StakeAccountMismatch)?;
    let is_closed = |account: &UncheckedAccount| StakeAccount::read(account, &pool.authority).is_none();
    ensure(record.is_empty() && stakes.into_iter().all(is_closed), TidepoolError::ValidatorNotEmpty)?;

    require_bond_settled(a, record, clock.epoch)?;

    pool.forget(record, clock.epoch, clock.slot);
    a.entry.is_listed = false;

    emit!(ValidatorRemoved {
        pool: a.pool.key(),
        vote: a.vote.key(),
        page: a.entry.page,
        slot_in_page,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}

/// A bond that can pay anything must have paid for all that was seen up to this epoch, unless nobody settles it.
fn require_bond_settled(a: &RemoveValidator, record: &ValidatorRecord, epoch: Epoch) -> Result<()> {
    ensure(a.bond.key() == pda::bond(&a.entry.pool, &a.entry.vote).0, TidepoolError::WrongBond)?;
    if *a.bond.owner != crate::ID {
        return Ok(());
    }
    let bond = Bond::try_deserialize(&mut &a.bond.try_borrow_data()?[..])?;
    let is_settled = bond.settled_epoch >= epoch && record.lost_lamports == 0;
    let can_pay = transfer::above_rent(&a.bond)?.min(Lamports(bond.lamports));
    ensure(can_pay.is_zero() || is_settled || bond.is_left_alone(epoch), TidepoolError::BondNotSettled)
}
