//! What each chapter of the story cost or brought: the story is played once more without it, on a bank of its own that is the
//! same in everything else.

use {
    super::{
        error::DemoError,
        events::Event,
        plan::{Chapter, Plan, GREEDY, SILENT, SLASHED},
        stage::Stage,
        story::{play, Told},
        yields::kept_beyond,
    },
    serde::Serialize,
};

/// A chapter against the story without it; lamports.
#[derive(Clone, Debug, Serialize)]
pub struct Cost {
    pub chapter: Chapter,
    pub validator: String,
    /// What the pool was deprived of: slashed, taken by a higher commission than promised, or not earned.
    pub lost: u64,
    /// Of it, what the insurance paid at once.
    pub insurance_first: u64,
    /// What the validator's bond paid for it.
    pub bond_paid: u64,
    /// Of that, what the insurance got back.
    pub back_to_insurance: u64,
    /// What all LST is worth more, or less, at the end than it would be without.
    pub holders: i64,
    /// What that is on the APY of the story; a share of 1.
    pub apy: f64,
}

/// The pool with rules and scores, and the same pool with equal weights and none, on the same bank.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Comparison {
    pub apy: f64,
    pub apy_without_rules: f64,
    /// By how much the rules do better.
    pub gain: f64,
    /// The same from the pool's first slot on, with all that moving stake to better validators cost.
    pub life_apy: f64,
    pub life_apy_without_rules: f64,
    pub life_gain: f64,
}

/// The story as it is told, and what came of it otherwise.
pub struct Played {
    pub told: Told,
    pub costs: Vec<Cost>,
    pub comparison: Comparison,
}

/// Plays the story on `stage`, and meanwhile, unseen, all others.
pub fn play_all(plan: &Plan, stage: &mut Stage) -> Result<Played, DemoError> {
    let chapters: Vec<Chapter> = [Chapter::Rules].into_iter().chain(plan.chapters()).collect();
    let plans: Vec<Plan> = chapters.iter().map(|chapter| plan.without(*chapter)).collect();
    let (told, others) = std::thread::scope(|threads| {
        let unseen: Vec<_> =
            plans.iter().map(|plan| threads.spawn(|| play(plan, &mut Stage::unseen()))).collect();
        let told = play(plan, stage);
        stage.wait_for("the same story without each of its chapters");
        let others: Result<Vec<Told>, DemoError> =
            unseen.into_iter().map(|thread| thread.join().unwrap_or(Err(DemoError::Interrupted))).collect();
        (told, others)
    });
    let (told, others) = (told?, others?);
    let mut others = chapters.into_iter().zip(others);
    let without_rules = others.next().map_or(told.apy_pair(), |(_, other)| other.apy_pair());
    let costs = others.map(|(chapter, other)| Cost::of(plan, chapter, &told, &other)).collect();
    let comparison = Comparison::of(told.apy_pair(), without_rules);
    Ok(Played { told, costs, comparison })
}

impl Told {
    /// Of the story and of the pool's whole life, in parts per million.
    fn apy_pair(&self) -> [i64; 2] {
        [self.apy_ppm, self.apy_of_life_ppm]
    }
}

impl Comparison {
    fn of([apy, life]: [i64; 2], [other_apy, other_life]: [i64; 2]) -> Self {
        Self {
            apy: share(apy),
            apy_without_rules: share(other_apy),
            gain: share(apy - other_apy),
            life_apy: share(life),
            life_apy_without_rules: share(other_life),
            life_gain: share(life - other_life),
        }
    }
}

fn share(ppm: i64) -> f64 {
    ppm as f64 / 1e6
}

impl Cost {
    fn of(plan: &Plan, chapter: Chapter, told: &Told, other: &Told) -> Self {
        let index = match chapter {
            Chapter::Silence => SILENT,
            Chapter::Commission => GREEDY,
            Chapter::Rules | Chapter::Slashing | Chapter::Bid => SLASHED,
        };
        let name = plan.validators[index].name.clone();
        let mut cost = Self {
            chapter,
            lost: 0,
            insurance_first: 0,
            bond_paid: 0,
            back_to_insurance: 0,
            holders: more_worth(told, other),
            apy: share(told.apy_ppm - other.apy_ppm),
            validator: name.clone(),
        };
        for happened in &told.events {
            match &happened.event {
                Event::BondPaid { who, bid, commission, lost, to_insurance, .. } if *who == name => {
                    cost.bond_paid += match chapter {
                        Chapter::Commission => *commission,
                        Chapter::Slashing => *lost,
                        Chapter::Bid => *bid,
                        Chapter::Silence | Chapter::Rules => 0,
                    };
                    cost.back_to_insurance += if chapter == Chapter::Slashing { *to_insurance } else { 0 };
                }
                Event::LossFound { lamports, from_insurance, .. } if chapter == Chapter::Slashing => {
                    cost.lost += lamports;
                    cost.insurance_first += from_insurance;
                }
                _ => {}
            }
        }
        match chapter {
            Chapter::Silence => cost.lost = all_rewards(other).saturating_sub(all_rewards(told)),
            Chapter::Commission => {
                let promised = plan.validators[index].config.commission_bps;
                cost.lost = told.moments().map(|row| kept_beyond(&row.bank, index, promised)).sum();
            }
            Chapter::Rules | Chapter::Slashing | Chapter::Bid => {}
        }
        cost
    }
}

/// What all LST of the story is worth more than at the other's rate.
fn more_worth(told: &Told, other: &Told) -> i64 {
    let (rate, other) = (told.end.rate, other.end.rate);
    let at_other = u128::from(rate.supply.0) * u128::from(other.value.0) / u128::from(other.supply.0.max(1));
    i64::try_from(i128::from(rate.value.0) - at_other as i128).unwrap_or_default()
}

/// All the cluster has paid in the story.
fn all_rewards(told: &Told) -> u64 {
    told.moments().skip(1).map(|row| row.rewards).sum()
}
