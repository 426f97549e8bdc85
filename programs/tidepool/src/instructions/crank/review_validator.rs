use {
    crate::{
        errors::{Result, TidepoolError},
        events::{NothingDue, NothingDueReason, PoolState, ValidatorReviewed},
        state::{slots_in, Pool, ValidatorPage, ValidatorRecord},
        vote::VoteState,
    },
    anchor_lang::prelude::*,
    tidepool_interface::limits::CREDIT_WINDOW_EPOCHS,
    tidepool_math::{
        bond,
        score::{self, Means, Performance, Verdict},
        Bps, Epoch, Lamports,
    },
};

#[derive(Accounts)]
pub struct ReviewValidator<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, Pool>,
    #[account(mut, has_one = pool @ TidepoolError::WrongPool)]
    pub page: AccountLoader<'info, ValidatorPage>,
    /// CHECK: named by the record; it may be closed, or another program's by now
    pub vote: UncheckedAccount<'info>,
}

/// A review judges a validator by its vote account, by the pool's rules and by the means of an earlier epoch's reviews. The
/// first one of an epoch counts it in the means of that epoch.
pub fn handler(ctx: Context<ReviewValidator>, slot_in_page: u8) -> Result<()> {
    let a = ctx.accounts;
    let pool_key = a.pool.key();
    let mut pool = a.pool.load_mut()?;
    let mut page = a.page.load_mut()?;
    let clock = Clock::get()?;
    pool.touch(&clock)?;
    pool.begin_epoch(clock.epoch);

    let record = page.validator(slot_in_page, a.vote.key)?;
    let review = review(&pool, record, &a.vote, &clock)?;
    let before = *record;
    let is_counted = pool.count_review(record, &review.performance, clock.epoch);
    review.note(record);
    let score = score::settled_score(Bps(record.score_bps), review.score);
    pool.reweigh(record, |record| record.score_bps = score.0);
    if !is_counted && !review.changes(&before, score) {
        emit!(NothingDue { pool: pool_key, account: record.vote, reason: NothingDueReason::AlreadyReviewed });
        return Ok(());
    }

    emit!(ValidatorReviewed {
        pool: pool_key,
        vote: record.vote,
        verdict: record.verdict,
        score_bps: record.score_bps,
        commission_bps: record.commission_bps,
        credit_ratio_bps: record.credit_ratio_bps,
        credits: review.performance.credits,
        state: PoolState::of(&pool, clock.slot),
    });
    Ok(())
}

/// What a review finds.
pub(crate) struct Found {
    pub verdict: Verdict,
    pub score: Bps,
    /// In the complete epochs before this one.
    pub performance: Performance,
    /// In the epochs of the means, as a share of them.
    credit_ratio: Bps,
}

impl Found {
    fn note(&self, record: &mut ValidatorRecord) {
        record.verdict = self.verdict as u8;
        record.commission_bps = self.performance.commission.0;
        record.highest_commission_bps = record.highest_commission_bps.max(self.performance.commission.0);
        record.credit_ratio_bps = self.credit_ratio.0;
    }

    fn changes(&self, before: &ValidatorRecord, score: Bps) -> bool {
        before.score_bps != score.0
            || before.verdict != self.verdict as u8
            || before.commission_bps != self.performance.commission.0
            || before.credit_ratio_bps != self.credit_ratio.0
    }
}

/// Judges `record` by its vote account.
pub(crate) fn review(
    pool: &Pool,
    record: &ValidatorRecord,
    vote: &AccountInfo,
    clock: &Clock,
) -> Result<Found> {
    let means = pool.means(clock.epoch);
    let data = vote.try_borrow_data()?;
    let Some(state) = VoteState::of(vote.owner, &data)? else {
        let performance = Performance { commission: Bps::ONE, ..Performance::default() };
        return Ok(Found {
            verdict: Verdict::NoVoteAccount,
            score: Bps::ZERO,
            performance,
            credit_ratio: credit_ratio(0, means.as_ref()),
        });
    };
    let stake = record.opening_stake(clock.epoch);
    let performed_before = |epoch: Epoch| Performance {
        credits: state.credits(epoch, CREDIT_WINDOW_EPOCHS),
        commission: state.commission,
        gain_ppb: record.gain_ppb,
        bid_ppb: bond::payable_bid(record.bid_ppb, Lamports(record.bond_lamports), stake),
    };
    let compared = performed_before(means.map_or(clock.epoch, |(_, epoch)| epoch));
    let rules = pool.rules.as_math(slots_in(clock.epoch)?);
    let slots_since_vote = clock.slot.saturating_sub(state.last_vote_slot);
    let (verdict, score) =
        score::judge(&rules, &compared, slots_since_vote, means.as_ref().map(|(means, _)| means));
    Ok(Found {
        verdict,
        score,
        performance: performed_before(clock.epoch),
        credit_ratio: credit_ratio(compared.credits, means.as_ref()),
    })
}

/// 100 % as long as there is nothing to compare with.
fn credit_ratio(credits: u64, means: Option<&(Means, Epoch)>) -> Bps {
    means.map_or(Bps::ONE, |(means, _)| score::credit_ratio(credits, means.credits))
}
