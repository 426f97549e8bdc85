//! Fees and how they change: a cut at once, a rise after everybody had time to leave.

use {
    super::Pool,
    crate::errors::{ensure, Result, TidepoolError},
    anchor_lang::prelude::*,
    bytemuck::{Pod, Zeroable},
    tidepool_interface::limits,
    tidepool_math::{Bps, Epoch},
};

/// Fees and shares of fees in basis points, in the order of `tidepool_interface::header::Fees`, which says what each is
/// taken from.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
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
    pub warmup: u16,
    pub referral_share: u16,
}

impl PoolFees {
    /// Refuses a fee above its hard cap, whoever asks for it.
    pub fn require_within_limits(&self) -> Result<()> {
        ensure(
            Bps(self.reward) <= limits::MAX_REWARD_FEE
                && Bps(self.deposit) <= limits::MAX_DEPOSIT_FEE
                && Bps(self.ticket) <= limits::MAX_TICKET_FEE
                && Bps(self.stake_withdrawal) <= limits::MAX_STAKE_WITHDRAWAL_FEE
                && Bps(self.liquid_max) <= limits::MAX_LIQUID_FEE
                && Bps(self.liquid_treasury_share) <= limits::MAX_TREASURY_SHARE
                && Bps(self.warmup) <= limits::MAX_WARMUP
                && Bps(self.referral_share) <= limits::MAX_REFERRAL_SHARE,
            TidepoolError::FeeAboveLimit,
        )?;
        ensure(
            self.liquid_min <= self.liquid_max && Bps(self.insurance_share) <= Bps::ONE,
            TidepoolError::InvalidParameter,
        )
    }

    /// The lower one of both, fee by fee. Of two valid sets of fees it is a valid one.
    fn lower(&self, other: &Self) -> Self {
        let mut lower: [u16; 10] = bytemuck::cast(*self);
        let other: [u16; 10] = bytemuck::cast(*other);
        for (fee, other) in lower.iter_mut().zip(other) {
            *fee = other.min(*fee);
        }
        bytemuck::cast(lower)
    }
}

impl Pool {
    /// Fees that fall do so at once; if any rises, all of `fees` hold after the notice that holders are given. What was
    /// announced before is forgotten.
    pub fn announce_fees(&mut self, fees: PoolFees, epoch: Epoch) {
        self.fees = self.fees.lower(&fees);
        let rises = self.fees != fees;
        self.pending_fees = if rises { fees } else { PoolFees::default() };
        self.pending_fees_epoch = if rises { epoch.saturating_add(limits::FEE_NOTICE_EPOCHS) } else { 0 };
    }

    pub(super) fn adopt_pending_fees(&mut self, epoch: Epoch) {
        if self.pending_fees_epoch != 0 && epoch >= self.pending_fees_epoch {
            self.fees = core::mem::take(&mut self.pending_fees);
            self.pending_fees_epoch = 0;
        }
    }
}
