//! Worlds with bonds, and what settlements change in them.

use {
    crate::support::{judging_with, means, to_next_epoch, usual},
    anchor_lang::AccountSerialize,
    tidepool_client::{read_bond, Bond, BondTerms, Pool},
    tidepool_math::bond::{Charge, MAX_SETTLED_EPOCHS},
    tidepool_tests::{prelude::*, Expected},
};

/// Nothing promised that anybody would miss.
pub const EASY: BondTerms = BondTerms { commission_bps: 10_000, bid_ppb: 0 };

pub fn terms(commission_bps: u16, bid_ppb: u32) -> BondTerms {
    BondTerms { commission_bps, bid_ppb }
}

/// A pool of two usual validators with 1,000 SOL each, without fees.
pub fn two() -> World {
    judging_with(WorldConfig::default().with_validators(usual(2)))
}

/// [`two`], in which the bond of validator 0 was settled for its stake in the last epoch; nobody was judged in this one.
pub fn settled(terms: BondTerms, lamports: u64) -> World {
    settled_in(two(), terms, lamports)
}

pub fn settled_in(mut world: World, terms: BondTerms, lamports: u64) -> World {
    world.open_bond(0, terms, lamports).unwrap();
    world.review_all().unwrap();
    to_next_epoch(&mut world);
    settle_all(&mut world);
    to_next_epoch(&mut world);
    assert!(bond(&world).settled_stake > 900 * SOL);
    world
}

/// Reviews and settlements of this epoch, as keepers would do them.
pub fn settle_all(world: &mut World) {
    world.review_all().unwrap();
    world.settle_all().unwrap();
}

pub fn identity(world: &World, index: usize) -> Keypair {
    world.chain.validator(index).identity.insecure_clone()
}

/// The bond of validator 0.
pub fn bond(world: &World) -> Bond {
    world.bond(0).unwrap()
}

pub fn bond_key(world: &World) -> Pubkey {
    world.keys.bond(&world.validators[0].vote)
}

pub fn state(world: &World) -> PoolState {
    PoolState::of(&world.pool(), world.chain.slot())
}

pub fn bond_data(bond: &Bond) -> Vec<u8> {
    let mut data = vec![];
    bond.try_serialize(&mut data).unwrap();
    data
}

/// The bond in an account of the step.
pub fn change_bond(expected: &mut Expected, key: &Pubkey, change: impl FnOnce(&mut Bond)) {
    let account = expected.account(key);
    let mut bond = read_bond(&account.data).unwrap();
    change(&mut bond);
    account.data = bond_data(&bond);
}

/// `ceil(lamports × part / whole)`.
pub fn part_ceil(lamports: u64, part: u128, whole: u128) -> u64 {
    u64::try_from((u128::from(lamports) * part).div_ceil(whole)).unwrap()
}

/// What the bond of validator 0 owes if it is settled now, by what stands in the accounts.
pub fn owed(world: &World) -> Charge {
    let (bond, record) = (bond(world), world.record(0));
    let epochs = (world.chain.epoch() - bond.settled_epoch).min(MAX_SETTLED_EPOCHS);
    let gain = means(world).map_or(0, |means| means.gain_ppb);
    let of_gain = |high: u16, low: u16| {
        let part = u128::from(gain) * u128::from(high.saturating_sub(low)) * u128::from(epochs);
        Lamports(part_ceil(bond.settled_stake, part, 1_000_000_000 * 10_000))
    };
    let bid = u128::from(bond.terms.bid_ppb) * u128::from(epochs);
    Charge {
        bid: Lamports(part_ceil(bond.settled_stake, bid, 1_000_000_000)),
        commission: of_gain(record.highest_commission_bps, bond.terms.commission_bps),
        credits: of_gain(bond.settled_min_credits_bps, record.credit_ratio_bps),
        lost: Lamports(record.lost_lamports),
    }
}

/// What the bond of validator 0 can pay: what was posted, but for what its account lacks of today's rent.
fn can_leave(world: &World) -> u64 {
    let above_rent = world.chain.lamports(&bond_key(world)).saturating_sub(bond_rent(world));
    above_rent.min(bond(world).lamports)
}

pub fn bond_rent(world: &World) -> u64 {
    world.chain.rent().minimum_balance(Bond::SPACE)
}

/// Settles the bond of validator 0 and asserts that it pays `charge`, as far as it can, and that nothing else changes: what is
/// paid is streamed, and the rate stays where it was. For pools without fees and insurance.
pub fn expect_settlement(world: &mut World, charge: Charge) -> u64 {
    let (keys, slot, epoch) = (world.keys, world.chain.slot(), world.chain.epoch());
    let slots = world.chain.slots_per_epoch();
    let (validator, key, rate) = (world.validators[0], bond_key(world), world.rate());
    let paid = charge.total().0.min(can_leave(world));
    let mut after = bond(world);
    after.lamports -= paid;
    after.withdrawal_lamports = after.withdrawal_lamports.min(after.lamports);
    after.settled_epoch = epoch;
    after.settled_stake = world.record(0).opening_stake(epoch).0;
    after.settled_min_credits_bps = world.pool().rules.min_credit_bps;
    if after.pending_terms_epoch != 0 && epoch >= after.pending_terms_epoch {
        after.terms = std::mem::take(&mut after.pending_terms);
        after.pending_terms_epoch = 0;
    }
    let backing = after.lamports - after.withdrawal_lamports;
    let noted = world.record(0).bond_lamports;

    let outcome = world.expect_change(&keys.settle_bond(&validator), &[], |expected| {
        expected.releases(slot);
        expected.moves(&key, &keys.reserve, paid);
        change_bond(expected, &key, |bond| bond.clone_from(&after));
        expected.record(&validator, |record| {
            record.lost_lamports -= paid.min(charge.lost.0);
            if record.has_left() {
                record.lost_lamports = 0;
            }
            record.highest_commission_bps = record.commission_bps;
            record.bond_lamports = backing;
            record.bid_ppb = if backing == 0 { 0 } else { after.terms.bid_ppb };
        });
        expected.pool(|pool| {
            pool.bond_lamports = pool.bond_lamports - noted + backing;
            pool.reserve_lamports += paid;
            pool.gains.bonds += paid;
            gains(pool, paid, slot, slots);
        });
    });
    outcome.assert_told(&events::BondSettled {
        pool: keys.pool,
        vote: validator.vote,
        bid_lamports: charge.bid.0,
        commission_lamports: charge.commission.0,
        credits_lamports: charge.credits.0,
        lost_lamports: charge.lost.0,
        paid_lamports: paid,
        bond_lamports: after.lamports,
        state: state(world),
    });
    assert_eq!(world.rate(), rate, "a payment is streamed");
    paid
}

/// A gain of a pool without fees.
fn gains(pool: &mut Pool, gain: u64, slot: u64, slots: u64) {
    if gain == 0 {
        return;
    }
    let before = pool.value_floor + pool.withheld + pool.queue().liabilities().unwrap().0;
    let ppb = pool.gain_ppb + math::gain_ppb(Lamports(gain), Lamports(before));
    pool.gain_ppb = ppb.min(math::entry::MAX_EPOCH_GAIN_PPB);
    pool.loss_carry = pool.loss_carry.saturating_sub(gain);
    let mut stream = pool.stream();
    stream.add(Lamports(gain), slot, slots).unwrap();
    pool.stream_amount = stream.amount.0;
    pool.withheld = stream.unreleased.0;
    pool.stream_start_slot = stream.start_slot;
    pool.stream_end_slot = stream.end_slot;
}

/// Asserts that a settlement finds nothing to do for this reason, and changes nothing.
pub fn expect_nothing_settled(world: &mut World, reason: events::NothingDueReason) {
    let (keys, slot, validator) = (world.keys, world.chain.slot(), world.validators[0]);
    let settle = keys.settle_bond(&validator);
    let outcome = world.expect_change(&settle, &[], |expected| expected.releases(slot));
    outcome.assert_told(&events::NothingDue { pool: keys.pool, account: validator.vote, reason });
}

// ---- asked back

pub fn expect_request(world: &mut World, lamports: u64) {
    let (keys, key, owner) = (world.keys, bond_key(world), identity(world, 0));
    let vote = world.validators[0].vote;
    let epoch = if lamports == 0 { 0 } else { world.chain.epoch() + limits::BOND_NOTICE_EPOCHS };
    let ask = keys.request_bond_withdrawal(&vote, &owner.pubkey(), lamports);
    let outcome = world.expect_change(&ask, &[&owner], |expected| {
        change_bond(expected, &key, |bond| {
            bond.withdrawal_lamports = lamports;
            bond.withdrawal_epoch = epoch;
        });
    });
    outcome.assert_told(&events::BondWithdrawalRequested {
        pool: keys.pool,
        vote,
        lamports,
        withdrawal_epoch: epoch,
        state: state(world),
    });
}

pub fn withdrawal(world: &World) -> Instruction {
    world.keys.withdraw_bond(&world.validators[0].vote, &bond(world).owner)
}

pub fn expect_withdrawal(world: &mut World, lamports: u64) {
    let (keys, key, owner) = (world.keys, bond_key(world), identity(world, 0));
    let left = bond(world).lamports - lamports;
    let outcome = world.expect_change(&withdrawal(world), &[&owner], |expected| {
        expected.moves(&key, &owner.pubkey(), lamports);
        change_bond(expected, &key, |bond| {
            bond.lamports = left;
            bond.withdrawal_lamports -= lamports;
            if bond.withdrawal_lamports == 0 {
                bond.withdrawal_epoch = 0;
            }
        });
    });
    outcome.assert_told(&events::BondWithdrawn {
        pool: keys.pool,
        vote: world.validators[0].vote,
        owner: owner.pubkey(),
        lamports,
        bond_lamports: left,
        state: state(world),
    });
}
