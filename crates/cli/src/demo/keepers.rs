//! What keepers do in an epoch, step by step, so that each step can be told.

use {
    super::{
        error::DemoError,
        events::Event,
        plan::PEOPLE,
        story::{Judged, Story},
        yields::BankEpoch,
    },
    tidepool_client::{
        events::{BondSettled, ValidatorsUpdated},
        read_events, ValidatorRecord,
    },
    tidepool_localnet::World,
    tidepool_math::Bps,
};

/// Validators in an update.
const PER_UPDATE: usize = 7;

impl Story<'_> {
    /// In the last part of the epoch stake moves.
    pub fn work_the_window(&mut self) -> Result<(), DemoError> {
        self.bank = BankEpoch::look(&self.world, self.plan);
        self.world.to_move_window();
        let before = Moves::look(&self.world, self.records());
        let for_tickets = !self.world.tickets.is_empty();
        self.world.work_the_window()?;
        let after = Moves::look(&self.world, self.records());

        let lamports = after.cooling.saturating_sub(before.cooling);
        if lamports > 0 {
            let validators = before.changes(&after, |record| record.cooling_lamports);
            self.note(Event::StakeUndelegated { lamports, validators, for_tickets });
        }
        let lamports = before.reserve.saturating_sub(after.reserve);
        if lamports > 0 {
            let validators = before.changes(&after, |record| record.lamports[1]);
            self.note(Event::StakeDelegated { lamports, validators });
        }
        Ok(())
    }

    /// Over the edge of the epoch; what happens there belongs to the next.
    pub fn work_the_edge(&mut self) -> Result<(), DemoError> {
        let rewards = self.world.ledger.rewards;
        self.world.cross_epoch();
        self.rewards = u64::try_from(self.world.ledger.rewards - rewards).unwrap_or_default();
        self.beside = 0;
        self.update()?;
        self.review()?;
        self.settle()?;
        self.leave_at_once()?;
        self.world.sync()?;
        self.claim()
    }

    fn update(&mut self) -> Result<(), DemoError> {
        let before = self.world.pool();
        self.look_at(&self.world.listed())?;
        let after = self.world.pool();
        self.note(Event::Rewards { lamports: self.rewards, streamed: after.withheld });
        let cooled = before.cooling_lamports.saturating_sub(after.cooling_lamports);
        if cooled > 0 {
            self.note(Event::StakeCooled { lamports: cooled });
        }
        // What makes good an earlier loss pays no fee.
        let made_good = before.loss_carry.saturating_sub(after.loss_carry);
        self.beside += Bps(after.fees.reward).of_floor(made_good) as i64;
        Ok(())
    }

    /// An update of some validators, which may find that stake is gone.
    pub fn look_at(&mut self, validators: &[usize]) -> Result<(), DemoError> {
        let insured = self.world.pool().insured_loss;
        let mut loss = 0;
        for some in validators.chunks(PER_UPDATE) {
            let outcome = self.world.update(some.iter().copied())?;
            loss += read_events::<ValidatorsUpdated>(&outcome.logs).iter().map(|told| told.loss).sum::<u64>();
        }
        if loss > 0 {
            let from_insurance = self.world.pool().insured_loss.saturating_sub(insured);
            let from_holders = loss.saturating_sub(from_insurance);
            self.beside -= from_holders as i64;
            self.note(Event::LossFound { lamports: loss, from_insurance, from_holders });
        }
        Ok(())
    }

    fn review(&mut self) -> Result<(), DemoError> {
        let before = self.records();
        self.world.review_all()?;
        for (index, (before, after)) in before.iter().zip(self.records()).enumerate() {
            let is_news = before.verdict != after.verdict
                || before.score_bps != after.score_bps
                || before.commission_bps != after.commission_bps;
            if is_news {
                let (who, from_bps) = (self.name(index), before.score_bps);
                let is_by_yield =
                    before.verdict == after.verdict && before.commission_bps == after.commission_bps;
                self.note(Event::Judged { who, from_bps, judged: Judged::of(&after), is_by_yield });
            }
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<(), DemoError> {
        let withheld = self.world.pool().withheld;
        for index in self.world.listed() {
            if self.world.bond(index).is_none() {
                continue;
            }
            let insured = self.world.pool().insured_loss;
            let outcome = self.world.settle(index)?;
            let to_insurance = insured.saturating_sub(self.world.pool().insured_loss);
            for told in read_events::<BondSettled>(&outcome.logs) {
                if told.paid_lamports > 0 {
                    self.paid.by_bonds += told.paid_lamports;
                    self.note(Event::BondPaid {
                        who: self.name(index),
                        lamports: told.paid_lamports,
                        bid: told.bid_lamports,
                        commission: told.commission_lamports,
                        credits: told.credits_lamports,
                        lost: told.lost_lamports,
                        to_insurance,
                        bond: told.bond_lamports,
                    });
                }
            }
        }
        self.beside += (self.world.pool().withheld - withheld) as i64;
        Ok(())
    }

    /// Stake of validators with score 0 need not wait for the window.
    fn leave_at_once(&mut self) -> Result<(), DemoError> {
        let before = self.records();
        let budget = self.world.pool().move_budget().0;
        self.world.leave_at_once()?;
        for (index, (before, after)) in before.iter().zip(self.records()).enumerate() {
            let lamports = before.staked_lamports.saturating_sub(after.staked_lamports);
            if lamports > 0 {
                let (who, left) = (self.name(index), after.staked_lamports);
                self.note(Event::StakeLeft { who, lamports, left, budget });
            }
        }
        Ok(())
    }

    fn claim(&mut self) -> Result<(), DemoError> {
        let purses = PEOPLE.map(|name| (name, self.world.sol_of(name)));
        self.world.claim_due()?;
        for (who, before) in purses {
            let now = self.world.sol_of(who);
            if now > before {
                self.paid.note(who, before, now);
                self.note(Event::TicketPaid { who, lamports: now - before });
            }
        }
        Ok(())
    }
}

/// What shows that stake has moved.
struct Moves {
    reserve: u64,
    cooling: u64,
    records: Vec<ValidatorRecord>,
}

impl Moves {
    fn look(world: &World, records: Vec<ValidatorRecord>) -> Self {
        let pool = world.pool();
        Self { reserve: pool.reserve_lamports, cooling: pool.cooling_lamports, records }
    }

    fn changes(&self, later: &Self, of: impl Fn(&ValidatorRecord) -> u64) -> usize {
        self.records.iter().zip(&later.records).filter(|(before, after)| of(before) != of(after)).count()
    }
}
