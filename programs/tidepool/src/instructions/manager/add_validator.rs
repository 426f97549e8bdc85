use {
    crate::{
        errors::{ensure, TidepoolError},
        events::{PoolState, ValidatorAdded},
        stake,
        state::{Pool, ValidatorPage, ValidatorRecord, ValidatorStatus},
        transfer,
    },
    anchor_lang::{prelude::*, Discriminator},
    bytemuck::Zeroable,
    tidepool_interface::pda::{prefix, StakeRole},
    tidepool_math::{Lamports, BPS},
};

#[derive(Accounts)]
pub struct AddValidator<'info> {
    #[account(
        mut,
        has_one = manager @ TidepoolError::NotTheManager,
        has_one = reserve @ TidepoolError::WrongReserve,
        has_one = authority @ TidepoolError::WrongAuthority,
    )]
    pub pool: AccountLoader<'info, Pool>,
    pub manager: Signer<'info>,
    /// Pays the rent of a new page.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// CHECK: this pool's page, or the address of its next one
    #[account(mut)]
    pub page: UncheckedAccount<'info>,
    /// CHECK: owner checked
    #[account(owner = stake::VOTE_PROGRAM @ TidepoolError::NotAVoteAccount)]
    pub vote: UncheckedAccount<'info>,
    /// CHECK: created here at the address its seeds give
    #[account(mut)]
    pub main: UncheckedAccount<'info>,
    /// CHECK: created here at the address its seeds give
    #[account(mut)]
    pub onramp: UncheckedAccount<'info>,
    /// CHECK: created here at the address its seeds give
    #[account(mut)]
    pub offramp: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub reserve: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub authority: UncheckedAccount<'info>,
    /// CHECK: address
    #[account(address = stake::STAKE_PROGRAM @ TidepoolError::WrongStakeProgram)]
    pub stake_program: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

/// The manager enters a validator: a record in a page, and its three stake accounts with rent out of the reserve.
pub fn handler<'info>(
    ctx: Context<'info, AddValidator<'info>>,
    page_index: u32,
    slot_in_page: u8,
    weight: u32,
) -> Result<()> {
    let a = &*ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    stake::require_no_rewards_payout()?;
    pool.touch(&clock)?;

    require_vote_account(&a.vote)?;
    ensure(page_index <= pool.page_count, TidepoolError::PageOutOfOrder)?;
    // Its stake accounts are at addresses no other record can have.
    ensure(*a.main.owner != stake::STAKE_PROGRAM, TidepoolError::ValidatorExists)?;
    let rent = Lamports(Rent::get()?.minimum_balance(stake::ACCOUNT_SIZE));
    let rents = Lamports(rent.0.saturating_mul(StakeRole::ALL.len() as u64));
    ensure(pool.free_reserve()? >= rents, TidepoolError::ReserveTooLow)?;

    if page_index == pool.page_count {
        open_page(a, &pool_key, page_index)?;
        pool.page_count = pool.page_count.saturating_add(1);
    }
    let loader = AccountLoader::<ValidatorPage>::try_from_unchecked(&crate::ID, &a.page)?;
    let mut page = loader.load_mut()?;
    ensure(page.pool == pool_key, TidepoolError::WrongPool)?;
    ensure(page.index == page_index, TidepoolError::PageOutOfOrder)?;
    let record = page.records.get_mut(usize::from(slot_in_page)).ok_or(TidepoolError::NoSuchValidator)?;
    ensure(!record.is_active(), TidepoolError::SlotTaken)?;
    *record = ValidatorRecord {
        vote: a.vote.key(),
        stakes: [a.main.key(), a.onramp.key(), a.offramp.key()],
        lamports: [rent.0; 3],
        weight,
        score_bps: BPS as u16,
        status: ValidatorStatus::Active as u8,
        ..ValidatorRecord::zeroed()
    };
    for role in StakeRole::ALL {
        open_stake_account(a, &pool, &pool_key, role, rent)?;
    }
    pool.total_weight = pool.total_weight.saturating_add(record.effective_weight());
    pool.validator_count = pool.validator_count.saturating_add(1);
    pool.book_delegated(rents)?;

    emit!(ValidatorAdded {
        pool: pool_key,
        vote: record.vote,
        page: page_index,
        slot_in_page,
        weight,
        rent_lamports: rents.0,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}

/// The first four bytes of an initialized vote account are the version of its layout.
fn require_vote_account(vote: &AccountInfo) -> Result<()> {
    const INITIALIZED_VERSIONS: [u8; 3] = [1, 2, 3];
    let data = vote.try_borrow_data()?;
    let is_initialized =
        matches!(data.first_chunk(), Some([version, 0, 0, 0]) if INITIALIZED_VERSIONS.contains(version));
    ensure(is_initialized, TidepoolError::NotAVoteAccount)
}

fn open_page(a: &AddValidator, pool: &Pubkey, index: u32) -> Result<()> {
    let index_bytes = index.to_le_bytes();
    let seeds: &[&[u8]] = &[prefix::VALIDATORS, pool.as_ref(), &index_bytes];
    let (address, bump) = Pubkey::find_program_address(seeds, &crate::ID);
    ensure(a.page.key() == address, TidepoolError::WrongAddress)?;
    let rent = Lamports(Rent::get()?.minimum_balance(ValidatorPage::SPACE));
    let seeds: &[&[u8]] = &[prefix::VALIDATORS, pool.as_ref(), &index_bytes, &[bump]];
    transfer::create_account(&a.payer, &a.page, rent, ValidatorPage::SPACE, &crate::ID, seeds)?;

    let mut data = a.page.try_borrow_mut_data()?;
    data[..8].copy_from_slice(ValidatorPage::DISCRIMINATOR);
    let page: &mut ValidatorPage = bytemuck::from_bytes_mut(&mut data[8..]);
    page.pool = *pool;
    page.index = index;
    page.bump = bump;
    Ok(())
}

fn open_stake_account(
    a: &AddValidator,
    pool: &Pool,
    pool_key: &Pubkey,
    role: StakeRole,
    rent: Lamports,
) -> Result<()> {
    const GENERATION: [u8; 4] = 0u32.to_le_bytes();
    let account = match role {
        StakeRole::Main => &a.main,
        StakeRole::Onramp => &a.onramp,
        StakeRole::Offramp => &a.offramp,
    };
    let role = [role as u8];
    let seeds: &[&[u8]] = &[prefix::STAKE, pool_key.as_ref(), a.vote.key.as_ref(), &role, &GENERATION];
    let (address, bump) = Pubkey::find_program_address(seeds, &crate::ID);
    ensure(account.key() == address, TidepoolError::WrongAddress)?;
    let seeds: &[&[u8]] =
        &[prefix::STAKE, pool_key.as_ref(), a.vote.key.as_ref(), &role, &GENERATION, &[bump]];
    let signer = transfer::reserve_signer(pool_key, pool.bumps.reserve);
    transfer::create_account_from_vault(
        &signer,
        &a.reserve,
        account,
        rent,
        stake::ACCOUNT_SIZE,
        &stake::STAKE_PROGRAM,
        seeds,
    )?;
    stake::initialize(account, a.authority.key)
}
