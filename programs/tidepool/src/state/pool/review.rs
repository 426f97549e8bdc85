//! What reviews add up to, and how they move weight.

use {
    super::{PodU128, Pool},
    crate::state::ValidatorRecord,
    anchor_lang::prelude::*,
    bytemuck::{Pod, Zeroable},
    tidepool_interface::limits::MAX_MEANS_AGE_EPOCHS,
    tidepool_math::{
        score::{Means, Performance, Sums},
        Bps, Epoch, Lamports,
    },
};

/// Sums of the counted epoch, and the means of the last epoch in which enough validators were reviewed.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Review {
    pub stake: u64,
    pub credits: PodU128,
    pub kept_credits: PodU128,
    pub gain: PodU128,
    pub bid: PodU128,
    /// The epoch whose reviews made the means; 0 while there are none. They are of the complete epochs before it.
    pub means_epoch: u64,
    pub mean_credits: u64,
    pub mean_kept_credits: u64,
    pub mean_gain_ppb: u32,
    pub mean_bid_ppb: u32,
}

impl Review {
    fn sums(&self) -> Sums {
        Sums {
            stake: Lamports(self.stake),
            credits: self.credits.into(),
            kept_credits: self.kept_credits.into(),
            gain: self.gain.into(),
            bid: self.bid.into(),
        }
    }

    fn set_sums(&mut self, sums: &Sums) {
        self.stake = sums.stake.0;
        self.credits = sums.credits.into();
        self.kept_credits = sums.kept_credits.into();
        self.gain = sums.gain.into();
        self.bid = sums.bid.into();
    }

    fn set_means(&mut self, means: &Means, epoch: Epoch) {
        self.means_epoch = epoch;
        self.mean_credits = means.credits;
        self.mean_kept_credits = means.kept_credits;
        self.mean_gain_ppb = means.gain_ppb;
        self.mean_bid_ppb = means.bid_ppb;
    }
}

impl Pool {
    /// The means that reviews of `epoch` judge by, and the epoch they were made in: the last one before it, unless that is
    /// so long ago that vote accounts may not know its credits any more.
    pub fn means(&self, epoch: Epoch) -> Option<(Means, Epoch)> {
        let Review { means_epoch, mean_credits, mean_kept_credits, mean_gain_ppb, mean_bid_ppb, .. } =
            self.review;
        let age = epoch.saturating_sub(means_epoch);
        let means = Means {
            credits: mean_credits,
            kept_credits: mean_kept_credits,
            gain_ppb: mean_gain_ppb,
            bid_ppb: mean_bid_ppb,
        };
        (means_epoch > 0 && age <= MAX_MEANS_AGE_EPOCHS).then_some((means, means_epoch))
    }

    /// Counts a validator in the means of this epoch, once; whether it was. It counts for the stake that the epoch began with:
    /// what users bring and take around a review makes no difference. Nor does a commission beyond the highest one, which it
    /// may have taken for the moment of the review: a mean that keeps less than anybody may makes all others look best.
    pub fn count_review(
        &mut self,
        record: &mut ValidatorRecord,
        performance: &Performance,
        epoch: Epoch,
    ) -> bool {
        let is_first = record.reviewed_epoch != epoch;
        if is_first {
            record.reviewed_epoch = epoch;
            let commission = performance.commission.min(Bps(self.rules.max_commission_bps));
            let mut sums = self.review.sums();
            sums.add(record.opening_stake(epoch), &Performance { commission, ..*performance });
            self.review.set_sums(&sums);
        }
        is_first
    }

    /// What was reviewed in the epoch that ends becomes the means that later ones are judged by, if it is enough.
    pub(super) fn end_reviews(&mut self) {
        let means = self.review.sums().means(Lamports(self.staked_lamports));
        if let Some(means) = means {
            self.review.set_means(&means, self.counted_epoch);
        }
        self.review.set_sums(&Sums::default());
    }

    /// Changes what a validator's weight depends on, and the sums of weights with it.
    pub fn reweigh(&mut self, record: &mut ValidatorRecord, change: impl FnOnce(&mut ValidatorRecord)) {
        let before = (record.group, record.effective_weight());
        change(record);
        let after = (record.group, record.effective_weight());
        self.total_weight = self.total_weight.saturating_sub(before.1).saturating_add(after.1);
        if let Some(weight) = self.group_weight_mut(before.0) {
            *weight = weight.saturating_sub(before.1);
        }
        if let Some(weight) = self.group_weight_mut(after.0) {
            *weight = weight.saturating_add(after.1);
        }
    }

    fn group_weight_mut(&mut self, group: u16) -> Option<&mut u64> {
        self.group_weights.get_mut(usize::from(group)).filter(|_| group > 0)
    }
}
