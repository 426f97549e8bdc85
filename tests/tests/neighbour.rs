//! An address of another program holds every role a wallet can hold, and another program can read the rate.

use {
    solana_instruction::error::InstructionError,
    tidepool_client::{PoolFees, Role},
    tidepool_interface::header::Function,
    tidepool_localnet::Chain,
    tidepool_tests::{
        neighbour::{self, rate_reading, read_rate, relay, vault, RateReading},
        prelude::*,
    },
};

const SEED: &[u8] = b"treasury of three";

/// A vault of the neighbour with SOL, a token account for the LST and one for liquidity shares.
struct Vault {
    key: Pubkey,
    lst: Pubkey,
    lp: Pubkey,
}

/// A pool in which ana has SOL and the vault has 1,000.
fn start(config: WorldConfig) -> (World, Vault) {
    let mut world = World::start(neighbour::beside(config)).unwrap().with_user("ana", 2_000 * SOL).unwrap();
    let key = vault(SEED);
    world.chain.airdrop(&key, 1_000 * SOL).unwrap();
    world.add_vault(&key);
    let account = |mint: &Pubkey| world.chain.create_token_account(mint, &key).unwrap();
    let (lst, lp) = (account(&world.keys.lst_mint), account(&world.keys.lp_mint));
    (world, Vault { key, lst, lp })
}

fn without_fees() -> (World, Vault) {
    start(WorldConfig::default().without_fees())
}

fn relayed(world: &mut World, instruction: Instruction, signers: &[&Keypair]) -> Outcome {
    world.send(&[relay(instruction, SEED)], signers).unwrap_or_else(|failure| panic!("{failure}"))
}

/// The vault orders the unstaking of `lst`, its rent paid by the faucet.
fn order(world: &mut World, vault: &Vault, lst: u64, nonce: u64) -> OpenTicket {
    let rent_payer = world.chain.faucet().pubkey();
    let key = pda::ticket(&world.keys.pool, &vault.key, nonce).0;
    let ticket = OpenTicket { key, owner: vault.key, rent_payer };
    world.tickets.push(ticket.clone());
    let order = world.keys.order_unstake(&vault.key, &rent_payer, &vault.lst, lst, 0, nonce);
    relayed(world, order, &[]);
    ticket
}

fn run_epochs(world: &mut World, epochs: usize) {
    for _ in 0..epochs {
        world.run_epoch().unwrap();
    }
}

#[test]
fn a_vault_deposits() {
    let (mut world, vault) = without_fees();
    let (keys, slot) = (world.keys, world.chain.slot());
    let deposit = relay(keys.deposit(&vault.key, &vault.lst, 100 * SOL, 100 * SOL), SEED);
    world.expect_change(&deposit, &[], |expected| {
        expected.releases(slot);
        expected.moves(&vault.key, &keys.reserve, 100 * SOL);
        expected.mints(&keys.lst_mint, &vault.lst, 100 * SOL);
        expected.pool(|pool| {
            pool.reserve_lamports += 100 * SOL;
            pool.value_floor += 100 * SOL;
            pool.lst_supply += 100 * SOL;
        });
    });
}

#[test]
fn a_vault_orders_and_anyone_claims_for_it() {
    let (mut world, vault) = without_fees();
    let deposit = world.keys.deposit(&vault.key, &vault.lst, 600 * SOL, 0);
    relayed(&mut world, deposit, &[]);
    run_epochs(&mut world, 3);

    let ticket = order(&mut world, &vault, 200 * SOL, 7);
    let owed = world.ticket(&ticket).unwrap().lamports;
    assert!(owed > 200 * SOL, "it has earned: {owed}");
    let before = world.chain.lamports(&vault.key);
    run_epochs(&mut world, 3); // whoever works the edge claims; the vault is not even called
    assert_eq!(world.account(&ticket.key), None);
    assert_eq!(world.chain.lamports(&vault.key), before + owed);
}

#[test]
fn a_vault_hands_its_ticket_over() {
    let (mut world, vault) = without_fees();
    let deposit = world.keys.deposit(&vault.key, &vault.lst, 600 * SOL, 0);
    relayed(&mut world, deposit, &[]);
    let ticket = order(&mut world, &vault, 200 * SOL, 0);
    let ana = world.user("ana").wallet.pubkey();
    let transfer = world.keys.transfer_ticket(&ticket.key, &vault.key, &ana);
    relayed(&mut world, transfer, &[]);
    assert_eq!(world.ticket(&ticket).unwrap().owner, ana);
}

#[test]
fn a_vault_sells_to_the_liquidity_pool() {
    let (mut world, vault) = without_fees();
    world.add_liquidity("ana", 500 * SOL).unwrap();
    let deposit = world.keys.deposit(&vault.key, &vault.lst, 100 * SOL, 0);
    relayed(&mut world, deposit, &[]);
    world.advance(tidepool_localnet::Chain::next_slot);
    let before = world.chain.lamports(&vault.key);
    let exit = world.keys.liquid_unstake(&vault.key, &vault.lst, 40 * SOL, 40 * SOL);
    relayed(&mut world, exit, &[]);
    assert_eq!(world.chain.lamports(&vault.key), before + 40 * SOL);
    assert_eq!(world.chain.token_balance(&vault.lst), 60 * SOL);
}

#[test]
fn a_vault_provides_liquidity_and_takes_it_back() {
    let (mut world, vault) = without_fees();
    let before = world.chain.lamports(&vault.key);
    let add = world.keys.add_liquidity(&vault.key, &vault.lp, 300 * SOL, 300 * SOL);
    relayed(&mut world, add, &[]);
    let shares = world.chain.token_balance(&vault.lp);
    assert_eq!((world.chain.lamports(&vault.key), shares), (before - 300 * SOL, 300 * SOL));

    let remove = world.keys.remove_liquidity(&vault.key, &vault.lp, &vault.lst, shares, 0, 0);
    relayed(&mut world, remove, &[]);
    assert_eq!((world.chain.lamports(&vault.key), world.chain.token_balance(&vault.lp)), (before, 0));
}

#[test]
fn a_vault_that_is_the_manager_enters_a_validator_and_nobody_else_does() {
    let mut config = WorldConfig::default().with_parameters(|p| p.manager = vault(SEED));
    config.weights.clear();
    let (mut world, vault) = start(config);
    let payer = world.operator.insecure_clone();
    let validator = world.keys.validator(&world.chain.validator(0).vote, 0);
    world.deposit("ana", 100 * SOL).unwrap();

    let by_operator = world.keys.add_validator(&payer.pubkey(), &payer.pubkey(), &validator, 100, 0);
    world.expect_refusal(&by_operator, &[&payer], TidepoolError::NotTheManager);
    let other = neighbour::vault(b"another");
    let by_another = world.keys.add_validator(&other, &payer.pubkey(), &validator, 100, 0);
    world.expect_refusal(&relay(by_another, b"another"), &[&payer], TidepoolError::NotTheManager);

    let enter = world.keys.add_validator(&vault.key, &payer.pubkey(), &validator, 100, 0);
    world.validators.push(validator);
    relayed(&mut world, enter, &[&payer]);
    assert!(world.record(0).is_listed());
    assert_eq!(world.record(0).vote, validator.vote);
}

#[test]
fn a_vault_that_is_the_guardian_pauses() {
    let (mut world, vault) = start(WorldConfig::default().with_parameters(|p| p.guardian = vault(SEED)));
    let ana = world.user("ana");
    let deposit = world.keys.deposit(&ana.wallet.pubkey(), &ana.lst, SOL, 0);
    world.send(std::slice::from_ref(&deposit), &[&ana.wallet]).unwrap();
    let pause = world.keys.pause(&vault.key, Function::Deposit.bit());
    relayed(&mut world, pause, &[]);
    world.expect_refusal(&deposit, &[&ana.wallet], TidepoolError::Paused);
}

#[test]
fn a_vault_becomes_the_admin() {
    let (mut world, vault) = start(WorldConfig::default());
    let operator = world.operator.insecure_clone();
    let propose = world.keys.propose_role(&operator.pubkey(), Role::Admin, &vault.key);
    world.send(&[propose], &[&operator]).unwrap();
    let accept = world.keys.accept_role(&vault.key, Role::Admin);
    relayed(&mut world, accept, &[]);

    let fees = PoolFees { reward: 100, ..world.pool().fees };
    let by_operator = world.keys.set_fees(&operator.pubkey(), fees);
    world.expect_refusal(&by_operator, &[&operator], TidepoolError::NotTheAdmin);
    let by_vault = world.keys.set_fees(&vault.key, fees);
    relayed(&mut world, by_vault, &[]);
    assert_eq!(world.pool().fees.reward, 100);
}

#[test]
fn fees_go_to_a_token_account_of_a_vault() {
    let (mut world, vault) = start(WorldConfig::default());
    let operator = world.operator.insecure_clone();
    let propose = world.keys.propose_role(&operator.pubkey(), Role::Treasury, &vault.lst);
    world.send(&[propose], &[&operator]).unwrap();
    let accept = world.keys.accept_treasury(&vault.key, &vault.lst);
    relayed(&mut world, accept, &[]);
    world.keys.treasury = vault.lst;

    world.deposit("ana", 1_000 * SOL).unwrap();
    world.add_liquidity("ana", 100 * SOL).unwrap();
    run_epochs(&mut world, 3);
    let fees = world.chain.token_balance(&vault.lst);
    assert!(fees > 0);
    let before = world.chain.lamports(&vault.key);
    let spend = world.keys.liquid_unstake(&vault.key, &vault.lst, fees, 0);
    relayed(&mut world, spend, &[]);
    assert!(world.chain.lamports(&vault.key) > before);
}

#[test]
fn the_neighbour_signs_for_its_own_vaults_alone() {
    let (mut world, vault) = without_fees();
    let deposit = world.keys.deposit(&vault.key, &vault.lst, SOL, 0);
    let mut other_seed = relay(deposit.clone(), SEED);
    other_seed.data[2] ^= 1;
    let mut for_ana = deposit.clone();
    for_ana.accounts.iter_mut().filter(|meta| meta.pubkey == vault.key).for_each(|meta| {
        meta.pubkey = world.user("ana").wallet.pubkey();
        meta.is_signer = false;
    });
    let mut relayed_for_ana = relay(deposit.clone(), SEED);
    relayed_for_ana.accounts.splice(1.., for_ana.accounts);
    for stolen in [other_seed, relayed_for_ana] {
        let failure = world.expect_failure(&[stolen], &[]);
        assert_eq!(failure.custom_error_code(), Some(AnchorError::AccountNotSigner.into()), "{failure}");
    }
    relayed(&mut world, deposit, &[]);
}

#[test]
fn what_tidepool_refuses_the_caller_is_told() {
    let (mut world, vault) = without_fees();
    let deposit = world.keys.deposit(&vault.key, &vault.lst, SOL, SOL + 1);
    world.expect_refusal(&relay(deposit, SEED), &[], TidepoolError::BelowMinimumOut);
    let twice = [(SOL, SOL), (SOL, SOL + 1)]
        .map(|(lamports, min)| relay(world.keys.deposit(&vault.key, &vault.lst, lamports, min), SEED));
    world.send(&twice, &[]).unwrap_err();
    assert_eq!(world.chain.token_balance(&vault.lst), 0, "one refusal undoes all");
}

#[test]
fn an_integrator_reads_the_rate_by_call_and_by_bytes() {
    let (mut world, _) = start(WorldConfig::default());
    world.deposit("ana", 1_000 * SOL).unwrap();
    run_epochs(&mut world, 3);
    let mut readings = vec![];
    for _ in 0..3 {
        let expected = world.rate();
        let outcome = world.send(&[read_rate(&world.keys.pool)], &[]).unwrap();
        let reading = rate_reading(&outcome);
        assert_eq!(reading, RateReading { told: expected, seen: expected });
        readings.push(reading.seen.value);
        world.advance(Chain::next_slot);
    }
    // Nobody touched the pool in between: the rate moves by itself.
    assert!(readings.is_sorted_by(|a, b| a < b), "{readings:?}");
}

#[test]
fn an_integrator_takes_nothing_else_for_a_pool() {
    let (world, _) = start(WorldConfig::default());
    let keys = world.keys;
    for not_a_pool in [keys.liquidity, keys.lst_mint, keys.reserve, world.validators[0].page] {
        world.expect_failure(&[read_rate(&not_a_pool)], &[]);
    }
    // Another program in Tidepool's place is not called, so what it would say does not matter.
    let elsewhere = read_rate(&keys.pool).with(&tidepool_interface::ID, &cluster::TOKEN_PROGRAM);
    let failure = world.expect_failure(&[elsewhere], &[]);
    assert_eq!(failure.instruction_error(), Some(InstructionError::MissingAccount), "{failure}");
}
