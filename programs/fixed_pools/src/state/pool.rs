use {
    super::{Position, Suspension},
    crate::errors::{ensure, FixedPoolsError, MathResultExt, Result},
    anchor_lang::prelude::*,
    tidepool_interface::fixed::{limits, Function},
    tidepool_math::{fixed::FixedTerms, Bps, Tokens},
};

/// Who may stake.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Access {
    Open,
    /// Who has an approved entry, or a proof against the pool's Merkle root.
    Whitelist,
}

/// What the authority may change at any time, because it holds for new positions alone.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolTerms {
    /// First second in which staking is possible.
    pub start: i64,
    /// First second in which it is not any more.
    pub end: i64,
    /// Smallest stake, in base units.
    pub min_stake: u64,
    /// Most that may be staked in the pool at once.
    pub cap: u64,
    /// Simple interest per year of 365 days.
    pub rate_bps: u16,
    pub access: Access,
}

/// A fixed-APY pool: one product.
///
/// Books: the principal vault holds at least `total_staked`, the reward vault at least `reserved`; both are the sums over
/// open positions. Nothing is promised that is not in the reward vault already.
#[account(zero_copy)]
#[repr(C)]
#[derive(Debug, PartialEq, Eq)]
pub struct Pool {
    pub version: u8,
    pub bump: u8,
    pub decimals: u8,
    /// `Access` as its number.
    pub access: u8,
    /// By `Function`, what is stopped until the authority lets it go on. The bit of claims is never set: their pause ends.
    pub pause_flags: u8,
    /// 1 if users may leave before the end of the lock.
    pub allows_early_exit: u8,
    /// 1 if the mint's issuer can freeze token accounts, those of this pool too.
    pub can_be_frozen: u8,
    pub padding: [u8; 1],
    pub rate_bps: u16,
    /// Why the last emergency was declared, by the pool's own list.
    pub emergency_reason: u16,
    pub padding_2: [u8; 4],
    /// The creator's number of the pool.
    pub pool_id: u64,
    pub creator: Pubkey,
    pub authority: Pubkey,
    /// Who was proposed as authority and has not accepted yet; the zero key if nobody.
    pub proposed_authority: Pubkey,
    pub guardian: Pubkey,
    pub whitelist_manager: Pubkey,
    pub mint: Pubkey,
    pub token_program: Pubkey,
    pub principal_vault: Pubkey,
    pub reward_vault: Pubkey,
    pub did_collection: Pubkey,
    pub merkle_root: [u8; 32],
    /// Users in the Merkle tree, as its maker says.
    pub merkle_leaves: u64,

    pub start: i64,
    pub end: i64,
    pub lock_seconds: u64,
    pub min_stake: u64,
    pub cap: u64,

    /// Σ of the amounts of open positions.
    pub total_staked: u64,
    /// Σ of their full rewards.
    pub promised: u64,
    /// Σ of what of these has not been paid.
    pub reserved: u64,
    pub open_positions: u64,
    /// Users with an open position.
    pub active_users: u64,
    /// Users who ever had one.
    pub users: u64,
    /// Whitelist entries that are approved, those whose time is over included until they are closed or changed.
    pub approved_users: u64,

    pub emergency: Suspension,
    pub claim_pause: Suspension,
    /// Given up in an emergency; stays in the pool until `forfeits_locked_until`.
    pub forfeited: u64,
    pub forfeits_locked_until: i64,

    /// Σ of what was ever brought into the reward vault by `fund_rewards`.
    pub funded: u64,
    /// Σ of all rewards ever paid.
    pub rewarded: u64,
    /// Σ of what the authority ever took out of the reward vault.
    pub withdrawn: u64,
}

impl Pool {
    /// Bytes of the account.
    pub const SPACE: usize = Self::DISCRIMINATOR.len() + size_of::<Self>();
    pub const VERSION: u8 = 1;
    /// All that is left of a pool that was closed: a discriminator that no instruction knows.
    pub const RETIRED: [u8; 8] = *b"retired!";

    /// Whether this is what was left when a pool was closed.
    pub fn is_retired(account: &AccountInfo) -> Result<bool> {
        Ok(*account.owner == crate::ID && account.try_borrow_data()?[..] == Self::RETIRED)
    }

    pub fn is_vault(&self, account: &Pubkey) -> bool {
        [self.principal_vault, self.reward_vault].contains(account)
    }

    // ---- terms

    /// What a position opened now is promised.
    pub fn fixed_terms(&self) -> FixedTerms {
        FixedTerms { rate: Bps(self.rate_bps), lock_seconds: self.lock_seconds }
    }

    /// When a position opened at `now` can be left.
    pub fn unlock_at(&self, now: i64) -> Result<i64> {
        let lock = i64::try_from(self.lock_seconds).map_err(|_| FixedPoolsError::InvalidLock)?;
        Ok(now.saturating_add(lock))
    }

    pub fn terms(&self) -> PoolTerms {
        PoolTerms {
            start: self.start,
            end: self.end,
            min_stake: self.min_stake,
            cap: self.cap,
            rate_bps: self.rate_bps,
            access: if self.is_open_to_all() { Access::Open } else { Access::Whitelist },
        }
    }

    /// Terms for positions to come. What is open already keeps its own.
    pub fn set_terms(&mut self, terms: &PoolTerms, now: i64) -> Result<()> {
        ensure(terms.start < terms.end, FixedPoolsError::WindowReversed)?;
        ensure(terms.end > now, FixedPoolsError::WindowInThePast)?;
        ensure(terms.min_stake > 0, FixedPoolsError::ZeroMinimum)?;
        ensure(terms.min_stake <= terms.cap, FixedPoolsError::MinimumAboveCap)?;
        ensure(terms.cap >= self.total_staked, FixedPoolsError::CapBelowStaked)?;
        ensure(terms.rate_bps > 0, FixedPoolsError::ZeroRate)?;
        let fixed = FixedTerms { rate: Bps(terms.rate_bps), lock_seconds: self.lock_seconds };
        ensure(fixed.repaid(Tokens(terms.cap)).is_ok(), FixedPoolsError::CapTooLarge)?;
        self.start = terms.start;
        self.end = terms.end;
        self.min_stake = terms.min_stake;
        self.cap = terms.cap;
        self.rate_bps = terms.rate_bps;
        self.access = terms.access as u8;
        Ok(())
    }

    pub fn is_open_to_all(&self) -> bool {
        self.access == Access::Open as u8
    }

    // ---- what is shut

    pub fn is_paused(&self, function: Function, now: i64) -> bool {
        match function {
            Function::Claim => self.claim_pause.is_on(now),
            _ => self.pause_flags & function.bit() != 0,
        }
    }

    pub fn require_open(&self, function: Function, now: i64) -> Result<()> {
        let error = match function {
            Function::Stake => FixedPoolsError::StakePaused,
            Function::Claim => FixedPoolsError::ClaimPaused,
            Function::EarlyExit => FixedPoolsError::EarlyExitPaused,
        };
        ensure(!self.is_paused(function, now), error)
    }

    pub fn is_emergency(&self, now: i64) -> bool {
        self.emergency.is_on(now)
    }

    pub fn require_no_emergency(&self, now: i64) -> Result<()> {
        ensure(!self.is_emergency(now), FixedPoolsError::EmergencyActive)
    }

    // ---- staking

    /// Whether a new position may be opened at `now`; its amount is another matter.
    pub fn require_window(&self, now: i64) -> Result<()> {
        self.require_no_emergency(now)?;
        ensure(now >= self.start, FixedPoolsError::NotStarted)?;
        ensure(now < self.end, FixedPoolsError::WindowEnded)
    }

    pub fn require_minimum(&self, amount: Tokens) -> Result<()> {
        ensure(amount.0 >= self.min_stake, FixedPoolsError::BelowMinimumStake)
    }

    pub fn require_rate(&self, min_rate_bps: u16) -> Result<()> {
        ensure(self.rate_bps >= min_rate_bps, FixedPoolsError::BelowMinimumRate)
    }

    /// The reward that `amount` is promised if it is staked at `now`, with so much in the reward vault. Refuses what the cap has no
    /// room for and what the vault cannot cover; a line in the log says what would still fit.
    pub fn promise(&self, amount: Tokens, reward_balance: Tokens, now: i64) -> Result<Tokens> {
        ensure(!amount.is_zero(), FixedPoolsError::ZeroAmount)?;
        if amount > self.room() {
            msg!("room for {} under the cap", self.room());
            return Err(FixedPoolsError::CapReached.into());
        }
        let full_reward = self.fixed_terms().full_reward(amount).named()?;
        if full_reward > self.free_rewards(reward_balance, now) {
            msg!("rewards for {} are left", self.most_stake(reward_balance, now)?);
            return Err(FixedPoolsError::RewardsNotFunded.into());
        }
        Ok(full_reward)
    }

    /// What may still be staked under the cap.
    pub fn room(&self) -> Tokens {
        Tokens(self.cap).saturating_minus(Tokens(self.total_staked))
    }

    /// What of the reward vault nobody was promised and nobody gave up lately: it can be promised, or taken out by the authority.
    pub fn free_rewards(&self, reward_balance: Tokens, now: i64) -> Tokens {
        reward_balance.saturating_minus(Tokens(self.reserved)).saturating_minus(self.locked_forfeits(now))
    }

    /// The largest stake that cap and reward vault allow.
    pub fn most_stake(&self, reward_balance: Tokens, now: i64) -> Result<Tokens> {
        let backed = self.fixed_terms().most_backed_by(self.free_rewards(reward_balance, now)).named()?;
        Ok(backed.min(self.room()))
    }

    /// What must still be funded before the pool can be filled to its cap; 0 if nothing.
    pub fn funding_needed(&self, reward_balance: Tokens, now: i64) -> Result<Tokens> {
        let wanted = self.fixed_terms().full_reward(self.room()).named()?;
        Ok(wanted.saturating_minus(self.free_rewards(reward_balance, now)))
    }

    // ---- books

    pub fn book_opened(&mut self, amount: Tokens, full_reward: Tokens, is_first_of_user: bool) -> Result<()> {
        self.total_staked = Tokens(self.total_staked).plus(amount).named()?.0;
        self.promised = Tokens(self.promised).plus(full_reward).named()?.0;
        self.reserved = Tokens(self.reserved).plus(full_reward).named()?.0;
        self.open_positions = self.open_positions.saturating_add(1);
        self.active_users = self.active_users.saturating_add(u64::from(is_first_of_user));
        Ok(())
    }

    /// Counts the approved users when an entry changes.
    pub fn book_approval(&mut self, was_approved: bool, is_approved: bool) {
        let counted = self.approved_users.saturating_add(u64::from(is_approved));
        self.approved_users = counted.saturating_sub(u64::from(was_approved));
    }

    /// Books a reward that is paid on an open position.
    pub fn book_paid(&mut self, position: &mut Position, reward: Tokens) -> Result<()> {
        position.claimed = Tokens(position.claimed).plus(reward).named()?.0;
        self.reserved = Tokens(self.reserved).minus(reward).named()?.0;
        self.rewarded = self.rewarded.saturating_add(reward.0);
        Ok(())
    }

    /// Books that a position is gone; what was kept for it and not paid is nobody's any more, and returned.
    pub fn book_closed(&mut self, position: &Position, is_last_of_user: bool) -> Result<Tokens> {
        let released = position.reserved();
        self.total_staked = Tokens(self.total_staked).minus(Tokens(position.amount)).named()?.0;
        self.promised = Tokens(self.promised).minus(Tokens(position.full_reward)).named()?.0;
        self.reserved = Tokens(self.reserved).minus(released).named()?.0;
        self.open_positions = self.open_positions.saturating_sub(1);
        self.active_users = self.active_users.saturating_sub(u64::from(is_last_of_user));
        Ok(released)
    }

    /// What was given up in an emergency stays for a while, and is promised to nobody: an authority could stake itself, and
    /// have it by the reward. So nobody gains by declaring an emergency.
    pub fn lock_forfeit(&mut self, forfeited: Tokens, now: i64) {
        if forfeited.is_zero() {
            return;
        }
        self.forfeited = self.locked_forfeits(now).saturating_plus(forfeited).0;
        self.forfeits_locked_until = now.saturating_add(limits::FORFEIT_LOCK_SECONDS);
    }

    pub fn locked_forfeits(&self, now: i64) -> Tokens {
        Tokens(if now < self.forfeits_locked_until { self.forfeited } else { 0 })
    }

    pub fn is_empty(&self) -> bool {
        self.open_positions == 0 && self.total_staked == 0 && self.reserved == 0
    }
}
