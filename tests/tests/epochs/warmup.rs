//! More stake than the cluster lets in or out in an epoch: 9 % of what is staked.

use {
    crate::support::*,
    solana_signer::Signer,
    solana_stake_interface::{
        instruction::{create_account_and_delegate_stake, deactivate_stake},
        state::{Authorized, Lockup},
    },
    tidepool_client::events::NothingDueReason,
    tidepool_interface::pda::StakeRole::{Main, Offramp, Onramp},
    tidepool_localnet::{ValidatorConfig, World, WorldConfig},
};

/// Four validators with 1,000 SOL each, a pool that brings more than that, and rewards.
fn small_cluster() -> WorldConfig {
    let validators = vec![ValidatorConfig::default().with_stake(1_000 * SOL); 4];
    WorldConfig::default().with_validators(validators).with_chain(|chain| chain.inflation = 0.000_5)
}

fn in_all(world: &World, role: tidepool_interface::pda::StakeRole) -> u64 {
    (0..world.validators.len()).map(|index| delegated(world, index, role)).sum()
}

/// Works the edge of an epoch, and asserts of each validator that its onramp joins and its offramp is emptied in the epoch
/// in which the cluster has let all of it through, and not before.
fn work_the_edge_and_compare(world: &mut World) {
    let phase = |world: &World, index: usize, role| {
        let activation = world.chain.stake_activation(&world.validators[index].stake(role));
        (delegated(world, index, role) > 0, activation)
    };
    world.cross_epoch();
    let before: Vec<_> =
        (0..4).map(|index| [Onramp, Offramp].map(|role| phase(world, index, role))).collect();
    world.update_all().unwrap();
    world.sync().unwrap();
    world.claim_due().unwrap();
    for (index, [(onramp_used, onramp), (offramp_used, offramp)]) in before.into_iter().enumerate() {
        let joins = onramp_used && onramp.activating == 0;
        let stays = onramp_used && !joins;
        assert_eq!(delegated(world, index, Onramp) > 0, stays, "onramp of {index}: {onramp:?}");
        let waits = offramp_used && offramp.effective > 0;
        assert_eq!(delegated(world, index, Offramp) > 0, waits, "offramp of {index}: {offramp:?}");
    }
    assert_all_booked(world);
}

/// single-pool Neodyme I01, steward OS-SWD-SUG-00: one epoch was assumed; partly active accounts cannot merge.
#[test]
fn stake_that_warms_up_over_several_epochs_fails_no_update_and_joins_when_all_of_it_is_active() {
    let mut world = peopled(small_cluster());
    world.deposit("ana", 2_000 * SOL).unwrap();
    world.work_the_window().unwrap();
    assert!(in_all(&world, Onramp) > 1_970 * SOL);
    let mut epochs = 0;
    while in_all(&world, Main) == 0 {
        work_the_edge_and_compare(&mut world);
        epochs += 1;
        assert!(epochs < 10, "it never joins");
        if in_all(&world, Main) == 0 {
            world.deposit("bob", 100 * SOL).unwrap();
            world.to_move_window();
            let second = world.delegate(0).unwrap();
            assert_eq!(nothing_due(&second), Some(NothingDueReason::AccountBusy));
        }
    }
    assert!(epochs >= 3, "{epochs}");
    assert!(world.ledger.rewards > 0, "the active part earned");
    assert_eq!(in_all(&world, Onramp), 0);
    world.run_epoch().unwrap();
    assert!(in_all(&world, Main) > 2_350 * SOL, "what had to wait has followed");
}

#[test]
fn stake_that_cools_down_over_several_epochs_fails_no_update_and_pays_its_ticket_in_the_end() {
    let mut world = peopled(small_cluster());
    world.deposit("ana", 2_000 * SOL).unwrap();
    for _ in 0..8 {
        world.run_epoch().unwrap();
    }
    assert!(in_all(&world, Main) > 1_950 * SOL);
    let ticket = world.order_unstake("ana", 1_900 * SOL).unwrap();
    world.work_the_window().unwrap();
    let mut epochs = 0;
    while world.ticket(&ticket).is_some() {
        work_the_edge_and_compare(&mut world);
        epochs += 1;
        assert!(epochs < 12, "it never comes");
        if delegated(&world, 0, Offramp) > 0 {
            world.to_move_window();
            let second = world.undelegate(0).unwrap();
            assert_eq!(nothing_due(&second), Some(NothingDueReason::AccountBusy));
        }
    }
    assert!(epochs >= 3, "{epochs}");
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    assert_eq!((in_all(&world, Offramp), world.pool().cooling_lamports), (0, 0));
}

/// The limit is the whole cluster's: others who come in the same epoch slow the pool's own, little as it is, down.
#[test]
fn strangers_who_fill_the_limit_of_the_cluster_delay_the_pool_and_harm_it_not() {
    let mut world = peopled(small_cluster());
    world.deposit("ana", 100 * SOL).unwrap();
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    for (round, strangers) in [3_000, 900, 400, 5_000].into_iter().enumerate() {
        let stranger = world.chain.wallet(&format!("stranger {round}"), 6_000 * SOL).unwrap();
        let stake = world.chain.keypair(&format!("stake of stranger {round}"));
        world.to_move_window();
        let delegate = create_account_and_delegate_stake(
            &stranger.pubkey(),
            &stake.pubkey(),
            &world.validators[3].vote,
            &Authorized::auto(&stranger.pubkey()),
            &Lockup::default(),
            strangers * SOL,
        );
        world.chain.send(&delegate, &[&stranger, &stake]).unwrap();
        world.deposit("bob", 20 * SOL).unwrap();
        world.order_unstake("ana", 10 * SOL).unwrap();
        world.next_slot();
        world.move_stake().unwrap();
        work_the_edge_and_compare(&mut world);
        let deactivate = deactivate_stake(&stake.pubkey(), &stranger.pubkey());
        world.chain.send(&[deactivate], &[&stranger]).unwrap();
        world.order_unstake("bob", 15 * SOL).unwrap();
        world.to_move_window();
        world.move_stake().unwrap();
        for _ in 0..3 {
            work_the_edge_and_compare(&mut world);
        }
    }
    for _ in 0..12 {
        world.run_epoch().unwrap();
    }
    assert!(world.tickets.is_empty());
    assert_eq!((in_all(&world, Onramp), in_all(&world, Offramp)), (0, 0));
}

/// Neodyme SPL 2023-01, spl#3987: deactivated stake that met an activating account was activated again. spl#1890,
/// OS-SSP-SUG-03: one account for both directions blocked users.
#[test]
fn a_validator_warms_up_and_cools_down_at_once() {
    let mut world = peopled(small_cluster());
    world.deposit("ana", 1_000 * SOL).unwrap();
    for _ in 0..5 {
        world.run_epoch().unwrap();
    }
    world.deposit("bob", 1_500 * SOL).unwrap();
    world.work_the_window().unwrap();
    let ticket = world.order_unstake("ana", 700 * SOL).unwrap();
    world.next_slot();
    world.move_stake().unwrap();
    let both = (0..4).filter(|i| delegated(&world, *i, Onramp) > 0 && delegated(&world, *i, Offramp) > 0);
    assert!(both.count() > 0);
    for _ in 0..12 {
        world.run_epoch().unwrap();
        assert_all_booked(&world);
    }
    assert!(world.ticket(&ticket).is_none());
    assert_eq!((in_all(&world, Onramp), in_all(&world, Offramp)), (0, 0));
}
