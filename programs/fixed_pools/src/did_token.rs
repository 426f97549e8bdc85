//! A whale's token: a mint of Token-2022 of its own, with its metadata, of which there is one token for ever, in the account
//! of its owner for ever. He may burn it.

use {
    crate::{errors::Result, state::DidCollection},
    anchor_lang::{
        prelude::*,
        solana_program::{instruction::Instruction, program::invoke_signed_unchecked},
    },
    tidepool_interface::fixed::pda::prefix,
};

/// Type and length before each extension.
const EXTENSION_HEADER: usize = 4;

/// By these bytes the token program knows a multisig; what would have as many gets two more.
const MULTISIG_SPACE: usize = 355;

pub struct DidToken<'a, 'info> {
    pub mint: &'a AccountInfo<'info>,
    pub account: &'a AccountInfo<'info>,
    pub owner: &'a AccountInfo<'info>,
    /// Has all authority over the mint, until it is given up.
    pub collection: &'a AccountInfo<'info>,
    pub token_program: &'a AccountInfo<'info>,
    pub associated_token_program: &'a AccountInfo<'info>,
    pub system_program: &'a AccountInfo<'info>,
    pub state: &'a DidCollection,
}

impl<'info> DidToken<'_, 'info> {
    /// Bytes of the mint before its metadata: the base and the account's type, a metadata pointer of two addresses, and that
    /// it cannot be transferred.
    pub const MINT_SPACE: usize = 166 + (EXTENSION_HEADER + 64) + EXTENSION_HEADER;

    /// Bytes of the mint with its metadata, for which the token program makes room itself: two addresses, three texts and an
    /// empty list.
    pub fn full_space(&self) -> usize {
        let texts = [&self.state.name, &self.state.symbol, &self.state.uri];
        let texts: usize = texts.iter().map(|text| text.len().saturating_add(4)).sum();
        match Self::MINT_SPACE.saturating_add(EXTENSION_HEADER + 64 + 4).saturating_add(texts) {
            MULTISIG_SPACE => MULTISIG_SPACE + 2,
            space => space,
        }
    }

    /// The mint with its extensions and its metadata, which nobody can change afterwards.
    pub fn make_mint(&self) -> Result<()> {
        const INITIALIZE_METADATA_POINTER: [u8; 2] = [39, 0];
        const NO_KEY: [u8; 32] = [0; 32];
        const INITIALIZE_NON_TRANSFERABLE: [u8; 1] = [32];
        const INITIALIZE_MINT_2: [u8; 2] = [20, 0];
        const NO_FREEZE_AUTHORITY: [u8; 1] = [0];
        let (mint, collection) = (self.mint.key, self.collection.key);
        self.call_on_mint(&[&INITIALIZE_METADATA_POINTER, &NO_KEY, mint.as_ref()])?;
        self.call_on_mint(&[&INITIALIZE_NON_TRANSFERABLE])?;
        self.call_on_mint(&[&INITIALIZE_MINT_2, collection.as_ref(), &NO_FREEZE_AUTHORITY])?;
        self.describe()
    }

    fn describe(&self) -> Result<()> {
        /// `sha256("spl_token_metadata_interface:initialize_account")`, its first bytes.
        const INITIALIZE: [u8; 8] = [210, 225, 30, 162, 88, 184, 77, 141];
        /// `sha256("spl_token_metadata_interface:update_the_authority")`, its first bytes.
        const UPDATE_AUTHORITY: [u8; 8] = [215, 228, 166, 228, 84, 100, 86, 123];
        const NOBODY: [u8; 32] = [0; 32];
        let metas = vec![
            AccountMeta::new(*self.mint.key, false),
            AccountMeta::new_readonly(*self.collection.key, false),
            AccountMeta::new_readonly(*self.mint.key, false),
            AccountMeta::new_readonly(*self.collection.key, true),
        ];
        let DidCollection { name, symbol, uri, .. } = self.state;
        let length = |text: &String| (text.len() as u32).to_le_bytes();
        let data = [
            &INITIALIZE[..],
            &length(name),
            name.as_bytes(),
            &length(symbol),
            symbol.as_bytes(),
            &length(uri),
            uri.as_bytes(),
        ];
        self.call(self.token_program, metas, &data)?;
        self.call(self.token_program, self.by_collection(self.mint), &[&UPDATE_AUTHORITY, &NOBODY])
    }

    /// The owner's associated token account.
    pub fn make_account(&self) -> Result<()> {
        const CREATE: [u8; 1] = [0];
        let metas = vec![
            AccountMeta::new(*self.owner.key, true),
            AccountMeta::new(*self.account.key, false),
            AccountMeta::new_readonly(*self.owner.key, false),
            AccountMeta::new_readonly(*self.mint.key, false),
            AccountMeta::new_readonly(*self.system_program.key, false),
            AccountMeta::new_readonly(*self.token_program.key, false),
        ];
        self.call(self.associated_token_program, metas, &[&CREATE])
    }

    /// Mints one token and gives up the right to mint more.
    pub fn mint_the_only_one(&self) -> Result<()> {
        const MINT_TO: [u8; 1] = [7];
        const ONE: [u8; 8] = 1u64.to_le_bytes();
        /// Of the authority to mint, to nobody.
        const SET_AUTHORITY: [u8; 3] = [6, 0, 0];
        let metas = vec![
            AccountMeta::new(*self.mint.key, false),
            AccountMeta::new(*self.account.key, false),
            AccountMeta::new_readonly(*self.collection.key, true),
        ];
        self.call(self.token_program, metas, &[&MINT_TO, &ONE])?;
        self.call(self.token_program, self.by_collection(self.mint), &[&SET_AUTHORITY])
    }

    fn call_on_mint(&self, data: &[&[u8]]) -> Result<()> {
        self.call(self.token_program, vec![AccountMeta::new(*self.mint.key, false)], data)
    }

    fn by_collection(&self, account: &AccountInfo) -> Vec<AccountMeta> {
        vec![AccountMeta::new(*account.key, false), AccountMeta::new_readonly(*self.collection.key, true)]
    }

    fn call(&self, program: &AccountInfo, accounts: Vec<AccountMeta>, data: &[&[u8]]) -> Result<()> {
        let instruction = Instruction { program_id: *program.key, accounts, data: data.concat() };
        let infos = [
            self.mint.clone(),
            self.account.clone(),
            self.owner.clone(),
            self.collection.clone(),
            self.token_program.clone(),
            self.system_program.clone(),
        ];
        let DidCollection { creator, mint, bump, .. } = self.state;
        let seeds: &[&[u8]] = &[prefix::DID_COLLECTION, creator.as_ref(), mint.as_ref(), &[*bump]];
        invoke_signed_unchecked(&instruction, &infos, &[seeds]).map_err(Into::into)
    }
}
