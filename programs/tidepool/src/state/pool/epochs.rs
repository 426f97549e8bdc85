//! What time does to a pool.

use {
    super::Pool,
    crate::errors::{MathResultExt, Result},
    anchor_lang::prelude::*,
    tidepool_interface::{header::BREAKER, limits::BREAKER_EPOCHS},
    tidepool_math::{Bps, Epoch, Lamports, Slot},
};

impl Pool {
    /// What is due by the clock: the stream releases rewards, announced fees take effect, pauses end. Everything after it
    /// works at the rate and by the rules of now.
    pub fn touch(&mut self, clock: &Clock) -> Result<()> {
        self.adopt_pending_fees(clock.epoch);
        self.end_pauses(clock.epoch);
        self.release_rewards(clock.slot)
    }

    fn release_rewards(&mut self, slot: Slot) -> Result<()> {
        let mut stream = self.stream();
        let released = stream.release(slot);
        self.set_stream(&stream);
        self.value_floor = Lamports(self.value_floor).plus(released).named()?.0;
        Ok(())
    }

    /// Whether `slot` lies in the part of the epoch in which stake moves.
    pub fn is_move_window(&self, slot: Slot, first_slot: Slot, slots_in_epoch: u64) -> bool {
        let open_slots = Bps(self.move_window_bps).of_ceil(slots_in_epoch);
        let passed = slot.saturating_sub(first_slot);
        passed.saturating_add(open_slots) >= slots_in_epoch
    }

    /// Counts a validator whose accounts were seen, once an epoch; all of them seen make the epoch updated.
    pub fn count_update(&mut self, epoch: Epoch, slot: Slot) {
        self.begin_epoch(epoch);
        self.validators_updated = self.validators_updated.saturating_add(1);
        self.complete_epoch(epoch, slot);
    }

    /// All validators seen make the epoch updated.
    pub(super) fn complete_epoch(&mut self, epoch: Epoch, slot: Slot) {
        if self.validators_updated >= self.validator_count {
            self.last_update_epoch = epoch;
            self.last_update_slot = slot;
        }
    }

    /// The gain of the counted epoch becomes that of the last one. If not all rewards of the epoch were looked for, or if it
    /// had none, it says too little: then the larger one holds.
    fn end_gain(&mut self) {
        let gain_ppb = core::mem::take(&mut self.gain_ppb);
        let is_whole = self.last_update_epoch == self.counted_epoch && gain_ppb > 0;
        self.last_gain_ppb = if is_whole { gain_ppb } else { gain_ppb.max(self.last_gain_ppb) };
    }

    /// What was found in stake accounts, or lost from them. Beyond what the pool thinks possible in an epoch the breaker
    /// opens: nobody enters or leaves at once at a rate that may be wrong, until the guardian or time closes it again. Gains
    /// may be as many times as much as there are epochs to find them for.
    pub fn note_found(&mut self, gain: Lamports, loss: Lamports, epoch: Epoch) -> Result<()> {
        self.epoch_gain = self.epoch_gain.saturating_add(gain.0);
        self.epoch_loss = self.epoch_loss.saturating_add(loss.0);
        let most = Bps(self.breaker_bps).of_floor(self.shared_value()?.0);
        let most_gain = most.saturating_mul(u64::from(self.epochs_to_find).max(1));
        let is_news = !(gain.is_zero() && loss.is_zero());
        let is_too_much = self.epoch_gain > most_gain || self.epoch_loss > most;
        if self.breaker_bps > 0 && is_news && is_too_much {
            self.pause_flags |= BREAKER;
            self.breaker_end_epoch = epoch.saturating_add(BREAKER_EPOCHS);
        }
        Ok(())
    }

    pub fn count_move(&mut self, lamports: Lamports) {
        self.moved_lamports = self.moved_lamports.saturating_add(lamports.0);
    }

    /// Starts the counters that run by epoch anew.
    pub fn begin_epoch(&mut self, epoch: Epoch) {
        if self.counted_epoch != epoch {
            self.end_gain();
            self.end_reviews();
            self.counted_epoch = epoch;
            self.epochs_to_find = u16::try_from(self.epochs_not_found(epoch)).unwrap_or(u16::MAX);
            self.moved_lamports = 0;
            self.validators_updated = 0;
            self.epoch_gain = 0;
            self.epoch_loss = 0;
        }
    }
}

/// How many slots `epoch` has.
pub fn slots_in(epoch: Epoch) -> Result<u64> {
    Ok(EpochSchedule::get()?.get_slots_in_epoch(epoch))
}
