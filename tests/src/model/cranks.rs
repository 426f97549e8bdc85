//! What keepers do once an epoch for the pool as a whole.

use super::{
    admin::{Keeper, TREASURY},
    Gains, Model, Refusal,
};

/// Epochs the history remembers once its account is whole.
const HISTORY: super::Amount = 512;

impl Model {
    /// Brings the books in line with the world: gifts and burned tokens are streamed, fees are paid, the insurance is funded.
    pub fn sync(&mut self) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.touch();
            m.touch_liquidity();
            m.begin_epoch();
            let epoch = m.cluster.epoch;
            let is_first = m.books.pool.synced_in < epoch;
            if m.books.listed() == 0 {
                m.books.pool.last_update_epoch = epoch;
            }
            m.books.pool.synced_in = epoch;
            m.give_up_burned_lp();
            m.count_gifts();
            m.count_burned();
            m.pay_fees();
            m.fund_insurance();
            m.fill();
            if is_first {
                m.record();
            }
            Ok(())
        })
    }

    /// What was gained and lost is written into the history, as soon as that has room for it.
    fn record(&mut self) {
        let pool = &mut self.books.pool;
        if pool.entries % HISTORY < self.cluster.history_room {
            pool.entries += 1;
            (pool.gains, pool.loss) = (Gains::default(), 0);
        }
    }

    /// What burned liquidity shares stood for leaves the liquidity pool's books: it is then found as a gift.
    fn give_up_burned_lp(&mut self) {
        let burned = self.books.liquidity.lp_supply - self.books.vaults.lp_minted;
        if burned > 0 {
            let (sol, lst) = self.books.liquidity_part(burned);
            self.books.liquidity.take(sol, lst);
            self.books.liquidity.lp_supply -= burned;
        }
    }

    /// Lamports nobody booked are a gain; in the insurance vault they are the insurance's. LST nobody booked is burned, and
    /// so is the treasury's part of exit fees, which is then minted with its other fees.
    fn count_gifts(&mut self) {
        let books = &mut self.books;
        let in_vault = books.vaults.liquidity_sol - books.liquidity.sol;
        books.vaults.liquidity_sol -= in_vault;
        books.vaults.reserve += in_vault;
        let lst = books.vaults.liquidity_lst - books.liquidity.lst;
        books.vaults.liquidity_lst -= lst;
        books.vaults.lst_minted -= lst;
        books.pool.fee_shares_due += std::mem::take(&mut books.liquidity.treasury_due);
        books.pool.insurance = books.vaults.insurance;
        let gift = books.vaults.reserve - books.pool.reserve;
        books.pool.gains.gifts += gift;
        self.gain(gift, |books| books.pool.reserve += gift);
    }

    fn count_burned(&mut self) {
        let issued = self.books.pool.supply - self.books.pool.fee_shares_due;
        self.books.pool.gains.gifts += self.burned(issued - self.books.vaults.lst_minted);
    }

    /// A treasury that cannot be paid leaves its fees to the holders.
    fn pay_fees(&mut self) {
        let due = std::mem::take(&mut self.books.pool.fee_shares_due);
        match self.books.pool.holders[TREASURY] {
            Keeper::Person(treasury) => self.mint(treasury, due),
            _ if self.books.vaults.treasury_is_usable => {
                self.books.vaults.treasury_lst += due;
                self.books.vaults.lst_minted += due;
            }
            _ => self.books.pool.gains.fees += self.burned(due),
        }
    }

    /// As far as the reserve has it, and no ticket waits.
    fn fund_insurance(&mut self) {
        let pool = &mut self.books.pool;
        if !pool.queue.is_filled() {
            return;
        }
        let paid = pool.insurance_due.min((pool.reserve - pool.queue.reserved()).max(0));
        pool.insurance_due -= paid;
        pool.reserve -= paid;
        pool.insurance += paid;
        self.books.vaults.reserve -= paid;
        self.books.vaults.insurance += paid;
    }
}
