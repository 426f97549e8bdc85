//! Pools whose validators are judged, and vote accounts to judge them by.

use {
    solana_vote_interface::state::VoteStateVersions,
    tidepool_client::{ValidatorRecord, ValidatorRules},
    tidepool_math::score::{Means, Verdict},
    tidepool_tests::prelude::*,
};

/// Rules that usual validators keep.
pub fn strict(rules: &mut ValidatorRules) {
    rules.max_commission_bps = 1_000;
    rules.min_credit_bps = 9_000;
    // The validators of these chains vote once an epoch.
    rules.max_vote_lag_bps = 10_000;
}

/// A pool with 1,000 SOL staked with each of its validators, in an epoch that has means and in which nobody was judged yet;
/// ana owns nearly all of it, and has as much again. There are no fees, and no rules yet.
pub fn judging(validators: Vec<ValidatorConfig>) -> World {
    judging_with(WorldConfig::default().with_validators(validators))
}

pub fn judging_with(config: WorldConfig) -> World {
    let sol = 1_000 * config.weights.len() as u64 * SOL;
    let mut world = World::start(config.without_fees()).unwrap();
    world.add_user("ana", 2 * sol + 100 * SOL).unwrap();
    world.deposit("ana", sol).unwrap();
    for _ in 0..3 {
        world.run_epoch().unwrap();
    }
    to_next_epoch(&mut world);
    world
}

/// Over the edge, where everything is updated and nothing judged.
pub fn to_next_epoch(world: &mut World) {
    world.to_move_window(); // a while after the last votes
    world.cross_epoch();
    world.update_all().unwrap();
}

pub fn usual(count: usize) -> Vec<ValidatorConfig> {
    vec![ValidatorConfig::default(); count]
}

pub fn verdict(world: &World, index: usize) -> u8 {
    world.record(index).verdict
}

pub fn scores(world: &World) -> Vec<u16> {
    world.listed().into_iter().map(|index| world.record(index).score_bps).collect()
}

pub fn staked(world: &World, index: usize) -> u64 {
    world.record(index).staked_lamports
}

pub fn means(world: &World) -> Option<Means> {
    world.pool().means(world.chain.epoch()).map(|(means, _)| means)
}

/// The epoch whose reviews made the means.
pub fn means_epoch(world: &World) -> Option<u64> {
    world.pool().means(world.chain.epoch()).map(|(_, epoch)| epoch)
}

/// Credits of the four epochs before `epoch`, as the vote program's own types have them.
pub fn credits(world: &World, index: usize, epoch: u64) -> u64 {
    let account = world.account(&world.validators[index].vote).unwrap();
    let history = match bincode::deserialize(&account.data).unwrap() {
        VoteStateVersions::V1_14_11(state) => state.epoch_credits,
        VoteStateVersions::V3(state) => state.epoch_credits,
        VoteStateVersions::V4(state) => state.epoch_credits,
        VoteStateVersions::Uninitialized => vec![],
    };
    let window = epoch.saturating_sub(4)..epoch;
    history.iter().filter(|(of, ..)| window.contains(of)).map(|(_, end, start)| end - start).sum()
}

/// What a review finds.
#[derive(Clone, Copy)]
pub struct Found {
    pub verdict: Verdict,
    pub score_bps: u16,
    pub commission_bps: u16,
    /// Credits of the last complete epochs.
    pub credits: u64,
    /// And of those of the means, as a share of them.
    pub credit_ratio_bps: u16,
}

impl Found {
    /// A usual validator that has this verdict.
    pub fn of(world: &World, index: usize, verdict: Verdict) -> Self {
        let epoch = world.chain.epoch();
        let compared = credits(world, index, means_epoch(world).unwrap_or(epoch));
        let ratio =
            means(world).map_or(10_000, |means| u128::from(compared) * 10_000 / u128::from(means.credits));
        Self {
            verdict,
            score_bps: if verdict == Verdict::Sound { 10_000 } else { 0 },
            commission_bps: 500,
            credits: credits(world, index, epoch),
            credit_ratio_bps: u16::try_from(ratio).unwrap(),
        }
    }
}

/// Asserts that a review finds this, and changes the record and the pool's sums and nothing else; they count the validator
/// once an epoch.
pub fn expect_review(world: &mut World, index: usize, found: Found) {
    let (keys, slot, epoch) = (world.keys, world.chain.slot(), world.chain.epoch());
    let validator = world.validators[index];
    let before = world.record(index);
    let Found { verdict, score_bps, commission_bps, credits, credit_ratio_bps } = found;
    let outcome = world.expect_change(&keys.review_validator(&validator), &[], |expected| {
        expected.releases(slot);
        expected.record(&validator, |record| {
            record.reviewed_epoch = epoch;
            record.verdict = verdict as u8;
            record.score_bps = score_bps;
            record.commission_bps = commission_bps;
            record.highest_commission_bps = record.highest_commission_bps.max(commission_bps);
            record.credit_ratio_bps = credit_ratio_bps;
        });
        expected.pool(|pool| {
            let weight = |score: u16| u64::from(before.weight) * u64::from(score);
            let (lost, won) = (weight(before.score_bps), weight(score_bps));
            pool.total_weight = pool.total_weight - lost + won;
            if before.group > 0 {
                let of_group = &mut pool.group_weights[usize::from(before.group)];
                *of_group = *of_group - lost + won;
            }
            if before.reviewed_epoch != epoch {
                count(pool, &before, &found, epoch);
            }
        });
    });
    outcome.assert_told(&events::ValidatorReviewed {
        pool: keys.pool,
        vote: validator.vote,
        verdict: verdict as u8,
        score_bps,
        commission_bps,
        credit_ratio_bps,
        credits,
        state: PoolState::of(&world.pool(), slot),
    });
}

fn count(pool: &mut tidepool_client::Pool, record: &ValidatorRecord, found: &Found, epoch: u64) {
    let max_commission_bps = pool.rules.max_commission_bps;
    let review = &mut pool.review;
    let opening = record.opening_stake(epoch).0;
    let stake = u128::from(opening);
    let kept = u128::from(10_000 - found.commission_bps.min(max_commission_bps));
    review.stake += opening;
    review.credits = (u128::from(review.credits) + stake * u128::from(found.credits)).into();
    review.kept_credits = (u128::from(review.kept_credits) + stake * u128::from(found.credits) * kept).into();
    if found.verdict == Verdict::NoVoteAccount {
        return; // it earns nothing, and offers nothing
    }
    review.gain = (u128::from(review.gain) + stake * u128::from(record.gain_ppb)).into();
    review.bid = (u128::from(review.bid) + stake * u128::from(record.bid_ppb)).into();
}

/// Asserts that a review says there is nothing to do and changes nothing.
pub fn expect_already_reviewed(world: &mut World, index: usize) {
    let (keys, slot, validator) = (world.keys, world.chain.slot(), world.validators[index]);
    let outcome =
        world.expect_change(&keys.review_validator(&validator), &[], |expected| expected.releases(slot));
    let reason = events::NothingDueReason::AlreadyReviewed;
    outcome.assert_told(&events::NothingDue { pool: keys.pool, account: validator.vote, reason });
}

/// Writes over a validator's vote account.
pub fn put_vote_account(world: &World, index: usize, account: &Account) {
    world.chain.set_account(&world.validators[index].vote, account);
}

/// Changes a validator's vote account.
pub fn patch_vote(world: &World, index: usize, change: impl FnOnce(&mut Account)) {
    let mut account = world.account(&world.validators[index].vote).unwrap();
    change(&mut account);
    put_vote_account(world, index, &account);
}
