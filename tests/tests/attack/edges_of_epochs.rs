//! SOL and stake that come or leave around the edge of an epoch, for what they did not earn.

use crate::support::*;

/// `eve`'s 5,000 SOL lie in the reserve, hers to claim, over an epoch in whose last slot the ticket may come back. Gives what
/// she and `ana`, who has 10,000, gain by the end of the next one.
fn gains_beside_a_ticket(comes_back: bool) -> [i128; 2] {
    const NAMES: [&str; 2] = ["eve", "ana"];
    let mut world =
        staked(with_warmup().with_parameters(|p| p.settings.reserve_target_bps = 0), 10_000 * SOL);
    world.deposit("eve", 5_000 * SOL).unwrap();
    epochs(&mut world, 3);
    world.to_move_window();
    let ticket = world.order_unstake("eve", world.lst_of("eve")).unwrap();
    slots(&mut world, 1);
    world.move_stake().unwrap();
    world.cross_epoch();
    world.update_all().unwrap();
    world.sync().unwrap();
    assert!(world.pool().queue().is_filled());

    world.work_the_window().unwrap();
    to_last_slot(&mut world);
    let before = NAMES.map(|name| wealth(&world, name));
    if comes_back {
        world.cancel(&ticket).unwrap();
    }
    world.cross_epoch();
    world.update_all().unwrap();
    world.sync().unwrap();
    world.work_the_window().unwrap();
    to_last_slot(&mut world);
    [0, 1].map(|n| gained(before[n], wealth(&world, NAMES[n])))
}

/// SOL in a covered ticket earns nothing; who takes it back in front of an edge does not share in the rewards of that epoch.
#[test]
fn a_ticket_that_comes_back_in_front_of_an_edge_pays_for_the_warm_up() {
    let (stays, comes) = (gains_beside_a_ticket(false), gains_beside_a_ticket(true));
    // The charge is what the last epoch gained; what this one does differs a little.
    assert!(comes[0] <= stays[0] + stays[1] / 200, "{comes:?} instead of {stays:?}");
    assert!(comes[1] >= stays[1], "{comes:?} instead of {stays:?}");
}

/// What `eve` gains who comes with 10,000 SOL after `slept` edges that nobody has updated, until the end of the next epoch,
/// when rewards of the one in which her SOL did not earn are released too; a stranger may have made a gain of next to
/// nothing known in each epoch before.
fn gain_of_who_comes_after(slept: u64, gift: bool) -> i128 {
    let mut world = at_the_edge(with_warmup());
    for epoch in 1..=slept {
        world.cross_epoch();
        if gift {
            let reserve = world.keys.reserve;
            if epoch < slept {
                world.give(&reserve, 1_000).unwrap();
            }
            world.sync().unwrap();
        }
    }
    let before = wealth(&world, "eve");
    world.deposit("eve", 10_000 * SOL).unwrap();
    world.update_all().unwrap();
    world.run_epoch().unwrap();
    to_last_slot(&mut world);
    gained(before, wealth(&world, "eve"))
}

/// Whoever comes after keepers have slept pays for all epochs they have not seen.
#[test]
fn rewards_of_epochs_nobody_updated_are_not_for_whoever_comes_then() {
    for slept in 1..4 {
        for gift in [false, true] {
            let gain = gain_of_who_comes_after(slept, gift);
            assert!(gain <= i128::from(SOL / 100), "{gain} after {slept} epochs, gift: {gift}");
        }
    }
}

/// The charge of a stake exit covers what the stake earns: before the fee on rewards, and by staked lamport.
#[test]
fn stake_taken_in_front_of_an_edge_earns_no_more_than_it_cost() {
    for (reward, buffer) in [(0, 0), (600, 100), (2_000, 100), (2_000, 2_000)] {
        let mut world = at_the_edge(WorldConfig::default().with_parameters(|p| {
            p.fees.reward = reward;
            p.fees.stake_withdrawal = 0;
            p.settings.reserve_target_bps = buffer;
        }));
        let before = world.sol_of("eve");
        world.deposit("eve", 1_000 * SOL).unwrap();
        let index = largest(&world);
        let stake = world.withdraw_stake("eve", world.lst_of("eve"), index).unwrap();
        world.cross_epoch();
        let profit = gained(before, with_stake(&world, "eve", &stake));
        assert!(profit <= 0, "{profit} with a reward fee of {reward} and a reserve of {buffer}");
    }
}

/// `eve` may turn 2,000 SOL into active stake in the last slot. Gives what she has gained an epoch after the edge, and what
/// `ana` has at last.
fn stake_swapped_for_idle_sol(world: &mut World, swaps: bool) -> (i128, u64) {
    let before = world.sol_of("eve");
    let stake = swaps.then(|| {
        world.deposit("eve", 2_000 * SOL).unwrap();
        let index = largest(world);
        world.withdraw_stake("eve", world.lst_of("eve"), index).unwrap()
    });
    world.work_the_edge().unwrap();
    let profit = stake.map_or(0, |stake| gained(before, with_stake(world, "eve", &stake)));
    epochs(world, 3);
    (profit, wealth(world, "ana"))
}

/// As above, for the others: what the exit costs pays for the epoch in which the SOL left behind does not earn, also where
/// much of the value lies in the reserve.
#[test]
fn holders_lose_nothing_by_idle_sol_that_leaves_as_stake() {
    for buffer in [100, 2_000] {
        let [fair, attacked] = [false, true].map(|swaps| {
            let mut world = at_the_edge(with_warmup().with_parameters(|p| {
                p.fees.reward = 2_000;
                p.fees.stake_withdrawal = 0;
                p.settings.reserve_target_bps = buffer;
            }));
            stake_swapped_for_idle_sol(&mut world, swaps)
        });
        let loss = gained(attacked.1, fair.1);
        assert!(loss <= 0, "lost {loss} with a reserve of {buffer}, {attacked:?}");
    }
}

/// A pool that has never found a reward takes stake to earn what stake earns.
#[test]
fn stake_taken_before_the_first_reward_is_found_pays_for_an_epoch() {
    let config = in_long_epochs(WorldConfig::default()).with_parameters(|p| p.fees.stake_withdrawal = 0);
    let [fair, attacked] = [false, true].map(|swaps| {
        let mut world = staked(config.clone(), 10_000 * SOL);
        world.work_the_window().unwrap();
        to_last_slot(&mut world);
        stake_swapped_for_idle_sol(&mut world, swaps)
    });
    assert!(attacked.0 <= 0, "eve gained {}", attacked.0);
    assert!(attacked.1 >= fair.1, "ana lost {}", fair.1 - attacked.1);
}
