//! What keepers do.

use {
    super::{OpenTicket, World},
    crate::{Chain, Failure, Outcome},
    solana_signer::Signer,
    tidepool_client::{leaving_order, Batch, TicketKind, ValidatorRecord},
    tidepool_interface::pda::{self, StakeRole},
    tidepool_math::Bps,
};

/// Moving validators that fit an update with all their accounts named in full.
const VALIDATORS_PER_UPDATE: usize = 7;

/// What the cranks of one epoch did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpochReport {
    pub epoch: u64,
    pub rewards: u64,
    pub tickets_paid: usize,
}

impl World {
    /// The pool's validator `index`, with every account an update may want of it.
    pub fn batch(&self, indices: impl IntoIterator<Item = usize>) -> Batch {
        let mut batch = Batch::default();
        for index in indices {
            let record = self.record(index);
            let in_use: Vec<StakeRole> =
                StakeRole::ALL.into_iter().filter(|role| record.uses(*role)).collect();
            // Indices are of different records, so nothing can be named twice.
            let _ = batch.add(&self.validators[index], &in_use);
        }
        batch
    }

    pub fn update(&mut self, indices: impl IntoIterator<Item = usize>) -> Result<Outcome, Failure> {
        let update = self.keys.update_validators(&self.batch(indices));
        self.send(&[update], &[])
    }

    pub fn update_all(&mut self) -> Result<(), Failure> {
        for some in self.listed().chunks(VALIDATORS_PER_UPDATE) {
            self.update(some.iter().copied())?;
        }
        Ok(())
    }

    pub fn sync(&mut self) -> Result<Outcome, Failure> {
        let sync = self.keys.sync_pool();
        self.send(&[sync], &[])
    }

    pub fn delegate(&mut self, index: usize) -> Result<Outcome, Failure> {
        let delegate = self.keys.delegate(&self.validators[index]);
        self.send(&[delegate], &[])
    }

    pub fn undelegate(&mut self, index: usize) -> Result<Outcome, Failure> {
        let undelegate = self.keys.undelegate(&self.validators[index]);
        self.send(&[undelegate], &[])
    }

    /// Undelegates wherever it is due, where most has to leave first; then delegates wherever it is and somebody is
    /// there to take it.
    pub fn move_stake(&mut self) -> Result<(), Failure> {
        let listed = self.listed();
        let records: Vec<ValidatorRecord> = listed.iter().map(|index| self.record(*index)).collect();
        for place in leaving_order(&self.pool(), &records, self.chain.slot()) {
            self.undelegate(listed[place])?;
        }
        for index in listed {
            let vote = self.account(&self.validators[index].vote);
            if vote.is_some_and(|account| account.owner == solana_sdk_ids::vote::id()) {
                self.delegate(index)?;
            }
        }
        Ok(())
    }

    /// Claims every ticket that has something to claim; gives how many were paid out in full.
    pub fn claim_due(&mut self) -> Result<usize, Failure> {
        self.pay_due(TicketKind::Order, Self::claim)
    }

    /// Turns LST of the liquidity pool into a ticket of its own, at the end of `World::tickets`, if it lacks SOL.
    pub fn recycle(&mut self) -> Result<Outcome, Failure> {
        let ticket = self.next_recycled();
        let recycle = self.keys.recycle_liquidity(&ticket.rent_payer, self.nonces);
        self.tickets.push(ticket);
        let result = self.send(&[recycle], &[]);
        // The step has dropped the ticket again if it was refused or nothing was due.
        self.nonces += u64::from(result.is_ok());
        result
    }

    /// The ticket of the next recycling, if no order comes before it.
    pub fn next_recycled(&self) -> OpenTicket {
        let owner = self.keys.sol_vault;
        let key = pda::ticket(&self.keys.pool, &owner, self.nonces).0;
        OpenTicket { key, owner, rent_payer: self.chain.faucet().pubkey() }
    }

    /// Collects what is due on a ticket of the liquidity pool.
    pub fn collect(&mut self, ticket: &OpenTicket) -> Result<Outcome, Failure> {
        let collect = self.keys.collect_recycled(&ticket.key, &ticket.rent_payer);
        self.send(&[collect], &[])
    }

    /// Collects on every ticket of the liquidity pool that has something due; gives how many were paid out in full.
    pub fn collect_due(&mut self) -> Result<usize, Failure> {
        self.pay_due(TicketKind::Recycled, Self::collect)
    }

    fn pay_due(
        &mut self,
        kind: TicketKind,
        pay: impl Fn(&mut Self, &OpenTicket) -> Result<Outcome, Failure>,
    ) -> Result<usize, Failure> {
        let open = self.tickets.len();
        for ticket in self.tickets.clone() {
            let Some(state) = self.ticket(&ticket).filter(|state| state.kind == kind) else { continue };
            let claim = self.pool().queue().claimable(&state.range(), state.paid_units);
            let is_due = claim.is_ok_and(|claim| !claim.lamports.is_zero());
            if is_due && state.is_claimable_in(self.chain.epoch()) {
                pay(self, &ticket)?;
            }
        }
        Ok(open - self.tickets.len())
    }

    /// To the first slot of this epoch in which stake may move.
    pub fn to_move_window(&mut self) {
        let slots = self.chain.slots_per_epoch();
        let window = Bps(self.pool().move_window_bps).of_ceil(slots);
        let first = self.chain.first_slot(self.chain.epoch()) + slots - window;
        if self.chain.slot() < first {
            self.advance(|chain| chain.jump_to(first));
        }
    }

    /// Over the edge of the epoch, until all rewards are paid.
    pub fn cross_epoch(&mut self) {
        self.advance(|chain| {
            chain.run_epoch();
        });
    }

    /// One epoch as keepers would have it: stake moves in the window; after the edge everything is updated, judged,
    /// settled, synced and claimed.
    pub fn run_epoch(&mut self) -> Result<EpochReport, Failure> {
        self.work_the_window()?;
        self.work_the_edge()
    }

    /// [`World::run_epoch`] by keepers who bring the liquidity pool's SOL back as well: its LST is recycled in the window, a
    /// slot before stake moves, so that stake cools down for it; after the edge what is due is collected.
    pub fn run_epoch_and_recycle(&mut self) -> Result<EpochReport, Failure> {
        self.to_move_window();
        let has_another_slot = self.chain.slot() + 1 < self.chain.first_slot(self.chain.epoch() + 1);
        if has_another_slot {
            self.recycle()?;
            self.advance(Chain::next_slot);
        }
        let report = self.run_epoch()?;
        self.collect_due()?;
        Ok(report)
    }

    /// What keepers do in the last part of an epoch: stake moves.
    pub fn work_the_window(&mut self) -> Result<(), Failure> {
        self.to_move_window();
        self.move_stake()
    }

    /// Over the edge of the epoch, and what keepers do there: everything is updated, judged, settled, synced and
    /// claimed.
    pub fn work_the_edge(&mut self) -> Result<EpochReport, Failure> {
        let rewards = self.ledger.rewards;
        self.cross_epoch();
        self.update_all()?;
        self.review_all()?;
        self.settle_all()?;
        self.leave_at_once()?;
        self.sync()?;
        let tickets_paid = self.claim_due()?;
        let rewards = u64::try_from(self.ledger.rewards - rewards).unwrap_or_default();
        Ok(EpochReport { epoch: self.chain.epoch(), rewards, tickets_paid })
    }
}
