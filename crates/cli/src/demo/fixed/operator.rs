//! What those do who run the pools: their operator, the guardian and the whitelist manager.

use {
    super::{
        agenda::Act,
        calendar::DAY,
        events::{Attempt, Event},
        plan::{Person, EMERGENCY_REASON, GUARDIAN, MANAGER, OPERATOR, WHALE_THRESHOLD, WHALE_TOKEN},
        product::Product,
        story::Story,
        tier::Tier,
    },
    crate::demo::error::DemoError,
    tidepool_client::fixed::{Answer, DidParameters, PoolParameters},
};

/// How long after somebody has fled the operator reaches for the reward vault.
const UNTIL_REACHED_FOR: i64 = 3_600;

/// How long after the last position is gone an empty pool is closed.
const UNTIL_CLOSED: i64 = DAY;

impl Story<'_> {
    /// Both pools, with rewards for who comes first, and what a whale is.
    pub fn open_pools(&mut self) -> Result<(), DemoError> {
        let (guardian, manager) = (self.holder(GUARDIAN).key(), self.holder(MANAGER).key());
        for tier in Tier::ALL {
            let parameters = tier.parameters();
            self.world.add_pool(PoolParameters { guardian, whitelist_manager: manager, ..parameters })?;
            let product = Product::read(&self.world, tier);
            self.note(Event::PoolOpened { tier, rate_bps: product.rate_bps });
            self.products.push(product);
            self.fund(tier, self.plan.first_funding[tier.number()])?;
        }
        let [name, symbol, uri] = WHALE_TOKEN.map(String::from);
        let parameters = DidParameters { threshold: WHALE_THRESHOLD, name, symbol, uri };
        let set = self.pool(Tier::Standard).set_did_collection(parameters);
        self.send(OPERATOR, Tier::Standard, set)?;
        Ok(())
    }

    pub fn fund(&mut self, tier: Tier, amount: u64) -> Result<(), DemoError> {
        let operator = self.holder(OPERATOR);
        let fund = self.pool(tier).fund_rewards(&operator.key(), &operator.tokens, amount);
        let (_, amount) = self.send(OPERATOR, tier, fund)?;
        let free = self.world.metrics(tier.number())?.free;
        self.note(Event::RewardsFunded { tier, amount, free });
        Ok(())
    }

    pub fn approve(&mut self, person: usize) -> Result<(), DemoError> {
        let Person { name: who, tier, amount, .. } = self.plan.people[person];
        let answer = Answer::Approve { max_amount: amount, expires_at: 0 };
        let manager = self.holder(MANAGER).key();
        let review = self.pool(tier).review_application(&manager, &self.holder(who).key(), answer);
        self.send(MANAGER, tier, review)?;
        self.note(Event::Approved { who, max_amount: amount });
        Ok(())
    }

    // ---- the emergency

    pub fn begin_emergency(&mut self, tier: Tier) -> Result<(), DemoError> {
        let (reason_code, reason) = EMERGENCY_REASON;
        let begin = self.pool(tier).begin_emergency(&self.holder(GUARDIAN).key(), reason_code);
        self.send(GUARDIAN, tier, begin)?;
        let pool = self.world.pool(tier.number());
        self.note(Event::EmergencyBegan {
            tier,
            reason_code: pool.emergency_reason,
            reason,
            open_positions: pool.open_positions,
            ends_at: pool.emergency.until,
        });
        self.agenda.add(pool.emergency.until, Act::EndOfEmergency { tier });
        let now = self.world.now();
        self.open_at_emergency.clear();
        for position in self.open_positions(tier).collect::<Vec<usize>>() {
            let accrued = self.accrued(position)?;
            self.open_at_emergency.push((position, accrued));
            let who = self.holdings[position].who;
            let flees =
                self.plan.people.iter().any(|person| person.name == who && person.leaves_in_emergency);
            if flees {
                let flees_at = now + self.plan.flees_after;
                self.agenda.add(flees_at, Act::LeaveInEmergency { position });
                self.agenda.add(flees_at + UNTIL_REACHED_FOR, Act::TakeAllUnpromised { tier });
            }
        }
        Ok(())
    }

    pub fn is_emergency(&self, tier: Tier) -> bool {
        self.world.pool(tier.number()).is_emergency(self.world.now())
    }

    /// Nobody ends it: its time is over.
    pub fn see_emergency_end(&mut self, tier: Tier) -> Result<(), DemoError> {
        let emergency = self.world.pool(tier.number()).emergency;
        let (mut waited, mut earned) = (0, 0);
        for (position, accrued) in self.open_at_emergency.clone() {
            if self.holdings[position].is_open() {
                waited += 1;
                earned += self.accrued(position)? - accrued;
            }
        }
        let seconds = emergency.until - emergency.since;
        self.note(Event::EmergencyEnded { tier, seconds, waited, earned });
        self.take_all_unpromised(tier)
    }

    // ---- what nobody was promised

    /// In vain: what was given up is locked.
    pub fn take_all_unpromised(&mut self, tier: Tier) -> Result<(), DemoError> {
        let metrics = self.world.metrics(tier.number())?;
        let unpromised = metrics.reward_balance - metrics.reserved;
        let operator = self.holder(OPERATOR);
        let take = self.pool(tier).withdraw_excess(&operator.key(), &operator.tokens, unpromised);
        let refused = self.send(OPERATOR, tier, take).err();
        self.note_refusal(OPERATOR, tier, Attempt::WithdrawExcess, Some(unpromised), refused)
    }

    pub fn take_forfeit(&mut self, tier: Tier, amount: u64) -> Result<(), DemoError> {
        let free = self.world.metrics(tier.number())?.free;
        self.note(Event::ForfeitFreed { tier, amount, free });
        self.take(tier, amount)
    }

    fn take(&mut self, tier: Tier, amount: u64) -> Result<(), DemoError> {
        let operator = self.holder(OPERATOR);
        let take = self.pool(tier).withdraw_excess(&operator.key(), &operator.tokens, amount);
        let (_, amount) = self.send(OPERATOR, tier, take)?;
        self.note(Event::ExcessTaken { tier, amount });
        Ok(())
    }

    // ---- the end

    pub fn close_if_empty(&mut self, tier: Tier) {
        if self.open_positions(tier).next().is_none() {
            self.agenda.add(self.world.now() + UNTIL_CLOSED, Act::Close { tier });
        }
    }

    /// The operator takes back what is left, and the pool is closed.
    pub fn close(&mut self, tier: Tier) -> Result<(), DemoError> {
        let excess = self.world.metrics(tier.number())?.free;
        self.take(tier, excess)?;
        self.write_down(tier)?;
        let (principal_vault, reward_vault) =
            (self.world.principal_balance(tier.number()), self.world.reward_balance(tier.number()));
        let operator = self.holder(OPERATOR);
        let close = self.pool(tier).close_pool(&operator.key(), &operator.tokens);
        self.send(OPERATOR, tier, close)?;
        self.note(Event::PoolClosed { tier, principal_vault, reward_vault });
        Ok(())
    }
}
