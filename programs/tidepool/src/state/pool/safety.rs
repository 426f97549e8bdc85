//! Who may do what, and what may be stopped for a while.

use {
    super::Pool,
    crate::errors::{ensure, Result, TidepoolError},
    anchor_lang::prelude::*,
    tidepool_interface::{
        header::{Function, BREAKER},
        limits::PAUSE_EPOCHS,
    },
    tidepool_math::Epoch,
};

/// What somebody can be to a pool. A role may be any account that can sign, a program's too.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Parameters, fees, roles.
    Admin,
    /// Validators and their weights.
    Manager,
    /// May pause, for a while.
    Guardian,
    /// The token account that receives fees.
    Treasury,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Admin, Self::Manager, Self::Guardian, Self::Treasury];
}

impl Pool {
    /// Notes who is to take over a role; nobody does until he accepts.
    pub fn propose(&mut self, role: Role, successor: Pubkey) -> Result<()> {
        ensure(successor != Pubkey::default(), TidepoolError::InvalidParameter)?;
        self.proposed[role as usize] = successor;
        Ok(())
    }

    /// Forgets a proposal and gives whom it named.
    pub fn cancel_proposal(&mut self, role: Role) -> Result<Pubkey> {
        let proposed = core::mem::take(&mut self.proposed[role as usize]);
        ensure(proposed != Pubkey::default(), TidepoolError::NoProposal)?;
        Ok(proposed)
    }

    /// Hands a role over to whom was proposed for it, and gives who had it.
    pub fn hand_over(&mut self, role: Role, successor: &Pubkey) -> Result<Pubkey> {
        ensure(self.proposed[role as usize] == *successor, TidepoolError::NotTheProposed)?;
        self.cancel_proposal(role)?;
        let holder = match role {
            Role::Admin => &mut self.admin,
            Role::Manager => &mut self.manager,
            Role::Guardian => &mut self.guardian,
            Role::Treasury => &mut self.treasury,
        };
        Ok(core::mem::replace(holder, *successor))
    }

    pub fn holder(&self, role: Role) -> Pubkey {
        match role {
            Role::Admin => self.admin,
            Role::Manager => self.manager,
            Role::Guardian => self.guardian,
            Role::Treasury => self.treasury,
        }
    }

    pub fn require_open(&self, function: Function) -> Result<()> {
        ensure(!self.is_paused(function), TidepoolError::Paused)
    }

    pub fn is_paused(&self, function: Function) -> bool {
        function.is_shut_by(self.pause_flags)
    }

    /// Pauses a function until `PAUSE_EPOCHS` from now. The admin may do so again and again; the guardian's pause is over
    /// when it is over: within its time he may lift and set it, and then not before as much time again has passed.
    pub fn pause(&mut self, function: Function, is_admin: bool, epoch: Epoch) -> Result<()> {
        let end = &mut self.pause_end_epoch[function as usize];
        let is_running = epoch < *end;
        if is_admin || !is_running {
            let rested = *end == 0 || epoch >= end.saturating_add(PAUSE_EPOCHS);
            ensure(is_admin || rested, TidepoolError::GuardianPauseSpent)?;
            *end = epoch.saturating_add(PAUSE_EPOCHS);
        }
        self.pause_flags |= function.bit();
        Ok(())
    }

    /// Opens a function again. The admin thereby gives the guardian a new pause.
    pub fn resume(&mut self, function: Function, is_admin: bool) {
        self.pause_flags &= !function.bit();
        if is_admin {
            self.pause_end_epoch[function as usize] = 0;
        }
    }

    /// Closes the breaker: what was found is right. It does not count any more, or the next lamport would open it again.
    pub fn close_breaker(&mut self) {
        self.pause_flags &= !BREAKER;
        self.epoch_gain = 0;
        self.epoch_loss = 0;
    }

    pub(super) fn end_pauses(&mut self, epoch: Epoch) {
        if self.pause_flags == 0 {
            return;
        }
        if epoch >= self.breaker_end_epoch {
            self.pause_flags &= !BREAKER;
        }
        for function in Function::ALL {
            if epoch >= self.pause_end_epoch[function as usize] {
                self.pause_flags &= !function.bit();
            }
        }
    }
}
