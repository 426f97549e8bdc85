//! The liquid-unstake pool: its fee, its quotes and the worth of its shares.

use crate::wide::{div_ceil, div_rem, part_floor, product};
use crate::{mul_div_floor, Bps, Lamports, MathError, Rate, Result, Shares, BPS};

/// A marginal fee that falls linearly with the liquidity L, from `max` at L = 0 to `min` at L ≥ `target`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiquidFee {
    /// Marginal fee at and above the target.
    pub min: Bps,
    /// Marginal fee of the last lamport.
    pub max: Bps,
    /// Liquidity from which on the fee is `min`. 0: the fee is `min` everywhere.
    pub target: Lamports,
}

impl LiquidFee {
    /// The fee for taking `gross` out of `liquidity`: the exact integral of the marginal fee over the path from
    /// `liquidity` to `liquidity − gross`, rounded up once at the very end. At most `gross`.
    ///
    /// The integral, not the fee at the end of the path times the whole amount (Marinade), which charges one large trade
    /// more than its parts. With `min × gross` on the whole path and, for the part of it below the target, the rest of the
    /// marginal fee, `(max − min) × (target − L) / target`:
    ///
    /// `fee = ceil((min × gross + (max − min) × (v² − u²) / (2 × target)) / 10,000)`
    ///
    /// where `u` and `v` are how far the path's two ends lie below the target.
    ///
    /// # Errors
    /// [`MathError::InsufficientLiquidity`] if `gross` is more than there is, [`MathError::InvalidFee`] if `max` is above
    /// 100 % or `min` above `max`.
    pub fn charge(&self, liquidity: Lamports, gross: Lamports) -> Result<Lamports> {
        let steepness = self.max.checked()?.0.checked_sub(self.min.0).ok_or(MathError::InvalidFee)? as u64;
        let end = liquidity.0.checked_sub(gross.0).ok_or(MathError::InsufficientLiquidity)?;
        let target = self.target.0;
        if end >= target || steepness == 0 {
            return Ok(Lamports(self.min.of_ceil(gross.0)));
        }
        // Both at most the target, which is therefore more than 0.
        let u = target.saturating_sub(liquidity.0);
        let v = target.saturating_sub(end);

        // (v² − u²) / (2 × target) = way × (u + way / 2) / target. Half of an odd way would be lost: it stays in `odd`.
        let way = v.saturating_sub(u);
        let (half, odd) = (u.saturating_add(way / 2), way % 2);
        let (whole, rest) = div_rem(product(way, half), target)?;
        // What is left of it is (2 × rest + odd × way) / (2 × target), and less than 2. Rounding up an inner sum to a whole
        // number does not change the outer rounding up: ceil((m + x) / n) = ceil((m + ceil(x)) / n) for whole m and n.
        let twice_rest = (rest as u128).wrapping_shl(1).saturating_add(product(odd, way));
        let part = div_ceil(twice_rest.saturating_mul(steepness as u128).div_ceil(2), target)?;

        let sum = product(self.min.0 as u64, gross.0)
            .saturating_add(product(steepness, whole))
            .saturating_add(part as u128);
        div_ceil(sum, BPS).map(Lamports)
    }
}

/// What a liquid unstake pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidQuote {
    /// Taken from the user.
    pub shares: Shares,
    /// What they are worth, rounded down.
    pub gross: Lamports,
    /// The whole fee.
    pub fee: Lamports,
    /// Of it, what the treasury does not get, rounded up.
    pub providers_fee: Lamports,
    /// Paid to the user, more than 0: `gross − fee`.
    pub net: Lamports,
    /// Of `shares`, the treasury's part of the fee, rounded down; the rest goes to the LPs' vault and is worth at least
    /// `net`.
    pub treasury_shares: Shares,
}

/// A liquid unstake of `shares` against a vault that can pay `liquidity`.
///
/// # Errors
/// [`MathError::InsufficientLiquidity`] if the shares are worth more than `liquidity`, [`MathError::ZeroResult`] if nothing
/// would be paid, [`MathError::Insufficient`] for more shares than there are, [`MathError::InvalidFee`].
pub fn quote_liquid_unstake(
    rate: &Rate,
    shares: Shares,
    liquidity: Lamports,
    fee: &LiquidFee,
    treasury_share: Bps,
) -> Result<LiquidQuote> {
    let treasury_share = treasury_share.checked()?;
    let gross = rate.lamports_floor(rate.existing(shares)?)?;
    let fee = fee.charge(liquidity, gross)?;
    let net = gross.minus(fee)?.non_zero()?;
    let treasurys_fee = Lamports(treasury_share.of_floor(fee.0));
    let treasury_shares = rate.shares_floor(treasurys_fee)?;
    let providers_fee = fee.saturating_minus(treasurys_fee);
    Ok(LiquidQuote { shares, gross, fee, providers_fee, net, treasury_shares })
}

/// What the liquidity pool owns, by its own books (never by live balances: INF, Sec3 2023, flash loans), and how many LP
/// shares own it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiquidityPool {
    /// SOL in its vault, above rent.
    pub sol: Lamports,
    /// LST in its vault.
    pub lst: Shares,
    /// Worth of its own open unstake tickets, rounded down ([`TicketQueue::worth`](crate::TicketQueue::worth)).
    pub tickets: Lamports,
    /// The same, rounded up ([`TicketQueue::worth_ceil`](crate::TicketQueue::worth_ceil)).
    pub tickets_ceil: Lamports,
    /// LP shares.
    pub lp_supply: Shares,
}

impl LiquidityPool {
    /// What it owns in lamports, tickets and the LST at `rate` rounded down.
    ///
    /// # Errors
    /// [`MathError::Overflow`].
    #[inline]
    pub fn value_floor(&self, rate: &Rate) -> Result<Lamports> {
        self.sol.plus(self.tickets)?.plus(rate.lamports_floor(self.lst)?)
    }

    /// What it owns in lamports, tickets and the LST at `rate` rounded up.
    ///
    /// # Errors
    /// [`MathError::Overflow`].
    #[inline]
    pub fn value_ceil(&self, rate: &Rate) -> Result<Lamports> {
        self.sol.plus(self.tickets_ceil)?.plus(rate.lamports_ceil(self.lst)?)
    }

    /// LP shares for adding `lamports`: `floor(lamports × lp_supply / value_ceil)`; 1:1 while there are none.
    ///
    /// # Errors
    /// [`MathError::ZeroResult`] if nothing would be minted, [`MathError::NoValue`] if LP shares exist that hold no value,
    /// [`MathError::Overflow`].
    #[inline]
    pub fn quote_add(&self, rate: &Rate, lamports: Lamports) -> Result<Shares> {
        let lp_rate = Rate { value: self.value_ceil(rate)?, supply: self.lp_supply };
        lp_rate.shares_floor(lamports)?.non_zero()
    }

    /// LP shares that are paid for when `lp` are given back and `fresh` lamports of fees shall stay with the others:
    /// `floor(lp × (value − fresh) / value)`, the value rounded down; all of them if there is none.
    ///
    /// # Errors
    /// As [`value_floor`](Self::value_floor).
    pub fn shares_without_fees(&self, rate: &Rate, lp: Shares, fresh: Lamports) -> Result<Shares> {
        let value = self.value_floor(rate)?;
        Ok(Shares(part_floor(lp.0, value.saturating_minus(fresh).0, value.0)))
    }

    /// LST that should become an unstake ticket so that the SOL comes back to `target`: what SOL and open tickets lack of it,
    /// rounded up, as far as there is LST. Nothing if that is worth less than `least`.
    ///
    /// # Errors
    /// As [`Rate::shares_ceil`].
    pub fn shares_to_recycle(&self, rate: &Rate, target: Lamports, least: Lamports) -> Result<Shares> {
        let missing = target.saturating_minus(self.sol.saturating_plus(self.tickets));
        let shares = match rate.shares_ceil(missing) {
            Ok(shares) => shares.min(self.lst),
            // More shares than can be written are more than there are.
            Err(MathError::Overflow) => self.lst,
            Err(error) => return Err(error),
        };
        match rate.lamports_floor(shares)? >= least {
            true => Ok(shares),
            false => Ok(Shares::ZERO),
        }
    }

    /// What `lp` shares get, both rounded down: their part of the LST, and their part of SOL and open tickets in SOL as far
    /// as the vault has it. So who leaves while capital is in tickets gets all of his part if the vault can pay it; who
    /// stays keeps the tickets. If it cannot, a leaver's minimum protects him: he waits for the tickets or leaves the
    /// difference to those who stay.
    ///
    /// # Errors
    /// [`MathError::Insufficient`] for more LP shares than there are, [`MathError::ZeroResult`] if they are worth nothing,
    /// [`MathError::InsufficientLiquidity`] if all they are worth is in tickets.
    pub fn quote_remove(&self, lp: Shares) -> Result<(Lamports, Shares)> {
        if lp > self.lp_supply {
            return Err(MathError::Insufficient);
        }
        if lp.is_zero() {
            return Err(MathError::ZeroResult);
        }
        let owned = self.sol.plus(self.tickets)?;
        let due = Lamports(mul_div_floor(owned.0, lp.0, self.lp_supply.0)?);
        let (sol, lst) = (due.min(self.sol), Shares(mul_div_floor(self.lst.0, lp.0, self.lp_supply.0)?));
        match (sol.is_zero() && lst.is_zero(), due.is_zero()) {
            (true, true) => Err(MathError::ZeroResult),
            (true, false) => Err(MathError::InsufficientLiquidity),
            (false, _) => Ok((sol, lst)),
        }
    }
}
