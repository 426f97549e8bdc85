//! The history: one entry an epoch, exact, and never in anybody's way.

use {
    crate::stage::{
        earning, entries_made, entry_at, last_entry, next_slot, patch, slots, write_history, young,
    },
    tidepool_client::{events::*, read_pool, Gains, History, HistoryEntry},
    tidepool_localnet::derive_keypair,
    tidepool_tests::prelude::*,
};

/// Bytes of the account as it is created, and how many entries fit in there.
const YOUNG: usize = History::GROWTH;
const FIRST_ENTRIES: u64 = 105;

/// What a history has to say of the pool in this slot, if these were the gains and the losses since the last entry.
fn entry_of(world: &World, delegation: u64, gifts: u64, loss: u64) -> HistoryEntry {
    let (pool, clock) = (world.pool(), world.chain.clock());
    HistoryEntry {
        epoch: clock.epoch,
        timestamp: clock.unix_timestamp,
        slot: clock.slot,
        value: pool.value_floor,
        lst_supply: pool.lst_supply,
        withheld: pool.withheld,
        gains: Gains { delegation, gifts, ..Gains::default() },
        loss,
    }
}

fn recorded(outcome: &Outcome) -> bool {
    told::<PoolSynced>(outcome)[0].recorded
}

/// Over the edge, with everything updated; gives what the stake accounts earned meanwhile.
fn update_in_the_next_epoch(world: &mut World) -> u64 {
    let rewards = world.ledger.rewards;
    world.work_the_window().unwrap();
    world.cross_epoch();
    world.update_all().unwrap();
    u64::try_from(world.ledger.rewards - rewards).unwrap()
}

#[test]
fn every_epoch_has_one_exact_entry() {
    let mut world = earning(WorldConfig::default());
    let mut made = entries_made(&world, &world.keys.history);
    let reserve = world.keys.reserve;
    world.sync().unwrap();
    let mut late = 0; // found after an epoch's entry was made: the next one's
    for epoch in 0..5 {
        let rewards = update_in_the_next_epoch(&mut world);
        assert!(rewards > 0);
        let gift = SOL / 7 + epoch;
        world.give(&reserve, gift).unwrap();
        let outcome = world.sync().unwrap();
        assert!(recorded(&outcome));
        made += 1;
        assert_eq!(entries_made(&world, &world.keys.history), made);
        assert_eq!(last_entry(&world), entry_of(&world, rewards, gift + late, 0));

        slots(&mut world, 3);
        late = SOL / 3;
        world.give(&reserve, late).unwrap();
        world.sync().unwrap();
        assert_eq!(entries_made(&world, &world.keys.history), made);
    }
}

/// `spl#2263`, `spl#2269`: what was meant for once an epoch happened as often as it was asked for.
#[test]
fn however_often_a_pool_is_synced_an_epoch_has_one_entry() {
    let mut world = earning(WorldConfig::default());
    update_in_the_next_epoch(&mut world);
    let made = entries_made(&world, &world.keys.history);
    world.sync().unwrap();
    let entry = last_entry(&world);
    for round in 0..100 {
        let outcome = world.sync().unwrap();
        assert!(!recorded(&outcome));
        world.update([round % 4]).unwrap();
        if round % 10 == 0 {
            slots(&mut world, 1);
        }
    }
    assert_eq!((entries_made(&world, &world.keys.history), last_entry(&world)), (made + 1, entry));
}

#[test]
fn burned_lst_is_a_gain_and_a_slashing_a_loss_of_its_epoch() {
    let mut world = young(WorldConfig::default().with_chain(|chain| chain.inflation = 0.0));
    world.deposit("ana", 500 * SOL).unwrap();
    world.run_epoch().unwrap();
    assert_eq!(last_entry(&world), entry_of(&world, 0, 0, 0));
    update_in_the_next_epoch(&mut world);
    world.slash(1, 3 * SOL).unwrap();
    world.update_all().unwrap();
    let ana = world.user("ana");
    world.chain.burn(&ana.lst, &ana.wallet, 2 * SOL).unwrap();
    let worth = world.rate().lamports_floor(Shares(2 * SOL)).unwrap().0;
    world.sync().unwrap();
    assert_eq!(last_entry(&world), entry_of(&world, 0, worth, 3 * SOL));
    // The next entry starts anew.
    update_in_the_next_epoch(&mut world);
    world.sync().unwrap();
    assert_eq!(last_entry(&world), entry_of(&world, 0, 0, 0));
}

#[test]
fn epochs_that_nobody_synced_are_one_entry_with_all_they_brought() {
    let mut world = earning(WorldConfig::default());
    world.sync().unwrap();
    let made = entries_made(&world, &world.keys.history);
    let before = last_entry(&world);
    let rewards: u64 = (0..3).map(|_| update_in_the_next_epoch(&mut world)).sum();
    world.sync().unwrap();
    let entry = last_entry(&world);
    assert_eq!(entries_made(&world, &world.keys.history), made + 1);
    assert_eq!(entry, entry_of(&world, rewards, 0, 0));
    assert_eq!(entry.epoch, before.epoch + 3);
}

/// In the epoch of its creation a pool has nothing to tell yet.
#[test]
fn the_first_entry_is_of_the_epoch_after_the_creation() {
    let mut world = young(WorldConfig::default());
    world.deposit("ana", 100 * SOL).unwrap();
    let outcome = world.sync().unwrap();
    assert!(!recorded(&outcome));
    assert_eq!(entries_made(&world, &world.keys.history), 0);
    let epoch = world.chain.epoch();
    world.run_epoch().unwrap();
    assert_eq!((entries_made(&world, &world.keys.history), last_entry(&world).epoch), (1, epoch + 1));
}

/// Number `n` lies at place `n % 512`; the oldest gives way.
#[test]
fn a_full_ring_goes_on_from_its_start() {
    let mut world = earning(WorldConfig::default());
    world.sync().unwrap();
    let history = world.keys.history;
    let old: Vec<HistoryEntry> = (0..History::CAPACITY as u64 - 1)
        .map(|number| HistoryEntry { epoch: number, value: 1, lst_supply: 1, ..HistoryEntry::default() })
        .collect();
    write_history(&world, 0, &old);
    let mut expected = old;
    for round in 0..4 {
        world.run_epoch().unwrap();
        let entry = entry_of(&world, last_entry(&world).gains.delegation, 0, 0);
        assert_eq!(last_entry(&world), entry);
        expected.push(entry);
        assert_eq!(entries_made(&world, &history), 512 + round);
    }
    for (number, entry) in expected.iter().enumerate().skip(expected.len() - History::CAPACITY) {
        assert_eq!(entry_at(&world, &history, number % History::CAPACITY), *entry, "number {number}");
    }
    assert_eq!(world.account(&history).unwrap().data.len(), History::SPACE);
}

/// As long as nobody has paid for its growth, a history waits, and everything else goes on.
#[test]
fn a_history_that_has_not_grown_waits_without_failing_anything() {
    let mut world = young(WorldConfig::default());
    let other = OtherPool::beside(&world);
    let (keys, history) = (other.keys, other.keys.history);
    assert_eq!(world.account(&history).unwrap().data.len(), YOUNG);
    const ENTRIES_MADE: usize = 40;
    patch(&world, &history, |account| {
        account.data[ENTRIES_MADE..][..8].copy_from_slice(&(FIRST_ENTRIES - 1).to_le_bytes());
    });
    let sync = |world: &mut World| {
        world.cross_epoch();
        let synced = world.chain.send(&[keys.sync_pool()], &[world.chain.faucet()]).unwrap();
        recorded(&synced)
    };
    assert!(sync(&mut world), "there is room for one more");
    let last = entry_at(&world, &history, FIRST_ENTRIES as usize - 1);
    assert_eq!(last.epoch, world.chain.epoch());

    let mut gifts = 0;
    for _ in 0..3 {
        world.chain.add_lamports(&keys.reserve, SOL);
        gifts += SOL;
        assert!(!sync(&mut world), "and then there is none");
        assert_eq!(entries_made(&world, &history), FIRST_ENTRIES);
    }
    // Once it has grown, the next entry holds all that was gained meanwhile.
    let cat = world.user("cat").wallet;
    world.chain.send(&[keys.extend_history(&cat.pubkey())], &[&cat]).unwrap();
    assert!(sync(&mut world));
    let entry = entry_at(&world, &history, FIRST_ENTRIES as usize);
    assert_eq!((entry.epoch, entry.gains.gifts), (world.chain.epoch(), gifts));
}

/// Anybody pays for a step, until the history is whole.
#[test]
fn anybody_lets_a_history_grow_to_its_whole_size_and_not_beyond() {
    let world = young(WorldConfig::default());
    let other = OtherPool::beside(&world);
    let (keys, history, cat) = (other.keys, other.keys.history, world.user("cat").wallet);
    let extend = keys.extend_history(&cat.pubkey());
    let rent = world.chain.rent();
    let mut size = YOUNG;
    while size < History::SPACE {
        let before = (world.chain.lamports(&cat.pubkey()), world.account(&history).unwrap());
        size = (size + History::GROWTH).min(History::SPACE);
        let outcome = world.chain.send(std::slice::from_ref(&extend), &[world.chain.faucet(), &cat]).unwrap();
        let after = world.account(&history).unwrap();
        assert_eq!((after.data.len(), after.lamports), (size, rent.minimum_balance(size)));
        assert_eq!(before.0 - world.chain.lamports(&cat.pubkey()), after.lamports - before.1.lamports);
        assert_eq!(after.data[..before.1.data.len()], before.1.data, "what is written stays");
        assert!(after.data[before.1.data.len()..].iter().all(|byte| *byte == 0));
        let event = &told::<HistoryExtended>(&outcome)[0];
        assert_eq!((event.pool, event.bytes), (keys.pool, size as u64));
    }
    assert_eq!(History::SPACE, 72 + 512 * 96);
    world.expect_refusal(&extend, &[&cat], TidepoolError::HistoryComplete);
    // The world's own is whole from its start.
    let own = world.keys.extend_history(&cat.pubkey());
    world.expect_refusal(&own, &[&cat], TidepoolError::HistoryComplete);
    let crossed = keys.extend_history(&cat.pubkey()).with(&history, &world.keys.history);
    world.expect_refusal(&crossed, &[&cat], TidepoolError::WrongHistory);
}

/// In the middle of a stream, too, though an extension leaves the pool's account alone.
#[test]
fn an_extension_tells_the_state_of_its_slot() {
    let world = earning(WorldConfig::default());
    patch(&world, &world.keys.history, |account| account.data.truncate(YOUNG)); // as it was created
    let cat = world.user("cat").wallet;
    let before = world.account(&world.keys.pool).unwrap();
    let extend = world.keys.extend_history(&cat.pubkey());
    let outcome = world.chain.send(&[extend], &[world.chain.faucet(), &cat]).unwrap();
    let state = told::<HistoryExtended>(&outcome)[0].state;
    let rate = world.rate();
    assert_eq!(
        (state.value, state.lst_supply, state.slot),
        (rate.value.0, rate.supply.0, world.chain.slot())
    );
    assert!(state.value > read_pool(&before.data).unwrap().value_floor);
    assert_eq!(world.account(&world.keys.pool).unwrap(), before);
}

/// Lamports that a stranger sent ahead neither block a history nor cost anybody anything.
#[test]
fn a_history_whose_address_was_funded_ahead_grows_for_less() {
    let mint = derive_keypair(WorldConfig::default().chain.seed, "lst mint").pubkey();
    let history = pda::history(&pda::pool(&mint).0).0;
    for ahead in [1, SOL / 1_000, SOL] {
        let mut world = World::start(WorldConfig::default().with_chain(|chain| {
            chain.accounts.push((history, Account { lamports: ahead, ..Account::default() }))
        }))
        .unwrap();
        assert_eq!(world.keys.history, history);
        let account = world.account(&history).unwrap();
        let whole = world.chain.rent().minimum_balance(History::SPACE);
        let young = world.chain.rent().minimum_balance(YOUNG);
        assert_eq!(account.data.len(), History::SPACE);
        assert_eq!(account.lamports, whole.max(young + ahead));
        world.run_epoch().unwrap();
        assert_eq!(entries_made(&world, &history), 1);
    }
}

/// More than a year of epochs, each cranked as a keeper does.
#[test]
fn a_ring_that_was_filled_epoch_by_epoch_holds_the_last_512() {
    let mut world = young(WorldConfig::default().with_chain(|chain| chain.slots_per_epoch = 32));
    world.deposit("ana", 100 * SOL).unwrap();
    let history = world.keys.history;
    let mut values = vec![];
    for _ in 0..530 {
        world.cross_epoch();
        let sync = world.keys.sync_pool();
        let faucet = world.chain.faucet().insecure_clone();
        world.chain.send(&[sync], &[&faucet]).unwrap();
        values.push((world.chain.epoch(), world.pool().value_floor));
    }
    assert_eq!(entries_made(&world, &history), 530);
    for (number, (epoch, value)) in values.into_iter().enumerate().skip(530 - History::CAPACITY) {
        let entry = entry_at(&world, &history, number % History::CAPACITY);
        assert_eq!((entry.epoch, entry.value), (epoch, value));
    }
    next_slot(&mut world);
}
