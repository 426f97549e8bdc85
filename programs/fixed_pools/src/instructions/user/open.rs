//! What every instruction that opens a position does.

use {
    crate::{
        account,
        errors::{ensure, FixedPoolsError},
        state::{Pool, Position, UserPool, WhitelistEntry},
    },
    anchor_lang::prelude::*,
    tidepool_interface::fixed::{
        limits::MAX_PROOF_NODES,
        merkle::{self, Node},
        pda::prefix,
    },
    tidepool_math::Tokens,
};

/// How a user shows that a pool with a whitelist admits him.
pub struct Admission<'a> {
    pub entry: Option<&'a WhitelistEntry>,
    /// The most his leaf in the Merkle tree allows, and what leads from there to the root.
    pub max_amount: u64,
    pub proof: &'a [Node],
}

/// Refuses a user whom the pool does not admit, or not with so much. What he has staked already counts.
pub fn require_access(
    pool: &Pool,
    pool_key: &Pubkey,
    user: &UserPool,
    amount: Tokens,
    admission: &Admission,
    now: i64,
) -> Result<()> {
    if pool.is_open_to_all() {
        return Ok(());
    }
    let most = match admission.entry {
        Some(entry) => {
            ensure(entry.pool == *pool_key && entry.user == user.owner, FixedPoolsError::WrongUser)?;
            entry.admits(now)
        }
        None => proven(pool, pool_key, &user.owner, admission)?,
    };
    let most = most.ok_or(FixedPoolsError::NotWhitelisted)?;
    let staked = Tokens(user.active_stake).saturating_plus(amount);
    ensure(staked.0 <= most, FixedPoolsError::AboveWhitelistAmount)
}

fn proven(pool: &Pool, pool_key: &Pubkey, user: &Pubkey, admission: &Admission) -> Result<Option<u64>> {
    ensure(admission.proof.len() <= MAX_PROOF_NODES, FixedPoolsError::ProofTooLong)?;
    let leaf = merkle::leaf(pool_key, user, admission.max_amount);
    let has_tree = pool.merkle_leaves > 0;
    let is_proven = has_tree && merkle::root_of(leaf, admission.proof) == pool.merkle_root;
    Ok(is_proven.then_some(admission.max_amount))
}

/// A position that is to be opened.
pub struct Opening<'a, 'info> {
    pub pool_key: &'a Pubkey,
    pub account: &'a AccountInfo<'info>,
    pub rent_payer: &'a AccountInfo<'info>,
    pub bump: u8,
}

impl Opening<'_, '_> {
    /// Books the position for pool and user, and makes its account.
    pub fn open(
        &self,
        pool: &mut Pool,
        user: &mut UserPool,
        amount: Tokens,
        full_reward: Tokens,
        now: i64,
    ) -> Result<Position> {
        let is_first = user.active_positions == 0;
        let index = user.book_opened(amount)?;
        pool.book_opened(amount, full_reward, is_first)?;
        pool.users = pool.users.saturating_add(u64::from(index == 0));
        let position = Position {
            pool: *self.pool_key,
            owner: user.owner,
            rent_payer: *self.rent_payer.key,
            index,
            amount: amount.0,
            staked_at: now,
            unlock_at: pool.unlock_at(now)?,
            full_reward: full_reward.0,
            claimed: 0,
            exit_requested_at: 0,
            rate_bps: pool.rate_bps,
            bump: self.bump,
            padding: [0; 5],
        };
        self.create(&position)?;
        Ok(position)
    }

    fn create(&self, position: &Position) -> Result<()> {
        let (index, bump) = (position.index.to_le_bytes(), [self.bump]);
        let seeds = [prefix::POSITION, self.pool_key.as_ref(), position.owner.as_ref(), &index, &bump];
        account::create_with_bump(self.rent_payer, self.account, Position::SPACE, &seeds)?;
        account::write_plain(self.account, position)
    }
}
