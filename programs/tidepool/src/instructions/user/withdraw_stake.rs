use {
    crate::{
        errors::{ensure, MathResultExt, TidepoolError},
        events::{PoolState, StakeWithdrawn},
        stake::{self, Phase, Stake, StakeAccount},
        state::{slots_in, Pool, ValidatorPage, ValidatorRecord},
        transfer::{self, layout, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_interface::{header::Function, limits::UNKNOWN_EPOCH_GAIN_PPB, pda::StakeRole},
    tidepool_math::{holds_its_share, quote_stake_withdrawal, Bps, Epoch, Lamports, Shares},
};

#[derive(Accounts)]
pub struct WithdrawStake<'info> {
    #[account(
        mut,
        has_one = lst_mint @ TidepoolError::WrongMint,
        has_one = authority @ TidepoolError::WrongAuthority,
    )]
    pub pool: AccountLoader<'info, Pool>,
    #[account(mut, has_one = pool @ TidepoolError::WrongPool)]
    pub page: AccountLoader<'info, ValidatorPage>,
    /// CHECK: named by the record
    pub vote: UncheckedAccount<'info>,
    /// Holds the LST and becomes staker and withdrawer of the stake.
    pub user: Signer<'info>,
    /// CHECK: a new stake account of the user, checked by the handler
    #[account(mut)]
    pub user_stake: UncheckedAccount<'info>,
    /// CHECK: address is the record's
    #[account(mut)]
    pub main: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub lst_mint: UncheckedAccount<'info>,
    /// CHECK: a usable token account of the mint; the token program checks that `user` may burn from it
    #[account(mut)]
    pub lst_from: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub authority: UncheckedAccount<'info>,
    #[account(constraint = token_program.key == lst_mint.owner @ TidepoolError::WrongTokenProgram)]
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: address
    #[account(address = stake::STAKE_PROGRAM @ TidepoolError::WrongStakeProgram)]
    pub stake_program: UncheckedAccount<'info>,
}

/// A withdrawal of stake burns LST and splits its worth, as active stake, off a validator that has its share into a new
/// stake account of the user.
pub fn handler(
    ctx: Context<WithdrawStake>,
    slot_in_page: u8,
    lst_amount: u64,
    min_lamports_out: u64,
) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let mut page = a.page.load_mut()?;
    let clock = Clock::get()?;
    stake::require_no_rewards_payout()?;
    pool.touch(&clock)?;

    pool.require_open(Function::WithdrawStake)?;
    ensure(lst_amount > 0, TidepoolError::ZeroAmount)?;
    layout::require_usable(&a.lst_from, a.lst_mint.key, a.token_program.key)?;
    ensure(layout::balance(&a.lst_from)? >= lst_amount, TidepoolError::InsufficientBalance)?;
    let rent_minimum = stake::require_new_account(&a.user_stake)?;
    let record = page.validator(slot_in_page, a.vote.key)?;
    let fee = Bps(pool.fees.stake_withdrawal);
    let gain_ppb = gain_of_an_epoch(&pool, record);
    let quote = quote_stake_withdrawal(&pool.rate(), Shares(lst_amount), fee, gain_ppb).named()?;
    ensure(quote.lamports >= Lamports(min_lamports_out), TidepoolError::BelowMinimumOut)?;
    require_can_give(a, &pool, record, quote.lamports, rent_minimum, clock.epoch)?;

    let token = Token { program: &a.token_program, mint: &a.lst_mint };
    token.burn(&a.user, &a.lst_from, quote.shares)?;
    let signer = transfer::authority_signer(&pool_key, pool.bumps.authority);
    let calls = Stake { authority: &a.authority, signer };
    calls.split(&a.main, &a.user_stake, quote.lamports)?;
    calls.hand_over(&a.user_stake, a.user.key)?;
    record.hand_out(quote.lamports)?;
    let left = Lamports(record.staked_lamports).saturating_minus(quote.lamports);
    pool.book_staked(record, left, clock.epoch);
    pool.book_stake_withdrawal(&quote, clock.slot, slots_in(clock.epoch)?)?;

    emit!(StakeWithdrawn {
        pool: pool_key,
        user: a.user.key(),
        vote: record.vote,
        stake_account: a.user_stake.key(),
        lamports: quote.lamports.0,
        lst_amount,
        fee_shares: quote.fee_shares.0,
        charge_lamports: quote.charge.0,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}

/// What active stake earns in an epoch, in parts per billion: what the pool or the validator gained in the last one, or a
/// guess on the safe side as long as nothing was found.
fn gain_of_an_epoch(pool: &Pool, record: &ValidatorRecord) -> u32 {
    match pool.epoch_gain_ppb().max(record.gain_ppb) {
        0 => UNKNOWN_EPOCH_GAIN_PPB,
        gain_ppb => gain_ppb,
    }
}

/// Refuses unless the validator has its share of the stake and both parts of a split are at least the smallest delegation.
/// Some validator always has its share, so this exit is never shut.
fn require_can_give(
    a: &WithdrawStake,
    pool: &Pool,
    record: &ValidatorRecord,
    lamports: Lamports,
    rent_minimum: u64,
    epoch: Epoch,
) -> Result<()> {
    ensure(a.main.key() == *record.key(StakeRole::Main), TidepoolError::StakeAccountMismatch)?;
    let main = StakeAccount::read(&a.main, a.authority.key).ok_or(TidepoolError::ForeignStakeAccount)?;
    let is_as_seen = main.lamports >= record.lamports(StakeRole::Main);
    ensure(is_as_seen, TidepoolError::ValidatorNotUpdated)?;
    let is_active = main.is_delegated_to(&record.vote) && main.phase(epoch) == Phase::Active;
    ensure(is_active, TidepoolError::StakeNotActive)?;
    let has_share = holds_its_share(
        Lamports(record.staked_lamports),
        Lamports(pool.staked_lamports),
        record.effective_weight(),
        pool.total_weight,
    );
    ensure(has_share, TidepoolError::ValidatorBelowShare)?;
    let minimum = Lamports(pool.minimum_delegation);
    let left = Lamports(main.stake).saturating_minus(lamports);
    ensure(lamports >= minimum && left >= minimum, TidepoolError::BelowMinimumDelegation)?;
    ensure(main.has_rent(rent_minimum), TidepoolError::StakeLacksRent)?;
    // Rewards that nobody has looked for are not in the books yet.
    ensure(lamports <= Lamports(record.lamports(StakeRole::Main)), TidepoolError::ValidatorNotUpdated)
}
