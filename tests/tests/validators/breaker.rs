//! The breaker: a gain or loss beyond what a pool thinks possible shuts what a wrong rate could be used for.

use {
    crate::{bonding::state, support::*},
    tidepool_interface::{
        header::{Function, BREAKER},
        limits::BREAKER_EPOCHS,
        PoolHeader,
    },
    tidepool_tests::prelude::*,
};

const BREAKER_BPS: u16 = 100;

/// A pool with two validators, without rewards or fees, whose breaker opens beyond 1 % of what holders and tickets have. Ana has liquidity and a
/// stake account with validator 0 that is active.
fn guarded() -> (World, Pubkey) {
    let config = WorldConfig::default().with_validators(usual(2)).with_chain(|chain| chain.inflation = 0.0);
    let guardian = tidepool_localnet::derive_keypair(config.chain.seed, "guardian");
    let mut world = judging_with(config.with_parameters(|p| p.guardian = guardian.pubkey()));
    world.chain.wallet("guardian", SOL).unwrap();
    world.add_liquidity("ana", 100 * SOL).unwrap();
    let stake = world.add_stake("ana", 0, 10 * SOL).unwrap();
    let mut settings = world.settings();
    settings.breaker_bps = BREAKER_BPS;
    world.set_parameters(settings).unwrap();
    to_next_epoch(&mut world);
    (world, stake)
}

fn guardian(world: &World) -> Keypair {
    world.chain.keypair("guardian")
}

/// The largest gain or loss that it lets pass now.
fn limit(world: &World) -> u64 {
    let pool = world.pool();
    (pool.value_floor + pool.withheld + pool.queue().liabilities().unwrap().0) / 100
}

fn is_open(world: &World) -> bool {
    world.pool().pause_flags & BREAKER != 0
}

fn gain(world: &mut World, index: usize, lamports: u64) {
    let main = world.validators[index].stake(StakeRole::Main);
    world.give(&main, lamports).unwrap();
    world.update([index]).unwrap();
}

fn lose(world: &mut World, index: usize, lamports: u64) {
    world.slash(index, lamports).unwrap();
    world.update([index]).unwrap();
}

fn pause(world: &mut World, by: &Keypair, bits: u8) {
    world.send(&[world.keys.pause(&by.pubkey(), bits)], &[by]).unwrap();
}

fn resume(world: &mut World, by: &Keypair, bits: u8) {
    world.send(&[world.keys.resume(&by.pubkey(), bits)], &[by]).unwrap();
}

fn tripped() -> (World, Pubkey) {
    let (mut world, stake) = guarded();
    let beyond = limit(&world) + 1;
    gain(&mut world, 0, beyond);
    assert!(is_open(&world));
    (world, stake)
}

// ---- what opens it

#[test]
fn a_gain_of_the_limit_passes_and_a_lamport_more_opens_the_breaker() {
    let (mut world, _) = guarded();
    let most = limit(&world);
    gain(&mut world, 0, most);
    assert_eq!((is_open(&world), world.pool().epoch_gain), (false, most));
    let rest = limit(&world) - most + 1;
    gain(&mut world, 1, rest);
    let end = world.chain.epoch() + BREAKER_EPOCHS;
    assert_eq!((world.pool().pause_flags, world.pool().breaker_end_epoch), (BREAKER, end));
    let (mut world, _) = guarded();
    let beyond = limit(&world) + 1;
    gain(&mut world, 0, beyond);
    assert!(is_open(&world));
}

#[test]
fn a_loss_of_the_limit_passes_and_a_lamport_more_opens_the_breaker() {
    for (beyond, opens) in [(0, false), (1, true)] {
        let (mut world, _) = guarded();
        let loss = limit(&world) + beyond;
        lose(&mut world, 0, loss);
        assert_eq!((is_open(&world), world.pool().epoch_loss), (opens, loss));
    }
}

/// In whatever parts and order they are found, and whether or not the insurance pays.
#[test]
fn what_an_epoch_gains_or_loses_is_summed_up() {
    for change in [gain, lose] {
        for order in [[0, 1], [1, 0]] {
            for insured in [false, true] {
                let (mut world, _) = guarded();
                if insured {
                    world.fund_insurance(100 * SOL).unwrap();
                }
                let first = limit(&world) / 3 * (1 + order[0] as u64);
                change(&mut world, order[0], first);
                assert!(!is_open(&world));
                let rest = limit(&world) - first + 1;
                change(&mut world, order[1], rest);
                assert!(is_open(&world));
            }
        }
    }
}

#[test]
fn gains_and_losses_do_not_make_up_for_each_other_nor_add_up() {
    let (mut world, _) = guarded();
    let most = limit(&world);
    gain(&mut world, 0, most);
    lose(&mut world, 1, most - SOL);
    assert!(!is_open(&world), "neither is beyond it");
    gain(&mut world, 0, SOL);
    assert!(is_open(&world), "the loss hides nothing of the gain");
}

#[test]
fn another_epoch_counts_anew() {
    let (mut world, _) = guarded();
    for _ in 0..3 {
        let most = limit(&world);
        gain(&mut world, 0, most);
        to_next_epoch(&mut world);
    }
    assert!(!is_open(&world));
}

/// Holders and tickets earn and lose together, whatever part of the pool waits in line.
#[test]
fn what_tickets_are_owed_counts_for_the_limit() {
    let (mut world, _) = guarded();
    let most = limit(&world);
    let value = world.pool().value_floor;
    world.order_unstake("ana", 1_500 * SOL).unwrap();
    assert!(world.pool().value_floor < value / 2);
    gain(&mut world, 0, most - SOL);
    assert!(!is_open(&world));
}

/// Nobody has looked for some epochs: what they have gained is found at once. A loss is no more likely for that.
#[test]
fn gains_of_several_epochs_may_be_as_many_times_as_much_and_losses_not() {
    const EPOCHS: u64 = 3;
    for (change, beyond, opens) in [
        (gain as fn(&mut World, usize, u64), EPOCHS * 100, false),
        (gain, EPOCHS * 100 + 1, true),
        (lose, 100, false),
        (lose, 101, true),
    ] {
        let (mut world, _) = guarded();
        (0..EPOCHS).for_each(|_| world.cross_epoch());
        let lamports = limit(&world) / 100 * beyond;
        change(&mut world, 0, lamports);
        assert_eq!((world.pool().epochs_to_find, is_open(&world)), (EPOCHS as u16, opens), "{beyond}");
        if !opens && beyond > 100 {
            // Once all were looked at it stays so to the epoch's end, and in the next one it is one again.
            world.update_all().unwrap();
            assert_eq!(world.pool().last_update_epoch, world.chain.epoch());
            gain(&mut world, 1, 1);
            assert!(!is_open(&world));
            to_next_epoch(&mut world);
            assert_eq!(world.pool().epochs_to_find, 1);
        }
    }
}

#[test]
fn a_pool_may_have_no_breaker() {
    let (mut world, _) = guarded();
    let mut settings = world.settings();
    settings.breaker_bps = 0;
    world.set_parameters(settings).unwrap();
    gain(&mut world, 0, 500 * SOL);
    lose(&mut world, 1, 500 * SOL);
    assert_eq!(world.pool().pause_flags, 0);
}

/// A gift cannot be had back: shutting deposits for two epochs costs 1 % of the pool, and the holders get it.
#[test]
fn who_opens_it_by_a_gift_gives_it_to_the_holders() {
    let (mut world, _) = guarded();
    let before = world.rate().value.0;
    let gift = limit(&world) + 1;
    gain(&mut world, 0, gift);
    to_next_epoch(&mut world);
    to_next_epoch(&mut world);
    assert_eq!(world.rate().value.0, before + gift);
}

// ---- what it shuts

#[test]
fn it_shuts_deposits_and_instant_exits() {
    let (mut world, stake) = tripped();
    let (keys, ana) = (world.keys, world.user("ana"));
    let me = ana.wallet.pubkey();
    let shut = [
        keys.deposit(&me, &ana.lst, SOL, 0),
        keys.deposit_stake(&me, &stake, &world.validators[0], &ana.lst, 0),
        keys.liquid_unstake(&me, &ana.lst, SOL, 0),
    ];
    for call in &shut {
        world.expect_refusal(call, &[&ana.wallet], TidepoolError::Paused);
    }
    for view in [keys.preview_deposit(SOL), keys.preview_liquid_unstake(SOL)] {
        world.expect_refusal(&view, &[], TidepoolError::Paused);
    }
    // As integrators read it, from bit 7 of the byte at offset 9.
    let data = world.account(&keys.pool).unwrap().data;
    assert_eq!(data[tidepool_interface::header::offset::PAUSE_FLAGS], 0b1000_0000);
    let header = PoolHeader::parse(&data).unwrap();
    let seen: Vec<Function> = Function::ALL.into_iter().filter(|f| header.is_paused(*f)).collect();
    assert_eq!(seen, [Function::Deposit, Function::LiquidUnstake]);
    // Where it is not shut it is the same call that passes.
    let by = guardian(&world);
    resume(&mut world, &by, BREAKER);
    for call in shut {
        world.send(&[call], &[&ana.wallet]).unwrap_or_else(|failure| panic!("{failure}"));
    }
}

#[test]
fn it_shuts_nothing_else() {
    let (mut world, _) = tripped();
    let ticket = world.order_unstake("ana", 50 * SOL).unwrap();
    let regretted = world.order_unstake("ana", 5 * SOL).unwrap();
    world.cancel(&regretted).unwrap();
    world.withdraw_stake("ana", 20 * SOL, 0).unwrap();
    world.add_liquidity("ana", SOL).unwrap();
    world.remove_liquidity("ana", SOL).unwrap();
    world.review_all().unwrap();
    world.sync().unwrap();
    let cooling = world.pool().cooling_lamports;
    world.advance(tidepool_localnet::Chain::next_slot);
    world.work_the_window().unwrap();
    assert!(world.pool().cooling_lamports > cooling || world.pool().queue().is_filled());
    to_next_epoch(&mut world);
    assert!(is_open(&world));
    world.claim(&ticket).unwrap();
    assert!(world.ticket(&ticket).is_none());
}

// ---- how it closes

#[test]
fn it_closes_by_itself_after_two_epochs() {
    let (mut world, _) = tripped();
    let ana = world.user("ana");
    let deposit = world.keys.deposit(&ana.wallet.pubkey(), &ana.lst, SOL, 0);
    for _ in 0..BREAKER_EPOCHS {
        world.expect_refusal(&deposit, &[&ana.wallet], TidepoolError::Paused);
        world.cross_epoch();
    }
    world.deposit("ana", SOL).unwrap();
    assert!(!is_open(&world));
}

/// The guardian's pauses are not used up by it: no end of a pause changes.
#[test]
fn the_guardian_or_the_admin_closes_it_and_nobody_else() {
    for by_admin in [false, true] {
        let (mut world, _) = tripped();
        let (keys, slot) = (world.keys, world.chain.slot());
        let stranger = world.user("ana").wallet;
        let by_stranger = keys.resume(&stranger.pubkey(), BREAKER);
        world.expect_refusal(&by_stranger, &[&stranger], TidepoolError::NotTheGuardian);
        let by = if by_admin { world.operator.insecure_clone() } else { guardian(&world) };
        let outcome = world.expect_change(&keys.resume(&by.pubkey(), BREAKER), &[&by], |expected| {
            expected.releases(slot);
            expected.pool(|pool| {
                pool.pause_flags = 0;
                pool.epoch_gain = 0;
                pool.epoch_loss = 0;
            });
        });
        outcome.assert_told(&events::PauseSet {
            pool: keys.pool,
            by: by.pubkey(),
            pause_flags: 0,
            pause_end_epoch: [0; 8],
            state: state(&world),
        });
    }
}

#[test]
fn nobody_opens_it_by_a_pause() {
    let (world, _) = guarded();
    for by in [world.operator.insecure_clone(), guardian(&world)] {
        for bits in [BREAKER, BREAKER | Function::Deposit.bit(), 0b0010_0000] {
            let pause = world.keys.pause(&by.pubkey(), bits);
            world.expect_refusal(&pause, &[&by], TidepoolError::InvalidParameter);
        }
    }
}

/// Once the guardian has looked and closed it, a stranger's lamport does not open it again; another find beyond the limit does.
#[test]
fn what_the_guardian_found_right_does_not_count_any_more() {
    let (mut world, _) = tripped();
    let by = guardian(&world);
    resume(&mut world, &by, BREAKER);
    gain(&mut world, 1, 1);
    assert!(!is_open(&world));
    let rest = limit(&world);
    gain(&mut world, 1, rest);
    assert!(is_open(&world));
}

#[test]
fn a_pause_and_the_breaker_end_each_by_itself() {
    let (mut world, _) = tripped();
    let by = guardian(&world);
    let bit = Function::Deposit.bit();
    pause(&mut world, &by, bit);
    assert_eq!(world.pool().pause_flags, BREAKER | bit);
    resume(&mut world, &by, bit);
    assert_eq!(world.pool().pause_flags, BREAKER);
    pause(&mut world, &by, bit);
    resume(&mut world, &by, BREAKER);
    assert_eq!(world.pool().pause_flags, bit);
    let beyond = limit(&world) + 1;
    gain(&mut world, 1, beyond);
    resume(&mut world, &by, BREAKER | bit);
    assert_eq!(world.pool().pause_flags, 0);
    let beyond = limit(&world) + 1;
    gain(&mut world, 1, beyond);
    assert!(is_open(&world));
    pause(&mut world, &by, bit);
    for _ in 0..BREAKER_EPOCHS {
        to_next_epoch(&mut world);
    }
    assert_eq!(world.pool().pause_flags, bit);
}
