//! A preview is what the instruction does in the same slot, to the unit, and refuses what it refuses.

use {
    crate::stage::{ask, code, earning, header, liquidity_header, next_slot, patch, try_ask, young, Dice},
    anchor_lang::AnchorDeserialize,
    tidepool_client::{
        events::*, DepositPreview, LiquidUnstakePreview, OrderPreview, PoolFees, PoolSettings,
    },
    tidepool_interface::header::{offset, Function},
    tidepool_localnet::world::User,
    tidepool_tests::prelude::*,
};

fn deposit(world: &World, user: &User, lamports: u64, min: u64) -> Instruction {
    world.keys.deposit(&user.wallet.pubkey(), &user.lst, lamports, min)
}

fn exit(world: &World, user: &User, lst: u64, min: u64) -> Instruction {
    world.keys.liquid_unstake(&user.wallet.pubkey(), &user.lst, lst, min)
}

/// Nonce of orders that are sent here; those the world makes itself count from 0.
const NONCE: u64 = 1 << 40;

fn order(world: &World, user: &User, lst: u64, min: u64) -> Instruction {
    let payer = world.chain.faucet().pubkey();
    world.keys.order_unstake(&user.wallet.pubkey(), &payer, &user.lst, lst, min, NONCE)
}

/// Both are refused, and for the same reason; or neither is.
fn agree<T: AnchorDeserialize>(
    world: &World,
    preview: &Instruction,
    instruction: &Instruction,
    user: &User,
) -> Option<T> {
    match (
        try_ask(world, preview),
        world.chain.simulate(std::slice::from_ref(instruction), &user.wallet.pubkey()),
    ) {
        (Ok(told), Ok(_)) => Some(told),
        (Err(told), Err(failure)) => {
            assert_eq!(code(&told), code(&failure), "{told}\n{failure}");
            None
        }
        (Ok(_), Err(failure)) => panic!("the preview knows nothing of {failure}"),
        (Err(failure), Ok(_)) => panic!("only the preview says {failure}"),
    }
}

/// Compares the preview of a deposit with the quote of the interface and with the deposit itself, if it is taken.
fn deposit_as_previewed(world: &mut World, lamports: u64) {
    let user = world.user("ana");
    let preview = world.keys.preview_deposit(lamports);
    let Some(told) = agree::<DepositPreview>(world, &preview, &deposit(world, &user, lamports, 0), &user)
    else {
        return;
    };
    let (slot, epoch) = (world.chain.slot(), world.chain.epoch());
    let for_sale = liquidity_header(world).lst;
    let quote = header(world).quote_deposit(slot, epoch, Lamports(lamports), for_sale).unwrap();
    let quoted = (quote.shares().unwrap().0, quote.bought.0, quote.paid.0, quote.minted.fee_shares.0);
    assert_eq!((told.lst_amount, told.lst_bought, told.lamports_to_liquidity, told.fee_shares), quoted);

    // Arena#197, #227: the minimum was compared with what came out before the fees.
    let greedy = deposit(world, &user, lamports, told.lst_amount + 1);
    world.expect_refusal(&greedy, &[&user.wallet], TidepoolError::BelowMinimumOut);
    let before = world.lst_of("ana");
    let exact = deposit(world, &user, lamports, told.lst_amount);
    let outcome = world.send(&[exact], &[&user.wallet]).unwrap();
    let event = &told_of::<Deposited>(&outcome);
    assert_eq!(world.lst_of("ana") - before, told.lst_amount);
    assert_eq!(event.lst_minted + event.lst_bought, told.lst_amount);
    assert_eq!(
        (event.lst_bought, event.lamports_to_liquidity, event.fee_shares),
        (quoted.1, quoted.2, quoted.3)
    );
}

fn exit_as_previewed(world: &mut World, lst: u64) {
    let user = world.user("ana");
    if lst > world.lst_of("ana") {
        return; // a preview does not know whose LST it is
    }
    let preview = world.keys.preview_liquid_unstake(lst);
    let Some(told) = agree::<LiquidUnstakePreview>(world, &preview, &exit(world, &user, lst, 0), &user)
    else {
        return;
    };
    let (slot, epoch) = (world.chain.slot(), world.chain.epoch());
    let quote =
        liquidity_header(world).quote_liquid_unstake(&header(world), slot, epoch, Shares(lst)).unwrap();
    assert_eq!((told.lamports, told.fee_lamports), (quote.net.0, quote.fee.0));

    let greedy = exit(world, &user, lst, told.lamports + 1);
    world.expect_refusal(&greedy, &[&user.wallet], TidepoolError::BelowMinimumOut);
    let before = world.sol_of("ana");
    let exact = exit(world, &user, lst, told.lamports);
    let outcome = world.send(&[exact], &[&user.wallet]).unwrap();
    let event = told_of::<LiquidUnstaked>(&outcome);
    assert_eq!(world.sol_of("ana") - before, told.lamports);
    assert_eq!((event.fee_lamports, event.treasury_shares), (told.fee_lamports, quote.treasury_shares.0));
}

fn order_as_previewed(world: &mut World, lst: u64) {
    let user = world.user("ana");
    if lst > world.lst_of("ana") {
        return;
    }
    let preview = world.keys.preview_order_unstake(lst);
    let payer = user.clone();
    let simulated =
        world.keys.order_unstake(&user.wallet.pubkey(), &payer.wallet.pubkey(), &user.lst, lst, 0, NONCE);
    let Some(told) = agree::<OrderPreview>(world, &preview, &simulated, &user) else { return };
    let (slot, epoch) = (world.chain.slot(), world.chain.epoch());
    let quote = header(world).quote_order(slot, epoch, Shares(lst)).unwrap();
    assert_eq!((told.lamports, told.fee_shares), (quote.lamports.0, quote.fee_shares.0));
    assert_eq!(told.claimable_epoch, epoch + 1);

    let greedy = order(world, &user, lst, told.lamports + 1);
    world.expect_refusal(&greedy, &[&user.wallet], TidepoolError::BelowMinimumOut);
    let outcome = world.send_order("ana", lst).unwrap();
    let event = told_of::<UnstakeOrdered>(&outcome);
    assert_eq!((event.lamports, event.fee_shares), (told.lamports, told.fee_shares));
    assert_eq!(event.claimable_epoch, told.claimable_epoch);
}

fn told_of<E: anchor_lang::Event + AnchorDeserialize>(outcome: &Outcome) -> E {
    told::<E>(outcome).remove(0)
}

/// Amounts of every size: what rounds to nothing, what is usual, what is too much.
fn any_amount(dice: &mut Dice) -> u64 {
    match dice.below(6) {
        0 => dice.below(4),
        1 => dice.below(10_000),
        2 => dice.below(200 * SOL),
        _ => dice.below(20 * SOL),
    }
}

/// Fees, limits and pauses as an admin may come to set them.
fn change_the_rules(world: &mut World, dice: &mut Dice) {
    let mut any = |most: u64| dice.below(most + 1) as u16;
    let liquid_max = any(1_000);
    let fees = PoolFees {
        reward: any(2_000),
        deposit: any(50),
        ticket: any(50),
        liquid_max,
        liquid_min: any(u64::from(liquid_max)),
        liquid_treasury_share: any(7_500),
        warmup: any(10_000),
        ..world.fees()
    };
    world.set_fees(fees).unwrap();
    let value = world.pool().value_floor;
    let settings = PoolSettings {
        min_deposit_lamports: [0, 0, SOL / 1_000][dice.below(3) as usize],
        deposit_cap_lamports: [0, 0, value + value / 8][dice.below(3) as usize],
        instant_cap_lamports_per_day: [0, 0, 10 * SOL][dice.below(3) as usize],
        liquidity_target_lamports: dice.below(2_000 * SOL),
        ..world.settings()
    };
    world.set_parameters(settings).unwrap();
    match dice.below(8) {
        0 => drop(world.pause(Function::Deposit.bit()).unwrap()),
        1 => drop(world.pause(Function::LiquidUnstake.bit()).unwrap()),
        _ => drop(world.resume(Function::MASK).unwrap()),
    }
}

/// `spl#2900`, `spl#2445`, `spl#2513`: clients wrote the rules again and took quotes from the wrong lamports.
#[test]
fn previews_and_quotes_are_what_is_executed_to_the_unit_in_random_states() {
    let mut executed = [0; 3];
    for seed in 0..10 {
        let mut dice = Dice(seed);
        let mut world = earning(WorldConfig::default().with_seed(seed));
        for _ in 0..45 {
            let amount = any_amount(&mut dice);
            let before = world.pool();
            let kind = dice.below(3) as usize;
            [deposit_as_previewed, exit_as_previewed, order_as_previewed][kind](&mut world, amount);
            executed[kind] += usize::from(
                world.pool().lst_supply != before.lst_supply
                    || world.pool().instant_used != before.instant_used,
            );
            match dice.below(12) {
                0 => change_the_rules(&mut world, &mut dice),
                1 => {
                    let reserve = world.keys.reserve;
                    world.give(&reserve, 1 + dice.below(5 * SOL)).unwrap();
                    world.sync().unwrap();
                }
                2 => drop(world.add_liquidity("bob", 1 + dice.below(50 * SOL))),
                3 if !world.chain.rewards_active() => drop(world.run_epoch().unwrap()),
                4 => {
                    let _ = world.slash(dice.below(4) as usize, dice.below(SOL));
                    world.update_all().unwrap();
                }
                _ => (0..dice.below(12)).for_each(|_| next_slot(&mut world)),
            }
        }
    }
    assert!(executed[0] > 40 && executed[2] > 40, "{executed:?}");
}

/// Each reason for which the pool itself refuses, by the preview as by the instruction.
#[test]
fn previews_refuse_as_the_instructions_do() {
    use TidepoolError::*;
    let mut world = earning(WorldConfig::default());
    let ana = world.user("ana");
    let settings = world.settings();
    let refused = |world: &World, preview: Instruction, instruction: Instruction, refusal: TidepoolError| {
        assert!(agree::<u8>(world, &preview, &instruction, &ana).is_none());
        let failure = try_ask::<u8>(world, &preview).unwrap_err();
        assert_eq!(code(&failure), u32::from(refusal), "{refusal:?} was expected: {failure}");
    };
    let deposits = |world: &World, lamports: u64, refusal| {
        refused(world, world.keys.preview_deposit(lamports), deposit(world, &ana, lamports, 0), refusal);
    };
    let exits = |world: &World, lst: u64, refusal| {
        refused(world, world.keys.preview_liquid_unstake(lst), exit(world, &ana, lst, 0), refusal);
    };
    deposits(&world, 0, ZeroAmount);
    deposits(&world, 1, AmountTooSmall);
    deposits(&world, u64::MAX, AmountTooLarge);
    exits(&world, 0, ZeroAmount);
    exits(&world, 1, AmountTooSmall);
    exits(&world, 400 * SOL, InsufficientLiquidity);
    let orders = |lst| {
        let (payer, keys) = (ana.wallet.pubkey(), world.keys);
        (keys.preview_order_unstake(lst), keys.order_unstake(&payer, &payer, &ana.lst, lst, 0, NONCE))
    };
    for (lst, refusal) in [(0, ZeroAmount), (1, AmountTooSmall)] {
        let (preview, order) = orders(lst);
        refused(&world, preview, order, refusal);
    }
    // More than there is: for want of LST in the one, of LST in ana's account in the other; both named alike.
    let (preview, order) = orders(u64::MAX);
    refused(&world, preview, order, InsufficientBalance);

    world.set_parameters(PoolSettings { min_deposit_lamports: SOL, ..settings }).unwrap();
    deposits(&world, SOL - 1, BelowMinimumDeposit);
    let room = world.rate().value.0 + header(&world).stream.unreleased.0 + SOL;
    world.set_parameters(PoolSettings { deposit_cap_lamports: room, ..settings }).unwrap();
    deposits(&world, 100 * SOL, DepositCapReached);
    world.set_parameters(PoolSettings { instant_cap_lamports_per_day: SOL, ..settings }).unwrap();
    exits(&world, 2 * SOL, InstantCapReached);
    world.pause(Function::MASK).unwrap();
    deposits(&world, SOL, Paused);
    exits(&world, SOL, Paused);
}

/// What is bought from the liquidity pool is previewed with the rest: none, a part, all of a deposit.
#[test]
fn a_deposit_that_buys_first_is_previewed_as_it_is_filled() {
    let mut world = earning(WorldConfig::default());
    let for_sale = world.liquidity().lst_amount;
    assert!(for_sale > 10 * SOL);
    let ask_for =
        |world: &World, lamports| -> DepositPreview { ask(world, &world.keys.preview_deposit(lamports)) };
    let small = ask_for(&world, SOL);
    assert_eq!((small.lst_bought, small.lamports_to_liquidity, small.fee_shares), (small.lst_amount, SOL, 0));
    let large = ask_for(&world, 100 * SOL);
    assert_eq!(large.lst_bought, for_sale);
    assert!(large.fee_shares > 0 && large.lamports_to_liquidity < 100 * SOL);
    deposit_as_previewed(&mut world, SOL);
    deposit_as_previewed(&mut world, 100 * SOL);
    assert_eq!(world.liquidity().lst_amount, 0);
    assert_eq!(ask_for(&world, SOL).lst_bought, 0);
    deposit_as_previewed(&mut world, SOL);
}

/// An integrator who quotes the warm-up charge and the announced fees of a coming epoch from the header alone is right.
#[test]
fn a_header_quotes_a_coming_epoch() {
    let mut world = earning(WorldConfig::default());
    world.sync().unwrap();
    let epoch = world.chain.epoch() + 2;
    world.set_fees(PoolFees { warmup: 10_000, deposit: 50, ticket: 50, ..world.fees() }).unwrap();
    let early = header(&world);
    while world.chain.epoch() < epoch {
        next_slot(&mut world);
    }
    // Nobody has touched the pool since.
    assert_eq!(header(&world), early);
    let slot = world.chain.slot();
    let lamports = 400 * SOL;
    let charged = early.entry_rate_at(slot, epoch).unwrap();
    assert!(charged > early.entry_rate_at(slot, epoch - 1).unwrap(), "the warm-up is charged");
    let for_sale = liquidity_header(&world).lst;
    let quote = early.quote_deposit(slot, epoch, Lamports(lamports), for_sale).unwrap();
    assert_eq!(
        quote.minted.fee_shares.0,
        Bps(50).of_ceil(charged.shares_floor(quote.minted.lamports).unwrap().0)
    );
    deposit_as_previewed(&mut world, lamports);
    order_as_previewed(&mut world, 50 * SOL);
}

/// Books at the ends of what 64 bits hold: a preview gives a result or the named error.
#[test]
fn previews_of_absurd_pools_give_a_result_or_a_named_error() {
    let books = [(u64::MAX, u64::MAX), (u64::MAX, 1), (1, u64::MAX), (0, u64::MAX), (u64::MAX, 0), (0, 0)];
    for (supply, value) in books {
        let world = young(WorldConfig::default());
        patch(&world, &world.keys.pool, |pool| {
            pool.data[offset::LST_SUPPLY..][..8].copy_from_slice(&supply.to_le_bytes());
            pool.data[offset::VALUE_FLOOR..][..8].copy_from_slice(&value.to_le_bytes());
        });
        let keys = world.keys;
        for amount in [0, 1, SOL, u64::MAX] {
            let views = [
                keys.preview_deposit(amount),
                keys.preview_liquid_unstake(amount),
                keys.preview_order_unstake(amount),
                keys.get_rate(),
                keys.get_safety(),
                keys.get_apy(amount as u16),
            ];
            for view in views {
                if let Err(failure) = world.chain.simulate(&[view], &world.chain.faucet().pubkey()) {
                    assert!(code(&failure) >= 6_000, "supply {supply}, value {value}: {failure}");
                }
            }
        }
    }
}
