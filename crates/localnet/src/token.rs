//! SPL Token by its bytes. The chain carries p-token (`spl_p_token-1.0.0`) at the token program's address, as mainnet has
//! since SIMD-0266, Token-2022 10.0.0 and the associated token program 1.1.1.

use {
    crate::{chain::Chain, outcome::Failure},
    solana_instruction::{AccountMeta, Instruction},
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    solana_system_interface::instruction::create_account,
};

pub const TOKEN_PROGRAM: Pubkey = Pubkey::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
pub const TOKEN_2022_PROGRAM: Pubkey = Pubkey::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
pub const ASSOCIATED_TOKEN_PROGRAM: Pubkey =
    Pubkey::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");

/// Bytes of a mint.
pub const MINT_LEN: usize = 82;
/// Bytes of a token account.
pub const TOKEN_ACCOUNT_LEN: usize = 165;

const INITIALIZE_MINT_2: u8 = 20;
const INITIALIZE_ACCOUNT_3: u8 = 18;
const TRANSFER: u8 = 3;
const MINT_TO: u8 = 7;

/// Where the supply lies in a mint and the amount in a token account.
const SUPPLY: usize = 36;
const AMOUNT: usize = 64;

impl Chain {
    /// Makes a mint at `mint`, by the token program; the faucet pays.
    pub fn create_mint(
        &self,
        mint: &Keypair,
        authority: &Pubkey,
        decimals: u8,
        freeze_authority: Option<&Pubkey>,
    ) -> Result<(), Failure> {
        let mut data = vec![INITIALIZE_MINT_2, decimals];
        data.extend_from_slice(authority.as_ref());
        data.push(u8::from(freeze_authority.is_some()));
        data.extend(freeze_authority.iter().flat_map(|key| key.to_bytes()));
        let accounts = vec![AccountMeta::new(mint.pubkey(), false)];
        self.create_token_program_account(mint, MINT_LEN, accounts, data)
    }

    /// Makes a token account of `owner` at an address of its own, by the token program; the faucet pays.
    pub fn create_token_account(&self, mint: &Pubkey, owner: &Pubkey) -> Result<Pubkey, Failure> {
        let account = self.fresh_keypair();
        let mut data = vec![INITIALIZE_ACCOUNT_3];
        data.extend_from_slice(owner.as_ref());
        let accounts =
            vec![AccountMeta::new(account.pubkey(), false), AccountMeta::new_readonly(*mint, false)];
        self.create_token_program_account(&account, TOKEN_ACCOUNT_LEN, accounts, data)?;
        Ok(account.pubkey())
    }

    /// Makes the associated token account of `owner`, if it is not there yet; the faucet pays.
    pub fn create_associated_token_account(&self, mint: &Pubkey, owner: &Pubkey) -> Result<Pubkey, Failure> {
        let address = associated_token_address(owner, mint);
        let create_idempotent = Instruction {
            program_id: ASSOCIATED_TOKEN_PROGRAM,
            accounts: vec![
                AccountMeta::new(self.faucet().pubkey(), true),
                AccountMeta::new(address, false),
                AccountMeta::new_readonly(*owner, false),
                AccountMeta::new_readonly(*mint, false),
                AccountMeta::new_readonly(solana_sdk_ids::system_program::id(), false),
                AccountMeta::new_readonly(TOKEN_PROGRAM, false),
            ],
            data: vec![1],
        };
        self.send(&[create_idempotent], &[self.faucet()])?;
        Ok(address)
    }

    /// Mints by the token program; `authority` pays the fee.
    pub fn mint_to(
        &self,
        mint: &Pubkey,
        to: &Pubkey,
        authority: &Keypair,
        amount: u64,
    ) -> Result<(), Failure> {
        let accounts = vec![
            AccountMeta::new(*mint, false),
            AccountMeta::new(*to, false),
            AccountMeta::new_readonly(authority.pubkey(), true),
        ];
        self.send(&[token_instruction(MINT_TO, amount, accounts)], &[authority]).map(|_| ())
    }

    /// Transfers by the token program; `owner` pays the fee.
    pub fn transfer_tokens(
        &self,
        from: &Pubkey,
        to: &Pubkey,
        owner: &Keypair,
        amount: u64,
    ) -> Result<(), Failure> {
        let accounts = vec![
            AccountMeta::new(*from, false),
            AccountMeta::new(*to, false),
            AccountMeta::new_readonly(owner.pubkey(), true),
        ];
        self.send(&[token_instruction(TRANSFER, amount, accounts)], &[owner]).map(|_| ())
    }

    /// Base units in a token account; 0 if there is none.
    pub fn token_balance(&self, account: &Pubkey) -> u64 {
        self.u64_at(account, AMOUNT).unwrap_or(0)
    }

    /// Base units of a mint; 0 if there is none.
    pub fn mint_supply(&self, mint: &Pubkey) -> u64 {
        self.u64_at(mint, SUPPLY).unwrap_or(0)
    }

    fn create_token_program_account(
        &self,
        account: &Keypair,
        len: usize,
        accounts: Vec<AccountMeta>,
        initialize: Vec<u8>,
    ) -> Result<(), Failure> {
        let faucet = self.faucet();
        let rent = self.rent().minimum_balance(len);
        let create = create_account(&faucet.pubkey(), &account.pubkey(), rent, len as u64, &TOKEN_PROGRAM);
        let initialize = Instruction { program_id: TOKEN_PROGRAM, accounts, data: initialize };
        self.send(&[create, initialize], &[faucet, account]).map(|_| ())
    }

    fn u64_at(&self, key: &Pubkey, offset: usize) -> Option<u64> {
        let account = self.account(key)?;
        let bytes = account.data.get(offset..offset + 8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    }
}

/// The address of an owner's associated token account (classic token program).
pub fn associated_token_address(owner: &Pubkey, mint: &Pubkey) -> Pubkey {
    let seeds = [owner.as_ref(), TOKEN_PROGRAM.as_ref(), mint.as_ref()];
    Pubkey::find_program_address(&seeds, &ASSOCIATED_TOKEN_PROGRAM).0
}

fn token_instruction(tag: u8, amount: u64, accounts: Vec<AccountMeta>) -> Instruction {
    let mut data = vec![tag];
    data.extend_from_slice(&amount.to_le_bytes());
    Instruction { program_id: TOKEN_PROGRAM, accounts, data }
}
