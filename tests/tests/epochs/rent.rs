//! Rent is what the sysvar says today: high, low, cut or raised while a pool runs. stakedex-sdk common/src/consts.rs: constants
//! of rent made quotes go wrong.

use {
    crate::support::*,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_client::{events::NothingDueReason, Batch, TidepoolError},
    tidepool_interface::pda::StakeRole::{self, Main, Offramp, Onramp},
    tidepool_localnet::{features, Chain, World, WorldConfig},
    tidepool_tests::Expect,
};

/// SOL goes in, is staked, comes out by every way, and every lamport is accounted for.
pub fn the_whole_path(world: &mut World) {
    let (before, deposit) = (world.pool().stake_lamports, 400 * SOL);
    world.deposit("ana", deposit).unwrap();
    world.add_liquidity("bob", 100 * SOL).unwrap();
    world.run_epoch().unwrap();
    assert!(world.pool().stake_lamports >= before + deposit / 100 * 95, "{}", world.pool().stake_lamports);
    for _ in 0..2 {
        world.run_epoch().unwrap();
    }
    world.liquid_unstake("ana", 50 * SOL).unwrap();
    world.order_unstake("ana", 300 * SOL).unwrap();
    world.remove_liquidity("bob", world.lp_of("bob")).unwrap();
    for _ in 0..2 {
        world.run_epoch().unwrap();
    }
    assert!(world.tickets.is_empty());
    for index in 0..4 {
        assert_eq!((delegated(world, index, Onramp), delegated(world, index, Offramp)), (0, 0));
        assert!(delegated(world, index, Main) > 0);
    }
    assert_all_booked(world);
}

/// Makes a step of SIMD-0437 active, with the next epoch.
fn set_rent(world: &mut World, feature: Pubkey) {
    let before = world.chain.rent().minimum_balance(200);
    world.chain.activate_feature(&feature);
    world.run_epoch().unwrap();
    assert_ne!(world.chain.rent().minimum_balance(200), before);
}

/// marinade#98, stake-pool#615, single-pool#542, stake#283: `rent_exempt_reserve` is frozen and not the rent.
#[test]
fn the_whole_path_works_at_every_level_of_rent() {
    for factor in [1.0, 0.73, 0.1] {
        let config = WorldConfig::default().with_chain(|chain| {
            *chain = chain.clone().with_rent_factor(factor);
        });
        let mut world = peopled(config);
        the_whole_path(&mut world);
        the_whole_path(&mut world);
    }
}

#[test]
fn the_whole_path_works_through_every_cut_of_the_rent() {
    let mut world = peopled(WorldConfig::default());
    the_whole_path(&mut world);
    let cuts = [
        features::set_lamports_per_byte_to_6333::id(),
        features::set_lamports_per_byte_to_5080::id(),
        features::set_lamports_per_byte_to_2575::id(),
        features::set_lamports_per_byte_to_1322::id(),
        features::set_lamports_per_byte_to_696::id(),
    ];
    for cut in cuts {
        // Accounts of both rents meet: an onramp and an offramp from before the cut.
        world.deposit("ana", 100 * SOL).unwrap();
        world.order_unstake("ana", 20 * SOL).unwrap();
        world.work_the_window().unwrap();
        set_rent(&mut world, cut);
        the_whole_path(&mut world);
    }
}

/// stake-pool#721: rent that rose made `reserve − rent` negative and froze the pool.
#[test]
fn the_whole_path_works_after_a_rise_of_the_rent() {
    let config = WorldConfig::default().with_chain(|chain| {
        *chain = chain.clone().with_rent_factor(0.1);
    });
    let mut world = peopled(config);
    the_whole_path(&mut world);
    world.deposit("ana", 100 * SOL).unwrap();
    world.order_unstake("ana", 20 * SOL).unwrap();
    world.work_the_window().unwrap();
    set_rent(&mut world, features::set_lamports_per_byte_to_6960::id());
    the_whole_path(&mut world);
}

/// The vaults were made with the old rent: when all that is booked leaves them, they must not fall below the new one.
#[test]
fn after_a_rise_of_the_rent_the_reserve_pays_its_tickets_to_the_last_lamport() {
    let mut world = after_a_rise(still());
    let everything = world.pool().free_reserve().unwrap().0 + 10 * SOL;
    world.order_unstake("ana", everything).unwrap();
    world.run_epoch().unwrap();
    world.run_epoch().unwrap();
    assert!(world.tickets.is_empty(), "{} lamports are left", world.pool().reserve_lamports);
}

#[test]
fn after_a_rise_of_the_rent_the_insurance_pays_a_loss_with_all_it_has() {
    let mut world = after_a_rise(still());
    let insurance = world.keys.insurance;
    world.give(&insurance, SOL).unwrap();
    world.sync().unwrap();
    world.slash(0, 2 * SOL).unwrap();
    world.update([0]).unwrap();
    assert_eq!(world.pool().insurance_lamports, 0);
}

#[test]
fn after_a_rise_of_the_rent_the_liquidity_pool_can_be_left_by_all() {
    let mut world = after_a_rise(still());
    world.add_liquidity("bob", 10 * SOL).unwrap();
    world.advance(Chain::next_slot);
    world.liquid_unstake("ana", 10 * SOL).unwrap();
    let rest = world.liquidity().sol_lamports;
    world.liquid_unstake("ana", rest).unwrap();
    assert_eq!(world.liquidity().sol_lamports, 0);
}

/// DelegateStake keeps the rent of today back, and the onramp has only that of its own day.
#[test]
fn after_a_rise_of_the_rent_a_delegation_of_the_minimum_brings_what_the_onramp_lacks() {
    let mut config = still();
    config.weights.truncate(1);
    let mut world = after_a_rise(config);
    let onramp = world.validators[0].stake(Onramp);
    remembers_its_own_rent(&world, &onramp);
    let lacks = world.chain.rent().minimum_balance(200) - world.chain.lamports(&onramp);
    let free = world.pool().free_reserve().unwrap().0;
    world.deposit("bob", SOL + lacks - 1 - free).unwrap();
    world.to_move_window();
    assert_eq!(nothing_due(&world.delegate(0).unwrap()), Some(NothingDueReason::AtTarget));
    world.deposit("bob", 1).unwrap();
    world.delegate(0).unwrap();
    assert_eq!(delegated(&world, 0, Onramp), SOL);
}

/// Taken back, its stake would have to leave it the rent of today.
#[test]
fn after_a_rise_of_the_rent_an_offramp_that_lacks_some_of_it_goes_on_cooling_down() {
    let mut world = after_a_rise(still());
    world.order_unstake("ana", 100 * SOL).unwrap();
    world.to_move_window();
    world.undelegate(0).unwrap();
    let offramp = world.validators[0].stake(Offramp);
    let cooling = delegated(&world, 0, Offramp);
    assert!(cooling > 0);
    assert!(world.chain.lamports(&offramp) < cooling + world.chain.rent().minimum_balance(200));
    world.order_unstake("ana", 100 * SOL).unwrap();
    world.next_slot();
    assert_eq!(nothing_due(&world.undelegate(0).unwrap()), Some(NothingDueReason::AccountBusy));
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    assert!(world.tickets.is_empty());
}

/// The rent that an account remembers is not the one it needs: what is in it comes back to the rent of today.
#[test]
fn after_a_rise_of_the_rent_an_empty_account_keeps_that_of_today() {
    let mut world = after_a_rise(still());
    for role in [Onramp, Offramp] {
        let key = world.validators[0].stake(role);
        remembers_its_own_rent(&world, &key);
        world.give(&key, SOL).unwrap();
        let mut batch = Batch::default();
        batch.add(&world.validators[0], &StakeRole::ALL).unwrap();
        let update = world.keys.update_validators(&batch);
        world.send(&[update], &[]).unwrap();
        assert_eq!(world.chain.lamports(&key), world.chain.rent().minimum_balance(200));
    }
}

/// Older stake programs wrote the rent of the day into an account, and none of them ever wrote it anew.
fn remembers_its_own_rent(world: &World, key: &Pubkey) {
    let mut account = world.account(key).unwrap();
    account.data[4..12].copy_from_slice(&account.lamports.to_le_bytes());
    world.chain.set_account(key, &account);
}

/// After a rise the onramp lacks rent, which goes along and is no stake; after a cut a part of its own becomes stake, which then
/// need not come from the reserve.
#[test]
fn what_is_booked_as_staked_is_what_is_delegated() {
    let after_a_cut = || {
        let mut world = staked(still(), 400 * SOL);
        set_rent(&mut world, features::set_lamports_per_byte_to_696::id());
        world
    };
    for mut world in [after_a_rise(still()), after_a_cut()] {
        world.deposit("bob", 100 * SOL).unwrap();
        world.to_move_window();
        let onramp = world.validators[0].stake(Onramp);
        for _ in 0..2 {
            let (pool, record) = (world.pool(), world.record(0));
            let wanted =
                pool.target_stake(&record, world.chain.slot()).unwrap().0.max(record.staked_lamports);
            world.delegate(0).unwrap();
            let main = world.validators[0].stake(Main);
            let delegated = [main, onramp].map(|key| world.chain.delegation(&key).unwrap().stake);
            assert_eq!(world.record(0).staked_lamports, delegated.iter().sum::<u64>());
            assert_eq!(world.record(0).staked_lamports, wanted, "no more than it should have");
            // More comes in the same epoch, and joins what is there.
            world.deposit("bob", 60 * SOL).unwrap();
        }
    }
}

/// The main account was empty when the rent rose, and stake that comes to it does not bring what it lacks: MoveStake takes none
/// out of an account that would be left with less than its rent.
#[test]
fn after_a_rise_of_the_rent_a_validator_is_left_whose_main_account_lacks_of_it() {
    let mut world = peopled(still().with_chain(|chain| *chain = chain.clone().with_rent_factor(0.1)));
    set_rent(&mut world, features::set_lamports_per_byte_to_6960::id());
    world.deposit("ana", 400 * SOL).unwrap();
    world.run_epoch().unwrap();
    let (stake, main) = (delegated(&world, 0, Main), world.validators[0].stake(Main));
    assert!(
        stake > 90 * SOL && world.chain.lamports(&main) < stake + world.chain.rent().minimum_balance(200)
    );

    let mut settings = world.settings();
    settings.max_move_bps = 10_000;
    world.set_parameters(settings).unwrap();
    world.drain(0).unwrap();
    world.undelegate(0).unwrap();
    assert_eq!(world.record(0).main_cooling_lamports, stake);
    world.run_epoch().unwrap();
    world.run_epoch().unwrap();
    world.remove(0).unwrap();
    assert_all_booked(&world);
}

/// Split leaves no account with less than today's rent: who wants stake of this validator hears why, and gets it when the cluster
/// has made up for the rise.
#[test]
fn after_a_rise_of_the_rent_a_main_account_that_lacks_of_it_gives_no_stake_for_an_epoch() {
    let mut world = peopled(still().with_chain(|chain| *chain = chain.clone().with_rent_factor(0.1)));
    set_rent(&mut world, features::set_lamports_per_byte_to_6960::id());
    world.deposit("ana", 400 * SOL).unwrap();
    world.run_epoch().unwrap();
    let main = world.validators[0].stake(Main);
    let rent = world.chain.rent().minimum_balance(200);
    assert!(world.chain.lamports(&main) < delegated(&world, 0, Main) + rent);

    let (ana, stake) = (world.user("ana"), world.prepare_stake().unwrap());
    let validator = &world.validators[0];
    let withdraw = world.keys.withdraw_stake(&ana.wallet.pubkey(), &stake, validator, &ana.lst, 10 * SOL, 0);
    world.expect_refusal(&withdraw, &[&ana.wallet], TidepoolError::StakeLacksRent);
    world.run_epoch().unwrap();
    world.send(&[withdraw], &[&ana.wallet]).unwrap();
    assert_all_booked(&world);
}

/// MoveStake takes none out of an onramp that would be left with less than today's rent. The update goes on, and the stake joins
/// the main account once the cluster has made up for the rise.
#[test]
fn after_a_rise_of_the_rent_an_onramp_that_lacks_of_it_waits() {
    let mut world = after_a_rise(still());
    world.deposit("bob", 100 * SOL).unwrap();
    world.to_move_window();
    world.delegate(0).unwrap();
    world.advance(Chain::cross_epoch);
    world.advance(|chain| {
        chain.pay_rewards();
    });
    // It has what it needs to the lamport, and loses one.
    let (onramp, stake) = (world.validators[0].stake(Onramp), delegated(&world, 0, Onramp));
    let mut account = world.account(&onramp).unwrap();
    assert_eq!(account.lamports, stake + world.chain.rent().minimum_balance(200));
    account.lamports -= 1;
    world.advance(|chain| chain.set_account(&onramp, &account));
    world.update([0]).unwrap();
    assert_eq!(delegated(&world, 0, Onramp), stake, "it waits");

    world.give(&onramp, 1).unwrap();
    world.update([0]).unwrap();
    assert_eq!(delegated(&world, 0, Onramp), 0, "it has joined the main account");
}

/// Into a main account without stake MoveStake brings it, and leaves no account with less than today's rent.
#[test]
fn stake_in_an_account_that_lacks_of_the_rent_is_refused_until_it_has_that() {
    let mut world = peopled(still());
    let stake = world.add_stake("ana", 0, 100 * SOL).unwrap();
    world.run_epoch().unwrap();
    assert_eq!(delegated(&world, 0, Main), 0);
    let mut account = world.account(&stake).unwrap();
    account.lamports =
        world.chain.delegation(&stake).unwrap().stake + world.chain.rent().minimum_balance(200) - 1;
    world.chain.set_account(&stake, &account);
    refused(world.deposit_stake("ana", &stake, 0), TidepoolError::StakeLacksRent);
    world.give(&stake, 1).unwrap();
    world.deposit_stake("ana", &stake, 0).unwrap();
    assert_eq!(delegated(&world, 0, Main), 100 * SOL);
}

/// A pool of 400 SOL that was made at a tenth of the rent.
fn after_a_rise(config: WorldConfig) -> World {
    let mut world =
        staked(config.with_chain(|chain| *chain = chain.clone().with_rent_factor(0.1)), 400 * SOL);
    set_rent(&mut world, features::set_lamports_per_byte_to_6960::id());
    world
}

/// spl#5285, #5288, #5322, marinade 1bd5133: each rebalance leaked the rent of a split.
#[test]
fn fifty_cycles_of_staking_and_unstaking_lose_no_lamport() {
    for factor in [1.0, 0.1] {
        let config = still().with_parameters(|p| p.settings.reserve_target_bps = 100);
        let mut world =
            staked(config.with_chain(|chain| *chain = chain.clone().with_rent_factor(factor)), 400 * SOL);
        let (rate, held) = (world.rate(), world.held());
        let wallet = world.sol_of("bob");
        for cycle in 0..50 {
            world.deposit("bob", 100 * SOL).unwrap();
            world.run_epoch().unwrap();
            world.order_unstake("bob", world.lst_of("bob")).unwrap();
            world.run_epoch().unwrap();
            assert!(world.tickets.is_empty(), "cycle {cycle}");
        }
        assert_eq!((world.rate(), world.held(), world.sol_of("bob")), (rate, held, wallet));
        assert_eq!(value(&world), held_by_holders(&world));
    }
}

/// What is in the reserve and in stake accounts, rents of the stake accounts included.
fn held_by_holders(world: &World) -> u64 {
    let stakes = world.validators.iter().flat_map(|validator| validator.stakes);
    let in_stakes: u64 = stakes.map(|key| world.chain.lamports(&key)).sum();
    in_stakes + world.chain.lamports(&world.keys.reserve) - world.pool().reserve_rent
}
