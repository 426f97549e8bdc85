use {
    super::ValidatorRules,
    crate::errors::{ensure, MathResultExt, Result, TidepoolError},
    anchor_lang::prelude::*,
    bytemuck::{Pod, Zeroable},
    tidepool_interface::{limits::RECORDS_PER_PAGE, pda::StakeRole},
    tidepool_math::{self as math, Epoch, Lamports},
};

/// What a slot of a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ValidatorStatus {
    /// Nothing; a validator may be entered.
    Free = 0,
    /// A validator that may receive stake.
    Active = 1,
    /// A validator whose stake leaves for good; once all of it is back, the record can be removed.
    Draining = 2,
}

/// A validator of the pool and what was last seen in its stake accounts. Contributions are all lamports of an
/// account: rent that the pool put in is still the pool's money.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct ValidatorRecord {
    pub vote: Pubkey,
    /// Keys of the main, onramp and offramp stake accounts, by `StakeRole`.
    pub stakes: [Pubkey; 3],
    /// Lamports last seen in them.
    pub lamports: [u64; 3],
    /// Delegated and not cooling down, warming up included, as of the last look.
    pub staked_lamports: u64,
    /// Of the offramp's lamports, the stake that was sent to cool down.
    pub cooling_lamports: u64,
    /// Of the main account's lamports, stake too small to be moved that was sent to cool down where it is.
    pub main_cooling_lamports: u64,
    pub last_update_epoch: u64,
    pub last_move_epoch: u64,
    /// Share of the pool's stake relative to the other validators.
    pub weight: u32,
    pub generation: u32,
    /// Score in basis points of 1; weight × score decides the target.
    pub score_bps: u16,
    pub status: u8,
    /// Bit `role`: that account holds stake, so an update must be given it.
    pub in_use: u8,
    /// What the main account gained, of its lamports, in the last epoch in which it gained, in parts per billion.
    pub gain_ppb: u32,

    /// What its bond backs with, as of the bond's last settlement.
    pub bond_lamports: u64,
    /// What its bond pays per staked SOL and epoch, as of then.
    pub bid_ppb: u32,
    /// Validators of one operator or place; 0 is no group.
    pub group: u16,
    /// Commission at the last review, and the highest one seen since the bond was last settled.
    pub commission_bps: u16,
    pub highest_commission_bps: u16,
    /// Credits at the last review as a share of the mean.
    pub credit_ratio_bps: u16,
    /// Why it has its score: `tidepool_math::score::Verdict`.
    pub verdict: u8,
    /// Whether it joined by itself: then its bond has to last.
    pub has_joined: u8,
    pub padding: [u8; 2],
    /// Last epoch in whose means it was counted.
    pub reviewed_epoch: u64,
    /// What was slashed and its bond has not paid yet.
    pub lost_lamports: u64,
    /// When it was entered: its bond owes nothing for the time before.
    pub entered_epoch: u64,
    /// `staked_lamports` as `opening_epoch` found them, the last epoch in which they were written.
    pub opening_stake_lamports: u64,
    pub opening_epoch: u64,
    pub reserved: [u8; 32],
}

impl ValidatorRecord {
    /// Whether there is a validator in this slot of the page.
    pub fn is_listed(&self) -> bool {
        self.status != ValidatorStatus::Free as u8
    }

    pub fn is_draining(&self) -> bool {
        self.status == ValidatorStatus::Draining as u8
    }

    /// Lets its stake leave for good. All of its accounts have to be closed, so from now on an update must be given them all.
    pub fn drain(&mut self) {
        self.status = ValidatorStatus::Draining as u8;
        for role in StakeRole::ALL {
            self.set_in_use(role, true);
        }
    }

    /// The stake that `epoch` began with.
    pub fn opening_stake(&self, epoch: Epoch) -> Lamports {
        Lamports(match self.opening_epoch == epoch {
            true => self.opening_stake_lamports,
            false => self.staked_lamports,
        })
    }

    /// Whether it joined for a bond of which, as of the last settlement, less than half is left.
    pub fn lacks_bond(&self, rules: &ValidatorRules) -> bool {
        self.has_joined != 0 && self.bond_lamports < rules.join_bond_lamports / 2
    }

    /// Whether nothing is left in its stake accounts, not even their rent.
    pub fn is_empty(&self) -> bool {
        self.lamports == [0; 3]
    }

    /// Whether nothing is staked with it for ever: what it had is on its way back, or is back.
    pub fn has_left(&self) -> bool {
        self.is_draining() && self.staked_lamports == 0
    }

    /// Whether its stake has to leave, and at once.
    pub fn must_leave(&self) -> bool {
        self.is_draining() || self.score_bps == 0
    }

    pub fn key(&self, role: StakeRole) -> &Pubkey {
        &self.stakes[role as usize]
    }

    pub fn lamports(&self, role: StakeRole) -> u64 {
        self.lamports[role as usize]
    }

    pub fn uses(&self, role: StakeRole) -> bool {
        self.in_use & (1 << role as u8) != 0
    }

    pub fn set_in_use(&mut self, role: StakeRole, used: bool) {
        let bit = 1 << role as u8;
        self.in_use = if used { self.in_use | bit } else { self.in_use & !bit };
    }

    /// The part of a stake account's lamports that is booked as cooling down.
    pub fn cooling_mut(&mut self, role: StakeRole) -> Option<&mut u64> {
        match role {
            StakeRole::Main => Some(&mut self.main_cooling_lamports),
            StakeRole::Onramp => None,
            StakeRole::Offramp => Some(&mut self.cooling_lamports),
        }
    }

    /// Books active stake that went to the offramp to cool down.
    pub fn move_to_offramp(&mut self, lamports: Lamports) {
        let [main, _, offramp] = &mut self.lamports;
        *main = main.saturating_sub(lamports.0);
        *offramp = offramp.saturating_add(lamports.0);
        self.cooling_lamports = self.cooling_lamports.saturating_add(lamports.0);
        self.set_in_use(StakeRole::Offramp, true);
    }

    /// Notes what the main account, which held `before`, has gained since it was last seen. Before fees, and of its stake
    /// alone: what stake earns that leaves the pool.
    pub fn note_gain(&mut self, gain: Lamports, before: Lamports, epoch: Epoch) {
        let ppb = math::gain_ppb(gain, before);
        if self.last_update_epoch == epoch {
            self.gain_ppb = self.gain_ppb.saturating_add(ppb).min(math::entry::MAX_EPOCH_GAIN_PPB);
        } else if ppb > 0 {
            self.gain_ppb = ppb;
        }
    }

    /// Active stake of a depositor joined the main account, with all lamports that came with it.
    pub fn take_in(&mut self, lamports: Lamports) {
        let [main, _, _] = &mut self.lamports;
        *main = main.saturating_add(lamports.0);
    }

    /// Active stake left the main account with its owner.
    pub fn hand_out(&mut self, lamports: Lamports) -> Result<()> {
        let [main, _, _] = &mut self.lamports;
        *main = Lamports(*main).minus(lamports).named()?.0;
        Ok(())
    }

    /// Whether depositors may bring stake of this validator.
    pub fn takes_stake(&self) -> bool {
        self.effective_weight() > 0
    }

    /// Weight × score: what the target is proportional to. Nothing once it drains.
    pub fn effective_weight(&self) -> u64 {
        match self.status == ValidatorStatus::Active as u8 {
            true => u64::from(self.weight) * u64::from(self.score_bps),
            false => 0,
        }
    }
}

/// Thirty-two validators in one account, so that one account lock serves them all.
#[account(zero_copy)]
#[repr(C)]
pub struct ValidatorPage {
    pub pool: Pubkey,
    pub index: u32,
    pub bump: u8,
    pub reserved: [u8; 27],
    pub records: [ValidatorRecord; RECORDS_PER_PAGE],
}

impl ValidatorPage {
    /// Bytes of the account.
    pub const SPACE: usize = 8 + core::mem::size_of::<Self>();

    /// The validator `vote` at `slot`; a freed slot may have been given to another, so both are named.
    pub fn validator(&mut self, slot: u8, vote: &Pubkey) -> Result<&mut ValidatorRecord> {
        let record = self.records.get_mut(usize::from(slot)).ok_or(TidepoolError::NoSuchValidator)?;
        ensure(record.is_listed() && record.vote == *vote, TidepoolError::NoSuchValidator)?;
        Ok(record)
    }
}
