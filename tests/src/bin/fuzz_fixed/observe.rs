//! What really is: every account of the pools and of the people, compared with the model.

use {
    crate::stage::{KnownPool, Stage},
    solana_pubkey::Pubkey,
    tidepool_client::fixed::{
        read_pool, read_position, read_user_pool, read_whitelist_entry, Access, Suspension as RealSuspension,
        WhitelistState,
    },
    tidepool_tests::{
        fixed_model::{Amount, Entry, EntryState, Pool, Position, Suspension, UserBook},
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
                true => self.compare_closed(&name, known)?,
                false => self.compare_pool(&name, known, book)?,
            }
            self.compare_users(index, known, book)?;
        }
        Ok(())
    }

    fn data(&self, key: &Pubkey) -> Vec<u8> {
        self.chain.account(key).map(|account| account.data).unwrap_or_default()
    }

    fn person(&self, key: &Pubkey) -> Amount {
        match self.people.iter().position(|person| person.key() == *key) {
            Some(index) => index as Amount,
            None => -1,
        }
    }

    fn compare_closed(&self, name: &str, known: &KnownPool) -> Result<(), Difference> {
        let keys = &known.keys;
        let is_retired = self.data(&keys.pool) == b"retired!";
        let vaults = [keys.principal_vault, keys.reward_vault].map(|vault| self.chain.lamports(&vault));
        let rows = [
            ("retired", 1, is_retired.into()),
            ("lamports", self.model.rents.retired, self.chain.lamports(&keys.pool).into()),
            ("principal vault", 0, vaults[0].into()),
            ("reward vault", 0, vaults[1].into()),
        ];
        same(name, &rows)
    }

    fn compare_pool(&self, name: &str, known: &KnownPool, book: &Pool) -> Result<(), Difference> {
        let keys = &known.keys;
        let real = read_pool(&self.data(&keys.pool)).map_err(broken)?;
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
            ("leaves", book.tree.len() as Amount, real.merkle_leaves.into()),
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
            let data = self.data(&known.users[person]);
            match book.users.get(&person) {
                Some(user) => self.compare_user(&name, &data, book, person, user)?,
                None => same(&name, &[("bytes", 0, data.len() as Amount)])?,
            }
            let data = self.data(&known.entries[person]);
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
        let account = self.chain.account(&key).unwrap_or_default();
        let real = read_position(&account.data).map_err(broken)?;
        let requested_at = position.exit_requested_at.unwrap_or(0);
        let rows = [
            ("lamports", position.lamports, account.lamports.into()),
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
