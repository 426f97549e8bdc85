//! Stake that is lost: who bears it, in which order, and what the next gains are for.

use {
    crate::support::*,
    tidepool_client::events::ValidatorsUpdated,
    tidepool_interface::pda::StakeRole,
    tidepool_localnet::{World, WorldConfig},
    tidepool_math::TicketIndex,
};

const ONE: u128 = TicketIndex::ONE.0 as u128;

/// The default fees, but no rewards: gains are gifts of known size.
fn without_rewards() -> WorldConfig {
    WorldConfig::default()
        .with_chain(|chain| chain.inflation = 0.0)
        .with_parameters(|p| p.settings.reserve_target_bps = 0)
}

/// Neither rewards nor fees, and 1 % of the value kept in the reserve.
fn still_with_reserve() -> WorldConfig {
    still().with_parameters(|p| p.settings.reserve_target_bps = 100)
}

/// A gain of the pool that the next sync finds.
fn gain(world: &mut World, lamports: u64) {
    let reserve = world.keys.reserve;
    world.give(&reserve, lamports).unwrap();
    world.sync().unwrap();
}

fn insure(world: &mut World, lamports: u64) {
    let insurance = world.keys.insurance;
    world.give(&insurance, lamports).unwrap();
    world.sync().unwrap();
    assert_eq!(world.pool().insurance_lamports, lamports);
}

/// The validator loses stake, and an update finds it.
fn lose(world: &mut World, index: usize, lamports: u64) {
    world.slash(index, lamports).unwrap();
    let outcome = world.update([index]).unwrap();
    assert_eq!(told::<ValidatorsUpdated>(&outcome)[0].loss, lamports);
    assert_all_booked(world);
}

/// Insurance, then withheld rewards, then holders and tickets alike.
#[test]
fn a_loss_is_borne_by_insurance_then_by_withheld_rewards_then_by_holders_and_tickets_alike() {
    let mut world = staked(without_rewards(), 4_000 * SOL);
    insure(&mut world, 10 * SOL);
    gain(&mut world, 20 * SOL);
    let ticket = world.order_unstake("ana", 1_000 * SOL).unwrap();
    let insured = world.pool().insurance_lamports + world.pool().insurance_due;
    let rate = world.rate();

    lose(&mut world, 0, 4 * SOL);
    let pool = world.pool();
    assert_eq!(pool.insurance_lamports + pool.insurance_due, insured - 4 * SOL, "the insurance pays first");
    assert_eq!((world.rate(), u128::from(pool.ticket_index), pool.loss_carry), (rate, ONE, 0));

    let (rest, flowing) = (insured - 4 * SOL, withheld(&world));
    lose(&mut world, 1, rest + SOL);
    let pool = world.pool();
    assert_eq!(pool.insurance_lamports + pool.insurance_due, 0, "all of it");
    assert_eq!((withheld(&world), pool.loss_carry), (flowing - SOL, SOL), "then what was not paid yet");
    assert_eq!((world.rate(), u128::from(pool.ticket_index)), (rate, ONE));

    let flowing = withheld(&world);
    let owed = pool.queue().liabilities().unwrap().0;
    let all = u128::from(value(&world)) + u128::from(owed);
    lose(&mut world, 0, flowing + 500 * SOL);
    let pool = world.pool();
    assert_eq!(withheld(&world), 0);
    let left = (all - 500 * u128::from(SOL)) * ONE / all;
    assert_eq!(u128::from(pool.ticket_index), left, "tickets lose their proportion");
    let holders = u128::from(value(&world)) * ONE / (all - u128::from(owed));
    assert!(holders.abs_diff(left) < 10_000_000, "holders lose the same: {holders} and {left}");
    // What tickets bore is gone with them; the pool's own part waits for gains.
    let borne = all - u128::from(owed) - u128::from(value(&world));
    assert_eq!(u128::from(pool.loss_carry), u128::from(SOL + flowing) + borne);

    world.run_epoch().unwrap();
    world.run_epoch().unwrap();
    assert!(world.ticket(&ticket).is_none());
}

/// arm-oeth#240, solido#453: amounts in the queue kept their face value while the rest took the loss.
#[test]
fn a_ticket_and_a_holder_of_the_same_amount_get_the_same_after_a_loss() {
    let mut world = staked(still_with_reserve(), 1_000 * SOL);
    for name in ["bob", "cat", "eve"] {
        world.deposit(name, 200 * SOL).unwrap();
    }
    world.run_epoch().unwrap();
    let bob = world.order_unstake("bob", 200 * SOL).unwrap();
    let before = ["bob", "cat", "eve"].map(|name| world.sol_of(name));
    lose(&mut world, 0, 100 * SOL);
    let cat = world.order_unstake("cat", 200 * SOL).unwrap();
    while world.ticket(&bob).is_some() || world.ticket(&cat).is_some() {
        world.run_epoch().unwrap();
    }
    lose(&mut world, 1, 100 * SOL); // bob and cat are out
    let eve = world.order_unstake("eve", 200 * SOL).unwrap();
    while world.ticket(&eve).is_some() {
        world.run_epoch().unwrap();
    }
    let [bob, cat, eve] = [0, 1, 2].map(|i| world.sol_of(["bob", "cat", "eve"][i]) - before[i]);
    assert!(bob.abs_diff(cat) <= 4, "{bob} and {cat}");
    assert!((187 * SOL..188 * SOL).contains(&bob), "200 × (1,600 − 100) / 1,600: {bob}");
    assert!(eve < cat);
}

/// Several losses with tickets before, between and after them: each ticket bears the losses of its own time.
#[test]
fn each_ticket_bears_the_losses_of_its_own_time_and_no_others() {
    let mut world = staked(still_with_reserve(), 1_000 * SOL);
    let mut orders = vec![];
    for validator in 0..4 {
        let ticket = world.order_unstake("ana", 100 * SOL).unwrap();
        orders.push((world.ticket(&ticket).unwrap().lamports, world.pool().ticket_index));
        lose(&mut world, validator, 20 * SOL);
    }
    let last = u128::from(world.pool().ticket_index);
    let before = world.sol_of("ana");
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    assert!(world.tickets.is_empty(), "all are paid");
    let paid = world.sol_of("ana") - before;
    let expected: u128 =
        orders.iter().map(|(lamports, index)| u128::from(*lamports) * last / u128::from(*index)).sum();
    assert!(paid.abs_diff(expected as u64) <= 8, "{paid}, not {expected}");
}

/// SPL calc_epoch_fee_amount charges a fee on the recovery after a slashing.
#[test]
fn a_gain_that_makes_a_loss_good_pays_no_fee_and_the_next_one_does() {
    let mut world = staked(without_rewards(), 4_000 * SOL);
    lose(&mut world, 0, 10 * SOL);
    assert_eq!(world.pool().loss_carry, 10 * SOL);
    let supply = world.pool().lst_supply;

    gain(&mut world, 10 * SOL);
    assert_eq!(
        (world.pool().lst_supply, world.pool().insurance_lamports),
        (supply, 0),
        "lose 10, gain 10: no fee"
    );
    assert_eq!((world.pool().loss_carry, withheld(&world)), (0, 10 * SOL));

    gain(&mut world, 5 * SOL);
    let pool = world.pool();
    let fee = 5 * SOL / 10_000 * 600;
    assert_eq!(pool.insurance_lamports + pool.insurance_due, fee / 5, "then 5: a fee on 5");
    let minted = u128::from(pool.lst_supply - supply) * worth(&world.rate()) / ONE;
    assert!(minted.abs_diff(u128::from(fee - fee / 5)) <= 2, "{minted}");
    assert_eq!(world.chain.token_balance(&world.keys.treasury), pool.lst_supply - supply);
}

/// All of a validator's stake, of its onramp's too, down to nothing: the pool goes on.
#[test]
fn a_validator_that_loses_everything_does_not_stop_the_pool() {
    let mut world = staked(still_with_reserve(), 1_000 * SOL);
    let ticket = world.order_unstake("ana", 300 * SOL).unwrap();
    let all = delegated(&world, 2, StakeRole::Main);
    lose(&mut world, 2, all);
    let index = world.pool().ticket_index;
    world.run_epoch().unwrap();
    world.run_epoch().unwrap();
    assert!(world.ticket(&ticket).is_none());
    assert!(index < 760_000_000_000_000_000, "{index}");
    world.deposit("bob", 500 * SOL).unwrap();
    world.run_epoch().unwrap();
    world.run_epoch().unwrap();
    assert!(delegated(&world, 2, StakeRole::Main) > 100 * SOL, "it is staked with again");
    assert_all_booked(&world);
}

/// MoveStake into an empty account wants the minimum delegation. An update must not depend on it: nothing of the whole
/// batch would ever be booked again.
#[test]
fn an_onramp_slashed_below_the_minimum_delegation_stops_no_update() {
    let mut world = peopled(still());
    world.deposit("ana", 8 * SOL).unwrap();
    world.work_the_window().unwrap();
    let onramp = world.validators[1].stake(StakeRole::Onramp);
    let loss = delegated(&world, 1, StakeRole::Onramp) - SOL / 2;
    world.chain.slash(&onramp, loss).unwrap();
    world.ledger.rewards -= i128::from(loss);
    world.cross_epoch();
    world.update_all().unwrap();
    assert_all_booked(&world);
    world.deposit("bob", 8 * SOL).unwrap();
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    assert!(delegated(&world, 1, StakeRole::Main) > 3 * SOL, "the validator can be used again");
}

/// Too little to be moved to the offramp: it cools down where it is, serves a ticket, and the account is used again.
#[test]
fn a_main_account_slashed_below_the_minimum_delegation_can_still_be_unstaked() {
    let mut config = still();
    config.weights.truncate(1);
    let mut world = staked(config, 8 * SOL);
    let loss = delegated(&world, 0, StakeRole::Main) - SOL / 2;
    lose(&mut world, 0, loss);
    let free = world.pool().free_reserve().unwrap().0;
    let ticket = world.order_unstake("ana", (world.lst_of("ana") as f64 * 0.9) as u64).unwrap();
    assert!(world.ticket(&ticket).unwrap().lamports > free);
    for _ in 0..2 {
        world.run_epoch().unwrap();
    }
    assert!(world.ticket(&ticket).is_none(), "{:?} are missing", shortfall(&world));
    assert_eq!(world.pool().cooling_lamports, 0);
    world.deposit("bob", 8 * SOL).unwrap();
    for _ in 0..2 {
        world.run_epoch().unwrap();
    }
    assert!(delegated(&world, 0, StakeRole::Main) > 7 * SOL);
}

/// Stake that cools for a ticket is slashed: the ticket waits for other stake.
#[test]
fn an_offramp_that_is_slashed_leaves_no_ticket_unpaid() {
    let mut world = staked(still_with_reserve(), 1_000 * SOL);
    let ticket = world.order_unstake("ana", 600 * SOL).unwrap();
    world.work_the_window().unwrap();
    let offramp = world.validators[0].stake(StakeRole::Offramp);
    world.chain.slash(&offramp, 100 * SOL).unwrap();
    world.ledger.rewards -= i128::from(100 * SOL);
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    assert!(world.ticket(&ticket).is_none());
    assert_eq!(world.pool().cooling_lamports, 0);
    assert_all_booked(&world);
}

/// With nothing in it there is nothing to take back: it is an empty account again, in the epoch in which it was sent out.
#[test]
fn an_offramp_slashed_to_nothing_takes_more_in_the_same_epoch() {
    let mut world = staked(still_with_reserve(), 1_000 * SOL);
    world.order_unstake("ana", 300 * SOL).unwrap();
    world.to_move_window();
    world.undelegate(0).unwrap();
    let (offramp, cooling) =
        (world.validators[0].stake(StakeRole::Offramp), delegated(&world, 0, StakeRole::Offramp));
    world.chain.slash(&offramp, cooling).unwrap();
    world.ledger.rewards -= i128::from(cooling);
    world.order_unstake("ana", 300 * SOL).unwrap();
    world.next_slot();
    world.undelegate(0).unwrap();
    assert!(delegated(&world, 0, StakeRole::Offramp) > SOL);
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    assert!(world.tickets.is_empty());
    assert_all_booked(&world);
}

/// A loss and a gain of one epoch, found in either order by whoever turns the crank. Found first, the gain pays its fee and
/// then bears the loss for holders and tickets; found last, it makes the loss good without a fee, but not that of tickets.
/// So the order decides over the fee on the loss and over the tickets' part of it, and over nothing else.
#[test]
fn the_order_in_which_a_loss_and_a_gain_are_found_moves_only_the_fee_and_the_part_of_tickets() {
    let (loss, gain_found) = (10 * SOL, 20 * SOL);
    let run = |gain_first: bool| {
        let mut world = staked(without_rewards(), 4_000 * SOL);
        world.order_unstake("ana", 400 * SOL).unwrap();
        world.slash(0, loss).unwrap();
        let main = world.validators[1].stake(StakeRole::Main);
        world.give(&main, gain_found).unwrap();
        for index in if gain_first { [1, 0] } else { [0, 1] } {
            world.update([index]).unwrap();
        }
        let pool = world.pool();
        (value(&world) + withheld(&world) + pool.insurance_due, pool.queue().liabilities().unwrap().0)
    };
    let (first, last) = (run(true), run(false));
    assert_eq!(first.0 + first.1, last.0 + last.1, "all together have the same");
    let fee = loss / 10_000 * 600;
    assert!((first.1 - last.1).abs_diff(loss / 10) < loss / 10_000, "tickets are a tenth of the pool");
    assert!(last.0 - first.0 <= loss / 10 + fee);
}

/// Nothing is left but the reserve: it is shared, and the pool can be used again.
#[test]
fn a_loss_of_all_stake_leaves_the_reserve_to_holders_and_tickets() {
    let mut world = staked(still_with_reserve(), 1_000 * SOL);
    let ticket = world.order_unstake("ana", 500 * SOL).unwrap();
    for index in 0..4 {
        let all = delegated(&world, index, StakeRole::Main);
        lose(&mut world, index, all);
    }
    let (pool, held) = (world.pool(), world.pool().reserve_lamports + world.pool().stake_lamports);
    assert_eq!(value(&world) + pool.queue().liabilities().unwrap().0, held);
    world.cross_epoch();
    let paid = claimed(&mut world, &ticket);
    assert!(paid.abs_diff(held / 2) < SOL / 100, "{paid} of {held}");
    world.deposit("bob", 100 * SOL).unwrap();
    world.run_epoch().unwrap();
    world.run_epoch().unwrap();
    let bob = world.lst_of("bob");
    let worth = world.rate().lamports_floor(tidepool_math::Shares(bob)).unwrap().0;
    assert!(worth <= 100 * SOL && worth + 1_000 >= 100 * SOL, "{worth}");
    assert_all_booked(&world);
}
