//! What people do, and what a keeper does for them.

use {
    super::{
        agenda::Act,
        calendar::DAY,
        did::metadata_of,
        events::{Attempt, Event},
        holding::{End, Holding},
        outlook::resting,
        plan::{AtMaturity, Person, KEEPER, OPERATOR, STRANGER},
        refusal::Refusal,
        story::Story,
        tier::Tier,
    },
    crate::demo::error::DemoError,
    tidepool_client::{
        fixed::{
            events::{Compounded, EmergencyWithdrawn, RolledOver, Staked, WhaleDidEligible},
            FixedPoolsError, PositionKeys, Proof,
        },
        read_events,
    },
    tidepool_localnet::Failure,
};

/// How long after a stake was refused for want of rewards the operator brings some, and after that it is tried again.
const UNTIL_FUNDED: i64 = 5 * 3_600;
const UNTIL_TRIED_AGAIN: i64 = 3 * 3_600;

/// How long after the reminder a whale mints its token.
const UNTIL_MINTED: i64 = 1_800;

/// How long a matured position lies before it is named.
const IDLE_AFTER: i64 = 14 * DAY;

impl Story<'_> {
    fn person(&self, number: usize) -> &Person {
        &self.plan.people[number]
    }

    fn person_of(&self, position: usize) -> Option<&Person> {
        self.plan.people.iter().find(|person| person.name == self.holdings[position].who)
    }

    pub fn stake(&mut self, person: usize) -> Result<(), DemoError> {
        let Person { name: who, tier, amount, .. } = *self.person(person);
        let (owner, keys) = (self.holder(who), self.pool(tier));
        let position = self.world.next_position(tier.number(), &owner.key());
        let rate_bps = self.world.pool(tier.number()).rate_bps;
        let proof = if tier == Tier::Premium { Proof::Entry } else { Proof::None };
        let stake =
            keys.stake_and_remind(&owner.key(), &owner.tokens, &position, amount, rate_bps, proof, Some(&[]));
        match self.send(who, tier, stake) {
            Ok((outcome, principal)) => {
                for told in read_events::<Staked>(&outcome.logs) {
                    let event = Event::Staked {
                        who,
                        tier,
                        amount: told.amount,
                        rate_bps: told.rate_bps,
                        promised: told.full_reward,
                        unlock_at: told.unlock_at,
                    };
                    self.note(event);
                    self.hold(who, tier, position, principal, told.full_reward)?;
                }
                for told in read_events::<WhaleDidEligible>(&outcome.logs) {
                    self.note(Event::WhaleReminded { who, active_stake: told.active_stake });
                    self.agenda.add(self.world.now() + UNTIL_MINTED, Act::MintDid { person });
                }
                Ok(())
            }
            Err(failure) => self.ask_for_rewards(person, failure),
        }
    }

    /// A stake that the reward vault cannot cover is tried again once it can.
    fn ask_for_rewards(&mut self, person: usize, failure: Failure) -> Result<(), DemoError> {
        let Person { name: who, tier, amount, .. } = *self.person(person);
        let funding = self.plan.second_funding[tier.number()];
        let lacks_rewards = failure.custom_error_code() == Some(FixedPoolsError::RewardsNotFunded.into());
        if !lacks_rewards || self.paid.brought(tier, OPERATOR) > self.plan.first_funding[tier.number()] {
            return Err(failure.into());
        }
        self.note_refusal(who, tier, Attempt::Stake, Some(amount), Some(failure))?;
        let funded_at = self.world.now() + UNTIL_FUNDED;
        self.agenda.add(funded_at, Act::Fund { tier, amount: funding });
        self.agenda.add(funded_at + UNTIL_TRIED_AGAIN, Act::Stake { person });
        Ok(())
    }

    /// Writes down a position that was just opened, and what its owner will do with it.
    fn hold(
        &mut self,
        who: &'static str,
        tier: Tier,
        keys: PositionKeys,
        principal: u64,
        promised: u64,
    ) -> Result<(), DemoError> {
        let Some(account) = self.world.position(&keys) else { return Ok(()) };
        let position = self.holdings.len();
        self.holdings.push(Holding {
            who,
            tier,
            keys,
            index: keys.index,
            principal,
            rate_bps: account.rate_bps,
            staked_at: account.staked_at,
            unlock_at: account.unlock_at,
            promised,
            reward_paid: 0,
            reward_staked: 0,
            principal_back: 0,
            accrued: 0,
            end: None,
            ended_at: None,
        });
        let Some(person) = self.person_of(position).cloned() else { return Ok(()) };
        let is_first = keys.index == 0;
        if let Some(compounds_at) = person.compounds_at.filter(|_| is_first) {
            self.agenda.add(compounds_at, Act::Compound { position });
        }
        if person.tries_too_early {
            self.agenda.add(account.unlock_at - 1, Act::TryTooEarly { position });
        }
        let rolls_over = is_first && person.at_maturity == AtMaturity::RollsOver;
        let then = if rolls_over { Act::RollOver { position } } else { Act::Unstake { position } };
        self.agenda.add(account.unlock_at + person.waits, then);
        if person.waits > IDLE_AFTER {
            self.agenda.add(account.unlock_at + IDLE_AFTER, Act::NoticeIdle { position });
        }
        Ok(())
    }

    // ---- the premium pool

    pub fn try_without_approval(&mut self) -> Result<(), DemoError> {
        let tier = Tier::Premium;
        let (stranger, keys, amount) =
            (self.holder(STRANGER), self.pool(tier), tier.parameters().terms.min_stake);
        let position = self.world.next_position(tier.number(), &stranger.key());
        let stake = keys.stake(&stranger.key(), &stranger.tokens, &position, amount, 0, Proof::None);
        let refused = self.send(STRANGER, tier, stake).err();
        self.note_refusal(STRANGER, tier, Attempt::Stake, Some(amount), refused)
    }

    pub fn apply(&mut self, person: usize) -> Result<(), DemoError> {
        let Person { name: who, tier, amount, .. } = *self.person(person);
        let apply = self.pool(tier).apply_whitelist(&self.holder(who).key(), amount, [0; 32]);
        self.send(who, tier, apply)?;
        self.note(Event::Applied { who, amount });
        Ok(())
    }

    pub fn mint_did(&mut self, person: usize) -> Result<(), DemoError> {
        let Person { name: who, tier, .. } = *self.person(person);
        let (owner, keys) = (self.holder(who).key(), self.pool(tier));
        self.send(who, tier, keys.mint_whale_did(&owner, &[]))?;
        let mint = keys.did(&owner).mint;
        let data = self.world.chain.account(&mint).map(|account| account.data).unwrap_or_default();
        let (name, symbol) = metadata_of(&data).unwrap_or_default();
        self.note(Event::DidMinted { who, name, symbol, mint: mint.to_string() });
        self.agenda.add(self.world.now() + UNTIL_MINTED, Act::GiveDidAway { person });
        Ok(())
    }

    pub fn give_did_away(&mut self, person: usize) -> Result<(), DemoError> {
        let Person { name: who, tier, .. } = *self.person(person);
        let (owner, other) = (self.holder(who), self.holder(STRANGER));
        let did = self.pool(tier).did(&owner.key());
        let elsewhere = self.world.chain.create_associated_token_account(&did.mint, &other.key())?;
        let sent = self.world.chain.transfer_tokens(&did.token_account, &elsewhere, &owner.wallet, 1);
        self.note_refusal(who, tier, Attempt::TransferDid, None, sent.err())
    }

    // ---- rewards

    /// At the beginning of a month.
    pub fn claim_for_people(&mut self) -> Result<(), DemoError> {
        for position in 0..self.holdings.len() {
            let is_paid = self.person_of(position).is_some_and(|person| person.is_paid_monthly);
            if is_paid && self.holdings[position].is_open() {
                self.claim(position)?;
            }
        }
        Ok(())
    }

    fn claim(&mut self, position: usize) -> Result<(), DemoError> {
        let Holding { who, tier, keys, .. } = self.holdings[position];
        let claim = self.pool(tier).claim(&self.holder(KEEPER).key(), &self.holder(who).tokens, &keys);
        match self.send_for(who, KEEPER, tier, claim) {
            Ok((_, amount)) => {
                self.holdings[position].reward_paid += amount;
                self.note(Event::Claimed { who, amount });
                Ok(())
            }
            Err(failure) if self.is_emergency(tier) => {
                self.note_refusal(who, tier, Attempt::Claim, None, Some(failure))
            }
            Err(failure) => Err(failure.into()),
        }
    }

    pub fn compound(&mut self, position: usize) -> Result<(), DemoError> {
        let Holding { who, tier, keys, rate_bps, .. } = self.holdings[position];
        let pool = self.pool(tier);
        let new = self.world.next_position(tier.number(), &keys.owner);
        let before = self.world.reward_balance(tier.number());
        let (outcome, _) = self.send(who, tier, pool.compound(&keys, &new, rate_bps, Proof::None))?;
        let amount = before.saturating_sub(self.world.reward_balance(tier.number()));
        self.holdings[position].reward_staked += amount;
        for told in read_events::<Compounded>(&outcome.logs) {
            let (promised, unlock_at) = (told.full_reward, told.unlock_at);
            self.note(Event::Compounded { who, amount, promised, unlock_at });
            self.hold(who, tier, new, amount, promised)?;
        }
        Ok(())
    }

    // ---- leaving

    pub fn leave_in_emergency(&mut self, position: usize) -> Result<(), DemoError> {
        let Holding { who, tier, keys, principal, reward_paid, .. } = self.holdings[position];
        let (owner, pool) = (self.holder(who), self.pool(tier));
        let seen = self.world.pending_reward(tier.number(), &keys)?;
        self.note(Event::ExitWeighed {
            who,
            principal,
            given_up: seen.claimable,
            kept: reward_paid,
            ends_at: self.world.pool(tier.number()).emergency.until,
        });
        let leave = pool.emergency_withdraw(&keys, &owner.key(), &owner.tokens, seen.claimable);
        let (outcome, arrived) = self.send(who, tier, leave)?;
        let now = self.world.now();
        let holding = &mut self.holdings[position];
        holding.principal_back = arrived;
        holding.close(End::LeftInEmergency, now, seen.accrued);
        for told in read_events::<EmergencyWithdrawn>(&outcome.logs) {
            let locked_until = self.world.pool(tier.number()).forfeits_locked_until;
            self.note(Event::LeftInEmergency {
                who,
                principal: arrived,
                forfeited: told.forfeited,
                locked_until,
            });
            self.agenda.add(locked_until, Act::EndOfForfeitLock { tier, amount: told.forfeited });
        }
        Ok(())
    }

    pub fn try_too_early(&mut self, position: usize) -> Result<(), DemoError> {
        let Holding { who, tier, keys, .. } = self.holdings[position];
        let owner = self.holder(who);
        let unstake = self.pool(tier).unstake(&keys, &owner.key(), &owner.tokens, 0);
        let refused = self.send(who, tier, unstake).err();
        self.note_refusal(who, tier, Attempt::Unstake, None, refused)
    }

    /// Unless that was done in an emergency.
    pub fn unstake(&mut self, position: usize) -> Result<(), DemoError> {
        if !self.holdings[position].is_open() {
            return Ok(());
        }
        let Holding { who, tier, keys, principal, .. } = self.holdings[position];
        let owner = self.holder(who);
        let due = self.world.pending_reward(tier.number(), &keys)?;
        let unstake = self.pool(tier).unstake(&keys, &owner.key(), &owner.tokens, due.claimable);
        let (_, arrived) = self.send(who, tier, unstake)?;
        let now = self.world.now();
        let reward = arrived.saturating_sub(principal);
        let holding = &mut self.holdings[position];
        holding.principal_back = arrived - reward;
        holding.reward_paid += reward;
        holding.close(End::Unstaked, now, due.accrued);
        self.note(Event::Unstaked { who, tier, principal: arrived - reward, reward });
        self.close_if_empty(tier);
        Ok(())
    }

    pub fn roll_over(&mut self, position: usize) -> Result<(), DemoError> {
        let Holding { who, tier, keys, principal, rate_bps, .. } = self.holdings[position];
        let (owner, pool) = (self.holder(who), self.pool(tier));
        let new = self.world.next_position(tier.number(), &owner.key());
        let due = self.world.pending_reward(tier.number(), &keys)?;
        let before = self.world.reward_balance(tier.number());
        let roll_over = pool.roll_over(&keys, &owner.key(), &new, &owner.tokens, true, rate_bps, Proof::None);
        let (outcome, _) = self.send(who, tier, roll_over)?;
        let now = self.world.now();
        let reward = before.saturating_sub(self.world.reward_balance(tier.number()));
        let holding = &mut self.holdings[position];
        holding.principal_back = principal;
        holding.reward_staked += reward;
        holding.close(End::RolledOver, now, due.accrued);
        for told in read_events::<RolledOver>(&outcome.logs) {
            self.note(Event::RolledOver {
                who,
                tier,
                principal,
                reward,
                promised: told.full_reward,
                unlock_at: told.unlock_at,
            });
            self.hold(who, tier, new, principal + reward, told.full_reward)?;
        }
        Ok(())
    }

    pub fn notice_idle(&mut self, position: usize) -> Result<(), DemoError> {
        let Holding { who, tier, keys, .. } = self.holdings[position];
        if let Some(found) = resting(&self.world, tier, &keys) {
            self.note(Event::LiesIdle {
                who,
                tier,
                principal: found.amount.0,
                claimable: found.unpaid.0,
                since: found.since,
                per_day: found.per_day.map(|reward| reward.0),
            });
        }
        Ok(())
    }

    /// Notes that an attempt was refused, as it must have been.
    pub fn note_refusal(
        &mut self,
        who: &'static str,
        tier: Tier,
        what: Attempt,
        amount: Option<u64>,
        refused: Option<Failure>,
    ) -> Result<(), DemoError> {
        let Some(failure) = refused else { return Err(DemoError::NotRefused(format!("{who}: {what:?}"))) };
        self.note(Event::Refused { who, tier, what, amount, refusal: Refusal::of(&failure) });
        Ok(())
    }
}
