//! Pools whose roles are in different hands, and what is done to them.

use {
    tidepool_client::{PoolFees, PoolSettings, Role},
    tidepool_localnet::Chain,
    tidepool_math::{Epoch, Slot},
    tidepool_tests::{prelude::*, Expected},
};

/// Who has a role, and somebody who has none. The world's operator is the admin.
pub struct Cast {
    pub admin: Keypair,
    pub manager: Keypair,
    pub guardian: Keypair,
    /// Owner of the treasury's token account.
    pub treasurer: Keypair,
    pub stranger: Keypair,
}

impl Cast {
    pub fn all(&self) -> [&Keypair; 5] {
        [&self.admin, &self.manager, &self.guardian, &self.treasurer, &self.stranger]
    }

    /// All but one.
    pub fn others(&self, one: &Keypair) -> Vec<&Keypair> {
        self.all().into_iter().filter(|key| key.pubkey() != one.pubkey()).collect()
    }
}

/// Every role in another hand, some of the pool's SOL in the liquidity pool, fees of every kind, rewards that stream.
pub fn governed() -> (World, Cast) {
    governed_with(WorldConfig::default())
}

pub fn governed_with(config: WorldConfig) -> (World, Cast) {
    let seed = config.chain.seed;
    let guardian = tidepool_localnet::derive_keypair(seed, "guardian");
    let config = config.with_parameters(|p| {
        p.guardian = guardian.pubkey();
        p.fees.deposit = 30;
        p.fees.ticket = 20;
    });
    let mut world = World::start(config).unwrap();
    let wallet = |world: &World, name: &str| world.chain.wallet(name, 100 * SOL).unwrap();
    wallet(&world, "guardian");
    let cast = Cast {
        admin: world.operator.insecure_clone(),
        manager: wallet(&world, "manager"),
        guardian,
        treasurer: wallet(&world, "treasury"),
        stranger: wallet(&world, "stranger"),
    };
    world.propose_role(Role::Manager, &cast.manager.pubkey()).unwrap();
    world.accept_role(&cast.manager, Role::Manager).unwrap();
    for name in ["ana", "bob", "cat"] {
        world.add_user(name, 20_000 * SOL).unwrap();
    }
    world.deposit("ana", 500 * SOL).unwrap();
    world.deposit("bob", 300 * SOL).unwrap();
    world.add_liquidity("bob", 150 * SOL).unwrap();
    let reserve = world.keys.reserve;
    world.give(&reserve, 7_123_456_789).unwrap();
    world.sync().unwrap();
    slots(&mut world, 3);
    (world, cast)
}

/// [`governed`], with nearly all SOL staked and earning, in the middle of an epoch.
pub fn staked() -> (World, Cast) {
    let (mut world, cast) = governed();
    for _ in 0..2 {
        world.run_epoch().unwrap();
    }
    slots(&mut world, 5);
    (world, cast)
}

/// Fees at their caps.
pub fn highest_fees() -> PoolFees {
    PoolFees {
        reward: limits::MAX_REWARD_FEE.0,
        deposit: limits::MAX_DEPOSIT_FEE.0,
        ticket: limits::MAX_TICKET_FEE.0,
        stake_withdrawal: limits::MAX_STAKE_WITHDRAWAL_FEE.0,
        liquid_min: limits::MAX_LIQUID_FEE.0,
        liquid_max: limits::MAX_LIQUID_FEE.0,
        liquid_treasury_share: limits::MAX_TREASURY_SHARE.0,
        insurance_share: 10_000,
        warmup: limits::MAX_WARMUP.0,
        referral_share: limits::MAX_REFERRAL_SHARE.0,
    }
}

/// The settings that make everything as hard for holders as it can be made.
pub fn worst_settings() -> PoolSettings {
    PoolSettings {
        reserve_target_bps: 0,
        move_window_bps: limits::MIN_MOVE_WINDOW.0,
        max_validator_bps: 0,
        max_move_bps: 0,
        breaker_bps: 0,
        min_deposit_lamports: u64::MAX,
        deposit_cap_lamports: 1,
        instant_cap_lamports_per_day: 1,
        liquidity_target_lamports: u64::MAX,
    }
}

/// The pool's state as events tell it.
pub fn state(world: &World) -> PoolState {
    PoolState::of(&world.pool(), world.chain.slot())
}

pub fn fees_of(world: &World) -> PoolFees {
    world.pool().fees
}

// ---- time

pub fn slots(world: &mut World, count: u64) {
    world.advance(|chain| (0..count).for_each(|_| chain.next_slot()));
}

/// To the very first slot of `epoch`, where the rewards of the last one are still to be paid.
pub fn to_first_slot_of(world: &mut World, epoch: Epoch) {
    while world.chain.epoch() < epoch {
        world.advance(Chain::cross_epoch);
    }
}

pub fn pay_rewards(world: &mut World) {
    world.advance(|chain| {
        chain.pay_rewards();
    });
}

/// To the last slot of this epoch.
pub fn to_last_slot(world: &mut World) {
    let last: Slot = world.chain.first_slot(world.chain.epoch() + 1) - 1;
    if world.chain.slot() < last {
        world.advance(|chain| chain.jump_to(last));
    }
}

// ---- accounts

/// Writes over a part of an account, behind the program's back.
pub fn patch(world: &World, key: &Pubkey, change: impl FnOnce(&mut Account)) {
    let mut account = world.account(key).unwrap_or_default();
    change(&mut account);
    world.chain.set_account(key, &account);
}

/// Sends what must be accepted.
#[track_caller]
pub fn send(world: &mut World, instruction: &Instruction, signers: &[&Keypair]) -> Outcome {
    world.send(std::slice::from_ref(instruction), signers).unwrap_or_else(|failure| panic!("{failure}"))
}

/// What an instruction of the admin changes besides: the stream goes on.
pub fn change_pool(
    world: &mut World,
    instruction: &Instruction,
    signers: &[&Keypair],
    change: impl FnOnce(&mut tidepool_client::Pool),
) -> Outcome {
    let slot = world.chain.slot();
    world.expect_change(instruction, signers, |expected: &mut Expected| {
        expected.releases(slot);
        expected.pool(change);
    })
}

// ---- chance

/// SplitMix64: random enough for scenarios, and the same on every machine.
pub struct Dice(pub u64);

impl Dice {
    /// Less than `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % end
    }
}
