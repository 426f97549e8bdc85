use {
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{PoolClosed, PoolState},
        instructions::pool_tokens::*,
        state::Pool,
        token::{self, PoolSigner},
    },
    anchor_lang::prelude::*,
    tidepool_math::Tokens,
};

#[derive(Accounts)]
pub struct ClosePool<'info> {
    pub tokens: PoolTokens<'info>,
    /// Gets the rents.
    #[account(
        mut,
        address = tokens.pool.load()?.authority @ FixedPoolsError::NotTheAuthority,
    )]
    pub authority: Signer<'info>,
    /// CHECK: any account of the mint; the token program refuses others
    #[account(mut)]
    pub to: UncheckedAccount<'info>,
}

/// Ends a pool that has no positions left: its vaults are emptied and closed. What is left of its account keeps the address
/// taken, so that no other pool ever has this one's users and whitelist.
pub fn handler(ctx: Context<ClosePool>) -> Result<()> {
    let a = ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    {
        let pool = a.tokens.pool.load()?;
        ensure(pool.is_empty() && pool.locked_forfeits(now).is_zero(), FixedPoolsError::PoolNotEmpty)?;
        let amount = empty_vaults(a, &pool)?;
        let (authority, state) = (a.authority.key(), PoolState::of(&pool, now));
        emit!(PoolClosed { pool: a.tokens.pool.key(), authority, amount: amount.0, state });
    }
    retire(a.tokens.pool.as_ref(), &a.authority)
}

/// All tokens to the authority's account, gifts to the principal vault among them; then the vaults are closed.
fn empty_vaults(a: &ClosePool, pool: &Pool) -> Result<Tokens> {
    let token = a.tokens.token(pool);
    let signer = PoolSigner::of(pool);
    let mut left = Tokens::ZERO;
    for vault in [&a.tokens.principal_vault, &a.tokens.reward_vault] {
        let amount = token::balance(vault)?;
        token.send(&signer, a.tokens.pool.as_ref(), vault, &a.to, amount)?;
        token.close_account(&signer, a.tokens.pool.as_ref(), vault, &a.authority)?;
        left = left.saturating_plus(amount);
    }
    Ok(left)
}

/// Shrinks the account to a discriminator that no instruction knows, and gives back the rent for the rest.
fn retire(pool: &AccountInfo, to: &AccountInfo) -> Result<()> {
    const RETIRED: [u8; 8] = *b"retired!";
    pool.try_borrow_mut_data()?.get_mut(..RETIRED.len()).map(|start| start.copy_from_slice(&RETIRED));
    pool.resize(RETIRED.len())?;
    let rent = Rent::get()?.minimum_balance(RETIRED.len());
    let freed = pool.lamports().saturating_sub(rent);
    **pool.try_borrow_mut_lamports()? = pool.lamports().saturating_sub(freed);
    **to.try_borrow_mut_lamports()? = to.lamports().saturating_add(freed);
    Ok(())
}
