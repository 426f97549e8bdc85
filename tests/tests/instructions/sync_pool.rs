//! The books are brought in line with the world.

use {
    crate::stage,
    tidepool_client::{History, HistoryEntry, HistoryRing},
    tidepool_tests::prelude::*,
};

#[test]
fn a_sync_counts_gifts_and_burned_lst_and_pays_fees_and_insurance() {
    let mut world = stage::earning();
    let (ana, keys) = (world.user("ana"), world.keys);
    world.deposit("ana", 100 * SOL).unwrap();
    world.liquid_unstake("ana", 20 * SOL).unwrap();
    for (vault, lamports) in
        [(keys.reserve, 3_333_333_333), (keys.insurance, 22_222), (keys.sol_vault, 1_111)]
    {
        world.give(&vault, lamports).unwrap();
    }
    world.chain.transfer_tokens(&ana.lst, &keys.lst_vault, &ana.wallet, 444).unwrap();
    stage::burn(&world, "ana", 5_555_555_555);

    let (slot, epoch) = (world.chain.slot(), world.chain.epoch());
    let due = world.liquidity().treasury_lst_due;
    let (donated, burned) = (3_333_333_333 + 1_111, 5_555_555_555 + 444);
    let (mut fee_shares, mut insured) = (0, 0);
    assert!(due > 0);
    let outcome = world.expect_change(&keys.sync_pool(), &[], |expected| {
        expected.releases(slot);
        // Gifts to the vaults of the liquidity pool are no different from gifts to the reserve and from burned LST.
        expected.moves(&keys.sol_vault, &keys.reserve, 1_111);
        // The treasury's share of exit fees is burned in the vault and minted with its other fees.
        expected.burns(&keys.lst_mint, &keys.lst_vault, 444 + due);
        expected.pool(|pool| {
            pool.last_sync_epoch = epoch;
            pool.fee_shares_due += due;
            pool.reserve_lamports += donated;
            pool.gains.gifts += donated;
            stage::book_gain(pool, donated, slot);
            pool.insurance_lamports += 22_222;
            pool.gains.gifts += stage::book_burned(pool, burned, slot);
            fee_shares = std::mem::take(&mut pool.fee_shares_due);
            insured = std::mem::take(&mut pool.insurance_due);
            pool.reserve_lamports -= insured;
            pool.insurance_lamports += insured;
        });
        expected.liquidity(|liquidity| liquidity.treasury_lst_due = 0);
        assert!(fee_shares > 0 && insured > 0);
        expected.mints(&keys.lst_mint, &keys.treasury, fee_shares);
        expected.moves(&keys.reserve, &keys.insurance, insured);
    });
    outcome.assert_told(&events::PoolSynced {
        pool: keys.pool,
        epoch,
        donated,
        burned,
        fee_shares,
        lp_burned: 0,
        insured,
        ticket_index: TicketIndex::ONE.0,
        recorded: false,
        state: stage::state(&world),
    });
}

#[test]
fn a_repeated_sync_finds_nothing_and_changes_nothing() {
    let mut world = stage::earning();
    world.sync().unwrap();
    for _ in 0..3 {
        let sync = world.keys.sync_pool();
        let outcome = world.expect_change(&sync, &[], |_| {});
        outcome.assert_told(&events::PoolSynced {
            pool: world.keys.pool,
            epoch: world.chain.epoch(),
            donated: 0,
            burned: 0,
            fee_shares: 0,
            lp_burned: 0,
            insured: 0,
            ticket_index: TicketIndex::ONE.0,
            recorded: false,
            state: stage::state(&world),
        });
    }
}

#[test]
fn the_insurance_is_not_paid_with_sol_that_tickets_wait_for() {
    let mut world = stage::staked();
    world.order_unstake("ana", 300 * SOL).unwrap();
    stage::gift(&mut world, 10 * SOL);
    let pool = world.pool();
    assert!(pool.insurance_due > 0 && !pool.queue().is_filled());
    let before = world.chain.lamports(&world.keys.insurance);
    world.sync().unwrap();
    assert_eq!(world.chain.lamports(&world.keys.insurance), before);
}

/// `spl#2277`, `solido#400`: closing or spoiling the fee account blocked withdrawals. Here every way of spoiling it
/// leaves the fees to those who would else have paid them, and nothing fails.
#[test]
fn a_treasury_that_cannot_take_fees_leaves_them_and_blocks_nothing() {
    type Spoil = fn(&World, &mut Account);
    const STATE: usize = 108;
    let spoil: [(&str, Spoil); 7] = [
        ("closed", |_, account| *account = Account::default()),
        ("closed and refunded", |_, account| *account = Account { lamports: SOL, ..Account::default() }),
        ("frozen", |_, account| account.data[STATE] = 2),
        ("uninitialized", |_, account| account.data[STATE] = 0),
        ("of another mint", |world, account| {
            account.data[..32].copy_from_slice(world.keys.lp_mint.as_ref());
        }),
        ("of another program", |_, account| account.owner = tidepool_localnet::TOKEN_2022_PROGRAM),
        ("too short", |_, account| account.data.truncate(100)),
    ];
    for (how, spoil) in spoil {
        let mut world = stage::earning();
        let (keys, treasury) = (world.keys, world.keys.treasury);
        world.deposit("ana", 100 * SOL).unwrap();
        world.liquid_unstake("ana", 20 * SOL).unwrap();
        let ticket = world.order_unstake("ana", SOL).unwrap();
        stage::patch(&world, &treasury, |account| spoil(&world, account));

        let (slot, epoch) = (world.chain.slot(), world.chain.epoch());
        let due = (world.pool().fee_shares_due, world.liquidity().treasury_lst_due);
        assert!(due.0 > 0 && due.1 > 0, "{how}");
        let outcome = world.expect_change(&keys.sync_pool(), &[], |expected| {
            expected.releases(slot);
            expected.pool(|pool| {
                pool.last_sync_epoch = epoch;
                pool.fee_shares_due = 0;
                // A treasury's fees that nobody takes stay with the holders.
                pool.gains.fees += stage::book_burned(pool, due.0 + due.1, slot);
            });
            // Its share of exit fees is no different: it does not even have to be transferred.
            expected.burns(&keys.lst_mint, &keys.lst_vault, due.1);
            expected.liquidity(|liquidity| liquidity.treasury_lst_due = 0);
        });
        let synced = &told::<events::PoolSynced>(&outcome)[0];
        assert_eq!((synced.fee_shares, synced.burned), (0, 0), "{how}");

        world.liquid_unstake("ana", SOL).unwrap();
        world.deposit("ana", SOL).unwrap();
        world.run_epoch().unwrap();
        assert!(world.ticket(&ticket).is_none(), "{how}");
    }
}

#[test]
fn a_sync_mints_nothing_while_the_mint_holds_lst_the_pool_did_not_issue() {
    const SUPPLY: usize = 36;
    let mut world = stage::earning();
    world.deposit("ana", 100 * SOL).unwrap();
    let (pool, mint) = (world.pool(), world.keys.lst_mint);
    assert!(pool.fee_shares_due > 0);
    let (supply, due) = (world.chain.mint_supply(&mint) + 1, world.liquidity().treasury_lst_due);
    stage::patch(&world, &mint, |mint| stage::put_u64(mint, SUPPLY, supply));
    // Whether it refuses or leaves the fees where they are; not through the world, whose books cannot hold now.
    let _ = world.chain.send(&[world.keys.sync_pool()], &[world.chain.faucet()]);
    // Only the treasury's exit fees, which wait in the vault, are burned.
    assert_eq!(world.chain.mint_supply(&mint), supply - due);
}

/// Entries of the history, newest first.
fn history(world: &World) -> Vec<HistoryEntry> {
    let data = world.account(&world.keys.history).unwrap().data;
    let ring = HistoryRing::read(&data, &world.keys.pool).unwrap();
    (0..ring.len()).map(|back| *ring.newest(back).unwrap()).collect()
}

#[test]
fn the_first_sync_of_an_epoch_writes_the_history() {
    let mut world = stage::staked();
    world.cross_epoch();
    world.update_all().unwrap();
    let (keys, slot, epoch) = (world.keys, world.chain.slot(), world.chain.epoch());
    let timestamp = world.chain.clock().unix_timestamp;
    world.give(&keys.reserve, 7 * SOL).unwrap();
    let (made, pool) = (history(&world).len(), world.pool());
    assert!(made > 0 && pool.gains.delegation > 0 && pool.last_sync_epoch == epoch - 1);
    let (due, mut fee_shares, mut insured) = (world.liquidity().treasury_lst_due, 0, 0);

    let mut entry = HistoryEntry::default();
    let outcome = world.expect_change(&keys.sync_pool(), &[], |expected| {
        expected.releases(slot);
        expected.pool(|pool| {
            pool.last_sync_epoch = epoch;
            pool.fee_shares_due += due;
            pool.reserve_lamports += 7 * SOL;
            pool.gains.gifts += 7 * SOL;
            stage::book_gain(pool, 7 * SOL, slot);
            fee_shares = std::mem::take(&mut pool.fee_shares_due);
            insured = std::mem::take(&mut pool.insurance_due);
            pool.reserve_lamports -= insured;
            pool.insurance_lamports += insured;
            entry = HistoryEntry {
                epoch,
                timestamp,
                slot,
                value: pool.value_floor,
                lst_supply: pool.lst_supply,
                withheld: pool.withheld,
                gains: std::mem::take(&mut pool.gains),
                loss: std::mem::take(&mut pool.loss),
            };
        });
        expected.liquidity(|liquidity| liquidity.treasury_lst_due = 0);
        expected.burns(&keys.lst_mint, &keys.lst_vault, due);
        expected.mints(&keys.lst_mint, &keys.treasury, fee_shares);
        expected.moves(&keys.reserve, &keys.insurance, insured);
        const MADE: usize = 8 + 32;
        const ENTRIES: usize = 8 + size_of::<History>();
        let account = expected.account(&keys.history);
        stage::put_u64(account, MADE, made as u64 + 1);
        let place = ENTRIES + made * size_of::<HistoryEntry>();
        account.data[place..place + size_of::<HistoryEntry>()].copy_from_slice(bytemuck::bytes_of(&entry));
    });
    assert!(entry.gains.delegation > 0 && entry.gains.gifts == 7 * SOL && entry.loss == 0);
    assert!(told::<events::PoolSynced>(&outcome)[0].recorded);
    assert_eq!(history(&world)[0], entry);

    // Later syncs of the epoch leave it as it is; what they find is in the next entry.
    world.give(&keys.reserve, 3 * SOL).unwrap();
    let outcome = world.sync().unwrap();
    assert!(!told::<events::PoolSynced>(&outcome)[0].recorded);
    assert_eq!((history(&world).len(), history(&world)[0]), (made + 1, entry));
    world.cross_epoch();
    assert!(told::<events::PoolSynced>(&world.sync().unwrap())[0].recorded);
    assert_eq!((history(&world)[0].epoch, history(&world)[0].gains.gifts), (epoch + 1, 3 * SOL));
}

/// Whoever burns LP tokens gives what they stood for to the holders: of the liquidity pool's own books it is gone at once,
/// so that nobody can enter it for a moment to share it.
#[test]
fn burned_liquidity_shares_are_a_gift_to_the_holders() {
    let mut world = stage::earning();
    let (ana, keys, slot, epoch) = (world.user("ana"), world.keys, world.chain.slot(), world.chain.epoch());
    let burned = world.lp_of("ana") / 3;
    world.chain.burn(&ana.lp, &ana.wallet, burned).unwrap();
    let (lamports, lst) = world.liquidity_books().quote_remove(Shares(burned)).unwrap();
    assert!(lamports > Lamports(0) && lst > Shares(0));

    let due = world.liquidity().treasury_lst_due;
    let (mut fee_shares, mut insured) = (0, 0);
    let outcome = world.expect_change(&keys.sync_pool(), &[], |expected| {
        expected.releases(slot);
        expected.liquidity(|liquidity| {
            liquidity.lp_supply -= burned;
            liquidity.sol_lamports -= lamports.0;
            liquidity.lst_amount -= lst.0;
            liquidity.treasury_lst_due = 0;
            liquidity.added_lamports = liquidity.added_lamports.saturating_sub(lamports.0);
        });
        expected.moves(&keys.sol_vault, &keys.reserve, lamports.0);
        expected.burns(&keys.lst_mint, &keys.lst_vault, lst.0 + due);
        expected.pool(|pool| {
            pool.last_sync_epoch = epoch;
            pool.fee_shares_due += due;
            pool.reserve_lamports += lamports.0;
            pool.gains.gifts += lamports.0;
            stage::book_gain(pool, lamports.0, slot);
            pool.gains.gifts += stage::book_burned(pool, lst.0, slot);
            fee_shares = std::mem::take(&mut pool.fee_shares_due);
            insured = std::mem::take(&mut pool.insurance_due);
            pool.reserve_lamports -= insured;
            pool.insurance_lamports += insured;
        });
        expected.mints(&keys.lst_mint, &keys.treasury, fee_shares);
        expected.moves(&keys.reserve, &keys.insurance, insured);
    });
    outcome.assert_told(&events::PoolSynced {
        pool: keys.pool,
        epoch,
        donated: lamports.0,
        burned: lst.0,
        fee_shares,
        lp_burned: burned,
        insured,
        ticket_index: TicketIndex::ONE.0,
        recorded: false,
        state: stage::state(&world),
    });
    world.expect_change(&keys.sync_pool(), &[], |_| {});
}
