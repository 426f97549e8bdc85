//! What becomes of orders, and of LST that the liquidity pool turns into tickets.

use {
    super::{agree, amounts::at_least, Difference, Done, KnownTicket, NextTicket, Stage, MOST_TICKETS},
    crate::action::Least,
    solana_signer::Signer,
    tidepool_localnet::world::User,
    tidepool_tests::model::{NewTicket, Owner, TicketKind},
};

impl Stage {
    /// Place and account of one of the open tickets, if there is any.
    pub(super) fn ticket(&self, index: u16) -> Option<(usize, KnownTicket)> {
        let place = usize::from(index).checked_rem(self.tickets.len())?;
        Some((place, self.tickets[place]))
    }

    pub(super) fn settle(&mut self, index: u16) -> Result<Done, Difference> {
        let Some((place, known)) = self.ticket(index) else { return Ok(Done::Idle) };
        let ticket = self.model.books.tickets[place];
        match (ticket.kind, ticket.owner) {
            (TicketKind::Recycled, _) => self.collect(index),
            (TicketKind::Cancelled, _) => self.release(index),
            (TicketKind::Order, Owner::Person(owner)) => {
                let predicted = self.model.claim(place);
                let owner = self.people[owner].wallet.pubkey();
                let real = self.send(&self.keys.claim_ticket(&known.key, &owner, &known.rent_payer), &[]);
                agree(predicted.map(|paid| format!("{paid} lamports")), real)
            }
            (TicketKind::Order, Owner::LiquidityPool) => Ok(Done::Idle),
        }
    }

    pub(super) fn collect(&mut self, index: u16) -> Result<Done, Difference> {
        let Some((place, known)) = self.ticket(index) else { return Ok(Done::Idle) };
        let predicted = self.model.collect(place);
        let real = self.send(&self.keys.collect_recycled(&known.key, &known.rent_payer), &[]);
        agree(predicted.map(|paid| format!("{paid} lamports")), real)
    }

    pub(super) fn release(&mut self, index: u16) -> Result<Done, Difference> {
        let Some((place, known)) = self.ticket(index) else { return Ok(Done::Idle) };
        let predicted = self.model.release(place);
        let real = self.send(&self.keys.release_ticket(&known.key, &known.rent_payer), &[]);
        agree(predicted.map(|is_done| format!("released: {is_done}")), real)
    }

    /// Of even numbers one of that kind, if there is any.
    pub(super) fn of_kind(&self, index: u16, kind: TicketKind) -> u16 {
        let places = 0..self.model.books.tickets.len() as u16;
        let found: Vec<u16> =
            places.filter(|place| self.model.books.tickets[usize::from(*place)].kind == kind).collect();
        match index.is_multiple_of(2) && !found.is_empty() {
            true => found[usize::from(index / 2) % found.len()],
            false => index,
        }
    }

    /// The owner of a ticket, or somebody who says that he is.
    pub(super) fn signer_for(&self, place: usize, by: Option<u8>) -> usize {
        match (by, self.model.books.tickets[place].owner) {
            (Some(user), _) => user.into(),
            (None, Owner::Person(owner)) => owner,
            (None, Owner::LiquidityPool) => 0,
        }
    }

    pub(super) fn cancel(&mut self, index: u16, by: Option<u8>, least: Least) -> Result<Done, Difference> {
        let Some((place, known)) = self.ticket(index) else { return Ok(Done::Idle) };
        let signer = self.signer_for(place, by);
        let min = at_least(least, self.model.preview(|m| m.cancel(place, signer, 0)));
        let predicted = self.model.cancel(place, signer, min.into());
        let User { wallet, lst, .. } = self.people[signer].clone();
        let cancel = self.keys.cancel_ticket(&known.key, &wallet.pubkey(), &known.rent_payer, &lst, min);
        let real = self.send(&cancel, &[&wallet]);
        agree(predicted.map(|lst| format!("{lst} LST")), real)
    }

    pub(super) fn transfer(&mut self, index: u16, by: Option<u8>, to: usize) -> Result<Done, Difference> {
        let Some((place, known)) = self.ticket(index) else { return Ok(Done::Idle) };
        let signer = self.signer_for(place, by);
        let predicted = self.model.transfer(place, signer, to);
        let (wallet, to) = (self.people[signer].wallet.insecure_clone(), self.people[to].wallet.pubkey());
        let real = self.send(&self.keys.transfer_ticket(&known.key, &wallet.pubkey(), &to), &[&wallet]);
        agree(predicted.map(|()| String::new()), real)
    }

    pub(super) fn recycle(&mut self, payer: Option<usize>) -> Result<Done, Difference> {
        if self.model.books.tickets.len() >= MOST_TICKETS {
            return Ok(Done::Idle);
        }
        let last = self.next_tickets.len() - 1;
        let NextTicket { nonce, gift } = self.next_tickets[last];
        let predicted = self.model.recycle(NewTicket { id: self.next_id, rent_payer: payer, gift });
        let faucet = self.chain.faucet();
        let wallet = payer.map_or(faucet, |payer| &self.people[payer].wallet).insecure_clone();
        let real = self.send(&self.keys.recycle_liquidity(&wallet.pubkey(), nonce), &[&wallet]);
        if real.is_ok() && predicted.is_ok_and(|lst| lst > 0) {
            let owner = self.keys.sol_vault;
            self.note_ticket(last, &owner, wallet.pubkey());
        }
        agree(predicted.map(|lst| format!("{lst} LST")), real)
    }
}
