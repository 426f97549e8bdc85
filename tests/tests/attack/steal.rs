//! Attempts to take out more than was put in.

use crate::support::*;

/// Invariant 5, and 4 for those who do nothing: dust, whales and gifts in any order, inside an epoch.
#[test]
fn no_sequence_inside_an_epoch_makes_anybody_richer_or_the_others_poorer() {
    for seed in 0..4 {
        assert_nobody_gains(below_one(seed), Dice(seed), 150, 9);
    }
}

/// As above, with stake going in and out: what a stake account brings is what it is worth, and what leaves is what was given
/// for it.
#[test]
fn no_sequence_with_stake_makes_anybody_richer_or_the_others_poorer() {
    for seed in 0..4 {
        let mut world = below_one(seed);
        let mut dice = Dice(seed);
        let mut stakes: Vec<(usize, Pubkey)> = (0..12)
            .map(|n| (n % 4, world.add_stake("eve", n % 4, SOL + dice.below(20 * SOL)).unwrap()))
            .collect();
        world.run_epoch().unwrap();
        let rent = world.chain.rent().minimum_balance(200);
        let has = |world: &World, stakes: &[(usize, Pubkey)]| {
            let in_stake: u64 = stakes.iter().map(|(_, key)| world.chain.lamports(key)).sum();
            wealth(world, "eve") + in_stake
        };
        let (mut eve, ana) = (has(&world, &stakes), wealth(&world, "ana"));
        let mut moved = 0;
        for _ in 0..150 {
            let (amount, index) = (dice.amount(), dice.below(4) as usize);
            let (lst, lp) = (world.lst_of("eve"), world.lp_of("eve"));
            // What is refused changes nothing.
            let _ = match dice.below(9) {
                0 => world.deposit("eve", amount).map(drop),
                1 => try_order(&mut world, "eve", amount.min(lst)),
                2 => world.liquid_unstake("eve", amount.min(lst)).map(drop),
                3 => world.add_liquidity("eve", amount).map(drop),
                4 => world.remove_liquidity("eve", amount.min(lp)).map(drop),
                5 | 6 if !stakes.is_empty() => {
                    let (index, stake) = stakes.swap_remove(dice.below(stakes.len() as u64) as usize);
                    let result = world.deposit_stake("eve", &stake, index);
                    match result.is_ok() {
                        true => moved += 1,
                        false => stakes.push((index, stake)),
                    }
                    result.map(drop)
                }
                7 => world.withdraw_stake("eve", (SOL + amount).min(lst), index).map(|stake| {
                    stakes.push((index, stake));
                    eve += rent; // of the account, which the faucet paid
                    moved += 1;
                }),
                _ => world.update_all(),
            };
            assert!(has(&world, &stakes) <= eve);
            assert!(wealth(&world, "ana") >= ana);
        }
        assert!(moved > 10, "{moved} with seed {seed}");
    }
}

/// The same through epochs, with every crank at any time.
#[test]
fn no_sequence_through_epochs_makes_anybody_richer_or_the_others_poorer() {
    for seed in 0..6 {
        assert_nobody_gains(below_one(seed), Dice(seed), 400, 15);
    }
}

/// `eve` tries `steps` random steps of the first `kinds`; what she gives away may come back to her, and no more.
fn assert_nobody_gains(mut world: World, mut dice: Dice, steps: u64, kinds: u64) {
    let (eve, ana) = (wealth(&world, "eve"), wealth(&world, "ana"));
    let mut given = 0;
    for _ in 0..steps {
        let amount = dice.amount();
        let index = dice.below(4) as usize;
        let (lst, lp) = (world.lst_of("eve"), world.lp_of("eve"));
        // What is refused changes nothing.
        let _ = match dice.below(kinds) {
            0 | 1 => world.deposit("eve", amount).map(drop),
            2 => try_order(&mut world, "eve", amount.min(lst)),
            3 => world.liquid_unstake("eve", amount.min(lst)).map(drop),
            4 => world.add_liquidity("eve", amount).map(drop),
            5 => world.remove_liquidity("eve", amount.min(lp)).map(drop),
            6 => world.sync().map(drop),
            7 => world.update_all(),
            8 => {
                let [main, onramp, offramp] = world.validators[index].stakes;
                let keys = world.keys;
                let to = dice.pick(&[keys.reserve, keys.sol_vault, keys.insurance, main, onramp, offramp]);
                given += amount.min(SOL);
                world.give(&to, amount.min(SOL))
            }
            9 => world.claim_due().map(drop),
            10 => world.delegate(index).map(drop),
            11 => world.undelegate(index).map(drop),
            12 => {
                world.to_move_window();
                Ok(())
            }
            13 => {
                slots(&mut world, 1 + dice.below(20));
                Ok(())
            }
            _ => world.run_epoch().map(drop),
        };
        assert!(wealth(&world, "eve") <= eve + given);
        assert!(wealth(&world, "ana") >= ana);
    }
}

/// marinade ReusingDelayedUnstakeTicket: a ticket comes back to life in the transaction that closed it.
#[test]
fn a_ticket_reopened_in_the_transaction_that_paid_it_is_a_new_ticket() {
    const NONCE: u64 = 7;
    let mut world = staked(still(), 100 * SOL);
    world.deposit("eve", 100 * SOL).unwrap();
    let (eve, payer, keys) = (world.user("eve"), world.chain.faucet().pubkey(), world.keys);
    let me = eve.wallet.pubkey();
    let key = pda::ticket(&keys.pool, &me, NONCE).0;
    let order = |lst: u64| keys.order_unstake(&me, &payer, &eve.lst, lst, 0, NONCE);
    let claim = keys.claim_ticket(&key, &me, &payer);
    let refund = solana_system_interface::instruction::transfer(&payer, &key, SOL / 100);

    let ticket = OpenTicket { key, owner: me, rent_payer: payer };
    world.tickets.push(ticket.clone());
    world.send(&[order(10 * SOL)], &[&eve.wallet]).unwrap();
    world.cross_epoch();
    for twice in [
        vec![claim.clone(), claim.clone()],
        vec![claim.clone(), refund.clone(), claim.clone()],
        vec![claim.clone(), refund, order(SOL), claim.clone()],
    ] {
        world.expect_failure(&twice, &[&eve.wallet]);
    }
    world.send(&[claim, order(SOL)], &[&eve.wallet]).unwrap();
    assert_eq!(world.ticket(&ticket).unwrap().units, SOL);
}
