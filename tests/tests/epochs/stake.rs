//! Stake that comes and goes around the edge of an epoch: nobody gets more out of it than stake of his own would have earned.

use {
    crate::support::*,
    solana_pubkey::Pubkey,
    tidepool_localnet::{ValidatorConfig, World, WorldConfig},
};

const SLOTS: u64 = 512;
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
    let config = config.with_chain(|chain| chain.slots_per_epoch = SLOTS);
    let mut world = staked(config, 10_000 * SOL);
    world.add_liquidity("bob", 3_000 * SOL).unwrap();
    let stake = world.add_stake("eve", 0, stake).unwrap();
    for _ in 0..8 {
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
            let index = if world.record(0).staked_lamports >= world.pool().staked_lamports / 4 {
                0
            } else {
                richest(&world)
            };
            let stake = world.withdraw_stake("eve", lst, index).unwrap();
            world.cross_epoch();
            let has = world.sol_of("eve") + world.chain.delegation(&stake).unwrap().stake;
            let profit = i128::from(has) - i128::from(before);
            assert!(
                profit <= 0,
                "{profit} at a reward fee of {reward} and a withdrawal fee of {withdrawal} from validator {index}"
            );
        }
    }
}

/// Marinade forum 481, MIP-8: a deposit of the last minutes earned the whole epoch's reward.
#[test]
fn a_whale_of_the_last_slot_gains_by_no_exit_of_the_next_epoch_where_it_pays_for_the_warm_up() {
    for exit in EXITS {
        for stays in [SLOTS / 100, SLOTS - 1] {
            let (mut world, _) = at_the_edge(with_warmup(), SOL);
            let before = world.sol_of("eve");
            world.deposit("eve", WHALE).unwrap();
            world.work_the_edge().unwrap();
            world.to_slot(world.chain.first_slot(world.chain.epoch()) + stays);
            let profit = i128::from(leave(&mut world, exit)) - i128::from(before);
            // Who stays to the end has paid for one epoch and seen the slots of another before its rewards were found.
            let reward = (world.chain.epoch_yield() * WHALE as f64) as i128;
            let most = if stays == SLOTS - 1 { reward / 100 } else { -reward / 2 };
            assert!(profit <= most, "{exit:?} after {stays} slots: {profit}, an epoch's reward is {reward}");
        }
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
            assert!(has <= before, "{exit:?}, next epoch {next_epoch}: {}", has - before);
        }
    }
}

/// The same without a warm-up charge: in the epoch itself there is nothing to gain, and in the next one no more than flows to
/// every holder in those slots.
#[test]
fn borrowed_lamports_in_a_stake_account_gain_no_more_than_their_slots_where_warming_up_is_free() {
    for exit in EXITS {
        for config in [WorldConfig::default(), WorldConfig::default().without_fees()] {
            let (mut world, stake) = at_the_edge(config.clone(), SOL);
            world.chain.add_lamports(&stake, WHALE);
            let before = world.sol_of("eve") + world.chain.lamports(&stake);
            world.deposit_stake("eve", &stake, 0).unwrap();
            assert!(leave(&mut world, exit) <= before, "{exit:?} at once");

            let (mut world, stake) = at_the_edge(config, SOL);
            world.chain.add_lamports(&stake, WHALE);
            let before = world.sol_of("eve") + world.chain.lamports(&stake);
            world.deposit_stake("eve", &stake, 0).unwrap();
            let slot = world.chain.slot();
            world.work_the_edge().unwrap();
            let slots = world.chain.slot() - slot;
            let reward = world.chain.epoch_yield() * WHALE as f64;
            let most = (reward * slots as f64 / SLOTS as f64) as u64 + SOL / 1_000;
            assert!(leave(&mut world, exit) <= before + most, "{exit:?} after {slots} slots");
        }
    }
}

/// Stake of her own with the same validator is what a user compares the pool with: coming with it and leaving with it is no
/// better in any epoch, however the two lie to the edge.
#[test]
fn stake_that_visits_the_pool_earns_no_more_than_stake_that_stays_at_home() {
    for (comes_early, leaves_late) in [(true, false), (true, true), (false, false), (false, true)] {
        let (mut world, stake) = at_the_edge(WorldConfig::default().without_fees(), 1_000 * SOL);
        let home = world
            .chain
            .create_stake(&world.user("cat").wallet, &world.validators[0].vote, 1_000 * SOL)
            .unwrap();
        for _ in 0..2 {
            world.run_epoch().unwrap();
        }
        let in_stake = |world: &World, key: &Pubkey| world.chain.delegation(key).map_or(0, |d| d.stake);
        let (visitor, stayer) = (in_stake(&world, &stake), in_stake(&world, &home));
        if !comes_early {
            world.to_last_slot();
        }
        world.deposit_stake("eve", &stake, 0).unwrap();
        for _ in 0..3 {
            world.run_epoch().unwrap();
        }
        if leaves_late {
            world.to_last_slot();
        }
        let taken = world.withdraw_stake("eve", world.lst_of("eve"), 0).unwrap();
        world.run_epoch().unwrap();
        let visited = in_stake(&world, &taken) as f64 / visitor as f64;
        let stayed = in_stake(&world, &home) as f64 / stayer as f64;
        assert!(visited <= stayed + 1e-8, "{comes_early} {leaves_late}: {visited} against {stayed}");
    }
}
