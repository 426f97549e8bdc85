//! Which mints a pool can take: those whose tokens arrive whole, and leave whole and at any time.

use {
    crate::errors::{ensure, FixedPoolsError, Result},
    anchor_lang::prelude::*,
    anchor_spl::{
        token, token_2022,
        token_2022::spl_token_2022::{
            extension::{BaseStateWithExtensions, ExtensionType, StateWithExtensions},
            state::Mint,
        },
    },
};

/// What only describes a token, or how its amounts are shown.
const HARMLESS: [ExtensionType; 8] = [
    ExtensionType::MetadataPointer,
    ExtensionType::TokenMetadata,
    ExtensionType::GroupPointer,
    ExtensionType::TokenGroup,
    ExtensionType::GroupMemberPointer,
    ExtensionType::TokenGroupMember,
    ExtensionType::InterestBearingConfig,
    ExtensionType::ScaledUiAmount,
];

/// What a pool needs to know of its mint.
pub struct MintFacts {
    pub decimals: u8,
    pub can_be_frozen: bool,
}

/// Refuses a mint that a pool cannot take, and names in the log the extension that is the reason.
pub fn require_takeable(mint: &AccountInfo, token_program: &Pubkey) -> Result<MintFacts> {
    let is_token_program = *token_program == token::ID || *token_program == token_2022::ID;
    ensure(is_token_program && mint.owner == token_program, FixedPoolsError::WrongTokenProgram)?;
    let data = mint.try_borrow_data()?;
    let state = StateWithExtensions::<Mint>::unpack(&data).map_err(|_| FixedPoolsError::UnsupportedMint)?;
    let extensions = state.get_extension_types().map_err(|_| FixedPoolsError::RefusedMintExtension)?;
    for extension in extensions {
        if !HARMLESS.contains(&extension) {
            msg!("mint extension {:?}", extension);
            return Err(FixedPoolsError::RefusedMintExtension.into());
        }
    }
    Ok(MintFacts { decimals: state.base.decimals, can_be_frozen: state.base.freeze_authority.is_some() })
}
