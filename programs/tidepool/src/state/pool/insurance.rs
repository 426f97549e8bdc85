//! The insurance: what goes in, and how it comes out other than by a loss.

use {
    super::Pool,
    crate::errors::{ensure, MathResultExt, Result, TidepoolError},
    anchor_lang::prelude::*,
    tidepool_interface::limits::{INSURANCE_NOTICE_EPOCHS, INSURANCE_TAKING_EPOCHS},
    tidepool_math::{Epoch, Lamports},
};

impl Pool {
    pub fn book_insurance(&mut self, lamports: Lamports) -> Result<()> {
        self.insurance_lamports = Lamports(self.insurance_lamports).plus(lamports).named()?.0;
        Ok(())
    }

    /// What leaves the insurance of what was proposed: at most what is there.
    pub fn book_insurance_withdrawal(&mut self, proposed: Lamports) -> Lamports {
        let paid = proposed.min(Lamports(self.insurance_lamports));
        self.insurance_lamports = self.insurance_lamports.saturating_sub(paid.0);
        paid
    }

    pub fn propose_insurance_withdrawal(
        &mut self,
        lamports: Lamports,
        to: Pubkey,
        epoch: Epoch,
    ) -> Result<()> {
        ensure(!lamports.is_zero(), TidepoolError::ZeroAmount)?;
        self.insurance_withdrawal_lamports = lamports.0;
        self.insurance_withdrawal_to = to;
        self.insurance_withdrawal_epoch = epoch.saturating_add(INSURANCE_NOTICE_EPOCHS);
        Ok(())
    }

    /// Refuses what was proposed too short ago, or too long, and as long as this epoch's losses may not all be found: they come
    /// first.
    pub fn require_insurance_free(&self, epoch: Epoch) -> Result<()> {
        ensure(self.insurance_withdrawal_lamports > 0, TidepoolError::NothingRequested)?;
        ensure(epoch >= self.insurance_withdrawal_epoch, TidepoolError::NoticeRunning)?;
        let end = self.insurance_withdrawal_epoch.saturating_add(INSURANCE_TAKING_EPOCHS);
        ensure(epoch < end, TidepoolError::ProposalExpired)?;
        ensure(self.last_update_epoch == epoch, TidepoolError::ValidatorNotUpdated)
    }

    /// Forgets the proposal, and gives how much was to go where.
    pub fn end_insurance_proposal(&mut self) -> Result<(Lamports, Pubkey)> {
        let lamports = Lamports(core::mem::take(&mut self.insurance_withdrawal_lamports));
        ensure(!lamports.is_zero(), TidepoolError::NothingRequested)?;
        self.insurance_withdrawal_epoch = 0;
        Ok((lamports, core::mem::take(&mut self.insurance_withdrawal_to)))
    }
}
