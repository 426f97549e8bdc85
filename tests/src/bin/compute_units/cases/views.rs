//! What a pool says of itself, and its history.

use {
    super::stage::{must, next_slot, troubled, with_fees_about_to_rise, young, SOME},
    crate::Result,
    solana_instruction::Instruction,
    tidepool_client::{
        read_view, ApyView, DepositPreview, History, HistoryEntry, LiquidUnstakePreview, PoolKeys, RateView,
    },
    tidepool_localnet::{Outcome, World, LAMPORTS_PER_SOL as SOL},
};

pub fn rate(seed: u64) -> Result<Outcome> {
    view(&mut young(seed, SOME)?, PoolKeys::get_rate)
}

/// A stream has to be released and new fees taken over, in a copy.
pub fn rate_in_trouble(seed: u64) -> Result<Outcome> {
    let outcome = view(&mut troubled_and_changing(seed)?, PoolKeys::get_rate)?;
    let rate: RateView = read_view(outcome.return_data.as_deref().unwrap_or_default())?;
    must(rate.withheld > 0 && rate.value != rate.lst_supply, "a stream runs")?;
    Ok(outcome)
}

/// A part is bought, the rest minted.
pub fn deposit(seed: u64) -> Result<Outcome> {
    let outcome = view(&mut troubled_and_changing(seed)?, |keys| keys.preview_deposit(1_000 * SOL + 1))?;
    let preview: DepositPreview = read_view(outcome.return_data.as_deref().unwrap_or_default())?;
    must(0 < preview.lst_bought && preview.lst_bought < preview.lst_amount, "a part is bought")?;
    Ok(outcome)
}

/// Across the liquidity target.
pub fn liquid_unstake(seed: u64) -> Result<Outcome> {
    let mut world = troubled_and_changing(seed)?;
    let liquidity = world.liquidity();
    world.add_liquidity("bob", liquidity.target_lamports + 200 * SOL - liquidity.sol_lamports)?;
    next_slot(&mut world);
    let outcome = view(&mut world, |keys| keys.preview_liquid_unstake(300 * SOL + 1))?;
    let preview: LiquidUnstakePreview = read_view(outcome.return_data.as_deref().unwrap_or_default())?;
    must(preview.fee_lamports > 0, "there is a fee")?;
    Ok(outcome)
}

pub fn order(seed: u64) -> Result<Outcome> {
    view(&mut troubled_and_changing(seed)?, |keys| keys.preview_order_unstake(10 * SOL + 1))
}

pub fn safety(seed: u64) -> Result<Outcome> {
    view(&mut troubled_and_changing(seed)?, PoolKeys::get_safety)
}

/// Of a ring that is full and has begun anew. So many epochs are not played: the entries are written into the account.
pub fn apy(seed: u64, days: u16) -> Result<Outcome> {
    let mut world = troubled_and_changing(seed)?;
    write_history(&world)?;
    let outcome = view(&mut world, |keys| keys.get_apy(days))?;
    let apy: ApyView = read_view(outcome.return_data.as_deref().unwrap_or_default())?;
    let days_between = (apy.to_timestamp - apy.from_timestamp) / 86_400;
    must(apy.apy_ppm > 0 && days_between >= i64::from(days), "it is measured over the days asked for")?;
    Ok(outcome)
}

/// An entry every two days up to now, each at a rate a little higher.
fn write_history(world: &World) -> Result<()> {
    const MADE: usize = 700;
    const BETWEEN: i64 = 2 * 86_400;
    let key = world.keys.history;
    let mut account = world.account(&key).ok_or("no history")?;
    must(account.data.len() == History::SPACE, "the history has room for all")?;
    let (head, entries) = account.data.split_at_mut(8 + size_of::<History>());
    let history: &mut History = bytemuck::from_bytes_mut(&mut head[8..]);
    history.entries_made = MADE as u64;
    let (now, rate) = (world.chain.clock(), world.rate());
    for number in MADE - History::CAPACITY..MADE {
        let back = (MADE - number) as i64;
        let entry = HistoryEntry {
            epoch: number as u64,
            timestamp: now.unix_timestamp - back * BETWEEN,
            value: rate.value.0 - (back as u64) * rate.value.0 / 10_000,
            lst_supply: rate.supply.0,
            ..HistoryEntry::default()
        };
        let place = number % History::CAPACITY * size_of::<HistoryEntry>();
        entries[place..place + size_of::<HistoryEntry>()].copy_from_slice(bytemuck::bytes_of(&entry));
    }
    world.chain.set_account(&key, &account);
    Ok(())
}

fn troubled_and_changing(seed: u64) -> Result<World> {
    with_fees_about_to_rise(troubled(seed)?)
}

fn view(world: &mut World, build: impl FnOnce(&PoolKeys) -> Instruction) -> Result<Outcome> {
    let view = build(&world.keys);
    let outcome = world.send(&[view], &[])?;
    must(outcome.return_data.is_some(), "something is returned")?;
    Ok(outcome)
}
