//! Lamports that strangers send to addresses of the program, whether an account is there or not.

use super::{Amount, Model};

/// Where the program has, or may one day have, an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Address {
    Pool(Numbered),
    PrincipalVault(Numbered),
    RewardVault(Numbered),
    User { pool: usize, user: usize },
    Entry { pool: usize, user: usize },
    Position { pool: usize, owner: usize, index: Amount },
    Collection { creator: usize },
    Did { creator: usize, owner: usize },
    DidMint { creator: usize, owner: usize },
    DidAccount { creator: usize, owner: usize },
}

/// A creator's pool of a number, whether he has made it or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Numbered {
    pub creator: usize,
    pub number: usize,
}

impl Model {
    pub fn give(&mut self, to: Address, lamports: Amount) {
        *self.gifts.entry(to).or_default() += lamports;
    }

    /// What lies at an address beside the rent.
    pub fn gift(&self, address: Address) -> Amount {
        self.gifts.get(&address).copied().unwrap_or(0)
    }

    /// What goes to whoever gets the rent of an account that is closed.
    pub(super) fn take_gift(&mut self, address: Address) -> Amount {
        self.gifts.remove(&address).unwrap_or(0)
    }

    /// All that lies there.
    pub fn lamports(&self, address: Address) -> Amount {
        self.rent(address).unwrap_or(0) + self.gift(address)
    }

    /// Of the account there; `None` if there is none.
    fn rent(&self, address: Address) -> Option<Amount> {
        let rents = &self.rents;
        let made = |numbered: Numbered| {
            self.pools.get(numbered.number).filter(|pool| pool.creator == numbered.creator)
        };
        let did = |creator: usize, owner| self.collections.get(&creator)?.dids.get(&owner);
        match address {
            Address::Pool(numbered) => {
                made(numbered).map(|pool| if pool.is_closed { rents.retired } else { rents.pool })
            }
            Address::PrincipalVault(numbered) | Address::RewardVault(numbered) => {
                made(numbered).filter(|pool| !pool.is_closed).map(|_| rents.vault)
            }
            Address::User { pool, user } => self.pools[pool].users.get(&user).map(|_| rents.user),
            Address::Entry { pool, user } => self.pools[pool].entries.get(&user).map(|_| rents.entry),
            Address::Position { pool, owner, index } => {
                let mut his = self.pools[pool].of(owner);
                his.find(|position| position.index == index).map(|_| rents.position)
            }
            Address::Collection { creator } => self.collections.get(&creator).map(|_| rents.collection),
            Address::Did { creator, owner } => did(creator, owner).map(|_| rents.did),
            Address::DidMint { creator, owner } => {
                did(creator, owner).map(|did| rents.did_mint(did.bytes_of_texts))
            }
            Address::DidAccount { creator, owner } => {
                did(creator, owner).filter(|did| !did.is_burned).map(|_| rents.did_account)
            }
        }
    }
}
