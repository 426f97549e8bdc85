//! How the stake of a validator that leaves comes back, whatever happens to it meanwhile.

use {
    crate::ground::{self, refused, update_in_full},
    solana_stake_interface::state::StakeStateV2,
    tidepool_tests::prelude::*,
};

const MAIN: StakeRole = StakeRole::Main;
const ONRAMP: StakeRole = StakeRole::Onramp;
const OFFRAMP: StakeRole = StakeRole::Offramp;

/// The validator that leaves.
const SUBJECT: usize = 1;

/// The offramp that the next part needs stays open, whoever names it in an update: what is staked must not be shut in.
#[test]
fn a_large_validator_leaves_in_parts_of_the_move_budget_and_strangers_shut_nothing_in() {
    let mut world = ground::staked(ground::still(4), 4_000 * SOL);
    world.drain(SUBJECT).unwrap();
    let mut epochs = 0;
    while !world.record(SUBJECT).is_empty() {
        let most = Bps(world.pool().max_move_bps).of_floor(world.pool().value_floor);
        let before = world.record(SUBJECT).staked_lamports;
        for _ in 0..3 {
            world.send(&[update_in_full(&world, [SUBJECT])], &[]).unwrap();
            world.undelegate(SUBJECT).unwrap();
            ground::next_slot(&mut world);
        }
        let left = before - world.record(SUBJECT).staked_lamports;
        assert!(left < most + SOL, "{left} left, {most} may");
        world.run_epoch().unwrap();
        epochs += 1;
        assert!(epochs <= 5, "{:?}", world.record(SUBJECT).lamports);
    }
    assert!(epochs >= 3, "1,000 SOL in parts of 400");
    world.remove(SUBJECT).unwrap();
}

/// The account is not the pool's any more: nothing can be split off, so it cannot leave in parts.
#[test]
fn a_validator_whose_offramp_is_lost_leaves_as_a_whole() {
    const STAKER: usize = 12;
    let mut world = ground::staked(ground::still(4), 4_000 * SOL);
    let offramp = world.validators[SUBJECT].stake(OFFRAMP);
    let mut account = world.account(&offramp).unwrap();
    account.data[STAKER] ^= 1;
    world.chain.set_account(&offramp, &account);
    world.to_move_window();
    refused(world.undelegate(SUBJECT), TidepoolError::ForeignStakeAccount);
    world.drain(SUBJECT).unwrap();
    world.send(&[update_in_full(&world, [SUBJECT])], &[]).unwrap();
    let all = world.record(SUBJECT).staked_lamports;
    assert!(all > 900 * SOL && world.pool().move_budget().0 < all);
    world.undelegate(SUBJECT).unwrap();
    let record = world.record(SUBJECT);
    assert_eq!((record.staked_lamports, record.main_cooling_lamports), (0, all));
    assert_eq!((world.pool().moved_lamports, world.pool().move_budget()), (all, Lamports::ZERO));
    ground::leave(&mut world, SUBJECT, 2);
    world.remove(SUBJECT).unwrap();
}

/// Until the window SOL may still come for them: with an order nobody makes more leave at once than the budget allows.
#[test]
fn before_the_window_no_more_leaves_for_tickets_than_the_move_budget() {
    let mut world = ground::staked(ground::still(4), 4_000 * SOL);
    world.drain(SUBJECT).unwrap();
    world.order_unstake("ana", 900 * SOL).unwrap();
    ground::next_slot(&mut world);
    let budget = world.pool().move_budget().0;
    world.undelegate(SUBJECT).unwrap();
    let pool = world.pool();
    assert_eq!((pool.cooling_lamports, pool.moved_lamports), (budget, budget));
    let again = world.undelegate(SUBJECT).unwrap();
    assert_eq!(ground::nothing_due(&again), Some(events::NothingDueReason::AtTarget));

    world.to_move_window();
    world.undelegate(SUBJECT).unwrap();
    let pool = world.pool();
    assert!(pool.cooling_lamports >= pool.queue().unfilled().unwrap().0, "and then all that they wait for");
    assert_eq!(pool.moved_lamports, budget);
}

/// Its main account is still empty then, and is where the stake that warms up has to go.
#[test]
fn a_validator_leaves_whose_first_stake_is_still_warming_up() {
    let mut world = ground::funded(ground::still(2), 300 * SOL);
    world.work_the_window().unwrap();
    world.drain(SUBJECT).unwrap();
    for _ in 0..2 {
        world.send(&[update_in_full(&world, [SUBJECT])], &[]).unwrap();
        ground::next_slot(&mut world);
    }
    assert!(world.account(&world.validators[SUBJECT].stake(MAIN)).is_some());
    assert!(ground::delegated(&world, SUBJECT, ONRAMP) > 140 * SOL);
    let value = ground::value_and_withheld(&world);
    ground::leave(&mut world, SUBJECT, 8);
    world.remove(SUBJECT).unwrap();
    assert_eq!(ground::value_and_withheld(&world), value);
}

/// stake-pool#756, OS-SSP-SUG-02 (spl#3994): at a minimum delegation of 1 SOL, what was between one and two minimums could not
/// be taken in one piece, or had to be increased first.
#[test]
fn a_validator_a_little_above_the_minimum_delegation_has_left_within_three_epochs() {
    for above in [0, SOL / 2, SOL / 10 * 9, SOL - 1, SOL] {
        for drains in [true, false] {
            let mut world = ground::with_small_stake(SOL + above, 100);
            if drains {
                world.drain(SUBJECT).unwrap();
            } else {
                world.set_rules(|rules| rules.max_commission_bps = 1_000).unwrap();
                world.chain.set_commission(SUBJECT, 2_000);
                world.review(SUBJECT).unwrap();
            }
            for _ in 0..3 {
                world.run_epoch().unwrap();
            }
            let record = world.record(SUBJECT);
            assert_eq!((record.staked_lamports, record.cooling_lamports), (0, 0), "{above} above");
            if drains {
                assert!(record.is_empty());
                world.remove(SUBJECT).unwrap();
            }
        }
    }
}

/// A tenth of so little is less than any stake that could move.
#[test]
fn validators_leave_a_pool_whose_move_budget_is_less_than_the_minimum_delegation() {
    let mut world = ground::with_small_stake(SOL + SOL / 2, 3);
    assert!(Bps(world.pool().max_move_bps).of_floor(world.pool().value_floor) < SOL / 2);
    world.drain(SUBJECT).unwrap();
    assert!(ground::leave(&mut world, SUBJECT, 6) <= 3);
    world.remove(SUBJECT).unwrap();
}

/// SIMD-0608, VB#297, spl#5162: handlers that read the vote account could not let go of stake when it was gone.
#[test]
fn a_validator_whose_vote_account_goes_while_it_leaves_is_removed_all_the_same() {
    let gone = [
        Account::default(),
        Account { lamports: SOL, ..Account::default() },
        Account { lamports: SOL, data: vec![4; 200], owner: Pubkey::new_unique(), ..Account::default() },
    ];
    for account in gone {
        let mut world = ground::staked(ground::still(4), 4_000 * SOL);
        world.drain(SUBJECT).unwrap();
        world.work_the_window().unwrap();
        let vote = world.validators[SUBJECT].vote;
        world.chain.set_account(&vote, &account);
        for _ in 0..5 {
            world.to_move_window();
            world.undelegate(SUBJECT).unwrap();
            world.work_the_edge().unwrap();
        }
        world.remove(SUBJECT).unwrap();
        let again = world.keys.add_validator(
            &world.operator.pubkey(),
            &world.operator.pubkey(),
            &world.validators[SUBJECT],
            1,
            0,
        );
        let entered = world.chain.simulate(&[again], &world.operator.pubkey());
        refused(entered, TidepoolError::NotAVoteAccount);
    }
}

type Misfortune = fn(&mut World);

fn change_main(world: &World, change: fn(&World, &mut StakeStateV2)) {
    let main = world.validators[SUBJECT].stake(MAIN);
    let (mut account, mut state) = (world.account(&main).unwrap(), world.chain.stake_state(&main).unwrap());
    change(world, &mut state);
    bincode::serialize_into(&mut account.data[..], &state).unwrap();
    world.chain.set_account(&main, &account);
}

/// spl#3152, #5162, #5439: a third party deactivated the stake of a validator, and nothing could remove it any more.
#[test]
fn whatever_happens_to_a_validator_that_leaves_it_can_be_removed_and_entered_again() {
    let misfortunes: [(&str, Misfortune, u32); 4] = [
        (
            "slashed below the minimum delegation",
            |world| {
                let stake = ground::delegated(world, SUBJECT, MAIN);
                world.slash(SUBJECT, stake - SOL / 3).unwrap();
            },
            0,
        ),
        (
            "deactivated by a third party",
            |world| {
                change_main(world, |world, state| {
                    let StakeStateV2::Stake(_, stake, _) = state else { panic!("it has stake") };
                    stake.delegation.deactivation_epoch = world.chain.epoch();
                });
            },
            0,
        ),
        (
            "taken over",
            |world| {
                change_main(world, |_, state| {
                    let StakeStateV2::Stake(meta, _, _) = state else { panic!("it has stake") };
                    meta.authorized.staker = Pubkey::new_unique();
                });
            },
            1, // the address is a stranger's for ever
        ),
        (
            "given to",
            |world| {
                for stake in world.validators[SUBJECT].stakes {
                    world.give(&stake, 3 * SOL).unwrap();
                }
            },
            0,
        ),
    ];
    for (what, happens, generation) in misfortunes {
        for late in [false, true] {
            println!("{what}, late: {late}");
            let mut world = ground::staked(ground::still(3), 600 * SOL);
            if late {
                world.drain(SUBJECT).unwrap();
                world.undelegate(SUBJECT).unwrap();
                assert!(world.record(SUBJECT).cooling_lamports > 50 * SOL);
            }
            happens(&mut world);
            world.update([SUBJECT]).unwrap();
            if !late {
                world.drain(SUBJECT).unwrap();
            }
            ground::leave(&mut world, SUBJECT, 8);
            happens_to_nobody(&mut world);
            world.remove(SUBJECT).unwrap();
            world.deposit("bob", 100 * SOL).unwrap();
            world.enter_again(SUBJECT, 100, generation).unwrap();
            world.run_epoch().unwrap();
            assert!(world.record(SUBJECT).staked_lamports > 30 * SOL);
            assert_eq!(world.difference(), 0);
        }
    }
}

/// Gifts to accounts that are closed are nobody's until the addresses are used again.
fn happens_to_nobody(world: &mut World) {
    let before = ground::value_and_withheld(world);
    let closed = |stake: &Pubkey| world.account(stake).is_none();
    let closed: Vec<Pubkey> = world.validators[SUBJECT].stakes.into_iter().filter(closed).collect();
    for stake in &closed {
        world.give(stake, SOL).unwrap();
    }
    let update = update_in_full(world, [SUBJECT]);
    world.send(&[update], &[]).unwrap();
    assert_eq!(ground::value_and_withheld(world), before);
}

/// stake-pool#222: a validator that was just removed and still deactivating was counted as 0, and the price jumped.
#[test]
fn value_stays_in_whatever_order_a_validator_is_drained_left_updated_and_removed() {
    for seed in 0..6 {
        let mut dice = ground::Dice(seed);
        let mut world = ground::staked(ground::still(3), 300 * SOL);
        world.deposit("bob", 30 * SOL).unwrap();
        let value = ground::value_and_withheld(&world);
        let mut epochs = 0;
        while world.record(SUBJECT).is_listed() {
            let mut steps: Vec<usize> = (0..8).collect();
            dice.shuffle(&mut steps);
            for step in steps {
                let _whatever_comes_of_it = match step {
                    0 => world.drain(SUBJECT),
                    1 | 2 => world.update([SUBJECT]),
                    3 => world.undelegate(SUBJECT),
                    4 => world.remove(SUBJECT),
                    5 => world.sync(),
                    6 => world.update([0, 2]),
                    _ => world.delegate(dice.below(3)),
                };
                assert_eq!(ground::value_and_withheld(&world), value, "step {step} of seed {seed}");
                if !world.record(SUBJECT).is_listed() {
                    break;
                }
            }
            if epochs % 2 == 0 {
                world.to_move_window();
            } else {
                world.cross_epoch();
            }
            epochs += 1;
            assert!(epochs < 40, "{:?}", world.record(SUBJECT));
        }
        assert_eq!(world.pool().validator_count, 2);
        assert_eq!(world.difference(), 0);
    }
}

/// Neodyme SPL 2021, spl#2272: a preferred validator was removed, and with it went every exit.
#[test]
fn whoever_is_removed_in_whatever_state_all_exits_stay_open() {
    type Prepare = fn(&mut World);
    let states: [(&str, Prepare); 4] = [
        ("without stake", |_| ()),
        ("warming up", |world| world.work_the_window().unwrap()),
        ("active", |world| {
            world.run_epoch().unwrap();
        }),
        ("active, warming up and cooling down", |world| {
            world.run_epoch().unwrap();
            world.deposit("bob", 100 * SOL).unwrap();
            world.work_the_window().unwrap();
            world.order_unstake("ana", 200 * SOL).unwrap();
            ground::next_slot(world);
            world.move_stake().unwrap();
            let record = world.record(0);
            assert!([MAIN, ONRAMP, OFFRAMP].iter().all(|role| record.lamports(*role) > SOL));
        }),
    ];
    for (what, prepare) in states {
        println!("{what}");
        let config = ground::still(2).with_parameters(|p| p.settings.max_move_bps = 5_000);
        let mut world = ground::funded(config, 500 * SOL);
        world.add_liquidity("bob", 50 * SOL).unwrap();
        ground::next_slot(&mut world); // SOL of this very slot pays no exits
        prepare(&mut world);
        for index in [0, 1] {
            world.drain(index).unwrap();
            world.order_unstake("ana", 3 * SOL).unwrap();
            world.liquid_unstake("ana", SOL).unwrap();
            ground::leave(&mut world, index, 14);
            world.remove(index).unwrap();
            world.liquid_unstake("ana", SOL).unwrap();
            world.order_unstake("ana", 3 * SOL).unwrap();
        }
        // Nobody is left, and everybody leaves.
        assert_eq!((world.pool().validator_count, world.pool().stake_lamports), (0, 0));
        world.deposit("bob", SOL).unwrap();
        for name in ["ana", "bob"] {
            let lst = world.lst_of(name);
            if lst > 0 {
                world.order_unstake(name, lst).unwrap();
            }
        }
        let lp = world.lp_of("bob");
        world.remove_liquidity("bob", lp).unwrap();
        let lst = world.lst_of("bob");
        if lst > 0 {
            world.order_unstake("bob", lst).unwrap();
        }
        world.run_epoch().unwrap();
        assert!(world.tickets.is_empty(), "{what}");
        // And a validator may come.
        world.deposit("bob", 100 * SOL).unwrap();
        world.enter_again(0, 100, 0).unwrap();
        world.run_epoch().unwrap();
        assert!(world.record(0).staked_lamports > 90 * SOL);
    }
}
