use {
    crate::errors::{ensure, MathResultExt, Result, TidepoolError},
    anchor_lang::prelude::*,
    tidepool_interface::limits::BOND_NOTICE_EPOCHS,
    tidepool_math::{bond::Terms, Bps, Epoch, Lamports},
};

/// What a bond promises.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BondTerms {
    /// The highest commission the validator will take.
    pub commission_bps: u16,
    /// What it pays the pool per staked SOL and epoch, in lamports.
    pub bid_ppb: u32,
}

impl BondTerms {
    /// The better one of both for the pool, promise by promise.
    fn better(&self, other: &Self) -> Self {
        Self {
            commission_bps: self.commission_bps.min(other.commission_bps),
            bid_ppb: self.bid_ppb.max(other.bid_ppb),
        }
    }

    pub fn as_math(&self) -> Terms {
        Terms { commission: Bps(self.commission_bps), bid_ppb: self.bid_ppb }
    }
}

/// Money that stands for a validator's conduct towards a pool. It lies in this account, above its rent.
#[account]
#[derive(InitSpace)]
pub struct Bond {
    pub pool: Pubkey,
    pub vote: Pubkey,
    /// Who may set terms and take the bond back: the validator's own identity or withdrawer when the bond was opened.
    pub owner: Pubkey,
    /// What stands in the bond, as far as it was posted.
    pub lamports: u64,
    pub terms: BondTerms,
    /// Terms that hold from the first settlement in or after `pending_terms_epoch` on; that is 0 if there are none.
    pub pending_terms: BondTerms,
    pub pending_terms_epoch: u64,
    /// What its owner asked for back, and from which epoch on he may have it; 0 if he did not.
    pub withdrawal_lamports: u64,
    pub withdrawal_epoch: u64,
    /// The last epoch in which it was settled, the stake that epoch began with, and the least credits that were asked for then.
    pub settled_epoch: u64,
    pub settled_stake: u64,
    pub settled_min_credits_bps: u16,
    pub bump: u8,
}

impl Bond {
    /// Bytes of the account.
    pub const SPACE: usize = Self::DISCRIMINATOR.len() + Self::INIT_SPACE;

    /// What the bond backs with: what its owner asked for back does not count any more.
    pub fn backing(&self) -> Lamports {
        Lamports(self.lamports.saturating_sub(self.withdrawal_lamports))
    }

    /// Announced terms take effect, once their notice is over. Only where nothing is owed by the old ones any more: else who
    /// comes before the settlement could choose what the epochs before it cost.
    pub fn adopt_terms(&mut self, epoch: Epoch) {
        if self.pending_terms_epoch != 0 && epoch >= self.pending_terms_epoch {
            self.terms = core::mem::take(&mut self.pending_terms);
            self.pending_terms_epoch = 0;
        }
    }

    /// What is better for the pool holds at once; if anything is worse, all of `terms` hold after the notice. What was
    /// announced before is forgotten.
    pub fn announce_terms(&mut self, terms: BondTerms, epoch: Epoch) -> Result<()> {
        Bps::new(terms.commission_bps).named()?;
        self.terms = self.terms.better(&terms);
        let is_worse = self.terms != terms;
        self.pending_terms = if is_worse { terms } else { BondTerms::default() };
        self.pending_terms_epoch = if is_worse { epoch.saturating_add(BOND_NOTICE_EPOCHS) } else { 0 };
        Ok(())
    }

    /// Its owner wants so much back, after the notice; 0 takes an earlier request back.
    pub fn request_withdrawal(&mut self, lamports: Lamports, epoch: Epoch) -> Result<()> {
        ensure(lamports <= Lamports(self.lamports), TidepoolError::InsufficientBalance)?;
        self.withdrawal_lamports = lamports.0;
        self.withdrawal_epoch = if lamports.is_zero() { 0 } else { epoch.saturating_add(BOND_NOTICE_EPOCHS) };
        Ok(())
    }

    /// What its owner has now of what he asked for; settlements may have left less. Of that, `can_leave` is all that today's
    /// rent lets go; the rest stays asked for. What this epoch's settlement takes for the last one comes first, unless the
    /// bond is left alone.
    pub fn withdraw(&mut self, can_leave: Lamports, epoch: Epoch) -> Result<Lamports> {
        ensure(self.withdrawal_lamports > 0, TidepoolError::NothingRequested)?;
        ensure(epoch >= self.withdrawal_epoch, TidepoolError::NoticeRunning)?;
        ensure(self.settled_epoch >= epoch || self.is_left_alone(epoch), TidepoolError::BondNotSettled)?;
        let paid = can_leave.0.min(self.withdrawal_lamports).min(self.lamports);
        ensure(paid > 0, TidepoolError::InsufficientBalance)?;
        self.lamports = self.lamports.saturating_sub(paid);
        self.withdrawal_lamports = self.withdrawal_lamports.saturating_sub(paid);
        if self.withdrawal_lamports == 0 {
            self.withdrawal_epoch = 0;
        }
        Ok(Lamports(paid))
    }

    /// Whether nobody has settled it for as long as the notice is: then nobody may be able to.
    pub fn is_left_alone(&self, epoch: Epoch) -> bool {
        epoch >= self.settled_epoch.saturating_add(BOND_NOTICE_EPOCHS)
    }

    pub fn post(&mut self, lamports: Lamports) -> Result<()> {
        self.lamports = Lamports(self.lamports).plus(lamports).named()?.0;
        Ok(())
    }

    /// Takes what is due, as far as the bond has it and today's rent lets it go (`can_leave`), and gives that. What was asked
    /// back and is gone is not owed to the owner out of later posts.
    pub fn take(&mut self, due: Lamports, can_leave: Lamports) -> Lamports {
        let paid = due.min(can_leave).min(Lamports(self.lamports));
        self.lamports = self.lamports.saturating_sub(paid.0);
        self.withdrawal_lamports = self.withdrawal_lamports.min(self.lamports);
        paid
    }
}
