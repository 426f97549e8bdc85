use {solana_pubkey::Pubkey, tidepool_interface::fixed::pda};

/// The addresses of a fixed-APY pool, and the token program of its mint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedPoolKeys {
    pub pool: Pubkey,
    pub creator: Pubkey,
    pub pool_id: u64,
    pub mint: Pubkey,
    pub token_program: Pubkey,
    pub principal_vault: Pubkey,
    pub reward_vault: Pubkey,
    pub did_collection: Pubkey,
}

/// A position of an owner in a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionKeys {
    pub owner: Pubkey,
    pub index: u64,
    pub position: Pubkey,
    pub bump: u8,
}

impl FixedPoolKeys {
    /// The creator's pool number `pool_id`, on a mint of `token_program`.
    pub fn new(creator: &Pubkey, pool_id: u64, mint: &Pubkey, token_program: &Pubkey) -> Self {
        let pool = pda::pool(creator, pool_id).0;
        Self {
            pool,
            creator: *creator,
            pool_id,
            mint: *mint,
            token_program: *token_program,
            principal_vault: pda::principal_vault(&pool).0,
            reward_vault: pda::reward_vault(&pool).0,
            did_collection: pda::did_collection(creator, mint).0,
        }
    }

    /// What `owner` has in the pool.
    pub fn user_pool(&self, owner: &Pubkey) -> Pubkey {
        pda::user(&self.pool, owner).0
    }

    /// The owner's position number `index`.
    pub fn position(&self, owner: &Pubkey, index: u64) -> PositionKeys {
        let (position, bump) = pda::position(&self.pool, owner, index);
        PositionKeys { owner: *owner, index, position, bump }
    }

    pub fn whitelist_entry(&self, user: &Pubkey) -> Pubkey {
        pda::whitelist_entry(&self.pool, user).0
    }
}
