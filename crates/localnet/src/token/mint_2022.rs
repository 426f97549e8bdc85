//! Mints of Token-2022.

use {
    super::{
        initialize_mint,
        mint_extension::{initialize_group, initialize_member, initialize_metadata, MintExtension},
        tlv::{FIRST, HEADER},
        MINT_LEN, TOKEN_2022_PROGRAM,
    },
    crate::{chain::Chain, outcome::Failure},
    solana_instruction::{AccountMeta, Instruction},
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    solana_system_interface::instruction::create_account,
};

impl Chain {
    /// Makes a mint of Token-2022 at `mint`, without a freeze authority; every extension, and whatever it
    /// [needs](MintExtension::needs), is made by the program itself, none by writing bytes. The faucet pays.
    pub fn create_mint_2022(
        &self,
        mint: &Keypair,
        authority: &Keypair,
        decimals: u8,
        extensions: &[MintExtension],
    ) -> Result<(), Failure> {
        let extensions = with_needed(extensions);
        let keys = (mint.pubkey(), authority.pubkey());
        let mut instructions = vec![self.create_room(&keys.0, &extensions)];
        instructions.extend(extensions.iter().filter_map(|extension| before(*extension, &keys.0, &keys.1)));
        instructions.push(initialize_mint(&TOKEN_2022_PROGRAM, &keys.0, &keys.1, decimals, None));
        for extension in extensions {
            instructions.extend(self.after(extension, &keys.0, authority)?);
        }
        self.send(&instructions, &[self.faucet(), mint, authority]).map(|_| ())
    }

    /// The account, with room for what is there before the mint is initialized and rent for all of it: the program makes
    /// room for the rest itself.
    fn create_room(&self, mint: &Pubkey, extensions: &[MintExtension]) -> Instruction {
        let size = |extension: &MintExtension| HEADER + extension.value_len();
        let is_early = |extension: &&MintExtension| before(**extension, mint, mint).is_some();
        let early: usize = extensions.iter().filter(is_early).map(size).sum();
        let all: usize = extensions.iter().map(size).sum();
        let len = if early == 0 { MINT_LEN } else { FIRST + early };
        let rent = self.rent().minimum_balance(FIRST + all);
        create_account(&self.faucet().pubkey(), mint, rent, len as u64, &TOKEN_2022_PROGRAM)
    }

    /// What makes an extension on a mint that is initialized.
    fn after(
        &self,
        extension: MintExtension,
        mint: &Pubkey,
        authority: &Keypair,
    ) -> Result<Option<Instruction>, Failure> {
        let me = authority.pubkey();
        let itself = AccountMeta::new(*mint, false);
        let its_mint = AccountMeta::new_readonly(*mint, false);
        let signer = AccountMeta::new_readonly(me, true);
        let (accounts, data) = match extension {
            MintExtension::TokenMetadata => {
                let update_authority = AccountMeta::new_readonly(me, false);
                (vec![itself, update_authority, its_mint, signer], initialize_metadata())
            }
            MintExtension::TokenGroup => (vec![itself, its_mint, signer], initialize_group(&me)),
            MintExtension::TokenGroupMember => {
                let group = AccountMeta::new(self.create_group(authority)?, false);
                (vec![itself, its_mint, signer.clone(), group, signer], initialize_member())
            }
            _ => return Ok(None),
        };
        Ok(Some(Instruction { program_id: TOKEN_2022_PROGRAM, accounts, data }))
    }

    fn create_group(&self, authority: &Keypair) -> Result<Pubkey, Failure> {
        let group = self.fresh_keypair();
        self.create_mint_2022(&group, authority, 0, &[MintExtension::TokenGroup])?;
        Ok(group.pubkey())
    }
}

/// Each extension once, what it needs before it.
fn with_needed(extensions: &[MintExtension]) -> Vec<MintExtension> {
    let mut all = vec![];
    for extension in extensions {
        for one in extension.needs().iter().chain([extension]) {
            if !all.contains(one) {
                all.push(*one);
            }
        }
    }
    all
}

/// What makes an extension on a mint that is not initialized yet.
fn before(extension: MintExtension, mint: &Pubkey, authority: &Pubkey) -> Option<Instruction> {
    let data = extension.initialize(mint, authority)?;
    let accounts = vec![AccountMeta::new(*mint, false)];
    Some(Instruction { program_id: TOKEN_2022_PROGRAM, accounts, data })
}
