//! Rounding and arithmetic.

use {
    crate::stage::{self, Wishes},
    tidepool_tests::prelude::*,
};

const AWKWARD: [u64; 6] = [2, 3, 7, 1_000, 999_983, 1_234_567_891];

/// Neodyme SPL 2022-12, `spl#3804`: 3 lamports in, 4 out.
#[test]
fn a_round_trip_never_pays_whatever_its_parts() {
    for per_mille in [1_000, 1_370, 2_999] {
        let mut world = stage::at_rate(per_mille);
        for lamports in AWKWARD {
            for parts in [1, 2, 3] {
                let before = world.lst_of("ana");
                let deposit = world.wish_deposit("ana", lamports, 0);
                if world.send(&[deposit], &[&world.user("ana").wallet]).is_err() {
                    continue; // worth less than a share
                }
                let lst = world.lst_of("ana") - before;
                let mut back = 0;
                for part in 0..parts {
                    let amount = if part == 0 { lst - lst / parts * (parts - 1) } else { lst / parts };
                    let ordered = if amount > 0 { world.order_unstake("ana", amount).ok() } else { None };
                    back += ordered.map_or(0, |ticket| world.ticket(&ticket).unwrap().lamports);
                }
                assert!(back <= lamports, "{back} of {lamports} in {parts} parts at {per_mille}");
            }
        }
    }
}

/// `spl#6153`, `spl#2218`, INF OS-SCT-SUG-00: small amounts paid no fee.
#[test]
fn no_amount_is_too_small_for_a_fee() {
    let mut world = stage::earning();
    let mut minting = stage::minting();
    for amount in [1, 2, 3, 10, 99, 333, 1_000, 9_999, 10_000, 10_001] {
        match minting.deposit("ana", amount) {
            Ok(outcome) => {
                assert!(told::<events::Deposited>(&outcome)[0].fee_shares > 0, "deposit of {amount}")
            }
            Err(refused) => {
                assert_eq!(refused.custom_error_code(), Some(TidepoolError::AmountTooSmall.into()))
            }
        }
        match world.liquid_unstake("ana", amount) {
            Ok(outcome) => {
                assert!(told::<events::LiquidUnstaked>(&outcome)[0].fee_lamports > 0, "exit of {amount}")
            }
            Err(refused) => {
                assert_eq!(refused.custom_error_code(), Some(TidepoolError::AmountTooSmall.into()))
            }
        }
        match world.send_order("ana", amount) {
            Ok(outcome) => {
                assert!(told::<events::UnstakeOrdered>(&outcome)[0].fee_shares > 0, "order of {amount}")
            }
            Err(refused) => {
                assert_eq!(refused.custom_error_code(), Some(TidepoolError::AmountTooSmall.into()))
            }
        }
    }
}

/// `spl#2251`: an exit worth less than a lamport failed by a division error, or burned tokens for nothing.
#[test]
fn a_single_unit_is_paid_for_or_refused_by_name() {
    for world in [stage::at_rate(1_900), stage::below_one()] {
        let ana = world.user("ana").wallet;
        let paths = [
            world.wish_deposit("ana", 1, 0),
            world.wish_order("ana", 1, 0),
            world.wish_liquid("ana", 1, 0),
            world.wish_add("ana", 1, 0),
            world.wish_remove("ana", 1, 0, 0),
        ];
        for path in paths {
            let holdings = |world: &World| (world.sol_of("ana"), world.lst_of("ana"), world.lp_of("ana"));
            let before = holdings(&world);
            match world.chain.send(std::slice::from_ref(&path), &[world.chain.faucet(), &ana]) {
                Ok(outcome) => {
                    let (sol, lst, lp) = holdings(&world);
                    let ordered =
                        told::<events::UnstakeOrdered>(&outcome).iter().any(|order| order.lamports > 0);
                    assert!(
                        ordered || sol > before.0 || lst > before.1 || lp > before.2,
                        "something for something"
                    );
                }
                Err(_) => drop(world.expect_refusal(&path, &[&ana], TidepoolError::AmountTooSmall)),
            }
        }
    }
}

/// Adevar Labs (a fork of SPL): two conversions in one path burned more than was paid for.
#[test]
fn what_is_burned_is_worth_what_is_paid_within_one_unit() {
    for per_mille in [1_000, 1_370, 2_999] {
        let mut world = stage::at_rate(per_mille);
        for lst in AWKWARD {
            let Rate { value: Lamports(value), supply: Shares(supply) } = world.rate();
            let (value, supply) = (u128::from(value), u128::from(supply));
            let ticket = world.order_unstake("ana", lst).unwrap();
            let paid = u128::from(world.ticket(&ticket).unwrap().lamports);
            let burned = u128::from(lst) * value;
            assert!(burned >= paid * supply && burned < paid * supply + supply, "{lst} at {per_mille}");
        }
    }
}

/// `spl#1352`: lamports were passed where tokens were meant.
#[test]
fn lamports_and_lst_are_not_mixed_up() {
    let mut world = stage::at_rate(2_000);
    let (lst, lp) = (world.lst_of("ana"), world.lp_of("ana"));
    world.deposit("ana", 10 * SOL).unwrap();
    assert_eq!(world.lst_of("ana"), lst + 5 * SOL);
    let ticket = world.order_unstake("ana", 5 * SOL).unwrap();
    assert_eq!(world.ticket(&ticket).unwrap().lamports, 10 * SOL);
    let sol = world.sol_of("ana");
    world.liquid_unstake("ana", 5 * SOL).unwrap();
    assert_eq!(world.sol_of("ana"), sol + 10 * SOL);
    // The pool holds 5 LST worth 10 SOL in the place of 10 SOL now: a share is worth what it was.
    world.add_liquidity("ana", 10 * SOL).unwrap();
    assert_eq!(world.lp_of("ana"), lp + 10 * SOL);
}

/// Neodyme SPL 2022-12, `spl#3839`: one token was worth more than the lamports above a minimum, so all exits closed.
#[test]
fn at_a_rate_of_five_a_validator_just_above_the_minimum_can_be_left() {
    let config = WorldConfig::default().without_fees().with_validators(vec![ValidatorConfig::default()]);
    let mut world = stage::young(config);
    world.deposit("ana", 400_000_000).unwrap();
    stage::gift(&mut world, 2_000_000_000);
    stage::slots(&mut world, 64);
    assert_eq!(world.rate(), Rate { value: Lamports(5), supply: Shares(1) });
    world.run_epoch().unwrap();
    let staked = world.chain.delegation(&world.validators[0].stake(StakeRole::Main)).unwrap().stake;
    // Slashed to a lamport above the minimum, what is left is worth five times its LST again after a gift.
    world.slash(0, staked - SOL - 1).unwrap();
    world.update([0]).unwrap();
    let missing = 5 * world.pool().lst_supply - world.pool().value_floor - world.pool().withheld;
    stage::gift(&mut world, missing);
    stage::slots(&mut world, 40);

    let lst = world.lst_of("ana");
    let ticket = world.order_unstake("ana", lst).unwrap();
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    assert!(world.ticket(&ticket).is_none(), "the ticket is paid");
}
