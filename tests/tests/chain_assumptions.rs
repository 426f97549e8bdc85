//! What Tidepool relies on the cluster for, proved on the real runtime with the real programs. If one of these fails
//! after an upgrade of the runtime, the program's assumption is wrong, not its code.

use {
    solana_account::Account,
    solana_instruction::{error::InstructionError, AccountMeta, Instruction},
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    solana_stake_interface::{
        instruction as stake, program as stake_program,
        state::{Authorized, Lockup, StakeAuthorize, StakeStateV2},
    },
    solana_system_interface::instruction::{create_account, transfer},
    std::error::Error,
    tidepool_localnet::{
        genesis_stake_account, Chain, ChainConfig, Failure, Outcome, StakeActivation, ValidatorConfig,
        VoteVersion, FULL_EPOCH_CREDITS, LAMPORTS_PER_SOL as SOL, TOKEN_PROGRAM,
    },
};

type Test = Result<(), Box<dyn Error>>;

const STAKE: Pubkey = stake_program::ID;
const STAKE_LEN: usize = 200;

/// Errors of the stake program.
const TOO_SOON_TO_REDELEGATE: u32 = 3;
const MERGE_TRANSIENT_STAKE: u32 = 5;
const MERGE_MISMATCH: u32 = 6;
const MINIMUM_DELINQUENT_EPOCHS_NOT_MET: u32 = 9;
const VOTE_ADDRESS_MISMATCH: u32 = 10;
const INSUFFICIENT_DELEGATION: u32 = 12;
const EPOCH_REWARDS_ACTIVE: u32 = 16;

#[allow(deprecated)] // the program still uses it
const TOO_FEW_ACCOUNTS: InstructionError = InstructionError::NotEnoughAccountKeys;

/// A chain with a user who has money and is the authority of all stake accounts here.
struct Ground {
    chain: Chain,
    ana: Keypair,
}

/// Three validators without commission.
fn ground() -> Result<Ground, Box<dyn Error>> {
    ground_of(vec![ValidatorConfig::default().with_commission_bps(0); 3])
}

fn ground_of(validators: Vec<ValidatorConfig>) -> Result<Ground, Box<dyn Error>> {
    let chain = Chain::start(ChainConfig::default().with_validators(validators))?;
    let ana = chain.wallet("ana", 200_000 * SOL)?;
    Ok(Ground { chain, ana })
}

impl Ground {
    fn me(&self) -> Pubkey {
        self.ana.pubkey()
    }

    fn vote(&self, index: usize) -> Pubkey {
        self.chain.validator(index).vote
    }

    fn send(&self, instruction: Instruction) -> Result<Outcome, Failure> {
        self.chain.send(&[instruction], &[&self.ana])
    }

    /// The instruction with other accounts.
    fn send_with(&self, instruction: Instruction, accounts: &[AccountMeta]) -> Result<Outcome, Failure> {
        self.send(Instruction { accounts: accounts.to_vec(), ..instruction })
    }

    fn rent(&self) -> u64 {
        self.chain.rent().minimum_balance(STAKE_LEN)
    }

    /// A stake account that is not initialised.
    fn blank(&self, lamports: u64) -> Result<Pubkey, Failure> {
        let key = self.chain.fresh_keypair();
        let create = create_account(&self.me(), &key.pubkey(), lamports, STAKE_LEN as u64, &STAKE);
        self.chain.send(&[create], &[&self.ana, &key])?;
        Ok(key.pubkey())
    }

    /// An initialised stake account that holds `lamports` beside the rent.
    fn initialized(&self, lamports: u64) -> Result<Pubkey, Failure> {
        let key = self.blank(lamports + self.rent())?;
        self.send(stake::initialize(&key, &Authorized::auto(&self.me()), &Lockup::default()))?;
        Ok(key)
    }

    fn delegate(&self, key: &Pubkey, validator: usize) -> Result<Outcome, Failure> {
        self.send(stake::delegate_stake(key, &self.me(), &self.vote(validator)))
    }

    fn deactivate(&self, key: &Pubkey) -> Result<Outcome, Failure> {
        self.send(stake::deactivate_stake(key, &self.me()))
    }

    fn withdraw(&self, key: &Pubkey, lamports: u64) -> Result<Outcome, Failure> {
        self.send(stake::withdraw(key, &self.me(), &self.me(), lamports, None))
    }

    fn move_stake(&self, from: &Pubkey, to: &Pubkey, lamports: u64) -> Result<Outcome, Failure> {
        self.send(stake::move_stake(from, to, &self.me(), lamports))
    }

    fn move_lamports(&self, from: &Pubkey, to: &Pubkey, lamports: u64) -> Result<Outcome, Failure> {
        self.send(stake::move_lamports(from, to, &self.me(), lamports))
    }

    /// Delegated in this epoch, exactly `lamports`.
    fn activating(&self, validator: usize, lamports: u64) -> Result<Pubkey, Failure> {
        let key = self.initialized(lamports)?;
        self.delegate(&key, validator)?;
        Ok(key)
    }

    /// `N` accounts that are fully active.
    fn active<const N: usize>(
        &mut self,
        validator: usize,
        lamports: u64,
    ) -> Result<[Pubkey; N], Box<dyn Error>> {
        let keys: Result<Vec<_>, _> = (0..N).map(|_| self.activating(validator, lamports)).collect();
        self.chain.run_epoch();
        Ok(keys?.try_into().map_err(|_| "N keys")?)
    }

    /// `N` accounts that were active once, were deactivated, and have cooled down.
    fn cooled<const N: usize>(
        &mut self,
        validator: usize,
        lamports: u64,
    ) -> Result<[Pubkey; N], Box<dyn Error>> {
        let keys = self.active::<N>(validator, lamports)?;
        for key in &keys {
            self.deactivate(key)?;
        }
        self.chain.run_epoch();
        Ok(keys)
    }

    fn lamports(&self, key: &Pubkey) -> u64 {
        self.chain.lamports(key)
    }

    /// Lamports of the delegation, whether active or not.
    fn delegated(&self, key: &Pubkey) -> u64 {
        self.chain.delegation(key).map_or(0, |delegation| delegation.stake)
    }

    fn activation(&self, key: &Pubkey) -> StakeActivation {
        self.chain.stake_activation(key)
    }

    fn is_initialized(&self, key: &Pubkey) -> bool {
        matches!(self.chain.stake_state(key), Some(StakeStateV2::Initialized(_)))
    }
}

/// What is wrong about a result that should have been `expected`.
fn refused_with(result: Result<Outcome, Failure>, expected: u32) {
    match result {
        Ok(outcome) => panic!("should fail with {expected}: {outcome:?}"),
        Err(failure) => assert_eq!(failure.custom_error_code(), Some(expected), "{failure}"),
    }
}

fn refused(result: Result<Outcome, Failure>, expected: InstructionError) {
    match result {
        Ok(outcome) => panic!("should fail with {expected}: {outcome:?}"),
        Err(failure) => assert_eq!(failure.instruction_error(), Some(expected), "{failure}"),
    }
}

/// Compute units of the stake program's last instruction in the transaction.
fn units(outcome: Outcome) -> u64 {
    outcome.consumed_by(&STAKE).last().copied().unwrap_or(0)
}

/// Costs move by a few units with the keys that are compared.
#[track_caller]
fn costs_about(result: Result<Outcome, Failure>, expected: u64) {
    match result {
        Err(failure) => panic!("{failure}"),
        Ok(outcome) => {
            let units = units(outcome);
            assert!(units.abs_diff(expected) <= 20, "{units} CU instead of {expected}");
        }
    }
}

fn active_stake(lamports: u64) -> StakeActivation {
    StakeActivation { effective: lamports, ..StakeActivation::default() }
}

fn activating_stake(lamports: u64) -> StakeActivation {
    StakeActivation { activating: lamports, ..StakeActivation::default() }
}

fn writable(key: &Pubkey) -> AccountMeta {
    AccountMeta::new(*key, false)
}

fn readonly(key: &Pubkey) -> AccountMeta {
    AccountMeta::new_readonly(*key, false)
}

fn signer(key: &Pubkey) -> AccountMeta {
    AccountMeta::new_readonly(*key, true)
}

// ---- which programs

#[test]
fn the_stake_program_is_core_bpf_5_1_0() -> Test {
    let g = ground()?;
    let elf = g.chain.program_elf(&STAKE).ok_or("the stake program is not BPF")?;
    let shipped = solana_program_binaries::by_id(&STAKE, &g.chain.rent()).ok_or("not shipped")?;
    assert!(solana_account::ReadableAccount::data(&shipped[1].1).ends_with(&elf));
    assert_eq!(elf.len(), 212_056);
    let digest = g.chain.program_sha256(&STAKE).ok_or("no program")?;
    assert_eq!(digest, "3d2d39c596ce8be2d47816b4ee5db9fc759d80fde54b08c930ad0b6daed64c2c");
    Ok(())
}

#[test]
fn the_token_program_is_p_token_1_0_0() -> Test {
    let g = ground()?;
    let digest = g.chain.program_sha256(&TOKEN_PROGRAM).ok_or("no program")?;
    assert_eq!(digest, "8190d3f7ceb6cb7a7a8d8924bff89f9f611e15ce1f806f2b6237f3311a98f697");
    Ok(())
}

/// spl-token 3.5 takes 4,645 units for a transfer.
#[test]
fn a_token_transfer_costs_what_p_token_costs() -> Test {
    let g = ground()?;
    let mint = g.chain.keypair("mint");
    g.chain.create_mint(&mint, &g.me(), 9, None)?;
    let from = g.chain.create_token_account(&mint.pubkey(), &g.me())?;
    let to = g.chain.create_token_account(&mint.pubkey(), &g.me())?;
    g.chain.mint_to(&mint.pubkey(), &from, &g.ana, 100)?;
    let mut data = vec![3]; // Transfer
    data.extend_from_slice(&40u64.to_le_bytes());
    let accounts = vec![writable(&from), writable(&to), signer(&g.me())];
    let outcome = g.send(Instruction { program_id: TOKEN_PROGRAM, accounts, data })?;
    let units = outcome.consumed_by(&TOKEN_PROGRAM);
    assert!(units.len() == 1 && units[0] < 200, "{units:?}");
    assert_eq!((g.chain.token_balance(&from), g.chain.token_balance(&to)), (60, 40));
    Ok(())
}

#[test]
fn the_minimum_delegation_is_one_sol_and_can_be_read() -> Test {
    let g = ground()?;
    let outcome = g.send(stake::get_minimum_delegation())?;
    assert_eq!(outcome.return_data, Some(SOL.to_le_bytes().to_vec()));
    refused_with(g.delegate(&g.initialized(SOL - 1)?, 0), INSUFFICIENT_DELEGATION);
    g.delegate(&g.initialized(SOL)?, 0)?;
    Ok(())
}

// ---- activation

#[test]
fn a_stake_below_nine_percent_of_the_cluster_is_active_after_one_epoch() -> Test {
    let mut g = ground()?;
    let key = g.activating(0, 1_000 * SOL)?;
    assert_eq!(g.activation(&key), activating_stake(1_000 * SOL));
    g.chain.run_epoch();
    assert_eq!(g.activation(&key), active_stake(1_000 * SOL), "and has earned nothing yet");

    g.deactivate(&key)?;
    let during = g.activation(&key);
    assert_eq!((during.effective, during.deactivating), (1_000 * SOL, 1_000 * SOL));
    g.chain.run_epoch();
    assert_eq!(g.activation(&key), StakeActivation::default());
    assert!(g.delegated(&key) > 1_000 * SOL, "it earned while it cooled down");
    Ok(())
}

#[test]
fn a_stake_above_nine_percent_of_the_cluster_takes_several_epochs() -> Test {
    let mut g = ground()?; // 900,000 SOL
    let key = g.activating(0, 150_000 * SOL)?;
    g.chain.run_epoch();
    let first = g.activation(&key);
    assert!((80_000 * SOL..82_000 * SOL).contains(&first.effective), "9 %: {first:?}");
    assert!(first.activating > 0);
    refused_with(g.move_stake(&key, &g.initialized(0)?, SOL), MERGE_TRANSIENT_STAKE);
    g.chain.run_epoch();
    assert_eq!(g.activation(&key).activating, 0);
    Ok(())
}

// ---- rewards

#[test]
fn rewards_follow_credits_and_commission_and_a_delinquent_validator_earns_none() -> Test {
    let validator = ValidatorConfig::default;
    let mut g = ground_of(vec![
        validator().with_commission_bps(0),
        validator().with_commission_bps(1_000),
        validator().with_commission_bps(0).with_uptime_bps(5_000),
        validator().with_uptime_bps(0),
    ])?;
    let keys: Result<Vec<Pubkey>, _> = (0..4).map(|i| g.activating(i, 1_000 * SOL)).collect();
    let keys = keys?;
    g.chain.run_epoch();
    let votes = g.chain.votes();
    let balances =
        |g: &Ground| -> Vec<u64> { keys.iter().chain(&votes).map(|key| g.lamports(key)).collect() };
    let before = balances(&g);
    g.chain.run_epoch();
    let gains: Vec<u64> = balances(&g).iter().zip(&before).map(|(after, before)| after - before).collect();

    let full = gains[0] as f64;
    assert!(full > 0.0);
    assert!((gains[1] as f64 / full - 0.9).abs() < 1e-6, "10 % commission: {gains:?}");
    assert!((gains[2] as f64 / full - 0.5).abs() < 1e-6, "half the credits: {gains:?}");
    assert_eq!(gains[3], 0, "delinquent");
    assert_eq!((gains[4], gains[7]), (0, 0), "no commission, no votes");
    assert!(gains[5] > 0, "commission goes to the vote account");
    for key in &keys {
        assert_eq!(g.lamports(key), g.delegated(key) + g.rent(), "a reward is delegated at once");
    }
    Ok(())
}

/// The formula by which the demo computes the yield it expects.
#[test]
fn an_epoch_pays_inflation_times_capitalisation_times_its_length() -> Test {
    let mut g = ground()?;
    let [key] = g.active(0, 1_000 * SOL)?;
    let (expected, stake_yield) = (g.chain.epoch_inflation(), g.chain.epoch_yield());
    let (capitalization, before) = (g.chain.capitalization(), g.delegated(&key));
    g.chain.run_epoch();
    let paid = g.chain.capitalization() - capitalization;
    assert!(expected - paid < 1_000, "paid {paid} of {expected}");
    let earned = (g.delegated(&key) - before) as f64 / before as f64;
    assert!((earned / stake_yield - 1.0).abs() < 1e-6, "earned {earned} of {stake_yield}");
    Ok(())
}

/// Programs that read the cluster's stake on chain see it an epoch late.
#[test]
fn the_epoch_stake_a_program_can_read_is_that_of_the_start_of_the_epoch_before() -> Test {
    let mut g = ground()?;
    let vote = g.vote(0);
    let genesis = g.chain.validator_stake(&vote);
    g.activating(0, 1_000 * SOL)?;
    let seen: Vec<(u64, u64)> = (0..3)
        .map(|_| {
            g.chain.next_epoch(); // without votes nobody earns
            (g.chain.validator_stake(&vote) - genesis, g.chain.epoch_stake(&vote) - genesis)
        })
        .collect();
    assert_eq!(seen, [(1_000 * SOL, 0), (1_000 * SOL, 1_000 * SOL), (1_000 * SOL, 1_000 * SOL)]);
    Ok(())
}

#[test]
fn vote_accounts_of_all_versions_earn_alike() -> Test {
    let versions = [VoteVersion::V1_14_11, VoteVersion::V3, VoteVersion::V4];
    let validator = |version| ValidatorConfig::default().with_vote_version(version);
    let mut g = ground_of(versions.map(validator).to_vec())?;
    let keys: Result<Vec<Pubkey>, _> = (0..3).map(|i| g.activating(i, 1_000 * SOL)).collect();
    let keys = keys?;
    g.chain.run_epoch();
    g.chain.run_epoch();
    let stakes: Vec<u64> = keys.iter().map(|key| g.delegated(key)).collect();
    assert!(stakes[0] > 1_000 * SOL);
    assert!(stakes.iter().all(|stake| *stake == stakes[0]), "{stakes:?}");
    for (index, tag) in [1, 2, 3].into_iter().enumerate() {
        assert_eq!(g.chain.account(&g.vote(index)).ok_or("no vote account")?.data[0], tag);
    }
    Ok(())
}

#[test]
fn a_new_commission_counts_two_epochs_later() -> Test {
    let mut g = ground()?;
    let [key] = g.active(0, 1_000 * SOL)?;
    g.chain.set_commission(0, 10_000);
    let gains: Vec<bool> = (0..4)
        .map(|_| {
            let before = g.delegated(&key);
            g.chain.run_epoch();
            g.delegated(&key) > before
        })
        .collect();
    assert_eq!(gains, [true, true, false, false]);
    Ok(())
}

/// 4,096 stake accounts are paid per slot.
#[test]
fn rewards_of_ten_thousand_stakes_arrive_over_three_slots() -> Test {
    let mut config = ChainConfig::default();
    let vote = tidepool_localnet::derive_keypair(config.seed, "validator/0/vote").pubkey();
    let keys: Vec<Pubkey> =
        (0..10_000).map(|i| tidepool_localnet::derive_keypair(0, &format!("stake {i}")).pubkey()).collect();
    for key in &keys {
        config.accounts.push((*key, genesis_stake_account(&vote, key, 10 * SOL, &config.rent)));
    }
    let mut chain = Chain::start(config)?;
    let unpaid = |chain: &Chain| {
        let rent = chain.rent().minimum_balance(STAKE_LEN);
        keys.iter().filter(|key| chain.lamports(key) == 10 * SOL + rent).count()
    };
    chain.cross_epoch();
    assert!(chain.rewards_active());
    assert_eq!(unpaid(&chain), keys.len(), "nobody is paid in the first slot");
    chain.next_slot();
    let after_one = unpaid(&chain);
    assert!((1..keys.len()).contains(&after_one), "{after_one}");
    assert_eq!(chain.pay_rewards(), 2);
    assert_eq!(unpaid(&chain), 0);
    Ok(())
}

#[test]
fn every_stake_instruction_but_the_minimum_is_refused_while_rewards_are_paid() -> Test {
    let mut g = ground()?;
    let [active, other] = g.active(0, 10 * SOL)?;
    let (blank, initialized) = (g.blank(10 * SOL)?, g.initialized(10 * SOL)?);
    let (me, vote, authorized) = (g.me(), g.vote(0), Authorized::auto(&g.me()));
    let split = stake::split(&active, &me, SOL, &blank).pop().ok_or("split")?;
    let merge = stake::merge(&active, &other, &me).pop().ok_or("merge")?;
    let lockup = solana_stake_interface::instruction::LockupArgs::default();
    let instructions = [
        stake::initialize(&blank, &authorized, &Lockup::default()),
        stake::initialize_checked(&blank, &authorized),
        stake::authorize(&active, &me, &me, StakeAuthorize::Staker, None),
        stake::authorize_checked(&active, &me, &me, StakeAuthorize::Staker, None),
        stake::delegate_stake(&initialized, &me, &vote),
        split,
        stake::withdraw(&initialized, &me, &me, SOL, None),
        stake::deactivate_stake(&active, &me),
        stake::set_lockup(&active, &lockup, &me),
        merge,
        stake::deactivate_delinquent_stake(&active, &vote, &g.vote(1)),
        stake::move_stake(&active, &other, &me, SOL),
        stake::move_lamports(&active, &other, &me, 1),
    ];
    g.chain.cross_epoch();
    assert!(g.chain.rewards_active());
    for instruction in instructions {
        refused_with(g.send(instruction), EPOCH_REWARDS_ACTIVE);
    }
    g.send(stake::get_minimum_delegation())?;
    assert_eq!(g.chain.pay_rewards(), 1);
    g.deactivate(&active)?;
    Ok(())
}

// ---- loss

#[test]
fn a_slashed_stake_is_smaller_and_goes_on_earning() -> Test {
    let mut g = ground()?;
    let [key] = g.active(0, 1_000 * SOL)?;
    g.chain.slash(&key, 300 * SOL).ok_or("nothing to slash")?;
    assert_eq!((g.delegated(&key), g.lamports(&key)), (700 * SOL, 700 * SOL + g.rent()));
    assert_eq!(g.activation(&key), active_stake(700 * SOL));
    g.chain.run_epoch();
    assert!(g.delegated(&key) > 700 * SOL);
    assert!(g.chain.slash(&key, 1_000 * SOL).is_none(), "more than there is");
    Ok(())
}

#[test]
fn anyone_may_deactivate_a_stake_whose_validator_was_silent_for_five_epochs() -> Test {
    let validator = ValidatorConfig::default;
    let mut g = ground_of(vec![validator(), validator().with_uptime_bps(0)])?;
    let key = g.activating(1, 10 * SOL)?;
    let stranger = g.chain.wallet("stranger", SOL)?;
    for epoch in 0..5 {
        g.chain.vote_all();
        let attempt = stake::deactivate_delinquent_stake(&key, &g.vote(1), &g.vote(0));
        let result = g.chain.send(&[attempt], &[&stranger]);
        if epoch < 4 {
            refused_with(result, MINIMUM_DELINQUENT_EPOCHS_NOT_MET);
            g.chain.next_epoch();
            g.chain.pay_rewards();
        } else {
            result?;
        }
    }
    assert_eq!(g.chain.delegation(&key).ok_or("no delegation")?.deactivation_epoch, 4);
    Ok(())
}

// ---- the same again

#[test]
fn two_chains_of_one_seed_pay_the_same_rewards() -> Test {
    let run = |seed: u64| -> Result<_, Box<dyn Error>> {
        let chain = Chain::start(ChainConfig::default().with_seed(seed))?;
        let ana = chain.wallet("ana", 10_000 * SOL)?;
        let mut g = Ground { chain, ana };
        let [key] = g.active(1, 1_000 * SOL)?;
        g.chain.vote(1, FULL_EPOCH_CREDITS / 3);
        (0..5).for_each(|_| _ = g.chain.run_epoch());
        let hash = g.chain.bank().parent_hash();
        Ok((key, g.lamports(&key), g.chain.capitalization(), g.chain.clock(), hash))
    };
    assert_eq!(run(1)?, run(1)?);
    assert_ne!(run(1)?.0, run(2)?.0);
    Ok(())
}

// ---- question 1: the shortest account lists

#[test]
fn initialize_needs_the_stake_account_alone() -> Test {
    let g = ground()?;
    let authorized = Authorized::auto(&g.me());
    let full = |key: &Pubkey| stake::initialize(key, &authorized, &Lockup::default());
    let key = g.blank(g.rent())?;
    costs_about(g.send(full(&key)), 7_758);
    let key = g.blank(g.rent())?;
    costs_about(g.send_with(full(&key), &[writable(&key)]), 7_551);
    assert!(g.is_initialized(&key));
    Ok(())
}

/// The checked form has no lockup to read, and is the cheapest if the withdrawer can sign.
#[test]
fn initialize_checked_needs_the_stake_account_and_its_authorities() -> Test {
    let g = ground()?;
    let full = |key: &Pubkey| stake::initialize_checked(key, &Authorized::auto(&g.me()));
    let key = g.blank(g.rent())?;
    costs_about(g.send(full(&key)), 5_336);
    let key = g.blank(g.rent())?;
    costs_about(g.send_with(full(&key), &[writable(&key), readonly(&g.me()), signer(&g.me())]), 5_118);
    assert!(g.is_initialized(&key));
    Ok(())
}

#[test]
fn delegate_needs_stake_vote_and_staker() -> Test {
    let g = ground()?;
    let (me, vote) = (g.me(), g.vote(0));
    let clock = readonly(&solana_sdk_ids::sysvar::clock::ID);
    let history = readonly(&solana_sdk_ids::sysvar::stake_history::ID);
    let delegate = |key: &Pubkey| stake::delegate_stake(key, &me, &vote);

    let key = g.initialized(2 * SOL)?;
    costs_about(g.send(delegate(&key)), 11_974);
    let key = g.initialized(2 * SOL)?;
    costs_about(g.send_with(delegate(&key), &[writable(&key), readonly(&vote), signer(&me)]), 11_328);
    assert_eq!(g.activation(&key), activating_stake(2 * SOL));

    // with the clock in third place the old list is expected; the stake config may be anything, even missing
    let key = g.initialized(2 * SOL)?;
    let head = [writable(&key), readonly(&vote), clock];
    g.send_with(delegate(&key), &[&head[..], &[history, signer(&me)]].concat())?;
    let key = g.initialized(2 * SOL)?;
    let head = [&[writable(&key)], &head[1..]].concat();
    let short = g.send_with(delegate(&key), &[&head[..], &[signer(&me)]].concat());
    refused(short, TOO_FEW_ACCOUNTS);
    Ok(())
}

#[test]
fn deactivate_needs_stake_and_staker() -> Test {
    let g = ground()?;
    let full = |key: &Pubkey| stake::deactivate_stake(key, &g.me());
    costs_about(g.send(full(&g.activating(0, SOL)?)), 11_189);
    let key = g.activating(0, SOL)?;
    costs_about(g.send_with(full(&key), &[writable(&key), signer(&g.me())]), 10_971);
    Ok(())
}

#[test]
fn withdraw_needs_stake_receiver_and_withdrawer() -> Test {
    let g = ground()?;
    let to = g.chain.keypair("to").pubkey();
    let full = |key: &Pubkey| stake::withdraw(key, &g.me(), &to, SOL, None);
    costs_about(g.send(full(&g.initialized(2 * SOL)?)), 6_348);
    let key = g.initialized(2 * SOL)?;
    costs_about(g.send_with(full(&key), &[writable(&key), writable(&to), signer(&g.me())]), 5_922);
    assert_eq!((g.lamports(&key), g.lamports(&to)), (SOL + g.rent(), 2 * SOL));

    let clock = readonly(&solana_sdk_ids::sysvar::clock::ID);
    let half = g.send_with(full(&key), &[writable(&key), writable(&to), clock, signer(&g.me())]);
    refused(half, TOO_FEW_ACCOUNTS);
    Ok(())
}

#[test]
fn merge_and_authorize_need_no_sysvars() -> Test {
    let g = ground()?;
    let (into, from) = (g.activating(0, SOL)?, g.activating(0, SOL)?);
    let merge = stake::merge(&into, &from, &g.me()).pop().ok_or("merge")?;
    costs_about(g.send_with(merge, &[writable(&into), writable(&from), signer(&g.me())]), 16_064);
    assert_eq!(g.delegated(&into), 2 * SOL + g.rent(), "the rent of the other becomes stake");

    let authorize = stake::authorize(&into, &g.me(), &g.me(), StakeAuthorize::Staker, None);
    costs_about(g.send_with(authorize, &[writable(&into), signer(&g.me())]), 11_952);
    Ok(())
}

#[test]
fn moves_and_the_minimum_have_no_sysvars_in_their_lists() -> Test {
    let mut g = ground()?;
    let [from, to] = g.active(0, 10 * SOL)?;
    let moves = stake::move_stake(&from, &to, &g.me(), SOL);
    assert_eq!(moves.accounts, [writable(&from), writable(&to), signer(&g.me())]);
    costs_about(g.send(moves), 23_125);
    costs_about(g.move_stake(&from, &g.initialized(0)?, SOL), 21_077);
    g.chain.add_lamports(&from, 1);
    costs_about(g.move_lamports(&from, &to, 1), 13_122);
    let minimum = stake::get_minimum_delegation();
    assert!(minimum.accounts.is_empty());
    costs_about(g.send(minimum), 630);
    Ok(())
}

// ---- question 2: MoveStake from an active account

#[test]
fn stake_moves_to_an_initialized_account_and_is_active_there_at_once() -> Test {
    let mut g = ground()?;
    let [from] = g.active(0, 10 * SOL)?;
    let to = g.initialized(0)?;
    g.move_stake(&from, &to, 4 * SOL)?;
    assert_eq!((g.activation(&from), g.activation(&to)), (active_stake(6 * SOL), active_stake(4 * SOL)));
    assert_eq!(g.lamports(&to), 4 * SOL + g.rent());
    let (source, target) = (g.chain.delegation(&from), g.chain.delegation(&to));
    let (source, target) = source.zip(target).ok_or("both are delegated")?;
    assert_eq!(source.voter_pubkey, target.voter_pubkey);
    assert_eq!(source.activation_epoch, target.activation_epoch);
    Ok(())
}

/// What the account held stays in it as free lamports.
#[test]
fn stake_moves_to_a_cooled_account_of_another_voter_and_is_active_there_at_once() -> Test {
    let mut g = ground()?;
    let [to] = g.cooled(1, 5 * SOL)?;
    let [from] = g.active(0, 10 * SOL)?;
    let before = g.lamports(&to);
    g.move_stake(&from, &to, 4 * SOL)?;
    assert_eq!(g.activation(&to), active_stake(4 * SOL));
    assert_eq!(g.lamports(&to), before + 4 * SOL);
    let target = g.chain.delegation(&to).ok_or("delegated")?;
    assert_eq!((target.voter_pubkey, target.deactivation_epoch), (g.vote(0), u64::MAX));
    g.withdraw(&to, before - g.rent())?;
    Ok(())
}

#[test]
fn an_account_whose_stake_has_all_moved_away_is_initialized() -> Test {
    let mut g = ground()?;
    let [cooled] = g.cooled(0, 5 * SOL)?;
    let [first, second, third, active] = g.active(0, 10 * SOL)?;
    for (from, to) in [(first, g.initialized(0)?), (second, cooled), (third, active)] {
        g.move_stake(&from, &to, 10 * SOL)?;
        assert!(g.is_initialized(&from));
        assert_eq!(g.lamports(&from), g.rent());
        g.move_stake(&to, &from, SOL)?; // it can take stake again
        assert_eq!(g.activation(&from), active_stake(SOL));
    }
    Ok(())
}

#[test]
fn a_move_may_leave_neither_side_below_the_minimum() -> Test {
    let mut g = ground()?;
    let [from, to] = g.active(0, 10 * SOL)?;
    refused(g.move_stake(&from, &g.initialized(0)?, SOL - 1), InstructionError::InvalidArgument);
    refused(g.move_stake(&from, &to, 10 * SOL - 1), InstructionError::InvalidArgument);
    g.move_stake(&from, &to, 1)?; // an active side may grow by anything
    Ok(())
}

#[test]
fn stake_does_not_move_to_another_voter_nor_from_or_to_what_changes() -> Test {
    let mut g = ground()?;
    let [from, leaving] = g.active(0, 10 * SOL)?;
    let [other] = g.active(1, 10 * SOL)?;
    let coming = g.activating(0, 10 * SOL)?;
    g.deactivate(&leaving)?;
    refused_with(g.move_stake(&from, &other, SOL), VOTE_ADDRESS_MISMATCH);
    refused_with(g.move_stake(&from, &leaving, SOL), MERGE_TRANSIENT_STAKE);
    assert!(g.move_stake(&from, &coming, SOL).is_err());
    assert!(g.move_stake(&coming, &from, SOL).is_err());
    assert!(g.move_stake(&leaving, &from, SOL).is_err());
    refused(g.move_stake(&from, &from, SOL), InstructionError::InvalidInstructionData);
    Ok(())
}

// ---- question 3: free lamports

#[test]
fn free_lamports_stay_where_they_are_when_stake_moves() -> Test {
    let mut g = ground()?;
    let [from, to] = g.active(0, 10 * SOL)?;
    g.chain.add_lamports(&from, 77);
    g.move_stake(&from, &to, 10 * SOL)?;
    assert_eq!(g.lamports(&from), g.rent() + 77);
    assert_eq!((g.lamports(&to), g.delegated(&to)), (20 * SOL + g.rent(), 20 * SOL));
    Ok(())
}

#[test]
fn move_lamports_takes_all_that_is_free_and_no_more() -> Test {
    let mut g = ground()?;
    let [cooled] = g.cooled(0, 5 * SOL)?;
    let [from, to] = g.active(0, 10 * SOL)?;
    g.chain.add_lamports(&from, 77);
    refused(g.move_lamports(&from, &to, 78), InstructionError::InvalidArgument);
    g.move_lamports(&from, &to, 77)?;
    assert_eq!((g.lamports(&to), g.delegated(&to)), (10 * SOL + g.rent() + 77, 10 * SOL), "free there too");
    g.move_lamports(&cooled, &to, g.lamports(&cooled) - g.rent())?;
    assert_eq!(g.lamports(&cooled), g.rent());
    let leaving = g.activating(0, SOL)?;
    g.chain.add_lamports(&leaving, 1);
    assert!(g.move_lamports(&leaving, &to, 1).is_err(), "not while activating");
    Ok(())
}

// ---- question 4: delegating again

#[test]
fn a_cooled_account_can_be_delegated_to_any_voter() -> Test {
    let mut g = ground()?;
    let keys = g.cooled::<2>(0, 5 * SOL)?;
    for (voter, key) in keys.iter().enumerate() {
        let lamports = g.lamports(key);
        costs_about(g.delegate(key, voter), 15_006);
        assert_eq!(g.activation(key), activating_stake(lamports - g.rent()), "all it holds");
        assert_eq!(g.chain.delegation(key).ok_or("delegated")?.voter_pubkey, g.vote(voter));
    }
    Ok(())
}

#[test]
fn an_account_activating_since_this_epoch_takes_a_new_amount_and_even_a_new_voter() -> Test {
    let mut g = ground()?;
    let key = g.activating(0, 5 * SOL)?;
    g.chain.add_lamports(&key, SOL);
    g.delegate(&key, 0)?;
    assert_eq!(g.activation(&key), activating_stake(6 * SOL));
    g.delegate(&key, 1)?;
    assert_eq!(g.chain.delegation(&key).ok_or("delegated")?.voter_pubkey, g.vote(1));
    g.chain.run_epoch();
    refused_with(g.delegate(&key, 1), TOO_SOON_TO_REDELEGATE);
    refused_with(g.delegate(&key, 0), TOO_SOON_TO_REDELEGATE);
    Ok(())
}

#[test]
fn a_deactivation_of_this_epoch_is_taken_back_by_delegating_to_the_same_voter() -> Test {
    let mut g = ground()?;
    let [key] = g.active(0, 5 * SOL)?;
    g.deactivate(&key)?;
    g.chain.add_lamports(&key, SOL);
    refused_with(g.delegate(&key, 1), TOO_SOON_TO_REDELEGATE);
    g.delegate(&key, 0)?;
    assert_eq!(g.activation(&key), active_stake(5 * SOL), "the new lamports are not delegated");
    Ok(())
}

// ---- question 5: withdrawing

#[test]
fn free_lamports_are_withdrawn_from_an_active_account() -> Test {
    let mut g = ground()?;
    let [key] = g.active(0, 5 * SOL)?;
    g.chain.add_lamports(&key, 1_000);
    refused(g.withdraw(&key, 1_001), InstructionError::InsufficientFunds);
    g.withdraw(&key, 1_000)?;
    assert_eq!((g.lamports(&key), g.activation(&key)), (5 * SOL + g.rent(), active_stake(5 * SOL)));
    Ok(())
}

/// The delegation of an emptied account is stale: it says more than the account holds. Only the activation tells.
#[test]
fn a_cooled_account_can_be_emptied_to_the_rent_and_keeps_a_stale_delegation() -> Test {
    let mut g = ground()?;
    let [key, gone] = g.cooled(0, 5 * SOL)?;
    let stale = g.chain.delegation(&key);
    g.withdraw(&key, g.lamports(&key) - g.rent())?;
    assert_eq!(g.lamports(&key), g.rent());
    assert_eq!(g.chain.delegation(&key), stale);
    assert_eq!(g.activation(&key), StakeActivation::default());
    g.withdraw(&gone, g.lamports(&gone))?;
    assert_eq!(g.chain.account(&gone), None);
    // the emptied one can be used again
    let [from] = g.active(1, 10 * SOL)?;
    g.move_stake(&from, &key, 2 * SOL)?;
    assert_eq!(g.activation(&key), active_stake(2 * SOL));
    Ok(())
}

#[test]
fn an_account_drained_and_funded_again_in_one_transaction_stays_with_the_stake_program() -> Test {
    let g = ground()?;
    let key = g.initialized(SOL)?;
    let drain = stake::withdraw(&key, &g.me(), &g.me(), g.lamports(&key), None);
    g.chain.send(&[drain, transfer(&g.me(), &key, SOL)], &[&g.ana])?;
    let left = g.chain.account(&key).ok_or("gone")?;
    assert_eq!(left, Account { lamports: SOL, owner: STAKE, rent_epoch: u64::MAX, ..Account::default() });
    Ok(())
}

// ---- question 6: giving up an activation

#[test]
fn a_stake_that_was_only_activating_is_withdrawn_in_the_epoch_it_is_deactivated() -> Test {
    let g = ground()?;
    let key = g.activating(0, 3 * SOL)?;
    refused(g.withdraw(&key, 1), InstructionError::InsufficientFunds);
    let deactivate = |key: &Pubkey| stake::deactivate_stake(key, &g.me());
    let withdraw = |key: &Pubkey, lamports| stake::withdraw(key, &g.me(), &g.me(), lamports, None);
    g.chain.send(&[deactivate(&key), withdraw(&key, 2 * SOL)], &[&g.ana])?;
    assert_eq!(g.lamports(&key), SOL + g.rent());
    assert_eq!(g.activation(&key), StakeActivation::default());
    g.delegate(&key, 1)?; // and can be delegated again at once, to another voter
    g.chain.send(&[deactivate(&key), withdraw(&key, SOL + g.rent())], &[&g.ana])?;
    assert_eq!(g.chain.account(&key), None);
    Ok(())
}

// ---- question 7: stake that comes and goes with its owner

/// Both authorities are changed one after the other; the withdrawer may still change the staker.
#[test]
fn an_account_is_handed_over_staker_first_without_sysvars() -> Test {
    let g = ground()?;
    let (key, bob) = (g.activating(0, SOL)?, g.chain.wallet("bob", SOL)?);
    let hand_over = |role| stake::authorize(&key, &g.me(), &bob.pubkey(), role, None);
    let short = [writable(&key), signer(&g.me())];
    costs_about(g.send_with(hand_over(StakeAuthorize::Staker), &short), 11_952);
    refused(g.deactivate(&key), InstructionError::MissingRequiredSignature);
    costs_about(g.send_with(hand_over(StakeAuthorize::Withdrawer), &short), 11_966);
    let authorized = g.chain.stake_state(&key).and_then(|state| state.authorized());
    assert_eq!(authorized, Some(Authorized::auto(&bob.pubkey())));
    for role in [StakeAuthorize::Staker, StakeAuthorize::Withdrawer] {
        refused(g.send_with(hand_over(role), &short), InstructionError::MissingRequiredSignature);
    }
    Ok(())
}

/// The new account brings its own rent, so all that is split off is staked, and active at once.
#[test]
fn active_stake_is_split_into_a_rent_exempt_account_without_sysvars() -> Test {
    let mut g = ground()?;
    let [from] = g.active(0, 10 * SOL)?;
    g.chain.add_lamports(&from, 77);
    let split = |to: &Pubkey, lamports| {
        Ok::<_, Box<dyn Error>>(stake::split(&from, &g.me(), lamports, to).pop().ok_or("split")?)
    };
    let to = g.blank(g.rent())?;
    let short = |to: &Pubkey| [writable(&from), writable(to), signer(&g.me())];
    costs_about(g.send_with(split(&to, 4 * SOL)?, &short(&to)), 17_912);
    assert_eq!((g.activation(&from), g.activation(&to)), (active_stake(6 * SOL), active_stake(4 * SOL)));
    assert_eq!((g.lamports(&from), g.lamports(&to)), (6 * SOL + g.rent() + 77, 4 * SOL + g.rent()));
    assert_eq!(
        g.chain.stake_state(&from).and_then(|state| state.meta()),
        g.chain.stake_state(&to).and_then(|state| state.meta()),
        "with the same authorities and lockup"
    );

    let small = g.blank(g.rent())?;
    refused_with(g.send_with(split(&small, SOL - 1)?, &short(&small)), INSUFFICIENT_DELEGATION);
    let rest = g.blank(g.rent())?;
    refused_with(g.send_with(split(&rest, 5 * SOL + 1)?, &short(&rest)), INSUFFICIENT_DELEGATION);
    let poor = g.blank(g.rent())?;
    g.chain.set_account(&poor, &Account { lamports: g.rent() - 1, ..g.chain.account(&poor).ok_or("poor")? });
    assert!(g.send_with(split(&poor, 2 * SOL)?, &short(&poor)).is_err(), "not rent-exempt yet");
    let used = g.initialized(0)?;
    assert!(g.send_with(split(&used, 2 * SOL)?, &short(&used)).is_err(), "initialized already");
    Ok(())
}

/// Neither the rent nor the free lamports of the source are staked.
#[test]
fn active_stake_merges_without_sysvars_and_brings_its_free_lamports_along() -> Test {
    let mut g = ground()?;
    let [into, from, other] = g.active(0, 10 * SOL)?;
    let [elsewhere] = g.active(1, 10 * SOL)?;
    g.chain.add_lamports(&into, 7);
    g.chain.add_lamports(&from, 77);
    let lamports = g.lamports(&into) + g.lamports(&from);
    let staked = g.delegated(&into) + g.delegated(&from);
    let short = |from: &Pubkey| [writable(&into), writable(from), signer(&g.me())];
    let merge =
        |from: &Pubkey| Ok::<_, Box<dyn Error>>(stake::merge(&into, from, &g.me()).pop().ok_or("merge")?);
    costs_about(g.send_with(merge(&from)?, &short(&from)), 17_840);
    assert_eq!(g.chain.account(&from), None);
    assert_eq!((g.lamports(&into), g.activation(&into)), (lamports, active_stake(staked)));

    refused_with(g.send_with(merge(&elsewhere)?, &short(&elsewhere)), MERGE_MISMATCH);
    g.deactivate(&other)?;
    refused_with(g.send_with(merge(&other)?, &short(&other)), MERGE_TRANSIENT_STAKE);
    let coming = g.activating(0, 10 * SOL)?;
    refused_with(g.send_with(merge(&coming)?, &short(&coming)), MERGE_MISMATCH);
    Ok(())
}

/// `N` active accounts of 10 SOL, the first under a lockup until `epoch`.
fn with_locked<const N: usize>(epoch: u64) -> Result<(Ground, Keypair, [Pubkey; N]), Box<dyn Error>> {
    let mut g = ground()?;
    let custodian = g.chain.wallet("custodian", SOL)?;
    let lockup = Lockup { epoch, custodian: custodian.pubkey(), unix_timestamp: 0 };
    let locked = g.chain.create_stake_locked(&g.ana, &g.vote(0), 10 * SOL, &lockup)?;
    let mut keys = [locked; N];
    for key in keys.iter_mut().skip(1) {
        *key = g.activating(0, 10 * SOL)?;
    }
    g.chain.run_epoch();
    Ok((g, custodian, keys))
}

/// A lockup that is over does not keep an account from merging or moving, and stays behind: what was merged has none.
#[test]
fn an_expired_lockup_is_gone_from_merged_and_moved_stake() -> Test {
    let (g, _, [locked, free]) = with_locked(1)?;
    g.send(stake::merge(&free, &locked, &g.me()).pop().ok_or("merge")?)?;
    let (h, _, [moving]) = with_locked(1)?;
    let empty = h.initialized(0)?;
    h.move_stake(&moving, &empty, 10 * SOL)?;
    for (ground, key) in [(&g, free), (&h, empty)] {
        let meta = ground.chain.stake_state(&key).and_then(|state| state.meta()).ok_or("no meta")?;
        assert_eq!(meta.lockup, Lockup::default());
    }
    Ok(())
}

/// While it is in force nothing can be done with the account that the pool does.
#[test]
fn a_lockup_in_force_keeps_an_account_from_being_handed_over_or_merged() -> Test {
    let (g, _, [locked, free]) = with_locked(2)?;
    let authorize = stake::authorize(&locked, &g.me(), &g.me(), StakeAuthorize::Withdrawer, None);
    assert!(g.send(authorize).is_err());
    let merge = stake::merge(&free, &locked, &g.me()).pop().ok_or("merge")?;
    refused_with(g.send(merge), MERGE_MISMATCH);
    refused_with(g.move_stake(&locked, &free, 10 * SOL), MERGE_MISMATCH);
    Ok(())
}

/// UNS#63, #71: once it is over, a lockup is the withdrawer's to set, and the custodian's no more.
#[test]
fn an_expired_lockup_can_not_be_set_again_by_its_custodian() -> Test {
    let (mut g, custodian, [locked]) = with_locked(2)?;
    let lock = |by: &Pubkey, epoch| {
        let args = stake::LockupArgs { epoch: Some(epoch), ..stake::LockupArgs::default() };
        stake::set_lockup(&locked, &args, by)
    };
    let by_custodian = |g: &Ground, epoch| g.chain.send(&[lock(&custodian.pubkey(), epoch)], &[&custodian]);
    by_custodian(&g, 3)?; // in force: his
    refused(g.send(lock(&g.me(), 9)), InstructionError::MissingRequiredSignature);
    by_custodian(&g, 2)?;
    g.chain.run_epoch();
    refused(by_custodian(&g, 9), InstructionError::MissingRequiredSignature);
    g.send(lock(&g.me(), 9))?;
    Ok(())
}

// ---- rent falls

/// The reserve in the account is the old rent for ever; everything is reckoned by the rent of the day.
#[test]
fn when_rent_falls_the_difference_becomes_free() -> Test {
    let mut g = ground()?;
    let [active, other] = g.active(0, 10 * SOL)?;
    let initialized = g.initialized(5 * SOL)?;
    let old = g.rent();
    g.chain.activate_feature(&tidepool_localnet::features::set_lamports_per_byte_to_696::id());
    g.chain.run_epoch();
    let freed = old - g.rent();
    assert_eq!(g.rent(), 228_288);
    let staked = g.delegated(&active);
    refused(g.withdraw(&active, freed + 1), InstructionError::InsufficientFunds);
    g.withdraw(&active, freed)?;
    assert_eq!((g.lamports(&active), g.delegated(&active)), (staked + g.rent(), staked));
    g.move_lamports(&other, &active, freed)?;
    g.delegate(&initialized, 0)?;
    assert_eq!(g.delegated(&initialized), 5 * SOL + freed, "delegating takes all but the rent of today");
    #[allow(deprecated)]
    let reserve =
        |key: &Pubkey| g.chain.stake_state(key).and_then(|state| state.meta()).map(|m| m.rent_exempt_reserve);
    assert_eq!(reserve(&initialized), Some(old));
    assert_eq!(reserve(&g.initialized(SOL)?), Some(old), "even in a new account");
    Ok(())
}
