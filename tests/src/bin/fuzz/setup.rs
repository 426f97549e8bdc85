//! What a run starts with: all of it follows from its seed and its number.

use {
    crate::action::PEOPLE,
    solana_signer::Signer,
    tidepool_client::{PoolFees, PoolSettings, ValidatorRules},
    tidepool_localnet::{derive_keypair, ValidatorConfig, VoteVersion, WorldConfig, LAMPORTS_PER_SOL as SOL},
    tidepool_tests::{
        model::{Amount, Fees, Rules, Settings},
        runs::Dice,
    },
};

/// Name of the guardian's key.
pub const GUARDIAN: &str = "guardian";

/// A pool, a cluster and the wealth of those who will use it.
#[derive(Clone, Debug)]
pub struct Setup {
    pub config: WorldConfig,
    /// Lamports in each wallet.
    pub wallets: Vec<u64>,
}

impl Setup {
    pub fn new(seed: u64, run: u64) -> Self {
        // Not the dice that the actions come from: so a change here does not change those.
        let mut dice = Dice::new(!seed, run);
        let validators = (0..1 + dice.below(4)).map(|_| random_validator(&mut dice)).collect();
        let mut config = WorldConfig::default().with_seed(dice.roll()).with_validators(validators);
        config.chain.slots_per_epoch = dice.pick(&[32, 32, 64]);
        config.chain.inflation = dice.pick(&[0.045, 0.045, 1.0, 3.0]);
        config.weights.iter_mut().for_each(|weight| *weight = dice.pick(&[1, 100, 100, 10_000]));
        let fees = loop {
            let fees = random_fees(&mut dice);
            if fees.require_within_limits().is_ok() {
                break fees;
            }
        };
        let settings = random_settings(&mut dice);
        let guardian = derive_keypair(config.chain.seed, GUARDIAN).pubkey();
        config = config.with_parameters(|p| {
            (p.fees, p.settings, p.guardian) = (fees, settings, guardian);
        });
        if dice.below(4) == 0 {
            config = config.on_token_2022(&[]);
        }
        let wallets = (0..PEOPLE).map(|_| dice.pick(&[1, 30, 1_000, 20_000, 60_000]) * SOL).collect();
        Self { config, wallets }
    }

    pub fn fees(&self) -> Fees {
        fees_of(&self.config.parameters.fees)
    }

    pub fn settings(&self) -> Settings {
        settings_of(&self.config.parameters.settings)
    }

    pub fn weights(&self) -> Vec<Amount> {
        self.config.weights.iter().map(|weight| (*weight).into()).collect()
    }

    pub fn liquidity_target(&self) -> Amount {
        self.config.parameters.settings.liquidity_target_lamports.into()
    }
}

pub fn fees_of(fees: &PoolFees) -> Fees {
    Fees {
        reward: fees.reward.into(),
        deposit: fees.deposit.into(),
        ticket: fees.ticket.into(),
        stake_withdrawal: fees.stake_withdrawal.into(),
        liquid_min: fees.liquid_min.into(),
        liquid_max: fees.liquid_max.into(),
        liquid_treasury_share: fees.liquid_treasury_share.into(),
        insurance_share: fees.insurance_share.into(),
        warmup: fees.warmup.into(),
        referral_share: fees.referral_share.into(),
    }
}

pub fn settings_of(settings: &PoolSettings) -> Settings {
    Settings {
        reserve_target: settings.reserve_target_bps.into(),
        move_window: settings.move_window_bps.into(),
        max_validator: settings.max_validator_bps.into(),
        max_move: settings.max_move_bps.into(),
        breaker: settings.breaker_bps.into(),
        min_deposit: settings.min_deposit_lamports.into(),
        deposit_cap: settings.deposit_cap_lamports.into(),
        instant_cap: settings.instant_cap_lamports_per_day.into(),
    }
}

fn random_validator(dice: &mut Dice) -> ValidatorConfig {
    ValidatorConfig::default()
        .with_commission_bps(random_commission(dice))
        .with_uptime_bps(random_uptime(dice))
        .with_vote_version(dice.pick(&[
            VoteVersion::V4,
            VoteVersion::V4,
            VoteVersion::V3,
            VoteVersion::V1_14_11,
        ]))
}

pub fn random_commission(dice: &mut Dice) -> u16 {
    dice.pick(&[0, 0, 500, 500, 500, 700, 1_000, 3_333, 10_000])
}

pub fn random_uptime(dice: &mut Dice) -> u16 {
    dice.pick(&[10_000, 10_000, 10_000, 9_900, 9_000, 5_000, 100])
}

pub fn rules_of(rules: &ValidatorRules) -> Rules {
    Rules {
        max_group: rules.max_group_bps.into(),
        max_cluster: rules.max_cluster_bps.into(),
        max_commission: rules.max_commission_bps.into(),
        min_credits: rules.min_credit_bps.into(),
        max_vote_lag: rules.max_vote_lag_bps.into(),
        score_gain: rules.score_gain.into(),
        stake_per_bond: rules.stake_per_bond.into(),
        join_weight: rules.join_weight.into(),
        join_bond: rules.join_bond_lamports.into(),
    }
}

/// Group, cluster, commission, credits, lag, score gain; stake per bond, weight and bond of those who join.
pub fn rules_from(shares: [u16; 6], numbers: [u32; 3]) -> ValidatorRules {
    ValidatorRules {
        max_group_bps: shares[0],
        max_cluster_bps: shares[1],
        max_commission_bps: shares[2],
        min_credit_bps: shares[3],
        max_vote_lag_bps: shares[4],
        score_gain: shares[5],
        stake_per_bond: numbers[0],
        join_weight: numbers[1],
        join_bond_lamports: numbers[2].into(),
        ..ValidatorRules::default()
    }
}

/// Rules as an admin may wish them; now and then none that can be.
pub fn random_rules(dice: &mut Dice) -> ([u16; 6], [u32; 3]) {
    let mut shares = [
        dice.pick(&[10_000, 10_000, 5_000, 1_000, 0]),
        dice.pick(&[10_000, 10_000, 5_000, 2_000]),
        dice.pick(&[10_000, 10_000, 1_000, 500]),
        dice.pick(&[0, 0, 5_000, 9_000, 9_950]),
        dice.pick(&[0, 0, 5_000, 10_000, 30_000]),
        dice.pick(&[0, 0, 1, 10, 1_000]),
    ];
    if dice.below(20) == 0 {
        shares[dice.below(4) as usize] = 10_001;
    }
    let numbers = [dice.pick(&[0, 0, 0, 1, 100]), dice.pick(&[0, 50]), dice.pick(&[0, 1, 1_000_000_000])];
    (shares, numbers)
}

/// Fees as somebody may wish them; now and then above a cap.
pub fn random_fees(dice: &mut Dice) -> PoolFees {
    let liquid_min = dice.pick(&[0, 10, 30]);
    let mut fees = PoolFees {
        reward: dice.pick(&[0, 1, 600, 2_000]),
        deposit: dice.pick(&[0, 0, 1, 50]),
        ticket: dice.pick(&[0, 0, 1, 50]),
        stake_withdrawal: dice.pick(&[0, 10, 50]),
        liquid_min,
        liquid_max: liquid_min + dice.pick(&[0, 90, 900]),
        liquid_treasury_share: dice.pick(&[0, 2_500, 7_500]),
        insurance_share: dice.pick(&[0, 2_000, 10_000]),
        warmup: dice.pick(&[0, 0, 5_000, 10_000]),
        referral_share: dice.pick(&[0, 100, 5_000]),
    };
    if dice.below(10) == 0 {
        let too_much: [fn(&mut PoolFees); 5] = [
            |fees| fees.deposit = 51,
            |fees| fees.reward = u16::MAX,
            |fees| fees.liquid_min = fees.liquid_max + 1,
            |fees| fees.insurance_share = 10_001,
            |fees| fees.referral_share = 5_001,
        ];
        dice.pick(&too_much)(&mut fees);
    }
    fees
}

/// Settings as an admin may wish them.
pub fn random_settings(dice: &mut Dice) -> PoolSettings {
    PoolSettings {
        reserve_target_bps: dice.pick(&[0, 100, 3_000, 10_000]),
        move_window_bps: dice.pick(&[500, 2_500, 10_000]),
        max_validator_bps: dice.pick(&[10_000, 10_000, 4_000]),
        max_move_bps: dice.pick(&[0, 1_000, 10_000]),
        breaker_bps: dice.pick(&[0, 0, 0, 0, 0, 0, 1, 30, 500]),
        min_deposit_lamports: dice.pick(&[0, 0, 1_000_000]),
        deposit_cap_lamports: dice.pick(&[0, 0, 0, 0, 0, 3_000, 100_000]) * SOL,
        instant_cap_lamports_per_day: dice.pick(&[0, 0, 0, 10, 1_000]) * SOL,
        liquidity_target_lamports: dice.pick(&[0, 1, 10, 1_000, 100_000]) * SOL,
    }
}
