//! Fixed-APY pools on a [`Chain`]: the kit of their demo, tests and benchmark. A few lines make a mint, pools and users;
//! after every step the books of all pools are checked against the raw accounts.

use {
    crate::{
        world::built_program, Chain, ChainConfig, Failure, MintExtension, Outcome, StartError,
        LAMPORTS_PER_SOL,
    },
    solana_instruction::Instruction,
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    solana_transaction_error::TransactionError,
    std::collections::BTreeMap,
    tidepool_client::{
        fixed::{
            find_positions, read_pool, read_position, read_user_pool, Access, FixedPoolKeys, Metrics,
            PendingReward, Pool, PoolParameters, PoolTerms, Position, PositionKeys, Proof, UserPool,
        },
        read_view,
    },
};

/// 2026-11-01T00:00:00Z, when the pools of [`standard`] and [`premium`] open.
pub const OPENING: i64 = 1_793_491_200;

const DAY: i64 = 86_400;
const YEAR: i64 = 365 * DAY;

/// Somebody with a wallet and a token account.
#[derive(Debug)]
pub struct Holder {
    pub wallet: Keypair,
    pub tokens: Pubkey,
}

impl Holder {
    pub fn key(&self) -> Pubkey {
        self.wallet.pubkey()
    }
}

impl Clone for Holder {
    fn clone(&self) -> Self {
        Self { wallet: self.wallet.insecure_clone(), tokens: self.tokens }
    }
}

/// What the tokens of a world are.
#[derive(Clone, Debug)]
pub struct MintConfig {
    pub decimals: u8,
    pub has_freeze_authority: bool,
    /// Extensions of a Token-2022 mint; `None` for one of the classic token program.
    pub token_2022: Option<Vec<MintExtension>>,
}

impl Default for MintConfig {
    /// Nine decimals, on the classic token program, and nobody can freeze it.
    fn default() -> Self {
        Self { decimals: 9, has_freeze_authority: false, token_2022: None }
    }
}

/// The open product: from one token on, 8 % simple, for a year. Guardian and whitelist manager are still to be named.
pub fn standard(decimals: u8) -> PoolParameters {
    let token = 10u64.pow(decimals.into());
    PoolParameters {
        pool_id: 0,
        guardian: Pubkey::default(),
        whitelist_manager: Pubkey::default(),
        lock_seconds: YEAR as u64,
        allows_early_exit: false,
        accepts_freeze_authority: false,
        terms: PoolTerms {
            start: OPENING,
            end: OPENING + 2 * YEAR,
            min_stake: token,
            cap: 10_000_000 * token,
            rate_bps: 800,
            access: Access::Open,
        },
    }
}

/// The product for those on its whitelist: from 500,000 tokens on, 16 % simple, for a year.
pub fn premium(decimals: u8) -> PoolParameters {
    let token = 10u64.pow(decimals.into());
    let standard = standard(decimals);
    let terms = PoolTerms {
        min_stake: 500_000 * token,
        cap: 20_000_000 * token,
        rate_bps: 1_600,
        access: Access::Whitelist,
        ..standard.terms
    };
    PoolParameters { pool_id: 1, terms, ..standard }
}

fn unreadable(error: std::io::Error) -> Failure {
    Failure::malformed(TransactionError::SanitizeFailure, format!("a view returned something else: {error}"))
}

/// A chain with a mint, fixed-APY pools on it, their creator and their users.
pub struct FixedWorld {
    pub chain: Chain,
    pub mint: Pubkey,
    /// May mint, makes the pools and is their authority, guardian and whitelist manager unless others are named.
    pub operator: Holder,
    pub pools: Vec<FixedPoolKeys>,
    users: BTreeMap<String, Holder>,
}

impl FixedWorld {
    /// Starts the chain at [`OPENING`] and makes the mint; there are no pools yet.
    pub fn start(mint: &MintConfig) -> Result<Self, StartError> {
        Self::start_on(ChainConfig::default(), mint)
    }

    pub fn start_on(chain: ChainConfig, config: &MintConfig) -> Result<Self, StartError> {
        let program = built_program("fixed_pools")?;
        let chain = Chain::start(chain.with_program(tidepool_interface::fixed::ID, program))?;
        chain.set_time(OPENING);
        let wallet = chain.wallet("operator", 1_000 * LAMPORTS_PER_SOL)?;
        let mint = chain.keypair("mint");
        match &config.token_2022 {
            None => {
                let freezer = config.has_freeze_authority.then(|| wallet.pubkey());
                chain.create_mint(&mint, &wallet.pubkey(), config.decimals, freezer.as_ref())?;
            }
            Some(extensions) => chain.create_mint_2022(&mint, &wallet, config.decimals, extensions)?,
        }
        let tokens = chain.create_token_account(&mint.pubkey(), &wallet.pubkey())?;
        let operator = Holder { wallet, tokens };
        Ok(Self { chain, mint: mint.pubkey(), operator, pools: vec![], users: BTreeMap::new() })
    }

    /// Makes a pool, and gives its number in this world.
    pub fn add_pool(&mut self, mut parameters: PoolParameters) -> Result<usize, Failure> {
        let operator = self.operator.clone();
        for role in [&mut parameters.guardian, &mut parameters.whitelist_manager] {
            if *role == Pubkey::default() {
                *role = operator.key();
            }
        }
        let program = self.chain.token_program_of(&self.mint);
        let keys = FixedPoolKeys::new(&operator.key(), parameters.pool_id, &self.mint, &program);
        self.send(&[keys.initialize_pool(parameters)], &[&operator.wallet])?;
        self.pools.push(keys);
        Ok(self.pools.len() - 1)
    }

    /// Makes a user with so many tokens.
    pub fn add_user(&mut self, name: &str, tokens: u64) -> Result<Holder, Failure> {
        let wallet = self.chain.wallet(name, 10 * LAMPORTS_PER_SOL)?;
        let account = self.chain.create_token_account(&self.mint, &wallet.pubkey())?;
        self.mint_to(&account, tokens)?;
        let user = Holder { wallet, tokens: account };
        self.users.insert(name.to_string(), user.clone());
        Ok(user)
    }

    /// # Panics
    /// If nobody has that name.
    pub fn user(&self, name: &str) -> Holder {
        self.users.get(name).cloned().unwrap_or_else(|| panic!("no user {name}"))
    }

    pub fn users(&self) -> impl Iterator<Item = (&str, &Holder)> {
        self.users.iter().map(|(name, user)| (name.as_str(), user))
    }

    pub fn mint_to(&self, account: &Pubkey, amount: u64) -> Result<(), Failure> {
        match amount {
            0 => Ok(()),
            _ => self.chain.mint_to(&self.mint, account, &self.operator.wallet, amount),
        }
    }

    /// Mints tokens into a pool's reward vault, by way of the operator.
    pub fn fund(&mut self, pool: usize, amount: u64) -> Result<Outcome, Failure> {
        let operator = self.operator.clone();
        self.mint_to(&operator.tokens, amount)?;
        let fund = self.pools[pool].fund_rewards(&operator.key(), &operator.tokens, amount);
        self.send(&[fund], &[&operator.wallet])
    }

    /// A user stakes in a pool that is open to all; gives the position.
    pub fn stake(&mut self, name: &str, pool: usize, amount: u64) -> Result<PositionKeys, Failure> {
        self.stake_with(name, pool, amount, Proof::None)
    }

    /// As [`FixedWorld::stake`], for a pool with a whitelist.
    pub fn stake_with(
        &mut self,
        name: &str,
        pool: usize,
        amount: u64,
        proof: Proof,
    ) -> Result<PositionKeys, Failure> {
        let (user, keys) = (self.user(name), self.pools[pool]);
        let position = self.next_position(pool, &user.key());
        let stake = keys.stake(&user.key(), &user.tokens, &position, amount, 0, proof);
        self.send(&[stake], &[&user.wallet])?;
        Ok(position)
    }

    /// Where the next position of `owner` will be.
    pub fn next_position(&self, pool: usize, owner: &Pubkey) -> PositionKeys {
        let index = self.user_pool(pool, owner).map_or(0, |user| user.next_index);
        self.pools[pool].position(owner, index)
    }

    pub fn claim(&mut self, name: &str, pool: usize, position: &PositionKeys) -> Result<Outcome, Failure> {
        let user = self.user(name);
        let claim = self.pools[pool].claim(&user.key(), &user.tokens, position);
        self.send(&[claim], &[&user.wallet])
    }

    pub fn unstake(&mut self, name: &str, pool: usize, position: &PositionKeys) -> Result<Outcome, Failure> {
        let user = self.user(name);
        let unstake = self.pools[pool].unstake(position, &user.key(), &user.tokens, 0);
        self.send(&[unstake], &[&user.wallet])
    }

    // ---- time

    pub fn now(&self) -> i64 {
        self.chain.clock().unix_timestamp
    }

    /// Lets time pass, in a slot of its own.
    pub fn pass(&mut self, seconds: i64) {
        let then = self.now() + seconds;
        self.chain.next_slot();
        self.chain.set_time(then.max(self.now()));
    }

    /// # Panics
    /// If that is in the past.
    pub fn go_to(&mut self, unix_timestamp: i64) {
        self.chain.set_time(unix_timestamp);
    }

    // ---- what there is

    /// # Panics
    /// If there is no such pool.
    pub fn pool(&self, pool: usize) -> Pool {
        read_pool(&self.data(&self.pools[pool].pool)).unwrap_or_else(|error| panic!("pool {pool}: {error}"))
    }

    pub fn user_pool(&self, pool: usize, owner: &Pubkey) -> Option<UserPool> {
        read_user_pool(&self.data(&self.pools[pool].user_pool(owner))).ok()
    }

    /// `None` once it is closed.
    pub fn position(&self, position: &PositionKeys) -> Option<Position> {
        read_position(&self.data(&position.position)).ok()
    }

    /// All open positions of a pool, in the order of owners and indices.
    pub fn positions(&self, pool: usize) -> Vec<Position> {
        let accounts = self.chain.program_accounts(&tidepool_interface::fixed::ID);
        let accounts = accounts.into_iter().map(|(key, account)| (key, account.data));
        let found = find_positions(&self.pools[pool].pool, accounts);
        let mut positions: Vec<Position> = found.into_iter().map(|(_, position)| position).collect();
        positions.sort_by_key(|position| (position.owner, position.index));
        positions
    }

    /// What a pool says of itself.
    pub fn metrics(&self, pool: usize) -> Result<Metrics, Failure> {
        let said = self.view(self.pools[pool].get_metrics())?;
        read_view(&said).map_err(unreadable)
    }

    /// What a position has earned, by its pool.
    pub fn pending_reward(&self, pool: usize, position: &PositionKeys) -> Result<PendingReward, Failure> {
        let said = self.view(self.pools[pool].pending_reward(position))?;
        read_view(&said).map_err(unreadable)
    }

    fn view(&self, instruction: Instruction) -> Result<Vec<u8>, Failure> {
        let outcome = self.chain.simulate(&[instruction], &self.operator.key())?;
        Ok(outcome.return_data.unwrap_or_default())
    }

    pub fn balance(&self, account: &Pubkey) -> u64 {
        self.chain.token_balance(account)
    }

    pub fn tokens_of(&self, name: &str) -> u64 {
        self.balance(&self.user(name).tokens)
    }

    pub fn principal_balance(&self, pool: usize) -> u64 {
        self.balance(&self.pools[pool].principal_vault)
    }

    pub fn reward_balance(&self, pool: usize) -> u64 {
        self.balance(&self.pools[pool].reward_vault)
    }

    fn data(&self, key: &Pubkey) -> Vec<u8> {
        self.chain.account(key).map(|account| account.data).unwrap_or_default()
    }

    // ---- steps

    /// Sends a transaction whose fee the faucet pays, then checks the books of all pools.
    ///
    /// # Panics
    /// If an invariant is broken.
    pub fn send(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Outcome, Failure> {
        let faucet = self.chain.faucet().insecure_clone();
        let signers: Vec<&Keypair> = std::iter::once(&faucet).chain(signers.iter().copied()).collect();
        let result = self.chain.send(instructions, &signers);
        self.check_books();
        result
    }

    /// # Panics
    /// If a vault holds less than its pool owes, or the books do not add up.
    pub fn check_books(&self) {
        for index in 0..self.pools.len() {
            let Ok(pool) = read_pool(&self.data(&self.pools[index].pool)) else { continue };
            let (principal, rewards) = (self.principal_balance(index), self.reward_balance(index));
            assert!(principal >= pool.total_staked, "pool {index} owes more principal than it has");
            assert!(rewards >= pool.reserved, "pool {index} owes more reward than it has");
            assert!(pool.reserved <= pool.promised, "pool {index} has paid more than it promised");
        }
    }
}
