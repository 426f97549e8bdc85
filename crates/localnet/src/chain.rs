//! The chain itself: its slots and epochs, and the accounts behind them.

use {
    crate::{
        config::{ChainConfig, ConfigError},
        genesis::{self, FAUCET_LABEL},
        keys::{derive_hash, derive_keypair},
        outcome::Failure,
        validators::Validator,
    },
    serde::{de::DeserializeOwned, Serialize},
    solana_account::{Account, AccountSharedData},
    solana_clock::{Clock, Epoch, Slot},
    solana_epoch_rewards::EpochRewards,
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_rent::Rent,
    solana_runtime::{bank::Bank, bank_forks::BankForks, installed_scheduler_pool::BankWithScheduler},
    solana_signer::Signer,
    std::sync::{
        atomic::{AtomicU32, Ordering},
        Arc, PoisonError, RwLock,
    },
};

/// A Solana chain in one process. It stands in one open slot until told to move; everything that only changes accounts
/// takes `&self`, what moves the slot `&mut self`.
pub struct Chain {
    seed: u64,
    faucet: Keypair,
    pub(crate) validators: Vec<Validator>,
    forks: Arc<RwLock<BankForks>>,
    /// The open slot.
    bank: Arc<Bank>,
    counter: AtomicU32,
}

impl Chain {
    /// Starts a chain in slot 1 (programs of genesis can be called from there on).
    pub fn start(config: ChainConfig) -> Result<Self, ConfigError> {
        config.check()?;
        let (genesis, validators) = genesis::genesis(&config);
        let forks = BankForks::new_rw_arc(genesis::first_bank(&genesis));
        let bank = forks.read().unwrap_or_else(PoisonError::into_inner).root_bank();
        let faucet = derive_keypair(config.seed, FAUCET_LABEL);
        let mut chain =
            Self { seed: config.seed, faucet, validators, forks, bank, counter: AtomicU32::new(0) };
        chain.next_slot();
        Ok(chain)
    }

    /// The runtime's own view of the open slot, for what is not covered here.
    pub fn bank(&self) -> &Arc<Bank> {
        &self.bank
    }

    pub fn seed(&self) -> u64 {
        self.seed
    }

    // ---- time

    pub fn clock(&self) -> Clock {
        self.bank.clock()
    }

    pub fn slot(&self) -> Slot {
        self.bank.slot()
    }

    pub fn epoch(&self) -> Epoch {
        self.bank.epoch()
    }

    pub fn slots_per_epoch(&self) -> u64 {
        self.bank.epoch_schedule().slots_per_epoch
    }

    pub fn first_slot(&self, epoch: Epoch) -> Slot {
        self.bank.epoch_schedule().get_first_slot_in_epoch(epoch)
    }

    pub fn rent(&self) -> Rent {
        self.bank.rent_collector().rent.clone()
    }

    /// Ends the open slot and opens the next.
    pub fn next_slot(&mut self) {
        self.open(self.slot() + 1);
    }

    /// Ends the open slot and opens `slot`; what lies between was skipped by its leader, but no epoch's first slot is, and
    /// no epoch ends before its rewards are paid. Nobody votes on the way.
    ///
    /// # Panics
    /// If `slot` is not in the future.
    pub fn jump_to(&mut self, slot: Slot) {
        assert!(slot > self.slot(), "slot {slot} is not after {}", self.slot());
        let last = self.bank.epoch_schedule().get_epoch(slot);
        while self.epoch() < last {
            self.next_epoch();
        }
        if self.slot() < slot {
            self.open(slot);
        }
    }

    /// To the first slot of the next epoch, without votes. There rewards are computed, commissions are paid, and
    /// EpochRewards is active: the stake program refuses all work until [`Chain::pay_rewards`].
    pub fn next_epoch(&mut self) {
        self.pay_rewards(); // of the epoch before, else they would be lost
        let first = self.first_slot(self.epoch() + 1);
        if self.slot() + 1 < first {
            self.open(first - 1);
        }
        self.open(first);
        self.bank.force_flush_accounts_cache(); // rooted slots; else memory grows by half a megabyte per epoch
    }

    /// All validators vote through this epoch according to their uptime; then to the first slot of the next, where
    /// EpochRewards is active.
    pub fn cross_epoch(&mut self) {
        self.vote_all();
        self.next_epoch();
    }

    /// [`Chain::cross_epoch`] and the slots in which the rewards are paid. Returns the epoch reached.
    pub fn run_epoch(&mut self) -> Epoch {
        self.cross_epoch();
        self.pay_rewards();
        self.epoch()
    }

    /// Slot by slot until every stake account has its reward. Returns how many slots it took; 0 if nothing was due.
    pub fn pay_rewards(&mut self) -> u64 {
        let mut slots = 0;
        while self.rewards_active() {
            self.next_slot();
            slots += 1;
        }
        slots
    }

    /// Whether the rewards of the last epoch are still being paid.
    pub fn rewards_active(&self) -> bool {
        self.sysvar::<EpochRewards>(&solana_sdk_ids::sysvar::epoch_rewards::id()).active
    }

    /// Makes a feature that was disabled in the config active from the next epoch on.
    pub fn activate_feature(&self, id: &Pubkey) {
        self.set_account(id, &genesis::pending_feature(&self.rent()));
    }

    /// Sets the clock of the open slot, which the next ones go on from: a year passes in no time, without epochs.
    ///
    /// # Panics
    /// If that is in the past.
    pub fn set_time(&self, unix_timestamp: i64) {
        let clock = self.clock();
        assert!(unix_timestamp >= clock.unix_timestamp, "time runs forward");
        self.bank.set_sysvar_for_tests(&Clock { unix_timestamp, ..clock });
    }

    fn open(&mut self, slot: Slot) {
        self.tell_time();
        self.end_slot();
        let parent = self.bank.clone();
        let next = Bank::new_from_parent(parent.clone(), *parent.leader(), slot);
        let mut forks = self.forks.write().unwrap_or_else(PoisonError::into_inner);
        forks.insert(next);
        forks.set_root(parent.slot(), None, Some(parent.slot()));
        self.bank = forks.working_bank();
    }

    /// The last tick of the slot with a blockhash that follows from the seed, then the bank hash.
    fn end_slot(&self) {
        let bank = &self.bank;
        bank.set_tick_height(bank.max_tick_height() - 1);
        let blockhash = derive_hash(self.seed, &format!("blockhash/{}", bank.slot()));
        bank.register_tick(&blockhash, &BankWithScheduler::no_scheduler_available());
        bank.freeze();
    }

    // ---- keys

    /// The keypair that belongs to `label` on this chain.
    pub fn keypair(&self, label: &str) -> Keypair {
        derive_keypair(self.seed, label)
    }

    /// A keypair nobody has had on this chain.
    pub fn fresh_keypair(&self) -> Keypair {
        self.keypair(&format!("fresh/{}", self.count()))
    }

    /// Grows by one with every call; makes keys and transactions differ.
    pub(crate) fn count(&self) -> u32 {
        self.counter.fetch_add(1, Ordering::Relaxed)
    }

    /// Pays for airdrops and holds the lamports of the cluster that nobody has.
    pub fn faucet(&self) -> &Keypair {
        &self.faucet
    }

    /// The keypair of `label`, with `lamports` more.
    pub fn wallet(&self, label: &str, lamports: u64) -> Result<Keypair, Failure> {
        let wallet = self.keypair(label);
        self.airdrop(&wallet.pubkey(), lamports)?;
        Ok(wallet)
    }

    // ---- accounts

    pub fn account(&self, key: &Pubkey) -> Option<Account> {
        self.bank.get_account(key).map(Account::from)
    }

    /// All accounts of a program, as a node's `getProgramAccounts` lists them.
    ///
    /// # Panics
    /// If the runtime cannot list them.
    pub fn program_accounts(&self, program: &Pubkey) -> Vec<(Pubkey, Account)> {
        let accounts = self.bank.get_program_accounts(program);
        let accounts = accounts.unwrap_or_else(|error| panic!("the accounts of {program}: {error}"));
        accounts.into_iter().map(|(key, account)| (key, account.into())).collect()
    }

    /// 0 if there is no account.
    pub fn lamports(&self, key: &Pubkey) -> u64 {
        self.bank.get_balance(key)
    }

    /// Sends lamports of the faucet, in a transaction.
    pub fn airdrop(&self, to: &Pubkey, lamports: u64) -> Result<(), Failure> {
        let transfer = solana_system_interface::instruction::transfer(&self.faucet.pubkey(), to, lamports);
        self.send(&[transfer], &[&self.faucet]).map(|_| ())
    }

    /// Writes an account behind the runtime's back (0 lamports removes it). The faucet pays for lamports that appear and
    /// takes those that vanish, so the capitalisation, of which rewards are a share, stays right.
    ///
    /// # Panics
    /// If the faucet cannot pay.
    pub fn set_account(&self, key: &Pubkey, account: &Account) {
        let before = self.lamports(key);
        if before != account.lamports && *key != self.faucet.pubkey() {
            let faucet = self.faucet.pubkey();
            let rest = (self.lamports(&faucet) + before).checked_sub(account.lamports);
            let Some(rest) = rest else {
                panic!("the faucet cannot pay {} lamports for {key}", account.lamports - before);
            };
            let account = AccountSharedData::new(rest, 0, &solana_sdk_ids::system_program::id());
            self.bank.store_account(&faucet, &account);
        }
        self.bank.store_account(key, &AccountSharedData::from(account.clone()));
    }

    /// Gives an account `lamports` more without a transaction, whatever it is: a donation, an MEV tip.
    pub fn add_lamports(&self, key: &Pubkey, lamports: u64) {
        let mut account = self.account(key).unwrap_or_default();
        account.lamports += lamports;
        self.set_account(key, &account);
    }

    pub(crate) fn sysvar<T: DeserializeOwned + Default>(&self, id: &Pubkey) -> T {
        self.account(id).and_then(|account| decode(&account.data)).unwrap_or_default()
    }
}

pub(crate) fn decode<T: DeserializeOwned>(data: &[u8]) -> Option<T> {
    bincode::deserialize(data).ok()
}

/// The bytes of an account of `len` bytes that holds `state`.
pub(crate) fn encode<T: Serialize>(state: &T, len: usize) -> Vec<u8> {
    let mut data = vec![0; len];
    if let Err(error) = bincode::serialize_into(&mut data[..], state) {
        panic!("a state of the runtime's own does not fit its account: {error}");
    }
    data
}
