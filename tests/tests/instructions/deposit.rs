//! SOL in, LST out.

use {
    crate::stage::{self, Wishes},
    tidepool_math::{quote_split_deposit, DepositSplit},
    tidepool_tests::prelude::*,
};

/// What a deposit gives now, by the pool's books.
fn quote(world: &World, lamports: u64) -> DepositSplit {
    let (fee, for_sale) = (Bps(world.pool().fees.deposit), Shares(world.liquidity().lst_amount));
    quote_split_deposit(&world.entry_rate(), Lamports(lamports), fee, for_sale).unwrap()
}

/// Ana's deposit and all it changes, with `referral` of its fee for `referrer`.
fn a_deposit_does_what_its_quote_says(
    world: &mut World,
    lamports: u64,
    referrer: Option<&Pubkey>,
    referral: u64,
) -> DepositSplit {
    let (ana, keys, slot) = (world.user("ana"), world.keys, world.chain.slot());
    let DepositSplit { bought, paid, minted } = quote(world, lamports);
    assert_eq!(paid.0 + minted.lamports.0, lamports);
    let lst = bought.0 + minted.shares.0;
    let wallet = ana.wallet.pubkey();
    let charge = stage::charge(world, Bps(world.pool().fees.warmup));
    assert_eq!(world.entry_rate(), stage::rate_with(world, charge));
    let now = world.chain.clock().unix_timestamp;

    let deposit = keys.deposit_referred(&wallet, &ana.lst, referrer, lamports, lst);
    let outcome = world.expect_change(&deposit, &[&ana.wallet], |expected| {
        expected.releases(slot);
        if bought > Shares(0) {
            expected.moves(&wallet, &keys.sol_vault, paid.0);
            expected.transfers(&keys.lst_vault, &ana.lst, bought.0);
            expected.liquidity(|liquidity| {
                liquidity.sol_lamports += paid.0;
                liquidity.lst_amount -= bought.0;
            });
            // What instant exits have used comes back with it.
            expected.pool(|pool| {
                if pool.instant_used > 0 {
                    let used = pool.instant_cap().used_at(now).0;
                    (pool.instant_used, pool.instant_used_at) = (used.saturating_sub(paid.0), now);
                }
            });
        }
        if minted.lamports == Lamports(0) {
            return;
        }
        expected.moves(&wallet, &keys.reserve, minted.lamports.0);
        expected.mints(&keys.lst_mint, &ana.lst, minted.shares.0);
        if referral > 0 {
            expected.mints(&keys.lst_mint, referrer.unwrap(), referral);
        }
        expected.pool(|pool| {
            // What it pays beyond the rate joins the stream.
            let all = Shares(minted.shares.0 + minted.fee_shares.0);
            let streamed = stage::stream_premium(pool, minted.lamports.0, all, charge, slot);
            pool.reserve_lamports += minted.lamports.0;
            pool.value_floor += minted.lamports.0 - streamed;
            pool.lst_supply += all.0;
            pool.fee_shares_due += minted.fee_shares.0 - referral;
            let mut queue = pool.queue();
            queue.fill(Lamports(pool.reserve_lamports)).unwrap();
            pool.set_queue(&queue);
        });
    });
    outcome.assert_told(&events::Deposited {
        pool: keys.pool,
        user: wallet,
        lamports,
        lst_minted: minted.shares.0,
        lamports_to_liquidity: paid.0,
        lst_bought: bought.0,
        fee_shares: minted.fee_shares.0,
        referral_shares: referral,
        state: stage::state(world),
    });
    DepositSplit { bought, paid, minted }
}

#[test]
fn a_deposit_pays_into_the_reserve_and_mints_at_the_entry_rate_of_this_slot() {
    let mut world = stage::minting();
    let lamports = 7_123_456_789;
    let quote = quote_deposit(&world.entry_rate(), Lamports(lamports), Bps(30)).unwrap();
    assert!(quote.shares.0 < lamports && quote.fee_shares > Shares(0));
    let split = a_deposit_does_what_its_quote_says(&mut world, lamports, None, 0);
    assert_eq!((split.bought, split.minted), (Shares(0), quote));
}

#[test]
fn a_deposit_buys_what_the_liquidity_pool_has_without_a_fee() {
    let mut world = stage::earning();
    let lamports = 7_123_456_789;
    let shares = world.entry_rate().shares_floor(Lamports(lamports)).unwrap();
    let split = a_deposit_does_what_its_quote_says(&mut world, lamports, None, 0);
    assert_eq!((split.bought, split.paid), (shares, Lamports(lamports)));
    assert_eq!(split.minted, Default::default());
}

#[test]
fn what_the_liquidity_pool_cannot_sell_is_minted() {
    let mut world = stage::earning();
    let for_sale = Shares(world.liquidity().lst_amount);
    let price = world.entry_rate().lamports_ceil(for_sale).unwrap();
    let rest = quote_deposit(&world.entry_rate(), Lamports(33 * SOL), Bps(30)).unwrap();
    let split = a_deposit_does_what_its_quote_says(&mut world, price.0 + 33 * SOL, None, 0);
    assert_eq!((split.bought, split.paid, split.minted), (for_sale, price, rest));
    assert_eq!(world.liquidity().lst_amount, 0);
    // A lamport more than all of it costs mints nothing: it is the liquidity pool's.
    let mut world = stage::earning();
    let split = a_deposit_does_what_its_quote_says(&mut world, price.0 + 1, None, 0);
    assert_eq!((split.bought, split.paid), (for_sale, Lamports(price.0 + 1)));
}

/// marinade#67, #69: a deposit that was fed partly from the liquidity pool minted a wrong amount for the rest.
#[test]
fn a_deposit_gives_the_same_lst_whatever_of_it_the_liquidity_pool_sells() {
    let lamports = 100 * SOL + 7;
    let given = |sold: u64| {
        let mut world = stage::young(WorldConfig::default().without_fees());
        for (name, sol) in [("ana", 500), ("bob", 300)] {
            world.deposit(name, sol * SOL).unwrap();
            world.add_liquidity(name, sol / 2 * SOL).unwrap();
        }
        stage::gift(&mut world, 123_456_789_123);
        stage::slots(&mut world, 9);
        if sold > 0 {
            world.liquid_unstake("bob", sold).unwrap();
        }
        let before = world.lst_of("ana");
        let split = a_deposit_does_what_its_quote_says(&mut world, lamports, None, 0);
        assert_eq!(world.lst_of("ana") - before, split.bought.0 + split.minted.shares.0);
        (world.lst_of("ana") - before, split)
    };
    let (minted, nothing) = given(0);
    let (partly, part) = given(minted / 100 * 37);
    let (bought, all) = given(minted + 1);
    assert_eq!((nothing.paid, all.paid), (Lamports(0), Lamports(lamports)));
    assert_eq!(part.bought, Shares(minted / 100 * 37));
    assert!(minted.abs_diff(partly) <= 1 && minted.abs_diff(bought) <= 1, "{minted} {partly} {bought}");
}

#[test]
fn a_referrer_gets_a_share_of_the_fee_at_once() {
    for mut world in [stage::minting(), stage::earning()] {
        let (bob, lamports) = (world.user("bob").lst, 200 * SOL + 1);
        let fee = quote(&world, lamports).minted.fee_shares;
        let referral = fee.0 * 4 / 10;
        a_deposit_does_what_its_quote_says(&mut world, lamports, Some(&bob), referral);
    }
}

#[test]
fn a_deposit_without_a_fee_pays_no_referrer() {
    // All of it is bought.
    let mut world = stage::earning();
    let bob = world.user("bob").lst;
    a_deposit_does_what_its_quote_says(&mut world, SOL, Some(&bob), 0);
    // The pool charges none, or shares nothing of it.
    let without_fee = stage::all_fees().with_parameters(|p| p.fees.deposit = 0);
    let without_share = stage::all_fees().with_parameters(|p| p.fees.referral_share = 0);
    for config in [without_fee, without_share] {
        let mut world = stage::young(config);
        let bob = world.user("bob").lst;
        a_deposit_does_what_its_quote_says(&mut world, SOL, Some(&bob), 0);
    }
}

/// An account somebody else closed, froze or mixed up makes no deposit fail: the treasury gets all of the fee.
#[test]
fn a_referrer_who_cannot_be_paid_changes_nothing_for_the_depositor() {
    type Spoil = fn(&World, &mut Account);
    const STATE: usize = 108;
    let spoil: [(&str, Spoil); 8] = [
        ("closed", |_, account| *account = Account::default()),
        ("closed and refunded", |_, account| *account = Account { lamports: SOL, ..Account::default() }),
        ("frozen", |_, account| account.data[STATE] = 2),
        ("uninitialized", |_, account| account.data[STATE] = 0),
        ("of another mint", |world, account| {
            account.data[..32].copy_from_slice(world.keys.lp_mint.as_ref());
        }),
        ("of another program", |_, account| account.owner = tidepool_localnet::TOKEN_2022_PROGRAM),
        ("too short", |_, account| account.data.truncate(100)),
        ("a multisig", |_, account| account.data.resize(355, 0)),
    ];
    for (how, spoil) in spoil {
        println!("{how}");
        let mut world = stage::minting();
        let bob = world.user("bob").lst;
        stage::patch(&world, &bob, |account| spoil(&world, account));
        a_deposit_does_what_its_quote_says(&mut world, SOL, Some(&bob), 0);
    }
    // What was never a token account of the LST, and the liquidity pool's vault, in which a gift would be the holders'.
    let others: [fn(&World) -> Pubkey; 7] = [
        |world| world.user("bob").wallet.pubkey(),
        |world| world.user("bob").lp,
        |world| world.keys.lst_mint,
        |world| world.keys.lst_vault,
        |world| world.keys.reserve,
        |world| world.validators[0].page,
        |world| world.chain.keypair("nobody").pubkey(),
    ];
    for other in others {
        let mut world = stage::minting();
        let referrer = other(&world);
        a_deposit_does_what_its_quote_says(&mut world, SOL, Some(&referrer), 0);
    }
}

/// UNS Sec3 I-1: who refers himself takes a part of the fee back. So he does here, and no more than that part: what is left
/// of the fee is paid whoever refers whom.
#[test]
fn who_refers_himself_pays_what_is_left_of_the_fee() {
    let lamports = 100 * SOL;
    let mut world = stage::minting();
    let ana = world.user("ana");
    let gross = world.entry_rate().shares_floor(Lamports(lamports)).unwrap().0;
    let fee = quote(&world, lamports).minted.fee_shares.0;
    let before = world.lst_of("ana");
    a_deposit_does_what_its_quote_says(&mut world, lamports, Some(&ana.lst), fee * 4 / 10);
    let cost = gross - (world.lst_of("ana") - before);
    assert_eq!(cost, fee - fee * 4 / 10);

    // The treasury may refer too: it has the fee either way.
    let mut world = stage::minting();
    let treasury = world.keys.treasury;
    a_deposit_does_what_its_quote_says(&mut world, lamports, Some(&treasury), fee * 4 / 10);
}

#[test]
fn the_deposit_cap_bounds_what_deposits_add_to_the_pool() {
    let cap = 1_000 * SOL;
    let capped = stage::all_fees().with_parameters(|p| p.settings.deposit_cap_lamports = cap);
    let mut world = stage::young(capped);
    let ana = world.user("ana").wallet;
    world.deposit("ana", 400 * SOL).unwrap();
    // Rewards that are found count, whether they are released or not.
    stage::gift(&mut world, 100 * SOL);
    stage::slots(&mut world, 9);
    let pool = world.pool();
    let room = cap - pool.value_floor - pool.withheld;
    assert!(pool.withheld > 0 && room < 502 * SOL);
    for above in [room + 1, room * 2, u64::MAX / 2] {
        let deposit = world.wish_deposit("ana", above, 0);
        world.expect_refusal(&deposit, &[&ana], TidepoolError::DepositCapReached);
    }
    a_deposit_does_what_its_quote_says(&mut world, room - 1, None, 0);

    // Full to the last lamport: what is left does not even pay for a share.
    let at_cap = |world: &World| cap - world.pool().value_floor - world.pool().withheld;
    assert_eq!(at_cap(&world), 1);
    let deposit = world.wish_deposit("ana", 2 * SOL, 0);
    world.expect_refusal(&deposit, &[&ana], TidepoolError::DepositCapReached);

    // What the liquidity pool sells adds nothing to the pool.
    world.add_liquidity("bob", 50 * SOL).unwrap();
    stage::slots(&mut world, 1);
    world.liquid_unstake("ana", 20 * SOL).unwrap();
    a_deposit_does_what_its_quote_says(&mut world, 5 * SOL, None, 0);
    let price = world.entry_rate().lamports_ceil(Shares(world.liquidity().lst_amount)).unwrap().0;
    let too_much = world.wish_deposit("ana", price + 10_000, 0);
    world.expect_refusal(&too_much, &[&ana], TidepoolError::DepositCapReached);
    a_deposit_does_what_its_quote_says(&mut world, price, None, 0);
    // Who leaves makes room.
    world.order_unstake("ana", 10 * SOL).unwrap();
    a_deposit_does_what_its_quote_says(&mut world, 10 * SOL, None, 0);
}

/// Marinade forum 481: who came just before an epoch's end earned all of it. A pool may charge for the epoch in which new SOL
/// does not earn.
#[test]
fn a_warm_up_charge_makes_comers_pay_what_an_epoch_gains() {
    for (warmup, unseen) in [(1, false), (5_000, false), (10_000, false), (10_000, true)] {
        let config = stage::all_fees().with_parameters(|p| p.fees.warmup = warmup);
        let mut world = stage::funded(config);
        for _ in 0..3 {
            world.run_epoch().unwrap();
        }
        // Nearly all of this epoch's rewards are released: the charge is most of what a comer pays beyond the rate.
        stage::slots(&mut world, 58);
        let pool = world.pool();
        assert!(pool.gain_ppb > 100_000, "{}", pool.gain_ppb);
        let charge = stage::charge(&world, Bps(warmup));
        let withheld = pool.value_floor + pool.withheld - world.rate().value.0;
        assert_eq!(world.entry_rate().value.0, world.rate().value.0 + withheld + charge);
        assert_eq!(charge > withheld, warmup > 1_000, "{charge} {withheld}");
        if unseen {
            // Nobody has looked for the next epoch's rewards: they are charged for like those of the first one.
            world.cross_epoch();
            let before = u128::from(charge) * 1_000 / u128::from(world.rate().value.0 / 1_000_000);
            let now = u128::from(stage::charge(&world, Bps(warmup))) * 1_000
                / u128::from(world.rate().value.0 / 1_000_000);
            assert!(now.abs_diff(2 * before) <= 4 + before / 1_000, "{before} became {now}");
        }

        let rate = world.rate();
        a_deposit_does_what_its_quote_says(&mut world, 321 * SOL, None, 0);
        let (is, was) = (world.rate(), rate);
        assert!(is >= was && is.value.0.abs_diff(was.value.0 + 321 * SOL) < 2 * SOL);
    }
}

#[test]
fn a_deposit_may_be_for_somebody_else() {
    let mut world = stage::minting();
    let (ana, bob) = (world.user("ana"), world.user("bob"));
    let before = world.lst_of("bob");
    let quote = quote_deposit(&world.entry_rate(), Lamports(SOL), Bps(30)).unwrap();
    let deposit = world.keys.deposit(&ana.wallet.pubkey(), &bob.lst, SOL, 0);
    world.send(&[deposit], &[&ana.wallet]).unwrap();
    assert_eq!(world.lst_of("bob") - before, quote.shares.0);
}

#[test]
fn a_deposit_fills_waiting_tickets_first() {
    let mut world = stage::staked_from(stage::minting());
    world.order_unstake("bob", 200 * SOL).unwrap();
    let waiting = world.pool().queue().unfilled().unwrap();
    assert!(waiting > Lamports(10 * SOL));

    a_deposit_does_what_its_quote_says(&mut world, 10 * SOL, None, 0);
    assert_eq!(world.pool().queue().unfilled().unwrap(), Lamports(waiting.0 - 10 * SOL));
}

#[test]
fn a_deposit_of_nothing_is_refused() {
    let world = stage::earning();
    let deposit = world.wish_deposit("ana", 0, 0);
    world.expect_refusal(&deposit, &[&world.user("ana").wallet], TidepoolError::ZeroAmount);
}

#[test]
fn a_deposit_below_the_minimum_is_refused() {
    let mut world =
        stage::young(WorldConfig::default().with_parameters(|p| p.settings.min_deposit_lamports = 5_000_000));
    let ana = world.user("ana").wallet;
    let below = world.wish_deposit("ana", 4_999_999, 0);
    world.expect_refusal(&below, &[&ana], TidepoolError::BelowMinimumDeposit);
    world.deposit("ana", 5_000_000).unwrap();
}

#[test]
fn a_deposit_that_would_mint_nothing_is_refused() {
    // Worth 0.4 of a share.
    let world = stage::at_rate(2_500);
    let deposit = world.wish_deposit("ana", 1, 0);
    world.expect_refusal(&deposit, &[&world.user("ana").wallet], TidepoolError::AmountTooSmall);

    // The fee takes the only share.
    let world = stage::young(stage::all_fees());
    let deposit = world.wish_deposit("ana", 1, 0);
    world.expect_refusal(&deposit, &[&world.user("ana").wallet], TidepoolError::AmountTooSmall);
}

/// Solana-Audit-Arena#197, #227: the minimum was compared with the amount before fees.
#[test]
fn a_deposit_never_mints_less_than_the_user_accepts() {
    // Minted; partly bought; bought.
    for (mut world, lamports) in
        [(stage::minting(), SOL), (stage::earning(), 100 * SOL), (stage::earning(), SOL)]
    {
        let ana = world.user("ana").wallet;
        let net = quote(&world, lamports).shares().unwrap().0;
        for too_much in [net + 1, u64::MAX] {
            let deposit = world.wish_deposit("ana", lamports, too_much);
            world.expect_refusal(&deposit, &[&ana], TidepoolError::BelowMinimumOut);
        }
        let deposit = world.wish_deposit("ana", lamports, net);
        world.send(&[deposit], &[&ana]).unwrap();
    }
}

#[test]
fn a_deposit_of_more_than_the_wallet_holds_is_refused() {
    let world = stage::earning();
    let ana = world.user("ana").wallet;
    let all = world.sol_of("ana");
    for lamports in [all + 1, u64::MAX / 2] {
        let deposit = world.wish_deposit("ana", lamports, 0);
        world.expect_refusal(&deposit, &[&ana], TidepoolError::InsufficientBalance);
    }
}

#[test]
fn a_deposit_whose_shares_do_not_fit_is_refused() {
    let world = stage::below_one();
    let deposit = world.wish_deposit("ana", u64::MAX, 0);
    world.expect_refusal(&deposit, &[&world.user("ana").wallet], TidepoolError::AmountTooLarge);
}

#[test]
fn nothing_is_minted_while_the_mint_holds_lst_the_pool_did_not_issue() {
    const SUPPLY: usize = 36;
    let mut world = stage::minting();
    let ana = world.user("ana").wallet;
    world.sync().unwrap();
    let (pool, mint) = (world.pool(), world.keys.lst_mint);
    let issued = pool.lst_supply - pool.fee_shares_due;
    assert_eq!(world.chain.mint_supply(&mint), issued);

    stage::patch(&world, &mint, |mint| stage::put_u64(mint, SUPPLY, issued + 1));
    let deposit = world.wish_deposit("ana", SOL, 0);
    world.expect_refusal(&deposit, &[&ana], TidepoolError::MintOutOfStep);

    stage::patch(&world, &mint, |mint| stage::put_u64(mint, SUPPLY, issued));
    world.deposit("ana", SOL).unwrap();
}

/// What is bought is not minted, so it does not matter to it how much LST there is.
#[test]
fn lst_can_be_bought_while_none_is_minted() {
    const SUPPLY: usize = 36;
    let world = stage::earning();
    let mint = world.keys.lst_mint;
    let supply = world.chain.mint_supply(&mint);
    stage::patch(&world, &mint, |mint| stage::put_u64(mint, SUPPLY, supply + SOL));
    let deposit = world.wish_deposit("ana", 100 * SOL, 0);
    world.expect_refusal(&deposit, &[&world.user("ana").wallet], TidepoolError::MintOutOfStep);
    let bought = world.wish_deposit("ana", 10 * SOL, 0);
    let before = world.lst_of("ana");
    // Not through the world, whose books cannot hold now.
    world.chain.send(&[bought], &[world.chain.faucet(), &world.user("ana").wallet]).unwrap();
    assert!(world.lst_of("ana") > before);
    assert_eq!(world.chain.mint_supply(&mint), supply + SOL);
}

#[test]
fn lst_is_delivered_to_usable_accounts_of_others_than_the_liquidity_pool() {
    const STATE: usize = 108;
    for world in [stage::minting(), stage::earning()] {
        let ana = world.user("ana");
        let deposit = world.wish_deposit("ana", SOL, 0);
        let refused = TidepoolError::WrongTokenAccount;
        for impostor in [world.keys.lst_vault, ana.lp, world.keys.lst_mint, ana.wallet.pubkey()] {
            world.expect_refusal(&deposit.clone().with(&ana.lst, &impostor), &[&ana.wallet], refused);
        }
        for state in [0, 2] {
            stage::patch(&world, &ana.lst, |account| account.data[STATE] = state);
            world.expect_refusal(&deposit, &[&ana.wallet], refused);
        }
        stage::patch(&world, &ana.lst, |account| *account = Account::default());
        world.expect_refusal(&deposit, &[&ana.wallet], refused);
    }
}

#[test]
fn a_deposit_needs_the_signature_of_who_pays() {
    let world = stage::earning();
    let ana = world.user("ana").wallet.pubkey();
    let deposit = world.wish_deposit("ana", SOL, 0).unsigned(&ana);
    world.expect_refusal(&deposit, &[], AnchorError::AccountNotSigner);
}
