//! The treasury is a token account: it is handed over to a usable one of the mint, by who owns that.

use {
    crate::stage::{self, change_pool, governed, patch, send},
    tidepool_client::{events::*, Role},
    tidepool_localnet::TOKEN_2022_PROGRAM,
    tidepool_tests::prelude::*,
};

const STATE: usize = 108;
const FROZEN: u8 = 2;

fn token_account(world: &World, owner: &Keypair) -> Pubkey {
    world.chain.create_token_account(&world.keys.lst_mint, &owner.pubkey()).unwrap()
}

#[test]
fn a_new_treasury_gets_the_fees_from_its_acceptance_on_even_those_that_were_due() {
    let (mut world, cast) = governed();
    let (old, pool, owner) = (world.keys.treasury, world.keys.pool, &cast.stranger);
    let new = token_account(&world, owner);
    world.deposit("ana", 100 * SOL).unwrap();
    let due = world.pool().fee_shares_due;
    assert!(due > 0);
    let paid = world.chain.token_balance(&old);

    world.propose_role(Role::Treasury, &new).unwrap();
    let accept = world.keys.accept_treasury(&owner.pubkey(), &new);
    let outcome = change_pool(&mut world, &accept, &[owner], |pool| {
        pool.proposed[Role::Treasury as usize] = Pubkey::default();
        pool.treasury = new;
    });
    let state = stage::state(&world);
    outcome.assert_told(&RoleHandedOver { pool, role: Role::Treasury, from: old, to: new, state });

    // A sync has to name the new one.
    world.expect_refusal(&world.keys.sync_pool(), &[], TidepoolError::WrongTreasury);
    world.keys.treasury = new;
    world.sync().unwrap();
    assert_eq!((world.chain.token_balance(&old), world.chain.token_balance(&new)), (paid, due));
}

#[test]
fn a_token_account_that_could_take_no_fees_is_not_accepted() {
    let (mut world, cast) = governed();
    let owner = &cast.stranger;
    type Spoil = fn(&World, &mut Account);
    let spoil: [(&str, Spoil); 8] = [
        ("closed", |_, account| *account = Account::default()),
        ("closed and refunded", |_, account| *account = Account { lamports: SOL, ..Account::default() }),
        ("frozen", |_, account| account.data[STATE] = FROZEN),
        ("uninitialized", |_, account| account.data[STATE] = 0),
        ("of another mint", |world, account| account.data[..32].copy_from_slice(world.keys.lp_mint.as_ref())),
        ("of another program", |_, account| account.owner = TOKEN_2022_PROGRAM),
        ("a program's account", |_, account| account.owner = tidepool_interface::ID),
        ("too short", |_, account| account.data.truncate(STATE)),
    ];
    for (how, spoil) in spoil {
        let new = token_account(&world, owner);
        world.propose_role(Role::Treasury, &new).unwrap();
        patch(&world, &new, |account| spoil(&world, account));
        let accept = world.keys.accept_treasury(&owner.pubkey(), &new);
        let failure = world.expect_refusal(&accept, &[owner], TidepoolError::WrongTokenAccount);
        assert!(!failure.logs.is_empty(), "{how}");
    }
    // What a token program owns besides: the mint itself.
    let mint = world.keys.lst_mint;
    world.propose_role(Role::Treasury, &mint).unwrap();
    let accept = world.keys.accept_treasury(&owner.pubkey(), &mint);
    world.expect_refusal(&accept, &[owner], TidepoolError::WrongTokenAccount);
}

#[test]
fn only_the_owner_of_the_token_account_that_was_proposed_accepts() {
    let (mut world, cast) = governed();
    let owner = &cast.stranger;
    let (new, also_his) = (token_account(&world, owner), token_account(&world, owner));
    let accept = |signer: &Keypair, account: &Pubkey| world.keys.accept_treasury(&signer.pubkey(), account);
    world.expect_refusal(&accept(owner, &new), &[owner], TidepoolError::NotTheProposed);
    let propose = world.keys.propose_role(&cast.admin.pubkey(), Role::Treasury, &new);
    send(&mut world, &propose, &[&cast.admin]);

    let accept = |signer: &Keypair, account: &Pubkey| world.keys.accept_treasury(&signer.pubkey(), account);
    for other in cast.others(owner) {
        world.expect_refusal(&accept(other, &new), &[other], TidepoolError::NotTheProposed);
    }
    world.expect_refusal(&accept(owner, &also_his), &[owner], TidepoolError::NotTheProposed);
    let unsigned = accept(owner, &new).unsigned(&owner.pubkey());
    world.expect_refusal(&unsigned, &[], AnchorError::AccountNotSigner);
    let no_account = world.keys.accept_role(&owner.pubkey(), Role::Treasury);
    world.expect_refusal(&no_account, &[owner], TidepoolError::WrongTreasury);
    // By another mint's standards it would be usable.
    let other_mint = accept(owner, &new).with(&world.keys.lst_mint, &world.keys.lp_mint);
    world.expect_refusal(&other_mint, &[owner], TidepoolError::WrongMint);
    // A token account that is named does not make another role his.
    for role in [Role::Admin, Role::Manager, Role::Guardian] {
        let mut other_role = accept(owner, &new);
        other_role.data = world.keys.accept_role(&owner.pubkey(), role).data;
        world.expect_refusal(&other_role, &[owner], TidepoolError::NotTheProposed);
    }
    world.accept_treasury(owner, &new).unwrap();
}

/// Nobody can point the fees at what belongs to the pool itself: its authority never signs for that.
#[test]
fn the_pools_own_token_accounts_never_become_its_treasury() {
    let (mut world, cast) = governed();
    let owned = [world.keys.lst_vault, world.keys.dead_lst];
    for account in owned {
        world.propose_role(Role::Treasury, &account).unwrap();
        for signer in cast.all() {
            let accept = world.keys.accept_treasury(&signer.pubkey(), &account);
            world.expect_refusal(&accept, &[signer], TidepoolError::NotTheProposed);
        }
        let unsigned = world.keys.accept_treasury(&world.keys.authority, &account);
        world.expect_refusal(&unsigned.unsigned(&world.keys.authority), &[], AnchorError::AccountNotSigner);
    }
}

/// A token account that changed hands is accepted by who has it now.
#[test]
fn a_proposed_token_account_that_was_sold_is_its_new_owners_to_accept() {
    let (mut world, cast) = governed();
    let (first, second) = (&cast.stranger, &cast.guardian);
    let new = token_account(&world, first);
    world.propose_role(Role::Treasury, &new).unwrap();
    world.chain.set_token_owner(&new, first, &second.pubkey()).unwrap();
    let accept = world.keys.accept_treasury(&first.pubkey(), &new);
    world.expect_refusal(&accept, &[first], TidepoolError::NotTheProposed);
    world.accept_treasury(second, &new).unwrap();
}

/// `spl#2277`, `solido#400`: a treasury that is closed or frozen after it was accepted costs its owner the fees, and blocks
/// nothing.
#[test]
fn a_treasury_that_is_closed_after_its_acceptance_blocks_nothing() {
    let (mut world, cast) = governed();
    let owner = &cast.stranger;
    let new = token_account(&world, owner);
    world.propose_role(Role::Treasury, &new).unwrap();
    world.accept_treasury(owner, &new).unwrap();
    world.chain.close_token_account(&new, owner).unwrap();
    let ticket = world.order_unstake("ana", 10 * SOL).unwrap();
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    assert!(world.ticket(&ticket).is_none());
    assert_eq!(world.pool().fee_shares_due, 0, "the fees went to the holders");
    // The next one is named by the admin as ever.
    let next = token_account(&world, owner);
    world.propose_role(Role::Treasury, &next).unwrap();
    world.accept_treasury(owner, &next).unwrap();
    world.run_epoch().unwrap();
    assert!(world.chain.token_balance(&next) > 0);
}

#[test]
fn a_pool_on_token_2022_hands_its_treasury_over_alike() {
    let (mut world, cast) = stage::governed_with(WorldConfig::default().on_token_2022(&[]));
    let owner = &cast.stranger;
    let new = token_account(&world, owner);
    assert_eq!(world.account(&new).unwrap().owner, TOKEN_2022_PROGRAM);
    world.propose_role(Role::Treasury, &new).unwrap();
    world.accept_treasury(owner, &new).unwrap();
    world.deposit("ana", 100 * SOL).unwrap();
    world.sync().unwrap();
    assert!(world.chain.token_balance(&new) > 0);
}
