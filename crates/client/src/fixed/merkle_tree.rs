use {
    super::Proof,
    solana_pubkey::Pubkey,
    tidepool_interface::fixed::merkle::{leaf, parent, Node},
};

/// A whitelist as a tree: its root and the number of its users go into the pool, and every user gets his proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerkleTree {
    users: Vec<(Pubkey, u64)>,
    /// Leaves first; the last node of an odd level goes up alone.
    levels: Vec<Vec<Node>>,
}

impl MerkleTree {
    /// Of users, with the most that each may have staked at once. A million of them have proofs of twenty nodes, the longest
    /// that the program takes.
    pub fn new(pool: &Pubkey, users: Vec<(Pubkey, u64)>) -> Self {
        let leaves = users.iter().map(|(user, max_amount)| leaf(pool, user, *max_amount)).collect();
        let mut levels: Vec<Vec<Node>> = vec![leaves];
        while let Some(level) = levels.last().filter(|level| level.len() > 1) {
            let above = level.chunks(2).filter_map(|pair| match pair {
                [a, b] => Some(parent(a, b)),
                _ => pair.first().copied(),
            });
            levels.push(above.collect());
        }
        Self { users, levels }
    }

    /// What [`FixedPoolKeys::set_merkle_root`](super::FixedPoolKeys::set_merkle_root) takes: zeros for a tree of nobody.
    pub fn root(&self) -> Node {
        self.levels.last().and_then(|top| top.first()).copied().unwrap_or_default()
    }

    pub fn leaves(&self) -> u64 {
        self.users.len() as u64
    }

    /// What shows that the tree has `user`; `None` if it has not.
    pub fn proof(&self, user: &Pubkey) -> Option<Proof> {
        let mut index = self.users.iter().position(|(listed, _)| listed == user)?;
        let (_, max_amount) = *self.users.get(index)?;
        let mut nodes = vec![];
        for level in &self.levels {
            nodes.extend(level.get(index ^ 1));
            index /= 2;
        }
        Some(Proof::Merkle { max_amount, nodes })
    }
}
