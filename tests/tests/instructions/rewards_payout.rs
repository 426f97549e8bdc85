//! While the rewards of an epoch are being paid, the stake program refuses everything.

use {
    crate::stage::{self, Wishes},
    tidepool_tests::prelude::*,
};

/// In the first slot of an epoch, with rewards to be paid, a ticket due, and a window that is always open.
fn in_the_payout() -> (World, OpenTicket) {
    let config = stage::all_fees().with_parameters(|p| p.settings.move_window_bps = 10_000);
    let mut world = stage::funded(config);
    world.run_epoch().unwrap();
    let ticket = world.order_unstake("ana", SOL).unwrap();
    world.advance(|chain| {
        chain.cross_epoch();
    });
    assert!(world.chain.rewards_active());
    (world, ticket)
}

/// stake-pool 0e56295, `fail_with_no_merge_during_reward_payout`: updates during the payout merged nothing or failed half
/// way.
#[test]
fn cranks_of_stake_are_refused_by_name_until_rewards_are_paid() {
    let (mut world, _) = in_the_payout();
    let (keys, validator) = (world.keys, world.validators[0]);
    let joins = world.chain.add_validator(&ValidatorConfig::default());
    let entry = world.keys.validator(&world.chain.validator(joins).vote, 4);
    let operator = world.operator.insecure_clone();
    let payer = world.chain.faucet().pubkey();
    let all = [
        keys.update_validators(&world.batch([0, 1, 2, 3])),
        keys.delegate(&validator),
        keys.undelegate(&validator),
        keys.add_validator(&operator.pubkey(), &payer, &entry, 1, 0),
    ];
    while world.chain.rewards_active() {
        for instruction in &all {
            world.expect_refusal(instruction, &[&operator], TidepoolError::EpochRewardsActive);
        }
        world.advance(|chain| chain.next_slot());
    }
    world.update_all().unwrap();
    world.delegate(0).unwrap();
    world.undelegate(0).unwrap();
    world.add_validator(joins, 1).unwrap();
}

#[test]
fn users_and_syncs_do_not_notice_the_payout() {
    let (mut world, ticket) = in_the_payout();
    world.deposit("ana", SOL).unwrap();
    world.order_unstake("bob", SOL).unwrap();
    world.liquid_unstake("ana", SOL).unwrap();
    world.add_liquidity("bob", SOL).unwrap();
    world.remove_liquidity("bob", SOL).unwrap();
    let [gap, given] = [(), ()].map(|()| world.order_unstake("ana", SOL).unwrap());
    let bob = world.user("bob").wallet.pubkey();
    let bobs = world.transfer_ticket(&given, &bob).unwrap();
    world.cancel(&gap).unwrap();
    world.cancel(&bobs).unwrap();
    world.sync().unwrap();
    world.claim(&ticket).unwrap();
    assert!(world.account(&ticket.key).is_none());
    let deposit = world.wish_deposit("ana", SOL, u64::MAX);
    world.expect_refusal(&deposit, &[&world.user("ana").wallet], TidepoolError::BelowMinimumOut);
    assert!(world.chain.rewards_active(), "all of it happened in the payout");
}

#[test]
fn a_pool_can_be_made_in_the_payout() {
    let (world, _) = in_the_payout();
    let chain = &world.chain;
    let creator = chain.wallet("creator", 10 * SOL).unwrap();
    let mint = chain.keypair("new mint");
    chain.create_mint(&mint, &creator.pubkey(), 9, None).unwrap();
    let treasury = chain.create_token_account(&mint.pubkey(), &creator.pubkey()).unwrap();
    let keys = PoolKeys::new(&mint.pubkey(), &treasury);
    let parameters = WorldConfig::default().parameters;
    let create = keys.initialize_pool(&creator.pubkey(), &creator.pubkey(), parameters);
    chain.send(&[create], &[&creator]).unwrap();
    let pool = tidepool_client::read_pool(&chain.account(&keys.pool).unwrap().data).unwrap();
    assert_eq!(pool.minimum_delegation, SOL);
}
