use {
    super::PoolSettings,
    crate::{
        errors::{MathResultExt, TidepoolError},
        events::{PoolInitialized, PoolState},
        mint_policy::require_mint_for_a_pool,
        stake,
        state::{History, Liquidity, Pool, PoolFees, ValidatorRules},
        transfer::{self, layout, Token},
    },
    anchor_lang::{prelude::*, Discriminator},
    tidepool_interface::{
        limits::{MIN_INITIAL_DEPOSIT, VAULT_FLOOR},
        pda::prefix,
    },
    tidepool_math::{Lamports, Shares, TicketIndex},
};

/// What a pool's creator decides.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolParameters {
    pub manager: Pubkey,
    pub guardian: Pubkey,
    pub fees: PoolFees,
    pub settings: PoolSettings,
}

#[derive(Accounts)]
pub struct InitializePool<'info> {
    /// Becomes the admin, and pays for everything.
    #[account(mut)]
    pub creator: Signer<'info>,
    /// Holds the authority to mint, which goes to the pool.
    pub mint_authority: Signer<'info>,
    /// CHECK: unpacked and checked by the handler
    #[account(mut)]
    pub lst_mint: UncheckedAccount<'info>,
    /// CHECK: created here
    #[account(mut)]
    pub pool: UncheckedAccount<'info>,
    /// CHECK: address checked against its seeds
    pub authority: UncheckedAccount<'info>,
    /// CHECK: address checked against its seeds
    #[account(mut)]
    pub reserve: UncheckedAccount<'info>,
    /// CHECK: address checked against its seeds
    #[account(mut)]
    pub insurance: UncheckedAccount<'info>,
    /// CHECK: created here
    #[account(mut)]
    pub history: UncheckedAccount<'info>,
    /// CHECK: created here
    #[account(mut)]
    pub liquidity: UncheckedAccount<'info>,
    /// CHECK: address checked against its seeds
    #[account(mut)]
    pub sol_vault: UncheckedAccount<'info>,
    /// CHECK: created here
    #[account(mut)]
    pub lst_vault: UncheckedAccount<'info>,
    /// CHECK: created here
    #[account(mut)]
    pub lp_mint: UncheckedAccount<'info>,
    /// CHECK: created here
    #[account(mut)]
    pub dead_lst: UncheckedAccount<'info>,
    /// CHECK: created here
    #[account(mut)]
    pub dead_lp: UncheckedAccount<'info>,
    /// CHECK: a usable token account of the mint
    pub treasury: UncheckedAccount<'info>,
    /// CHECK: one of both token programs, checked with the mint
    pub token_program: UncheckedAccount<'info>,
    /// CHECK: address
    #[account(address = stake::STAKE_PROGRAM @ TidepoolError::WrongStakeProgram)]
    pub stake_program: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

/// Bytes of a mint and of a token account without extensions, which is all that the pool's own have.
const MINT_SPACE: usize = 82;
const TOKEN_ACCOUNT_SPACE: usize = 165;

/// A pool is created for a mint that has issued nothing: it takes the authority to mint for ever and starts with
/// shares nobody can redeem.
pub fn handler(ctx: Context<InitializePool>, parameters: PoolParameters) -> Result<()> {
    let a = ctx.accounts;
    parameters.fees.require_within_limits()?;
    parameters.settings.require_valid()?;
    require_mint_for_a_pool(&a.lst_mint, a.token_program.key, a.mint_authority.key)?;
    layout::require_usable(&a.treasury, a.lst_mint.key, a.token_program.key)?;

    let bumps = Bumps::of(a)?;
    open_accounts(a, &bumps)?;
    fund_vaults(a)?;
    mint_dead_shares(a, &bumps)?;
    let pool = write_pool(a, &bumps, &parameters)?;
    write_liquidity(a, &bumps, &parameters)?;

    emit!(pool);
    Ok(())
}

/// Bumps of all addresses, found once here and stored.
struct Bumps {
    pool: u8,
    authority: u8,
    reserve: u8,
    insurance: u8,
    history: u8,
    liquidity: u8,
    sol_vault: u8,
    lst_vault: u8,
    lp_mint: u8,
    dead_lst: u8,
    dead_lp: u8,
}

impl Bumps {
    fn of(a: &InitializePool) -> Result<Self> {
        let find = |prefix: &[u8], of: &AccountInfo, account: &AccountInfo| {
            transfer::bump_of(account, &[prefix, of.key.as_ref()])
        };
        Ok(Self {
            pool: find(prefix::POOL, &a.lst_mint, &a.pool)?,
            authority: find(prefix::AUTHORITY, &a.pool, &a.authority)?,
            reserve: find(prefix::RESERVE, &a.pool, &a.reserve)?,
            insurance: find(prefix::INSURANCE, &a.pool, &a.insurance)?,
            history: find(prefix::HISTORY, &a.pool, &a.history)?,
            liquidity: find(prefix::LIQUIDITY, &a.pool, &a.liquidity)?,
            sol_vault: find(prefix::LIQUIDITY_SOL, &a.pool, &a.sol_vault)?,
            lst_vault: find(prefix::LIQUIDITY_LST, &a.pool, &a.lst_vault)?,
            lp_mint: find(prefix::LP_MINT, &a.pool, &a.lp_mint)?,
            dead_lst: find(prefix::DEAD_LST, &a.pool, &a.dead_lst)?,
            dead_lp: find(prefix::DEAD_LP, &a.pool, &a.dead_lp)?,
        })
    }
}

fn open_accounts<'info>(a: &InitializePool<'info>, bumps: &Bumps) -> Result<()> {
    let rent = Rent::get()?;
    let pool = a.pool.key();
    let token_program = a.token_program.key;
    let open = |account: &AccountInfo<'info>, space: usize, owner: &Pubkey, seeds: [&[u8]; 2], bump: u8| {
        let rent = Lamports(rent.minimum_balance(space));
        let seeds: &[&[u8]] = &[seeds[0], seeds[1], &[bump]];
        transfer::create_account(&a.creator, account, rent, space, owner, seeds)
    };
    let of_pool = |prefix| [prefix, pool.as_ref()];
    open(&a.pool, Pool::SPACE, &crate::ID, [prefix::POOL, a.lst_mint.key.as_ref()], bumps.pool)?;
    open(&a.history, History::GROWTH, &crate::ID, of_pool(prefix::HISTORY), bumps.history)?;
    open(&a.liquidity, Liquidity::SPACE, &crate::ID, of_pool(prefix::LIQUIDITY), bumps.liquidity)?;
    open(&a.lp_mint, MINT_SPACE, token_program, of_pool(prefix::LP_MINT), bumps.lp_mint)?;
    open(&a.lst_vault, TOKEN_ACCOUNT_SPACE, token_program, of_pool(prefix::LIQUIDITY_LST), bumps.lst_vault)?;
    open(&a.dead_lst, TOKEN_ACCOUNT_SPACE, token_program, of_pool(prefix::DEAD_LST), bumps.dead_lst)?;
    open(&a.dead_lp, TOKEN_ACCOUNT_SPACE, token_program, of_pool(prefix::DEAD_LP), bumps.dead_lp)?;

    let lst = Token { program: &a.token_program, mint: &a.lst_mint };
    let lp = Token { program: &a.token_program, mint: &a.lp_mint };
    lp.initialize_mint(a.authority.key)?;
    lst.initialize_account(&a.lst_vault, &a.authority)?;
    lst.initialize_account(&a.dead_lst, &a.authority)?;
    lp.initialize_account(&a.dead_lp, &a.authority)?;
    lst.take_mint_authority(&a.mint_authority, a.authority.key)
}

/// What stays in the system accounts, whatever a stranger has put there, and the deposits behind the dead shares.
fn fund_vaults(a: &InitializePool) -> Result<()> {
    let with_deposit = VAULT_FLOOR.plus(MIN_INITIAL_DEPOSIT).named()?;
    transfer::sol(&a.creator, &a.reserve, with_deposit)?;
    transfer::sol(&a.creator, &a.sol_vault, with_deposit)?;
    transfer::sol(&a.creator, &a.insurance, VAULT_FLOOR)
}

fn mint_dead_shares(a: &InitializePool, bumps: &Bumps) -> Result<()> {
    let pool = a.pool.key();
    let shares = Shares(MIN_INITIAL_DEPOSIT.0);
    let signer = transfer::authority_signer(&pool, bumps.authority);
    let lst = Token { program: &a.token_program, mint: &a.lst_mint };
    let lp = Token { program: &a.token_program, mint: &a.lp_mint };
    lst.mint_to(&signer, &a.authority, &a.dead_lst, shares)?;
    lp.mint_to(&signer, &a.authority, &a.dead_lp, shares)
}

fn write_pool(a: &InitializePool, bumps: &Bumps, parameters: &PoolParameters) -> Result<PoolInitialized> {
    History::initialize(&a.history, a.pool.key())?;
    let clock = Clock::get()?;
    let mut data = a.pool.try_borrow_mut_data()?;
    data[..8].copy_from_slice(Pool::DISCRIMINATOR);
    let pool: &mut Pool = bytemuck::from_bytes_mut(&mut data[8..]);

    pool.version = Pool::VERSION;
    pool.bumps.pool = bumps.pool;
    pool.bumps.authority = bumps.authority;
    pool.bumps.reserve = bumps.reserve;
    pool.bumps.insurance = bumps.insurance;
    pool.bumps.liquidity = bumps.liquidity;
    pool.bumps.history = bumps.history;
    pool.lst_mint = a.lst_mint.key();
    pool.lst_supply = MIN_INITIAL_DEPOSIT.0;
    pool.stream_start_slot = clock.slot;
    pool.stream_end_slot = clock.slot;
    pool.last_update_epoch = clock.epoch;
    pool.last_update_slot = clock.slot;
    pool.fees = parameters.fees;
    pool.rules = ValidatorRules::default();

    pool.authority = a.authority.key();
    pool.reserve = a.reserve.key();
    pool.insurance = a.insurance.key();
    pool.liquidity = a.liquidity.key();
    pool.treasury = a.treasury.key();
    pool.history = a.history.key();
    pool.admin = a.creator.key();
    pool.manager = parameters.manager;
    pool.guardian = parameters.guardian;

    pool.reserve_lamports = MIN_INITIAL_DEPOSIT.0;
    pool.reserve_rent = VAULT_FLOOR.0;
    pool.insurance_rent = VAULT_FLOOR.0;
    pool.ticket_index = TicketIndex::ONE.0;
    pool.minimum_delegation = stake::minimum_delegation()?.0;
    pool.last_sync_epoch = clock.epoch;
    pool.counted_epoch = clock.epoch;
    parameters.settings.write(pool);
    pool.balance()?;

    Ok(PoolInitialized {
        pool: a.pool.key(),
        lst_mint: pool.lst_mint,
        admin: pool.admin,
        state: PoolState::of(pool, clock.slot),
    })
}

fn write_liquidity(a: &InitializePool, bumps: &Bumps, parameters: &PoolParameters) -> Result<()> {
    let mut data = a.liquidity.try_borrow_mut_data()?;
    data[..8].copy_from_slice(Liquidity::DISCRIMINATOR);
    let liquidity: &mut Liquidity = bytemuck::from_bytes_mut(&mut data[8..]);
    liquidity.pool = a.pool.key();
    liquidity.sol_vault = a.sol_vault.key();
    liquidity.lst_vault = a.lst_vault.key();
    liquidity.lp_mint = a.lp_mint.key();
    liquidity.sol_lamports = MIN_INITIAL_DEPOSIT.0;
    liquidity.lp_supply = MIN_INITIAL_DEPOSIT.0;
    liquidity.target_lamports = parameters.settings.liquidity_target_lamports;
    liquidity.sol_vault_rent = VAULT_FLOOR.0;
    liquidity.bump = bumps.liquidity;
    liquidity.sol_vault_bump = bumps.sol_vault;
    Ok(())
}
