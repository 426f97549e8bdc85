//! What a run starts with: all of it follows from its seed and its number.

use {
    crate::action::{creator, NewPool, PEOPLE},
    tidepool_localnet::fixed_world::MintConfig,
    tidepool_tests::runs::Dice,
};

const DAY: u64 = 86_400;

/// Two whole mints like that fit the books.
const MOST_TOKENS: u64 = 1_000_000_000_000_000_000;

#[derive(Clone, Debug)]
pub struct Setup {
    pub mint: MintConfig,
    /// Tokens of each person.
    pub tokens: Vec<u64>,
    /// With their creators.
    pub pools: Vec<(u8, NewPool)>,
}

impl Setup {
    pub fn new(seed: u64, run: u64) -> Self {
        // Not the dice that the actions come from: so a change here does not change those.
        let mut dice = Dice::new(!seed, run);
        let decimals = dice.pick(&[0, 6, 9, 9, 12]);
        let token_2022 = (dice.below(3) == 0).then(Vec::new);
        let has_freeze_authority = token_2022.is_none() && dice.below(4) == 0;
        let mint = MintConfig { decimals, has_freeze_authority, token_2022 };
        let unit = 10u64.pow(decimals.into());
        let tokens = (0..PEOPLE).map(|_| {
            let whole = dice.pick(&[10, 10_000, 1_000_000, 10_000_000]);
            unit.saturating_mul(whole).min(MOST_TOKENS)
        });
        let tokens = tokens.collect();
        let pools = (0..1 + dice.below(3)).map(|_| (creator(&mut dice), random_pool(&mut dice))).collect();
        Self { mint, tokens, pools }
    }
}

pub fn random_pool(dice: &mut Dice) -> NewPool {
    NewPool {
        guardian: dice.below(PEOPLE.into()) as u8,
        whitelist_manager: dice.below(PEOPLE.into()) as u8,
        lock_seconds: dice.pick(&[
            1,
            60,
            DAY,
            30 * DAY,
            100 * DAY,
            300 * DAY,
            365 * DAY,
            365 * DAY,
            365 * DAY,
            3_650 * DAY,
        ]),
        allows_early_exit: dice.below(3) > 0,
        accepts_freezes: dice.below(8) > 0,
        start_in: dice.pick(&[-1_000, 0, 0, 5, 86_400]),
        days: dice.pick(&[1, 700, 7_000, 20_000, 20_000]),
        min_stake: dice.pick(&[1, 1, 1_000, 1_000_000_000]),
        cap: dice.pick(&[
            10_000,
            1_000_000,
            1_000_000_000_000,
            1_000_000_000_000_000,
            100_000_000_000_000_000,
        ]),
        rate_bps: dice.pick(&[1, 800, 800, 1_600, 1_600, 10_000, u16::MAX]),
        is_open_to_all: dice.below(3) > 0,
    }
}
