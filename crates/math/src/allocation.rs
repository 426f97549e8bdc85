//! How much stake each validator should have, and what to move towards that.

use crate::wide::{part_floor, product};
use crate::{Bps, Lamports, Result};

/// What can be staked: `Σ stake + free reserve − reserve buffer − unfilled tickets`, not below 0 and not above `u64::MAX`.
#[inline]
#[must_use]
pub fn delegatable(stake: Lamports, free: Lamports, buffer: Lamports, unfilled: Lamports) -> Lamports {
    let have = (stake.0 as u128).saturating_add(free.0 as u128);
    let keep = (buffer.0 as u128).saturating_add(unfilled.0 as u128);
    Lamports(u64::try_from(have.saturating_sub(keep)).unwrap_or(u64::MAX))
}

/// What limits the stake of one validator beside its weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetCaps {
    /// Largest share of all that can be staked, for one validator.
    pub validator: Bps,
    /// Largest share of it for the validators of one group.
    pub group: Bps,
    /// Weight of the validator's whole group; 0 if it is in none.
    pub group_weight: u64,
    /// Stake that its bond backs; `None` if no bond is asked for.
    pub backed: Option<Lamports>,
}

impl TargetCaps {
    /// The most that a validator of this weight may have of `delegatable`: its own share, its part by weight of what its group
    /// may have, and what its bond backs. Rounded down.
    ///
    /// # Errors
    /// [`MathError::InvalidFee`](crate::MathError::InvalidFee) if a share is above 100 %.
    pub fn most(&self, delegatable: Lamports, weight: u64) -> Result<Lamports> {
        let own = self.validator.checked()?.of_floor(delegatable.0);
        let of_group = match self.group_weight {
            0 => u64::MAX,
            all => part_floor(self.group.checked()?.of_floor(delegatable.0), weight, all),
        };
        Ok(Lamports(own.min(of_group)).min(self.backed.unwrap_or(Lamports::MAX)))
    }
}

/// A validator's target: `min(floor(delegatable × weight / total_weight), most)`; 0 if no validator has any weight.
///
/// # Errors
/// As [`TargetCaps::most`].
#[inline]
pub fn target_stake(
    delegatable: Lamports,
    weight: u64,
    total_weight: u64,
    caps: &TargetCaps,
) -> Result<Lamports> {
    let most = caps.most(delegatable, weight)?;
    Ok(part_by_weight(delegatable, weight, total_weight).min(most))
}

/// The part of `all` that falls to a weight, rounded down; 0 if no validator has any weight.
#[inline]
#[must_use]
pub fn part_by_weight(all: Lamports, weight: u64, total_weight: u64) -> Lamports {
    match total_weight {
        0 => Lamports::ZERO,
        total => Lamports(part_floor(all.0, weight, total)),
    }
}

/// What to stake with a validator: `min(spare, max(target − current, minimum))` if it is below its target. `None` (nothing to
/// do) if that is less than `minimum`, the network's minimum delegation: nothing is staked that could never be taken back.
///
/// * `spare`: what the reserve can spare; `part`: the validator's part of that by weight.
/// * A validator that lacks less than `minimum` gets that much all the same, else a small deposit, spread over many, would
///   never be staked; it is then above its target by less than `minimum`, which moves nothing back. But only if it lacks at
///   least its `part`: what others lack more of is theirs. Some validator always does, unless caps keep SOL in the reserve.
#[inline]
#[must_use]
pub fn stake_to_delegate(
    spare: Lamports,
    part: Lamports,
    target: Lamports,
    current: Lamports,
    minimum: Lamports,
) -> Option<Lamports> {
    let lacking = target.saturating_minus(current);
    if lacking.is_zero() || lacking < part.min(minimum) {
        return None;
    }
    let stake = spare.min(lacking.max(minimum));
    (stake >= minimum && !stake.is_zero()).then_some(stake)
}

/// What to take from a validator.
///
/// * `active`: its active stake, the only stake that can be taken. `current`: all of its stake that stays (active and
///   activating). `target`: what it should have; its surplus is what `current` exceeds that by.
/// * `shortfall`: unfilled tickets that stake already cooling down does not cover. Taken from the surplus, at least
///   `minimum`, and never limited by `budget`.
/// * `budget`: what may still be moved in this epoch to rebalance; limits what is taken for that.
/// * A validator without a surplus of `minimum` gives one `minimum` if there is a shortfall and it is at or above its
///   target: else a small shortfall spread over many validators would never be served.
///
/// Both what is taken and what stays is 0 or at least `minimum`: if the rest would be less, all is taken (known on SPL as
/// stake that is too small to split, stake-pool#756). Only a validator that has less than `minimum` to begin with gives
/// less: all it has. `None`: nothing to do.
#[must_use]
pub fn stake_to_undelegate(
    active: Lamports,
    current: Lamports,
    target: Lamports,
    shortfall: Lamports,
    budget: Lamports,
    minimum: Lamports,
) -> Option<Lamports> {
    let surplus = current.saturating_minus(target);
    // Stake below the minimum cannot be split, but all of it can be deactivated.
    let smallest = minimum.min(active);
    let for_tickets = match shortfall.is_zero() || current < target {
        true => Lamports::ZERO,
        false => shortfall.min(surplus).max(smallest),
    };
    let for_balance = match surplus.min(budget) {
        part if part >= smallest => part,
        _ => Lamports::ZERO,
    };
    let wanted = for_tickets.max(for_balance).min(active);
    if wanted.is_zero() {
        return None;
    }
    let rest = active.saturating_minus(wanted);
    Some(if rest < minimum { active } else { wanted })
}

/// Whether a validator has at least its share of all that is staked: `staked × total_weight ≥ total_staked × weight`. One
/// always has, as long as weights and stakes are those of the same validators.
#[must_use]
pub fn holds_its_share(staked: Lamports, total_staked: Lamports, weight: u64, total_weight: u64) -> bool {
    product(staked.0, total_weight) >= product(total_staked.0, weight)
}
