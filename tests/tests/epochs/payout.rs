//! The first slots of an epoch, while the cluster pays rewards and the stake program refuses all work, and epochs in
//! which nobody turns a crank.

use {
    crate::support::*,
    tidepool_client::TidepoolError,
    tidepool_localnet::{Chain, World, WorldConfig},
};

/// A pool that everyone can use: money staked, in the reserve and in the liquidity pool, and a ticket that is due.
fn busy() -> World {
    let mut world = staked(WorldConfig::default(), 5_000 * SOL);
    world.add_liquidity("bob", 1_000 * SOL).unwrap();
    world.deposit("cat", 2_000 * SOL).unwrap();
    world.advance(Chain::next_slot);
    world
}

/// stake-pool 0e56295, test fail_with_no_merge_during_reward_payout.
#[test]
fn while_rewards_are_paid_users_are_served_and_stake_cranks_refuse() {
    let mut world = busy();
    let ticket = world.order_unstake("ana", 50 * SOL).unwrap();
    world.enter_epoch();
    let mut slots = 0;
    while world.chain.rewards_active() {
        slots += 1;
        refused(world.update(0..4), TidepoolError::EpochRewardsActive);
        refused(world.delegate(0), TidepoolError::EpochRewardsActive);
        refused(world.undelegate(0), TidepoolError::EpochRewardsActive);
        refused(world.add_validator(0, 100), TidepoolError::EpochRewardsActive);

        world.deposit("cat", SOL).unwrap();
        world.order_unstake("cat", SOL).unwrap();
        world.liquid_unstake("cat", SOL).unwrap();
        world.add_liquidity("bob", SOL).unwrap();
        world.remove_liquidity("bob", SOL).unwrap();
        world.sync().unwrap();
        if slots == 1 {
            assert!(claimed(&mut world, &ticket) > 0);
        }
        world.next_slot();
    }
    assert!(slots > 0);
    world.update_all().unwrap();
    assert_all_booked(&world);
}

/// spl StakeListAndPoolOutOfDate, solido#403: nobody turns a crank for three epochs, and every way in and out stays open. Stake
/// itself moves as soon as the cluster lets it.
#[test]
fn every_way_in_and_out_is_open_through_three_epochs_without_a_crank() {
    let mut world = busy();
    let stakes: Vec<_> = (0..4).map(|index| world.add_stake("eve", index, 30 * SOL).unwrap()).collect();
    let ways_open = |world: &mut World| {
        world.deposit("cat", 20 * SOL).unwrap();
        let kept = world.order_unstake("cat", SOL).unwrap();
        let given_up = world.order_unstake("cat", SOL).unwrap();
        world.cancel(&given_up).unwrap();
        world.liquid_unstake("cat", SOL).unwrap();
        world.add_liquidity("bob", 2 * SOL).unwrap();
        world.remove_liquidity("bob", SOL).unwrap();
        kept
    };
    for stake in &stakes[..3] {
        let ticket = ways_open(&mut world);
        world.enter_epoch();
        assert!(world.chain.rewards_active());
        assert!(claimed(&mut world, &ticket) >= SOL);
        ways_open(&mut world);
        refused(world.deposit_stake("eve", stake, 0), TidepoolError::EpochRewardsActive);
        world.pay_rewards();
        ways_open(&mut world);
        let index = stakes.iter().position(|key| key == stake).unwrap();
        world.deposit_stake("eve", stake, index).unwrap();
        world.withdraw_stake("cat", 20 * SOL, index).unwrap();
        world.to_last_slot();
        ways_open(&mut world);
    }
    world.cross_epoch();
    world.update_all().unwrap();
    world.sync().unwrap();
    world.claim_due().unwrap();
    assert_all_booked(&world);
}

/// spl StakeListAndPoolOutOfDate: all users frozen until every validator is updated. inf PoolNotUpdated, lido
/// ExchangeRateNotUpdatedInThisEpoch: unpriced until then.
#[test]
fn users_are_served_in_every_slot_of_three_epochs_without_a_crank_and_one_update_books_them_all() {
    let mut world = busy();
    let start = world.chain.epoch();
    let first_rate = worth(&world.rate());
    let mut paid = 0;
    while world.chain.epoch() < start + 4 {
        world.deposit("cat", 3 * SOL).unwrap();
        world.order_unstake("cat", SOL).unwrap();
        world.liquid_unstake("cat", SOL / 10).unwrap();
        let oldest = world.tickets[0].clone();
        let is_due = world.ticket(&oldest).unwrap().is_claimable_in(world.chain.epoch());
        if is_due {
            world.claim(&oldest).unwrap();
            assert!(world.ticket(&oldest).is_none());
            paid += 1;
        }
        world.next_slot_with_votes();
    }
    assert!(paid > 180, "{paid}");
    assert_eq!(worth(&world.rate()), first_rate, "what nobody has looked at is not in the rate");
    world.pay_rewards();

    world.update_all().unwrap();
    world.sync().unwrap();
    assert_all_booked(&world);
    assert_eq!(world.pool().last_update_epoch, world.chain.epoch());
    let found = world.ledger.rewards as u64;
    let pool = world.pool();
    assert!(withheld(&world) + pool.insurance_lamports <= found);
    assert!(withheld(&world) >= found / 100 * 94, "{} of {found}", withheld(&world));
    world.run_epoch().unwrap();
    assert!(worth(&world.rate()) > first_rate);
}
