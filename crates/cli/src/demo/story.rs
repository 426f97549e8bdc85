//! The story itself: a chain is started, people act, validators do what they do, keepers work, and every epoch is written
//! down.

use {
    super::{
        error::DemoError,
        events::{lines, Event, Happened},
        plan::{Act, Plan, Turn, FOUNDERS, INSURANCE_LAMPORTS, PEOPLE, RULES},
        reconciliation::{Paid, Reconciliation},
        stage::Stage,
        yields::{expected, BankEpoch, Counted, Yields},
    },
    serde::Serialize,
    tidepool_client::ValidatorRecord,
    tidepool_localnet::{World, LAMPORTS_PER_SOL as SOL},
    tidepool_math::{apy_ppm, score::Verdict, Bps, Lamports, Rate, Shares},
};

/// The pool at the beginning of an epoch: the keepers have updated it, people have acted, and nothing of the rewards that
/// were found has been released yet. Rates of two such moments are comparable: between them lies whole epochs' streams.
#[derive(Clone, Debug)]
pub struct Row {
    pub epoch: u64,
    pub unix_time: i64,
    pub rate: Rate,
    /// Growth of the rate since the epoch before, per year, in parts per million.
    pub apy_ppm: i64,
    /// What the holders get in the course of this epoch: rewards, what bonds paid, and what depositors paid for their part.
    pub withheld: u64,
    /// Deposited since these rewards were found. It paid for its part of them, so it takes nothing from the others.
    pub entered: u64,
    pub reserve: u64,
    pub insurance: u64,
    /// Lamports in the stake accounts of each validator.
    pub stake: Vec<u64>,
    pub judged: Vec<Judged>,
    pub open_tickets: usize,
    /// Paid by the cluster for the epoch before, and by what.
    pub rewards: u64,
    pub bank: BankEpoch,
    /// Of what flows to the holders, what bonds paid, less what a slashing took.
    pub beside: i64,
}

/// How a validator stands after its review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    pub score_bps: u16,
    /// Its credits as a share of the mean.
    pub credit_ratio_bps: u16,
    pub commission_bps: u16,
    pub verdict: &'static str,
}

impl Judged {
    pub fn of(record: &ValidatorRecord) -> Self {
        Self {
            score_bps: record.score_bps,
            credit_ratio_bps: record.credit_ratio_bps,
            commission_bps: record.commission_bps,
            verdict: verdict(record.verdict),
        }
    }
}

fn verdict(number: u8) -> &'static str {
    let named = [
        (Verdict::Sound, "sound"),
        (Verdict::NoVoteAccount, "no vote account"),
        (Verdict::CommissionTooHigh, "commission too high"),
        (Verdict::Silent, "silent"),
        (Verdict::TooFewCredits, "too few credits"),
    ];
    named.iter().find(|(verdict, _)| *verdict as u8 == number).map_or("not reviewed", |(_, name)| name)
}

/// All that is told.
pub struct Told {
    pub votes: Vec<String>,
    pub rows: Vec<Row>,
    /// The moment after the last epoch.
    pub end: Row,
    pub events: Vec<Happened>,
    /// Growth of the rate from the first row to the end, per year, in parts per million.
    pub apy_ppm: i64,
    /// The same from the pool's first slot on.
    pub apy_of_life_ppm: i64,
    pub yields: Yields,
    pub reconciliation: Reconciliation,
}

impl Told {
    pub fn apy(&self) -> f64 {
        self.apy_ppm as f64 / 1e6
    }

    /// By how much the measured APY misses the expected, as a share of it.
    pub fn apy_miss(&self) -> f64 {
        self.apy() / self.yields.expected - 1.0
    }

    /// Every moment that is told of, with the end.
    pub fn moments(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().chain([&self.end])
    }
}

pub fn play(plan: &Plan, stage: &mut Stage) -> Result<Told, DemoError> {
    let mut story = Story::begin(plan)?;
    for epoch in 0..plan.first_epoch() {
        stage.enter_epoch(epoch);
        story.run_epoch()?;
    }
    story.happened.clear();
    let found = Event::Rewards { lamports: story.rewards, streamed: story.world.pool().withheld };
    story.note(found);
    story.open_bonds()?;

    let mut rows = vec![];
    for epoch in plan.first_epoch()..plan.all_epochs() {
        stage.enter_epoch(epoch);
        stage.say(&format!("\nEpoch {epoch}"))?;
        for (who, act) in plan.acts.get(&epoch).into_iter().flatten() {
            story.act(who, *act)?;
        }
        for (who, turn) in plan.turns.get(&epoch).into_iter().flatten() {
            story.turn(*who, *turn)?;
        }
        rows.push(story.row()?);
        story.work_the_window()?;
        story.tell(stage)?;
        story.work_the_edge()?;
    }
    let end = story.row()?;
    stage.say("\nThe end")?;
    story.tell(stage)?;
    story.end(rows, end)
}

/// A world and what has been written down of it.
pub(super) struct Story<'a> {
    pub plan: &'a Plan,
    pub world: World,
    pub happened: Vec<Happened>,
    told: usize,
    pub paid: Paid,
    /// Of the epoch before.
    pub rewards: u64,
    pub beside: i64,
    pub bank: BankEpoch,
    start: (Rate, i64),
    last: Option<(Rate, i64)>,
    /// Deposited since the last row.
    entered: u64,
}

impl<'a> Story<'a> {
    /// The founders come first: their SOL pays for the stake accounts of the validators.
    fn begin(plan: &'a Plan) -> Result<Self, DemoError> {
        let mut world = World::start(plan.world())?;
        if plan.has_rules {
            world.set_rules(|rules| *rules = RULES)?;
        }
        for name in PEOPLE {
            world.add_user(name, plan.payments_of(name) + 10 * SOL)?;
        }
        let bank = BankEpoch::look(&world, plan);
        let start = (world.rate(), world.chain.clock().unix_timestamp);
        let mut story = Self {
            plan,
            world,
            happened: vec![],
            told: 0,
            paid: Paid::default(),
            rewards: 0,
            beside: 0,
            bank,
            start,
            last: None,
            entered: 0,
        };
        story.act(FOUNDERS, Act::Deposit { lamports: plan.founded_with })?;
        for (index, validator) in plan.validators.iter().enumerate() {
            story.world.add_validator(index, validator.weight)?;
        }
        Ok(story)
    }

    fn run_epoch(&mut self) -> Result<(), DemoError> {
        self.row()?;
        self.work_the_window()?;
        self.work_the_edge()
    }

    /// Somebody gives the insurance its first SOL, and validators put up their bonds.
    fn open_bonds(&mut self) -> Result<(), DemoError> {
        self.world.fund_insurance(INSURANCE_LAMPORTS)?;
        self.paid.to_insurance += INSURANCE_LAMPORTS;
        self.note(Event::InsuranceFunded { lamports: INSURANCE_LAMPORTS });
        for (index, validator) in self.plan.validators.iter().enumerate() {
            let Some(bond) = &validator.bond else { continue };
            self.world.open_bond(index, bond.terms, bond.lamports)?;
            let account = self.world.keys.bond(&self.world.validators[index].vote);
            self.paid.by_validators += self.world.chain.lamports(&account);
            self.note(Event::BondOpened {
                who: validator.name.clone(),
                lamports: bond.lamports,
                commission_bps: bond.terms.commission_bps,
                bid_ppb: bond.terms.bid_ppb,
            });
        }
        self.world.settle_all()?; // from now on the records know of them
        Ok(())
    }

    fn act(&mut self, who: &'static str, act: Act) -> Result<(), DemoError> {
        let (sol_before, lst_before) = (self.world.sol_of(who), self.world.lst_of(who));
        let rate = match act {
            Act::Deposit { .. } => self.world.entry_rate(),
            _ => self.world.rate(),
        };
        let part = |percent: u64| Bps(percent as u16 * 100).of_floor(lst_before);
        let free_reserve = self.world.pool().free_reserve().map_or(0, |lamports| lamports.0);
        match act {
            Act::AddLiquidity { lamports } => self.world.add_liquidity(who, lamports).map(|_| ())?,
            Act::Deposit { lamports } => {
                self.world.deposit(who, lamports)?;
                self.entered += lamports;
            }
            Act::Order { percent } => self.world.order_unstake(who, part(percent)).map(|_| ())?,
            Act::Exit { percent } => self.world.liquid_unstake(who, part(percent)).map(|_| ())?,
        }
        let (sol_after, lst_after) = (self.world.sol_of(who), self.world.lst_of(who));
        let (lst, received) = (lst_before.abs_diff(lst_after), sol_after.saturating_sub(sol_before));
        self.paid.note(who, sol_before, sol_after);
        let Lamports(worth) = rate.lamports_floor(Shares(lst))?;
        self.note(match act {
            Act::AddLiquidity { lamports } => Event::LiquidityAdded { who, lamports },
            Act::Deposit { lamports } => Event::Deposited { who, lamports, lst, rate: as_number(&rate) },
            Act::Order { .. } => Event::UnstakeOrdered { who, lst, lamports: worth, free_reserve },
            Act::Exit { .. } => {
                Event::ExitedAtOnce { who, lst, lamports: received, fee: worth.saturating_sub(received) }
            }
        });
        Ok(())
    }

    fn turn(&mut self, validator: usize, turn: Turn) -> Result<(), DemoError> {
        let who = self.name(validator);
        match turn {
            Turn::FallsSilent => {
                self.world.chain.set_uptime(validator, 0);
                self.note(Event::FellSilent { who });
            }
            Turn::SetsCommission { bps } => {
                self.world.chain.set_commission(validator, bps);
                self.note(Event::CommissionSet { who, commission_bps: bps });
            }
            Turn::IsSlashed { lamports } => {
                if self.world.slash(validator, lamports).is_some() {
                    self.paid.slashed += lamports;
                    self.note(Event::Slashed { who, lamports });
                    self.look_at(&[validator])?; // before rewards come to the same account
                }
            }
        }
        Ok(())
    }

    fn row(&mut self) -> Result<Row, DemoError> {
        let pool = self.world.pool();
        let rate = self.world.rate();
        let unix_time = self.world.chain.clock().unix_timestamp;
        let apy_ppm = match self.last.replace((rate, unix_time)) {
            Some((then, time)) if time < unix_time => apy_ppm(&then, &rate, unix_time.abs_diff(time))?,
            _ => 0,
        };
        let records: Vec<_> = self.records();
        Ok(Row {
            epoch: self.world.chain.epoch(),
            unix_time,
            rate,
            apy_ppm,
            withheld: pool.withheld,
            entered: std::mem::take(&mut self.entered),
            reserve: pool.reserve_lamports,
            insurance: pool.insurance_lamports + pool.insurance_due,
            stake: records.iter().map(|record| record.lamports.iter().sum()).collect(),
            judged: records.iter().map(Judged::of).collect(),
            open_tickets: self.world.tickets.len(),
            rewards: self.rewards,
            bank: self.bank.clone(),
            beside: self.beside,
        })
    }

    fn end(self, rows: Vec<Row>, end: Row) -> Result<Told, DemoError> {
        let first = rows.first().unwrap_or(&end);
        let since = |rate: &Rate, time: i64| apy_ppm(rate, &end.rate, end.unix_time.abs_diff(time));
        let epochs: Vec<Counted> = rows.iter().map(Counted::of).collect();
        let reward_fee = f64::from(self.world.pool().fees.reward) / 10_000.0;
        Ok(Told {
            votes: self.world.validators.iter().map(|keys| keys.vote.to_string()).collect(),
            apy_ppm: since(&first.rate, first.unix_time)?,
            apy_of_life_ppm: since(&self.start.0, self.start.1)?,
            yields: expected(&epochs, reward_fee),
            reconciliation: Reconciliation::of(&self.world, &self.paid)?,
            events: self.happened,
            rows,
            end,
        })
    }

    pub fn records(&self) -> Vec<ValidatorRecord> {
        (0..self.world.validators.len()).map(|index| self.world.record(index)).collect()
    }

    pub fn name(&self, index: usize) -> String {
        self.plan.validators[index].name.clone()
    }

    pub fn note(&mut self, event: Event) {
        self.happened.push(Happened { epoch: self.world.chain.epoch(), event });
    }

    fn tell(&mut self, stage: &mut Stage) -> Result<(), DemoError> {
        for line in lines(&self.happened[self.told..]) {
            stage.say(&line)?;
        }
        self.told = self.happened.len();
        Ok(())
    }
}

/// A rate as a number of 12 decimals.
pub fn as_number(rate: &Rate) -> f64 {
    let exact = rate.value.0 as f64 / rate.supply.0.max(1) as f64;
    (exact * 1e12).round() / 1e12
}
