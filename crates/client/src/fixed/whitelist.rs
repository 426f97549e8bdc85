//! Whitelists: applications, approvals and Merkle trees.

use {
    super::{build, FixedPoolKeys},
    crate::cluster::SYSTEM_PROGRAM,
    fixed_pools::{accounts, instruction, Admitted, Answer},
    solana_instruction::{AccountMeta, Instruction},
    solana_pubkey::Pubkey,
    tidepool_interface::fixed::merkle::Node,
};

impl FixedPoolKeys {
    /// Asks to be admitted with so much. Signer: `user`.
    pub fn apply_whitelist(&self, user: &Pubkey, amount: u64, note_hash: [u8; 32]) -> Instruction {
        let accounts = accounts::ApplyWhitelist {
            pool: self.pool,
            entry: self.whitelist_entry(user),
            user: *user,
            system_program: SYSTEM_PROGRAM,
        };
        build(accounts, instruction::ApplyWhitelist { amount, note_hash })
    }

    /// Signer: `manager`.
    pub fn review_application(&self, manager: &Pubkey, user: &Pubkey, answer: Answer) -> Instruction {
        let accounts = accounts::ReviewApplication {
            pool: self.pool,
            entry: self.whitelist_entry(user),
            user: *user,
            whitelist_manager: *manager,
        };
        build(accounts, instruction::ReviewApplication { answer })
    }

    /// Eleven users fit a transaction, twenty fit one with a lookup table of their entries. Signer: `manager`, who pays the rents.
    pub fn add_to_whitelist(&self, manager: &Pubkey, users: &[Admitted], expires_at: i64) -> Instruction {
        let entries = self.entries(users.iter().map(|admitted| &admitted.user));
        let data = instruction::AddToWhitelist { users: users.to_vec(), expires_at };
        let mut instruction = build(self.by_whitelist_manager(manager), data);
        instruction.accounts.extend(entries);
        instruction
    }

    /// Signer: `manager`.
    pub fn remove_from_whitelist(&self, manager: &Pubkey, users: &[Pubkey], reason_code: u16) -> Instruction {
        let data = instruction::RemoveFromWhitelist { users: users.to_vec(), reason_code };
        let mut instruction = build(self.by_whitelist_manager(manager), data);
        instruction.accounts.extend(self.entries(users.iter()));
        instruction
    }

    /// Closes an entry that admits nobody, or to a pool that is closed. Signer: `closer`, the user or who paid the rent.
    pub fn close_whitelist_entry(&self, closer: &Pubkey, user: &Pubkey, rent_payer: &Pubkey) -> Instruction {
        let accounts = accounts::CloseWhitelistEntry {
            pool: self.pool,
            entry: self.whitelist_entry(user),
            rent_payer: *rent_payer,
            closer: *closer,
        };
        build(accounts, instruction::CloseWhitelistEntry {})
    }

    /// Signer: `authority`.
    pub fn set_merkle_root(&self, authority: &Pubkey, merkle_root: Node, merkle_leaves: u64) -> Instruction {
        build(self.by_authority(authority), instruction::SetMerkleRoot { merkle_root, merkle_leaves })
    }

    fn by_whitelist_manager(&self, manager: &Pubkey) -> accounts::ByWhitelistManager {
        accounts::ByWhitelistManager {
            pool: self.pool,
            whitelist_manager: *manager,
            system_program: SYSTEM_PROGRAM,
        }
    }

    fn entries<'a>(&self, users: impl Iterator<Item = &'a Pubkey>) -> Vec<AccountMeta> {
        users.map(|user| AccountMeta::new(self.whitelist_entry(user), false)).collect()
    }
}
