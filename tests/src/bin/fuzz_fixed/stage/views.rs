//! What a pool says of itself, compared with what the model says of it.

use {
    super::{amount, Difference, Done, Stage},
    crate::{action::Size, observe::same},
    anchor_lang::AnchorDeserialize,
    solana_instruction::Instruction,
    tidepool_client::{
        fixed::{Metrics, PendingReward, StakeQuote},
        read_view,
    },
    tidepool_localnet::{Failure, Outcome},
    tidepool_tests::{
        fixed_model::{Admission, Amount, Model, Refusal, Stake},
        runs::agree,
    },
};

impl Stage {
    pub(super) fn look(&mut self, pool: usize, position: u16, size: Size) -> Result<Done, Difference> {
        if self.model.pools[pool].is_closed {
            return Ok(Done::Idle);
        }
        self.look_at_metrics(pool)?;
        if let Some((pool, place)) = self.find(position, false) {
            self.look_at_position(pool, place)?;
        }
        let book = &self.model.pools[pool];
        let edges = [book.room(), book.most_backed(self.model.now), book.terms.min_stake];
        self.look_at_quote(pool, amount(size, book.terms.cap, &edges))
    }

    fn view<T: AnchorDeserialize>(&self, instruction: Instruction) -> Result<T, Failure> {
        let outcome = self.simulate(&instruction)?;
        let read = read_view(&outcome.return_data.unwrap_or_default());
        Ok(read.unwrap_or_else(|error| panic!("a view: {error}")))
    }

    fn simulate(&self, instruction: &Instruction) -> Result<Outcome, Failure> {
        let result = self.chain.simulate(std::slice::from_ref(instruction), &self.people[0].key());
        self.calls.count(instruction, result.is_ok());
        result
    }

    fn look_at_metrics(&self, pool: usize) -> Result<(), Difference> {
        let real: Metrics = self.view(self.pools[pool].keys.get_metrics()).map_err(refused)?;
        let book = &self.model.pools[pool];
        let (staked, users) = (book.total_staked(), book.active_users() as Amount);
        let whitelisted = book.approved_users() + book.tree.leaves.len();
        let needed = book.full_reward(book.room()) - book.free_rewards(self.model.now);
        let most = Amount::from(u64::MAX);
        let runway = (book.reward * book.lock).checked_div(book.promised()).unwrap_or(most);
        same(
            &format!("pool {pool}"),
            &[
                ("metrics: staked", staked, real.total_staked.into()),
                ("metrics: users", users, real.active_users.into()),
                ("metrics: positions", book.positions.len() as Amount, real.open_positions.into()),
                ("metrics: average", staked.checked_div(users).unwrap_or(0), real.average_stake.into()),
                ("metrics: whitelisted", whitelisted as Amount, real.whitelisted_users.into()),
                ("metrics: balance", book.reward, real.reward_balance.into()),
                ("metrics: reserved", book.reserved(), real.reserved.into()),
                ("metrics: free", book.free_rewards(self.model.now), real.free.into()),
                (
                    "metrics: room",
                    book.most_backed(self.model.now).min(book.room()),
                    real.max_new_stake.into(),
                ),
                ("metrics: runway", runway.min(most), real.runway_seconds.into()),
                ("metrics: needed", needed.max(0), real.funding_needed.into()),
            ],
        )
    }

    fn look_at_position(&self, pool: usize, place: usize) -> Result<(), Difference> {
        let view = self.pools[pool].keys.pending_reward(&self.keys_at(pool, place));
        let real: PendingReward = self.view(view).map_err(refused)?;
        let position = &self.model.pools[pool].positions[place];
        let accrued = position.accrued(self.model.now);
        same(
            &format!("pool {pool}"),
            &[
                ("pending: accrued", accrued, real.accrued.into()),
                ("pending: claimed", position.claimed, real.claimed.into()),
                ("pending: claimable", accrued - position.claimed, real.claimable.into()),
                ("pending: full", position.full_reward, real.full_reward.into()),
                ("pending: unlock", position.unlock_at, real.unlock_at.into()),
                ("pending: matured", position.is_matured(self.model.now).into(), real.is_matured.into()),
            ],
        )
    }

    /// As a stake of somebody whom the pool admits and who has the tokens.
    fn look_at_quote(&self, pool: usize, amount: u64) -> Result<Done, Difference> {
        let quote = |model: &mut Model| -> Result<(Amount, Amount), Refusal> {
            model.pools[pool].terms.is_open_to_all = true;
            model.pools[pool].users.values_mut().for_each(|user| user.is_owner_only = false);
            model.people[0].tokens = u64::MAX.into();
            let by = Admission::Nothing;
            let amount = amount.into();
            let stake = Stake { pool, owner: 0, funder: 0, amount, min_rate: 0, by, shown: None };
            let reward = model.stake(stake)?.full_reward;
            Ok((reward, model.now + model.pools[pool].lock))
        };
        let predicted = self.model.preview(quote);
        let view = self.simulate(&self.pools[pool].keys.quote_stake(amount));
        if let (Ok((reward, unlock_at)), Ok(outcome)) = (&predicted, &view) {
            let read = read_view::<StakeQuote>(outcome.return_data.as_deref().unwrap_or_default());
            let real = read.unwrap_or_else(|error| panic!("a quote: {error}"));
            let rate = self.model.pools[pool].terms.rate;
            same(
                &format!("pool {pool}"),
                &[
                    ("quote: reward", *reward, real.full_reward.into()),
                    ("quote: unlock", *unlock_at, real.unlock_at.into()),
                    ("quote: rate", rate, real.rate_bps.into()),
                ],
            )?;
        }
        agree(predicted.map(|quote| format!("{quote:?}")), view)
    }
}

fn refused(failure: Failure) -> Difference {
    Difference::new("a view is refused", failure.to_string())
}
