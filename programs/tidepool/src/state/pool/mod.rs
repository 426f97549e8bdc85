mod books;
mod epochs;
mod fees;
mod insurance;
mod review;
mod rules;
mod safety;

pub use {epochs::slots_in, fees::PoolFees, review::Review, rules::ValidatorRules, safety::Role};

use {
    super::{Liquidity, PodU128, ValidatorRecord},
    crate::errors::{ensure, MathResultExt, Result, TidepoolError},
    anchor_lang::prelude::*,
    bytemuck::{Pod, Zeroable},
    tidepool_interface::{
        header::{Function, VERSION},
        limits::MAX_GROUPS,
    },
    tidepool_math::{
        self as math, bond::backed_stake, Bps, DailyCap, DepositSplit, Epoch, Lamports, LiquidQuote,
        OrderQuote, Rate, Shares, Slot, Stream, TargetCaps, TicketIndex, TicketQueue,
    },
};

/// Bumps of the accounts that sign or are created with the pool.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, Default, Pod, Zeroable)]
#[repr(C)]
pub struct PoolBumps {
    pub pool: u8,
    pub authority: u8,
    pub reserve: u8,
    pub insurance: u8,
    pub liquidity: u8,
    pub history: u8,
}

/// A pool: its rate, its books and its rules. The fields up to `pending_fees_epoch` are the header that integrators read by
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
    /// Fees that hold now.
    pub fees: PoolFees,
    /// What the counted epoch gained per unit of value, in parts per billion.
    pub gain_ppb: u32,
    /// Of `withheld`, where its line started.
    pub stream_amount: u64,
    /// Fees that will hold from `pending_fees_epoch` on.
    pub pending_fees: PoolFees,
    /// `gain_ppb` of the last epoch that had a gain before the counted one.
    pub last_gain_ppb: u32,
    /// 0 if no fees are pending.
    pub pending_fees_epoch: u64,

    pub authority: Pubkey,
    pub reserve: Pubkey,
    pub insurance: Pubkey,
    pub liquidity: Pubkey,
    pub admin: Pubkey,
    pub manager: Pubkey,
    pub guardian: Pubkey,
    /// Token account that receives fees.
    pub treasury: Pubkey,
    pub history: Pubkey,
    /// Who was proposed for each `Role` and has not accepted yet; the zero key if nobody.
    pub proposed: [Pubkey; 4],
    /// By `Function`: the epoch in which its last pause ends.
    pub pause_end_epoch: [u64; 8],

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
    /// Slot of the last order; the end of the queue before that slot's orders, and the gaps in front of it.
    pub order_slot: u64,
    pub ticket_total_before: PodU128,
    pub ticket_cancelled_before: PodU128,

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
    /// A loss of an epoch, or a gain per epoch, beyond this share of what holders and tickets have shuts deposits and instant
    /// exits for a while; 0: none does.
    pub breaker_bps: u16,
    /// Epochs whose rewards are found in the counted one: more than one if not all were looked for in those before.
    pub epochs_to_find: u16,
    pub min_deposit: u64,
    /// Largest value that deposits may bring the pool to; 0 means no limit.
    pub deposit_cap: u64,
    /// Lamports instant exits may take in a day; 0 means no limit. See `tidepool_math::DailyCap`.
    pub instant_cap_per_day: u64,
    pub instant_used: u64,
    pub instant_used_at: i64,

    /// Since the last entry of the history: what was gained, by source, and what was lost.
    pub gains: Gains,
    pub loss: u64,

    /// Found in stake accounts in the counted epoch, and lost from them: what the breaker looks at.
    pub epoch_gain: u64,
    pub epoch_loss: u64,
    /// The epoch in which the breaker closes again.
    pub breaker_end_epoch: u64,

    /// What the admin wants to take out of the insurance vault, where to, and from which epoch on it may be; 0: nothing.
    pub insurance_withdrawal_lamports: u64,
    pub insurance_withdrawal_epoch: u64,
    pub insurance_withdrawal_to: Pubkey,

    /// What validators have to keep to.
    pub rules: ValidatorRules,
    /// What the reviews of this epoch have found, and the means of an earlier one that they judge by.
    pub review: Review,
    /// Σ over the validators of what their bonds back with.
    pub bond_lamports: u64,
    /// Σ weight × score of the validators of each group.
    pub group_weights: [u64; MAX_GROUPS],
    /// What the insurance has paid for losses that no bond has made good yet.
    pub insured_loss: u64,
    pub reserved: [u8; 256],
}

/// Lamports gained, by source.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Gains {
    /// Rewards of stake.
    pub delegation: u64,
    /// Found in stake accounts beside the stake: tips, block revenue.
    pub free: u64,
    /// What those who came or left paid the holders beyond the rate, and fees nobody could take.
    pub fees: u64,
    /// Paid by validators' bonds.
    pub bonds: u64,
    /// Found in the reserve and the liquidity pool's vaults; burned LST.
    pub gifts: u64,
}

/// Where a gain came from: a counter of [`Gains`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Delegation,
    Free,
    Fees,
    Bonds,
    Gifts,
}

impl Gains {
    pub fn add(&mut self, source: Source, lamports: Lamports) {
        let counter = match source {
            Source::Delegation => &mut self.delegation,
            Source::Free => &mut self.free,
            Source::Fees => &mut self.fees,
            Source::Bonds => &mut self.bonds,
            Source::Gifts => &mut self.gifts,
        };
        *counter = counter.saturating_add(lamports.0);
    }
}

impl Pool {
    /// Bytes of the account.
    pub const SPACE: usize = 8 + core::mem::size_of::<Self>();
    pub const VERSION: u8 = VERSION;

    pub fn rate(&self) -> Rate {
        Rate { value: Lamports(self.value_floor), supply: Shares(self.lst_supply) }
    }

    /// What comers pay: rewards that are found count in full, released or not, and the `charge`.
    pub fn rate_with(&self, charge: Lamports) -> Result<Rate> {
        math::entry_rate(&self.rate(), Lamports(self.withheld), charge).named()
    }

    /// What comers pay with stake that is active already: it earns at once.
    pub fn earned_rate(&self, epoch: Epoch) -> Result<Rate> {
        let charge = self.charge(Bps(self.fees.warmup), self.epochs_not_found(epoch))?;
        self.rate_with(charge)
    }

    /// For the epoch in which new SOL does not earn, and for rewards that are not found yet.
    pub fn entry_charge(&self, epoch: Epoch) -> Result<Lamports> {
        self.charge(Bps(self.fees.warmup), self.epochs_not_found(epoch).saturating_add(1))
    }

    /// For coming back out of a ticket: an epoch's gain at least, for stake may have gone to cool down for it.
    pub fn return_charge(&self, epoch: Epoch) -> Result<Lamports> {
        self.charge(Bps::ONE, self.epochs_not_found(epoch).saturating_add(1))
    }

    fn charge(&self, part: Bps, epochs: u64) -> Result<Lamports> {
        math::comers_charge(Lamports(self.value_floor), self.epoch_gain_ppb(), part, epochs).named()
    }

    /// Epochs whose rewards not all validators were asked for.
    fn epochs_not_found(&self, epoch: Epoch) -> u64 {
        epoch.saturating_sub(self.last_update_epoch)
    }

    /// What an epoch gains per unit of value, in parts per billion: this one as far as it is known, or the last one.
    pub fn epoch_gain_ppb(&self) -> u32 {
        self.gain_ppb.max(self.last_gain_ppb)
    }

    /// What holders and tickets have together, released or not: gains and losses are theirs.
    fn shared_value(&self) -> Result<Lamports> {
        let holders = Lamports(self.value_floor).plus(Lamports(self.withheld)).named()?;
        holders.plus(self.queue().liabilities().named()?).named()
    }

    /// The reserve's lamports that are neither promised to tickets nor to the insurance vault.
    pub fn free_reserve(&self) -> Result<Lamports> {
        self.free_beside(&self.queue())
    }

    fn free_beside(&self, queue: &TicketQueue) -> Result<Lamports> {
        let promised = queue.reserved().named()?.plus(Lamports(self.insurance_due)).named()?;
        Ok(Lamports(self.reserve_lamports).saturating_minus(promised))
    }

    /// The part of the reserve that is never staked.
    pub fn reserve_buffer(&self) -> Lamports {
        Lamports(Bps(self.reserve_target_bps).of_ceil(self.value_floor))
    }

    /// What is free in the reserve beyond the buffer: it can be staked.
    pub fn spare_reserve(&self) -> Result<Lamports> {
        Ok(self.free_reserve()?.saturating_minus(self.reserve_buffer()))
    }

    /// What tickets wait for at `slot`. Tickets of this very slot do not count yet: with borrowed LST one could order them,
    /// send stake to cool down for them, and cancel them in one transaction.
    pub fn waiting(&self, slot: Slot) -> Result<Lamports> {
        let queue = self.queue();
        match self.order_slot == slot {
            true => {
                let (total, cancelled) = (self.ticket_total_before, self.ticket_cancelled_before);
                queue.unfilled_since(total.into(), cancelled.into()).named()
            }
            false => queue.unfilled().named(),
        }
    }

    /// What stake is to be spread over the validators. Only what is staked or comes back counts, not rent and dust in
    /// their accounts: so while tickets wait, some validator always has more than its target.
    pub fn delegatable(&self, slot: Slot) -> Result<Lamports> {
        Ok(math::delegatable(
            Lamports(self.staked_lamports).plus(Lamports(self.cooling_lamports)).named()?,
            self.free_before_orders_of(slot)?,
            self.reserve_buffer(),
            self.waiting(slot)?,
        ))
    }

    /// The free reserve, with what it has promised to tickets of this very slot.
    fn free_before_orders_of(&self, slot: Slot) -> Result<Lamports> {
        let mut queue = self.queue();
        if self.order_slot == slot {
            queue.filled = queue.filled.min(self.ticket_total_before.into()).max(queue.settled);
        }
        self.free_beside(&queue)
    }

    /// The stake a validator should have.
    pub fn target_stake(&self, record: &ValidatorRecord, slot: Slot) -> Result<Lamports> {
        let (all, weight) = (self.delegatable(slot)?, record.effective_weight());
        math::target_stake(all, weight, self.total_weight, &self.target_caps(record)).named()
    }

    /// What limits the stake of a validator beside its weight.
    pub fn target_caps(&self, record: &ValidatorRecord) -> TargetCaps {
        let backed = |stake_per_bond| backed_stake(Lamports(record.bond_lamports), stake_per_bond);
        TargetCaps {
            validator: Bps(self.max_validator_bps),
            group: Bps(self.rules.max_group_bps),
            group_weight: self.group_weight(record.group),
            backed: (self.rules.stake_per_bond > 0).then(|| backed(self.rules.stake_per_bond)),
        }
    }

    /// Lamports tickets wait for that no cooling stake will bring.
    pub fn shortfall(&self, slot: Slot) -> Result<Lamports> {
        Ok(self.waiting(slot)?.saturating_minus(Lamports(self.cooling_lamports)))
    }

    /// What rebalancing may still move in this epoch: a share of the value, but the smallest delegation at least, or a small
    /// pool could never move any stake. None if the share is 0.
    pub fn move_budget(&self) -> Lamports {
        let share = Bps(self.max_move_bps);
        let least = if share == Bps::ZERO { 0 } else { self.minimum_delegation };
        let most = Lamports(share.of_floor(self.value_floor).max(least));
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

    /// Refuses a deposit that brings the pool above its cap.
    pub fn require_room_for(&self, lamports: Lamports) -> Result<()> {
        let after =
            Lamports(self.value_floor).plus(Lamports(self.withheld)).named()?.plus(lamports).named()?;
        ensure(self.deposit_cap == 0 || after <= Lamports(self.deposit_cap), TidepoolError::DepositCapReached)
    }

    /// What a deposit gives now at the entry `charge`, if the pool takes it.
    pub fn quote_deposit(
        &self,
        lamports: Lamports,
        liquidity: &Liquidity,
        charge: Lamports,
    ) -> Result<DepositSplit> {
        self.require_open(Function::Deposit)?;
        self.require_above_minimum_deposit(lamports)?;
        let for_sale = Shares(liquidity.lst_amount);
        let split =
            math::quote_split_deposit(&self.rate_with(charge)?, lamports, Bps(self.fees.deposit), for_sale)
                .named()?;
        self.require_room_for(split.minted.lamports)?;
        Ok(split)
    }

    /// What an unstake order is worth now.
    pub fn quote_order(&self, lst: Shares) -> Result<OrderQuote> {
        ensure(!lst.is_zero(), TidepoolError::ZeroAmount)?;
        math::quote_order(&self.rate(), lst, Bps(self.fees.ticket)).named()
    }

    /// What an instant exit pays now, if it is open.
    pub fn quote_liquid_unstake(
        &self,
        lst: Shares,
        liquidity: &Liquidity,
        clock: &Clock,
    ) -> Result<LiquidQuote> {
        self.require_open(Function::LiquidUnstake)?;
        ensure(!lst.is_zero(), TidepoolError::ZeroAmount)?;
        let quote = math::quote_liquid_unstake(
            &self.rate(),
            lst,
            liquidity.sol_before_adds_of(clock.slot),
            &liquidity.fee(self),
            Bps(self.fees.liquid_treasury_share),
        )
        .named()?;
        ensure(
            quote.net <= self.instant_cap().available(clock.unix_timestamp),
            TidepoolError::InstantCapReached,
        )?;
        Ok(quote)
    }

    /// What instant exits have used of their daily cap.
    pub fn instant_cap(&self) -> DailyCap {
        DailyCap {
            cap: Lamports(self.instant_cap_per_day),
            used: Lamports(self.instant_used),
            at: self.instant_used_at,
        }
    }

    /// Takes an instant exit off the daily cap.
    pub fn count_instant_exit(&mut self, lamports: Lamports, now: i64) {
        self.set_instant_cap(self.instant_cap().spend(lamports, now));
    }

    /// SOL that a depositor brought back to where instant exits are paid from.
    pub fn count_instant_return(&mut self, lamports: Lamports, now: i64) {
        self.set_instant_cap(self.instant_cap().give_back(lamports, now));
    }

    fn set_instant_cap(&mut self, after: DailyCap) {
        self.instant_used = after.used.0;
        self.instant_used_at = after.at;
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
