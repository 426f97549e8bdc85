//! What somebody who wants to steal from a pool, to keep somebody in it, or to mislead who reads it would try.

use {
    crate::{
        staked_sol::{with_wrapped_sol, wrap, WRAPPED_SOL},
        support::*,
    },
    solana_instruction::AccountMeta,
    solana_system_interface::instruction::transfer,
    tidepool_client::fixed::{read_whitelist_entry, DidParameters, MerkleTree},
    tidepool_localnet::{features, AccountExtension, ChainConfig, TOKEN_PROGRAM},
};

// ---- to be paid what is not his, or twice

const TRANSFER: u8 = 3;
const APPROVE: u8 = 4;
const SET_AUTHORITY: u8 = 6;
const CLOSE_ACCOUNT: u8 = 9;
const ACCOUNT_OWNER: u8 = 2;
const CLOSE_AUTHORITY: u8 = 3;

/// An instruction of the token program about an account; `signer` comes last.
fn of_token_program(
    account: &Pubkey,
    other: Option<Pubkey>,
    signer: &Keypair,
    data: &[&[u8]],
) -> Instruction {
    let writable = std::iter::once(*account).chain(other).map(|key| AccountMeta::new(key, false));
    let accounts = writable.chain([AccountMeta::new_readonly(signer.pubkey(), true)]).collect();
    Instruction { program_id: TOKEN_PROGRAM, accounts, data: data.concat() }
}

/// Who claims for somebody chooses the account: one that he made, may spend from and may close, and then gave away.
fn claim_into_a_prepared_account(world: &mut FixedWorld, position: &PositionKeys) {
    let (ana, bob, keys) = (world.user("ana"), world.user("bob"), world.pools[0]);
    let trap = world.chain.create_token_account(&world.mint, &bob.key()).unwrap();
    let set = |kind, new: &Pubkey| {
        of_token_program(&trap, None, &bob.wallet, &[&[SET_AUTHORITY, kind, 1], new.as_ref()])
    };
    let everything = u64::MAX.to_le_bytes();
    let prepare = [
        of_token_program(&trap, Some(bob.key()), &bob.wallet, &[&[APPROVE], &everything]),
        set(CLOSE_AUTHORITY, &bob.key()),
        set(ACCOUNT_OWNER, &ana.key()),
    ];
    world.send(&prepare, &[&bob.wallet]).unwrap();
    world.send(&[keys.claim(&bob.key(), &trap, position)], &[&bob.wallet]).unwrap();
    let earned = world.balance(&trap);
    assert_eq!(earned, world.position(position).unwrap().claimed);

    let unit = 1u64.to_le_bytes();
    let spend = of_token_program(&trap, Some(bob.tokens), &bob.wallet, &[&[TRANSFER], &unit]);
    let close = of_token_program(&trap, Some(bob.key()), &bob.wallet, &[&[CLOSE_ACCOUNT]]);
    for attempt in [spend, close] {
        world.expect_failure(&[attempt], &[&bob.wallet]);
    }
    world.chain.transfer_tokens(&trap, &ana.tokens, &ana.wallet, earned).unwrap();
}

#[test]
fn a_claim_into_an_account_that_the_claimer_prepared_is_the_owners() {
    let (mut world, position) = earning();
    claim_into_a_prepared_account(&mut world, &position);
    // Of wrapped SOL, which who may close an account could take by closing it.
    let mut world = with_staked_sol(ChainConfig::default());
    let position = world.pools[0].position(&world.user("ana").key(), 0);
    world.add_user("bob", 0).unwrap();
    world.pass(DAY);
    claim_into_a_prepared_account(&mut world, &position);
}

/// A position that belongs to a pool itself: what it earns would be in a vault again, free to be promised or taken.
#[test]
fn what_a_pool_itself_owns_earns_into_none_of_its_vaults() {
    let mut world = world(product());
    world.add_pool(PoolParameters { pool_id: 7, ..product() }).unwrap();
    let (bob, keys, other) = (world.user("bob"), world.pools[0], world.pools[1]);
    for owner in [keys.pool, other.pool] {
        let position = keys.position(&owner, 0);
        let stake = keys.stake(&bob.key(), &bob.tokens, &position, TOKEN, 0, Proof::None);
        world.send(&[stake], &[&bob.wallet]).unwrap();
    }
    world.go_to(OPENING + YEAR);
    for vault in [keys.principal_vault, keys.reward_vault] {
        let claim = keys.claim(&bob.key(), &vault, &keys.position(&keys.pool, 0));
        world.expect_refusal(&claim, &[&bob.wallet], Error::WrongTokenAccount);
    }
    // Of another pool's it is a gift to that.
    let claim = keys.claim(&bob.key(), &other.principal_vault, &keys.position(&other.pool, 0));
    world.send(&[claim], &[&bob.wallet]).unwrap();
    world.send(&[other.sweep_surplus()], &[]).unwrap();
    assert_eq!(world.reward_balance(1), 80_000_000);
}

/// Everything that pays a position, one after the other in one transaction, and the same twice.
#[test]
fn nothing_is_paid_twice_in_one_transaction() {
    let (world, position) = matured();
    let (keys, tokens, me) = (world.pools[0], world.user("ana").tokens, world.user("ana").key());
    let next = world.next_position(0, &me);
    let claims = [
        keys.claim(&me, &tokens, &position),
        keys.claim_many(&me, &tokens, &me, &[position, position]),
        keys.compound(&position, &next, 0, Proof::None),
    ];
    let ends = [
        keys.unstake(&position, &me, &tokens, 1),
        keys.roll_over(&position, &me, &next, &tokens, true, 0, Proof::None),
        keys.roll_over(&position, &me, &next, &tokens, false, 0, Proof::None),
    ];
    let is_taken = |all: &[&Instruction]| {
        let all: Vec<Instruction> = all.iter().map(|&instruction| instruction.clone()).collect();
        world.chain.simulate(&all, &me).is_ok()
    };
    for first in claims.iter().chain(&ends) {
        assert!(is_taken(&[first]));
        for second in &claims {
            assert!(!is_taken(&[first, second]), "{first:?}, then {second:?}");
        }
    }
    for end in &ends {
        assert!(!is_taken(&[&claims[0], &ends[0]]), "the reward that was claimed is asked for again");
        for again in &ends {
            assert!(!is_taken(&[end, again]), "{end:?}, then {again:?}");
        }
    }
}

/// The account of a closed position is given lamports in the same transaction, so that the runtime keeps it.
#[test]
fn a_position_is_not_revived_in_the_transaction_that_closes_it() {
    let (mut world, position) = matured();
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let revive = transfer(&ana.key(), &position.position, rent(&world, Position::SPACE));
    let unstake = keys.unstake(&position, &ana.key(), &ana.tokens, 0);
    let claim = keys.claim(&ana.key(), &ana.tokens, &position);
    let same = keys.stake(&ana.key(), &ana.tokens, &position, TOKEN, 0, Proof::None);
    for again in [&unstake, &claim, &same] {
        world.expect_failure(&[unstake.clone(), revive.clone(), again.clone()], &[&ana.wallet]);
    }
    world.send(&[unstake, revive], &[&ana.wallet]).unwrap();
    for again in [claim, same] {
        world.expect_failure(&[again], &[&ana.wallet]);
    }
    assert_eq!(world.tokens_of("ana"), PURSE + 80 * TOKEN);
}

/// The highest rate, the longest lock, the largest cap that fits the books, no decimals: once as a whole and once in parts,
/// claimed at odd seconds.
#[test]
fn no_rounding_pays_a_unit_more_at_the_edge_of_what_fits() {
    const TEN_YEARS: u64 = 10 * YEAR as u64;
    let mut parameters = standard(0);
    (parameters.lock_seconds, parameters.terms.rate_bps) = (TEN_YEARS, u16::MAX);
    // Ten years at 655.35 % earn 65.535 times the stake.
    let cap = (u128::from(u64::MAX) * 1_000 / 66_535) as u64;
    (parameters.terms.min_stake, parameters.terms.cap) = (1, cap);
    let mut world = FixedWorld::start(&MintConfig { decimals: 0, ..MintConfig::default() }).unwrap();
    let over = PoolParameters { terms: PoolTerms { cap: cap + 1, ..parameters.terms }, ..parameters };
    assert_eq!(world.add_pool(over).unwrap_err().custom_error_code(), Some(Error::CapTooLarge.into()));
    world.add_pool(parameters).unwrap();
    let full = (u128::from(cap) * 65_535 / 1_000) as u64;
    world.fund(0, full).unwrap();
    let small = 7;
    world.add_user("ana", cap - 3 * small).unwrap();
    world.add_user("bob", 3 * small).unwrap();
    let whole = world.stake("ana", 0, cap - 3 * small).unwrap();
    let parts = [(); 3].map(|()| world.stake("bob", 0, small).unwrap());
    let at_once = reward(3 * small, u16::MAX, 10 * YEAR);
    for seconds in [1, 2, 200_000_003, 1_000_003, 59] {
        world.pass(seconds);
        for (name, position) in [("ana", whole)].into_iter().chain(parts.map(|part| ("bob", part))) {
            // A part has not always earned a unit.
            let _ = world.claim(name, 0, &position);
        }
    }
    world.go_to(OPENING + 10 * YEAR);
    world.unstake("ana", 0, &whole).unwrap();
    for part in parts {
        world.unstake("bob", 0, &part).unwrap();
    }
    let bob = world.tokens_of("bob") - 3 * small;
    assert!(bob <= at_once && bob >= at_once - 3, "{bob} of {at_once}");
    assert_eq!(world.tokens_of("ana"), cap - 3 * small + reward(cap - 3 * small, u16::MAX, 10 * YEAR));
}

/// As many positions as a transaction holds: more events than a cluster's log has room for, and yet each is paid, and once.
#[test]
fn as_many_positions_as_a_transaction_holds_are_claimed_at_once() {
    const MOST: usize = 53;
    let mut world = world(product());
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let positions: Vec<PositionKeys> = (0..MOST).map(|_| world.stake("ana", 0, TOKEN).unwrap()).collect();
    world.pass(DAY);
    let claim = keys.claim_many(&ana.key(), &ana.tokens, &ana.key(), &positions);
    let addresses: Vec<Pubkey> = claim.accounts.iter().map(|meta| meta.pubkey).collect();
    let table = world.chain.create_lookup_table(&addresses);
    let before = world.tokens_of("ana");
    world.chain.send_versioned(&[claim], &[&ana.wallet], &[table]).unwrap();
    world.check_books();
    let each = reward(TOKEN, 800, DAY);
    assert_eq!(world.tokens_of("ana"), before + MOST as u64 * each);
    assert!(positions.iter().all(|position| world.position(position).unwrap().claimed == each));
}

/// The authority makes users flee, stakes at a rate beyond measure, and has what they gave up as its reward.
#[test]
fn what_was_given_up_is_not_promised_to_the_authority_itself() {
    let mut world = world(PoolParameters { lock_seconds: 7 * DAY as u64, ..product() });
    let (ana, keys, operator) = (world.user("ana"), world.pools[0], world.operator.clone());
    let position = world.stake("ana", 0, 1_000_000 * TOKEN).unwrap();
    let excess = world.metrics(0).unwrap().free;
    let take = keys.withdraw_excess(&operator.key(), &operator.tokens, excess);
    world.send(&[take], &[&operator.wallet]).unwrap();

    emergency(&mut world, 1);
    let flee = keys.emergency_withdraw(&position, &ana.key(), &ana.tokens, u64::MAX);
    world.send(&[flee], &[&ana.wallet]).unwrap();
    world.send(&[keys.end_emergency(&operator.key())], &[&operator.wallet]).unwrap();
    let given_up = world.pool(0).forfeited;
    assert_eq!((given_up, world.reward_balance(0)), (1_534_246_575_342, given_up));
    set_terms(&mut world, |terms| terms.rate_bps = u16::MAX);

    let free_at = world.now() + limits::FORFEIT_LOCK_SECONDS;
    for locked in [world.now(), free_at - 1] {
        world.go_to(locked);
        assert_eq!(world.metrics(0).unwrap().free, 0);
        let next = world.next_position(0, &operator.key());
        let stake = keys.stake(&operator.key(), &operator.tokens, &next, TOKEN, 0, Proof::None);
        world.expect_refusal(&stake, &[&operator.wallet], Error::RewardsNotFunded);
    }
    world.go_to(free_at);
    assert_eq!(world.metrics(0).unwrap().free, given_up);
}

// ---- to keep somebody in

/// Begun and ended within each second: no second is one of emergency, and yet nobody would find the pool open.
#[test]
fn an_emergency_that_is_ended_at_once_does_not_begin_again_at_once() {
    let (mut world, position) = matured();
    let (ana, operator, keys) = (world.user("ana"), world.operator.clone(), world.pools[0]);
    let begin = keys.begin_emergency(&operator.key(), 1);
    let end = keys.end_emergency(&operator.key());
    world.send(&[begin.clone(), end.clone()], &[&operator.wallet]).unwrap();
    let ended = world.now();
    for second in [ended, ended + 1, ended + limits::MIN_OPEN_SECONDS - 1] {
        world.go_to(second);
        world.expect_refusal(&begin, &[&operator.wallet], Error::OpenTooShort);
    }
    let unstake = keys.unstake(&position, &ana.key(), &ana.tokens, 80 * TOKEN);
    world.chain.simulate(&[unstake], &ana.key()).unwrap();
    world.go_to(ended + limits::MIN_OPEN_SECONDS);
    world.send(&[begin], &[&operator.wallet]).unwrap();
}

#[test]
fn a_pause_of_claims_that_is_ended_at_once_does_not_begin_again_at_once() {
    let (mut world, _) = earning();
    let (guard, operator, keys) = (guardian(), world.operator.clone(), world.pools[0]);
    let pause = keys.pause(&guard.pubkey(), Function::Claim.bit());
    let resume = keys.resume(&operator.key(), Function::Claim.bit());
    world.send(&[pause.clone(), resume], &[&guard, &operator.wallet]).unwrap();
    world.pass(limits::MIN_OPEN_SECONDS - 1);
    world.expect_refusal(&pause, &[&guard], Error::OpenTooShort);
    world.pass(1);
    world.send(&[pause], &[&guard]).unwrap();
}

fn raise_rent(world: &mut FixedWorld) {
    let (before, now) = (rent(world, 0), world.now());
    world.chain.activate_feature(&features::set_lamports_per_byte_to_6960::id());
    world.chain.next_epoch();
    world.go_to(now.max(world.now()));
    assert!(rent(world, 0) > 9 * before);
}

/// Who staked for somebody empties his wallet, and the rent rises: what he gets back does not keep an account alive. The owner
/// leaves by adding the little that is missing, in the same transaction.
#[test]
fn who_paid_the_rent_cannot_keep_the_owner_in() {
    let chain = ChainConfig::default().with_rent_factor(0.1);
    let mut world = FixedWorld::start_on(chain, &MintConfig::default()).unwrap();
    world.add_pool(product()).unwrap();
    world.fund(0, TOKEN).unwrap();
    let (ana, bob) = (world.add_user("ana", 0).unwrap(), world.add_user("bob", TOKEN).unwrap());
    let keys = world.pools[0];
    let position = world.next_position(0, &ana.key());
    let stake = keys.stake(&bob.key(), &bob.tokens, &position, TOKEN, 0, Proof::None);
    world.send(&[stake], &[&bob.wallet]).unwrap();
    world.chain.set_account(&bob.key(), &Default::default());
    raise_rent(&mut world);
    world.go_to(OPENING + YEAR);
    let unstake = keys.unstake(&position, &bob.key(), &ana.tokens, 80_000_000);
    world.expect_failure(std::slice::from_ref(&unstake), &[&ana.wallet]);
    let add = transfer(&ana.key(), &bob.key(), rent(&world, 0));
    world.send(&[add, unstake], &[&ana.wallet]).unwrap();
    assert_eq!(world.tokens_of("ana"), TOKEN + 80_000_000);
}

/// Who staked for somebody makes a program of his address.
#[test]
fn a_rent_payer_that_has_become_a_program_is_paid_too() {
    let mut world = world(product());
    let (ana, bob, keys) = (world.user("ana"), world.user("bob"), world.pools[0]);
    let position = world.next_position(0, &ana.key());
    let stake = keys.stake(&bob.key(), &bob.tokens, &position, TOKEN, 0, Proof::None);
    world.send(&[stake], &[&bob.wallet]).unwrap();
    let program = world.chain.account(&tidepool_interface::fixed::ID).unwrap();
    assert!(program.executable);
    world.chain.set_account(&bob.key(), &program);
    world.go_to(OPENING + YEAR);
    let unstake = keys.unstake(&position, &bob.key(), &ana.tokens, 80_000_000);
    world.send(&[unstake], &[&ana.wallet]).unwrap();
    assert_eq!(world.chain.lamports(&bob.key()), program.lamports + rent(&world, Position::SPACE));
}

/// All accounts are of a time when rent was a tenth.
#[test]
fn a_pool_of_a_lower_rent_serves_and_is_closed() {
    let chain = ChainConfig::default().with_rent_factor(0.1);
    let mut world = FixedWorld::start_on(chain, &MintConfig::default()).unwrap();
    world.add_pool(product()).unwrap();
    world.fund(0, 100 * TOKEN).unwrap();
    let (ana, operator, keys) =
        (world.add_user("ana", 10 * TOKEN).unwrap(), world.operator.clone(), world.pools[0]);
    let [first, second] = [(); 2].map(|()| world.stake("ana", 0, TOKEN).unwrap());
    raise_rent(&mut world);
    world.go_to(OPENING + YEAR);
    world.claim("ana", 0, &first).unwrap();
    let next = world.next_position(0, &ana.key());
    let roll = keys.roll_over(&first, &ana.key(), &next, &ana.tokens, true, 0, Proof::None);
    world.send(&[roll], &[&ana.wallet]).unwrap();
    world.unstake("ana", 0, &second).unwrap();
    world.go_to(OPENING + 2 * YEAR);
    world.unstake("ana", 0, &next).unwrap();
    world.send(&[keys.close_pool(&operator.key(), &operator.tokens)], &[&operator.wallet]).unwrap();
}

/// Ana has staked 5 SOL in a pool of wrapped SOL.
fn with_staked_sol(chain: ChainConfig) -> FixedWorld {
    let mut world = FixedWorld::start_on(chain, &MintConfig::default()).unwrap();
    with_wrapped_sol(&world.chain);
    world.mint = WRAPPED_SOL;
    world.operator.tokens = world.chain.create_token_account(&WRAPPED_SOL, &world.operator.key()).unwrap();
    let (operator, ana) = (world.operator.clone(), world.add_user("ana", 0).unwrap());
    wrap(&world.chain, &ana.tokens, &ana.wallet, 5 * SOL);
    wrap(&world.chain, &operator.tokens, &operator.wallet, 400_000_000);
    world.add_pool(standard(9)).unwrap();
    let fund = world.pools[0].fund_rewards(&operator.key(), &operator.tokens, 400_000_000);
    world.send(&[fund], &[&operator.wallet]).unwrap();
    world.stake("ana", 0, 5 * SOL).unwrap();
    world
}

/// The last to leave a pool of wrapped SOL leaves vaults with the rent of their first day: he adds what is missing, in the same
/// transaction, so that nobody makes tokens of it before.
#[test]
fn after_a_rise_of_the_rent_the_last_wrapped_sol_leaves_too() {
    let mut world = with_staked_sol(ChainConfig::default().with_rent_factor(0.1));
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let position = keys.position(&ana.key(), 0);
    raise_rent(&mut world);
    world.go_to(OPENING + YEAR);
    let unstake = keys.unstake(&position, &ana.key(), &ana.tokens, 400_000_000);
    world.expect_failure(std::slice::from_ref(&unstake), &[&ana.wallet]);
    let add = |vault| transfer(&ana.key(), vault, rent(&world, 165));
    let all = [add(&keys.principal_vault), add(&keys.reward_vault), unstake];
    world.send(&all, &[&ana.wallet]).unwrap();
    assert_eq!(world.tokens_of("ana"), 5 * SOL + 400_000_000);
}

/// Somebody stakes a little for a user just before each of his own stakes, which then names a number that is taken.
#[test]
fn who_is_staked_for_again_and_again_shuts_that_out() {
    let mut world = world(product());
    let (ana, bob, keys) = (world.user("ana"), world.user("bob"), world.pools[0]);
    let his = |world: &FixedWorld| {
        let next = world.next_position(0, &ana.key());
        keys.stake(&bob.key(), &bob.tokens, &next, TOKEN, 0, Proof::None)
    };
    let mine = |world: &FixedWorld| {
        let next = world.next_position(0, &ana.key());
        keys.stake(&ana.key(), &ana.tokens, &next, TOKEN, 0, Proof::None)
    };
    let first = mine(&world);
    let before = his(&world);
    world.send(&[before], &[&bob.wallet]).unwrap();
    world.expect_refusal(&first, &[&ana.wallet], Error::WrongAddress);
    let only = keys.set_owner_only(&ana.key(), true);
    world.send(&[only], &[&ana.wallet]).unwrap();
    let before = his(&world);
    world.expect_refusal(&before, &[&bob.wallet], Error::OwnerOnly);
    let second = mine(&world);
    world.send(&[second], &[&ana.wallet]).unwrap();
    assert_eq!(world.user_pool(0, &ana.key()).unwrap().active_stake, 2 * TOKEN);
}

/// Somebody claims for a user just before he leaves with the whole reward as his minimum: he has it already, and leaves with
/// the rest.
#[test]
fn a_claim_in_front_of_an_exit_costs_the_owner_nothing() {
    let (mut world, position) = matured();
    let (ana, bob, keys) = (world.user("ana"), world.user("bob"), world.pools[0]);
    let unstake = keys.unstake(&position, &ana.key(), &ana.tokens, 80 * TOKEN);
    world.send(&[keys.claim(&bob.key(), &ana.tokens, &position)], &[&bob.wallet]).unwrap();
    world.expect_refusal(&unstake, &[&ana.wallet], Error::BelowMinimumReward);
    world.expect_refusal(
        &keys.claim(&bob.key(), &ana.tokens, &position),
        &[&bob.wallet],
        Error::NothingToClaim,
    );
    world.unstake("ana", 0, &position).unwrap();
    assert_eq!(world.tokens_of("ana"), PURSE + 80 * TOKEN);
}

/// Accounts of Token-2022 whose owner wants memos, or lets no program sign for him.
#[test]
fn whose_account_wants_memos_leaves_into_another() {
    let mut world = world_with(&MintConfig { token_2022: Some(vec![]), ..MintConfig::default() });
    world.add_pool(product()).unwrap();
    world.fund(0, 100 * TOKEN).unwrap();
    let (ana, keys) = (world.user("ana"), world.pools[0]);
    let [first, second] = [(); 2].map(|()| world.stake("ana", 0, TOKEN).unwrap());
    let account =
        |extension| world.chain.create_token_account_2022(&world.mint, &ana.wallet, &[extension]).unwrap();
    let [memo, guarded, immutable] =
        [AccountExtension::MemoTransfer, AccountExtension::CpiGuard, AccountExtension::ImmutableOwner]
            .map(account);
    world.go_to(OPENING + YEAR);
    world.expect_failure(&[keys.unstake(&first, &ana.key(), &memo, 0)], &[&ana.wallet]);
    for (position, to) in [(first, guarded), (second, immutable)] {
        world.send(&[keys.unstake(&position, &ana.key(), &to, 0)], &[&ana.wallet]).unwrap();
        assert_eq!(world.balance(&to), TOKEN + 80_000_000);
    }
}

// ---- to get in, or to keep somebody out

/// An application is the user's: a dismissed manager, who once paid the rent of the entry, does not withdraw it before his
/// successor answers.
#[test]
fn a_dismissed_manager_cannot_withdraw_an_application() {
    let mut world = world(listed());
    let (ana, man, operator, keys) = (world.user("ana"), manager(), world.operator.clone(), world.pools[0]);
    admit(&mut world, "ana", TOKEN, OPENING + 10);
    world.go_to(OPENING + 10);
    let roles = keys.set_roles(&operator.key(), &guardian().pubkey(), &operator.key());
    let apply = keys.apply_whitelist(&ana.key(), TOKEN, [1; 32]);
    world.send(&[roles, apply], &[&operator.wallet, &ana.wallet]).unwrap();
    let close = keys.close_whitelist_entry(&man.pubkey(), &ana.key(), &man.pubkey());
    world.expect_refusal(&close, &[&man], Error::WrongUser);
    let refuse = keys.review_application(&operator.key(), &ana.key(), Answer::Refuse { reason_code: 1 });
    world.send(&[refuse], &[&operator.wallet]).unwrap();
    // An answer was given: now he gets his rent back.
    world.send(&[close], &[&man]).unwrap();
}

/// One user twice in a list, with different amounts: the last counts, and he is counted once; taken off twice, too.
#[test]
fn a_user_who_stands_twice_in_a_list_is_one() {
    let mut world = world(listed());
    let (ana, man, keys) = (world.user("ana").key(), manager(), world.pools[0]);
    let listed = [5, 3].map(|tokens| Admitted { user: ana, max_amount: tokens * TOKEN });
    world.send(&[keys.add_to_whitelist(&man.pubkey(), &listed, 0)], &[&man]).unwrap();
    let entry = world.chain.account(&keys.whitelist_entry(&ana)).unwrap();
    assert_eq!(read_whitelist_entry(&entry.data).unwrap().max_amount, 3 * TOKEN);
    assert_eq!(world.pool(0).approved_users, 1);
    world.send(&[keys.remove_from_whitelist(&man.pubkey(), &[ana, ana], 1)], &[&man]).unwrap();
    assert_eq!(world.pool(0).approved_users, 0);
}

/// An entry and a leaf, one after the other: each allows what it says in all, not so much more.
#[test]
fn an_entry_and_a_leaf_do_not_add_up() {
    let mut world = world(listed());
    let (ana, operator, keys) = (world.user("ana"), world.operator.clone(), world.pools[0]);
    admit(&mut world, "ana", 2 * TOKEN, 0);
    let tree = MerkleTree::new(&keys.pool, vec![(ana.key(), 3 * TOKEN), (operator.key(), TOKEN)]);
    let set = keys.set_merkle_root(&operator.key(), tree.root(), tree.leaves());
    world.send(&[set], &[&operator.wallet]).unwrap();
    let leaf = tree.proof(&ana.key()).unwrap();
    world.stake_with("ana", 0, 2 * TOKEN, Proof::Entry).unwrap();
    let too_much = world.stake_with("ana", 0, TOKEN + 1, leaf.clone()).unwrap_err();
    assert_eq!(too_much.custom_error_code(), Some(Error::AboveWhitelistAmount.into()));
    let position = world.stake_with("ana", 0, TOKEN, leaf.clone()).unwrap();
    // What matures leaves its room to itself alone.
    world.go_to(OPENING + YEAR);
    let next = world.next_position(0, &ana.key());
    for (with_reward, error) in [(true, Some(Error::AboveWhitelistAmount)), (false, None)] {
        let roll = keys.roll_over(&position, &ana.key(), &next, &ana.tokens, with_reward, 0, leaf.clone());
        let code = world.send(&[roll], &[&ana.wallet]).err().and_then(|failure| failure.custom_error_code());
        assert_eq!(code, error.map(Into::into));
    }
    assert_eq!(world.user_pool(0, &ana.key()).unwrap().active_stake, 3 * TOKEN);
}

// ---- to mislead

/// The authority takes the excess into the pool's own vaults: nothing leaves, and events and books would say that it did.
#[test]
fn the_excess_is_not_taken_out_into_the_vaults_themselves() {
    let (world, _) = earning();
    let (operator, keys) = (world.operator.clone(), world.pools[0]);
    for vault in [keys.reward_vault, keys.principal_vault] {
        let withdraw = keys.withdraw_excess(&operator.key(), &vault, TOKEN);
        world.expect_refusal(&withdraw, &[&operator.wallet], Error::WrongTokenAccount);
    }
}

/// A whale mints twice in one transaction, and again after he has burned his token.
#[test]
fn a_whale_that_burned_his_token_gets_no_other() {
    let (mut world, _) = earning();
    let (ana, operator, keys) = (world.user("ana"), world.operator.clone(), world.pools[0]);
    let whales = DidParameters { threshold: TOKEN, name: "n".into(), symbol: "s".into(), uri: "u".into() };
    world.send(&[keys.set_did_collection(whales)], &[&operator.wallet]).unwrap();
    let mint = keys.mint_whale_did(&ana.key(), &[]);
    world.expect_refusal_of_all(&[mint.clone(), mint.clone()], &[&ana.wallet], Error::DidAlreadyMinted);
    world.send(std::slice::from_ref(&mint), &[&ana.wallet]).unwrap();
    let did = keys.did(&ana.key());
    world.chain.burn(&did.token_account, &ana.wallet, 1).unwrap();
    world.chain.close_token_account(&did.token_account, &ana.wallet).unwrap();
    assert_eq!(world.chain.mint_supply(&did.mint), 0);
    world.expect_refusal(&mint, &[&ana.wallet], Error::DidAlreadyMinted);
}
