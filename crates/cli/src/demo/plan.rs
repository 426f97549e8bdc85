//! What will happen, decided by the seed before anything does.

use {
    rand::{RngExt, SeedableRng},
    rand_chacha::ChaCha8Rng,
    serde::Serialize,
    std::collections::BTreeMap,
    tidepool_client::{BondTerms, ValidatorRules},
    tidepool_localnet::{ChainConfig, ValidatorConfig, WorldConfig, LAMPORTS_PER_SOL as SOL},
};

pub const FOUNDERS: &str = "founders";
pub const ANA: &str = "ana";
pub const BOB: &str = "bob";
pub const CYN: &str = "cyn";
pub const LENA: &str = "lena";

/// Everybody, in the order of the last page.
pub const PEOPLE: [&str; 5] = [FOUNDERS, ANA, BOB, CYN, LENA];

/// Epochs the pool runs before the first that is told of. Stake activates in the first, earns in the second, its rewards
/// are found in the third; in the fourth reviews know what it earns, and stake moves towards the better validators.
pub const EPOCHS_BEFORE: u64 = 6;

/// Until all has happened, and stake has moved for it and earned again.
pub const MIN_EPOCHS: u64 = 12;

/// Stake of the pool's validators, shared among however many, and of the rest of the cluster. The pool stays a small part
/// of all, so its stake warms up and cools down within an epoch, and a validator that is silent enriches the others little.
const VALIDATORS_STAKE: u64 = 300_000 * SOL;
const REST_STAKE: u64 = 1_200_000 * SOL;
const REST_UPTIME_BPS: u16 = 9_800;

/// Lamports nobody stakes: half of the stake, as on mainnet.
const UNSTAKED: u64 = (VALIDATORS_STAKE + REST_STAKE) / 2;

/// What the pool asks of its validators. Here a validator votes once in an epoch, at its end: after half an epoch without
/// a vote it is silent. On mainnet a twentieth of an epoch is enough.
pub const RULES: ValidatorRules = ValidatorRules {
    max_group_bps: 10_000,
    max_cluster_bps: 10_000,
    max_commission_bps: 1_000,
    min_credit_bps: 9_000,
    max_vote_lag_bps: 5_000,
    score_gain: 5,
    stake_per_bond: 0,
    join_weight: 0,
    padding: [0; 4],
    join_bond_lamports: 0,
};

const WEIGHT: u32 = 100;

/// Who plays which part; the first validator is a model one and leads the chain.
pub const SILENT: usize = 1;
pub const GREEDY: usize = 2;
pub const SLASHED: usize = 3;

const PROMISED_COMMISSION_BPS: u16 = 500;
const RAISED_COMMISSION_BPS: u16 = 1_000;

/// What the validator that is slashed pays for stake: lamports per staked SOL and epoch, almost 0.1 % a year.
const BID_PPB: u32 = 5_000;

const BOND_LAMPORTS: u64 = 60 * SOL;
pub const INSURANCE_LAMPORTS: u64 = 15 * SOL;

/// Something a person does, at the beginning of an epoch.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    AddLiquidity {
        lamports: u64,
    },
    Deposit {
        lamports: u64,
    },
    /// Orders the unstaking of a part of the LST held.
    Order {
        percent: u64,
    },
    /// Sells a part of the LST held to the liquidity pool.
    Exit {
        percent: u64,
    },
}

/// Something that happens to a validator, at the beginning of an epoch.
#[derive(Clone, Copy, Debug)]
pub enum Turn {
    /// For good.
    FallsSilent,
    SetsCommission {
        bps: u16,
    },
    IsSlashed {
        lamports: u64,
    },
}

/// A part of the story that can be left out, to see what it cost or brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Chapter {
    /// Rules and scores: without them all validators have the same weight.
    Rules,
    Silence,
    Commission,
    Slashing,
    Bid,
}

#[derive(Clone, Debug)]
pub struct PlannedBond {
    pub terms: BondTerms,
    pub lamports: u64,
}

#[derive(Clone, Debug)]
pub struct PlannedValidator {
    pub name: String,
    pub config: ValidatorConfig,
    /// In the pool.
    pub weight: u32,
    pub bond: Option<PlannedBond>,
}

#[derive(Clone)]
pub struct Plan {
    pub seed: u64,
    pub epochs: u64,
    pub validators: Vec<PlannedValidator>,
    pub has_rules: bool,
    /// What the founders staked before the story begins.
    pub founded_with: u64,
    /// By the number of the epoch on the chain.
    pub acts: BTreeMap<u64, Vec<(&'static str, Act)>>,
    pub turns: BTreeMap<u64, Vec<(usize, Turn)>>,
}

impl Plan {
    pub fn new(seed: u64, epochs: u64, validators: u16) -> Self {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let validators = draw_validators(&mut dice, validators);
        let founded_with = sol_between(&mut dice, 70_000, 80_000);
        let acts = draw_acts(&mut dice, epochs);
        let turns = draw_turns(&mut dice, validators.len());
        Self { seed, epochs, validators, has_rules: true, founded_with, acts, turns }
    }

    /// The same plan with one chapter left out.
    pub fn without(&self, chapter: Chapter) -> Self {
        let mut plan = self.clone();
        let mut cancel =
            |validator| plan.turns.values_mut().for_each(|turns| turns.retain(|(who, _)| *who != validator));
        match chapter {
            Chapter::Rules => plan.has_rules = false,
            Chapter::Silence => cancel(SILENT),
            Chapter::Commission => cancel(GREEDY),
            Chapter::Slashing => cancel(SLASHED),
            Chapter::Bid => {
                let bonds = plan.validators.iter_mut().filter_map(|validator| validator.bond.as_mut());
                bonds.for_each(|bond| bond.terms.bid_ppb = 0);
            }
        }
        plan
    }

    /// The chapters that this many validators can play.
    pub fn chapters(&self) -> Vec<Chapter> {
        let played = [
            (Chapter::Silence, SILENT),
            (Chapter::Commission, GREEDY),
            (Chapter::Slashing, SLASHED),
            (Chapter::Bid, SLASHED),
        ];
        played
            .into_iter()
            .filter(|(_, who)| *who < self.validators.len())
            .map(|(chapter, _)| chapter)
            .collect()
    }

    pub fn first_epoch(&self) -> u64 {
        EPOCHS_BEFORE
    }

    /// All the chain will run.
    pub fn all_epochs(&self) -> u64 {
        EPOCHS_BEFORE + self.epochs
    }

    /// A chain with these validators and the rest of the cluster, and a pool that has no validator yet: opening their stake
    /// accounts takes more SOL than an empty pool has.
    pub fn world(&self) -> WorldConfig {
        let rest = ValidatorConfig::default().with_stake(REST_STAKE).with_uptime_bps(REST_UPTIME_BPS);
        let ours = self.validators.iter().map(|validator| validator.config.clone());
        let chain = ChainConfig::default()
            .with_seed(self.seed)
            .with_faucet(UNSTAKED)
            .with_validators(ours.chain([rest]).collect());
        WorldConfig { chain, weights: vec![], ..WorldConfig::default() }
    }

    /// What `name` pays in over the whole story.
    pub fn payments_of(&self, name: &str) -> u64 {
        let acts = self.acts.values().flatten().filter(|(who, _)| *who == name);
        let paid = acts.map(|(_, act)| match act {
            Act::AddLiquidity { lamports } | Act::Deposit { lamports } => *lamports,
            Act::Order { .. } | Act::Exit { .. } => 0,
        });
        paid.sum::<u64>() + if name == FOUNDERS { self.founded_with } else { 0 }
    }
}

/// The first is a model validator, the rest are as the dice fall: commission up to 10 %, uptime from 94 %. Two of them
/// have a bond.
fn draw_validators(dice: &mut ChaCha8Rng, count: u16) -> Vec<PlannedValidator> {
    let mean_stake = VALIDATORS_STAKE / u64::from(count);
    let draw = |index: usize| {
        let config = ValidatorConfig::default()
            .with_commission_bps(50 * dice.random_range(0..=20))
            .with_uptime_bps(10 * dice.random_range(940..=1_000))
            .with_stake(mean_stake / 100 * dice.random_range(70..=130));
        let config = match index {
            0 => config.with_commission_bps(0).with_uptime_bps(10_000),
            GREEDY | SLASHED => config.with_commission_bps(PROMISED_COMMISSION_BPS),
            _ => config,
        };
        let promise = |bid_ppb| PlannedBond {
            terms: BondTerms { commission_bps: PROMISED_COMMISSION_BPS, bid_ppb },
            lamports: BOND_LAMPORTS,
        };
        let bond = match index {
            GREEDY => Some(promise(0)),
            SLASHED => Some(promise(BID_PPB)),
            _ => None,
        };
        PlannedValidator { name: format!("v{}", index + 1), config, weight: WEIGHT, bond }
    };
    (0..usize::from(count)).map(draw).collect()
}

fn draw_acts(dice: &mut ChaCha8Rng, epochs: u64) -> BTreeMap<u64, Vec<(&'static str, Act)>> {
    let first = EPOCHS_BEFORE;
    let mut acts = BTreeMap::from([
        (
            first,
            vec![
                (LENA, Act::AddLiquidity { lamports: sol_between(dice, 600, 1_000) }),
                (ANA, Act::Deposit { lamports: sol_between(dice, 200, 600) }),
                (BOB, Act::Deposit { lamports: sol_between(dice, 5_000, 6_000) }),
            ],
        ),
        (first + 1, vec![(CYN, Act::Deposit { lamports: sol_between(dice, 300, 900) })]),
        // More than the reserve has, with stake that is on its way from one validator to another.
        (first + 3, vec![(BOB, Act::Order { percent: dice.random_range(80..=90) })]),
        (first + 4, vec![(ANA, Act::Exit { percent: dice.random_range(20..=50) })]),
    ]);
    // A longer story goes on with small deposits.
    for epoch in (first + MIN_EPOCHS..first + epochs).step_by(3) {
        let who = [ANA, BOB, CYN][dice.random_range(0..3)];
        acts.entry(epoch).or_default().push((who, Act::Deposit { lamports: sol_between(dice, 20, 200) }));
    }
    acts
}

/// What happens to as many validators as there are.
fn draw_turns(dice: &mut ChaCha8Rng, validators: usize) -> BTreeMap<u64, Vec<(usize, Turn)>> {
    let first = EPOCHS_BEFORE;
    // More than the insurance has by then, less than it has with the rewards in flow.
    let slashed = Turn::IsSlashed { lamports: sol_between(dice, 24, 28) };
    let turns = [
        (first + 3, SILENT, Turn::FallsSilent),
        (first + 5, GREEDY, Turn::SetsCommission { bps: RAISED_COMMISSION_BPS }),
        (first + 6, SLASHED, slashed),
    ];
    let mut by_epoch = BTreeMap::<u64, Vec<(usize, Turn)>>::new();
    for (epoch, who, turn) in turns.into_iter().filter(|(_, who, _)| *who < validators) {
        by_epoch.entry(epoch).or_default().push((who, turn));
    }
    by_epoch
}

/// In steps of half a SOL, as people pay.
fn sol_between(dice: &mut ChaCha8Rng, least: u64, most: u64) -> u64 {
    dice.random_range(2 * least..=2 * most) * SOL / 2
}
