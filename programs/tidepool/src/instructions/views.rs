//! What a pool says of itself, by return data: for other programs by a call, for everybody else by simulation. A preview
//! refuses what the instruction itself would refuse of the pool, and gives what it would give in the same slot.

use {
    crate::{
        errors::{MathResultExt, TidepoolError},
        state::{HistoryRing, Liquidity, Pool},
    },
    anchor_lang::prelude::*,
    tidepool_math::{daily_cap::SECONDS_PER_DAY, Lamports, Shares, BPS},
};

#[derive(Accounts)]
pub struct View<'info> {
    pub pool: AccountLoader<'info, Pool>,
}

#[derive(Accounts)]
pub struct LiquidityView<'info> {
    #[account(has_one = liquidity @ TidepoolError::WrongLiquidity)]
    pub pool: AccountLoader<'info, Pool>,
    pub liquidity: AccountLoader<'info, Liquidity>,
}

#[derive(Accounts)]
pub struct HistoryView<'info> {
    #[account(has_one = history @ TidepoolError::WrongHistory)]
    pub pool: AccountLoader<'info, Pool>,
    /// CHECK: address is the pool's
    pub history: UncheckedAccount<'info>,
}

/// The rate in this slot is `value / lst_supply`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateView {
    pub value: u64,
    pub lst_supply: u64,
    /// Rewards that are found and will join the value slot by slot.
    pub withheld: u64,
    pub slot: u64,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepositPreview {
    /// All LST the depositor gets.
    pub lst_amount: u64,
    /// Of it, what is bought from the liquidity pool.
    pub lst_bought: u64,
    pub lamports_to_liquidity: u64,
    pub fee_shares: u64,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidUnstakePreview {
    /// What the user gets.
    pub lamports: u64,
    pub fee_lamports: u64,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderPreview {
    pub lamports: u64,
    pub fee_shares: u64,
    pub claimable_epoch: u64,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApyView {
    /// Compounding growth of the rate a year, net of all fees, in parts per million.
    pub apy_ppm: i64,
    /// Time of the entry it is measured from: the days asked for ago, or as far as the history reaches.
    pub from_timestamp: i64,
    pub to_timestamp: i64,
}

/// What stands between a loss and the holders.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct SafetyView {
    /// In the insurance vault, and on its way there.
    pub insurance_lamports: u64,
    /// Rewards not yet released, which pay a loss before the value does.
    pub withheld_lamports: u64,
    /// What the bonds of validators back with.
    pub bond_lamports: u64,
    /// All three, in basis points of the value, rounded down.
    pub bps_of_value: u64,
}

/// The pool as the next instruction in this slot would find it.
pub(crate) fn now(pool: &AccountLoader<Pool>) -> Result<(Box<Pool>, Clock)> {
    // On the heap from the start: two pools do not fit a stack frame.
    let mut copy = bytemuck::zeroed_box::<Pool>();
    bytemuck::bytes_of_mut(&mut *copy).copy_from_slice(bytemuck::bytes_of(&*pool.load()?));
    let clock = Clock::get()?;
    copy.touch(&clock)?;
    Ok((copy, clock))
}

pub fn get_rate(ctx: Context<View>) -> Result<RateView> {
    let (pool, clock) = now(&ctx.accounts.pool)?;
    Ok(RateView {
        value: pool.value_floor,
        lst_supply: pool.lst_supply,
        withheld: pool.withheld,
        slot: clock.slot,
    })
}

pub fn preview_deposit(ctx: Context<LiquidityView>, lamports: u64) -> Result<DepositPreview> {
    let (pool, clock) = now(&ctx.accounts.pool)?;
    let liquidity = ctx.accounts.liquidity.load()?;
    let charge = pool.entry_charge(clock.epoch)?;
    let split = pool.quote_deposit(Lamports(lamports), &liquidity, charge)?;
    Ok(DepositPreview {
        lst_amount: split.shares().named()?.0,
        lst_bought: split.bought.0,
        lamports_to_liquidity: split.paid.0,
        fee_shares: split.minted.fee_shares.0,
    })
}

pub fn preview_liquid_unstake(ctx: Context<LiquidityView>, lst_amount: u64) -> Result<LiquidUnstakePreview> {
    let (pool, clock) = now(&ctx.accounts.pool)?;
    let mut liquidity = *ctx.accounts.liquidity.load()?;
    liquidity.touch(clock.epoch);
    let quote = pool.quote_liquid_unstake(Shares(lst_amount), &liquidity, &clock)?;
    Ok(LiquidUnstakePreview { lamports: quote.net.0, fee_lamports: quote.fee.0 })
}

pub fn preview_order_unstake(ctx: Context<View>, lst_amount: u64) -> Result<OrderPreview> {
    let (pool, clock) = now(&ctx.accounts.pool)?;
    let quote = pool.quote_order(Shares(lst_amount))?;
    Ok(OrderPreview {
        lamports: quote.lamports.0,
        fee_shares: quote.fee_shares.0,
        claimable_epoch: clock.epoch.saturating_add(1),
    })
}

pub fn get_apy(ctx: Context<HistoryView>, days: u16) -> Result<ApyView> {
    let (pool, clock) = now(&ctx.accounts.pool)?;
    let data = ctx.accounts.history.try_borrow_data()?;
    let history = HistoryRing::read(&data, &ctx.accounts.pool.key())?;
    let seconds = u64::from(days).saturating_mul(SECONDS_PER_DAY);
    let (apy_ppm, from_timestamp) = history.apy_ppm(&pool.rate(), clock.unix_timestamp, seconds)?;
    Ok(ApyView { apy_ppm, from_timestamp, to_timestamp: clock.unix_timestamp })
}

pub fn get_safety(ctx: Context<View>) -> Result<SafetyView> {
    let (pool, _) = now(&ctx.accounts.pool)?;
    let insurance = Lamports(pool.insurance_lamports).saturating_plus(Lamports(pool.insurance_due));
    let first_loss =
        insurance.saturating_plus(Lamports(pool.withheld)).saturating_plus(Lamports(pool.bond_lamports));
    let all = u128::from(first_loss.0);
    let bps = all.saturating_mul(BPS.into()).checked_div(pool.value_floor.into()).unwrap_or(0);
    Ok(SafetyView {
        insurance_lamports: insurance.0,
        withheld_lamports: pool.withheld,
        bond_lamports: pool.bond_lamports,
        bps_of_value: u64::try_from(bps).unwrap_or(u64::MAX),
    })
}
