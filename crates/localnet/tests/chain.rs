//! The chain keeps its own promises: it repeats itself, keeps time and books, and tells what became of a transaction.

use {
    solana_instruction::{error::InstructionError, AccountMeta, Instruction},
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    solana_system_interface::instruction::{create_account, transfer},
    solana_transaction::Transaction,
    solana_transaction_error::TransactionError,
    std::{error::Error, time::Duration},
    tidepool_localnet::{
        associated_token_address,
        stake_interface::{
            instruction as stake,
            state::{Authorized, Lockup},
        },
        Chain, ChainConfig, ConfigError, ValidatorConfig, VoteVersion, LAMPORTS_PER_SOL as SOL,
        TOKEN_PROGRAM,
    },
};

type Test = Result<(), Box<dyn Error>>;

const STAKE_PROGRAM: Pubkey = solana_sdk_ids::stake::ID;
const INSUFFICIENT_FUNDS: u32 = 1; // of the system program

fn stake_with(
    chain: &Chain,
    who: &Keypair,
    validator: usize,
    lamports: u64,
) -> Result<Pubkey, Box<dyn Error>> {
    let key = chain.fresh_keypair();
    let vote = chain.validator(validator).vote;
    let authority = Authorized::auto(&who.pubkey());
    let instructions = stake::create_account_and_delegate_stake(
        &who.pubkey(),
        &key.pubkey(),
        &vote,
        &authority,
        &Lockup::default(),
        lamports,
    );
    chain.send(&instructions, &[who, &key])?;
    Ok(key.pubkey())
}

/// A little of everything, on a chain of this seed. Returns every account that matters, the clock and the bank hash.
fn history(seed: u64) -> Result<String, Box<dyn Error>> {
    let versions = [VoteVersion::V4, VoteVersion::V3, VoteVersion::V1_14_11];
    let validators = versions.map(|version| ValidatorConfig::default().with_vote_version(version)).to_vec();
    let mut chain = Chain::start(ChainConfig::default().with_seed(seed).with_validators(validators))?;
    let ana = chain.wallet("ana", 5_000 * SOL)?;
    let mint = chain.keypair("mint");
    chain.create_mint(&mint, &ana.pubkey(), 9, None)?;
    let tokens = chain.create_token_account(&mint.pubkey(), &ana.pubkey())?;
    chain.mint_to(&mint.pubkey(), &tokens, &ana, 7)?;
    let stakes = [stake_with(&chain, &ana, 0, 1_000 * SOL)?, stake_with(&chain, &ana, 2, 2_000 * SOL)?];
    for _ in 0..4 {
        chain.run_epoch();
    }
    chain.slash(&stakes[0], SOL).ok_or("nothing to slash")?;
    chain.cross_epoch();
    chain.next_slot();
    let keys: Vec<Pubkey> = chain
        .votes()
        .into_iter()
        .chain(stakes)
        .chain([ana.pubkey(), tokens, chain.faucet().pubkey()])
        .collect();
    let accounts: Vec<_> = keys.iter().map(|key| (key, chain.account(key))).collect();
    Ok(format!("{accounts:?} {:?} {}", chain.clock(), chain.bank().parent_hash()))
}

#[test]
fn chains_of_one_seed_are_equal_to_the_bank_hash() -> Test {
    assert_eq!(history(7)?, history(7)?);
    assert_ne!(history(7)?, history(8)?);
    Ok(())
}

#[test]
fn the_clock_moves_one_epoch_duration_per_epoch() -> Test {
    for days in [1, 2] {
        let duration = Duration::from_secs(days * 24 * 3600);
        let mut chain = Chain::start(ChainConfig::default().with_epoch_duration(duration))?;
        let start = chain.clock().epoch_start_timestamp;
        for epoch in 1..=50 {
            chain.run_epoch();
            let elapsed = chain.clock().epoch_start_timestamp - start;
            assert!((elapsed - (days * 24 * 3600 * epoch) as i64).abs() <= 1, "epoch {epoch}: {elapsed} s");
        }
    }
    Ok(())
}

#[test]
fn the_clock_moves_when_nobody_votes() -> Test {
    let silent = ValidatorConfig::default().with_uptime_bps(0);
    let mut chain = Chain::start(ChainConfig::default().with_validators(vec![silent; 3]))?;
    let start = chain.clock().epoch_start_timestamp;
    chain.jump_to(chain.first_slot(10));
    assert_eq!(chain.epoch(), 10);
    assert_eq!((chain.clock().epoch_start_timestamp - start) / (24 * 3600), 20);
    Ok(())
}

#[test]
fn a_jump_enters_every_epoch_and_pays_its_rewards() -> Test {
    let mut chain = Chain::start(ChainConfig::default())?;
    let ana = chain.wallet("ana", 2_000 * SOL)?;
    let stake = stake_with(&chain, &ana, 0, 1_000 * SOL)?;
    chain.run_epoch();
    chain.vote_all();
    let before = chain.lamports(&stake);
    chain.jump_to(chain.first_slot(5) + 3);
    assert_eq!((chain.epoch(), chain.slot()), (5, chain.first_slot(5) + 3));
    assert!(chain.lamports(&stake) > before);
    assert!(!chain.rewards_active());
    Ok(())
}

#[test]
fn the_capitalisation_is_the_sum_of_all_accounts() -> Test {
    let mut chain = Chain::start(ChainConfig::default())?;
    let ana = chain.wallet("ana", 2_000 * SOL)?;
    let stake = stake_with(&chain, &ana, 0, 1_000 * SOL)?;
    for _ in 0..3 {
        chain.run_epoch();
        chain.slash(&stake, SOL).ok_or("nothing to slash")?;
        chain.add_lamports(&stake, 3 * SOL);
        chain.next_slot(); // fees of the open slot are in nobody's account yet
        assert_eq!(chain.capitalization(), chain.bank().calculate_capitalization_for_tests());
    }
    Ok(())
}

#[test]
fn a_failure_tells_error_place_logs_units_and_fee() -> Test {
    let chain = Chain::start(ChainConfig::default())?;
    let (ana, ben) = (chain.wallet("ana", SOL)?, chain.wallet("ben", SOL)?);
    let pay = |lamports| transfer(&ana.pubkey(), &ben.pubkey(), lamports);
    let failure = chain.send(&[pay(1), pay(5 * SOL)], &[&ana]).err().ok_or("must fail")?;
    assert_eq!(failure.custom_error(), Some((1, INSUFFICIENT_FUNDS)));
    assert_eq!(failure.custom_error_code(), Some(INSUFFICIENT_FUNDS));
    assert!(failure.compute_units >= 300, "{failure}");
    assert_eq!(failure.fee, 5_000);
    assert!(failure.to_string().contains("insufficient lamports"), "{failure}");
    assert_eq!(failure.calls().len(), 2, "the compute limit of the chain is not in the log");
    assert_eq!(chain.lamports(&ana.pubkey()), SOL - 5_000);
    Ok(())
}

#[test]
fn a_transaction_without_its_signer_or_money_is_rejected_and_costs_nothing() -> Test {
    let chain = Chain::start(ChainConfig::default())?;
    let (ana, ben) = (chain.wallet("ana", SOL)?, chain.keypair("ben"));
    let steal = transfer(&ana.pubkey(), &ben.pubkey(), 1);
    let failure = chain.send(std::slice::from_ref(&steal), &[&ben]).err().ok_or("must fail")?;
    assert_eq!(failure.error, TransactionError::SignatureFailure);
    let failure = chain.send(&[steal], &[]).err().ok_or("must fail")?;
    assert_eq!(failure.error, TransactionError::MissingSignatureForFee);
    let failure =
        chain.send(&[transfer(&ben.pubkey(), &ana.pubkey(), 1)], &[&ben]).err().ok_or("must fail")?;
    assert_eq!((failure.error, failure.fee), (TransactionError::AccountNotFound, 0));
    assert_eq!(chain.lamports(&ana.pubkey()), SOL);
    Ok(())
}

#[test]
fn equal_transactions_in_one_slot_are_all_executed() -> Test {
    let chain = Chain::start(ChainConfig::default())?;
    let (ana, ben) = (chain.wallet("ana", SOL)?, chain.wallet("ben", SOL)?);
    for _ in 0..10 {
        chain.send(&[transfer(&ana.pubkey(), &ben.pubkey(), 1)], &[&ana])?;
    }
    assert_eq!(chain.lamports(&ben.pubkey()), SOL + 10);
    Ok(())
}

#[test]
fn an_outcome_counts_the_units_of_instructions_and_of_their_calls() -> Test {
    let chain = Chain::start(ChainConfig::default())?;
    let ana = chain.wallet("ana", 10 * SOL)?;
    let mint = chain.keypair("mint");
    chain.create_mint(&mint, &ana.pubkey(), 9, None)?;
    let minimum = stake::get_minimum_delegation();
    let outcome = chain.send(&[minimum.clone(), minimum], &[&ana])?;
    let [first, second] = outcome.consumed_by(&STAKE_PROGRAM)[..] else { panic!("{outcome:?}") };
    assert!(first > 0 && first == second);
    assert_eq!(outcome.compute_units, first + second + 150);
    assert_eq!(outcome.return_data, Some(SOL.to_le_bytes().to_vec()));
    assert!(outcome.cpis().is_empty());

    // the associated token program calls the token program and the system program
    let address = associated_token_address(&ana.pubkey(), &mint.pubkey());
    let create = Instruction {
        program_id: tidepool_localnet::ASSOCIATED_TOKEN_PROGRAM,
        accounts: vec![
            AccountMeta::new(ana.pubkey(), true),
            AccountMeta::new(address, false),
            AccountMeta::new_readonly(ana.pubkey(), false),
            AccountMeta::new_readonly(mint.pubkey(), false),
            AccountMeta::new_readonly(solana_sdk_ids::system_program::id(), false),
            AccountMeta::new_readonly(TOKEN_PROGRAM, false),
        ],
        data: vec![],
    };
    let outcome = chain.send(&[create], &[&ana])?;
    let cpis = outcome.cpis();
    assert!(cpis.iter().any(|call| call.program == TOKEN_PROGRAM && call.depth == 2 && call.units.is_some()));
    assert!(cpis
        .iter()
        .any(|call| call.program == solana_sdk_ids::system_program::id() && call.units.is_none()));
    assert!(outcome.consumed_by(&TOKEN_PROGRAM).is_empty(), "it is called, not an instruction");
    Ok(())
}

#[test]
fn tokens_are_minted_and_moved_by_the_token_program() -> Test {
    let chain = Chain::start(ChainConfig::default())?;
    let (ana, ben) = (chain.wallet("ana", SOL)?, chain.wallet("ben", SOL)?);
    let mint = chain.keypair("mint");
    chain.create_mint(&mint, &ana.pubkey(), 9, Some(&ben.pubkey()))?;
    let from = chain.create_token_account(&mint.pubkey(), &ana.pubkey())?;
    let to = chain.create_associated_token_account(&mint.pubkey(), &ben.pubkey())?;
    chain.mint_to(&mint.pubkey(), &from, &ana, 100)?;
    chain.transfer_tokens(&from, &to, &ana, 30)?;
    assert_eq!((chain.token_balance(&from), chain.token_balance(&to)), (70, 30));
    assert_eq!(chain.mint_supply(&mint.pubkey()), 100);
    assert!(chain.transfer_tokens(&from, &to, &ben, 1).is_err());
    Ok(())
}

#[test]
fn a_lookup_table_makes_room_for_accounts() -> Test {
    let chain = Chain::start(ChainConfig::default())?;
    let ana = chain.wallet("ana", 10 * SOL)?;
    let to: Vec<Pubkey> = (0..40).map(|i| chain.keypair(&format!("to/{i}")).pubkey()).collect();
    let pay: Vec<Instruction> = to.iter().map(|key| transfer(&ana.pubkey(), key, 10_000_000)).collect();

    let failure = chain.send(&pay, &[&ana]).err().ok_or("must fail")?;
    assert!(failure.to_string().contains("too large"), "{failure}");
    let table = chain.create_lookup_table(&to);
    let outcome = chain.send_versioned(&pay, &[&ana], &[table])?;
    assert!(outcome.bytes <= tidepool_localnet::MAX_TRANSACTION_BYTES);
    assert!(to.iter().all(|key| chain.lamports(key) == 10_000_000));
    Ok(())
}

#[test]
fn a_signed_transaction_is_verified() -> Test {
    let chain = Chain::start(ChainConfig::default())?;
    let (ana, ben) = (chain.wallet("ana", SOL)?, chain.wallet("ben", SOL)?);
    let pay = transfer(&ana.pubkey(), &ben.pubkey(), 1);
    let signed = Transaction::new_signed_with_payer(
        &[pay],
        Some(&ana.pubkey()),
        &[&ana],
        chain.bank().last_blockhash(),
    );
    let mut forged = signed.clone();
    forged.signatures[0] = Default::default();
    let failure = chain.process(forged.into()).err().ok_or("must fail")?;
    assert_eq!(failure.error, TransactionError::SignatureFailure);
    chain.process(signed.clone().into())?;
    let failure = chain.process(signed.into()).err().ok_or("must fail")?;
    assert_eq!(failure.error, TransactionError::AlreadyProcessed);
    assert_eq!(chain.lamports(&ben.pubkey()), SOL + 1);
    Ok(())
}

#[test]
fn an_instruction_error_of_a_program_is_found() -> Test {
    let chain = Chain::start(ChainConfig::default())?;
    let ana = chain.wallet("ana", 10 * SOL)?;
    let key = chain.fresh_keypair();
    let create = create_account(&ana.pubkey(), &key.pubkey(), SOL, 200, &STAKE_PROGRAM);
    let delegate = stake::delegate_stake(&key.pubkey(), &ana.pubkey(), &chain.validator(0).vote);
    let failure = chain.send(&[create, delegate], &[&ana, &key]).err().ok_or("must fail")?;
    assert_eq!(failure.instruction_error(), Some(InstructionError::InvalidAccountData));
    assert_eq!(failure.custom_error(), None);
    assert!(chain.account(&key.pubkey()).is_none());
    Ok(())
}

#[test]
fn rent_is_set_at_genesis_or_falls_by_a_feature_in_between() -> Test {
    for (factor, expected) in [(1.0, 2_282_880), (0.73, 1_666_568), (0.1, 228_288)] {
        let chain = Chain::start(ChainConfig::default().with_rent_factor(factor))?;
        assert_eq!(chain.rent().minimum_balance(200), expected);
    }
    let mut chain = Chain::start(ChainConfig::default())?;
    chain.activate_feature(&agave_feature_set::set_lamports_per_byte_to_5080::id());
    assert_eq!(chain.rent().minimum_balance(200), 2_282_880);
    chain.run_epoch();
    assert_eq!(chain.rent().minimum_balance(200), 1_666_240);
    Ok(())
}

#[test]
fn a_validator_that_joins_later_can_be_delegated_to_and_earns() -> Test {
    let mut chain = Chain::start(ChainConfig::default())?;
    let new = chain.add_validator(&ValidatorConfig::default().with_commission_bps(0));
    let ana = chain.wallet("ana", 2_000 * SOL)?;
    let stake = stake_with(&chain, &ana, new, 1_000 * SOL)?;
    chain.run_epoch();
    let before = chain.lamports(&stake);
    chain.run_epoch();
    assert!(chain.lamports(&stake) > before);
    Ok(())
}

#[test]
fn a_config_that_cannot_run_is_refused() {
    let refused = |config: ChainConfig| Chain::start(config).err();
    let base = ChainConfig::default;
    assert_eq!(refused(base().with_slots_per_epoch(31)), Some(ConfigError::TooFewSlots(31)));
    assert_eq!(refused(base().with_validators(vec![])), Some(ConfigError::FirstValidatorWithoutStake));
    let no_stake = vec![ValidatorConfig::default().with_stake(0)];
    assert_eq!(refused(base().with_validators(no_stake)), Some(ConfigError::FirstValidatorWithoutStake));
    let greedy = vec![ValidatorConfig::default().with_commission_bps(10_001)];
    assert_eq!(
        refused(base().with_validators(greedy)),
        Some(ConfigError::OverHundredPercent { validator: 0 })
    );
    assert_eq!(refused(base().with_inflation(-0.1)), Some(ConfigError::Inflation(-0.1)));
}
