//! What the pool should earn, from the bank's own parameters: inflation, capitalisation, stakes, votes and commissions.
//! It knows nothing of what was paid.
//!
//! A bank pays `inflation × capitalisation × length of the epoch` for each epoch, to stake by its points (effective stake
//! × credits of its validator), of which the validator keeps its commission. The pool takes its fee and releases the rest
//! over the next epoch, so what epoch e earns raises the rate in e + 1, by its share of the value
//! of then; without what came in that epoch, which paid for its part.

use {
    super::plan::Plan,
    serde::Serialize,
    tidepool_client::ValidatorKeys,
    tidepool_localnet::{Chain, World},
};

/// A validator as the bank counts it in an epoch; lamports.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ValidatorStake {
    /// Effective stake of everybody.
    pub cluster: u64,
    /// Of it, the pool's.
    pub pool: u64,
    pub uptime_bps: u16,
    pub commission_bps: u16,
}

/// What decides the rewards of an epoch.
#[derive(Clone, Debug, Serialize)]
pub struct BankEpoch {
    /// Lamports the cluster pays for the epoch.
    pub inflation: u64,
    /// Length of the epoch.
    pub years: f64,
    pub validators: Vec<ValidatorStake>,
}

impl BankEpoch {
    /// Stakes do not move within an epoch, only at its edge, so any slot will do.
    pub fn look(world: &World, plan: &Plan) -> Self {
        let chain = &world.chain;
        let look_at = |(index, keys): (usize, &ValidatorKeys)| ValidatorStake {
            cluster: chain.validator_stake(&keys.vote),
            pool: effective_stake(chain, keys),
            uptime_bps: chain.validator(index).uptime_bps,
            commission_bps: plan.validators[index].config.commission_bps,
        };
        Self {
            inflation: chain.epoch_inflation(),
            years: chain.epoch_duration_in_years(),
            validators: world.validators.iter().enumerate().map(look_at).collect(),
        }
    }

    fn pool_stake(&self) -> f64 {
        self.sum(|validator| validator.pool as f64)
    }

    /// Lamports that a stake earns per point: the same for everybody.
    fn per_point(&self) -> f64 {
        self.inflation as f64 / self.sum(|v| v.cluster as f64 * uptime(v))
    }

    fn sum(&self, of: impl Fn(&ValidatorStake) -> f64) -> f64 {
        self.validators.iter().map(of).sum()
    }
}

fn effective_stake(chain: &Chain, keys: &ValidatorKeys) -> u64 {
    keys.stakes.iter().map(|key| chain.stake_activation(key).effective).sum()
}

fn uptime(validator: &ValidatorStake) -> f64 {
    f64::from(validator.uptime_bps) / 10_000.0
}

fn kept_by_staker(validator: &ValidatorStake) -> f64 {
    1.0 - f64::from(validator.commission_bps) / 10_000.0
}

/// An annual yield, step by step from what the cluster pays to what a holder gets; shares of 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Yields {
    /// Inflation over all stake.
    pub inflation: f64,
    /// At the pool's validators: they vote more or less than the rest.
    pub with_uptime: f64,
    pub after_commission: f64,
    pub after_fee: f64,
    /// On all of the value: some of it does not earn, in the reserve or on its way to a validator.
    pub expected: f64,
}

/// Compounds the epochs: of each, what the bank paid by and the value of the pool while its rewards were released,
/// less what was deposited meanwhile.
pub fn expected(epochs: &[(&BankEpoch, u64)], reward_fee: f64) -> Yields {
    let years: f64 = epochs.iter().map(|(bank, _)| bank.years).sum();
    let annual = |growth: &dyn Fn(&BankEpoch, u64) -> f64| {
        let total: f64 = epochs.iter().map(|(bank, value)| 1.0 + growth(bank, *value)).product();
        rounded(total.powf(1.0 / years) - 1.0)
    };
    let voted = |bank: &BankEpoch| bank.per_point() * bank.sum(|v| v.pool as f64 * uptime(v));
    let earned =
        |bank: &BankEpoch| bank.per_point() * bank.sum(|v| v.pool as f64 * uptime(v) * kept_by_staker(v));
    let net = |bank: &BankEpoch| earned(bank) * (1.0 - reward_fee);
    Yields {
        inflation: annual(&|bank, _| bank.inflation as f64 / bank.sum(|v| v.cluster as f64)),
        with_uptime: annual(&|bank, _| voted(bank) / bank.pool_stake()),
        after_commission: annual(&|bank, _| earned(bank) / bank.pool_stake()),
        after_fee: annual(&|bank, _| net(bank) / bank.pool_stake()),
        expected: annual(&|bank, value| net(bank) / value as f64),
    }
}

/// To a millionth of a percent, so that the last bits of a machine's `powf` are never seen.
fn rounded(part: f64) -> f64 {
    (part * 1e8).round() / 1e8
}
