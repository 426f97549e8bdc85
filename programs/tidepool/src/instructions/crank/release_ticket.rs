use {
    crate::{
        errors::TidepoolError,
        events::{NothingDue, NothingDueReason, PoolState, TicketReleased},
        state::{Pool, Ticket, TicketKind},
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct ReleaseTicket<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, Pool>,
    #[account(
        mut,
        has_one = pool @ TidepoolError::WrongPool,
        has_one = rent_payer @ TidepoolError::WrongRentPayer,
        constraint = ticket.kind == TicketKind::Cancelled @ TidepoolError::TicketNotCancelled,
    )]
    pub ticket: Account<'info, Ticket>,
    /// CHECK: address is the ticket's
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

/// A release skips the gap of a cancelled ticket once the queue has reached it; SOL that covered it flows on.
pub fn handler(ctx: Context<ReleaseTicket>) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    if !pool.book_release(&a.ticket.range())? {
        emit!(NothingDue {
            pool: pool_key,
            account: a.ticket.key(),
            reason: NothingDueReason::GapNotReached
        });
        return Ok(());
    }

    emit!(TicketReleased {
        pool: pool_key,
        ticket: a.ticket.key(),
        units: a.ticket.units,
        state: PoolState::of(&pool, clock.slot),
    });
    a.ticket.close(a.rent_payer.to_account_info())
}
