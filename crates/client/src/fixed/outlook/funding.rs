use {
    super::{Month, Outlook},
    tidepool_math::{
        fixed::{inflow, DAY_SECONDS},
        wide::product,
        MathError, Tokens,
    },
};

/// What is staked, and needs rewards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    /// What there is room for under the cap, at once.
    Room,
    /// What has matured and is still there, at once.
    Matured,
    /// What matures in a month, in that month.
    Renewal(Month),
}

/// Rewards for one filling, by today's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FundingLine {
    pub filling: Filling,
    /// From when on it can be staked, so when its rewards have to be there: now, the window's first second, or the month's.
    pub by: i64,
    /// What can be staked.
    pub room: Tokens,
    /// What that is promised. Rounded so that whole lines and any parts of them are covered by the sum of the lines.
    pub needed: Tokens,
    /// Of it, what is free then if all before it was filled and nothing else is funded.
    pub covered: Tokens,
    /// The rest.
    pub to_fund: Tokens,
}

/// What has to be brought so that nobody is refused for want of rewards.
///
/// All that open positions were promised is in the vault already. What needs money is what can still be promised: under the
/// cap now, and whenever a lock is over and its tokens are staked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundingPlan {
    /// Not promised to anybody now.
    pub free: Tokens,
    /// In order of time; months in which nothing matures are left out. None if the window is over.
    pub lines: Vec<FundingLine>,
}

impl FundingPlan {
    /// What all lines lack.
    pub fn to_fund(&self) -> Tokens {
        self.lines.iter().fold(Tokens::ZERO, |sum, line| sum.saturating_plus(line.to_fund))
    }
}

impl Outlook<'_> {
    /// What to fund if the pool is filled to its cap at once, and all that matures is staked again in the same second, for as
    /// long as the window is open and for `months` calendar months at most, beginning with the one in which staking is next
    /// possible.
    ///
    /// # Errors
    /// [`MathError::Overflow`] if all rewards do not fit 64 bits: plan fewer months.
    pub fn funding_plan(&self, months: u32) -> Result<FundingPlan, MathError> {
        let mut plan = FundingPlan { free: self.free(), lines: vec![] };
        let opening = self.opening();
        if opening >= self.pool.end {
            return Ok(plan);
        }
        let mut promises = Promises::new(self);
        plan.lines.push(promises.line(Filling::Room, opening, self.pool.room().0.into())?);
        plan.lines.push(promises.line(Filling::Matured, opening, self.matured_by(opening))?);

        let stakes = self.stakes();
        let after_opening = opening.saturating_add(1);
        let calendar = (0..months).map(|index| Month::of(opening).plus(index));
        for month in calendar.take_while(|month| month.starts_at() < self.pool.end) {
            let (from, until) = (month.starts_at().max(after_opening), month.ends_at().min(self.pool.end));
            let room = self.staked_between(&stakes, from, until)?;
            if room > 0 {
                let by = month.starts_at().max(opening);
                plan.lines.push(promises.line(Filling::Renewal(month), by, room)?);
            }
        }
        Ok(plan)
    }

    /// The rewards that are promised until `days` from now if `per_day` tokens come in a day, but no more than cap and window
    /// can let in. If less is [`Outlook::free`], stakes may be refused.
    ///
    /// # Errors
    /// [`MathError::Overflow`] if they do not fit 64 bits.
    pub fn needed_within(&self, per_day: Tokens, days: u32) -> Result<Tokens, MathError> {
        let seconds = i64::from(days).saturating_mul(DAY_SECONDS.cast_signed());
        self.needed_until(&self.stakes(), per_day, self.now.saturating_add(seconds))
    }

    /// The first second before which more is promised than is free, if `per_day` tokens come in a day, but no more than cap and
    /// window can let in: until then nobody is refused. `None` if that is so until the window is over.
    pub fn funded_until(&self, per_day: Tokens) -> Option<i64> {
        let stakes = self.stakes();
        let lacks =
            |until| self.needed_until(&stakes, per_day, until).map_or(true, |needed| needed > self.free());
        if !lacks(self.pool.end) {
            return None;
        }
        let (mut funded, mut lacking) = (self.opening(), self.pool.end);
        while funded < lacking {
            let middle = funded.midpoint(lacking);
            match lacks(middle) {
                true => lacking = middle,
                false => funded = middle.saturating_add(1),
            }
        }
        Some(lacking)
    }

    fn needed_until(&self, stakes: &[Stake], per_day: Tokens, until: i64) -> Result<Tokens, MathError> {
        let (opening, until) = (self.opening(), until.min(self.pool.end));
        let seconds = if until > opening { until.abs_diff(opening) } else { 0 };
        let at_most = self.staked_between(stakes, opening, until)?;
        let staked = inflow(per_day, seconds).min(Tokens(u64::try_from(at_most).unwrap_or(u64::MAX)));
        self.pool.fixed_terms().full_reward(staked)
    }

    /// All that can be staked, and when first: under the cap, and in place of each open position.
    fn stakes(&self) -> Vec<Stake> {
        let opening = self.opening();
        let room = Stake { amount: self.pool.room().0, first: opening };
        let renewals = self
            .positions
            .iter()
            .map(|position| Stake { amount: position.amount, first: position.unlock_at.max(opening) });
        std::iter::once(room).chain(renewals).collect()
    }

    /// What is staked in `[from, until)` if everything is staked again whenever its lock is over.
    fn staked_between(&self, stakes: &[Stake], from: i64, until: i64) -> Result<u128, MathError> {
        let terms = self.pool.fixed_terms();
        stakes.iter().try_fold(0_u128, |sum, stake| {
            let times = terms.stakes_between(stake.first, from, until)?;
            Ok(sum.saturating_add(product(stake.amount, times)))
        })
    }

    fn matured_by(&self, time: i64) -> u128 {
        let matured = self.positions.iter().filter(|position| position.is_matured(time));
        matured.map(|position| u128::from(position.amount)).sum()
    }
}

/// Tokens that are staked at a time, and again whenever their lock is over.
struct Stake {
    amount: u64,
    first: i64,
}

/// What is promised line by line.
struct Promises<'a> {
    outlook: &'a Outlook<'a>,
    free: Tokens,
    staked: u128,
    promised: Tokens,
}

impl<'a> Promises<'a> {
    fn new(outlook: &'a Outlook<'a>) -> Self {
        Self { outlook, free: outlook.free(), staked: 0, promised: Tokens::ZERO }
    }

    fn line(&mut self, filling: Filling, by: i64, room: u128) -> Result<FundingLine, MathError> {
        let fitting = |amount: u128| u64::try_from(amount).map(Tokens).map_err(|_| MathError::Overflow);
        self.staked = self.staked.saturating_add(room);
        let promised = self.outlook.pool.fixed_terms().full_reward(fitting(self.staked)?)?;
        let needed = promised.minus(self.promised)?;
        let covered = needed.min(self.free);
        self.promised = promised;
        self.free = self.free.saturating_minus(covered);
        let to_fund = needed.saturating_minus(covered);
        Ok(FundingLine { filling, by, room: fitting(room)?, needed, covered, to_fund })
    }
}
