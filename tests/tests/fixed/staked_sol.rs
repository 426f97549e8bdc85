//! SOL itself and the LST of a Tidepool pool, staked at a fixed rate.

use crate::support::*;
use tidepool_client::fixed::{read_pool, read_position};
use tidepool_localnet::{
    world::built_program, Chain, ChainConfig, World, WorldConfig, MINT_LEN, TOKEN_PROGRAM,
};

pub const WRAPPED_SOL: Pubkey = Pubkey::from_str_const("So11111111111111111111111111111111111111112");

/// Lamports become tokens of a wrapped SOL account.
pub fn wrap(chain: &Chain, account: &Pubkey, owner: &Keypair, lamports: u64) {
    const SYNC_NATIVE: u8 = 17;
    let pay = solana_system_interface::instruction::transfer(&owner.pubkey(), account, lamports);
    let accounts = vec![solana_instruction::AccountMeta::new(*account, false)];
    let sync = Instruction { program_id: TOKEN_PROGRAM, accounts, data: vec![SYNC_NATIVE] };
    chain.send(&[pay, sync], &[owner]).unwrap();
}

/// The mint of wrapped SOL as every cluster has it.
pub fn with_wrapped_sol(chain: &Chain) {
    let mut data = vec![0; MINT_LEN];
    (data[44], data[45]) = (9, 1);
    let lamports = chain.rent().minimum_balance(MINT_LEN);
    let mint = solana_account::Account { lamports, data, owner: TOKEN_PROGRAM, ..Default::default() };
    chain.set_account(&WRAPPED_SOL, &mint);
}

#[test]
fn wrapped_sol_is_staked_and_comes_back_and_lamports_sent_to_vaults_do_no_harm() {
    let mut world = FixedWorld::start(&MintConfig::default()).unwrap();
    with_wrapped_sol(&world.chain);
    world.mint = WRAPPED_SOL;
    let operator_tokens = world.chain.create_token_account(&WRAPPED_SOL, &world.operator.key()).unwrap();
    world.operator.tokens = operator_tokens;
    let (operator, ana) = (world.operator.clone(), world.add_user("ana", 0).unwrap());
    wrap(&world.chain, &ana.tokens, &ana.wallet, 5 * SOL);
    wrap(&world.chain, &operator.tokens, &operator.wallet, SOL);
    world.add_pool(standard(9)).unwrap();
    let keys = world.pools[0];
    let fund = keys.fund_rewards(&operator.key(), &operator.tokens, SOL);
    world.send(&[fund], &[&operator.wallet]).unwrap();
    let position = world.stake("ana", 0, 5 * SOL).unwrap();

    // As plain lamports, and made tokens by anybody.
    world.chain.airdrop(&keys.principal_vault, 3 * SOL).unwrap();
    world.chain.airdrop(&keys.reward_vault, 1).unwrap();
    wrap(&world.chain, &keys.principal_vault, &ana.wallet, SOL);
    world.check_books();
    world.send(&[keys.sweep_surplus()], &[]).unwrap();
    assert_eq!((world.principal_balance(0), world.reward_balance(0)), (5 * SOL, 5 * SOL));

    world.go_to(OPENING + YEAR);
    world.unstake("ana", 0, &position).unwrap();
    assert_eq!(world.tokens_of("ana"), 5 * SOL + 400_000_000);
    let close = keys.close_pool(&operator.key(), &operator.tokens);
    world.send(&[close], &[&operator.wallet]).unwrap();
    assert_eq!(world.balance(&operator.tokens), 5 * SOL - 400_000_000);
}

/// Past the world, whose ledger knows of SOL that goes to and from the LST's pool alone.
fn send(world: &World, instruction: Instruction, signer: &Keypair) {
    world.chain.send(&[instruction], &[signer]).unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn the_lst_of_a_tidepool_pool_is_staked_and_gains_on_top() {
    let program = built_program("fixed_pools").unwrap();
    let chain = ChainConfig::default().with_program(tidepool_interface::fixed::ID, program);
    let config = WorldConfig { chain, ..WorldConfig::default() };
    let mut world = World::start(config).unwrap();
    let ana = world.add_user("ana", 1_000 * SOL).unwrap();
    world.deposit("ana", 500 * SOL).unwrap();
    let operator = world.operator.insecure_clone();
    let now = world.chain.clock().unix_timestamp;
    let mut parameters = standard(9);
    (parameters.terms.start, parameters.terms.end) = (now, now + DAY);
    parameters.lock_seconds = DAY as u64;
    let keys = FixedPoolKeys::new(&operator.pubkey(), 0, &world.keys.lst_mint, &world.keys.token_program);
    send(&world, keys.initialize_pool(parameters), &operator);
    let fund = keys.fund_rewards(&ana.wallet.pubkey(), &ana.lst, SOL);
    send(&world, fund, &ana.wallet);

    let position = keys.position(&ana.wallet.pubkey(), 0);
    let stake = keys.stake(&ana.wallet.pubkey(), &ana.lst, &position, 100 * SOL, 0, Proof::None);
    send(&world, stake, &ana.wallet);
    let before = world.lst_of("ana");
    let full = reward(100 * SOL, 800, DAY);
    let data = |world: &World, key: &Pubkey| world.account(key).unwrap().data;
    assert_eq!(read_position(&data(&world, &position.position)).unwrap().full_reward, full);

    // Four epochs are eight days, in which the LST earns what the chain's stake does.
    let then = world.rate();
    (0..4).for_each(|_| world.run_epoch().map(drop).unwrap());
    assert!(world.chain.clock().unix_timestamp >= now + DAY);
    let unstake = keys.unstake(&position, &ana.wallet.pubkey(), &ana.lst, full);
    send(&world, unstake, &ana.wallet);
    assert_eq!(world.lst_of("ana"), before + 100 * SOL + full);
    assert_eq!(read_pool(&data(&world, &keys.pool)).unwrap().total_staked, 0);
    let worth = |value: u64, supply: u64| u128::from(value) * u128::from(supply);
    let now = world.rate();
    assert!(worth(now.value.0, then.supply.0) > worth(then.value.0, now.supply.0));
}
