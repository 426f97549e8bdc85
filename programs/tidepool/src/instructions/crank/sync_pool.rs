use {
    crate::{
        errors::{MathResultExt, TidepoolError},
        events::{PoolState, PoolSynced},
        stake,
        state::{Liquidity, Pool},
        transfer::{self, layout, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_math::{Lamports, Shares, Slot},
};

#[derive(Accounts)]
pub struct SyncPool<'info> {
    #[account(
        mut,
        has_one = lst_mint @ TidepoolError::WrongMint,
        has_one = reserve @ TidepoolError::WrongReserve,
        has_one = insurance @ TidepoolError::WrongInsurance,
        has_one = authority @ TidepoolError::WrongAuthority,
        has_one = treasury @ TidepoolError::WrongTreasury,
        has_one = liquidity @ TidepoolError::WrongLiquidity,
    )]
    pub pool: AccountLoader<'info, Pool>,
    #[account(
        mut,
        has_one = sol_vault @ TidepoolError::WrongLiquidity,
        has_one = lst_vault @ TidepoolError::WrongLiquidity,
    )]
    pub liquidity: AccountLoader<'info, Liquidity>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub reserve: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub insurance: UncheckedAccount<'info>,
    /// CHECK: address is the liquidity pool's
    #[account(mut)]
    pub sol_vault: UncheckedAccount<'info>,
    /// CHECK: address is the liquidity pool's
    #[account(mut)]
    pub lst_vault: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub lst_mint: UncheckedAccount<'info>,
    /// CHECK: address is the pool's; it may be closed or unusable
    #[account(mut)]
    pub treasury: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub authority: UncheckedAccount<'info>,
    #[account(constraint = token_program.key == lst_mint.owner @ TidepoolError::WrongTokenProgram)]
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: address
    #[account(address = stake::STAKE_PROGRAM @ TidepoolError::WrongStakeProgram)]
    pub stake_program: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

/// A sync brings the books in line with the world: gifts and burned LST become streamed gains, fees are paid out, the
/// insurance gets its share. A repeat finds nothing and changes nothing.
pub fn handler(ctx: Context<SyncPool>) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let mut liquidity = a.liquidity.load_mut()?;
    let clock = Clock::get()?;
    let slots_per_epoch = EpochSchedule::get()?.get_slots_in_epoch(clock.epoch);
    pool.release_rewards(clock.slot)?;
    pool.begin_epoch(clock.epoch);
    pool.minimum_delegation = stake::minimum_delegation()?.0;
    pool.last_sync_epoch = clock.epoch;

    let donated = count_gifts(a, &mut pool, &liquidity, &pool_key, clock.slot, slots_per_epoch)?;
    let burned = count_burned(a, &mut pool, clock.slot, slots_per_epoch)?;
    let fee_shares = pay_fees(a, &mut pool, &pool_key, clock.slot, slots_per_epoch)?;
    let exit_fee_shares = pay_exit_fees(a, &pool, &mut liquidity, &pool_key)?;
    let insured = pay_insurance(a, &mut pool, &pool_key)?;
    pool.fill_tickets()?;

    emit!(PoolSynced {
        pool: pool_key,
        epoch: clock.epoch,
        donated: donated.0,
        burned: burned.0,
        fee_shares: fee_shares.0,
        exit_fee_shares: exit_fee_shares.0,
        insured: insured.0,
        ticket_index: pool.ticket_index,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}

/// Lamports nobody booked: a gain like any other, streamed to the holders; in the insurance vault the insurance's. What
/// lies in the liquidity pool's vaults joins them, so that nobody can enter it for a moment to share a gift.
fn count_gifts(
    a: &SyncPool,
    pool: &mut Pool,
    liquidity: &Liquidity,
    pool_key: &Pubkey,
    slot: Slot,
    slots_per_epoch: u64,
) -> Result<Lamports> {
    let in_vault = unbooked(&a.sol_vault, liquidity.sol_vault_rent, liquidity.sol_lamports);
    if !in_vault.is_zero() {
        let signer = transfer::liquidity_sol_signer(pool_key, liquidity.sol_vault_bump);
        transfer::sol_from_vault(&signer, &a.sol_vault, &a.reserve, in_vault)?;
    }
    let booked = Shares(liquidity.lst_amount).plus(Shares(liquidity.treasury_lst_due)).named()?;
    let lst_in_vault = Shares(layout::balance(&a.lst_vault)?).saturating_minus(booked);
    if !lst_in_vault.is_zero() {
        let token = Token { program: &a.token_program, mint: &a.lst_mint };
        let signer = transfer::authority_signer(pool_key, pool.bumps.authority);
        token.burn_from_vault(&signer, &a.authority, &a.lst_vault, lst_in_vault)?;
    }

    let gift = unbooked(&a.reserve, pool.reserve_rent, pool.reserve_lamports);
    pool.reserve_lamports = Lamports(pool.reserve_lamports).plus(gift).named()?.0;
    pool.book_gain(gift, slot, slots_per_epoch)?;
    let to_insurance = unbooked(&a.insurance, pool.insurance_rent, pool.insurance_lamports);
    pool.insurance_lamports = Lamports(pool.insurance_lamports).plus(to_insurance).named()?.0;
    Ok(gift)
}

fn unbooked(account: &AccountInfo, rent: u64, booked: u64) -> Lamports {
    Lamports(account.lamports().saturating_sub(rent).saturating_sub(booked))
}

fn count_burned(a: &SyncPool, pool: &mut Pool, slot: Slot, slots_per_epoch: u64) -> Result<Shares> {
    let issued = Shares(pool.lst_supply).minus(Shares(pool.fee_shares_due)).named()?;
    let burned = issued.saturating_minus(Shares(layout::mint_supply(&a.lst_mint)?));
    if !burned.is_zero() {
        pool.book_burned(burned, slot, slots_per_epoch)?;
    }
    Ok(burned)
}

/// Mints the treasury's fees. A treasury that cannot take them leaves them to the holders.
fn pay_fees(
    a: &SyncPool,
    pool: &mut Pool,
    pool_key: &Pubkey,
    slot: Slot,
    slots_per_epoch: u64,
) -> Result<Shares> {
    let due = Shares(pool.fee_shares_due);
    let is_in_step = pool.require_mint_in_step(layout::mint_supply(&a.lst_mint)?).is_ok();
    if due.is_zero() || !is_in_step {
        return Ok(Shares::ZERO);
    }
    pool.fee_shares_due = 0;
    if !layout::is_usable(&a.treasury, a.lst_mint.key, a.token_program.key) {
        pool.book_burned(due, slot, slots_per_epoch)?;
        return Ok(Shares::ZERO);
    }
    let token = Token { program: &a.token_program, mint: &a.lst_mint };
    let signer = transfer::authority_signer(pool_key, pool.bumps.authority);
    token.mint_to(&signer, &a.authority, &a.treasury, due)?;
    Ok(due)
}

/// Pays the treasury its share of exit fees. A treasury that cannot take it leaves it to the liquidity providers.
fn pay_exit_fees(a: &SyncPool, pool: &Pool, liquidity: &mut Liquidity, pool_key: &Pubkey) -> Result<Shares> {
    let due = Shares(core::mem::take(&mut liquidity.treasury_lst_due));
    if due.is_zero() {
        return Ok(due);
    }
    if !layout::is_usable(&a.treasury, a.lst_mint.key, a.token_program.key) {
        liquidity.lst_amount = Shares(liquidity.lst_amount).plus(due).named()?.0;
        return Ok(Shares::ZERO);
    }
    let token = Token { program: &a.token_program, mint: &a.lst_mint };
    let signer = transfer::authority_signer(pool_key, pool.bumps.authority);
    token.transfer_from_vault(&signer, &a.authority, &a.lst_vault, &a.treasury, due)?;
    Ok(due)
}

/// Moves what is set aside for the insurance to its vault, as far as no ticket needs it.
fn pay_insurance(a: &SyncPool, pool: &mut Pool, pool_key: &Pubkey) -> Result<Lamports> {
    let due = Lamports(pool.insurance_due);
    let spare = Lamports(pool.reserve_lamports).saturating_minus(pool.queue().reserved().named()?);
    let paid = due.min(spare);
    if paid.is_zero() || !pool.queue().is_filled() {
        return Ok(Lamports::ZERO);
    }
    let signer = transfer::reserve_signer(pool_key, pool.bumps.reserve);
    transfer::sol_from_vault(&signer, &a.reserve, &a.insurance, paid)?;
    pool.insurance_due = due.minus(paid).named()?.0;
    pool.reserve_lamports = Lamports(pool.reserve_lamports).minus(paid).named()?.0;
    pool.insurance_lamports = Lamports(pool.insurance_lamports).plus(paid).named()?.0;
    Ok(paid)
}
