//! The rate, by the view, by another program's call, and from the account's bytes.

use {
    crate::stage::{ask, earning, header, liquidity_header, next_slot, patch, slots, try_ask, Dice},
    anchor_lang::Discriminator,
    tidepool::instruction,
    tidepool_client::{
        events::*, ApyView, DepositPreview, LiquidUnstakePreview, OrderPreview, RateView, SafetyView,
    },
    tidepool_interface::views,
    tidepool_tests::{
        neighbour::{self, rate_reading, read_rate},
        prelude::*,
    },
};

/// Asserts that all ways of reading the rate agree, and that it lies between the floor and what is executed; gives it.
fn read(world: &mut World) -> Rate {
    let (pool, slot) = (world.keys.pool, world.chain.slot());
    let told: RateView = ask(world, &world.keys.get_rate());
    let rate = Rate { value: Lamports(told.value), supply: Shares(told.lst_supply) };
    let header = header(world);
    let seen = header.rate_at(slot);
    let exact = |rate: &Rate| (rate.value, rate.supply);
    assert_eq!((exact(&seen), told.slot), (exact(&rate), slot));
    assert_eq!(told.withheld, header.stream.unreleased.0 - header.stream.due(slot).0);

    // As a lender's program asks and reads.
    let outcome = world.send(&[read_rate(&pool)], &[]).unwrap();
    let reading = rate_reading(&outcome);
    assert_eq!((exact(&reading.told), exact(&reading.seen)), (exact(&rate), exact(&rate)));
    let outcome = world.send(&[world.keys.get_rate()], &[]).unwrap();
    let view = views::RateView::parse(&outcome.return_data.unwrap()).unwrap();
    assert_eq!((exact(&view.rate), view.withheld.0, view.slot), (exact(&rate), told.withheld, slot));

    // marinade state/mod.rs: a price "for display only" that integrators were told to read.
    assert!(header.rate_floor() <= rate);
    let order: OrderPreview = ask(world, &world.keys.preview_order_unstake(rate.supply.0 / 2));
    let executed = quote_order(&rate, Shares(rate.supply.0 / 2), header.fees_at(world.chain.epoch()).ticket);
    assert_eq!(order.lamports, executed.unwrap().lamports.0);
    assert!(rate <= header.entry_rate_at(slot, world.chain.epoch()).unwrap());
    rate
}

/// The pool pays and takes at the rate that was read in this slot.
fn executes_at(world: &mut World, rate: &Rate, lst: u64) {
    let fee = header(world).fees_at(world.chain.epoch()).ticket;
    let expected = quote_order(rate, Shares(lst), fee).unwrap().lamports.0;
    let outcome = world.send_order("ana", lst).unwrap();
    let ordered = &told::<UnstakeOrdered>(&outcome)[0];
    assert_eq!(ordered.lamports, expected);
}

fn beside_a_neighbour() -> World {
    earning(neighbour::beside(WorldConfig::default()))
}

#[test]
fn in_every_slot_of_an_epoch_all_ways_of_reading_the_rate_agree() {
    let mut world = beside_a_neighbour();
    next_epoch(&mut world);
    let epoch = world.chain.epoch();
    let first = read(&mut world);
    let mut last = first;
    while world.chain.epoch() < epoch + 1 || world.chain.rewards_active() {
        let slot = world.chain.slot();
        let rate = read(&mut world);
        assert!(rate >= last, "it never falls: {last:?} {rate:?}");
        // Some act between the readings; in two of three slots nobody does.
        if slot.is_multiple_of(3) {
            world.deposit("bob", SOL + slot).unwrap();
            read(&mut world);
            executes_at(&mut world, &rate, 12_345_678 + slot);
            read(&mut world);
        }
        if slot % 16 == 7 && !world.chain.rewards_active() {
            world.update([slot as usize / 16 % 4]).unwrap();
            read(&mut world);
            world.sync().unwrap();
            read(&mut world);
        }
        last = rate;
        next_slot(&mut world);
    }
    assert!(last > first, "rewards were released");
}

fn next_epoch(world: &mut World) {
    let epoch = world.chain.epoch();
    while world.chain.epoch() == epoch {
        next_slot(world);
    }
}

/// marinade state/mod.rs: at every step of random runs, floor ≤ `get_rate` ≤ executed rate.
#[test]
fn at_every_step_of_random_runs_the_rate_lies_between_its_floor_and_what_is_executed() {
    for seed in 0..6 {
        let mut dice = Dice(seed);
        let mut world = beside_a_neighbour();
        for _ in 0..40 {
            let amount = SOL / 10 + dice.below(40 * SOL);
            let reserve = world.keys.reserve;
            // What is refused, for want of liquidity or in the payout of rewards, leaves the rate alone.
            let _ = match dice.below(9) {
                0 => world.deposit("bob", amount).map(drop),
                1 => world.liquid_unstake("ana", amount / 10).map(drop),
                2 => world.add_liquidity("cat", amount).map(drop),
                3 => world.give(&reserve, amount / 100),
                4 => world.sync().map(drop),
                5 if !world.chain.rewards_active() => world.run_epoch().map(drop),
                6 => world.update([dice.below(4) as usize]).map(drop),
                7 => {
                    let _ = world.slash(dice.below(4) as usize, 1 + dice.below(SOL / 100));
                    Ok(())
                }
                _ => {
                    let count = 1 + dice.below(20);
                    (0..count).for_each(|_| next_slot(&mut world));
                    Ok(())
                }
            };
            let rate = read(&mut world);
            executes_at(&mut world, &rate, 1_000_000 + dice.below(SOL / 10));
        }
    }
}

/// A lender that saw the floor once is never ahead of the pool.
#[test]
fn the_floor_of_any_earlier_moment_holds_until_a_loss() {
    let mut world = beside_a_neighbour();
    let mut floors = vec![];
    for _ in 0..3 {
        floors.push(header(&world).rate_floor());
        world.deposit("bob", 7 * SOL).unwrap();
        slots(&mut world, 3);
        let rate = read(&mut world);
        assert!(floors.iter().all(|floor| *floor <= rate));
        world.run_epoch().unwrap();
    }
}

#[test]
fn the_published_discriminators_are_the_programs() {
    assert_eq!(views::GET_RATE, instruction::GetRate::DISCRIMINATOR);
    assert_eq!(views::PREVIEW_DEPOSIT, instruction::PreviewDeposit::DISCRIMINATOR);
    assert_eq!(views::PREVIEW_LIQUID_UNSTAKE, instruction::PreviewLiquidUnstake::DISCRIMINATOR);
    assert_eq!(views::PREVIEW_ORDER_UNSTAKE, instruction::PreviewOrderUnstake::DISCRIMINATOR);
    assert_eq!(views::GET_APY, instruction::GetApy::DISCRIMINATOR);
    assert_eq!(views::GET_SAFETY, instruction::GetSafety::DISCRIMINATOR);
}

#[test]
fn bytes_that_are_no_rate_are_none() {
    let world = earning(WorldConfig::default());
    let outcome = world.chain.simulate(&[world.keys.get_rate()], &world.chain.faucet().pubkey()).unwrap();
    let data = outcome.return_data.unwrap();
    assert!(views::RateView::parse(&data).is_some());
    assert_eq!(views::RateView::parse(&[data.clone(), vec![0]].concat()), None);
    assert_eq!(views::RateView::parse(&[]), None);
    assert_eq!(views::RateView::parse(&answer(&world, world.keys.preview_order_unstake(SOL))), None);
}

fn answer(world: &World, view: Instruction) -> Vec<u8> {
    world.chain.simulate(&[view], &world.chain.faucet().pubkey()).unwrap().return_data.unwrap()
}

/// Without Anchor, as a program or an oracle reads them.
#[test]
fn every_answer_is_read_from_its_bytes() {
    let mut world = earning(WorldConfig::default());
    world.run_epoch().unwrap();
    let keys = world.keys;

    let told: DepositPreview = ask(&world, &keys.preview_deposit(3 * SOL));
    let read = views::DepositPreview::parse(&answer(&world, keys.preview_deposit(3 * SOL))).unwrap();
    assert_eq!(
        [told.lst_amount, told.lst_bought, told.fee_shares],
        [read.lst, read.bought, read.fee].map(|s| s.0)
    );
    assert_eq!(told.lamports_to_liquidity, read.to_liquidity.0);

    let told: LiquidUnstakePreview = ask(&world, &keys.preview_liquid_unstake(SOL));
    let read = views::LiquidUnstakePreview::parse(&answer(&world, keys.preview_liquid_unstake(SOL))).unwrap();
    assert_eq!([told.lamports, told.fee_lamports], [read.lamports, read.fee].map(|lamports| lamports.0));

    let told: OrderPreview = ask(&world, &keys.preview_order_unstake(SOL));
    let read = views::OrderPreview::parse(&answer(&world, keys.preview_order_unstake(SOL))).unwrap();
    let expected = (told.lamports, told.fee_shares, told.claimable_epoch);
    assert_eq!((read.lamports.0, read.fee.0, read.claimable_epoch), expected);

    let told: ApyView = ask(&world, &keys.get_apy(7));
    let read = views::ApyView::parse(&answer(&world, keys.get_apy(7))).unwrap();
    let expected = (told.apy_ppm, told.from_timestamp, told.to_timestamp);
    assert_eq!((read.apy_ppm, read.from_timestamp, read.to_timestamp), expected);
    assert!(read.apy_ppm > 0);

    let told: SafetyView = ask(&world, &keys.get_safety());
    let read = views::SafetyView::parse(&answer(&world, keys.get_safety())).unwrap();
    let expected = [told.insurance_lamports, told.withheld_lamports, told.bond_lamports];
    assert_eq!([read.insurance, read.withheld, read.bonds].map(|lamports| lamports.0), expected);
    assert_eq!(read.bps_of_value, told.bps_of_value);
}

/// Views ask for no signature and no writable account; they change nothing, whoever sends them.
#[test]
fn views_write_nothing_and_are_anybodys_to_ask() {
    let mut world = earning(WorldConfig::default());
    let views = [
        world.keys.get_rate(),
        world.keys.preview_deposit(SOL),
        world.keys.preview_liquid_unstake(SOL),
        world.keys.preview_order_unstake(SOL),
        world.keys.get_apy(7),
        world.keys.get_safety(),
    ];
    for view in &views {
        assert!(view.accounts.iter().all(|meta| !meta.is_signer && !meta.is_writable));
        world.expect_change(view, &[], |_| ());
        let before = world.snapshot(std::slice::from_ref(view));
        world.chain.simulate(std::slice::from_ref(view), &world.user("cat").wallet.pubkey()).unwrap();
        assert!(world.snapshot(std::slice::from_ref(view)) == before, "a simulation costs nothing either");
    }
}

#[test]
fn views_read_the_accounts_of_their_pool_alone() {
    let world = earning(WorldConfig::default());
    let other = OtherPool::beside(&world);
    let keys = world.keys;
    let refused = |view: Instruction, refusal: u32| {
        let failure = try_ask::<u8>(&world, &view).unwrap_err();
        assert_eq!(failure.custom_error_code(), Some(refusal), "{failure}");
    };
    let liquidity = u32::from(TidepoolError::WrongLiquidity);
    refused(keys.preview_deposit(SOL).with(&keys.liquidity, &other.keys.liquidity), liquidity);
    refused(keys.preview_liquid_unstake(SOL).with(&keys.liquidity, &other.keys.liquidity), liquidity);
    let history = u32::from(TidepoolError::WrongHistory);
    refused(keys.get_apy(7).with(&keys.history, &other.keys.history), history);
    for view in [keys.get_rate(), keys.get_safety(), keys.preview_order_unstake(SOL)] {
        let impostors = [
            (keys.liquidity, AnchorError::AccountDiscriminatorMismatch),
            (world.validators[0].page, AnchorError::AccountDiscriminatorMismatch),
            (keys.lst_mint, AnchorError::AccountOwnedByWrongProgram),
            (keys.reserve, AnchorError::AccountOwnedByWrongProgram),
        ];
        for (impostor, refusal) in impostors {
            refused(view.clone().with(&keys.pool, &impostor), refusal.into());
        }
    }
    // A pool of the same bytes that the program does not own.
    let fake = Pubkey::new_unique();
    let real = world.account(&keys.pool).unwrap();
    patch(&world, &fake, |account| *account = Account { owner: cluster::TOKEN_PROGRAM, ..real });
    let owned_by_another = AnchorError::AccountOwnedByWrongProgram.into();
    refused(keys.get_rate().with(&keys.pool, &fake), owned_by_another);
    let _: (ApyView, SafetyView) = (ask(&world, &keys.get_apy(7)), ask(&world, &keys.get_safety()));
    assert_eq!(liquidity_header(&world).lp_supply.0, world.liquidity().lp_supply);
}
