//! What the chain executes.

use {crate::chain::Chain, solana_pubkey::Pubkey, solana_sha256_hasher::hash};

/// Where the ELF begins in a program data account of loader v3.
const ELF: usize = 45;

impl Chain {
    /// The ELF of a program of loader v3; `None` if there is none, or if it is built into the runtime.
    pub fn program_elf(&self, program: &Pubkey) -> Option<Vec<u8>> {
        let loader = solana_sdk_ids::bpf_loader_upgradeable::id();
        let data = Pubkey::find_program_address(&[program.as_ref()], &loader).0;
        Some(self.account(&data)?.data.get(ELF..)?.to_vec())
    }

    /// SHA-256 of [`Chain::program_elf`] in hexadecimal: says which version of a program the chain carries.
    pub fn program_sha256(&self, program: &Pubkey) -> Option<String> {
        let digest = hash(&self.program_elf(program)?).to_bytes();
        Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
