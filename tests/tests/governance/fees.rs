//! Fees: what they may be, and that nobody is surprised by a rise.

use {
    crate::stage::{
        self, change_pool, fees_of, governed, highest_fees, pay_rewards, send, slots, to_first_slot_of,
        to_last_slot,
    },
    anchor_lang::AnchorDeserialize,
    tidepool_client::{
        events::*, read_view, DepositPreview, LiquidUnstakePreview, OrderPreview, Pool, PoolFees,
    },
    tidepool_interface::{limits::FEE_NOTICE_EPOCHS, PoolHeader},
    tidepool_math::{quote_split_deposit, Epoch},
    tidepool_tests::prelude::*,
};

type Field = fn(&mut PoolFees) -> &mut u16;

/// Every fee and share of one, and the highest it can be.
const FIELDS: [(&str, Field, u16); 10] = [
    ("reward", |fees| &mut fees.reward, 2_000),
    ("deposit", |fees| &mut fees.deposit, 50),
    ("ticket", |fees| &mut fees.ticket, 50),
    ("stake withdrawal", |fees| &mut fees.stake_withdrawal, 50),
    ("liquid min", |fees| &mut fees.liquid_min, 1_000),
    ("liquid max", |fees| &mut fees.liquid_max, 1_000),
    ("liquid treasury share", |fees| &mut fees.liquid_treasury_share, 7_500),
    ("insurance share", |fees| &mut fees.insurance_share, 10_000),
    ("warmup", |fees| &mut fees.warmup, 10_000),
    ("referral share", |fees| &mut fees.referral_share, 5_000),
];

fn with(mut fees: PoolFees, change: impl FnOnce(&mut PoolFees)) -> PoolFees {
    change(&mut fees);
    fees
}

fn header(world: &World) -> PoolHeader {
    PoolHeader::parse(&world.account(&world.keys.pool).unwrap().data).unwrap()
}

fn view<T: AnchorDeserialize>(world: &mut World, instruction: Instruction) -> T {
    let outcome = send(world, &instruction, &[]);
    read_view(&outcome.return_data.unwrap()).unwrap()
}

/// OS-SSP-ADV-00, `spl#3980`: a manager set a fee of nearly everything in front of a large deposit. `stake-pool#791`: a limit
/// on each step alone still lets fees grow fast; here the cap is absolute.
#[test]
fn no_fee_passes_its_hard_limit() {
    let (mut world, cast) = governed();
    let admin = cast.admin.pubkey();
    for (name, field, most) in FIELDS {
        let at = |value: u16| {
            let mut fees = highest_fees();
            *field(&mut fees) = value;
            // The lowest exit fee is never above the highest.
            fees.liquid_min = fees.liquid_min.min(fees.liquid_max.min(limits::MAX_LIQUID_FEE.0));
            *field(&mut fees) = value;
            world.keys.set_fees(&admin, fees)
        };
        let refusal = match name {
            "liquid min" | "insurance share" => TidepoolError::InvalidParameter,
            _ => TidepoolError::FeeAboveLimit,
        };
        for above in [most + 1, u16::MAX] {
            world.expect_refusal(&at(above), &[&cast.admin], refusal);
        }
        let at_most = at(most);
        send(&mut world, &at_most, &[&cast.admin]);
        assert_eq!(*field(&mut { world.pool().pending_fees }), most, "{name}");
    }
    assert_eq!(world.pool().pending_fees, highest_fees());
    let min_above_max = with(highest_fees(), |fees| fees.liquid_max = fees.liquid_min - 1);
    let set = world.keys.set_fees(&admin, min_above_max);
    world.expect_refusal(&set, &[&cast.admin], TidepoolError::InvalidParameter);
}

#[test]
fn a_cut_holds_at_once() {
    for (name, field, _) in FIELDS {
        let (mut world, cast) = governed();
        let before = fees_of(&world);
        let lower = with(before, |fees| {
            *field(fees) /= 2;
            fees.liquid_min = fees.liquid_min.min(fees.liquid_max);
        });
        let set = world.keys.set_fees(&cast.admin.pubkey(), lower);
        let outcome = change_pool(&mut world, &set, &[&cast.admin], |pool| pool.fees = lower);
        let (pool, state) = (world.keys.pool, stage::state(&world));
        let pending = PoolFees::default();
        outcome.assert_told(&FeesSet { pool, fees: lower, pending, pending_epoch: 0, state });
        assert_eq!((header(&world).pending_fees, fees_of(&world)), (None, lower), "{name}");
    }
}

/// INF docs/risks.md: a fee of 99 % for one slot distorts every quote built on the pool.
#[test]
fn a_rise_is_announced_two_epochs_ahead_and_changes_nothing_until_then() {
    for (name, field, most) in FIELDS {
        let (mut world, cast) = governed();
        let before = fees_of(&world);
        let higher = with(before, |fees| {
            *field(fees) = most;
            fees.liquid_max = fees.liquid_max.max(fees.liquid_min);
        });
        let pending_epoch = world.chain.epoch() + 2;
        let set = world.keys.set_fees(&cast.admin.pubkey(), higher);
        let outcome = change_pool(&mut world, &set, &[&cast.admin], |pool| {
            pool.pending_fees = higher;
            pool.pending_fees_epoch = pending_epoch;
        });
        let (pool, state) = (world.keys.pool, stage::state(&world));
        outcome.assert_told(&FeesSet { pool, fees: before, pending: higher, pending_epoch, state });
        // Whoever reads the account sees it coming.
        let header = header(&world);
        assert_eq!(header.pending_fees.map(|(_, epoch)| epoch), Some(pending_epoch), "{name}");
        assert_eq!(header.fees_at(pending_epoch - 1), header.fees);
        assert_eq!(header.fees_at(pending_epoch), header.pending_fees.unwrap().0);
        assert_ne!(header.fees_at(pending_epoch), header.fees);
    }
}

/// What is charged: told by an instruction of each kind, compared with what the formulas give for these fees.
fn assert_charged(world: &mut World, fees: &PoolFees) {
    assert_eq!(world.fees(), *fees);
    let (rate, entry_rate, liquidity) = (world.rate(), world.entry_rate(), world.liquidity());
    let fee = LiquidFee {
        min: Bps(fees.liquid_min),
        max: Bps(fees.liquid_max),
        target: Lamports(liquidity.target_lamports),
    };
    let sol = Lamports(liquidity.sol_lamports);
    let exit = quote_liquid_unstake(&rate, Shares(SOL), sol, &fee, Bps(fees.liquid_treasury_share)).unwrap();
    let order = quote_order(&rate, Shares(SOL), Bps(fees.ticket)).unwrap();
    let for_sale = Shares(liquidity.lst_amount);
    let deposit = quote_split_deposit(&entry_rate, Lamports(SOL), Bps(fees.deposit), for_sale).unwrap();

    // Each in the state they all were computed for: what they do is undone by reading them from the chain's copy.
    let previewed: LiquidUnstakePreview = view(world, world.keys.preview_liquid_unstake(SOL));
    assert_eq!((previewed.lamports, previewed.fee_lamports), (exit.net.0, exit.fee.0));
    let previewed: OrderPreview = view(world, world.keys.preview_order_unstake(SOL));
    assert_eq!((previewed.lamports, previewed.fee_shares), (order.lamports.0, order.fee_shares.0));
    let previewed: DepositPreview = view(world, world.keys.preview_deposit(SOL));
    assert_eq!(previewed.lst_amount, deposit.shares().unwrap().0);
    assert_eq!(previewed.fee_shares, deposit.minted.fee_shares.0);
}

/// The very first instruction of an epoch, of each kind that charges something, and what was charged: fee shares or lamports.
const FIRSTS: [fn(&mut World) -> u64; 3] = [
    |world| told::<Deposited>(&world.deposit("ana", 100 * SOL).unwrap())[0].fee_shares,
    |world| told::<UnstakeOrdered>(&world.send_order("ana", 50 * SOL).unwrap())[0].fee_shares,
    |world| told::<LiquidUnstaked>(&world.liquid_unstake("ana", 20 * SOL).unwrap())[0].fee_lamports,
];

/// What the same instruction charges if `fees` hold.
const CHARGES: [fn(&World, &PoolFees) -> u64; 3] = [
    |world, fees| {
        let quote = quote_deposit(&world.entry_rate(), Lamports(100 * SOL), Bps(fees.deposit));
        quote.unwrap().fee_shares.0
    },
    |world, fees| quote_order(&world.rate(), Shares(50 * SOL), Bps(fees.ticket)).unwrap().fee_shares.0,
    |world, fees| {
        let liquidity = world.liquidity();
        let fee = LiquidFee {
            min: Bps(fees.liquid_min),
            max: Bps(fees.liquid_max),
            target: Lamports(liquidity.target_lamports),
        };
        let sol = Lamports(liquidity.sol_lamports);
        quote_liquid_unstake(&world.rate(), Shares(20 * SOL), sol, &fee, Bps::ZERO).unwrap().fee.0
    },
];

/// OtterSec OS-SSP-ADV-01, Halborn 2023 HAL-01, `spl#3979`: "from the next epoch" may be one slot away.
///
/// A rise that is announced in the last slot of epoch e: nothing changes in e and in all of e + 1; it holds in e + 2 for
/// the very first instruction, which nobody's touch has preceded.
#[test]
fn a_rise_of_the_last_slot_of_an_epoch_holds_from_the_first_slot_after_the_next_one() {
    for (first, charge) in FIRSTS.into_iter().zip(CHARGES) {
        let (mut world, _) = governed();
        let old = fees_of(&world);
        let new = PoolFees { reward: 600, warmup: 0, ..highest_fees() };
        to_last_slot(&mut world);
        let epoch = world.chain.epoch();
        world.set_fees(new).unwrap();
        let expected = charge(&world, &old);
        assert_eq!(first(&mut world), expected, "the slot of the announcement");

        to_first_slot_of(&mut world, epoch + 1);
        let expected = charge(&world, &old);
        assert_eq!(first(&mut world), expected, "the first slot of the epoch between");
        pay_rewards(&mut world);
        world.update_all().unwrap();
        world.sync().unwrap();
        assert_charged(&mut world, &old);
        to_last_slot(&mut world);
        world.sync().unwrap();
        assert_charged(&mut world, &old);
        let expected = charge(&world, &old);
        assert_eq!(first(&mut world), expected, "the last slot of the epoch between");

        to_first_slot_of(&mut world, epoch + 2);
        let expected = charge(&world, &new);
        assert!(expected > charge(&world, &old));
        assert_eq!(first(&mut world), expected, "the first instruction of the epoch after");
        let pool = world.pool();
        assert_eq!((pool.fees, pool.pending_fees, pool.pending_fees_epoch), (new, PoolFees::default(), 0));
    }
}

/// The reward fee is a fee on holders too: an update of the epoch between charges the old one.
#[test]
fn rewards_of_the_epoch_between_pay_the_old_fee() {
    let (mut world, _) = stage::staked();
    world.set_fees(PoolFees { reward: 2_000, insurance_share: 0, ..fees_of(&world) }).unwrap();
    let fees_of_an_update = |world: &mut World| {
        world.to_move_window();
        world.cross_epoch();
        let pool = world.pool();
        let (rate, due) = (world.rate(), pool.fee_shares_due);
        let outcome = world.update([0]).unwrap();
        let gain = told::<ValidatorsUpdated>(&outcome)[0].gain;
        let charged = world.pool().fee_shares_due - due;
        (gain, charged, rate)
    };
    let (gain, charged, rate) = fees_of_an_update(&mut world);
    let (old, share) = (Bps(600), Bps(0)); // the cut of the insurance's share held at once
    let expected = math::split_gain(Lamports(gain), Lamports(0), old, share, &rate).unwrap();
    assert!(gain > 0);
    assert_eq!(charged, expected.fee_shares.0);
    let (gain, charged, rate) = fees_of_an_update(&mut world);
    let expected = math::split_gain(Lamports(gain), Lamports(0), Bps(2_000), share, &rate).unwrap();
    assert_eq!(charged, expected.fee_shares.0);
}

/// Of a set of fees in which some rise and some fall, those that fall do so at once.
#[test]
fn of_mixed_fees_the_lower_ones_hold_at_once_and_the_higher_ones_later() {
    let (mut world, cast) = governed();
    let old = fees_of(&world);
    let new = PoolFees { deposit: 50, ticket: 0, liquid_min: 5, liquid_max: 500, reward: 100, ..old };
    let meanwhile = PoolFees { ticket: 0, liquid_min: 5, reward: 100, ..old };
    let epoch = world.chain.epoch() + 2;
    let set = world.keys.set_fees(&cast.admin.pubkey(), new);
    change_pool(&mut world, &set, &[&cast.admin], |pool| {
        pool.fees = meanwhile;
        pool.pending_fees = new;
        pool.pending_fees_epoch = epoch;
    });
    assert_charged(&mut world, &meanwhile);
    to_first_slot_of(&mut world, epoch);
    assert_charged(&mut world, &new);
}

#[test]
fn a_second_proposal_replaces_the_first_and_starts_the_notice_anew() {
    let (mut world, _) = governed();
    let old = fees_of(&world);
    let epoch = world.chain.epoch();
    let first = PoolFees { ticket: 50, ..old };
    world.set_fees(first).unwrap();
    to_first_slot_of(&mut world, epoch + 1);
    let second = PoolFees { deposit: 50, ..old };
    world.set_fees(second).unwrap();
    to_first_slot_of(&mut world, epoch + 2);
    assert_charged(&mut world, &old);
    world.sync().unwrap();
    assert_eq!(fees_of(&world), old);
    to_first_slot_of(&mut world, epoch + 3);
    assert_charged(&mut world, &second);
    world.sync().unwrap();
    assert_eq!(fees_of(&world), second);
}

/// The fees of now, proposed again, take a rise back.
#[test]
fn an_announced_rise_is_taken_back_by_proposing_no_rise() {
    let (mut world, cast) = governed();
    let old = fees_of(&world);
    let epoch = world.chain.epoch();
    world.set_fees(highest_fees()).unwrap();
    let set = world.keys.set_fees(&cast.admin.pubkey(), old);
    change_pool(&mut world, &set, &[&cast.admin], |pool| {
        pool.pending_fees = PoolFees::default();
        pool.pending_fees_epoch = 0;
    });
    to_first_slot_of(&mut world, epoch + 3);
    assert_charged(&mut world, &old);
}

/// Nobody has to touch a pool for its fees to be what was announced; a proposal in or after that epoch builds on them.
#[test]
fn a_rise_that_nobody_touched_holds_all_the_same_and_a_new_proposal_builds_on_it() {
    let (mut world, _) = governed();
    let epoch = world.chain.epoch();
    let risen = PoolFees { ticket: 50, ..fees_of(&world) };
    world.set_fees(risen).unwrap();
    to_first_slot_of(&mut world, epoch + 7);
    assert_charged(&mut world, &risen);
    let more = PoolFees { deposit: 50, ..risen };
    let outcome = world.set_fees(more).unwrap();
    let event = &told::<FeesSet>(&outcome)[0];
    assert_eq!((event.fees, event.pending, event.pending_epoch), (risen, more, epoch + 9));
}

/// `spl#2263`, `spl#2269`: an update ran several times an epoch and took the next step of the fee each time.
#[test]
fn however_often_a_pool_is_cranked_a_fee_does_not_come_sooner() {
    let (mut world, _) = stage::staked();
    let old = fees_of(&world);
    let epoch: Epoch = world.chain.epoch();
    world.set_fees(PoolFees { ticket: 50, ..old }).unwrap();
    for _ in 0..2 {
        for _ in 0..50 {
            world.sync().unwrap();
            world.update([0, 1]).unwrap();
            assert_eq!((fees_of(&world), world.pool().pending_fees_epoch), (old, epoch + 2));
        }
        slots(&mut world, 1);
        if world.chain.epoch() == epoch {
            world.cross_epoch();
        }
    }
}

/// A pool at its caps still works, and so does leaving it.
#[test]
fn the_highest_fees_leave_a_holder_nearly_everything() {
    let (mut world, _) = governed();
    let epoch = world.chain.epoch();
    world.set_fees(highest_fees()).unwrap();
    to_first_slot_of(&mut world, epoch + 2);
    pay_rewards(&mut world);
    world.update_all().unwrap(); // else the charge is for all epochs whose rewards nobody has looked for
    let before = world.lst_of("cat");
    world.deposit("cat", 100 * SOL).unwrap();
    let lst = world.lst_of("cat") - before;
    let ticket = world.order_unstake("cat", lst).unwrap();
    let back = world.ticket(&ticket).unwrap().lamports;
    // 0.5 % on each way, what streams, and the warm-up of at most a hundredth.
    let Pool { value_floor, withheld, .. } = world.pool();
    let streams = u128::from(withheld) * 10_000 / u128::from(value_floor);
    let least = 100 * SOL / 10_000 * (10_000 - 101 - 100 - streams as u64);
    assert!((least..100 * SOL).contains(&back), "{back} of {}, at least {least}", 100 * SOL);
    assert_eq!(FEE_NOTICE_EPOCHS, 2);
}
