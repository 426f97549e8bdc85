//! What really is: every account of the pools and of the people, compared with the model.

use {
    crate::stage::{Creator, KnownPool, Stage, DESCRIBED_DID_MINT_LEN},
    solana_pubkey::Pubkey,
    tidepool_client::fixed::{
        read_did, read_did_collection, read_pool, read_position, read_user_pool, read_whitelist_entry,
        Access, DidKeys, Suspension as RealSuspension, WhitelistState,
    },
    tidepool_tests::{
        fixed_model::{
            bytes_for_texts, Address, Amount, Did, Entry, EntryState, Numbered, Pool, Position, Suspension,
            UserBook,
        },
        runs::Difference,
    },
};

/// A name and a number of the model, and of the chain.
type Row<'a> = (&'a str, Amount, Amount);

impl Stage {
    /// Compares every account with the model.
    pub fn compare(&self) -> Result<(), Difference> {
        for (index, person) in self.people.iter().enumerate() {
            let book = self.model.people[index];
            let rows = [
                ("tokens", book.tokens, self.chain.token_balance(&person.tokens).into()),
                ("lamports", book.lamports, self.chain.lamports(&person.key()).into()),
            ];
            same(&format!("person {index}"), &rows)?;
        }
        for (index, known) in self.pools.iter().enumerate() {
            let (book, name) = (&self.model.pools[index], format!("pool {index}"));
            match book.is_closed {
                true => self.compare_closed(&name, index, known)?,
                false => self.compare_pool(&name, index, known, book)?,
            }
            self.compare_users(index, known, book)?;
        }
        for (index, creator) in self.creators.iter().enumerate() {
            self.compare_whales(index, creator)?;
        }
        for (address, lamports) in self.gifted() {
            same(&format!("{address:?}"), &[("lamports", self.model.lamports(address), lamports)])?;
        }
        Ok(())
    }

    /// Data and lamports.
    fn account(&self, key: &Pubkey) -> (Vec<u8>, Amount) {
        let account = self.chain.account(key).unwrap_or_default();
        (account.data, account.lamports.into())
    }

    fn person(&self, key: &Pubkey) -> Amount {
        match self.people.iter().position(|person| person.key() == *key) {
            Some(index) => index as Amount,
            None => -1,
        }
    }

    fn compare_closed(&self, name: &str, index: usize, known: &KnownPool) -> Result<(), Difference> {
        let is_retired = self.account(&known.keys.pool).0 == b"retired!";
        same(name, &[("retired", 1, is_retired.into())])?;
        same(name, &self.lamports_of_pool(index, known))
    }

    fn lamports_of_pool(&self, number: usize, known: &KnownPool) -> [Row<'static>; 3] {
        let (keys, place) = (&known.keys, Numbered { creator: known.creator, number });
        let row =
            |what, address, key| (what, self.model.lamports(address), Amount::from(self.chain.lamports(key)));
        [
            row("lamports", Address::Pool(place), &keys.pool),
            row("lamports of the principal vault", Address::PrincipalVault(place), &keys.principal_vault),
            row("lamports of the reward vault", Address::RewardVault(place), &keys.reward_vault),
        ]
    }

    fn compare_pool(
        &self,
        name: &str,
        index: usize,
        known: &KnownPool,
        book: &Pool,
    ) -> Result<(), Difference> {
        same(name, &self.lamports_of_pool(index, known))?;
        let keys = &known.keys;
        let real = read_pool(&self.account(&keys.pool).0).map_err(broken)?;
        let flags = u8::from(book.stakes_are_paused) | u8::from(book.exits_are_paused) << 2;
        let [emergency, claim_pause] = [&real.emergency, &real.claim_pause].map(suspension);
        let access = if book.terms.is_open_to_all { Access::Open } else { Access::Whitelist };
        let (root, _) = known.tree(&self.people, &book.tree, None);
        let rows = [
            ("principal", book.principal, self.chain.token_balance(&keys.principal_vault).into()),
            ("reward", book.reward, self.chain.token_balance(&keys.reward_vault).into()),
            ("total staked", book.total_staked(), real.total_staked.into()),
            ("promised", book.promised(), real.promised.into()),
            ("reserved", book.reserved(), real.reserved.into()),
            ("open positions", book.positions.len() as Amount, real.open_positions.into()),
            ("active users", book.active_users() as Amount, real.active_users.into()),
            ("users", book.users.len() as Amount, real.users.into()),
            ("approved users", book.approved_users() as Amount, real.approved_users.into()),
            ("authority", book.authority as Amount, self.person(&real.authority)),
            ("proposed", self.proposed(book.proposed), self.person(&real.proposed_authority)),
            ("guardian", book.guardian as Amount, self.person(&real.guardian)),
            ("manager", book.whitelist_manager as Amount, self.person(&real.whitelist_manager)),
            ("access", access as Amount, real.access.into()),
            ("pause flags", flags.into(), real.pause_flags.into()),
            ("can be frozen", self.model.can_be_frozen.into(), real.can_be_frozen.into()),
            ("early exit", book.allows_early_exit.into(), real.allows_early_exit.into()),
            ("lock", book.lock, real.lock_seconds.into()),
            ("start", book.terms.start, real.start.into()),
            ("end", book.terms.end, real.end.into()),
            ("minimum", book.terms.min_stake, real.min_stake.into()),
            ("cap", book.terms.cap, real.cap.into()),
            ("rate", book.terms.rate, real.rate_bps.into()),
            ("emergency since", book.emergency.since, emergency.since),
            ("emergency until", book.emergency.until, emergency.until),
            ("emergency's reason", book.emergency_reason, real.emergency_reason.into()),
            ("claim pause since", book.claim_pause.since, claim_pause.since),
            ("claim pause until", book.claim_pause.until, claim_pause.until),
            ("forfeited", book.forfeited, real.forfeited.into()),
            ("forfeits locked until", book.forfeits_locked_until, real.forfeits_locked_until.into()),
            ("funded", counted(book.funded), real.funded.into()),
            ("rewarded", counted(book.rewarded), real.rewarded.into()),
            ("withdrawn", counted(book.withdrawn), real.withdrawn.into()),
            ("leaves", book.tree.leaves.len() as Amount, real.merkle_leaves.into()),
            ("root", 1, (real.merkle_root == root).into()),
        ];
        same(name, &rows)
    }

    fn proposed(&self, person: Option<usize>) -> Amount {
        person.map_or(-1, |person| person as Amount)
    }

    fn compare_users(&self, index: usize, known: &KnownPool, book: &Pool) -> Result<(), Difference> {
        for person in 0..self.people.len() {
            let name = format!("pool {index}, user {person}");
            let (data, lamports) = self.account(&known.users[person]);
            let address = Address::User { pool: index, user: person };
            same(&name, &[("lamports", self.model.lamports(address), lamports)])?;
            match book.users.get(&person) {
                Some(user) => self.compare_user(&name, &data, book, person, user)?,
                None => same(&name, &[("bytes", 0, data.len() as Amount)])?,
            }
            let (data, lamports) = self.account(&known.entries[person]);
            let address = Address::Entry { pool: index, user: person };
            same(&name, &[("lamports of the entry", self.model.lamports(address), lamports)])?;
            match book.entries.get(&person) {
                Some(entry) => self.compare_entry(&name, &data, entry)?,
                None => same(&name, &[("bytes of the entry", 0, data.len() as Amount)])?,
            }
        }
        for position in &book.positions {
            self.compare_position(index, position)?;
        }
        Ok(())
    }

    fn compare_user(
        &self,
        name: &str,
        data: &[u8],
        book: &Pool,
        person: usize,
        user: &UserBook,
    ) -> Result<(), Difference> {
        let real = read_user_pool(data).map_err(broken)?;
        let rows = [
            ("next index", user.next_index, real.next_index.into()),
            ("active positions", book.of(person).count() as Amount, real.active_positions.into()),
            ("active stake", book.stake_of(person), real.active_stake.into()),
            ("staked", counted(user.staked), real.staked.into()),
            ("rewarded", counted(user.rewarded), real.rewarded.into()),
            ("owner only", user.is_owner_only.into(), real.is_owner_only.into()),
            ("reminded", user.is_reminded.into(), real.did_reminded.into()),
            ("whale's token", user.has_did.into(), real.did_minted.into()),
        ];
        same(name, &rows)
    }

    fn compare_entry(&self, name: &str, data: &[u8], entry: &Entry) -> Result<(), Difference> {
        let real = read_whitelist_entry(data).map_err(broken)?;
        let state = match real.state {
            WhitelistState::Applied => EntryState::Applied,
            WhitelistState::Approved => EntryState::Approved,
            WhitelistState::Refused => EntryState::Refused,
        };
        let rows = [
            ("state", entry.state as Amount, state as Amount),
            ("requested", entry.requested, real.requested_amount.into()),
            ("maximum", entry.max_amount, real.max_amount.into()),
            ("reason", entry.reason, real.reason_code.into()),
            ("expiry", entry.expires_at, real.expires_at.into()),
            ("rent payer", entry.rent_payer as Amount, self.person(&real.rent_payer)),
        ];
        same(&format!("{name}, entry"), &rows)
    }

    fn compare_position(&self, pool: usize, position: &Position) -> Result<(), Difference> {
        let key = self.position_keys(pool, position).position;
        let (data, lamports) = self.account(&key);
        let real = read_position(&data).map_err(broken)?;
        let address = Address::Position { pool, owner: position.owner, index: position.index };
        let requested_at = position.exit_requested_at.unwrap_or(0);
        let rows = [
            ("lamports", self.model.lamports(address), lamports),
            ("amount", position.amount, real.amount.into()),
            ("rate", position.rate, real.rate_bps.into()),
            ("staked at", position.staked_at, real.staked_at.into()),
            ("unlock at", position.unlock_at, real.unlock_at.into()),
            ("full reward", position.full_reward, real.full_reward.into()),
            ("claimed", position.claimed, real.claimed.into()),
            ("exit requested at", requested_at, real.exit_requested_at.into()),
            ("owner", position.owner as Amount, self.person(&real.owner)),
            ("index", position.index, real.index.into()),
            ("rent payer", position.rent_payer as Amount, self.person(&real.rent_payer)),
        ];
        same(&format!("pool {pool}, position {} of {}", position.index, position.owner), &rows)
    }
}

impl Stage {
    fn compare_whales(&self, creator: usize, known: &Creator) -> Result<(), Difference> {
        let name = format!("creator {creator}");
        let (data, lamports) = self.account(&known.keys.did_collection);
        let Some(book) = self.model.collections.get(&creator) else {
            return same(&name, &[("bytes of the collection", 0, data.len() as Amount)]);
        };
        let real = read_did_collection(&data).map_err(broken)?;
        let [name_len, symbol, uri] = book.texts.map(|bytes| bytes as Amount);
        let rows = [
            ("lamports of the collection", self.model.lamports(Address::Collection { creator }), lamports),
            ("threshold", book.threshold, real.threshold.into()),
            ("tokens", book.dids.len() as Amount, real.minted.into()),
            ("name", name_len, real.name.len() as Amount),
            ("symbol", symbol, real.symbol.len() as Amount),
            ("address", uri, real.uri.len() as Amount),
        ];
        same(&name, &rows)?;
        for (owner, keys) in known.dids.iter().enumerate() {
            self.compare_did(creator, owner, keys, book.dids.get(&owner))?;
        }
        Ok(())
    }

    fn compare_did(
        &self,
        creator: usize,
        owner: usize,
        keys: &DidKeys,
        book: Option<&Did>,
    ) -> Result<(), Difference> {
        let name = format!("whale {owner} of creator {creator}");
        let [did, mint, account] = [keys.did, keys.mint, keys.token_account].map(|key| self.account(&key));
        let rows = [
            ("lamports", self.model.lamports(Address::Did { creator, owner }), did.1),
            ("lamports of the mint", self.model.lamports(Address::DidMint { creator, owner }), mint.1),
            ("lamports of the token", self.model.lamports(Address::DidAccount { creator, owner }), account.1),
        ];
        same(&name, &rows)?;
        let Some(book) = book else { return same(&name, &[("bytes", 0, did.0.len() as Amount)]) };
        let real = read_did(&did.0).map_err(broken)?;
        let tokens = (!book.is_burned).into();
        let balance = if book.is_burned { 0 } else { self.chain.token_balance(&keys.token_account) };
        let is_described = mint.0.len() == DESCRIBED_DID_MINT_LEN + bytes_for_texts(book.bytes_of_texts);
        let rows = [
            ("minted at", book.minted_at, real.minted_at.into()),
            ("active stake", book.active_stake, real.active_stake.into()),
            ("owner", owner as Amount, self.person(&real.owner)),
            ("mint", 1, (real.mint == keys.mint).into()),
            ("supply", tokens, self.chain.mint_supply(&keys.mint).into()),
            ("tokens", tokens, balance.into()),
            ("described", 1, is_described.into()),
        ];
        same(&name, &rows)
    }
}

/// What is only counted, over all times, stops at the largest number there is.
fn counted(sum: Amount) -> Amount {
    sum.min(u64::MAX.into())
}

fn suspension(real: &RealSuspension) -> Suspension {
    Suspension { since: real.since.into(), until: real.until.into() }
}

/// The first row that differs is the kind of the difference.
pub(crate) fn same(name: &str, rows: &[Row]) -> Result<(), Difference> {
    let different: Vec<&Row> = rows.iter().filter(|(_, model, real)| model != real).collect();
    let Some((first, ..)) = different.first() else { return Ok(()) };
    let text = different.iter().map(|(what, model, real)| format!("{what}: {model} in the model, {real}"));
    let text: Vec<String> = text.collect();
    Err(Difference::new(format!("books differ in {first}"), format!("{name}: {}", text.join("; "))))
}

fn broken(error: impl std::fmt::Display) -> Difference {
    Difference::new("an account cannot be read", error.to_string())
}
