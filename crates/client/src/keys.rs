use {
    crate::cluster::TOKEN_PROGRAM,
    solana_pubkey::Pubkey,
    tidepool_interface::{
        limits::RECORDS_PER_PAGE,
        pda::{self, StakeRole},
    },
};

/// The addresses of a pool, derived from its mint, and the token program that mint belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolKeys {
    pub pool: Pubkey,
    pub lst_mint: Pubkey,
    pub treasury: Pubkey,
    pub authority: Pubkey,
    pub reserve: Pubkey,
    pub insurance: Pubkey,
    pub history: Pubkey,
    pub liquidity: Pubkey,
    pub sol_vault: Pubkey,
    pub lst_vault: Pubkey,
    pub lp_mint: Pubkey,
    pub dead_lst: Pubkey,
    pub dead_lp: Pubkey,
    /// The program of the LST mint, the LP mint and all their token accounts.
    pub token_program: Pubkey,
}

impl PoolKeys {
    /// A pool on a mint of the classic token program. `treasury`: the token account that receives the pool's fees.
    pub fn new(lst_mint: &Pubkey, treasury: &Pubkey) -> Self {
        let pool = pda::pool(lst_mint).0;
        Self {
            pool,
            lst_mint: *lst_mint,
            treasury: *treasury,
            authority: pda::authority(&pool).0,
            reserve: pda::reserve(&pool).0,
            insurance: pda::insurance(&pool).0,
            history: pda::history(&pool).0,
            liquidity: pda::liquidity(&pool).0,
            sol_vault: pda::liquidity_sol(&pool).0,
            lst_vault: pda::liquidity_lst(&pool).0,
            lp_mint: pda::lp_mint(&pool).0,
            dead_lst: pda::dead_lst(&pool).0,
            dead_lp: pda::dead_lp(&pool).0,
            token_program: TOKEN_PROGRAM,
        }
    }

    /// The same pool on a mint of `token_program`.
    pub fn with_token_program(self, token_program: &Pubkey) -> Self {
        Self { token_program: *token_program, ..self }
    }

    /// The validator `vote`, whose record is number `index` of the pool.
    pub fn validator(&self, vote: &Pubkey, index: usize) -> ValidatorKeys {
        self.validator_of_generation(vote, index, 0)
    }

    /// As [`PoolKeys::validator`], with stake accounts at addresses of a later generation.
    pub fn validator_of_generation(&self, vote: &Pubkey, index: usize, generation: u32) -> ValidatorKeys {
        let page_index = (index / RECORDS_PER_PAGE) as u32;
        let stake = |role| pda::stake(&self.pool, vote, role, generation).0;
        ValidatorKeys {
            vote: *vote,
            entry: pda::entry(&self.pool, vote).0,
            page: pda::validator_page(&self.pool, page_index).0,
            page_index,
            slot_in_page: (index % RECORDS_PER_PAGE) as u8,
            generation,
            stakes: StakeRole::ALL.map(stake),
        }
    }
}

/// Where a validator of a pool is recorded, and its stake accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidatorKeys {
    pub vote: Pubkey,
    pub entry: Pubkey,
    pub page: Pubkey,
    pub page_index: u32,
    pub slot_in_page: u8,
    pub generation: u32,
    /// Main, onramp and offramp.
    pub stakes: [Pubkey; 3],
}

impl ValidatorKeys {
    pub fn stake(&self, role: StakeRole) -> Pubkey {
        self.stakes[role as usize]
    }
}
