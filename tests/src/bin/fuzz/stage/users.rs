//! What those do who hold LST or liquidity shares.

use {
    super::{
        agree,
        amounts::{amount, at_least},
        Difference, Done, KnownTicket, NextTicket, Stage, MOST_TICKETS,
    },
    crate::action::{Least, Size},
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    tidepool_interface::pda,
    tidepool_localnet::world::User,
    tidepool_tests::model::NewTicket,
};

impl Stage {
    pub(super) fn deposit(
        &mut self,
        user: usize,
        size: Size,
        least: Least,
        referrer: Option<usize>,
    ) -> Result<Done, Difference> {
        let lamports = amount(size, self.model.books.people[user].sol);
        let min = at_least(least, self.model.preview(|m| m.deposit(user, referrer, lamports.into(), 0)));
        let predicted = self.model.deposit(user, referrer, lamports.into(), min.into());
        let User { wallet, lst, .. } = self.people[user].clone();
        let referrer = referrer.map(|referrer| self.people[referrer].lst);
        let deposit = self.keys.deposit_referred(&wallet.pubkey(), &lst, referrer.as_ref(), lamports, min);
        let real = self.send(&deposit, &[&wallet]);
        agree(predicted.map(|out| format!("{lamports} lamports for {out} LST")), real)
    }

    pub(super) fn order(
        &mut self,
        user: usize,
        size: Size,
        least: Least,
        pays: bool,
    ) -> Result<Done, Difference> {
        if self.model.books.tickets.len() >= MOST_TICKETS {
            return Ok(Done::Idle);
        }
        let lst = amount(size, self.model.books.people[user].lst);
        let NextTicket { nonce, gift } = self.next_tickets[user];
        let place = NewTicket { id: self.next_id, rent_payer: pays.then_some(user), gift };
        let min = at_least(least, self.model.preview(|m| m.order(user, lst.into(), 0, place)));
        let predicted = self.model.order(user, lst.into(), min.into(), place);
        let User { wallet, lst: from, .. } = self.people[user].clone();
        let owner = wallet.pubkey();
        let rent_payer = if pays { owner } else { self.chain.faucet().pubkey() };
        let order = self.keys.order_unstake(&owner, &rent_payer, &from, lst, min, nonce);
        let real = self.send(&order, &[&wallet]);
        if real.is_ok() {
            self.note_ticket(user, &owner, rent_payer);
        }
        agree(predicted.map(|out| format!("{lst} LST for {out} lamports")), real)
    }

    /// `place`: of the next tickets.
    pub(super) fn note_ticket(&mut self, place: usize, owner: &Pubkey, rent_payer: Pubkey) {
        let next = &mut self.next_tickets[place];
        let key = pda::ticket(&self.keys.pool, owner, next.nonce).0;
        *next = NextTicket { nonce: next.nonce + 1, gift: 0 };
        self.tickets.push(KnownTicket { id: self.next_id, key, rent_payer });
        self.next_id += 1;
    }

    pub(super) fn liquid_unstake(
        &mut self,
        user: usize,
        size: Size,
        least: Least,
    ) -> Result<Done, Difference> {
        let lst = amount(size, self.model.books.people[user].lst);
        let min = at_least(least, self.model.preview(|m| m.liquid_unstake(user, lst.into(), 0)));
        let predicted = self.model.liquid_unstake(user, lst.into(), min.into());
        let User { wallet, lst: from, .. } = self.people[user].clone();
        let exit = self.keys.liquid_unstake(&wallet.pubkey(), &from, lst, min);
        let real = self.send(&exit, &[&wallet]);
        agree(predicted.map(|out| format!("{lst} LST for {out} lamports")), real)
    }

    pub(super) fn add_liquidity(
        &mut self,
        user: usize,
        size: Size,
        least: Least,
    ) -> Result<Done, Difference> {
        let lamports = amount(size, self.model.books.people[user].sol);
        let min = at_least(least, self.model.preview(|m| m.add_liquidity(user, lamports.into(), 0)));
        let predicted = self.model.add_liquidity(user, lamports.into(), min.into());
        let User { wallet, lp, .. } = self.people[user].clone();
        let real = self.send(&self.keys.add_liquidity(&wallet.pubkey(), &lp, lamports, min), &[&wallet]);
        agree(predicted.map(|out| format!("{lamports} lamports for {out} LP")), real)
    }

    pub(super) fn remove_liquidity(
        &mut self,
        user: usize,
        size: Size,
        least: Least,
    ) -> Result<Done, Difference> {
        let lp = amount(size, self.model.books.people[user].lp);
        let out = self.model.preview(|m| m.remove_liquidity(user, lp.into(), (0, 0)));
        let min_sol = at_least(least, out.map(|(sol, _)| sol));
        let min_lst = if least == Least::Quote { at_least(least, out.map(|(_, lst)| lst)) } else { 0 };
        let predicted = self.model.remove_liquidity(user, lp.into(), (min_sol.into(), min_lst.into()));
        let User { wallet, lp: from, lst } = self.people[user].clone();
        let remove = self.keys.remove_liquidity(&wallet.pubkey(), &from, &lst, lp, min_sol, min_lst);
        let real = self.send(&remove, &[&wallet]);
        agree(predicted.map(|(sol, lst)| format!("{lp} LP for {sol} lamports and {lst} LST")), real)
    }
}
