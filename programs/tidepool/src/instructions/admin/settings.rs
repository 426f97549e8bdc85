use {
    crate::{
        errors::{ensure, TidepoolError},
        state::Pool,
    },
    anchor_lang::prelude::*,
    tidepool_interface::limits,
    tidepool_math::{Bps, BPS},
};

/// What the admin may change at any time, because it takes nothing from anybody who leaves by a ticket.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// Share of the value that stays in the reserve.
    pub reserve_target_bps: u16,
    /// Last part of an epoch in which stake may move.
    pub move_window_bps: u16,
    /// Largest share of the stake one validator may have.
    pub max_validator_bps: u16,
    /// Largest share of the value that rebalancing may move in an epoch.
    pub max_move_bps: u16,
    /// A gain or loss of an epoch beyond this share of the value shuts deposits and instant exits for two epochs, unless the
    /// guardian opens them again; 0: none does.
    pub breaker_bps: u16,
    pub min_deposit_lamports: u64,
    /// Largest value that deposits may bring the pool to; 0 means no limit.
    pub deposit_cap_lamports: u64,
    /// What instant exits may take in a day; 0 means no limit.
    pub instant_cap_lamports_per_day: u64,
    /// Liquidity at which the exit fee is lowest. A rise makes exits dearer, so it waits as a higher fee does.
    pub liquidity_target_lamports: u64,
}

impl PoolSettings {
    pub fn require_valid(&self) -> Result<()> {
        let shares = [
            self.reserve_target_bps,
            self.move_window_bps,
            self.max_validator_bps,
            self.max_move_bps,
            self.breaker_bps,
        ];
        ensure(
            Bps(self.move_window_bps) >= limits::MIN_MOVE_WINDOW
                && shares.iter().all(|share| u64::from(*share) <= BPS),
            TidepoolError::InvalidParameter,
        )
    }

    /// Writes all but the liquidity target, which is the liquidity pool's.
    pub fn write(&self, pool: &mut Pool) {
        pool.reserve_target_bps = self.reserve_target_bps;
        pool.move_window_bps = self.move_window_bps;
        pool.max_validator_bps = self.max_validator_bps;
        pool.max_move_bps = self.max_move_bps;
        pool.breaker_bps = self.breaker_bps;
        pool.min_deposit = self.min_deposit_lamports;
        pool.deposit_cap = self.deposit_cap_lamports;
        pool.instant_cap_per_day = self.instant_cap_lamports_per_day;
    }
}
