//! Every instruction in every state of a pool: what is paused, emergency or not, where in the window, who is admitted. What
//! it answers is the first of its own list of refusals that holds; the lists are written here, in the order of the checks.

use crate::support::*;
use std::fmt::Debug;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Window {
    Before,
    Open,
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Admitted {
    Everybody,
    Ana,
    Nobody,
}

#[derive(Clone, Copy, Debug)]
struct Situation {
    paused: u8,
    is_emergency: bool,
    window: Window,
    admitted: Admitted,
}

impl Situation {
    fn all() -> impl Iterator<Item = Self> {
        let windows = [Window::Before, Window::Open, Window::Over];
        let admitted = [Admitted::Everybody, Admitted::Ana, Admitted::Nobody];
        (0..=Function::MASK).flat_map(move |paused| {
            [false, true].into_iter().flat_map(move |is_emergency| {
                windows.into_iter().flat_map(move |window| {
                    admitted.map(|admitted| Self { paused, is_emergency, window, admitted })
                })
            })
        })
    }

    fn is_paused(&self, function: Function) -> bool {
        self.paused & function.bit() != 0
    }

    /// Puts the pool into this situation, without what leads there.
    fn set(&self, world: &FixedWorld) {
        let now = world.now();
        write_pool(world, |pool| {
            pool.pause_flags = self.paused & !Function::Claim.bit();
            let on = |is_on: bool| {
                if is_on {
                    Suspension { since: now, until: now + 1 }
                } else {
                    Suspension::default()
                }
            };
            pool.claim_pause = on(self.is_paused(Function::Claim));
            pool.emergency = on(self.is_emergency);
            (pool.start, pool.end) = match self.window {
                Window::Before => (now + 1, now + 2),
                Window::Open => (now, now + 1),
                Window::Over => (now - 1, now),
            };
            pool.access = u8::from(self.admitted != Admitted::Everybody);
            // The tree is of ana alone.
            let leaf = merkle::leaf(&world.pools[0].pool, &world.user("ana").key(), PURSE);
            pool.merkle_leaves = u64::from(self.admitted == Admitted::Ana);
            pool.merkle_root = if self.admitted == Admitted::Ana { leaf } else { [0; 32] };
        });
    }

    /// Whether the instruction whose list has this refusal gives it.
    fn gives(&self, refusal: Error) -> bool {
        match refusal {
            Error::StakePaused => self.is_paused(Function::Stake),
            Error::ClaimPaused => self.is_paused(Function::Claim),
            Error::EarlyExitPaused => self.is_paused(Function::EarlyExit),
            Error::NotWhitelisted => self.admitted == Admitted::Nobody,
            Error::EmergencyActive | Error::ExcessLocked => self.is_emergency,
            Error::NoEmergency => !self.is_emergency,
            Error::NotStarted => self.window == Window::Before,
            Error::WindowEnded => self.window == Window::Over,
            Error::PoolNotEmpty => true,
            other => panic!("{other:?} does not depend on the situation"),
        }
    }
}

/// Writes over a pool's books, behind the program's back.
pub fn write_pool(world: &FixedWorld, change: impl FnOnce(&mut Pool)) {
    let key = world.pools[0].pool;
    let mut pool = world.pool(0);
    change(&mut pool);
    let mut account = world.chain.account(&key).unwrap();
    account.data[8..].copy_from_slice(bytemuck::bytes_of(&pool));
    world.chain.set_account(&key, &account);
}

/// Ana's positions: one that has matured, one whose early exit can be completed, one that runs.
pub struct Scene {
    pub world: FixedWorld,
    matured: PositionKeys,
    leaving: PositionKeys,
    running: PositionKeys,
}

/// Locks of 100 days, on the 104th; there is a surplus in the principal vault.
pub fn scene() -> Scene {
    let mut world = world(PoolParameters { lock_seconds: 100 * DAY as u64, ..product() });
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let matured = world.stake("ana", 0, 1_000 * TOKEN).unwrap();
    world.go_to(OPENING + 95 * DAY);
    let leaving = world.stake("ana", 0, 2_000 * TOKEN).unwrap();
    let running = world.stake("ana", 0, 3_000 * TOKEN).unwrap();
    world.send(&[keys.request_early_exit(&leaving)], &[&ana.wallet]).unwrap();
    world.chain.transfer_checked(&ana.tokens, &keys.principal_vault, &ana.wallet, 1).unwrap();
    world.go_to(OPENING + 104 * DAY);
    Scene { world, matured, leaving, running }
}

/// Every instruction, with its refusals in the order of its checks.
pub fn instructions(scene: &Scene) -> Vec<(&'static str, Instruction, Vec<Error>)> {
    use Error::*;
    let Scene { world, matured, leaving, running } = scene;
    let (ana, bob, keys) = (world.user("ana"), world.user("bob"), world.pools[0]);
    let (me, to) = (ana.key(), ana.tokens);
    let (operator, tokens) = (world.operator.key(), world.operator.tokens);
    let (guard, man) = (guardian().pubkey(), manager().pubkey());
    let next = world.next_position(0, &me);
    let proof = || Proof::Merkle { max_amount: PURSE, nodes: vec![] };
    let terms = world.pool(0).terms();
    let future = PoolTerms { start: world.now(), end: world.now() + 1, ..terms };
    let open = vec![StakePaused, NotWhitelisted, EmergencyActive, NotStarted, WindowEnded];
    let compound = [vec![StakePaused, ClaimPaused], open[1..].to_vec()].concat();
    let exit = vec![EarlyExitPaused, EmergencyActive];
    let claim = vec![ClaimPaused, EmergencyActive];
    let quote = vec![StakePaused, EmergencyActive, NotStarted, WindowEnded];
    let listed = |user| tidepool_client::fixed::Admitted { user, max_amount: 1 };
    vec![
        ("stake", keys.stake(&me, &to, &next, TOKEN, 0, proof()), open.clone()),
        ("stake for ana", keys.stake(&bob.key(), &bob.tokens, &next, TOKEN, 0, proof()), open.clone()),
        ("compound", keys.compound(running, &next, 0, proof()), compound),
        ("roll over", keys.roll_over(matured, &me, &next, &to, true, 0, proof()), open),
        ("claim", keys.claim(&me, &to, running), claim.clone()),
        ("claim after the lock", keys.claim(&bob.key(), &to, matured), claim.clone()),
        ("claim many", keys.claim_many(&me, &to, &me, &[*running, *matured]), claim),
        ("unstake", keys.unstake(matured, &me, &to, 0), vec![]),
        ("emergency withdrawal", keys.emergency_withdraw(running, &me, &to, u64::MAX), vec![NoEmergency]),
        ("request an exit", keys.request_early_exit(running), exit.clone()),
        ("cancel an exit", keys.cancel_early_exit(leaving), vec![]),
        ("complete an exit", keys.complete_early_exit(leaving, &me, &to, 0), exit),
        ("owner only", keys.set_owner_only(&me, true), vec![]),
        ("fund", keys.fund_rewards(&bob.key(), &bob.tokens, 1), vec![]),
        ("sweep", keys.sweep_surplus(), vec![]),
        ("withdraw excess", keys.withdraw_excess(&operator, &tokens, 1), vec![ExcessLocked]),
        ("close", keys.close_pool(&operator, &tokens), vec![PoolNotEmpty]),
        ("set terms", keys.set_terms(&operator, future), vec![]),
        ("set roles", keys.set_roles(&operator, &me, &me), vec![]),
        ("propose", keys.propose_authority(&operator, &me), vec![]),
        ("pause", keys.pause(&guard, Function::MASK), vec![]),
        ("resume", keys.resume(&operator, Function::MASK), vec![]),
        ("begin an emergency", keys.begin_emergency(&guard, 1), vec![]),
        ("end the emergency", keys.end_emergency(&operator), vec![NoEmergency]),
        ("plant a tree", keys.set_merkle_root(&operator, [1; 32], 1), vec![]),
        ("apply", keys.apply_whitelist(&me, 1, [0; 32]), vec![]),
        ("add", keys.add_to_whitelist(&man, &[listed(me)], 0), vec![]),
        ("quote", keys.quote_stake(TOKEN), quote),
        ("pending reward", keys.pending_reward(running), vec![]),
        ("metrics", keys.get_metrics(), vec![]),
    ]
}

/// What it would answer; nothing is kept.
fn ask(world: &FixedWorld, instruction: &Instruction) -> Result<(), u32> {
    let answer = world.chain.simulate(std::slice::from_ref(instruction), &world.chain.faucet().pubkey());
    answer.map(|_| ()).map_err(|failure| failure.custom_error_code().unwrap_or_else(|| panic!("{failure}")))
}

#[test]
fn every_instruction_answers_in_every_situation_as_its_list_says() {
    let scene = scene();
    let instructions = instructions(&scene);
    let mut wrong = vec![];
    let mut count = 0;
    for situation in Situation::all() {
        situation.set(&scene.world);
        for (name, instruction, refusals) in &instructions {
            let expected = refusals.iter().find(|refusal| situation.gives(**refusal)).copied();
            let answer = ask(&scene.world, instruction);
            if answer.err() != expected.map(u32::from) {
                wrong.push(format!("{name} in {situation:?}: {expected:?} expected, {answer:?} given"));
            }
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {count} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(count, 8 * 2 * 3 * 3 * instructions.len());
}

type Repair = fn(&FixedWorld, &mut Pool);

/// Everything that can be wrong with a stake, in the order of the checks, and what repairs it.
const ORDER: [(Error, Repair); 8] = [
    (Error::StakePaused, |_, pool| pool.pause_flags = 0),
    (Error::NotWhitelisted, |_, pool| pool.access = 0),
    (Error::EmergencyActive, |_, pool| pool.emergency = Suspension::default()),
    (Error::NotStarted, |world, pool| pool.start = world.now()),
    (Error::WindowEnded, |world, pool| pool.end = world.now() + 1),
    (Error::BelowMinimumStake, |_, pool| pool.min_stake = 1),
    (Error::BelowMinimumRate, |_, pool| pool.rate_bps = 900),
    (Error::CapReached, |_, pool| pool.cap = 10_000 * TOKEN),
];

/// All of it is wrong with a pool at once, and its reward vault has not a unit to spare.
fn spoil(world: &mut FixedWorld) {
    let operator = world.operator.clone();
    let free = world.reward_balance(0) - world.pool(0).reserved;
    let take = world.pools[0].withdraw_excess(&operator.key(), &operator.tokens, free);
    world.send(&[take], &[&operator.wallet]).unwrap();
    let now = world.now();
    write_pool(world, |pool| {
        pool.pause_flags = Function::Stake.bit();
        pool.access = 1;
        pool.emergency = Suspension { since: now, until: now + 1 };
        (pool.start, pool.end) = (now + 1, now);
        pool.min_stake = PURSE;
        pool.cap = 0;
    });
}

/// The instruction is refused for one reason after the other, then by the vault, then no more.
fn is_refused_in_order(world: &FixedWorld, name: impl Debug, instruction: &Instruction, skipped: &[Error]) {
    let before = world.pool(0);
    for (error, repair) in ORDER {
        if !skipped.contains(&error) {
            assert_eq!(ask(world, instruction), Err(error.into()), "{name:?}: {error:?}");
        }
        write_pool(world, |pool| repair(world, pool));
    }
    assert_eq!(ask(world, instruction), Err(Error::RewardsNotFunded.into()), "{name:?}");
    write_pool(world, |pool| pool.reserved -= 100 * TOKEN);
    assert_eq!(ask(world, instruction), Ok(()), "{name:?}");
    write_pool(world, |pool| *pool = before);
}

#[test]
fn a_stake_is_refused_for_one_reason_after_the_other_in_the_order_that_is_promised() {
    let mut scene = scene();
    spoil(&mut scene.world);
    let Scene { world, matured, running, .. } = &scene;
    let (ana, bob, keys) = (world.user("ana"), world.user("bob"), world.pools[0]);
    let next = world.next_position(0, &ana.key());
    let stake = keys.stake(&ana.key(), &ana.tokens, &next, TOKEN, 900, Proof::None);
    is_refused_in_order(world, "stake", &stake, &[]);
    let gift = keys.stake(&bob.key(), &bob.tokens, &next, TOKEN, 900, Proof::None);
    is_refused_in_order(world, "stake for ana", &gift, &[]);
    let roll = keys.roll_over(matured, &ana.key(), &next, &ana.tokens, true, 900, Proof::None);
    is_refused_in_order(world, "roll over", &roll, &[]);
    let compound = keys.compound(running, &next, 900, Proof::None);
    is_refused_in_order(world, "compound", &compound, &[Error::BelowMinimumStake]);
}
