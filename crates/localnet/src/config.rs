//! What a chain is made of.

use {
    crate::vote_account::VoteVersion,
    agave_feature_set as features,
    solana_account::Account,
    solana_pubkey::Pubkey,
    solana_rent::Rent,
    std::{fmt, time::Duration},
};

/// Lamports in one SOL.
pub const LAMPORTS_PER_SOL: u64 = 1_000_000_000;

/// The least the runtime takes for an epoch.
const MIN_SLOTS_PER_EPOCH: u64 = 32;

/// One validator of the cluster at genesis.
#[derive(Clone, Debug)]
pub struct ValidatorConfig {
    /// Commission on inflation rewards in basis points; vote accounts before V4 keep whole percents (rounded down).
    pub commission_bps: u16,
    /// Lamports that are delegated and fully active from genesis on; 0 for none.
    pub stake: u64,
    pub vote_version: VoteVersion,
    /// Share of the possible votes it casts per epoch, in basis points; 0 is a delinquent validator. Can be changed
    /// with [`Chain::set_uptime`](crate::Chain::set_uptime).
    pub uptime_bps: u16,
}

impl Default for ValidatorConfig {
    /// 300,000 SOL, 5 % commission, V4, always voting.
    fn default() -> Self {
        Self {
            commission_bps: 500,
            stake: 300_000 * LAMPORTS_PER_SOL,
            vote_version: VoteVersion::V4,
            uptime_bps: 10_000,
        }
    }
}

impl ValidatorConfig {
    pub fn with_commission_bps(mut self, commission_bps: u16) -> Self {
        self.commission_bps = commission_bps;
        self
    }

    pub fn with_stake(mut self, lamports: u64) -> Self {
        self.stake = lamports;
        self
    }

    pub fn with_vote_version(mut self, version: VoteVersion) -> Self {
        self.vote_version = version;
        self
    }

    pub fn with_uptime_bps(mut self, uptime_bps: u16) -> Self {
        self.uptime_bps = uptime_bps;
        self
    }
}

/// A program that is deployed (loader v3) at genesis.
#[derive(Clone, Debug)]
pub struct Program {
    pub id: Pubkey,
    pub elf: Vec<u8>,
    /// Who may upgrade it; `None` makes it immutable.
    pub upgrade_authority: Option<Pubkey>,
}

/// Everything a chain follows from. Start from `ChainConfig::default()` and change what matters.
#[derive(Clone, Debug)]
pub struct ChainConfig {
    /// All keys and blockhashes are derived from it.
    pub seed: u64,
    /// At least 32.
    pub slots_per_epoch: u64,
    /// Length of an epoch on the chain's clock: a short epoch pays the rewards of one this long.
    pub epoch_duration: Duration,
    /// Unix time of slot 0.
    pub start_time: i64,
    /// Lamports of the faucet, which pays for airdrops. Rewards are a share of **all** lamports, so keep it at about half
    /// of the stake, as on mainnet, if the yield is to look like mainnet's.
    pub faucet: u64,
    /// New lamports per year as a share of all lamports, 0.045 = 4.5 %.
    pub inflation: f64,
    pub rent: Rent,
    pub lamports_per_signature: u64,
    /// Features that are off; see [`default_disabled_features`].
    pub disabled_features: Vec<Pubkey>,
    pub programs: Vec<Program>,
    /// Further accounts at genesis; they win over what the chain puts there itself.
    pub accounts: Vec<(Pubkey, Account)>,
    /// At least one, and the first must have stake: it leads all slots and its votes carry the time.
    pub validators: Vec<ValidatorConfig>,
}

impl Default for ChainConfig {
    /// 64 slots and two days per epoch, 4 validators with 1.2 M SOL, 1.8 M SOL in all, 4.5 % inflation (a gross yield of
    /// about 6.75 % a year), mainnet's rent and fees.
    fn default() -> Self {
        Self {
            seed: 0,
            slots_per_epoch: 64,
            epoch_duration: Duration::from_secs(2 * 24 * 3600),
            start_time: 1_790_000_000,
            faucet: 600_000 * LAMPORTS_PER_SOL,
            inflation: 0.045,
            rent: Rent::default(),
            lamports_per_signature: 5_000,
            disabled_features: default_disabled_features(),
            programs: vec![],
            accounts: vec![],
            validators: vec![ValidatorConfig::default(); 4],
        }
    }
}

impl ChainConfig {
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    pub fn with_slots_per_epoch(mut self, slots: u64) -> Self {
        self.slots_per_epoch = slots;
        self
    }

    pub fn with_epoch_duration(mut self, duration: Duration) -> Self {
        self.epoch_duration = duration;
        self
    }

    pub fn with_validators(mut self, validators: Vec<ValidatorConfig>) -> Self {
        self.validators = validators;
        self
    }

    pub fn with_faucet(mut self, lamports: u64) -> Self {
        self.faucet = lamports;
        self
    }

    pub fn with_inflation(mut self, per_year: f64) -> Self {
        self.inflation = per_year;
        self
    }

    /// Rent as mainnet's times `factor`: 0.73 is SIMD-0437's second step, 0.1 its last.
    pub fn with_rent_factor(mut self, factor: f64) -> Self {
        let per_byte = (Rent::default().lamports_per_byte as f64 * factor).round() as u64;
        self.rent = Rent::with_lamports_per_byte(per_byte);
        self
    }

    /// Deploys an immutable program.
    pub fn with_program(self, id: Pubkey, elf: Vec<u8>) -> Self {
        self.with_upgradeable_program(id, elf, None)
    }

    pub fn with_upgradeable_program(
        mut self,
        id: Pubkey,
        elf: Vec<u8>,
        upgrade_authority: Option<Pubkey>,
    ) -> Self {
        self.programs.push(Program { id, elf, upgrade_authority });
        self
    }

    pub fn with_account(mut self, key: Pubkey, account: Account) -> Self {
        self.accounts.push((key, account));
        self
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.slots_per_epoch < MIN_SLOTS_PER_EPOCH {
            return Err(ConfigError::TooFewSlots(self.slots_per_epoch));
        }
        if self.validators.first().is_none_or(|first| first.stake == 0) {
            return Err(ConfigError::FirstValidatorWithoutStake);
        }
        if !(0.0..=1_000.0).contains(&self.inflation) {
            return Err(ConfigError::Inflation(self.inflation));
        }
        if self.nanos_per_tick() == 0 {
            return Err(ConfigError::EpochTooShort(self.epoch_duration));
        }
        for (index, validator) in self.validators.iter().enumerate() {
            if validator.commission_bps > 10_000 || validator.uptime_bps > 10_000 {
                return Err(ConfigError::OverHundredPercent { validator: index });
            }
        }
        Ok(())
    }

    fn nanos_per_tick(&self) -> u128 {
        let ticks = u128::from(self.slots_per_epoch) * u128::from(solana_clock::DEFAULT_TICKS_PER_SLOT);
        self.epoch_duration.as_nanos() / ticks.max(1)
    }

    pub(crate) fn tick_duration(&self) -> Duration {
        Duration::from_nanos_u128(self.nanos_per_tick())
    }
}

/// Features that are off by default, each for a reason; all others the runtime knows are on.
pub fn default_disabled_features() -> Vec<Pubkey> {
    vec![
        // Slots would become 200 ms long whatever the config says.
        features::reduce_slot_time_to_350ms::id(),
        features::reduce_slot_time_to_300ms::id(),
        features::reduce_slot_time_to_250ms::id(),
        features::reduce_slot_time_to_200ms::id(),
        // Only vote accounts with a BLS key would earn rewards.
        features::validator_admission_ticket::id(),
        // Steps of the rent (SIMD-0437): off, so that `Chain::activate_feature` can take them in the middle of a run.
        features::set_lamports_per_byte_to_6333::id(),
        features::set_lamports_per_byte_to_5080::id(),
        features::set_lamports_per_byte_to_2575::id(),
        features::set_lamports_per_byte_to_1322::id(),
        features::set_lamports_per_byte_to_696::id(),
        features::set_lamports_per_byte_to_6960::id(),
    ]
}

/// Why a chain cannot start.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigError {
    TooFewSlots(u64),
    EpochTooShort(Duration),
    FirstValidatorWithoutStake,
    Inflation(f64),
    OverHundredPercent { validator: usize },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::TooFewSlots(slots) => {
                write!(f, "{slots} slots per epoch; the runtime wants at least {MIN_SLOTS_PER_EPOCH}")
            }
            Self::EpochTooShort(duration) => write!(f, "an epoch of {duration:?} leaves no time for a tick"),
            Self::FirstValidatorWithoutStake => f.write_str("the first validator must exist and have stake"),
            Self::Inflation(rate) => write!(f, "an inflation of {rate} per year; 0.045 is 4.5 %"),
            Self::OverHundredPercent { validator } => {
                write!(f, "commission or uptime of validator {validator} is above 10,000 basis points")
            }
        }
    }
}

impl std::error::Error for ConfigError {}
