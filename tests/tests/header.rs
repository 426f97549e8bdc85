//! The part of a pool account that other programs read by offset. Nothing here may ever change for version 1.

use {
    anchor_lang::{prelude::Pubkey, AccountSerialize, Discriminator, Space},
    std::mem::{offset_of, size_of},
    tidepool::state::{
        Bond, BondTerms, Gains, History, HistoryEntry, Liquidity, Pool, PoolFees, Ticket, TicketKind,
        ValidatorEntry, ValidatorPage, ValidatorRecord,
    },
    tidepool_interface::{
        header::{offset, Fees, Function, DISCRIMINATOR, VERSION},
        limits::{PAUSE_EPOCHS, RECORDS_PER_PAGE},
        liquidity, HeaderError, LiquidityHeader, PoolHeader,
    },
    tidepool_localnet::{Chain, World, WorldConfig, LAMPORTS_PER_SOL as SOL},
    tidepool_math::{quote_deposit, Lamports, Rate},
};

/// The most an account may grow by in one instruction, and so the largest that one instruction creates.
const MAX_CREATED_IN_A_CALL: usize = 10_240;

#[test]
fn every_offset_of_the_header_is_where_the_program_has_the_field() {
    let of_program = [
        (8 + offset_of!(Pool, version), offset::VERSION, 8),
        (8 + offset_of!(Pool, pause_flags), offset::PAUSE_FLAGS, 9),
        (8 + offset_of!(Pool, bumps), offset::BUMPS, 10),
        (8 + offset_of!(Pool, lst_mint), offset::LST_MINT, 16),
        (8 + offset_of!(Pool, lst_supply), offset::LST_SUPPLY, 48),
        (8 + offset_of!(Pool, value_floor), offset::VALUE_FLOOR, 56),
        (8 + offset_of!(Pool, withheld), offset::WITHHELD, 64),
        (8 + offset_of!(Pool, stream_start_slot), offset::STREAM_START_SLOT, 72),
        (8 + offset_of!(Pool, stream_end_slot), offset::STREAM_END_SLOT, 80),
        (8 + offset_of!(Pool, last_update_epoch), offset::LAST_UPDATE_EPOCH, 88),
        (8 + offset_of!(Pool, last_update_slot), offset::LAST_UPDATE_SLOT, 96),
        (8 + offset_of!(Pool, fees), offset::FEES, 104),
        (8 + offset_of!(Pool, gain_ppb), offset::GAIN_PPB, 124),
        (8 + offset_of!(Pool, stream_amount), offset::STREAM_AMOUNT, 128),
        (8 + offset_of!(Pool, pending_fees), offset::PENDING_FEES, 136),
        (8 + offset_of!(Pool, last_gain_ppb), offset::LAST_GAIN_PPB, 156),
        (8 + offset_of!(Pool, pending_fees_epoch), offset::PENDING_FEES_EPOCH, 160),
        (8 + offset_of!(Pool, authority), offset::END, 168),
    ];
    for (in_program, in_interface, published) in of_program {
        assert_eq!((in_program, in_interface), (published, published));
    }
    assert_eq!((offset::DISCRIMINATOR, VERSION, Pool::VERSION), (0, 1, 1));
    assert_eq!(Pool::DISCRIMINATOR, DISCRIMINATOR);
    assert_eq!(DISCRIMINATOR, [241, 154, 109, 4, 17, 177, 109, 188]);
}

#[test]
fn every_offset_of_a_liquidity_account_is_where_the_program_has_the_field() {
    use liquidity::offset;
    let of_program = [
        (8 + offset_of!(Liquidity, sol_lamports), offset::SOL_LAMPORTS, 136),
        (8 + offset_of!(Liquidity, lst_amount), offset::LST_AMOUNT, 144),
        (8 + offset_of!(Liquidity, lp_supply), offset::LP_SUPPLY, 152),
        (8 + offset_of!(Liquidity, target_lamports), offset::TARGET_LAMPORTS, 168),
        (8 + offset_of!(Liquidity, pending_target_lamports), offset::PENDING_TARGET_LAMPORTS, 184),
        (8 + offset_of!(Liquidity, pending_target_epoch), offset::PENDING_TARGET_EPOCH, 192),
        (8 + offset_of!(Liquidity, ticket_units), offset::TICKET_UNITS, 200),
        (8 + offset_of!(Liquidity, add_slot), offset::ADD_SLOT, 208),
        (8 + offset_of!(Liquidity, added_lamports), offset::ADDED_LAMPORTS, 216),
        (8 + offset_of!(Liquidity, added_lamports) + 8, offset::END, 224),
    ];
    for (in_program, in_interface, published) in of_program {
        assert_eq!((in_program, in_interface), (published, published));
    }
    assert_eq!(Liquidity::DISCRIMINATOR, liquidity::DISCRIMINATOR);
}

/// What `docs/integrators.md` says of pages, validators and the history.
#[test]
fn validators_and_history_stand_where_the_guide_says() {
    assert_eq!(ValidatorPage::DISCRIMINATOR, [0xb9, 0x43, 0x56, 0xec, 0xa7, 0x2e, 0xc8, 0x7e]);
    assert_eq!(8 + offset_of!(ValidatorPage, pool), 8);
    assert_eq!(8 + offset_of!(ValidatorPage, index), 40);
    assert_eq!(8 + offset_of!(ValidatorPage, records), 72);
    let of_record = [
        (offset_of!(ValidatorRecord, vote), 0),
        (offset_of!(ValidatorRecord, stakes), 32),
        (offset_of!(ValidatorRecord, lamports), 128),
        (offset_of!(ValidatorRecord, staked_lamports), 152),
        (offset_of!(ValidatorRecord, cooling_lamports), 160),
        (offset_of!(ValidatorRecord, main_cooling_lamports), 168),
        (offset_of!(ValidatorRecord, last_update_epoch), 176),
        (offset_of!(ValidatorRecord, last_move_epoch), 184),
        (offset_of!(ValidatorRecord, weight), 192),
        (offset_of!(ValidatorRecord, generation), 196),
        (offset_of!(ValidatorRecord, score_bps), 200),
        (offset_of!(ValidatorRecord, status), 202),
        (offset_of!(ValidatorRecord, in_use), 203),
        (offset_of!(ValidatorRecord, gain_ppb), 204),
        (offset_of!(ValidatorRecord, bond_lamports), 208),
        (offset_of!(ValidatorRecord, bid_ppb), 216),
        (offset_of!(ValidatorRecord, group), 220),
        (offset_of!(ValidatorRecord, commission_bps), 222),
        (offset_of!(ValidatorRecord, highest_commission_bps), 224),
        (offset_of!(ValidatorRecord, credit_ratio_bps), 226),
        (offset_of!(ValidatorRecord, verdict), 228),
        (offset_of!(ValidatorRecord, has_joined), 229),
        (offset_of!(ValidatorRecord, reviewed_epoch), 232),
        (offset_of!(ValidatorRecord, lost_lamports), 240),
        (offset_of!(ValidatorRecord, entered_epoch), 248),
        (offset_of!(ValidatorRecord, opening_stake_lamports), 256),
        (offset_of!(ValidatorRecord, opening_epoch), 264),
    ];
    for (in_program, published) in of_record {
        assert_eq!(in_program, published);
    }
    assert_eq!((8 + offset_of!(History, entries_made), 8 + size_of::<History>()), (40, 72));
    let of_entry = [
        (offset_of!(HistoryEntry, epoch), 0),
        (offset_of!(HistoryEntry, timestamp), 8),
        (offset_of!(HistoryEntry, slot), 16),
        (offset_of!(HistoryEntry, value), 24),
        (offset_of!(HistoryEntry, lst_supply), 32),
        (offset_of!(HistoryEntry, withheld), 40),
        (offset_of!(HistoryEntry, gains) + offset_of!(Gains, delegation), 48),
        (offset_of!(HistoryEntry, gains) + offset_of!(Gains, free), 56),
        (offset_of!(HistoryEntry, gains) + offset_of!(Gains, fees), 64),
        (offset_of!(HistoryEntry, gains) + offset_of!(Gains, bonds), 72),
        (offset_of!(HistoryEntry, gains) + offset_of!(Gains, gifts), 80),
        (offset_of!(HistoryEntry, loss), 88),
    ];
    for (in_program, published) in of_entry {
        assert_eq!(in_program, published);
    }
}

/// What `docs/integrators.md` says of bonds, entries and tickets, which have no fixed layout in memory.
#[test]
fn bonds_entries_and_tickets_stand_where_the_guide_says() {
    let keys = [1, 2, 3].map(|byte| Pubkey::new_from_array([byte; 32]));
    let bond = Bond {
        pool: keys[0],
        vote: keys[1],
        owner: keys[2],
        lamports: 4,
        terms: BondTerms { commission_bps: 5, bid_ppb: 6 },
        pending_terms: BondTerms { commission_bps: 7, bid_ppb: 8 },
        pending_terms_epoch: 9,
        withdrawal_lamports: 10,
        withdrawal_epoch: 11,
        settled_epoch: 12,
        settled_stake: 13,
        settled_min_credits_bps: 14,
        bump: 15,
    };
    let mut data = vec![];
    bond.try_serialize(&mut data).unwrap();
    assert_eq!((data.len(), Bond::SPACE, &data[..8]), (167, 167, Bond::DISCRIMINATOR));
    assert_eq!(data[..8], [0xe0, 0x80, 0x30, 0xfb, 0xb6, 0xf6, 0x6f, 0xc4]);
    assert_eq!([8, 40, 72].map(|at| data[at..at + 32].to_vec()), keys.map(|key| key.to_bytes().to_vec()));
    // The first byte of each number, as small as these are.
    let published = [104, 112, 114, 118, 120, 124, 132, 140, 148, 156, 164, 166];
    assert_eq!(published.map(|at| data[at]), [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);

    let entry = ValidatorEntry { pool: keys[0], vote: keys[1], page: 4, slot_in_page: 5, is_listed: true };
    let mut data = vec![];
    entry.try_serialize(&mut data).unwrap();
    assert_eq!((data.len(), ValidatorEntry::SPACE), (78, 78));
    assert_eq!(data[..8], [0xae, 0x57, 0x4c, 0xa8, 0xe4, 0x2a, 0x46, 0x04]);
    assert_eq!(
        [8, 40].map(|at| data[at..at + 32].to_vec()),
        [keys[0], keys[1]].map(|key| key.to_bytes().to_vec())
    );
    assert_eq!([72, 76, 77].map(|at| data[at]), [4, 5, 1]);

    let ticket = Ticket {
        pool: keys[0],
        owner: keys[1],
        rent_payer: keys[2],
        index: 4,
        queue_start: 5,
        units: 6,
        paid_units: 7,
        lamports: 8,
        lst_amount: 9,
        created_epoch: 10,
        kind: TicketKind::Recycled,
    };
    let mut data = vec![];
    ticket.try_serialize(&mut data).unwrap();
    assert_eq!((data.len(), Ticket::SPACE), (169, 169));
    assert_eq!(data[..8], [0x29, 0xe4, 0x18, 0xa5, 0x4e, 0x5a, 0xeb, 0xc8]);
    assert_eq!([8, 40, 72].map(|at| data[at..at + 32].to_vec()), keys.map(|key| key.to_bytes().to_vec()));
    let published = [104, 112, 128, 136, 144, 152, 160, 168];
    assert_eq!(published.map(|at| data[at]), [4, 5, 6, 7, 8, 9, 10, 1]);
    assert_eq!(
        [TicketKind::Order, TicketKind::Recycled, TicketKind::Cancelled].map(|kind| kind as u8),
        [0, 1, 2]
    );
}

/// Ten fees, each another number, in the order in which they stand in the account.
const FEES: [u16; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

fn in_order(fees: &Fees) -> [u16; 10] {
    [
        fees.reward,
        fees.deposit,
        fees.ticket,
        fees.stake_withdrawal,
        fees.liquid_min,
        fees.liquid_max,
        fees.liquid_treasury_share,
        fees.insurance_share,
        fees.warmup,
        fees.referral_share,
    ]
    .map(|fee| fee.0)
}

fn stored_at(data: &[u8], at: usize) -> [u16; 10] {
    let (fees, _) = data[at..at + 20].as_chunks();
    core::array::from_fn(|index| u16::from_le_bytes(fees[index]))
}

#[test]
fn the_fees_stand_in_the_published_order() {
    let offsets = [
        offset_of!(PoolFees, reward),
        offset_of!(PoolFees, deposit),
        offset_of!(PoolFees, ticket),
        offset_of!(PoolFees, stake_withdrawal),
        offset_of!(PoolFees, liquid_min),
        offset_of!(PoolFees, liquid_max),
        offset_of!(PoolFees, liquid_treasury_share),
        offset_of!(PoolFees, insurance_share),
        offset_of!(PoolFees, warmup),
        offset_of!(PoolFees, referral_share),
    ];
    assert_eq!(offsets, [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);

    let mut world = world(|p| p.fees = bytemuck::cast(FEES));
    let data = world.account(&world.keys.pool).unwrap().data;
    let header = PoolHeader::parse(&data).unwrap();
    assert_eq!((stored_at(&data, 104), in_order(&header.fees)), (FEES, FEES));
    assert_eq!((stored_at(&data, 136), header.pending_fees), ([0; 10], None));

    // What is announced stands there, too, in the same order.
    let higher = FEES.map(|fee| 2 * fee);
    let epoch = world.chain.epoch() + 2;
    world.set_fees(bytemuck::cast(higher)).unwrap();
    let data = world.account(&world.keys.pool).unwrap().data;
    let header = PoolHeader::parse(&data).unwrap();
    assert_eq!((stored_at(&data, 104), stored_at(&data, 136)), (FEES, higher));
    let (pending, from) = header.pending_fees.unwrap();
    assert_eq!((in_order(&header.fees), in_order(&pending), from), (FEES, higher, epoch));
    for (asked, expected) in [(epoch - 2, FEES), (epoch - 1, FEES), (epoch, higher), (u64::MAX, higher)] {
        assert_eq!(in_order(&header.fees_at(asked)), expected);
    }
}

#[test]
fn the_sizes_of_accounts_are_fixed_and_can_be_created_in_one_call() {
    assert_eq!(Pool::SPACE, 2_504);
    assert_eq!(Liquidity::SPACE, 496);
    assert_eq!(ValidatorPage::SPACE, 9_800);
    assert_eq!(size_of::<ValidatorRecord>(), 304);
    assert_eq!(Ticket::SPACE, 8 + Ticket::INIT_SPACE);
    assert_eq!(Ticket::SPACE, 169);
    assert_eq!((History::SPACE, size_of::<HistoryEntry>()), (49_224, 96));
    assert_eq!(size_of::<PoolFees>(), 20);
    assert_eq!(ValidatorPage::SPACE, 8 + 64 + RECORDS_PER_PAGE * size_of::<ValidatorRecord>());
    const { assert!(ValidatorPage::SPACE < MAX_CREATED_IN_A_CALL) };
    const { assert!(History::GROWTH <= MAX_CREATED_IN_A_CALL) };
    // Room for fields of later versions.
    assert!(size_of::<Pool>() - offset_of!(Pool, reserved) >= 256);

    let world = world(|_| ());
    let size = |key| world.account(key).unwrap().data.len();
    assert_eq!(size(&world.keys.pool), Pool::SPACE);
    assert_eq!(size(&world.keys.liquidity), Liquidity::SPACE);
    assert_eq!(size(&world.validators[0].page), ValidatorPage::SPACE);
}

#[test]
fn the_header_of_a_real_pool_says_what_the_program_stored() {
    let mut world = earning();
    for _ in 0..3 {
        let data = world.account(&world.keys.pool).unwrap().data;
        let (header, pool) = (PoolHeader::parse(&data).unwrap(), world.pool());
        assert_eq!((header.version, header.pause_flags), (pool.version, pool.pause_flags));
        assert_eq!(header.lst_mint, pool.lst_mint);
        assert_eq!((header.lst_supply.0, header.value_floor.0), (pool.lst_supply, pool.value_floor));
        assert_eq!(header.stream, pool.stream());
        assert_eq!(header.last_update_epoch, pool.last_update_epoch);
        assert_eq!(header.last_update_slot, pool.last_update_slot);
        assert_eq!((header.gain_ppb, header.last_gain_ppb), (pool.gain_ppb, pool.last_gain_ppb));
        assert!(header.gain_ppb.max(header.last_gain_ppb) > 0);
        let (slot, epoch) = (world.chain.slot(), world.chain.epoch());
        let exact = |rate: Rate| (rate.value, rate.supply);
        // With no fee on the warm-up, what was found and not released is all that a comer pays.
        let entry = header.entry_rate_at(slot, epoch).unwrap();
        assert_eq!(
            exact(entry),
            (Lamports(header.value_floor.0 + header.stream.unreleased.0), header.lst_supply)
        );
        let liquidity = LiquidityHeader::parse(&world.account(&world.keys.liquidity).unwrap().data).unwrap();
        let books = world.liquidity();
        assert_eq!((liquidity.sol.0, liquidity.lst.0), (books.sol_lamports, books.lst_amount));
        assert_eq!((liquidity.lp_supply.0, liquidity.ticket_units), (books.lp_supply, books.ticket_units));
        assert_eq!((liquidity.target.0, liquidity.pending_target), (books.target_lamports, None));
        assert_eq!(header.rate_floor(), pool.rate());
        assert!(header.rate_floor() <= header.rate_at(world.chain.slot()));
        assert!(header.stream.unreleased.0 > 0);
        world.run_epoch().unwrap();
    }
}

/// marinade: integrators are told to read a price that is for display only. inf PoolNotUpdated: unpriced until updated.
#[test]
fn in_every_slot_the_program_itself_uses_the_rate_that_the_header_gives() {
    let mut world = earning();
    let mut header = header_of(&world); // of long ago, too: it is read again only after an update
    for _ in 0..world.chain.slots_per_epoch() + 8 {
        let slot = world.chain.slot();
        let rate = header.rate_at(slot);
        let lamports = 3 * SOL + slot;
        let entry_rate = header_of(&world).entry_rate_at(slot, world.chain.epoch()).unwrap();
        let expected = quote_deposit(&entry_rate, Lamports(lamports), header.fees.deposit).unwrap();
        let before = world.lst_of("bob");
        world.deposit("bob", lamports).unwrap();
        assert_eq!(world.lst_of("bob") - before, expected.shares.0, "slot {slot}");
        assert!(header_of(&world).rate_at(slot) >= rate, "a deposit never lowers the rate");

        let is_last = world.chain.first_slot(world.chain.epoch() + 1) == slot + 1;
        match is_last {
            true => world.advance(Chain::cross_epoch),
            false => world.advance(Chain::next_slot),
        }
        header = header_of(&world);
    }
}

/// A header that was read once tells the rate of every later slot until somebody acts.
#[test]
fn a_header_tells_the_rates_to_come() {
    let mut world = earning();
    world.sync().unwrap(); // pays fees that are due
    let header = header_of(&world);
    let next_epoch = world.chain.first_slot(world.chain.epoch() + 1);
    while world.chain.slot() + 1 < next_epoch {
        world.advance(Chain::next_slot);
        world.sync().unwrap();
        assert_eq!(world.pool().rate(), header.rate_at(world.chain.slot()));
        assert_eq!(header_of(&world).rate_floor(), header.rate_at(world.chain.slot()));
    }
    assert!(header.rate_at(u64::MAX) > header.rate_at(world.chain.slot()), "the stream's end");
}

/// The bit of each function is published: an integrator reads it from the byte at offset 9.
#[test]
fn a_pause_is_read_from_its_bit() {
    let published = [
        (Function::Deposit, 1),
        (Function::LiquidUnstake, 2),
        (Function::AddLiquidity, 4),
        (Function::Delegation, 8),
        (Function::WithdrawStake, 16),
    ];
    assert_eq!(published.map(|(function, _)| function), Function::ALL);
    for (function, bit) in published {
        let mut world = world(|_| ());
        world.pause(function.bit()).unwrap();
        let header = header_of(&world);
        assert_eq!((function.bit(), world.account(&world.keys.pool).unwrap().data[9]), (bit, bit));
        assert!(Function::ALL.into_iter().all(|other| header.is_paused(other) == (other == function)));
        let end = world.pool().pause_end_epoch[function as usize];
        assert_eq!(end, world.chain.epoch() + PAUSE_EPOCHS);
    }
}

/// A higher liquidity target is announced in the account, too.
#[test]
fn an_announced_liquidity_target_is_read_ahead() {
    let mut world = world(|_| ());
    let mut settings = world.settings();
    let (old, epoch) = (settings.liquidity_target_lamports, world.chain.epoch());
    settings.liquidity_target_lamports = 5 * old;
    world.set_parameters(settings).unwrap();
    let header = LiquidityHeader::parse(&world.account(&world.keys.liquidity).unwrap().data).unwrap();
    assert_eq!((header.target.0, header.pending_target), (old, Some((Lamports(5 * old), epoch + 2))));
    for (asked, expected) in [(epoch, old), (epoch + 1, old), (epoch + 2, 5 * old), (epoch + 9, 5 * old)] {
        assert_eq!(header.target_at(asked).0, expected);
    }
}

#[test]
fn what_is_no_header_is_refused_by_name() {
    let world = world(|_| ());
    let data = world.account(&world.keys.pool).unwrap().data;
    assert!(PoolHeader::parse(&data[..offset::END]).is_ok(), "the header alone is enough");
    for length in [0, 8, offset::END - 1] {
        assert_eq!(PoolHeader::parse(&data[..length]), Err(HeaderError::TooShort));
    }
    for foreign in [world.keys.liquidity, world.validators[0].page, world.keys.history] {
        let data = world.account(&foreign).unwrap().data;
        assert_eq!(PoolHeader::parse(&data), Err(HeaderError::NotAPool));
    }
    assert_eq!(PoolHeader::parse(&[0; 1_000]), Err(HeaderError::NotAPool));
    let liquidity = world.account(&world.keys.liquidity).unwrap().data;
    assert!(LiquidityHeader::parse(&liquidity[..liquidity::offset::END]).is_ok());
    let too_short = &liquidity[..liquidity::offset::END - 1];
    assert_eq!(LiquidityHeader::parse(too_short), Err(HeaderError::TooShort));
    assert_eq!(LiquidityHeader::parse(&data), Err(HeaderError::NotALiquidityPool));
    for version in [0, 2, 255] {
        let mut newer = data.clone();
        newer[offset::VERSION] = version;
        assert_eq!(PoolHeader::parse(&newer), Err(HeaderError::UnknownVersion));
    }
}

fn world(parameters: impl FnOnce(&mut tidepool_client::PoolParameters)) -> World {
    World::start(WorldConfig::default().with_parameters(parameters)).unwrap()
}

/// A pool with a deposit fee whose rewards flow.
fn earning() -> World {
    let mut world = world(|p| p.fees.deposit = 7);
    for name in ["ana", "bob", "cat"] {
        world.add_user(name, 10_000 * SOL).unwrap();
    }
    world.deposit("ana", 5_000 * SOL).unwrap();
    for _ in 0..2 {
        world.run_epoch().unwrap();
    }
    world
}

fn header_of(world: &World) -> PoolHeader {
    PoolHeader::parse(&world.account(&world.keys.pool).unwrap().data).unwrap()
}
