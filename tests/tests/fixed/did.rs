//! Whales: a reminder when enough is staked, and one token for each.

use {
    solana_signer::Signer,
    tidepool_client::{
        cluster::TOKEN_2022_PROGRAM,
        fixed::{events::WhaleDidEligible, read_did, DidParameters, FixedPoolsError, PositionKeys, Proof},
        read_events,
    },
    tidepool_localnet::{
        extensions,
        fixed_world::{standard, FixedWorld, MintConfig},
        Outcome,
    },
};

/// Number of the extension that holds a mint's metadata.
const TOKEN_METADATA: u16 = 19;

const TOKEN: u64 = 1_000_000_000;
const WHALE: u64 = 50_000 * TOKEN;

/// Two pools of one creator and mint, funded, with a collection for both.
fn world_with_whales() -> FixedWorld {
    let mut world = FixedWorld::start(&MintConfig::default()).unwrap();
    for pool_id in 0..2 {
        let pool = world.add_pool(tidepool_client::fixed::PoolParameters { pool_id, ..standard(9) }).unwrap();
        world.fund(pool, WHALE).unwrap();
    }
    let operator = world.operator.clone();
    let parameters = DidParameters {
        threshold: WHALE,
        name: "Tidepool whale".into(),
        symbol: "WHALE".into(),
        uri: "https://example.org/whale.json".into(),
    };
    let set = world.pools[0].set_did_collection(parameters);
    world.send(&[set], &[&operator.wallet]).unwrap();
    world.add_user("wally", 2 * WHALE).unwrap();
    world
}

/// Stakes, and shows what there is in the other pool if there is any.
fn stake(world: &mut FixedWorld, pool: usize, amount: u64, others: &[usize]) -> (PositionKeys, Outcome) {
    let (user, keys) = (world.user("wally"), world.pools[pool]);
    let others: Vec<_> = others.iter().map(|other| world.pools[*other]).collect();
    let position = world.next_position(pool, &user.key());
    let stake =
        keys.stake_and_remind(&user.key(), &user.tokens, &position, amount, 0, Proof::None, Some(&others));
    (position, world.send(&[stake], &[&user.wallet]).unwrap())
}

fn reminders(outcome: &Outcome) -> Vec<u64> {
    read_events::<WhaleDidEligible>(&outcome.logs).iter().map(|event| event.active_stake).collect()
}

#[test]
fn a_user_is_reminded_once_when_the_sum_over_his_pools_makes_him_a_whale() {
    let mut world = world_with_whales();
    let (_, outcome) = stake(&mut world, 0, WHALE / 2, &[]);
    assert!(reminders(&outcome).is_empty());
    let (_, outcome) = stake(&mut world, 1, WHALE / 2 - 1, &[0]);
    assert!(reminders(&outcome).is_empty(), "one unit is missing");
    let (_, outcome) = stake(&mut world, 1, TOKEN, &[0]);
    assert_eq!(reminders(&outcome), [WHALE - 1 + TOKEN]);
    let (_, outcome) = stake(&mut world, 1, TOKEN, &[0]);
    assert!(reminders(&outcome).is_empty(), "he knows it already");
    let (_, outcome) = stake(&mut world, 0, TOKEN, &[1]);
    assert!(reminders(&outcome).is_empty(), "in the other pool he knows it too");
}

#[test]
fn a_whale_has_one_token_that_cannot_be_moved_changed_or_made_again() {
    let mut world = world_with_whales();
    stake(&mut world, 0, WHALE, &[]);
    let (user, keys) = (world.user("wally"), world.pools[0]);
    let did = keys.did(&user.key());
    let mint = keys.mint_whale_did(&user.key(), &[]);
    world.send(std::slice::from_ref(&mint), &[&user.wallet]).unwrap();

    assert_eq!(world.balance(&did.token_account), 1);
    assert_eq!(world.chain.mint_supply(&did.mint), 1);
    let data = world.chain.account(&did.mint).unwrap().data;
    assert_eq!((data[0], data[46]), (0, 0), "nobody may mint or freeze");
    let found = extensions(&data);
    let metadata = found.iter().find(|extension| extension.id == TOKEN_METADATA).expect("metadata");
    assert_eq!(metadata.value[..32], [0; 32], "nobody may change it");
    let text = String::from_utf8_lossy(&metadata.value).into_owned();
    assert!(["Tidepool whale", "WHALE", "https://example.org/whale.json"].iter().all(|it| text.contains(it)));
    let record = read_did(&world.chain.account(&did.did).unwrap().data).unwrap();
    assert_eq!((record.owner, record.mint, record.active_stake), (user.key(), did.mint, WHALE));
    assert_eq!(world.user_pool(0, &user.key()).unwrap().did_minted, 1);

    let other = world.add_user("other", 0).unwrap();
    let program = world.chain.token_program_of(&did.mint);
    assert_eq!(program, TOKEN_2022_PROGRAM);
    let elsewhere = world.chain.create_associated_token_account(&did.mint, &other.wallet.pubkey()).unwrap();
    let moved = world.chain.transfer_tokens(&did.token_account, &elsewhere, &user.wallet, 1);
    assert!(moved.is_err(), "it cannot be moved");

    let again = world.send(&[mint], &[&user.wallet]).unwrap_err();
    assert_eq!(again.custom_error_code(), Some(FixedPoolsError::DidAlreadyMinted.into()));
}

/// 33 bytes of texts make a mint as long as a multisig, which the token program then makes longer.
#[test]
fn a_token_is_minted_whatever_its_texts_are_long() {
    for bytes in [3, 32, 33, 34, 35, 242] {
        let mut world = world_with_whales();
        stake(&mut world, 0, WHALE, &[]);
        let (operator, user, keys) = (world.operator.clone(), world.user("wally"), world.pools[0]);
        let name = (bytes - 2).min(32);
        let symbol = (bytes - name - 1).min(10);
        let [name, symbol, uri] = [name, symbol, bytes - name - symbol].map(|bytes| "w".repeat(bytes));
        let set = keys.set_did_collection(DidParameters { threshold: WHALE, name, symbol, uri });
        world.send(&[set], &[&operator.wallet]).unwrap();
        let mint = keys.mint_whale_did(&user.key(), &[]);
        world.send(&[mint], &[&user.wallet]).unwrap_or_else(|failure| panic!("{bytes} bytes: {failure}"));

        let mint = world.chain.account(&keys.did(&user.key()).mint).unwrap();
        let rent = world.chain.rent().minimum_balance(mint.data.len());
        assert_eq!(mint.lamports, rent, "{bytes} bytes: neither more nor less than the rent");
    }
}

#[test]
fn who_has_staked_less_or_shows_a_pool_twice_gets_no_token() {
    let mut world = world_with_whales();
    stake(&mut world, 0, WHALE - 1, &[]);
    let (user, keys) = (world.user("wally"), world.pools[0]);
    let short = world.send(&[keys.mint_whale_did(&user.key(), &[])], &[&user.wallet]).unwrap_err();
    assert_eq!(short.custom_error_code(), Some(FixedPoolsError::BelowWhaleThreshold.into()));
    let twice = world.send(&[keys.mint_whale_did(&user.key(), &[keys])], &[&user.wallet]).unwrap_err();
    assert_eq!(twice.custom_error_code(), Some(FixedPoolsError::WrongUser.into()));
    stake(&mut world, 1, TOKEN, &[]);
    let other = world.pools[1];
    let twice = keys.mint_whale_did(&user.key(), &[other, other]);
    let twice = world.send(&[twice], &[&user.wallet]).unwrap_err();
    assert_eq!(twice.custom_error_code(), Some(FixedPoolsError::WrongUser.into()));
    world.send(&[keys.mint_whale_did(&user.key(), &[other])], &[&user.wallet]).unwrap();
}
