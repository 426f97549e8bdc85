use {
    crate::{
        errors::{ensure, TidepoolError},
        events::{HistoryExtended, PoolState},
        instructions::views,
        state::{History, Pool},
        transfer,
    },
    anchor_lang::prelude::*,
    tidepool_math::Lamports,
};

#[derive(Accounts)]
pub struct ExtendHistory<'info> {
    #[account(has_one = history @ TidepoolError::WrongHistory)]
    pub pool: AccountLoader<'info, Pool>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub history: UncheckedAccount<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    pub system_program: Program<'info, System>,
}

/// An extension lets the history grow by as much as one instruction may, until it has room for all its entries.
pub fn handler(ctx: Context<ExtendHistory>) -> Result<()> {
    let a = ctx.accounts;
    let bytes = a.history.data_len();
    ensure(bytes < History::SPACE, TidepoolError::HistoryComplete)?;

    let after = bytes.saturating_add(History::GROWTH).min(History::SPACE);
    let rent = Lamports(Rent::get()?.minimum_balance(after));
    transfer::sol(&a.payer, &a.history, rent.saturating_minus(Lamports(a.history.lamports())))?;
    a.history.resize(after)?;

    let (pool, clock) = views::now(&a.pool)?;
    emit!(HistoryExtended {
        pool: a.pool.key(),
        bytes: after as u64,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
