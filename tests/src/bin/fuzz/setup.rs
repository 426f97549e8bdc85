//! What a run starts with: all of it follows from its seed and its number.

use {
    crate::{action::PEOPLE, dice::Dice},
    solana_signer::Signer,
    tidepool_client::{PoolFees, PoolSettings},
    tidepool_localnet::{derive_keypair, ValidatorConfig, WorldConfig, LAMPORTS_PER_SOL as SOL},
    tidepool_tests::model::{Amount, Fees, Settings},
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
        let validators = vec![ValidatorConfig::default(); 1 + dice.below(4) as usize];
        let mut config = WorldConfig::default().with_seed(dice.next()).with_validators(validators);
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
        min_deposit: settings.min_deposit_lamports.into(),
        deposit_cap: settings.deposit_cap_lamports.into(),
        instant_cap: settings.instant_cap_lamports_per_day.into(),
    }
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
        breaker_bps: 0,
        min_deposit_lamports: dice.pick(&[0, 0, 1_000_000]),
        deposit_cap_lamports: dice.pick(&[0, 0, 0, 0, 0, 3_000, 100_000]) * SOL,
        instant_cap_lamports_per_day: dice.pick(&[0, 0, 0, 10, 1_000]) * SOL,
        liquidity_target_lamports: dice.pick(&[0, 1, 10, 1_000, 100_000]) * SOL,
    }
}
