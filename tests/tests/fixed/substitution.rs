//! Every account of every instruction of the interface, replaced in turn by all that might be taken for it: refused, and
//! where it is not, it costs nobody anything but the one who signs, as the rules below say.

use crate::matrix::{instructions, scene, write_pool, Scene};
use crate::support::*;
use serde::Deserialize;
use std::collections::BTreeSet;
use tidepool_client::fixed::DidParameters;
use tidepool_localnet::{TOKEN_2022_PROGRAM, TOKEN_PROGRAM};

#[derive(Deserialize)]
struct Interface {
    instructions: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    discriminator: [u8; 8],
    accounts: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Item {
    Group { accounts: Vec<Item> },
    Place { name: String },
}

impl Item {
    fn names(&self) -> Vec<String> {
        match self {
            Self::Group { accounts } => accounts.iter().flat_map(Self::names).collect(),
            Self::Place { name } => vec![name.clone()],
        }
    }
}

fn interface() -> Vec<Listed> {
    let interface: Interface = serde_json::from_str(include_str!("../../../idl/fixed_pools.json")).unwrap();
    interface.instructions
}

/// A valid call by the name of its instruction, with the names of its accounts.
struct Call {
    name: String,
    places: Vec<String>,
    instruction: Instruction,
    needs_emergency: bool,
}

/// [`scene`], with all that the other instructions want, and two pools more: one with a stake of bob's, one empty.
fn full_scene() -> Scene {
    let mut scene = scene();
    let world = &mut scene.world;
    let (operator, bob, carl, man) =
        (world.operator.clone(), world.user("bob"), world.user("carl"), manager());
    let keys = world.pools[0];
    for pool_id in [7, 9] {
        world.add_pool(PoolParameters { pool_id, ..product() }).unwrap();
        world.fund(world.pools.len() - 1, TOKEN).unwrap();
    }
    world.stake("bob", 1, TOKEN).unwrap();
    let whales = DidParameters { threshold: 1, name: "n".into(), symbol: "s".into(), uri: "u".into() };
    let admitted = Admitted { user: bob.key(), max_amount: 1 };
    let prepare = [
        keys.apply_whitelist(&carl.key(), 1, [0; 32]),
        keys.add_to_whitelist(&man.pubkey(), &[admitted], 0),
        keys.propose_authority(&operator.key(), &stranger().pubkey()),
        keys.set_did_collection(whales),
    ];
    for instruction in prepare {
        world.send(&[instruction], &[&operator.wallet, &carl.wallet, &man]).unwrap();
    }
    scene
}

fn calls(scene: &Scene) -> Vec<Call> {
    let world = &scene.world;
    let (keys, operator, man) = (world.pools[0], world.operator.clone(), manager().pubkey());
    let (ana, bob, carl) = (world.user("ana").key(), world.user("bob").key(), world.user("carl").key());
    let new = FixedPoolKeys::new(&operator.key(), 100, &world.mint, &TOKEN_PROGRAM);
    let whales = DidParameters { threshold: 2, name: "n".into(), symbol: "s".into(), uri: "u".into() };
    let mut all: Vec<Instruction> =
        instructions(scene).into_iter().map(|(_, instruction, _)| instruction).collect();
    all.extend([
        new.initialize_pool(PoolParameters { pool_id: 100, ..product() }),
        world.pools[2].close_pool(&operator.key(), &operator.tokens),
        keys.accept_authority(&stranger().pubkey()),
        keys.review_application(&man, &carl, Answer::Refuse { reason_code: 1 }),
        keys.remove_from_whitelist(&man, &[bob], 1),
        keys.close_whitelist_entry(&carl, &carl, &carl),
        keys.set_did_collection(whales),
        keys.mint_whale_did(&ana, &[]),
    ]);
    let interface = interface();
    let call = |instruction: Instruction| {
        let listed =
            interface.iter().find(|listed| instruction.data.starts_with(&listed.discriminator)).unwrap();
        let mut places: Vec<String> = listed.accounts.iter().flat_map(Item::names).collect();
        places.resize(instruction.accounts.len(), "further".to_string());
        let needs_emergency = ["emergency_withdraw", "end_emergency"].contains(&listed.name.as_str());
        Call { name: listed.name.clone(), places, instruction, needs_emergency }
    };
    // A pool with positions cannot be closed.
    let shut = keys.close_pool(&operator.key(), &operator.tokens);
    all.iter().filter(|it| **it != shut).cloned().map(call).collect()
}

fn set_emergency(world: &FixedWorld, is_on: bool) {
    let now = world.now();
    let until = if is_on { now + 1 } else { 0 };
    write_pool(world, |pool| pool.emergency = Suspension { since: now.min(until), until });
}

fn cast(world: &FixedWorld) -> Vec<(String, Pubkey)> {
    let mut cast = tidepool_tests::Stage::cast(world);
    let keys = [("guardian", guardian()), ("manager", manager()), ("stranger", stranger())];
    cast.extend(keys.map(|(name, key)| (name.to_string(), key.pubkey())));
    let named = [
        ("token program", TOKEN_PROGRAM),
        ("Token-2022", TOKEN_2022_PROGRAM),
        ("system program", solana_sdk_ids::system_program::ID),
        ("program that says yes", solana_sdk_ids::compute_budget::ID),
        ("fixed pools", tidepool_interface::fixed::ID),
        ("clock", solana_sdk_ids::sysvar::clock::ID),
        ("collection", world.pools[0].did_collection),
        ("empty address", world.chain.keypair("empty address").pubkey()),
    ];
    cast.extend(named.map(|(name, key)| (name.to_string(), key)));
    cast.retain(|(name, _)| name != "faucet"); // it pays for all that is tried
    cast
}

/// Whether it is taken.
fn is_taken(world: &FixedWorld, call: &Call, instruction: &Instruction) -> bool {
    match world.chain.simulate(std::slice::from_ref(instruction), &world.chain.faucet().pubkey()) {
        Ok(_) => true,
        Err(failure) => {
            let panics = |line: &String| line.contains("panicked") || line.contains("failed to complete");
            assert!(!failure.logs.iter().any(panics), "{}: {failure}", call.name);
            false
        }
    }
}

/// What of one account of a call may be otherwise, by name.
fn taken_instead(world: &FixedWorld, cast: &[(String, Pubkey)], call: &Call, index: usize) -> Vec<String> {
    let meta = &call.instruction.accounts[index];
    let mut taken = vec![];
    let mut attempt = |name: &str, change: &dyn Fn(&mut solana_instruction::AccountMeta)| {
        let mut instruction = call.instruction.clone();
        change(&mut instruction.accounts[index]);
        if is_taken(world, call, &instruction) {
            taken.push(name.to_string());
        }
    };
    if meta.is_signer {
        attempt("itself, not signing", &|meta| meta.is_signer = false);
    }
    if meta.is_writable {
        attempt("itself, read-only", &|meta| meta.is_writable = false);
    }
    for (name, key) in cast.iter().filter(|(_, key)| *key != meta.pubkey) {
        let has_key = name.ends_with("wallet")
            || ["operator", "guardian", "manager", "stranger"].contains(&name.as_str());
        if !meta.is_signer || has_key {
            attempt(name, &|meta| meta.pubkey = *key);
        }
    }
    taken
}

#[test]
fn every_instruction_of_the_interface_has_a_valid_call() {
    let scene = full_scene();
    let called: BTreeSet<String> = calls(&scene).into_iter().map(|call| call.name).collect();
    let without: Vec<String> =
        interface().into_iter().map(|listed| listed.name).filter(|name| !called.contains(name)).collect();
    assert!(without.is_empty(), "add a valid call for {without:?}");
}

#[test]
fn no_account_of_any_instruction_can_be_replaced_but_by_what_costs_nobody_anything() {
    let scene = full_scene();
    let (world, cast) = (&scene.world, cast(&scene.world));
    let mut found = BTreeSet::new();
    for call in calls(&scene) {
        set_emergency(world, call.needs_emergency);
        assert!(is_taken(world, &call, &call.instruction), "{}: the valid call fails", call.name);
        for (index, place) in call.places.iter().enumerate() {
            for name in taken_instead(world, &cast, &call, index) {
                found.insert(format!("{}: {place} is {name}", call.name));
            }
        }
    }
    let rules: BTreeSet<String> = HARMLESS
        .iter()
        .flat_map(|(instruction, place, who)| {
            who.iter().map(move |who| format!("{instruction}: {place} is {who}"))
        })
        .collect();
    let wrong: Vec<&String> = found.symmetric_difference(&rules).collect();
    assert!(wrong.is_empty(), "{} differ from the rules:\n{wrong:#?}", wrong.len());
}

#[test]
fn no_account_can_be_replaced_by_a_copy_that_another_program_owns() {
    let scene = full_scene();
    let world = &scene.world;
    let owners = [tidepool_interface::fixed::ID, TOKEN_PROGRAM];
    let mut tried = BTreeSet::new();
    for call in calls(&scene) {
        set_emergency(world, call.needs_emergency);
        for (index, place) in call.places.iter().enumerate() {
            let meta = &call.instruction.accounts[index];
            let Some(mut copy) = world.chain.account(&meta.pubkey).filter(|it| owners.contains(&it.owner))
            else {
                continue;
            };
            let elsewhere = world.chain.keypair(&format!("copy of {}", meta.pubkey)).pubkey();
            copy.owner = stranger().pubkey();
            world.chain.set_account(&elsewhere, &copy);
            let spoilt = call.instruction.clone().with(&meta.pubkey, &elsewhere);
            assert!(!is_taken(world, &call, &spoilt), "{}: {place}", call.name);
            tried.insert((call.name.clone(), place.clone()));
        }
    }
    assert!(tried.len() > 100, "{}", tried.len());
}

/// The authority of a pool can do the same to another that is his.
const HIS_OTHER_POOLS: &[&str] = &["pool 1", "pool 2"];
/// What comes out is the authority's, to send where he likes: every account of the mint, but the pool's own vaults.
const ANY_TOKENS: &[&str] =
    &["ana's tokens", "bob's tokens", "carl's tokens", "principal vault 1", "reward vault 1"];
/// An open pool does not look at them.
const ENTRIES: &[&str] = &["bob's whitelist entry 0", "carl's whitelist entry 0"];

/// By instruction and account, what may stand there instead.
const HARMLESS: &[(&str, &str, &[&str])] = &[
    // It pays the owner, whoever sends it.
    (
        "claim",
        "claimer",
        &["ana's wallet", "bob's wallet", "carl's wallet", "guardian", "manager", "operator", "stranger"],
    ),
    (
        "claim_many",
        "claimer",
        &["bob's wallet", "carl's wallet", "guardian", "manager", "operator", "stranger"],
    ),
    // Another position of the same owner, who signs or is paid.
    ("claim", "position", &["ana's position 0", "ana's position 1", "ana's position 2"]),
    ("claim_many", "further", &["ana's position 0", "ana's position 1", "ana's position 2"]),
    ("compound", "position", &["ana's position 0", "ana's position 1"]),
    ("emergency_withdraw", "position", &["ana's position 0", "ana's position 1"]),
    ("pending_reward", "position", &["ana's position 0", "ana's position 1", "bob's position 0"]),
    ("stake", "whitelist_entry", ENTRIES),
    ("compound", "whitelist_entry", ENTRIES),
    ("roll_over", "whitelist_entry", ENTRIES),
    // The pool's own, to be reminded by.
    ("stake", "did_collection", &["collection"]),
    // The owner has paid the rent himself: one account in two places, which is writable if it is in one.
    ("roll_over", "owner", &["itself, read-only"]),
    ("roll_over", "rent_payer", &["itself, read-only"]),
    // The authority can do all that the guardian can.
    ("begin_emergency", "guardian", &["operator"]),
    ("pause", "guardian", &["operator"]),
    ("begin_emergency", "pool", HIS_OTHER_POOLS),
    ("pause", "pool", HIS_OTHER_POOLS),
    ("resume", "pool", HIS_OTHER_POOLS),
    ("propose_authority", "pool", HIS_OTHER_POOLS),
    ("set_merkle_root", "pool", HIS_OTHER_POOLS),
    ("set_roles", "pool", HIS_OTHER_POOLS),
    ("set_terms", "pool", HIS_OTHER_POOLS),
    ("close_pool", "to", ANY_TOKENS),
    ("close_pool", "to", &["principal vault 0", "reward vault 0"]),
    ("withdraw_excess", "to", ANY_TOKENS),
    ("withdraw_excess", "to", &["principal vault 2", "reward vault 2"]),
];
