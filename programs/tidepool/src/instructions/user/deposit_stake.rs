use {
    crate::{
        errors::{ensure, MathResultExt, TidepoolError},
        events::{PoolState, StakeDeposited},
        stake::{self, Phase, Stake, StakeAccount},
        state::{Pool, ValidatorPage, ValidatorRecord},
        transfer::{self, layout, Token},
    },
    anchor_lang::prelude::*,
    anchor_spl::token_interface::TokenInterface,
    tidepool_interface::{header::Function, pda::StakeRole},
    tidepool_math::{quote_stake_deposit, Bps, Lamports, Shares},
};

#[derive(Accounts)]
pub struct DepositStake<'info> {
    #[account(
        mut,
        has_one = lst_mint @ TidepoolError::WrongMint,
        has_one = reserve @ TidepoolError::WrongReserve,
        has_one = authority @ TidepoolError::WrongAuthority,
    )]
    pub pool: AccountLoader<'info, Pool>,
    #[account(mut, has_one = pool @ TidepoolError::WrongPool)]
    pub page: AccountLoader<'info, ValidatorPage>,
    /// CHECK: named by the record
    pub vote: UncheckedAccount<'info>,
    /// Staker and withdrawer of the stake account.
    pub user: Signer<'info>,
    /// CHECK: read and checked by the handler
    #[account(mut)]
    pub user_stake: UncheckedAccount<'info>,
    /// CHECK: address is the record's
    #[account(mut)]
    pub main: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub reserve: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    #[account(mut)]
    pub lst_mint: UncheckedAccount<'info>,
    /// CHECK: any usable token account of the mint
    #[account(mut)]
    pub lst_to: UncheckedAccount<'info>,
    /// CHECK: address is the pool's
    pub authority: UncheckedAccount<'info>,
    #[account(constraint = token_program.key == lst_mint.owner @ TidepoolError::WrongTokenProgram)]
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: address
    #[account(address = stake::STAKE_PROGRAM @ TidepoolError::WrongStakeProgram)]
    pub stake_program: UncheckedAccount<'info>,
}

/// A deposit of stake gives a whole stake account to the pool: it joins the main account of its validator, and LST is
/// minted for stake and free lamports.
pub fn handler(ctx: Context<DepositStake>, slot_in_page: u8, min_lst_out: u64) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let mut page = a.page.load_mut()?;
    let clock = Clock::get()?;
    stake::require_no_rewards_payout()?;
    pool.touch(&clock)?;

    pool.require_open(Function::Deposit)?;
    let record = page.validator(slot_in_page, a.vote.key)?;
    let brought = brought_by(a, &pool, record, &clock)?;
    let (stake, free) = (Lamports(brought.stake), Lamports(brought.lamports.saturating_sub(brought.stake)));
    pool.require_above_minimum_deposit(Lamports(brought.lamports))?;
    pool.require_room_for(Lamports(brought.lamports))?;
    pool.require_mint_in_step(layout::mint_supply(&a.lst_mint)?)?;
    layout::require_usable(&a.lst_to, a.lst_mint.key, a.token_program.key)?;
    let charge = pool.entry_charge(clock.epoch)?;
    let (earned, entry) = (pool.earned_rate(clock.epoch)?, pool.rate_with(charge)?);
    let quote = quote_stake_deposit(&earned, &entry, stake, free, Bps(pool.fees.deposit)).named()?;
    ensure(quote.shares >= Shares(min_lst_out), TidepoolError::BelowMinimumOut)?;

    let to_reserve = join_main(a, &mut pool, record, stake, free, &clock)?;
    let token = Token { program: &a.token_program, mint: &a.lst_mint };
    let signer = transfer::authority_signer(&pool_key, pool.bumps.authority);
    token.mint_to(&signer, &a.authority, &a.lst_to, quote.shares)?;
    record.take_in(quote.lamports.minus(to_reserve).named()?);
    let joined = Lamports(record.staked_lamports).plus(stake).named()?;
    pool.book_staked(record, joined, clock.epoch);
    pool.book_stake_deposit(&quote, to_reserve, charge, &clock)?;

    emit!(StakeDeposited {
        pool: pool_key,
        user: a.user.key(),
        vote: record.vote,
        stake_lamports: stake.0,
        free_lamports: free.0,
        lst_minted: quote.shares.0,
        fee_shares: quote.fee_shares.0,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}

/// The stake account of the user, if the pool takes it for this validator.
fn brought_by(
    a: &DepositStake,
    pool: &Pool,
    record: &ValidatorRecord,
    clock: &Clock,
) -> Result<StakeAccount> {
    ensure(a.main.key() == *record.key(StakeRole::Main), TidepoolError::StakeAccountMismatch)?;
    let takes_stake = record.takes_stake() && *a.vote.owner == stake::VOTE_PROGRAM;
    ensure(takes_stake, TidepoolError::ValidatorTakesNoStake)?;

    let brought = StakeAccount::read_depositors(&a.user_stake, a.user.key, clock)?;
    let is_active = brought.is_delegated_to(&record.vote) && brought.phase(clock.epoch) == Phase::Active;
    ensure(is_active, TidepoolError::StakeNotActive)?;

    let all = pool.delegatable(clock.slot)?.plus(Lamports(brought.stake)).named()?;
    let most = pool.target_caps(record).most(all, record.effective_weight()).named()?;
    let after = Lamports(record.staked_lamports).plus(Lamports(brought.stake)).named()?;
    ensure(after <= most, TidepoolError::ValidatorAboveCap)?;
    Ok(brought)
}

/// Brings stake and free lamports into the main account. One in which nothing is staked can only be given the stake: the
/// rest goes to the reserve. Gives what went there.
fn join_main(
    a: &DepositStake,
    pool: &mut Pool,
    record: &mut ValidatorRecord,
    stake: Lamports,
    free: Lamports,
    clock: &Clock,
) -> Result<Lamports> {
    let main = StakeAccount::read(&a.main, a.authority.key).ok_or(TidepoolError::ForeignStakeAccount)?;
    stake::take_over(&a.user_stake, &a.user, a.authority.key)?;
    let pool_key = a.pool.key();
    let signer = transfer::authority_signer(&pool_key, pool.bumps.authority);
    let calls = Stake { authority: &a.authority, signer };
    match main.phase(clock.epoch) {
        Phase::Active if main.is_delegated_to(&record.vote) => {
            calls.merge(&a.user_stake, &a.main)?;
            Ok(Lamports::ZERO)
        }
        Phase::Inactive => {
            ensure(stake >= Lamports(pool.minimum_delegation), TidepoolError::BelowMinimumDelegation)?;
            let rent_minimum = Rent::get()?.minimum_balance(stake::ACCOUNT_SIZE);
            ensure(free >= Lamports(rent_minimum), TidepoolError::StakeLacksRent)?;
            calls.move_stake(&a.user_stake, &a.main, stake)?;
            calls.withdraw(&a.user_stake, &a.reserve, free)?;
            // What cooled down there is free by now: the next update brings it back.
            if let Some(cooled) = record.cooling_mut(StakeRole::Main).map(core::mem::take) {
                pool.book_cooled(Lamports(cooled));
            }
            Ok(free)
        }
        _ => Err(TidepoolError::ValidatorTakesNoStake.into()),
    }
}
