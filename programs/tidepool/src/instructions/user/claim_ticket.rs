use {
    crate::{
        errors::{ensure, MathResultExt, TidepoolError},
        events::{PoolState, TicketClaimed},
        state::{Pool, Ticket, TicketKind},
        transfer,
    },
    anchor_lang::prelude::*,
    tidepool_math::{Claim, Lamports},
};

#[derive(Accounts)]
pub struct ClaimTicket<'info> {
    #[account(mut, has_one = reserve @ TidepoolError::WrongReserve)]
    pub pool: AccountLoader<'info, Pool>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub reserve: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = pool @ TidepoolError::WrongPool,
        has_one = owner @ TidepoolError::WrongTicketOwner,
        has_one = rent_payer @ TidepoolError::WrongRentPayer,
    )]
    pub ticket: Account<'info, Ticket>,
    /// CHECK: address is the ticket's; any kind of account is paid
    #[account(mut)]
    pub owner: UncheckedAccount<'info>,
    /// CHECK: address is the ticket's
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

/// Anyone may send a claim: it pays the ticket's owner what the queue has covered, and closes a ticket that is paid.
pub fn handler(ctx: Context<ClaimTicket>) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    ensure(a.ticket.kind != TicketKind::Cancelled, TidepoolError::TicketCancelled)?;
    ensure(a.ticket.kind != TicketKind::Recycled, TidepoolError::TicketIsRecycled)?;
    let claim = due(&a.ticket, &pool, &clock)?;
    if !claim.lamports.is_zero() {
        require_rent_exempt_after(&a.owner, claim.lamports)?;
    }
    pay(&mut pool, &a.reserve, &a.owner, &mut a.ticket, &claim)?;

    emit!(TicketClaimed {
        pool: pool_key,
        ticket: a.ticket.key(),
        owner: a.owner.key(),
        lamports: claim.lamports.0,
        lamports_left: pool.queue().worth(a.ticket.unpaid_units()).named()?.0,
        state: PoolState::of(&pool, clock.slot),
    });
    if a.ticket.is_paid() {
        a.ticket.close(a.rent_payer.to_account_info())?;
    }
    Ok(())
}

/// What a ticket can be paid now.
pub(crate) fn due(ticket: &Ticket, pool: &Pool, clock: &Clock) -> Result<Claim> {
    ensure(ticket.is_claimable_in(clock.epoch), TidepoolError::TicketTooYoung)?;
    let claim = pool.queue().claimable(&ticket.range(), ticket.paid_units).named()?;
    // Losses can leave a ticket worth less than a lamport: once all of it is covered it closes for nothing.
    let closes = claim.units == ticket.unpaid_units();
    ensure(!claim.lamports.is_zero() || closes, TidepoolError::TicketNotFilled)?;
    Ok(claim)
}

/// Pays what is due on a ticket out of the reserve, and books it.
pub(crate) fn pay<'info>(
    pool: &mut Pool,
    reserve: &AccountInfo<'info>,
    to: &AccountInfo<'info>,
    ticket: &mut Ticket,
    claim: &Claim,
) -> Result<()> {
    if !claim.lamports.is_zero() {
        let signer = transfer::reserve_signer(&ticket.pool, pool.bumps.reserve);
        transfer::sol_from_vault(&signer, reserve, to, claim.lamports)?;
    }
    pool.book_claim(claim)?;
    ticket.paid_units = ticket.paid_units.saturating_add(claim.units);
    Ok(())
}

/// The runtime refuses an account that holds something but less than its rent.
fn require_rent_exempt_after(owner: &AccountInfo, lamports: Lamports) -> Result<()> {
    if owner.lamports() == 0 {
        let minimum = Rent::get()?.minimum_balance(owner.data_len());
        ensure(lamports >= Lamports(minimum), TidepoolError::PayoutBelowRent)?;
    }
    Ok(())
}
