//! What a pool's creator, authority and guardian do.

use {
    super::{build, FixedPoolKeys},
    crate::cluster::SYSTEM_PROGRAM,
    fixed_pools::{accounts, instruction, state::PoolTerms, PoolParameters},
    solana_instruction::Instruction,
    solana_pubkey::Pubkey,
};

impl FixedPoolKeys {
    /// Makes the pool. Signer: the creator.
    pub fn initialize_pool(&self, parameters: PoolParameters) -> Instruction {
        let accounts = accounts::InitializePool {
            creator: self.creator,
            mint: self.mint,
            pool: self.pool,
            principal_vault: self.principal_vault,
            reward_vault: self.reward_vault,
            token_program: self.token_program,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::InitializePool { parameters })
    }

    /// Signer: `authority`.
    pub fn set_terms(&self, authority: &Pubkey, terms: PoolTerms) -> Instruction {
        build(self.by_authority(authority), instruction::SetTerms { terms })
    }

    /// Signer: `authority`.
    pub fn set_roles(
        &self,
        authority: &Pubkey,
        guardian: &Pubkey,
        whitelist_manager: &Pubkey,
    ) -> Instruction {
        let data = instruction::SetRoles { guardian: *guardian, whitelist_manager: *whitelist_manager };
        build(self.by_authority(authority), data)
    }

    /// Signer: `authority`.
    pub fn propose_authority(&self, authority: &Pubkey, proposed: &Pubkey) -> Instruction {
        build(self.by_authority(authority), instruction::ProposeAuthority { proposed: *proposed })
    }

    /// Signer: `proposed`.
    pub fn accept_authority(&self, proposed: &Pubkey) -> Instruction {
        let accounts = accounts::AcceptAuthority { pool: self.pool, proposed_authority: *proposed };
        build(accounts, instruction::AcceptAuthority {})
    }

    /// Signer: `guardian`, or the authority.
    pub fn pause(&self, guardian: &Pubkey, functions: u8) -> Instruction {
        build(self.by_guardian(guardian), instruction::Pause { functions })
    }

    /// Signer: `authority`.
    pub fn resume(&self, authority: &Pubkey, functions: u8) -> Instruction {
        build(self.by_authority(authority), instruction::Resume { functions })
    }

    /// Signer: `guardian`, or the authority.
    pub fn begin_emergency(&self, guardian: &Pubkey, reason_code: u16) -> Instruction {
        build(self.by_guardian(guardian), instruction::BeginEmergency { reason_code })
    }

    /// Signer: `authority`.
    pub fn end_emergency(&self, authority: &Pubkey) -> Instruction {
        build(self.by_authority(authority), instruction::EndEmergency {})
    }

    /// Takes what nobody was promised out of the reward vault. Signer: `authority`.
    pub fn withdraw_excess(&self, authority: &Pubkey, to: &Pubkey, amount: u64) -> Instruction {
        let accounts = accounts::WithdrawExcess { tokens: self.tokens(), authority: *authority, to: *to };
        build(accounts, instruction::WithdrawExcess { amount })
    }

    /// Moves what was sent to the principal vault by mistake to the reward vault; anybody may.
    pub fn sweep_surplus(&self) -> Instruction {
        let accounts = accounts::SweepSurplus { tokens: self.tokens() };
        build(accounts, instruction::SweepSurplus {})
    }

    /// Ends an empty pool. Signer: `authority`.
    pub fn close_pool(&self, authority: &Pubkey, to: &Pubkey) -> Instruction {
        let accounts = accounts::ClosePool {
            pool: self.pool,
            authority: *authority,
            to: *to,
            principal_vault: self.principal_vault,
            reward_vault: self.reward_vault,
            mint: self.mint,
            token_program: self.token_program,
        };
        build(accounts, instruction::ClosePool {})
    }

    pub(super) fn by_authority(&self, authority: &Pubkey) -> accounts::ByAuthority {
        accounts::ByAuthority { pool: self.pool, authority: *authority }
    }

    fn by_guardian(&self, guardian: &Pubkey) -> accounts::ByGuardian {
        accounts::ByGuardian { pool: self.pool, guardian: *guardian }
    }
}
