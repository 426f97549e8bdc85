//! Active stake in, LST out.

use {
    crate::{
        stage,
        stakes::{self, brought, quote, staked_in, wish_deposit},
    },
    solana_stake_interface::{
        instruction as stake_instruction,
        state::{Authorized, Lockup},
    },
    tidepool_interface::header::Function,
    tidepool_tests::prelude::*,
};

/// Where a stake account has them.
const STAKER: usize = 12;
const WITHDRAWER: usize = 44;
const LOCKUP_TIME: usize = 76;
const LOCKUP_EPOCH: usize = 84;
const CUSTODIAN: usize = 92;
const STAKE: usize = 156;

/// Deposits ana's stake account and asserts all that it changes.
fn expect_deposit(world: &mut World, stake: &Pubkey, index: usize) -> Outcome {
    let (ana, keys) = (world.user("ana"), world.keys);
    let (slot, epoch) = (world.chain.slot(), world.chain.epoch());
    let validator = world.validators[index];
    let main = validator.stake(StakeRole::Main);
    let is_inactive = world.chain.stake_activation(&main).effective == 0;
    let main_before = if is_inactive { 0 } else { staked_in(world, &main) };
    let (staked, free) = brought(world, stake);
    let quote = quote(world, stake);
    // A main account without stake can only be given the stake.
    let to_reserve = if is_inactive { free } else { 0 };
    let charge = stage::charge(world, Bps(world.pool().fees.warmup));

    let outcome =
        world.expect_change(&wish_deposit(world, stake, index, quote.shares.0), &[&ana.wallet], |expected| {
            expected.releases(slot);
            expected.closes(stake, &main);
            expected.moves(&main, &keys.reserve, to_reserve);
            expected.stake_program_writes(&main);
            expected.mints(&keys.lst_mint, &ana.lst, quote.shares.0);
            expected.record(&validator, |record| {
                record.lamports[StakeRole::Main as usize] += staked + free - to_reserve;
                stage::note_opening(record, epoch);
                record.staked_lamports += staked;
            });
            expected.pool(|pool| {
                let minted = Shares(quote.shares.0 + quote.fee_shares.0);
                let premium = stage::stream_premium(pool, staked + free, minted, charge, slot);
                pool.reserve_lamports += to_reserve;
                pool.stake_lamports += staked + free - to_reserve;
                pool.staked_lamports += staked;
                pool.value_floor += staked + free - premium;
                pool.lst_supply += minted.0;
                pool.fee_shares_due += quote.fee_shares.0;
            });
        });
    assert_eq!(staked_in(world, &main), main_before + staked, "all of it is staked, and nothing else is");
    assert_eq!(world.chain.stake_activation(&main).effective, main_before + staked, "and earns");
    assert_eq!(world.chain.delegation(&main).unwrap().voter_pubkey, validator.vote);
    outcome.assert_told(&events::StakeDeposited {
        pool: keys.pool,
        user: ana.wallet.pubkey(),
        vote: validator.vote,
        stake_lamports: staked,
        free_lamports: free,
        lst_minted: quote.shares.0,
        fee_shares: quote.fee_shares.0,
        state: stage::state(world),
    });
    outcome
}

fn refuse(world: &World, stake: &Pubkey, error: TidepoolError) {
    let ana = world.user("ana").wallet;
    world.expect_refusal(&wish_deposit(world, stake, 0, 0), &[&ana], error);
}

// ---- what it does

#[test]
fn a_stake_account_joins_the_main_account_and_its_depositor_gets_lst_at_the_entry_rate() {
    let (mut world, stake) = stakes::with_stake(77 * SOL);
    let quote = quote(&world, &stake);
    assert!(quote.fee_shares > Shares(0) && stakes::withheld(&world) > 0);
    let calls = expect_deposit(&mut world, &stake, 0).cpis();
    // Both authorities are taken over, then the accounts are merged, then the LST is minted.
    assert_eq!(calls.len(), 4);
}

/// MoveStake leaves free lamports behind: they go to the reserve.
#[test]
fn stake_moves_into_a_main_account_that_has_none() {
    let (mut world, stake) = stakes::with_nothing_staked(WorldConfig::default(), 77 * SOL);
    world.chain.add_lamports(&stake, SOL / 7);
    expect_deposit(&mut world, &stake, 0);
    // And into one that had some once.
    let mut world = stage::staked();
    let (first, second) =
        (world.add_stake("ana", 0, 5 * SOL).unwrap(), world.add_stake("ana", 0, 3 * SOL).unwrap());
    world.deposit("ana", 2_000 * SOL).unwrap(); // the tickets' SOL
    let all = world.lst_of("bob");
    world.order_unstake("bob", all).unwrap();
    world.run_epoch().unwrap();
    expect_deposit(&mut world, &first, 0);
    expect_deposit(&mut world, &second, 0);
}

#[test]
fn lamports_that_come_to_the_reserve_with_stake_go_to_tickets_that_wait() {
    let mut world = stage::funded(WorldConfig { weights: vec![100; 3], ..WorldConfig::default() });
    world.run_epoch().unwrap();
    world.add_validator(3, 100).unwrap(); // nothing is staked with it yet
    let stake = world.add_stake("ana", 3, 10 * SOL).unwrap();
    world.cross_epoch();
    world.chain.add_lamports(&stake, 2 * SOL);
    world.order_unstake("bob", 100 * SOL).unwrap();
    let waiting = world.pool().queue().unfilled().unwrap().0;
    let (_, free) = brought(&world, &stake);
    assert!(waiting > free && free > 2 * SOL);
    world.deposit_stake("ana", &stake, 3).unwrap();
    assert_eq!(world.pool().queue().unfilled().unwrap().0, waiting - free);
}

#[test]
fn the_lst_may_go_to_somebody_else() {
    let (mut world, stake) = stakes::with_stake(5 * SOL);
    let (ana, bob) = (world.user("ana"), world.user("bob"));
    let (before, quote) = (world.lst_of("bob"), quote(&world, &stake));
    let deposit = world.keys.deposit_stake(&ana.wallet.pubkey(), &stake, &world.validators[0], &bob.lst, 0);
    world.send(&[deposit], &[&ana.wallet]).unwrap();
    assert_eq!(world.lst_of("bob") - before, quote.shares.0);
}

// ---- what it pays

/// Quantstamp QSP-1: the same deposit was credited differently through two paths.
#[test]
fn equal_value_gives_equal_lst_by_sol_and_by_stake() {
    for warmup in [0, 10_000] {
        let mut config = stage::all_fees();
        config.parameters.fees.warmup = warmup;
        let mut world = stage::funded(config); // the liquidity pool has no LST to sell
        let stake = world.add_stake("ana", 0, 77 * SOL).unwrap();
        for _ in 0..3 {
            world.run_epoch().unwrap();
        }
        stage::slots(&mut world, 20);
        let (staked, free) = brought(&world, &stake);
        let sol = quote_deposit(&world.entry_rate(), Lamports(staked + free), Bps(30)).unwrap().shares.0;
        let quote = quote(&world, &stake).shares.0;
        match warmup {
            0 => assert!(sol.abs_diff(quote) <= 2, "{sol} by SOL, {quote} by stake"),
            _ => assert!(quote > sol, "stake that earns already pays for no warm-up"),
        }
        let before = world.lst_of("ana");
        expect_deposit(&mut world, &stake, 0);
        assert_eq!(world.lst_of("ana") - before, quote);
        let before = world.lst_of("bob");
        world.deposit("bob", staked + free).unwrap();
        // What the one has paid for rewards to come makes them dearer for the other, never cheaper.
        let sol_now = world.lst_of("bob") - before;
        assert!(sol_now <= sol + 2 && (warmup > 0 || sol.abs_diff(sol_now) <= 2));
    }
}

/// spl#2260/#2270: lamports that are not staked came at the price of stake. Here they pay what SOL pays.
#[test]
fn free_lamports_pay_for_the_warm_up_that_stake_has_behind_it() {
    let mut config = stage::all_fees();
    config.parameters.fees.warmup = 10_000;
    let mut world = stage::funded(config);
    let stake = world.add_stake("ana", 0, SOL).unwrap();
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    stage::slots(&mut world, 40);
    world.chain.add_lamports(&stake, 1_000 * SOL);
    let (earned, entry) = (stakes::earned_rate(&world), world.entry_rate());
    assert!(entry > earned);
    let (staked, free) = brought(&world, &stake);
    let expected =
        earned.shares_floor(Lamports(staked)).unwrap().0 + entry.shares_floor(Lamports(free)).unwrap().0;
    let quote = quote(&world, &stake);
    assert_eq!(quote.shares.0 + quote.fee_shares.0, expected);
    expect_deposit(&mut world, &stake, 0);
}

/// As long as not all of an epoch's rewards are found, stake pays for them: it would share in what it did not earn.
#[test]
fn until_all_rewards_are_found_stake_pays_for_them() {
    let mut config = stage::all_fees();
    config.parameters.fees.warmup = 10_000;
    let mut world = stage::funded(config);
    let stake = world.add_stake("ana", 0, 77 * SOL).unwrap();
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    stage::slots(&mut world, 40);
    let found = Rate { value: Lamports(world.rate().value.0 + stakes::withheld(&world)), ..world.rate() };
    assert_eq!(stakes::earned_rate(&world), found);
    world.cross_epoch();
    for updated in 1..4 {
        world.update([updated]).unwrap();
        let found = world.rate().value.0 + stakes::withheld(&world);
        assert!(stakes::earned_rate(&world).value.0 > found);
    }
    expect_deposit(&mut world, &stake, 0);
}

/// single-pool#251: a stake depositor was paid the tips of the whole pool. He is credited with what he brings.
#[test]
fn what_lies_in_the_main_account_stays_the_pools() {
    let (mut world, stake) = stakes::with_stake(5 * SOL);
    let main = world.validators[0].stake(StakeRole::Main);
    let untipped = quote(&world, &stake);
    world.give(&main, 3 * SOL).unwrap();
    world.chain.add_lamports(&stake, SOL / 100);
    let quote = quote(&world, &stake);
    let extra = world.entry_rate().shares_floor(Lamports(SOL / 100)).unwrap().0;
    assert!((quote.shares.0 - untipped.shares.0).abs_diff(extra - extra / 10_000 * 30) <= 1_000_000);
    expect_deposit(&mut world, &stake, 0);
    let before = world.pool().reserve_lamports;
    world.update([0]).unwrap();
    assert!(world.pool().reserve_lamports - before >= 3 * SOL, "found, and the holders'");
}

/// Half a SOL that a slashing left cools down where it is; it is swept from under new stake, and nothing waits for it.
#[test]
fn nothing_waits_for_stake_that_came_back_before_a_deposit_joined_its_account() {
    let config = WorldConfig::default().without_fees().with_validators(vec![ValidatorConfig::default()]);
    let mut world = stage::young(config);
    world.deposit("ana", 2 * SOL).unwrap();
    let stake = world.add_stake("ana", 0, 20 * SOL).unwrap();
    world.run_epoch().unwrap();
    let main = world.validators[0].stake(StakeRole::Main);
    world.slash(0, staked_in(&world, &main) - SOL / 2).unwrap();
    world.update([0]).unwrap();
    let all = world.lst_of("ana");
    world.order_unstake("ana", all).unwrap();
    world.to_move_window();
    world.undelegate(0).unwrap();
    assert_eq!(world.pool().cooling_lamports, SOL / 2);
    world.cross_epoch();
    world.deposit_stake("ana", &stake, 0).unwrap();
    world.update([0]).unwrap();
    assert_eq!((world.pool().cooling_lamports, world.record(0).main_cooling_lamports), (0, 0));
}

// ---- whose it must be

#[test]
fn a_stake_account_of_somebody_else_is_refused() {
    for offset in [STAKER, WITHDRAWER] {
        let (world, stake) = stakes::with_stake(5 * SOL);
        stage::patch(&world, &stake, |account| account.data[offset] ^= 1);
        refuse(&world, &stake, TidepoolError::StakeNotYours);
    }
}

/// single-pool#797: a stake account that is the pool's already was anybody's to deposit. marinade RedepositingMarinadeStake,
/// single-pool#250, #252: the pool's own accounts as the depositor's.
#[test]
fn an_account_of_a_pool_is_nobodys_to_deposit() {
    let (mut world, stake) = stakes::with_stake(5 * SOL);
    let other = OtherPool::beside(&world);
    world.to_move_window();
    world.order_unstake("bob", 200 * SOL).unwrap();
    stage::slots(&mut world, 1);
    world.move_stake().unwrap();
    for validator in [&world.validators[0], &world.validators[1], &other.validator] {
        for role in StakeRole::ALL {
            refuse(&world, &validator.stake(role), TidepoolError::StakeNotYours);
        }
    }
    // One that was handed over without a deposit.
    let (authority, ana) = (world.keys.authority, world.user("ana").wallet);
    for role in [
        solana_stake_interface::state::StakeAuthorize::Staker,
        solana_stake_interface::state::StakeAuthorize::Withdrawer,
    ] {
        let authorize = stake_instruction::authorize(&stake, &ana.pubkey(), &authority, role, None);
        world.chain.send(&[authorize], &[world.chain.faucet(), &ana]).unwrap();
    }
    refuse(&world, &stake, TidepoolError::StakeNotYours);
}

#[test]
fn only_its_owner_deposits_a_stake_account() {
    let (world, stake) = stakes::with_stake(5 * SOL);
    let (ana, bob) = (world.user("ana"), world.user("bob"));
    let deposit = wish_deposit(&world, &stake, 0, 0);
    world.expect_refusal(&deposit.clone().unsigned(&ana.wallet.pubkey()), &[], AnchorError::AccountNotSigner);
    let by_bob = deposit.with(&ana.wallet.pubkey(), &bob.wallet.pubkey());
    world.expect_refusal(&by_bob, &[&bob.wallet], TidepoolError::StakeNotYours);
}

#[test]
fn what_is_no_stake_account_of_200_bytes_is_refused() {
    let spoil: [fn(&mut Account); 5] = [
        // `spl#4000`: larger accounts keep more rent than the pool reckons with.
        |account| account.data.resize(4_008, 0),
        |account| account.data.truncate(199),
        |account| account.owner = cluster::SYSTEM_PROGRAM,
        |account| account.data.fill(0),
        |account| *account = Account::default(),
    ];
    for spoil in spoil {
        let (world, stake) = stakes::with_stake(5 * SOL);
        stage::patch(&world, &stake, spoil);
        refuse(&world, &stake, TidepoolError::StakeNotYours);
    }
}

#[test]
fn a_lockup_in_force_is_refused() {
    let ends: [fn(i64, u64) -> Lockup; 2] = [
        |_, epoch| Lockup { epoch: epoch + 2, ..Lockup::default() },
        |now, _| Lockup { unix_timestamp: now + 3 * 24 * 3600, ..Lockup::default() },
    ];
    for end in ends {
        let (mut world, _) = stakes::with_stake(5 * SOL);
        let clock = world.chain.clock();
        let lockup = end(clock.unix_timestamp, clock.epoch);
        let stake = world.add_locked_stake("ana", 0, 5 * SOL, &lockup).unwrap();
        world.run_epoch().unwrap();
        refuse(&world, &stake, TidepoolError::StakeNotYours);
        world.run_epoch().unwrap();
        expect_deposit(&mut world, &stake, 0);
    }
}

/// To the second and to the epoch.
#[test]
fn a_lockup_is_over_in_the_second_and_the_epoch_it_names() {
    for (offset, more) in [(LOCKUP_TIME, 0), (LOCKUP_TIME, 1), (LOCKUP_EPOCH, 0), (LOCKUP_EPOCH, 1)] {
        let (mut world, stake) = stakes::with_stake(5 * SOL);
        let clock = world.chain.clock();
        let now = if offset == LOCKUP_TIME { clock.unix_timestamp as u64 } else { clock.epoch };
        stage::patch(&world, &stake, |account| stage::put_u64(account, offset, now + more));
        match more {
            0 => drop(expect_deposit(&mut world, &stake, 0)),
            _ => refuse(&world, &stake, TidepoolError::StakeNotYours),
        }
    }
}

/// UNS#63, #71: a custodian could lock deposited stake again. Merged or moved, the lockup that is over is gone, and who was
/// its custodian can do nothing.
#[test]
fn a_lockup_that_is_over_never_comes_back() {
    let custodian = Keypair::new();
    let lockup = Lockup { epoch: 1, unix_timestamp: 1, custodian: custodian.pubkey() };
    for is_main_active in [true, false] {
        let (mut world, _) = match is_main_active {
            true => stakes::with_stake(5 * SOL),
            false => stakes::with_nothing_staked(WorldConfig::default(), 5 * SOL),
        };
        let stake = world.add_locked_stake("ana", 0, 5 * SOL, &lockup).unwrap();
        world.cross_epoch();
        expect_deposit(&mut world, &stake, 0);
        let main = world.validators[0].stake(StakeRole::Main);
        let meta = world.chain.stake_state(&main).unwrap().meta().unwrap();
        assert_eq!(meta.authorized, Authorized::auto(&world.keys.authority));
        assert_eq!(meta.lockup, Lockup::default());
        let args = stake_instruction::LockupArgs { epoch: Some(u64::MAX), ..Default::default() };
        let lock = stake_instruction::set_lockup(&main, &args, &custodian.pubkey());
        world.expect_failure(&[lock], &[&custodian]);
    }
}

/// The custodian of a lockup that is over, without which the account would not be the depositor's alone.
#[test]
fn a_custodian_of_nothing_is_no_reason_to_refuse() {
    let (mut world, stake) = stakes::with_stake(5 * SOL);
    stage::patch(&world, &stake, |account| account.data[CUSTODIAN..CUSTODIAN + 32].fill(7));
    expect_deposit(&mut world, &stake, 0);
}

// ---- what it must be

#[test]
fn stake_that_is_not_fully_active_is_refused() {
    let (mut world, active) = stakes::with_stake(5 * SOL);
    let ana = world.user("ana").wallet;
    let activating = world.add_stake("ana", 0, 5 * SOL).unwrap();
    refuse(&world, &activating, TidepoolError::StakeNotActive);

    let deactivate = stake_instruction::deactivate_stake(&active, &ana.pubkey());
    world.chain.send(&[deactivate], &[world.chain.faucet(), &ana]).unwrap();
    refuse(&world, &active, TidepoolError::StakeNotActive);
    world.cross_epoch();
    refuse(&world, &active, TidepoolError::StakeNotActive);
    expect_deposit(&mut world, &activating, 0);
}

/// single-pool Neodyme I01: more than the cluster warms up in an epoch.
#[test]
fn stake_that_is_active_in_part_is_refused() {
    let small = vec![ValidatorConfig::default().with_stake(1_000 * SOL); 2];
    let mut world = stage::young(WorldConfig::default().without_fees().with_validators(small));
    world.deposit("ana", 100 * SOL).unwrap();
    let stake = world.add_stake("ana", 0, 500 * SOL).unwrap();
    let mut epochs = 0;
    loop {
        world.cross_epoch();
        epochs += 1;
        let activation = world.chain.stake_activation(&stake);
        if activation.activating == 0 {
            break;
        }
        assert!(activation.effective > 0, "a part of it is active");
        refuse(&world, &stake, TidepoolError::StakeNotActive);
    }
    assert!(epochs >= 2);
    expect_deposit(&mut world, &stake, 0);
}

#[test]
fn stake_with_another_validator_or_with_none_is_refused() {
    let (mut world, _) = stakes::with_stake(5 * SOL);
    let stake = world.add_stake("ana", 1, 5 * SOL).unwrap();
    world.cross_epoch();
    refuse(&world, &stake, TidepoolError::StakeNotActive);
    expect_deposit(&mut world, &stake, 1);

    let ana = world.user("ana").wallet;
    let blank = world.prepare_stake().unwrap();
    refuse(&world, &blank, TidepoolError::StakeNotYours);
    let initialize =
        stake_instruction::initialize(&blank, &Authorized::auto(&ana.pubkey()), &Lockup::default());
    world.chain.send(&[initialize], &[world.chain.faucet()]).unwrap();
    refuse(&world, &blank, TidepoolError::StakeNotActive);
}

/// MoveStake leaves the bytes of a delegation behind in an account that has none any more.
#[test]
fn stake_that_was_moved_away_brings_nothing() {
    let (mut world, stake) = stakes::with_stake(5 * SOL);
    let other = world.add_stake("ana", 0, 5 * SOL).unwrap();
    world.run_epoch().unwrap();
    let (ana, all) = (world.user("ana").wallet, staked_in(&world, &stake));
    let moves = stake_instruction::move_stake(&stake, &other, &ana.pubkey(), all);
    world.chain.send(&[moves], &[world.chain.faucet(), &ana]).unwrap();
    assert_eq!(world.account(&stake).unwrap().data[STAKE..STAKE + 8], all.to_le_bytes());
    refuse(&world, &stake, TidepoolError::StakeNotActive);
    expect_deposit(&mut world, &other, 0);
}

/// As much moves in the cluster as may move in an epoch, to a lamport: then the stake program's floats can leave a lamport of
/// an account behind, and it merges only what is active to the last one.
#[test]
fn stake_of_which_a_lamport_is_still_warming_up_is_refused() {
    const CLUSTER: u64 = 400_000_000 * SOL;
    const MAY_MOVE: u64 = CLUSTER / 100 * 9;
    let mut world = stage::staked();
    let stake = world.add_stake("ana", 0, 5 * SOL).unwrap();
    world.cross_epoch();
    let warmed_up = |own: u64| (own as f64 / (MAY_MOVE - 1) as f64 * (CLUSTER as f64 * 0.09)) as u64;
    let all = staked_in(&world, &stake);
    let own = (SOL..=all).rev().find(|own| warmed_up(*own) < *own).unwrap();
    world.chain.slash(&stake, all - own).unwrap();
    let moves = |world: &mut World, activating: u64| {
        stage::patch(world, &solana_sdk_ids::sysvar::stake_history::id(), |history| {
            let newest = &mut history.data[8..40];
            newest[8..16].copy_from_slice(&CLUSTER.to_le_bytes());
            newest[16..24].copy_from_slice(&activating.to_le_bytes());
        });
        stage::slots(world, 1);
    };
    moves(&mut world, MAY_MOVE - 1);
    refuse(&world, &stake, TidepoolError::StakeNotActive);
    moves(&mut world, MAY_MOVE / 2);
    expect_deposit(&mut world, &stake, 0);
}

/// The first stake of a main account must be one that can be taken back.
#[test]
fn less_than_the_minimum_delegation_does_not_start_a_main_account() {
    let (mut world, stake) = stakes::with_nothing_staked(WorldConfig::default(), 5 * SOL);
    let staked = staked_in(&world, &stake);
    world.chain.slash(&stake, staked - SOL + 1).unwrap();
    refuse(&world, &stake, TidepoolError::BelowMinimumDelegation);
    world.run_epoch().unwrap();
    world.update([0]).unwrap();
    expect_deposit(&mut world, &stake, 0);
}

// ---- who takes it

/// `marinade#68`: anyone could enter a validator by depositing its stake.
#[test]
fn a_validator_that_is_not_the_pools_brings_nothing() {
    let (world, stake) = stakes::with_stake(5 * SOL);
    let ana = world.user("ana");
    let [first, second] = [world.validators[0], world.validators[1]];
    let stranger = world.chain.keypair("a validator").pubkey();
    for wrong in [
        ValidatorKeys { slot_in_page: 1, ..first },
        ValidatorKeys { slot_in_page: 31, ..first },
        ValidatorKeys { slot_in_page: 32, ..first },
        ValidatorKeys { vote: second.vote, ..first },
        ValidatorKeys { vote: stranger, slot_in_page: 5, ..first },
    ] {
        let deposit = world.keys.deposit_stake(&ana.wallet.pubkey(), &stake, &wrong, &ana.lst, 0);
        world.expect_refusal(&deposit, &[&ana.wallet], TidepoolError::NoSuchValidator);
    }
    let deposit = wish_deposit(&world, &stake, 0, 0);
    let main = first.stake(StakeRole::Main);
    for other in [first.stake(StakeRole::Onramp), second.stake(StakeRole::Main), stake] {
        let wrong = deposit.clone().with(&main, &other);
        world.expect_refusal(&wrong, &[&ana.wallet], TidepoolError::StakeAccountMismatch);
    }
}

/// `marinade#68`: weight 0, score 0, and a vote account that is gone.
#[test]
fn a_validator_that_should_have_no_stake_takes_none() {
    let mut config = stage::all_fees();
    config.weights[0] = 0;
    let mut world = stage::funded(config);
    let stake = world.add_stake("ana", 0, 5 * SOL).unwrap();
    world.cross_epoch();
    refuse(&world, &stake, TidepoolError::ValidatorTakesNoStake);

    let (world, stake) = stakes::with_stake(5 * SOL);
    stakes::set_score(&world, 0, 0);
    refuse(&world, &stake, TidepoolError::ValidatorTakesNoStake);

    for lamports in [0, SOL] {
        let (world, stake) = stakes::with_stake(5 * SOL);
        world.chain.set_account(&world.validators[0].vote, &Account { lamports, ..Account::default() });
        refuse(&world, &stake, TidepoolError::ValidatorTakesNoStake);
    }
}

/// A main account that is still warming up or cooling down can take none, and says which validator cannot.
#[test]
fn a_validator_whose_main_account_is_on_its_way_takes_none() {
    let (mut world, stake) = stakes::with_stake(5 * SOL);
    world.chain.set_uptime(0, 0);
    for _ in 0..6 {
        world.cross_epoch();
    }
    world.update_all().unwrap();
    (1..4).for_each(|index| world.chain.vote(index, 1));
    let [silent, voting] = [0, 1].map(|index| world.validators[index].vote);
    let main = world.validators[0].stake(StakeRole::Main);
    let deactivate = stake_instruction::deactivate_delinquent_stake(&main, &silent, &voting);
    world.send(&[deactivate], &[]).unwrap();
    refuse(&world, &stake, TidepoolError::ValidatorTakesNoStake);
    world.cross_epoch();
    expect_deposit(&mut world, &stake, 0);
}

/// It does not merge with stake of another vote account.
#[test]
fn a_main_account_with_another_vote_account_takes_none() {
    let (world, stake) = stakes::with_stake(5 * SOL);
    stakes::delegate_to_another(&world, 0);
    refuse(&world, &stake, TidepoolError::ValidatorTakesNoStake);
}

#[test]
fn a_main_account_that_is_not_the_pools_takes_nothing() {
    for offset in [STAKER, WITHDRAWER, LOCKUP_TIME] {
        let (world, stake) = stakes::with_stake(5 * SOL);
        stage::patch(&world, &world.validators[0].stake(StakeRole::Main), |account| {
            account.data[offset] ^= 1
        });
        refuse(&world, &stake, TidepoolError::ForeignStakeAccount);
    }
}

#[test]
fn no_validator_gets_more_than_its_cap() {
    let config = stage::all_fees().with_parameters(|p| p.settings.max_validator_bps = 3_000);
    let mut world = stage::funded(config);
    let stakes = [400, 20].map(|sol| world.add_stake("ana", 0, sol * SOL).unwrap());
    for _ in 0..2 {
        world.run_epoch().unwrap();
    }
    let [large, small] = stakes;
    // A fifth of 800 SOL and 400 of 1,200.
    refuse(&world, &large, TidepoolError::ValidatorAboveCap);
    expect_deposit(&mut world, &small, 0);

    // To the lamport: as much as leaves it at its cap of what there is then.
    world.run_epoch().unwrap();
    let fits = |world: &World, stake: u64| {
        let all = world.pool().delegatable(world.chain.slot()).unwrap().0 + stake;
        world.record(0).staked_lamports + stake <= Bps(3_000).of_floor(all)
    };
    let staked = staked_in(&world, &large);
    let (mut most, mut too_much) = (0, staked);
    while too_much - most > 1 {
        let middle = (most + too_much) / 2;
        *(if fits(&world, middle) { &mut most } else { &mut too_much }) = middle;
    }
    assert!(most > 10 * SOL);
    world.chain.slash(&large, staked - too_much).unwrap();
    refuse(&world, &large, TidepoolError::ValidatorAboveCap);
    world.chain.slash(&large, 1).unwrap();
    expect_deposit(&mut world, &large, 0);
}

// ---- when, and how much

#[test]
fn nothing_is_taken_while_rewards_are_paid() {
    let (mut world, stake) = stakes::with_stake(5 * SOL);
    world.advance(|chain| chain.cross_epoch());
    assert!(world.chain.rewards_active());
    refuse(&world, &stake, TidepoolError::EpochRewardsActive);
}

#[test]
fn a_pause_of_deposits_is_one_of_stake_too() {
    let (mut world, stake) = stakes::with_stake(5 * SOL);
    world.pause(Function::Deposit.bit()).unwrap();
    refuse(&world, &stake, TidepoolError::Paused);
    world.resume(Function::Deposit.bit()).unwrap();
    world.pause(Function::MASK & !Function::Deposit.bit()).unwrap();
    expect_deposit(&mut world, &stake, 0);
}

/// Solana-Audit-Arena#197, #227.
#[test]
fn a_deposit_of_stake_never_mints_less_than_the_user_accepts() {
    let (world, stake) = stakes::with_stake(5 * SOL);
    let (ana, quote) = (world.user("ana").wallet, quote(&world, &stake));
    for too_much in [quote.shares.0 + 1, u64::MAX] {
        let deposit = wish_deposit(&world, &stake, 0, too_much);
        world.expect_refusal(&deposit, &[&ana], TidepoolError::BelowMinimumOut);
    }
}

/// Both count all lamports, staked or not.
#[test]
fn the_minimum_and_the_cap_of_deposits_hold_for_stake() {
    let (mut world, stake) = stakes::with_stake(5 * SOL);
    let all = world.chain.lamports(&stake);
    let value = world.rate().value.0 + stakes::withheld(&world);
    let settings = world.settings();
    let set = |world: &mut World, minimum: u64, cap: u64| {
        let (min_deposit_lamports, deposit_cap_lamports) = (minimum, cap);
        let settings =
            tidepool_client::PoolSettings { min_deposit_lamports, deposit_cap_lamports, ..settings };
        world.set_parameters(settings).unwrap();
    };
    set(&mut world, all + 1, 0);
    refuse(&world, &stake, TidepoolError::BelowMinimumDeposit);
    set(&mut world, 0, value + all - 1);
    refuse(&world, &stake, TidepoolError::DepositCapReached);
    set(&mut world, all, value + all);
    expect_deposit(&mut world, &stake, 0);
}

#[test]
fn a_deposit_of_stake_that_would_mint_nothing_is_refused() {
    // The fee takes the only share that one lamport of stake is worth.
    let (world, stake) = stakes::with_stake(5 * SOL);
    let staked = staked_in(&world, &stake);
    world.chain.slash(&stake, staked - 1).unwrap();
    stage::patch(&world, &stake, |account| account.lamports = 1);
    refuse(&world, &stake, TidepoolError::AmountTooSmall);
}

#[test]
fn nothing_is_minted_for_stake_while_the_mint_is_out_of_step() {
    const SUPPLY: usize = 36;
    let (mut world, stake) = stakes::with_stake(5 * SOL);
    world.sync().unwrap();
    let mint = world.keys.lst_mint;
    let issued = world.chain.mint_supply(&mint);
    stage::patch(&world, &mint, |mint| stage::put_u64(mint, SUPPLY, issued + 1));
    refuse(&world, &stake, TidepoolError::MintOutOfStep);
    stage::patch(&world, &mint, |mint| stage::put_u64(mint, SUPPLY, issued));
    expect_deposit(&mut world, &stake, 0);
}

#[test]
fn the_lst_of_stake_needs_a_usable_token_account() {
    let (world, stake) = stakes::with_stake(5 * SOL);
    let ana = world.user("ana");
    let deposit = wish_deposit(&world, &stake, 0, 0);
    for wrong in [ana.lp, world.keys.lst_mint, ana.wallet.pubkey()] {
        let wrong = deposit.clone().with(&ana.lst, &wrong);
        world.expect_refusal(&wrong, &[&ana.wallet], TidepoolError::WrongTokenAccount);
    }
}

/// spl#4000, marinade#98: created under one rent, deposited under another.
#[test]
fn stake_from_a_time_of_other_rent_joins_all_the_same() {
    use tidepool_localnet::features::{set_lamports_per_byte_to_696, set_lamports_per_byte_to_6960};
    for (factor, change) in
        [(1.0, set_lamports_per_byte_to_696::id()), (0.1, set_lamports_per_byte_to_6960::id())]
    {
        for is_main_active in [true, false] {
            let mut config = stage::all_fees();
            config.chain = config.chain.with_rent_factor(factor);
            let mut world = stage::funded(config);
            let stake = world.add_stake("ana", 0, 5 * SOL).unwrap();
            world.chain.activate_feature(&change);
            match is_main_active {
                true => drop(world.run_epoch().unwrap()),
                false => world.cross_epoch(),
            }
            let before = world.lst_of("ana");
            world.deposit_stake("ana", &stake, 0).unwrap();
            assert!(world.lst_of("ana") - before > 4_980_000_000);
            world.run_epoch().unwrap();
            world.update_all().unwrap();
        }
    }
}
