//! How the pool books what was done. After each of these the books add up again.

use {
    super::{slots_in, Pool, Source},
    crate::{
        errors::{ensure, MathResultExt, Result, TidepoolError},
        state::{Bond, ValidatorRecord},
    },
    anchor_lang::prelude::*,
    bytemuck::Zeroable,
    tidepool_math::{
        self as math,
        bond::{back_to_insurance, Charge},
        Bps, CancelledTicket, Claim, DepositQuote, Epoch, Lamports, OrderQuote, Shares, Slot,
        StakeWithdrawalQuote, TicketRange,
    },
};

impl Pool {
    /// SOL for new LST, of which `charge` was a part of the price.
    pub fn book_deposit(&mut self, quote: &DepositQuote, charge: Lamports, clock: &Clock) -> Result<()> {
        self.book_minted(quote, charge, clock)?;
        self.reserve_lamports = Lamports(self.reserve_lamports).plus(quote.lamports).named()?.0;
        self.fill_tickets()
    }

    /// A stake account for new LST: what joined the validator's main account and what went to the reserve.
    pub fn book_stake_deposit(
        &mut self,
        quote: &DepositQuote,
        to_reserve: Lamports,
        charge: Lamports,
        clock: &Clock,
    ) -> Result<()> {
        self.book_minted(quote, charge, clock)?;
        self.reserve_lamports = Lamports(self.reserve_lamports).plus(to_reserve).named()?.0;
        let joined = quote.lamports.minus(to_reserve).named()?;
        self.stake_lamports = Lamports(self.stake_lamports).plus(joined).named()?.0;
        self.fill_tickets()
    }

    fn book_minted(&mut self, quote: &DepositQuote, charge: Lamports, clock: &Clock) -> Result<()> {
        let minted = quote.shares.plus(quote.fee_shares).named()?;
        self.stream_premium(quote.lamports, minted, charge, clock)?;
        self.lst_supply = Shares(self.lst_supply).plus(minted).named()?.0;
        self.fee_shares_due = Shares(self.fee_shares_due).plus(quote.fee_shares).named()?.0;
        Ok(())
    }

    /// What `minted` shares cost beyond the rate is streamed: for rewards not yet released along with them; what the charge
    /// made up over an epoch, or it would be a step in the rate.
    fn stream_premium(
        &mut self,
        lamports: Lamports,
        minted: Shares,
        charge: Lamports,
        clock: &Clock,
    ) -> Result<()> {
        if self.withheld == 0 && charge.is_zero() {
            return Ok(());
        }
        let premium = math::entry_premium(&self.rate(), lamports, minted).named()?;
        let charged = math::charged(&self.rate(), charge, minted).named()?.min(premium);
        let left = self.stream_end_slot.saturating_sub(clock.slot);
        if self.withheld > 0 {
            self.stream_gain(premium.saturating_minus(charged), clock.slot, left)?;
        }
        if !charged.is_zero() {
            self.gains.add(Source::Fees, charged);
            self.stream_gain(charged, clock.slot, slots_in(clock.epoch)?)?;
        }
        Ok(())
    }

    /// Of the fees that are due, what was minted at once.
    pub fn book_fee_minted(&mut self, shares: Shares) -> Result<()> {
        self.fee_shares_due = Shares(self.fee_shares_due).minus(shares).named()?.0;
        Ok(())
    }

    /// Active stake that left with its owner. What he paid beyond the fee is streamed over an epoch.
    pub fn book_stake_withdrawal(
        &mut self,
        quote: &StakeWithdrawalQuote,
        slot: Slot,
        slots_per_epoch: u64,
    ) -> Result<()> {
        let burned = quote.shares.minus(quote.fee_shares).named()?;
        self.lst_supply = Shares(self.lst_supply).minus(burned).named()?.0;
        self.fee_shares_due = Shares(self.fee_shares_due).plus(quote.fee_shares).named()?.0;
        self.stake_lamports = Lamports(self.stake_lamports).minus(quote.lamports).named()?.0;
        self.gains.add(Source::Fees, quote.charge);
        self.stream_gain(quote.charge, slot, slots_per_epoch)?;
        self.balance()
    }

    pub fn book_order(&mut self, quote: &OrderQuote, slot: Slot) -> Result<TicketRange> {
        let burned = quote.shares.minus(quote.fee_shares).named()?;
        self.lst_supply = Shares(self.lst_supply).minus(burned).named()?.0;
        self.fee_shares_due = Shares(self.fee_shares_due).plus(quote.fee_shares).named()?.0;
        if self.order_slot != slot {
            self.order_slot = slot;
            self.ticket_total_before = self.ticket_total;
            self.ticket_cancelled_before = self.ticket_cancelled;
        }
        let mut queue = self.queue();
        let range = queue.order(quote.lamports).named()?;
        self.set_queue(&queue);
        self.tickets_ordered = self.tickets_ordered.saturating_add(1);
        self.fill_tickets()?;
        Ok(range)
    }

    /// What is left of a ticket, worth `worth`, becomes `shares` again, of whose price `charge` was a part. Gives the gap that
    /// the queue still has to skip, if there is one.
    pub fn book_cancel(
        &mut self,
        range: &TicketRange,
        paid_units: u64,
        worth: Lamports,
        shares: Shares,
        charge: Lamports,
        clock: &Clock,
    ) -> Result<Option<TicketRange>> {
        self.stream_premium(worth, shares, charge, clock)?;
        let mut queue = self.queue();
        let CancelledTicket { gap, .. } = queue.cancel(range, paid_units).named()?;
        let is_closed = gap.units == 0 || queue.release_cancelled(&gap).named()?;
        self.set_queue(&queue);
        if !is_closed && range.start < self.ticket_total_before.into() {
            let cancelled = u128::from(self.ticket_cancelled_before).saturating_add(gap.units.into());
            self.ticket_cancelled_before = cancelled.into();
        }
        self.lst_supply = Shares(self.lst_supply).plus(shares).named()?.0;
        self.fill_tickets()?;
        Ok((!is_closed).then_some(gap))
    }

    /// A gap is skipped, once the queue has reached it; `false`, and nothing changes, until then.
    pub fn book_release(&mut self, gap: &TicketRange) -> Result<bool> {
        let mut queue = self.queue();
        let is_released = queue.release_cancelled(gap).named()?;
        self.set_queue(&queue);
        if is_released && gap.start < self.ticket_total_before.into() {
            let cancelled = u128::from(self.ticket_cancelled_before).saturating_sub(gap.units.into());
            self.ticket_cancelled_before = cancelled.into();
        }
        self.fill_tickets()?;
        Ok(is_released)
    }

    pub fn book_claim(&mut self, claim: &Claim) -> Result<()> {
        let mut queue = self.queue();
        queue.settle(claim.units).named()?;
        self.set_queue(&queue);
        self.reserve_lamports = Lamports(self.reserve_lamports).minus(claim.lamports).named()?.0;
        self.fill_tickets()
    }

    /// A gain that is in the assets already: fees go to the treasury and to the insurance, the rest is streamed to the
    /// holders.
    pub fn book_gain(&mut self, gain: Lamports, slot: Slot, slots_per_epoch: u64) -> Result<()> {
        if gain.is_zero() {
            return Ok(());
        }
        let split = math::split_gain(
            gain,
            Lamports(self.loss_carry),
            Bps(self.fees.reward),
            Bps(self.fees.insurance_share),
            &self.rate(),
        )
        .named()?;
        // The stake behind tickets earned too: orders must not make the gain of the others look larger.
        let ppb = self.gain_ppb.saturating_add(math::gain_ppb(split.streamed, self.shared_value()?));
        self.gain_ppb = ppb.min(math::entry::MAX_EPOCH_GAIN_PPB);
        self.loss_carry = split.loss_carry.0;
        self.insurance_due = Lamports(self.insurance_due).plus(split.insurance).named()?.0;
        self.fee_shares_due = Shares(self.fee_shares_due).plus(split.fee_shares).named()?.0;
        self.lst_supply = Shares(self.lst_supply).plus(split.fee_shares).named()?.0;
        self.stream_gain(split.streamed, slot, slots_per_epoch)?;
        self.balance()
    }

    /// LST that left the supply without being redeemed: what it stood for is streamed to the other holders. Gives that.
    pub fn book_burned(&mut self, burned: Shares, slot: Slot, slots_per_epoch: u64) -> Result<Lamports> {
        let gain = math::burned_gain(burned, &self.rate()).named()?;
        self.lst_supply = Shares(self.lst_supply).minus(burned).named()?.0;
        self.stream_gain(gain, slot, slots_per_epoch)?;
        self.balance()?;
        Ok(gain)
    }

    /// What a bond has paid into the reserve of its `charge`. The insurance gets back what it paid for what was lost; the rest
    /// is a gain.
    pub fn book_bond_payment(
        &mut self,
        paid: Lamports,
        charge: &Charge,
        slot: Slot,
        slots_per_epoch: u64,
    ) -> Result<()> {
        self.reserve_lamports = Lamports(self.reserve_lamports).plus(paid).named()?.0;
        self.gains.add(Source::Bonds, paid);
        let for_lost = charge.lost.min(paid);
        let (insured, carry) = (Lamports(self.insured_loss), Lamports(self.loss_carry));
        let insured = back_to_insurance(for_lost, charge.lost, insured, carry);
        self.insured_loss = self.insured_loss.saturating_sub(insured.0);
        self.insurance_due = Lamports(self.insurance_due).plus(insured).named()?.0;
        self.book_gain(paid.minus(insured).named()?, slot, slots_per_epoch)?;
        self.fill_tickets()
    }

    /// Notes in a validator's record what its bond backs with and bids; whether that is news. A bond that is spent bids nothing.
    pub fn note_bond(&mut self, record: &mut ValidatorRecord, bond: &Bond) -> bool {
        let before = (record.bond_lamports, record.bid_ppb);
        let backing = bond.backing().0;
        self.bond_lamports = self.bond_lamports.saturating_sub(before.0).saturating_add(backing);
        record.bond_lamports = backing;
        record.bid_ppb = if backing == 0 { 0 } else { bond.terms.bid_ppb };
        before != (record.bond_lamports, record.bid_ppb)
    }

    /// A validator that has left is not in the pool's books any more.
    pub fn forget(&mut self, record: &mut ValidatorRecord, epoch: Epoch, slot: Slot) {
        self.reweigh(record, |record| record.weight = 0);
        self.bond_lamports = self.bond_lamports.saturating_sub(record.bond_lamports);
        self.validator_count = self.validator_count.saturating_sub(1);
        if record.last_update_epoch == epoch {
            self.validators_updated = self.validators_updated.saturating_sub(1);
        }
        *record = ValidatorRecord::zeroed();
        self.complete_epoch(epoch, slot);
    }

    /// Stake that is gone: the insurance pays first, then withheld rewards, then holders and tickets alike. Returns
    /// what the insurance vault has to pay into the reserve.
    pub fn book_loss(&mut self, loss: Lamports, slot: Slot) -> Result<Lamports> {
        if loss.is_zero() {
            return Ok(Lamports::ZERO);
        }
        let due = Lamports(self.insurance_due);
        let vault = Lamports(self.insurance_lamports);
        let insured = due.plus(vault).named()?;
        let mut queue = self.queue();
        let mut stream = self.stream();
        let value = Lamports(self.value_floor);
        let split = math::split_loss(loss, insured, stream.unreleased, value, &queue).named()?;
        let absorbed = stream.absorb(split.withheld, slot);
        ensure(absorbed == split.withheld, TidepoolError::BooksBroken)?;
        queue.index = split.index;
        self.set_stream(&stream);
        self.set_queue(&queue);

        self.loss = self.loss.saturating_add(loss.0);
        self.insured_loss = self.insured_loss.saturating_add(split.insurance.0);
        // What tickets bear leaves with them: no later gain makes it good.
        let borne = split.withheld.plus(split.holders).named()?;
        self.loss_carry = Lamports(self.loss_carry).plus(borne).named()?.0;
        let from_due = split.insurance.min(due);
        let from_vault = split.insurance.minus(from_due).named()?;
        self.insurance_due = due.minus(from_due).named()?.0;
        self.insurance_lamports = vault.minus(from_vault).named()?.0;
        self.reserve_lamports = Lamports(self.reserve_lamports).plus(from_vault).named()?.0;
        self.stake_lamports = Lamports(self.stake_lamports).minus(loss).named()?.0;
        self.balance()?;
        Ok(from_vault)
    }

    /// Lamports found in a stake account beyond what was last seen; `book_gain` says whose they are.
    pub fn book_found(&mut self, lamports: Lamports) -> Result<()> {
        self.stake_lamports = Lamports(self.stake_lamports).plus(lamports).named()?.0;
        Ok(())
    }

    pub fn book_delegated(&mut self, lamports: Lamports) -> Result<()> {
        self.reserve_lamports = Lamports(self.reserve_lamports).minus(lamports).named()?.0;
        self.stake_lamports = Lamports(self.stake_lamports).plus(lamports).named()?.0;
        self.balance()
    }

    pub fn book_undelegated(&mut self, lamports: Lamports) {
        self.cooling_lamports = self.cooling_lamports.saturating_add(lamports.0);
    }

    /// An offramp has cooled down: the tickets it was meant for will find it in the reserve.
    pub fn book_cooled(&mut self, lamports: Lamports) {
        self.cooling_lamports = self.cooling_lamports.saturating_sub(lamports.0);
    }

    pub fn book_returned(&mut self, lamports: Lamports) -> Result<()> {
        self.stake_lamports = Lamports(self.stake_lamports).minus(lamports).named()?.0;
        self.reserve_lamports = Lamports(self.reserve_lamports).plus(lamports).named()?.0;
        Ok(())
    }

    /// A validator's stake that is active or warming up is now `after`. What it was when `epoch` began stays known.
    pub fn book_staked(&mut self, record: &mut ValidatorRecord, after: Lamports, epoch: Epoch) {
        record.opening_stake_lamports = record.opening_stake(epoch).0;
        record.opening_epoch = epoch;
        let before = core::mem::replace(&mut record.staked_lamports, after.0);
        self.staked_lamports = self.staked_lamports.saturating_sub(before).saturating_add(after.0);
    }

    /// Covers as many waiting tickets, in order, as the reserve can pay for.
    pub fn fill_tickets(&mut self) -> Result<()> {
        let mut queue = self.queue();
        if !queue.is_filled() {
            queue.fill(Lamports(self.reserve_lamports)).named()?;
            self.set_queue(&queue);
        }
        self.balance()
    }

    /// Brings the value in line with the books.
    pub fn balance(&mut self) -> Result<()> {
        let assets = u128::from(self.reserve_lamports) + u128::from(self.stake_lamports);
        let owed = u128::from(self.queue().liabilities().named()?.0)
            + u128::from(self.insurance_due)
            + u128::from(self.withheld);
        let value = assets.checked_sub(owed).ok_or(TidepoolError::BooksBroken)?;
        self.value_floor = u64::try_from(value).map_err(|_| TidepoolError::AmountTooLarge)?;
        Ok(())
    }
}
