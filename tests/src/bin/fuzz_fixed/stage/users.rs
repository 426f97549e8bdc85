//! What users do, and what others do for them.

use {
    super::{
        amount,
        amounts::{at_least, at_most},
        Difference, Done, Stage, MOST_POSITIONS,
    },
    crate::{
        action::{Action, Limit, Proof, Size, To},
        observe::same,
    },
    solana_instruction::Instruction,
    solana_pubkey::Pubkey,
    tidepool_client::{
        fixed::{events::WhaleDidEligible, PositionKeys, Proof as RealProof},
        read_events,
    },
    tidepool_localnet::Outcome,
    tidepool_tests::{
        fixed_model::{Admission, Amount, Pool, Renewal, Stake, Staked},
        runs::agree,
    },
};

/// Place in the accounts of a stake.
const DID_COLLECTION: usize = 11;

/// Where it is paid to, and whether that is the owner's account.
struct Payee {
    to: Pubkey,
    is_his: bool,
}

impl Stage {
    pub(super) fn stake(&mut self, pool: usize, action: &Action) -> Result<Done, Difference> {
        let Action::Stake { owner, funder, size, rate_above, proof, shows, .. } = *action else {
            return Ok(Done::Idle);
        };
        let [owner, funder] = [owner, funder.unwrap_or(owner)].map(usize::from);
        if self.is_full() {
            return Ok(Done::Idle);
        }
        let book = &self.model.pools[pool];
        let allowed = book.entries.get(&owner).map_or(0, |entry| entry.max_amount) - book.stake_of(owner);
        let edges = [book.room(), book.most_backed(self.model.now), book.terms.min_stake, allowed];
        let amount = amount(size, self.model.people[funder].tokens, &edges);
        let min_rate = min_rate(book, rate_above);
        let (by, proof) = self.admission(pool, owner, proof);
        let new = self.next_position(pool, owner);
        let keys = self.pools[pool].keys;
        let from = &self.people[funder];
        let shows = shows.filter(|shows| self.may_show(pool, *shows));
        let shown = shows.map(|shows| self.shown(pool, owner, shows));
        let (payer, others) = (from.key(), shown.as_ref().map(|_| &[][..]));
        let stake = keys.stake_and_remind(&payer, &from.tokens, &new, amount, min_rate, proof, others);
        let mut stake = self.with_entry(stake, pool, owner, by);
        if let Some(shown) = &shown {
            stake.accounts[DID_COLLECTION].pubkey = self.creators[shown.collection].keys.did_collection;
            stake.accounts.extend(self.accounts_of(shown));
        }
        let (amount, min_rate, shown) = (amount.into(), min_rate.into(), shown.as_ref());
        let predicted = self.model.stake(Stake { pool, owner, funder, amount, min_rate, by, shown });
        self.note(pool, owner, &new, predicted.is_ok());
        let real = self.send(&stake, &self.people[funder].wallet);
        if let (Ok(staked), Ok(outcome)) = (&predicted, &real) {
            self.compare_reminder(staked, outcome)?;
        }
        agree(predicted.map(|staked| format!("{amount}: {staked:?}")), real)
    }

    fn compare_reminder(&self, staked: &Staked, outcome: &Outcome) -> Result<(), Difference> {
        let told = read_events::<WhaleDidEligible>(&outcome.logs);
        let sum = told.first().map_or(0, |event| event.active_stake);
        same(
            "a stake",
            &[
                ("reminders", staked.reminder.is_some().into(), told.len() as Amount),
                ("stake of a whale", staked.reminder.unwrap_or(0), sum.into()),
            ],
        )
    }

    pub(super) fn claim(&mut self, position: u16, by: Option<u8>, to: To) -> Result<Done, Difference> {
        let Some((pool, place)) = self.find(position, false) else { return Ok(Done::Idle) };
        let keys = self.keys_at(pool, place);
        let owner = self.owner_at(pool, place);
        let by = by.map_or(owner, usize::from);
        let Payee { to, is_his } = self.payee(pool, owner, to);
        let claim = self.pools[pool].keys.claim(&self.people[by].key(), &to, &keys);
        let predicted = self.model.claim(pool, place, by, is_his);
        self.try_both(predicted, &claim, by)
    }

    pub(super) fn claim_many(
        &mut self,
        position: u16,
        mask: u8,
        twice: bool,
        by: Option<u8>,
        to: To,
    ) -> Result<Done, Difference> {
        let Some((pool, place)) = self.find(position, false) else { return Ok(Done::Idle) };
        let owner = self.owner_at(pool, place);
        let book = &self.model.pools[pool];
        let his = (0..book.positions.len()).filter(|place| book.positions[*place].owner == owner);
        let chosen = his.enumerate().filter(|(number, _)| mask >> (number % 8) & 1 == 1);
        let places: Vec<usize> = chosen.map(|(_, place)| place).collect();
        let mut keys: Vec<PositionKeys> = places.iter().map(|place| self.keys_at(pool, *place)).collect();
        if twice {
            keys.extend(keys.first().copied());
        }
        let by = by.map_or(owner, usize::from);
        let Payee { to, is_his } = self.payee(pool, owner, to);
        let (claimer, owner_key) = (self.people[by].key(), self.people[owner].key());
        let claim = self.pools[pool].keys.claim_many(&claimer, &to, &owner_key, &keys);
        let predicted = self.model.claim_many(pool, owner, &places, by, is_his);
        self.try_both(predicted, &claim, by)
    }

    pub(super) fn compound(
        &mut self,
        position: u16,
        rate_above: i32,
        proof: Proof,
    ) -> Result<Done, Difference> {
        let Some((pool, place)) = self.find(position, false).filter(|_| !self.is_full()) else {
            return Ok(Done::Idle);
        };
        let (owner, keys) = (self.owner_at(pool, place), self.keys_at(pool, place));
        let min_rate = min_rate(&self.model.pools[pool], rate_above);
        let (by, proof) = self.admission(pool, owner, proof);
        let new = self.next_position(pool, owner);
        let compound = self.pools[pool].keys.compound(&keys, &new, min_rate, proof);
        let compound = self.with_entry(compound, pool, owner, by);
        let predicted = self.model.compound(pool, place, Renewal { min_rate: min_rate.into(), by });
        self.note(pool, owner, &new, predicted.is_ok());
        self.count_renewal(by, pool, predicted.is_ok());
        self.try_both(predicted, &compound, owner)
    }

    pub(super) fn roll_over(
        &mut self,
        position: u16,
        with_reward: bool,
        rate_above: i32,
        proof: Proof,
        to: To,
    ) -> Result<Done, Difference> {
        let Some((pool, place)) = self.find(position, true) else { return Ok(Done::Idle) };
        let (owner, keys) = (self.owner_at(pool, place), self.keys_at(pool, place));
        let min_rate = min_rate(&self.model.pools[pool], rate_above);
        let (by, proof) = self.admission(pool, owner, proof);
        let new = self.next_position(pool, owner);
        let Payee { to, is_his } = self.payee(pool, owner, to);
        let rent_payer = self.rent_payer_at(pool, place);
        let known = &self.pools[pool].keys;
        let roll_over = known.roll_over(&keys, &rent_payer, &new, &to, with_reward, min_rate, proof);
        let roll_over = self.with_entry(roll_over, pool, owner, by);
        let renewal = Renewal { min_rate: min_rate.into(), by };
        let predicted = self.model.roll_over(pool, place, with_reward, renewal, is_his);
        self.note(pool, owner, &new, predicted.is_ok());
        self.count_renewal(by, pool, predicted.is_ok());
        self.try_both(predicted, &roll_over, owner)
    }

    pub(super) fn unstake(&mut self, position: u16, limit: Limit, to: To) -> Result<Done, Difference> {
        let Some((pool, place)) = self.find(position, true) else { return Ok(Done::Idle) };
        self.unstake_at(pool, place, limit, to)
    }

    pub(super) fn unstake_at(
        &mut self,
        pool: usize,
        place: usize,
        limit: Limit,
        to: To,
    ) -> Result<Done, Difference> {
        let (owner, keys) = (self.owner_at(pool, place), self.keys_at(pool, place));
        let min = at_least(limit, self.model.preview(|model| model.unstake(pool, place, 0, true)));
        let Payee { to, is_his } = self.payee(pool, owner, to);
        let rent_payer = self.rent_payer_at(pool, place);
        let unstake = self.pools[pool].keys.unstake(&keys, &rent_payer, &to, min);
        let predicted = self.model.unstake(pool, place, min.into(), is_his);
        self.try_both(predicted, &unstake, owner)
    }

    pub(super) fn emergency_withdraw(
        &mut self,
        position: u16,
        limit: Limit,
        to: To,
    ) -> Result<Done, Difference> {
        let found = self.find_fit(position, |pool, _| pool.emergency.is_on(self.model.now));
        let Some((pool, place)) = found else { return Ok(Done::Idle) };
        self.emergency_withdraw_at(pool, place, limit, to)
    }

    pub(super) fn emergency_withdraw_at(
        &mut self,
        pool: usize,
        place: usize,
        limit: Limit,
        to: To,
    ) -> Result<Done, Difference> {
        let (owner, keys) = (self.owner_at(pool, place), self.keys_at(pool, place));
        let most = Amount::from(u64::MAX);
        let quote = self.model.preview(|model| model.emergency_withdraw(pool, place, most, true));
        let max = at_most(limit, quote);
        let Payee { to, is_his } = self.payee(pool, owner, to);
        let rent_payer = self.rent_payer_at(pool, place);
        let withdraw = self.pools[pool].keys.emergency_withdraw(&keys, &rent_payer, &to, max);
        let predicted = self.model.emergency_withdraw(pool, place, max.into(), is_his);
        self.try_both(predicted, &withdraw, owner)
    }

    pub(super) fn request_exit(&mut self, position: u16) -> Result<Done, Difference> {
        let now = self.model.now;
        let found = self.find_fit(position, |pool, position| {
            pool.allows_early_exit && !position.is_matured(now) && position.exit_requested_at.is_none()
        });
        let Some((pool, place)) = found else { return Ok(Done::Idle) };
        let request = self.pools[pool].keys.request_early_exit(&self.keys_at(pool, place));
        let owner = self.owner_at(pool, place);
        let predicted = self.model.request_exit(pool, place);
        self.try_both(predicted, &request, owner)
    }

    pub(super) fn cancel_exit(&mut self, position: u16) -> Result<Done, Difference> {
        let found = self.find_fit(position, |_, position| position.exit_requested_at.is_some());
        let Some((pool, place)) = found else { return Ok(Done::Idle) };
        let cancel = self.pools[pool].keys.cancel_early_exit(&self.keys_at(pool, place));
        let owner = self.owner_at(pool, place);
        let predicted = self.model.cancel_exit(pool, place);
        self.try_both(predicted, &cancel, owner)
    }

    pub(super) fn complete_exit(&mut self, position: u16, limit: Limit, to: To) -> Result<Done, Difference> {
        let found = match position % 4 {
            0 => self.find_fit(position, |_, position| position.exit_requested_at.is_some()),
            _ => self.find_fit(position, |_, position| self.model.is_exit_due(position)),
        };
        let Some((pool, place)) = found else { return Ok(Done::Idle) };
        let (owner, keys) = (self.owner_at(pool, place), self.keys_at(pool, place));
        let min = at_least(limit, self.model.preview(|model| model.complete_exit(pool, place, 0, true)));
        let Payee { to, is_his } = self.payee(pool, owner, to);
        let rent_payer = self.rent_payer_at(pool, place);
        let complete = self.pools[pool].keys.complete_early_exit(&keys, &rent_payer, &to, min);
        let predicted = self.model.complete_exit(pool, place, min.into(), is_his);
        self.try_both(predicted, &complete, owner)
    }

    pub(super) fn set_owner_only(
        &mut self,
        pool: usize,
        user: usize,
        is_owner_only: bool,
    ) -> Result<Done, Difference> {
        let set = self.pools[pool].keys.set_owner_only(&self.people[user].key(), is_owner_only);
        let predicted = self.model.set_owner_only(pool, user, is_owner_only);
        self.try_both(predicted, &set, user)
    }

    pub(super) fn fund(&mut self, pool: usize, funder: usize, size: Size) -> Result<Done, Difference> {
        let book = &self.model.pools[pool];
        let needed = book.full_reward(book.room()) - book.free_rewards(self.model.now);
        let edges = [needed, book.full_reward(book.terms.min_stake)];
        let amount = amount(size, self.model.people[funder].tokens, &edges);
        let from = &self.people[funder];
        let fund = self.pools[pool].keys.fund_rewards(&from.key(), &from.tokens, amount);
        let predicted = self.model.fund(pool, funder, amount.into()).map(|()| amount);
        self.try_both(predicted, &fund, funder)
    }

    // ---- who and where

    fn is_full(&self) -> bool {
        self.model.pools.iter().map(|pool| pool.positions.len()).sum::<usize>() >= MOST_POSITIONS
    }

    pub(super) fn owner_at(&self, pool: usize, place: usize) -> usize {
        self.model.pools[pool].positions[place].owner
    }

    pub(super) fn keys_at(&self, pool: usize, place: usize) -> PositionKeys {
        self.position_keys(pool, &self.model.pools[pool].positions[place])
    }

    pub(super) fn rent_payer_at(&self, pool: usize, place: usize) -> Pubkey {
        self.people[self.model.pools[pool].positions[place].rent_payer].key()
    }

    pub(super) fn next_index(&self, pool: usize, owner: usize) -> Amount {
        self.model.pools[pool].users.get(&owner).map_or(0, |user| user.next_index)
    }

    fn next_position(&self, pool: usize, owner: usize) -> PositionKeys {
        let index = self.next_index(pool, owner) as u64;
        self.pools[pool].keys.position(&self.people[owner].key(), index)
    }

    fn note(&mut self, pool: usize, owner: usize, new: &PositionKeys, is_opened: bool) {
        if is_opened {
            self.positions.insert((pool, owner, new.index.into()), *new);
        }
    }

    fn count_renewal(&mut self, by: Admission, pool: usize, is_done: bool) {
        if is_done && !self.model.pools[pool].terms.is_open_to_all {
            self.renewals[usize::from(matches!(by, Admission::Leaf { .. }))] += 1;
        }
    }

    fn payee(&self, pool: usize, owner: usize, to: To) -> Payee {
        match to {
            To::Own => Payee { to: self.people[owner].tokens, is_his: true },
            To::Other(other) if usize::from(other) == owner => {
                Payee { to: self.pools[pool].keys.reward_vault, is_his: false }
            }
            To::Other(other) => Payee { to: self.people[usize::from(other)].tokens, is_his: false },
        }
    }

    /// What the model and what the program is shown.
    fn admission(&self, pool: usize, owner: usize, proof: Proof) -> (Admission, RealProof) {
        let book = &self.model.pools[pool];
        let leaf = book.tree.leaves.iter().find(|(user, _)| *user == owner).map(|(_, most)| *most);
        match proof {
            Proof::Nothing => (Admission::Nothing, RealProof::None),
            Proof::Entry(whose) => (Admission::Entry(whose.map_or(owner, usize::from)), RealProof::Entry),
            Proof::Leaf | Proof::FalseLeaf => {
                let (_, nodes) = self.pools[pool].tree(&self.people, &book.tree, Some(owner));
                let more = Amount::from(proof == Proof::FalseLeaf);
                let max_amount = leaf.unwrap_or(1_000) + more;
                let is_in_tree = leaf.is_some() && more == 0;
                let by = Admission::Leaf { max_amount, is_in_tree, nodes: nodes.len() };
                (by, RealProof::Merkle { max_amount: max_amount as u64, nodes })
            }
            Proof::Fitting => {
                let admits = book.entries.get(&owner).and_then(|entry| entry.admits(self.model.now));
                let fitting = match (book.terms.is_open_to_all, admits, leaf) {
                    (true, ..) | (_, None, None) => Proof::Nothing,
                    (_, Some(most), Some(leaf)) if leaf > most => Proof::Leaf,
                    (_, Some(_), _) => Proof::Entry(None),
                    (_, None, Some(_)) => Proof::Leaf,
                };
                self.admission(pool, owner, fitting)
            }
        }
    }

    /// The entry of somebody else in the place of the owner's.
    fn with_entry(&self, mut call: Instruction, pool: usize, owner: usize, by: Admission) -> Instruction {
        if let Admission::Entry(whose) = by {
            let entries = &self.pools[pool].entries;
            for account in call.accounts.iter_mut().filter(|account| account.pubkey == entries[owner]) {
                account.pubkey = entries[whose];
            }
        }
        call
    }
}

fn min_rate(book: &Pool, above: i32) -> u16 {
    (book.terms.rate + Amount::from(above)).clamp(0, u16::MAX.into()) as u16
}
