//! What could be borrowed for one transaction, and what it must not buy.

use crate::support::*;

const CAP: u64 = 500 * SOL;

/// Deposit, exit, and the purchase of the same LST leave the liquidity pool as full as it was, and so what the day allows.
#[test]
fn borrowed_sol_does_not_take_the_cap_of_a_day() {
    let config = WorldConfig::default().with_parameters(|p| p.settings.instant_cap_lamports_per_day = CAP);
    let mut world = peopled(config);
    world.add_liquidity("bob", 5_000 * SOL).unwrap();
    world.deposit("ana", 5_000 * SOL).unwrap();
    slots(&mut world, 1);
    let (eve, keys) = (world.user("eve"), world.keys);
    let me = eve.wallet.pubkey();
    let round = [
        keys.deposit(&me, &eve.lst, CAP, 0),
        keys.liquid_unstake(&me, &eve.lst, CAP - SOL, 0),
        keys.deposit(&me, &eve.lst, CAP - 2 * SOL, 0),
    ];
    world.send(&round, &[&eve.wallet]).unwrap();
    world.liquid_unstake("ana", CAP - 2 * SOL).unwrap();
}

/// `eve` exits with 900 SOL where `bob` provides 1,000, with `lent` SOL of her own beside them in that transaction. Gives what
/// she and `bob` gained by it.
fn exit_beside(lent: u64) -> (i128, i128) {
    let mut world = peopled(WorldConfig::default().with_parameters(|p| {
        p.fees.liquid_min = 10;
        p.fees.liquid_max = 300;
    }));
    world.add_liquidity("bob", 1_000 * SOL).unwrap();
    world.deposit("eve", 4_000 * SOL).unwrap();
    slots(&mut world, 1);
    let before = (wealth(&world, "eve"), wealth(&world, "bob"));
    let (eve, keys) = (world.user("eve"), world.keys);
    let me = eve.wallet.pubkey();
    let mut exit = vec![keys.liquid_unstake(&me, &eve.lst, 900 * SOL, 0)];
    if lent > 0 {
        exit.insert(0, keys.add_liquidity(&me, &eve.lp, lent, 0));
    }
    world.send(&exit, &[&eve.wallet]).unwrap();
    if lent > 0 {
        world.remove_liquidity("eve", world.lp_of("eve")).unwrap();
    }
    (gained(before.0, wealth(&world, "eve")), gained(before.1, wealth(&world, "bob")))
}

/// An exit is priced by the liquidity that others provide.
#[test]
fn liquidity_lent_for_the_moment_of_an_exit_does_not_make_it_cheaper() {
    let (alone, beside) = (exit_beside(0), exit_beside(3_000 * SOL));
    assert!(beside.0 <= alone.0, "{beside:?} instead of {alone:?}");
    assert!(beside.1 >= alone.1, "{beside:?} instead of {alone:?}");
}

/// The fees of a slot stay with those who do not leave in it; who does leaves with what he had before.
#[test]
fn a_provider_who_leaves_in_the_slot_of_an_exit_loses_nothing_he_had() {
    /// Of SOL and of LST, at either price.
    const ROUNDING: u64 = 4;
    let mut world = peopled(WorldConfig::default());
    world.add_liquidity("ana", 1_000 * SOL).unwrap();
    world.add_liquidity("bob", 1_000 * SOL).unwrap();
    world.deposit("eve", 2_000 * SOL).unwrap();
    slots(&mut world, 1);
    let before = ["ana", "bob"].map(|name| wealth(&world, name));
    world.liquid_unstake("eve", 1_900 * SOL).unwrap();
    world.remove_liquidity("bob", world.lp_of("bob")).unwrap();
    let after = ["ana", "bob"].map(|name| wealth(&world, name));
    assert!(after[0] > before[0], "{after:?} after {before:?}");
    assert!(after[1] + ROUNDING >= before[1], "bob lost {}", before[1] - after[1]);
    assert!(after[1] <= before[1] + ROUNDING, "bob gained {}", after[1] - before[1]);
}

/// What was lent in a slot is not paid out in it.
#[test]
fn liquidity_lent_for_the_moment_of_an_exit_does_not_make_it_larger() {
    let mut world = peopled(WorldConfig::default());
    world.add_liquidity("bob", 1_000 * SOL).unwrap();
    world.deposit("eve", 4_000 * SOL).unwrap();
    slots(&mut world, 1);
    let (eve, keys) = (world.user("eve"), world.keys);
    let me = eve.wallet.pubkey();
    let exit = [
        keys.add_liquidity(&me, &eve.lp, 3_000 * SOL, 0),
        keys.liquid_unstake(&me, &eve.lst, 1_100 * SOL, 0),
    ];
    let failure = world.expect_failure(&exit, &[&eve.wallet]);
    assert_eq!(failure.custom_error(), Some((1, TidepoolError::InsufficientLiquidity.into())));
}

/// A whale's LST becomes a ticket, the rewards of an epoch are found, and the ticket becomes LST again: all in one
/// transaction if `in_a_ticket`. Gives what the epoch is taken to have gained.
fn gain_found(in_a_ticket: bool) -> u32 {
    const NONCE: u64 = 99;
    let mut world = staked(with_warmup(), 1_000 * SOL);
    world.deposit("eve", 19_000 * SOL).unwrap();
    epochs(&mut world, 4);
    world.work_the_window().unwrap();
    world.cross_epoch();
    let (eve, keys, payer) = (world.user("eve"), world.keys, world.chain.faucet().pubkey());
    let me = eve.wallet.pubkey();
    let mut update = vec![keys.update_validators(&world.batch(0..4))];
    if in_a_ticket {
        let key = pda::ticket(&keys.pool, &me, NONCE).0;
        update.insert(0, keys.order_unstake(&me, &payer, &eve.lst, world.lst_of("eve"), 0, NONCE));
        update.push(keys.cancel_ticket(&key, &me, &payer, &eve.lst, 0));
    }
    world.send(&update, &[&eve.wallet]).unwrap();
    world.pool().gain_ppb
}

/// What an epoch gained is a part of all that earned it: LST in a ticket for a moment does not make it look more, and comers
/// do not pay more.
#[test]
fn borrowed_lst_in_a_ticket_around_the_update_does_not_raise_what_comers_pay() {
    let (fair, pushed) = (gain_found(false), gain_found(true));
    assert!(fair > 0);
    // Each of four validators' gains is rounded up.
    assert!(pushed <= fair + 4, "{pushed} instead of {fair}");
}
