//! Keys that follow from the seed of the chain, so that a run can be repeated.

use {solana_hash::Hash, solana_keypair::Keypair, solana_sha256_hasher::hashv};

/// The keypair that belongs to `label` on a chain with this `seed`; usable before the chain exists.
pub fn derive_keypair(seed: u64, label: &str) -> Keypair {
    Keypair::new_from_array(derive_hash(seed, label).to_bytes())
}

pub(crate) fn derive_hash(seed: u64, label: &str) -> Hash {
    hashv(&[b"tidepool-localnet", &seed.to_le_bytes(), label.as_bytes()])
}
