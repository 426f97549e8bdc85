//! What those do who run pools.

use {
    super::{amount, amounts::clamped, outside::Name, Difference, Done, KnownPool, Stage, MOST_POOLS},
    crate::action::{Action, NewPool, Size, Unfit, Who},
    tidepool_client::fixed::{Access, FixedPoolKeys, PoolParameters, PoolTerms},
    tidepool_localnet::TOKEN_2022_PROGRAM,
    tidepool_tests::{
        fixed_model::{self, Amount, Refusal, Terms},
        runs::agree,
    },
};

impl Stage {
    pub(super) fn initialize_pool(&mut self, creator: usize, new: NewPool) -> Result<Done, Difference> {
        let open = self.model.pools.iter().filter(|pool| !pool.is_closed).count();
        if open >= MOST_POOLS || self.pools.len() >= 3 * MOST_POOLS {
            return Ok(Done::Idle);
        }
        let (now, start) = (self.model.now, self.model.now + Amount::from(new.start_in));
        let terms = Terms {
            start,
            end: now + Amount::from(new.days) * 86_400,
            min_stake: new.min_stake.into(),
            cap: new.cap.into(),
            rate: new.rate_bps.into(),
            is_open_to_all: new.is_open_to_all,
        };
        let [guardian, whitelist_manager] = [new.guardian, new.whitelist_manager].map(usize::from);
        let parameters = PoolParameters {
            pool_id: self.pools.len() as u64,
            guardian: self.people[guardian].key(),
            whitelist_manager: self.people[whitelist_manager].key(),
            lock_seconds: new.lock_seconds,
            allows_early_exit: new.allows_early_exit,
            accepts_freeze_authority: new.accepts_freezes,
            terms: real_terms(&terms),
        };
        let creator_key = self.people[creator].key();
        let id = parameters.pool_id;
        let keys = FixedPoolKeys::new(&creator_key, id, &self.mint, &self.token_program);
        let predicted = self.model.initialize_pool(fixed_model::NewPool {
            creator,
            guardian,
            whitelist_manager,
            lock: new.lock_seconds.into(),
            allows_early_exit: new.allows_early_exit,
            accepts_freezes: new.accepts_freezes,
            terms,
        });
        if predicted.is_ok() {
            let people = || self.people.iter().map(|person| person.key());
            let users = people().map(|key| keys.user_pool(&key)).collect();
            let entries = people().map(|key| keys.whitelist_entry(&key)).collect();
            self.pools.push(KnownPool { keys, creator, parameters, users, entries });
        }
        self.try_both(predicted, &keys.initialize_pool(parameters), creator)
    }

    /// An address that a pool has, or has had, is taken for ever.
    pub(super) fn initialize_again(&mut self, pool: usize) -> Result<Done, Difference> {
        let KnownPool { keys, creator, parameters, .. } = &self.pools[pool];
        let again = keys.initialize_pool(*parameters);
        self.try_both(Err::<(), _>(Refusal::PoolExists), &again, *creator)
    }

    /// A pool of a mint that none can be made of.
    pub(super) fn initialize_unfit(&mut self, creator: usize, what: Unfit) -> Result<Done, Difference> {
        let Some(KnownPool { parameters, .. }) = self.pools.first() else { return Ok(Done::Idle) };
        let parameters = PoolParameters { pool_id: self.pools.len() as u64, ..*parameters };
        let holder = &self.people[creator];
        let (mint, program, error) = match what {
            Unfit::OfTheOtherProgram => (self.mint, self.other_token_program(), "WrongTokenProgram"),
            Unfit::NoMint => (holder.tokens, self.token_program, "UnsupportedMint"),
            Unfit::WhalesToken => {
                let minted = self.model.collections.iter().flat_map(|(creator, collection)| {
                    collection.dids.keys().map(|owner| self.creators[*creator].dids[*owner].mint)
                });
                let Some(mint) = minted.last() else { return Ok(Done::Idle) };
                (mint, TOKEN_2022_PROGRAM, "RefusedMintExtension")
            }
        };
        let keys = FixedPoolKeys::new(&holder.key(), parameters.pool_id, &mint, &program);
        let real = self.send(&keys.initialize_pool(parameters), &holder.wallet);
        agree(Err(Name(error)), real)
    }

    pub(super) fn set_terms(&mut self, by: Who, pool: usize, action: &Action) -> Result<Done, Difference> {
        let Action::SetTerms { start_in, end_in, min_stake, cap, rate_bps, is_open_to_all, .. } = *action
        else {
            return Ok(Done::Idle);
        };
        let Some(by) = self.who(by, pool) else { return Ok(Done::Idle) };
        let (now, old) = (self.model.now, self.model.pools[pool].terms);
        let in_time = |seconds: Option<i32>, old| seconds.map_or(old, |seconds| now + Amount::from(seconds));
        let terms = Terms {
            start: in_time(start_in, old.start),
            end: in_time(end_in, old.end),
            min_stake: min_stake.map_or(old.min_stake, Amount::from),
            cap: cap.map_or(old.cap, |cap| self.cap(pool, cap).into()),
            rate: rate_bps.map_or(old.rate, Amount::from),
            is_open_to_all: is_open_to_all.unwrap_or(old.is_open_to_all),
        };
        let set = self.pools[pool].keys.set_terms(&self.people[by].key(), real_terms(&terms));
        let predicted = self.model.set_terms(pool, by, terms).map(|()| terms);
        self.try_both(predicted, &set, by)
    }

    /// The edges: what is staked, what there is, and the largest that the books can hold.
    fn cap(&self, pool: usize, size: Size) -> u64 {
        let book = &self.model.pools[pool];
        let year_bps = 10_000 * 31_536_000;
        let most = Amount::from(u64::MAX) * year_bps / (year_bps + book.terms.rate * book.lock);
        amount(size, 2 * book.terms.cap, &[book.total_staked(), book.terms.cap, most, most + 1])
    }

    pub(super) fn set_roles(
        &mut self,
        by: Who,
        pool: usize,
        guardian: usize,
        manager: usize,
    ) -> Result<Done, Difference> {
        let Some(by) = self.who(by, pool) else { return Ok(Done::Idle) };
        let [signer, guardian_key, manager_key] = [by, guardian, manager].map(|one| self.people[one].key());
        let set = self.pools[pool].keys.set_roles(&signer, &guardian_key, &manager_key);
        let predicted = self.model.set_roles(pool, by, guardian, manager);
        self.try_both(predicted, &set, by)
    }

    pub(super) fn propose(&mut self, by: Who, pool: usize, to: Option<usize>) -> Result<Done, Difference> {
        let Some(by) = self.who(by, pool) else { return Ok(Done::Idle) };
        let proposed = to.map(|to| self.people[to].key()).unwrap_or_default();
        let propose = self.pools[pool].keys.propose_authority(&self.people[by].key(), &proposed);
        let predicted = self.model.propose(pool, by, to);
        self.try_both(predicted, &propose, by)
    }

    pub(super) fn accept(&mut self, by: Who, pool: usize) -> Result<Done, Difference> {
        let Some(by) = self.who(by, pool) else { return Ok(Done::Idle) };
        let accept = self.pools[pool].keys.accept_authority(&self.people[by].key());
        let predicted = self.model.accept(pool, by);
        self.try_both(predicted, &accept, by)
    }

    pub(super) fn pause(&mut self, by: Who, pool: usize, functions: u8) -> Result<Done, Difference> {
        let Some(by) = self.who(by, pool) else { return Ok(Done::Idle) };
        let pause = self.pools[pool].keys.pause(&self.people[by].key(), functions);
        let predicted = self.model.pause(pool, by, functions);
        self.try_both(predicted, &pause, by)
    }

    pub(super) fn resume(&mut self, by: Who, pool: usize, functions: u8) -> Result<Done, Difference> {
        let Some(by) = self.who(by, pool) else { return Ok(Done::Idle) };
        let resume = self.pools[pool].keys.resume(&self.people[by].key(), functions);
        let predicted = self.model.resume(pool, by, functions);
        self.try_both(predicted, &resume, by)
    }

    pub(super) fn begin_emergency(&mut self, by: Who, pool: usize, reason: u16) -> Result<Done, Difference> {
        let Some(by) = self.who(by, pool) else { return Ok(Done::Idle) };
        let begin = self.pools[pool].keys.begin_emergency(&self.people[by].key(), reason);
        let predicted = self.model.begin_emergency(pool, by, reason.into());
        self.try_both(predicted, &begin, by)
    }

    pub(super) fn end_emergency(&mut self, by: Who, pool: usize) -> Result<Done, Difference> {
        let Some(by) = self.who(by, pool) else { return Ok(Done::Idle) };
        let end = self.pools[pool].keys.end_emergency(&self.people[by].key());
        let predicted = self.model.end_emergency(pool, by);
        self.try_both(predicted, &end, by)
    }

    pub(super) fn withdraw_excess(&mut self, by: Who, pool: usize, size: Size) -> Result<Done, Difference> {
        let Some(by) = self.who(by, pool) else { return Ok(Done::Idle) };
        let book = &self.model.pools[pool];
        let amount =
            amount(size, book.reward, &[book.free_rewards(self.model.now), book.reward - book.reserved()]);
        let holder = &self.people[by];
        let withdraw = self.pools[pool].keys.withdraw_excess(&holder.key(), &holder.tokens, amount);
        let predicted = self.model.withdraw_excess(pool, by, amount.into()).map(|()| amount);
        self.try_both(predicted, &withdraw, by)
    }

    pub(super) fn sweep(&mut self, pool: usize) -> Result<Done, Difference> {
        let sweep = self.pools[pool].keys.sweep_surplus();
        let predicted = self.model.sweep(pool);
        self.try_both(predicted, &sweep, 0)
    }

    pub(super) fn close_pool(&mut self, by: Who, pool: usize) -> Result<Done, Difference> {
        let Some(by) = self.who(by, pool) else { return Ok(Done::Idle) };
        let holder = &self.people[by];
        let close = self.pools[pool].keys.close_pool(&holder.key(), &holder.tokens);
        let predicted = self.model.close_pool(pool, by);
        self.try_both(predicted, &close, by)
    }
}

fn real_terms(terms: &Terms) -> PoolTerms {
    PoolTerms {
        start: terms.start as i64,
        end: terms.end as i64,
        min_stake: clamped(terms.min_stake),
        cap: clamped(terms.cap),
        rate_bps: terms.rate as u16,
        access: if terms.is_open_to_all { Access::Open } else { Access::Whitelist },
    }
}
