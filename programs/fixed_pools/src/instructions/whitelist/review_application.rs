use {
    super::entries::{self, Verdict},
    crate::{
        account,
        errors::{ensure, FixedPoolsError},
        state::{Pool, WhitelistState},
    },
    anchor_lang::prelude::*,
};

/// What the whitelist manager answers.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// For at most so much, until `expires_at`; 0 for no end.
    Approve {
        max_amount: u64,
        expires_at: i64,
    },
    Refuse {
        reason_code: u16,
    },
}

#[derive(Accounts)]
pub struct ReviewApplication<'info> {
    #[account(mut, has_one = whitelist_manager @ FixedPoolsError::NotTheWhitelistManager)]
    pub pool: AccountLoader<'info, Pool>,
    /// CHECK: must be the user's entry
    #[account(mut)]
    pub entry: UncheckedAccount<'info>,
    /// CHECK: who applied
    pub user: UncheckedAccount<'info>,
    pub whitelist_manager: Signer<'info>,
}

/// The whitelist manager answers an application.
pub fn handler(ctx: Context<ReviewApplication>, answer: Answer) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let now = Clock::get()?.unix_timestamp;
    let mut entry = entries::existing(&a.entry, &a.pool.key(), a.user.key)?;
    ensure(entry.state == WhitelistState::Applied, FixedPoolsError::NoApplication)?;

    let verdict = match answer {
        Answer::Approve { max_amount, expires_at } => Verdict::approve(max_amount, expires_at, now)?,
        Answer::Refuse { reason_code } => Verdict::refuse(reason_code),
    };
    verdict.apply(&mut pool, &mut entry, now);
    account::write(&a.entry, &entry)
}
