//! What keepers do.

use super::{
    admin::{Function, Keeper, TREASURY},
    books::StakeBook,
    check,
    numbers::{ceil, Amount, BPS},
    Books, Cluster, Model, Refusal,
};

/// A stake account of the pool by the number of its validator and its role: main, onramp, offramp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakeAccount {
    pub validator: usize,
    pub role: usize,
}

impl Model {
    /// What the cluster has done with a stake account; the pool does not know it yet.
    pub fn lies(&mut self, account: StakeAccount, lamports: Amount) {
        self.books.stakes[account.validator][account.role].lamports = lamports;
    }

    /// Brings the books in line with the world: gifts and burned tokens are streamed, fees are paid, the insurance is funded.
    pub fn sync(&mut self) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.touch();
            m.touch_liquidity();
            m.begin_epoch();
            m.give_up_burned_lp();
            m.count_gifts();
            m.count_burned();
            m.pay_fees();
            m.fund_insurance();
            m.fill();
            Ok(())
        })
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
        self.gain(gift, |books| books.pool.reserve += gift);
    }

    fn count_burned(&mut self) {
        let issued = self.books.pool.supply - self.books.pool.fee_shares_due;
        self.burned(issued - self.books.vaults.lst_minted);
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
            _ => self.burned(due),
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

    /// Looks at stake accounts: what they have more is a gain, what they have less a loss, gains first. `left` is what lies
    /// in them afterwards: what is gone from all of them together came back to the reserve.
    pub fn update(&mut self, accounts: &[StakeAccount], left: &[Amount]) -> Result<(), Refusal> {
        self.attempt(|m| {
            check(!m.cluster.pays_rewards, Refusal::EpochRewardsActive)?;
            m.touch();
            m.begin_epoch();
            let looked_at: Vec<_> =
                accounts.iter().map(|account| m.books.stakes[account.validator][account.role]).collect();
            let gain = looked_at.iter().map(|book| (book.lamports - book.seen).max(0)).sum();
            let loss = looked_at.iter().map(|book| (book.seen - book.lamports).max(0)).sum();
            let lay: Amount = looked_at.iter().map(|book| book.lamports).sum();

            m.look_at_validators(accounts);
            m.gain(gain, |books| {
                books.of(accounts, |book| book.seen = book.seen.max(book.lamports));
            });
            m.lose(loss, |books| books.of(accounts, |book| book.seen = book.lamports))?;
            for (account, left) in accounts.iter().zip(left) {
                m.books.of(&[*account], |book| (book.seen, book.lamports) = (*left, *left));
            }
            let returned = lay - left.iter().sum::<Amount>();
            m.books.pool.reserve += returned;
            m.books.vaults.reserve += returned;
            m.fill();
            Ok(())
        })
    }

    /// Notes what the main accounts have gained, and how many validators this epoch has seen.
    fn look_at_validators(&mut self, accounts: &[StakeAccount]) {
        let Books { stakes, validators, pool, .. } = &mut self.books;
        for StakeAccount { validator, .. } in accounts.iter().filter(|account| account.role == 0) {
            let main = stakes[*validator][0];
            let gain = (main.lamports - main.seen).max(0);
            if validators[*validator].look(
                gain,
                main.seen,
                self.cluster.minimum_delegation,
                self.cluster.epoch,
            ) {
                pool.updated += 1;
                if pool.updated == validators.len() as Amount {
                    pool.last_update_epoch = self.cluster.epoch;
                }
            }
        }
    }

    /// Stakes what the reserve can spare with a validator below its target. `moved` is what came to the onramp.
    pub fn delegate(&mut self, onramp: StakeAccount, moved: Amount) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.require_stake_moves()?;
            // A crank that finds nothing to do leaves the pool as it was, but for what is released and covered.
            m.touch();
            m.fill();
            m.books.pool.reserve -= moved;
            m.books.vaults.reserve -= moved;
            m.books.of(&[onramp], |book| {
                book.seen += moved;
                book.lamports += moved;
            });
            Ok(())
        })
    }

    /// The most a delegation may take now.
    pub fn most_to_delegate(&self) -> Amount {
        let mut now = self.touched();
        now.fill();
        let is_paused = now.require_open(Function::Delegation).is_err();
        if is_paused || !now.books.pool.queue.is_filled() {
            return 0;
        }
        let buffer = ceil(now.books.value(), now.books.pool.settings.reserve_target, BPS);
        (now.books.free_reserve() - buffer).max(0)
    }

    /// Sends stake to cool down. `left`: what lies in main and offramp afterwards.
    pub fn undelegate(&mut self, accounts: &[StakeAccount], left: &[Amount]) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.require_stake_moves()?;
            m.touch();
            m.fill();
            m.begin_epoch();
            for (account, left) in accounts.iter().zip(left) {
                m.books.of(&[*account], |book| {
                    book.seen += left - book.lamports;
                    book.lamports = *left;
                });
            }
            Ok(())
        })
    }

    fn require_stake_moves(&self) -> Result<(), Refusal> {
        check(!self.cluster.pays_rewards, Refusal::EpochRewardsActive)?;
        self.require_move_window()
    }

    pub(super) fn require_move_window(&self) -> Result<(), Refusal> {
        let Cluster { slot, first_slot, slots_per_epoch, .. } = self.cluster;
        let open = ceil(slots_per_epoch, self.books.pool.settings.move_window, BPS);
        check(slot - first_slot + open >= slots_per_epoch, Refusal::OutsideMoveWindow)
    }
}

impl Books {
    fn of(&mut self, accounts: &[StakeAccount], change: impl Fn(&mut StakeBook)) {
        accounts.iter().for_each(|account| change(&mut self.stakes[account.validator][account.role]));
    }
}
