//! Token accounts of Token-2022 with extensions.

use {
    super::{initialize_account, TOKEN_2022_PROGRAM},
    crate::{chain::Chain, outcome::Failure},
    solana_instruction::{AccountMeta, Instruction},
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    solana_transaction_error::TransactionError,
};

const GET_ACCOUNT_DATA_SIZE: u8 = 21;
const REALLOCATE: u8 = 29;

/// What an owner may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountExtension {
    /// The owner cannot change.
    ImmutableOwner,
    /// Transfers to the account need a memo in front of them.
    MemoTransfer,
    /// Other programs cannot use the owner's signature for the account.
    CpiGuard,
}

impl AccountExtension {
    /// Its number in the account.
    pub fn id(self) -> u16 {
        match self {
            Self::ImmutableOwner => 7,
            Self::MemoTransfer => 8,
            Self::CpiGuard => 11,
        }
    }

    /// What makes it: on a new account, or later with the owner's signature.
    fn make(self, account: &Pubkey, owner: &Pubkey) -> Instruction {
        let account = AccountMeta::new(*account, false);
        let owner = AccountMeta::new_readonly(*owner, true);
        let (accounts, data) = match self {
            Self::ImmutableOwner => (vec![account], vec![22]),
            Self::MemoTransfer => (vec![account, owner], vec![30, 0]),
            Self::CpiGuard => (vec![account, owner], vec![34, 0]),
        };
        Instruction { program_id: TOKEN_2022_PROGRAM, accounts, data }
    }
}

impl Chain {
    /// Makes a token account with extensions, all by Token-2022 itself; the faucet pays.
    pub fn create_token_account_2022(
        &self,
        mint: &Pubkey,
        owner: &Keypair,
        extensions: &[AccountExtension],
    ) -> Result<Pubkey, Failure> {
        let account = self.fresh_keypair();
        let (key, me) = (account.pubkey(), owner.pubkey());
        let len = self.token_account_len(mint, extensions)?;
        let make = |early: bool| {
            let wanted = move |it: &&AccountExtension| (**it == AccountExtension::ImmutableOwner) == early;
            extensions.iter().filter(wanted).map(move |it| it.make(&key, &me))
        };
        let mut instructions = vec![self.create_token_program_account(&account, len, &TOKEN_2022_PROGRAM)];
        instructions.extend(make(true));
        instructions.push(initialize_account(&TOKEN_2022_PROGRAM, &key, mint, &me));
        instructions.extend(make(false));
        self.send(&instructions, &[self.faucet(), &account, owner])?;
        Ok(key)
    }

    /// Gives a token account that exists an extension more; its owner signs and pays.
    pub fn extend_token_account(
        &self,
        account: &Pubkey,
        owner: &Keypair,
        extension: AccountExtension,
    ) -> Result<(), Failure> {
        let me = owner.pubkey();
        let accounts = vec![
            AccountMeta::new(*account, false),
            AccountMeta::new(me, true),
            AccountMeta::new_readonly(solana_sdk_ids::system_program::id(), false),
            AccountMeta::new_readonly(me, true),
        ];
        let [low, high] = extension.id().to_le_bytes();
        let data = vec![REALLOCATE, low, high];
        let make_room = Instruction { program_id: TOKEN_2022_PROGRAM, accounts, data };
        self.send(&[make_room, extension.make(account, &me)], &[owner]).map(|_| ())
    }

    /// Bytes of a token account with these extensions and those that the mint wants, as Token-2022 says.
    pub(super) fn token_account_len(
        &self,
        mint: &Pubkey,
        extensions: &[AccountExtension],
    ) -> Result<usize, Failure> {
        let mut data = vec![GET_ACCOUNT_DATA_SIZE];
        data.extend(extensions.iter().flat_map(|extension| extension.id().to_le_bytes()));
        let accounts = vec![AccountMeta::new_readonly(*mint, false)];
        let ask = Instruction { program_id: TOKEN_2022_PROGRAM, accounts, data };
        let answer = self.send(&[ask], &[self.faucet()])?.return_data.unwrap_or_default();
        // The runtime cuts zeros off the end.
        let mut size = [0; 8];
        let Some(bytes) = size.get_mut(..answer.len()) else {
            let reason = format!("Token-2022 says an account has {answer:?} bytes");
            return Err(Failure::malformed(TransactionError::SanitizeFailure, reason));
        };
        bytes.copy_from_slice(&answer);
        Ok(u64::from_le_bytes(size) as usize)
    }
}
