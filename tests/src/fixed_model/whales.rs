//! Who has staked so much with a creator that he may have a token that says so.

use {
    super::{ensure, Address, Amount, Model, Refusal, Result},
    std::collections::BTreeMap,
};

/// Of one creator; there is one mint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    pub threshold: Amount,
    /// Bytes of name, symbol and address.
    pub texts: [usize; 3],
    pub dids: BTreeMap<usize, Did>,
}

/// A user's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Did {
    pub minted_at: Amount,
    pub active_stake: Amount,
    /// When it was minted.
    pub bytes_of_texts: usize,
    pub is_burned: bool,
}

/// What somebody shows to have his stake in several pools added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Whose collection.
    pub collection: usize,
    /// Pools and users, beside the one that this is about.
    pub others: Vec<(usize, usize)>,
}

/// What texts of so many bytes take in a mint: two more if that were as long as a multisig.
pub fn bytes_for_texts(bytes: usize) -> usize {
    match bytes {
        33 => 35,
        _ => bytes,
    }
}

const MOST_BYTES: [usize; 3] = [32, 10, 200];

impl Model {
    pub fn set_collection(
        &mut self,
        creator: usize,
        by: usize,
        threshold: Amount,
        texts: [usize; 3],
    ) -> Result<()> {
        ensure(threshold > 0, Refusal::ZeroAmount)?;
        let fits = texts.iter().zip(MOST_BYTES).all(|(bytes, most)| (1..=most).contains(bytes));
        ensure(fits, Refusal::InvalidMetadata)?;
        match self.collections.get_mut(&creator) {
            Some(collection) => {
                ensure(by == creator, Refusal::WrongCollection)?;
                (collection.threshold, collection.texts) = (threshold, texts);
            }
            None => {
                ensure(by == creator, Refusal::WrongAddress)?;
                self.people[creator].lamports -= self.rents.collection;
                self.collections.insert(creator, Collection { threshold, texts, dids: BTreeMap::new() });
            }
        }
        Ok(())
    }

    /// A collection that is passed must be there, whatever it is passed for.
    pub(super) fn require_collection(&self, creator: usize) -> Result<&Collection> {
        let has_gift = self.gift(Address::Collection { creator }) > 0;
        self.collections.get(&creator).ok_or(match has_gift {
            true => Refusal::AccountOwnedByWrongProgram,
            false => Refusal::AccountNotInitialized,
        })
    }

    /// What `user` has staked in a pool and in those he shows, and whether he was reminded in any of them.
    fn whale_sum(&self, pool: usize, user: usize, shown: &Shown) -> Result<(Amount, bool)> {
        let first = &self.pools[pool];
        let (mut sum, mut seen) = (first.stake_of(user), vec![pool]);
        let mut is_reminded = first.users[&user].is_reminded;
        for (other, whose) in &shown.others {
            let book = &self.pools[*other];
            let account = book.users.get(whose).ok_or(Refusal::AccountOwnedByWrongProgram)?;
            let is_his = *whose == user && book.creator == first.creator && !seen.contains(other);
            ensure(is_his, Refusal::WrongUser)?;
            seen.push(*other);
            sum += book.stake_of(user);
            is_reminded |= account.is_reminded;
        }
        Ok((sum, is_reminded))
    }

    /// After a stake of `user`: gives what he has staked if he is told, for the first time, that it is enough.
    pub(super) fn remind(&mut self, pool: usize, user: usize, shown: &Shown) -> Result<Option<Amount>> {
        let threshold = self.require_collection(shown.collection)?.threshold;
        ensure(shown.collection == self.pools[pool].creator, Refusal::WrongCollection)?;
        let (sum, is_reminded) = self.whale_sum(pool, user, shown)?;
        let is_told = sum >= threshold && !is_reminded;
        if let Some(account) = self.pools[pool].users.get_mut(&user).filter(|_| is_told) {
            account.is_reminded = true;
        }
        Ok(is_told.then_some(sum))
    }

    /// Gives what he has staked. `pool` may be closed, for what a user had there stays.
    pub fn mint_did(&mut self, pool: usize, user: usize, shown: &Shown) -> Result<Amount> {
        let (creator, now, rents) = (self.pools[pool].creator, self.now, self.rents);
        self.require_collection(shown.collection)?;
        let has_account = self.pools[pool].users.contains_key(&user);
        ensure(has_account, Refusal::AccountOwnedByWrongProgram)?;
        ensure(shown.collection == creator, Refusal::WrongCollection)?;
        let Collection { threshold, texts, dids } = self.require_collection(creator)?;
        let bytes_of_texts = texts.iter().sum();
        ensure(!dids.contains_key(&user), Refusal::DidAlreadyMinted)?;
        let (active_stake, _) = self.whale_sum(pool, user, shown)?;
        ensure(active_stake >= *threshold, Refusal::BelowWhaleThreshold)?;

        // What lies there already counts for what the token programs make, but not for the mint before its texts.
        let mint = Address::DidMint { creator, owner: user };
        let account = Address::DidAccount { creator, owner: user };
        let full = rents.did_mint(bytes_of_texts);
        let for_mint = (full - self.gift(mint)).max(rents.bare_did_mint);
        let for_account = (rents.did_account - self.gift(account)).max(0);
        self.people[user].lamports -= rents.did + for_mint + for_account;
        self.keep_beside_rent(mint, for_mint, full);
        self.keep_beside_rent(account, for_account, rents.did_account);
        let did = Did { minted_at: now, active_stake, bytes_of_texts, is_burned: false };
        self.collections.entry(creator).and_modify(|collection| {
            collection.dids.insert(user, did);
        });
        if let Some(account) = self.pools[pool].users.get_mut(&user) {
            account.has_did = true;
        }
        Ok(active_stake)
    }

    fn keep_beside_rent(&mut self, address: Address, paid: Amount, rent: Amount) {
        let rest = self.take_gift(address) + paid - rent;
        self.give(address, rest);
    }

    /// Its owner destroys his token, and closes the account it was in.
    pub fn burn_did(&mut self, creator: usize, owner: usize) {
        let collection = self.collections.get_mut(&creator);
        let Some(did) = collection.and_then(|collection| collection.dids.get_mut(&owner)) else { return };
        did.is_burned = true;
        let gift = self.take_gift(Address::DidAccount { creator, owner });
        self.people[owner].lamports += self.rents.did_account + gift;
    }
}
