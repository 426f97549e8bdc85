//! Orders that are there to be taken back.

use crate::support::*;

const NAMES: [&str; 3] = ["ana", "bob", "eve"];

/// What each has at last where `eve` does, in each of four epochs, what `attack` says in the move window.
fn holders_after(config: WorldConfig, bob: u64, attack: fn(&mut World)) -> [u64; 3] {
    let mut world = staked(config, 10_000 * SOL);
    world.deposit("eve", 10_000 * SOL).unwrap();
    epochs(&mut world, 4);
    if bob > 0 {
        world.deposit("bob", bob).unwrap();
    }
    for _ in 0..4 {
        world.to_move_window();
        attack(&mut world);
        world.work_the_edge().unwrap();
    }
    epochs(&mut world, 2);
    NAMES.map(|name| wealth(&world, name))
}

fn keepers_alone(world: &mut World) {
    world.work_the_window().unwrap();
}

/// Stake goes to cool down for an order a slot old, which is taken back then.
fn order_that_moves_stake(world: &mut World) {
    world.work_the_window().unwrap();
    let ticket = world.order_unstake("eve", world.lst_of("eve")).unwrap();
    slots(world, 1);
    (0..4).for_each(|index| drop(world.undelegate(index).unwrap()));
    world.cancel(&ticket).unwrap();
}

/// While an order waits, no SOL is staked.
fn order_that_holds_sol_back(world: &mut World) {
    let ticket = world.order_unstake("eve", world.lst_of("eve")).unwrap();
    slots(world, 1);
    world.move_stake().unwrap();
    to_last_slot(world);
    world.cancel(&ticket).unwrap();
}

/// Half the pool's stake stops earning for an epoch; who caused it pays as much to the holders as it would have earned.
#[test]
fn who_takes_an_order_back_pays_for_the_stake_that_went_to_cool_down_for_it() {
    let honest = holders_after(with_warmup(), 0, keepers_alone);
    let attacked = holders_after(with_warmup(), 0, order_that_moves_stake);
    let loss = [0, 2].map(|n| gained(attacked[n], honest[n]));
    assert!(loss[0] <= 0, "ana lost {}, eve {}", loss[0], loss[1]);
    assert!(loss[1] > 0);
}

/// Also where comers pay nothing for the warm-up.
#[test]
fn who_takes_an_order_back_pays_for_an_epoch_where_comers_do_not() {
    let config = || in_long_epochs(WorldConfig::default());
    let honest = holders_after(config(), 0, keepers_alone);
    let attacked = holders_after(config(), 0, order_that_moves_stake);
    let loss = [0, 2].map(|n| gained(attacked[n], honest[n]));
    assert!(loss[0] <= 0, "ana lost {}, eve {}", loss[0], loss[1]);
    assert!(loss[1] > 0);
}

/// The same by an order that keeps the reserve from being staked.
#[test]
fn who_takes_an_order_back_pays_for_the_sol_that_was_not_staked_for_it() {
    let honest = holders_after(with_warmup(), 10_000 * SOL, keepers_alone);
    let attacked = holders_after(with_warmup(), 10_000 * SOL, order_that_holds_sol_back);
    let loss = [0, 1, 2].map(|n| gained(attacked[n], honest[n]));
    assert!(loss[0] <= 0 && loss[1] <= 0, "ana lost {}, bob {}, eve {}", loss[0], loss[1], loss[2]);
}

/// A gap of this slot stands in front of none of the tickets before it: they wait as they did.
#[test]
fn a_gap_of_this_slot_hides_no_ticket_that_waits() {
    let mut world = staked(still(), 1_000 * SOL);
    world.deposit("eve", 600 * SOL).unwrap();
    epochs(&mut world, 1);
    world.to_move_window();
    world.order_unstake("ana", 400 * SOL).unwrap();
    slots(&mut world, 1);
    let due = world.pool().shortfall(world.chain.slot()).unwrap();
    let large = world.order_unstake("eve", 599 * SOL).unwrap();
    world.order_unstake("eve", 1_000).unwrap();
    world.cancel(&large).unwrap();
    assert_eq!(world.pool().shortfall(world.chain.slot()).unwrap(), due);
    world.undelegate(0).unwrap();
    assert!(world.pool().cooling_lamports > 0);
}
