use {
    crate::{
        errors::{Result, TidepoolError},
        events::{PoolState, ValidatorRulesSet},
        state::{Pool, ValidatorRules},
    },
    anchor_lang::prelude::*,
};

#[derive(Accounts)]
pub struct SetValidatorRules<'info> {
    #[account(mut, has_one = admin @ TidepoolError::NotTheAdmin)]
    pub pool: AccountLoader<'info, Pool>,
    pub admin: Signer<'info>,
}

/// New rules for validators hold from the next review on.
pub fn handler(ctx: Context<SetValidatorRules>, rules: ValidatorRules) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    rules.require_valid()?;
    pool.rules = rules;

    emit!(ValidatorRulesSet { pool: a.pool.key(), rules, state: PoolState::of(&pool, clock.slot) });
    Ok(())
}
