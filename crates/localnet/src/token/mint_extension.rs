//! The extensions a mint of Token-2022 can have, and the instructions that make them.

use solana_pubkey::Pubkey;

/// Name, symbol and address that [`MintExtension::TokenMetadata`] writes.
pub const METADATA: [&str; 3] = ["Staked Tide", "tideSOL", "https://tide.example/lst.json"];

/// Members that [`MintExtension::TokenGroup`] makes room for.
const GROUP_SIZE: u64 = 10;

/// What its program knows for mints (10.0.0). Whoever has a say in an extension is the mint's authority; where a
/// confidential extension wants an encryption key, it is given one nobody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MintExtension {
    /// 1 % of each transfer, at most 1,000,000 base units.
    TransferFeeConfig,
    MintCloseAuthority,
    ConfidentialTransferMint,
    /// New token accounts are initialized, not frozen, which the mint's lack of a freeze authority forbids.
    DefaultAccountState,
    NonTransferable,
    /// 5 % a year.
    InterestBearingConfig,
    PermanentDelegate,
    /// The hook is a program that does not exist.
    TransferHook,
    /// With both extensions it is about.
    ConfidentialTransferFeeConfig,
    /// To the mint itself.
    MetadataPointer,
    /// [`METADATA`], with the pointer.
    TokenMetadata,
    /// To the mint itself.
    GroupPointer,
    /// With the pointer.
    TokenGroup,
    /// To the mint itself.
    GroupMemberPointer,
    /// The mint is a member of a group that is made for it; with the pointer.
    TokenGroupMember,
    /// With confidential transfers.
    ConfidentialMintBurn,
    /// Shown as one and a half times as much.
    ScaledUiAmount,
    Pausable,
}

use MintExtension::*;

impl MintExtension {
    pub const ALL: [Self; 18] = [
        TransferFeeConfig,
        MintCloseAuthority,
        ConfidentialTransferMint,
        DefaultAccountState,
        NonTransferable,
        InterestBearingConfig,
        PermanentDelegate,
        TransferHook,
        ConfidentialTransferFeeConfig,
        MetadataPointer,
        TokenMetadata,
        GroupPointer,
        TokenGroup,
        GroupMemberPointer,
        TokenGroupMember,
        ConfidentialMintBurn,
        ScaledUiAmount,
        Pausable,
    ];

    /// Its number in the account.
    pub fn id(self) -> u16 {
        match self {
            TransferFeeConfig => 1,
            MintCloseAuthority => 3,
            ConfidentialTransferMint => 4,
            DefaultAccountState => 6,
            NonTransferable => 9,
            InterestBearingConfig => 10,
            PermanentDelegate => 12,
            TransferHook => 14,
            ConfidentialTransferFeeConfig => 16,
            MetadataPointer => 18,
            TokenMetadata => 19,
            GroupPointer => 20,
            TokenGroup => 21,
            GroupMemberPointer => 22,
            TokenGroupMember => 23,
            ConfidentialMintBurn => 24,
            ScaledUiAmount => 25,
            Pausable => 26,
        }
    }

    /// What has to be on the mint as well.
    pub fn needs(self) -> &'static [Self] {
        match self {
            ConfidentialTransferFeeConfig => &[TransferFeeConfig, ConfidentialTransferMint],
            ConfidentialMintBurn => &[ConfidentialTransferMint],
            TokenMetadata => &[MetadataPointer],
            TokenGroup => &[GroupPointer],
            TokenGroupMember => &[GroupMemberPointer],
            _ => &[],
        }
    }

    /// Bytes of its value.
    pub fn value_len(self) -> usize {
        match self {
            TransferFeeConfig => 108,
            MintCloseAuthority | PermanentDelegate => 32,
            ConfidentialTransferMint => 65,
            DefaultAccountState => 1,
            NonTransferable => 0,
            InterestBearingConfig => 52,
            TransferHook | MetadataPointer | GroupPointer | GroupMemberPointer => 64,
            ConfidentialTransferFeeConfig => 129,
            // Authority, mint, the texts, and the count of further ones.
            TokenMetadata => 32 + 32 + METADATA.iter().map(|text| 4 + text.len()).sum::<usize>() + 4,
            TokenGroup => 80,
            TokenGroupMember => 72,
            ConfidentialMintBurn => 196,
            ScaledUiAmount => 56,
            Pausable => 33,
        }
    }

    /// Data of the instruction that makes it on a mint that is not initialized yet; `None` for what is made afterwards.
    pub(super) fn initialize(self, mint: &Pubkey, authority: &Pubkey) -> Option<Vec<u8>> {
        let mint = mint.as_ref();
        let authority = authority.as_ref();
        let nobodys_key = &[7; 32][..];
        let ciphertext = &[0; 36][..];
        let parts: &[&[u8]] = match self {
            TransferFeeConfig => &[
                &[26, 0, 1],
                authority,
                &[1],
                authority,
                &100_u16.to_le_bytes(),
                &1_000_000_u64.to_le_bytes(),
            ],
            MintCloseAuthority => &[&[25, 1], authority],
            ConfidentialTransferMint => &[&[27, 0], authority, &[1], nobodys_key],
            DefaultAccountState => &[&[28, 0, 1]],
            NonTransferable => &[&[32]],
            InterestBearingConfig => &[&[33, 0], authority, &500_i16.to_le_bytes()],
            PermanentDelegate => &[&[35], authority],
            TransferHook => &[&[36, 0], authority, nobodys_key],
            ConfidentialTransferFeeConfig => &[&[37, 0], authority, nobodys_key],
            MetadataPointer => &[&[39, 0], authority, mint],
            GroupPointer => &[&[40, 0], authority, mint],
            GroupMemberPointer => &[&[41, 0], authority, mint],
            ConfidentialMintBurn => &[&[42, 0], nobodys_key, ciphertext],
            ScaledUiAmount => &[&[43, 0], authority, &1.5_f64.to_le_bytes()],
            Pausable => &[&[44, 0], authority],
            TokenMetadata | TokenGroup | TokenGroupMember => return None,
        };
        Some(parts.concat())
    }
}

/// Data of the instruction that writes [`METADATA`]: `spl_token_metadata_interface:initialize_account`.
pub(super) fn initialize_metadata() -> Vec<u8> {
    let mut data = vec![210, 225, 30, 162, 88, 184, 77, 141];
    for text in METADATA {
        data.extend_from_slice(&(text.len() as u32).to_le_bytes());
        data.extend_from_slice(text.as_bytes());
    }
    data
}

/// Data of `spl_token_group_interface:initialize_token_group`.
pub(super) fn initialize_group(authority: &Pubkey) -> Vec<u8> {
    let discriminator = [121, 113, 108, 39, 54, 51, 0, 4];
    [&discriminator, authority.as_ref(), &GROUP_SIZE.to_le_bytes()].concat()
}

/// Data of `spl_token_group_interface:initialize_member`.
pub(super) fn initialize_member() -> Vec<u8> {
    vec![152, 32, 222, 176, 223, 237, 116, 134]
}
