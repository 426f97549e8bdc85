use {
    anchor_lang::prelude::*,
    tidepool_math::{Epoch, TicketRange},
};

/// One unstake order: a range of the queue. It is claimable from the epoch after its creation, as far as the queue
/// has been filled.
#[account]
#[derive(InitSpace)]
pub struct Ticket {
    pub pool: Pubkey,
    pub owner: Pubkey,
    /// Who paid the rent and gets it back.
    pub rent_payer: Pubkey,
    /// How many tickets were ordered before this one.
    pub index: u64,
    /// Units of the queue ordered before this ticket.
    pub queue_start: u128,
    /// Units this ticket owns.
    pub units: u64,
    /// Units of them already paid.
    pub paid_units: u64,
    /// Lamports the ticket was ordered for; a loss before payment lowers what is paid.
    pub lamports: u64,
    /// LST burned for it.
    pub lst_amount: u64,
    pub created_epoch: u64,
}

impl Ticket {
    /// Bytes of the account.
    pub const SPACE: usize = Self::DISCRIMINATOR.len() + Self::INIT_SPACE;

    pub fn range(&self) -> TicketRange {
        TicketRange { start: self.queue_start, units: self.units }
    }

    pub fn is_claimable_in(&self, epoch: Epoch) -> bool {
        epoch > self.created_epoch
    }

    pub fn is_paid(&self) -> bool {
        self.paid_units == self.units
    }
}
