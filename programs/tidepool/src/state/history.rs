use {
    super::{Gains, Pool},
    crate::errors::{ensure, MathResultExt, Result, TidepoolError},
    anchor_lang::{prelude::*, Discriminator},
    bytemuck::{Pod, Zeroable},
    tidepool_math::{apy_ppm, Lamports, Rate, Shares},
};

/// What a pool was worth at the first sync of an epoch, and what had changed since the entry before.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct HistoryEntry {
    pub epoch: u64,
    /// Seconds since 1970 by the cluster's clock.
    pub timestamp: i64,
    pub slot: u64,
    pub value: u64,
    pub lst_supply: u64,
    pub withheld: u64,
    /// Lamports gained, by source.
    pub gains: Gains,
    /// Lamports lost from stake accounts.
    pub loss: u64,
}

impl HistoryEntry {
    pub fn rate(&self) -> Rate {
        Rate { value: Lamports(self.value), supply: Shares(self.lst_supply) }
    }
}

/// What stands in front of the entries.
#[account(zero_copy)]
#[repr(C)]
pub struct History {
    pub pool: Pubkey,
    /// Entries ever made; number `n` lies at place `n % CAPACITY`.
    pub entries_made: u64,
    pub reserved: [u8; 24],
}

impl History {
    /// Entries the ring has room for: almost three years of epochs of two days.
    pub const CAPACITY: usize = 512;
    /// Bytes of the account once it is whole.
    pub const SPACE: usize = Self::ENTRIES + Self::CAPACITY * size_of::<HistoryEntry>();
    /// The most bytes that an account can grow by in one instruction.
    pub const GROWTH: usize = 10_240;
    const ENTRIES: usize = 8 + size_of::<Self>();

    pub fn initialize(account: &AccountInfo, pool: Pubkey) -> Result<()> {
        let mut data = account.try_borrow_mut_data()?;
        let head = data.get_mut(..Self::ENTRIES).ok_or(TidepoolError::WrongHistory)?;
        head[..8].copy_from_slice(Self::DISCRIMINATOR);
        let history: &mut Self = bytemuck::from_bytes_mut(&mut head[8..]);
        history.pool = pool;
        Ok(())
    }
}

/// The history as it lies in its account, which may still have to grow.
pub struct HistoryRing<'a> {
    history: &'a History,
    entries: &'a [HistoryEntry],
}

impl<'a> HistoryRing<'a> {
    pub fn read(data: &'a [u8], pool: &Pubkey) -> Result<Self> {
        let (head, entries) = data.split_at_checked(History::ENTRIES).ok_or(TidepoolError::WrongHistory)?;
        ensure(head.starts_with(History::DISCRIMINATOR), TidepoolError::WrongHistory)?;
        let history: &History =
            bytemuck::try_from_bytes(&head[8..]).map_err(|_| TidepoolError::WrongHistory)?;
        ensure(history.pool == *pool, TidepoolError::WrongPool)?;
        let whole = entries.len() / size_of::<HistoryEntry>() * size_of::<HistoryEntry>();
        let entries = bytemuck::try_cast_slice(&entries[..whole]).map_err(|_| TidepoolError::WrongHistory)?;
        Ok(Self { history, entries })
    }

    /// Entries there are.
    pub fn len(&self) -> usize {
        usize::try_from(self.history.entries_made).unwrap_or(usize::MAX).min(History::CAPACITY)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entry made before `back` others.
    pub fn newest(&self, back: usize) -> Option<&HistoryEntry> {
        let number = usize::try_from(self.history.entries_made).ok()?.checked_sub(back)?.checked_sub(1)?;
        (back < History::CAPACITY).then(|| self.entries.get(number % History::CAPACITY)).flatten()
    }

    /// The newest entry that is not younger than `timestamp`, or the oldest one.
    pub fn at(&self, timestamp: i64) -> Option<&HistoryEntry> {
        // How many entries are younger; they become older and older, so a bisection finds it.
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.newest(middle)?.timestamp > timestamp {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        self.newest(low.min(self.len().checked_sub(1)?))
    }

    /// Compounding growth a year, in parts per million, net of all fees: from the entry of `seconds` before `now`, or the
    /// oldest one, to the rate of now. Gives the time it is measured from, too.
    pub fn apy_ppm(&self, now: &Rate, timestamp: i64, seconds: u64) -> Result<(i64, i64)> {
        let from = timestamp.saturating_sub(i64::try_from(seconds).unwrap_or(i64::MAX));
        let entry = self.at(from).ok_or(TidepoolError::HistoryTooShort)?;
        let passed = u64::try_from(timestamp.saturating_sub(entry.timestamp)).unwrap_or(0);
        ensure(passed > 0, TidepoolError::HistoryTooShort)?;
        Ok((apy_ppm(&entry.rate(), now, passed).named()?, entry.timestamp))
    }
}

/// Writes the entry of an epoch, if the account has room for it: until it has grown, history waits.
pub fn record(data: &mut [u8], pool_key: &Pubkey, pool: &mut Pool, clock: &Clock) -> Result<bool> {
    let (head, entries) = data.split_at_mut_checked(History::ENTRIES).ok_or(TidepoolError::WrongHistory)?;
    ensure(head.starts_with(History::DISCRIMINATOR), TidepoolError::WrongHistory)?;
    let history: &mut History = bytemuck::from_bytes_mut(&mut head[8..]);
    ensure(history.pool == *pool_key, TidepoolError::WrongPool)?;
    let place = history.entries_made as usize % History::CAPACITY * size_of::<HistoryEntry>();
    let Some(bytes) = entries.get_mut(place..place + size_of::<HistoryEntry>()) else { return Ok(false) };
    let entry: &mut HistoryEntry = bytemuck::from_bytes_mut(bytes);
    *entry = HistoryEntry {
        epoch: clock.epoch,
        timestamp: clock.unix_timestamp,
        slot: clock.slot,
        value: pool.value_floor,
        lst_supply: pool.lst_supply,
        withheld: pool.withheld,
        gains: core::mem::take(&mut pool.gains),
        loss: core::mem::take(&mut pool.loss),
    };
    history.entries_made = history.entries_made.saturating_add(1);
    Ok(true)
}
