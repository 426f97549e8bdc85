//! What an attack on the program once broke, and does not break any more.

use crate::support::*;

// ---- freeze

/// The runtime lowers a delegation by what its account lacks of a rent that rose, so a stake below the minimum delegation
/// takes no slashing; a main stake that is empty cannot take it (stake-pool#756: limits that assume the minimum is there).
#[test]
fn an_onramp_below_the_minimum_delegation_does_not_stop_the_update() {
    let mut world = peopled(at_low_rent(with_validators(still(), 1)));
    world.deposit("ana", SOL - world.pool().reserve_lamports).unwrap();
    world.work_the_window().unwrap();
    raise_rent(&world);
    world.cross_epoch();
    assert!(delegated(&world, 0, StakeRole::Onramp) < SOL);
    world.update([0]).unwrap();
}

/// As above, for stake that should leave.
#[test]
fn a_main_stake_below_the_minimum_delegation_pays_tickets() {
    let mut world = staked(with_validators(still(), 1), 2 * SOL);
    slash(&mut world, 0, StakeRole::Main, 3 * SOL / 2);
    world.update([0]).unwrap();
    order_all(&mut world, &["ana"]);
    epochs(&mut world, 2);
    assert!(world.tickets.is_empty());
}

/// A validator has one offramp: who sends a minimum of its stake to cool down keeps all the rest from following in that
/// epoch. Four SOL of tickets delay the exit of everyone who orders later in the window by an epoch.
#[test]
fn small_tickets_do_not_delay_a_large_one_of_the_same_window() {
    let mut world = staked(still(), 1_000 * SOL);
    world.deposit("eve", 10 * SOL).unwrap();
    epochs(&mut world, 2);
    world.to_move_window();
    for index in 0..4 {
        world.order_unstake("eve", SOL).unwrap();
        slots(&mut world, 1);
        world.undelegate(index).unwrap();
    }
    let large = world.order_unstake("ana", 500 * SOL).unwrap();
    slots(&mut world, 1);
    world.run_epoch().unwrap();
    assert!(world.ticket(&large).is_none());
}

/// Neodyme SPL 2021, spl#2277: exits depended on a fee account. Here its owner closes the treasury and makes a multisig of
/// the token program at the address; the bytes where a token account has its mint and its state are the signers he chooses.
#[test]
fn a_treasury_reopened_as_a_multisig_does_not_stop_the_sync() {
    const MULTISIG_LEN: usize = 355;
    let mut world = staked(WorldConfig::default().with_parameters(|p| p.fees.deposit = 30), 500 * SOL);
    let mut data = vec![1; MULTISIG_LEN];
    data[..32].copy_from_slice(world.keys.lst_mint.as_ref());
    let multisig = Account { lamports: SOL, data, owner: cluster::TOKEN_PROGRAM, ..Account::default() };
    world.chain.set_account(&world.keys.treasury, &multisig);
    world.deposit("eve", SOL).unwrap();
    world.sync().unwrap();
}

/// stake-pool#721: what vaults must keep is the rent of the day they were made, and the runtime wants today's.
#[test]
fn the_last_sol_of_a_vault_can_leave_after_rent_rose() {
    let mut world = peopled(at_low_rent(with_validators(still(), 1)));
    world.add_liquidity("bob", 10 * SOL).unwrap();
    world.deposit("eve", 20 * SOL).unwrap();
    raise_rent(&world);
    epochs(&mut world, 1);
    let all = world.liquidity().sol_lamports;
    world.liquid_unstake("eve", all).unwrap();
}

/// As above: with nothing kept liquid, staking all there is takes the reserve below today's rent.
#[test]
fn all_that_is_free_can_be_staked_after_rent_rose() {
    let mut world = peopled(at_low_rent(with_validators(still(), 1)));
    raise_rent(&world);
    world.cross_epoch();
    world.deposit("ana", 20 * SOL).unwrap();
    world.run_epoch().unwrap();
}

/// stake-pool 0e56295: main was taken over at a restart. The onramp still takes SOL, and nothing brings it back.
#[test]
fn no_sol_is_staked_where_it_cannot_come_back_from() {
    let mut world = staked(still(), 400 * SOL);
    take_over(&world, 0, StakeRole::Main);
    world.update_all().unwrap();
    world.deposit("eve", 400 * SOL).unwrap();
    world.to_move_window();
    let _ = world.delegate(0);
    assert_eq!(delegated(&world, 0, StakeRole::Onramp), 0);
}

/// As above for an offramp: what was cooling there counts against the tickets' shortfall for ever.
#[test]
fn an_offramp_that_is_lost_is_not_waited_for() {
    let mut world = staked(still(), 400 * SOL);
    world.order_unstake("ana", 100 * SOL).unwrap();
    world.work_the_window().unwrap();
    (0..4).for_each(|index| take_over(&world, index, StakeRole::Offramp));
    world.cross_epoch();
    world.update_all().unwrap();
    assert_eq!(world.pool().shortfall(world.chain.slot()).unwrap(), world.pool().queue().unfilled().unwrap());
}

/// A validator is given its share or nothing: 19 SOL over 20 validators of equal weight are never staked.
#[test]
fn a_deposit_of_less_than_a_minimum_for_each_validator_is_staked() {
    let mut world = with_many_validators(20, 2_000 * SOL);
    world.deposit("eve", 19 * SOL).unwrap();
    epochs(&mut world, 5);
    assert!(world.pool().reserve_lamports < 2 * SOL);
}

/// What the cap allows in a day can be taken in a day, whatever was taken under a higher one.
#[test]
fn instant_exits_go_on_after_their_cap_was_lowered() {
    let mut world =
        peopled(still().with_parameters(|p| p.settings.instant_cap_lamports_per_day = 1_000 * SOL));
    world.add_liquidity("bob", 2_000 * SOL).unwrap();
    world.deposit("eve", 2_000 * SOL).unwrap();
    slots(&mut world, 1);
    world.liquid_unstake("eve", 900 * SOL).unwrap();
    let mut settings = world.settings();
    settings.instant_cap_lamports_per_day = 10 * SOL;
    world.set_parameters(settings).unwrap();
    epochs(&mut world, 1);
    world.liquid_unstake("eve", 10 * SOL).unwrap();
}

/// A ticket of whoever cannot be paid would stay open for ever; every other owner is paid, and keeps nobody waiting.
#[test]
fn a_ticket_goes_to_anybody_who_can_be_paid_and_to_nobody_else() {
    let mut world = staked(still(), 1_000 * SOL);
    world.add_liquidity("bob", 50 * SOL).unwrap();
    world.deposit("eve", 500 * SOL).unwrap();
    let (keys, validator) = (world.keys, world.validators[0]);
    let outside = [keys.lst_mint, keys.authority, keys.treasury, validator.vote];
    outside.iter().for_each(|key| world.add_vault(key));
    let inside =
        [keys.reserve, keys.insurance, keys.liquidity, keys.sol_vault, keys.lst_vault, validator.page];
    let payable: Vec<OpenTicket> = [&outside[..], &inside, &validator.stakes]
        .concat()
        .iter()
        .map(|owner| {
            let ticket = world.order_unstake("eve", 10 * SOL).unwrap();
            world.transfer_ticket(&ticket, owner).unwrap()
        })
        .collect();
    let kept = world.order_unstake("eve", 10 * SOL).unwrap();
    for owner in
        [keys.pool, cluster::STAKE_PROGRAM, tidepool_interface::ID, solana_sdk_ids::sysvar::clock::ID]
    {
        assert!(world.transfer_ticket(&kept, &owner).is_err(), "{owner}");
    }
    order_all(&mut world, &["ana"]);
    slots(&mut world, 1);
    world.work_the_window().unwrap();
    world.cross_epoch();
    world.update_all().unwrap();
    for ticket in &payable {
        world.claim(ticket).unwrap();
    }
    world.claim_due().unwrap();
    assert!(world.tickets.is_empty());
    world.sync().unwrap();
}

// ---- steal

/// Gifts to the vaults of the liquidity pool are streamed to the holders of the LST. When they belonged to its providers at once,
/// they belonged to those of the same transaction, too (UNS#44).
#[test]
fn nobody_gains_by_providing_liquidity_around_a_sync() {
    let mut world = staked(still(), 1_000 * SOL);
    world.add_liquidity("bob", 100 * SOL).unwrap();
    let vault = world.keys.sol_vault;
    world.give(&vault, 10 * SOL).unwrap();
    let before = wealth(&world, "eve");
    world.add_liquidity("eve", 10_000 * SOL).unwrap();
    world.sync().unwrap();
    let lp = world.lp_of("eve");
    world.remove_liquidity("eve", lp).unwrap();
    assert!(wealth(&world, "eve") <= before, "{} lamports", wealth(&world, "eve") - before);
}

/// Marinade forum 481, the other way round: SOL that comes at the start of an epoch and orders before stake moves is never
/// staked, waits for nothing, and earns three quarters of the yield of those whose SOL is.
#[test]
fn sol_that_was_never_staked_earns_nothing() {
    let mut world = staked(WorldConfig::default(), 10_000 * SOL);
    epochs(&mut world, 2);
    let before = wealth(&world, "eve");
    for _ in 0..5 {
        world.deposit("eve", 10_000 * SOL).unwrap();
        world.to_move_window();
        order_all(&mut world, &["eve"]);
        world.run_epoch().unwrap();
    }
    assert!(wealth(&world, "eve") <= before, "{} lamports", wealth(&world, "eve") - before);
}

/// Who leaves leaves his part of the withheld rewards to those who stay; if nobody stays, to whoever comes.
#[test]
fn rewards_of_those_who_leave_are_not_for_whoever_comes_next() {
    let mut world = staked(WorldConfig::default(), 10_000 * SOL);
    epochs(&mut world, 2);
    order_all(&mut world, &["ana"]);
    let before = wealth(&world, "eve");
    world.deposit("eve", 10 * SOL).unwrap();
    let epoch = world.chain.slots_per_epoch();
    slots(&mut world, epoch);
    assert!(wealth(&world, "eve") <= before + SOL / 100, "{} lamports", wealth(&world, "eve") - before);
}
