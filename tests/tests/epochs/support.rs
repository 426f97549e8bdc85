//! What the scenarios have in common: worlds to start from, time, and what is asked of them.

use {
    solana_pubkey::Pubkey,
    tidepool_client::{
        events::{NothingDue, NothingDueReason},
        Batch, TicketKind, TidepoolError,
    },
    tidepool_interface::{pda::StakeRole, PoolHeader},
    tidepool_localnet::{world::OpenTicket, Chain, Failure, Outcome, World, WorldConfig},
    tidepool_math::{wide::part_floor, Rate, Slot, TicketIndex},
};

pub use {tidepool_localnet::LAMPORTS_PER_SOL as SOL, tidepool_tests::told};

// ---- worlds

/// No rewards and no fees: every lamport that moves was moved by somebody.
pub fn still() -> WorldConfig {
    WorldConfig::default().without_fees().with_chain(|chain| chain.inflation = 0.0)
}

/// A pool with `ana`'s deposit, all of it active with the validators but what belongs into the reserve. Other people
/// have money and nothing in the pool.
pub fn staked(config: WorldConfig, lamports: u64) -> World {
    let mut world = peopled(config);
    world.deposit("ana", lamports).unwrap();
    world.run_epoch().unwrap();
    world
}

/// A new pool; `ana`, `bob`, `cat` and `eve` have 20,000 SOL each.
pub fn peopled(config: WorldConfig) -> World {
    let mut world = World::start(config).unwrap();
    for name in ["ana", "bob", "cat", "eve"] {
        world.add_user(name, 20_000 * SOL).unwrap();
    }
    world
}

// ---- time

/// So many epochs as keepers would have them.
pub fn run_epochs(world: &mut World, epochs: usize) {
    for _ in 0..epochs {
        world.run_epoch().unwrap();
    }
}

pub trait Time {
    fn next_slot(&mut self);
    /// The next slot; over the edge of an epoch with everyone's votes, so that it is rewarded.
    fn next_slot_with_votes(&mut self);
    fn to_slot(&mut self, slot: Slot);
    /// The last slot of this epoch.
    fn to_last_slot(&mut self);
    /// All validators vote; then the first slot of the next epoch, where rewards are still to be paid.
    fn enter_epoch(&mut self);
    fn pay_rewards(&mut self);
    /// How many slots of this epoch have passed.
    fn slot_in_epoch(&self) -> u64;
}

impl Time for World {
    fn next_slot(&mut self) {
        self.advance(Chain::next_slot);
    }

    fn next_slot_with_votes(&mut self) {
        match self.slot_in_epoch() + 1 == self.chain.slots_per_epoch() {
            true => self.enter_epoch(),
            false => self.next_slot(),
        }
    }

    fn to_slot(&mut self, slot: Slot) {
        if self.chain.slot() < slot {
            self.advance(|chain| chain.jump_to(slot));
        }
    }

    fn to_last_slot(&mut self) {
        self.to_slot(self.chain.first_slot(self.chain.epoch() + 1) - 1);
    }

    fn enter_epoch(&mut self) {
        self.advance(Chain::cross_epoch);
    }

    fn pay_rewards(&mut self) {
        self.advance(|chain| {
            chain.pay_rewards();
        });
    }

    fn slot_in_epoch(&self) -> u64 {
        self.chain.slot() - self.chain.first_slot(self.chain.epoch())
    }
}

// ---- money

/// Lamports that 10^18 shares are worth, rounded down.
pub fn worth(rate: &Rate) -> u128 {
    u128::from(rate.value.0) * 1_000_000_000_000_000_000 / u128::from(rate.supply.0)
}

/// The pool's header as an integrator reads it.
pub fn header(world: &World) -> PoolHeader {
    PoolHeader::parse(&world.account(&world.keys.pool).unwrap().data).unwrap()
}

/// Rewards that are not yet in the rate of this slot.
pub fn withheld(world: &World) -> u64 {
    let stream = header(world).stream;
    stream.unreleased.0 - stream.due(world.chain.slot()).0
}

/// What the pool is worth in this slot.
pub fn value(world: &World) -> u64 {
    world.rate().value.0
}

/// Lamports delegated by a stake account of the pool's validator `index`; 0 if it was emptied, for an emptied account keeps
/// what its delegation was.
pub fn delegated(world: &World, index: usize, role: StakeRole) -> u64 {
    let key = world.validators[index].stake(role);
    let lamports = world.chain.lamports(&key);
    let delegation = world.chain.delegation(&key).filter(|delegation| delegation.stake < lamports);
    delegation.map_or(0, |delegation| delegation.stake)
}

/// What tickets wait for that no cooling stake will bring, from the slot after the last order on.
pub fn shortfall(world: &World) -> u64 {
    world.pool().shortfall(world.chain.slot() + 1).unwrap().0
}

/// What is to be spread over the validators.
pub fn delegatable(world: &World) -> u64 {
    world.pool().delegatable(world.chain.slot()).unwrap().0
}

/// Everything is in the books: what the accounts hold is what the pool says, to the lamport.
pub fn assert_all_booked(world: &World) {
    let (pool, liquidity) = (world.pool(), world.liquidity());
    let held = |key: &Pubkey| world.chain.lamports(key);
    let stakes: u64 =
        world.validators.iter().flat_map(|validator| validator.stakes).map(|key| held(&key)).sum();
    assert_eq!(stakes, pool.stake_lamports, "stake");
    assert_eq!(held(&world.keys.reserve), pool.reserve_rent + pool.reserve_lamports, "reserve");
    assert_eq!(held(&world.keys.insurance), pool.insurance_rent + pool.insurance_lamports, "insurance");
    assert_eq!(held(&world.keys.sol_vault), liquidity.sol_vault_rent + liquidity.sol_lamports, "SOL vault");
    assert_eq!(world.difference(), 0);
}

/// An update that names all accounts of a validator, as a keeper sends it who saw a gift in one that is not in use.
pub fn update_all_accounts_of(world: &mut World, index: usize) {
    let mut batch = Batch::default();
    batch.add(&world.validators[index], &StakeRole::ALL).unwrap();
    let update = world.keys.update_validators(&batch);
    world.send(&[update], &[]).unwrap();
}

/// What a claim pays; 0 if nothing has reached the ticket yet.
pub fn claimed(world: &mut World, ticket: &OpenTicket) -> u64 {
    let before = world.chain.lamports(&ticket.owner);
    if let Err(failure) = world.claim(ticket) {
        assert_eq!(error_of(failure), u32::from(TidepoolError::TicketNotFilled));
    }
    world.chain.lamports(&ticket.owner) - before
}

/// They take their SOL out of the liquidity pool, order all they have, and are paid to the lamport within so many epochs.
/// Gives what they were paid.
pub fn everybody_leaves(world: &mut World, people: &[&str], epochs: usize) -> u64 {
    for name in people {
        if world.lp_of(name) > 0 {
            world.remove_liquidity(name, world.lp_of(name)).unwrap();
        }
    }
    let mut owed = 0;
    for name in people {
        if world.lst_of(name) > 0 {
            let ticket = world.order_unstake(name, world.lst_of(name)).unwrap();
            owed += world.ticket(&ticket).unwrap().lamports;
        }
    }
    let before: u64 = people.iter().map(|name| world.sol_of(name)).sum();
    let index = world.pool().ticket_index;
    let open: Vec<u64> = world
        .tickets
        .iter()
        .filter_map(|ticket| world.ticket(ticket))
        .filter(|ticket| ticket.kind == TicketKind::Order)
        .map(|ticket| part_floor(ticket.unpaid_units(), index, TicketIndex::ONE.0))
        .collect();
    let (tickets, open) = (open.len() as u64, open.iter().sum::<u64>());
    assert!(owed > 0 && open + tickets >= owed);
    let mut passed = 0;
    while !world.tickets.is_empty() {
        world.run_epoch().unwrap();
        world.collect_due().unwrap();
        passed += 1;
        assert!(passed <= epochs, "{:?} short {:?}", world.pool().queue(), shortfall(world));
    }
    let paid = people.iter().map(|name| world.sol_of(name)).sum::<u64>() - before;
    assert!(paid.abs_diff(open) <= tickets, "to the lamport: nothing was lost on the way: {paid} of {open}");
    println!(
        "everybody was paid after {passed} epochs; {} SOL are left to the dead shares and the treasury",
        value(world) / SOL
    );
    paid
}

// ---- answers

#[track_caller]
pub fn refused(result: Result<Outcome, Failure>, error: TidepoolError) {
    match result {
        Ok(_) => panic!("{error:?} expected, but it succeeded"),
        Err(failure) => assert_eq!(failure.custom_error_code(), Some(error.into()), "{failure}"),
    }
}

fn error_of(failure: Failure) -> u32 {
    failure.custom_error_code().unwrap_or_else(|| panic!("{failure}"))
}

/// Why a crank changed nothing; `None` if it did something.
pub fn nothing_due(outcome: &Outcome) -> Option<NothingDueReason> {
    told::<NothingDue>(outcome).first().map(|event| event.reason)
}

// ---- chance

/// SplitMix64: random enough for scenarios, and the same on every machine.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// At least `from`, less than `to`.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.roll() % (to - from)
    }

    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.roll() as usize % all.len()]
    }

    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            all.swap(last, self.between(0, last as u64 + 1) as usize);
        }
    }
}
