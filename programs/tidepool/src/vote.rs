//! What the program reads of vote accounts, in each of the layouts a cluster can hold. An unknown layout is an error by
//! name here, and holds nothing that lets stake or holders out.

use {
    crate::{
        errors::{ensure, Result, TidepoolError},
        stake::VOTE_PROGRAM,
    },
    anchor_lang::prelude::*,
    tidepool_math::{Bps, Epoch, Slot},
};

/// Tags in front of the layouts that are read, and in front of nothing.
const NONE: u32 = 0;
const V1_14_11: u32 = 1;
const V3: u32 = 2;
const V4: u32 = 3;

/// Bytes of a vote in the tower: slot and confirmations, from V3 on with its latency.
const LOCKOUT: usize = 12;
const LANDED_VOTE: usize = 13;
const AUTHORIZED_VOTER: usize = 40;
/// The ring of prior voters, which V4 has no more.
const PRIOR_VOTERS: usize = 32 * 48 + 8 + 1;
const BLS_KEY: usize = 48;
const EPOCH_CREDITS: usize = 24;

/// A vote account as it is now.
pub struct VoteState<'a> {
    /// The node that votes.
    pub node: Pubkey,
    /// Who may withdraw from the account.
    pub withdrawer: Pubkey,
    /// Share of inflation rewards that the validator keeps, at most 100 %.
    pub commission: Bps,
    /// The last slot it is known to have voted for.
    pub last_vote_slot: Slot,
    /// Epoch, credits at its end, credits at its start; oldest first.
    credits: &'a [[u8; EPOCH_CREDITS]],
}

impl<'a> VoteState<'a> {
    /// What stands in an account of `owner`; `None` if that is no vote account, or one that was never initialized or was
    /// closed.
    ///
    /// # Errors
    /// As [`VoteState::parse`].
    pub fn of(owner: &Pubkey, data: &'a [u8]) -> Result<Option<Self>> {
        match *owner == VOTE_PROGRAM {
            true => Self::parse(data),
            false => Ok(None),
        }
    }

    /// Reads the bytes of a vote account; `None` if it was never initialized. One too short for a tag never was: whoever has the
    /// key of a closed one can give its address to the vote program again, with as few bytes as he likes. An error would then
    /// keep its score where it is, and its bond from being settled.
    ///
    /// # Errors
    /// `UnknownVoteVersion` for a layout this program does not know, `VoteAccountUnreadable` if the bytes end too early.
    pub fn parse(data: &'a [u8]) -> Result<Option<Self>> {
        let mut bytes = Bytes(data);
        let tag = bytes.take().map_or(NONE, u32::from_le_bytes);
        if tag == NONE {
            return Ok(None);
        }
        ensure([V1_14_11, V3, V4].contains(&tag), TidepoolError::UnknownVoteVersion)?;
        Self::read(bytes, tag).ok_or_else(|| TidepoolError::VoteAccountUnreadable.into())
    }

    /// `None` if the bytes end too early, `Some(None)` if nobody may vote: that is how the vote program writes that it is none.
    fn read(mut bytes: Bytes<'a>, tag: u32) -> Option<Option<Self>> {
        let node = Pubkey::new_from_array(bytes.take()?);
        let withdrawer = Pubkey::new_from_array(bytes.take()?);
        let commission = match tag {
            V4 => {
                bytes.skip(64)?; // who collects rewards and block revenue
                let bps = u16::from_le_bytes(bytes.take()?);
                bytes.skip(2 + 8)?; // block revenue
                bytes.skip_option(BLS_KEY)?;
                bps
            }
            _ => u16::from(bytes.take::<1>()?[0]).saturating_mul(100),
        };
        let last_in_tower = match tag {
            V1_14_11 => bytes.last_of::<LOCKOUT>()?.and_then(|vote| slot_at(vote, 0)),
            _ => bytes.last_of::<LANDED_VOTE>()?.and_then(|vote| slot_at(vote, 1)),
        };
        bytes.skip_option(8)?; // root
        let is_initialized = !bytes.list::<AUTHORIZED_VOTER>()?.is_empty();
        if tag != V4 {
            bytes.skip(PRIOR_VOTERS)?;
        }
        let credits = bytes.list::<EPOCH_CREDITS>()?;
        let last_stamped = bytes.u64()?;
        Some(is_initialized.then_some(Self {
            node,
            withdrawer,
            commission: Bps(commission.min(Bps::ONE.0)),
            last_vote_slot: last_in_tower.unwrap_or_default().max(last_stamped),
            credits,
        }))
    }

    /// Credits earned in `epochs` epochs up to the one before `before`.
    pub fn credits(&self, before: Epoch, epochs: u64) -> u64 {
        let window = before.saturating_sub(epochs)..before;
        // From the end: the last epochs are asked for.
        self.credits
            .iter()
            .rev()
            .map(entry)
            .take_while(|(epoch, _)| *epoch >= window.start)
            .filter(|(epoch, _)| window.contains(epoch))
            .fold(0, |sum, (_, earned)| sum.saturating_add(earned))
    }
}

/// Whether an account is no vote account, or none any more. One that cannot be read may be one.
pub fn is_none(account: &AccountInfo) -> bool {
    let Ok(data) = account.try_borrow_data() else { return false };
    matches!(VoteState::of(account.owner, &data), Ok(None))
}

/// An epoch and what was earned in it.
fn entry(bytes: &[u8; EPOCH_CREDITS]) -> (Epoch, u64) {
    let [epoch, at_end, at_start] = bytemuck::cast::<_, [[u8; 8]; 3]>(*bytes).map(u64::from_le_bytes);
    (epoch, at_end.saturating_sub(at_start))
}

fn slot_at(vote: &[u8], offset: usize) -> Option<Slot> {
    Some(u64::from_le_bytes(*vote.get(offset..)?.first_chunk()?))
}

/// Bytes that are read from the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.get(bytes..)?;
        Some(())
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    /// A byte that says whether so many others follow.
    fn skip_option(&mut self, bytes: usize) -> Option<()> {
        match self.take()? {
            [0] => Some(()),
            [1] => self.skip(bytes),
            _ => None,
        }
    }

    /// A list with its length in front.
    fn list<const N: usize>(&mut self) -> Option<&'a [[u8; N]]> {
        let length = usize::try_from(self.u64()?).ok()?.checked_mul(N)?;
        let (list, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(list.as_chunks().0)
    }

    /// The last entry of a list, if it has one.
    fn last_of<const N: usize>(&mut self) -> Option<Option<&'a [u8]>> {
        self.list::<N>().map(|list| list.last().map(|entry| entry.as_slice()))
    }
}
