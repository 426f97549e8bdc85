//! What validators put up for their conduct, and the insurance.

use {
    super::stage::{fund, must, run_epoch, staked, troubled, young, SOME},
    crate::Result,
    solana_signer::Signer,
    tidepool_client::BondTerms,
    tidepool_interface::limits::{BOND_NOTICE_EPOCHS, INSURANCE_NOTICE_EPOCHS},
    tidepool_localnet::{Outcome, ValidatorConfig, World, LAMPORTS_PER_SOL as SOL},
};

const TERMS: BondTerms = BondTerms { commission_bps: 500, bid_ppb: 20_000 };

/// A stranger's gift, enough for an account without data.
const GIFT: u64 = 1_000_000;

pub fn open(seed: u64) -> Result<Outcome> {
    let mut world = young(seed, SOME)?;
    Ok(world.open_bond(0, TERMS, 0)?)
}

pub fn open_with_lamports_on_its_address(seed: u64) -> Result<Outcome> {
    let mut world = young(seed, SOME)?;
    let bond = world.keys.bond(&world.validators[0].vote);
    world.chain.airdrop(&bond, GIFT)?;
    Ok(world.open_bond(0, TERMS, 0)?)
}

pub fn post(seed: u64) -> Result<Outcome> {
    let mut world = bonded(seed)?;
    Ok(world.post_bond(0, SOL)?)
}

pub fn set_worse_terms(seed: u64) -> Result<Outcome> {
    let mut world = bonded(seed)?;
    let outcome = world.set_bond_terms(0, BondTerms::default())?;
    must(world.bond(0).is_some_and(|bond| bond.pending_terms_epoch > 0), "they are announced")?;
    Ok(outcome)
}

pub fn request_withdrawal(seed: u64) -> Result<Outcome> {
    Ok(bonded(seed)?.request_bond_withdrawal(0, SOL)?)
}

pub fn withdraw(seed: u64) -> Result<Outcome> {
    let mut world = bonded(seed)?;
    world.request_bond_withdrawal(0, SOL)?;
    (0..BOND_NOTICE_EPOCHS).for_each(|_| world.cross_epoch());
    let before = world.bond(0).map(|bond| bond.lamports);
    let outcome = world.withdraw_bond(0)?;
    must(world.bond(0).map(|bond| bond.lamports + SOL) == before, "the owner is paid")?;
    Ok(outcome)
}

/// The bid of an epoch.
pub fn settle(seed: u64) -> Result<Outcome> {
    let mut world = bonded(seed)?;
    next_epoch(&mut world)?;
    settles(&mut world)
}

/// The bid, a commission above what was promised, too few credits and a loss by slashing, of several epochs; the bond does
/// not suffice. Announced terms take effect with it, tickets wait, and the index is below one.
pub fn settle_in_trouble(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    world.set_rules(|rules| rules.min_credit_bps = 9_500)?;
    let worse = BondTerms { commission_bps: 600, bid_ppb: 10_000 };
    world.open_bond(0, TERMS, 2 * SOL)?;
    world.review_all()?;
    world.settle_all()?;
    next_epoch(&mut world)?;
    world.settle_all()?;
    world.set_bond_terms(0, worse)?;
    for _ in 0..BOND_NOTICE_EPOCHS {
        world.chain.set_uptime(0, 5_000);
        next_epoch(&mut world)?;
    }
    world.chain.set_commission(0, 2_000);
    world.review(0)?;
    world.slash(0, SOL).ok_or("too little stake to slash")?;
    world.update([0])?;
    world.order_unstake("bob", 50 * SOL)?;
    let (record, pool) = (world.record(0), world.pool());
    must(record.lost_lamports >= SOL && record.highest_commission_bps == 2_000, "it owes for a loss")?;
    must(record.credit_ratio_bps < 9_500, "it owes for credits")?;
    must(!pool.queue().is_filled(), "tickets wait")?;
    let outcome = settles(&mut world)?;
    must(world.bond(0).is_some_and(|bond| bond.lamports == 0 && bond.terms == worse), "it pays all it has")?;
    Ok(outcome)
}

/// Once more in the epoch.
pub fn settle_again(seed: u64) -> Result<Outcome> {
    let mut world = bonded(seed)?;
    next_epoch(&mut world)?;
    world.settle(0)?;
    Ok(world.settle(0)?)
}

fn settles(world: &mut World) -> Result<Outcome> {
    let before = world.bond(0).ok_or("no bond")?.lamports;
    let outcome = world.settle(0)?;
    let bond = world.bond(0).ok_or("no bond")?;
    must(bond.lamports < before && bond.settled_epoch == world.chain.epoch(), "the bond pays")?;
    Ok(outcome)
}

/// A validator that is new on the chain enters by itself, on a page that is there.
pub fn join(seed: u64) -> Result<Outcome> {
    let mut world = bonded(seed)?;
    world.set_rules(|rules| (rules.join_weight, rules.join_bond_lamports) = (50, SOL))?;
    let joins = world.chain.add_validator(&ValidatorConfig::default());
    world.open_bond(joins, TERMS, SOL)?;
    Ok(world.join(joins)?)
}

/// [`staked`], with a bond that was settled once.
fn bonded(seed: u64) -> Result<World> {
    let mut world = staked(seed, SOME)?;
    world.open_bond(0, TERMS, 10 * SOL)?;
    fund(&mut world, 10)?;
    run_epoch(&mut world)?;
    world.review_all()?;
    world.settle(0)?;
    Ok(world)
}

/// Over the edge, everything updated and reviewed.
fn next_epoch(world: &mut World) -> Result<()> {
    world.cross_epoch();
    world.update_all()?;
    world.review_all()?;
    Ok(world.sync().map(|_| ())?)
}

pub fn fund_insurance(seed: u64) -> Result<Outcome> {
    Ok(troubled(seed)?.fund_insurance(SOL)?)
}

pub fn propose_insurance_withdrawal(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    let ana = world.user("ana").wallet.pubkey();
    Ok(world.propose_insurance_withdrawal(SOL, &ana)?)
}

pub fn cancel_insurance_withdrawal(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    let ana = world.user("ana").wallet.pubkey();
    world.propose_insurance_withdrawal(SOL, &ana)?;
    Ok(world.cancel_insurance_withdrawal()?)
}

pub fn withdraw_insurance(seed: u64) -> Result<Outcome> {
    let mut world = troubled(seed)?;
    world.fund_insurance(2 * SOL)?;
    let ana = world.user("ana").wallet.pubkey();
    world.propose_insurance_withdrawal(SOL, &ana)?;
    (0..INSURANCE_NOTICE_EPOCHS).for_each(|_| world.cross_epoch());
    world.update_all()?;
    let before = world.pool().insurance_lamports;
    let outcome = world.withdraw_insurance(&ana)?;
    must(before - world.pool().insurance_lamports == SOL, "it is paid out")?;
    Ok(outcome)
}
