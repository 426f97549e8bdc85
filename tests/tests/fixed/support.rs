//! The pools the tests play on, and what opening and closing a position changes.

use num_bigint::BigUint;
pub use {
    solana_instruction::Instruction,
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_client::fixed::{
        events::{self, PoolState},
        Access, Admitted, Answer, FixedPoolKeys, FixedPoolsError as Error, Function, Pool, PoolParameters,
        PoolTerms, Position, PositionKeys, Proof, Suspension, UserPool, WhitelistEntry, WhitelistState,
    },
    tidepool_interface::fixed::{limits, merkle, pda},
    tidepool_localnet::{
        derive_keypair,
        fixed_world::{premium, standard, FixedWorld, Holder, MintConfig, OPENING},
        Failure, Outcome, LAMPORTS_PER_SOL as SOL,
    },
    tidepool_tests::{told, Expect, Expected, OtherProgram, Tamper, Told},
};

pub const TOKEN: u64 = 1_000_000_000;
pub const DAY: i64 = 86_400;
pub const YEAR: i64 = 365 * DAY;

/// What every user of [`world`] has.
pub const PURSE: u64 = 30_000_000 * TOKEN;

/// The expectations of a step.
pub type Step = Expected<Vec<FixedPoolKeys>>;

/// The standard product with early exits, and every role in another hand: the operator is the authority.
pub fn product() -> PoolParameters {
    PoolParameters {
        guardian: guardian().pubkey(),
        whitelist_manager: manager().pubkey(),
        allows_early_exit: true,
        ..standard(9)
    }
}

/// As [`product`], for those on the whitelist.
pub fn listed() -> PoolParameters {
    let mut parameters = product();
    parameters.terms.access = Access::Whitelist;
    parameters
}

pub fn guardian() -> Keypair {
    derive_keypair(0, "guardian")
}

pub fn manager() -> Keypair {
    derive_keypair(0, "manager")
}

pub fn stranger() -> Keypair {
    derive_keypair(0, "stranger")
}

/// One pool with two million tokens for rewards, open since this second, and ana, bob and carl.
pub fn world(parameters: PoolParameters) -> FixedWorld {
    let mut world = world_with(&MintConfig::default());
    world.add_pool(parameters).unwrap();
    world.fund(0, 2_000_000 * TOKEN).unwrap();
    world
}

/// The same people, before there is a pool.
pub fn world_with(mint: &MintConfig) -> FixedWorld {
    let mut world = FixedWorld::start(mint).unwrap();
    for name in ["ana", "bob", "carl"] {
        world.add_user(name, PURSE).unwrap();
    }
    for name in ["guardian", "manager", "stranger"] {
        world.chain.wallet(name, 10 * SOL).unwrap();
    }
    world
}

/// [`world`], in which ana has staked a thousand tokens in the first second; 100 days and a second have passed.
pub fn earning() -> (FixedWorld, PositionKeys) {
    let mut world = world(product());
    let position = world.stake("ana", 0, 1_000 * TOKEN).unwrap();
    world.go_to(OPENING + 100 * DAY + 1);
    (world, position)
}

/// [`earning`], at the end of ana's lock.
pub fn matured() -> (FixedWorld, PositionKeys) {
    let (mut world, position) = earning();
    world.go_to(OPENING + YEAR);
    (world, position)
}

pub fn emergency(world: &mut FixedWorld, reason_code: u16) {
    let begin = world.pools[0].begin_emergency(&guardian().pubkey(), reason_code);
    world.send(&[begin], &[&guardian()]).unwrap();
}

pub fn pause(world: &mut FixedWorld, functions: u8) {
    let pause = world.pools[0].pause(&guardian().pubkey(), functions);
    world.send(&[pause], &[&guardian()]).unwrap();
}

/// Changes the terms of pool 0 as its authority.
pub fn set_terms(world: &mut FixedWorld, change: impl FnOnce(&mut PoolTerms)) {
    let mut terms = world.pool(0).terms();
    change(&mut terms);
    let operator = world.operator.clone();
    let set = world.pools[0].set_terms(&operator.key(), terms);
    world.send(&[set], &[&operator.wallet]).unwrap();
}

/// The manager admits a user of pool 0.
pub fn admit(world: &mut FixedWorld, name: &str, max_amount: u64, expires_at: i64) {
    let admitted = Admitted { user: world.user(name).key(), max_amount };
    let add = world.pools[0].add_to_whitelist(&manager().pubkey(), &[admitted], expires_at);
    world.send(&[add], &[&manager()]).unwrap();
}

/// What events say of pool 0.
pub fn state(world: &FixedWorld) -> PoolState {
    PoolState::of(&world.pool(0), world.now())
}

/// What `amount` earns in so many seconds, by big integers.
pub fn reward(amount: u64, rate_bps: u16, seconds: i64) -> u64 {
    let earned = BigUint::from(amount) * rate_bps * u64::try_from(seconds).unwrap();
    u64::try_from(earned / (10_000_u64 * 31_536_000)).unwrap()
}

/// Lamports that an account of so many bytes must hold.
pub fn rent(world: &FixedWorld, space: usize) -> u64 {
    world.chain.rent().minimum_balance(space)
}

/// An owner's next position in pool 0 as it will be if it is opened now.
pub fn next(world: &FixedWorld, owner: &Pubkey, rent_payer: &Pubkey, amount: u64) -> Position {
    let (pool, keys, now) = (world.pool(0), world.next_position(0, owner), world.now());
    let lock = i64::try_from(pool.lock_seconds).unwrap();
    Position {
        pool: world.pools[0].pool,
        owner: *owner,
        rent_payer: *rent_payer,
        index: keys.index,
        amount,
        staked_at: now,
        unlock_at: now + lock,
        full_reward: reward(amount, pool.rate_bps, lock),
        claimed: 0,
        exit_requested_at: 0,
        rate_bps: pool.rate_bps,
        bump: keys.bump,
        padding: [0; 5],
    }
}

/// `new` is opened: its account, the books of its owner, who is there already, and of the pool.
pub fn opens(expected: &mut Step, key: &Pubkey, lamports: u64, new: &Position) {
    expected.pays(&new.rent_payer, lamports);
    expected.creates(key, lamports, new);
    let mut is_first = false;
    expected.user_pool(0, &new.owner, |user| {
        is_first = user.active_positions == 0;
        user.next_index += 1;
        user.active_positions += 1;
        user.active_stake += new.amount;
        user.staked += new.amount;
    });
    expected.fixed_pool(0, |pool| {
        pool.total_staked += new.amount;
        pool.promised += new.full_reward;
        pool.reserved += new.full_reward;
        pool.open_positions += 1;
        pool.active_users += u64::from(is_first);
        pool.users += u64::from(new.index == 0);
    });
}

/// `amount` of its reward is booked as paid on a position that is `old`.
pub fn pays_reward(expected: &mut Step, owner: &Pubkey, amount: u64) {
    expected.user_pool(0, owner, |user| user.rewarded += amount);
    expected.fixed_pool(0, |pool| {
        pool.reserved -= amount;
        pool.rewarded += amount;
    });
}

/// A position that was `old` is closed after `reward` was booked as paid; its rent goes back.
pub fn closes(expected: &mut Step, key: &Pubkey, old: &Position, reward: u64) {
    pays_reward(expected, &old.owner, reward);
    let mut is_last = false;
    expected.user_pool(0, &old.owner, |user| {
        user.active_positions -= 1;
        user.active_stake -= old.amount;
        is_last = user.active_positions == 0;
    });
    expected.fixed_pool(0, |pool| {
        pool.total_staked -= old.amount;
        pool.promised -= old.full_reward;
        pool.reserved -= old.full_reward - old.claimed - reward;
        pool.open_positions -= 1;
        pool.active_users -= u64::from(is_last);
    });
    expected.closes(key, &old.rent_payer);
}

/// As a wallet sends it: who signs pays the fee too, so that more fits into the transaction.
pub fn send_alone(
    world: &FixedWorld,
    instruction: &Instruction,
    signer: &Keypair,
) -> Result<Outcome, Failure> {
    let sent = world.chain.send(std::slice::from_ref(instruction), &[signer]);
    world.check_books();
    sent
}
