//! What the tests of stake going in and out share: pools whose users have stake of their own, and what it is worth.

use {
    crate::stage,
    std::mem::offset_of,
    tidepool_client::{read_pool, ValidatorPage, ValidatorRecord},
    tidepool_tests::prelude::*,
};

/// [`stage::staked`], in which ana has a stake account that is fully active with the first validator, with `lamports`
/// and the reward of an epoch.
pub fn with_stake(lamports: u64) -> (World, Pubkey) {
    with_stake_of(stage::earning(), lamports)
}

/// Two epochs later, in the middle of a reward stream.
fn with_stake_of(mut world: World, lamports: u64) -> (World, Pubkey) {
    let stake = world.add_stake("ana", 0, lamports).unwrap();
    for _ in 0..2 {
        world.run_epoch().unwrap();
    }
    stage::slots(&mut world, 5);
    (world, stake)
}

/// A pool that has staked nothing yet, and an active stake account of ana's with its first validator.
pub fn with_nothing_staked(config: WorldConfig, lamports: u64) -> (World, Pubkey) {
    let mut world = stage::funded(config);
    let stake = world.add_stake("ana", 0, lamports).unwrap();
    world.cross_epoch();
    world.update_all().unwrap();
    (world, stake)
}

/// Lamports under delegation.
pub fn staked_in(world: &World, stake: &Pubkey) -> u64 {
    world.chain.delegation(stake).map_or(0, |delegation| delegation.stake)
}

/// Rewards that are found and not yet in the rate of this slot.
pub fn withheld(world: &World) -> u64 {
    let pool = world.pool();
    pool.withheld - pool.stream().due(world.chain.slot()).0
}

/// What active stake pays for a share: rewards that are found, and those of epochs that nobody has looked for.
pub fn earned_rate(world: &World) -> Rate {
    let pool = world.pool();
    let epochs = world.chain.epoch() - pool.last_update_epoch;
    let (value, part) = (world.rate().value, Bps(pool.fees.warmup));
    let charge = math::comers_charge(value, pool.epoch_gain_ppb(), part, epochs).unwrap();
    stage::rate_with(world, charge.0)
}

/// What an account brings: stake, and everything else in it.
pub fn brought(world: &World, stake: &Pubkey) -> (u64, u64) {
    let staked = staked_in(world, stake);
    (staked, world.chain.lamports(stake) - staked)
}

/// What a stake account is worth to its depositor now.
pub fn quote(world: &World, stake: &Pubkey) -> math::DepositQuote {
    let (staked, free) = brought(world, stake);
    let fee = Bps(world.pool().fees.deposit);
    let (earned, entry) = (earned_rate(world), world.entry_rate());
    math::quote_stake_deposit(&earned, &entry, Lamports(staked), Lamports(free), fee).unwrap()
}

/// The deposit of a stake account of ana's with validator `index`.
pub fn wish_deposit(world: &World, stake: &Pubkey, index: usize, min_lst: u64) -> Instruction {
    let ana = world.user("ana");
    world.keys.deposit_stake(&ana.wallet.pubkey(), stake, &world.validators[index], &ana.lst, min_lst)
}

/// Ana's withdrawal from validator `index` into `stake`.
pub fn wish_withdrawal(world: &World, stake: &Pubkey, index: usize, lst: u64, min: u64) -> Instruction {
    let ana = world.user("ana");
    let validator = &world.validators[index];
    world.keys.withdraw_stake(&ana.wallet.pubkey(), stake, validator, &ana.lst, lst, min)
}

/// What a withdrawal of stake from validator `index` gives now.
pub fn quote_withdrawal(world: &World, index: usize, lst: u64) -> math::StakeWithdrawalQuote {
    let pool = world.pool();
    let fee = Bps(pool.fees.stake_withdrawal);
    let gain_ppb = match pool.epoch_gain_ppb().max(world.record(index).gain_ppb) {
        0 => limits::UNKNOWN_EPOCH_GAIN_PPB,
        gain_ppb => gain_ppb,
    };
    math::quote_stake_withdrawal(&world.rate(), Shares(lst), fee, gain_ppb).unwrap()
}

/// A main account is found to have gained, for the first time in `epoch` or once more in it.
pub fn gains(record: &mut ValidatorRecord, gain: u64, epoch: u64) {
    let ppb = math::gain_ppb(Lamports(gain), Lamports(record.lamports[StakeRole::Main as usize]));
    record.gain_ppb = if record.last_update_epoch == epoch { record.gain_ppb + ppb } else { ppb };
    record.lamports[StakeRole::Main as usize] += gain;
    record.last_update_epoch = epoch;
}

/// The score of a validator becomes `score_bps`, and the pool's sum with it, behind the program's back.
pub fn set_score(world: &World, index: usize, score_bps: u16) {
    const RECORDS: usize = 8 + offset_of!(ValidatorPage, records);
    let before = world.record(index);
    let validator = &world.validators[index];
    let record = RECORDS + usize::from(validator.slot_in_page) * size_of::<ValidatorRecord>();
    let at = record + offset_of!(ValidatorRecord, score_bps);
    stage::patch(world, &validator.page, |page| {
        page.data[at..at + 2].copy_from_slice(&score_bps.to_le_bytes())
    });
    let after = world.record(index);
    patch_pool(world, |pool| {
        pool.total_weight = pool.total_weight - before.effective_weight() + after.effective_weight();
    });
}

/// The main account of a validator is delegated to the vote account of the next one.
pub fn delegate_to_another(world: &World, index: usize) {
    const VOTER: usize = 124;
    let other = world.validators[index + 1].vote;
    stage::patch(world, &world.validators[index].stake(StakeRole::Main), |account| {
        account.data[VOTER..VOTER + 32].copy_from_slice(other.as_ref());
    });
}

/// Writes over the pool's own account.
pub fn patch_pool(world: &World, change: impl FnOnce(&mut tidepool_client::Pool)) {
    stage::patch(world, &world.keys.pool, |account| {
        let mut pool = read_pool(&account.data).unwrap();
        change(&mut pool);
        account.data[8..].copy_from_slice(bytemuck::bytes_of(&pool));
    });
}
