//! What an update does with each validator it is given.

use {
    crate::{
        errors::{ensure, MathResultExt, Result, TidepoolError},
        events::{ForeignStakeFound, StakeMerged, StakeMove},
        stake::{self, Phase, Stake, StakeAccount},
        state::{Pool, ValidatorRecord},
        transfer,
    },
    anchor_lang::prelude::*,
    tidepool_interface::{limits::MIN_SWEEP, pda::StakeRole},
    tidepool_math::{Epoch, Lamports, Slot},
};

/// Calls into the stake program that one update makes at most. A transaction may have 64 instructions in all, and a
/// stranger's gifts could make more sweeps due than that; what is left is done by the next update.
const MAX_CALLS: u8 = 48;

/// What a batch found, to be booked at its end.
pub struct Found {
    pub validators: u32,
    pub gain: Lamports,
    /// Of the gain, rewards of stake.
    pub rewards: Lamports,
    pub loss: Lamports,
    pub returned: Lamports,
}

/// A run over validators of a pool and over the stake accounts that were passed for them.
pub struct Batch<'a, 'info> {
    pool: &'a mut Pool,
    pool_key: &'a Pubkey,
    reserve: &'a AccountInfo<'info>,
    stake: Stake<'a, 'info>,
    /// Stake accounts not yet taken by a record.
    accounts: core::slice::Iter<'info, AccountInfo<'info>>,
    epoch: Epoch,
    /// Rent of a stake account today.
    rent_minimum: u64,
    calls_left: u8,
    found: Found,
}

/// A stake account that was passed, and what it is now.
type Seen<'info> = (&'info AccountInfo<'info>, StakeAccount);

fn staked(seen: &Option<Seen>) -> Lamports {
    seen.map_or(Lamports::ZERO, |(_, stake)| stake.staked())
}

impl<'a, 'info> Batch<'a, 'info> {
    pub fn new(
        pool: &'a mut Pool,
        pool_key: &'a Pubkey,
        reserve: &'a AccountInfo<'info>,
        authority: &'a AccountInfo<'info>,
        accounts: &'info [AccountInfo<'info>],
        epoch: Epoch,
    ) -> Result<Self> {
        let signer = transfer::authority_signer(pool_key, pool.bumps.authority);
        Ok(Self {
            pool,
            pool_key,
            reserve,
            stake: Stake { authority, signer },
            accounts: accounts.iter(),
            epoch,
            rent_minimum: Rent::get()?.minimum_balance(stake::ACCOUNT_SIZE),
            calls_left: MAX_CALLS,
            found: Found {
                validators: 0,
                gain: Lamports::ZERO,
                rewards: Lamports::ZERO,
                loss: Lamports::ZERO,
                returned: Lamports::ZERO,
            },
        })
    }

    /// Books what changed in a validator's accounts, lets active stake join the main account and brings free lamports
    /// back to the reserve.
    pub fn update(&mut self, record: &mut ValidatorRecord, slot: Slot) -> Result<()> {
        ensure(record.is_listed(), TidepoolError::NoSuchValidator)?;
        let gain_before = self.found.gain;
        let mut main = self.observe(record, StakeRole::Main)?;
        let mut onramp = self.observe(record, StakeRole::Onramp)?;
        let offramp = self.observe(record, StakeRole::Offramp)?;
        let gain = self.found.gain.saturating_minus(gain_before);
        self.note_rewards(record, [&main, &onramp, &offramp], gain)?;

        if let (Some(main), Some(onramp)) = (&mut main, &mut onramp) {
            self.merge(record, main, onramp)?;
        }
        self.pool.book_staked(record, staked(&main).plus(staked(&onramp)).named()?, self.epoch);
        for (role, seen) in StakeRole::ALL.into_iter().zip([main, onramp, offramp]) {
            if let Some(seen) = seen {
                self.sweep(record, role, seen)?;
            }
        }

        self.found.validators = self.found.validators.saturating_add(1);
        if record.last_update_epoch != self.epoch {
            record.last_update_epoch = self.epoch;
            self.pool.count_update(self.epoch, slot);
        }
        Ok(())
    }

    /// Ends the batch; every account that was passed must have been some record's.
    pub fn finish(self) -> Result<Found> {
        ensure(self.accounts.as_slice().is_empty(), TidepoolError::TooManyAccounts)?;
        Ok(self.found)
    }

    /// Of what was found, what the stake itself has grown by are rewards. Stake that cools down has earned until now.
    fn note_rewards(
        &mut self,
        record: &ValidatorRecord,
        [main, onramp, offramp]: [&Option<Seen>; 3],
        gain: Lamports,
    ) -> Result<()> {
        let grown_in = |seen: &Option<Seen>, cooling: u64| match cooling {
            0 => 0,
            cooling => seen.map_or(0, |(_, account)| account.stake.saturating_sub(cooling)),
        };
        let stake = staked(main).plus(staked(onramp)).named()?;
        let grown = stake
            .saturating_minus(Lamports(record.staked_lamports))
            .saturating_plus(Lamports(grown_in(offramp, record.cooling_lamports)))
            .saturating_plus(Lamports(grown_in(main, record.main_cooling_lamports)));
        self.found.rewards = self.found.rewards.plus(grown.min(gain)).named()?;
        Ok(())
    }

    /// Takes the account of `role` if it comes next, and notes what changed in it since it was last seen.
    fn observe(&mut self, record: &mut ValidatorRecord, role: StakeRole) -> Result<Option<Seen<'info>>> {
        let next = self.accounts.as_slice().first();
        let Some(account) = next.filter(|account| account.key == record.key(role)) else {
            let may_be_left_out = role != StakeRole::Main && !record.uses(role);
            ensure(may_be_left_out, TidepoolError::StakeAccountMismatch)?;
            return Ok(None);
        };
        self.accounts.next();

        let stake = StakeAccount::read(account, self.stake.authority.key);
        let before = Lamports(record.lamports(role));
        let now = Lamports(stake.map_or(0, |stake| stake.lamports));
        record.lamports[role as usize] = now.0;
        if stake.is_none() && !before.is_zero() {
            let stake = StakeMove { vote: record.vote, lamports: before.0 };
            emit!(ForeignStakeFound { pool: *self.pool_key, stake });
        }
        self.limit_cooling(record, role, Lamports(stake.map_or(0, |stake| stake.stake)));
        let gain = now.saturating_minus(before);
        // A gift to an account without stake says nothing of what stake earns.
        if role == StakeRole::Main && before.0 >= self.pool.minimum_delegation {
            record.note_gain(gain, before, self.epoch);
        }
        self.pool.book_found(gain)?;
        self.found.gain = self.found.gain.plus(gain).named()?;
        let loss = before.saturating_minus(now);
        // An account that is the pool's still, and holds less: that is the validator's doing.
        if stake.is_some() {
            record.lost_lamports = record.lost_lamports.saturating_add(loss.0);
        }
        self.found.loss = self.found.loss.plus(loss).named()?;
        Ok(stake.map(|stake| (account, stake)))
    }

    /// Stake that has warmed up joins the main account, if that can take it in this epoch.
    fn merge(
        &mut self,
        record: &mut ValidatorRecord,
        (main_account, main): &mut Seen<'info>,
        (onramp_account, onramp): &mut Seen<'info>,
    ) -> Result<()> {
        let can_leave = onramp.has_rent(self.rent_minimum);
        if self.calls_left == 0 || !can_leave || onramp.phase(self.epoch) != Phase::Active {
            return Ok(());
        }
        let joined = match main.phase(self.epoch) {
            Phase::Inactive => {
                self.limit_cooling(record, StakeRole::Main, Lamports::ZERO);
                onramp.stake
            }
            Phase::Active if main.is_delegated_to(&record.vote) => main.stake.saturating_add(onramp.stake),
            _ => return Ok(()),
        };
        if joined < self.pool.minimum_delegation {
            return self.cool_down_remainder(onramp_account, onramp);
        }
        let moved = Lamports(onramp.stake);
        self.stake.move_stake(onramp_account, main_account, moved)?;
        self.calls_left = self.calls_left.saturating_sub(1);
        *main = self.read_own(main_account)?;
        *onramp = self.read_own(onramp_account)?;
        record.lamports[StakeRole::Main as usize] = main.lamports;
        record.lamports[StakeRole::Onramp as usize] = onramp.lamports;
        let stake = StakeMove { vote: record.vote, lamports: moved.0 };
        emit!(StakeMerged { pool: *self.pool_key, stake });
        Ok(())
    }

    /// What a slashing left below the minimum delegation joins nothing: it comes back to the reserve.
    fn cool_down_remainder(
        &mut self,
        onramp_account: &AccountInfo<'info>,
        onramp: &mut StakeAccount,
    ) -> Result<()> {
        self.calls_left = self.calls_left.saturating_sub(1);
        self.stake.deactivate(onramp_account)?;
        *onramp = self.read_own(onramp_account)?;
        Ok(())
    }

    /// Lamports that are neither staked nor rent go back to the reserve: tips, gifts, and all of a stake that has
    /// cooled down.
    fn sweep(
        &mut self,
        record: &mut ValidatorRecord,
        role: StakeRole,
        (account, stake): Seen<'info>,
    ) -> Result<()> {
        let is_inactive = stake.is_inactive(self.epoch);
        // What is still staked needs the other accounts on its way out.
        let closes = is_inactive && record.has_left();
        let free = match closes {
            true => Lamports(stake.lamports),
            false => stake.free_lamports(is_inactive, self.rent_minimum),
        };
        if closes || free >= MIN_SWEEP {
            if self.calls_left == 0 {
                return Ok(());
            }
            self.stake.withdraw(account, self.reserve, free)?;
            self.calls_left = self.calls_left.saturating_sub(1);
            record.lamports[role as usize] = stake.lamports.saturating_sub(free.0);
            self.pool.book_returned(free)?;
            self.found.returned = self.found.returned.plus(free).named()?;
        }
        if is_inactive {
            record.set_in_use(role, record.is_draining() && !closes);
            self.limit_cooling(record, role, Lamports::ZERO);
        }
        Ok(())
    }

    /// Forgets what is booked as cooling down in an account beyond what it can bring.
    fn limit_cooling(&mut self, record: &mut ValidatorRecord, role: StakeRole, most: Lamports) {
        if let Some(cooling) = record.cooling_mut(role).filter(|cooling| **cooling > most.0) {
            self.pool.book_cooled(Lamports(*cooling).saturating_minus(most));
            *cooling = most.0;
        }
    }

    fn read_own(&self, account: &AccountInfo) -> Result<StakeAccount> {
        StakeAccount::read(account, self.stake.authority.key)
            .ok_or_else(|| TidepoolError::ForeignStakeAccount.into())
    }
}
