//! What the rules are for: with them the same validators bring the holders more.

use {
    crate::support::*,
    tidepool_localnet::{ValidatorConfig, VoteVersion, World, WorldConfig},
    tidepool_math::{apy_ppm, Rate},
};

const VALIDATORS: usize = 16;

/// Most are good and differ a little; some are dear, one is lazy, and one will fall silent.
fn mixed() -> Vec<ValidatorConfig> {
    let versions = [VoteVersion::V1_14_11, VoteVersion::V3, VoteVersion::V4];
    let commissions = [0, 300, 500, 500, 600, 700, 800, 1_000, 500, 400, 10_000, 2_500, 500, 500, 0, 200];
    let kind = |index: usize| {
        ValidatorConfig::default()
            .with_stake(100_000 * SOL)
            .with_vote_version(versions[index % 3])
            .with_commission_bps(commissions[index])
            .with_uptime_bps(if index == 12 { 7_000 } else { 10_000 - 20 * index as u16 })
    };
    (0..VALIDATORS).map(kind).collect()
}

const SILENT: usize = 13;

struct Pool {
    world: World,
    from: (Rate, i64),
}

impl Pool {
    fn look(world: &World) -> (Rate, i64) {
        (world.rate(), world.chain.clock().unix_timestamp)
    }

    /// The yield of a holder since the first epoch that paid, in parts per million a year.
    fn apy_ppm(&self) -> i64 {
        let (rate, time) = Self::look(&self.world);
        apy_ppm(&self.from.0, &rate, time.abs_diff(self.from.1)).unwrap()
    }

    /// 20,000 SOL through thirty epochs; the weights are equal.
    fn run(with_rules: bool) -> Self {
        let mut config = WorldConfig::default().with_seed(16).with_validators(mixed());
        config.weights.clear();
        let mut world = peopled(config);
        if with_rules {
            world
                .set_rules(|rules| {
                    rules.max_commission_bps = 1_000;
                    rules.min_credit_bps = 9_000;
                    rules.max_vote_lag_bps = 12_000;
                    rules.score_gain = 10;
                })
                .unwrap();
        }
        world.deposit("ana", 19_000 * SOL).unwrap();
        (0..VALIDATORS).for_each(|index| drop(world.add_validator(index, 100).unwrap()));
        run_epochs(&mut world, 3);
        let from = Self::look(&world);
        let mut pool = Self { world, from };
        for epoch in 0..30 {
            if epoch == 10 {
                pool.world.chain.set_uptime(SILENT, 0);
            }
            pool.world.run_epoch().unwrap();
        }
        pool
    }
}

#[test]
fn with_rules_and_scores_the_same_validators_on_the_same_bank_bring_more() {
    let [with, without] = [true, false].map(Pool::run);
    let [more, less] = [&with, &without].map(Pool::apy_ppm);
    let percent = |ppm: i64| ppm as f64 / 1e4;
    println!(
        "APY with rules and scores {:.3} %, with equal weights and no rules {:.3} %: {:.3} % more",
        percent(more),
        percent(less),
        percent(more - less)
    );
    // Two of sixteen keep a quarter of the rewards or all, one earns less, one nothing at last: that is some 10 % of all rewards.
    assert!(more > less + less / 20, "{more} ppm and {less} ppm");
    let staked = |pool: &Pool, index: usize| pool.world.record(index).staked_lamports;
    for index in [10, 11, 12, SILENT] {
        assert_eq!(staked(&with, index), 0, "validator {index}");
        assert!(staked(&without, index) > 1_000 * SOL, "validator {index}");
    }
    assert!(staked(&with, 0) > staked(&with, 7), "who keeps less has more");
}
