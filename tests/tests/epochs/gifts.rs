//! Lamports that strangers send: they buy nothing, are counted once, by an update or a sync, and are streamed.

use {
    crate::support::*,
    solana_account::Account,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    solana_system_interface::instruction::transfer,
    tidepool_client::PoolKeys,
    tidepool_interface::pda::StakeRole,
    tidepool_localnet::{derive_keypair, World, WorldConfig},
    tidepool_math::{quote_deposit, Bps, Lamports},
};

const GIFT: u64 = 100 * SOL;

/// Every account of the pool that lamports can be sent to.
fn places(world: &World) -> Vec<(&'static str, Pubkey)> {
    let validator = &world.validators[0];
    vec![
        ("reserve", world.keys.reserve),
        ("insurance", world.keys.insurance),
        ("SOL vault", world.keys.sol_vault),
        ("LST vault", world.keys.lst_vault),
        ("pool", world.keys.pool),
        ("page", validator.page),
        ("main", validator.stake(StakeRole::Main)),
        ("onramp", validator.stake(StakeRole::Onramp)),
        ("offramp", validator.stake(StakeRole::Offramp)),
    ]
}

/// What the holders have, with what is on its way to them.
fn value_and_withheld(world: &World) -> u64 {
    value(world) + withheld(world)
}

/// spl#1934: lamports sent to a stake account raised the price at once. solido, stake_deposit_succeeds_despite_donation.
#[test]
fn a_gift_changes_no_share_of_a_deposit_in_its_transaction_and_reaches_holders_once_and_slowly() {
    let mut world = staked(still(), 5_000 * SOL);
    world.order_unstake("ana", 100 * SOL).unwrap();
    world.work_the_window().unwrap(); // an offramp is in use
    for (place, key) in places(&world) {
        let eve = world.user("eve");
        let rate = world.rate();
        let entry_rate = world.entry_rate();
        let expected = quote_deposit(&entry_rate, Lamports(7 * SOL), Bps(0)).unwrap().shares.0;
        let lst = world.lst_of("eve");
        let gift = transfer(&eve.wallet.pubkey(), &key, GIFT);
        let deposit = world.keys.deposit(&eve.wallet.pubkey(), &eve.lst, 7 * SOL, 0);
        world.send(&[gift, deposit], &[&eve.wallet]).unwrap();
        assert_eq!(world.lst_of("eve") - lst, expected, "{place}");
        assert_eq!(world.rate(), rate, "{place}");

        let (before, insured) = (value_and_withheld(&world), world.pool().insurance_lamports);
        let flowing = withheld(&world);
        for _ in 0..2 {
            update_all_accounts_of(&mut world, 0);
            world.sync().unwrap();
        }
        let gained = value_and_withheld(&world) - before;
        match place {
            "reserve" | "SOL vault" | "main" | "onramp" | "offramp" => {
                assert_eq!((gained, withheld(&world) - flowing), (GIFT, GIFT), "{place}: once, and streamed");
            }
            "insurance" => assert_eq!((gained, world.pool().insurance_lamports - insured), (0, GIFT)),
            _ => assert_eq!(gained, 0, "{place} is not looked at"),
        }
    }
    world.run_epoch().unwrap();
    world.run_epoch().unwrap();
    assert_eq!(withheld(&world), 0);
    assert_all_booked(&world);
}

/// spl#2636: lamports that lay in the reserve before the pool was created belonged to the first depositor. spl#2920, INF
/// ND-L1: a lamport sent to a future address made its creation fail for ever.
#[test]
fn gifts_to_addresses_before_they_exist_neither_stop_the_pool_nor_make_the_first_depositor_rich() {
    for gift in [1, still().chain.rent.minimum_balance(200), 50 * SOL] {
        let config = prefunded(still(), gift);
        let mut world = peopled(config);
        let given = world.ledger.gifts;
        assert!(given >= 10 * gift, "{given}");
        let before = world.sol_of("ana");
        world.deposit("ana", SOL).unwrap();
        assert_eq!(world.lst_of("ana"), SOL);
        let ticket = world.order_unstake("ana", SOL).unwrap();
        world.cross_epoch();
        world.claim(&ticket).unwrap();
        assert_eq!(world.sol_of("ana"), before);

        world.deposit("bob", 1_000 * SOL).unwrap();
        world.sync().unwrap();
        for index in 0..4 {
            update_all_accounts_of(&mut world, index);
        }
        assert_all_booked(&world);
        // Of the gifts, what lies with the insurance and in accounts nobody looks at is not the holders'.
        let (stakes, reserve_and_vault) = (12 * gift, 2 * gift);
        assert_eq!(withheld(&world), stakes + reserve_and_vault);
        world.run_epoch().unwrap();
        world.run_epoch().unwrap();
        assert!(world.pool().stake_lamports > 999 * SOL, "the stake accounts work");
    }
}

/// Lamports at every address of the pool and of its validators before any of it exists.
fn prefunded(mut config: WorldConfig, gift: u64) -> WorldConfig {
    let seed = config.chain.seed;
    let mint = derive_keypair(seed, "lst mint").pubkey();
    let keys = PoolKeys::new(&mint, &Pubkey::default());
    let mut addresses = vec![
        keys.pool,
        keys.authority,
        keys.reserve,
        keys.insurance,
        keys.liquidity,
        keys.sol_vault,
        keys.lst_vault,
        keys.lp_mint,
        keys.dead_lst,
        keys.dead_lp,
        keys.validator(&Pubkey::default(), 0).page,
    ];
    for index in 0..config.chain.validators.len() {
        let vote = derive_keypair(seed, &format!("validator/{index}/vote")).pubkey();
        addresses.extend(keys.validator(&vote, index).stakes);
    }
    let account = Account { lamports: gift, rent_epoch: u64::MAX, ..Account::default() };
    config.chain.accounts.extend(addresses.into_iter().map(|key| (key, account.clone())));
    config
}

/// A mean of two ends that was rounded up would move the end of the stream one slot on with every lamport: nine tenths
/// of the reward would never flow. Here it ends when it would have ended without gifts.
#[test]
fn a_lamport_in_every_slot_cannot_stretch_the_stream() {
    let mut world = staked(still(), 5_000 * SOL);
    world.give(&world.keys.reserve.clone(), GIFT).unwrap();
    world.sync().unwrap();
    let (start, end) = (world.chain.slot(), world.pool().stream_end_slot);
    assert_eq!(end - start, world.chain.slots_per_epoch());
    let main = world.validators[0].stake(StakeRole::Main);
    let reserve = world.keys.reserve;
    let mut gifts = 0;
    while world.chain.slot() < end {
        world.next_slot();
        world.pay_rewards();
        for key in [main, reserve] {
            world.give(&key, 1).unwrap();
            gifts += 1;
        }
        world.update([0]).unwrap();
        world.sync().unwrap();
        let passed = world.chain.slot() - start;
        let released = (GIFT + gifts - withheld(&world)) as i128;
        let linear = i128::from(GIFT) * i128::from(passed) / i128::from(end - start);
        // A lamport for each rounding, and the gifts themselves.
        let bound = 3 * i128::from(gifts);
        assert!((released - linear).abs() <= bound, "slot {passed}: {released} instead of {linear}");
    }
    assert!(withheld(&world) <= gifts);
    assert_all_booked(&world);
}

/// UNS#44: a gift changed what a liquidity share was worth, at once. Here it is streamed to the holders instead.
#[test]
fn a_gift_to_the_liquidity_pool_is_not_for_who_adds_and_removes_around_the_sync() {
    let mut world = staked(still(), 5_000 * SOL);
    world.add_liquidity("bob", 1_000 * SOL).unwrap();
    let vault = world.keys.sol_vault;
    world.give(&vault, GIFT).unwrap();
    let before = world.sol_of("eve");
    world.add_liquidity("eve", 10_000 * SOL).unwrap();
    world.sync().unwrap();
    world.remove_liquidity("eve", world.lp_of("eve")).unwrap();
    let gained = world.sol_of("eve") as i64 - before as i64;
    assert!(gained <= 0, "{gained} of {GIFT} gained by liquidity of one slot");
}

/// The same with LST: it leaves the supply, and what it stood for flows to all who hold some.
#[test]
fn lst_sent_to_the_liquidity_pool_is_burned_and_its_worth_streamed() {
    let mut world = staked(still(), 5_000 * SOL);
    world.add_liquidity("bob", 1_000 * SOL).unwrap();
    let ana = world.user("ana");
    world.chain.transfer_tokens(&ana.lst, &world.keys.lst_vault, &ana.wallet, 100 * SOL).unwrap();
    let (supply, rate) = (world.pool().lst_supply, world.rate());
    let before = world.sol_of("eve");
    world.add_liquidity("eve", 10_000 * SOL).unwrap();
    for _ in 0..2 {
        world.sync().unwrap();
        assert_eq!((world.pool().lst_supply, withheld(&world)), (supply - 100 * SOL, 100 * SOL));
        assert_eq!((world.rate(), world.liquidity().lst_amount), (rate, 0));
    }
    world.remove_liquidity("eve", world.lp_of("eve")).unwrap();
    assert!(world.sol_of("eve") <= before);
}

/// The stake program delegates all that lies in an account. What the pool did not know of is found by the next update.
#[test]
fn a_gift_to_an_onramp_is_delegated_along_and_counted_when_it_is_seen() {
    for gift in [1, SOL / 1_000, 10 * SOL] {
        let mut world = staked(still(), 4_000 * SOL);
        let onramp = world.validators[0].stake(StakeRole::Onramp);
        world.give(&onramp, gift).unwrap();
        world.deposit("bob", 400 * SOL).unwrap();
        let before = value_and_withheld(&world);
        world.work_the_window().unwrap();
        assert!(delegated(&world, 0, StakeRole::Onramp) > gift);
        assert_eq!(value_and_withheld(&world), before, "not seen yet");
        world.work_the_edge().unwrap();
        assert_eq!(value_and_withheld(&world), before + gift);
        assert_eq!(delegated(&world, 0, StakeRole::Onramp), 0, "all of it has joined the main account");
        assert_all_booked(&world);
    }
}

/// solido#272, VB#158, #77: free lamports in an active account made a later unstake or claim fail.
#[test]
fn gifts_between_the_update_and_the_undelegation_stop_no_ticket() {
    for gift in [1, still().chain.rent.minimum_balance(200), 5 * SOL] {
        let mut world = staked(still().with_parameters(|p| p.settings.reserve_target_bps = 100), 4_000 * SOL);
        let ticket = world.order_unstake("ana", 2_000 * SOL).unwrap();
        let owed = world.ticket(&ticket).unwrap().lamports;
        let wallet = world.sol_of("ana");
        world.to_move_window();
        let before = value_and_withheld(&world);
        for index in 0..4 {
            for role in StakeRole::ALL {
                let key = world.validators[index].stake(role);
                world.give(&key, gift).unwrap();
            }
            world.undelegate(index).unwrap();
        }
        world.cross_epoch();
        for index in 0..4 {
            update_all_accounts_of(&mut world, index);
        }
        assert_eq!(value_and_withheld(&world), before + 12 * gift);
        assert_eq!(claimed(&mut world, &ticket), owed);
        assert_eq!(world.sol_of("ana"), wallet + owed);
        assert_all_booked(&world);
    }
}
