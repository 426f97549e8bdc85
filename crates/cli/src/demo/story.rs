//! The story itself: a chain is started, people act, keepers work, and every epoch is written down.

use {
    super::{
        error::DemoError,
        events::{Event, Happened},
        plan::{Act, Plan, FOUNDERS, PEOPLE},
        reconciliation::Reconciliation,
        stage::Stage,
        yields::{expected, BankEpoch, Yields},
    },
    std::collections::BTreeMap,
    tidepool_localnet::{World, LAMPORTS_PER_SOL as SOL},
    tidepool_math::{apy_ppm, Bps, Rate},
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
    /// What the holders get in the course of this epoch: rewards, and what depositors paid for their part of them.
    pub withheld: u64,
    /// Deposited since these rewards were found. It paid for its part of them, so it takes nothing from the others.
    pub entered: u64,
    pub reserve: u64,
    /// Lamports in the stake accounts of each validator.
    pub stake: Vec<u64>,
    pub open_tickets: usize,
    /// Paid by the cluster for the epoch before, and by what.
    pub rewards: u64,
    pub bank: BankEpoch,
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

    let mut rows = vec![];
    for epoch in plan.first_epoch()..plan.all_epochs() {
        stage.enter_epoch(epoch);
        stage.say(&format!("\nEpoch {epoch}"))?;
        for (who, act) in plan.acts.get(&epoch).into_iter().flatten() {
            story.act(who, *act)?;
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
struct Story<'a> {
    plan: &'a Plan,
    world: World,
    happened: Vec<Happened>,
    told: usize,
    /// Paid in and out by the people themselves; what else crossed the pool's border is its operator's.
    paid: BTreeMap<&'static str, (u64, u64)>,
    /// Of the epoch before.
    rewards: u64,
    bank: BankEpoch,
    last: Option<(Rate, i64)>,
    /// Deposited since the last row.
    entered: u64,
}

impl<'a> Story<'a> {
    /// The founders come first: their SOL pays for the stake accounts of the validators.
    fn begin(plan: &'a Plan) -> Result<Self, DemoError> {
        let mut world = World::start(plan.world())?;
        for name in PEOPLE {
            world.add_user(name, plan.payments_of(name) + 10 * SOL)?;
        }
        let bank = BankEpoch::look(&world, plan);
        let paid = PEOPLE.map(|name| (name, (0, 0))).into();
        let mut story =
            Self { plan, world, happened: vec![], told: 0, paid, rewards: 0, bank, last: None, entered: 0 };
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
        self.note_payment(who, sol_before, sol_after);
        let worth = rate.lamports_floor(tidepool_math::Shares(lst))?.0;
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

    fn work_the_window(&mut self) -> Result<(), DemoError> {
        self.bank = BankEpoch::look(&self.world, self.plan);
        self.world.to_move_window();
        let before = Moves::look(&self.world);
        let for_tickets = !self.world.tickets.is_empty();
        self.world.work_the_window()?;
        let after = Moves::look(&self.world);

        let lamports = after.cooling.saturating_sub(before.cooling);
        if lamports > 0 {
            let validators = before.changes(&after, |record| record.cooling_lamports);
            self.note(Event::StakeUndelegated { lamports, validators, for_tickets });
        }
        let lamports = before.reserve.saturating_sub(after.reserve);
        if lamports > 0 {
            let validators = before.changes(&after, |record| record.lamports[1]);
            self.note(Event::StakeDelegated { lamports, validators });
        }
        Ok(())
    }

    /// Over the edge of the epoch; what happens there belongs to the next.
    fn work_the_edge(&mut self) -> Result<(), DemoError> {
        let cooling = self.world.pool().cooling_lamports;
        let purses = PEOPLE.map(|name| (name, self.world.sol_of(name)));
        self.rewards = self.world.work_the_edge()?.rewards;

        let pool = self.world.pool();
        self.note(Event::Rewards { lamports: self.rewards, streamed: pool.withheld });
        let cooled = cooling.saturating_sub(pool.cooling_lamports);
        if cooled > 0 {
            self.note(Event::StakeCooled { lamports: cooled });
        }
        for (who, before) in purses {
            let now = self.world.sol_of(who);
            if now > before {
                self.note_payment(who, before, now);
                self.note(Event::TicketPaid { who, lamports: now - before });
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
        let stakes =
            (0..self.world.validators.len()).map(|index| self.world.record(index).lamports.iter().sum());
        Ok(Row {
            epoch: self.world.chain.epoch(),
            unix_time,
            rate,
            apy_ppm,
            withheld: pool.withheld,
            entered: std::mem::take(&mut self.entered),
            reserve: pool.reserve_lamports,
            stake: stakes.collect(),
            open_tickets: self.world.tickets.len(),
            rewards: self.rewards,
            bank: self.bank.clone(),
        })
    }

    fn end(self, rows: Vec<Row>, end: Row) -> Result<Told, DemoError> {
        let first = rows.first().unwrap_or(&end);
        let seconds = end.unix_time.abs_diff(first.unix_time);
        let apy_ppm = apy_ppm(&first.rate, &end.rate, seconds)?;
        let epochs: Vec<_> =
            rows.iter().map(|row| (&row.bank, row.rate.value.0.saturating_sub(row.entered))).collect();
        let reward_fee = f64::from(self.world.pool().fees.reward) / 10_000.0;
        Ok(Told {
            votes: self.world.validators.iter().map(|keys| keys.vote.to_string()).collect(),
            yields: expected(&epochs, reward_fee),
            reconciliation: Reconciliation::of(&self.world, &self.paid)?,
            events: self.happened,
            rows,
            end,
            apy_ppm,
        })
    }

    fn note(&mut self, event: Event) {
        self.happened.push(Happened { epoch: self.world.chain.epoch(), event });
    }

    fn note_payment(&mut self, who: &'static str, before: u64, now: u64) {
        let (paid_in, paid_out) = self.paid.entry(who).or_default();
        *paid_in += before.saturating_sub(now);
        *paid_out += now.saturating_sub(before);
    }

    fn tell(&mut self, stage: &mut Stage) -> Result<(), DemoError> {
        for happened in &self.happened[self.told..] {
            stage.say(&format!("  {}", happened.event))?;
        }
        self.told = self.happened.len();
        Ok(())
    }
}

/// What shows that stake has moved.
struct Moves {
    reserve: u64,
    cooling: u64,
    records: Vec<tidepool_client::ValidatorRecord>,
}

impl Moves {
    fn look(world: &World) -> Self {
        let pool = world.pool();
        Self {
            reserve: pool.reserve_lamports,
            cooling: pool.cooling_lamports,
            records: (0..world.validators.len()).map(|index| world.record(index)).collect(),
        }
    }

    fn changes(&self, later: &Self, of: impl Fn(&tidepool_client::ValidatorRecord) -> u64) -> usize {
        self.records.iter().zip(&later.records).filter(|(before, after)| of(before) != of(after)).count()
    }
}

/// A rate as a number of 12 decimals.
pub fn as_number(rate: &Rate) -> f64 {
    let exact = rate.value.0 as f64 / rate.supply.0.max(1) as f64;
    (exact * 1e12).round() / 1e12
}
