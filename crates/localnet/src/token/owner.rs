//! What the owner of a token account, or a mint's freeze authority, may do to it, under either token program.

use {
    super::with_amount,
    crate::{chain::Chain, outcome::Failure},
    solana_instruction::{AccountMeta, Instruction},
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
};

const SET_AUTHORITY: u8 = 6;
const CLOSE_ACCOUNT: u8 = 9;
const FREEZE_ACCOUNT: u8 = 10;
const THAW_ACCOUNT: u8 = 11;
const TRANSFER_CHECKED: u8 = 12;
const BURN_CHECKED: u8 = 15;

/// Kinds of authority.
const ACCOUNT_OWNER: u8 = 2;

/// Where the mint of a token account and the decimals of a mint are.
const MINT: std::ops::Range<usize> = 0..32;
const DECIMALS: usize = 44;

impl Chain {
    /// Transfers, with the mint and its decimals named; `owner` pays the fee.
    pub fn transfer_checked(
        &self,
        from: &Pubkey,
        to: &Pubkey,
        owner: &Keypair,
        amount: u64,
    ) -> Result<(), Failure> {
        let mint = self.mint_of(from);
        let accounts = vec![
            AccountMeta::new(*from, false),
            AccountMeta::new_readonly(mint, false),
            AccountMeta::new(*to, false),
        ];
        let data = self.with_decimals(&mint, with_amount(TRANSFER_CHECKED, amount));
        self.as_token_owner(from, accounts, data, owner)
    }

    /// Burns tokens of `owner`, who pays the fee.
    pub fn burn(&self, from: &Pubkey, owner: &Keypair, amount: u64) -> Result<(), Failure> {
        let mint = self.mint_of(from);
        let accounts = vec![AccountMeta::new(*from, false), AccountMeta::new(mint, false)];
        let data = self.with_decimals(&mint, with_amount(BURN_CHECKED, amount));
        self.as_token_owner(from, accounts, data, owner)
    }

    /// Closes an empty token account; `owner` gets its lamports and pays the fee.
    pub fn close_token_account(&self, account: &Pubkey, owner: &Keypair) -> Result<(), Failure> {
        let accounts = vec![AccountMeta::new(*account, false), AccountMeta::new(owner.pubkey(), false)];
        self.as_token_owner(account, accounts, vec![CLOSE_ACCOUNT], owner)
    }

    /// Hands a token account to somebody else; `owner` pays the fee.
    pub fn set_token_owner(&self, account: &Pubkey, owner: &Keypair, new: &Pubkey) -> Result<(), Failure> {
        let mut data = vec![SET_AUTHORITY, ACCOUNT_OWNER, 1];
        data.extend_from_slice(new.as_ref());
        self.as_token_owner(account, vec![AccountMeta::new(*account, false)], data, owner)
    }

    /// Freezes a token account; the mint's freeze authority pays the fee.
    pub fn freeze_token_account(&self, account: &Pubkey, authority: &Keypair) -> Result<(), Failure> {
        self.set_frozen(account, authority, FREEZE_ACCOUNT)
    }

    /// Thaws a token account; the mint's freeze authority pays the fee.
    pub fn thaw_token_account(&self, account: &Pubkey, authority: &Keypair) -> Result<(), Failure> {
        self.set_frozen(account, authority, THAW_ACCOUNT)
    }

    fn set_frozen(&self, account: &Pubkey, authority: &Keypair, tag: u8) -> Result<(), Failure> {
        let mint = AccountMeta::new_readonly(self.mint_of(account), false);
        self.as_token_owner(account, vec![AccountMeta::new(*account, false), mint], vec![tag], authority)
    }

    /// Sends an instruction about `account` to its program, with `signer` as the last account and as the payer.
    fn as_token_owner(
        &self,
        account: &Pubkey,
        mut accounts: Vec<AccountMeta>,
        data: Vec<u8>,
        signer: &Keypair,
    ) -> Result<(), Failure> {
        accounts.push(AccountMeta::new_readonly(signer.pubkey(), true));
        let instruction = Instruction { program_id: self.token_program_of(account), accounts, data };
        self.send(&[instruction], &[signer]).map(|_| ())
    }

    /// The mint of a token account; the default key for whatever is none.
    fn mint_of(&self, account: &Pubkey) -> Pubkey {
        let data = self.account(account).map(|account| account.data).unwrap_or_default();
        data.get(MINT).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default()
    }

    fn with_decimals(&self, mint: &Pubkey, mut data: Vec<u8>) -> Vec<u8> {
        let mint = self.account(mint).map(|account| account.data).unwrap_or_default();
        data.push(mint.get(DECIMALS).copied().unwrap_or_default());
        data
    }
}
