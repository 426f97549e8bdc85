//! What a validator's bond pays the pool.

use crate::entry::PPB;
use crate::score::Means;
use crate::{mul_div_ceil, mul_div_floor, Bps, Lamports, BPS};

/// The most epochs that one settlement charges for: whoever settles late, or not at all, does not ruin a bond at once.
pub const MAX_SETTLED_EPOCHS: u64 = 10;

/// What a bond promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The highest commission the validator will take.
    pub commission: Bps,
    /// What it pays per staked SOL and epoch: lamports per 10^9 lamports.
    pub bid_ppb: u32,
}

/// What was seen of the validator since the bond was last settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conduct {
    /// The pool's stake with it, as of then.
    pub stake: Lamports,
    /// Epochs since then, of which at most [`MAX_SETTLED_EPOCHS`] are charged.
    pub epochs: u64,
    /// The highest commission that reviews have seen.
    pub commission: Bps,
    /// Its credits as a share of the mean, at the last review.
    pub credit_ratio: Bps,
    /// Lamports that its stake accounts have lost, by slashing, and that no bond has paid yet.
    pub lost: Lamports,
}

/// What is due, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Charge {
    /// The bid.
    pub bid: Lamports,
    /// What a commission above the promised one took.
    pub commission: Lamports,
    /// What missed votes did not earn.
    pub credits: Lamports,
    /// What was slashed.
    pub lost: Lamports,
}

impl Charge {
    /// All of it, or [`Lamports::MAX`] if that does not fit.
    #[must_use]
    pub fn total(&self) -> Lamports {
        self.bid.saturating_plus(self.commission).saturating_plus(self.credits).saturating_plus(self.lost)
    }
}

/// What a bond owes for a validator's conduct, each part rounded up once, and [`Lamports::MAX`] if it does not fit: then the
/// bond is spent whatever it holds, and no settlement fails.
///
/// * bid: `stake × bid × epochs`;
/// * commission: `stake × mean gain × (commission seen − promised) × epochs`;
/// * credits: `stake × mean gain × (least credits − credit ratio) × epochs`, so that a validator that just keeps the rule
///   owes nothing, and a little more or less is a little money;
/// * lost: all of it.
///
/// Without `means` nothing is known of what stake gains, and commission and credits cost nothing.
#[must_use]
pub fn charge(terms: &Terms, conduct: &Conduct, min_credits: Bps, means: Option<&Means>) -> Charge {
    let epochs = conduct.epochs.min(MAX_SETTLED_EPOCHS);
    let part = |rate: u64, whole: u64| {
        let owed = mul_div_ceil(conduct.stake.0, rate.saturating_mul(epochs), whole);
        owed.map_or(Lamports::MAX, Lamports)
    };
    let gain_ppb = u64::from(means.map_or(0, |means| means.gain_ppb));
    let of_gain = |high: Bps, low: Bps| {
        let beyond = u64::from(high.0.saturating_sub(low.0));
        part(gain_ppb.saturating_mul(beyond), PPB.saturating_mul(BPS))
    };
    Charge {
        bid: part(terms.bid_ppb.into(), PPB),
        commission: of_gain(conduct.commission, terms.commission),
        credits: of_gain(min_credits, conduct.credit_ratio),
        lost: conduct.lost,
    }
}

/// Of what a bond has `paid` for `lost` stake, the part that goes back to the insurance, which has paid `insured` for losses of
/// the pool, this one or others. Who else bore a part is made whole first: at least the part of `lost` that the insurance
/// cannot have paid, and all that holders still miss of any loss (`loss_carry`).
#[must_use]
pub fn back_to_insurance(
    paid: Lamports,
    lost: Lamports,
    insured: Lamports,
    loss_carry: Lamports,
) -> Lamports {
    let borne_by_others = lost.saturating_minus(insured).max(loss_carry);
    paid.saturating_minus(borne_by_others).min(insured)
}

/// The part of a bid that a bond can pay for one epoch of `stake`: `min(bid, floor(bond / stake))`, in parts per billion. More
/// is only a word, and must not move anybody's score. Without stake nothing is paid, so nothing is bid: else any bond at all
/// would buy the best score for the first stake that comes.
#[must_use]
pub fn payable_bid(bid_ppb: u32, bond: Lamports, stake: Lamports) -> u32 {
    if stake.is_zero() {
        return 0;
    }
    let most = mul_div_floor(bond.0, PPB, stake.0).unwrap_or(u64::MAX);
    u32::try_from(most).unwrap_or(u32::MAX).min(bid_ppb)
}

/// Stake that a bond backs: `bond × stake_per_bond`, or [`Lamports::MAX`] if that does not fit.
#[must_use]
pub fn backed_stake(bond: Lamports, stake_per_bond: u32) -> Lamports {
    Lamports(bond.0.saturating_mul(stake_per_bond.into()))
}
