//! The yield a wallet shows: compounding, net of all fees, by the clock.

use {
    crate::stage::{ask, code, earning, entries_made, last_entry, slots, try_ask, write_history, young},
    tidepool_client::{ApyView, HistoryEntry},
    tidepool_math::SECONDS_PER_YEAR,
    tidepool_tests::prelude::*,
};

const DAY: i64 = 86_400;

fn apy(world: &World, days: u16) -> ApyView {
    ask(world, &world.keys.get_apy(days))
}

/// Compounding growth a year from one rate to another, in parts per million.
fn float_apy(then: (u64, u64), now: (u64, u64), seconds: i64) -> f64 {
    let growth = (now.0 as f64 / now.1 as f64) / (then.0 as f64 / then.1 as f64);
    (growth.powf(SECONDS_PER_YEAR as f64 / seconds as f64) - 1.0) * 1e6
}

/// The yield from the newest entry that is at least `days` old, or the oldest, by floating point.
fn reference(world: &World, entries: &[HistoryEntry], days: u16) -> (f64, i64) {
    let now = world.chain.clock().unix_timestamp;
    let old_enough = |entry: &&HistoryEntry| entry.timestamp <= now - i64::from(days) * DAY;
    let entry = entries.iter().rev().find(old_enough).unwrap_or(&entries[0]);
    let rate = world.rate();
    let found =
        float_apy((entry.value, entry.lst_supply), (rate.value.0, rate.supply.0), now - entry.timestamp);
    (found, entry.timestamp)
}

fn assert_apy(world: &World, entries: &[HistoryEntry], days: u16) -> i64 {
    let told = apy(world, days);
    let (expected, from) = reference(world, entries, days);
    assert_eq!((told.from_timestamp, told.to_timestamp), (from, world.chain.clock().unix_timestamp));
    let away = (told.apy_ppm as f64 - expected).abs();
    assert!(away <= 1.0 + expected.abs() * 1e-9, "{days} days: {} told, {expected} expected", told.apy_ppm);
    told.apy_ppm
}

/// An entry so long ago, at a rate that is `ppm` of today's.
fn entry(world: &World, seconds_ago: i64, ppm: u64) -> HistoryEntry {
    let rate = world.rate();
    HistoryEntry {
        timestamp: world.chain.clock().unix_timestamp - seconds_ago,
        value: (u128::from(rate.value.0) * u128::from(ppm) / 1_000_000) as u64,
        lst_supply: rate.supply.0,
        ..HistoryEntry::default()
    }
}

#[test]
fn the_yield_of_a_day_a_week_and_a_month_is_that_of_the_rate() {
    let mut world = young(WorldConfig::default());
    world.deposit("ana", 1_000 * SOL).unwrap();
    let mut entries = vec![];
    for _ in 0..20 {
        world.run_epoch().unwrap();
        entries.push(last_entry(&world));
        slots(&mut world, 11);
        for days in [0, 1, 7, 30] {
            assert_apy(&world, &entries, days);
        }
    }
    assert_eq!(entries_made(&world, &world.keys.history), 20);
    // About 6.75 % before fees and commissions.
    let month = assert_apy(&world, &entries, 30);
    assert!((50_000..70_000).contains(&month), "{month}");
    // An epoch is two days: a month is 15 of them, not 30.
    let span = world.chain.clock().unix_timestamp - apy(&world, 30).from_timestamp;
    assert!((30 * DAY..33 * DAY).contains(&span), "{span}");
}

#[test]
fn a_rate_that_fell_has_a_negative_yield() {
    let world = earning(WorldConfig::default());
    for (ppm, days) in [(1_000_100, 7), (1_010_000, 30), (2_000_000, 365)] {
        let entries = [entry(&world, i64::from(days) * DAY, ppm)];
        write_history(&world, 0, &entries);
        let told = assert_apy(&world, &entries, days);
        assert!((-1_000_000..0).contains(&told), "{told}");
    }
    // After a real slashing, too.
    let mut world = earning(WorldConfig::default());
    for _ in 0..4 {
        world.run_epoch().unwrap();
    }
    world.slash(0, 40 * SOL).unwrap();
    world.update_all().unwrap();
    assert!(apy(&world, 7).apy_ppm < 0);
}

/// solido 29129226, 863f394b: a tool of one's own overflowed on real data, and epochs that were missing were not noticed.
#[test]
fn gaps_between_entries_count_by_the_clock() {
    let world = earning(WorldConfig::default());
    let entries = [
        entry(&world, 90 * DAY, 985_000),
        entry(&world, 61 * DAY, 990_000),
        entry(&world, 20 * DAY, 996_000),
        entry(&world, 9 * DAY, 998_000),
        entry(&world, 2 * DAY + 77, 999_600),
    ];
    write_history(&world, 0, &entries);
    for (days, from) in [(1, 4), (2, 4), (3, 3), (7, 3), (9, 3), (10, 2), (30, 1), (61, 1), (62, 0), (90, 0)]
    {
        assert_apy(&world, &entries, days);
        assert_eq!(apy(&world, days).from_timestamp, entries[from].timestamp, "{days} days");
    }
    // As far as it reaches.
    for days in [91, 365, u16::MAX] {
        assert_apy(&world, &entries, days);
        assert_eq!(apy(&world, days).from_timestamp, entries[0].timestamp);
    }
}

/// The bisection finds its entry wherever the ring begins.
#[test]
fn a_full_ring_is_searched_from_wherever_it_begins() {
    let world = earning(WorldConfig::default());
    let entries: Vec<HistoryEntry> =
        (0..512).map(|back| entry(&world, (512 - back) * 2 * DAY, 900_000 + 190 * back as u64)).collect();
    for before in [0, 1, 255, 511, 512, 1_000_003] {
        write_history(&world, before, &entries);
        for days in [0, 1, 2, 3, 7, 30, 365, 1_022, 1_024, 1_030] {
            assert_apy(&world, &entries, days);
        }
    }
}

#[test]
fn a_pool_without_an_older_entry_has_no_yield_yet() {
    let too_short = |world: &World| {
        for days in [0, 1, 7] {
            let failure = try_ask::<ApyView>(world, &world.keys.get_apy(days)).unwrap_err();
            assert_eq!(code(&failure), u32::from(TidepoolError::HistoryTooShort));
        }
    };
    let mut world = young(WorldConfig::default());
    world.deposit("ana", 100 * SOL).unwrap();
    too_short(&world);
    world.run_epoch().unwrap();
    // Made in this very second.
    too_short(&world);
    slots(&mut world, 1);
    let entries = [last_entry(&world)];
    for days in [0, 1, 7] {
        assert_apy(&world, &entries, days);
    }
    // A clock that went back.
    write_history(&world, 0, &[entry(&world, -5, 1_000_000)]);
    too_short(&world);
    // Nothing was worth anything.
    write_history(&world, 0, &[entry(&world, DAY, 0)]);
    let failure = try_ask::<ApyView>(&world, &world.keys.get_apy(1)).unwrap_err();
    assert_eq!(code(&failure), u32::from(TidepoolError::PoolHasNoValue));
}

/// What is told is what a holder gets: the reward fee is off it, and it compounds.
#[test]
fn the_yield_is_net_of_fees_and_compounds() {
    let run = |reward: u16| {
        let mut world =
            young(WorldConfig::default().without_fees().with_parameters(|p| p.fees.reward = reward));
        world.deposit("ana", 1_000 * SOL).unwrap();
        for _ in 0..3 {
            world.run_epoch().unwrap();
        }
        let (start, rate) = (world.chain.clock().unix_timestamp, world.rate());
        for _ in 0..16 {
            world.run_epoch().unwrap();
        }
        // A holder's shares, sold at both ends.
        let worth = |rate: &Rate| rate.lamports_floor(Shares(100 * SOL)).unwrap().0;
        let seconds = world.chain.clock().unix_timestamp - start;
        let held = float_apy((worth(&rate), 1), (worth(&world.rate()), 1), seconds);
        (apy(&world, 32).apy_ppm as f64, held)
    };
    let (gross, held_gross) = run(0);
    let (net, held_net) = run(2_000);
    for (told, held) in [(gross, held_gross), (net, held_net)] {
        assert!((told / held - 1.0).abs() < 0.01, "{told} told, {held} held");
    }
    // A fifth of the rewards is gone; of what compounds, a trace more.
    assert!((0.79..0.80).contains(&(net / gross)), "{net} of {gross}");
}
