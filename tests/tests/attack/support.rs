//! Worlds to attack, what strangers and bad luck do to them, and what it was worth.

use {
    solana_stake_interface::instruction::deactivate_delinquent_stake, tidepool_localnet::FULL_EPOCH_CREDITS,
};

pub use {
    tidepool_client::TicketKind,
    tidepool_localnet::{features, Chain},
    tidepool_tests::prelude::*,
};

// ---- worlds

/// No rewards and no fees: every lamport that moves was moved by somebody.
pub fn still() -> WorldConfig {
    WorldConfig::default().without_fees().with_chain(|chain| chain.inflation = 0.0)
}

pub fn with_validators(config: WorldConfig, count: usize) -> WorldConfig {
    config.with_validators(vec![ValidatorConfig::default(); count])
}

/// Rent is a tenth of mainnet's; [`raise_rent`] takes it back.
pub fn at_low_rent(config: WorldConfig) -> WorldConfig {
    config.with_chain(|chain| *chain = chain.clone().with_rent_factor(0.1))
}

/// From the next epoch on rent is ten times what [`at_low_rent`] made it.
pub fn raise_rent(world: &World) {
    world.chain.activate_feature(&features::set_lamports_per_byte_to_6960::id());
}

/// `ana`, `bob` and `eve` have 20,000 SOL each and nothing in the pool yet.
pub fn peopled(config: WorldConfig) -> World {
    let mut world = World::start(config).unwrap();
    for name in ["ana", "bob", "eve"] {
        world.add_user(name, 20_000 * SOL).unwrap();
    }
    world
}

/// `ana` has deposited, and all of it is active with the validators but what belongs into the reserve.
pub fn staked(config: WorldConfig, lamports: u64) -> World {
    let mut world = peopled(config);
    world.deposit("ana", lamports).unwrap();
    world.run_epoch().unwrap();
    world
}

/// Epochs of so many slots that a few of them earn next to nothing.
pub fn in_long_epochs(config: WorldConfig) -> WorldConfig {
    config.with_chain(|chain| chain.slots_per_epoch = 512)
}

/// [`in_long_epochs`], where SOL pays in full for the epoch in which it does not earn.
pub fn with_warmup() -> WorldConfig {
    in_long_epochs(WorldConfig::default()).with_parameters(|p| p.fees.warmup = 10_000)
}

/// A pool that earns, with 10,000 SOL of `ana`, in the last slot of an epoch; keepers have done their work.
pub fn at_the_edge(config: WorldConfig) -> World {
    let mut world = staked(in_long_epochs(config), 10_000 * SOL);
    epochs(&mut world, 4);
    world.work_the_window().unwrap();
    to_last_slot(&mut world);
    world
}

/// Where most is staked.
pub fn largest(world: &World) -> usize {
    (0..world.validators.len()).max_by_key(|index| world.record(*index).staked_lamports).unwrap()
}

/// [`staked`] with `count` validators; the first deposits pay for those behind the fourth.
pub fn with_many_validators(count: usize, lamports: u64) -> World {
    let mut config = with_validators(still(), count);
    config.weights.truncate(4);
    let mut world = staked(config, lamports);
    world.deposit("eve", SOL).unwrap();
    for index in 4..count {
        world.add_validator(index, 100).unwrap();
    }
    for _ in 0..20 {
        world.run_epoch().unwrap();
    }
    world
}

/// [`staked`] at a rate without a short fraction, after a loss, with liquidity of `bob`.
pub fn below_one(seed: u64) -> World {
    let mut world = staked(still().with_seed(seed), 1_000 * SOL);
    world.add_liquidity("bob", 50 * SOL).unwrap();
    slash(&mut world, 0, StakeRole::Main, 77_777_777_777);
    world.update([0]).unwrap();
    world
}

// ---- what happens to them

pub fn slots(world: &mut World, count: u64) {
    world.advance(|chain| (0..count).for_each(|_| chain.next_slot()));
}

pub fn to_last_slot(world: &mut World) {
    let last = world.chain.first_slot(world.chain.epoch() + 1) - 1;
    if world.chain.slot() < last {
        world.advance(|chain| chain.jump_to(last));
    }
}

pub fn epochs(world: &mut World, count: u64) {
    for _ in 0..count {
        world.run_epoch().unwrap();
    }
}

/// Slashes any of a validator's stake accounts.
pub fn slash(world: &mut World, index: usize, role: StakeRole, lamports: u64) {
    world.chain.slash(&world.validators[index].stake(role), lamports).unwrap();
    world.ledger.rewards -= i128::from(lamports);
}

/// The stake account comes under keys that are not the pool's, as at a cluster restart (stake-pool 0e56295).
pub fn take_over(world: &World, index: usize, role: StakeRole) {
    const AUTHORITIES: std::ops::Range<usize> = 12..76;
    let key = world.validators[index].stake(role);
    let mut account = world.account(&key).unwrap();
    account.data[AUTHORITIES].fill(7);
    world.chain.set_account(&key, &account);
}

/// Validator `index` does not vote until anybody may deactivate its stake.
pub fn make_delinquent(world: &mut World, index: usize) {
    world.advance(|chain| {
        chain.set_uptime(index, 0);
        for _ in 0..6 {
            chain.run_epoch();
        }
        (0..chain.validators().len())
            .filter(|other| *other != index)
            .for_each(|other| chain.vote(other, FULL_EPOCH_CREDITS));
    });
}

/// A third party deactivates a stake of a delinquent validator.
pub fn deactivate_delinquent(world: &mut World, index: usize, role: StakeRole) {
    let [delinquent, reference] = [index, index + 1].map(|index| world.validators[index].vote);
    let stake = world.validators[index].stake(role);
    world.send(&[deactivate_delinquent_stake(&stake, &delinquent, &reference)], &[]).unwrap();
}

pub fn order_all(world: &mut World, names: &[&str]) {
    for name in names {
        let lst = world.lst_of(name);
        world.order_unstake(name, lst).unwrap();
    }
}

/// [`World::order_unstake`]; a refusal leaves the other tickets known.
pub fn try_order(world: &mut World, name: &str, lst: u64) -> Result<(), Failure> {
    let known = world.tickets.clone();
    let result = world.order_unstake(name, lst);
    if result.is_err() {
        world.tickets = known;
    }
    result.map(drop)
}

/// A holder burns tokens by the token program.
pub fn burn(world: &mut World, name: &str, from: &Pubkey, mint: &Pubkey, amount: u64) -> Result<(), Failure> {
    const BURN: u8 = 8;
    let wallet = world.user(name).wallet;
    let accounts = vec![
        AccountMeta::new(*from, false),
        AccountMeta::new(*mint, false),
        AccountMeta::new_readonly(wallet.pubkey(), true),
    ];
    let data = [&[BURN], &amount.to_le_bytes()[..]].concat();
    let burn = Instruction { program_id: cluster::TOKEN_PROGRAM, accounts, data };
    world.send(&[burn], &[&wallet]).map(drop)
}

// ---- what it was worth

/// Lamports of a validator's stake account that earn or soon will.
pub fn delegated(world: &World, index: usize, role: StakeRole) -> u64 {
    let activation = world.chain.stake_activation(&world.validators[index].stake(role));
    activation.effective + activation.activating
}

/// All a user could turn into SOL at the rate of this slot.
pub fn wealth(world: &World, name: &str) -> u64 {
    let rate = world.rate();
    let queue = world.pool().queue();
    let in_lst = |shares| rate.lamports_floor(shares).unwrap().0;
    let books = world.liquidity_books();
    let part = Rate { value: books.value_floor(&rate).unwrap(), supply: books.lp_supply };
    let liquidity = part.lamports_floor(Shares(world.lp_of(name))).unwrap().0;
    let owner = world.user(name).wallet.pubkey();
    let mine = world.tickets.iter().filter(|ticket| ticket.owner == owner);
    let tickets: u64 = mine
        .filter_map(|ticket| world.ticket(ticket))
        .filter(|ticket| ticket.kind == TicketKind::Order)
        .map(|ticket| queue.worth(ticket.units - ticket.paid_units).unwrap().0)
        .sum();
    world.sol_of(name) + in_lst(Shares(world.lst_of(name))) + liquidity + tickets
}

/// What `after` has more than `before`.
pub fn gained(before: u64, after: u64) -> i128 {
    i128::from(after) - i128::from(before)
}

/// SOL of a user and the delegation of a stake account of hers.
pub fn with_stake(world: &World, name: &str, stake: &Pubkey) -> u64 {
    world.sol_of(name) + world.chain.delegation(stake).unwrap().stake
}

pub fn has_panicked(failure: &Failure) -> bool {
    failure.logs.iter().any(|line| line.contains("panicked") || line.contains("failed to complete"))
}

/// SplitMix64: random enough for scenarios, and the same on every machine.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % end
    }

    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    /// Dust, small change, an ordinary amount or a whale's.
    pub fn amount(&mut self) -> u64 {
        let scale = self.pick(&[10, 10_000, SOL, 2_000 * SOL]);
        1 + self.below(scale)
    }
}
