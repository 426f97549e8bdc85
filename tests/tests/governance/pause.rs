//! What can be stopped, by whom, for how long; and what never can.

use {
    crate::stage::{
        self, change_pool, governed, pay_rewards, send, slots, staked, to_first_slot_of, to_last_slot, Cast,
    },
    tidepool_client::{events::*, read_ticket, Role, TicketKind},
    tidepool_interface::{
        header::{Function, BREAKER},
        limits::PAUSE_EPOCHS,
        PoolHeader,
    },
    tidepool_math::Epoch,
    tidepool_tests::prelude::*,
};

/// An instruction of ana's for each function a user can be refused; the delegation is no user's.
fn uses(world: &mut World, function: Function) -> Vec<Instruction> {
    let (ana, keys) = (world.user("ana"), world.keys);
    let wallet = ana.wallet.pubkey();
    let validator = world.validators[0];
    match function {
        Function::Deposit => {
            let stake = world.add_stake("ana", 0, 5 * SOL).unwrap();
            vec![
                keys.deposit(&wallet, &ana.lst, SOL, 0),
                keys.deposit_stake(&wallet, &stake, &validator, &ana.lst, 0),
            ]
        }
        Function::LiquidUnstake => vec![keys.liquid_unstake(&wallet, &ana.lst, SOL, 0)],
        Function::AddLiquidity => vec![keys.add_liquidity(&wallet, &ana.lp, SOL, 0)],
        Function::WithdrawStake => {
            let stake = world.prepare_stake().unwrap();
            vec![keys.withdraw_stake(&wallet, &stake, &validator, &ana.lst, 2 * SOL, 0)]
        }
        Function::Delegation => vec![],
    }
}

fn header(world: &World) -> PoolHeader {
    PoolHeader::parse(&world.account(&world.keys.pool).unwrap().data).unwrap()
}

fn end_of(world: &World, function: Function) -> Epoch {
    world.pool().pause_end_epoch[function as usize]
}

#[track_caller]
fn guardian_pauses(world: &mut World, cast: &Cast, functions: u8) {
    let pause = world.keys.pause(&cast.guardian.pubkey(), functions);
    send(world, &pause, &[&cast.guardian]);
}

#[track_caller]
fn guardian_is_spent(world: &World, cast: &Cast, functions: u8) {
    let pause = world.keys.pause(&cast.guardian.pubkey(), functions);
    world.expect_refusal(&pause, &[&cast.guardian], TidepoolError::GuardianPauseSpent);
}

#[track_caller]
fn guardian_resumes(world: &mut World, cast: &Cast, functions: u8) {
    let resume = world.keys.resume(&cast.guardian.pubkey(), functions);
    send(world, &resume, &[&cast.guardian]);
}

#[track_caller]
fn is_refused(world: &mut World, function: Function) {
    let ana = world.user("ana").wallet;
    for instruction in uses(world, function) {
        world.expect_refusal(&instruction, &[&ana], TidepoolError::Paused);
    }
}

/// Whatever else is wrong with it: not a pause.
fn is_not_paused(world: &World, instruction: &Instruction, signer: &Keypair) {
    // Straight to the chain, where what it does is not in this world's books.
    let sent = world.chain.send(std::slice::from_ref(instruction), &[world.chain.faucet(), signer]);
    let code = sent.err().and_then(|failure| failure.custom_error_code());
    assert_ne!(code, Some(TidepoolError::Paused.into()));
}

#[test]
fn each_function_is_paused_by_its_own_bit_and_no_other() {
    for function in Function::ALL {
        for by_admin in [false, true] {
            let (mut world, cast) = staked();
            let others: Vec<Function> =
                Function::ALL.into_iter().filter(|other| *other != function).collect();
            let all_uses: Vec<_> = others.iter().flat_map(|other| uses(&mut world, *other)).collect();
            let (key, pool) = (if by_admin { &cast.admin } else { &cast.guardian }, world.keys.pool);
            let end = world.chain.epoch() + PAUSE_EPOCHS;
            let pause = world.keys.pause(&key.pubkey(), function.bit());
            let outcome = change_pool(&mut world, &pause, &[key], |pool| {
                pool.pause_flags = 1 << function as u8;
                pool.pause_end_epoch[function as usize] = end;
            });
            let mut pause_end_epoch = [0; 8];
            pause_end_epoch[function as usize] = end;
            let state = stage::state(&world);
            outcome.assert_told(&PauseSet {
                pool,
                by: key.pubkey(),
                pause_flags: function.bit(),
                pause_end_epoch,
                state,
            });
            assert!(Function::ALL
                .into_iter()
                .all(|other| header(&world).is_paused(other) == (other == function)));

            is_refused(&mut world, function);
            world.to_move_window();
            let outcome = world.delegate(0).unwrap();
            let reasons = told::<NothingDue>(&outcome);
            let is_paused = reasons.first().is_some_and(|event| event.reason == NothingDueReason::Paused);
            assert_eq!(is_paused, function == Function::Delegation);
            let ana = world.user("ana").wallet;
            all_uses.iter().for_each(|instruction| is_not_paused(&world, instruction, &ana));
        }
    }
}

#[test]
fn a_resume_opens_what_it_names_and_nothing_else() {
    for function in Function::ALL {
        for by_admin in [false, true] {
            let (mut world, cast) = governed();
            guardian_pauses(&mut world, &cast, Function::MASK);
            let mut ends = world.pool().pause_end_epoch;
            let (key, pool) = (if by_admin { &cast.admin } else { &cast.guardian }, world.keys.pool);
            let resume = world.keys.resume(&key.pubkey(), function.bit());
            // The admin gives the guardian a new pause; the guardian's own window goes on.
            if by_admin {
                ends[function as usize] = 0;
            }
            let pause_flags = Function::MASK & !function.bit();
            let outcome = change_pool(&mut world, &resume, &[key], |pool| {
                pool.pause_flags = pause_flags;
                pool.pause_end_epoch = ends;
            });
            let state = stage::state(&world);
            outcome.assert_told(&PauseSet {
                pool,
                by: key.pubkey(),
                pause_flags,
                pause_end_epoch: ends,
                state,
            });
            for other in Function::ALL.into_iter().filter(|other| *other != function) {
                is_refused(&mut world, other);
            }
            let ana = world.user("ana").wallet;
            uses(&mut world, function).iter().for_each(|use_| is_not_paused(&world, use_, &ana));
        }
    }
}

#[test]
fn what_is_not_paused_can_be_resumed_to_no_effect() {
    let (mut world, cast) = governed();
    let resume = world.keys.resume(&cast.guardian.pubkey(), Function::MASK);
    change_pool(&mut world, &resume, &[&cast.guardian], |_| ());
}

#[test]
fn bits_without_a_function_are_refused() {
    let (world, cast) = governed();
    for bits in [0, 0b10_0000, 0b100_0000, 0b1000_0000, 0b10_0001, u8::MAX] {
        for key in [&cast.guardian, &cast.admin] {
            let pause = world.keys.pause(&key.pubkey(), bits);
            world.expect_refusal(&pause, &[key], TidepoolError::InvalidParameter);
            let resume = world.keys.resume(&key.pubkey(), bits);
            // The breaker is nothing one can pause; that it is closed can be said at any time.
            if bits != BREAKER {
                world.expect_refusal(&resume, &[key], TidepoolError::InvalidParameter);
            }
        }
    }
}

#[test]
fn a_pause_is_over_in_the_first_slot_of_its_last_epoch_whoever_set_it() {
    for by_admin in [false, true] {
        let (mut world, cast) = governed();
        to_last_slot(&mut world); // it lasts no shorter than whole epochs
        let start = world.chain.epoch();
        match by_admin {
            true => drop(world.pause(Function::MASK).unwrap()),
            false => guardian_pauses(&mut world, &cast, Function::MASK),
        }
        to_first_slot_of(&mut world, start + PAUSE_EPOCHS - 1);
        to_last_slot(&mut world);
        let ana = world.user("ana");
        let deposit = world.keys.deposit(&ana.wallet.pubkey(), &ana.lst, SOL, 0);
        world.expect_refusal(&deposit, &[&ana.wallet], TidepoolError::Paused);
        let next = world.chain.epoch() + 1;
        to_first_slot_of(&mut world, next);
        send(&mut world, &deposit, &[&ana.wallet]);
        assert_eq!(world.pool().pause_flags, 0);
        world.liquid_unstake("ana", SOL).unwrap();
        world.add_liquidity("ana", SOL).unwrap();
    }
}

#[test]
fn the_admin_renews_a_pause_as_often_as_he_likes() {
    let (mut world, cast) = governed();
    let deposit = Function::Deposit.bit();
    guardian_pauses(&mut world, &cast, deposit);
    let mut end = 0;
    for _ in 0..3 {
        let epoch = world.chain.epoch() + PAUSE_EPOCHS - 1;
        to_first_slot_of(&mut world, epoch);
        world.pause(deposit).unwrap();
        end = epoch + PAUSE_EPOCHS;
        assert_eq!(end_of(&world, Function::Deposit), end);
    }
    to_first_slot_of(&mut world, end - 1);
    pay_rewards(&mut world);
    is_refused(&mut world, Function::Deposit);
    to_first_slot_of(&mut world, end);
    world.deposit("ana", SOL).unwrap();
    // After its end, too.
    world.pause(deposit).unwrap();
    assert_eq!(end_of(&world, Function::Deposit), end + PAUSE_EPOCHS);
}

/// The guardian's pause gives the admin time to decide; it is not a way to close a pool.
#[test]
fn a_guardian_does_not_stretch_his_pause() {
    let (mut world, cast) = governed();
    let functions = Function::Deposit.bit() | Function::WithdrawStake.bit();
    let start = world.chain.epoch();
    let end = start + PAUSE_EPOCHS;
    guardian_pauses(&mut world, &cast, functions);
    for passed in [0, 1, 5, PAUSE_EPOCHS - 1] {
        to_first_slot_of(&mut world, start + passed);
        guardian_pauses(&mut world, &cast, functions);
        assert_eq!(end_of(&world, Function::Deposit), end);
        // He may lift it and set it again; its window stays what it was.
        guardian_resumes(&mut world, &cast, functions);
        assert_eq!((world.pool().pause_flags, end_of(&world, Function::Deposit)), (0, end));
        world.deposit("ana", SOL).unwrap();
        guardian_pauses(&mut world, &cast, functions);
        assert_eq!((world.pool().pause_flags, end_of(&world, Function::Deposit)), (functions, end));
    }
    to_first_slot_of(&mut world, end);
    world.deposit("ana", SOL).unwrap();
    guardian_is_spent(&world, &cast, functions);
}

#[test]
fn a_spent_pause_is_the_guardians_again_after_as_much_time() {
    let (mut world, cast) = governed();
    let deposit = Function::Deposit.bit();
    let end = world.chain.epoch() + PAUSE_EPOCHS;
    guardian_pauses(&mut world, &cast, deposit);
    guardian_resumes(&mut world, &cast, deposit); // lifting it early does not save any of it
    for epoch in [end, end + 1, end + PAUSE_EPOCHS - 1] {
        to_first_slot_of(&mut world, epoch);
        guardian_is_spent(&world, &cast, deposit);
        // With one function that is his, too: all or nothing.
        guardian_is_spent(&world, &cast, Function::MASK);
        assert_eq!(world.pool().pause_flags, 0);
    }
    to_last_slot(&mut world);
    guardian_is_spent(&world, &cast, deposit);
    // What he has not paused is his at any time.
    guardian_pauses(&mut world, &cast, Function::LiquidUnstake.bit());
    to_first_slot_of(&mut world, end + PAUSE_EPOCHS);
    guardian_pauses(&mut world, &cast, deposit);
    assert_eq!(end_of(&world, Function::Deposit), end + 2 * PAUSE_EPOCHS);
}

#[test]
fn the_admin_gives_the_guardian_his_pause_back() {
    let (mut world, cast) = governed();
    let deposit = Function::Deposit.bit();
    let end = world.chain.epoch() + PAUSE_EPOCHS;
    guardian_pauses(&mut world, &cast, deposit);
    to_first_slot_of(&mut world, end);
    guardian_is_spent(&world, &cast, deposit);
    guardian_resumes(&mut world, &cast, deposit);
    guardian_is_spent(&world, &cast, deposit);
    world.resume(deposit).unwrap();
    guardian_pauses(&mut world, &cast, deposit);
    assert_eq!(end_of(&world, Function::Deposit), end + PAUSE_EPOCHS);
}

/// Another guardian is not another pause.
#[test]
fn a_new_guardian_has_no_more_than_what_is_left_of_the_pause() {
    let (mut world, cast) = governed();
    let deposit = Function::Deposit.bit();
    let end = world.chain.epoch() + PAUSE_EPOCHS;
    guardian_pauses(&mut world, &cast, deposit);
    world.propose_role(Role::Guardian, &cast.stranger.pubkey()).unwrap();
    world.accept_role(&cast.stranger, Role::Guardian).unwrap();
    let pause = world.keys.pause(&cast.stranger.pubkey(), deposit);
    send(&mut world, &pause, &[&cast.stranger]);
    assert_eq!(end_of(&world, Function::Deposit), end);
    to_first_slot_of(&mut world, end);
    world.expect_refusal(&pause, &[&cast.stranger], TidepoolError::GuardianPauseSpent);
}

/// A pause that has ended is seen in no preview and in no instruction, though nobody has touched the pool since.
#[test]
fn previews_know_of_a_pause_and_of_its_end() {
    let (mut world, _) = governed();
    let start = world.chain.epoch();
    world.pause(Function::MASK).unwrap();
    let previews = [world.keys.preview_deposit(SOL), world.keys.preview_liquid_unstake(SOL)];
    for preview in &previews {
        world.expect_refusal(preview, &[], TidepoolError::Paused);
    }
    let order = world.keys.preview_order_unstake(SOL);
    send(&mut world, &order, &[]);
    to_first_slot_of(&mut world, start + PAUSE_EPOCHS);
    for preview in &previews {
        send(&mut world, preview, &[]);
    }
    assert_eq!(world.pool().pause_flags, Function::MASK, "a view writes nothing");
}

/// marinade emergency_pause + claim.rs: the pause stopped ordering and claiming too.
///
/// With every bit set everything works that a holder needs to leave, and everything that brings him his SOL.
#[test]
fn what_lets_holders_leave_is_never_paused() {
    let (mut world, cast) = staked();
    let (keys, faucet) = (world.keys, world.chain.faucet().pubkey());
    world.liquid_unstake("ana", 100 * SOL).unwrap(); // LST to recycle
    let waiting = world.order_unstake("bob", 80 * SOL).unwrap();
    let cancelled = world.order_unstake("ana", 150 * SOL).unwrap();
    world.pause(Function::MASK).unwrap();
    guardian_pauses(&mut world, &cast, Function::MASK);

    // Order, transfer, cancel.
    let ordered = world.order_unstake("ana", 30 * SOL).unwrap();
    let (ana, cat) = (world.user("ana"), world.user("cat").wallet.pubkey());
    let transfer = keys.transfer_ticket(&ordered.key, &ordered.owner, &cat);
    send(&mut world, &transfer, &[&ana.wallet]);
    let ordered = OpenTicket { owner: cat, ..ordered };
    let cancel = keys.cancel_ticket(&cancelled.key, &cancelled.owner, &faucet, &ana.lst, 0);
    send(&mut world, &cancel, &[&ana.wallet]);
    let gap = world.ticket(&cancelled).unwrap();
    assert_eq!(gap.kind, TicketKind::Cancelled, "bob waits before it and cat behind it");

    // Leave the liquidity pool.
    let lp = world.lp_of("bob");
    world.remove_liquidity("bob", lp / 2).unwrap();

    // Stake comes back for the tickets and only for them.
    world.to_move_window();
    let recycle = keys.recycle_liquidity(&faucet, 7);
    let recycled = pda::ticket(&keys.pool, &keys.sol_vault, 7).0;
    world.tickets.push(OpenTicket { key: recycled, owner: keys.sol_vault, rent_payer: faucet });
    let outcome = send(&mut world, &recycle, &[]);
    assert_eq!(told::<LiquidityRecycled>(&outcome).len(), 1);
    slots(&mut world, 1);
    let shortfall = world.pool().shortfall(world.chain.slot()).unwrap().0;
    let undelegated: u64 = (0..4)
        .flat_map(|index| told::<StakeUndelegated>(&world.undelegate(index).unwrap()))
        .map(|event| event.stake.lamports)
        .sum();
    assert!(shortfall > 0 && undelegated >= shortfall, "{undelegated} of {shortfall}");
    assert_eq!(world.pool().moved_lamports, 0, "nothing is moved for another reason");

    // Updates, syncs, releases, claims, collections.
    world.cross_epoch();
    world.update_all().unwrap();
    world.sync().unwrap();
    let release = keys.release_ticket(&cancelled.key, &faucet);
    send(&mut world, &release, &[]);
    for ticket in [waiting, ordered] {
        let (owed, before) = (world.ticket(&ticket).unwrap().lamports, world.chain.lamports(&ticket.owner));
        world.claim(&ticket).unwrap();
        assert_eq!(world.chain.lamports(&ticket.owner) - before, owed);
        assert!(world.ticket(&ticket).is_none());
    }
    let owed = read_ticket(&world.account(&recycled).unwrap().data).unwrap().lamports;
    let before = world.liquidity().sol_lamports;
    send(&mut world, &keys.collect_recycled(&recycled, &faucet), &[]);
    assert_eq!(world.liquidity().sol_lamports - before, owed);

    // And the roles work, so that it ends.
    world.set_fees(world.fees()).unwrap();
    world.set_parameters(world.settings()).unwrap();
    world.propose_role(Role::Admin, &cast.stranger.pubkey()).unwrap();
    world.accept_role(&cast.stranger, Role::Admin).unwrap();
    assert_eq!(world.pool().pause_flags, Function::MASK);
}

/// With the delegation paused no stake goes out, and none is moved between validators, whatever their targets.
#[test]
fn a_paused_delegation_moves_no_stake_but_for_tickets() {
    let (mut world, cast) = staked();
    world.deposit("ana", 200 * SOL).unwrap();
    let mut settings = world.settings();
    settings.max_validator_bps = 0; // every validator is above its target
    settings.max_move_bps = 10_000;
    world.set_parameters(settings).unwrap();
    guardian_pauses(&mut world, &cast, Function::Delegation.bit());
    world.to_move_window();
    let slot = world.chain.slot();
    for index in 0..4 {
        let keys =
            [world.keys.delegate(&world.validators[index]), world.keys.undelegate(&world.validators[index])];
        for (crank, reason) in keys.iter().zip([NothingDueReason::Paused, NothingDueReason::AtTarget]) {
            let outcome = world.send(std::slice::from_ref(crank), &[]).unwrap();
            let told = told::<NothingDue>(&outcome);
            assert_eq!(told.first().map(|event| event.reason), Some(reason));
        }
    }
    assert_eq!(world.chain.slot(), slot);
    assert_eq!((world.pool().cooling_lamports, world.pool().moved_lamports), (0, 0));
    // Once it is opened, it does.
    guardian_resumes(&mut world, &cast, Function::Delegation.bit());
    let outcome = world.undelegate(0).unwrap();
    assert_eq!(told::<StakeUndelegated>(&outcome).len(), 1);
}
