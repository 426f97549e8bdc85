//! How a validator gets its record and its stake accounts, whoever enters it.

use {
    crate::{
        errors::{ensure, Result, TidepoolError},
        events::{PoolState, ValidatorAdded},
        instructions::crank::review_validator::review,
        stake,
        state::{Pool, ValidatorEntry, ValidatorPage, ValidatorRecord, ValidatorStatus},
        transfer,
    },
    anchor_lang::{prelude::*, Discriminator},
    bytemuck::Zeroable,
    tidepool_interface::pda::{prefix, StakeRole},
    tidepool_math::{
        score::{Verdict, NEUTRAL_SCORE},
        Lamports,
    },
};

/// Judges a validator that is to enter by the rules; refuses what is no vote account.
pub(super) fn judge(pool: &Pool, vote: &AccountInfo, clock: &Clock) -> Result<Verdict> {
    let found = review(pool, &ValidatorRecord::zeroed(), vote, clock)?;
    ensure(found.verdict != Verdict::NoVoteAccount, TidepoolError::NotAVoteAccount)?;
    Ok(found.verdict)
}

/// Where a validator is to stand.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub page_index: u32,
    pub slot_in_page: u8,
    /// Stands in the seeds of its stake accounts: 0, and higher if a stranger made the addresses before unusable.
    pub generation: u32,
}

/// The accounts that take part.
pub(super) struct Entrance<'a, 'info> {
    pub pool_key: Pubkey,
    /// Pays the rent of a new page and of the entry.
    pub payer: &'a AccountInfo<'info>,
    pub page: &'info AccountInfo<'info>,
    pub entry: &'a AccountInfo<'info>,
    pub vote: &'a AccountInfo<'info>,
    /// Main, onramp and offramp.
    pub stakes: [&'a AccountInfo<'info>; 3],
    pub reserve: &'a AccountInfo<'info>,
    pub authority: &'a AccountInfo<'info>,
}

impl<'info> Entrance<'_, 'info> {
    /// Enters a validator: a record in a page, and its three stake accounts. Gives their rent, which the reserve has paid.
    /// `write` says what else stands in the record.
    pub fn enter(
        &self,
        pool: &mut Pool,
        place: &Place,
        clock: &Clock,
        write: impl FnOnce(&mut Pool, &mut ValidatorRecord),
    ) -> Result<Lamports> {
        ensure(place.page_index <= pool.page_count, TidepoolError::PageOutOfOrder)?;
        let rent = Lamports(Rent::get()?.minimum_balance(stake::ACCOUNT_SIZE));
        let rents = Lamports(rent.0.saturating_mul(StakeRole::ALL.len() as u64));
        ensure(pool.free_reserve()? >= rents, TidepoolError::ReserveTooLow)?;

        self.write_entry(place)?;
        if place.page_index == pool.page_count {
            self.open_page(place.page_index)?;
            pool.page_count = pool.page_count.saturating_add(1);
        }
        let loader = AccountLoader::<ValidatorPage>::try_from_unchecked(&crate::ID, self.page)?;
        let mut page = loader.load_mut()?;
        ensure(page.pool == self.pool_key, TidepoolError::WrongPool)?;
        ensure(page.index == place.page_index, TidepoolError::PageOutOfOrder)?;
        let slot = usize::from(place.slot_in_page);
        let record = page.records.get_mut(slot).ok_or(TidepoolError::NoSuchValidator)?;
        ensure(!record.is_listed(), TidepoolError::SlotTaken)?;
        for role in StakeRole::ALL {
            self.open_stake_account(pool, role, place.generation, rent)?;
        }
        let mut new = ValidatorRecord {
            vote: self.vote.key(),
            stakes: self.stakes.map(|account| account.key()),
            lamports: [rent.0; 3],
            generation: place.generation,
            score_bps: NEUTRAL_SCORE.0,
            entered_epoch: clock.epoch,
            ..ValidatorRecord::zeroed()
        };
        write(pool, &mut new);
        *record = new;
        pool.reweigh(record, |record| record.status = ValidatorStatus::Active as u8);
        pool.validator_count = pool.validator_count.saturating_add(1);
        pool.book_delegated(rents)?;

        emit!(ValidatorAdded {
            pool: self.pool_key,
            vote: record.vote,
            page: place.page_index,
            slot_in_page: place.slot_in_page,
            weight: record.weight,
            group: record.group,
            rent_lamports: rents.0,
            state: PoolState::of(pool, clock.slot),
        });
        Ok(rents)
    }

    /// Notes where the validator stands; refuses one that stands somewhere already.
    fn write_entry(&self, place: &Place) -> Result<()> {
        if *self.entry.owner != crate::ID {
            self.open_entry()?;
        }
        let mut entry = ValidatorEntry::try_deserialize(&mut &self.entry.try_borrow_data()?[..])
            .map_err(|_| TidepoolError::WrongAddress)?;
        let is_its = entry.pool == self.pool_key && entry.vote == *self.vote.key;
        ensure(is_its, TidepoolError::WrongAddress)?;
        ensure(!entry.is_listed, TidepoolError::ValidatorExists)?;
        entry.page = place.page_index;
        entry.slot_in_page = place.slot_in_page;
        entry.is_listed = true;
        entry.try_serialize(&mut &mut self.entry.try_borrow_mut_data()?[..])
    }

    fn open_entry(&self) -> Result<()> {
        let seeds: &[&[u8]] = &[prefix::ENTRY, self.pool_key.as_ref(), self.vote.key.as_ref()];
        transfer::create_at(self.payer, self.entry, ValidatorEntry::SPACE, seeds)?;
        let entry = ValidatorEntry {
            pool: self.pool_key,
            vote: self.vote.key(),
            page: 0,
            slot_in_page: 0,
            is_listed: false,
        };
        entry.try_serialize(&mut &mut self.entry.try_borrow_mut_data()?[..])
    }

    fn open_page(&self, index: u32) -> Result<()> {
        let seeds: &[&[u8]] = &[prefix::VALIDATORS, self.pool_key.as_ref(), &index.to_le_bytes()];
        let bump = transfer::create_at(self.payer, self.page, ValidatorPage::SPACE, seeds)?;

        let mut data = self.page.try_borrow_mut_data()?;
        data[..8].copy_from_slice(ValidatorPage::DISCRIMINATOR);
        let page: &mut ValidatorPage = bytemuck::from_bytes_mut(&mut data[8..]);
        page.pool = self.pool_key;
        page.index = index;
        page.bump = bump;
        Ok(())
    }

    fn open_stake_account(
        &self,
        pool: &Pool,
        role: StakeRole,
        generation: u32,
        rent: Lamports,
    ) -> Result<()> {
        let account = self.stakes[role as usize];
        let (pool_key, vote) = (self.pool_key.as_ref(), self.vote.key.as_ref());
        let (role, generation) = ([role as u8], generation.to_le_bytes());
        let seeds: &[&[u8]] = &[prefix::STAKE, pool_key, vote, &role, &generation];
        let bump = transfer::bump_of(account, seeds)?;
        // A stranger can leave an address with another program, but not with the system program and data.
        let is_free = *account.owner == System::id();
        ensure(is_free, TidepoolError::StakeAddressTaken)?;
        let signer = transfer::reserve_signer(&self.pool_key, pool.bumps.reserve);
        transfer::create_account_from_vault(
            &signer,
            self.reserve,
            account,
            rent,
            stake::ACCOUNT_SIZE,
            &stake::STAKE_PROGRAM,
            &[seeds, &[&[bump]]].concat(),
        )?;
        stake::initialize(account, self.authority.key)
    }
}
