//! A Tidepool pool on a [`Chain`]: the kit of the demo, the tests and the benchmark. A few lines make a pool with
//! validators and users; every step is followed by a check of the books against the raw accounts.

mod books;
mod cranks;
mod operator;
mod people;
mod stake;
mod validators;

pub use {books::Ledger, cranks::EpochReport, people::User};

use {
    crate::{
        Chain, ChainConfig, ConfigError, Failure, MintExtension, Outcome, ValidatorConfig, LAMPORTS_PER_SOL,
    },
    books::Snapshot,
    solana_account::Account,
    solana_instruction::Instruction,
    solana_keypair::Keypair,
    solana_message::AddressLookupTableAccount,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    std::{collections::BTreeMap, fmt, path::PathBuf},
    tidepool_client::{
        cluster, read_liquidity, read_page, read_pool, History, Liquidity, Pool, PoolFees, PoolKeys,
        PoolParameters, PoolSettings, ValidatorKeys, ValidatorRecord,
    },
    tidepool_interface::{limits::DECIMALS, PoolHeader},
    tidepool_math::{LiquidityPool, Rate},
};

/// An order that has not been paid out yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTicket {
    pub key: Pubkey,
    pub owner: Pubkey,
    pub rent_payer: Pubkey,
}

/// What a world starts with.
#[derive(Clone, Debug)]
pub struct WorldConfig {
    pub chain: ChainConfig,
    pub parameters: PoolParameters,
    /// Weight of each validator of the chain in the pool; all of them join, in order.
    pub weights: Vec<u32>,
    /// Extensions of the LST mint, which then is one of Token-2022; `None` for a mint of the classic token program.
    pub token_2022: Option<Vec<MintExtension>>,
}

impl Default for WorldConfig {
    /// Four validators of equal weight, a reward fee of 6 % with a fifth of it for the insurance, exits at 0.1 to 1 %.
    fn default() -> Self {
        let chain = ChainConfig::default();
        let weights = vec![100; chain.validators.len()];
        Self { chain, parameters: typical_parameters(), weights, token_2022: None }
    }
}

impl WorldConfig {
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.chain.seed = seed;
        self
    }

    /// The validators of the chain; each joins the pool with weight 100.
    pub fn with_validators(mut self, validators: Vec<ValidatorConfig>) -> Self {
        self.weights = vec![100; validators.len()];
        self.chain.validators = validators;
        self
    }

    pub fn with_parameters(mut self, change: impl FnOnce(&mut PoolParameters)) -> Self {
        change(&mut self.parameters);
        self
    }

    pub fn with_chain(mut self, change: impl FnOnce(&mut ChainConfig)) -> Self {
        change(&mut self.chain);
        self
    }

    /// Deploys another program beside Tidepool.
    pub fn with_program(mut self, id: Pubkey, elf: Vec<u8>) -> Self {
        self.chain = self.chain.with_program(id, elf);
        self
    }

    /// The LST is a mint of Token-2022.
    pub fn on_token_2022(mut self, extensions: &[MintExtension]) -> Self {
        self.token_2022 = Some(extensions.to_vec());
        self
    }

    /// No fee of any kind, nothing kept liquid: what the arithmetic alone does.
    pub fn without_fees(self) -> Self {
        self.with_parameters(|p| {
            p.fees = PoolFees::default();
            p.settings.reserve_target_bps = 0;
        })
    }
}

/// What a typical pool is made with; manager and guardian are still to be named.
pub fn typical_parameters() -> PoolParameters {
    PoolParameters {
        manager: Pubkey::default(),
        guardian: Pubkey::default(),
        fees: PoolFees {
            reward: 600,
            stake_withdrawal: 10,
            liquid_min: 10,
            liquid_max: 100,
            liquid_treasury_share: 2_500,
            insurance_share: 2_000,
            ..PoolFees::default()
        },
        settings: PoolSettings {
            reserve_target_bps: 100,
            move_window_bps: 2_500,
            max_validator_bps: 10_000,
            max_move_bps: 1_000,
            breaker_bps: 0,
            min_deposit_lamports: 0,
            deposit_cap_lamports: 0,
            instant_cap_lamports_per_day: 0,
            liquidity_target_lamports: 1_000 * LAMPORTS_PER_SOL,
        },
    }
}

/// Why a world cannot start.
#[derive(Debug)]
pub enum StartError {
    /// The program is not built.
    NoProgram(PathBuf),
    Config(ConfigError),
    Refused(Box<Failure>),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::NoProgram(path) => {
                write!(f, "no program at {}: build it with `make programs`", path.display())
            }
            Self::Config(error) => error.fmt(f),
            Self::Refused(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for StartError {}

impl From<ConfigError> for StartError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<Failure> for StartError {
    fn from(failure: Failure) -> Self {
        Self::Refused(Box::new(failure))
    }
}

/// Bytes of a program that `make programs` built, found beside this executable's own target directory.
pub fn built_program(name: &str) -> Result<Vec<u8>, StartError> {
    let executable = std::env::current_exe().unwrap_or_default();
    let deployed = |folder: &std::path::Path| folder.join("deploy").join(format!("{name}.so"));
    let found = executable.ancestors().map(deployed).find(|path| path.is_file());
    let path = found.unwrap_or_else(|| PathBuf::from("target").join("deploy").join(format!("{name}.so")));
    std::fs::read(&path).map_err(|_| StartError::NoProgram(path))
}

/// A chain with a pool on it, its operator and its users.
pub struct World {
    pub chain: Chain,
    pub keys: PoolKeys,
    /// Creator, admin, and manager and guardian unless the parameters name others.
    pub operator: Keypair,
    pub validators: Vec<ValidatorKeys>,
    /// Orders not yet paid out, oldest first.
    pub tickets: Vec<OpenTicket>,
    pub ledger: Ledger,
    users: BTreeMap<String, User>,
    /// Other wallets that pay or are paid: those nobody has the key of, and those of validators.
    vaults: Vec<Pubkey>,
    /// Bonds of validators.
    bonds: Vec<Pubkey>,
    nonces: u64,
    last: Option<Snapshot>,
}

impl World {
    /// Starts the chain, makes the mint, the pool and its validators' records.
    pub fn start(config: WorldConfig) -> Result<Self, StartError> {
        let WorldConfig { chain, mut parameters, weights, token_2022 } = config;
        let chain = Chain::start(chain.with_program(tidepool_interface::ID, built_program("tidepool")?))?;
        let operator = chain.wallet("operator", 100_000 * LAMPORTS_PER_SOL)?;
        let mint = chain.keypair("lst mint");
        match token_2022 {
            None => chain.create_mint(&mint, &operator.pubkey(), DECIMALS, None)?,
            Some(extensions) => chain.create_mint_2022(&mint, &operator, DECIMALS, &extensions)?,
        }
        let treasury = chain.create_token_account(&mint.pubkey(), &chain.keypair("treasury").pubkey())?;
        let token_program = chain.token_program_of(&mint.pubkey());
        let keys = PoolKeys::new(&mint.pubkey(), &treasury).with_token_program(&token_program);
        for role in [&mut parameters.manager, &mut parameters.guardian] {
            if *role == Pubkey::default() {
                *role = operator.pubkey();
            }
        }
        let mut world = Self {
            chain,
            keys,
            operator,
            validators: vec![],
            tickets: vec![],
            ledger: Ledger::default(),
            users: BTreeMap::new(),
            vaults: vec![],
            bonds: vec![],
            nonces: 0,
            last: None,
        };
        world.ledger.gifts = world.held() as u64; // sent to the addresses before they were anybody's
        let operator = world.operator.insecure_clone();
        let create = keys.initialize_pool(&operator.pubkey(), &operator.pubkey(), parameters);
        world.send(&[create], &[&operator])?;
        world.extend_history()?;
        for (index, weight) in weights.into_iter().enumerate() {
            world.add_validator(index, weight)?;
        }
        Ok(world)
    }

    /// Lets the history grow until it is whole.
    fn extend_history(&mut self) -> Result<(), Failure> {
        let operator = self.operator.insecure_clone();
        let steps = (History::SPACE - History::GROWTH).div_ceil(History::GROWTH);
        let extend = vec![self.keys.extend_history(&operator.pubkey()); steps];
        self.send(&extend, &[&operator]).map(|_| ())
    }

    /// Enters validator `index` of the chain as the pool's next one.
    pub fn add_validator(&mut self, index: usize, weight: u32) -> Result<Outcome, Failure> {
        let validator = self.keys.validator(&self.chain.validator(index).vote, self.validators.len());
        let operator = self.operator.pubkey();
        let enter = self.keys.add_validator(&operator, &operator, &validator, weight, 0);
        self.enter(validator, enter)
    }

    /// Sends a transaction whose fee the faucet pays, so that wallets change by what the program does alone; then
    /// checks the books.
    ///
    /// # Panics
    /// If an invariant is broken, with all that is wrong.
    pub fn send(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Outcome, Failure> {
        self.step(signers, |chain, signers| chain.send(instructions, signers))
    }

    /// [`World::send`] as a version 0 transaction, which takes accounts from lookup tables.
    ///
    /// # Panics
    /// As [`World::send`].
    pub fn send_versioned(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
        tables: &[AddressLookupTableAccount],
    ) -> Result<Outcome, Failure> {
        self.step(signers, |chain, signers| chain.send_versioned(instructions, signers, tables))
    }

    fn step(
        &mut self,
        signers: &[&Keypair],
        send: impl FnOnce(&Chain, &[&Keypair]) -> Result<Outcome, Failure>,
    ) -> Result<Outcome, Failure> {
        let before = self.wallets();
        let faucet = self.chain.faucet().insecure_clone();
        let signers: Vec<&Keypair> = std::iter::once(&faucet).chain(signers.iter().copied()).collect();
        let result = send(&self.chain, &signers);
        self.settle_ledger(&before);
        self.check_books(result.is_ok());
        result
    }

    /// A lookup table of all accounts that instructions of users and keepers name, as a keeper would have one.
    ///
    /// # Panics
    /// If they are more than 256.
    pub fn lookup_table(&self) -> AddressLookupTableAccount {
        let PoolKeys { lst_mint, treasury, authority, .. } = self.keys;
        let mut addresses = vec![
            cluster::SYSTEM_PROGRAM,
            cluster::STAKE_PROGRAM,
            self.keys.token_program,
            lst_mint,
            treasury,
            authority,
        ];
        addresses.extend(self.validators.iter().map(|validator| validator.vote));
        let is_entry = |key: &Pubkey| self.validators.iter().any(|validator| validator.entry == *key);
        addresses.extend(self.held_accounts().into_iter().filter(|key| !is_entry(key)));
        self.chain.create_lookup_table(&addresses)
    }

    /// Lets the chain move; what its stake accounts gain meanwhile is booked as rewards.
    pub fn advance(&mut self, run: impl FnOnce(&mut Chain)) {
        let before = self.stake_lamports();
        run(&mut self.chain);
        self.ledger.rewards += self.stake_lamports() - before;
        self.check_books(true);
    }

    /// # Panics
    /// If the pool does not exist or cannot be read.
    pub fn pool(&self) -> Pool {
        read_pool(&self.data(&self.keys.pool)).unwrap_or_else(|error| panic!("pool: {error}"))
    }

    /// # Panics
    /// If the liquidity pool does not exist or cannot be read.
    pub fn liquidity(&self) -> Liquidity {
        read_liquidity(&self.data(&self.keys.liquidity)).unwrap_or_else(|error| panic!("liquidity: {error}"))
    }

    /// What the liquidity pool owns, its open tickets with it.
    ///
    /// # Panics
    /// If the pool cannot be read or its tickets are worth more than can be written.
    pub fn liquidity_books(&self) -> LiquidityPool {
        self.liquidity().as_math(&self.pool()).unwrap_or_else(|error| panic!("liquidity: {error}"))
    }

    /// The record of the pool's validator number `index`.
    ///
    /// # Panics
    /// If there is no such record.
    pub fn record(&self, index: usize) -> ValidatorRecord {
        let validator = &self.validators[index];
        let page = read_page(&self.data(&validator.page)).unwrap_or_else(|error| panic!("page: {error}"));
        page.records[usize::from(validator.slot_in_page)]
    }

    /// The rate in this slot, as an integrator reads it.
    ///
    /// # Panics
    /// If the pool cannot be read.
    pub fn rate(&self) -> Rate {
        let data = self.data(&self.keys.pool);
        let header = PoolHeader::parse(&data).unwrap_or_else(|error| panic!("header: {error}"));
        header.rate_at(self.chain.slot())
    }

    /// What a deposit pays for a share in this slot, as an integrator reads it.
    ///
    /// # Panics
    /// If the pool cannot be read.
    pub fn entry_rate(&self) -> Rate {
        let data = self.data(&self.keys.pool);
        let header = PoolHeader::parse(&data).unwrap_or_else(|error| panic!("header: {error}"));
        let rate = header.entry_rate_at(self.chain.slot(), self.chain.epoch());
        rate.unwrap_or_else(|error| panic!("entry rate: {error}"))
    }

    pub fn account(&self, key: &Pubkey) -> Option<Account> {
        self.chain.account(key)
    }

    fn data(&self, key: &Pubkey) -> Vec<u8> {
        self.account(key).map(|account| account.data).unwrap_or_default()
    }
}
