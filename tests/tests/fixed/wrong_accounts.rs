//! Accounts that are another's, another pool's or none: each refusal has its name.

use crate::support::*;
use tidepool_client::fixed::DidParameters;
use tidepool_localnet::TOKEN_2022_PROGRAM;

/// [`matured`], and beside it another pool in which bob has staked.
fn neighbours() -> (FixedWorld, PositionKeys, PositionKeys) {
    let (mut world, position) = earning();
    world.add_pool(PoolParameters { pool_id: 7, ..product() }).unwrap();
    world.fund(1, TOKEN).unwrap();
    let elsewhere = world.stake("bob", 1, TOKEN).unwrap();
    world.go_to(OPENING + 2 * YEAR - 1);
    (world, position, elsewhere)
}

/// Every instruction that moves the pool's tokens.
fn movements(world: &FixedWorld, position: &PositionKeys) -> Vec<Instruction> {
    let (ana, operator, keys) = (world.user("ana"), world.operator.clone(), world.pools[0]);
    let (me, to) = (ana.key(), ana.tokens);
    let next = world.next_position(0, &me);
    vec![
        keys.stake(&me, &to, &next, TOKEN, 0, Proof::None),
        keys.claim(&me, &to, position),
        keys.claim_many(&me, &to, &me, &[*position]),
        keys.compound(position, &next, 0, Proof::None),
        keys.roll_over(position, &me, &next, &to, true, 0, Proof::None),
        keys.unstake(position, &me, &to, 0),
        keys.emergency_withdraw(position, &me, &to, 0),
        keys.complete_early_exit(position, &me, &to, 0),
        keys.fund_rewards(&me, &to, 1),
        keys.withdraw_excess(&operator.key(), &operator.tokens, 1),
        keys.sweep_surplus(),
        keys.close_pool(&operator.key(), &operator.tokens),
    ]
}

#[test]
fn tokens_move_by_the_pools_own_vaults_mint_and_token_program_alone() {
    let (world, position, _) = neighbours();
    let (ana, operator) = (world.user("ana"), world.operator.clone());
    let (keys, other) = (world.pools[0], world.pools[1]);
    let another_mint = world.chain.fresh_keypair();
    world.chain.create_mint(&another_mint, &operator.key(), 9, None).unwrap();
    let signers = [&ana.wallet, &operator.wallet];
    for instruction in movements(&world, &position) {
        let with = |key: &Pubkey, impostor: &Pubkey| instruction.clone().with(key, impostor);
        let attempts = [
            (with(&keys.principal_vault, &other.principal_vault), Error::WrongVault),
            (with(&keys.reward_vault, &other.reward_vault), Error::WrongVault),
            (with(&keys.mint, &another_mint.pubkey()), Error::WrongMint),
            (with(&keys.token_program, &TOKEN_2022_PROGRAM), Error::WrongTokenProgram),
        ];
        for (attempt, error) in attempts {
            world.expect_refusal(&attempt, &signers, error);
        }
    }
}

#[test]
fn positions_and_users_of_another_pool_are_none_of_this_one() {
    let (world, _, elsewhere) = neighbours();
    let (bob, keys, other) = (world.user("bob"), world.pools[0], world.pools[1]);
    let (me, to) = (bob.key(), bob.tokens);
    let next = other.position(&me, 1);
    // Bob's own position, through the pool he is not in: with his account of the other pool, and without any.
    let here = |instruction: Instruction| {
        let pairs = [
            (other.pool, keys.pool),
            (other.principal_vault, keys.principal_vault),
            (other.reward_vault, keys.reward_vault),
        ];
        let is_there = |it: &Instruction, key: &Pubkey| it.accounts.iter().any(|meta| meta.pubkey == *key);
        pairs
            .iter()
            .fold(instruction, |it, (from, to)| if is_there(&it, from) { it.with(from, to) } else { it })
    };
    let all = [
        other.claim(&me, &to, &elsewhere),
        other.claim_many(&me, &to, &me, &[elsewhere]),
        other.compound(&elsewhere, &next, 0, Proof::None),
        other.roll_over(&elsewhere, &me, &next, &to, true, 0, Proof::None),
        other.unstake(&elsewhere, &me, &to, 0),
        other.emergency_withdraw(&elsewhere, &me, &to, 0),
        other.complete_early_exit(&elsewhere, &me, &to, 0),
        other.request_early_exit(&elsewhere),
        other.cancel_early_exit(&elsewhere),
        other.set_owner_only(&me, true),
    ];
    for instruction in all {
        world.expect_refusal(&here(instruction), &[&bob.wallet], Error::WrongPool);
    }
}

#[test]
fn new_accounts_are_made_at_their_own_addresses_alone() {
    let (world, position, _) = neighbours();
    let (ana, bob, keys) = (world.user("ana"), world.user("bob"), world.pools[0]);
    let (next, after) = (world.next_position(0, &ana.key()), keys.position(&ana.key(), 2));
    let bobs = keys.position(&bob.key(), 0);
    let stake = keys.stake(&ana.key(), &ana.tokens, &next, TOKEN, 0, Proof::None);
    let compound = keys.compound(&position, &next, 0, Proof::None);
    let roll = keys.roll_over(&position, &ana.key(), &next, &ana.tokens, true, 0, Proof::None);
    for instruction in [stake, compound, roll] {
        for impostor in [after, bobs] {
            let elsewhere = instruction.clone().with(&next.position, &impostor.position);
            world.expect_refusal(&elsewhere, &[&ana.wallet], Error::WrongAddress);
        }
    }
    // A first stake makes the user's account too, and there is one for each.
    let first = keys.stake(&bob.key(), &bob.tokens, &bobs, TOKEN, 0, Proof::None);
    let of_ana = first.clone().with(&keys.user_pool(&bob.key()), &keys.user_pool(&ana.key()));
    world.expect_refusal(&of_ana, &[&bob.wallet], Error::WrongUser);
    let of_other_pool =
        first.clone().with(&keys.user_pool(&bob.key()), &world.pools[1].user_pool(&bob.key()));
    world.expect_refusal(&of_other_pool, &[&bob.wallet], Error::WrongUser);
    let of_nobody = first.with(&keys.user_pool(&bob.key()), &keys.user_pool(&stranger().pubkey()));
    world.expect_refusal(&of_nobody, &[&bob.wallet], Error::WrongAddress);
}

#[test]
fn what_has_been_closed_is_gone() {
    let (mut world, position, _) = neighbours();
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    world.unstake("ana", 0, &position).unwrap();
    let gone = tidepool_tests::prelude::AnchorError::AccountOwnedByWrongProgram;
    for again in [
        keys.unstake(&position, &ana.key(), &ana.tokens, 0),
        keys.claim(&ana.key(), &ana.tokens, &position),
        keys.request_early_exit(&position),
    ] {
        world.expect_refusal(&again, &[&ana.wallet], gone);
    }
    // Nor is its number given again.
    assert_eq!(world.stake("ana", 0, TOKEN).unwrap().index, 1);
    let twice = keys.stake(&ana.key(), &ana.tokens, &position, TOKEN, 0, Proof::None);
    world.expect_refusal(&twice, &[&ana.wallet], Error::WrongAddress);
}

#[test]
fn a_reminder_looks_at_the_pools_own_collection_and_at_the_users_own_pools() {
    let (mut world, _, _) = neighbours();
    let (ana, bob) = (world.user("ana"), world.user("bob"));
    let operator = world.operator.clone();
    let parameters = DidParameters {
        threshold: 1,
        name: "Whale".into(),
        symbol: "W".into(),
        uri: "https://example.org".into(),
    };
    let set = world.pools[0].set_did_collection(parameters.clone());
    world.send(&[set], &[&operator.wallet]).unwrap();
    let keys = world.pools[0];
    let next = world.next_position(0, &ana.key());
    let stake =
        keys.stake_and_remind(&ana.key(), &ana.tokens, &next, TOKEN, 0, Proof::None, Some(&world.pools[1..]));
    let there = world.pools[1];
    let of_bob = stake.with(&there.user_pool(&ana.key()), &there.user_pool(&bob.key()));
    world.expect_refusal(&of_bob, &[&ana.wallet], Error::WrongUser);
    // Ana's collection, for pools of hers.
    let hers = FixedPoolKeys::new(&ana.key(), 0, &world.mint, &keys.token_program);
    world.send(&[hers.set_did_collection(parameters)], &[&ana.wallet]).unwrap();
    let stake = keys.stake_and_remind(&ana.key(), &ana.tokens, &next, TOKEN, 0, Proof::None, Some(&[]));
    let other = stake.with(&keys.did_collection, &hers.did_collection);
    world.expect_refusal(&other, &[&ana.wallet], Error::WrongCollection);
}

#[test]
fn a_collection_has_a_threshold_and_texts_that_fit() {
    let (world, _, _) = neighbours();
    let (operator, keys) = (world.operator.clone(), world.pools[0]);
    let good =
        DidParameters { threshold: 1, name: "n".repeat(32), symbol: "s".repeat(10), uri: "u".repeat(200) };
    let refused = |parameters: DidParameters, error: Error| {
        world.expect_refusal(&keys.set_did_collection(parameters), &[&operator.wallet], error);
    };
    refused(DidParameters { threshold: 0, ..good.clone() }, Error::ZeroAmount);
    for texts in [
        ["n".repeat(33), good.symbol.clone(), good.uri.clone()],
        [good.name.clone(), "s".repeat(11), good.uri.clone()],
        [good.name.clone(), good.symbol.clone(), "u".repeat(201)],
        [String::new(), good.symbol.clone(), good.uri.clone()],
        [good.name.clone(), String::new(), good.uri.clone()],
        [good.name.clone(), good.symbol.clone(), String::new()],
    ] {
        let [name, symbol, uri] = texts;
        refused(DidParameters { name, symbol, uri, threshold: 1 }, Error::InvalidMetadata);
    }
}
