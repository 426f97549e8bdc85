//! Sixty validators of all kinds through thirty epochs.

use {
    crate::support::*,
    tidepool_localnet::{ValidatorConfig, VoteVersion, World, WorldConfig},
};

const VALIDATORS: usize = 60;
const PEOPLE: [&str; 4] = ["ana", "bob", "cat", "eve"];

fn of_all_kinds() -> Vec<ValidatorConfig> {
    let versions = [VoteVersion::V1_14_11, VoteVersion::V3, VoteVersion::V4];
    let commissions = [0, 500, 700, 1_000, 10_000];
    let uptimes = [10_000, 9_900, 9_000, 5_000, 0];
    let kind = |index: usize| {
        ValidatorConfig::default()
            .with_stake(20_000 * SOL)
            .with_vote_version(versions[index % 3])
            .with_commission_bps(commissions[index / 3 % 5])
            .with_uptime_bps(if index == 0 { 10_000 } else { uptimes[index / 7 % 5] })
    };
    (0..VALIDATORS).map(kind).collect()
}

/// The reserve pays for the validators' stake accounts, so most join after the first deposit.
fn with_sixty_validators() -> World {
    let mut config = WorldConfig::default().with_validators(of_all_kinds());
    config.weights.clear();
    let mut world = peopled(config);
    world.deposit("ana", 3_000 * SOL).unwrap();
    for index in 0..VALIDATORS {
        world.add_validator(index, 50 + index as u32).unwrap();
    }
    world
}

fn act(world: &mut World, dice: &mut Dice) {
    let name = *dice.pick(&PEOPLE);
    match dice.between(0, 6) {
        0 | 1 => drop(world.deposit(name, dice.between(SOL, 400 * SOL)).unwrap()),
        2 if world.lst_of(name) > SOL => {
            let lst = dice.between(1, world.lst_of(name));
            world.order_unstake(name, lst).unwrap();
        }
        3 => drop(world.add_liquidity(name, dice.between(SOL, 100 * SOL)).unwrap()),
        4 if world.lp_of(name) > SOL => {
            let lp = dice.between(1, world.lp_of(name));
            world.remove_liquidity(name, lp).unwrap();
        }
        5 if world.lst_of(name) > SOL && world.liquidity().sol_lamports > 20 * SOL => {
            world.liquid_unstake(name, dice.between(SOL / 100, SOL)).unwrap();
        }
        _ => {}
    }
}

/// stakenet, stake-pool: lists, indices and sums that drifted apart with many validators. `World` checks all sums after each of
/// some thousand steps; here everybody leaves in the end and is paid.
#[test]
fn sixty_validators_of_all_kinds_through_thirty_epochs_and_everybody_is_paid() {
    let mut dice = Dice(60);
    let mut world = with_sixty_validators();
    for _ in 0..30 {
        for _ in 0..6 {
            act(&mut world, &mut dice);
        }
        if dice.between(0, 4) == 0 {
            let index = dice.between(1, VALIDATORS as u64) as usize;
            world.chain.set_uptime(index, dice.between(0, 10_001) as u16);
            world.chain.set_commission(index, dice.between(0, 10_001) as u16);
        }
        let mut order: Vec<usize> = (0..VALIDATORS).collect();
        dice.shuffle(&mut order);
        world.to_move_window();
        for index in &order {
            world.undelegate(*index).unwrap();
        }
        for index in &order {
            world.delegate(*index).unwrap();
        }
        world.cross_epoch();
        for batch in order.chunks(7) {
            world.update(batch.iter().copied()).unwrap();
        }
        world.sync().unwrap();
        world.claim_due().unwrap();
        assert_all_booked(&world);
        assert_eq!(world.pool().last_update_epoch, world.chain.epoch());
    }
    assert!(world.ledger.rewards > 0);
    everybody_leaves(&mut world, &PEOPLE, 4);
}
