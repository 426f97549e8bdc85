//! The rate is continuous: nothing that happens in or between epochs makes it jump.

use {
    crate::{rent::the_whole_path, support::*},
    std::collections::BTreeMap,
    tidepool_localnet::{World, WorldConfig},
    tidepool_math::Epoch,
};

/// Follows a pool slot by slot. An even step of the rate is what the largest gain found in one epoch gives a share in each
/// slot if it flows evenly through an epoch's worth of slots.
struct Walk {
    world: World,
    /// Lamports that the cranks of each epoch put into the stream.
    gains: BTreeMap<Epoch, u64>,
    /// In even steps.
    largest_step: f64,
    smallest_step: f64,
}

impl Walk {
    fn of(world: World) -> Self {
        Self { world, gains: BTreeMap::new(), largest_step: 0.0, smallest_step: f64::MAX }
    }

    /// Does something in this slot, after which the rate of the slot is what it was.
    fn act(&mut self, act: impl FnOnce(&mut World)) {
        let (rate, before) = (worth(&self.world.rate()), withheld(&self.world));
        act(&mut self.world);
        let moved = worth(&self.world.rate()) - rate;
        let rounding = 2 * 1_000_000_000_000_000_000 / u128::from(self.world.pool().lst_supply);
        assert!(moved <= rounding, "{moved} of 10^18 in slot {}", self.world.chain.slot());
        *self.gains.entry(self.world.chain.epoch()).or_default() += withheld(&self.world) - before;
    }

    /// One slot on.
    fn step(&mut self) {
        let before = worth(&self.world.rate());
        self.world.next_slot_with_votes();
        let step = worth(&self.world.rate()) - before;
        let gain = self.gains.values().max().copied().unwrap_or_default();
        let slots = self.world.chain.slots_per_epoch();
        let even = gain as f64 / slots as f64 * 1e18 / self.world.pool().lst_supply as f64;
        self.largest_step = self.largest_step.max(step as f64 / even);
        self.smallest_step = self.smallest_step.min(step as f64 / even);
    }

    fn steps(&mut self, slots: u64) {
        (0..slots).for_each(|_| self.step());
    }

    /// On to that slot of the next epoch.
    fn walk_to_next_epoch(&mut self, slot_in_epoch: u64) {
        let slots = self.world.chain.slots_per_epoch();
        self.steps(slots - self.world.slot_in_epoch() + slot_in_epoch);
    }

    fn update_and_sync(&mut self) {
        self.act(|world| world.update_all().unwrap());
        self.act(|world| drop(world.sync().unwrap()));
    }
}

/// A pool whose first rewards are just about to be found.
fn earning(config: WorldConfig) -> Walk {
    let mut world = staked(config, 5_000 * SOL);
    world.cross_epoch();
    Walk::of(world)
}

fn slots(slots_per_epoch: u64) -> WorldConfig {
    WorldConfig::default().with_chain(|chain| chain.slots_per_epoch = slots_per_epoch)
}

/// marinade, spl: one step of the rate per epoch, which can be sniped. inf docs/risks.md: 4 bps between a pool that is
/// cranked and one that is not.
#[test]
fn the_rate_rises_by_even_steps_through_every_slot_of_an_epoch_and_over_its_edge() {
    let mut walk = earning(slots(64));
    walk.update_and_sync();
    for _ in 0..3 {
        let offset = walk.world.slot_in_epoch();
        walk.walk_to_next_epoch(0);
        assert!(walk.world.chain.rewards_active());
        walk.steps(offset);
        walk.update_and_sync();
    }
    println!("steps {} to {} of an even one", walk.smallest_step, walk.largest_step);
    assert_eq!(walk.gains.values().filter(|gain| **gain > SOL / 2).count(), 4);
    assert!(walk.largest_step <= 1.01, "{}", walk.largest_step);
    assert!(walk.smallest_step >= 0.98, "{}", walk.smallest_step);
}

/// Rewards found late and in pieces overlap with those found before. A gain makes the line no steeper than if it flowed
/// for itself beside the line: (rest + gain) / (weighted mean of their ends) ≤ rest / length + gain / slots_per_epoch. So as
/// long as each epoch is cranked, at any time in it, a step is at most two even ones. Rounding a mean down to a whole
/// slot adds at most 4 / slots_per_epoch to that (4 in 432,000 on mainnet).
#[test]
fn late_cranks_in_several_batches_make_steps_of_at_most_two_even_ones() {
    let mut walk = earning(slots(128));
    walk.update_and_sync();
    for slot in [70, 5, 100, 3, 3, 40] {
        walk.walk_to_next_epoch(slot);
        for validator in [2, 0, 3, 1] {
            walk.act(|world| drop(world.update([validator]).unwrap()));
            walk.steps(3);
        }
        walk.act(|world| drop(world.sync().unwrap()));
    }
    println!("steps {} to {} of an even one", walk.smallest_step, walk.largest_step);
    assert!(walk.largest_step > 1.5, "cranks did not overlap");
    assert!(walk.largest_step <= 2.0 * (1.0 + 4.0 / 128.0), "{}", walk.largest_step);
}

/// What comers pay for the warm-up and what leavers with stake pay joins the stream: neither is a step in any slot.
#[test]
fn no_charge_of_comers_or_leavers_makes_a_step() {
    let config = slots(128).with_parameters(|p| {
        p.fees.warmup = 10_000;
        p.fees.stake_withdrawal = 0;
    });
    let mut world = staked(config, 5_000 * SOL);
    let stakes: Vec<_> = (0..4).map(|index| world.add_stake("eve", index, 300 * SOL).unwrap()).collect();
    world.run_epoch().unwrap();
    world.cross_epoch();
    let mut walk = Walk::of(world);
    walk.update_and_sync();
    for (index, slot) in [90, 5, 60, 127].into_iter().enumerate() {
        walk.steps(20);
        let before = withheld(&walk.world);
        walk.act(|world| drop(world.deposit("bob", 400 * SOL).unwrap()));
        walk.steps(3);
        walk.act(|world| drop(world.deposit_stake("eve", &stakes[index], index).unwrap()));
        let before_the_charge = withheld(&walk.world);
        assert!(before_the_charge > before, "a charge is withheld");
        walk.act(|world| {
            world.withdraw_stake("ana", 100 * SOL, index).unwrap();
        });
        assert!(withheld(&walk.world) > before_the_charge, "as is that of a withdrawal");
        walk.walk_to_next_epoch(slot);
        walk.update_and_sync();
    }
    println!("steps {} to {} of an even one", walk.smallest_step, walk.largest_step);
    assert!(walk.largest_step <= 2.0 * (1.0 + 4.0 / 128.0), "{}", walk.largest_step);
}

/// inf-1.5 docs/v2/README.md, `release_yield`: called in every slot it rounded to nothing each time.
#[test]
fn a_pool_touched_in_every_slot_releases_all_that_one_touched_at_the_end_does() {
    let mut touched = earning(slots(64)).world;
    let mut alone = earning(slots(64)).world;
    for world in [&mut touched, &mut alone] {
        world.update_all().unwrap();
    }
    let end = touched.pool().stream_end_slot;
    while touched.chain.slot() + 1 < end {
        touched.next_slot_with_votes();
        touched.sync().unwrap();
    }
    alone.to_last_slot();
    alone.enter_epoch();
    alone.to_slot(end - 1);
    assert_eq!(withheld(&touched), withheld(&alone));
    for world in [&mut touched, &mut alone] {
        world.next_slot();
        assert_eq!(withheld(world), 0);
    }
    assert_eq!(worth(&touched.rate()), worth(&alone.rate()));
}

/// stakenet#265: slots were compared where epochs were meant. Epochs of 32 slots and of mainnet's, most of them skipped.
#[test]
fn the_whole_path_works_whatever_the_length_of_an_epoch() {
    for slots_per_epoch in [32, 8_192, 432_000] {
        let mut world = peopled(slots(slots_per_epoch));
        the_whole_path(&mut world);
        the_whole_path(&mut world);
        let stream = header(&world).stream;
        assert_eq!(stream.end_slot - stream.start_slot, slots_per_epoch);
    }
}
