//! Whitelists of any size in 32 bytes: a Merkle tree over users and the most that each may stake.
//!
//! Leaves and inner nodes begin with different bytes, so that neither can be taken for the other; a pair is hashed in the
//! order of its bytes, so that a proof needs no directions.

use {solana_pubkey::Pubkey, solana_sha256_hasher::hashv};

/// A hash of the tree.
pub type Node = [u8; 32];

const LEAF: &[u8] = &[0];
const INNER: &[u8] = &[1];

/// The leaf of a user: `sha256(0x00 ‖ pool ‖ user ‖ max_amount le)`.
pub fn leaf(pool: &Pubkey, user: &Pubkey, max_amount: u64) -> Node {
    hashv(&[LEAF, pool.as_ref(), user.as_ref(), &max_amount.to_le_bytes()]).to_bytes()
}

/// The node above two others: `sha256(0x01 ‖ smaller ‖ larger)`.
pub fn parent(a: &Node, b: &Node) -> Node {
    let (smaller, larger) = if a <= b { (a, b) } else { (b, a) };
    hashv(&[INNER, smaller, larger]).to_bytes()
}

/// The root that a leaf and its proof lead to.
pub fn root_of(leaf: Node, proof: &[Node]) -> Node {
    proof.iter().fold(leaf, |node, sibling| parent(&node, sibling))
}
