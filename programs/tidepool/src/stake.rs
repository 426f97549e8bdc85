//! Everything the program knows of stake accounts and of the stake program (5.x): how an account is read, and every
//! instruction that is sent. The program needs no sysvar accounts, so none are passed.

use {
    crate::{
        errors::{ensure, Result, TidepoolError},
        state::Pool,
        transfer::PoolSigner,
    },
    anchor_lang::{
        prelude::*,
        solana_program::{
            instruction::Instruction,
            program::{get_return_data, invoke_signed_unchecked, invoke_unchecked},
        },
    },
    bytemuck::{Pod, Zeroable},
    solana_stake_interface::{
        stake_history::{StakeHistoryEntry, StakeHistoryGetEntry},
        state::Delegation,
    },
    tidepool_math::{Bps, Epoch, Lamports},
};

pub const STAKE_PROGRAM: Pubkey = solana_stake_interface::program::ID;
pub const VOTE_PROGRAM: Pubkey = pubkey!("Vote111111111111111111111111111111111111111");
const EPOCH_REWARDS_SYSVAR: Pubkey = pubkey!("SysvarEpochRewards1111111111111111111111111");
const STAKE_HISTORY_SYSVAR: Pubkey = pubkey!("SysvarStakeHistory1111111111111111111111111");

/// Bytes of a stake account.
pub const ACCOUNT_SIZE: usize = 200;

/// The reduced warm-up rate (9 % of the cluster's stake an epoch) has applied to every epoch since before any account of
/// this program existed.
const NEW_WARMUP_RATE_EPOCH: Option<Epoch> = Some(0);

/// Share of the cluster's effective stake that may warm up or cool down in an epoch.
const WARMUP_PERCENT: u64 = 9;

/// A stake account's bytes, as the stake program writes them.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, packed)]
struct Layout {
    tag: u32,
    rent_exempt_reserve: u64,
    staker: Pubkey,
    withdrawer: Pubkey,
    lockup_timestamp: i64,
    lockup_epoch: u64,
    lockup_custodian: Pubkey,
    voter: Pubkey,
    stake: u64,
    activation_epoch: u64,
    deactivation_epoch: u64,
    warmup_cooldown_rate: [u8; 8],
    credits_observed: u64,
    flags: u8,
    padding: [u8; 3],
}

const _: () = assert!(size_of::<Layout>() == ACCOUNT_SIZE);

const TAG_UNINITIALIZED: u32 = 0;
const TAG_INITIALIZED: u32 = 1;
const TAG_STAKE: u32 = 2;

/// The cluster's stake history as seen in `epoch`, read entry by entry. The library's own reader does the same for
/// 3,700 compute units more.
struct StakeHistory {
    epoch: Epoch,
}

impl StakeHistoryGetEntry for StakeHistory {
    fn get_entry(&self, epoch: Epoch) -> Option<StakeHistoryEntry> {
        const LENGTH_PREFIX: u64 = 8;
        const ENTRY_SIZE: u64 = 32;
        // None of this epoch or a later one; beyond the oldest one the runtime gives none.
        let epochs_back = self.epoch.checked_sub(1)?.checked_sub(epoch)?;
        let offset = LENGTH_PREFIX + ENTRY_SIZE * epochs_back;
        let mut entry = [0u64; 4];
        let bytes = bytemuck::bytes_of_mut(&mut entry);
        solana_sysvar::get_sysvar(bytes, &STAKE_HISTORY_SYSVAR, offset, ENTRY_SIZE).ok()?;
        let [entry_epoch, effective, activating, deactivating] = entry;
        (entry_epoch == epoch).then_some(StakeHistoryEntry { effective, activating, deactivating })
    }
}

/// Where a stake account stands between being delegated and being free again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing is staked: all but the rent can be withdrawn.
    Inactive,
    /// Warming up, wholly or in part.
    Activating,
    /// All of it earns.
    Active,
    /// Cooling down, wholly or in part.
    Deactivating,
}

/// A stake account of the pool as it is now.
#[derive(Clone, Copy, Debug)]
pub struct StakeAccount {
    pub lamports: u64,
    /// Lamports under delegation, 0 if there is none.
    pub stake: u64,
    rent_exempt_reserve: u64,
    voter: Pubkey,
    activation_epoch: Epoch,
    deactivation_epoch: Epoch,
}

impl StakeAccount {
    /// Reads `account`, or gives `None` if it is no stake account that `authority` alone controls.
    #[inline]
    pub fn read(account: &AccountInfo, authority: &Pubkey) -> Option<Self> {
        if *account.owner != STAKE_PROGRAM {
            return None;
        }
        let data = account.try_borrow_data().ok()?;
        let state: &Layout = bytemuck::from_bytes(data.get(..ACCOUNT_SIZE)?);
        let is_ours = { state.staker } == *authority
            && { state.withdrawer } == *authority
            && state.lockup_timestamp == 0
            && state.lockup_epoch == 0;
        let account = Self::of(account, state);
        match state.tag {
            TAG_STAKE if is_ours => Some(account),
            TAG_INITIALIZED if is_ours => Some(Self { stake: 0, ..account }),
            _ => None,
        }
    }

    /// Reads a depositor's account, which must be his alone and free of a lockup. A lockup that is over cannot come back once
    /// the account is the pool's: only the withdrawer can set one then.
    pub fn read_depositors(account: &AccountInfo, owner: &Pubkey, clock: &Clock) -> Result<Self> {
        ensure(*account.owner == STAKE_PROGRAM, TidepoolError::StakeNotYours)?;
        let data = account.try_borrow_data()?;
        // Larger ones keep more rent than the pool reckons with.
        ensure(data.len() == ACCOUNT_SIZE, TidepoolError::StakeNotYours)?;
        let state: &Layout = bytemuck::from_bytes(&data);
        let is_free = state.lockup_timestamp <= clock.unix_timestamp && state.lockup_epoch <= clock.epoch;
        let is_his = { state.staker } == *owner && { state.withdrawer } == *owner;
        ensure(is_his && is_free, TidepoolError::StakeNotYours)?;
        ensure(state.tag == TAG_STAKE, TidepoolError::StakeNotActive)?;
        Ok(Self::of(account, state))
    }

    fn of(account: &AccountInfo, state: &Layout) -> Self {
        Self {
            lamports: account.lamports(),
            rent_exempt_reserve: state.rent_exempt_reserve,
            stake: state.stake,
            voter: state.voter,
            activation_epoch: state.activation_epoch,
            deactivation_epoch: state.deactivation_epoch,
        }
    }

    /// Lamports under a delegation that nobody has asked to cool down.
    pub fn staked(&self) -> Lamports {
        Lamports(if self.deactivation_epoch == Epoch::MAX { self.stake } else { 0 })
    }

    /// Whether `vote` is what the account is delegated to, or was the last time.
    pub fn is_delegated_to(&self, vote: &Pubkey) -> bool {
        self.voter == *vote
    }

    /// Whether it was sent to cool down in `epoch` and a new delegation to the same vote account would take that back.
    pub fn can_resume(&self, epoch: Epoch, rent_minimum: u64) -> bool {
        let is_cooling_since = self.deactivation_epoch == epoch && self.activation_epoch != epoch;
        is_cooling_since && self.stake > 0 && self.lamports >= self.stake.saturating_add(rent_minimum)
    }

    /// Whether it was delegated in `epoch`, the last time it was, and may be delegated again with more.
    pub fn is_fresh(&self, epoch: Epoch) -> bool {
        self.activation_epoch == epoch
    }

    /// The phase by the cluster's stake history, as the stake program itself computes it.
    pub fn phase(&self, epoch: Epoch) -> Phase {
        if self.stake == 0 {
            return Phase::Inactive;
        }
        self.phase_after_one_epoch(epoch).unwrap_or_else(|| self.phase_by_history(epoch))
    }

    /// The usual case without a float: so little of the cluster's stake was moving in the epoch of the change that all
    /// of it moved at once. The margin is far above what rounding can do in the stake program's own computation.
    fn phase_after_one_epoch(&self, epoch: Epoch) -> Option<Phase> {
        let is_cooling = self.deactivation_epoch != Epoch::MAX;
        let changed_epoch = if is_cooling { self.deactivation_epoch } else { self.activation_epoch };
        let cluster = StakeHistory { epoch }.get_entry(changed_epoch)?;
        let moving = if is_cooling { cluster.deactivating } else { cluster.activating };
        let may_move = cluster.effective / 100 * WARMUP_PERCENT;
        let at_once = may_move > moving.saturating_add(moving >> 20).saturating_add(1);
        at_once.then_some(if is_cooling { Phase::Inactive } else { Phase::Active })
    }

    fn phase_by_history(&self, epoch: Epoch) -> Phase {
        let delegation = Delegation {
            voter_pubkey: self.voter,
            stake: self.stake,
            activation_epoch: self.activation_epoch,
            deactivation_epoch: self.deactivation_epoch,
            ..Delegation::default()
        };
        // Stake program 5.1 computes with floats; integers would differ from it by a lamport in a long warm-up.
        #[allow(deprecated)]
        let status = delegation.stake_activating_and_deactivating(
            epoch,
            &StakeHistory { epoch },
            NEW_WARMUP_RATE_EPOCH,
        );
        match (status.effective, status.activating, status.deactivating) {
            (0, 0, 0) => Phase::Inactive,
            (_, 0, 0) => Phase::Active,
            (_, _, 0) => Phase::Activating,
            _ => Phase::Deactivating,
        }
    }

    /// Whether nothing is staked, so that all but the rent can be withdrawn. What nobody has asked to cool down needs no look.
    pub fn is_inactive(&self, epoch: Epoch) -> bool {
        self.stake == 0 || (self.deactivation_epoch != Epoch::MAX && self.phase(epoch) == Phase::Inactive)
    }

    /// Whether it holds today's rent beside its stake. After a rise of the rent the stake program lets no stake out of an account
    /// that does not; the cluster makes up for that when it pays rewards.
    pub fn has_rent(&self, rent_minimum: u64) -> bool {
        self.lamports.saturating_sub(self.stake) >= rent_minimum
    }

    /// Lamports that are neither staked nor needed as rent. `rent_minimum` is today's rent of a stake account: the
    /// account remembers the rent of the day it was made, and the larger of both must stay.
    pub fn free_lamports(&self, is_inactive: bool, rent_minimum: u64) -> Lamports {
        let staked = if is_inactive { 0 } else { self.stake };
        let kept = self.rent_exempt_reserve.max(rent_minimum);
        Lamports(self.lamports.saturating_sub(staked).saturating_sub(kept))
    }
}

/// Whether stake rewards are being paid out, when the stake program refuses everything.
pub fn rewards_are_being_paid() -> Result<bool> {
    const ACTIVE_OFFSET: u64 = 80;
    let mut active = [0];
    solana_sysvar::get_sysvar(&mut active, &EPOCH_REWARDS_SYSVAR, ACTIVE_OFFSET, 1)?;
    Ok(active[0] != 0)
}

pub fn require_no_rewards_payout() -> Result<()> {
    ensure(!rewards_are_being_paid()?, TidepoolError::EpochRewardsActive)?;
    Ok(())
}

/// Whether more than `most` of the cluster's stake is with a validator. A share of 100 % needs no look.
pub fn is_above_cluster_share(vote: &Pubkey, most: Bps) -> bool {
    if most >= Bps::ONE {
        return false;
    }
    let own = solana_epoch_stake::get_epoch_stake_for_vote_account(vote);
    own > most.of_floor(solana_epoch_stake::get_epoch_total_stake())
}

/// Refuses outside the last part of an epoch in which stake moves.
pub fn require_move_window(pool: &Pool, clock: &Clock) -> Result<()> {
    ensure(is_move_window(pool, clock)?, TidepoolError::OutsideMoveWindow)
}

/// Whether it is the last part of an epoch in which stake moves.
pub fn is_move_window(pool: &Pool, clock: &Clock) -> Result<bool> {
    let schedule = EpochSchedule::get()?;
    Ok(pool.is_move_window(
        clock.slot,
        schedule.get_first_slot_in_epoch(clock.epoch),
        schedule.get_slots_in_epoch(clock.epoch),
    ))
}

/// Stake instructions signed by the pool's authority.
pub struct Stake<'a, 'info> {
    pub authority: &'a AccountInfo<'info>,
    pub signer: PoolSigner<'a>,
}

impl<'info> Stake<'_, 'info> {
    pub fn delegate(&self, stake: &AccountInfo<'info>, vote: &AccountInfo<'info>) -> Result<()> {
        let metas = vec![
            AccountMeta::new(*stake.key, false),
            AccountMeta::new_readonly(*vote.key, false),
            self.authority_meta(),
        ];
        self.invoke(metas, tag(2), &[stake.clone(), vote.clone(), self.authority.clone()])
    }

    pub fn deactivate(&self, stake: &AccountInfo<'info>) -> Result<()> {
        let metas = vec![AccountMeta::new(*stake.key, false), self.authority_meta()];
        self.invoke(metas, tag(5), &[stake.clone(), self.authority.clone()])
    }

    pub fn withdraw(
        &self,
        stake: &AccountInfo<'info>,
        to: &AccountInfo<'info>,
        lamports: Lamports,
    ) -> Result<()> {
        self.invoke_between(stake, to, tag_and_lamports(4, lamports))
    }

    /// Moves active stake with its lamports; the rest of the source's lamports stays.
    pub fn move_stake(
        &self,
        from: &AccountInfo<'info>,
        to: &AccountInfo<'info>,
        lamports: Lamports,
    ) -> Result<()> {
        self.invoke_between(from, to, tag_and_lamports(16, lamports))
    }

    /// Splits active stake off into a new account, which gets the same authorities.
    pub fn split(
        &self,
        from: &AccountInfo<'info>,
        to: &AccountInfo<'info>,
        lamports: Lamports,
    ) -> Result<()> {
        self.invoke_between(from, to, tag_and_lamports(3, lamports))
    }

    /// Merges all of `from`, stake and free lamports, into `to`; `from` is gone.
    pub fn merge(&self, from: &AccountInfo<'info>, to: &AccountInfo<'info>) -> Result<()> {
        self.invoke_between(to, from, tag(7))
    }

    /// Hands both authorities over `stake` to `owner`.
    pub fn hand_over(&self, stake: &AccountInfo<'info>, owner: &Pubkey) -> Result<()> {
        for role in AUTHORITIES {
            let metas = vec![AccountMeta::new(*stake.key, false), self.authority_meta()];
            self.invoke(metas, authorize(owner, role), &[stake.clone(), self.authority.clone()])?;
        }
        Ok(())
    }

    /// An instruction on two accounts, both of which it changes.
    fn invoke_between(
        &self,
        first: &AccountInfo<'info>,
        second: &AccountInfo<'info>,
        data: Vec<u8>,
    ) -> Result<()> {
        let metas = vec![
            AccountMeta::new(*first.key, false),
            AccountMeta::new(*second.key, false),
            self.authority_meta(),
        ];
        self.invoke(metas, data, &[first.clone(), second.clone(), self.authority.clone()])
    }

    fn authority_meta(&self) -> AccountMeta {
        AccountMeta::new_readonly(*self.authority.key, true)
    }

    fn invoke(&self, accounts: Vec<AccountMeta>, data: Vec<u8>, infos: &[AccountInfo<'info>]) -> Result<()> {
        let instruction = Instruction { program_id: STAKE_PROGRAM, accounts, data };
        self.signer.sign(|seeds| invoke_signed_unchecked(&instruction, infos, seeds)).map_err(Into::into)
    }
}

/// Takes both authorities over `stake` from `owner`, who signed.
pub fn take_over<'info>(
    stake: &AccountInfo<'info>,
    owner: &AccountInfo<'info>,
    authority: &Pubkey,
) -> Result<()> {
    for role in AUTHORITIES {
        let accounts = vec![AccountMeta::new(*stake.key, false), AccountMeta::new_readonly(*owner.key, true)];
        let instruction =
            Instruction { program_id: STAKE_PROGRAM, accounts, data: authorize(authority, role) };
        invoke_unchecked(&instruction, &[stake.clone(), owner.clone()])?;
    }
    Ok(())
}

/// Refuses what a split cannot go to: anything but an uninitialized account that is rent-exempt already. Gives that rent.
pub fn require_new_account(stake: &AccountInfo) -> Result<u64> {
    let rent_minimum = Rent::get()?.minimum_balance(ACCOUNT_SIZE);
    let is_new = *stake.owner == STAKE_PROGRAM
        && stake.data_len() == ACCOUNT_SIZE
        && stake.try_borrow_data()?.first_chunk() == Some(&TAG_UNINITIALIZED.to_le_bytes())
        && stake.lamports() >= rent_minimum;
    ensure(is_new, TidepoolError::StakeAccountNotNew)?;
    Ok(rent_minimum)
}

/// Makes a stake account, allocated already, the authority's alone.
pub fn initialize<'info>(stake: &AccountInfo<'info>, authority: &Pubkey) -> Result<()> {
    const NO_LOCKUP: [u8; 48] = [0; 48];
    let mut data = tag(0);
    data.extend_from_slice(authority.as_ref()); // staker
    data.extend_from_slice(authority.as_ref()); // withdrawer
    data.extend_from_slice(&NO_LOCKUP);
    let accounts = vec![AccountMeta::new(*stake.key, false)];
    let instruction = Instruction { program_id: STAKE_PROGRAM, accounts, data };
    invoke_unchecked(&instruction, core::slice::from_ref(stake)).map_err(Into::into)
}

/// Smallest delegation the stake program accepts now.
pub fn minimum_delegation() -> Result<Lamports> {
    let instruction = Instruction { program_id: STAKE_PROGRAM, accounts: vec![], data: tag(13) };
    invoke_unchecked(&instruction, &[])?;
    // A call clears what an earlier one returned.
    let (_, data) = get_return_data().ok_or(TidepoolError::WrongStakeProgram)?;
    let lamports = data.first_chunk().ok_or(TidepoolError::WrongStakeProgram)?;
    Ok(Lamports(u64::from_le_bytes(*lamports)))
}

/// Staker and withdrawer, in this order: the withdrawer may still replace the staker.
const AUTHORITIES: [u32; 2] = [0, 1];

fn authorize(new: &Pubkey, role: u32) -> Vec<u8> {
    let mut data = Vec::with_capacity(40);
    data.extend_from_slice(&1u32.to_le_bytes());
    data.extend_from_slice(new.as_ref());
    data.extend_from_slice(&role.to_le_bytes());
    data
}

fn tag(number: u32) -> Vec<u8> {
    number.to_le_bytes().to_vec()
}

fn tag_and_lamports(number: u32, lamports: Lamports) -> Vec<u8> {
    let mut data = Vec::with_capacity(12);
    data.extend_from_slice(&number.to_le_bytes());
    data.extend_from_slice(&lamports.0.to_le_bytes());
    data
}
