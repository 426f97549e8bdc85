//! What went wrong elsewhere with lists of validators, and does not here.

use {
    crate::ground::{self, nothing_due, refused, update_in_full},
    solana_system_interface::instruction::transfer,
    std::{
        fs,
        path::{Path, PathBuf},
    },
    tidepool_client::{events::NothingDueReason, BondTerms, ValidatorRecord},
    tidepool_tests::prelude::*,
};

const SUBJECT: usize = 1;

/// A still pool of two validators, updated in this epoch; the second has no stake.
fn with_one_to_lose() -> World {
    let mut world = ground::funded(ground::still(2), 100 * SOL);
    world.cross_epoch();
    world.update_all().unwrap();
    world
}

fn wish_again(world: &World, place: usize) -> Instruction {
    let operator = world.operator.pubkey();
    let validator = world.keys.validator(&world.validators[SUBJECT].vote, place);
    world.keys.add_validator(&operator, &operator, &validator, 100, 0)
}

/// Neodyme SPL 2022-12 (spl#2298, #2304, #3714): a drained stake address was taken over by funding it in the transaction that
/// drained it, and its validator could never be added again. spl#2367: what was left of a removed validator blocked it.
#[test]
fn a_validator_leaves_and_comes_back_ten_times_though_a_stranger_takes_its_addresses() {
    let mut world = with_one_to_lose();
    let (operator, stranger) = (world.operator.insecure_clone(), world.chain.faucet().pubkey());
    let dust = world.chain.rent().minimum_balance(0);
    for generation in 0..10 {
        let validator = world.validators[SUBJECT];
        assert_eq!(validator.generation, generation);
        let mut steps = vec![
            world.keys.drain_validator(&operator.pubkey(), &validator),
            update_in_full(&world, [SUBJECT]),
        ];
        steps.extend(validator.stakes.iter().map(|stake| transfer(&stranger, stake, dust)));
        steps.push(world.keys.remove_validator(&validator));
        world.ledger.gifts += 3 * dust;
        world.send(&steps, &[&operator]).unwrap();
        for stake in &validator.stakes {
            assert_eq!(world.account(stake).unwrap().owner, cluster::STAKE_PROGRAM, "it is taken");
        }
        for taken in 0..=generation {
            refused(world.enter_again(SUBJECT, 100, taken), TidepoolError::StakeAddressTaken);
        }
        world.enter_again(SUBJECT, 100, generation + 1).unwrap();
        assert_eq!(world.record(SUBJECT).generation, generation + 1);
    }
    world.run_epoch().unwrap();
    assert!(world.record(SUBJECT).staked_lamports > 49 * SOL);
    world.drain(SUBJECT).unwrap();
    ground::leave(&mut world, SUBJECT, 12);
    world.remove(SUBJECT).unwrap();
}

/// marinade 5e0bc70: the marker of a removed validator was funded again in the transaction that closed it, and the validator could
/// be added twice. An entry is never closed here.
#[test]
fn the_entry_of_a_removed_validator_lets_it_stand_in_one_place() {
    let mut world = with_one_to_lose();
    let (operator, faucet) = (world.operator.insecure_clone(), world.chain.faucet().pubkey());
    world.drain(SUBJECT).unwrap();
    world.update([SUBJECT]).unwrap();
    let entry = world.keys.entry(&world.validators[SUBJECT].vote);
    let remove = world.keys.remove_validator(&world.validators[SUBJECT]);
    let refund = transfer(&faucet, &entry, SOL);
    let again = wish_again(&world, SUBJECT);
    for second in [SUBJECT, 5, 32] {
        let twice = [remove.clone(), refund.clone(), again.clone(), wish_again(&world, second)];
        let failure = world.expect_refusal_of_all(&twice, &[&operator], TidepoolError::ValidatorExists);
        assert_eq!(failure.custom_error().unwrap().0, 3);
    }
    world.ledger.gifts += SOL;
    world.send(&[remove, refund, again], &[&operator]).unwrap();
    assert!(world.record(SUBJECT).is_listed());
    world.expect_refusal(&wish_again(&world, 5), &[&operator], TidepoolError::ValidatorExists);
}

/// stakenet OS-SWD-ADV-00/01/03, #75, #84: arrays indexed by position, and counters that were off by one after a removal.
#[test]
fn three_hundred_come_and_half_of_them_leave_at_random_and_the_books_add_up() {
    const ALL: usize = 300;
    let mut dice = ground::Dice(93);
    let mut config = ground::still(1);
    config.weights.clear();
    let mut world = ground::funded(config, 100 * SOL);
    world.cross_epoch();
    let operator = world.operator.insecure_clone();
    let mut there: Vec<usize> = vec![];
    let mut gone: Vec<usize> = vec![];
    let mut removals = 0;
    // Two come for each that leaves, and now and then one comes back.
    while world.validators.len() < ALL || removals < ALL / 2 {
        if world.validators.len() < ALL {
            let index = match world.validators.len() {
                0 => 0,
                _ => world.chain.add_validator(&ValidatorConfig::default()),
            };
            world.add_validator(index, 1 + dice.below(1_000) as u32).unwrap();
            there.push(index);
        }
        if dice.below(2) == 0 && removals < ALL / 2 {
            let leaves = there.swap_remove(dice.below(there.len()));
            let validator = world.validators[leaves];
            let steps = [
                world.keys.drain_validator(&operator.pubkey(), &validator),
                update_in_full(&world, [leaves]),
                world.keys.remove_validator(&validator),
            ];
            world.send(&steps, &[&operator]).unwrap();
            let again = world.chain.simulate(&[steps[2].clone()], &operator.pubkey());
            refused(again, TidepoolError::NoSuchValidator);
            (removals, gone) = (removals + 1, [gone, vec![leaves]].concat());
        }
        if dice.below(10) == 0 && !gone.is_empty() {
            let back = gone.swap_remove(dice.below(gone.len()));
            world.enter_again(back, 7, 0).unwrap();
            there.push(back);
        }
    }
    // The world has compared all sums after every step; what is there is what should be.
    there.sort_unstable();
    assert_eq!(world.listed(), there);
    assert_eq!(world.pool().validator_count as usize, there.len());
    assert_eq!(world.pool().page_count as usize, ALL.div_ceil(limits::RECORDS_PER_PAGE));
    let weights: u64 = there.iter().map(|index| u64::from(world.record(*index).weight)).sum();
    assert_eq!(world.pool().total_weight, weights * 10_000);
    for some in there.chunks(7) {
        let epoch = world.chain.epoch();
        world.update(some.iter().copied()).unwrap();
        assert!(some.iter().all(|index| world.record(*index).last_update_epoch == epoch));
    }
    assert_eq!(world.pool().last_update_epoch, world.chain.epoch());
}

/// stakenet#42: the check for validators that go bad ran over those that should have stake, not over those that have some.
#[test]
fn a_validator_of_no_weight_that_has_stake_is_judged_like_any_other() {
    let mut world = ground::staked(ground::still(4), 400 * SOL);
    world.set_rules(|rules| rules.max_commission_bps = 1_000).unwrap();
    world.reweigh(SUBJECT, 0, 0).unwrap();
    world.chain.set_commission(SUBJECT, 2_000);
    let undelegate = world.keys.undelegate(&world.validators[SUBJECT]);
    world.expect_refusal(&undelegate, &[], TidepoolError::OutsideMoveWindow);
    world.review(SUBJECT).unwrap();
    let before: ValidatorRecord = world.record(SUBJECT);
    assert_eq!((before.score_bps, before.verdict, before.weight), (0, 3, 0));
    assert!(before.staked_lamports > 99 * SOL);
    world.undelegate(SUBJECT).unwrap();
    assert!(world.record(SUBJECT).staked_lamports < before.staked_lamports, "at once");
    for _ in 0..4 {
        world.run_epoch().unwrap();
    }
    assert_eq!(world.record(SUBJECT).staked_lamports, 0);
    assert!(world.record(SUBJECT).is_listed(), "it stays, for better days");
    world.chain.set_commission(SUBJECT, 500);
    world.review(SUBJECT).unwrap();
    world.reweigh(SUBJECT, 100, 0).unwrap();
    for _ in 0..4 {
        world.run_epoch().unwrap();
    }
    assert!(world.record(SUBJECT).staked_lamports > 90 * SOL);
}

/// VB 7c5ba93b: a handler returned early and skipped its books, and nobody could tell that it did nothing.
#[test]
fn a_crank_with_nothing_to_do_succeeds_changes_nothing_and_says_so() {
    let mut world = ground::staked(ground::still(3), 300 * SOL);
    world.open_bond(0, BondTerms::default(), SOL).unwrap();
    world.run_epoch().unwrap();
    world.drain(2).unwrap();
    ground::leave(&mut world, 2, 8);
    world.run_epoch().unwrap();
    world.run_epoch().unwrap();
    world.work_the_window().unwrap();
    let (keys, [first, _, left]) = (world.keys, [0, 1, 2].map(|index| world.validators[index]));
    let idle = [
        (keys.delegate(&first), NothingDueReason::AtTarget),
        (keys.undelegate(&first), NothingDueReason::AtTarget),
        (keys.delegate(&left), NothingDueReason::AtTarget),
        (keys.undelegate(&left), NothingDueReason::AtTarget),
        (keys.review_validator(&first), NothingDueReason::AlreadyReviewed),
        (keys.settle_bond(&first), NothingDueReason::AlreadySettled),
    ];
    for (crank, reason) in idle {
        let outcome = world.expect_change(&crank, &[], |_| {});
        assert_eq!((nothing_due(&outcome), outcome.told().len()), (Some(reason), 1));
    }
    let outcome = world.expect_change(&update_in_full(&world, 0..3), &[], |_| {});
    let seen: Vec<events::ValidatorsUpdated> = told(&outcome);
    assert_eq!((seen[0].gain, seen[0].loss, seen[0].returned, outcome.told().len()), (0, 0, 0, 1));
    let outcome = world.expect_change(&keys.sync_pool(), &[], |_| {});
    let synced: Vec<events::PoolSynced> = told(&outcome);
    assert!(!synced[0].recorded && outcome.told().len() == 1);
}

/// spl#2920; INF OS-SCT-ADV-03: lamports at an address that was still to be made stopped its creation for ever.
#[test]
fn lamports_at_the_addresses_of_entry_bond_and_page_stop_nobody() {
    for gift in [1, 1_500_000, 10 * SOL] {
        let mut config = ground::still(34);
        config.weights.clear();
        let mut world = ground::funded(config, 100 * SOL);
        let vote = |world: &World, index: usize| world.chain.validator(index).vote;
        let give = |world: &World, key: &Pubkey| world.chain.add_lamports(key, gift);
        for index in [0, 33] {
            give(&world, &world.keys.entry(&vote(&world, index)));
            give(&world, &world.keys.bond(&vote(&world, index)));
        }
        give(&world, &pda::validator_page(&world.keys.pool, 1).0);
        for index in 0..33 {
            world.add_validator(index, 100).unwrap();
        }
        world.open_bond(33, BondTerms::default(), SOL).unwrap();
        world.set_rules(|rules| rules.join_weight = 1).unwrap();
        world.join(33).unwrap();
        world.open_bond(0, BondTerms::default(), SOL).unwrap();
        world.settle(0).unwrap();
        assert_eq!((world.record(33).bond_lamports, world.record(0).bond_lamports), (SOL, SOL));
        assert_eq!((world.pool().page_count, world.pool().validator_count), (2, 34));
        assert_eq!(world.difference(), 0);
    }
}

/// spl#7033, marinade#84: Redelegate left the network, and with it code that used it. All the program knows of the stake program
/// is in one module, and all it calls is in this list. VB#69: an instruction that was never executed did not work; each of these
/// is, on accounts of every kind, by the real stake program.
#[test]
fn the_program_calls_nine_instructions_of_the_stake_program_from_one_module() {
    const CALLED: [u32; 9] = [
        0,  // Initialize
        1,  // Authorize
        2,  // DelegateStake
        3,  // Split
        4,  // Withdraw
        5,  // DeactivateStake
        7,  // Merge
        13, // GetMinimumDelegation
        16, // MoveStake
    ];
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../programs/tidepool/src");
    let module = fs::read_to_string(source.join("stake.rs")).unwrap();
    let number_after = |start: &str| -> Vec<u32> {
        let rests = module.split(start).skip(1);
        let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
        rests.filter_map(|rest| digits(rest).parse().ok()).collect()
    };
    let starts = ["tag(", "lamports(", "from_slice(&"];
    let mut called: Vec<u32> = starts.into_iter().flat_map(number_after).collect();
    called.sort_unstable();
    called.dedup();
    assert_eq!(called, CALLED);
    for path in sources_in(&source).into_iter().filter(|path| *path != source.join("stake.rs")) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains("invoke"), "{} calls another program by itself", path.display());
    }
}

fn sources_in(folder: &Path) -> Vec<PathBuf> {
    let paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let (folders, files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
    files.into_iter().chain(folders.iter().flat_map(|folder| sources_in(folder))).collect()
}

/// stake-pool#756: five tests of a suite were empty, and nobody saw it.
#[test]
fn no_test_is_empty_ignored_or_asleep() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = ["tests", "crates", "programs"].map(|folder| root.join(folder));
    let sources = folders.iter().flat_map(|folder| sources_in(folder));
    let tests: usize = sources
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| tests_of(&path))
        .sum();
    assert!(tests > 300, "{tests} tests found");
}

fn tests_of(path: &Path) -> usize {
    let source = fs::read_to_string(path).unwrap();
    for banned in [concat!("#[ign", "ore"), concat!("thread::sl", "eep")] {
        assert!(!source.contains(banned), "{} has {banned}", path.display());
    }
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let is_test = |line: &str| line == "#[test]" || line.starts_with("#[tokio::test");
    let starts = (0..lines.len()).filter(|at| is_test(lines[*at]));
    let empty = |line: &&str| line.ends_with("{}") || line.ends_with("{ }");
    for start in starts.clone() {
        let name = lines[start..].iter().find(|line| line.contains("fn "));
        assert!(!name.is_some_and(empty), "{} has an empty test: {name:?}", path.display());
    }
    starts.count()
}
