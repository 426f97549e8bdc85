//! The whole path on the real chain: SOL in, stake delegated, rewards streamed, SOL out.

use tidepool_localnet::{World, WorldConfig, LAMPORTS_PER_SOL as SOL};

#[test]
fn sol_goes_in_is_staked_earns_and_comes_out() {
    let mut world = World::start(WorldConfig::default())
        .unwrap()
        .with_user("ana", 1_000 * SOL)
        .unwrap()
        .with_user("bob", 5_000 * SOL)
        .unwrap();
    world.deposit("ana", 400 * SOL).unwrap();
    world.deposit("bob", 1_000 * SOL).unwrap();
    world.add_liquidity("bob", 500 * SOL).unwrap();
    for _ in 0..4 {
        let report = world.run_epoch().unwrap();
        println!("{report:?} rate {:?} value {}", world.rate(), world.pool().value_floor);
    }
    let ticket = world.order_unstake("ana", 100 * SOL).unwrap();
    for _ in 0..4 {
        let report = world.run_epoch().unwrap();
        println!("{report:?} rate {:?} value {}", world.rate(), world.pool().value_floor);
    }
    assert!(world.ticket(&ticket).is_none());
    world.liquid_unstake("ana", 10 * SOL).unwrap();
    println!("ledger {:?} held {} difference {}", world.ledger, world.held(), world.difference());
}
