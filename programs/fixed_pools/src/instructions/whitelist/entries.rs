//! How entries of a whitelist are found, made, changed and told of.

use {
    crate::{
        account,
        errors::{ensure, FixedPoolsError, Result},
        events::{PoolState, WhitelistChanged},
        state::{Pool, WhitelistEntry, WhitelistState},
    },
    anchor_lang::prelude::*,
    tidepool_interface::fixed::pda::prefix,
};

/// What the whitelist manager decides.
#[derive(Accounts)]
pub struct ByWhitelistManager<'info> {
    #[account(mut, has_one = whitelist_manager @ FixedPoolsError::NotTheWhitelistManager)]
    pub pool: AccountLoader<'info, Pool>,
    /// Pays the rent of entries that are made.
    #[account(mut)]
    pub whitelist_manager: Signer<'info>,
    pub system_program: Program<'info, System>,
}

/// A user's entry in a pool, made and paid for by `rent_payer` if there is none.
pub fn of<'info>(
    account: &AccountInfo<'info>,
    pool: &Pubkey,
    user: &Pubkey,
    rent_payer: &AccountInfo<'info>,
) -> Result<WhitelistEntry> {
    if *account.owner == crate::ID {
        return existing(account, pool, user);
    }
    let seeds: &[&[u8]] = &[prefix::WHITELIST, pool.as_ref(), user.as_ref()];
    let bump = account::create(rent_payer, account, WhitelistEntry::SPACE, &crate::ID, seeds)?;
    Ok(WhitelistEntry {
        pool: *pool,
        user: *user,
        rent_payer: *rent_payer.key,
        state: WhitelistState::Applied,
        requested_amount: 0,
        max_amount: 0,
        note_hash: [0; 32],
        reason_code: 0,
        expires_at: 0,
        bump,
    })
}

/// A user's entry in a pool, if he has one; the account must be the one where it would be.
pub fn find(account: &AccountInfo, pool: &Pubkey, user: &Pubkey) -> Result<Option<WhitelistEntry>> {
    if *account.owner == crate::ID {
        return existing(account, pool, user).map(Some);
    }
    let seeds: &[&[u8]] = &[prefix::WHITELIST, pool.as_ref(), user.as_ref()];
    let address = Pubkey::find_program_address(seeds, &crate::ID).0;
    ensure(*account.key == address, FixedPoolsError::WrongEntries)?;
    Ok(None)
}

/// A user's entry in a pool, which must be there.
pub fn existing(account: &AccountInfo, pool: &Pubkey, user: &Pubkey) -> Result<WhitelistEntry> {
    ensure(*account.owner == crate::ID, FixedPoolsError::WrongEntries)?;
    let entry = WhitelistEntry::try_deserialize(&mut &account.try_borrow_data()?[..])?;
    ensure(entry.pool == *pool && entry.user == *user, FixedPoolsError::WrongEntries)?;
    Ok(entry)
}

/// What an entry is to be. The pool counts its approved users.
pub struct Verdict {
    pub state: WhitelistState,
    pub max_amount: u64,
    pub expires_at: i64,
    pub reason_code: u16,
}

impl Verdict {
    pub fn approve(max_amount: u64, expires_at: i64, now: i64) -> Result<Self> {
        ensure(max_amount > 0, FixedPoolsError::ZeroAmount)?;
        ensure(expires_at == 0 || expires_at > now, FixedPoolsError::ExpiryInThePast)?;
        Ok(Self { state: WhitelistState::Approved, max_amount, expires_at, reason_code: 0 })
    }

    pub fn refuse(reason_code: u16) -> Self {
        Self { state: WhitelistState::Refused, max_amount: 0, expires_at: 0, reason_code }
    }

    pub fn apply(self, pool: &mut Pool, entry: &mut WhitelistEntry, now: i64) {
        let was_approved = entry.is_approved();
        entry.state = self.state;
        entry.max_amount = self.max_amount;
        entry.expires_at = self.expires_at;
        entry.reason_code = self.reason_code;
        pool.book_approval(was_approved, entry.is_approved());
        emit!(WhitelistChanged {
            pool: entry.pool,
            user: entry.user,
            entry_state: entry.state,
            max_amount: entry.max_amount,
            expires_at: entry.expires_at,
            reason_code: entry.reason_code,
            state: PoolState::of(pool, now),
        });
    }
}
