use {
    crate::{
        errors::{ensure, TidepoolError},
        events::{PoolState, UnstakeOrdered},
        state::{Pool, Ticket, TicketKind},
        transfer::{self, layout, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_interface::pda::prefix,
    tidepool_math::{Lamports, Shares},
};

#[derive(Accounts)]
pub struct OrderUnstake<'info> {
    #[account(mut, has_one = lst_mint @ TidepoolError::WrongMint)]
    pub pool: AccountLoader<'info, Pool>,
    /// Holds the LST and will own the ticket.
    pub owner: Signer<'info>,
    /// Pays the ticket's rent and gets it back.
    #[account(mut)]
    pub rent_payer: Signer<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub lst_mint: UncheckedAccount<'info>,
    /// CHECK: a usable token account of the mint; the token program checks that `owner` may burn from it
    #[account(mut)]
    pub lst_from: UncheckedAccount<'info>,
    /// CHECK: created here at the address its seeds give
    #[account(mut)]
    pub ticket: UncheckedAccount<'info>,
    #[account(constraint = token_program.key == lst_mint.owner @ TidepoolError::WrongTokenProgram)]
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

/// An order burns LST and opens a ticket for its worth at the rate of this slot, at the end of the queue.
pub fn handler(
    ctx: Context<OrderUnstake>,
    lst_amount: u64,
    min_lamports: u64,
    nonce: u64,
    ticket_bump: u8,
) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    let quote = pool.quote_order(Shares(lst_amount))?;
    layout::require_usable(&a.lst_from, a.lst_mint.key, a.token_program.key)?;
    ensure(layout::balance(&a.lst_from)? >= lst_amount, TidepoolError::InsufficientBalance)?;
    ensure(quote.lamports >= Lamports(min_lamports), TidepoolError::BelowMinimumOut)?;

    let token = Token { program: &a.token_program, mint: &a.lst_mint };
    token.burn(&a.owner, &a.lst_from, quote.shares)?;
    let index = pool.tickets_ordered;
    let range = pool.book_order(&quote, clock.slot)?;
    let ticket = Ticket {
        pool: pool_key,
        owner: a.owner.key(),
        rent_payer: a.rent_payer.key(),
        index,
        queue_start: range.start,
        units: range.units,
        paid_units: 0,
        lamports: quote.lamports.0,
        lst_amount,
        created_epoch: clock.epoch,
        kind: TicketKind::Order,
    };
    open_ticket(&a.ticket, &a.rent_payer, &ticket, nonce, ticket_bump)?;

    emit!(UnstakeOrdered {
        pool: pool_key,
        ticket: a.ticket.key(),
        owner: ticket.owner,
        index,
        lst_burned: lst_amount,
        fee_shares: quote.fee_shares.0,
        lamports: quote.lamports.0,
        claimable_epoch: clock.epoch.saturating_add(1),
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}

/// Makes the account of a ticket, at the address that its owner and a nonce of his choice give.
pub(crate) fn open_ticket<'info>(
    account: &AccountInfo<'info>,
    rent_payer: &AccountInfo<'info>,
    ticket: &Ticket,
    nonce: u64,
    bump: u8,
) -> Result<()> {
    let nonce = nonce.to_le_bytes();
    let bump = [bump];
    let seeds = [prefix::TICKET, ticket.pool.as_ref(), ticket.owner.as_ref(), &nonce, &bump];
    let address =
        Pubkey::create_program_address(&seeds, &crate::ID).map_err(|_| TidepoolError::WrongAddress)?;
    ensure(*account.key == address, TidepoolError::WrongAddress)?;

    let rent = Lamports(Rent::get()?.minimum_balance(Ticket::SPACE));
    transfer::create_account(rent_payer, account, rent, Ticket::SPACE, &crate::ID, &seeds)?;
    ticket.try_serialize(&mut &mut account.try_borrow_mut_data()?[..])
}
