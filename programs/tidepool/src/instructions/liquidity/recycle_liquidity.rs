use {
    crate::{
        errors::{MathResultExt, TidepoolError},
        events::{LiquidityRecycled, NothingDue, NothingDueReason, PoolState},
        instructions::user::order_unstake::open_ticket,
        stake,
        state::{Liquidity, Pool, Ticket, TicketKind},
        transfer::{self, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_interface::limits::MIN_RECYCLE,
    tidepool_math::{quote_order, Bps, Lamports},
};

#[derive(Accounts)]
pub struct RecycleLiquidity<'info> {
    #[account(
        mut,
        has_one = lst_mint @ TidepoolError::WrongMint,
        has_one = authority @ TidepoolError::WrongAuthority,
        has_one = liquidity @ TidepoolError::WrongLiquidity,
    )]
    pub pool: AccountLoader<'info, Pool>,
    #[account(mut, has_one = lst_vault @ TidepoolError::WrongLiquidity)]
    pub liquidity: AccountLoader<'info, Liquidity>,
    /// Pays the ticket's rent and gets it back.
    #[account(mut)]
    pub rent_payer: Signer<'info>,
    /// CHECK: address is the liquidity pool's
    #[account(mut)]
    pub lst_vault: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub lst_mint: UncheckedAccount<'info>,
    /// CHECK: created here at the address its seeds give
    #[account(mut)]
    pub ticket: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub authority: UncheckedAccount<'info>,
    #[account(constraint = token_program.key == lst_mint.owner @ TidepoolError::WrongTokenProgram)]
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

/// A recycling turns LST of the liquidity pool into an unstake ticket of its own, at par and without a fee, so that the SOL
/// it has paid out comes back. It waits for the last part of an epoch: stake moves only then, and until then the LST earns.
pub fn handler(ctx: Context<RecycleLiquidity>, nonce: u64, ticket_bump: u8) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let mut liquidity = a.liquidity.load_mut()?;
    let clock = Clock::get()?;
    stake::require_move_window(&pool, &clock)?;
    pool.touch(&clock)?;
    liquidity.touch(clock.epoch);

    let target = Lamports(liquidity.target_lamports);
    let books = liquidity.as_math(&pool)?;
    let shares = books.shares_to_recycle(&pool.rate(), target, MIN_RECYCLE).named()?;
    if shares.is_zero() {
        emit!(NothingDue {
            pool: pool_key,
            account: a.liquidity.key(),
            reason: NothingDueReason::LiquidityAtTarget
        });
        return Ok(());
    }
    let quote = quote_order(&pool.rate(), shares, Bps::ZERO).named()?;

    let token = Token { program: &a.token_program, mint: &a.lst_mint };
    let signer = transfer::authority_signer(&pool_key, pool.bumps.authority);
    token.burn_from_vault(&signer, &a.authority, &a.lst_vault, quote.shares)?;
    let index = pool.tickets_ordered;
    let range = pool.book_order(&quote, clock.slot)?;
    liquidity.book_recycled(quote.shares, range.units)?;
    let ticket = Ticket {
        pool: pool_key,
        owner: liquidity.sol_vault,
        rent_payer: a.rent_payer.key(),
        index,
        queue_start: range.start,
        units: range.units,
        paid_units: 0,
        lamports: quote.lamports.0,
        lst_amount: quote.shares.0,
        created_epoch: clock.epoch,
        kind: TicketKind::Recycled,
    };
    open_ticket(&a.ticket, &a.rent_payer, &ticket, nonce, ticket_bump)?;

    emit!(LiquidityRecycled {
        pool: pool_key,
        ticket: a.ticket.key(),
        lst_burned: quote.shares.0,
        lamports: quote.lamports.0,
        claimable_epoch: clock.epoch.saturating_add(1),
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
