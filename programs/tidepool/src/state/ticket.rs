use {
    anchor_lang::prelude::*,
    tidepool_math::{Epoch, TicketRange},
};

/// What a ticket is.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketKind {
    /// A holder's order: paid to its owner.
    Order,
    /// LST that the liquidity pool gave for SOL: paid to its vault and booked there.
    Recycled,
    /// What a cancellation left in the middle of the queue: a gap to be skipped.
    Cancelled,
}

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
    pub kind: TicketKind,
}

impl Ticket {
    /// Bytes of the account.
    pub const SPACE: usize = Self::DISCRIMINATOR.len() + Self::INIT_SPACE;

    pub fn range(&self) -> TicketRange {
        TicketRange { start: self.queue_start, units: self.units }
    }

    pub fn is_open_order(&self) -> bool {
        self.kind == TicketKind::Order
    }

    /// Units of the ticket that were not paid.
    pub fn unpaid_units(&self) -> u64 {
        self.units.saturating_sub(self.paid_units)
    }

    /// Becomes the gap that its cancellation left.
    pub fn leave_gap(&mut self, gap: &TicketRange) {
        self.kind = TicketKind::Cancelled;
        self.queue_start = gap.start;
        self.units = gap.units;
        self.paid_units = 0;
        self.lamports = 0;
        self.lst_amount = 0;
    }

    pub fn is_claimable_in(&self, epoch: Epoch) -> bool {
        epoch > self.created_epoch
    }

    pub fn is_paid(&self) -> bool {
        self.paid_units == self.units
    }
}
