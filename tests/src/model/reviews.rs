//! How validators are judged: by rules, and by the means of an earlier epoch.

use super::{
    check,
    numbers::{floor, Amount, BPS, PPB},
    validators::{ValidatorBook, NEUTRAL},
    Mistake, Model, Refusal,
};

/// Whole epochs whose credits are counted.
const WINDOW: Amount = 4;

/// Epochs after which means say nothing any more.
const MEANS_LAST: Amount = 10;

/// A score does not follow smaller differences.
const STEP: Amount = 250;

const BEST_SCORE: Amount = 20_000;

/// The most a validator is taken to have gained in an epoch, in parts per billion.
const MOST_GAIN_PPB: Amount = 10_000_000;

/// Verdicts by number.
pub(super) const SOUND: Amount = 1;
const NO_VOTE_ACCOUNT: Amount = 2;
const COMMISSION_TOO_HIGH: Amount = 3;
const SILENT: Amount = 4;
const TOO_FEW_CREDITS: Amount = 5;

/// What the admin asks of validators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    pub max_group: Amount,
    pub max_cluster: Amount,
    pub max_commission: Amount,
    pub min_credits: Amount,
    /// Share of an epoch without a vote; 0: as long as one likes.
    pub max_vote_lag: Amount,
    pub score_gain: Amount,
    pub stake_per_bond: Amount,
    pub join_weight: Amount,
    pub join_bond: Amount,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            max_group: BPS,
            max_cluster: BPS,
            max_commission: BPS,
            min_credits: 0,
            max_vote_lag: 0,
            score_gain: 0,
            stake_per_bond: 0,
            join_weight: 0,
            join_bond: 0,
        }
    }
}

/// Sums over the validators that were reviewed in the counted epoch, each number times the stake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub stake: Amount,
    pub credits: Amount,
    /// Of the credits, what commission leaves, in parts of 10,000.
    pub kept: Amount,
    pub gain: Amount,
    pub bid: Amount,
}

/// What validators are compared with, and the epoch whose reviews it comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Means {
    pub epoch: Amount,
    pub credits: Amount,
    pub kept: Amount,
    pub gain: Amount,
    pub bid: Amount,
}

/// A validator's vote account as the cluster has it, and how much of the cluster's stake it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vote {
    pub is_open: bool,
    pub commission: Amount,
    pub last_vote_slot: Amount,
    /// Epochs of late and what was earned in each.
    pub credits: Vec<(Amount, Amount)>,
    pub cluster_stake: Amount,
}

impl Vote {
    /// Earned in the window before an epoch.
    fn credits_before(&self, epoch: Amount) -> Amount {
        let is_in_window = |(of, _): &&(Amount, Amount)| (epoch - WINDOW..epoch).contains(of);
        self.credits.iter().filter(is_in_window).map(|(_, earned)| earned).sum()
    }
}

/// What is found of a validator.
pub(super) struct Found {
    pub verdict: Amount,
    score: Amount,
    commission: Amount,
    /// Credits of the epochs before this one.
    credits: Amount,
    gain: Amount,
    bid: Amount,
    credit_ratio: Amount,
}

impl Model {
    /// Judges a validator. The first time in an epoch it is counted in the means of that epoch.
    pub fn review(&mut self, index: usize) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.touch();
            m.begin_epoch();
            m.require_listed(index)?;
            let found = m.judge(index, &m.books.validators[index]);
            let epoch = m.cluster.epoch;
            let validator = &mut m.books.validators[index];
            if validator.reviewed_in != epoch {
                validator.reviewed_in = epoch;
                let commission = found.commission.min(m.books.pool.rules.max_commission);
                m.books.pool.reviewed.count(validator.opening_in(epoch), commission, &found);
            }
            validator.verdict = found.verdict;
            validator.commission = found.commission;
            validator.highest_commission = validator.highest_commission.max(found.commission);
            validator.credit_ratio = found.credit_ratio;
            let is_near = (validator.score - found.score).abs() < STEP;
            if !is_near || validator.score == 0 || found.score == 0 {
                validator.score = found.score;
            }
            Ok(())
        })
    }

    /// Means that are not too old.
    pub(super) fn means(&self) -> Option<Means> {
        self.books.pool.means.filter(|means| self.cluster.epoch - means.epoch <= MEANS_LAST)
    }

    pub(super) fn judge(&self, index: usize, validator: &ValidatorBook) -> Found {
        let vote = &self.votes[index];
        let means = self.means();
        // A validator is compared with the very epochs that the means are of.
        let compared = match means {
            Some(means) if self.mistake != Some(Mistake::ComparesOtherEpochs) => means.epoch,
            _ => self.cluster.epoch,
        };
        let credits = if vote.is_open { vote.credits_before(compared) } else { 0 };
        let credit_ratio = means.map_or(BPS, |means| match means.credits {
            0 => BPS,
            mean => floor(credits, BPS, mean).min(Amount::from(u16::MAX)),
        });
        if !vote.is_open {
            let commission = BPS;
            let verdict = NO_VOTE_ACCOUNT;
            return Found { verdict, score: 0, commission, credits: 0, gain: 0, bid: 0, credit_ratio };
        }
        // More than the bond can pay is only a word, and without stake nothing is paid.
        let bid = match validator.opening_in(self.cluster.epoch) {
            0 => 0,
            stake => validator.bid_ppb.min(floor(validator.bond, PPB, stake)),
        };
        let rules = self.books.pool.rules;
        let most_lag = floor(rules.max_vote_lag, self.cluster.slots_per_epoch, BPS);
        let lag = (self.cluster.slot - vote.last_vote_slot).max(0);
        let (verdict, score) = if vote.commission > rules.max_commission {
            (COMMISSION_TOO_HIGH, 0)
        } else if rules.max_vote_lag > 0 && lag > most_lag {
            (SILENT, 0)
        } else if means.is_some() && credit_ratio < rules.min_credits {
            (TOO_FEW_CREDITS, 0)
        } else {
            let kept = credits * (BPS - vote.commission);
            (SOUND, means.map_or(NEUTRAL, |means| sound_score(kept, bid, &means, rules.score_gain)))
        };
        Found {
            verdict,
            score,
            commission: vote.commission,
            credits: vote.credits_before(self.cluster.epoch),
            gain: validator.gain_ppb,
            bid,
            credit_ratio,
        }
    }

    /// What was reviewed in the epoch that ends becomes the means, if it was two thirds of the stake.
    pub(super) fn end_reviews(&mut self) {
        let all = self.books.staked();
        let pool = &mut self.books.pool;
        let sums = std::mem::take(&mut pool.reviewed);
        let is_enough = 3 * sums.stake >= 2 * all || self.mistake == Some(Mistake::AnyMeansWillDo);
        // An epoch 0 has no whole epochs before it.
        if sums.stake > 0 && is_enough && pool.counted_epoch > 0 {
            let mean = |sum: Amount| sum / sums.stake;
            pool.means = Some(Means {
                epoch: pool.counted_epoch,
                credits: mean(sums.credits),
                kept: mean(sums.kept),
                gain: mean(sums.gain),
                bid: mean(sums.bid),
            });
        }
    }
}

impl Sums {
    /// Of the commission counts what is allowed.
    fn count(&mut self, stake: Amount, commission: Amount, found: &Found) {
        self.stake += stake;
        self.credits += stake * found.credits;
        self.kept += stake * found.credits * (BPS - commission);
        self.gain += stake * found.gain.min(MOST_GAIN_PPB);
        self.bid += stake * found.bid;
    }
}

/// What others bid takes at most half of what conduct alone is worth.
fn sound_score(kept: Amount, bid: Amount, means: &Means, score_gain: Amount) -> Amount {
    let by_conduct = score(kept, 0, &Means { bid: 0, ..*means }, score_gain);
    score(kept, bid, means, score_gain).max(by_conduct / 2)
}

/// `10,000 + gain × (y / ȳ − 1) × 10,000`, rounded towards 10,000, from 0 to 20,000. `y`: what the validator leaves of its
/// credits, in terms of what the mean gains by its own, and its bid.
fn score(kept: Amount, bid: Amount, means: &Means, score_gain: Amount) -> Amount {
    if means.gain == 0 {
        return NEUTRAL;
    }
    let mean = means.gain + means.bid;
    let earned = if means.kept == 0 { means.gain } else { floor(kept, means.gain, means.kept).min(PPB) };
    // `/` rounds towards 0.
    let beyond = (earned + bid - mean) * score_gain * BPS / mean;
    (NEUTRAL + beyond).clamp(0, BEST_SCORE)
}

impl Model {
    /// The admin asks something else of validators, from the next review on.
    pub fn set_rules(&mut self, signer: super::Keeper, rules: Rules) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.require_admin(signer)?;
            m.touch();
            let shares = [rules.max_group, rules.max_cluster, rules.max_commission, rules.min_credits];
            check(shares.iter().all(|share| *share <= BPS), Refusal::InvalidParameter)?;
            m.books.pool.rules = rules;
            Ok(())
        })
    }
}
