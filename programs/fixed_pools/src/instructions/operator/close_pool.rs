use {
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{PoolClosed, PoolState},
        state::Pool,
        token::{self, PoolSigner, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_math::Tokens,
};

#[derive(Accounts)]
pub struct ClosePool<'info> {
    /// CHECK: loaded and checked by the handler: Anchor would write the discriminator of a pool back into what is left of it
    #[account(mut)]
    pub pool: UncheckedAccount<'info>,
    /// Gets the rents.
    #[account(mut)]
    pub authority: Signer<'info>,
    /// CHECK: any account of the mint; the token program refuses others
    #[account(mut)]
    pub to: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub principal_vault: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub reward_vault: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub mint: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

/// Ends a pool that has no positions left: its vaults are emptied and closed. What is left of its account keeps the address
/// taken, so that no other pool ever has this one's users and whitelist.
pub fn handler<'info>(ctx: Context<'info, ClosePool<'info>>) -> Result<()> {
    let a: &'info ClosePool<'info> = ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    let loader = AccountLoader::<Pool>::try_from(&a.pool)?;
    {
        let pool = loader.load()?;
        require_accounts_of(&pool, a)?;
        ensure(pool.is_empty() && pool.locked_forfeits(now).is_zero(), FixedPoolsError::PoolNotEmpty)?;
        let amount = empty_vaults(a, &pool)?;
        let (authority, state) = (a.authority.key(), PoolState::of(&pool, now));
        emit!(PoolClosed { pool: a.pool.key(), authority, amount: amount.0, state });
    }
    retire(&a.pool, &a.authority)
}

fn require_accounts_of(pool: &Pool, a: &ClosePool) -> Result<()> {
    ensure(pool.authority == *a.authority.key, FixedPoolsError::NotTheAuthority)?;
    ensure(pool.mint == *a.mint.key, FixedPoolsError::WrongMint)?;
    ensure(pool.token_program == *a.token_program.key, FixedPoolsError::WrongTokenProgram)?;
    ensure(pool.principal_vault == *a.principal_vault.key, FixedPoolsError::WrongVault)?;
    ensure(pool.reward_vault == *a.reward_vault.key, FixedPoolsError::WrongVault)
}

/// All tokens to the authority's account, gifts to the principal vault among them; then the vaults are closed.
fn empty_vaults(a: &ClosePool, pool: &Pool) -> Result<Tokens> {
    let token = Token { program: &a.token_program, mint: &a.mint, decimals: pool.decimals };
    let signer = PoolSigner::of(pool);
    let mut left = Tokens::ZERO;
    for vault in [&a.principal_vault, &a.reward_vault] {
        let amount = token::balance(vault)?;
        token.send(&signer, &a.pool, vault, &a.to, amount)?;
        token.close_account(&signer, &a.pool, vault, &a.authority)?;
        left = left.saturating_plus(amount);
    }
    Ok(left)
}

/// Shrinks the account to [`Pool::RETIRED`], and gives back the rent for the rest.
fn retire(pool: &AccountInfo, to: &AccountInfo) -> Result<()> {
    if let Some(start) = pool.try_borrow_mut_data()?.first_chunk_mut() {
        *start = Pool::RETIRED;
    }
    pool.resize(Pool::RETIRED.len())?;
    let rent = Rent::get()?.minimum_balance(Pool::RETIRED.len());
    let freed = pool.lamports().saturating_sub(rent);
    **pool.try_borrow_mut_lamports()? = pool.lamports().saturating_sub(freed);
    **to.try_borrow_mut_lamports()? = to.lamports().saturating_add(freed);
    Ok(())
}
