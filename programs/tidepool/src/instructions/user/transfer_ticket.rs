use {
    crate::{
        errors::{ensure, TidepoolError},
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
}

/// A transfer gives a ticket, and all that will be paid on it, to another owner.
pub fn handler(ctx: Context<TransferTicket>, new_owner: Pubkey) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    // The zero key is the system program's, which nothing can be paid to.
    ensure(new_owner != Pubkey::default(), TidepoolError::InvalidParameter)?;
    a.ticket.owner = new_owner;

    emit!(TicketTransferred {
        pool: a.pool.key(),
        ticket: a.ticket.key(),
        from: a.owner.key(),
        to: new_owner,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
