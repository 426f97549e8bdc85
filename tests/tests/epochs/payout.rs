//! The first slots of an epoch, while the cluster pays rewards and the stake program refuses all work, and epochs in
//! which nobody turns a crank.

use {
    crate::support::*,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_client::{BondTerms, TidepoolError},
    tidepool_localnet::{derive_keypair, genesis_stake_account, Chain, ValidatorConfig, World, WorldConfig},
    tidepool_tests::Expect,
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

/// As many stake accounts of strangers as are paid in two slots, so that those of the pool are paid in three.
fn with_a_long_payout() -> World {
    let mut config = WorldConfig::default().with_validators(vec![ValidatorConfig::default(); 6]);
    config.weights.truncate(4);
    let chain = &mut config.chain;
    let vote = derive_keypair(chain.seed, "validator/5/vote").pubkey();
    for number in 0..8_400 {
        let key = derive_keypair(chain.seed, &format!("stranger {number}")).pubkey();
        chain.accounts.push((key, genesis_stake_account(&vote, &key, 10 * SOL, &chain.rent)));
    }
    config.parameters.settings.move_window_bps = 10_000;
    let mut world = peopled(config);
    world.deposit("ana", 5_000 * SOL).unwrap();
    world.add_liquidity("bob", 1_000 * SOL).unwrap();
    world.set_rules(|rules| rules.join_weight = 100).unwrap();
    let terms = BondTerms { commission_bps: 1_000, bid_ppb: 1_000 };
    world.open_bond(0, terms, 10 * SOL).unwrap();
    world.open_bond(5, terms, 10 * SOL).unwrap();
    run_epochs(&mut world, 2);
    world
}

/// stake-pool 0e56295: updates in the middle of the payout saw the rewards of some accounts and not of others.
#[test]
fn through_a_payout_of_many_slots_whatever_touches_stake_is_refused_by_name_and_all_else_works() {
    let mut world = with_a_long_payout();
    let stakes: Vec<_> = (0..4).map(|index| world.add_stake("eve", index, 30 * SOL).unwrap()).collect();
    world.run_epoch().unwrap();
    let ticket = world.order_unstake("ana", 700 * SOL).unwrap();
    world.next_slot();
    world.work_the_window().unwrap();
    world.drain(3).unwrap();
    let rate = worth(&world.rate());
    world.enter_epoch();
    let mut slots = 0;
    while world.chain.rewards_active() {
        slots += 1;
        refuse_all_that_touches_stake(&mut world, &stakes);
        (0..4).for_each(|index| drop(world.review(index).unwrap()));
        world.settle(0).unwrap();
        world.sync().unwrap();
        world.reweigh(1, 100 + slots, 1).unwrap();
        world.deposit("cat", 2 * SOL).unwrap();
        let order = world.order_unstake("cat", SOL / 2).unwrap();
        world.cancel(&order).unwrap();
        world.liquid_unstake("cat", SOL / 2).unwrap();
        world.add_liquidity("bob", SOL).unwrap();
        world.remove_liquidity("bob", SOL).unwrap();
        claimed(&mut world, &ticket);
        world.next_slot();
    }
    assert!(slots >= 3, "{slots} slots");
    assert!(worth(&world.rate()) >= rate);
    for stake in stakes.iter().take(3) {
        let index = stakes.iter().position(|key| key == stake).unwrap();
        world.deposit_stake("eve", stake, index).unwrap();
    }
    world.update_all().unwrap();
    world.join(5).unwrap();
    world.leave_at_once().unwrap();
    world.claim_due().unwrap();
    assert!(world.ticket(&ticket).is_none());
    // A sync finds the rents that the joiner has paid.
    world.sync().unwrap();
    assert_all_booked(&world);
    println!("rewards were paid in {slots} slots");
}

/// Each of them before it has changed anything.
fn refuse_all_that_touches_stake(world: &mut World, stakes: &[Pubkey]) {
    let keys = world.keys;
    let (operator, eve) = (world.operator.insecure_clone(), world.user("eve"));
    let new = |world: &World, index: usize| keys.validator(&world.chain.validator(index).vote, 4);
    let into = world.prepare_stake().unwrap();
    let (active, draining) = (world.validators[0], world.validators[3]);
    let all = [
        keys.update_validators(&world.batch(0..4)),
        keys.update_validators(&world.batch([3])),
        keys.delegate(&active),
        keys.undelegate(&active),
        keys.undelegate(&draining),
        keys.add_validator(&operator.pubkey(), &operator.pubkey(), &new(world, 4), 100, 0),
        keys.join_pool(&operator.pubkey(), &new(world, 5)),
        keys.deposit_stake(&eve.wallet.pubkey(), &stakes[0], &active, &eve.lst, 0),
        keys.withdraw_stake(&eve.wallet.pubkey(), &into, &active, &eve.lst, SOL, 0),
    ];
    for instruction in &all {
        let signers = [&operator, &eve.wallet];
        let signers: Vec<_> = signers
            .into_iter()
            .filter(|signer| instruction.accounts.iter().any(|a| a.is_signer && a.pubkey == signer.pubkey()))
            .collect();
        world.expect_refusal(instruction, &signers, TidepoolError::EpochRewardsActive);
    }
}
