use {
    solana_signer::Signer,
    tidepool_localnet::{
        stake_interface::{instruction as stake, state::{Authorized, Lockup}},
        Chain, ChainConfig, LAMPORTS_PER_SOL,
    },
};

#[test]
fn smoke() -> Result<(), Box<dyn std::error::Error>> {
    let mut chain = Chain::start(ChainConfig::default())?;
    let ana = chain.wallet("ana", 10_000 * LAMPORTS_PER_SOL)?;
    let key = chain.fresh_keypair();
    let out = chain.send(&stake::create_account_and_delegate_stake(&ana.pubkey(), &key.pubkey(), &chain.validator(0).vote, &Authorized::auto(&ana.pubkey()), &Lockup::default(), 1000 * LAMPORTS_PER_SOL), &[&ana, &key])?;
    println!("{out:?} {:?}", out.calls());
    println!("{:?} cap {} = {}", chain.clock(), chain.capitalization(), chain.bank().calculate_capitalization_for_tests());
    for _ in 0..5 {
        let t = std::time::Instant::now();
        println!("expected {} yield {}", chain.epoch_inflation(), chain.annual_yield());
        let before = chain.capitalization();
        chain.run_epoch();
        println!("{:?} in {:?} paid {} cap {}", chain.clock(), t.elapsed(), chain.capitalization() - before, chain.capitalization());
        println!("{:?}", chain.stake_activation(&key.pubkey()));
    }
    Ok(())
}
