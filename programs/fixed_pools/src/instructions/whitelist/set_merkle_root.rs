use {
    crate::{
        errors::{ensure, FixedPoolsError},
        events::{MerkleRootSet, PoolState},
        instructions::operator::roles::ByAuthority,
    },
    anchor_lang::prelude::*,
};

/// The authority sets the root of the Merkle tree that admits users, and how many it has; a tree of none admits nobody.
pub fn handler(ctx: Context<ByAuthority>, merkle_root: [u8; 32], merkle_leaves: u64) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    ensure((merkle_root == [0; 32]) == (merkle_leaves == 0), FixedPoolsError::EmptyTree)?;

    pool.merkle_root = merkle_root;
    pool.merkle_leaves = merkle_leaves;

    emit!(MerkleRootSet { pool: a.pool.key(), merkle_root, merkle_leaves, state: PoolState::of(&pool, now) });
    Ok(())
}
