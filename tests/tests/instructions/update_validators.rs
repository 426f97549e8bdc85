//! An update looks at stake accounts, does what is due and books what changed.

use {
    crate::{stage, stakes},
    tidepool_tests::prelude::*,
};

const MAIN: StakeRole = StakeRole::Main;
const ONRAMP: StakeRole = StakeRole::Onramp;
const OFFRAMP: StakeRole = StakeRole::Offramp;

/// A batch of these validators, with all their accounts.
fn in_full(world: &World, indices: impl IntoIterator<Item = usize>) -> Instruction {
    let mut batch = Batch::default();
    for index in indices {
        batch.add(&world.validators[index], &StakeRole::ALL).unwrap();
    }
    world.keys.update_validators(&batch)
}

fn updated(world: &World, validators: u32, gain: u64, loss: u64, returned: u64) -> events::ValidatorsUpdated {
    events::ValidatorsUpdated {
        pool: world.keys.pool,
        validators,
        gain,
        loss,
        returned,
        epoch_complete: world.pool().last_update_epoch == world.chain.epoch(),
        state: stage::state(world),
    }
}

#[test]
fn an_update_books_rewards_and_counts_who_was_seen() {
    let mut world = stage::staked();
    world.cross_epoch();
    let (slot, epoch) = (world.chain.slot(), world.chain.epoch());
    let gains: Vec<u64> = (0..4)
        .map(|index| {
            world.chain.lamports(&world.validators[index].stake(MAIN)) - world.record(index).lamports[0]
        })
        .collect();
    assert!(gains.iter().all(|gain| *gain > 0));
    let validators = world.validators.clone();

    // Three of four: the epoch is not complete.
    let seen: u64 = gains[..3].iter().sum();
    let update = world.keys.update_validators(&world.batch([0, 1, 2]));
    let outcome = world.expect_change(&update, &[], |expected| {
        expected.releases(slot);
        for (validator, gain) in validators.iter().zip(&gains).take(3) {
            expected.record(validator, |record| {
                stakes::gains(record, *gain, epoch);
                stage::note_opening(record, epoch);
                record.staked_lamports += gain;
            });
        }
        expected.pool(|pool| {
            stage::begin_epoch(pool, epoch);
            pool.validators_updated = 3;
            pool.stake_lamports += seen;
            pool.staked_lamports += seen;
            pool.gains.delegation += seen;
            pool.epoch_gain += seen;
            stage::book_gain(pool, seen, slot);
        });
    });
    outcome.assert_told(&updated(&world, 3, seen, 0, 0));
    assert!(!told::<events::ValidatorsUpdated>(&outcome)[0].epoch_complete);

    let update = world.keys.update_validators(&world.batch([3]));
    let outcome = world.expect_change(&update, &[], |expected| {
        expected.record(&validators[3], |record| {
            stakes::gains(record, gains[3], epoch);
            stage::note_opening(record, epoch);
            record.staked_lamports += gains[3];
        });
        expected.pool(|pool| {
            pool.validators_updated = 4;
            (pool.last_update_epoch, pool.last_update_slot) = (epoch, slot);
            pool.stake_lamports += gains[3];
            pool.staked_lamports += gains[3];
            pool.gains.delegation += gains[3];
            pool.epoch_gain += gains[3];
            stage::book_gain(pool, gains[3], slot);
        });
    });
    outcome.assert_told(&updated(&world, 1, gains[3], 0, 0));
    assert!(told::<events::ValidatorsUpdated>(&outcome)[0].epoch_complete);
}

/// `spl#2263`, `spl#2269`: an update ran several times per epoch and consumed something each time.
#[test]
fn a_repeated_update_changes_nothing() {
    let mut world = stage::staked();
    world.update_all().unwrap();
    for _ in 0..3 {
        let update = in_full(&world, 0..4);
        let outcome = world.expect_change(&update, &[], |_| {});
        outcome.assert_told(&updated(&world, 4, 0, 0, 0));
    }
}

#[test]
fn stake_that_has_warmed_up_joins_the_main_account() {
    let mut world = stage::funded(stage::all_fees());
    world.to_move_window();
    world.delegate(0).unwrap();
    world.cross_epoch();
    let (keys, slot, epoch) = (world.keys, world.chain.slot(), world.chain.epoch());
    let validator = world.validators[0];
    let (main, onramp) = (validator.stake(MAIN), validator.stake(ONRAMP));
    let staked = world.chain.delegation(&onramp).unwrap().stake;

    let update = world.keys.update_validators(&world.batch([0]));
    let outcome = world.expect_change(&update, &[], |expected| {
        expected.releases(slot);
        expected.moves(&onramp, &main, staked);
        expected.stake_program_writes(&main);
        expected.stake_program_writes(&onramp);
        expected.record(&validator, |record| {
            record.lamports[0] += staked;
            record.lamports[1] -= staked;
            record.set_in_use(ONRAMP, false);
            record.last_update_epoch = epoch;
            stage::note_opening(record, epoch);
        });
        expected.pool(|pool| {
            stage::begin_epoch(pool, epoch);
            pool.validators_updated = 1;
        });
    });
    let active = world.chain.stake_activation(&main).effective;
    assert_eq!((active, world.chain.delegation(&onramp)), (staked, None));
    let merged = &told::<events::StakeMerged>(&outcome)[0];
    assert_eq!(merged.stake, events::StakeMove { vote: validator.vote, lamports: staked });
    assert_eq!(merged.pool, keys.pool);
    assert_eq!(outcome.told().len(), 2);
    assert_eq!(told::<events::ValidatorsUpdated>(&outcome)[0].validators, 1);
}

/// single-pool#601: free lamports lay outside the share price until somebody swept them.
#[test]
fn free_lamports_come_back_to_the_reserve_and_are_streamed() {
    for role in StakeRole::ALL {
        let mut world = stage::staked();
        let validator = world.validators[1];
        let tip = limits::MIN_SWEEP.0 + 3;
        world.give(&validator.stake(role), tip).unwrap();
        let (keys, slot, epoch) = (world.keys, world.chain.slot(), world.chain.epoch());
        let update = in_full(&world, [1]);
        let outcome = world.expect_change(&update, &[], |expected| {
            expected.releases(slot);
            expected.moves(&validator.stake(role), &keys.reserve, tip);
            if role == MAIN {
                expected.record(&validator, |record| {
                    stakes::gains(record, tip, epoch);
                    record.lamports[0] -= tip;
                });
            }
            expected.pool(|pool| {
                pool.reserve_lamports += tip;
                pool.gains.free += tip;
                pool.epoch_gain += tip;
                stage::book_gain(pool, tip, slot);
            });
        });
        outcome.assert_told(&updated(&world, 1, tip, 0, tip));
    }
}

#[test]
fn free_lamports_below_the_least_sweep_are_counted_where_they_are() {
    let mut world = stage::staked();
    let (validator, slot, epoch) = (world.validators[1], world.chain.slot(), world.chain.epoch());
    let dust = limits::MIN_SWEEP.0 - 1;
    world.give(&validator.stake(MAIN), dust).unwrap();
    let update = in_full(&world, [1]);
    let outcome = world.expect_change(&update, &[], |expected| {
        expected.releases(slot);
        expected.record(&validator, |record| stakes::gains(record, dust, epoch));
        expected.pool(|pool| {
            pool.stake_lamports += dust;
            pool.gains.free += dust;
            pool.epoch_gain += dust;
            stage::book_gain(pool, dust, slot);
        });
    });
    outcome.assert_told(&updated(&world, 1, dust, 0, 0));
}

/// What a validator's stake has gained is what leaving with some of it costs. Lamports beside that stake say nothing of it.
#[test]
fn a_gift_to_an_onramp_or_to_an_empty_main_account_makes_no_stake_dearer() {
    let mut world = stage::staked();
    world.deposit("ana", 400 * SOL).unwrap();
    world.to_move_window();
    world.delegate(1).unwrap();
    let before = world.record(1).gain_ppb;
    world.give(&world.validators[1].stake(ONRAMP), SOL).unwrap();
    world.update([1]).unwrap();
    assert!(before > 0 && world.record(1).gain_ppb == before);

    let mut world = stage::funded(stage::all_fees());
    world.give(&world.validators[1].stake(MAIN), SOL).unwrap();
    world.update([1]).unwrap();
    assert_eq!(world.record(1).gain_ppb, 0);
}

#[test]
fn stake_that_has_cooled_down_comes_back_and_fills_tickets() {
    let mut world = stage::staked();
    world.order_unstake("ana", 300 * SOL).unwrap();
    world.to_move_window();
    world.undelegate(2).unwrap();
    world.cross_epoch();
    let (keys, slot, epoch) = (world.keys, world.chain.slot(), world.chain.epoch());
    let validator = world.validators[2];
    let (main, offramp) = (validator.stake(MAIN), validator.stake(OFFRAMP));
    let cooled = world.record(2).cooling_lamports;
    let reward = |key: &Pubkey, role: StakeRole| world.chain.lamports(key) - world.record(2).lamports(role);
    let (main_reward, offramp_reward) = (reward(&main, MAIN), reward(&offramp, OFFRAMP));
    let (gain, returned) = (main_reward + offramp_reward, cooled + offramp_reward);
    assert!(cooled > 0);

    let update = world.keys.update_validators(&world.batch([2]));
    let outcome = world.expect_change(&update, &[], |expected| {
        expected.releases(slot);
        expected.moves(&offramp, &keys.reserve, returned);
        expected.stake_program_writes(&offramp);
        expected.record(&validator, |record| {
            stakes::gains(record, main_reward, epoch);
            stage::note_opening(record, epoch);
            record.staked_lamports += main_reward;
            record.lamports[2] -= cooled;
            record.cooling_lamports = 0;
            record.set_in_use(OFFRAMP, false);
        });
        expected.pool(|pool| {
            stage::begin_epoch(pool, epoch);
            pool.validators_updated = 1;
            pool.staked_lamports += main_reward;
            pool.cooling_lamports -= cooled;
            pool.stake_lamports += gain - returned;
            pool.reserve_lamports += returned;
            pool.gains.delegation += gain; // stake earns until it has cooled down
            pool.epoch_gain += gain;
            stage::book_gain(pool, gain, slot);
            let mut queue = pool.queue();
            queue.fill(Lamports(pool.reserve_lamports)).unwrap();
            pool.set_queue(&queue);
        });
    });
    outcome.assert_told(&updated(&world, 1, gain, 0, returned));
}

/// A loss is paid by the insurance, then by withheld reward, then by holders and tickets alike.
#[test]
fn a_loss_is_borne_in_the_stated_order() {
    for beyond_insurance in [false, true] {
        let mut world = stage::staked();
        let insurance = world.keys.insurance;
        world.give(&insurance, 3 * SOL).unwrap();
        world.order_unstake("bob", 100 * SOL).unwrap();
        world.sync().unwrap();
        let before = world.pool();
        assert!(
            before.insurance_lamports > 3 * SOL && before.withheld > 0,
            "{} {}",
            before.insurance_lamports,
            before.withheld
        );
        assert!(!before.queue().is_filled());
        let insured = before.insurance_lamports + before.insurance_due;
        let loss = if beyond_insurance { insured + before.withheld + 50 * SOL } else { insured - SOL };
        world.slash(3, loss).unwrap();

        let (keys, slot, validator) = (world.keys, world.chain.slot(), world.validators[3]);
        let epoch = world.chain.epoch();
        let update = world.keys.update_validators(&world.batch([3]));
        let mut from_vault = 0;
        let outcome = world.expect_change(&update, &[], |expected| {
            expected.releases(slot);
            expected.record(&validator, |record| {
                record.lamports[0] -= loss;
                stage::note_opening(record, epoch);
                record.staked_lamports -= loss;
                record.lost_lamports = loss;
            });
            expected.pool(|pool| {
                pool.staked_lamports -= loss;
                let (value, queue) = (Lamports(pool.value_floor), pool.queue());
                let split = math::split_loss(
                    Lamports(loss),
                    Lamports(insured),
                    Lamports(pool.withheld),
                    value,
                    &queue,
                )
                .unwrap();
                let from_due = split.insurance.0.min(pool.insurance_due);
                from_vault = split.insurance.0 - from_due;
                pool.insurance_due -= from_due;
                pool.insurance_lamports -= from_vault;
                pool.reserve_lamports += from_vault;
                pool.stake_lamports -= loss;
                pool.loss += loss;
                pool.epoch_loss += loss;
                pool.insured_loss += split.insurance.0;
                let mut stream = pool.stream();
                assert_eq!(stream.absorb(split.withheld, slot), split.withheld);
                (pool.stream_amount, pool.withheld) = (stream.amount.0, stream.unreleased.0);
                (pool.stream_start_slot, pool.stream_end_slot) = (stream.start_slot, stream.end_slot);
                pool.value_floor -= split.holders.0;
                pool.loss_carry += split.withheld.0 + split.holders.0;
                let mut queue = math::TicketQueue { index: split.index, ..queue };
                queue.fill(Lamports(pool.reserve_lamports)).unwrap();
                pool.set_queue(&queue);
                assert_eq!(split.tickets > Lamports(0), beyond_insurance);
            });
            expected.moves(&keys.insurance, &keys.reserve, from_vault);
        });
        assert!(from_vault > 0);
        outcome.assert_told(&updated(&world, 1, 0, loss, 0));
    }
}

#[test]
fn a_batch_names_at_least_one_validator() {
    let world = stage::staked();
    let empty = world.keys.update_validators(&Batch::default());
    world.expect_refusal(&empty, &[], TidepoolError::EmptyBatch);
    // A page of which no slot is named.
    let mut none = world.keys.update_validators(&world.batch([0]));
    let bits = none.data.len() - 4;
    none.data[bits..].fill(0);
    world.expect_refusal(&none, &[], TidepoolError::EmptyBatch);
}

/// The update of one validator with other bits for the only page.
fn naming(world: &World, bits: u32) -> Instruction {
    let mut update = world.keys.update_validators(&world.batch([0]));
    let at = update.data.len() - 4;
    update.data[at..].copy_from_slice(&bits.to_le_bytes());
    update
}

#[test]
fn a_batch_names_validators_and_no_free_slots() {
    let world = stage::staked();
    for bits in [1 << 4, 1 << 31] {
        world.expect_refusal(&naming(&world, bits), &[], TidepoolError::NoSuchValidator);
    }
    world.expect_refusal(&naming(&world, 1 | 1 << 4), &[], TidepoolError::NoSuchValidator);
    // A validator more than accounts were passed for.
    world.expect_refusal(&naming(&world, 0b11), &[], TidepoolError::StakeAccountMismatch);
    world.expect_refusal(&naming(&world, 0b10), &[], TidepoolError::StakeAccountMismatch);
}

/// Where the remaining accounts of an update begin.
const REMAINING: usize = 6;

#[test]
fn stake_accounts_come_in_record_order_each_once() {
    let world = stage::staked();
    let of = |index: usize, role| world.validators[index].stake(role);
    // Page, then main, onramp, offramp of validators 0 and 1.
    let update = in_full(&world, [0, 1]);
    let stakes = REMAINING + 1;
    for (first, second) in [(0, 1), (0, 3), (1, 2), (2, 3), (3, 5)] {
        let swapped = update.clone().swapped(stakes + first, stakes + second);
        let failure = world.expect_failure(&[swapped], &[]);
        let code = failure.custom_error_code().unwrap();
        let named = [TidepoolError::StakeAccountMismatch, TidepoolError::TooManyAccounts].map(u32::from);
        assert!(named.contains(&code), "{failure}");
    }
    let mismatch = TidepoolError::StakeAccountMismatch;
    world.expect_refusal(&update.clone().without(stakes), &[], mismatch);
    world.expect_refusal(&update.clone().without(stakes + 3), &[], mismatch);
    // The same account twice, and accounts of nobody.
    world.expect_refusal(&update.clone().with(&of(1, MAIN), &of(0, MAIN)), &[], mismatch);
    for surplus in [of(1, OFFRAMP), of(2, MAIN), world.keys.sol_vault, world.validators[0].page] {
        world.expect_refusal(&update.clone().with_extra(&surplus), &[], TidepoolError::TooManyAccounts);
    }
}

#[test]
fn accounts_that_are_in_use_cannot_be_left_out() {
    let mut world = stage::staked();
    world.deposit("ana", 400 * SOL).unwrap();
    world.to_move_window();
    world.delegate(0).unwrap();
    let update = world.keys.update_validators(&world.batch([0]));
    assert_eq!(update.accounts.len(), REMAINING + 3, "page, main, onramp");
    let without_onramp = update.without(REMAINING + 2);
    world.expect_refusal(&without_onramp, &[], TidepoolError::StakeAccountMismatch);

    let mut world = stage::staked();
    world.order_unstake("ana", 300 * SOL).unwrap();
    world.to_move_window();
    world.undelegate(0).unwrap();
    let update = world.keys.update_validators(&world.batch([0]));
    let without_offramp = update.without(REMAINING + 2);
    world.expect_refusal(&without_offramp, &[], TidepoolError::StakeAccountMismatch);
}

/// A pool with a validator in each of three pages.
fn three_pages() -> World {
    let mut config = WorldConfig::default().with_validators(vec![ValidatorConfig::default(); 3]);
    config.weights.clear();
    let mut world = stage::funded(config);
    let operator = world.operator.insecure_clone();
    for page in 0..3 {
        let validator = world.keys.validator(&world.chain.validator(page).vote, 32 * page);
        let enter = world.keys.add_validator(&operator.pubkey(), &operator.pubkey(), &validator, 1, 0);
        world.validators.push(validator);
        world.send(&[enter], &[&operator]).unwrap();
    }
    world
}

#[test]
fn pages_come_in_rising_order_each_once() {
    let mut world = three_pages();
    world.update([0, 1, 2]).unwrap();
    world.update([0, 2]).unwrap();
    let update = in_full(&world, [0, 1]);
    let (page_0, page_1) = (world.validators[0].page, world.validators[1].page);

    // Pages and stake accounts of both, the second first.
    let mut descending = update.clone().swapped(REMAINING, REMAINING + 1);
    (0..3).for_each(|at| descending.accounts.swap(REMAINING + 2 + at, REMAINING + 5 + at));
    world.expect_refusal(&descending, &[], TidepoolError::PagesOutOfOrder);
    // The same page twice, so that its validator would be named twice.
    let mut twice = update.clone().with(&page_1, &page_0);
    (0..3).for_each(|at| twice.accounts[REMAINING + 5 + at] = twice.accounts[REMAINING + 2 + at].clone());
    world.expect_refusal(&twice, &[], TidepoolError::PagesOutOfOrder);
    // Fewer accounts than pages are named.
    let mut too_few = update.clone();
    too_few.accounts.truncate(REMAINING + 1);
    world.expect_refusal(&too_few, &[], TidepoolError::PagesOutOfOrder);
    // A stake account where a page should be, and the other way round.
    let main = world.validators[0].stake(MAIN);
    let no_page = update.clone().with(&page_0, &main);
    world.expect_refusal(&no_page, &[], AnchorError::AccountOwnedByWrongProgram);
    let no_page = update.clone().with(&page_0, &world.keys.liquidity);
    world.expect_refusal(&no_page, &[], AnchorError::AccountDiscriminatorMismatch);
    let no_stake = update.with(&main, &page_0);
    world.expect_refusal(&no_stake, &[], TidepoolError::StakeAccountMismatch);
}

#[test]
fn pages_of_another_pool_are_not_touched() {
    let world = stage::staked();
    let other = OtherPool::beside(&world);
    let mut theirs = Batch::default();
    theirs.add(&other.validator, &[]).unwrap();
    let foreign = world.keys.update_validators(&theirs);
    world.expect_refusal(&foreign, &[], TidepoolError::WrongPool);
    let mixed = in_full(&world, [0]).with(&world.validators[0].stake(MAIN), &other.validator.stake(MAIN));
    world.expect_refusal(&mixed, &[], TidepoolError::StakeAccountMismatch);
}

#[test]
fn pages_and_stake_accounts_must_be_writable() {
    let mut world = stage::staked();
    let page = world.validators[0].page;
    let update = in_full(&world, [0]);
    world.expect_refusal(&update.clone().read_only(&page), &[], AnchorError::AccountNotMutable);
    // A stake account is only written if something is due.
    let main = world.validators[0].stake(MAIN);
    let looks = update.clone().read_only(&main);
    world.send(&[looks], &[]).unwrap();
    world.give(&main, SOL).unwrap();
    world.expect_failure(&[update.read_only(&main)], &[]);
}

type Spoil = fn(&mut Account);

/// How a stake account stops being the pool's. Offsets are those of `StakeStateV2`.
const SPOILS: [(&str, Spoil); 9] = [
    ("foreign staker", |account| account.data[12] ^= 1),
    ("foreign withdrawer", |account| account.data[44] ^= 1),
    ("lockup by time", |account| account.data[76] = 1),
    ("lockup by epoch", |account| account.data[84] = 1),
    ("uninitialized", |account| account.data[..4].fill(0)),
    ("rewards pool", |account| account.data[0] = 3),
    ("other program", |account| account.owner = cluster::SYSTEM_PROGRAM),
    ("too short", |account| account.data.truncate(199)),
    ("closed", |account| *account = Account::default()),
];

/// stake-pool 0e56295 (2025-12): main stake reset at a restart could be taken over and was still counted. Neodyme SPL
/// 2021-10 (critical): a drained transient account was re-created under foreign keys and counted.
#[test]
fn a_stake_account_that_is_not_the_pools_any_more_is_booked_as_lost() {
    for (how, spoil) in SPOILS {
        for role in StakeRole::ALL {
            let mut world = stage::staked();
            world.slash(0, 100_000_000_000).unwrap(); // so that the loss stays below what the pool holds
            world.update([0]).unwrap();
            let (keys, validator) = (world.keys, world.validators[0]);
            let stake = validator.stake(role);
            let lost = world.record(0).lamports(role);
            let held = world.chain.lamports(&stake);
            stage::patch(&world, &stake, spoil);
            // The account is there, but nobody's: the world counts it as long as it holds lamports.
            world.ledger.rewards -= i128::from(held - world.chain.lamports(&stake));

            let before = world.pool();
            let update = in_full(&world, [0]);
            let outcome = world.send(&[update], &[]).unwrap();
            let found = &told::<events::ForeignStakeFound>(&outcome)[0];
            assert_eq!(found.pool, keys.pool);
            assert_eq!(found.stake, events::StakeMove { vote: validator.vote, lamports: lost }, "{how}");
            let told = &told::<events::ValidatorsUpdated>(&outcome)[0];
            assert_eq!((told.gain, told.loss), (0, lost), "{how}");
            assert_eq!(world.record(0).lamports(role), 0);
            assert_eq!(before.stake_lamports - world.pool().stake_lamports, lost);

            // Every repeat is Ok and books nothing, and users go on.
            let update = in_full(&world, [0]);
            let outcome = world.send(&[update], &[]).unwrap();
            assert!(tidepool_tests::told::<events::ForeignStakeFound>(&outcome).is_empty());
            world.deposit("ana", SOL).unwrap();
            world.order_unstake("ana", SOL).unwrap();
        }
    }
}

/// stake-pool 0e56295: a main account delegated elsewhere is still the pool's money, but nothing joins it.
#[test]
fn main_stake_with_another_vote_account_is_counted_but_joined_by_nothing() {
    const VOTER: usize = 124;
    let mut world = stage::staked();
    world.deposit("ana", 400 * SOL).unwrap();
    world.to_move_window();
    world.delegate(0).unwrap();
    let validator = world.validators[0];
    stage::patch(&world, &validator.stake(MAIN), |account| account.data[VOTER] ^= 1);
    world.cross_epoch();
    let value = world.pool().value_floor;
    let outcome = world.update([0]).unwrap();
    assert!(told::<events::StakeMerged>(&outcome).is_empty());
    assert_eq!(told::<events::ValidatorsUpdated>(&outcome)[0].loss, 0);
    assert!(world.pool().value_floor >= value);
}

/// `solido#260`: a merge failed where the accounts differed. Onramp stake that a loss has brought below the minimum
/// delegation cannot join an empty main account; an update must get along with it.
#[test]
fn an_onramp_below_the_minimum_delegation_does_not_stop_updates() {
    let config = WorldConfig::default().without_fees().with_validators(vec![ValidatorConfig::default()]);
    let mut world = stage::young(config);
    world.deposit("ana", 2 * SOL).unwrap();
    world.to_move_window();
    world.delegate(0).unwrap();
    let onramp = world.validators[0].stake(ONRAMP);
    let staked = world.chain.delegation(&onramp).unwrap().stake;
    let loss = staked - SOL / 2;
    world.chain.slash(&onramp, loss).unwrap();
    world.ledger.rewards -= i128::from(loss);
    world.cross_epoch();
    world.update_all().unwrap();
    assert_eq!(world.pool().last_update_epoch, world.chain.epoch());
    // It comes back instead, whatever else an epoch brings.
    world.update_all().unwrap();
    world.cross_epoch();
    let before = world.pool().reserve_lamports;
    world.update_all().unwrap();
    let returned = world.pool().reserve_lamports - before;
    assert!((SOL / 2..SOL).contains(&returned), "with a reward: {returned}");
    assert!(!world.record(0).uses(ONRAMP));
}

/// A transaction may have 64 instructions in all, calls of programs included; a stranger's gifts could make more sweeps due.
#[test]
fn more_sweeps_than_a_transaction_has_room_for_are_done_by_two_updates() {
    const VALIDATORS: usize = 17;
    const MOST: u64 = 48;
    let mut config = WorldConfig::default().with_validators(vec![ValidatorConfig::default(); VALIDATORS]);
    config.weights.clear();
    let mut world = stage::funded(config);
    for index in 0..VALIDATORS {
        world.add_validator(index, 1).unwrap();
    }
    let gift = limits::MIN_SWEEP.0;
    let stakes: Vec<Pubkey> = world.validators.iter().flat_map(|validator| validator.stakes).collect();
    for stake in &stakes {
        world.give(stake, gift).unwrap();
    }
    let all = stakes.len() as u64 * gift;
    let update = in_full(&world, 0..VALIDATORS);
    let table = world.lookup_table();
    for (gain, returned) in [(all, MOST * gift), (0, all - MOST * gift), (0, 0)] {
        let update = std::slice::from_ref(&update);
        let outcome = world.send_versioned(update, &[], std::slice::from_ref(&table)).unwrap();
        outcome.assert_told(&updated(&world, VALIDATORS as u32, gain, 0, returned));
    }
}
