use {
    super::{PodU128, ValidatorRecord},
    crate::errors::{ensure, MathResultExt, Result, TidepoolError},
    anchor_lang::prelude::*,
    bytemuck::{Pod, Zeroable},
    tidepool_interface::header::{Fees, VERSION},
    tidepool_math::{
        self as math, Bps, DepositQuote, Epoch, Lamports, OrderQuote, Rate, Shares, Slot, Stream,
        TicketIndex, TicketQueue, TicketRange,
    },
};

/// Bumps of the accounts that sign or are created with the pool.
#[derive(Clone, Copy, Debug, Default, Pod, Zeroable)]
#[repr(C)]
pub struct PoolBumps {
    pub pool: u8,
    pub authority: u8,
    pub reserve: u8,
    pub insurance: u8,
    pub liquidity: u8,
    pub reserved: u8,
}

/// The header's fees, in basis points, in the order of `tidepool_interface::header::Fees`.
#[derive(Clone, Copy, Debug, Default, Pod, Zeroable)]
#[repr(C)]
pub struct PoolFees {
    pub reward: u16,
    pub deposit: u16,
    pub ticket: u16,
    pub stake_withdrawal: u16,
    pub liquid_min: u16,
    pub liquid_max: u16,
    pub liquid_treasury_share: u16,
    pub insurance_share: u16,
}

impl From<Fees> for PoolFees {
    fn from(fees: Fees) -> Self {
        Self {
            reward: fees.reward.0,
            deposit: fees.deposit.0,
            ticket: fees.ticket.0,
            stake_withdrawal: fees.stake_withdrawal.0,
            liquid_min: fees.liquid_min.0,
            liquid_max: fees.liquid_max.0,
            liquid_treasury_share: fees.liquid_treasury_share.0,
            insurance_share: fees.insurance_share.0,
        }
    }
}

/// A pool: its rate, its books and its rules. The fields up to `stream_amount` are the header that integrators read by
/// offset (`tidepool_interface::header`); they never move.
///
/// Books: `value_floor = reserve + stake − tickets − insurance_due − withheld`, recomputed by `balance` after every
/// change, so no instruction can move one side of it alone.
#[account(zero_copy)]
#[repr(C)]
pub struct Pool {
    pub version: u8,
    pub pause_flags: u8,
    pub bumps: PoolBumps,
    pub lst_mint: Pubkey,
    /// LST issued, with fees that are not minted yet.
    pub lst_supply: u64,
    /// Value at the last touch.
    pub value_floor: u64,
    /// Of `stream_amount`, what was not yet released at the last touch.
    pub withheld: u64,
    pub stream_start_slot: u64,
    pub stream_end_slot: u64,
    pub last_update_epoch: u64,
    pub last_update_slot: u64,
    pub fees: PoolFees,
    pub stream_amount: u64,

    pub authority: Pubkey,
    pub reserve: Pubkey,
    pub insurance: Pubkey,
    pub liquidity: Pubkey,
    pub admin: Pubkey,
    pub manager: Pubkey,
    pub guardian: Pubkey,
    /// Token account that receives fees.
    pub treasury: Pubkey,

    /// Lamports of the reserve above its rent, as far as the program has seen them.
    pub reserve_lamports: u64,
    /// Lamports of the reserve that keep it rent-exempt.
    pub reserve_rent: u64,
    /// Σ over the validators of all lamports last seen in their stake accounts.
    pub stake_lamports: u64,
    /// Of them, stake that is active or warming up.
    pub staked_lamports: u64,
    /// Of them, stake on its way back to the reserve.
    pub cooling_lamports: u64,
    /// Lamports of the insurance vault above its rent, as far as the program has seen them.
    pub insurance_lamports: u64,
    /// Lamports of the insurance vault that keep it rent-exempt.
    pub insurance_rent: u64,
    /// Set aside for the insurance vault and still in the pool.
    pub insurance_due: u64,
    /// Losses of holders and of withheld rewards that later gains make good without paying a fee.
    pub loss_carry: u64,
    /// LST of the treasury, part of `lst_supply`, minted at the next `sync_pool`.
    pub fee_shares_due: u64,

    /// Queue of unstake tickets, in units; see `tidepool_math::TicketQueue`.
    pub ticket_total: PodU128,
    pub ticket_filled: PodU128,
    pub ticket_settled: PodU128,
    pub ticket_cancelled: PodU128,
    pub ticket_index: u64,
    pub tickets_ordered: u64,

    /// Σ weight × score of the validators.
    pub total_weight: u64,
    /// Smallest delegation the stake program accepts, as of the last `sync_pool`.
    pub minimum_delegation: u64,
    pub last_sync_epoch: u64,
    /// Epoch of `moved_lamports` and `validators_updated`.
    pub counted_epoch: u64,
    /// Stake moved for rebalancing in that epoch.
    pub moved_lamports: u64,
    /// Validators whose accounts were seen in that epoch.
    pub validators_updated: u32,
    pub validator_count: u32,
    pub page_count: u32,

    /// Share of the value that stays in the reserve.
    pub reserve_target_bps: u16,
    /// Last part of an epoch in which stake may move.
    pub move_window_bps: u16,
    /// Largest share of the stake one validator may have.
    pub max_validator_bps: u16,
    /// Largest share of the value that rebalancing may move in an epoch.
    pub max_move_bps: u16,
    pub padding: [u8; 4],
    pub min_deposit: u64,
    pub reserved: [u8; 256],
}

impl Pool {
    /// Bytes of the account.
    pub const SPACE: usize = 8 + core::mem::size_of::<Self>();
    pub const VERSION: u8 = VERSION;

    pub fn rate(&self) -> Rate {
        Rate { value: Lamports(self.value_floor), supply: Shares(self.lst_supply) }
    }

    /// What comers pay: rewards that are found count in full, released or not.
    pub fn entry_rate(&self) -> Result<Rate> {
        let value = Lamports(self.value_floor).plus(Lamports(self.withheld)).named()?;
        Ok(Rate { value, supply: Shares(self.lst_supply) })
    }

    /// The reserve's lamports that are neither promised to tickets nor to the insurance vault.
    pub fn free_reserve(&self) -> Result<Lamports> {
        let promised = self.queue().reserved().named()?.plus(Lamports(self.insurance_due)).named()?;
        Ok(Lamports(self.reserve_lamports).saturating_minus(promised))
    }

    /// The part of the reserve that is never staked.
    pub fn reserve_buffer(&self) -> Lamports {
        Lamports(Bps(self.reserve_target_bps).of_ceil(self.value_floor))
    }

    /// What stake is to be spread over the validators. Only what is staked or comes back counts, not rent and dust in
    /// their accounts: so while tickets wait, some validator always has more than its target.
    pub fn delegatable(&self) -> Result<Lamports> {
        let unfilled = self.queue().unfilled().named()?;
        Ok(math::delegatable(
            Lamports(self.staked_lamports).plus(Lamports(self.cooling_lamports)).named()?,
            self.free_reserve()?,
            self.reserve_buffer(),
            unfilled,
        ))
    }

    /// The stake a validator of this weight should have.
    pub fn target_stake(&self, effective_weight: u64) -> Result<Lamports> {
        let cap = Bps(self.max_validator_bps);
        math::target_stake(self.delegatable()?, effective_weight, self.total_weight, cap).named()
    }

    /// Lamports tickets wait for that no cooling stake will bring.
    pub fn shortfall(&self) -> Result<Lamports> {
        Ok(self.queue().unfilled().named()?.saturating_minus(Lamports(self.cooling_lamports)))
    }

    /// What rebalancing may still move in this epoch.
    pub fn move_budget(&self) -> Lamports {
        let most = Lamports(Bps(self.max_move_bps).of_floor(self.value_floor));
        most.saturating_minus(Lamports(self.moved_lamports))
    }

    pub fn require_above_minimum_deposit(&self, lamports: Lamports) -> Result<()> {
        ensure(!lamports.is_zero(), TidepoolError::ZeroAmount)?;
        ensure(lamports >= Lamports(self.min_deposit), TidepoolError::BelowMinimumDeposit)?;
        Ok(())
    }

    /// Refuses to mint while the mint holds LST the pool did not issue.
    pub fn require_mint_in_step(&self, mint_supply: u64) -> Result<()> {
        let issued = self.lst_supply.saturating_sub(self.fee_shares_due);
        ensure(mint_supply <= issued, TidepoolError::MintOutOfStep)?;
        Ok(())
    }

    /// Refuses unless `slot` lies in the part of the epoch in which stake moves.
    pub fn require_move_window(&self, slot: Slot, first_slot: Slot, slots_in_epoch: u64) -> Result<()> {
        let open_slots = Bps(self.move_window_bps).of_ceil(slots_in_epoch);
        let passed = slot.saturating_sub(first_slot);
        ensure(passed.saturating_add(open_slots) >= slots_in_epoch, TidepoolError::OutsideMoveWindow)?;
        Ok(())
    }

    /// Lets the stream release what is due, so that everything after it works at the rate of `slot`.
    pub fn release_rewards(&mut self, slot: Slot) -> Result<()> {
        let mut stream = self.stream();
        let released = stream.release(slot);
        self.set_stream(&stream);
        self.value_floor = Lamports(self.value_floor).plus(released).named()?.0;
        Ok(())
    }

    pub fn book_deposit(&mut self, quote: &DepositQuote, slot: Slot) -> Result<()> {
        let minted = quote.shares.plus(quote.fee_shares).named()?;
        if self.withheld > 0 {
            let premium = math::entry_premium(&self.rate(), quote.lamports, minted).named()?;
            self.stream_gain(premium, slot, self.stream_end_slot.saturating_sub(slot))?;
        }
        self.reserve_lamports = Lamports(self.reserve_lamports).plus(quote.lamports).named()?.0;
        self.lst_supply = Shares(self.lst_supply).plus(minted).named()?.0;
        self.fee_shares_due = Shares(self.fee_shares_due).plus(quote.fee_shares).named()?.0;
        self.fill_tickets()
    }

    pub fn book_order(&mut self, quote: &OrderQuote) -> Result<TicketRange> {
        let burned = quote.shares.minus(quote.fee_shares).named()?;
        self.lst_supply = Shares(self.lst_supply).minus(burned).named()?.0;
        self.fee_shares_due = Shares(self.fee_shares_due).plus(quote.fee_shares).named()?.0;
        let mut queue = self.queue();
        let range = queue.order(quote.lamports).named()?;
        self.set_queue(&queue);
        self.tickets_ordered = self.tickets_ordered.saturating_add(1);
        self.fill_tickets()?;
        Ok(range)
    }

    pub fn book_claim(&mut self, claim: &math::Claim) -> Result<()> {
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
        self.loss_carry = split.loss_carry.0;
        self.insurance_due = Lamports(self.insurance_due).plus(split.insurance).named()?.0;
        self.fee_shares_due = Shares(self.fee_shares_due).plus(split.fee_shares).named()?.0;
        self.lst_supply = Shares(self.lst_supply).plus(split.fee_shares).named()?.0;
        self.stream_gain(split.streamed, slot, slots_per_epoch)?;
        self.balance()
    }

    /// LST that left the supply without being redeemed: what it stood for is streamed to the other holders.
    pub fn book_burned(&mut self, burned: Shares, slot: Slot, slots_per_epoch: u64) -> Result<()> {
        let gain = math::burned_gain(burned, &self.rate()).named()?;
        self.lst_supply = Shares(self.lst_supply).minus(burned).named()?.0;
        self.stream_gain(gain, slot, slots_per_epoch)?;
        self.balance()
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

    /// A validator's stake that is active or warming up is now `after`.
    pub fn book_staked(&mut self, record: &mut ValidatorRecord, after: Lamports) {
        let before = core::mem::replace(&mut record.staked_lamports, after.0);
        self.staked_lamports = self.staked_lamports.saturating_sub(before).saturating_add(after.0);
    }

    /// Counts a validator whose accounts were seen, once an epoch; all of them seen make the epoch updated.
    pub fn count_update(&mut self, epoch: Epoch, slot: Slot) {
        self.begin_epoch(epoch);
        self.validators_updated = self.validators_updated.saturating_add(1);
        if self.validators_updated >= self.validator_count {
            self.last_update_epoch = epoch;
            self.last_update_slot = slot;
        }
    }

    pub fn count_move(&mut self, lamports: Lamports) {
        self.moved_lamports = self.moved_lamports.saturating_add(lamports.0);
    }

    /// Starts the counters that run by epoch anew.
    pub fn begin_epoch(&mut self, epoch: Epoch) {
        if self.counted_epoch != epoch {
            self.counted_epoch = epoch;
            self.moved_lamports = 0;
            self.validators_updated = 0;
        }
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

    pub fn queue(&self) -> TicketQueue {
        TicketQueue {
            total: self.ticket_total.into(),
            filled: self.ticket_filled.into(),
            settled: self.ticket_settled.into(),
            cancelled: self.ticket_cancelled.into(),
            index: TicketIndex(self.ticket_index),
        }
    }

    pub fn set_queue(&mut self, queue: &TicketQueue) {
        self.ticket_total = queue.total.into();
        self.ticket_filled = queue.filled.into();
        self.ticket_settled = queue.settled.into();
        self.ticket_cancelled = queue.cancelled.into();
        self.ticket_index = queue.index.0;
    }

    pub fn stream(&self) -> Stream {
        Stream {
            amount: Lamports(self.stream_amount),
            unreleased: Lamports(self.withheld),
            start_slot: self.stream_start_slot,
            end_slot: self.stream_end_slot,
        }
    }

    fn set_stream(&mut self, stream: &Stream) {
        self.stream_amount = stream.amount.0;
        self.withheld = stream.unreleased.0;
        self.stream_start_slot = stream.start_slot;
        self.stream_end_slot = stream.end_slot;
    }

    fn stream_gain(&mut self, gain: Lamports, slot: Slot, slots_per_epoch: u64) -> Result<()> {
        let mut stream = self.stream();
        stream.add(gain, slot, slots_per_epoch).named()?;
        self.set_stream(&stream);
        Ok(())
    }
}
