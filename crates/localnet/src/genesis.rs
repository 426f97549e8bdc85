//! From a [`ChainConfig`] to the first bank.

use {
    crate::{
        config::{ChainConfig, Program, ValidatorConfig},
        keys::derive_keypair,
        stake_account::genesis_stake_account,
        validators::Validator,
    },
    agave_feature_set::FeatureSet,
    solana_account::{Account, AccountSharedData, WritableAccount},
    solana_accounts_db::accounts_db::ACCOUNTS_DB_CONFIG_FOR_TESTING,
    solana_cluster_type::ClusterType,
    solana_epoch_schedule::EpochSchedule,
    solana_fee_calculator::FeeRateGovernor,
    solana_genesis_config::GenesisConfig,
    solana_inflation::Inflation,
    solana_poh_config::PohConfig,
    solana_pubkey::Pubkey,
    solana_rent::Rent,
    solana_runtime::{bank::Bank, genesis_utils::create_genesis_config_with_leader_ex},
    solana_signer::Signer,
    solana_vote_interface::state::BlockTimestamp,
    std::sync::Arc,
};

/// Where the upgrade authority lies in a program data account: after the enum tag and the slot.
const UPGRADE_AUTHORITY: std::ops::Range<usize> = 12..45;

pub(crate) const FAUCET_LABEL: &str = "faucet";

/// The genesis of the cluster and the validators in it, in the order of the config.
pub(crate) fn genesis(config: &ChainConfig) -> (GenesisConfig, Vec<Validator>) {
    let validators: Vec<Validator> =
        config.validators.iter().enumerate().map(|(i, v)| Validator::derive(config.seed, i, v)).collect();
    let mut genesis = skeleton(config, &validators[0]);
    set_time_and_money(&mut genesis, config);
    add_programs(&mut genesis, config);
    for (validator, wanted) in validators.iter().zip(&config.validators) {
        add_validator(&mut genesis, validator, wanted);
    }
    for (key, account) in &config.accounts {
        genesis.accounts.insert(*key, account.clone());
    }
    (genesis, validators)
}

pub(crate) fn first_bank(genesis: &GenesisConfig) -> Bank {
    Bank::new_from_genesis(
        genesis,
        Arc::default(), // runtime config
        vec![],         // a temporary directory
        None,           // debug keys
        ACCOUNTS_DB_CONFIG_FOR_TESTING,
        None,           // update notifier
        None,           // leader
        Arc::default(), // exit
        None,           // genesis hash
        None,           // feature set: the genesis accounts say it
    )
}

/// Faucet, features and sysvars; the accounts of the leader are overwritten by [`add_validator`].
fn skeleton(config: &ChainConfig, leader: &Validator) -> GenesisConfig {
    let mut features = FeatureSet::all_enabled();
    for id in &config.disabled_features {
        features.deactivate(id);
    }
    create_genesis_config_with_leader_ex(
        config.faucet,
        &derive_keypair(config.seed, FAUCET_LABEL).pubkey(),
        &leader.identity.pubkey(),
        &leader.vote,
        &leader.stake,
        None,
        config.validators[0].stake,
        0,
        FeeRateGovernor::new(config.lamports_per_signature, 0),
        config.rent.clone(),
        ClusterType::Development,
        &features,
        vec![],
    )
}

fn set_time_and_money(genesis: &mut GenesisConfig, config: &ChainConfig) {
    genesis.creation_time = config.start_time;
    genesis.epoch_schedule = EpochSchedule::custom(config.slots_per_epoch, config.slots_per_epoch, false);
    genesis.poh_config = PohConfig::new_sleep(config.tick_duration());
    genesis.inflation = Inflation::new_fixed(config.inflation);
}

fn add_programs(genesis: &mut GenesisConfig, config: &ChainConfig) {
    let system_wide = solana_program_binaries::spl_programs(&config.rent)
        .into_iter()
        .chain(solana_program_binaries::core_bpf_programs(&config.rent, |_| true));
    for (key, account) in system_wide {
        genesis.add_account(key, account);
    }
    // The faucet deploys these: else all lamports together, and with them the inflation, would depend on their size.
    let faucet = derive_keypair(config.seed, FAUCET_LABEL).pubkey();
    for program in &config.programs {
        for (key, account) in program_accounts(program, &config.rent) {
            if let Some(faucet) = genesis.accounts.get_mut(&faucet) {
                faucet.lamports = faucet.lamports.saturating_sub(account.lamports);
            }
            genesis.accounts.insert(key, account);
        }
    }
}

fn program_accounts(program: &Program, rent: &Rent) -> [(Pubkey, Account); 2] {
    let mut accounts =
        solana_program_binaries::bpf_loader_upgradeable_program_accounts(&program.id, &program.elf, rent);
    let authority = &mut accounts[1].1.data[UPGRADE_AUTHORITY];
    authority.fill(0);
    if let Some(key) = program.upgrade_authority {
        authority[0] = 1;
        authority[1..].copy_from_slice(key.as_ref());
    }
    accounts
}

fn add_validator(genesis: &mut GenesisConfig, validator: &Validator, config: &ValidatorConfig) {
    let now = BlockTimestamp { slot: 0, timestamp: genesis.creation_time };
    let identity = validator.identity.pubkey();
    genesis.accounts.insert(validator.vote, validator.vote_account(config, now));
    genesis.accounts.insert(identity, validator.identity_account());
    genesis.accounts.remove(&validator.stake);
    if config.stake > 0 {
        let stake = genesis_stake_account(&validator.vote, &identity, config.stake, &genesis.rent);
        genesis.accounts.insert(validator.stake, stake);
    }
}

/// A feature that becomes active at the next epoch: its account, with no slot of activation yet.
pub(crate) fn pending_feature(rent: &Rent) -> Account {
    const LEN: usize = 9; // Option<u64>
    let mut account = AccountSharedData::new(rent.minimum_balance(LEN), LEN, &solana_sdk_ids::feature::id());
    account.data_as_mut_slice().fill(0);
    account.into()
}
