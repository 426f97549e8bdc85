use {
    crate::{
        errors::{ensure, MathResultExt, TidepoolError},
        events::{PoolState, UnstakeOrdered},
        state::{Pool, Ticket},
        transfer::{self, layout, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_interface::pda::prefix,
    tidepool_math::{quote_order, Bps, Lamports, Shares},
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
    pool.release_rewards(clock.slot)?;

    ensure(lst_amount > 0, TidepoolError::ZeroAmount)?;
    layout::require_usable(&a.lst_from, a.lst_mint.key, a.token_program.key)?;
    ensure(layout::balance(&a.lst_from)? >= lst_amount, TidepoolError::InsufficientBalance)?;
    let quote = quote_order(&pool.rate(), Shares(lst_amount), Bps(pool.fees.ticket)).named()?;
    ensure(quote.lamports >= Lamports(min_lamports), TidepoolError::BelowMinimumOut)?;

    let token = Token { program: &a.token_program, mint: &a.lst_mint };
    token.burn(&a.owner, &a.lst_from, quote.shares)?;
    let index = pool.tickets_ordered;
    let range = pool.book_order(&quote)?;
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
    };
    open_ticket(a, &ticket, &pool_key, nonce, ticket_bump)?;

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

fn open_ticket(a: &OrderUnstake, ticket: &Ticket, pool: &Pubkey, nonce: u64, bump: u8) -> Result<()> {
    let nonce = nonce.to_le_bytes();
    let bump = [bump];
    let seeds = [prefix::TICKET, pool.as_ref(), a.owner.key.as_ref(), &nonce, &bump];
    let address =
        Pubkey::create_program_address(&seeds, &crate::ID).map_err(|_| TidepoolError::WrongAddress)?;
    ensure(a.ticket.key() == address, TidepoolError::WrongAddress)?;

    let rent = Lamports(Rent::get()?.minimum_balance(Ticket::SPACE));
    transfer::create_account(&a.rent_payer, &a.ticket, rent, Ticket::SPACE, &crate::ID, &seeds)?;
    ticket.try_serialize(&mut &mut a.ticket.try_borrow_mut_data()?[..])
}
