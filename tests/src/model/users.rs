//! Those who hold the LST.

use super::{
    admin::Function,
    check,
    numbers::{ceil, fits, floor, something, Amount, BPS},
    Mistake, Model, Refusal,
};

const SECONDS_PER_DAY: Amount = 86_400;

impl Model {
    /// A deposit first buys the LST of the liquidity pool at the entry rate, without a fee. For what is left SOL goes into
    /// the reserve and LST is minted at the same rate, `ceil(LST × fee)` of it for the treasury, of which
    /// `floor(fee × share)` goes to a referrer. Gives the LST.
    pub fn deposit(
        &mut self,
        user: usize,
        referrer: Option<usize>,
        lamports: Amount,
        min_out: Amount,
    ) -> Result<Amount, Refusal> {
        self.attempt(|m| {
            m.touch();
            m.require_open(Function::Deposit)?;
            check(lamports > 0, Refusal::ZeroAmount)?;
            check(lamports >= m.books.pool.settings.min_deposit, Refusal::BelowMinimumDeposit)?;
            let entry = match m.mistake {
                Some(Mistake::DepositAtTheRate) => m.rate(),
                _ => m.entry_rate(),
            };
            let for_sale = m.books.liquidity.lst;
            let wanted = entry.shares(lamports)?;
            let mut bought = wanted.min(for_sale);
            let mut paid = lamports;
            let (mut gross, mut fee) = (0, 0);
            if wanted > for_sale {
                paid = entry.lamports_ceil(for_sale);
                gross = entry.shares(lamports - paid)?;
                fee = ceil(gross, m.books.pool.fees.deposit, BPS);
                if gross == fee {
                    // A rest that mints nothing goes to the liquidity pool too.
                    (paid, gross, fee) = (lamports, 0, 0);
                }
            }
            if for_sale == 0 {
                bought = 0;
            }
            let shares = something(bought + gross - fee)?;
            m.require_room(if gross > 0 { lamports - paid } else { 0 })?;
            check(shares >= min_out, Refusal::BelowMinimumOut)?;

            m.pay(user, lamports)?;
            m.books.vaults.liquidity_sol += paid;
            m.books.liquidity.sol += paid;
            m.books.vaults.liquidity_lst -= bought;
            m.books.liquidity.lst -= bought;
            m.books.people[user].lst += bought;
            if bought > 0 {
                m.give_back_instant_cap(paid);
            }
            if gross > 0 {
                let deposited = lamports - paid;
                m.stream_premium(deposited, gross, m.entry_charge());
                m.books.vaults.reserve += deposited;
                m.books.pool.reserve += deposited;
                m.books.pool.supply += gross;
                m.mint(user, gross - fee);
                let referral = referrer.map_or(0, |_| floor(fee, m.books.pool.fees.referral_share, BPS));
                m.books.pool.fee_shares_due += fee - referral;
                if let Some(referrer) = referrer {
                    m.mint(referrer, referral);
                }
                m.fill();
            }
            Ok(shares)
        })
    }

    /// A pool with a cap takes no deposit that brings it above.
    pub(super) fn require_room(&self, lamports: Amount) -> Result<(), Refusal> {
        let cap = self.books.pool.settings.deposit_cap;
        let after = fits(self.found_rate().value + lamports)?;
        check(cap == 0 || after <= cap, Refusal::DepositCapReached)
    }

    /// LST to the liquidity pool, SOL from it, less the fee over the way its liquidity goes. Gives the SOL.
    pub fn liquid_unstake(&mut self, user: usize, lst: Amount, min_out: Amount) -> Result<Amount, Refusal> {
        self.attempt(|m| {
            m.touch();
            m.touch_liquidity();
            m.require_open(Function::LiquidUnstake)?;
            check(lst > 0, Refusal::ZeroAmount)?;
            check(lst <= m.books.pool.supply, Refusal::InsufficientBalance)?;
            let rate = m.rate();
            let gross = rate.lamports(lst);
            let sol = m.books.liquidity.sol_for_exits(m.cluster.slot);
            check(gross <= sol, Refusal::InsufficientLiquidity)?;
            let fee = m.exit_fee(sol, gross);
            let net = something(gross - fee)?;
            let treasurys = floor(fee, m.books.pool.fees.liquid_treasury_share, BPS);
            let to_treasury = rate.shares(treasurys)?;
            m.use_instant_cap(net)?;
            check(m.books.people[user].lst >= lst, Refusal::InsufficientBalance)?;
            check(net >= min_out, Refusal::BelowMinimumOut)?;

            m.books.people[user].lst -= lst;
            m.books.vaults.liquidity_lst += lst;
            m.books.vaults.liquidity_sol -= net;
            m.books.people[user].sol += net;
            m.books.liquidity.sol -= net;
            m.books.liquidity.lst += lst - to_treasury;
            m.books.liquidity.treasury_due += to_treasury;
            m.books.liquidity.note_exit(fee - treasurys, m.cluster.slot);
            Ok(net)
        })
    }

    /// A bucket that is refilled evenly over a day. Without a cap nothing is counted.
    fn use_instant_cap(&mut self, lamports: Amount) -> Result<(), Refusal> {
        let cap = self.books.pool.settings.instant_cap;
        if cap == 0 {
            let pool = &mut self.books.pool;
            (pool.instant_used, pool.instant_used_at) = (0, 0);
            return Ok(());
        }
        let used = self.instant_used();
        let pool = &mut self.books.pool;
        check(used + lamports <= cap, Refusal::InstantCapReached)?;
        (pool.instant_used, pool.instant_used_at) = (used + lamports, self.cluster.time);
        Ok(())
    }

    /// What of the cap is used now; never more than all of it.
    fn instant_used(&self) -> Amount {
        let pool = &self.books.pool;
        let cap = pool.settings.instant_cap;
        let passed = (self.cluster.time - pool.instant_used_at).clamp(0, SECONDS_PER_DAY);
        (pool.instant_used.min(cap) - floor(cap, passed, SECONDS_PER_DAY)).max(0)
    }

    /// SOL that a depositor pays for the LST of those who left at once.
    fn give_back_instant_cap(&mut self, lamports: Amount) {
        if self.books.pool.instant_used > 0 {
            let used = (self.instant_used() - lamports).max(0);
            let pool = &mut self.books.pool;
            (pool.instant_used, pool.instant_used_at) = (used, self.cluster.time);
        }
    }

    /// The marginal fee falls from `max` at no liquidity to `min` at the target, linearly; this is its integral from the
    /// liquidity there is down to what is left, rounded up.
    ///
    /// Below the target, with `u` and `v` for how far both ends lie under it, it adds `(max − min) × (v² − u²) / (2 × target)`.
    fn exit_fee(&self, sol: Amount, gross: Amount) -> Amount {
        let (min, max) = (self.books.pool.fees.liquid_min, self.books.pool.fees.liquid_max);
        let target = self.books.liquidity.target;
        if target == 0 {
            return ceil(gross, min, BPS);
        }
        let mut u = (target - sol).max(0);
        let v = (target - (sol - gross)).max(0);
        if self.mistake == Some(Mistake::ExitFeeAtTheEnd) {
            u = 0;
        }
        let doubled = min * gross * 2 * target + (max - min) * (v * v - u * u);
        ceil(doubled, 1, 2 * target * BPS)
    }

    /// A holder burns LST by the token program; the pool learns of it by a sync.
    pub fn burn_lst(&mut self, user: usize, lst: Amount) {
        self.books.people[user].lst -= lst;
        self.books.vaults.lst_minted -= lst;
    }

    /// SOL out of a wallet, if it has so much.
    pub(super) fn pay(&mut self, user: usize, lamports: Amount) -> Result<(), Refusal> {
        let wallet = &mut self.books.people[user].sol;
        check(*wallet >= lamports, Refusal::InsufficientBalance)?;
        *wallet -= lamports;
        Ok(())
    }

    pub(super) fn mint(&mut self, user: usize, shares: Amount) {
        self.books.people[user].lst += shares;
        self.books.vaults.lst_minted += shares;
    }
}
