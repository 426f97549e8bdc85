//! LST in, active stake out.

use {
    crate::{
        stage,
        stakes::{self, quote_withdrawal, staked_in, wish_withdrawal},
    },
    solana_stake_interface::state::{Authorized, Lockup},
    tidepool_interface::header::Function,
    tidepool_tests::prelude::*,
};

/// [`stage::staked`] with the withdrawal fee at `fee_bps`.
fn staked(fee_bps: u16) -> World {
    let mut world = stage::funded(stage::all_fees().with_parameters(|p| p.fees.stake_withdrawal = fee_bps));
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    stage::slots(&mut world, 5);
    world
}

/// A pool of one validator with exactly `lamports` staked, at a rate of 1, without fees and rewards.
fn with_main_stake(lamports: u64) -> World {
    let config = WorldConfig::default().without_fees().with_validators(vec![ValidatorConfig::default()]);
    let mut world = stage::young(config.with_chain(|chain| chain.inflation = 0.0));
    let free = world.pool().free_reserve().unwrap().0;
    world.deposit("ana", lamports.saturating_sub(free)).unwrap();
    world.run_epoch().unwrap();
    assert_eq!(staked_in(&world, &world.validators[0].stake(StakeRole::Main)), lamports);
    world
}

/// Withdraws stake for `lst` of ana's and asserts all that it changes; gives the account it is in.
fn expect_withdrawal(world: &mut World, index: usize, lst: u64) -> Pubkey {
    let (ana, keys) = (world.user("ana"), world.keys);
    let (slot, epoch) = (world.chain.slot(), world.chain.epoch());
    let validator = world.validators[index];
    let main = validator.stake(StakeRole::Main);
    let stake = world.prepare_stake().unwrap();
    let (rent, before) = (world.chain.lamports(&stake), staked_in(world, &main));
    let quote = quote_withdrawal(world, index, lst);
    let lamports = quote.lamports.0;

    let withdraw = wish_withdrawal(world, &stake, index, lst, lamports);
    let outcome = world.expect_change(&withdraw, &[&ana.wallet], |expected| {
        expected.releases(slot);
        expected.moves(&main, &stake, lamports);
        expected.stake_program_writes(&main);
        expected.stake_program_writes(&stake);
        expected.burns(&keys.lst_mint, &ana.lst, lst);
        expected.record(&validator, |record| {
            record.lamports[StakeRole::Main as usize] -= lamports;
            stage::note_opening(record, epoch);
            record.staked_lamports -= lamports;
        });
        expected.pool(|pool| {
            stage::stream(pool, quote.charge, slot, 64);
            pool.gains.fees += quote.charge.0;
            pool.stake_lamports -= lamports;
            pool.staked_lamports -= lamports;
            pool.value_floor -= lamports + quote.charge.0;
            pool.lst_supply -= lst - quote.fee_shares.0;
            pool.fee_shares_due += quote.fee_shares.0;
        });
    });
    assert_eq!(staked_in(world, &main), before - lamports);
    assert_eq!(world.chain.stake_activation(&main).effective, before - lamports);

    // VB ND-MND3-H1: what is handed over is free of every lockup, and the user's alone.
    let meta = world.chain.stake_state(&stake).unwrap().meta().unwrap();
    assert_eq!(meta.authorized, Authorized::auto(&ana.wallet.pubkey()));
    assert_eq!(meta.lockup, Lockup::default());
    assert_eq!(world.chain.lamports(&stake), rent + lamports);
    assert_eq!(staked_in(world, &stake), lamports, "all of it is staked");
    assert_eq!(world.chain.stake_activation(&stake).effective, lamports, "and earns");
    assert_eq!(world.chain.delegation(&stake).unwrap().voter_pubkey, validator.vote);
    outcome.assert_told(&events::StakeWithdrawn {
        pool: keys.pool,
        user: ana.wallet.pubkey(),
        vote: validator.vote,
        stake_account: stake,
        lamports,
        lst_amount: lst,
        fee_shares: quote.fee_shares.0,
        charge_lamports: quote.charge.0,
        state: stage::state(world),
    });
    stake
}

fn refuse(world: &mut World, index: usize, lst: u64, error: TidepoolError) {
    let stake = world.prepare_stake().unwrap();
    let ana = world.user("ana").wallet;
    world.expect_refusal(&wish_withdrawal(world, &stake, index, lst, 0), &[&ana], error);
}

// ---- what it does

/// stakenet#306: one of two books of stake did not hear of a withdrawal. Here the record changes with it.
#[test]
fn a_withdrawal_burns_lst_and_splits_active_stake_off_for_a_fee() {
    let mut world = staked(50);
    let quote = quote_withdrawal(&world, 0, 30 * SOL);
    assert!(quote.fee_shares.0 == 30 * SOL / 200 && quote.charge.is_zero());
    expect_withdrawal(&mut world, 0, 30 * SOL);
}

/// What the last epoch gained is the least a withdrawal costs; beyond the fee it is the holders'.
#[test]
fn a_withdrawal_costs_at_least_what_an_epoch_gains() {
    for fee in [0, 1] {
        let mut world = staked(fee);
        let quote = quote_withdrawal(&world, 0, 30 * SOL);
        assert!(
            quote.charge > Lamports(SOL / 1_000) && quote.fee_shares.0 == 30 * SOL / 10_000 * u64::from(fee)
        );
        expect_withdrawal(&mut world, 0, 30 * SOL);
    }
}

/// Stake of a validator that pays more costs more: what it gained, before the pool's fee, per lamport of its own.
#[test]
fn stake_costs_what_its_own_validator_gained() {
    let validator = |bps| ValidatorConfig::default().with_commission_bps(bps);
    let config = stage::all_fees().with_validators([0, 500, 1_000, 2_000].map(validator).to_vec());
    let mut world = stage::funded(config.with_parameters(|p| p.fees.stake_withdrawal = 0));
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    let gains = [0, 1, 2, 3].map(|index| world.record(index).gain_ppb);
    let of_all = world.pool().epoch_gain_ppb();
    assert!(gains[0] > gains[1] && gains[1] > gains[2] && gains[2] > gains[3], "{gains:?}");
    assert!(gains[0] > of_all && gains[3] < of_all, "{gains:?}, {of_all} is the pool's");
    let yield_ppb = world.chain.epoch_yield() * 1e9;
    assert!((f64::from(gains[0]) / yield_ppb - 1.0).abs() < 0.01, "{gains:?}, {yield_ppb} is the cluster's");
    for index in [0, 1] {
        let charge = quote_withdrawal(&world, index, 30 * SOL).charge.0;
        let least = u64::from(gains[index]) * 30;
        assert!(charge >= least && charge < least + least / 100, "{charge}, {least} is the least");
        expect_withdrawal(&mut world, index, 30 * SOL);
    }
}

/// An epoch's gain is that of all updates of the epoch, whoever splits it; one that finds nothing forgets nothing.
#[test]
fn no_number_of_updates_makes_stake_cheaper() {
    let mut world = staked(0);
    let main = world.validators[0].stake(StakeRole::Main);
    let gain = |world: &World| world.record(0).gain_ppb;
    let before = gain(&world);
    for _ in 0..3 {
        world.update([0]).unwrap();
    }
    assert_eq!(gain(&world), before);
    world.give(&main, SOL / 1_000).unwrap();
    world.update([0]).unwrap();
    assert!(gain(&world) > before, "a tip is a gain too");

    // The first gain of another epoch takes its place.
    world.cross_epoch();
    world.update([0]).unwrap();
    assert!(gain(&world).abs_diff(before) < before / 10, "{} and {before}", gain(&world));
    world.chain.set_uptime(0, 0);
    let last = gain(&world);
    for _ in 0..2 {
        world.cross_epoch();
        world.update([0]).unwrap();
    }
    assert_eq!(gain(&world), last, "nothing was gained since");
    world.give(&main, 100 * SOL).unwrap();
    world.update([0]).unwrap();
    assert_eq!(gain(&world), math::entry::MAX_EPOCH_GAIN_PPB, "no gift makes it dearer than that");
}

/// The least LST that gives `lamports` of validator `index`.
fn lst_for(world: &World, index: usize, lamports: u64) -> u64 {
    let (mut too_little, mut enough) = (1, world.pool().lst_supply);
    while enough - too_little > 1 {
        let middle = (too_little + enough) / 2;
        let is_enough = quote_withdrawal(world, index, middle).lamports >= Lamports(lamports);
        *(if is_enough { &mut enough } else { &mut too_little }) = middle;
    }
    enough
}

#[test]
fn the_smallest_stake_can_leave_and_all_but_the_smallest() {
    let mut world = staked(0);
    let smallest = lst_for(&world, 0, SOL);
    refuse(&mut world, 0, smallest - 1, TidepoolError::BelowMinimumDelegation);
    expect_withdrawal(&mut world, 0, smallest);

    let main = world.validators[1].stake(StakeRole::Main);
    let most = lst_for(&world, 1, staked_in(&world, &main) - SOL + 1) - 1;
    refuse(&mut world, 1, most + 2, TidepoolError::BelowMinimumDelegation);
    expect_withdrawal(&mut world, 1, most);
    assert!(staked_in(&world, &main) <= SOL + 1);
}

/// A keyless validator: its vote account is gone, and what is staked there can still leave.
#[test]
fn stake_leaves_a_vote_account_that_is_gone() {
    let mut world = staked(10);
    world.chain.set_account(&world.validators[0].vote, &Account::default());
    expect_withdrawal(&mut world, 0, 30 * SOL);
}

/// Free lamports of the main account, tips and gifts, stay.
#[test]
fn what_lies_in_the_main_account_stays_with_the_pool() {
    let mut world = staked(10);
    let main = world.validators[0].stake(StakeRole::Main);
    world.give(&main, 3 * SOL).unwrap();
    expect_withdrawal(&mut world, 0, 30 * SOL);
    let before = world.pool().reserve_lamports;
    world.update([0]).unwrap();
    assert!(world.pool().reserve_lamports - before >= 3 * SOL);
}

/// More than the rent in the prepared account is its owner's, and is not staked.
#[test]
fn lamports_of_the_prepared_account_stay_its_owners() {
    let mut world = staked(10);
    let stake = world.prepare_stake().unwrap();
    world.chain.add_lamports(&stake, 5 * SOL);
    let ana = world.user("ana").wallet;
    let lamports = quote_withdrawal(&world, 0, 30 * SOL).lamports.0;
    let before = world.chain.lamports(&stake);
    let withdraw = wish_withdrawal(&world, &stake, 0, 30 * SOL, 0);
    world.send(&[withdraw], &[&ana]).unwrap();
    assert_eq!((staked_in(&world, &stake), world.chain.lamports(&stake)), (lamports, before + lamports));
}

// ---- from whom

/// Withdrawals of all users would otherwise empty the same validator.
#[test]
fn a_validator_below_its_share_gives_nothing_and_another_one_does() {
    let mut world = staked(10);
    for index in 0..3 {
        expect_withdrawal(&mut world, index, 40 * SOL);
        refuse(&mut world, index, 10 * SOL, TidepoolError::ValidatorBelowShare);
    }
    // Who still has most gives as much as all others before it, and more.
    expect_withdrawal(&mut world, 3, 30 * SOL);
    expect_withdrawal(&mut world, 3, 30 * SOL);
}

/// `solido#336`: two users' withdrawals were built on the same state, and the second one failed. Here either can be first, and
/// the second is told why and where to go.
#[test]
fn of_two_withdrawals_built_on_the_same_state_the_second_is_sent_elsewhere() {
    for order in [["ana", "bob"], ["bob", "ana"]] {
        let mut world = staked(10);
        let richest = |world: &World| (0..4).max_by_key(|i| world.record(*i).staked_lamports).unwrap();
        let first = richest(&world);
        let wishes = order.map(|name| {
            let (user, stake) = (world.user(name), world.prepare_stake().unwrap());
            let withdraw = |index: usize| {
                let validator = world.validators[index];
                world.keys.withdraw_stake(&user.wallet.pubkey(), &stake, &validator, &user.lst, 100 * SOL, 0)
            };
            (user.wallet.insecure_clone(), (0..4).map(withdraw).collect::<Vec<_>>())
        });
        let [(wallet, wish), (other_wallet, other_wish)] = &wishes;
        world.send(&wish[first..=first], &[wallet]).unwrap();
        world.expect_refusal(&other_wish[first], &[other_wallet], TidepoolError::ValidatorBelowShare);
        let next = richest(&world);
        world.send(&other_wish[next..=next], &[other_wallet]).unwrap();
    }
}

/// What a validator has whose weight or score is 0 is all beyond its share.
#[test]
fn a_validator_that_should_have_nothing_gives_all_but_the_smallest_delegation() {
    let mut world = staked(10);
    stakes::set_score(&world, 2, 0);
    let staked = staked_in(&world, &world.validators[2].stake(StakeRole::Main));
    for lst in [staked / 2, staked / 3] {
        expect_withdrawal(&mut world, 2, lst);
    }
}

#[test]
fn a_withdrawal_names_the_validator_by_place_and_vote_account() {
    let mut world = staked(10);
    let stake = world.prepare_stake().unwrap();
    let ana = world.user("ana");
    let [first, second] = [world.validators[0], world.validators[1]];
    for wrong in [
        ValidatorKeys { slot_in_page: 1, ..first },
        ValidatorKeys { slot_in_page: 31, ..first },
        ValidatorKeys { slot_in_page: 32, ..first },
        ValidatorKeys { vote: second.vote, ..first },
        ValidatorKeys { vote: Pubkey::default(), slot_in_page: 5, ..first },
    ] {
        let me = ana.wallet.pubkey();
        let withdraw = world.keys.withdraw_stake(&me, &stake, &wrong, &ana.lst, 10 * SOL, 0);
        world.expect_refusal(&withdraw, &[&ana.wallet], TidepoolError::NoSuchValidator);
    }
    let withdraw = wish_withdrawal(&world, &stake, 0, 10 * SOL, 0);
    let main = first.stake(StakeRole::Main);
    for other in
        [first.stake(StakeRole::Onramp), first.stake(StakeRole::Offramp), second.stake(StakeRole::Main)]
    {
        let wrong = withdraw.clone().with(&main, &other);
        world.expect_refusal(&wrong, &[&ana.wallet], TidepoolError::StakeAccountMismatch);
    }
}

#[test]
fn a_main_account_that_is_not_the_pools_gives_nothing() {
    const STAKER: usize = 12;
    const WITHDRAWER: usize = 44;
    const LOCKUP_TIME: usize = 76;
    for offset in [STAKER, WITHDRAWER, LOCKUP_TIME] {
        let mut world = staked(10);
        let main = world.validators[0].stake(StakeRole::Main);
        stage::patch(&world, &main, |account| account.data[offset] ^= 1);
        refuse(&mut world, 0, 10 * SOL, TidepoolError::ForeignStakeAccount);
    }
}

/// The books do not know of the loss yet: who leaves with stake would leave it to the others.
#[test]
fn after_a_slashing_nobody_leaves_before_the_update() {
    let mut world = staked(10);
    world.slash(0, 1).unwrap();
    refuse(&mut world, 0, 10 * SOL, TidepoolError::ValidatorNotUpdated);
    world.update([0]).unwrap();
    world.update_all().unwrap();
    stakes::set_score(&world, 0, 0);
    expect_withdrawal(&mut world, 0, 10 * SOL);
}

/// Nothing is staked yet; all of it is cooling down.
#[test]
fn a_validator_without_active_stake_gives_nothing() {
    let mut world = stage::funded(WorldConfig::default());
    refuse(&mut world, 0, 10 * SOL, TidepoolError::StakeNotActive);
    world.to_move_window();
    world.move_stake().unwrap();
    refuse(&mut world, 0, 10 * SOL, TidepoolError::StakeNotActive);

    let mut world = with_main_stake(5 * SOL);
    let all = world.lst_of("ana");
    world.order_unstake("ana", all - 4 * SOL).unwrap();
    world.to_move_window();
    stage::patch(&world, &world.validators[0].stake(StakeRole::Main), |account| {
        const DEACTIVATION_EPOCH: usize = 172;
        let epoch = world.chain.epoch();
        stage::put_u64(account, DEACTIVATION_EPOCH, epoch);
    });
    refuse(&mut world, 0, 2 * SOL, TidepoolError::StakeNotActive);
}

/// What leaves is stake of the validator that was named, or nothing.
#[test]
fn a_main_account_with_another_vote_account_gives_nothing() {
    let mut world = staked(10);
    let richest = (0..3).max_by_key(|index| world.record(*index).staked_lamports).unwrap();
    stakes::delegate_to_another(&world, richest);
    refuse(&mut world, richest, 10 * SOL, TidepoolError::StakeNotActive);
}

// ---- how much

/// `stake-pool#756`: at a minimum delegation of 1 SOL, an account between 1 and 2 SOL blocked the order of withdrawals.
/// Quantstamp QSP-3, spl#3805: only the part that moved was checked. Both sides of a split keep the minimum; what cannot leave as stake leaves by a ticket.
#[test]
fn both_sides_of_a_split_keep_the_minimum_delegation() {
    for staked in [SOL, SOL + 1, 3 * SOL / 2, 2 * SOL - 1, 2 * SOL, 2 * SOL + 1, 5 * SOL] {
        for wanted in [SOL - 1, SOL, SOL + 1, staked - SOL, staked - SOL + 1, staked] {
            let mut world = with_main_stake(staked);
            let lst = lst_for(&world, 0, wanted.max(SOL / 2)).min(world.lst_of("ana"));
            let given = quote_withdrawal(&world, 0, lst).lamports.0;
            if given >= SOL && staked - given >= SOL {
                expect_withdrawal(&mut world, 0, lst);
            } else {
                refuse(&mut world, 0, lst, TidepoolError::BelowMinimumDelegation);
            }
            let ticket = world.order_unstake("ana", world.lst_of("ana")).unwrap();
            world.run_epoch().unwrap();
            assert!(world.ticket(&ticket).is_none(), "{lst} of {staked}");
        }
    }
}

/// They are in the main account, and not in the books from which what leaves is taken.
#[test]
fn rewards_that_nobody_has_looked_for_stay() {
    let config = WorldConfig::default().without_fees().with_validators(vec![ValidatorConfig::default()]);
    let mut world = stage::young(config.with_chain(|chain| chain.inflation *= 20.0));
    world.deposit("ana", 10_000 * SOL).unwrap();
    for _ in 0..2 {
        world.run_epoch().unwrap();
    }
    world.cross_epoch();
    world.deposit("ana", 1_000 * SOL).unwrap();
    let seen = world.record(0).lamports(StakeRole::Main);
    let staked = staked_in(&world, &world.validators[0].stake(StakeRole::Main));
    assert!(staked > seen + 2 * SOL, "{staked} of {seen}");
    let lst = lst_for(&world, 0, seen + 1);
    refuse(&mut world, 0, lst, TidepoolError::ValidatorNotUpdated);
    let lst = lst_for(&world, 0, seen);
    world.withdraw_stake("ana", lst - 1, 0).unwrap();
}

/// Solana-Audit-Arena#197, #227.
#[test]
fn a_withdrawal_never_gives_less_than_the_user_accepts() {
    for fee in [0, 50] {
        let mut world = staked(fee);
        let ana = world.user("ana").wallet;
        let stake = world.prepare_stake().unwrap();
        let lamports = quote_withdrawal(&world, 0, 30 * SOL).lamports.0;
        for too_much in [lamports + 1, u64::MAX] {
            let withdraw = wish_withdrawal(&world, &stake, 0, 30 * SOL, too_much);
            world.expect_refusal(&withdraw, &[&ana], TidepoolError::BelowMinimumOut);
        }
        let withdraw = wish_withdrawal(&world, &stake, 0, 30 * SOL, lamports);
        world.send(&[withdraw], &[&ana]).unwrap();
    }
}

#[test]
fn a_withdrawal_of_nothing_or_of_more_than_there_is_is_refused() {
    let mut world = staked(10);
    refuse(&mut world, 0, 0, TidepoolError::ZeroAmount);
    refuse(&mut world, 0, 1, TidepoolError::AmountTooSmall);
    let all = world.lst_of("ana");
    refuse(&mut world, 0, all + 1, TidepoolError::InsufficientBalance);
    refuse(&mut world, 0, u64::MAX, TidepoolError::InsufficientBalance);
}

// ---- into what

/// single-pool#250, #252; marinade: the pool's own accounts as the user's.
#[test]
fn only_a_new_stake_account_takes_stake() {
    let (mut world, active) = stakes::with_stake(5 * SOL);
    let other = OtherPool::beside(&world);
    let ana = world.user("ana").wallet;
    let rent = world.chain.rent().minimum_balance(200);
    let blank = |change: fn(&mut Account)| {
        let key = world.chain.create_blank_stake().unwrap();
        stage::patch(&world, &key, change);
        key
    };
    let mut wrong = vec![
        active,
        blank(|account| account.lamports -= 1),
        blank(|account| account.data.resize(4_008, 0)),
        blank(|account| account.data.truncate(199)),
        blank(|account| account.data[0] = 1),
        blank(|account| account.data[0] = 3),
        blank(|account| account.owner = cluster::SYSTEM_PROGRAM),
        blank(|account| *account = Account::default()),
        world.user("bob").wallet.pubkey(),
        world.keys.reserve,
    ];
    for validator in [&world.validators[0], &world.validators[1], &other.validator] {
        wrong.extend(StakeRole::ALL.map(|role| validator.stake(role)));
    }
    for wrong in &wrong {
        let withdraw = wish_withdrawal(&world, wrong, 0, 2 * SOL, 0);
        world.expect_refusal(&withdraw, &[&ana], TidepoolError::StakeAccountNotNew);
    }
    let right = blank(|_| ());
    assert_eq!(world.chain.lamports(&right), rent);
    world.add_vault(&right);
    let richest = (0..4).max_by_key(|index| world.record(*index).staked_lamports).unwrap();
    let withdraw = wish_withdrawal(&world, &right, richest, 2 * SOL, 0);
    world.send(std::slice::from_ref(&withdraw), &[&ana]).unwrap();
    world.expect_refusal(&withdraw, &[&ana], TidepoolError::StakeAccountNotNew);
}

#[test]
fn a_withdrawal_burns_only_what_its_user_owns() {
    let mut world = staked(10);
    let stake = world.prepare_stake().unwrap();
    let (ana, bob) = (world.user("ana"), world.user("bob"));
    let withdraw = wish_withdrawal(&world, &stake, 0, 10 * SOL, 0);
    let unsigned = withdraw.clone().unsigned(&ana.wallet.pubkey());
    world.expect_refusal(&unsigned, &[], AnchorError::AccountNotSigner);
    let of_bob = withdraw.clone().with(&ana.lst, &bob.lst);
    world.expect_refusal(&of_bob, &[&ana.wallet], OtherProgram::NotTheTokenOwner);
    for wrong in [ana.lp, world.keys.lst_mint, ana.wallet.pubkey()] {
        let wrong = withdraw.clone().with(&ana.lst, &wrong);
        world.expect_refusal(&wrong, &[&ana.wallet], TidepoolError::WrongTokenAccount);
    }
}

// ---- when

#[test]
fn nothing_leaves_while_rewards_are_paid() {
    let mut world = staked(10);
    world.advance(|chain| chain.cross_epoch());
    assert!(world.chain.rewards_active());
    refuse(&mut world, 0, 10 * SOL, TidepoolError::EpochRewardsActive);
}

#[test]
fn withdrawals_can_be_paused_by_themselves() {
    let mut world = staked(10);
    world.pause(Function::WithdrawStake.bit()).unwrap();
    refuse(&mut world, 0, 10 * SOL, TidepoolError::Paused);
    world.resume(Function::WithdrawStake.bit()).unwrap();
    world.pause(Function::MASK & !Function::WithdrawStake.bit()).unwrap();
    expect_withdrawal(&mut world, 0, 30 * SOL);
}

/// `marinade#98`, `stake-pool#721`: the rent of the day an account was made, and the rent of the day it is used.
#[test]
fn stake_leaves_after_the_rent_has_changed() {
    use tidepool_localnet::features::{set_lamports_per_byte_to_696, set_lamports_per_byte_to_6960};
    for (factor, change) in
        [(1.0, set_lamports_per_byte_to_696::id()), (0.1, set_lamports_per_byte_to_6960::id())]
    {
        let mut config = stage::all_fees();
        config.chain = config.chain.with_rent_factor(factor);
        let mut world = stage::funded(config);
        world.run_epoch().unwrap();
        let old = world.prepare_stake().unwrap();
        world.chain.activate_feature(&change);
        world.run_epoch().unwrap();
        let richest = (0..4).max_by_key(|index| world.record(*index).staked_lamports).unwrap();
        let withdraw = wish_withdrawal(&world, &old, richest, 30 * SOL, 0);
        let ana = world.user("ana").wallet;
        if factor < 1.0 {
            world.expect_refusal(&withdraw, &[&ana], TidepoolError::StakeAccountNotNew);
        } else {
            world.send(&[withdraw], &[&ana]).unwrap();
        }
        let richest = (0..4).max_by_key(|index| world.record(*index).staked_lamports).unwrap();
        expect_withdrawal(&mut world, richest, 30 * SOL);
        world.run_epoch().unwrap();
    }
}
