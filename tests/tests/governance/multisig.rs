//! Every role held by an address of another program, as a multisig is one: nothing assumes a wallet.

use {
    crate::stage::send,
    tidepool_client::{events::*, PoolFees, Role},
    tidepool_interface::header::Function,
    tidepool_tests::{
        neighbour::{self, relay, vault},
        prelude::*,
    },
};

const BOARD: &[u8] = b"board";
const STEWARDS: &[u8] = b"stewards";
const WATCH: &[u8] = b"watch";
const TILL: &[u8] = b"till";
const HEIRS: &[u8] = b"heirs";

/// Roles of keys, and which vault holds each.
const HOLDERS: [(Role, &[u8]); 3] =
    [(Role::Manager, STEWARDS), (Role::Guardian, WATCH), (Role::Admin, BOARD)];

fn relayed(world: &mut World, instruction: Instruction, seed: &[u8]) -> Outcome {
    send(world, &relay(instruction, seed), &[])
}

/// A pool whose every role is a vault of the neighbour's; the treasury is a token account of one.
fn governed_by_vaults() -> World {
    let mut world = World::start(neighbour::beside(WorldConfig::default())).unwrap();
    world.add_user("ana", 20_000 * SOL).unwrap();
    world.deposit("ana", 500 * SOL).unwrap();
    let till = world.chain.create_token_account(&world.keys.lst_mint, &vault(TILL)).unwrap();
    world.propose_role(Role::Treasury, &till).unwrap();
    let accept = world.keys.accept_treasury(&vault(TILL), &till);
    relayed(&mut world, accept, TILL);
    world.keys.treasury = till;
    for (role, seed) in HOLDERS {
        world.propose_role(role, &vault(seed)).unwrap();
        let accept = world.keys.accept_role(&vault(seed), role);
        relayed(&mut world, accept, seed);
    }
    world
}

#[test]
fn vaults_hold_every_role_and_do_all_its_work() {
    let mut world = governed_by_vaults();
    let (keys, board, watch) = (world.keys, vault(BOARD), vault(WATCH));
    let pool = world.pool();
    assert_eq!((pool.admin, pool.manager, pool.guardian), (board, vault(STEWARDS), watch));

    let fees = PoolFees { reward: 100, ..world.fees() };
    relayed(&mut world, keys.set_fees(&board, fees), BOARD);
    assert_eq!(world.pool().fees.reward, 100);
    let mut settings = world.settings();
    settings.min_deposit_lamports = SOL;
    relayed(&mut world, keys.set_parameters(&board, settings), BOARD);
    assert_eq!(world.pool().min_deposit, SOL);

    relayed(&mut world, keys.pause(&watch, Function::Deposit.bit()), WATCH);
    let ana = world.user("ana");
    let deposit = keys.deposit(&ana.wallet.pubkey(), &ana.lst, 2 * SOL, 0);
    world.expect_refusal(&deposit, &[&ana.wallet], TidepoolError::Paused);
    let outcome = relayed(&mut world, keys.resume(&watch, Function::Deposit.bit()), WATCH);
    assert_eq!(told::<PauseSet>(&outcome)[0].by, watch);
    relayed(&mut world, keys.pause(&board, Function::MASK), BOARD);
    relayed(&mut world, keys.resume(&board, Function::MASK), BOARD);

    world.chain.add_validator(&ValidatorConfig::default());
    let payer = world.operator.insecure_clone();
    let next = keys.validator(&world.chain.validator(4).vote, 4);
    let enter = relay(keys.add_validator(&vault(STEWARDS), &payer.pubkey(), &next, 50, 0), STEWARDS);
    world.validators.push(next);
    send(&mut world, &enter, &[&payer]);
    assert_eq!(world.record(4).weight, 50);

    for _ in 0..2 {
        world.run_epoch().unwrap();
    }
    assert!(world.chain.token_balance(&keys.treasury) > 0);
}

#[test]
fn a_vault_hands_its_role_to_another_and_takes_a_proposal_back() {
    let mut world = governed_by_vaults();
    let (keys, board, heirs) = (world.keys, vault(BOARD), vault(HEIRS));
    for (role, _) in HOLDERS {
        relayed(&mut world, keys.propose_role(&board, role, &heirs), BOARD);
        relayed(&mut world, keys.cancel_role_proposal(&board, role), BOARD);
        let accept = relay(keys.accept_role(&heirs, role), HEIRS);
        world.expect_refusal(&accept, &[], TidepoolError::NotTheProposed);

        relayed(&mut world, keys.propose_role(&board, role, &heirs), BOARD);
        // Not by a vault of another seed.
        let other = relay(keys.accept_role(&vault(TILL), role), TILL);
        world.expect_refusal(&other, &[], TidepoolError::NotTheProposed);
        send(&mut world, &accept, &[]);
        assert_eq!(world.pool().holder(role), heirs);
    }
    let late = relay(keys.set_fees(&board, PoolFees::default()), BOARD);
    world.expect_refusal(&late, &[], TidepoolError::NotTheAdmin);
}

/// From a vault to a wallet, with the treasury.
#[test]
fn a_vault_hands_everything_back_to_a_wallet() {
    let mut world = governed_by_vaults();
    let (keys, board) = (world.keys, vault(BOARD));
    let wallet = world.user("ana");
    relayed(&mut world, keys.propose_role(&board, Role::Treasury, &wallet.lst), BOARD);
    world.accept_treasury(&wallet.wallet, &wallet.lst).unwrap();
    for (role, _) in HOLDERS {
        relayed(&mut world, keys.propose_role(&board, role, &wallet.wallet.pubkey()), BOARD);
        world.accept_role(&wallet.wallet, role).unwrap();
        assert_eq!(world.pool().holder(role), wallet.wallet.pubkey());
    }
    assert_eq!(world.pool().treasury, wallet.lst);
}
