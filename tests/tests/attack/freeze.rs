//! Attempts to make an exit, a claim or a crank fail for good.

use crate::support::*;

/// marinade#98, stake-pool#615, single-pool#542.
#[test]
fn a_pool_made_at_full_rent_works_after_rent_fell() {
    let mut world = staked(with_validators(WorldConfig::default(), 2), 500 * SOL);
    let before = world.chain.rent().minimum_balance(0);
    world.deposit("eve", 100 * SOL).unwrap();
    world.chain.activate_feature(&features::set_lamports_per_byte_to_696::id());
    epochs(&mut world, 2);
    assert!(world.chain.rent().minimum_balance(0) < before);
    world.deposit("eve", 100 * SOL).unwrap();
    epochs(&mut world, 1);
    order_all(&mut world, &["ana", "eve"]);
    epochs(&mut world, 3);
    assert!(world.tickets.is_empty());
}

/// stake-pool#721, with a reserve that keeps its buffer.
#[test]
fn a_pool_made_while_rent_was_a_tenth_works_after_rent_rose() {
    let mut world = staked(at_low_rent(with_validators(WorldConfig::default(), 1)), 500 * SOL);
    raise_rent(&world);
    world.deposit("eve", 100 * SOL).unwrap();
    epochs(&mut world, 3);
    world.deposit("eve", 100 * SOL).unwrap();
    order_all(&mut world, &["ana", "eve"]);
    epochs(&mut world, 3);
    assert!(world.tickets.is_empty());
}

/// spl#3152, #5162, #5439; marinade#84.
#[test]
fn stake_that_a_third_party_deactivated_comes_back_from_every_phase() {
    for with_onramp in [false, true] {
        let mut world = staked(still(), 400 * SOL);
        make_delinquent(&mut world, 0);
        world.update_all().unwrap();
        if with_onramp {
            world.deposit("eve", 100 * SOL).unwrap();
            world.to_move_window();
            world.delegate(0).unwrap();
            deactivate_delinquent(&mut world, 0, StakeRole::Onramp);
        }
        deactivate_delinquent(&mut world, 0, StakeRole::Main);
        world.update_all().unwrap();
        world.work_the_window().unwrap();
        let ticket = world.order_unstake("ana", 350 * SOL).unwrap();
        slots(&mut world, 1);
        epochs(&mut world, 3);
        assert!(world.ticket(&ticket).is_none());
        assert!(delegated(&world, 0, StakeRole::Main) > 0);
    }
}

/// spl#5439: main was deactivated, the onramp is still warming up, and the validator comes back.
#[test]
fn an_active_onramp_joins_a_main_stake_that_was_deactivated() {
    let mut world = staked(still(), 400 * SOL);
    make_delinquent(&mut world, 0);
    world.update_all().unwrap();
    world.deposit("eve", 100 * SOL).unwrap();
    world.work_the_window().unwrap();
    deactivate_delinquent(&mut world, 0, StakeRole::Main);
    world.advance(|chain| chain.set_uptime(0, 10_000));
    epochs(&mut world, 3);
    assert!(delegated(&world, 0, StakeRole::Main) > 100 * SOL);
}

/// VB#297, SIMD-0608.
#[test]
fn stake_of_a_validator_whose_vote_account_is_gone_comes_back() {
    let mut world = staked(still(), 400 * SOL);
    world.chain.set_account(&world.validators[0].vote, &Account::default());
    order_all(&mut world, &["ana"]);
    world.to_move_window();
    (0..4).for_each(|index| drop(world.undelegate(index).unwrap()));
    world.work_the_edge().unwrap();
    assert!(world.tickets.is_empty());
}

/// single-pool Neodyme I01: pools stalled until all stake was active.
#[test]
fn stake_that_takes_epochs_to_warm_up_and_to_cool_down_stops_no_crank() {
    let small = vec![ValidatorConfig::default().with_stake(2_000 * SOL); 4];
    let mut world = staked(WorldConfig::default().with_validators(small), 3_000 * SOL);
    for _ in 0..6 {
        world.deposit("eve", 10 * SOL).unwrap();
        world.run_epoch().unwrap();
    }
    order_all(&mut world, &["ana"]);
    epochs(&mut world, 14);
    assert!(world.tickets.is_empty());
}

/// spl#2920: rent, or more than that, at every address the pool will ever use.
#[test]
fn lamports_at_every_future_address_block_nothing() {
    const SEED: u64 = 3;
    let key = |label: &str| tidepool_localnet::derive_keypair(SEED, label).pubkey();
    let keys = PoolKeys::new(&key("lst mint"), &key("treasury"));
    let mut gifted = vec![
        keys.pool,
        keys.authority,
        keys.reserve,
        keys.insurance,
        keys.liquidity,
        keys.sol_vault,
        keys.lst_vault,
        keys.lp_mint,
        keys.dead_lst,
        keys.dead_lp,
    ];
    gifted.extend((0..2).map(|page| pda::validator_page(&keys.pool, page).0));
    for index in 0..4 {
        let vote = key(&format!("validator/{index}/vote"));
        gifted.extend(StakeRole::ALL.map(|role| pda::stake(&keys.pool, &vote, role, 0).0));
    }
    for lamports in [890_880, 5 * SOL] {
        let gift = Account { lamports, ..Account::default() };
        let config = still().with_seed(SEED).with_chain(|chain| {
            chain.accounts.extend(gifted.iter().map(|key| (*key, gift.clone())));
        });
        let mut world = peopled(config);
        world.deposit("ana", 100 * SOL).unwrap();
        let ticket = world.next_ticket("ana");
        world.give(&ticket.key, lamports).unwrap();
        world.order_unstake("ana", 10 * SOL).unwrap();
        epochs(&mut world, 3);
        assert!(world.tickets.is_empty());
    }
}

/// Every parameter as high and as low as it goes.
#[test]
fn a_pool_with_every_parameter_at_its_limit_serves_its_users() {
    let highest = WorldConfig::default().with_parameters(|p| {
        p.fees.reward = 2_000;
        p.fees.deposit = 50;
        p.fees.ticket = 50;
        p.fees.stake_withdrawal = 50;
        p.fees.liquid_min = 1_000;
        p.fees.liquid_max = 1_000;
        p.fees.liquid_treasury_share = 7_500;
        p.fees.insurance_share = 10_000;
        p.settings.reserve_target_bps = 10_000;
        p.settings.move_window_bps = 10_000;
        p.settings.max_validator_bps = 10_000;
        p.settings.max_move_bps = 10_000;
        p.settings.liquidity_target_lamports = u64::MAX;
    });
    let lowest = still().with_parameters(|p| {
        p.settings.max_validator_bps = 0;
        p.settings.max_move_bps = 0;
        p.settings.liquidity_target_lamports = 0;
    });
    for config in [highest, lowest] {
        let mut world = staked(config, 500 * SOL);
        world.add_liquidity("bob", 100 * SOL).unwrap();
        slots(&mut world, 1);
        for _ in 0..3 {
            world.deposit("eve", 10 * SOL).unwrap();
            world.liquid_unstake("eve", SOL).unwrap();
            world.order_unstake("eve", SOL).unwrap();
            world.run_epoch().unwrap();
        }
        let lp = world.lp_of("bob");
        world.remove_liquidity("bob", lp).unwrap();
        order_all(&mut world, &["ana"]);
        epochs(&mut world, 3);
        assert!(world.tickets.is_empty());
    }
}

/// stake-pool#375: as much as can be due at once, with a gift in every account; the rest is done by a second update.
#[test]
fn an_update_of_as_many_validators_as_fit_does_all_that_can_be_due() {
    let mut config = with_validators(still(), 18);
    config.weights.truncate(4);
    let mut world = staked(config, 500 * SOL);
    world.deposit("eve", 5_000 * SOL).unwrap();
    (4..18).for_each(|index| drop(world.add_validator(index, 100).unwrap()));
    world.work_the_window().unwrap();
    world.cross_epoch();
    let mut batch = Batch::default();
    for validator in world.validators.clone() {
        for role in StakeRole::ALL {
            world.give(&validator.stake(role), 2_000_000).unwrap();
        }
        batch.add(&validator, &StakeRole::ALL).unwrap();
    }
    let update = world.keys.update_validators(&batch);
    let table = world.lookup_table();
    slots(&mut world, 1);
    for calls in [48, 24, 0] {
        let outcome =
            world.send_versioned(std::slice::from_ref(&update), &[], std::slice::from_ref(&table)).unwrap();
        assert_eq!(outcome.cpis().len(), calls);
    }
}

/// marinade#69, spl#1890: cranks in any order and number, and dust tickets, by somebody who means harm.
#[test]
fn a_hostile_keeper_keeps_neither_stake_out_nor_tickets_waiting() {
    let mut world = staked(still(), 1_000 * SOL);
    world.deposit("eve", 50 * SOL).unwrap();
    let mut dice = Dice(9);
    for epoch in 0..6 {
        if epoch == 2 {
            world.order_unstake("ana", 500 * SOL).unwrap();
        }
        for _ in 0..40 {
            let index = dice.below(4) as usize;
            // What is refused changes nothing.
            let _ = match dice.below(6) {
                0 => world.update([index]).map(drop),
                1 => world.delegate(index).map(drop),
                2 => world.undelegate(index).map(drop),
                3 => world.sync().map(drop),
                4 => {
                    let dust = 1 + dice.below(SOL / 10);
                    try_order(&mut world, "eve", dust)
                }
                _ => {
                    slots(&mut world, 1);
                    Ok(())
                }
            };
        }
        world.run_epoch().unwrap();
    }
    assert!(world.tickets.is_empty());
    (0..4).for_each(|index| assert!(delegated(&world, index, StakeRole::Main) > 130 * SOL));
}

/// marinade#97, P-0007: everything at once, through many epochs. Steps are refused by name alone, and in the end everybody
/// leaves.
#[test]
fn nothing_that_happens_stops_a_pool_for_good() {
    const REASONS: [&str; 5] =
        ["EpochRewardsActive", "OutsideMoveWindow", "ZeroAmount", "AmountTooSmall", "InsufficientLiquidity"];
    for seed in 0..6 {
        let fees = |p: &mut PoolParameters| (p.fees.deposit, p.fees.ticket) = (10, 10);
        let mut world = staked(WorldConfig::default().with_seed(seed).with_parameters(fees), 1_000 * SOL);
        world.add_liquidity("bob", 300 * SOL).unwrap();
        let mut dice = Dice(seed);
        for _ in 0..500 {
            if let Err(failure) = anything(&mut world, &mut dice) {
                assert!(!has_panicked(&failure), "{failure}");
                let text = failure.to_string();
                let is_known = REASONS.iter().any(|name| text.contains(&format!("Error Code: {name}.")));
                assert!(is_known, "{text}");
            }
        }
        world.run_epoch().unwrap();
        for name in ["ana", "bob", "eve"] {
            let lp = world.lp_of(name);
            if lp > 0 {
                world.remove_liquidity(name, lp).unwrap();
            }
            if world.lst_of(name) > 10 {
                order_all(&mut world, &[name]);
            }
        }
        epochs(&mut world, 3);
        // What a loss left worth less than a lamport is not claimed by keepers, but closes.
        for ticket in world.tickets.clone() {
            world.claim(&ticket).unwrap();
        }
        assert!(world.tickets.is_empty());
    }
}

fn anything(world: &mut World, dice: &mut Dice) -> Result<(), Failure> {
    let name = dice.pick(&["ana", "bob", "eve"]);
    let amount = dice.amount().min(50 * SOL);
    let (lst, lp) = (world.lst_of(name), world.lp_of(name));
    let index = dice.below(4) as usize;
    let role = dice.pick(&StakeRole::ALL);
    match dice.below(20) {
        0 | 1 => world.deposit(name, amount).map(drop),
        2 | 3 => try_order(world, name, amount.min(lst)),
        4 => world.liquid_unstake(name, amount.min(lst)).map(drop),
        5 => world.add_liquidity(name, amount).map(drop),
        6 => world.remove_liquidity(name, amount.min(lp)).map(drop),
        7 => world.sync().map(drop),
        8 => world.update([index]).map(drop),
        9 => world.delegate(index).map(drop),
        10 => world.undelegate(index).map(drop),
        11 => world.claim_due().map(drop),
        12 => {
            let to = world.validators[index].stake(role);
            world.give(&to, amount.min(SOL))
        }
        13 => {
            let to = dice.pick(&[world.keys.reserve, world.keys.insurance, world.keys.sol_vault]);
            world.give(&to, amount.min(SOL))
        }
        14 => {
            let (from, mint) = (world.user(name).lst, world.keys.lst_mint);
            burn(world, name, &from, &mint, amount.min(lst).min(SOL))
        }
        15 => {
            let stake = delegated(world, index, role);
            if stake > 10 * SOL {
                slash(world, index, role, dice.below(stake / 20));
            }
            Ok(())
        }
        16 => {
            slots(world, 1);
            Ok(())
        }
        17 => {
            world.to_move_window();
            Ok(())
        }
        18 => {
            world.advance(Chain::cross_epoch);
            Ok(())
        }
        _ => {
            world.advance(|chain| {
                chain.pay_rewards();
            });
            Ok(())
        }
    }
}
