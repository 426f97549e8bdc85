//! What strangers send where nobody asked for it: tokens to the vaults, lamports to addresses that are not there yet.

use crate::support::*;

#[test]
fn tokens_sent_to_the_reward_vault_are_free_for_rewards() {
    let mut world = world_with(&MintConfig::default());
    world.add_pool(product()).unwrap();
    let (ana, bob, keys) = (world.user("ana"), world.user("bob"), world.pools[0]);
    world.chain.transfer_checked(&bob.tokens, &keys.reward_vault, &bob.wallet, 80 * TOKEN).unwrap();
    let position = world.stake("ana", 0, 1_000 * TOKEN).unwrap();
    assert_eq!((world.pool(0).funded, world.pool(0).reserved), (0, 80 * TOKEN));
    world.go_to(OPENING + YEAR);
    let unstake = keys.unstake(&position, &ana.key(), &ana.tokens, 80 * TOKEN);
    world.send(&[unstake], &[&ana.wallet]).unwrap();
    assert_eq!(world.tokens_of("ana"), PURSE + 80 * TOKEN);
}

#[test]
fn tokens_sent_to_the_principal_vault_are_nobodys_stake() {
    let (mut world, position) = matured();
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    world.chain.transfer_checked(&ana.tokens, &keys.principal_vault, &ana.wallet, 7 * TOKEN).unwrap();
    assert_eq!(world.pool(0).total_staked, 1_000 * TOKEN);
    world.unstake("ana", 0, &position).unwrap();
    assert_eq!(world.tokens_of("ana"), PURSE + 80 * TOKEN - 7 * TOKEN);
    // Anybody makes them reward of the next ones.
    let before = world.reward_balance(0);
    world.send(&[keys.sweep_surplus()], &[]).unwrap();
    assert_eq!((world.reward_balance(0), world.principal_balance(0)), (before + 7 * TOKEN, 0));
}

/// Lamports lie at every address before its account is made: too few for its rent, as many, and more.
fn lamports_wait_everywhere(gift: u64) {
    let mut world = world_with(&MintConfig::default());
    let operator = world.operator.clone();
    let (ana, man) = (world.user("ana"), manager());
    let program = world.chain.token_program_of(&world.mint);
    let keys = FixedPoolKeys::new(&operator.key(), 0, &world.mint, &program);
    let [first, second] = [0, 1].map(|index| keys.position(&ana.key(), index));
    let [user_pool, entry] = [keys.user_pool(&ana.key()), keys.whitelist_entry(&ana.key())];
    let all = [
        (keys.pool, Pool::SPACE),
        (keys.principal_vault, 165),
        (keys.reward_vault, 165),
        (user_pool, UserPool::SPACE),
        (entry, WhitelistEntry::SPACE),
        (first.position, Position::SPACE),
        (second.position, Position::SPACE),
    ];
    for (key, _) in all {
        world.chain.add_lamports(&key, gift);
    }

    world.add_pool(listed()).unwrap();
    world.fund(0, 1_000 * TOKEN).unwrap();
    let admitted = Admitted { user: ana.key(), max_amount: PURSE };
    world.send(&[keys.add_to_whitelist(&man.pubkey(), &[admitted], 0)], &[&man]).unwrap();
    world.stake_with("ana", 0, 1_000 * TOKEN, Proof::Entry).unwrap();
    world.go_to(OPENING + YEAR);
    let roll = keys.roll_over(&first, &ana.key(), &second, &ana.tokens, false, 0, Proof::Entry);
    let before = world.chain.lamports(&ana.key());
    world.send(&[roll], &[&ana.wallet]).unwrap();
    // The gift goes to who paid the rent.
    assert_eq!(world.chain.lamports(&ana.key()), before + gift);
    for (key, space) in all {
        let wanted = if key == first.position { 0 } else { rent(&world, space) + gift };
        assert_eq!(world.chain.lamports(&key), wanted);
    }
    world.go_to(OPENING + 2 * YEAR);
    world.unstake("ana", 0, &second).unwrap();
    assert_eq!(world.tokens_of("ana"), PURSE + 160 * TOKEN);
    let close = keys.close_pool(&operator.key(), &operator.tokens);
    world.send(&[close], &[&operator.wallet]).unwrap();
    assert_eq!(world.chain.lamports(&keys.pool), rent(&world, 8));
    assert_eq!(world.chain.lamports(&keys.principal_vault), 0);
}

#[test]
fn lamports_sent_to_addresses_that_are_not_there_yet_stop_nothing() {
    for gift in [1, 1_000_000, SOL] {
        lamports_wait_everywhere(gift);
    }
}

#[test]
fn a_gift_of_stake_is_the_owners_and_counts_for_his_whitelist_amount() {
    let mut world = world(listed());
    admit(&mut world, "ana", 10 * TOKEN, 0);
    let (ana, bob, keys) = (world.user("ana"), world.user("bob"), world.pools[0]);
    let next = world.next_position(0, &ana.key());
    let gift = |amount| keys.stake(&bob.key(), &bob.tokens, &next, amount, 0, Proof::Entry);
    world.expect_refusal(&gift(10 * TOKEN + 1), &[&bob.wallet], Error::AboveWhitelistAmount);
    world.send(&[gift(4 * TOKEN)], &[&bob.wallet]).unwrap();
    let next = world.next_position(0, &ana.key());
    let too_much = keys.stake(&ana.key(), &ana.tokens, &next, 6 * TOKEN + 1, 0, Proof::Entry);
    world.expect_refusal(&too_much, &[&ana.wallet], Error::AboveWhitelistAmount);
    world.stake_with("ana", 0, 6 * TOKEN, Proof::Entry).unwrap();
}

#[test]
fn what_is_promised_in_all_must_fit_the_books_whatever_is_minted() {
    // Rewards of 65 times the stake, paid and brought back: the sum of the promises to positions that stay open grows
    // beyond all tokens there are.
    let ten_years = 10 * YEAR;
    let terms =
        PoolTerms { end: i64::MAX, min_stake: 1, cap: u64::MAX / 67, rate_bps: u16::MAX, ..product().terms };
    let mut world = FixedWorld::start(&MintConfig { decimals: 0, ..MintConfig::default() }).unwrap();
    world.add_pool(PoolParameters { lock_seconds: ten_years as u64, terms, ..product() }).unwrap();
    world.add_user("ana", terms.cap + u64::MAX / 150).unwrap();
    let full = reward(terms.cap, u16::MAX, ten_years);
    world.fund(0, full).unwrap();
    let position = world.stake("ana", 0, terms.cap).unwrap();
    world.go_to(OPENING + ten_years);
    world.claim("ana", 0, &position).unwrap();
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let fund = keys.fund_rewards(&ana.key(), &ana.tokens, full);
    world.send(&[fund], &[&ana.wallet]).unwrap();
    assert_eq!((world.pool(0).reserved, world.pool(0).promised), (0, full));

    // A lower rate has room for a higher cap.
    set_terms(&mut world, |terms| (terms.cap, terms.rate_bps) = (u64::MAX / 30, 20_000));
    let next = world.next_position(0, &ana.key());
    let stake = |amount| keys.stake(&ana.key(), &ana.tokens, &next, amount, 0, Proof::None);
    let most = (u64::MAX - full) / 20;
    world.expect_refusal(&stake(most + 1), &[&ana.wallet], Error::AmountTooLarge);
    world.send(&[stake(most)], &[&ana.wallet]).unwrap();
    world.unstake("ana", 0, &position).unwrap();
}
