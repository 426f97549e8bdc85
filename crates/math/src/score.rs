//! How a validator is judged: against rules, and against the stake-weighted mean of the pool's validators.
//!
//! Only ratios of credits mean anything: the cluster has changed what a vote earns, and may do so again. So a validator is
//! compared with the mean of the very epochs that its own credits are taken from.

use crate::entry::{MAX_EPOCH_GAIN_PPB, PPB};
use crate::wide::{div_rem, product};
use crate::{Bps, Lamports, BPS};

/// The score of a validator that does what the mean does.
pub const NEUTRAL_SCORE: Bps = Bps::ONE;

/// The best score: twice the neutral one.
pub const MAX_SCORE: Bps = Bps(20_000);

/// A score moves only by so much at once, or to 0 and back: else stake would follow every small change of yields to and fro.
pub const SCORE_STEP: Bps = Bps(250);

/// What a validator has done in a window of complete epochs, and what it asks and offers now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Performance {
    /// Vote credits of the window.
    pub credits: u64,
    /// Share of the rewards that the validator keeps, at most 100 %.
    pub commission: Bps,
    /// What its stake last gained in an epoch, in parts per billion, before the pool's fees.
    pub gain_ppb: u32,
    /// What it pays the pool per staked SOL and epoch: lamports per 10^9 lamports, so parts per billion too.
    pub bid_ppb: u32,
}

impl Performance {
    /// Credits that are left to the stake, in parts of 10,000, so that nothing is rounded.
    #[must_use]
    pub fn kept_credits(&self) -> u128 {
        let kept = BPS.saturating_sub(u64::from(self.commission.0));
        product(self.credits, kept)
    }
}

/// Stake-weighted means over a pool's validators.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Means {
    /// Vote credits of the window, rounded down.
    pub credits: u64,
    /// [`Performance::kept_credits`], rounded down.
    pub kept_credits: u64,
    /// Gain of an epoch in parts per billion, rounded down.
    pub gain_ppb: u32,
    /// Bids in parts per billion, rounded down.
    pub bid_ppb: u32,
}

/// Sums from which [`Means`] are made, each of them over validators and weighted with their stake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// All stake that was counted.
    pub stake: Lamports,
    /// Credits × stake.
    pub credits: u128,
    /// Kept credits × stake.
    pub kept_credits: u128,
    /// Gains × stake.
    pub gain: u128,
    /// Bids × stake.
    pub bid: u128,
}

impl Sums {
    /// Counts a validator with `stake`. Sums that would not fit stop at the largest number.
    pub fn add(&mut self, stake: Lamports, performance: &Performance) {
        let weight = u128::from(stake.0);
        self.stake = self.stake.saturating_plus(stake);
        self.credits = self.credits.saturating_add(product(stake.0, performance.credits));
        self.kept_credits =
            self.kept_credits.saturating_add(weight.saturating_mul(performance.kept_credits()));
        let gain_ppb = performance.gain_ppb.min(MAX_EPOCH_GAIN_PPB);
        self.gain = self.gain.saturating_add(product(stake.0, gain_ppb.into()));
        self.bid = self.bid.saturating_add(product(stake.0, performance.bid_ppb.into()));
    }

    /// The means, if at least two thirds of `all_stake` were counted: nobody can choose whom to compare with whom. `None` if
    /// less was counted, or nothing at all.
    #[must_use]
    pub fn means(&self, all_stake: Lamports) -> Option<Means> {
        let is_enough = product(self.stake.0, 3) >= product(all_stake.0, 2);
        if self.stake.is_zero() || !is_enough {
            return None;
        }
        let mean = |sum: u128| div_rem(sum, self.stake.0).map_or(u64::MAX, |(mean, _)| mean);
        let small_mean = |sum: u128| u32::try_from(mean(sum)).unwrap_or(u32::MAX);
        Some(Means {
            credits: mean(self.credits),
            kept_credits: mean(self.kept_credits),
            gain_ppb: small_mean(self.gain),
            bid_ppb: small_mean(self.bid),
        })
    }
}

/// What a pool asks of its validators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The highest commission.
    pub max_commission: Bps,
    /// The least credits, as a share of the mean.
    pub min_credits: Bps,
    /// The most slots since the last vote; `None`: it is not looked at.
    pub max_vote_lag: Option<u64>,
    /// How much of a difference in yield becomes a difference in score: 0 leaves the manager's weights alone, 10 makes 1 %
    /// more yield 10 % more score.
    pub score_gain: u16,
}

/// Why a validator has its score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Verdict {
    /// Nobody has looked yet.
    #[default]
    NotReviewed = 0,
    /// It keeps all rules; the score follows its yield.
    Sound = 1,
    /// Its vote account is closed, or not a vote account any more.
    NoVoteAccount = 2,
    /// It keeps more of the rewards than is allowed.
    CommissionTooHigh = 3,
    /// It has not voted for too long.
    Silent = 4,
    /// It earned too few credits, compared with the others.
    TooFewCredits = 5,
}

/// The part that `credits` are of the `mean`, rounded down; 100 % if nobody earned any. At most 655.35 %.
#[must_use]
pub fn credit_ratio(credits: u64, mean: u64) -> Bps {
    if mean == 0 {
        return Bps::ONE;
    }
    let ratio = div_rem(product(credits, BPS), mean).map_or(u64::MAX, |(ratio, _)| ratio);
    Bps(u16::try_from(ratio).unwrap_or(u16::MAX))
}

/// Judges a validator: whoever breaks a rule has the score 0, in the order of [`Verdict`]; for the others the score follows
/// the yield. `performance` is of the window that `means` are of; without means credits and yield say nothing, and the score
/// is neutral.
#[must_use]
pub fn judge(
    rules: &Rules,
    performance: &Performance,
    slots_since_vote: u64,
    means: Option<&Means>,
) -> (Verdict, Bps) {
    let has_few_credits =
        |means: &Means| credit_ratio(performance.credits, means.credits) < rules.min_credits;
    if performance.commission > rules.max_commission {
        (Verdict::CommissionTooHigh, Bps::ZERO)
    } else if rules.max_vote_lag.is_some_and(|most| slots_since_vote > most) {
        (Verdict::Silent, Bps::ZERO)
    } else if means.is_some_and(has_few_credits) {
        (Verdict::TooFewCredits, Bps::ZERO)
    } else {
        let score = means.map_or(NEUTRAL_SCORE, |means| sound_score(performance, means, rules.score_gain));
        (Verdict::Sound, score)
    }
}

/// The score of a validator that keeps all rules: [`yield_score`], and at least half of what that would be if nobody bid.
/// Whoever bids gets more of the stake, but cannot leave the others without any: what caps keep from the one that bids would
/// lie idle, and cost the pool more than the bid brings.
#[must_use]
pub fn sound_score(performance: &Performance, means: &Means, score_gain: u16) -> Bps {
    let by_conduct = Performance { bid_ppb: 0, ..*performance };
    let least = yield_score(&by_conduct, &Means { bid_ppb: 0, ..*means }, score_gain).0 / 2;
    yield_score(performance, means, score_gain).max(Bps(least))
}

/// `clamp(10,000 + score_gain × (y / ȳ − 1) × 10,000, 0, 20,000)`, rounded towards the neutral score, where
/// `y = kept credits / mean kept credits × mean gain + bid` and `ȳ = mean gain + mean bid`, both in parts per billion of stake
/// and epoch. Neutral while no gain is known: next to nothing, the smallest bid would be everything.
#[must_use]
pub fn yield_score(performance: &Performance, means: &Means, score_gain: u16) -> Bps {
    if means.gain_ppb == 0 {
        return NEUTRAL_SCORE;
    }
    let mean = i128::from(means.gain_ppb).saturating_add(means.bid_ppb.into());
    let earned = earned_ppb(performance, means);
    let own = i128::from(earned).saturating_add(performance.bid_ppb.into());
    let beyond = own.saturating_sub(mean).saturating_mul(score_gain.into()).saturating_mul(BPS.into());
    let Some(difference) = beyond.checked_div(mean) else { return NEUTRAL_SCORE };
    let score = difference.saturating_add(NEUTRAL_SCORE.0.into()).clamp(0, MAX_SCORE.0.into());
    Bps(u16::try_from(score).unwrap_or(MAX_SCORE.0))
}

/// What an epoch brings by credits and commission, in parts per billion, rounded down; at most a whole.
fn earned_ppb(performance: &Performance, means: &Means) -> u64 {
    if means.kept_credits == 0 {
        return means.gain_ppb.into();
    }
    let earned = performance
        .kept_credits()
        .saturating_mul(means.gain_ppb.into())
        .checked_div(means.kept_credits.into())
        .unwrap_or_default();
    u64::try_from(earned).unwrap_or(u64::MAX).min(PPB)
}

/// The score after a review that found `new`: the `old` one as long as both differ by less than [`SCORE_STEP`], unless one of
/// them is 0.
#[must_use]
pub fn settled_score(old: Bps, new: Bps) -> Bps {
    let is_close = old.0.abs_diff(new.0) < SCORE_STEP.0;
    match is_close && old.0 != 0 && new.0 != 0 {
        true => old,
        false => new,
    }
}
