//! What those who run a pool change, to the byte, and that nobody else does.

use crate::support::*;

#[test]
fn a_pool_begins_with_what_its_creator_decided_and_two_empty_vaults() {
    let mut world = world_with(&MintConfig::default());
    let operator = world.operator.clone();
    let program = world.chain.token_program_of(&world.mint);
    let parameters = PoolParameters { pool_id: 9, ..product() };
    let keys = FixedPoolKeys::new(&operator.key(), 9, &world.mint, &program);
    let (pool_rent, vault_rent) = (rent(&world, Pool::SPACE), rent(&world, 165));
    let mint = world.mint;
    let initialize = keys.initialize_pool(parameters);
    let outcome = world.expect_change(&initialize, &[&operator.wallet], |expected| {
        expected.pays(&operator.key(), pool_rent + 2 * vault_rent);
        for vault in [keys.principal_vault, keys.reward_vault] {
            expected.creates_token_account(&vault, vault_rent, &mint, &keys.pool);
        }
        let mut pool: Pool = bytemuck::Zeroable::zeroed();
        pool.version = 1;
        pool.bump = pda::pool(&operator.key(), 9).1;
        pool.decimals = 9;
        pool.allows_early_exit = 1;
        pool.pool_id = 9;
        pool.creator = operator.key();
        pool.authority = operator.key();
        pool.guardian = guardian().pubkey();
        pool.whitelist_manager = manager().pubkey();
        pool.mint = mint;
        pool.token_program = program;
        pool.principal_vault = keys.principal_vault;
        pool.reward_vault = keys.reward_vault;
        pool.did_collection = keys.did_collection;
        pool.lock_seconds = 31_536_000;
        pool.start = OPENING;
        pool.end = OPENING + 2 * YEAR;
        pool.min_stake = TOKEN;
        pool.cap = 10_000_000 * TOKEN;
        pool.rate_bps = 800;
        expected.creates(&keys.pool, pool_rent, &pool);
    });
    world.pools.push(keys);
    outcome.assert_told(&events::PoolInitialized {
        pool: keys.pool,
        creator: operator.key(),
        mint,
        pool_id: 9,
        lock_seconds: 31_536_000,
        allows_early_exit: true,
        can_be_frozen: false,
        terms: parameters.terms,
        state: state(&world),
    });
    world.expect_refusal(&initialize, &[&operator.wallet], Error::PoolExists);
}

#[test]
fn a_lock_lasts_from_a_second_to_ten_years() {
    let mut world = world_with(&MintConfig::default());
    let operator = world.operator.clone();
    let program = world.chain.token_program_of(&world.mint);
    for (lock_seconds, is_taken) in
        [(0, false), (1, true), (10 * YEAR as u64, true), (10 * YEAR as u64 + 1, false)]
    {
        let parameters = PoolParameters { pool_id: lock_seconds, lock_seconds, ..product() };
        let keys = FixedPoolKeys::new(&operator.key(), lock_seconds, &world.mint, &program);
        let initialize = keys.initialize_pool(parameters);
        match is_taken {
            true => drop(world.send(&[initialize], &[&operator.wallet]).unwrap()),
            false => drop(world.expect_refusal(&initialize, &[&operator.wallet], Error::InvalidLock)),
        }
    }
}

/// By name, terms that differ from the pool's in one thing, and the error.
fn bad_terms(now: i64, good: PoolTerms) -> Vec<(PoolTerms, Error)> {
    vec![
        (PoolTerms { start: good.end, ..good }, Error::WindowReversed),
        (PoolTerms { start: now - 2, end: now - 2, ..good }, Error::WindowReversed),
        (PoolTerms { start: now - 2, end: now - 1, ..good }, Error::WindowInThePast),
        (PoolTerms { start: now - 2, end: now, ..good }, Error::WindowInThePast),
        (PoolTerms { min_stake: 0, ..good }, Error::ZeroMinimum),
        (PoolTerms { min_stake: good.cap + 1, ..good }, Error::MinimumAboveCap),
        (PoolTerms { min_stake: 1, cap: 1_000 * TOKEN - 1, ..good }, Error::CapBelowStaked),
        (PoolTerms { rate_bps: 0, ..good }, Error::ZeroRate),
        // × 1.08 it does not fit 64 bits, though it does itself.
        (PoolTerms { cap: u64::MAX / 108 * 100 + 100, ..good }, Error::CapTooLarge),
        (PoolTerms { cap: u64::MAX, rate_bps: 1, ..good }, Error::CapTooLarge),
    ]
}

#[test]
fn terms_change_for_positions_to_come_and_each_rule_has_its_error() {
    let (mut world, position) = earning();
    let (operator, keys, before) = (world.operator.clone(), world.pools[0], world.position(&position));
    let good = world.pool(0).terms();
    for (terms, error) in bad_terms(world.now(), good) {
        let set = keys.set_terms(&operator.key(), terms);
        world.expect_refusal(&set, &[&operator.wallet], error);
    }
    let now = world.now();
    let terms = PoolTerms {
        start: now - 1,
        end: now + 1,
        min_stake: 1_000 * TOKEN,
        cap: 1_000 * TOKEN,
        rate_bps: 1,
        access: Access::Whitelist,
    };
    let set = keys.set_terms(&operator.key(), terms);
    let outcome = world.expect_change(&set, &[&operator.wallet], |expected| {
        expected.fixed_pool(0, |pool| {
            (pool.start, pool.end) = (terms.start, terms.end);
            (pool.min_stake, pool.cap, pool.rate_bps) = (terms.min_stake, terms.cap, terms.rate_bps);
            pool.access = 1;
        });
    });
    outcome.assert_told(&events::TermsSet { pool: keys.pool, terms, state: state(&world) });
    assert_eq!(world.position(&position), before);
    // The largest cap there is.
    let most = PoolTerms { cap: u64::MAX / 108 * 100, rate_bps: 800, ..terms };
    world.send(&[keys.set_terms(&operator.key(), most)], &[&operator.wallet]).unwrap();
}

#[test]
fn roles_are_named_by_the_authority() {
    let (mut world, _) = earning();
    let (operator, keys) = (world.operator.clone(), world.pools[0]);
    let (ana, bob) = (world.user("ana").key(), world.user("bob").key());
    let set = keys.set_roles(&operator.key(), &ana, &bob);
    let outcome = world.expect_change(&set, &[&operator.wallet], |expected| {
        expected.fixed_pool(0, |pool| (pool.guardian, pool.whitelist_manager) = (ana, bob));
    });
    let told =
        events::RolesSet { pool: keys.pool, guardian: ana, whitelist_manager: bob, state: state(&world) };
    outcome.assert_told(&told);
}

#[test]
fn the_authority_changes_hands_in_two_steps() {
    let (mut world, _) = earning();
    let (operator, ana, bob, keys) =
        (world.operator.clone(), world.user("ana"), world.user("bob"), world.pools[0]);
    let accept = keys.accept_authority(&ana.key());
    world.expect_refusal(&accept, &[&ana.wallet], Error::NotProposed);
    let propose = |key: &Pubkey| keys.propose_authority(&operator.key(), key);
    let outcome = world.expect_change(&propose(&ana.key()), &[&operator.wallet], |expected| {
        expected.fixed_pool(0, |pool| pool.proposed_authority = ana.key());
    });
    let told = events::AuthorityProposed { pool: keys.pool, proposed: ana.key(), state: state(&world) };
    outcome.assert_told(&told);

    // Taken back, and proposed again.
    world.send(&[propose(&Pubkey::default())], &[&operator.wallet]).unwrap();
    world.expect_refusal(&accept, &[&ana.wallet], Error::NotProposed);
    world.send(&[propose(&ana.key())], &[&operator.wallet]).unwrap();
    world.expect_refusal(&keys.accept_authority(&bob.key()), &[&bob.wallet], Error::NotProposed);

    let outcome = world.expect_change(&accept, &[&ana.wallet], |expected| {
        expected.fixed_pool(0, |pool| {
            (pool.authority, pool.proposed_authority) = (ana.key(), Pubkey::default());
        });
    });
    let told = events::AuthorityAccepted { pool: keys.pool, authority: ana.key(), state: state(&world) };
    outcome.assert_told(&told);
    world.expect_refusal(&propose(&bob.key()), &[&operator.wallet], Error::NotTheAuthority);
    world.expect_refusal(&accept, &[&ana.wallet], Error::NotProposed);
}

#[test]
fn what_belongs_to_a_role_is_refused_to_all_others() {
    let (world, _) = earning();
    let (keys, operator) = (world.pools[0], world.operator.clone());
    let terms = world.pool(0).terms();
    let others = [guardian(), manager(), stranger()];
    for other in &others {
        let (me, to) = (other.pubkey(), operator.tokens);
        let of_authority = [
            keys.set_terms(&me, terms),
            keys.set_roles(&me, &me, &me),
            keys.propose_authority(&me, &me),
            keys.resume(&me, Function::Stake.bit()),
            keys.end_emergency(&me),
            keys.withdraw_excess(&me, &to, 1),
            keys.close_pool(&me, &to),
            keys.set_merkle_root(&me, [1; 32], 1),
        ];
        for instruction in &of_authority {
            world.expect_refusal(instruction, &[other], Error::NotTheAuthority);
        }
    }
    for other in [manager(), stranger()] {
        for instruction in [keys.pause(&other.pubkey(), 1), keys.begin_emergency(&other.pubkey(), 1)] {
            world.expect_refusal(&instruction, &[&other], Error::NotTheGuardian);
        }
    }
    for other in [operator.wallet, guardian(), stranger()] {
        let (me, ana) = (other.pubkey(), world.user("ana").key());
        let admitted = Admitted { user: ana, max_amount: 1 };
        let of_manager = [
            keys.add_to_whitelist(&me, &[admitted], 0),
            keys.remove_from_whitelist(&me, &[ana], 0),
            keys.review_application(&me, &ana, Answer::Refuse { reason_code: 1 }),
        ];
        for instruction in &of_manager {
            world.expect_refusal(instruction, &[&other], Error::NotTheWhitelistManager);
        }
    }
}
