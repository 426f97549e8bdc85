use {
    solana_instruction::{AccountMeta, Instruction},
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_localnet::{
        stake_interface::{instruction as stake, state::{Authorized, Lockup, StakeStateV2}},
        Chain, ChainConfig, ValidatorConfig, LAMPORTS_PER_SOL as SOL,
    },
};
const STAKE: Pubkey = solana_sdk_ids::stake::ID;

fn created(chain: &Chain, lamports: u64, who: &Keypair) -> Pubkey {
    let key = chain.fresh_keypair();
    let ixs = stake::create_account(&who.pubkey(), &key.pubkey(), &Authorized::auto(&who.pubkey()), &Lockup::default(), lamports);
    chain.send(&ixs, &[who, &key]).unwrap();
    key.pubkey()
}
fn blank(chain: &Chain, lamports: u64, who: &Keypair) -> Pubkey {
    let key = chain.fresh_keypair();
    chain.send(&[solana_system_interface::instruction::create_account(&who.pubkey(), &key.pubkey(), lamports, 200, &STAKE)], &[who, &key]).unwrap();
    key.pubkey()
}
fn delegated(chain: &Chain, lamports: u64, vote: &Pubkey, who: &Keypair) -> Pubkey {
    let key = created(chain, lamports, who);
    chain.send(&[stake::delegate_stake(&key, &who.pubkey(), vote)], &[who]).unwrap();
    key
}
fn show(chain: &Chain, what: &str, r: Result<tidepool_localnet::Outcome, tidepool_localnet::Failure>) -> bool {
    let _ = chain;
    match r {
        Ok(o) => { println!("   OK {what}: {:?} bytes {}", o.consumed_by(&STAKE), o.bytes); true }
        Err(e) => { println!("   ERR {what}: {:?} {:?}", e.error, e.logs.get(1..e.logs.len().min(3))); false }
    }
}
fn state(chain: &Chain, key: &Pubkey) -> String {
    let l = chain.lamports(key);
    match chain.stake_state(key) {
        Some(StakeStateV2::Stake(m, s, f)) => {
            #[allow(deprecated)] let r = m.rent_exempt_reserve;
            format!("Stake lamports {l} reserve {r} delegated {} act {} deact {} voter {} {:?} flags {f:?}", s.delegation.stake, s.delegation.activation_epoch as i64, s.delegation.deactivation_epoch as i64, &s.delegation.voter_pubkey.to_string()[..4], chain.stake_activation(key))
        }
        Some(StakeStateV2::Initialized(_)) => format!("Initialized lamports {l}"),
        Some(_) => format!("Uninit lamports {l}"),
        None => format!("none: {:?}", chain.account(key)),
    }
}
fn with(ix: &Instruction, accounts: Vec<AccountMeta>) -> Instruction {
    Instruction { program_id: ix.program_id, accounts, data: ix.data.clone() }
}
fn w(k: &Pubkey) -> AccountMeta { AccountMeta::new(*k, false) }
fn r(k: &Pubkey) -> AccountMeta { AccountMeta::new_readonly(*k, false) }
fn s(k: &Keypair) -> AccountMeta { AccountMeta::new_readonly(k.pubkey(), true) }

#[test]
fn probe() {
    let mut chain = Chain::start(ChainConfig::default().with_validators(vec![ValidatorConfig::default().with_commission_bps(0); 3])).unwrap();
    let who = chain.wallet("who", 100_000 * SOL).unwrap();
    let (v0, v1) = (chain.validator(0).vote, chain.validator(1).vote);
    let (clock, history, rent) = (solana_sdk_ids::sysvar::clock::ID, solana_sdk_ids::sysvar::stake_history::ID, solana_sdk_ids::sysvar::rent::ID);
    #[allow(deprecated)]
    let config = solana_sdk_ids::stake::config::ID;
    println!("== initialize");
    let rentmin = chain.rent().minimum_balance(200);
    let k = blank(&chain, 2 * SOL, &who);
    let full = stake::initialize(&k, &Authorized::auto(&who.pubkey()), &Lockup::default());
    show(&chain, "full", chain.send(&[full.clone()], &[&who]));
    let k = blank(&chain, 2 * SOL, &who);
    show(&chain, "[stake]", chain.send(&[with(&full, vec![w(&k)])], &[&who]));
    let k = blank(&chain, 2 * SOL, &who);
    show(&chain, "initialize_checked full", chain.send(&[stake::initialize_checked(&k, &Authorized::auto(&who.pubkey()))], &[&who]));
    let k = blank(&chain, 2 * SOL, &who);
    let ic = stake::initialize_checked(&k, &Authorized::auto(&who.pubkey()));
    show(&chain, "checked [stake, staker, withdrawer]", chain.send(&[with(&ic, vec![w(&k), r(&who.pubkey()), s(&who)])], &[&who]));
    let _ = rent;

    println!("== delegate");
    let lists: Vec<(&str, Box<dyn Fn(&Pubkey) -> Vec<AccountMeta>>)> = vec![
        ("full", Box::new(|k| vec![w(k), r(&v0), r(&clock), r(&history), r(&config), s(&who)])),
        ("stake vote clock history config(any: system) auth", Box::new(|k| vec![w(k), r(&v0), r(&clock), r(&history), r(&Pubkey::default()), s(&who)])),
        ("stake vote clock history config=history auth", Box::new(|k| vec![w(k), r(&v0), r(&clock), r(&history), r(&history), s(&who)])),
        ("stake vote clock clock clock auth", Box::new(|k| vec![w(k), r(&v0), r(&clock), r(&clock), r(&clock), s(&who)])),
        ("stake vote clock history auth", Box::new(|k| vec![w(k), r(&v0), r(&clock), r(&history), s(&who)])),
        ("stake vote clock auth", Box::new(|k| vec![w(k), r(&v0), r(&clock), s(&who)])),
        ("stake vote auth", Box::new(|k| vec![w(k), r(&v0), s(&who)])),
        ("stake vote vote vote vote auth", Box::new(|k| vec![w(k), r(&v0), r(&v0), r(&v0), r(&v0), s(&who)])),
    ];
    for (name, list) in &lists {
        let k = created(&chain, 2 * SOL, &who);
        let ix = stake::delegate_stake(&k, &who.pubkey(), &v0);
        if show(&chain, name, chain.send(&[with(&ix, list(&k))], &[&who])) { println!("{}", state(&chain, &k)); }
    }
    println!("== deactivate");
    let lists: Vec<(&str, Box<dyn Fn(&Pubkey) -> Vec<AccountMeta>>)> = vec![
        ("full", Box::new(|k| vec![w(k), r(&clock), s(&who)])),
        ("stake auth", Box::new(|k| vec![w(k), s(&who)])),
        ("stake stake auth", Box::new(|k| vec![w(k), r(k), s(&who)])),
    ];
    for (name, list) in &lists {
        let k = delegated(&chain, 2 * SOL, &v0, &who);
        let ix = stake::deactivate_stake(&k, &who.pubkey());
        show(&chain, name, chain.send(&[with(&ix, list(&k))], &[&who]));
    }
    println!("== withdraw");
    let to = chain.keypair("to").pubkey();
    let lists: Vec<(&str, Box<dyn Fn(&Pubkey) -> Vec<AccountMeta>>)> = vec![
        ("full", Box::new(|k| vec![w(k), w(&to), r(&clock), r(&history), s(&who)])),
        ("stake to clock auth", Box::new(|k| vec![w(k), w(&to), r(&clock), s(&who)])),
        ("stake to auth", Box::new(|k| vec![w(k), w(&to), s(&who)])),
    ];
    for (name, list) in &lists {
        let k = created(&chain, 2 * SOL, &who);
        let ix = stake::withdraw(&k, &who.pubkey(), &to, SOL, None);
        show(&chain, name, chain.send(&[with(&ix, list(&k))], &[&who]));
        let ix = stake::withdraw(&k, &who.pubkey(), &to, SOL, None);
        show(&chain, &format!("{name} all"), chain.send(&[with(&ix, list(&k))], &[&who]));
        println!("{}", state(&chain, &k));
    }
    println!("== minimum delegation");
    show(&chain, "[]", chain.send(&[stake::get_minimum_delegation()], &[&who]));
    println!("{:?}", chain.send(&[stake::get_minimum_delegation()], &[&who]).unwrap().return_data);

    // active ones
    let active: Vec<Pubkey> = (0..12).map(|_| delegated(&chain, 10 * SOL + rentmin, &v0, &who)).collect();
    let cooled: Vec<Pubkey> = (0..8).map(|_| delegated(&chain, 5 * SOL + rentmin, &v0, &who)).collect();
    chain.run_epoch();
    for k in &cooled { chain.send(&[stake::deactivate_stake(k, &who.pubkey())], &[&who]).unwrap(); }
    println!("deactivating: {}", state(&chain, &cooled[0]));
    show(&chain, "MoveStake to deactivating", chain.send(&[stake::move_stake(&active[0], &cooled[0], &who.pubkey(), SOL)], &[&who]));
    show(&chain, "MoveLamports to deactivating", chain.send(&[stake::move_lamports(&active[0], &cooled[0], &who.pubkey(), 1)], &[&who]));
    chain.run_epoch();
    println!("cooled: {}", state(&chain, &cooled[0]));
    println!("active: {}", state(&chain, &active[0]));

    println!("== MoveStake");
    let init = created(&chain, rentmin, &who);
    show(&chain, "to Initialized 4 SOL", chain.send(&[stake::move_stake(&active[0], &init, &who.pubkey(), 4 * SOL)], &[&who]));
    println!("  src {}\n  dst {}", state(&chain, &active[0]), state(&chain, &init));
    show(&chain, "below min", chain.send(&[stake::move_stake(&active[1], &created(&chain, rentmin, &who), &who.pubkey(), SOL - 1)], &[&who]));
    let d = chain.delegation(&active[1]).unwrap().stake;
    chain.add_lamports(&active[1], 77);
    let init2 = created(&chain, rentmin, &who);
    show(&chain, "all, source with 77 free, to Initialized", chain.send(&[stake::move_stake(&active[1], &init2, &who.pubkey(), d)], &[&who]));
    println!("  src {}\n  dst {}", state(&chain, &active[1]), state(&chain, &init2));
    show(&chain, "to cooled (which holds 5 SOL inactive)", chain.send(&[stake::move_stake(&active[2], &cooled[1], &who.pubkey(), 4 * SOL)], &[&who]));
    println!("  src {}\n  dst {}", state(&chain, &active[2]), state(&chain, &cooled[1]));
    let d = chain.delegation(&active[3]).unwrap().stake;
    show(&chain, "all to cooled", chain.send(&[stake::move_stake(&active[3], &cooled[2], &who.pubkey(), d)], &[&who]));
    println!("  src {}\n  dst {}", state(&chain, &active[3]), state(&chain, &cooled[2]));
    show(&chain, "active to active", chain.send(&[stake::move_stake(&active[4], &active[5], &who.pubkey(), 4 * SOL)], &[&who]));
    println!("  src {}\n  dst {}", state(&chain, &active[4]), state(&chain, &active[5]));
    show(&chain, "leaving less than min", chain.send(&[stake::move_stake(&active[4], &active[5], &who.pubkey(), 6 * SOL - SOL/2)], &[&who]));
    show(&chain, "to self", chain.send(&[stake::move_stake(&active[4], &active[4], &who.pubkey(), SOL)], &[&who]));
    let ix = stake::move_stake(&active[4], &active[5], &who.pubkey(), SOL);
    println!("   movestake list {:?}", ix.accounts.len());
    println!("== MoveLamports");
    chain.add_lamports(&active[6], 100);
    show(&chain, "100 active to active", chain.send(&[stake::move_lamports(&active[6], &active[7], &who.pubkey(), 100)], &[&who]));
    show(&chain, "1 too much", chain.send(&[stake::move_lamports(&active[6], &active[7], &who.pubkey(), 1)], &[&who]));
    show(&chain, "cooled to active 5 SOL", chain.send(&[stake::move_lamports(&cooled[3], &active[7], &who.pubkey(), 5 * SOL)], &[&who]));
    println!("  src {}\n  dst {}", state(&chain, &cooled[3]), state(&chain, &active[7]));
    println!("== (4) delegate cooled");
    show(&chain, "same voter", chain.send(&[stake::delegate_stake(&cooled[4], &who.pubkey(), &v0)], &[&who]));
    println!("  {}", state(&chain, &cooled[4]));
    show(&chain, "other voter", chain.send(&[stake::delegate_stake(&cooled[5], &who.pubkey(), &v1)], &[&who]));
    println!("  {}", state(&chain, &cooled[5]));
    chain.add_lamports(&cooled[5], SOL);
    show(&chain, "activating, same voter, more", chain.send(&[stake::delegate_stake(&cooled[5], &who.pubkey(), &v1)], &[&who]));
    println!("  {}", state(&chain, &cooled[5]));
    show(&chain, "activating, other voter", chain.send(&[stake::delegate_stake(&cooled[5], &who.pubkey(), &v0)], &[&who]));
    println!("  {}", state(&chain, &cooled[5]));
    show(&chain, "active, same voter", chain.send(&[stake::delegate_stake(&active[8], &who.pubkey(), &v0)], &[&who]));
    show(&chain, "active, other voter", chain.send(&[stake::delegate_stake(&active[8], &who.pubkey(), &v1)], &[&who]));
    chain.send(&[stake::deactivate_stake(&active[8], &who.pubkey())], &[&who]).unwrap();
    show(&chain, "deactivating, other voter", chain.send(&[stake::delegate_stake(&active[8], &who.pubkey(), &v1)], &[&who]));
    show(&chain, "deactivating, same voter", chain.send(&[stake::delegate_stake(&active[8], &who.pubkey(), &v0)], &[&who]));
    println!("  {}", state(&chain, &active[8]));
    println!("== (5) withdraw");
    chain.add_lamports(&active[9], 1000);
    show(&chain, "1000 free from active", chain.send(&[stake::withdraw(&active[9], &who.pubkey(), &to, 1000, None)], &[&who]));
    show(&chain, "1 too much from active", chain.send(&[stake::withdraw(&active[9], &who.pubkey(), &to, 1, None)], &[&who]));
    println!("  {}", state(&chain, &active[9]));
    show(&chain, "all but rent from cooled", chain.send(&[stake::withdraw(&cooled[6], &who.pubkey(), &to, chain.lamports(&cooled[6]) - rentmin, None)], &[&who]));
    println!("  {}", state(&chain, &cooled[6]));
    show(&chain, "part from cooled", chain.send(&[stake::withdraw(&cooled[0], &who.pubkey(), &to, SOL, None)], &[&who]));
    println!("  {}", state(&chain, &cooled[0]));
    show(&chain, "movestake into emptied cooled", chain.send(&[stake::move_stake(&active[10], &cooled[6], &who.pubkey(), 2*SOL)], &[&who]));
    println!("  {}", state(&chain, &cooled[6]));
    show(&chain, "all from cooled", chain.send(&[stake::withdraw(&cooled[7], &who.pubkey(), &to, chain.lamports(&cooled[7]), None)], &[&who]));
    println!("  {}", state(&chain, &cooled[7]));
    println!("== (6)");
    let k = delegated(&chain, 3 * SOL, &v0, &who);
    show(&chain, "withdraw from activating", chain.send(&[stake::withdraw(&k, &who.pubkey(), &to, SOL, None)], &[&who]));
    show(&chain, "deactivate + withdraw all in one tx", chain.send(&[stake::deactivate_stake(&k, &who.pubkey()), stake::withdraw(&k, &who.pubkey(), &to, 3 * SOL, None)], &[&who]));
    println!("  {}", state(&chain, &k));
    let k = delegated(&chain, 3 * SOL, &v0, &who);
    show(&chain, "deactivate + withdraw part", chain.send(&[stake::deactivate_stake(&k, &who.pubkey()), stake::withdraw(&k, &who.pubkey(), &to, 2 * SOL, None)], &[&who]));
    println!("  {}", state(&chain, &k));
    let k = delegated(&chain, 3 * SOL, &v0, &who);
    show(&chain, "deactivate + delegate other", chain.send(&[stake::deactivate_stake(&k, &who.pubkey()), stake::delegate_stake(&k, &who.pubkey(), &v1)], &[&who]));
    println!("  {}", state(&chain, &k));
}

#[test]
fn probe2() {
    let mut chain = Chain::start(ChainConfig::default().with_validators(vec![ValidatorConfig::default().with_commission_bps(0); 3])).unwrap();
    let who = chain.wallet("who", 100_000 * SOL).unwrap();
    let (v0, _v1) = (chain.validator(0).vote, chain.validator(1).vote);
    let old = chain.rent().minimum_balance(200);
    println!("== merge/authorize/split minimal");
    let (a, b) = (delegated(&chain, 3 * SOL, &v0, &who), delegated(&chain, 3 * SOL, &v0, &who));
    let ix = stake::merge(&a, &b, &who.pubkey()).remove(0);
    show(&chain, "merge [dst src auth]", chain.send(&[with(&ix, vec![w(&a), w(&b), s(&who)])], &[&who]));
    let b = delegated(&chain, 3 * SOL, &v0, &who);
    show(&chain, "merge full", chain.send(&stake::merge(&a, &b, &who.pubkey()), &[&who]));
    let ix = stake::authorize(&a, &who.pubkey(), &who.pubkey(), tidepool_localnet::stake_interface::state::StakeAuthorize::Staker, None);
    show(&chain, "authorize full", chain.send(&[ix.clone()], &[&who]));
    show(&chain, "authorize [stake auth]", chain.send(&[with(&ix, vec![w(&a), s(&who)])], &[&who]));
    let b = blank(&chain, old, &who);
    let ix = stake::split(&a, &who.pubkey(), SOL * 2, &b).pop().unwrap();
    println!("{:?}", ix.accounts.len());
    show(&chain, "split activating", chain.send(&[ix], &[&who]));

    let active: Vec<Pubkey> = (0..4).map(|_| delegated(&chain, 10 * SOL + old, &v0, &who)).collect();
    let cooled: Vec<Pubkey> = (0..4).map(|_| delegated(&chain, 5 * SOL + old, &v0, &who)).collect();
    let inits: Vec<Pubkey> = (0..4).map(|_| created(&chain, 5 * SOL + old, &who)).collect();
    chain.run_epoch();
    for k in &cooled { chain.send(&[stake::deactivate_stake(k, &who.pubkey())], &[&who]).unwrap(); }
    for f in [agave_feature_set::set_lamports_per_byte_to_696::id()] { chain.activate_feature(&f); }
    let cap = chain.capitalization();
    chain.run_epoch();
    println!("cap {} -> {}", cap, chain.capitalization());
    let new = chain.rent().minimum_balance(200);
    println!("rent {old} -> {new}");
    let to = chain.keypair("to").pubkey();
    show(&chain, "withdraw difference from active", chain.send(&[stake::withdraw(&active[0], &who.pubkey(), &to, old - new, None)], &[&who]));
    println!("  {}", state(&chain, &active[0]));
    show(&chain, "withdraw 1 more", chain.send(&[stake::withdraw(&active[0], &who.pubkey(), &to, 1, None)], &[&who]));
    show(&chain, "withdraw all but new rent from cooled", chain.send(&[stake::withdraw(&cooled[0], &who.pubkey(), &to, chain.lamports(&cooled[0]) - new, None)], &[&who]));
    println!("  {}", state(&chain, &cooled[0]));
    show(&chain, "delegate cooled", chain.send(&[stake::delegate_stake(&cooled[1], &who.pubkey(), &v0)], &[&who]));
    println!("  {}", state(&chain, &cooled[1]));
    show(&chain, "delegate old initialized", chain.send(&[stake::delegate_stake(&inits[0], &who.pubkey(), &v0)], &[&who]));
    println!("  {}", state(&chain, &inits[0]));
    let k = created(&chain, new, &who);
    show(&chain, "move stake to new init", chain.send(&[stake::move_stake(&active[1], &k, &who.pubkey(), 2 * SOL)], &[&who]));
    println!("  src {}\n  dst {}", state(&chain, &active[1]), state(&chain, &k));
    let d = chain.delegation(&active[1]).unwrap().stake;
    show(&chain, "move all", chain.send(&[stake::move_stake(&active[1], &k, &who.pubkey(), d)], &[&who]));
    println!("  src {}\n  dst {}", state(&chain, &active[1]), state(&chain, &k));
    show(&chain, "move all back", chain.send(&[stake::move_stake(&k, &active[1], &who.pubkey(), chain.delegation(&k).unwrap().stake)], &[&who]));
    println!("  src {}\n  dst {}", state(&chain, &active[1]), state(&chain, &k));
    show(&chain, "movelamports of rent difference", chain.send(&[stake::move_lamports(&active[2], &active[1], &who.pubkey(), old - new)], &[&who]));
    // 1 SOL minimum
    let k = created(&chain, SOL + new - 1, &who);
    show(&chain, "delegate 1 SOL - 1", chain.send(&[stake::delegate_stake(&k, &who.pubkey(), &v0)], &[&who]));
    // drained and re-funded in one tx
    let k = created(&chain, SOL + new, &who);
    show(&chain, "withdraw all + refund", chain.send(&[stake::withdraw(&k, &who.pubkey(), &to, SOL + new, None), solana_system_interface::instruction::transfer(&who.pubkey(), &k, SOL)], &[&who]));
    println!("  {} {:?}", state(&chain, &k), chain.account(&k));
    // delinquent deactivation and closed vote account
    // two movestakes in a row to two destinations
    // move stake right after activation epoch start, and the source while rewards...
}
