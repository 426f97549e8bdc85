//! Roles change hands in two steps, and nobody else can take one.

use {
    crate::stage::{self, change_pool, governed, send, Cast},
    tidepool_client::{events::*, PoolFees, Role},
    tidepool_interface::header::Function,
    tidepool_tests::prelude::*,
};

/// The roles that a key holds; the treasury is a token account.
const KEY_ROLES: [Role; 3] = [Role::Admin, Role::Manager, Role::Guardian];

fn holder(cast: &Cast, role: Role) -> &Keypair {
    match role {
        Role::Admin => &cast.admin,
        Role::Manager => &cast.manager,
        Role::Guardian => &cast.guardian,
        Role::Treasury => &cast.treasurer,
    }
}

/// Everything the admin may do, by `key`.
fn admins_work(world: &World, key: &Pubkey) -> Vec<Instruction> {
    let mut settings = world.settings();
    settings.min_deposit_lamports += 1;
    let mut work = vec![
        world.keys.set_fees(key, PoolFees { deposit: 1, ..world.fees() }),
        world.keys.set_parameters(key, settings),
    ];
    for role in Role::ALL {
        work.push(world.keys.propose_role(key, role, key));
        work.push(world.keys.cancel_role_proposal(key, role));
    }
    work
}

fn managers_work(world: &World, key: &Pubkey) -> Instruction {
    let next = world.keys.validator(&world.chain.validator(0).vote, world.validators.len());
    world.keys.add_validator(key, key, &next, 100, 0)
}

fn guardians_work(world: &World, key: &Pubkey) -> Vec<Instruction> {
    let all = [Function::Deposit.bit(), Function::MASK];
    all.into_iter().flat_map(|bits| [world.keys.pause(key, bits), world.keys.resume(key, bits)]).collect()
}

#[test]
fn a_proposal_changes_nothing_but_who_is_proposed() {
    for role in Role::ALL {
        let (mut world, cast) = governed();
        let (successor, pool) = (cast.stranger.pubkey(), world.keys.pool);
        let held = world.pool().holder(role);
        let propose = world.keys.propose_role(&cast.admin.pubkey(), role, &successor);
        let outcome = change_pool(&mut world, &propose, &[&cast.admin], |pool| {
            pool.proposed[role as usize] = successor;
        });
        let state = stage::state(&world);
        outcome.assert_told(&RoleProposed { pool, role, holder: held, successor, state });
    }
}

#[test]
fn an_acceptance_hands_a_role_over_once_and_for_all() {
    for role in KEY_ROLES {
        let (mut world, cast) = governed();
        let (to, pool) = (&cast.stranger, world.keys.pool);
        world.propose_role(role, &to.pubkey()).unwrap();
        let accept = world.keys.accept_role(&to.pubkey(), role);
        let from = holder(&cast, role).pubkey();
        let outcome = change_pool(&mut world, &accept, &[to], |pool| {
            pool.proposed[role as usize] = Pubkey::default();
            *match role {
                Role::Admin => &mut pool.admin,
                Role::Manager => &mut pool.manager,
                _ => &mut pool.guardian,
            } = to.pubkey();
        });
        let state = stage::state(&world);
        outcome.assert_told(&RoleHandedOver { pool, role, from, to: to.pubkey(), state });
        world.expect_refusal(&accept, &[to], TidepoolError::NotTheProposed);
    }
}

/// What the holder of a role could do before, only its new holder can do after.
#[test]
fn with_a_role_go_all_its_rights() {
    let (mut world, cast) = governed();
    for role in [Role::Guardian, Role::Manager, Role::Admin] {
        world.propose_role(role, &cast.stranger.pubkey()).unwrap();
        world.accept_role(&cast.stranger, role).unwrap();
    }
    let (admin, manager, guardian) = (&cast.admin, &cast.manager, &cast.guardian);
    for work in admins_work(&world, &admin.pubkey()) {
        world.expect_refusal(&work, &[admin], TidepoolError::NotTheAdmin);
    }
    for work in [admin, guardian].into_iter().flat_map(|key| guardians_work(&world, &key.pubkey())) {
        world.expect_refusal(&work, &[admin, guardian], TidepoolError::NotTheGuardian);
    }
    let work = managers_work(&world, &manager.pubkey());
    world.expect_refusal(&work, &[manager], TidepoolError::NotTheManager);

    let new = &cast.stranger;
    let all = admins_work(&world, &new.pubkey()).into_iter().chain(guardians_work(&world, &new.pubkey()));
    for work in all {
        send(&mut world, &work, &[new]);
    }
    // Only that the validator is there already is wrong with this.
    world.expect_refusal(&managers_work(&world, &new.pubkey()), &[new], TidepoolError::ValidatorExists);
}

/// `solido#388`: the signature was asked for, but not whose it is.
#[test]
fn each_roles_instructions_are_refused_to_each_other_role() {
    let (world, cast) = governed();
    let other_pool = OtherPool::beside(&world);
    let neighbours: Vec<Keypair> =
        [&other_pool.owner, &world.user("ana").wallet].map(Keypair::insecure_clone).into();
    for other in cast.others(&cast.admin).into_iter().chain(&neighbours) {
        for work in admins_work(&world, &other.pubkey()) {
            world.expect_refusal(&work, &[other], TidepoolError::NotTheAdmin);
        }
    }
    for other in cast.others(&cast.manager).into_iter().chain(&neighbours) {
        let work = managers_work(&world, &other.pubkey());
        world.expect_refusal(&work, &[other], TidepoolError::NotTheManager);
    }
    for other in cast.others(&cast.guardian).into_iter().chain(&neighbours) {
        if other.pubkey() == cast.admin.pubkey() {
            continue; // may do all that the guardian may
        }
        for work in guardians_work(&world, &other.pubkey()) {
            world.expect_refusal(&work, &[other], TidepoolError::NotTheGuardian);
        }
    }
}

/// The right key without its signature is nobody.
#[test]
fn a_role_has_to_sign() {
    let (world, cast) = governed();
    let unsigned = |instruction: Instruction, key: &Keypair| {
        world.expect_refusal(&instruction.unsigned(&key.pubkey()), &[], AnchorError::AccountNotSigner);
    };
    for work in admins_work(&world, &cast.admin.pubkey()) {
        unsigned(work, &cast.admin);
    }
    for key in [&cast.guardian, &cast.admin] {
        for work in guardians_work(&world, &key.pubkey()) {
            unsigned(work, key);
        }
    }
    unsigned(managers_work(&world, &cast.manager.pubkey()), &cast.manager);
    for role in KEY_ROLES {
        world
            .chain
            .send(
                &[world.keys.propose_role(&cast.admin.pubkey(), role, &cast.stranger.pubkey())],
                &[&cast.admin],
            )
            .unwrap();
        unsigned(world.keys.accept_role(&cast.stranger.pubkey(), role), &cast.stranger);
    }
}

/// `spl#2273`, Neodyme SPL 2021, INF ND-I3: a role was set to a key that nobody has, because the new key need not sign.
#[test]
fn a_role_offered_to_a_key_that_never_accepts_stays_where_it_is() {
    let (mut world, cast) = governed();
    let nobody = Pubkey::new_unique();
    for role in Role::ALL {
        world.propose_role(role, &nobody).unwrap();
    }
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    let pool = world.pool();
    assert_eq!((pool.admin, pool.manager), (cast.admin.pubkey(), cast.manager.pubkey()));
    assert_eq!((pool.guardian, pool.treasury), (cast.guardian.pubkey(), world.keys.treasury));
    assert_eq!(pool.proposed, [nobody; 4]);
    for work in admins_work(&world, &cast.admin.pubkey()) {
        send(&mut world, &work, &[&cast.admin]);
    }
    for work in guardians_work(&world, &cast.guardian.pubkey()) {
        send(&mut world, &work, &[&cast.guardian]);
    }
    assert!(world.chain.token_balance(&world.keys.treasury) > 0, "fees are paid as before");
    // Whom the admin names instead can accept.
    world.propose_role(Role::Admin, &cast.stranger.pubkey()).unwrap();
    world.accept_role(&cast.stranger, Role::Admin).unwrap();
}

/// `spl#2273`: the zero key, which nobody can sign for, ended a role for ever.
#[test]
fn nobody_is_proposed_by_the_zero_key() {
    let (world, cast) = governed();
    for role in Role::ALL {
        let propose = world.keys.propose_role(&cast.admin.pubkey(), role, &Pubkey::default());
        world.expect_refusal(&propose, &[&cast.admin], TidepoolError::InvalidParameter);
    }
}

#[test]
fn nobody_accepts_but_who_is_proposed_for_that_role() {
    let (mut world, cast) = governed();
    let refused = |world: &World, key: &Keypair, role| {
        let accept = world.keys.accept_role(&key.pubkey(), role);
        world.expect_refusal(&accept, &[key], TidepoolError::NotTheProposed);
    };
    for role in KEY_ROLES {
        // Nobody is proposed.
        cast.all().into_iter().for_each(|key| refused(&world, key, role));
        world.propose_role(role, &cast.stranger.pubkey()).unwrap();
        // Not the holder, not the admin who proposed it.
        cast.others(&cast.stranger).into_iter().for_each(|key| refused(&world, key, role));
        for other in KEY_ROLES.into_iter().filter(|other| *other != role) {
            refused(&world, &cast.stranger, other);
        }
        world.cancel_role_proposal(role).unwrap();
    }
    // In another pool nobody proposed him.
    world.propose_role(Role::Admin, &cast.stranger.pubkey()).unwrap();
    let other_pool = OtherPool::beside(&world);
    let elsewhere = other_pool.keys.accept_role(&cast.stranger.pubkey(), Role::Admin);
    world.expect_refusal(&elsewhere, &[&cast.stranger], TidepoolError::NotTheProposed);
}

#[test]
fn a_new_proposal_replaces_the_last_one() {
    for role in KEY_ROLES {
        let (mut world, cast) = governed();
        let (first, second) = (cast.stranger.insecure_clone(), world.user("cat").wallet);
        world.propose_role(role, &first.pubkey()).unwrap();
        world.propose_role(role, &second.pubkey()).unwrap();
        let accept = world.keys.accept_role(&first.pubkey(), role);
        world.expect_refusal(&accept, &[&first], TidepoolError::NotTheProposed);
        world.accept_role(&second, role).unwrap();
        assert_eq!(world.pool().holder(role), second.pubkey());
        world.expect_refusal(&accept, &[&first], TidepoolError::NotTheProposed);
    }
}

#[test]
fn a_cancelled_proposal_can_not_be_accepted() {
    for role in KEY_ROLES {
        let (mut world, cast) = governed();
        let (successor, pool) = (cast.stranger.pubkey(), world.keys.pool);
        let cancel = world.keys.cancel_role_proposal(&cast.admin.pubkey(), role);
        world.expect_refusal(&cancel, &[&cast.admin], TidepoolError::NoProposal);
        world.propose_role(role, &successor).unwrap();
        let outcome = change_pool(&mut world, &cancel, &[&cast.admin], |pool| {
            pool.proposed[role as usize] = Pubkey::default();
        });
        let state = stage::state(&world);
        outcome.assert_told(&RoleProposalCancelled { pool, role, successor, state });
        let accept = world.keys.accept_role(&successor, role);
        world.expect_refusal(&accept, &[&cast.stranger], TidepoolError::NotTheProposed);
        world.expect_refusal(&cancel, &[&cast.admin], TidepoolError::NoProposal);
    }
}

/// INF Sec3 P1-I-09: a key stood twice in a list of authorities, and removing it once left it there.
#[test]
fn a_key_that_was_made_guardian_twice_has_no_right_left_when_it_is_replaced_once() {
    let (mut world, cast) = governed();
    for _ in 0..2 {
        world.propose_role(Role::Guardian, &cast.guardian.pubkey()).unwrap();
        world.accept_role(&cast.guardian, Role::Guardian).unwrap();
    }
    assert_eq!(world.pool().guardian, cast.guardian.pubkey());
    world.propose_role(Role::Guardian, &cast.guardian.pubkey()).unwrap();
    world.propose_role(Role::Guardian, &cast.stranger.pubkey()).unwrap();
    world.accept_role(&cast.stranger, Role::Guardian).unwrap();
    for work in guardians_work(&world, &cast.guardian.pubkey()) {
        world.expect_refusal(&work, &[&cast.guardian], TidepoolError::NotTheGuardian);
    }
    for role in KEY_ROLES {
        let accept = world.keys.accept_role(&cast.guardian.pubkey(), role);
        world.expect_refusal(&accept, &[&cast.guardian], TidepoolError::NotTheProposed);
    }
}

/// One key in all roles loses them one by one, each with its own rights.
#[test]
fn a_key_that_holds_every_role_loses_each_by_itself() {
    let mut world = World::start(WorldConfig::default()).unwrap();
    let operator = world.operator.insecure_clone();
    let stranger = world.chain.wallet("stranger", SOL).unwrap();
    world.propose_role(Role::Guardian, &stranger.pubkey()).unwrap();
    world.accept_role(&stranger, Role::Guardian).unwrap();
    // Still the admin, who may pause too, and the manager.
    world.pause(Function::Deposit.bit()).unwrap();
    let manage = managers_work(&world, &operator.pubkey());
    world.expect_refusal(&manage, &[&operator], TidepoolError::ValidatorExists);
    world.propose_role(Role::Admin, &stranger.pubkey()).unwrap();
    world.accept_role(&stranger, Role::Admin).unwrap();
    for work in guardians_work(&world, &operator.pubkey()) {
        world.expect_refusal(&work, &[&operator], TidepoolError::NotTheGuardian);
    }
    world.expect_refusal(&manage, &[&operator], TidepoolError::ValidatorExists);
    for work in admins_work(&world, &operator.pubkey()) {
        world.expect_refusal(&work, &[&operator], TidepoolError::NotTheAdmin);
    }
}

/// What the last admin proposed can be accepted until the new one takes it back.
#[test]
fn a_new_admin_can_take_back_what_the_last_one_proposed() {
    let (mut world, cast) = governed();
    let cat = world.user("cat").wallet;
    for role in [Role::Admin, Role::Manager, Role::Guardian] {
        world.propose_role(role, &cat.pubkey()).unwrap();
    }
    world.propose_role(Role::Admin, &cast.stranger.pubkey()).unwrap();
    world.accept_role(&cast.stranger, Role::Admin).unwrap();
    let cancel = world.keys.cancel_role_proposal(&cast.stranger.pubkey(), Role::Guardian);
    send(&mut world, &cancel, &[&cast.stranger]);
    let accept = |role| world.keys.accept_role(&cat.pubkey(), role);
    world.expect_refusal(&accept(Role::Admin), &[&cat], TidepoolError::NotTheProposed);
    world.expect_refusal(&accept(Role::Guardian), &[&cat], TidepoolError::NotTheProposed);
    let accept = accept(Role::Manager);
    send(&mut world, &accept, &[&cat]);
}

/// A hand-over waits for nothing: not for the payout of rewards, not for the end of a pause.
#[test]
fn roles_change_hands_while_rewards_are_paid_out_and_everything_is_paused() {
    let (mut world, cast) = stage::staked();
    world.pause(Function::MASK).unwrap();
    let next = world.chain.epoch() + 1;
    stage::to_first_slot_of(&mut world, next);
    assert!(world.chain.rewards_active());
    for role in [Role::Manager, Role::Guardian, Role::Admin] {
        world.propose_role(role, &cast.stranger.pubkey()).unwrap();
        world.accept_role(&cast.stranger, role).unwrap();
    }
    for work in guardians_work(&world, &cast.stranger.pubkey()) {
        send(&mut world, &work, &[&cast.stranger]);
    }
}
