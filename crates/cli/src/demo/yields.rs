//! What the pool should earn, from the bank's own parameters: inflation, capitalisation, stakes, votes and commissions.
//! It knows nothing of what was paid.
//!
//! A bank pays `inflation × capitalisation × length of the epoch` for each epoch, to stake by its points (effective stake
//! × credits of its validator), of which the validator keeps its commission. The pool takes its fee and releases the rest
//! over the next epoch, so what epoch e earns raises the rate in e + 1, by its share of the value
//! of then; without what came in that epoch, which paid for its part.

use {
    super::{plan::Plan, story::Row},
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
    /// What is taken of this epoch's rewards.
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
    /// All who are not the pool's validators.
    pub rest: ValidatorStake,
}

impl BankEpoch {
    /// Stakes do not move within an epoch, only at its edge, so any slot will do.
    pub fn look(world: &World, plan: &Plan) -> Self {
        let chain = &world.chain;
        let look_at = |index: usize, keys: Option<&ValidatorKeys>| {
            let validator = chain.validator(index);
            ValidatorStake {
                cluster: chain.validator_stake(&validator.vote),
                pool: keys.map_or(0, |keys| effective_stake(chain, keys)),
                uptime_bps: validator.uptime_bps,
                commission_bps: chain.reward_commission_bps(&validator.vote).unwrap_or_default(),
            }
        };
        Self {
            inflation: chain.epoch_inflation(),
            years: chain.epoch_duration_in_years(),
            validators: world
                .validators
                .iter()
                .enumerate()
                .map(|(index, keys)| look_at(index, Some(keys)))
                .collect(),
            rest: look_at(plan.validators.len(), None),
        }
    }

    fn pool_stake(&self) -> f64 {
        self.sum(|validator| validator.pool as f64)
    }

    /// Lamports that a stake earns per point: the same for everybody.
    fn per_point(&self) -> f64 {
        self.inflation as f64 / self.cluster(|v| v.cluster as f64 * uptime(v))
    }

    fn cluster(&self, of: impl Fn(&ValidatorStake) -> f64) -> f64 {
        self.sum(&of) + of(&self.rest)
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

/// What a validator kept of the pool's rewards of an epoch by a commission above `promised_bps`, in lamports.
pub fn kept_beyond(bank: &BankEpoch, validator: usize, promised_bps: u16) -> u64 {
    let Some(stake) = bank.validators.get(validator) else { return 0 };
    let beyond = f64::from(stake.commission_bps.saturating_sub(promised_bps)) / 10_000.0;
    (bank.per_point() * stake.pool as f64 * uptime(stake) * beyond).round() as u64
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
    pub on_value: f64,
    /// With what bonds paid beside the rewards, less what a slashing took.
    pub expected: f64,
}

/// An epoch as the yield is counted in it: what the bank paid by, and where that was released.
pub struct Counted<'a> {
    bank: &'a BankEpoch,
    /// The value that it raised: without what was deposited meanwhile.
    value: f64,
    beside: f64,
}

impl<'a> Counted<'a> {
    pub fn of(row: &'a Row) -> Self {
        let value = row.rate.value.0.saturating_sub(row.entered) as f64;
        Self { bank: &row.bank, value, beside: row.beside as f64 }
    }
}

/// Compounds the epochs.
pub fn expected(epochs: &[Counted], reward_fee: f64) -> Yields {
    let years: f64 = epochs.iter().map(|epoch| epoch.bank.years).sum();
    let annual = |growth: &dyn Fn(&Counted) -> f64| {
        let total: f64 = epochs.iter().map(|epoch| 1.0 + growth(epoch)).product();
        rounded(total.powf(1.0 / years) - 1.0)
    };
    let voted = |bank: &BankEpoch| bank.per_point() * bank.sum(|v| v.pool as f64 * uptime(v));
    let earned =
        |bank: &BankEpoch| bank.per_point() * bank.sum(|v| v.pool as f64 * uptime(v) * kept_by_staker(v));
    let net = |bank: &BankEpoch| earned(bank) * (1.0 - reward_fee);
    let of_stake = |lamports: f64, epoch: &Counted| lamports / epoch.bank.pool_stake();
    Yields {
        inflation: annual(&|e| e.bank.inflation as f64 / e.bank.cluster(|v| v.cluster as f64)),
        with_uptime: annual(&|e| of_stake(voted(e.bank), e)),
        after_commission: annual(&|e| of_stake(earned(e.bank), e)),
        after_fee: annual(&|e| of_stake(net(e.bank), e)),
        on_value: annual(&|e| net(e.bank) / e.value),
        expected: annual(&|e| (net(e.bank) + e.beside) / e.value),
    }
}

/// To a millionth of a percent, so that the last bits of a machine's `powf` are never seen.
fn rounded(part: f64) -> f64 {
    (part * 1e8).round() / 1e8
}
