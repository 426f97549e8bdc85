use {
    super::{compound::*, leave::book, open::require_access},
    crate::{
        errors::{ensure, FixedPoolsError, MathResultExt},
        events::{PoolState, RolledOver},
        state::Function,
        token,
    },
    anchor_lang::prelude::*,
    tidepool_math::Tokens,
};

#[derive(Accounts)]
pub struct RollOver<'info> {
    pub renew: Renew<'info>,
    /// CHECK: must be the matured position's
    #[account(mut, address = renew.position.load()?.rent_payer @ FixedPoolsError::WrongRentPayer)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: must be a token account of the owner's; gets the reward if that is not staked
    #[account(mut)]
    pub to: UncheckedAccount<'info>,
}

/// A matured position becomes a new one: its principal, or its principal and its reward. The old one goes first, and leaves
/// its room under the cap to the new one.
pub fn handler(ctx: Context<RollOver>, request: RenewalRequest, with_reward: bool) -> Result<()> {
    let RollOver { renew: a, rent_payer, to } = ctx.accounts;
    let pool_key = a.tokens.pool.key();
    let mut pool = a.tokens.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    pool.require_open(Function::Stake, now)?;
    let mut user = a.user_pool.load_mut()?;
    let mut old = a.position.load_mut()?;
    ensure(old.is_matured(now), FixedPoolsError::NotMatured)?;
    token::require_account_of(to, a.owner.key, &pool)?;
    let reward = old.claimable(now)?;
    let staked_reward = if with_reward { reward } else { Tokens::ZERO };
    let amount = Tokens(old.amount).plus(staked_reward).named()?;

    book(&mut pool, &mut user, &mut old, reward)?;
    let admission = request.admission(a.whitelist_entry.as_deref());
    require_access(&pool, &pool_key, &user, amount, &admission, now)?;
    pool.require_window(now)?;
    pool.require_minimum(amount)?;
    pool.require_rate(request.min_rate_bps)?;
    let reward_balance = a.tokens.reward_balance()?.minus(reward).named()?;
    let full_reward = pool.promise(amount, reward_balance, now)?;

    let reward_to: &AccountInfo = if with_reward { &a.tokens.principal_vault } else { to };
    a.tokens.pay_reward(&pool, reward_to, reward)?;
    let position = a.opening(&request, &pool_key).open(&mut pool, &mut user, amount, full_reward, now)?;

    emit!(RolledOver {
        pool: pool_key,
        owner: position.owner,
        from: a.position.key(),
        position: a.new_position.key(),
        index: position.index,
        amount: amount.0,
        reward_paid: reward.saturating_minus(staked_reward).0,
        rate_bps: position.rate_bps,
        unlock_at: position.unlock_at,
        full_reward: full_reward.0,
        state: PoolState::of(&pool, now),
    });
    drop(old);
    // Last: the runtime does not know yet of lamports that are moved by hand, and a call would seem to make some.
    a.position.close(rent_payer.to_account_info())
}
