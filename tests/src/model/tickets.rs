//! Orders and what becomes of them.

use super::{
    check,
    numbers::{ceil, floor, something, Amount, BPS},
    Mistake, Model, Owner, Refusal, Ticket, TicketKind,
};

/// Where a new ticket is written, and who pays for it.
#[derive(Clone, Copy, Debug)]
pub struct NewTicket {
    pub id: u64,
    /// `None` for somebody outside.
    pub rent_payer: Option<usize>,
    /// What strangers have sent to its address.
    pub gift: Amount,
}

impl Model {
    /// Burns LST, but for the fee, which goes to the treasury; a ticket for what it is worth joins the end of the line.
    /// Gives the lamports.
    pub fn order(
        &mut self,
        user: usize,
        lst: Amount,
        min_out: Amount,
        place: NewTicket,
    ) -> Result<Amount, Refusal> {
        self.attempt(|m| {
            m.touch();
            check(lst > 0, Refusal::ZeroAmount)?;
            check(lst <= m.books.pool.supply, Refusal::InsufficientBalance)?;
            let fee = ceil(lst, m.books.pool.fees.ticket, BPS);
            let lamports = something(m.rate().lamports(lst - fee))?;
            check(m.books.people[user].lst >= lst, Refusal::InsufficientBalance)?;
            check(lamports >= min_out, Refusal::BelowMinimumOut)?;

            m.books.people[user].lst -= lst;
            m.books.vaults.lst_minted -= lst;
            m.books.pool.fee_shares_due += fee;
            m.open_ticket(TicketKind::Order, Owner::Person(user), (lst, lst - fee), lamports, place)?;
            Ok(lamports)
        })
    }

    /// Takes `burned` of the `lst` given out of the supply and writes a ticket for `lamports`.
    pub(super) fn open_ticket(
        &mut self,
        kind: TicketKind,
        owner: Owner,
        (lst, burned): (Amount, Amount),
        lamports: Amount,
        NewTicket { id, rent_payer, gift }: NewTicket,
    ) -> Result<(), Refusal> {
        let pool = &mut self.books.pool;
        pool.supply -= burned;
        if pool.order_slot != self.cluster.slot {
            (pool.order_slot, pool.total_before) = (self.cluster.slot, pool.queue.total);
            pool.cancelled_before = pool.queue.cancelled;
        }
        let (start, units) = pool.queue.order(lamports)?;
        pool.tickets_ordered += 1;
        self.fill();
        let (rent, epoch) = (self.cluster.ticket_rent, self.cluster.epoch);
        if let Some(payer) = rent_payer {
            // A fresh account is paid by the system program, which has an error of its own.
            self.pay(payer, rent).map_err(|error| if gift == 0 { Refusal::TooFewLamports } else { error })?;
        }
        let (held, paid) = (gift + rent, 0);
        let ticket = Ticket { id, kind, owner, rent_payer, held, start, units, paid, lamports, lst, epoch };
        self.books.tickets.push(ticket);
        Ok(())
    }

    /// Pays a ticket's owner what is covered and closes a ticket that is paid; of a ticket of the liquidity pool, pays into
    /// its vault and books it there. `place`: which of the open tickets. Gives the lamports.
    pub fn claim(&mut self, place: usize) -> Result<Amount, Refusal> {
        self.attempt(|m| {
            m.touch();
            let ticket = m.books.tickets[place];
            check(ticket.kind != TicketKind::Cancelled, Refusal::TicketCancelled)?;
            check(ticket.kind != TicketKind::Recycled, Refusal::TicketIsRecycled)?;
            let (units, lamports) = m.due(&ticket)?;
            let Owner::Person(owner) = ticket.owner else { return Err(Refusal::TicketIsRecycled) };
            let wallet = m.books.people[owner].sol;
            let stays_alive = lamports == 0 || wallet > 0 || lamports >= m.cluster.wallet_rent;
            check(stays_alive, Refusal::PayoutBelowRent)?;

            m.books.people[owner].sol += lamports;
            m.settle(place, units, lamports);
            Ok(lamports)
        })
    }

    /// [`Model::claim`] for a ticket of the liquidity pool.
    pub fn collect(&mut self, place: usize) -> Result<Amount, Refusal> {
        self.attempt(|m| {
            let ticket = m.books.tickets[place];
            check(ticket.kind == TicketKind::Recycled, Refusal::TicketNotRecycled)?;
            m.touch();
            m.touch_liquidity();
            let (units, lamports) = m.due(&ticket)?;
            m.books.vaults.liquidity_sol += lamports;
            m.books.liquidity.sol += lamports;
            m.books.liquidity.ticket_units -= units;
            m.settle(place, units, lamports);
            Ok(lamports)
        })
    }

    /// Units that can be paid, and their worth. Nothing but the end of a ticket is paid with nothing.
    fn due(&self, ticket: &Ticket) -> Result<(Amount, Amount), Refusal> {
        check(self.cluster.epoch > ticket.epoch, Refusal::TicketTooYoung)?;
        let queue = &self.books.pool.queue;
        let units = queue.covered(ticket.start, ticket.units) - ticket.paid;
        let lamports = queue.worth(units);
        check(lamports > 0 || ticket.paid + units == ticket.units, Refusal::TicketNotFilled)?;
        Ok((units, lamports))
    }

    fn settle(&mut self, place: usize, units: Amount, lamports: Amount) {
        self.books.vaults.reserve -= lamports;
        self.books.pool.reserve -= lamports;
        self.books.pool.queue.settled += units;
        self.fill();
        let ticket = &mut self.books.tickets[place];
        ticket.paid += units;
        if ticket.paid == ticket.units {
            self.close(place);
        }
    }

    /// Turns what is unpaid of a ticket back into LST: who comes back pays like a comer, for an epoch's gain at least, and
    /// never gets more than was burned for it. Gives the LST.
    pub fn cancel(&mut self, place: usize, signer: usize, min_out: Amount) -> Result<Amount, Refusal> {
        self.attempt(|m| {
            let ticket = m.books.tickets[place];
            check(ticket.owner == Owner::Person(signer), Refusal::WrongTicketOwner)?;
            check(ticket.kind == TicketKind::Order, Refusal::TicketCancelled)?;
            m.touch();
            let unpaid = ticket.units - ticket.paid;
            let worth = m.books.pool.queue.worth(unpaid);
            let burned = floor(ticket.lst, unpaid, ticket.units);
            let charge = m.return_charge();
            let mut shares = m.rate_with(charge).shares(worth)?.min(burned);
            if m.mistake == Some(Mistake::CancelGivesAllBack) {
                shares = burned;
            }
            let shares = something(shares)?;
            check(shares >= min_out, Refusal::BelowMinimumOut)?;

            m.stream_premium(worth, shares, charge);
            let (start, units) = m.books.pool.queue.cancel(ticket.start, ticket.units, ticket.paid);
            m.books.pool.supply += shares;
            m.mint(signer, shares);
            // A gap that the line has reached already needs no release.
            if units == 0 || m.books.pool.queue.release(start, units) {
                m.close(place);
            } else {
                m.count_gap_before(ticket.start, units);
                let gap = &mut m.books.tickets[place];
                gap.kind = TicketKind::Cancelled;
                (gap.start, gap.units, gap.paid, gap.lamports, gap.lst) = (start, units, 0, 0, 0);
            }
            m.fill();
            Ok(shares)
        })
    }

    /// Skips a gap, once the line has reached it; `false` until then.
    pub fn release(&mut self, place: usize) -> Result<bool, Refusal> {
        self.attempt(|m| {
            let ticket = m.books.tickets[place];
            check(ticket.kind == TicketKind::Cancelled, Refusal::TicketNotCancelled)?;
            m.touch();
            let is_released = m.books.pool.queue.release(ticket.start, ticket.units);
            m.fill();
            if is_released {
                m.count_gap_before(ticket.start, -ticket.units);
                m.close(place);
            }
            Ok(is_released)
        })
    }

    /// A gap comes or goes, of a ticket that stood in the line before the orders of the last slot that had any.
    fn count_gap_before(&mut self, start: Amount, units: Amount) {
        let pool = &mut self.books.pool;
        if start < pool.total_before {
            pool.cancelled_before = (pool.cancelled_before + units).max(0);
        }
    }

    /// Gives a ticket to somebody else.
    pub fn transfer(&mut self, place: usize, signer: usize, to: usize) -> Result<(), Refusal> {
        self.attempt(|m| {
            let ticket = m.books.tickets[place];
            check(ticket.owner == Owner::Person(signer), Refusal::WrongTicketOwner)?;
            check(ticket.kind == TicketKind::Order, Refusal::TicketCancelled)?;
            m.touch();
            m.books.tickets[place].owner = Owner::Person(to);
            Ok(())
        })
    }

    /// All that lies in a ticket's account goes to who paid its rent.
    fn close(&mut self, place: usize) {
        let ticket = self.books.tickets.remove(place);
        if let Some(payer) = ticket.rent_payer {
            self.books.people[payer].sol += ticket.held;
        }
    }
}
