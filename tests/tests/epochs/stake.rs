//! Stake that comes and goes around the edge of an epoch: nobody gets more out of it than stake of his own would have earned.

use {
    crate::support::*,
    solana_pubkey::Pubkey,
    tidepool_localnet::{ValidatorConfig, World, WorldConfig},
};

const WHALE: u64 = 1_000 * SOL;

/// Ways out, from the fastest one on.
#[derive(Clone, Copy, Debug)]
enum Exit {
    Liquid,
    Ticket,
    Stake,
}
use Exit::*;

const EXITS: [Exit; 3] = [Liquid, Ticket, Stake];

/// A pool of 10,000 SOL that earns, with liquidity for instant exits, in the last slot of an epoch. `eve` has arrived, and
/// `stake` of hers is active with validator 0.
fn at_the_edge(config: WorldConfig, stake: u64) -> (World, Pubkey) {
    let mut world = staked(config, 10_000 * SOL);
    world.add_liquidity("bob", 3_000 * SOL).unwrap();
    let stake = world.add_stake("eve", 0, stake).unwrap();
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    world.work_the_window().unwrap();
    world.to_last_slot();
    (world, stake)
}

/// No fee but the one on rewards; new SOL pays for the epoch in which it does not earn.
fn with_warmup() -> WorldConfig {
    WorldConfig::default().with_parameters(|p| {
        p.fees.stake_withdrawal = 0;
        p.fees.warmup = 10_000;
    })
}

/// Where most is staked.
fn richest(world: &World) -> usize {
    (0..world.validators.len()).max_by_key(|index| world.record(*index).staked_lamports).unwrap()
}

/// All of eve's LST leaves; gives what she has then, once it is hers: SOL, and lamports of the stake she took.
fn leave(world: &mut World, exit: Exit) -> u64 {
    let lst = world.lst_of("eve");
    match exit {
        Liquid => drop(world.liquid_unstake("eve", lst).unwrap()),
        Ticket => {
            let ticket = world.order_unstake("eve", lst).unwrap();
            while world.ticket(&ticket).is_some() {
                world.run_epoch().unwrap();
            }
        }
        Stake => {
            let index = richest(world);
            let stake = world.withdraw_stake("eve", lst, index).unwrap();
            return world.sol_of("eve") + world.chain.delegation(&stake).unwrap().stake;
        }
    }
    world.sol_of("eve")
}

/// How validators may differ: none, and as much as a pool would have them.
fn clusters() -> [Vec<ValidatorConfig>; 2] {
    let validator = |bps| ValidatorConfig::default().with_commission_bps(bps);
    [vec![validator(500); 4], [0, 300, 500, 1_000].map(validator).to_vec()]
}

/// Idle SOL becomes active stake through the pool in the last slot of an epoch, and is paid for the whole of it.
#[test]
fn sol_turned_into_active_stake_in_front_of_an_epochs_end_never_pays() {
    for (reward, withdrawal) in [(0, 0), (600, 0), (2_000, 0), (600, 10), (2_000, 50)] {
        for validators in clusters() {
            let config = WorldConfig::default().with_validators(validators).with_parameters(|p| {
                p.fees.reward = reward;
                p.fees.stake_withdrawal = withdrawal;
            });
            let (mut world, _) = at_the_edge(config, SOL);
            let before = world.sol_of("eve");
            world.deposit("eve", WHALE).unwrap();
            let lst = world.lst_of("eve");
            // The validator that pays most, if it may give.
            let index = if world.record(0).staked_lamports >= world.pool().staked_lamports / 4 { 0 } else { richest(&world) };
            let stake = world.withdraw_stake("eve", lst, index).unwrap();
            world.cross_epoch();
            let has = world.sol_of("eve") + world.chain.delegation(&stake).unwrap().stake;
            let profit = i128::from(has) - i128::from(before);
            println!("reward fee {reward}, withdrawal fee {withdrawal}, validator {index}: {profit}");
        }
    }
}

/// Marinade forum 481, MIP-8: a deposit of the last minutes earned the whole epoch's reward.
#[test]
fn a_whale_of_the_last_slot_gains_by_no_exit_of_the_next_epoch_where_it_pays_for_the_warm_up() {
    for exit in EXITS {
        let (mut world, _) = at_the_edge(with_warmup(), SOL);
        let before = world.sol_of("eve");
        world.deposit("eve", WHALE).unwrap();
        world.work_the_edge().unwrap();
        world.to_last_slot();
        let has = leave(&mut world, exit);
        println!("{exit:?}: {}", i128::from(has) - i128::from(before));
    }
}

/// spl#2260/#2270 (Neodyme 2021, high): lamports that were not staked came in as stake and left as active stake.
#[test]
fn borrowed_lamports_in_a_stake_account_gain_by_no_exit() {
    for next_epoch in [false, true] {
        for exit in EXITS {
            let (mut world, stake) = at_the_edge(with_warmup(), SOL);
            world.chain.add_lamports(&stake, WHALE);
            let before = world.sol_of("eve") + world.chain.lamports(&stake);
            world.deposit_stake("eve", &stake, 0).unwrap();
            if next_epoch {
                world.work_the_edge().unwrap();
            }
            let has = leave(&mut world, exit);
            println!("{exit:?} {next_epoch}: {}", i128::from(has) - i128::from(before));
        }
    }
}
