//! Two thousand validators in one pool.

use {crate::ground, tidepool_tests::prelude::*};

/// Sixty-three pages; sixty-two hold 1,984.
const VALIDATORS: usize = 63 * limits::RECORDS_PER_PAGE;

/// Validators with nothing but a main account to look at that a legacy transaction has room for.
const PER_UPDATE: usize = 20;

/// A pool of so many validators of weight 100 each. They are entered straight on the chain: the books are compared in the end.
fn enter(world: &mut World, all: usize) {
    let operator = world.operator.insecure_clone();
    let before = world.chain.lamports(&operator.pubkey());
    while world.validators.len() < all {
        let place = world.validators.len();
        let vote = match place {
            0 => world.chain.validator(0).vote,
            _ => {
                let joins = world.chain.add_validator(&ValidatorConfig::default());
                world.chain.validator(joins).vote
            }
        };
        let validator = world.keys.validator(&vote, place);
        let add = world.keys.add_validator(&operator.pubkey(), &operator.pubkey(), &validator, 100, 0);
        world.chain.send(&[add], &[world.chain.faucet(), &operator]).unwrap();
        world.validators.push(validator);
    }
    world.ledger.paid_in += i128::from(before - world.chain.lamports(&operator.pubkey()));
}

/// What each instruction costs, of users, and of cranks for validator `index`.
fn costs(world: &World, index: usize) -> Vec<(&'static str, u64)> {
    let (keys, ana, operator) = (world.keys, world.user("ana"), world.operator.pubkey());
    let (wallet, validator) = (ana.wallet.pubkey(), world.validators[index]);
    let weights = vec![tidepool_client::NewWeight {
        slot_in_page: validator.slot_in_page,
        vote: validator.vote,
        weight: 1,
        group: 1,
    }];
    let all = [
        ("deposit", keys.deposit(&wallet, &ana.lst, SOL, 0)),
        ("order_unstake", keys.order_unstake(&wallet, &wallet, &ana.lst, SOL, 0, 1 << 40)),
        ("sync_pool", keys.sync_pool()),
        ("update_validators", ground::update_in_full(world, [index])),
        ("review_validator", keys.review_validator(&validator)),
        ("delegate", keys.delegate(&validator)),
        ("undelegate", keys.undelegate(&validator)),
        ("set_weights", keys.set_weights(&operator, &validator.page, weights)),
        ("drain_validator", keys.drain_validator(&operator, &validator)),
    ];
    let cost = |(name, instruction)| {
        let payer = if matches!(name, "deposit" | "order_unstake") { wallet } else { operator };
        let done = world.chain.simulate(&[instruction], &payer);
        (name, done.unwrap_or_else(|failure| panic!("{name}: {failure}")).compute_units)
    };
    all.into_iter().map(cost).collect()
}

/// spl#2654, #2705: the list was one account, scanned from end to end, and had to be cut down with every change of the runtime.
/// Neodyme SPL 2022-12, spl#3806: a loop over all of it could outgrow the budget for ever.
#[test]
fn two_thousand_validators_are_entered_updated_staked_and_removed_at_the_cost_of_one() {
    let mut config = ground::still(1);
    config.weights.clear();
    let mut world = ground::funded(config, 1_000 * SOL);
    world.cross_epoch();
    enter(&mut world, 2);
    world.to_move_window();
    let few = costs(&world, 1);

    enter(&mut world, VALIDATORS);
    let pool = world.pool();
    assert_eq!((pool.validator_count as usize, pool.page_count), (VALIDATORS, 63));
    assert_eq!(pool.total_weight, VALIDATORS as u64 * 100 * 10_000);
    for ((name, few), (_, many)) in few.iter().zip(costs(&world, VALIDATORS - 1)) {
        assert!(
            many.abs_diff(*few) <= few / 50,
            "{name}: {few} CU in a pool of 2, {many} in one of {VALIDATORS}"
        );
    }

    // All of them are updated, and the last one makes the epoch complete.
    world.cross_epoch();
    let epoch = world.chain.epoch();
    let places: Vec<usize> = (0..VALIDATORS).collect();
    for some in places.chunks(PER_UPDATE) {
        assert!(world.pool().last_update_epoch < epoch, "not before all are seen");
        let update = world.keys.update_validators(&world.batch(some.iter().copied()));
        world.chain.send(&[update], &[world.chain.faucet()]).unwrap();
    }
    assert_eq!(world.pool().last_update_epoch, epoch);

    // Stake goes to the last page and back.
    const LAST: usize = VALIDATORS - 1;
    world.reweigh(LAST, 2_000_000, 127).unwrap();
    world.to_move_window();
    world.delegate(LAST).unwrap();
    let stake = world.record(LAST).staked_lamports;
    assert!(stake > 800 * SOL, "{stake}");
    world.cross_epoch();
    world.update([LAST]).unwrap();
    world.drain(LAST).unwrap();
    world.undelegate(LAST).unwrap();
    assert!(world.record(LAST).staked_lamports < stake);

    // One of the fortieth page leaves; another takes its place.
    let leaves = 40 * limits::RECORDS_PER_PAGE + 7;
    world.drain(leaves).unwrap();
    world.update([leaves]).unwrap();
    world.remove(leaves).unwrap();
    assert_eq!(world.pool().validator_count as usize, VALIDATORS - 1);
    let joins = world.chain.add_validator(&ValidatorConfig::default());
    let validator = world.keys.validator(&world.chain.validator(joins).vote, leaves);
    let operator = world.operator.insecure_clone();
    let add = world.keys.add_validator(&operator.pubkey(), &operator.pubkey(), &validator, 1, 0);
    world.validators.push(validator);
    world.send(&[add], &[&operator]).unwrap();
    assert_eq!(world.record(leaves).vote, validator.vote);
    assert_eq!(world.difference(), 0);
}
