//! Steps and what they change. A step's accounts are all accounts its instruction names and all of the pool's; what the
//! test does not say to change must be the same, to the byte.

use {
    anchor_lang::{AccountSerialize, Discriminator},
    bytemuck::Pod as Plain,
    solana_account::Account,
    solana_instruction::Instruction,
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    std::{collections::BTreeMap, fmt::Debug},
    tidepool_client::{
        cluster, read_liquidity, read_page, read_pool, Liquidity, Pool, PoolKeys, Ticket, ValidatorKeys,
        ValidatorRecord,
    },
    tidepool_localnet::{Failure, Outcome, World, MINT_LEN, TOKEN_ACCOUNT_LEN},
    tidepool_math::Slot,
};

/// Where the supply lies in a mint and the amount in a token account.
const SUPPLY: usize = 36;
const AMOUNT: usize = 64;

/// An error as the runtime gives it: its number. Errors of the program, of Anchor and of other programs all are some.
pub trait Refusal: Debug {
    fn code(self) -> u32;
}

impl<T: Into<u32> + Debug> Refusal for T {
    fn code(self) -> u32 {
        self.into()
    }
}

/// Refusals by the programs Tidepool calls: it leaves to them what they check anyway.
#[derive(Clone, Copy, Debug)]
pub enum OtherProgram {
    /// The system program: the wallet holds less.
    TooFewLamports = 1,
    /// The token program: the signer may not spend from this account.
    NotTheTokenOwner = 4,
}

impl From<OtherProgram> for u32 {
    fn from(refusal: OtherProgram) -> Self {
        refusal as u32
    }
}

/// Steps of a world with all they do.
pub trait Expect {
    /// Sends the instruction and asserts that it changed what `change` says, and nothing else.
    ///
    /// # Panics
    /// If it is refused or changes anything else.
    fn expect_change(
        &mut self,
        instruction: &Instruction,
        signers: &[&Keypair],
        change: impl FnOnce(&mut Expected),
    ) -> Outcome;

    /// Sends the instruction and asserts that it is refused for this reason and changes nothing.
    ///
    /// # Panics
    /// If it is not refused, for another reason, with a panic, or changes anything.
    fn expect_refusal(
        &self,
        instruction: &Instruction,
        signers: &[&Keypair],
        refusal: impl Refusal,
    ) -> Failure;

    /// As [`Expect::expect_refusal`], for several instructions in one transaction; any of them may be the reason.
    ///
    /// # Panics
    /// As [`Expect::expect_refusal`].
    fn expect_refusal_of_all(
        &self,
        instructions: &[Instruction],
        signers: &[&Keypair],
        refusal: impl Refusal,
    ) -> Failure;

    /// Asserts that the instruction fails, whatever the reason, and changes nothing.
    ///
    /// # Panics
    /// If it succeeds, panics or changes anything.
    fn expect_failure(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Failure;

    /// The accounts of these instructions and of the pool, as they are.
    fn snapshot(&self, instructions: &[Instruction]) -> BTreeMap<Pubkey, Account>;
}

impl Expect for World {
    fn expect_change(
        &mut self,
        instruction: &Instruction,
        signers: &[&Keypair],
        change: impl FnOnce(&mut Expected),
    ) -> Outcome {
        let instructions = std::slice::from_ref(instruction);
        let before = self.snapshot(instructions);
        let outcome = self.send(instructions, signers).unwrap_or_else(|failure| panic!("{failure}"));
        let mut expected = Expected { keys: self.keys, accounts: before, now: self.snapshot(instructions) };
        expected.pays(&self.chain.faucet().pubkey(), outcome.fee);
        change(&mut expected);
        expected.assert_equal(self);
        outcome
    }

    fn expect_refusal(
        &self,
        instruction: &Instruction,
        signers: &[&Keypair],
        refusal: impl Refusal,
    ) -> Failure {
        self.expect_refusal_of_all(std::slice::from_ref(instruction), signers, refusal)
    }

    fn expect_refusal_of_all(
        &self,
        instructions: &[Instruction],
        signers: &[&Keypair],
        refusal: impl Refusal,
    ) -> Failure {
        let failure = self.expect_failure(instructions, signers);
        let name = format!("{refusal:?}");
        assert_eq!(failure.custom_error_code(), Some(refusal.code()), "{name} was expected: {failure}");
        failure
    }

    fn expect_failure(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Failure {
        let before = self.snapshot(instructions);
        let faucet = self.chain.faucet().insecure_clone();
        let signers: Vec<&Keypair> = std::iter::once(&faucet).chain(signers.iter().copied()).collect();
        // Straight to the chain: what changes nothing leaves the world's books as they were, even where a test broke
        // them on purpose.
        let Err(failure) = self.chain.send(instructions, &signers) else {
            panic!("a refusal was expected");
        };
        let panics = |line: &String| line.contains("panicked") || line.contains("failed to complete");
        assert!(!failure.logs.iter().any(panics), "the program panicked: {failure}");
        let mut expected = Expected { keys: self.keys, accounts: before, now: BTreeMap::new() };
        expected.pays(&faucet.pubkey(), failure.fee);
        expected.assert_equal(self);
        failure
    }

    fn snapshot(&self, instructions: &[Instruction]) -> BTreeMap<Pubkey, Account> {
        let PoolKeys {
            pool,
            lst_mint,
            treasury,
            authority,
            reserve,
            insurance,
            history,
            liquidity,
            sol_vault,
            lst_vault,
            lp_mint,
            dead_lst,
            dead_lp,
            token_program: _,
        } = self.keys;
        let mut keys = vec![
            pool, lst_mint, treasury, authority, reserve, insurance, history, liquidity, sol_vault,
            lst_vault, lp_mint, dead_lst, dead_lp,
        ];
        keys.push(self.chain.faucet().pubkey());
        keys.push(self.operator.pubkey());
        keys.extend(self.validators.iter().flat_map(|v| v.stakes.into_iter().chain([v.page, v.vote])));
        keys.extend(self.users().flat_map(|(_, user)| [user.wallet.pubkey(), user.lst, user.lp]));
        keys.extend(self.tickets.iter().map(|ticket| ticket.key));
        keys.extend(instructions.iter().flat_map(|it| &it.accounts).map(|meta| meta.pubkey));
        let state = |key| (key, self.account(&key).unwrap_or_default());
        keys.into_iter().map(state).collect()
    }
}

/// The accounts of a step as they should be after it.
pub struct Expected {
    keys: PoolKeys,
    accounts: BTreeMap<Pubkey, Account>,
    /// As they are.
    now: BTreeMap<Pubkey, Account>,
}

impl Expected {
    /// # Panics
    /// If the account is none of the step's.
    pub fn account(&mut self, key: &Pubkey) -> &mut Account {
        self.accounts.get_mut(key).unwrap_or_else(|| panic!("{key} has no part in this step"))
    }

    /// `key` has so many lamports more.
    pub fn gets(&mut self, key: &Pubkey, lamports: u64) {
        self.account(key).lamports += lamports;
    }

    /// `key` has so many lamports less.
    pub fn pays(&mut self, key: &Pubkey, lamports: u64) {
        self.account(key).lamports -= lamports;
    }

    /// Lamports go from one account to another.
    pub fn moves(&mut self, from: &Pubkey, to: &Pubkey, lamports: u64) {
        self.pays(from, lamports);
        self.gets(to, lamports);
    }

    /// Tokens come into being in `to`.
    pub fn mints(&mut self, mint: &Pubkey, to: &Pubkey, amount: u64) {
        self.change_u64(mint, SUPPLY, i128::from(amount));
        self.change_u64(to, AMOUNT, i128::from(amount));
    }

    /// Tokens of `from` are gone.
    pub fn burns(&mut self, mint: &Pubkey, from: &Pubkey, amount: u64) {
        self.change_u64(mint, SUPPLY, -i128::from(amount));
        self.change_u64(from, AMOUNT, -i128::from(amount));
    }

    pub fn transfers(&mut self, from: &Pubkey, to: &Pubkey, amount: u64) {
        self.change_u64(from, AMOUNT, -i128::from(amount));
        self.change_u64(to, AMOUNT, i128::from(amount));
    }

    /// The pool's books.
    pub fn pool(&mut self, change: impl FnOnce(&mut Pool)) {
        let account = self.accounts.get_mut(&self.keys.pool).unwrap();
        let mut pool = read_pool(&account.data).unwrap();
        change(&mut pool);
        write(account, &pool);
    }

    /// The reward stream releases what is due at `slot`, as every touch of the pool makes it do.
    pub fn releases(&mut self, slot: Slot) {
        self.pool(|pool| {
            let due = pool.stream().due(slot).0;
            pool.withheld -= due;
            pool.value_floor += due;
        });
    }

    /// The liquidity pool's books.
    pub fn liquidity(&mut self, change: impl FnOnce(&mut Liquidity)) {
        let account = self.accounts.get_mut(&self.keys.liquidity).unwrap();
        let mut liquidity = read_liquidity(&account.data).unwrap();
        change(&mut liquidity);
        write(account, &liquidity);
    }

    /// The record of a validator.
    pub fn record(&mut self, validator: &ValidatorKeys, change: impl FnOnce(&mut ValidatorRecord)) {
        let account = self.account(&validator.page);
        let mut page = read_page(&account.data).unwrap();
        change(&mut page.records[usize::from(validator.slot_in_page)]);
        write(account, &page);
    }

    /// The stake program changed the state of this account, which the test looks at itself; not its lamports.
    pub fn stake_program_writes(&mut self, key: &Pubkey) {
        let data = self.now[key].data.clone();
        self.account(key).data = data;
    }

    /// A ticket's account, with its lamports.
    pub fn ticket(&mut self, key: &Pubkey, lamports: u64, ticket: &Ticket) {
        self.writes(key, lamports, ticket);
    }

    /// An account of the program, with its lamports.
    pub fn writes(&mut self, key: &Pubkey, lamports: u64, state: &impl AccountSerialize) {
        let mut data = vec![];
        state.try_serialize(&mut data).unwrap();
        *self.account(key) = Account { lamports, data, owner: tidepool_interface::ID, ..Account::default() };
    }

    /// An account is gone, and its lamports are where they were paid from.
    pub fn closes(&mut self, key: &Pubkey, to: &Pubkey) {
        let lamports = std::mem::take(self.account(key)).lamports;
        self.gets(to, lamports);
    }

    /// A zero-copy account of the program, with its lamports.
    pub fn creates<T: Plain + Discriminator>(&mut self, key: &Pubkey, lamports: u64, state: &T) {
        let mut data = T::DISCRIMINATOR.to_vec();
        data.extend_from_slice(bytemuck::bytes_of(state));
        *self.account(key) = Account { lamports, data, owner: tidepool_interface::ID, ..Account::default() };
    }

    /// A new token account.
    pub fn creates_token_account(&mut self, key: &Pubkey, lamports: u64, mint: &Pubkey, owner: &Pubkey) {
        let mut data = vec![0; TOKEN_ACCOUNT_LEN];
        data[..32].copy_from_slice(mint.as_ref());
        data[32..64].copy_from_slice(owner.as_ref());
        data[108] = 1; // initialized
        *self.account(key) = Account { lamports, data, owner: cluster::TOKEN_PROGRAM, ..Account::default() };
    }

    /// A new mint without supply.
    pub fn creates_mint(&mut self, key: &Pubkey, lamports: u64, authority: &Pubkey, decimals: u8) {
        let mut data = vec![0; MINT_LEN];
        data[0] = 1; // an authority to mint
        data[4..36].copy_from_slice(authority.as_ref());
        data[44] = decimals;
        data[45] = 1; // initialized
        *self.account(key) = Account { lamports, data, owner: cluster::TOKEN_PROGRAM, ..Account::default() };
    }

    fn change_u64(&mut self, key: &Pubkey, offset: usize, change: i128) {
        let bytes = &mut self.account(key).data[offset..offset + 8];
        let now = i128::from(u64::from_le_bytes((&*bytes).try_into().unwrap())) + change;
        bytes.copy_from_slice(&u64::try_from(now).unwrap().to_le_bytes());
    }

    fn assert_equal(&self, world: &World) {
        let wrong: Vec<String> = self
            .accounts
            .iter()
            .filter_map(|(key, expected)| {
                let now = world.account(key).unwrap_or_default();
                let difference = difference(expected, &now)?;
                Some(format!("{} {key}: {difference}", name(world, key)))
            })
            .collect();
        assert!(wrong.is_empty(), "not as expected:\n  {}", wrong.join("\n  "));
    }
}

fn write<T: Plain + Discriminator>(account: &mut Account, state: &T) {
    let start = T::DISCRIMINATOR.len();
    account.data[start..start + size_of::<T>()].copy_from_slice(bytemuck::bytes_of(state));
}

/// The first thing that differs.
fn difference(expected: &Account, now: &Account) -> Option<String> {
    if expected.lamports != now.lamports {
        let by = i128::from(now.lamports) - i128::from(expected.lamports);
        return Some(format!("{} lamports expected, {} there ({by:+})", expected.lamports, now.lamports));
    }
    if expected.owner != now.owner {
        return Some(format!("owner {} expected, {} there", expected.owner, now.owner));
    }
    if expected.data.len() != now.data.len() {
        return Some(format!("{} bytes expected, {} there", expected.data.len(), now.data.len()));
    }
    let at = (0..now.data.len()).find(|at| expected.data[*at] != now.data[*at])? / 8 * 8;
    let word = |data: &[u8]| {
        let mut bytes = [0; 8];
        let part = &data[at..data.len().min(at + 8)];
        bytes[..part.len()].copy_from_slice(part);
        u64::from_le_bytes(bytes)
    };
    Some(format!("{} expected in bytes {at}.., {} there", word(&expected.data), word(&now.data)))
}

fn name(world: &World, key: &Pubkey) -> String {
    let k = &world.keys;
    let of_pool = [
        (k.pool, "pool"),
        (k.lst_mint, "LST mint"),
        (k.treasury, "treasury"),
        (k.reserve, "reserve"),
        (k.insurance, "insurance"),
        (k.history, "history"),
        (k.liquidity, "liquidity"),
        (k.sol_vault, "SOL vault"),
        (k.lst_vault, "LST vault"),
        (k.lp_mint, "LP mint"),
        (k.dead_lst, "dead LST"),
        (k.dead_lp, "dead LP"),
        (world.chain.faucet().pubkey(), "faucet"),
        (world.operator.pubkey(), "operator"),
    ];
    if let Some((_, name)) = of_pool.iter().find(|(known, _)| known == key) {
        return (*name).to_string();
    }
    for (name, user) in world.users() {
        let accounts = [(user.wallet.pubkey(), "wallet"), (user.lst, "LST"), (user.lp, "LP")];
        if let Some((_, what)) = accounts.iter().find(|(known, _)| known == key) {
            return format!("{name}'s {what}");
        }
    }
    for (index, validator) in world.validators.iter().enumerate() {
        if let Some(role) = validator.stakes.iter().position(|known| known == key) {
            return format!("{} of validator {index}", ["main", "onramp", "offramp"][role]);
        }
        if validator.page == *key {
            return format!("page {}", validator.page_index);
        }
    }
    "account".to_string()
}
