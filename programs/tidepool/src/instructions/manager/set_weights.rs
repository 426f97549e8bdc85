use {
    super::add_validator::require_group,
    crate::{
        errors::{ensure, Result, TidepoolError},
        events::{PoolState, WeightsSet},
        state::{Pool, ValidatorPage},
    },
    anchor_lang::prelude::*,
};

/// A validator's new weight and group. It is named by its slot in the page and by its vote account, for a freed slot may have
/// been given to another.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewWeight {
    pub slot_in_page: u8,
    pub vote: Pubkey,
    pub weight: u32,
    pub group: u16,
}

#[derive(Accounts)]
pub struct SetWeights<'info> {
    #[account(mut, has_one = manager @ TidepoolError::NotTheManager)]
    pub pool: AccountLoader<'info, Pool>,
    pub manager: Signer<'info>,
    #[account(mut, has_one = pool @ TidepoolError::WrongPool)]
    pub page: AccountLoader<'info, ValidatorPage>,
}

/// The manager gives validators of a page other weights and groups. What that moves is up to the cranks, and to the limits
/// on what may move.
pub fn handler(ctx: Context<SetWeights>, weights: Vec<NewWeight>) -> Result<()> {
    let a = ctx.accounts;
    let mut pool = a.pool.load_mut()?;
    let mut page = a.page.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;

    ensure(!weights.is_empty(), TidepoolError::EmptyBatch)?;
    for new in &weights {
        require_group(new.group)?;
        let record = page.validator(new.slot_in_page, &new.vote)?;
        ensure(!record.is_draining(), TidepoolError::ValidatorIsDraining)?;
        pool.reweigh(record, |record| {
            record.weight = new.weight;
            record.group = new.group;
        });
    }

    emit!(WeightsSet {
        pool: a.pool.key(),
        page: page.index,
        weights,
        total_weight: pool.total_weight,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}
