//! How validators are judged, weighed and let go.

use {
    super::stage::{delegate_all, fund, must, next_slot, staked, troubled, undelegate_all, young, SOME},
    crate::Result,
    solana_signer::Signer,
    tidepool_client::{NewWeight, ValidatorKeys},
    tidepool_interface::{
        limits::{CREDIT_WINDOW_EPOCHS, MAX_MEANS_AGE_EPOCHS, RECORDS_PER_PAGE},
        pda::StakeRole,
    },
    tidepool_localnet::{Outcome, ValidatorConfig, VoteVersion, World, WorldConfig, LAMPORTS_PER_SOL as SOL},
    tidepool_math::score::Verdict,
};

/// Weights of one `set_weights` that fit a transaction.
const MOST_WEIGHTS: usize = 24;

/// Epochs of credits that a vote account keeps.
const EPOCHS_OF_CREDITS: u64 = 64;

/// The first look of an epoch, with means of the one before to compare with.
pub fn review(seed: u64) -> Result<Outcome> {
    let mut world = staked(seed, SOME)?;
    world.review_all()?;
    world.cross_epoch();
    world.update_all()?;
    world.sync()?;
    must(world.pool().review.mean_credits > 0, "there are means")?;
    must_judge(world.review(0)?, &world, Verdict::Sound)
}

pub fn review_again(seed: u64) -> Result<Outcome> {
    let mut world = staked(seed, SOME)?;
    world.review_all()?;
    let outcome = world.review(0)?;
    must(world.record(0).verdict == Verdict::Sound as u8, "nothing is new")?;
    Ok(outcome)
}

/// Nothing but its owner is looked at.
pub fn review_without_a_vote_account(seed: u64) -> Result<Outcome> {
    let mut world = staked(seed, SOME)?;
    let vote = world.validators[0].vote;
    world.chain.set_account(&vote, &Default::default());
    must_judge(world.review(0)?, &world, Verdict::NoVoteAccount)
}

/// A full tower, 64 epochs of credits, means that are as old as they may be; the score moves, in a group, and this is the
/// first look at the pool in the epoch: fees were announced for it, a stream runs, and a mean is made of the epoch before.
pub fn review_in_trouble(seed: u64, version: VoteVersion) -> Result<Outcome> {
    let validators = vec![ValidatorConfig::default().with_vote_version(version); SOME];
    let mut world = World::start(WorldConfig::default().with_seed(seed).with_validators(validators))?
        .with_user("ana", 50_000 * SOL)?;
    fund(&mut world, 100)?;
    world.reweigh(0, 100, 7)?;
    world.set_rules(|rules| {
        (rules.score_gain, rules.max_commission_bps) = (10, 5_000);
        (rules.min_credit_bps, rules.max_vote_lag_bps) = (1_000, 10_000);
    })?;
    world.chain.set_uptime(0, 9_000);
    while world.chain.epoch() < EPOCHS_OF_CREDITS {
        world.cross_epoch();
    }
    delegate_all(&mut world)?;
    for _ in 0..2 {
        world.cross_epoch();
        world.update_all()?; // the second one finds rewards
    }
    world.review_all()?;
    for _ in 0..MAX_MEANS_AGE_EPOCHS - 1 {
        world.cross_epoch();
        world.review(1)?; // too little for a mean
    }
    let mut fees = world.fees();
    fees.deposit += 5;
    world.set_fees(fees)?;
    let reserve = world.keys.reserve;
    world.give(&reserve, 50 * SOL)?;
    world.to_move_window();
    world.sync()?;
    world.cross_epoch();
    world.chain.fill_vote_account(0);

    let (pool, before) = (world.pool(), world.record(0).score_bps);
    let epoch = world.chain.epoch();
    must(
        pool.withheld > 0 && pool.counted_epoch < epoch,
        "a stream runs, and nobody has touched the pool yet",
    )?;
    must(pool.means(epoch).is_some_and(|(_, made)| epoch - made == MAX_MEANS_AGE_EPOCHS), "means are old")?;
    must(epoch - CREDIT_WINDOW_EPOCHS > EPOCHS_OF_CREDITS, "the account holds all the credits it can")?;
    let outcome = world.review(0)?;
    let after = world.record(0).score_bps;
    must(after > 0 && after < before, "the score falls, but not to nothing")?;
    must_judge(outcome, &world, Verdict::Sound)
}

fn must_judge(outcome: Outcome, world: &World, verdict: Verdict) -> Result<Outcome> {
    let record = world.record(0);
    must(record.verdict == verdict as u8 && record.reviewed_epoch == world.chain.epoch(), "it is judged")?;
    Ok(outcome)
}

pub fn set_a_weight(seed: u64) -> Result<Outcome> {
    set_weights(staked(seed, SOME)?, 1)
}

/// As many as a transaction holds, all to another group.
pub fn set_many_weights(seed: u64) -> Result<Outcome> {
    set_weights(young(seed, RECORDS_PER_PAGE)?, MOST_WEIGHTS)
}

fn set_weights(world: World, count: usize) -> Result<Outcome> {
    let new = |validator: &ValidatorKeys| {
        let ValidatorKeys { slot_in_page, vote, .. } = *validator;
        NewWeight { slot_in_page, vote, weight: 200, group: 3 }
    };
    let weights: Vec<NewWeight> = world.validators.iter().take(count).map(new).collect();
    let operator = world.operator.insecure_clone();
    let set = world.keys.set_weights(&operator.pubkey(), &world.validators[0].page, weights);
    let outcome = world.chain.send(&[set], &[&operator])?; // who signs anyway also pays: there is no room for another
    must(world.record(count - 1).group == 3, "all are set")?;
    Ok(outcome)
}

pub fn set_rules(seed: u64) -> Result<Outcome> {
    Ok(troubled(seed)?.set_rules(|rules| rules.score_gain = 10)?)
}

pub fn drain(seed: u64) -> Result<Outcome> {
    let mut world = staked(seed, SOME)?;
    let outcome = world.drain(0)?;
    must(world.record(0).is_draining(), "it drains")?;
    Ok(outcome)
}

/// Its stake leaves while others' may not move yet.
pub fn undelegate_what_has_to_leave(seed: u64) -> Result<Outcome> {
    let mut world = staked(seed, SOME)?;
    let mut settings = world.settings();
    settings.max_move_bps = 10_000;
    world.set_parameters(settings)?;
    world.drain(0)?;
    next_slot(&mut world);
    let outcome = world.undelegate(0)?;
    must(world.record(0).staked_lamports == 0, "all of it leaves")?;
    Ok(outcome)
}

/// All that a drained validator leaves is closed.
pub fn update_closes(seed: u64, validators: usize) -> Result<Outcome> {
    let mut world = drained(seed, validators)?;
    world.cross_epoch();
    let outcome = super::updates::update(&mut world, 0..validators)?;
    let closed = (0..validators).filter(|index| world.record(*index).is_empty()).count();
    must(closed == validators, "every account of all is closed")?;
    Ok(outcome)
}

/// [`staked`] with one validator more, and the stake of all the others sent to cool down for good.
fn drained(seed: u64, validators: usize) -> Result<World> {
    let mut world = staked(seed, validators + 1)?;
    let mut settings = world.settings();
    settings.max_move_bps = 10_000;
    world.set_parameters(settings)?;
    for index in 0..validators {
        world.drain(index)?;
    }
    undelegate_all(&mut world)?;
    must(world.pool().cooling_lamports >= 90 * SOL * validators as u64, "all of it cools down")?;
    Ok(world)
}

pub fn remove(seed: u64) -> Result<Outcome> {
    let mut world = drained(seed, 1)?;
    world.cross_epoch();
    world.update_all()?;
    let outcome = world.remove(0)?;
    must(!world.record(0).is_listed(), "the record is free")?;
    must(world.chain.lamports(&world.validators[0].stake(StakeRole::Main)) == 0, "nothing is left of it")?;
    Ok(outcome)
}
