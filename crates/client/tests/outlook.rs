//! What is to come in a pool, at the edges of months, locks and windows.

use {
    bytemuck::Zeroable,
    solana_pubkey::Pubkey,
    tidepool_client::fixed::{
        outlook::{Due, Filling, FundingLine, Month, Rung},
        Access, Function, Outlook, Pool, PoolTerms, Position, Suspension,
    },
    tidepool_math::{MathError, Tokens},
};

const TOKEN: u64 = 1_000_000_000;
const DAY: i64 = 86_400;
const YEAR: i64 = 365 * DAY;

/// The first second of some months, in UTC.
const NOVEMBER_2026: i64 = 1_793_491_200;
const MARCH_2027: i64 = 1_803_859_200;
const OCTOBER_2027: i64 = 1_822_348_800;
const NOVEMBER_2027: i64 = 1_825_027_200;
const DECEMBER_2027: i64 = 1_827_619_200;
const JANUARY_2028: i64 = 1_830_297_600;
const FEBRUARY_2028: i64 = 1_832_976_000;
const MARCH_2028: i64 = 1_835_481_600;

/// From 1 token on, 8 % simple, for a year, at most 10,000 tokens; open for two years from November 2026 on.
fn pool() -> Pool {
    let mut pool = Pool::zeroed();
    pool.lock_seconds = YEAR as u64;
    let terms = PoolTerms {
        start: NOVEMBER_2026,
        end: NOVEMBER_2026 + 2 * YEAR,
        min_stake: TOKEN,
        cap: 10_000 * TOKEN,
        rate_bps: 800,
        access: Access::Open,
    };
    pool.set_terms(&terms, NOVEMBER_2026).unwrap();
    pool
}

/// Opens a position as the pool would, and books it.
fn open(pool: &mut Pool, amount: u64, staked_at: i64) -> Position {
    let full_reward = pool.fixed_terms().full_reward(Tokens(amount)).unwrap();
    let mut position = Position::zeroed();
    position.index = pool.open_positions;
    position.amount = amount;
    position.staked_at = staked_at;
    position.unlock_at = pool.unlock_at(staked_at).unwrap();
    position.full_reward = full_reward.0;
    position.rate_bps = pool.rate_bps;
    pool.book_opened(Tokens(amount), full_reward, false).unwrap();
    position
}

fn outlook<'a>(pool: &'a Pool, balance: u64, positions: &'a [Position], now: i64) -> Outlook<'a> {
    Outlook { pool, reward_balance: Tokens(balance), positions, now }
}

fn due(positions: u64, principal: u64, reward: u64) -> Due {
    Due { positions, principal: Tokens(principal), reward: Tokens(reward) }
}

/// Filling, time, room, needed, covered and to fund.
fn row(line: &FundingLine) -> (Filling, i64, [u64; 4]) {
    let amounts = [line.room, line.needed, line.covered, line.to_fund];
    (line.filling, line.by, amounts.map(|tokens| tokens.0))
}

// ---- months

#[test]
fn a_month_begins_with_its_first_second_and_ends_with_its_last() {
    let borders = [
        (NOVEMBER_2026, "2026-11"),
        (MARCH_2027, "2027-03"),
        (JANUARY_2028, "2028-01"),
        (FEBRUARY_2028, "2028-02"),
        (MARCH_2028, "2028-03"),
        (0, "1970-01"),
    ];
    for (first, name) in borders {
        let month = Month::of(first);
        assert_eq!((month.starts_at(), month.to_string().as_str()), (first, name));
        let before = Month::of(first - 1);
        assert_eq!((before.plus(1), before.ends_at()), (month, first));
        assert!(before < month);
    }
    let february = Month::of(MARCH_2028 - 1);
    assert_eq!((february.year(), february.number()), (2028, 2));
    assert_eq!(february.ends_at() - february.starts_at(), 29 * DAY);
    assert_eq!(Month::of(MARCH_2027 - 1).starts_at(), MARCH_2027 - 28 * DAY);
    // 2100 is no leap year.
    assert_eq!(Month::of(4_107_542_400 - 1).starts_at(), 4_107_542_400 - 28 * DAY);
}

#[test]
fn times_beyond_the_calendar_are_of_its_first_or_last_month() {
    let last = Month::of(i64::MAX);
    assert_eq!(last.plus(1), last);
    assert!(Month::of(i64::MIN) < Month::of(0) && Month::of(0) < last);
}

// ---- the ladder

#[test]
fn a_pool_without_positions_owes_nothing() {
    let pool = pool();
    let ladder = outlook(&pool, TOKEN, &[], NOVEMBER_2026).maturity_ladder();
    assert_eq!((ladder.total(), ladder.rungs.len()), (Due::default(), 0));
}

#[test]
fn a_position_is_due_in_the_month_of_the_second_in_which_it_unlocks() {
    let mut pool = pool();
    let unlocks =
        [NOVEMBER_2027 - 1, NOVEMBER_2027, DECEMBER_2027 - 1, DECEMBER_2027, FEBRUARY_2028 + 28 * DAY];
    let mut positions = unlocks.map(|unlock| open(&mut pool, 1_000 * TOKEN, unlock - YEAR));
    positions[2].claimed = 30 * TOKEN;
    positions.reverse();

    let ladder = outlook(&pool, 0, &positions, NOVEMBER_2026).maturity_ladder();
    let rung = |first_second, due, cumulative| Rung { month: Month::of(first_second), due, cumulative };
    let thousand = 1_000 * TOKEN;
    assert_eq!(ladder.matured, Due::default());
    let rungs = vec![
        rung(OCTOBER_2027, due(1, thousand, 80 * TOKEN), due(1, thousand, 80 * TOKEN)),
        rung(NOVEMBER_2027, due(2, 2 * thousand, 130 * TOKEN), due(3, 3 * thousand, 210 * TOKEN)),
        rung(DECEMBER_2027, due(1, thousand, 80 * TOKEN), due(4, 4 * thousand, 290 * TOKEN)),
        rung(FEBRUARY_2028, due(1, thousand, 80 * TOKEN), due(5, 5 * thousand, 370 * TOKEN)),
    ];
    assert_eq!(ladder.rungs, rungs);
    assert_eq!(ladder.total().total(), Tokens(5_370 * TOKEN));
}

#[test]
fn what_has_matured_is_a_line_of_its_own_from_the_second_on_in_which_it_does() {
    let mut pool = pool();
    let positions = [0, 10 * DAY].map(|later| open(&mut pool, 1_000 * TOKEN, NOVEMBER_2026 + later));
    let at = |now| outlook(&pool, 0, &positions, now).maturity_ladder();
    let (one, both) = (due(1, 1_000 * TOKEN, 80 * TOKEN), due(2, 2_000 * TOKEN, 160 * TOKEN));

    let before = at(NOVEMBER_2027 - 1);
    assert_eq!((before.matured, before.rungs.len(), before.rungs[0].due), (Due::default(), 1, both));
    // The other one unlocks in the same month, which has begun.
    let then = at(NOVEMBER_2027);
    assert_eq!((then.matured, then.rungs[0].due, then.rungs[0].cumulative), (one, one, both));
    let after = at(i64::MAX);
    assert_eq!((after.matured, after.rungs.len(), after.total()), (both, 0, both));
}

// ---- the plan

#[test]
fn an_empty_pool_is_filled_at_once_and_again_when_the_first_lock_is_over() {
    let pool = pool();
    let all = 10_000 * TOKEN;
    let plan = outlook(&pool, 300 * TOKEN, &[], NOVEMBER_2026).funding_plan(24).unwrap();
    assert_eq!(plan.free, Tokens(300 * TOKEN));
    let lines: Vec<_> = plan.lines.iter().map(row).collect();
    let wanted = [
        (Filling::Room, NOVEMBER_2026, [all, 800 * TOKEN, 300 * TOKEN, 500 * TOKEN]),
        (Filling::Matured, NOVEMBER_2026, [0; 4]),
        (Filling::Renewal(Month::of(NOVEMBER_2027)), NOVEMBER_2027, [all, 800 * TOKEN, 0, 800 * TOKEN]),
    ];
    assert_eq!(lines, wanted);
    assert_eq!(plan.to_fund(), Tokens(1_300 * TOKEN));
    // Of twelve months, November 2027 is the thirteenth.
    let year = outlook(&pool, 300 * TOKEN, &[], NOVEMBER_2026).funding_plan(12).unwrap();
    assert_eq!(year.lines, plan.lines[..2]);
    assert_eq!(outlook(&pool, 0, &[], NOVEMBER_2026).funding_plan(0).unwrap().lines.len(), 2);
}

#[test]
fn free_rewards_cover_the_earliest_first() {
    let mut pool = pool();
    let staked = [(2_000, 0), (3_000, 10), (4_000, 40)];
    let positions = staked.map(|(tokens, day)| open(&mut pool, tokens * TOKEN, NOVEMBER_2026 + day * DAY));
    let promised = pool.promised;
    let now = NOVEMBER_2027;
    let plan = outlook(&pool, promised + 300 * TOKEN, &positions, now).funding_plan(6).unwrap();
    let lines: Vec<_> = plan.lines.iter().map(row).collect();
    let wanted = [
        (Filling::Room, now, [1_000 * TOKEN, 80 * TOKEN, 80 * TOKEN, 0]),
        (Filling::Matured, now, [2_000 * TOKEN, 160 * TOKEN, 160 * TOKEN, 0]),
        // It matures ten days later, but its rewards are wanted in a month that has begun.
        (Filling::Renewal(Month::of(now)), now, [3_000 * TOKEN, 240 * TOKEN, 60 * TOKEN, 180 * TOKEN]),
        (
            Filling::Renewal(Month::of(DECEMBER_2027)),
            DECEMBER_2027,
            [4_000 * TOKEN, 320 * TOKEN, 0, 320 * TOKEN],
        ),
    ];
    assert_eq!(lines, wanted);
    assert_eq!(plan.lines[0].needed, pool.funding_needed(Tokens(promised), now).unwrap());
}

#[test]
fn nothing_is_planned_for_a_window_that_is_over_or_for_its_end() {
    let mut pool = pool();
    let end = pool.end;
    let last = [end - YEAR - 1, end - YEAR].map(|staked_at| open(&mut pool, 1_000 * TOKEN, staked_at));
    let plan = outlook(&pool, pool.promised, &last, end - 10 * DAY).funding_plan(12).unwrap();
    // Who unlocks in the window's last second can still stake again, who unlocks one later cannot.
    let renewals: Vec<_> = plan.lines[2..].iter().map(|line| line.room.0).collect();
    assert_eq!(renewals, [1_000 * TOKEN]);
    for now in [end, end + 1, i64::MAX] {
        let plan = outlook(&pool, pool.promised, &last, now).funding_plan(12).unwrap();
        assert_eq!((plan.lines.len(), plan.to_fund()), (0, Tokens(0)));
    }
}

#[test]
fn a_window_that_is_to_come_is_planned_from_its_first_second_on() {
    let mut pool = pool();
    let positions = [0, 30 * DAY].map(|later| open(&mut pool, 1_000 * TOKEN, NOVEMBER_2026 + later));
    pool.start = NOVEMBER_2027 + DAY;
    let plan = outlook(&pool, pool.promised, &positions, NOVEMBER_2026 + 60 * DAY).funding_plan(2).unwrap();
    let lines: Vec<_> = plan.lines.iter().map(row).collect();
    let opening = NOVEMBER_2027 + DAY;
    let wanted = [
        (Filling::Room, opening, [8_000 * TOKEN, 640 * TOKEN, 0, 640 * TOKEN]),
        (Filling::Matured, opening, [1_000 * TOKEN, 80 * TOKEN, 0, 80 * TOKEN]),
        (
            Filling::Renewal(Month::of(DECEMBER_2027)),
            DECEMBER_2027,
            [1_000 * TOKEN, 80 * TOKEN, 0, 80 * TOKEN],
        ),
    ];
    assert_eq!(lines, wanted);
}

#[test]
fn short_locks_are_renewed_as_often_as_they_end_and_no_unit_is_missing() {
    let mut pool = pool();
    pool.lock_seconds = 10 * DAY as u64;
    pool.cap = 1_000_000_007;
    let plan = outlook(&pool, 0, &[], NOVEMBER_2026).funding_plan(2).unwrap();
    // In November on the 1st, 11th and 21st, in December on the 1st, 11th, 21st and 31st.
    let rooms: Vec<_> = plan.lines.iter().map(|line| line.room.0 / pool.cap).collect();
    assert_eq!(rooms, [1, 0, 2, 4]);
    let all = pool.fixed_terms().full_reward(Tokens(7 * pool.cap)).unwrap();
    assert_eq!(plan.to_fund(), all);
    assert!(plan.lines.iter().all(|line| line.covered.0 + line.to_fund.0 == line.needed.0));
}

#[test]
fn a_plan_that_does_not_fit_its_books_says_so() {
    let mut pool = pool();
    (pool.lock_seconds, pool.cap, pool.end) = (1, u64::MAX / 2, i64::MAX);
    let outlook = outlook(&pool, 0, &[], NOVEMBER_2026);
    assert_eq!(outlook.funding_plan(1), Err(MathError::Overflow));
    assert_eq!(outlook.funding_plan(0).unwrap().lines.len(), 2);
}

// ---- how long it lasts

#[test]
fn free_rewards_last_until_what_flows_in_needs_more() {
    let pool = pool();
    // A hundred tokens a day need 8 a day: what is free lasts for ten days, and a few units more.
    let outlook = outlook(&pool, 80 * TOKEN, &[], NOVEMBER_2026 + 5);
    let per_day = Tokens(100 * TOKEN);
    let until = outlook.funded_until(per_day).unwrap();
    assert_eq!(until, NOVEMBER_2026 + 5 + 10 * DAY + 1);
    assert_eq!(outlook.needed_within(per_day, 10), Ok(Tokens(80 * TOKEN)));
    assert!(outlook.needed_within(per_day, 11).unwrap() > outlook.free());
}

#[test]
fn cap_and_window_end_what_flows_in() {
    let mut pool = pool();
    let mut positions = vec![open(&mut pool, 9_000 * TOKEN, NOVEMBER_2026)];
    let promised = pool.promised;
    let per_day = Tokens(100 * TOKEN);
    let at = |pool: &Pool, positions: &[Position], free: u64, now: i64| {
        outlook(pool, promised + free, positions, now).funded_until(per_day)
    };
    let now = NOVEMBER_2026 + 100 * DAY;
    // There is room for ten days; then the position makes room when it unlocks, and in the end what came first.
    assert_eq!(at(&pool, &positions, 80 * TOKEN, now), Some(NOVEMBER_2027 + 1));
    let all = (80 + 720 + 80) * TOKEN;
    assert_eq!(at(&pool, &positions, all, now), None);
    assert_eq!(at(&pool, &positions, all - 1, now), Some(now + YEAR + 1));
    assert_eq!(at(&pool, &positions, 0, pool.end), None);
    assert_eq!(outlook(&pool, promised, &positions, pool.end).needed_within(per_day, 30), Ok(Tokens(0)));
    // Before the window nothing flows in.
    positions.clear();
    pool.start = now + 30 * DAY;
    let coming = outlook(&pool, promised, &positions, now);
    assert_eq!(coming.needed_within(per_day, 30), Ok(Tokens(0)));
    assert!(coming.funded_until(per_day).unwrap() > pool.start);
    assert_eq!(coming.funded_until(Tokens(0)), None);
}

/// Second by second: what is staked at once is all there is, and of what flows in no more.
fn first_lack(outlook: &Outlook, per_second: u64) -> Option<i64> {
    let (pool, opening) = (outlook.pool, outlook.now.max(outlook.pool.start));
    let mut stakes: Vec<(i64, u64)> = vec![(opening, pool.room().0)];
    stakes.extend(outlook.positions.iter().map(|one| (one.unlock_at.max(opening), one.amount)));
    let mut at_most = 0;
    for second in opening..pool.end {
        for (next, amount) in &mut stakes {
            if *next == second {
                at_most += *amount;
                *next += pool.lock_seconds as i64;
            }
        }
        let inflow = per_second * (second + 1 - opening) as u64;
        let needed = pool.fixed_terms().full_reward(Tokens(inflow.min(at_most))).unwrap();
        if needed > outlook.free() {
            return Some(second + 1);
        }
    }
    None
}

#[test]
fn free_rewards_last_as_long_as_a_count_of_every_second_says() {
    let (mut lacks, mut lasts) = (0, 0);
    for lock in [1, 7, 50, 1_000] {
        for late in [-5, 0, 20] {
            let mut pool = pool();
            (pool.lock_seconds, pool.end, pool.cap) = (lock, NOVEMBER_2026 + 200, 10_000 * TOKEN);
            let staked_at = [0, 3, 40, 41].map(|second| NOVEMBER_2026 + 30 + second - lock as i64);
            let positions = staked_at.map(|second| open(&mut pool, 1_234 * TOKEN, second));
            for per_second in [0, 1, 17 * TOKEN, 900 * TOKEN, 20_000 * TOKEN] {
                for tokens in [0, 1, 10, 500, 3_000, 15_000, 40_000, 500_000] {
                    let free = pool.fixed_terms().full_reward(Tokens(tokens * TOKEN)).unwrap().0;
                    let outlook = outlook(&pool, pool.reserved + free, &positions, NOVEMBER_2026 + late);
                    let until = outlook.funded_until(Tokens(per_second * DAY as u64));
                    assert_eq!(
                        until,
                        first_lack(&outlook, per_second),
                        "{lock} {late} {per_second} {tokens}"
                    );
                    lacks += u32::from(until.is_some());
                    lasts += u32::from(until.is_none());
                }
            }
        }
    }
    assert!(lacks > 100 && lasts > 100, "{lacks} {lasts}");
}

// ---- what earns nothing more

#[test]
fn a_matured_position_would_earn_a_day_of_todays_terms() {
    let mut pool = pool();
    let mut positions = [5 * DAY, 0, 1].map(|later| open(&mut pool, 1_000 * TOKEN, NOVEMBER_2026 + later));
    positions[1].claimed = 79 * TOKEN;
    pool.rate_bps = 1_600;
    let balance = pool.promised + 160 * TOKEN;
    let resting = outlook(&pool, balance, &positions, NOVEMBER_2027 + 1).resting();
    let told: Vec<_> = resting.iter().map(|one| (one.index, one.since, one.unpaid.0, one.per_day)).collect();
    let a_day = Some(Tokens(438_356_164));
    assert_eq!(told, [(1, NOVEMBER_2027, TOKEN, a_day), (2, NOVEMBER_2027 + 1, 80 * TOKEN, a_day)]);
    assert_eq!((resting[0].owner, resting[0].amount), (Pubkey::default(), Tokens(1_000 * TOKEN)));
}

#[test]
fn it_would_earn_nothing_where_a_roll_over_is_refused() {
    let mut pool = pool();
    let position = open(&mut pool, 1_000 * TOKEN, NOVEMBER_2026);
    let balance = pool.promised + 80 * TOKEN;
    let per_day = |change: &dyn Fn(&mut Pool), balance: u64| {
        let mut pool = pool;
        change(&mut pool);
        outlook(&pool, balance, &[position], NOVEMBER_2027).resting()[0].per_day
    };
    assert_eq!(per_day(&|_| (), balance), Some(Tokens(219_178_082)));
    assert_eq!(per_day(&|_| (), balance - 1), None);
    assert_eq!(per_day(&|pool| pool.end = NOVEMBER_2027, balance), None);
    assert_eq!(per_day(&|pool| pool.start = NOVEMBER_2027 + 1, balance), None);
    assert_eq!(per_day(&|pool| pool.min_stake = 1_000 * TOKEN + 1, balance), None);
    assert_eq!(per_day(&|pool| pool.pause_flags = Function::Stake.bit(), balance), None);
    let until = NOVEMBER_2027 + 1;
    assert_eq!(per_day(&|pool| pool.emergency = Suspension { since: 1, until }, balance), None);
}
