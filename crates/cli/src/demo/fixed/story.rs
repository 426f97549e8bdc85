//! The story itself: the chain is started, everybody does what he planned when its time comes, and at the beginning of every
//! month a keeper claims and the pools are written down.

use {
    super::{
        agenda::{Act, Agenda},
        calendar::{date, next_month},
        events::{Event, Happened},
        holding::Holding,
        month::{Flows, Month},
        outlook::Ahead,
        plan::{Plan, GUARDIAN, KEEPER, MANAGER, OPERATOR, STRANGER},
        product::Product,
        reconciliation::{require_promises_kept, Paid, Reconciliation},
        table,
        tier::Tier,
    },
    crate::demo::{error::DemoError, stage::Stage},
    solana_instruction::Instruction,
    std::collections::BTreeMap,
    tidepool_client::fixed::FixedPoolKeys,
    tidepool_localnet::{
        fixed_world::{Holder, MintConfig, OPENING},
        ChainConfig, Failure, FixedWorld, Outcome,
    },
};

/// All that is told.
pub struct Told {
    pub products: Vec<Product>,
    pub months: Vec<Month>,
    pub events: Vec<Happened>,
    pub holdings: Vec<Holding>,
    pub outlook: Vec<Ahead>,
    pub reconciliation: Reconciliation,
}

impl Told {
    /// Every token is accounted for, and every promise kept.
    pub fn require_balanced(&self) -> Result<(), DemoError> {
        self.reconciliation.require_balanced()?;
        require_promises_kept(&self.holdings)
    }
}

pub fn play(plan: &Plan, stage: &mut Stage) -> Result<Told, DemoError> {
    let mut story = Story::begin(plan)?;
    story.tell(stage)?;
    while let Some(time) = story.agenda.next_time() {
        if story.month_ends_at < time {
            story.end_month(stage)?;
            continue;
        }
        story.world.go_to(time);
        if let Some(act) = story.agenda.next() {
            story.act(act, stage)?;
            story.tell(stage)?;
        }
    }
    story.end()
}

/// A world and what has been written down of it.
pub(super) struct Story<'a> {
    pub plan: &'a Plan,
    pub world: FixedWorld,
    pub agenda: Agenda,
    pub products: Vec<Product>,
    pub holdings: Vec<Holding>,
    pub paid: Paid,
    /// Positions that were open when the emergency began, and what each had earned by then.
    pub open_at_emergency: Vec<(usize, u64)>,
    happened: Vec<Happened>,
    told: usize,
    dated: String,
    outlook: Vec<Ahead>,
    months: Vec<Month>,
    month_ends_at: i64,
    /// All until the last row, by tier.
    flows: BTreeMap<Tier, Flows>,
}

impl<'a> Story<'a> {
    /// Everybody has what he will bring, and no more.
    fn begin(plan: &'a Plan) -> Result<Self, DemoError> {
        let chain = ChainConfig::default().with_seed(plan.seed);
        let mut world = FixedWorld::start_on(chain, &MintConfig::default())?;
        world.mint_to(&world.operator.tokens, plan.funding())?;
        for name in [GUARDIAN, MANAGER, KEEPER] {
            world.add_user(name, 0)?;
        }
        for person in &plan.people {
            world.add_user(person.name, person.amount)?;
        }
        world.add_user(STRANGER, Tier::Premium.parameters().terms.min_stake)?;
        let mut story = Self {
            plan,
            world,
            agenda: Agenda::default(),
            products: vec![],
            holdings: vec![],
            paid: Paid::default(),
            open_at_emergency: vec![],
            happened: vec![],
            told: 0,
            dated: String::new(),
            outlook: vec![],
            months: vec![],
            month_ends_at: next_month(OPENING),
            flows: BTreeMap::new(),
        };
        story.open_pools()?;
        story.plan_ahead();
        Ok(story)
    }

    fn plan_ahead(&mut self) {
        let plan = self.plan;
        for (person, planned) in plan.people.iter().enumerate() {
            self.agenda.add(planned.comes_at, Act::Stake { person });
            if planned.tier == Tier::Premium {
                self.agenda.add(plan.applied_at, Act::Apply { person });
                self.agenda.add(plan.reviewed_at, Act::Approve { person });
            }
        }
        self.agenda.add(plan.stranger_tries_at, Act::TryWithoutApproval);
        let last_comes_at = plan.people.iter().map(|person| person.comes_at).max().unwrap_or(OPENING);
        self.agenda.add(next_month(last_comes_at), Act::LookAhead);
        self.agenda.add(plan.emergency_at, Act::BeginEmergency { tier: Tier::Standard });
    }

    fn act(&mut self, act: Act, stage: &mut Stage) -> Result<(), DemoError> {
        match act {
            Act::Stake { person } => self.stake(person),
            Act::TryWithoutApproval => self.try_without_approval(),
            Act::Apply { person } => self.apply(person),
            Act::Approve { person } => self.approve(person),
            Act::MintDid { person } => self.mint_did(person),
            Act::GiveDidAway { person } => self.give_did_away(person),
            Act::Compound { position } => self.compound(position),
            Act::Fund { tier, amount } => self.fund(tier, amount),
            Act::BeginEmergency { tier } => self.begin_emergency(tier),
            Act::LeaveInEmergency { position } => self.leave_in_emergency(position),
            Act::TakeAllUnpromised { tier } => self.take_all_unpromised(tier),
            Act::EndOfEmergency { tier } => self.see_emergency_end(tier),
            Act::EndOfForfeitLock { tier, amount } => self.take_forfeit(tier, amount),
            Act::LookAhead => self.look_ahead(stage),
            Act::NoticeIdle { position } => self.notice_idle(position),
            Act::TryTooEarly { position } => self.try_too_early(position),
            Act::RollOver { position } => self.roll_over(position),
            Act::Unstake { position } => self.unstake(position),
            Act::Close { tier } => self.close(tier),
        }
    }

    /// All have staked: what is to come.
    fn look_ahead(&mut self, stage: &mut Stage) -> Result<(), DemoError> {
        for tier in Tier::ALL {
            let ahead = Ahead::look(&self.world, tier)?;
            stage.say(&table::outlook(&ahead))?;
            self.outlook.push(ahead);
        }
        Ok(())
    }

    fn end_month(&mut self, stage: &mut Stage) -> Result<(), DemoError> {
        self.world.go_to(self.month_ends_at);
        self.month_ends_at = next_month(self.month_ends_at);
        self.claim_for_people()?;
        for tier in Tier::ALL {
            if self.is_pool_there(tier) {
                self.write_down(tier)?;
            }
        }
        self.tell(stage)
    }

    /// The pool as it is now, with what happened in it since the last row.
    pub fn write_down(&mut self, tier: Tier) -> Result<(), DemoError> {
        let flows = self.flows_until_now(tier)?;
        let before = self.flows.insert(tier, flows).unwrap_or_default();
        let metrics = self.world.metrics(tier.number())?;
        let now = self.world.now();
        let locked = self.world.pool(tier.number()).locked_forfeits(now).0;
        self.months.push(Month::new(tier, now, &metrics, locked, &before, &flows));
        Ok(())
    }

    fn flows_until_now(&self, tier: Tier) -> Result<Flows, DemoError> {
        let mut flows = Flows { funded: self.paid.brought(tier, OPERATOR), ..Flows::default() };
        flows.withdrawn = self.paid.taken(tier, OPERATOR);
        for (number, holding) in self.holdings.iter().enumerate() {
            if holding.tier == tier {
                flows.accrued += self.accrued(number)?;
                flows.claimed += holding.reward();
            }
        }
        Ok(flows)
    }

    /// What a position has earned since it was opened.
    pub fn accrued(&self, position: usize) -> Result<u64, DemoError> {
        let holding = &self.holdings[position];
        match holding.is_open() {
            true => Ok(self.world.pending_reward(holding.tier.number(), &holding.keys)?.accrued),
            false => Ok(holding.accrued),
        }
    }

    pub fn is_pool_there(&self, tier: Tier) -> bool {
        let is_closed =
            |told: &Happened| matches!(told.event, Event::PoolClosed { tier: gone, .. } if gone == tier);
        !self.happened.iter().any(is_closed)
    }

    pub fn open_positions(&self, tier: Tier) -> impl Iterator<Item = usize> + '_ {
        let is_open = move |holding: &Holding| holding.tier == tier && holding.is_open();
        self.holdings
            .iter()
            .enumerate()
            .filter(move |(_, holding)| is_open(holding))
            .map(|(number, _)| number)
    }

    pub fn pool(&self, tier: Tier) -> FixedPoolKeys {
        self.world.pools[tier.number()]
    }

    pub fn holder(&self, who: &str) -> Holder {
        match who {
            OPERATOR => self.world.operator.clone(),
            _ => self.world.user(who),
        }
    }

    /// Sends an instruction that `signer` signs, and books what it moved in the wallet of `who`: how many tokens came or went.
    pub fn send_for(
        &mut self,
        who: &'static str,
        signer: &str,
        tier: Tier,
        instruction: Instruction,
    ) -> Result<(Outcome, u64), Failure> {
        let (tokens, signer) = (self.holder(who).tokens, self.holder(signer));
        let before = self.world.balance(&tokens);
        let outcome = self.world.send(&[instruction], &[&signer.wallet])?;
        let after = self.world.balance(&tokens);
        self.paid.note(tier, who, before, after);
        Ok((outcome, before.abs_diff(after)))
    }

    /// As [`Story::send_for`], of somebody for himself.
    pub fn send(
        &mut self,
        who: &'static str,
        tier: Tier,
        instruction: Instruction,
    ) -> Result<(Outcome, u64), Failure> {
        self.send_for(who, who, tier, instruction)
    }

    pub fn note(&mut self, event: Event) {
        let unix_time = self.world.now();
        self.happened.push(Happened { unix_time, date: date(unix_time), event });
    }

    /// What is new, under its date.
    fn tell(&mut self, stage: &mut Stage) -> Result<(), DemoError> {
        for told in &self.happened[self.told..] {
            if told.date != self.dated {
                stage.say(&format!("\n{}", told.date))?;
                self.dated.clone_from(&told.date);
            }
            stage.say(&format!("  {}", told.event))?;
        }
        self.told = self.happened.len();
        Ok(())
    }

    fn end(self) -> Result<Told, DemoError> {
        Ok(Told {
            reconciliation: Reconciliation::of(&self.world, &self.paid, self.plan),
            products: self.products,
            months: self.months,
            events: self.happened,
            holdings: self.holdings,
            outlook: self.outlook,
        })
    }
}
