//! The pools the tests play on, and short ways to build an instruction of a user.

use {
    tidepool_client::{Pool, Review},
    tidepool_tests::prelude::*,
};

/// Every fee is charged.
pub fn all_fees() -> WorldConfig {
    WorldConfig::default().with_parameters(|p| {
        p.fees.deposit = 30;
        p.fees.ticket = 20;
        p.fees.referral_share = 4_000;
    })
}

/// A pool of ana and bob, who have plenty of SOL and nothing in the pool yet.
pub fn young(config: WorldConfig) -> World {
    World::start(config)
        .unwrap()
        .with_user("ana", 20_000 * SOL)
        .unwrap()
        .with_user("bob", 20_000 * SOL)
        .unwrap()
}

/// [`young`], with LST and liquidity of both.
pub fn funded(config: WorldConfig) -> World {
    let mut world = young(config);
    for (name, sol) in [("ana", 500), ("bob", 300)] {
        world.deposit(name, sol * SOL).unwrap();
        world.add_liquidity(name, sol / 2 * SOL).unwrap();
    }
    slots(&mut world, 1); // SOL that was added in this very slot pays no exits
    world
}

/// [`funded`], with all fees, in the middle of a reward stream at a rate without a short fraction; the liquidity pool
/// holds LST. The next touch releases some reward.
pub fn earning() -> World {
    selling(50 * SOL)
}

/// [`earning`], with nothing that the liquidity pool could sell: deposits mint.
pub fn minting() -> World {
    selling(0)
}

/// [`earning`], with so much LST in the liquidity pool, less what of it is the treasury's.
pub fn selling(lst: u64) -> World {
    let mut world = funded(all_fees());
    gift(&mut world, 123_456_789_123);
    if lst > 0 {
        world.liquid_unstake("bob", lst).unwrap();
    }
    slots(&mut world, 9);
    assert!(world.pool().stream().due(world.chain.slot()) > Lamports(0));
    world
}

/// [`earning`], with nearly all SOL staked and earning, in the middle of an epoch: its rewards stream.
pub fn staked() -> World {
    staked_from(earning())
}

pub fn staked_from(mut world: World) -> World {
    for _ in 0..2 {
        world.run_epoch().unwrap();
    }
    slots(&mut world, 5);
    world
}

/// [`staked`], when stake may move.
pub fn in_the_window() -> World {
    let mut world = staked();
    world.to_move_window();
    world
}

/// A pool without fees at a rate of `per_mille` / 1000 (above 1), nothing streaming.
pub fn at_rate(per_mille: u64) -> World {
    let mut world = funded(WorldConfig::default().without_fees());
    let value = world.pool().value_floor;
    gift(&mut world, value / 1_000 * (per_mille - 1_000));
    let slots_per_epoch = world.chain.slots_per_epoch();
    slots(&mut world, slots_per_epoch);
    world
}

/// The pool after a loss that no insurance and no withheld reward paid for: its rate is below 1.
pub fn below_one() -> World {
    let mut world = funded(WorldConfig::default().without_fees());
    world.run_epoch().unwrap();
    let withheld = world.pool().withheld;
    world.slash(0, withheld + 77_777_777_777).unwrap();
    world.update([0]).unwrap();
    world
}

/// Somebody gives to the reserve; the next sync finds it and streams it.
pub fn gift(world: &mut World, lamports: u64) {
    let reserve = world.keys.reserve;
    world.give(&reserve, lamports).unwrap();
    world.sync().unwrap();
}

pub fn slots(world: &mut World, count: u64) {
    world.advance(|chain| (0..count).for_each(|_| chain.next_slot()));
}

/// The pool's state as events tell it.
pub fn state(world: &World) -> PoolState {
    PoolState::of(&world.pool(), world.chain.slot())
}

/// Writes over a part of an account, behind the program's back.
pub fn patch(world: &World, key: &Pubkey, change: impl FnOnce(&mut Account)) {
    let mut account = world.account(key).unwrap_or_default();
    change(&mut account);
    world.chain.set_account(key, &account);
}

/// Writes over the pool's books, behind the program's back.
pub fn patch_pool(world: &World, change: impl FnOnce(&mut Pool)) {
    let mut pool = world.pool();
    change(&mut pool);
    patch(world, &world.keys.pool, |account| {
        account.data[8..].copy_from_slice(bytemuck::bytes_of(&pool));
    });
}

/// [`staked`], with nothing left in the reserve: bob's ticket took it, and waits for more; ana's orders wait behind it.
pub fn queueing(orders: &[u64]) -> (World, OpenTicket, Vec<OpenTicket>) {
    let mut world = staked();
    let first = world.order_unstake("bob", 120 * SOL).unwrap();
    let behind = orders.iter().map(|lst| world.order_unstake("ana", *lst).unwrap()).collect();
    let filled = world.pool().queue().filled;
    let units = world.ticket(&first).unwrap().units;
    assert!(filled > 0 && filled < u128::from(units), "bob's ticket is covered in part");
    (world, first, behind)
}

pub fn put_u64(account: &mut Account, offset: usize, value: u64) {
    account.data[offset..offset + 8].copy_from_slice(&value.to_le_bytes());
}

/// Instructions of a user of the pool.
pub trait Wishes {
    fn wish_deposit(&self, name: &str, lamports: u64, min_lst_out: u64) -> Instruction;
    fn wish_order(&self, name: &str, lst: u64, min_lamports: u64) -> Instruction;
    fn wish_liquid(&self, name: &str, lst: u64, min_lamports: u64) -> Instruction;
    fn wish_add(&self, name: &str, lamports: u64, min_lp: u64) -> Instruction;
    fn wish_remove(&self, name: &str, lp: u64, min_lamports: u64, min_lst: u64) -> Instruction;
    fn wish_claim(&self, ticket: &OpenTicket) -> Instruction;
    fn wish_cancel(&self, ticket: &OpenTicket, lst_to: &Pubkey, min_lst_out: u64) -> Instruction;
    fn wish_release(&self, ticket: &OpenTicket) -> Instruction;
    fn wish_transfer(&self, ticket: &OpenTicket, new_owner: &Pubkey) -> Instruction;
}

/// Nonce of the orders that are wished for; those the world makes itself count from 0.
pub const NONCE: u64 = 1 << 40;

impl Wishes for World {
    fn wish_deposit(&self, name: &str, lamports: u64, min_lst_out: u64) -> Instruction {
        let user = self.user(name);
        self.keys.deposit(&user.wallet.pubkey(), &user.lst, lamports, min_lst_out)
    }

    /// The faucet pays the ticket's rent.
    fn wish_order(&self, name: &str, lst: u64, min_lamports: u64) -> Instruction {
        let user = self.user(name);
        let payer = self.chain.faucet().pubkey();
        self.keys.order_unstake(&user.wallet.pubkey(), &payer, &user.lst, lst, min_lamports, NONCE)
    }

    fn wish_liquid(&self, name: &str, lst: u64, min_lamports: u64) -> Instruction {
        let user = self.user(name);
        self.keys.liquid_unstake(&user.wallet.pubkey(), &user.lst, lst, min_lamports)
    }

    fn wish_add(&self, name: &str, lamports: u64, min_lp: u64) -> Instruction {
        let user = self.user(name);
        self.keys.add_liquidity(&user.wallet.pubkey(), &user.lp, lamports, min_lp)
    }

    fn wish_remove(&self, name: &str, lp: u64, min_lamports: u64, min_lst: u64) -> Instruction {
        let user = self.user(name);
        self.keys.remove_liquidity(&user.wallet.pubkey(), &user.lp, &user.lst, lp, min_lamports, min_lst)
    }

    fn wish_claim(&self, ticket: &OpenTicket) -> Instruction {
        self.keys.claim_ticket(&ticket.key, &ticket.owner, &ticket.rent_payer)
    }

    fn wish_cancel(&self, ticket: &OpenTicket, lst_to: &Pubkey, min_lst_out: u64) -> Instruction {
        self.keys.cancel_ticket(&ticket.key, &ticket.owner, &ticket.rent_payer, lst_to, min_lst_out)
    }

    fn wish_release(&self, ticket: &OpenTicket) -> Instruction {
        self.keys.release_ticket(&ticket.key, &ticket.rent_payer)
    }

    fn wish_transfer(&self, ticket: &OpenTicket, new_owner: &Pubkey) -> Instruction {
        self.keys.transfer_ticket(&ticket.key, &ticket.owner, new_owner)
    }
}

/// What decides how much stake a validator should have, by the pool's books after the release of this slot.
pub struct Want {
    pub value: u64,
    pub free: Lamports,
    pub buffer: Lamports,
    /// What tickets wait for that were there before this slot.
    pub unfilled: Lamports,
    pub target: Lamports,
}

impl Want {
    pub fn of(world: &World, index: usize) -> Self {
        let (pool, record) = (world.pool(), world.record(index));
        let value = pool.value_floor + pool.stream().due(world.chain.slot()).0;
        let queue = pool.queue();
        let free = Lamports(pool.reserve_lamports - queue.reserved().unwrap().0)
            .saturating_minus(Lamports(pool.insurance_due));
        let buffer = Lamports(Bps(pool.reserve_target_bps).of_ceil(value));
        let unfilled = match pool.order_slot == world.chain.slot() {
            true => {
                let before = (pool.ticket_total_before.into(), pool.ticket_cancelled_before.into());
                queue.unfilled_since(before.0, before.1).unwrap()
            }
            false => queue.unfilled().unwrap(),
        };
        let staked = Lamports(pool.staked_lamports + pool.cooling_lamports);
        let delegatable = math::delegatable(staked, free, buffer, unfilled);
        let validator = Bps(pool.max_validator_bps);
        let caps = math::TargetCaps { validator, group: Bps::ONE, group_weight: 0, backed: None };
        let weight = record.effective_weight();
        let target = math::target_stake(delegatable, weight, pool.total_weight, &caps).unwrap();
        Self { value, free, buffer, unfilled, target }
    }
}

/// Books a gain: fees in shares at the rate, the rest into the stream.
pub fn book_gain(pool: &mut Pool, gain: u64, slot: u64) {
    let fees = pool.fees;
    let (fee, share) = (Bps(fees.reward), Bps(fees.insurance_share));
    let split =
        math::split_gain(Lamports(gain), Lamports(pool.loss_carry), fee, share, &pool.rate()).unwrap();
    // The stake behind tickets earned too.
    let earning = pool.value_floor + pool.withheld + pool.queue().liabilities().unwrap().0;
    let found = math::gain_ppb(split.streamed, Lamports(earning));
    pool.gain_ppb = (pool.gain_ppb + found).min(math::entry::MAX_EPOCH_GAIN_PPB);
    pool.loss_carry = split.loss_carry.0;
    pool.insurance_due += split.insurance.0;
    pool.value_floor += split.treasury.0;
    pool.fee_shares_due += split.fee_shares.0;
    pool.lst_supply += split.fee_shares.0;
    add_to_stream(pool, split.streamed, slot);
}

/// The counters of an epoch start again.
pub fn begin_epoch(pool: &mut Pool, epoch: u64) {
    let counted = pool.counted_epoch;
    assert_ne!(counted, epoch);
    (pool.counted_epoch, pool.moved_lamports, pool.validators_updated) = (epoch, 0, 0);
    (pool.epoch_gain, pool.epoch_loss) = (0, 0);
    pool.epochs_to_find = (epoch - pool.last_update_epoch) as u16;
    end_reviews(pool, counted);
    let is_all_found = pool.last_update_epoch == counted;
    let gain = std::mem::take(&mut pool.gain_ppb);
    pool.last_gain_ppb = match is_all_found && gain > 0 {
        true => gain,
        false => pool.last_gain_ppb.max(gain),
    };
}

/// What was reviewed in `epoch` becomes the means for later ones, if it was enough of the stake.
fn end_reviews(pool: &mut Pool, epoch: u64) {
    let Review { stake, credits, kept_credits, gain, bid, .. } = pool.review;
    let sums = math::score::Sums {
        stake: Lamports(stake),
        credits: credits.into(),
        kept_credits: kept_credits.into(),
        gain: gain.into(),
        bid: bid.into(),
    };
    let before = std::mem::take(&mut pool.review);
    pool.review = match sums.means(Lamports(pool.staked_lamports)) {
        Some(means) => Review {
            means_epoch: epoch,
            mean_credits: means.credits,
            mean_kept_credits: means.kept_credits,
            mean_gain_ppb: means.gain_ppb,
            mean_bid_ppb: means.bid_ppb,
            ..Review::default()
        },
        None => Review {
            stake: 0,
            credits: 0.into(),
            kept_credits: 0.into(),
            gain: 0.into(),
            bid: 0.into(),
            ..before
        },
    };
}

/// The stake of a validator is written in `epoch`: what it began with stays known.
pub fn note_opening(record: &mut tidepool_client::ValidatorRecord, epoch: u64) {
    if record.opening_epoch != epoch {
        (record.opening_epoch, record.opening_stake_lamports) = (epoch, record.staked_lamports);
    }
}

/// LST is gone that nobody was paid for: what it was worth is streamed, and given.
pub fn book_burned(pool: &mut Pool, burned: u64, slot: u64) -> u64 {
    let gain = math::burned_gain(Shares(burned), &pool.rate()).unwrap();
    pool.lst_supply -= burned;
    pool.value_floor -= gain.0;
    add_to_stream(pool, gain, slot);
    gain.0
}

/// Slots of an epoch of these worlds.
pub const SLOTS: u64 = 64;

/// A gain is streamed over an epoch.
pub fn add_to_stream(pool: &mut Pool, gain: Lamports, slot: u64) {
    stream(pool, gain, slot, SLOTS);
}

/// What all shares would have to be worth more, so that a comer pays `part` of what an epoch gains, once for the epoch in
/// which new SOL does not earn and once for each whose rewards are not all found.
pub fn charge(world: &World, part: Bps) -> u64 {
    let pool = world.pool();
    let ppb = u128::from(pool.gain_ppb.max(pool.last_gain_ppb));
    let ppb = (ppb * u128::from(part.0)).div_ceil(10_000);
    let epochs = world.chain.epoch() - pool.last_update_epoch + 1;
    let value = u128::from(world.rate().value.0);
    u64::try_from((value * ppb * u128::from(epochs)).div_ceil(1_000_000_000)).unwrap()
}

/// What comers pay for a share, with a charge.
pub fn rate_with(world: &World, charge: u64) -> Rate {
    let (pool, rate) = (world.pool(), world.rate());
    let found = pool.value_floor + pool.withheld; // released or not
    Rate { value: Lamports(found + charge), supply: rate.supply }
}

/// What `minted` cost beyond the rate is streamed, and given: what the charge made up over an epoch, the rest along with the
/// rewards that are not released yet.
pub fn stream_premium(pool: &mut Pool, lamports: u64, minted: Shares, charge: u64, slot: u64) -> u64 {
    let premium = lamports.saturating_sub(pool.rate().lamports_ceil(minted).unwrap().0);
    let charged = u128::from(minted.0) * u128::from(charge) / u128::from(pool.lst_supply);
    let charged = u64::try_from(charged).unwrap().min(premium);
    let for_withheld = if pool.withheld > 0 { premium - charged } else { 0 };
    if for_withheld > 0 {
        stream(pool, Lamports(for_withheld), slot, pool.stream_end_slot - slot);
    }
    add_to_stream(pool, Lamports(charged), slot);
    pool.gains.fees += charged;
    for_withheld + charged
}

pub fn stream(pool: &mut Pool, gain: Lamports, slot: u64, slots: u64) {
    let mut stream = pool.stream();
    stream.add(gain, slot, slots).unwrap();
    pool.stream_amount = stream.amount.0;
    pool.withheld = stream.unreleased.0;
    pool.stream_start_slot = stream.start_slot;
    pool.stream_end_slot = stream.end_slot;
}

/// A holder burns LST by the token program.
pub fn burn(world: &World, name: &str, amount: u64) {
    const BURN: u8 = 8;
    let user = world.user(name);
    let mut data = vec![BURN];
    data.extend_from_slice(&amount.to_le_bytes());
    let accounts = vec![
        AccountMeta::new(user.lst, false),
        AccountMeta::new(world.keys.lst_mint, false),
        AccountMeta::new_readonly(user.wallet.pubkey(), true),
    ];
    let burn = Instruction { program_id: cluster::TOKEN_PROGRAM, accounts, data };
    world.chain.send(&[burn], &[world.chain.faucet(), &user.wallet]).unwrap();
}
