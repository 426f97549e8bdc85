use {
    crate::{
        errors::{MathResultExt, TidepoolError},
        events::{PoolState, RecycledCollected},
        instructions::user::claim_ticket::{due, pay},
        state::{Liquidity, Pool, Ticket, TicketKind},
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct CollectRecycled<'info> {
    #[account(
        mut,
        has_one = reserve @ TidepoolError::WrongReserve,
        has_one = liquidity @ TidepoolError::WrongLiquidity,
    )]
    pub pool: AccountLoader<'info, Pool>,
    #[account(mut, has_one = sol_vault @ TidepoolError::WrongLiquidity)]
    pub liquidity: AccountLoader<'info, Liquidity>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub reserve: UncheckedAccount<'info>,
    /// CHECK: address is the liquidity pool's
    #[account(mut)]
    pub sol_vault: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = pool @ TidepoolError::WrongPool,
        has_one = rent_payer @ TidepoolError::WrongRentPayer,
        constraint = ticket.kind == TicketKind::Recycled @ TidepoolError::TicketNotRecycled,
    )]
    pub ticket: Account<'info, Ticket>,
    /// CHECK: address is the ticket's
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

/// What the queue has covered of a ticket of the liquidity pool is paid into its vault; anyone may send it.
pub fn handler(ctx: Context<CollectRecycled>) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let mut liquidity = a.liquidity.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;
    liquidity.touch(clock.epoch);

    let claim = due(&a.ticket, &pool, &clock)?;
    pay(&mut pool, &a.reserve, &a.sol_vault, &mut a.ticket, &claim)?;
    liquidity.book_collected(&claim)?;

    emit!(RecycledCollected {
        pool: pool_key,
        ticket: a.ticket.key(),
        lamports: claim.lamports.0,
        lamports_left: pool.queue().worth(a.ticket.unpaid_units()).named()?.0,
        state: PoolState::of(&pool, clock.slot),
    });
    if a.ticket.is_paid() {
        a.ticket.close(a.rent_payer.to_account_info())?;
    }
    Ok(())
}
