//! Anyone reviews a validator: what a review finds, what it changes, and what it counts for later.

use {
    crate::support::*,
    tidepool_client::{BondTerms, Review},
    tidepool_localnet::Chain,
    tidepool_math::score::Verdict,
    tidepool_tests::prelude::*,
};

/// Two usual validators in a group, one that misses half of its votes, one that falls silent, one that raises its commission:
/// none of it against the rules so far.
fn with_all_kinds() -> World {
    let mut validators = usual(6);
    validators[2].uptime_bps = 5_000;
    let mut world = judging(validators);
    world.chain.set_uptime(3, 0);
    to_next_epoch(&mut world);
    world.chain.set_commission(4, 1_001);
    world.reweigh(0, 100, 7).unwrap();
    world.reweigh(2, 300, 7).unwrap();
    world
}

#[test]
fn a_review_changes_the_record_and_the_pools_sums_and_nothing_else() {
    let mut world = with_all_kinds();
    world.set_rules(strict).unwrap();
    let verdicts =
        [Verdict::Sound, Verdict::Sound, Verdict::TooFewCredits, Verdict::Silent, Verdict::CommissionTooHigh];
    for (index, verdict) in verdicts.into_iter().enumerate() {
        let mut found = Found::of(&world, index, verdict);
        if index == 4 {
            found.commission_bps = 1_001;
        }
        expect_review(&mut world, index, found);
    }
    put_vote_account(&world, 5, &Account::default());
    let nothing = Found {
        verdict: Verdict::NoVoteAccount,
        score_bps: 0,
        commission_bps: 10_000,
        credits: 0,
        credit_ratio_bps: 0,
    };
    expect_review(&mut world, 5, nothing);
    assert_eq!(scores(&world), [10_000, 10_000, 0, 0, 0, 0]);
    assert_eq!(world.pool().group_weight(7), 100 * 10_000);
    for index in 0..6 {
        expect_already_reviewed(&mut world, index);
    }
}

#[test]
fn by_the_loosest_rules_everybody_is_sound_who_has_a_vote_account() {
    let mut world = with_all_kinds();
    for index in 0..5 {
        let found = Found::of(&world, index, Verdict::Sound);
        let commission_bps = if index == 4 { 1_001 } else { 500 };
        expect_review(&mut world, index, Found { commission_bps, ..found });
    }
}

/// A repeat finds what has changed since, and counts nobody twice in the means.
#[test]
fn the_first_review_of_an_epoch_counts_and_later_ones_only_judge() {
    let mut world = judging(usual(2));
    world.set_rules(strict).unwrap();
    let sound = Found::of(&world, 0, Verdict::Sound);
    expect_review(&mut world, 0, sound);
    let counted = world.pool().review;
    expect_already_reviewed(&mut world, 0);
    for commission_bps in [1_001, 9_000] {
        world.chain.set_commission(0, commission_bps);
        let found = Found { verdict: Verdict::CommissionTooHigh, score_bps: 0, commission_bps, ..sound };
        expect_review(&mut world, 0, found);
        expect_already_reviewed(&mut world, 0);
    }
    // It is back by the same rule; only the bond remembers the commission it has had.
    world.chain.set_commission(0, 500);
    expect_review(&mut world, 0, sound);
    assert_eq!(world.pool().review, counted);
    assert_eq!(world.record(0).highest_commission_bps, 9_000);

    // So with a vote account that is closed and comes back.
    let open = world.account(&world.validators[0].vote).unwrap();
    put_vote_account(&world, 0, &Account::default());
    world.review(0).unwrap();
    assert_eq!(scores(&world), [0, 10_000]);
    put_vote_account(&world, 0, &open);
    expect_review(&mut world, 0, sound);
    assert_eq!(world.pool().review, counted);
}

#[test]
fn means_are_used_from_the_next_epoch_on() {
    let mut world = judging(usual(3));
    let (before, epoch) = (means(&world).unwrap(), world.chain.epoch());
    world.chain.set_commission(0, 0);
    world.review_all().unwrap();
    assert_eq!((means(&world), means_epoch(&world)), (Some(before), Some(epoch - 1)));
    to_next_epoch(&mut world);
    let after = means(&world).unwrap();
    assert_eq!(means_epoch(&world), Some(epoch));
    assert_eq!(after.credits, 4 * tidepool_localnet::FULL_EPOCH_CREDITS);
    // All of four epochs now, and of three before; a third of the stake pays no commission.
    assert!(after.kept_credits > before.kept_credits / 3 * 4);
}

/// Invariant 7. The same epoch, its reviews in every order and by halves on both sides of the move window.
#[test]
fn who_is_reviewed_first_makes_no_difference() {
    let orders: [&[usize]; 4] =
        [&[0, 1, 2, 3, 4], &[4, 3, 2, 1, 0], &[2, 4, 0, 3, 1], &[1, 1, 0, 2, 3, 1, 4, 0]];
    let ends = orders.map(|order| {
        let mut world = with_all_kinds();
        world
            .set_rules(|rules| {
                strict(rules);
                rules.score_gain = 7;
            })
            .unwrap();
        for _ in 0..2 {
            let (early, late) = order.split_at(order.len() / 2);
            early.iter().for_each(|index| drop(world.review(*index).unwrap()));
            world.to_move_window();
            late.iter().for_each(|index| drop(world.review(*index).unwrap()));
            to_next_epoch(&mut world);
        }
        let accounts = [world.keys.pool, world.validators[0].page];
        accounts.map(|key| world.account(&key).unwrap().data)
    });
    assert!(ends.iter().all(|end| *end == ends[0]));
}

/// Who reviews only whom he wants to compare with makes no mean.
#[test]
fn reviews_of_less_than_two_thirds_of_the_stake_make_no_means() {
    for (reviewed, is_enough) in
        [(vec![], false), (vec![0], false), (vec![1, 2, 3], false), (vec![0, 1, 2, 3, 4], true)]
    {
        let mut world = judging(usual(6));
        let epoch = world.chain.epoch();
        let before = means(&world);
        reviewed.iter().for_each(|index| drop(world.review(*index).unwrap()));
        to_next_epoch(&mut world);
        let of = if is_enough { epoch } else { epoch - 1 };
        assert_eq!(means_epoch(&world), Some(of), "{reviewed:?}");
        assert!(is_enough || means(&world) == before);
    }
}

#[test]
fn means_are_forgotten_after_ten_epochs_and_new_ones_are_made() {
    let mut validators = usual(3);
    validators[1].uptime_bps = 5_000;
    let mut world = judging(validators);
    world.set_rules(strict).unwrap();
    let made = means_epoch(&world).unwrap();
    while world.chain.epoch() < made + 10 {
        to_next_epoch(&mut world);
    }
    // Credits of the very epochs that the means are of.
    assert_eq!(means_epoch(&world), Some(made));
    let found = Found::of(&world, 1, Verdict::TooFewCredits);
    expect_review(&mut world, 1, found);

    to_next_epoch(&mut world);
    assert_eq!(means(&world), None);
    for index in 0..3 {
        let found = Found::of(&world, index, Verdict::Sound);
        assert_eq!(found.credit_ratio_bps, 10_000);
        expect_review(&mut world, index, found);
    }
    to_next_epoch(&mut world);
    let found = Found::of(&world, 1, Verdict::TooFewCredits);
    expect_review(&mut world, 1, found);
}

/// stakenet#95, #92: credits were rescaled in the middle of a window, and validators scored by a mean of other epochs.
#[test]
fn credits_that_are_worth_sixteen_times_as_much_from_some_epoch_on_change_no_score() {
    let play = |times: u64| -> Vec<Vec<u16>> {
        let mut validators = usual(4);
        validators[3].uptime_bps = 9_800;
        let mut world = judging(validators);
        world
            .set_rules(|rules| {
                strict(rules);
                rules.score_gain = 10;
            })
            .unwrap();
        let epoch = |epoch: u64| {
            world.review_all().unwrap();
            if epoch >= 2 {
                for index in 0..4 {
                    let credits = tidepool_localnet::FULL_EPOCH_CREDITS / 10_000 * (times - 1);
                    world.chain.vote(index, credits * u64::from(world.chain.validator(index).uptime_bps));
                }
            }
            to_next_epoch(&mut world);
            scores(&world)
        };
        (0..9).map(epoch).collect()
    };
    let (alike, rescaled) = (play(1), play(16));
    assert_eq!(alike, rescaled);
    // 1 of 100 credits less than the mean, and half of it more: ten times that in the score.
    assert_eq!(alike.last().unwrap()[..3], [10_502; 3]);
    assert_eq!(alike.last().unwrap()[3], 8_493);
}

/// No credits, one epoch of them, and more than vote accounts remember: a value for each, and nobody stops a crank.
#[test]
fn validators_with_few_epochs_of_credits_are_judged_by_those_they_have() {
    let mut world = judging(usual(3));
    world.set_rules(strict).unwrap();
    world.deposit("ana", SOL).unwrap();
    let index = world.chain.add_validator(&ValidatorConfig::default());
    world.add_validator(index, 100).unwrap();
    assert_eq!(credits(&world, 3, world.chain.epoch()), 0);
    let found = Found::of(&world, 3, Verdict::TooFewCredits);
    assert_eq!(found.credit_ratio_bps, 0);
    expect_review(&mut world, 3, found);
    // From its fifth complete epoch on it has as many as the others; by then the means are of those.
    for _ in 0..6 {
        to_next_epoch(&mut world);
        world.review_all().unwrap();
    }
    assert_eq!(scores(&world), [10_000; 4]);
    assert_eq!(world.record(3).credit_ratio_bps, 10_000);
}

/// stakenet#72: 0 meant both "unknown" and "nothing", so all stake looked new and was unstaked. The first sight of a validator
/// changes nothing, nor does the first review of a pool.
#[test]
fn the_first_review_of_a_pool_and_of_a_validator_moves_nobody() {
    let mut world = World::start(WorldConfig::default().without_fees()).unwrap();
    world.add_user("ana", 10_000 * SOL).unwrap();
    world.deposit("ana", 4_000 * SOL).unwrap();
    world
        .set_rules(|rules| {
            strict(rules);
            rules.score_gain = u16::MAX;
        })
        .unwrap();
    for _ in 0..4 {
        world.review_all().unwrap();
        assert_eq!(scores(&world), [10_000; 4]);
        world.run_epoch().unwrap();
        assert_eq!(world.pool().cooling_lamports, 0);
    }
    assert_eq!(scores(&world), [10_000; 4]);
}

/// stakenet#42: whoever was no target any more was not looked at any more.
#[test]
fn validators_without_weight_or_score_and_those_that_leave_are_reviewed_too() {
    let mut world = judging(usual(4));
    world.set_rules(strict).unwrap();
    world.reweigh(0, 0, 0).unwrap();
    world.drain(1).unwrap();
    world.chain.set_commission(2, 1_001);
    world.review_all().unwrap();
    for index in 0..3 {
        world.chain.set_commission(index, 2_000 + index as u16);
        world.review(index).unwrap();
        let record = world.record(index);
        assert_eq!((record.verdict, record.score_bps), (Verdict::CommissionTooHigh as u8, 0));
        assert_eq!(record.commission_bps, 2_000 + index as u16);
        assert_eq!(record.effective_weight(), 0);
    }
    // Their stake leaves, the one without weight in the window alone before it has the score 0.
    for index in 0..3 {
        let undelegated = world.undelegate(index).unwrap();
        assert!(undelegated.told().len() == 1);
    }
    world.chain.set_commission(1, 500);
    world.review(1).unwrap();
    assert_eq!(world.record(1).effective_weight(), 0, "who is drained has no weight by any score");
}

// ---- what others do meanwhile

/// Whoever brings stake to a validator, has it reviewed and takes the stake away again changes no mean, not even before
/// anybody has looked at its accounts: a validator counts for the stake that the epoch began with.
#[test]
fn stake_moved_around_a_review_moves_no_score() {
    let play = |brings: bool, is_first: bool| {
        let mut validators = usual(4);
        validators[3].commission_bps = 0;
        let mut world = judging(validators);
        let set = world.set_rules(|rules| {
            strict(rules);
            rules.score_gain = 10;
        });
        set.unwrap();
        let stake = world.add_stake("ana", 3, 3_000 * SOL).unwrap();
        world.review_all().unwrap();
        world.to_move_window();
        world.cross_epoch();
        let before = world.pool().staked_lamports;
        if brings && is_first {
            world.deposit_stake("ana", &stake, 3).unwrap();
        }
        world.update_all().unwrap();
        if brings && !is_first {
            world.deposit_stake("ana", &stake, 3).unwrap();
        }
        assert_eq!(brings, world.pool().staked_lamports > before + 2_999 * SOL);
        world.review(3).unwrap();
        if brings {
            let share = world.rate().shares_floor(Lamports(2_500 * SOL)).unwrap();
            world.withdraw_stake("ana", share.0, 3).unwrap();
        }
        world.review_all().unwrap();
        let Review { stake, credits, kept_credits, .. } = world.pool().review;
        to_next_epoch(&mut world);
        world.review_all().unwrap();
        (stake, credits, kept_credits, scores(&world))
    };
    let alone = play(false, false);
    assert_eq!(play(true, false), alone);
    assert_eq!(play(true, true), alone);
}

/// A bid is worth what its bond can pay: else a validator with a bond of next to nothing could bid everything, and whoever does
/// not would be left without a score and without stake.
#[test]
fn a_bid_that_its_bond_cannot_pay_moves_nobodys_score() {
    let mut world = judging(usual(4));
    world
        .set_rules(|rules| {
            strict(rules);
            rules.score_gain = 1;
        })
        .unwrap();
    let bid = BondTerms { commission_bps: 500, bid_ppb: u32::MAX };
    world.open_bond(3, bid, SOL / 100).unwrap();
    world.review_all().unwrap();
    world.settle(3).unwrap();
    assert_eq!(world.record(3).bid_ppb, u32::MAX);
    to_next_epoch(&mut world);
    world.review_all().unwrap();
    to_next_epoch(&mut world);
    world.review_all().unwrap();
    // 0.01 SOL for 1,000 SOL and an epoch: 10,000 lamports per 10^9, a quarter of it in the mean.
    assert!((2_400..=2_500).contains(&means(&world).unwrap().bid_ppb));
    assert_eq!(scores(&world)[..3], [10_000; 3]);
    assert!((10_250..10_300).contains(&scores(&world)[3]), "it is worth its hundredth of a SOL");
}

/// Rewards are still being paid and the stake program refuses all work; nobody waits for that to judge.
#[test]
fn reviews_work_while_the_rewards_of_an_epoch_are_paid() {
    let mut world = judging(usual(3));
    world.set_rules(strict).unwrap();
    world.review_all().unwrap();
    world.chain.set_commission(1, 5_000);
    world.to_move_window();
    world.advance(Chain::cross_epoch);
    assert!(world.chain.rewards_active());
    let update = world.keys.update_validators(&world.batch([1]));
    world.expect_refusal(&update, &[], TidepoolError::EpochRewardsActive);
    let epoch = world.chain.epoch();
    world.review_all().unwrap();
    assert_eq!(scores(&world), [10_000, 0, 10_000]);
    assert_eq!((0..3).map(|index| world.record(index).reviewed_epoch).collect::<Vec<_>>(), [epoch; 3]);
    let undelegate = world.keys.undelegate(&world.validators[1]);
    world.expect_refusal(&undelegate, &[], TidepoolError::EpochRewardsActive);
    world.advance(|chain| {
        chain.pay_rewards();
    });
    world.update_all().unwrap();
    to_next_epoch(&mut world);
    assert_eq!(means_epoch(&world), Some(epoch));
}

#[test]
fn a_review_names_a_validator_of_the_pool_and_its_own_vote_account() {
    let world = judging(usual(3));
    let review = world.keys.review_validator(&world.validators[1]);
    let others = world.validators[2].vote;
    let other_vote = review.clone().with(&world.validators[1].vote, &others);
    world.expect_refusal(&other_vote, &[], TidepoolError::NoSuchValidator);
    for slot_in_page in [0, 3, 31, 32, u8::MAX] {
        let elsewhere = ValidatorKeys { slot_in_page, ..world.validators[1] };
        world.expect_refusal(&world.keys.review_validator(&elsewhere), &[], TidepoolError::NoSuchValidator);
    }
    let foreign = OtherPool::beside(&world);
    let elsewhere = review.with(&world.keys.pool, &foreign.keys.pool);
    world.expect_refusal(&elsewhere, &[], TidepoolError::WrongPool);
}
