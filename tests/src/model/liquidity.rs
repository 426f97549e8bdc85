//! Those who lend SOL to people who leave at once.

use super::{
    admin::Function,
    books::liquidity_value_ceil,
    check,
    numbers::{floor, something, Amount, Rate},
    tickets::NewTicket,
    Liquidity, Model, Owner, Refusal, TicketKind,
};

/// Less than this is not worth a ticket of its own.
const LEAST_TO_RECYCLE: Amount = 100_000_000;

impl Liquidity {
    fn add(&mut self, sol: Amount, slot: Amount) {
        if self.add_slot != slot {
            (self.add_slot, self.added) = (slot, 0);
        }
        self.sol += sol;
        self.added += sol;
    }

    /// What a provider takes out, or gives up.
    pub(super) fn take(&mut self, sol: Amount, lst: Amount) {
        self.sol -= sol;
        self.lst -= lst;
        self.added = (self.added - sol).max(0);
    }

    pub(super) fn note_exit(&mut self, fee: Amount, slot: Amount) {
        self.exit_fees = self.fees_of(slot) + fee;
        self.exit_slot = slot;
    }

    /// Fees of exits of this slot, which nobody takes with him in it.
    fn fees_of(&self, slot: Amount) -> Amount {
        match self.exit_slot == slot {
            true => self.exit_fees,
            false => 0,
        }
    }

    /// What instant exits are paid from and priced by: SOL added in this very slot might be borrowed for them.
    pub(super) fn sol_for_exits(&self, slot: Amount) -> Amount {
        let added = if self.add_slot == slot { self.added } else { 0 };
        (self.sol - added).max(0)
    }
}

impl Model {
    /// SOL into the vault for liquidity shares. All the liquidity pool owns is priced at the entry rate, rounded up. Gives
    /// the shares.
    pub fn add_liquidity(
        &mut self,
        user: usize,
        lamports: Amount,
        min_out: Amount,
    ) -> Result<Amount, Refusal> {
        self.attempt(|m| {
            m.touch();
            m.touch_liquidity();
            m.require_open(Function::AddLiquidity)?;
            check(lamports > 0, Refusal::ZeroAmount)?;
            let value = liquidity_value_ceil(&m.books, &m.entry_rate());
            let shares = Rate { value, supply: m.books.liquidity.lp_supply }.shares(lamports)?;
            let shares = something(shares)?;
            check(shares >= min_out, Refusal::BelowMinimumOut)?;
            m.pay(user, lamports)?;

            m.books.vaults.liquidity_sol += lamports;
            m.books.vaults.lp_minted += shares;
            m.books.people[user].lp += shares;
            m.books.liquidity.add(lamports, m.cluster.slot);
            m.books.liquidity.lp_supply += shares;
            Ok(shares)
        })
    }

    /// Liquidity shares for their part of all that the liquidity pool owns. Gives SOL and LST.
    pub fn remove_liquidity(
        &mut self,
        user: usize,
        lp: Amount,
        (min_sol, min_lst): (Amount, Amount),
    ) -> Result<(Amount, Amount), Refusal> {
        self.attempt(|m| {
            m.touch();
            m.touch_liquidity();
            check(lp > 0, Refusal::ZeroAmount)?;
            check(m.books.people[user].lp >= lp, Refusal::InsufficientBalance)?;
            let paid_for = m.paid_for(lp);
            let (sol, lst) = m.books.liquidity_part(paid_for);
            // What is worth something, but all of it in tickets, has to wait for them.
            let is_worth_something =
                floor(m.books.liquidity_sol(), paid_for, m.books.liquidity.lp_supply) > 0;
            let nothing_now =
                if is_worth_something { Refusal::InsufficientLiquidity } else { Refusal::AmountTooSmall };
            check(sol > 0 || lst > 0, nothing_now)?;
            check(sol >= min_sol && lst >= min_lst, Refusal::BelowMinimumOut)?;

            m.books.people[user].lp -= lp;
            m.books.vaults.lp_minted -= lp;
            m.books.vaults.liquidity_sol -= sol;
            m.books.vaults.liquidity_lst -= lst;
            m.books.people[user].sol += sol;
            m.books.people[user].lst += lst;
            m.books.liquidity.lp_supply -= lp;
            m.books.liquidity.take(sol, lst);
            Ok((sol, lst))
        })
    }

    /// Of `lp` shares that are given back, those that are paid for: their part of all but the fees of this slot.
    fn paid_for(&self, lp: Amount) -> Amount {
        let value = self.books.liquidity_sol() + self.rate().lamports(self.books.liquidity.lst);
        let fees = self.books.liquidity.fees_of(self.cluster.slot);
        match value > 0 && fees > 0 {
            true => floor(lp, (value - fees).max(0), value),
            false => lp,
        }
    }

    /// Turns LST of the vault into a ticket of the liquidity pool's own, for what it lacks of its target; at par, without a
    /// fee. Gives the LST; 0 if there is not enough to do.
    pub fn recycle(&mut self, place: NewTicket) -> Result<Amount, Refusal> {
        self.attempt(|m| {
            check(m.is_move_window(), Refusal::OutsideMoveWindow)?;
            m.touch();
            m.touch_liquidity();
            let missing = (m.books.liquidity.target - m.books.liquidity_sol()).max(0);
            let rate = m.rate();
            let lst = rate.shares_ceil(missing)?.min(m.books.liquidity.lst);
            let lamports = rate.lamports(lst);
            if lamports < LEAST_TO_RECYCLE {
                return Ok(0);
            }
            m.books.vaults.liquidity_lst -= lst;
            m.books.vaults.lst_minted -= lst;
            m.books.liquidity.lst -= lst;
            let first = m.books.pool.queue.total;
            m.open_ticket(TicketKind::Recycled, Owner::LiquidityPool, (lst, lst), lamports, place)?;
            m.books.liquidity.ticket_units += m.books.pool.queue.total - first;
            Ok(lst)
        })
    }

    /// A provider burns shares by the token program; the pool learns of it by a sync.
    pub fn burn_lp(&mut self, user: usize, lp: Amount) {
        self.books.people[user].lp -= lp;
        self.books.vaults.lp_minted -= lp;
    }
}
