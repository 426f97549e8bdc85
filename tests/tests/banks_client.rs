//! The built program through `solana-program-test` and its BanksClient: SOL goes in, is staked, earns and comes out.
//! Everything else runs on `tidepool-localnet`, the same runtime without a server; this shows that what it proves does not
//! hang on that harness.

use {
    solana_account::Account,
    solana_instruction::{AccountMeta, Instruction},
    solana_keypair::Keypair,
    solana_program_test::{ProgramTest, ProgramTestContext},
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    solana_stake_interface::state::StakeStateV2,
    solana_system_interface::instruction::{create_account, transfer},
    solana_transaction::Transaction,
    std::path::Path,
    tidepool_client::{
        cluster::{STAKE_PROGRAM, TOKEN_PROGRAM},
        read_page, read_pool, read_ticket, Batch, Pool, PoolKeys, PoolParameters, TidepoolError,
        ValidatorKeys,
    },
    tidepool_interface::{
        pda::{self, StakeRole},
        PoolHeader,
    },
    tidepool_localnet::{
        features, world::typical_parameters, LAMPORTS_PER_SOL as SOL, MINT_LEN, TOKEN_ACCOUNT_LEN,
    },
};

/// `core_bpf_stake-5.1.0.so`.
const STAKE_5_1_BYTES: usize = 212_056;
/// Where the ELF begins in a program data account.
const ELF: usize = 45;

const DEPOSIT: u64 = 100 * SOL;

/// A bank with the program, a pool and one user.
struct Cluster {
    context: ProgramTestContext,
    keys: PoolKeys,
    validator: ValidatorKeys,
    ana: Keypair,
    lst: Pubkey,
    sent: u32,
}

#[tokio::test]
async fn sol_goes_in_is_staked_earns_and_comes_out_through_a_banks_client() {
    let mut cluster = Cluster::start().await;
    cluster.assert_real_programs().await;
    cluster.create_pool().await;
    cluster.deposit(DEPOSIT).await;
    cluster.add_validator().await;

    // Warm-up epochs: 32, 64, 128 … slots. Stake moves in their last quarters.
    let refusal = cluster.send(&[cluster.keys.delegate(&cluster.validator)], &[]).await;
    assert!(refusal.unwrap_err().contains(&code(TidepoolError::OutsideMoveWindow)));
    cluster.enter_last_slots().await;
    cluster.crank(cluster.keys.delegate(&cluster.validator)).await;
    assert!(cluster.staked(StakeRole::Onramp).await > DEPOSIT / 100 * 98);

    cluster.next_epoch().await;
    let refusal = cluster.update().await;
    assert!(refusal.unwrap_err().contains(&code(TidepoolError::EpochRewardsActive)));
    cluster.after_rewards().await;
    let logs = cluster.update().await.unwrap();
    assert_merged_by_the_stake_program(&logs);
    assert_eq!(cluster.staked(StakeRole::Onramp).await, 0, "MoveStake took all of it");
    let active = cluster.staked(StakeRole::Main).await;
    assert!(active > DEPOSIT / 100 * 98);

    let before = cluster.pool().await;
    cluster.next_epoch().await;
    cluster.after_rewards().await;
    cluster.update().await.unwrap();
    cluster.crank(cluster.keys.sync_pool()).await;
    let pool = cluster.pool().await;
    let reward = cluster.staked(StakeRole::Main).await - active;
    assert!(reward > 0, "the cluster paid nothing");
    assert!(pool.withheld + pool.value_floor > before.withheld + before.value_floor);
    assert_eq!(pool.stake_lamports - before.stake_lamports, reward);

    let ticket = cluster.order(DEPOSIT / 2).await;
    cluster.enter_last_slots().await;
    cluster.crank(cluster.keys.undelegate(&cluster.validator)).await;
    cluster.next_epoch().await;
    cluster.after_rewards().await;
    cluster.update().await.unwrap();

    let (owed, wallet) =
        (cluster.ticket(&ticket).await.lamports, cluster.lamports(&cluster.ana.pubkey()).await);
    let payer = cluster.context.payer.pubkey();
    cluster.crank(cluster.keys.claim_ticket(&ticket, &cluster.ana.pubkey(), &payer)).await;
    assert_eq!(cluster.lamports(&cluster.ana.pubkey()).await - wallet, owed, "to the lamport");
    assert!(owed >= DEPOSIT / 2);
    assert!(cluster.account(&ticket).await.is_none(), "the ticket is closed");
    let pool_key = cluster.keys.pool;
    let data = cluster.account(&pool_key).await.unwrap().data;
    let slot = cluster.context.banks_client.get_root_slot().await.unwrap();
    let rate = PoolHeader::parse(&data).unwrap().rate_at(slot);
    assert!(rate.value.0 > rate.supply.0, "{rate:?}");
}

impl Cluster {
    async fn start() -> Self {
        let deployed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/deploy");
        assert!(deployed.join("tidepool.so").is_file(), "build the program with `make programs`");
        std::env::set_var("SBF_OUT_DIR", deployed);
        if std::env::var_os("RUST_LOG").is_none() {
            std::env::set_var("RUST_LOG", "off"); // else every line of every program is printed
        }
        let mut test = ProgramTest::default();
        test.prefer_bpf(true);
        test.add_program("tidepool", tidepool_interface::ID, None);
        // Else only validators with a BLS key would be paid, and the bank's own has none.
        test.deactivate_feature(features::validator_admission_ticket::id());
        let context = test.start_with_context().await;

        let is_vote = |account: &Account| account.owner == solana_sdk_ids::vote::id();
        let accounts = &context.genesis_config().accounts;
        let vote = *accounts.iter().find(|(_, account)| is_vote(account)).unwrap().0;
        let mint = Keypair::new_from_array([7; 32]);
        let keys = PoolKeys::new(&mint.pubkey(), &Keypair::new_from_array([8; 32]).pubkey());
        let lst = Keypair::new_from_array([9; 32]).pubkey();
        let ana = Keypair::new_from_array([10; 32]);
        Self { context, validator: keys.validator(&vote, 0), keys, ana, lst, sent: 0 }
    }

    /// The subject is the ELF of `make programs`, and the stake program is the one that mainnet runs.
    async fn assert_real_programs(&mut self) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/deploy/tidepool.so");
        let program = self.account(&tidepool_interface::ID).await.unwrap();
        assert!(program.executable);
        assert_eq!(program.data, std::fs::read(file).unwrap());

        let rent = self.context.banks_client.get_rent().await.unwrap();
        let [_, (address, expected)]: [_; 2] =
            solana_program_binaries::by_id(&STAKE_PROGRAM, &rent).unwrap().try_into().unwrap();
        let elf = self.account(&address).await.unwrap().data.split_off(ELF);
        assert_eq!(elf, Account::from(expected).data[ELF..]);
        assert_eq!(elf.len(), STAKE_5_1_BYTES);
    }

    // ---- the pool

    async fn create_pool(&mut self) {
        let payer = self.context.payer.insecure_clone();
        let mint = Keypair::new_from_array([7; 32]);
        let [treasury, lst] = [8, 9].map(|seed| Keypair::new_from_array([seed; 32]));
        let rent = self.context.banks_client.get_rent().await.unwrap();
        let create = |account: &Keypair, len: usize| {
            let lamports = rent.minimum_balance(len);
            create_account(&payer.pubkey(), &account.pubkey(), lamports, len as u64, &TOKEN_PROGRAM)
        };
        let make_mint = [create(&mint, MINT_LEN), initialize_mint(&mint.pubkey(), &payer.pubkey())];
        self.send(&make_mint, &[&mint]).await.unwrap();
        for (account, owner) in [(&treasury, payer.pubkey()), (&lst, self.ana.pubkey())] {
            let initialize = initialize_account(&account.pubkey(), &mint.pubkey(), &owner);
            self.send(&[create(account, TOKEN_ACCOUNT_LEN), initialize], &[account]).await.unwrap();
        }
        let fund = transfer(&payer.pubkey(), &self.ana.pubkey(), 2 * DEPOSIT);
        let initialize = self.keys.initialize_pool(&payer.pubkey(), &payer.pubkey(), parameters(&payer));
        self.send(&[fund, initialize], &[]).await.unwrap();
    }

    async fn deposit(&mut self, lamports: u64) {
        let ana = self.ana.insecure_clone();
        let deposit = self.keys.deposit(&ana.pubkey(), &self.lst, lamports, lamports);
        self.send(&[deposit], &[&ana]).await.unwrap();
    }

    /// The bank's own validator.
    async fn add_validator(&mut self) {
        let payer = self.context.payer.pubkey();
        self.crank(self.keys.add_validator(&payer, &payer, &self.validator, 100, 0)).await;
    }

    async fn order(&mut self, lst: u64) -> Pubkey {
        let ana = self.ana.insecure_clone();
        let payer = self.context.payer.pubkey();
        let order = self.keys.order_unstake(&ana.pubkey(), &payer, &self.lst, lst, lst, 0);
        self.send(&[order], &[&ana]).await.unwrap();
        pda::ticket(&self.keys.pool, &ana.pubkey(), 0).0
    }

    async fn update(&mut self) -> Result<Vec<String>, String> {
        let page = read_page(&self.account(&self.validator.page.clone()).await.unwrap().data).unwrap();
        let in_use: Vec<StakeRole> =
            StakeRole::ALL.into_iter().filter(|role| page.records[0].uses(*role)).collect();
        let mut batch = Batch::default();
        batch.add(&self.validator, &in_use).unwrap();
        self.send(&[self.keys.update_validators(&batch)], &[]).await
    }

    // ---- time

    async fn next_epoch(&mut self) {
        self.context.increment_vote_account_credits(&self.validator.vote, 1_000);
        let epoch = self.context.banks_client.get_sysvar::<solana_sdk::clock::Clock>().await.unwrap().epoch;
        self.context.warp_to_epoch(epoch + 1).unwrap();
    }

    /// After the slots in which stake rewards are paid.
    async fn after_rewards(&mut self) {
        let slot = self.context.banks_client.get_root_slot().await.unwrap();
        self.context.warp_to_slot(slot + 2).unwrap();
    }

    async fn enter_last_slots(&mut self) {
        let epoch = self.context.banks_client.get_sysvar::<solana_sdk::clock::Clock>().await.unwrap().epoch;
        let next = self.context.genesis_config().epoch_schedule.get_first_slot_in_epoch(epoch + 1);
        self.context.warp_to_slot(next - 2).unwrap();
    }

    // ---- accounts

    async fn account(&mut self, key: &Pubkey) -> Option<Account> {
        self.context.banks_client.get_account(*key).await.unwrap()
    }

    async fn lamports(&mut self, key: &Pubkey) -> u64 {
        self.context.banks_client.get_balance(*key).await.unwrap()
    }

    async fn pool(&mut self) -> Pool {
        read_pool(&self.account(&self.keys.pool.clone()).await.unwrap().data).unwrap()
    }

    async fn ticket(&mut self, key: &Pubkey) -> tidepool_client::Ticket {
        read_ticket(&self.account(key).await.unwrap().data).unwrap()
    }

    async fn staked(&mut self, role: StakeRole) -> u64 {
        let account = self.account(&self.validator.stake(role)).await.unwrap();
        let state: StakeStateV2 = bincode::deserialize(&account.data).unwrap();
        state.delegation().map_or(0, |delegation| delegation.stake)
    }

    // ---- transactions

    /// Sends what must succeed; gives the log.
    async fn crank(&mut self, instruction: Instruction) -> Vec<String> {
        self.send(&[instruction], &[]).await.unwrap()
    }

    /// The payer pays; the log, or the error with the log.
    async fn send(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> Result<Vec<String>, String> {
        self.sent += 1; // makes equal transactions differ
        let mut all = vec![compute_limit(1_400_000 - self.sent)];
        all.extend_from_slice(instructions);
        let payer = &self.context.payer;
        let signers: Vec<&Keypair> = std::iter::once(payer).chain(signers.iter().copied()).collect();
        let blockhash = self.context.last_blockhash;
        let transaction =
            Transaction::new_signed_with_payer(&all, Some(&payer.pubkey()), &signers, blockhash);
        let done = self.context.banks_client.process_transaction_with_metadata(transaction).await.unwrap();
        let logs = done.metadata.map(|metadata| metadata.log_messages).unwrap_or_default();
        done.result.map_err(|error| format!("{error:?} {logs:#?}"))?;
        Ok(logs)
    }
}

/// Main was empty: the onramp's stake came by MoveStake, in a call of the BPF stake program.
fn assert_merged_by_the_stake_program(logs: &[String]) {
    let has = |text: &str| logs.iter().any(|line| line.contains(text));
    assert!(has(&format!("Program {STAKE_PROGRAM} invoke [2]")), "{logs:#?}");
    assert!(has("MoveStake"), "{logs:#?}");
    assert!(has(&format!("Program {STAKE_PROGRAM} consumed")), "a built-in would not say so: {logs:#?}");
    assert!(has(&format!("Program {} consumed", tidepool_interface::ID)), "{logs:#?}");
}

fn code(error: TidepoolError) -> String {
    format!("Custom({})", u32::from(error))
}

fn parameters(manager: &Keypair) -> PoolParameters {
    PoolParameters { manager: manager.pubkey(), guardian: manager.pubkey(), ..typical_parameters() }
}

fn compute_limit(units: u32) -> Instruction {
    let data = [&[2][..], &units.to_le_bytes()].concat();
    Instruction { program_id: solana_sdk_ids::compute_budget::id(), accounts: vec![], data }
}

/// InitializeMint2 with 9 decimals and no freeze authority.
fn initialize_mint(mint: &Pubkey, authority: &Pubkey) -> Instruction {
    let data = [&[20, 9][..], authority.as_ref(), &[0]].concat();
    Instruction { program_id: TOKEN_PROGRAM, accounts: vec![AccountMeta::new(*mint, false)], data }
}

/// InitializeAccount3.
fn initialize_account(account: &Pubkey, mint: &Pubkey, owner: &Pubkey) -> Instruction {
    let data = [&[18][..], owner.as_ref()].concat();
    let accounts = vec![AccountMeta::new(*account, false), AccountMeta::new_readonly(*mint, false)];
    Instruction { program_id: TOKEN_PROGRAM, accounts, data }
}
