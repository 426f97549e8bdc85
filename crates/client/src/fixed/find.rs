//! All that belongs to a pool: what to ask a node for, and how to read its answer.

use {
    super::{read_position, read_user_pool, read_whitelist_entry},
    crate::accounts::ReadError,
    anchor_lang::Discriminator,
    fixed_pools::state::{Position, UserPool, WhitelistEntry},
    solana_pubkey::Pubkey,
};

/// What `getProgramAccounts` of [`tidepool_interface::fixed::ID`] is to filter by: `dataSize`, and one `memcmp` at offset 0.
/// After its discriminator each of these accounts names its pool, then its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountFilter {
    /// Bytes of the account.
    pub data_size: usize,
    /// Its first bytes.
    pub start: Vec<u8>,
}

impl AccountFilter {
    /// All open positions of a pool.
    pub fn positions(pool: &Pubkey) -> Self {
        Self::of::<Position>(Position::SPACE, pool)
    }

    /// What each user has in a pool.
    pub fn user_pools(pool: &Pubkey) -> Self {
        Self::of::<UserPool>(UserPool::SPACE, pool)
    }

    /// All entries in the whitelist of a pool.
    pub fn whitelist_entries(pool: &Pubkey) -> Self {
        Self::of::<WhitelistEntry>(WhitelistEntry::SPACE, pool)
    }

    /// The same accounts, of one owner alone.
    pub fn of_owner(mut self, owner: &Pubkey) -> Self {
        self.start.extend(owner.as_ref());
        self
    }

    /// Whether an account of the program passes.
    pub fn matches(&self, data: &[u8]) -> bool {
        data.len() == self.data_size && data.starts_with(&self.start)
    }

    fn of<T: Discriminator>(data_size: usize, pool: &Pubkey) -> Self {
        Self { data_size, start: [T::DISCRIMINATOR, pool.as_ref()].concat() }
    }
}

/// The positions of a pool among accounts of the program.
pub fn find_positions<D: AsRef<[u8]>>(
    pool: &Pubkey,
    accounts: impl IntoIterator<Item = (Pubkey, D)>,
) -> Vec<(Pubkey, Position)> {
    find(&AccountFilter::positions(pool), accounts, read_position)
}

/// What each user has in a pool, among accounts of the program.
pub fn find_user_pools<D: AsRef<[u8]>>(
    pool: &Pubkey,
    accounts: impl IntoIterator<Item = (Pubkey, D)>,
) -> Vec<(Pubkey, UserPool)> {
    find(&AccountFilter::user_pools(pool), accounts, read_user_pool)
}

/// The whitelist entries of a pool among accounts of the program.
pub fn find_whitelist_entries<D: AsRef<[u8]>>(
    pool: &Pubkey,
    accounts: impl IntoIterator<Item = (Pubkey, D)>,
) -> Vec<(Pubkey, WhitelistEntry)> {
    find(&AccountFilter::whitelist_entries(pool), accounts, read_whitelist_entry)
}

fn find<T, D: AsRef<[u8]>>(
    filter: &AccountFilter,
    accounts: impl IntoIterator<Item = (Pubkey, D)>,
    read: impl Fn(&[u8]) -> Result<T, ReadError>,
) -> Vec<(Pubkey, T)> {
    let found = accounts.into_iter().filter(|(_, data)| filter.matches(data.as_ref()));
    found.filter_map(|(key, data)| Some((key, read(data.as_ref()).ok()?))).collect()
}
