//! How fast a chain is: `cargo run --release -p tidepool-localnet --example speed -- STAKES EPOCHS TRANSACTIONS`.
//! (Build with `--workspace`, else the runtime is compiled a second time.)

use {
    solana_signer::Signer,
    std::{error::Error, time::Instant},
    tidepool_localnet::{
        derive_keypair, genesis_stake_account,
        stake_interface::{
            instruction as stake,
            state::{Authorized, Lockup},
        },
        Chain, ChainConfig, LAMPORTS_PER_SOL as SOL,
    },
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| arguments.next().map_or(Ok(default), |text| text.parse());
    let (stakes, epochs, transactions) = (number(100)?, number(50)?, number(5_000)?);

    let start = Instant::now();
    let mut chain = start_with(stakes)?;
    println!("start with {stakes} more stakes    {:>9.1?}", start.elapsed());
    for every_slot in [false, true] {
        time_epochs(&mut chain, epochs, every_slot);
    }
    time_transactions(&mut chain, transactions)?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("no VmHWM"));
    Ok(())
}

fn start_with(stakes: u64) -> Result<Chain, Box<dyn Error>> {
    let mut config = ChainConfig::default();
    for i in 0..stakes {
        let vote = derive_keypair(config.seed, &format!("validator/{}/vote", i % 4)).pubkey();
        let key = derive_keypair(config.seed, &format!("more/{i}")).pubkey();
        config.accounts.push((key, genesis_stake_account(&vote, &key, 100 * SOL, &config.rent)));
    }
    Ok(Chain::start(config)?)
}

fn time_epochs(chain: &mut Chain, epochs: u64, every_slot: bool) {
    let start = Instant::now();
    let mut slots = 0;
    for _ in 0..epochs {
        let last = chain.first_slot(chain.epoch() + 1) - 1;
        while every_slot && chain.slot() < last {
            chain.next_slot();
        }
        chain.cross_epoch();
        slots = chain.pay_rewards();
    }
    let each = start.elapsed() / epochs.max(1) as u32;
    println!("an epoch, every slot: {every_slot:<5}   {each:>9.1?}, paid in {slots} slots");
}

fn time_transactions(chain: &mut Chain, count: u64) -> Result<(), Box<dyn Error>> {
    let ana = chain.wallet("ana", 50_000 * SOL)?;
    let mint = chain.keypair("mint");
    chain.create_mint(&mint, &ana.pubkey(), 9, None)?;
    let from = chain.create_token_account(&mint.pubkey(), &ana.pubkey())?;
    let to = chain.create_token_account(&mint.pubkey(), &ana.pubkey())?;
    chain.mint_to(&mint.pubkey(), &from, &ana, u64::MAX / 2)?;
    let start = Instant::now();
    for i in 0..count {
        chain.transfer_tokens(&from, &to, &ana, i)?;
        if i % 1_000 == 999 {
            chain.next_slot();
        }
    }
    println!("token transfers               {:>7.0}/s", count as f64 / start.elapsed().as_secs_f64());

    let vote = chain.validator(0).vote;
    let authority = Authorized::auto(&ana.pubkey());
    let start = Instant::now();
    for i in 0..count / 10 {
        let key = chain.fresh_keypair();
        let create = stake::create_account_and_delegate_stake(
            &ana.pubkey(),
            &key.pubkey(),
            &vote,
            &authority,
            &Lockup::default(),
            2 * SOL,
        );
        chain.send(&create, &[&ana, &key])?;
        if i % 1_000 == 999 {
            chain.next_slot();
        }
    }
    println!("create + delegate a stake     {:>7.0}/s", count as f64 / 10.0 / start.elapsed().as_secs_f64());
    Ok(())
}
