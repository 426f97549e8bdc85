//! Whales: who they are, their reminder, and their token.

use {
    super::{amount, Difference, Done, Stage},
    crate::action::{Also, Shows, Size, PEOPLE},
    solana_instruction::AccountMeta,
    tidepool_client::fixed::DidParameters,
    tidepool_localnet::Failure,
    tidepool_tests::{
        fixed_model::{Amount, Shown},
        runs::unexpected,
    },
};

/// Places in the accounts of who says what a whale is, and of who mints a whale's token.
const CREATOR: usize = 0;
const COLLECTION: usize = 0;

impl Stage {
    pub(super) fn set_collection(
        &mut self,
        creator: usize,
        by: usize,
        threshold: Size,
        bytes: [u8; 3],
    ) -> Result<Done, Difference> {
        let stakes: Vec<Amount> = (0..PEOPLE.into()).map(|user| self.stake_with(creator, user)).collect();
        let most = stakes.iter().copied().max().unwrap_or(0);
        let threshold = amount(threshold, most, &stakes);
        let [name, symbol, uri] = bytes.map(|bytes| "w".repeat(bytes.into()));
        let parameters = DidParameters { threshold, name, symbol, uri };
        let mut set = self.creators[creator].keys.set_did_collection(parameters);
        set.accounts[CREATOR].pubkey = self.people[by].key();
        let predicted = self.model.set_collection(creator, by, threshold.into(), bytes.map(usize::from));
        self.try_both(predicted.map(|()| threshold), &set, by)
    }

    /// What somebody has staked in all pools of a creator.
    fn stake_with(&self, creator: usize, user: usize) -> Amount {
        let his = self.model.pools.iter().filter(|pool| pool.creator == creator);
        his.map(|pool| pool.stake_of(user)).sum()
    }

    /// Nobody shows anything to a collection that is not there, unless by mistake.
    pub(super) fn may_show(&self, pool: usize, shows: Shows) -> bool {
        let creator = self.model.pools[pool].creator;
        self.model.collections.contains_key(&creator) || shows.also != Also::Nothing
    }

    pub(super) fn mint_did(&mut self, pool: usize, user: usize, shows: Shows) -> Result<Done, Difference> {
        if !self.may_show(pool, shows) {
            return Ok(Done::Idle);
        }
        let shown = self.shown(pool, user, shows);
        let mut mint = self.pools[pool].keys.mint_whale_did(&self.people[user].key(), &[]);
        mint.accounts[COLLECTION].pubkey = self.creators[shown.collection].keys.did_collection;
        mint.accounts.extend(self.accounts_of(&shown));
        let predicted = self.model.mint_did(pool, user, &shown);
        self.try_both(predicted, &mint, user)
    }

    /// One of the tokens there are is burned, with its account, and its owner asks for another: in vain.
    pub(super) fn burn_did(&mut self, number: usize) -> Result<Done, Difference> {
        let dids = self.model.collections.iter().flat_map(|(creator, collection)| {
            let kept = collection.dids.iter().filter(|(_, did)| !did.is_burned);
            kept.map(move |(owner, _)| (*creator, *owner))
        });
        let dids: Vec<(usize, usize)> = dids.collect();
        let Some(place) = number.checked_rem(dids.len()) else { return Ok(Done::Idle) };
        let (creator, owner) = dids[place];
        let mut books = self.model.pools.iter();
        let pool = books.position(|pool| pool.creator == creator && pool.users.contains_key(&owner));
        let Some(pool) = pool else { return Ok(Done::Idle) };
        self.burn(creator, owner).map_err(|failure| unexpected("a whale's token", &failure))?;
        self.model.burn_did(creator, owner);
        match self.mint_did(pool, owner, Shows { mask: u8::MAX, also: Also::Nothing })? {
            Done::Refused(_) => Ok(Done::Ok(format!("{owner} burned his token of {creator}"))),
            done => Ok(done),
        }
    }

    /// The faucet gives back the fees, which the owner pays.
    fn burn(&self, creator: usize, owner: usize) -> Result<(), Failure> {
        let account = self.creators[creator].dids[owner].token_account;
        let (wallet, key) = (&self.people[owner].wallet, self.people[owner].key());
        let before = self.chain.lamports(&key);
        self.chain.burn(&account, wallet, 1)?;
        let fee = before - self.chain.lamports(&key);
        self.chain.close_token_account(&account, wallet)?;
        self.chain.airdrop(&key, 2 * fee)
    }

    /// Pools of the same creator in which the user has an account, and what does not belong there.
    pub(super) fn shown(&self, pool: usize, user: usize, shows: Shows) -> Shown {
        let books = &self.model.pools;
        let creator = books[pool].creator;
        let all = || (0..books.len()).filter(|other| *other != pool);
        let has_account = |other: &usize| books[*other].users.contains_key(&user);
        let is_same = |other: &usize| books[*other].creator == creator;
        let is_chosen = |other: &usize| shows.mask >> (other % 8) & 1 == 1;
        let chosen = all().filter(|other| is_same(other) && has_account(other) && is_chosen(other));
        let mut others: Vec<(usize, usize)> = chosen.map(|other| (other, user)).collect();
        let mut collection = creator;
        match shows.also {
            Also::Nothing => {}
            Also::Itself => others.extend(has_account(&pool).then_some((pool, user))),
            Also::Again => others.extend(others.first().copied()),
            Also::Unknown => {
                let unknown = all().find(|other| is_same(other) && !has_account(other));
                others.extend(unknown.map(|other| (other, user)));
            }
            Also::Foreign => {
                let foreign = all().find(|other| !is_same(other) && has_account(other));
                others.extend(foreign.map(|other| (other, user)));
            }
            Also::OtherUser => {
                let accounts = all().filter(is_same).flat_map(|other| {
                    books[other]
                        .users
                        .keys()
                        .filter(|whose| **whose != user)
                        .map(move |whose| (other, *whose))
                });
                others.extend(accounts.last());
            }
            Also::OtherCollection => collection = (creator + 1) % usize::from(PEOPLE),
        }
        others.sort_by_key(|(other, _)| self.pools[*other].keys.pool);
        Shown { collection, others }
    }

    pub(super) fn accounts_of(&self, shown: &Shown) -> Vec<AccountMeta> {
        let accounts = shown.others.iter().map(|(pool, user)| self.pools[*pool].users[*user]);
        accounts.map(|account| AccountMeta::new_readonly(account, false)).collect()
    }
}
