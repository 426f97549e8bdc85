//! Seeds, once, for the program and for everyone who looks for its accounts.

use {crate::ID, solana_pubkey::Pubkey};

/// What stands before the keys in the seeds of each account.
pub mod prefix {
    pub const POOL: &[u8] = b"pool";
    pub const AUTHORITY: &[u8] = b"authority";
    pub const RESERVE: &[u8] = b"reserve";
    pub const INSURANCE: &[u8] = b"insurance";
    pub const HISTORY: &[u8] = b"history";
    pub const VALIDATORS: &[u8] = b"validators";
    pub const STAKE: &[u8] = b"stake";
    pub const ENTRY: &[u8] = b"entry";
    pub const BOND: &[u8] = b"bond";
    pub const TICKET: &[u8] = b"ticket";
    pub const LIQUIDITY: &[u8] = b"liquidity";
    pub const LIQUIDITY_SOL: &[u8] = b"liq_sol";
    pub const LIQUIDITY_LST: &[u8] = b"liq_lst";
    pub const LP_MINT: &[u8] = b"lp_mint";
    pub const DEAD_LST: &[u8] = b"dead_lst";
    pub const DEAD_LP: &[u8] = b"dead_lp";
}

/// The three stake accounts of a validator; the number stands in their seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum StakeRole {
    /// Active stake.
    Main = 0,
    /// Stake that is warming up; joins `Main` once it is active.
    Onramp = 1,
    /// Stake that is cooling down; returns to the reserve.
    Offramp = 2,
}

impl StakeRole {
    pub const ALL: [Self; 3] = [Self::Main, Self::Onramp, Self::Offramp];
}

macro_rules! of_pool {
    ($($(#[$doc:meta])* $name:ident: $prefix:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(pool: &Pubkey) -> (Pubkey, u8) {
            Pubkey::find_program_address(&[prefix::$prefix, pool.as_ref()], &ID)
        }
    )*};
}

of_pool! {
    /// Signs for the pool: mint authority, staker and withdrawer.
    authority: AUTHORITY;
    /// Holds SOL that is not staked.
    reserve: RESERVE;
    /// Holds first-loss money.
    insurance: INSURANCE;
    /// What the pool gained and was worth, epoch by epoch.
    history: HISTORY;
    /// The books of the liquidity pool.
    liquidity: LIQUIDITY;
    /// The SOL vault of the liquidity pool.
    liquidity_sol: LIQUIDITY_SOL;
    /// The LST vault of the liquidity pool.
    liquidity_lst: LIQUIDITY_LST;
    /// The mint of the liquidity pool's shares.
    lp_mint: LP_MINT;
    /// LST nobody can ever redeem.
    dead_lst: DEAD_LST;
    /// Liquidity shares nobody can ever redeem.
    dead_lp: DEAD_LP;
}

/// The pool that issues `lst_mint`.
pub fn pool(lst_mint: &Pubkey) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[prefix::POOL, lst_mint.as_ref()], &ID)
}

/// Page number `page` of a pool's validators.
pub fn validator_page(pool: &Pubkey, page: u32) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[prefix::VALIDATORS, pool.as_ref(), &page.to_le_bytes()], &ID)
}

/// A validator's stake account. `generation` rises only if a stranger made the earlier address unusable.
pub fn stake(pool: &Pubkey, vote: &Pubkey, role: StakeRole, generation: u32) -> (Pubkey, u8) {
    Pubkey::find_program_address(
        &[prefix::STAKE, pool.as_ref(), vote.as_ref(), &[role as u8], &generation.to_le_bytes()],
        &ID,
    )
}

/// Where the validator `vote` stands in a pool's pages, so that it stands there once.
pub fn entry(pool: &Pubkey, vote: &Pubkey) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[prefix::ENTRY, pool.as_ref(), vote.as_ref()], &ID)
}

/// The bond of the validator `vote` for a pool.
pub fn bond(pool: &Pubkey, vote: &Pubkey) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[prefix::BOND, pool.as_ref(), vote.as_ref()], &ID)
}

/// An unstake ticket. `nonce` is the owner's free choice, so that two orders never race for an address.
pub fn ticket(pool: &Pubkey, owner: &Pubkey, nonce: u64) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[prefix::TICKET, pool.as_ref(), owner.as_ref(), &nonce.to_le_bytes()], &ID)
}
