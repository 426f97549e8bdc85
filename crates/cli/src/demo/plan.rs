//! What will happen, decided by the seed before anything does.

use {
    rand::{RngExt, SeedableRng},
    rand_chacha::ChaCha8Rng,
    std::collections::BTreeMap,
    tidepool_localnet::{ChainConfig, ValidatorConfig, WorldConfig, LAMPORTS_PER_SOL as SOL},
};

pub const FOUNDERS: &str = "founders";
pub const ANA: &str = "ana";
pub const BOB: &str = "bob";
pub const CYN: &str = "cyn";
pub const LENA: &str = "lena";

/// Everybody, in the order of the last page.
pub const PEOPLE: [&str; 5] = [FOUNDERS, ANA, BOB, CYN, LENA];

/// Epochs the pool runs before the first that is told of. Stake activates in the first, earns in the second, its
/// rewards flow in the third: from then on every epoch raises the rate.
pub const EPOCHS_BEFORE: u64 = 3;

/// Stake of the whole cluster, shared among however many validators. The pool stays a small part of it, so its stake
/// warms up and cools down within an epoch.
const CLUSTER_STAKE: u64 = 1_500_000 * SOL;

/// Lamports nobody stakes: half of the stake, as on mainnet.
const UNSTAKED: u64 = CLUSTER_STAKE / 2;

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

#[derive(Clone, Debug)]
pub struct PlannedValidator {
    pub name: String,
    pub config: ValidatorConfig,
    /// In the pool.
    pub weight: u32,
}

pub struct Plan {
    pub seed: u64,
    pub epochs: u64,
    pub validators: Vec<PlannedValidator>,
    /// What the founders staked before the story begins.
    pub founded_with: u64,
    /// By the number of the epoch on the chain.
    pub acts: BTreeMap<u64, Vec<(&'static str, Act)>>,
}

impl Plan {
    pub fn new(seed: u64, epochs: u64, validators: u16) -> Self {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let validators = draw_validators(&mut dice, validators);
        let founded_with = sol_between(&mut dice, 70_000, 80_000);
        Self { seed, epochs, validators, founded_with, acts: draw_acts(&mut dice, epochs) }
    }

    pub fn first_epoch(&self) -> u64 {
        EPOCHS_BEFORE
    }

    /// All the chain will run.
    pub fn all_epochs(&self) -> u64 {
        EPOCHS_BEFORE + self.epochs
    }

    /// A chain with these validators and a pool that has none yet: opening their stake accounts takes more SOL than an
    /// empty pool has.
    pub fn world(&self) -> WorldConfig {
        let validators = self.validators.iter().map(|validator| validator.config.clone()).collect();
        let chain =
            ChainConfig::default().with_seed(self.seed).with_faucet(UNSTAKED).with_validators(validators);
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

/// The first is a model validator, the rest are as the dice fall: commission up to 10 %, uptime from 94 %.
fn draw_validators(dice: &mut ChaCha8Rng, count: u16) -> Vec<PlannedValidator> {
    let mean_stake = CLUSTER_STAKE / u64::from(count);
    let draw = |number: u16| {
        let config = ValidatorConfig::default()
            .with_commission_bps(50 * dice.random_range(0..=20))
            .with_uptime_bps(10 * dice.random_range(940..=1_000))
            .with_stake(mean_stake / 100 * dice.random_range(70..=130));
        let config = match number {
            1 => config.with_commission_bps(0).with_uptime_bps(10_000),
            _ => config,
        };
        PlannedValidator { name: format!("v{number}"), config, weight: dice.random_range(80..=120) }
    };
    (1..=count).map(draw).collect()
}

fn draw_acts(dice: &mut ChaCha8Rng, epochs: u64) -> BTreeMap<u64, Vec<(&'static str, Act)>> {
    let first = EPOCHS_BEFORE;
    let middle = first + epochs / 2;
    let mut acts = BTreeMap::from([
        (
            first,
            vec![
                (LENA, Act::AddLiquidity { lamports: sol_between(dice, 600, 1_000) }),
                (ANA, Act::Deposit { lamports: sol_between(dice, 200, 600) }),
            ],
        ),
        (first + 1, vec![(BOB, Act::Deposit { lamports: sol_between(dice, 1_500, 2_500) })]),
        (first + 2, vec![(CYN, Act::Deposit { lamports: sol_between(dice, 300, 900) })]),
        // At least 1,050 SOL, where the reserve keeps 1 % of less than 84,000.
        (middle, vec![(BOB, Act::Order { percent: dice.random_range(70..=90) })]),
        (middle + 2, vec![(ANA, Act::Exit { percent: dice.random_range(20..=50) })]),
    ]);
    // A longer story goes on with small deposits.
    for epoch in (middle + 4..first + epochs).step_by(3) {
        let who = [ANA, BOB, CYN][dice.random_range(0..3)];
        acts.entry(epoch).or_default().push((who, Act::Deposit { lamports: sol_between(dice, 20, 200) }));
    }
    acts
}

/// In steps of half a SOL, as people pay.
fn sol_between(dice: &mut ChaCha8Rng, least: u64, most: u64) -> u64 {
    dice.random_range(2 * least..=2 * most) * SOL / 2
}
