//! Those who come for the rewards of an epoch in which their SOL did not work, or leave before a loss of time.

use {
    crate::support::*,
    tidepool_localnet::{Chain, World, WorldConfig},
};

const SLOTS: u64 = 512;
const WHALE: u64 = 10_000 * SOL;

/// A pool of 10,000 SOL that earns, with liquidity for instant exits, in the last slot of an epoch. `eve` has arrived.
fn at_the_edge(config: WorldConfig) -> World {
    let config = config.with_chain(|chain| chain.slots_per_epoch = SLOTS);
    let mut world = staked(config, 10_000 * SOL);
    world.add_liquidity("bob", 15_000 * SOL).unwrap();
    world.deposit("cat", 100 * SOL).unwrap();
    world.advance(Chain::next_slot);
    world.liquid_unstake("cat", 100 * SOL).unwrap();
    for _ in 0..2 {
        world.run_epoch().unwrap();
    }
    world.work_the_window().unwrap();
    world.to_last_slot();
    world
}

/// The new epoch with all cranks turned, in its last slot that still belongs to the first hundredth.
fn enter_the_first_hundredth(world: &mut World) {
    world.work_the_edge().unwrap();
    let end = world.chain.first_slot(world.chain.epoch()) + SLOTS / 100;
    assert!(world.chain.slot() <= end, "rewards took too long to pay");
    world.to_slot(end);
}

/// What `lamports` would have gained by now if they had been holders' for `slots` slots: no more than what flows in an epoch
/// times the part of the epoch.
fn fair_gain(world: &World, lamports: u64, slots: u64) -> u64 {
    let stream = header(world).stream;
    let per_epoch = stream.amount.0 as f64 * SLOTS as f64 / (stream.end_slot - stream.start_slot) as f64;
    (per_epoch / value(world) as f64 * lamports as f64 * slots as f64 / SLOTS as f64) as u64 + 1
}

/// Marinade forum 481, MIP-8: a deposit of the last minutes earned the whole epoch's reward.
#[test]
fn a_whale_of_the_last_slot_who_exits_at_once_in_the_next_epoch_loses() {
    let mut world = at_the_edge(WorldConfig::default());
    let before = world.sol_of("eve");
    world.deposit("eve", WHALE).unwrap();
    enter_the_first_hundredth(&mut world);
    world.liquid_unstake("eve", world.lst_of("eve")).unwrap();
    let lost = before - world.sol_of("eve");
    assert!(lost > WHALE / 1000 / 2, "only {lost}");
}

/// The same by a ticket: she gets what flowed to every holder in those slots, a hundredth of an epoch's reward, for SOL
/// that was bound for more than an epoch.
#[test]
fn a_whale_of_the_last_slot_who_orders_in_the_next_epoch_gains_no_more_than_its_slots() {
    for config in [WorldConfig::default(), WorldConfig::default().without_fees()] {
        let mut world = at_the_edge(config);
        let before = world.sol_of("eve");
        let slot = world.chain.slot();
        world.deposit("eve", WHALE).unwrap();
        enter_the_first_hundredth(&mut world);
        let most = fair_gain(&world, WHALE, world.chain.slot() - slot);
        let ticket = world.order_unstake("eve", world.lst_of("eve")).unwrap();
        assert!(world.claim(&ticket).is_err(), "not in the epoch of the order");
        let mut epochs = 0;
        while world.ticket(&ticket).is_some() {
            world.run_epoch().unwrap();
            epochs += 1;
        }
        assert!((1..=2).contains(&epochs), "{epochs}");
        let gained = world.sol_of("eve") - before;
        assert!(gained <= most, "{gained} gained, {most} is fair");
        assert!(gained < WHALE / 100_000, "{gained} is more than a hundredth of an epoch's reward");
    }
}

/// A deposit and its order in one slot give back what came in, less what was paid for rewards that are still withheld:
/// those stay with the holders.
#[test]
fn a_whale_who_orders_in_the_slot_of_the_deposit_gains_nothing() {
    let mut world = at_the_edge(WorldConfig::default().without_fees());
    let before = world.sol_of("eve");
    world.deposit("eve", WHALE).unwrap();
    let premium = WHALE - world.rate().lamports_floor(tidepool_math::Shares(world.lst_of("eve"))).unwrap().0;
    assert!(premium < WHALE / 10_000, "no more than an epoch's reward");
    let ticket = world.order_unstake("eve", world.lst_of("eve")).unwrap();
    enter_the_first_hundredth(&mut world);
    let left = world.ticket(&ticket).map_or(0, |ticket| ticket.units - ticket.paid_units);
    assert!(left <= 101 * SOL, "her own SOL was still in the reserve, but for what had bought LST");
    world.run_epoch().unwrap();
    assert!(world.ticket(&ticket).is_none());
    assert!(world.sol_of("eve") <= before);
    assert!(world.sol_of("eve") + premium + 2 >= before);
}

/// inf docs/risks.md, "LP time arb": liquidity added for a moment took the gain of the LST in the vault.
#[test]
fn liquidity_of_the_last_slot_gains_no_more_than_its_slots() {
    let mut world = at_the_edge(WorldConfig::default());
    let before = world.sol_of("eve");
    let slot = world.chain.slot();
    world.add_liquidity("eve", WHALE).unwrap();
    enter_the_first_hundredth(&mut world);
    let lst = world.liquidity().lst_amount;
    assert!(lst > 50 * SOL, "{lst}");
    let most = fair_gain(&world, lst, world.chain.slot() - slot);
    world.remove_liquidity("eve", world.lp_of("eve")).unwrap();
    let rate = world.rate();
    let worth = world.sol_of("eve") as i128
        + i128::from(world.lst_of("eve")) * i128::from(rate.value.0) / i128::from(rate.supply.0);
    let gained = worth - i128::from(before);
    assert!(gained <= i128::from(most), "{gained} gained, {most} is fair");
}

/// solido#403: SOL taken out at the old rate came back at the old rate after the edge, at the cost of those who stayed.
#[test]
fn an_exit_of_the_last_slot_and_a_return_before_the_update_gains_nothing() {
    for config in [WorldConfig::default(), WorldConfig::default().without_fees()] {
        let mut world = at_the_edge(config.clone());
        let mut honest = at_the_edge(config);
        // Half of ana's LST leaves and comes back. In the honest world somebody new brings as much SOL in that slot.
        let (sol, lst) = (world.sol_of("ana"), world.lst_of("ana"));
        world.liquid_unstake("ana", lst / 2).unwrap();
        for world in [&mut world, &mut honest] {
            world.enter_epoch();
        }
        let got = world.sol_of("ana") - sol;
        world.deposit("ana", got).unwrap();
        honest.deposit("eve", got).unwrap();
        assert!(world.lst_of("ana") <= lst, "more LST than before");
        // To the unit that rounding may make, since they bought different amounts of the liquidity pool.
        let back = world.lst_of("ana") - (lst - lst / 2);
        assert!(back.abs_diff(honest.lst_of("eve")) <= 1, "no better rate than a newcomer's");
        for world in [&mut world, &mut honest] {
            world.pay_rewards();
            world.update_all().unwrap();
            world.sync().unwrap();
            world.run_epoch().unwrap();
        }
        // What came back only bought the liquidity pool's LST again: nobody shares rewards with it who did not before.
        assert!(worth(&world.rate()) >= worth(&honest.rate()), "those who stayed");
    }
}
