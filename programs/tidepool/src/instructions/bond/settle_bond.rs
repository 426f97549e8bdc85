use {
    crate::{
        errors::{Result, TidepoolError},
        events::{BondSettled, NothingDue, NothingDueReason, PoolState},
        state::{slots_in, Bond, Pool, ValidatorPage, ValidatorRecord},
        transfer,
    },
    anchor_lang::prelude::*,
    tidepool_math::{
        bond::{self, Charge, Conduct},
        Bps, Epoch, Lamports, Slot,
    },
};

#[derive(Accounts)]
pub struct SettleBond<'info> {
    #[account(mut, has_one = reserve @ TidepoolError::WrongReserve)]
    pub pool: AccountLoader<'info, Pool>,
    #[account(mut, has_one = pool @ TidepoolError::WrongPool)]
    pub page: AccountLoader<'info, ValidatorPage>,
    #[account(mut, has_one = pool @ TidepoolError::WrongBond)]
    pub bond: Account<'info, Bond>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub reserve: UncheckedAccount<'info>,
}

/// A settlement takes from a bond what its validator owes the pool by what reviews and updates have seen: once an epoch, and
/// once the validator was updated and reviewed in it. It also notes what the bond backs with from now on.
pub fn handler(ctx: Context<SettleBond>, slot_in_page: u8) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let mut page = a.page.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;
    pool.begin_epoch(clock.epoch);

    let record = page.validator(slot_in_page, &a.bond.vote)?;
    let charge = match what_is_due(&pool, record, &a.bond, clock.epoch) {
        Ok(charge) => charge,
        Err(reason) => {
            match pool.note_bond(record, &a.bond) {
                true => emit!(told(a, &pool, &Charge::default(), Lamports::ZERO, clock.slot)),
                false => emit!(NothingDue { pool: a.pool.key(), account: record.vote, reason }),
            }
            return Ok(());
        }
    };
    let can_leave = transfer::above_rent(a.bond.as_ref())?;
    let paid = a.bond.take(charge.total(), can_leave);
    transfer::from_own_account(a.bond.as_ref(), &a.reserve, paid)?;
    settle(&mut a.bond, record, &charge, paid, clock.epoch);
    a.bond.settled_min_credits_bps = pool.rules.min_credit_bps;
    pool.note_bond(record, &a.bond);
    pool.book_bond_payment(paid, &charge, clock.slot, slots_in(clock.epoch)?)?;

    emit!(told(a, &pool, &charge, paid, clock.slot));
    Ok(())
}

fn told(a: &SettleBond, pool: &Pool, charge: &Charge, paid: Lamports, slot: Slot) -> BondSettled {
    BondSettled {
        pool: a.pool.key(),
        vote: a.bond.vote,
        bid_lamports: charge.bid.0,
        commission_lamports: charge.commission.0,
        credits_lamports: charge.credits.0,
        lost_lamports: charge.lost.0,
        paid_lamports: paid.0,
        bond_lamports: a.bond.lamports,
        state: PoolState::of(pool, slot),
    }
}

/// What the bond owes for the epochs since it was last settled, by the terms and the rule that held until then.
fn what_is_due(
    pool: &Pool,
    record: &ValidatorRecord,
    bond: &Bond,
    epoch: Epoch,
) -> core::result::Result<Charge, NothingDueReason> {
    if bond.settled_epoch >= epoch {
        return Err(NothingDueReason::AlreadySettled);
    }
    // What was slashed must be known.
    if record.last_update_epoch != epoch {
        return Err(NothingDueReason::NotUpdated);
    }
    if record.reviewed_epoch != epoch {
        return Err(NothingDueReason::NotReviewed);
    }
    let was_there = bond.settled_epoch >= record.entered_epoch;
    let conduct = Conduct {
        stake: Lamports(if was_there { bond.settled_stake } else { 0 }),
        epochs: epoch.saturating_sub(bond.settled_epoch),
        commission: Bps(record.highest_commission_bps),
        credit_ratio: Bps(record.credit_ratio_bps),
        lost: Lamports(record.lost_lamports),
    };
    let means = pool.means(epoch).map(|(means, _)| means);
    let min_credits = Bps(bond.settled_min_credits_bps);
    Ok(bond::charge(&bond.terms.as_math(), &conduct, min_credits, means.as_ref()))
}

/// Starts the next period, in which the stake earns that the epoch began with: nobody can choose a moment for less. What was
/// paid pays for what was slashed first; what a spent bond leaves unpaid of that is forgotten once the validator has left, or a
/// lamport posted again and again would hold it in the pool.
fn settle(bond: &mut Bond, record: &mut ValidatorRecord, charge: &Charge, paid: Lamports, epoch: Epoch) {
    let unpaid = record.lost_lamports.saturating_sub(paid.min(charge.lost).0);
    record.lost_lamports = if record.has_left() { 0 } else { unpaid };
    record.highest_commission_bps = record.commission_bps;
    bond.settled_epoch = epoch;
    bond.settled_stake = record.opening_stake(epoch).0;
    bond.adopt_terms(epoch);
}
