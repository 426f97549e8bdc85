//! Whales and their tokens.

use {
    super::{build, user::user_pools, FixedPoolKeys},
    crate::cluster::{
        associated_token_address_of, ASSOCIATED_TOKEN_PROGRAM, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM,
    },
    fixed_pools::{accounts, instruction, DidParameters},
    solana_instruction::Instruction,
    solana_pubkey::Pubkey,
    tidepool_interface::fixed::pda,
};

/// The addresses of a whale's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DidKeys {
    pub did: Pubkey,
    pub mint: Pubkey,
    /// Where the token lies: the owner's associated token account.
    pub token_account: Pubkey,
}

impl FixedPoolKeys {
    /// A whale's token, which is the same for all pools of one creator and mint.
    pub fn did(&self, owner: &Pubkey) -> DidKeys {
        let mint = pda::did_mint(&self.did_collection, owner).0;
        DidKeys {
            did: pda::did(&self.did_collection, owner).0,
            mint,
            token_account: associated_token_address_of(owner, &mint, &TOKEN_2022_PROGRAM),
        }
    }

    /// Says who a whale is. Signer: the creator.
    pub fn set_did_collection(&self, parameters: DidParameters) -> Instruction {
        let accounts = accounts::SetDidCollection {
            creator: self.creator,
            mint: self.mint,
            collection: self.did_collection,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::SetDidCollection { parameters })
    }

    /// Mints a whale's token; `other_pools` are further pools of the creator and mint in which he has stake. Signer: `owner`.
    pub fn mint_whale_did(&self, owner: &Pubkey, other_pools: &[FixedPoolKeys]) -> Instruction {
        let did = self.did(owner);
        let accounts = accounts::MintWhaleDid {
            collection: self.did_collection,
            user_pool: self.user_pool(owner),
            owner: *owner,
            did: did.did,
            did_mint: did.mint,
            token_account: did.token_account,
            token_program: TOKEN_2022_PROGRAM,
            associated_token_program: ASSOCIATED_TOKEN_PROGRAM,
            system_program: SYSTEM_PROGRAM,
        };
        let mut instruction = build(accounts, instruction::MintWhaleDid {});
        instruction.accounts.extend(user_pools(other_pools, owner));
        instruction
    }
}
