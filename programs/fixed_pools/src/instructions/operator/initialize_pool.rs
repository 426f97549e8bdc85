use {
    crate::{
        account,
        errors::{ensure, FixedPoolsError},
        events::{PoolInitialized, PoolState},
        mint_policy::require_takeable,
        state::{Pool, PoolTerms},
        token::Token,
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_interface::fixed::{limits::MAX_LOCK_SECONDS, pda::prefix},
};

/// Bytes of a token account: no extension that a pool takes wants more.
const VAULT_SPACE: usize = 165;

/// What a pool's creator decides.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolParameters {
    /// The creator's own number of the pool.
    pub pool_id: u64,
    pub guardian: Pubkey,
    pub whitelist_manager: Pubkey,
    /// Never changes.
    pub lock_seconds: u64,
    /// Never changes.
    pub allows_early_exit: bool,
    /// The creator knows that the mint's issuer can freeze token accounts, the pool's too, and takes the mint all the same.
    pub accepts_freeze_authority: bool,
    pub terms: PoolTerms,
}

#[derive(Accounts)]
pub struct InitializePool<'info> {
    /// Becomes the authority, and pays for everything.
    #[account(mut)]
    pub creator: Signer<'info>,
    /// CHECK: unpacked and checked by the handler
    pub mint: UncheckedAccount<'info>,
    /// CHECK: created here
    #[account(mut)]
    pub pool: UncheckedAccount<'info>,
    /// CHECK: created here
    #[account(mut)]
    pub principal_vault: UncheckedAccount<'info>,
    /// CHECK: created here
    #[account(mut)]
    pub reward_vault: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

/// Anybody makes a pool for a mint that can be trusted to stay what it is; its two vaults are empty.
pub fn handler(ctx: Context<InitializePool>, parameters: PoolParameters) -> Result<()> {
    let a = ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    ensure(*a.pool.owner != crate::ID, FixedPoolsError::PoolExists)?;
    let mint = require_takeable(&a.mint, a.token_program.key)?;
    ensure(
        !mint.can_be_frozen || parameters.accepts_freeze_authority,
        FixedPoolsError::MintHasFreezeAuthority,
    )?;
    let lock_seconds = parameters.lock_seconds;
    ensure((1..=MAX_LOCK_SECONDS).contains(&lock_seconds), FixedPoolsError::InvalidLock)?;

    let (creator, pool_id) = (a.creator.key(), parameters.pool_id.to_le_bytes());
    let seeds: &[&[u8]] = &[prefix::POOL, creator.as_ref(), &pool_id];
    let bump = account::create(&a.creator, &a.pool, Pool::SPACE, &crate::ID, seeds)?;
    open_vault(a, &a.principal_vault, prefix::PRINCIPAL, mint.decimals)?;
    open_vault(a, &a.reward_vault, prefix::REWARD, mint.decimals)?;
    let collection: &[&[u8]] = &[prefix::DID_COLLECTION, creator.as_ref(), a.mint.key.as_ref()];

    let mut pool: Pool = bytemuck::Zeroable::zeroed();
    pool.version = Pool::VERSION;
    pool.bump = bump;
    pool.decimals = mint.decimals;
    pool.allows_early_exit = parameters.allows_early_exit.into();
    pool.can_be_frozen = mint.can_be_frozen.into();
    pool.pool_id = parameters.pool_id;
    pool.creator = creator;
    pool.authority = creator;
    pool.guardian = parameters.guardian;
    pool.whitelist_manager = parameters.whitelist_manager;
    pool.mint = a.mint.key();
    pool.token_program = a.token_program.key();
    pool.principal_vault = a.principal_vault.key();
    pool.reward_vault = a.reward_vault.key();
    pool.did_collection = Pubkey::find_program_address(collection, &crate::ID).0;
    pool.lock_seconds = lock_seconds;
    pool.set_terms(&parameters.terms, now)?;
    account::write_plain(&a.pool, &pool)?;

    emit!(PoolInitialized {
        pool: a.pool.key(),
        creator,
        mint: pool.mint,
        pool_id: parameters.pool_id,
        lock_seconds,
        allows_early_exit: parameters.allows_early_exit,
        can_be_frozen: mint.can_be_frozen,
        terms: parameters.terms,
        state: PoolState::of(&pool, now),
    });
    Ok(())
}

fn open_vault<'info>(
    a: &InitializePool<'info>,
    vault: &AccountInfo<'info>,
    prefix: &[u8],
    decimals: u8,
) -> Result<()> {
    let seeds: &[&[u8]] = &[prefix, a.pool.key.as_ref()];
    account::create(&a.creator, vault, VAULT_SPACE, a.token_program.key, seeds)?;
    let token = Token { program: &a.token_program, mint: &a.mint, decimals };
    token.initialize_account(vault, &a.pool)
}
