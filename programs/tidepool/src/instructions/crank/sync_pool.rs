use {
    crate::{
        errors::{MathResultExt, TidepoolError},
        events::{PoolState, PoolSynced},
        stake,
        state::{history, slots_in, Liquidity, Pool, Source},
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
        has_one = history @ TidepoolError::WrongHistory,
    )]
    pub pool: AccountLoader<'info, Pool>,
    #[account(
        mut,
        has_one = sol_vault @ TidepoolError::WrongLiquidity,
        has_one = lst_vault @ TidepoolError::WrongLiquidity,
        has_one = lp_mint @ TidepoolError::WrongLiquidity,
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
    /// CHECK: address is the liquidity pool's
    pub lp_mint: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub history: UncheckedAccount<'info>,
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

/// A sync brings the books in line with the world: gifts and burned tokens become streamed gains, fees are paid out, the
/// insurance gets its share, and the first one of an epoch writes the history. A repeat finds nothing and changes nothing.
pub fn handler(ctx: Context<SyncPool>) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let mut liquidity = a.liquidity.load_mut()?;
    let clock = Clock::get()?;
    let now = Now { slot: clock.slot, slots_per_epoch: slots_in(clock.epoch)? };
    let is_first = pool.last_sync_epoch < clock.epoch;
    pool.touch(&clock)?;
    liquidity.touch(clock.epoch);
    pool.begin_epoch(clock.epoch);
    if pool.validator_count == 0 {
        pool.last_update_epoch = clock.epoch;
    }
    pool.minimum_delegation = stake::minimum_delegation()?.0;
    pool.last_sync_epoch = clock.epoch;

    let lp_burned = give_up_burned_lp(a, &pool, &mut liquidity)?;
    let donated = count_gifts(a, &mut pool, &mut liquidity, &now)?;
    let burned = count_burned(a, &mut pool, &now)?;
    let fee_shares = pay_fees(a, &mut pool, &now)?;
    let insured = pay_insurance(a, &mut pool)?;
    pool.fill_tickets()?;
    let recorded =
        is_first && history::record(&mut a.history.try_borrow_mut_data()?, &pool_key, &mut pool, &clock)?;

    emit!(PoolSynced {
        pool: pool_key,
        epoch: clock.epoch,
        donated: donated.0,
        burned: burned.0,
        lp_burned: lp_burned.0,
        fee_shares: fee_shares.0,
        insured: insured.0,
        ticket_index: pool.ticket_index,
        recorded,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}

/// When gains are found, and over how many slots they are streamed.
struct Now {
    slot: Slot,
    slots_per_epoch: u64,
}

/// LP tokens that were burned without being redeemed: what they stood for leaves the books and is then a gift to the
/// holders like any other, so nobody can enter the liquidity pool for a moment to share it.
fn give_up_burned_lp(a: &SyncPool, pool: &Pool, liquidity: &mut Liquidity) -> Result<Shares> {
    let burned = Shares(liquidity.lp_supply).saturating_minus(Shares(layout::mint_supply(&a.lp_mint)?));
    if !burned.is_zero() {
        let (lamports, lst) = liquidity.as_math(pool)?.quote_remove(burned).unwrap_or_default();
        liquidity.book_remove(burned, lamports, lst)?;
    }
    Ok(burned)
}

/// Lamports nobody booked: a gain like any other, streamed to the holders; in the insurance vault the insurance's. What
/// lies in the liquidity pool's vaults joins them, so that nobody can enter it for a moment to share a gift.
fn count_gifts(a: &SyncPool, pool: &mut Pool, liquidity: &mut Liquidity, now: &Now) -> Result<Lamports> {
    let pool_key = a.pool.key();
    let in_vault = unbooked(&a.sol_vault, liquidity.sol_vault_rent, liquidity.sol_lamports);
    if !in_vault.is_zero() {
        let signer = transfer::liquidity_sol_signer(&pool_key, liquidity.sol_vault_bump);
        transfer::sol_from_vault(&signer, &a.sol_vault, &a.reserve, in_vault)?;
    }
    // The treasury's share of exit fees is minted with its other fees: burned here, it does not need a transfer that the
    // treasury's account could refuse.
    let not_of_providers =
        Shares(layout::balance(&a.lst_vault)?).saturating_minus(Shares(liquidity.lst_amount));
    if !not_of_providers.is_zero() {
        let token = Token { program: &a.token_program, mint: &a.lst_mint };
        let signer = transfer::authority_signer(&pool_key, pool.bumps.authority);
        token.burn_from_vault(&signer, &a.authority, &a.lst_vault, not_of_providers)?;
        let due = core::mem::take(&mut liquidity.treasury_lst_due);
        pool.fee_shares_due = Shares(pool.fee_shares_due).plus(Shares(due)).named()?.0;
    }

    let gift = unbooked(&a.reserve, pool.reserve_rent, pool.reserve_lamports);
    pool.reserve_lamports = Lamports(pool.reserve_lamports).plus(gift).named()?.0;
    pool.gains.add(Source::Gifts, gift);
    pool.book_gain(gift, now.slot, now.slots_per_epoch)?;
    let to_insurance = unbooked(&a.insurance, pool.insurance_rent, pool.insurance_lamports);
    pool.book_insurance(to_insurance)?;
    Ok(gift)
}

fn unbooked(account: &AccountInfo, rent: u64, booked: u64) -> Lamports {
    Lamports(account.lamports().saturating_sub(rent).saturating_sub(booked))
}

fn count_burned(a: &SyncPool, pool: &mut Pool, now: &Now) -> Result<Shares> {
    let issued = Shares(pool.lst_supply).minus(Shares(pool.fee_shares_due)).named()?;
    let burned = issued.saturating_minus(Shares(layout::mint_supply(&a.lst_mint)?));
    if !burned.is_zero() {
        let gain = pool.book_burned(burned, now.slot, now.slots_per_epoch)?;
        pool.gains.add(Source::Gifts, gain);
    }
    Ok(burned)
}

/// Mints the treasury's fees. A treasury that cannot take them leaves them to the holders.
fn pay_fees(a: &SyncPool, pool: &mut Pool, now: &Now) -> Result<Shares> {
    let due = Shares(pool.fee_shares_due);
    let is_in_step = pool.require_mint_in_step(layout::mint_supply(&a.lst_mint)?).is_ok();
    if due.is_zero() || !is_in_step {
        return Ok(Shares::ZERO);
    }
    pool.fee_shares_due = 0;
    if !layout::is_usable(&a.treasury, a.lst_mint.key, a.token_program.key) {
        let gain = pool.book_burned(due, now.slot, now.slots_per_epoch)?;
        pool.gains.add(Source::Fees, gain);
        return Ok(Shares::ZERO);
    }
    let pool_key = a.pool.key();
    let token = Token { program: &a.token_program, mint: &a.lst_mint };
    let signer = transfer::authority_signer(&pool_key, pool.bumps.authority);
    token.mint_to(&signer, &a.authority, &a.treasury, due)?;
    Ok(due)
}

/// Moves what is set aside for the insurance to its vault, as far as no ticket needs it.
fn pay_insurance(a: &SyncPool, pool: &mut Pool) -> Result<Lamports> {
    let pool_key = a.pool.key();
    let due = Lamports(pool.insurance_due);
    let spare = Lamports(pool.reserve_lamports).saturating_minus(pool.queue().reserved().named()?);
    let paid = due.min(spare);
    if paid.is_zero() || !pool.queue().is_filled() {
        return Ok(Lamports::ZERO);
    }
    let signer = transfer::reserve_signer(&pool_key, pool.bumps.reserve);
    transfer::sol_from_vault(&signer, &a.reserve, &a.insurance, paid)?;
    pool.insurance_due = due.minus(paid).named()?.0;
    pool.reserve_lamports = Lamports(pool.reserve_lamports).minus(paid).named()?.0;
    pool.insurance_lamports = Lamports(pool.insurance_lamports).plus(paid).named()?.0;
    Ok(paid)
}
