//! What is to come in a pool when all have staked: what matures when, and what has to be funded if everything goes on.

use {
    super::{calendar::date, tier::Tier},
    serde::Serialize,
    tidepool_client::fixed::{
        outlook::{self, Filling, FundingLine, MaturityLadder, Month, Outlook, Resting},
        PositionKeys,
    },
    tidepool_localnet::FixedWorld,
    tidepool_math::{MathError, Tokens},
};

#[derive(Clone, Debug, Serialize)]
pub struct Ahead {
    pub tier: Tier,
    pub unix_time: i64,
    pub date: String,
    pub ladder: Vec<Rung>,
    pub free: u64,
    pub funding: Vec<Funding>,
}

/// What is owed in a month, if nobody claims before.
#[derive(Clone, Debug, Serialize)]
pub struct Rung {
    pub month: String,
    pub positions: u64,
    pub principal: u64,
    pub reward: u64,
}

/// The rewards of what can be staked.
#[derive(Clone, Debug, Serialize)]
pub struct Funding {
    /// `room` under the cap, what has `matured`, or what matures in a month.
    pub filling: String,
    pub from: String,
    pub stake: u64,
    pub needed: u64,
    pub covered: u64,
    pub to_fund: u64,
}

impl Ahead {
    /// The ladder, and the funding plan for as many months as it reaches.
    pub fn look(world: &FixedWorld, tier: Tier) -> Result<Self, MathError> {
        look(world, tier, |outlook| {
            let ladder = outlook.maturity_ladder();
            let plan = outlook.funding_plan(months_until_last(&ladder, outlook.now))?;
            let is_any = |line: &&FundingLine| !line.room.is_zero();
            Ok(Self {
                tier,
                unix_time: outlook.now,
                date: date(outlook.now),
                ladder: ladder.rungs.iter().map(Rung::of).collect(),
                free: plan.free.0,
                funding: plan.lines.iter().filter(is_any).map(Funding::of).collect(),
            })
        })
    }
}

/// A position, if it has matured and earns nothing more.
pub fn resting(world: &FixedWorld, tier: Tier, position: &PositionKeys) -> Option<Resting> {
    let is_it = |one: &Resting| (one.owner, one.index) == (position.owner, position.index);
    look(world, tier, |outlook| outlook.resting().into_iter().find(is_it))
}

fn look<T>(world: &FixedWorld, tier: Tier, ask: impl FnOnce(&Outlook) -> T) -> T {
    let (pool, positions) = (world.pool(tier.number()), world.positions(tier.number()));
    let reward_balance = Tokens(world.reward_balance(tier.number()));
    ask(&Outlook { pool: &pool, reward_balance, positions: &positions, now: world.now() })
}

fn months_until_last(ladder: &MaturityLadder, now: i64) -> u32 {
    let Some(last) = ladder.rungs.last() else { return 0 };
    let first = Month::of(now);
    (0..).find(|months| first.plus(*months) >= last.month).map_or(0, |months| months + 1)
}

impl Rung {
    fn of(rung: &outlook::Rung) -> Self {
        let due = rung.due;
        Self {
            month: rung.month.to_string(),
            positions: due.positions,
            principal: due.principal.0,
            reward: due.reward.0,
        }
    }
}

impl Funding {
    fn of(line: &FundingLine) -> Self {
        let filling = match line.filling {
            Filling::Room => "room".to_string(),
            Filling::Matured => "matured".to_string(),
            Filling::Renewal(month) => month.to_string(),
        };
        Self {
            filling,
            from: date(line.by),
            stake: line.room.0,
            needed: line.needed.0,
            covered: line.covered.0,
            to_fund: line.to_fund.0,
        }
    }
}
