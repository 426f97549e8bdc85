//! A whale's token: a mint of Token-2022 of its own, with its metadata, of which there is one token for ever, in the account
//! of its owner for ever. He may burn it.

use {
    crate::{errors::Result, state::DidCollection},
    anchor_lang::prelude::*,
    anchor_spl::{
        associated_token::{self, Create},
        token_2022::{
            self, spl_token_2022::instruction::AuthorityType, InitializeMint2, MintTo, SetAuthority,
        },
        token_2022_extensions::{
            metadata_pointer_initialize, non_transferable_mint_initialize, token_metadata_initialize,
            token_metadata_update_authority, MetadataPointerInitialize, NonTransferableMintInitialize,
            TokenMetadataInitialize, TokenMetadataUpdateAuthority,
        },
    },
    tidepool_interface::fixed::pda::prefix,
};

/// Type and length before each extension.
const EXTENSION_HEADER: usize = 4;

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
        Self::MINT_SPACE.saturating_add(EXTENSION_HEADER + 64 + 4).saturating_add(texts)
    }

    pub fn make_mint(&self) -> Result<()> {
        let pointer = MetadataPointerInitialize {
            token_program_id: self.token_program.clone(),
            mint: self.mint.clone(),
        };
        metadata_pointer_initialize(self.unsigned(pointer), None, Some(*self.mint.key))?;
        let non_transferable = NonTransferableMintInitialize {
            token_program_id: self.token_program.clone(),
            mint: self.mint.clone(),
        };
        non_transferable_mint_initialize(self.unsigned(non_transferable))?;
        let mint = InitializeMint2 { mint: self.mint.clone() };
        token_2022::initialize_mint2(self.unsigned(mint), 0, self.collection.key, None)?;
        self.describe()
    }

    /// Writes the metadata, which nobody can change afterwards.
    fn describe(&self) -> Result<()> {
        let DidCollection { name, symbol, uri, .. } = self.state;
        self.sign(|seeds| {
            let metadata = TokenMetadataInitialize {
                program_id: self.token_program.clone(),
                metadata: self.mint.clone(),
                update_authority: self.collection.clone(),
                mint_authority: self.collection.clone(),
                mint: self.mint.clone(),
            };
            let context = CpiContext::new_with_signer(*self.token_program.key, metadata, seeds);
            token_metadata_initialize(context, name.clone(), symbol.clone(), uri.clone())?;
            let authority = TokenMetadataUpdateAuthority {
                program_id: self.token_program.clone(),
                metadata: self.mint.clone(),
                current_authority: self.collection.clone(),
                new_authority: self.system_program.clone(),
            };
            let context = CpiContext::new_with_signer(*self.token_program.key, authority, seeds);
            token_metadata_update_authority(context, Default::default())
        })
    }

    pub fn make_account(&self) -> Result<()> {
        let accounts = Create {
            payer: self.owner.clone(),
            associated_token: self.account.clone(),
            authority: self.owner.clone(),
            mint: self.mint.clone(),
            system_program: self.system_program.clone(),
            token_program: self.token_program.clone(),
        };
        associated_token::create(CpiContext::new(*self.associated_token_program.key, accounts))
    }

    /// Mints one token and gives up the right to mint more.
    pub fn mint_the_only_one(&self) -> Result<()> {
        self.sign(|seeds| {
            let mint = MintTo {
                mint: self.mint.clone(),
                to: self.account.clone(),
                authority: self.collection.clone(),
            };
            token_2022::mint_to(CpiContext::new_with_signer(*self.token_program.key, mint, seeds), 1)?;
            let authority = SetAuthority {
                current_authority: self.collection.clone(),
                account_or_mint: self.mint.clone(),
            };
            let context = CpiContext::new_with_signer(*self.token_program.key, authority, seeds);
            token_2022::set_authority(context, AuthorityType::MintTokens, None)
        })
    }

    fn unsigned<T: ToAccountMetas + ToAccountInfos<'info>>(
        &self,
        accounts: T,
    ) -> CpiContext<'static, 'static, 'static, 'info, T> {
        CpiContext::new(*self.token_program.key, accounts)
    }

    fn sign<T>(&self, call: impl FnOnce(&[&[&[u8]]]) -> T) -> T {
        let DidCollection { creator, mint, bump, .. } = self.state;
        call(&[&[prefix::DID_COLLECTION, creator.as_ref(), mint.as_ref(), &[*bump]]])
    }
}
