use {
    crate::{
        errors::{ensure, MathResultExt, TidepoolError},
        events::{PoolState, TicketCancelled},
        state::{Pool, Ticket},
        transfer::{self, layout, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_math::{quote_cancel, Shares},
};

#[derive(Accounts)]
pub struct CancelTicket<'info> {
    #[account(
        mut,
        has_one = lst_mint @ TidepoolError::WrongMint,
        has_one = authority @ TidepoolError::WrongAuthority,
    )]
    pub pool: AccountLoader<'info, Pool>,
    #[account(
        mut,
        has_one = pool @ TidepoolError::WrongPool,
        has_one = owner @ TidepoolError::WrongTicketOwner,
        has_one = rent_payer @ TidepoolError::WrongRentPayer,
        constraint = ticket.is_open_order() @ TidepoolError::TicketCancelled,
    )]
    pub ticket: Account<'info, Ticket>,
    pub owner: Signer<'info>,
    /// CHECK: address is the ticket's
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub lst_mint: UncheckedAccount<'info>,
    /// CHECK: any usable token account of the mint
    #[account(mut)]
    pub lst_to: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub authority: UncheckedAccount<'info>,
    #[account(constraint = token_program.key == lst_mint.owner @ TidepoolError::WrongTokenProgram)]
    pub token_program: Interface<'info, TokenInterface>,
}

/// A cancellation turns what is unpaid of a ticket back into LST, but never into more than was burned for it. Who comes back
/// pays like a comer, and for an epoch's gain at least: else SOL that waits in a ticket over every edge would share in
/// rewards, and stake could be sent to cool down for nothing. The ticket closes, or stays as a gap until the queue has passed it.
pub fn handler(ctx: Context<CancelTicket>, min_lst_out: u64) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    layout::require_usable(&a.lst_to, a.lst_mint.key, a.token_program.key)?;
    pool.require_mint_in_step(layout::mint_supply(&a.lst_mint)?)?;
    let unpaid_units = a.ticket.unpaid_units();
    let worth = pool.queue().worth(unpaid_units).named()?;
    let burned = Shares(a.ticket.lst_amount);
    let charge = pool.return_charge(clock.epoch)?;
    let shares =
        quote_cancel(&pool.rate_with(charge)?, worth, burned, unpaid_units, a.ticket.units).named()?;
    ensure(shares >= Shares(min_lst_out), TidepoolError::BelowMinimumOut)?;

    let token = Token { program: &a.token_program, mint: &a.lst_mint };
    let signer = transfer::authority_signer(&pool_key, pool.bumps.authority);
    token.mint_to(&signer, &a.authority, &a.lst_to, shares)?;
    let (range, paid_units) = (a.ticket.range(), a.ticket.paid_units);
    let gap = pool.book_cancel(&range, paid_units, worth, shares, charge, &clock)?;

    emit!(TicketCancelled {
        pool: pool_key,
        ticket: a.ticket.key(),
        owner: a.owner.key(),
        lamports: worth.0,
        lst_minted: shares.0,
        gap_units: gap.map_or(0, |gap| gap.units),
        state: PoolState::of(&pool, clock.slot),
    });
    match gap {
        Some(gap) => {
            a.ticket.leave_gap(&gap);
            Ok(())
        }
        None => a.ticket.close(a.rent_payer.to_account_info()),
    }
}
