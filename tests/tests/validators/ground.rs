//! The pools that validators enter and leave, and short ways to say what happens there.

use {
    bytemuck::bytes_of,
    std::mem::offset_of,
    tidepool_client::{
        events::{NothingDue, NothingDueReason},
        NewWeight, ValidatorPage, ValidatorRecord,
    },
    tidepool_localnet::Chain,
    tidepool_tests::prelude::*,
};

/// No rewards and no fees, nothing kept liquid: every lamport that moves was moved by somebody.
pub fn still(validators: usize) -> WorldConfig {
    WorldConfig::default()
        .with_validators(vec![ValidatorConfig::default(); validators])
        .without_fees()
        .with_chain(|chain| chain.inflation = 0.0)
}

/// A pool with SOL of ana in its reserve; bob has as much and nothing in the pool.
pub fn funded(config: WorldConfig, lamports: u64) -> World {
    let mut world = World::start(config).unwrap();
    for name in ["ana", "bob"] {
        world.add_user(name, 20_000 * SOL).unwrap();
    }
    world.deposit("ana", lamports).unwrap();
    world
}

/// [`funded`], with all of it staked and active.
pub fn staked(config: WorldConfig, lamports: u64) -> World {
    let mut world = funded(config, lamports);
    world.run_epoch().unwrap();
    world
}

/// A pool with fees and rewards, some slots into an epoch, so that whatever touches it releases some rewards.
pub fn earning() -> World {
    let mut world = staked(WorldConfig::default(), 4_000 * SOL);
    world.run_epoch().unwrap();
    slots(&mut world, 5);
    assert!(world.pool().stream().due(world.chain.slot()) > Lamports(0));
    world
}

/// A still pool in which validator 0 has `sol` and validator 1 exactly `lamports`, all of it active.
pub fn with_small_stake(lamports: u64, sol: u64) -> World {
    let mut config = still(2);
    config.weights = vec![100, 0];
    let mut world = staked(config, sol * SOL);
    assert_eq!(world.pool().free_reserve().unwrap(), Lamports(0));
    world.reweigh(1, 1_000, 0).unwrap();
    world.deposit("bob", lamports).unwrap();
    world.to_move_window();
    world.delegate(1).unwrap();
    world.cross_epoch();
    world.update_all().unwrap();
    world.sync().unwrap();
    assert_eq!(delegated(&world, 1, StakeRole::Main), lamports);
    world
}

/// Runs epochs until nothing is left of a validator that leaves; gives how many.
pub fn leave(world: &mut World, index: usize, most: usize) -> usize {
    for epochs in 0..=most {
        if world.record(index).is_empty() {
            return epochs;
        }
        world.run_epoch().unwrap();
    }
    panic!("validator {index} still has {:?} after {most} epochs", world.record(index).lamports);
}

pub fn slots(world: &mut World, count: u64) {
    world.advance(|chain| (0..count).for_each(|_| chain.next_slot()));
}

pub fn next_slot(world: &mut World) {
    world.advance(Chain::next_slot);
}

/// The pool's state as events tell it.
pub fn state(world: &World) -> PoolState {
    PoolState::of(&world.pool(), world.chain.slot())
}

/// What holders have and will have: nothing but rewards and losses moves it.
pub fn value_and_withheld(world: &World) -> u64 {
    world.pool().value_floor + world.pool().withheld
}

/// Lamports delegated in a stake account of the pool; an emptied one keeps what its delegation was.
pub fn delegated(world: &World, index: usize, role: StakeRole) -> u64 {
    let key = world.validators[index].stake(role);
    let lamports = world.chain.lamports(&key);
    let delegation = world.chain.delegation(&key).filter(|delegation| delegation.stake < lamports);
    delegation.map_or(0, |delegation| delegation.stake)
}

/// An update that names all accounts of these validators.
pub fn update_in_full(world: &World, indices: impl IntoIterator<Item = usize>) -> Instruction {
    let mut batch = Batch::default();
    for index in indices {
        batch.add(&world.validators[index], &StakeRole::ALL).unwrap();
    }
    world.keys.update_validators(&batch)
}

/// Why a crank changed nothing; `None` if it did something.
pub fn nothing_due(outcome: &Outcome) -> Option<NothingDueReason> {
    told::<NothingDue>(outcome).first().map(|event| event.reason)
}

#[track_caller]
pub fn refused(result: Result<Outcome, Failure>, error: TidepoolError) {
    let failure = result.expect_err("a refusal was expected");
    assert_eq!(failure.custom_error_code(), Some(error.into()), "{error:?} was expected: {failure}");
}

pub fn new_weight(world: &World, index: usize, weight: u32, group: u16) -> NewWeight {
    let ValidatorKeys { vote, slot_in_page, .. } = world.validators[index];
    NewWeight { slot_in_page, vote, weight, group }
}

/// The manager gives validators of the first page other weights.
pub fn wish_weights(world: &World, weights: Vec<NewWeight>) -> Instruction {
    world.keys.set_weights(&world.operator.pubkey(), &world.validators[0].page, weights)
}

/// Writes over a validator's record, behind the program's back.
pub fn patch_record(world: &World, index: usize, change: impl FnOnce(&mut ValidatorRecord)) {
    let mut record = world.record(index);
    change(&mut record);
    let ValidatorKeys { page, slot_in_page, .. } = world.validators[index];
    let place = usize::from(slot_in_page) * size_of::<ValidatorRecord>();
    let at = 8 + offset_of!(ValidatorPage, records) + place;
    let mut account = world.account(&page).unwrap();
    account.data[at..at + size_of::<ValidatorRecord>()].copy_from_slice(bytes_of(&record));
    world.chain.set_account(&page, &account);
}

/// Random enough for scenarios, and the same on every machine (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) as usize % end
    }

    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            all.swap(last, self.below(last + 1));
        }
    }
}
