//! Pools to read, and the ways to read them.

use {
    anchor_lang::AnchorDeserialize,
    bytemuck::bytes_of,
    std::mem::size_of,
    tidepool_client::{read_view, History, HistoryEntry},
    tidepool_interface::{LiquidityHeader, PoolHeader},
    tidepool_localnet::Chain,
    tidepool_tests::prelude::*,
};

/// Ana, bob and cat have 20,000 SOL each and nothing in the pool.
pub fn young(config: WorldConfig) -> World {
    let mut world = World::start(config).unwrap();
    for name in ["ana", "bob", "cat"] {
        world.add_user(name, 20_000 * SOL).unwrap();
    }
    world
}

/// Every fee is charged; ana and bob have LST, bob liquidity, which holds some LST; nearly all SOL earns, and rewards
/// stream.
pub fn earning(config: WorldConfig) -> World {
    let mut world = young(config.with_parameters(|p| {
        p.fees.deposit = 17;
        p.fees.ticket = 23;
    }));
    world.deposit("ana", 500 * SOL).unwrap();
    world.deposit("bob", 300 * SOL).unwrap();
    world.add_liquidity("bob", 150 * SOL).unwrap();
    for _ in 0..2 {
        world.run_epoch().unwrap();
    }
    world.liquid_unstake("ana", 30 * SOL).unwrap();
    slots(&mut world, 5);
    assert!(world.pool().stream().due(world.chain.slot()).0 > 0, "rewards stream");
    world
}

pub fn slots(world: &mut World, count: u64) {
    world.advance(|chain| (0..count).for_each(|_| chain.next_slot()));
}

/// The next slot, into the first of the next epoch too, where rewards are still to be paid.
pub fn next_slot(world: &mut World) {
    let is_last = world.chain.first_slot(world.chain.epoch() + 1) == world.chain.slot() + 1;
    match is_last {
        true => world.advance(Chain::cross_epoch),
        false => world.advance(Chain::next_slot),
    }
}

/// A view by simulation, as a wallet asks: nobody signs, and nobody pays.
pub fn ask<T: AnchorDeserialize>(world: &World, view: &Instruction) -> T {
    try_ask(world, view).unwrap_or_else(|failure| panic!("{failure}"))
}

pub fn try_ask<T: AnchorDeserialize>(world: &World, view: &Instruction) -> Result<T, Failure> {
    let outcome = world.chain.simulate(std::slice::from_ref(view), &world.chain.faucet().pubkey())?;
    Ok(read_view(&outcome.return_data.expect("a view returns something")).unwrap())
}

pub fn header(world: &World) -> PoolHeader {
    PoolHeader::parse(&world.account(&world.keys.pool).unwrap().data).unwrap()
}

pub fn liquidity_header(world: &World) -> LiquidityHeader {
    LiquidityHeader::parse(&world.account(&world.keys.liquidity).unwrap().data).unwrap()
}

/// The error of the program that a transaction failed with.
pub fn code(failure: &Failure) -> u32 {
    failure.custom_error_code().unwrap_or_else(|| panic!("no named error: {failure}"))
}

/// Writes over a part of an account, behind the program's back.
pub fn patch(world: &World, key: &Pubkey, change: impl FnOnce(&mut Account)) {
    let mut account = world.account(key).unwrap_or_default();
    change(&mut account);
    world.chain.set_account(key, &account);
}

// ---- the history by its bytes

const POOL: usize = 8;
const ENTRIES_MADE: usize = 40;
const ENTRIES: usize = 72;

pub fn entries_made(world: &World, history: &Pubkey) -> u64 {
    let data = world.account(history).unwrap().data;
    assert_eq!(data.len() % 8, 0);
    u64::from_le_bytes(data[ENTRIES_MADE..ENTRIES_MADE + 8].try_into().unwrap())
}

/// The entry at a place of the ring.
pub fn entry_at(world: &World, history: &Pubkey, place: usize) -> HistoryEntry {
    let data = world.account(history).unwrap().data;
    let start = ENTRIES + place * size_of::<HistoryEntry>();
    bytemuck::pod_read_unaligned(&data[start..start + size_of::<HistoryEntry>()])
}

/// The last entry that was made.
pub fn last_entry(world: &World) -> HistoryEntry {
    let made = entries_made(world, &world.keys.history) as usize;
    entry_at(world, &world.keys.history, (made - 1) % History::CAPACITY)
}

/// Puts a history there that was made by someone who made `before` other entries first.
pub fn write_history(world: &World, before: u64, entries: &[HistoryEntry]) {
    patch(world, &world.keys.history, |account| {
        assert_eq!(account.data[POOL..POOL + 32], world.keys.pool.to_bytes());
        let made = before + entries.len() as u64;
        account.data[ENTRIES_MADE..ENTRIES_MADE + 8].copy_from_slice(&made.to_le_bytes());
        for (number, entry) in (before..).zip(entries) {
            let place = number as usize % History::CAPACITY;
            let start = ENTRIES + place * size_of::<HistoryEntry>();
            account.data[start..start + size_of::<HistoryEntry>()].copy_from_slice(bytes_of(entry));
        }
    });
}

// ---- chance

/// SplitMix64: random enough for scenarios, and the same on every machine.
pub struct Dice(pub u64);

impl Dice {
    /// Less than `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % end
    }
}
