//! SPL Token by its bytes. The chain carries p-token (`spl_p_token-1.0.0`) at the token program's address, as mainnet has
//! since SIMD-0266, Token-2022 10.0.0 and the associated token program 1.1.1. What is done to a mint or a token account
//! is done by the program that owns it.

mod account_extension;
mod mint_2022;
mod mint_extension;
mod owner;
mod tlv;

pub use tidepool_client::cluster::{
    associated_token_address_of, ASSOCIATED_TOKEN_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM,
};
pub use {
    account_extension::AccountExtension,
    mint_extension::{MintExtension, METADATA},
    tlv::{extensions, Extension},
};

use {
    crate::{chain::Chain, outcome::Failure},
    solana_instruction::{AccountMeta, Instruction},
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    solana_system_interface::instruction::create_account,
};

/// Bytes of a mint without extensions.
pub const MINT_LEN: usize = 82;
/// Bytes of a token account without extensions.
pub const TOKEN_ACCOUNT_LEN: usize = 165;

const INITIALIZE_MINT_2: u8 = 20;
const INITIALIZE_ACCOUNT_3: u8 = 18;
const TRANSFER: u8 = 3;
const MINT_TO: u8 = 7;

/// Where the supply lies in a mint and the amount in a token account.
const SUPPLY: usize = 36;
const AMOUNT: usize = 64;

impl Chain {
    /// Makes a mint at `mint`, by the classic token program; the faucet pays.
    pub fn create_mint(
        &self,
        mint: &Keypair,
        authority: &Pubkey,
        decimals: u8,
        freeze_authority: Option<&Pubkey>,
    ) -> Result<(), Failure> {
        let initialize =
            initialize_mint(&TOKEN_PROGRAM, &mint.pubkey(), authority, decimals, freeze_authority);
        let create = self.create_token_program_account(mint, MINT_LEN, &TOKEN_PROGRAM);
        self.send(&[create, initialize], &[self.faucet(), mint]).map(|_| ())
    }

    /// Makes a token account of `owner` at an address of its own, without extensions that the mint does not want; the
    /// faucet pays.
    pub fn create_token_account(&self, mint: &Pubkey, owner: &Pubkey) -> Result<Pubkey, Failure> {
        let program = self.token_program_of(mint);
        let len = match program {
            TOKEN_2022_PROGRAM => self.token_account_len(mint, &[])?,
            _ => TOKEN_ACCOUNT_LEN,
        };
        let account = self.fresh_keypair();
        let create = self.create_token_program_account(&account, len, &program);
        let initialize = initialize_account(&program, &account.pubkey(), mint, owner);
        self.send(&[create, initialize], &[self.faucet(), &account])?;
        Ok(account.pubkey())
    }

    /// Makes the associated token account of `owner`, if it is not there yet; the faucet pays. Under Token-2022 its owner
    /// is immutable.
    pub fn create_associated_token_account(&self, mint: &Pubkey, owner: &Pubkey) -> Result<Pubkey, Failure> {
        let program = self.token_program_of(mint);
        let address = associated_token_address_of(owner, mint, &program);
        let create_idempotent = Instruction {
            program_id: ASSOCIATED_TOKEN_PROGRAM,
            accounts: vec![
                AccountMeta::new(self.faucet().pubkey(), true),
                AccountMeta::new(address, false),
                AccountMeta::new_readonly(*owner, false),
                AccountMeta::new_readonly(*mint, false),
                AccountMeta::new_readonly(solana_sdk_ids::system_program::id(), false),
                AccountMeta::new_readonly(program, false),
            ],
            data: vec![1],
        };
        self.send(&[create_idempotent], &[self.faucet()])?;
        Ok(address)
    }

    /// Mints; `authority` pays the fee.
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
        let data = with_amount(MINT_TO, amount);
        let mint_to = Instruction { program_id: self.token_program_of(mint), accounts, data };
        self.send(&[mint_to], &[authority]).map(|_| ())
    }

    /// Transfers without naming the mint; `owner` pays the fee.
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
        let data = with_amount(TRANSFER, amount);
        let transfer = Instruction { program_id: self.token_program_of(from), accounts, data };
        self.send(&[transfer], &[owner]).map(|_| ())
    }

    /// Base units in a token account; 0 if there is none.
    pub fn token_balance(&self, account: &Pubkey) -> u64 {
        self.u64_at(account, AMOUNT).unwrap_or(0)
    }

    /// Base units of a mint; 0 if there is none.
    pub fn mint_supply(&self, mint: &Pubkey) -> u64 {
        self.u64_at(mint, SUPPLY).unwrap_or(0)
    }

    /// The token program a mint or a token account belongs to; the classic one for whatever is neither.
    pub fn token_program_of(&self, key: &Pubkey) -> Pubkey {
        match self.account(key) {
            Some(account) if account.owner == TOKEN_2022_PROGRAM => TOKEN_2022_PROGRAM,
            _ => TOKEN_PROGRAM,
        }
    }

    /// The first instruction of a new mint or token account; the faucet pays its rent.
    fn create_token_program_account(&self, account: &Keypair, len: usize, program: &Pubkey) -> Instruction {
        let rent = self.rent().minimum_balance(len);
        create_account(&self.faucet().pubkey(), &account.pubkey(), rent, len as u64, program)
    }

    fn u64_at(&self, key: &Pubkey, offset: usize) -> Option<u64> {
        let account = self.account(key)?;
        let bytes = account.data.get(offset..offset + 8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    }
}

/// The address of an owner's associated token account (classic token program).
pub fn associated_token_address(owner: &Pubkey, mint: &Pubkey) -> Pubkey {
    associated_token_address_of(owner, mint, &TOKEN_PROGRAM)
}

fn initialize_mint(
    program: &Pubkey,
    mint: &Pubkey,
    authority: &Pubkey,
    decimals: u8,
    freeze_authority: Option<&Pubkey>,
) -> Instruction {
    let mut data = vec![INITIALIZE_MINT_2, decimals];
    data.extend_from_slice(authority.as_ref());
    data.push(u8::from(freeze_authority.is_some()));
    data.extend(freeze_authority.iter().flat_map(|key| key.to_bytes()));
    Instruction { program_id: *program, accounts: vec![AccountMeta::new(*mint, false)], data }
}

fn initialize_account(program: &Pubkey, account: &Pubkey, mint: &Pubkey, owner: &Pubkey) -> Instruction {
    let mut data = vec![INITIALIZE_ACCOUNT_3];
    data.extend_from_slice(owner.as_ref());
    let accounts = vec![AccountMeta::new(*account, false), AccountMeta::new_readonly(*mint, false)];
    Instruction { program_id: *program, accounts, data }
}

fn with_amount(tag: u8, amount: u64) -> Vec<u8> {
    let mut data = vec![tag];
    data.extend_from_slice(&amount.to_le_bytes());
    data
}
