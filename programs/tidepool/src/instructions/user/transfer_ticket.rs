use {
    crate::{
        errors::TidepoolError,
        events::{PoolState, TicketTransferred},
        state::{Pool, Ticket},
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct TransferTicket<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, Pool>,
    #[account(
        mut,
        has_one = pool @ TidepoolError::WrongPool,
        has_one = owner @ TidepoolError::WrongTicketOwner,
        constraint = ticket.is_open_order() @ TidepoolError::TicketCancelled,
    )]
    pub ticket: Account<'info, Ticket>,
    pub owner: Signer<'info>,
    /// CHECK: any account that can be paid: the runtime lets nobody write to sysvars and built-in programs
    #[account(
        mut,
        constraint = !new_owner.executable @ TidepoolError::InvalidParameter,
        constraint = new_owner.key() != pool.key() @ TidepoolError::InvalidParameter,
    )]
    pub new_owner: UncheckedAccount<'info>,
}

/// A transfer gives a ticket, and all that will be paid on it, to another owner.
pub fn handler(ctx: Context<TransferTicket>) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    a.ticket.owner = a.new_owner.key();

    emit!(TicketTransferred {
        pool: a.pool.key(),
        ticket: a.ticket.key(),
        from: a.owner.key(),
        to: a.ticket.owner,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
