//! Which mints a pool may issue: those that nobody but the pool can mint, freeze, tax or take back.

use {
    crate::errors::{ensure, Result, TidepoolError},
    anchor_lang::prelude::*,
    anchor_spl::{token, token_2022},
    tidepool_interface::limits::DECIMALS,
};

const MINT_LENGTH: usize = 82;
const MULTISIG_LENGTH: usize = 355;
const MINT_AUTHORITY: core::ops::Range<usize> = 0..36;
const SUPPLY: core::ops::Range<usize> = 36..44;
const MINT_DECIMALS: usize = 44;
const IS_INITIALIZED: usize = 45;
const FREEZE_AUTHORITY_TAG: core::ops::Range<usize> = 46..50;
/// Where Token-2022 says what kind of account it is; extensions follow.
const ACCOUNT_TYPE: usize = 165;
const TYPE_MINT: u8 = 1;

/// Extensions of Token-2022 by their number, and whether a pool's mint may have them: those that only describe it.
const EXTENSIONS: [(u16, &str, bool); 28] = [
    (1, "TransferFeeConfig", false),
    (2, "TransferFeeAmount", false),
    (3, "MintCloseAuthority", false),
    (4, "ConfidentialTransferMint", false),
    (5, "ConfidentialTransferAccount", false),
    (6, "DefaultAccountState", false),
    (7, "ImmutableOwner", false),
    (8, "MemoTransfer", false),
    (9, "NonTransferable", false),
    (10, "InterestBearingConfig", false),
    (11, "CpiGuard", false),
    (12, "PermanentDelegate", false),
    (13, "NonTransferableAccount", false),
    (14, "TransferHook", false),
    (15, "TransferHookAccount", false),
    (16, "ConfidentialTransferFeeConfig", false),
    (17, "ConfidentialTransferFeeAmount", false),
    (18, "MetadataPointer", true),
    (19, "TokenMetadata", true),
    (20, "GroupPointer", true),
    (21, "TokenGroup", false),
    (22, "GroupMemberPointer", true),
    (23, "TokenGroupMember", false),
    (24, "ConfidentialMintBurn", false),
    (25, "ScaledUiAmount", false),
    (26, "Pausable", false),
    (27, "PausableAccount", false),
    (28, "PermissionedBurn", false),
];

/// Refuses a mint that a pool cannot issue, each for its own reason. `authority` signed and must hold the right to mint.
pub fn require_mint_for_a_pool(mint: &AccountInfo, token_program: &Pubkey, authority: &Pubkey) -> Result<()> {
    let is_token_program = *token_program == token::ID || *token_program == token_2022::ID;
    ensure(is_token_program, TidepoolError::WrongTokenProgram)?;
    ensure(mint.owner == token_program, TidepoolError::UnsupportedMint)?;
    let data = mint.try_borrow_data()?;
    ensure(is_initialized_mint(&data, token_program), TidepoolError::UnsupportedMint)?;
    ensure(data[MINT_DECIMALS] == DECIMALS, TidepoolError::MintDecimals)?;
    ensure(data[SUPPLY] == [0; 8], TidepoolError::MintHasSupply)?;
    ensure(data[FREEZE_AUTHORITY_TAG] == [0; 4], TidepoolError::MintHasFreezeAuthority)?;
    let (tag, key) = data[MINT_AUTHORITY].split_at(4);
    ensure(tag == [1, 0, 0, 0] && key == authority.as_ref(), TidepoolError::NotTheMintAuthority)?;
    require_harmless_extensions(data.get(ACCOUNT_TYPE + 1..).unwrap_or_default())
}

fn is_initialized_mint(data: &[u8], token_program: &Pubkey) -> bool {
    let is_mint = match data.len() {
        MINT_LENGTH => true,
        MULTISIG_LENGTH => false,
        _ => *token_program == token_2022::ID && data.get(ACCOUNT_TYPE) == Some(&TYPE_MINT),
    };
    is_mint && data.get(IS_INITIALIZED) == Some(&1)
}

/// Walks the extensions: number and length of two bytes each, then the extension.
fn require_harmless_extensions(mut rest: &[u8]) -> Result<()> {
    while let Some([kind @ .., len_low, len_high]) = rest.first_chunk::<4>() {
        let kind = u16::from_le_bytes(*kind);
        if kind == 0 {
            return Ok(());
        }
        let known = EXTENSIONS.iter().find(|(number, ..)| *number == kind);
        if !known.is_some_and(|(_, _, is_harmless)| *is_harmless) {
            msg!("mint extension {}: {}", kind, known.map_or("unknown", |(_, name, _)| *name));
            return Err(TidepoolError::RefusedMintExtension.into());
        }
        let length = usize::from(u16::from_le_bytes([*len_low, *len_high]));
        rest = rest.get(4 + length..).ok_or(TidepoolError::UnsupportedMint)?;
    }
    Ok(())
}
