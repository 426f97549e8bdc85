//! Steps and what they change. A step's accounts are all accounts its instruction names and all of the world's; what the
//! test does not say to change must be the same, to the byte.

mod fixed;
mod lst;

use {
    anchor_lang::{AccountSerialize, Discriminator, Owner as OfProgram},
    bytemuck::Pod as Plain,
    solana_account::Account,
    solana_instruction::Instruction,
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    std::{collections::BTreeMap, fmt::Debug},
    tidepool_client::{cluster, PoolKeys},
    tidepool_localnet::{Chain, Failure, Outcome, MINT_LEN, TOKEN_ACCOUNT_LEN},
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

/// What a world has to say so that its steps can be asserted.
pub trait Stage {
    /// The addresses by which a test says what changes.
    type Keys;

    fn keys(&self) -> Self::Keys;

    fn chain(&self) -> &Chain;

    /// All accounts that are the world's own, by name.
    fn cast(&self) -> Vec<(String, Pubkey)>;

    /// Sends a transaction whose fee the faucet pays, and checks the world's books.
    fn step(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Outcome, Failure>;
}

/// Steps of a world with all they do.
pub trait Expect: Stage {
    /// Sends the instruction and asserts that it changed what `change` says, and nothing else.
    ///
    /// # Panics
    /// If it is refused or changes anything else.
    fn expect_change(
        &mut self,
        instruction: &Instruction,
        signers: &[&Keypair],
        change: impl FnOnce(&mut Expected<Self::Keys>),
    ) -> Outcome {
        let instructions = std::slice::from_ref(instruction);
        let before = self.snapshot(instructions);
        let outcome = self.step(instructions, signers).unwrap_or_else(|failure| panic!("{failure}"));
        let mut expected = Expected { keys: self.keys(), accounts: before, now: self.snapshot(instructions) };
        expected.pays(&self.chain().faucet().pubkey(), outcome.fee);
        change(&mut expected);
        expected.assert_equal(self);
        outcome
    }

    /// Sends the instruction and asserts that it is refused for this reason and changes nothing.
    ///
    /// # Panics
    /// If it is not refused, for another reason, with a panic, or changes anything.
    fn expect_refusal(
        &self,
        instruction: &Instruction,
        signers: &[&Keypair],
        refusal: impl Refusal,
    ) -> Failure {
        self.expect_refusal_of_all(std::slice::from_ref(instruction), signers, refusal)
    }

    /// As [`Expect::expect_refusal`], for several instructions in one transaction; any of them may be the reason.
    ///
    /// # Panics
    /// As [`Expect::expect_refusal`].
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

    /// Asserts that the instruction fails, whatever the reason, and changes nothing.
    ///
    /// # Panics
    /// If it succeeds, panics or changes anything.
    fn expect_failure(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Failure {
        let before = self.snapshot(instructions);
        let faucet = self.chain().faucet().insecure_clone();
        let signers: Vec<&Keypair> = std::iter::once(&faucet).chain(signers.iter().copied()).collect();
        // Straight to the chain: what changes nothing leaves the world's books as they were, even where a test broke
        // them on purpose.
        let Err(failure) = self.chain().send(instructions, &signers) else {
            panic!("a refusal was expected");
        };
        let panics = |line: &String| line.contains("panicked") || line.contains("failed to complete");
        assert!(!failure.logs.iter().any(panics), "the program panicked: {failure}");
        let mut expected = Expected { keys: self.keys(), accounts: before, now: BTreeMap::new() };
        expected.pays(&faucet.pubkey(), failure.fee);
        expected.assert_equal(self);
        failure
    }

    /// The accounts of these instructions and of the world, as they are.
    fn snapshot(&self, instructions: &[Instruction]) -> BTreeMap<Pubkey, Account> {
        let of_world = self.cast().into_iter().map(|(_, key)| key);
        let named = instructions.iter().flat_map(|it| &it.accounts).map(|meta| meta.pubkey);
        let state = |key| (key, self.chain().account(&key).unwrap_or_default());
        of_world.chain(named).map(state).collect()
    }
}

impl<T: Stage> Expect for T {}

/// The accounts of a step as they should be after it.
pub struct Expected<K = PoolKeys> {
    keys: K,
    accounts: BTreeMap<Pubkey, Account>,
    /// As they are.
    now: BTreeMap<Pubkey, Account>,
}

impl<K> Expected<K> {
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

    /// An account of the program, with its lamports.
    pub fn writes<T: AccountSerialize + OfProgram>(&mut self, key: &Pubkey, lamports: u64, state: &T) {
        let mut data = vec![];
        state.try_serialize(&mut data).unwrap();
        *self.account(key) = Account { lamports, data, owner: T::owner(), ..Account::default() };
    }

    /// An account of the program that stays, with another state.
    pub fn rewrites(&mut self, key: &Pubkey, state: &impl AccountSerialize) {
        let mut data = vec![];
        state.try_serialize(&mut data).unwrap();
        self.account(key).data[..data.len()].copy_from_slice(&data);
    }

    /// An account is gone, and its lamports are where they were paid from.
    pub fn closes(&mut self, key: &Pubkey, to: &Pubkey) {
        let lamports = std::mem::take(self.account(key)).lamports;
        self.gets(to, lamports);
    }

    /// A zero-copy account of the program, with its lamports.
    pub fn creates<T: Plain + Discriminator + OfProgram>(&mut self, key: &Pubkey, lamports: u64, state: &T) {
        let mut data = T::DISCRIMINATOR.to_vec();
        data.extend_from_slice(bytemuck::bytes_of(state));
        *self.account(key) = Account { lamports, data, owner: T::owner(), ..Account::default() };
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

    fn assert_equal<T: Stage + ?Sized>(&self, world: &T) {
        let cast = world.cast();
        let name = |key: &Pubkey| {
            let found = cast.iter().find(|(_, known)| known == key);
            found.map_or("account", |(name, _)| name.as_str())
        };
        let wrong: Vec<String> = self
            .accounts
            .iter()
            .filter_map(|(key, expected)| {
                let now = world.chain().account(key).unwrap_or_default();
                let difference = difference(expected, &now)?;
                Some(format!("{} {key}: {difference}", name(key)))
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
