//! Whatever admin, manager, guardian and treasury do, and whatever is paused: a holder can order, and once the SOL is
//! there, he is paid, to the lamport.

use {
    crate::stage::{self, highest_fees, send, slots, staked, to_first_slot_of, worst_settings, Cast, Dice},
    std::collections::BTreeMap,
    tidepool_client::{events::*, NewWeight, PoolFees, PoolSettings, Role, TicketKind, ValidatorRules},
    tidepool_interface::header::{Function, BREAKER},
    tidepool_math::quote_cancel,
    tidepool_tests::prelude::*,
};

/// Epochs in which everything that was ordered has to be paid if the cranks are turned: stake cools down in one.
const EPOCHS_TO_PAY: usize = 2;

/// Where the state of a token account is, and the one that stops it.
const STATE: usize = 108;
const FROZEN: u8 = 2;

type Hostile = fn(&mut World, &Cast);

/// What they can do to holders.
const HOSTILE: [(&str, Hostile); 13] = [
    ("nothing", |_, _| ()),
    ("every fee at its cap", |world, _| {
        world.set_fees(highest_fees()).unwrap();
        let epoch = world.chain.epoch() + 2;
        to_first_slot_of(world, epoch);
        stage::pay_rewards(world);
    }),
    ("the worst settings", |world, _| {
        world.set_parameters(worst_settings()).unwrap();
    }),
    ("everything kept liquid", |world, _| {
        let settings = PoolSettings { reserve_target_bps: 10_000, max_move_bps: 10_000, ..worst_settings() };
        world.set_parameters(settings).unwrap();
    }),
    ("every role with a key that is thrown away", throw_roles_away),
    ("the treasury frozen", |world, _| patch_treasury(world, |account| account.data[STATE] = FROZEN)),
    ("the treasury closed", |world, _| patch_treasury(world, |account| *account = Account::default())),
    ("weights that turn everything around", |world, cast| {
        // The pool itself pays the rent of new stake accounts, but never with what tickets wait for.
        let reserve = world.keys.reserve;
        world.give(&reserve, 40 * SOL).unwrap();
        world.sync().unwrap();
        enter_validator(world, cast, u32::MAX);
        enter_validator(world, cast, 0);
    }),
    ("the breaker open", |world, _| {
        let reserve_target_bps = world.settings().reserve_target_bps;
        world
            .set_parameters(PoolSettings { reserve_target_bps, breaker_bps: 1, ..worst_settings() })
            .unwrap();
        let main = world.validators[0].stake(StakeRole::Main);
        world.give(&main, SOL).unwrap();
        world.update([0]).unwrap();
        assert_eq!(world.pool().pause_flags & BREAKER, BREAKER);
    }),
    ("rules that no validator keeps", |world, _| {
        break_every_rule(world);
        world.review_all().unwrap();
        assert_eq!(world.pool().total_weight, 0);
    }),
    ("weights of nothing and the insurance asked for", |world, cast| {
        world.listed().into_iter().for_each(|index| reweigh(world, cast, index, 0));
        let admin = cast.admin.pubkey();
        world.propose_insurance_withdrawal(u64::MAX, &admin).unwrap();
        assert_eq!(world.pool().total_weight, 0);
    }),
    ("every validator drained", |world, cast| {
        world.listed().into_iter().for_each(|index| drain(world, cast, index));
    }),
    ("all of it", |world, cast| {
        // Those who have no role any more can do nothing more.
        let is_last = |name: &str| name == "all of it" || name.contains("thrown away");
        HOSTILE.into_iter().filter(|(name, _)| !is_last(name)).for_each(|(_, act)| act(world, cast));
        world.set_parameters(worst_settings()).unwrap();
        throw_roles_away(world, cast);
    }),
];

fn patch_treasury(world: &World, change: impl FnOnce(&mut Account)) {
    stage::patch(world, &world.keys.treasury, change);
}

/// New holders sign once, and are never seen again.
fn throw_roles_away(world: &mut World, cast: &Cast) {
    let lost = world.chain.fresh_keypair();
    let treasury = world.chain.create_token_account(&world.keys.lst_mint, &lost.pubkey()).unwrap();
    world.propose_role(Role::Treasury, &treasury).unwrap();
    world.accept_treasury(&lost, &treasury).unwrap();
    for role in [Role::Manager, Role::Guardian, Role::Admin] {
        world.propose_role(role, &lost.pubkey()).unwrap();
        world.accept_role(&lost, role).unwrap();
    }
    assert_ne!(world.pool().admin, cast.admin.pubkey());
}

fn enter_validator(world: &mut World, cast: &Cast, weight: u32) {
    let index = world.chain.add_validator(&ValidatorConfig::default());
    let validator = world.keys.validator(&world.chain.validator(index).vote, world.validators.len());
    let payer = world.operator.insecure_clone();
    let enter = world.keys.add_validator(&cast.manager.pubkey(), &payer.pubkey(), &validator, weight, 0);
    world.validators.push(validator);
    send(world, &enter, &[&cast.manager, &payer]);
}

/// None that takes a commission, or has missed a vote.
fn break_every_rule(world: &mut World) {
    world
        .set_rules(|rules| {
            *rules = ValidatorRules {
                max_group_bps: 0,
                max_cluster_bps: 0,
                max_commission_bps: 0,
                min_credit_bps: 10_000,
                max_vote_lag_bps: 1,
                score_gain: u16::MAX,
                stake_per_bond: 1,
                ..*rules
            }
        })
        .unwrap();
}

fn reweigh(world: &mut World, cast: &Cast, index: usize, weight: u32) {
    let ValidatorKeys { vote, page, slot_in_page, .. } = world.validators[index];
    if !world.record(index).is_draining() {
        let new = vec![NewWeight { slot_in_page, vote, weight, group: 1 }];
        let set = world.keys.set_weights(&cast.manager.pubkey(), &page, new);
        send(world, &set, &[&cast.manager]);
    }
}

fn drain(world: &mut World, cast: &Cast, index: usize) {
    if !world.record(index).is_draining() {
        let drain = world.keys.drain_validator(&cast.manager.pubkey(), &world.validators[index]);
        send(world, &drain, &[&cast.manager]);
    }
}

/// What was ordered, by ticket, and what was paid on it.
#[derive(Default)]
struct Debts {
    open: BTreeMap<Pubkey, Debt>,
}

#[derive(Clone)]
struct Debt {
    ticket: OpenTicket,
    owed: u64,
    paid: u64,
}

impl Debts {
    /// An order, which nothing may refuse, is worth what the rate and the fee of now give.
    fn order(&mut self, world: &mut World, name: &str, lst: u64) -> OpenTicket {
        let quote = quote_order(&world.rate(), Shares(lst), Bps(world.fees().ticket)).unwrap();
        let before = world.lst_of(name);
        let ticket = world.order_unstake(name, lst).unwrap_or_else(|failure| panic!("an order: {failure}"));
        let owed = world.ticket(&ticket).unwrap().lamports;
        assert_eq!((owed, before - world.lst_of(name)), (quote.lamports.0, lst));
        self.open.insert(ticket.key, Debt { ticket: ticket.clone(), owed, paid: 0 });
        ticket
    }

    /// A ticket becomes LST again; what is left of it is a gap at most.
    fn cancel(&mut self, world: &mut World, name: &str, ticket: &OpenTicket) -> u64 {
        let (user, state, mut pool) = (world.user(name), world.ticket(ticket).unwrap(), world.pool());
        pool.touch(&world.chain.clock()).unwrap();
        let (unpaid, burned) = (state.units - state.paid_units, Shares(state.lst_amount));
        let worth = pool.queue().worth(unpaid).unwrap();
        let charge = pool.return_charge(world.chain.epoch()).unwrap();
        let rate = pool.rate_with(charge).unwrap();
        let expected = quote_cancel(&rate, worth, burned, unpaid, state.units).unwrap();
        let before = world.lst_of(name);
        let cancel = world.keys.cancel_ticket(&ticket.key, &ticket.owner, &ticket.rent_payer, &user.lst, 0);
        send(world, &cancel, &[&user.wallet]);
        assert_eq!(world.lst_of(name) - before, expected.0);
        self.open.remove(&ticket.key);
        expected.0
    }

    fn transfer(&mut self, world: &mut World, name: &str, ticket: &OpenTicket, to: &Pubkey) {
        let transfer = world.keys.transfer_ticket(&ticket.key, &ticket.owner, to);
        send(world, &transfer, &[&world.user(name).wallet]);
        self.open.get_mut(&ticket.key).unwrap().ticket.owner = *to;
    }

    /// Whatever can be claimed is, by anyone; gaps are released.
    fn collect(&mut self, world: &mut World) {
        for ticket in world.tickets.clone() {
            let Some(state) = world.ticket(&ticket) else { continue };
            if state.kind == TicketKind::Cancelled {
                let release = world.keys.release_ticket(&ticket.key, &ticket.rent_payer);
                send(world, &release, &[]);
                continue;
            }
            let due = world.pool().queue().claimable(&state.range(), state.paid_units).unwrap();
            if due.lamports.is_zero() || !state.is_claimable_in(world.chain.epoch()) {
                continue;
            }
            let debt = self.open.get_mut(&ticket.key).unwrap();
            let before = world.chain.lamports(&debt.ticket.owner);
            let claimed = world.claim(&debt.ticket).unwrap_or_else(|failure| panic!("a claim: {failure}"));
            debt.paid += told::<TicketClaimed>(&claimed)[0].lamports;
            assert_eq!(world.chain.lamports(&debt.ticket.owner) - before, due.lamports.0);
            if world.ticket(&ticket).is_none() {
                let debt = self.open.remove(&ticket.key).unwrap();
                assert_eq!(debt.paid, debt.owed, "not more, not less");
            }
        }
    }

    /// Turns the cranks until everything is paid.
    fn settle(&mut self, world: &mut World) {
        for _ in 0..EPOCHS_TO_PAY {
            slots(world, 1); // orders of this very slot do not drive an undelegation
            work_an_epoch(world);
            self.collect(world);
            if self.open.is_empty() {
                return;
            }
        }
        let left: Vec<_> = self.open.values().map(|debt| (debt.owed, debt.paid)).collect();
        panic!("after {EPOCHS_TO_PAY} epochs not all is paid: {left:?}, {:?}", world.pool().queue());
    }
}

fn work_an_epoch(world: &mut World) {
    world.work_the_window().unwrap_or_else(|failure| panic!("the window: {failure}"));
    world.cross_epoch();
    world.update_all().unwrap_or_else(|failure| panic!("an update: {failure}"));
    world.sync().unwrap_or_else(|failure| panic!("a sync: {failure}"));
}

/// A provider gets his part of all there is.
fn leave_liquidity(world: &mut World, name: &str) {
    let lp = world.lp_of(name);
    let (sol, lst) = world.liquidity_books().quote_remove(Shares(lp)).unwrap();
    let before = (world.sol_of(name), world.lst_of(name));
    world.remove_liquidity(name, lp).unwrap_or_else(|failure| panic!("leaving the liquidity: {failure}"));
    assert_eq!((world.sol_of(name) - before.0, world.lst_of(name) - before.1), (sol.0, lst.0));
}

/// Everything a holder can do on his way out, through one set of pauses and one set of hostile acts.
fn everybody_leaves_whole(mask: u8, hostile: Hostile) {
    let (mut world, cast) = staked();
    world.liquid_unstake("ana", 40 * SOL).unwrap();
    let mut debts = Debts::default();
    debts.order(&mut world, "ana", 35 * SOL); // before anybody turned bad

    if mask != 0 {
        let by = if mask.is_multiple_of(2) { &cast.admin } else { &cast.guardian };
        let pause = world.keys.pause(&by.pubkey(), mask);
        send(&mut world, &pause, &[by]);
    }
    hostile(&mut world, &cast);
    assert_eq!(world.pool().pause_flags & Function::MASK, mask);

    // Order, change one's mind, order again, sell a ticket.
    debts.order(&mut world, "bob", 60 * SOL);
    let regretted = debts.order(&mut world, "ana", 40 * SOL);
    let sold = debts.order(&mut world, "bob", 25 * SOL);
    let back = debts.cancel(&mut world, "ana", &regretted);
    debts.order(&mut world, "ana", back);
    let cat = world.user("cat").wallet.pubkey();
    debts.transfer(&mut world, "bob", &sold, &cat);
    debts.settle(&mut world);

    // And now all of it.
    leave_liquidity(&mut world, "bob");
    for name in ["ana", "bob"] {
        let lst = world.lst_of(name);
        debts.order(&mut world, name, lst);
    }
    debts.settle(&mut world);
    assert_eq!((world.lst_of("ana"), world.lst_of("bob"), world.lp_of("bob")), (0, 0, 0));
}

fn for_every_mask(name: &str) {
    through(0..=Function::MASK, name);
}

/// For acts that no pause has to do with: without one, through each, and through all.
fn for_each_pause(name: &str) {
    through([0].into_iter().chain(Function::ALL.map(Function::bit)).chain([Function::MASK]), name);
}

fn through(masks: impl IntoIterator<Item = u8>, name: &str) {
    let (_, hostile) = HOSTILE.into_iter().find(|(other, _)| *other == name).unwrap();
    for mask in masks {
        println!("pauses {mask:05b}, {name}");
        everybody_leaves_whole(mask, hostile);
    }
}

macro_rules! leaving {
    ($through:ident: $($test:ident: $name:literal;)*) => {$(
        #[test]
        fn $test() {
            $through($name);
        }
    )*};
}

leaving! { for_every_mask:
    everybody_leaves_whole_through_every_pause: "nothing";
    everybody_leaves_whole_at_the_highest_fees: "every fee at its cap";
    everybody_leaves_whole_under_the_worst_settings: "the worst settings";
    everybody_leaves_whole_if_everything_is_kept_liquid: "everything kept liquid";
    everybody_leaves_whole_if_nobody_has_the_roles_any_more: "every role with a key that is thrown away";
    everybody_leaves_whole_without_a_treasury: "the treasury closed";
    everybody_leaves_whole_with_a_frozen_treasury: "the treasury frozen";
    everybody_leaves_whole_whatever_the_weights: "weights that turn everything around";
    everybody_leaves_whole_through_all_of_it: "all of it";
}

leaving! { for_each_pause:
    everybody_leaves_whole_while_the_breaker_is_open: "the breaker open";
    everybody_leaves_whole_if_no_validator_keeps_the_rules: "rules that no validator keeps";
    everybody_leaves_whole_at_weights_of_nothing: "weights of nothing and the insurance asked for";
    everybody_leaves_whole_from_validators_that_all_drain: "every validator drained";
}

// ---- at random

fn any_fees(dice: &mut Dice) -> PoolFees {
    let most = highest_fees();
    let mut any = |most: u16| match dice.below(4) {
        0 => 0,
        1 => most,
        _ => dice.below(u64::from(most) + 1) as u16,
    };
    let liquid_max = any(most.liquid_max);
    PoolFees {
        reward: any(most.reward),
        deposit: any(most.deposit),
        ticket: any(most.ticket),
        stake_withdrawal: any(most.stake_withdrawal),
        liquid_min: any(liquid_max),
        liquid_max,
        liquid_treasury_share: any(most.liquid_treasury_share),
        insurance_share: any(most.insurance_share),
        warmup: any(most.warmup),
        referral_share: any(most.referral_share),
    }
}

fn any_settings(dice: &mut Dice) -> PoolSettings {
    let mut share = |least: u64| match dice.below(4) {
        0 => least as u16,
        1 => 10_000,
        _ => (least + dice.below(10_001 - least)) as u16,
    };
    let (reserve_target_bps, max_validator_bps, max_move_bps) = (share(0), share(0), share(0));
    let breaker_bps = share(0);
    let move_window_bps = share(u64::from(limits::MIN_MOVE_WINDOW.0));
    let mut amount = || [0, 1, SOL, 300 * SOL, u64::MAX][dice.below(5) as usize];
    PoolSettings {
        reserve_target_bps,
        move_window_bps,
        max_validator_bps,
        max_move_bps,
        breaker_bps,
        min_deposit_lamports: amount(),
        deposit_cap_lamports: amount(),
        instant_cap_lamports_per_day: amount(),
        liquidity_target_lamports: amount(),
    }
}

/// One thing that somebody with a role does; what is refused is refused.
fn act(world: &mut World, cast: &mut Cast, dice: &mut Dice) {
    let mask = 1 + dice.below(u64::from(Function::MASK)) as u8;
    match dice.below(13) {
        0 => drop(world.set_fees(any_fees(dice)).unwrap()),
        1 | 2 => drop(world.set_parameters(any_settings(dice)).unwrap()),
        3 => drop(world.pause(mask).unwrap()),
        4 => {
            let pause = world.keys.pause(&cast.guardian.pubkey(), mask);
            if let Err(failure) = world.send(&[pause], &[&cast.guardian]) {
                assert_eq!(failure.custom_error_code(), Some(TidepoolError::GuardianPauseSpent.into()));
            }
        }
        5 => drop(world.resume(mask).unwrap()),
        6 => {
            let next = world.chain.fresh_keypair();
            let role = [Role::Guardian, Role::Manager][dice.below(2) as usize];
            world.propose_role(role, &next.pubkey()).unwrap();
            world.accept_role(&next, role).unwrap();
            match role {
                Role::Guardian => cast.guardian = next,
                _ => cast.manager = next,
            }
        }
        7 => {
            let owner = world.chain.wallet("another treasurer", SOL).unwrap();
            let next = world.chain.create_token_account(&world.keys.lst_mint, &owner.pubkey()).unwrap();
            world.propose_role(Role::Treasury, &next).unwrap();
            world.accept_treasury(&owner, &next).unwrap();
            if dice.below(2) == 0 {
                world.chain.close_token_account(&next, &owner).unwrap();
            }
        }
        8 => {
            match dice.below(2) {
                0 => break_every_rule(world),
                _ => drop(world.set_rules(|rules| *rules = ValidatorRules::default()).unwrap()),
            }
            world.review_all().unwrap();
        }
        9 => {
            let index = dice.below(world.validators.len() as u64) as usize;
            reweigh(world, cast, index, [0, 1, 100, u32::MAX][dice.below(4) as usize]);
        }
        10 => {
            let index = dice.below(world.validators.len() as u64) as usize;
            drain(world, cast, index);
        }
        11 => {
            let admin = cast.admin.pubkey();
            world.propose_insurance_withdrawal(1 + dice.below(9 * SOL), &admin).unwrap();
        }
        _ if world.validators.len() < 8 && !world.chain.rewards_active() => {
            let weight = [0, 1, 100, u32::MAX][dice.below(4) as usize];
            let rents = 3 * world.chain.rent().minimum_balance(200);
            if world.pool().free_reserve().unwrap().0 >= rents {
                enter_validator(world, cast, weight);
            }
        }
        _ => (),
    }
}

/// One thing that a holder does on his way out.
fn leave_a_little(world: &mut World, debts: &mut Debts, dice: &mut Dice) {
    let name = ["ana", "bob"][dice.below(2) as usize];
    let owner = world.user(name).wallet.pubkey();
    let mine: Vec<OpenTicket> = debts
        .open
        .values()
        .map(|debt| &debt.ticket)
        .filter(|ticket| ticket.owner == owner)
        .cloned()
        .collect();
    let one = mine.get(dice.below(mine.len().max(1) as u64) as usize);
    match (dice.below(6), one) {
        (0, Some(ticket)) => {
            debts.cancel(world, name, ticket);
        }
        (1, Some(ticket)) => {
            let cat = world.user("cat").wallet.pubkey();
            debts.transfer(world, name, ticket, &cat);
        }
        (2, _) => drop(world.deposit(name, SOL + dice.below(10 * SOL))), // may be refused
        (3, _) if world.lp_of(name) > SOL => {
            let lp = 1 + dice.below(world.lp_of(name) / 10);
            world.remove_liquidity(name, lp).unwrap();
        }
        _ if world.lst_of(name) > SOL => {
            let lst = 1_000 + dice.below(world.lst_of(name) / 8);
            debts.order(world, name, lst);
        }
        _ => (),
    }
}

/// Months in which whoever has a role does what he likes, and every ticket is paid all the same.
fn everybody_leaves_whole_through_months_of(seed: u64) {
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let (mut world, mut cast) = staked();
    let mut debts = Debts::default();
    for _ in 0..8 {
        for _ in 0..dice.below(8) {
            act(&mut world, &mut cast, &mut dice);
            leave_a_little(&mut world, &mut debts, &mut dice);
            if dice.below(3) == 0 {
                slots(&mut world, 1);
            }
        }
        work_an_epoch(&mut world);
        debts.collect(&mut world);
    }
    act(&mut world, &mut cast, &mut dice);
    if !debts.open.is_empty() {
        debts.settle(&mut world);
    }
    // Nothing and nobody is left behind.
    leave_liquidity(&mut world, "bob");
    for name in ["ana", "bob"] {
        let lst = world.lst_of(name);
        if lst > 0 {
            debts.order(&mut world, name, lst);
        }
    }
    act(&mut world, &mut cast, &mut dice);
    debts.settle(&mut world);
    assert!(world.tickets.is_empty());
}

#[test]
fn everybody_leaves_whole_through_months_of_whatever_the_roles_do() {
    (0..16).for_each(everybody_leaves_whole_through_months_of);
}

#[test]
fn everybody_leaves_whole_through_other_months_of_whatever_the_roles_do() {
    (1_000..1_016).for_each(everybody_leaves_whole_through_months_of);
}
