//! Sixty validators of mixed quality through thirty-three epochs in which nobody decides anything: keepers turn their cranks,
//! users come and leave, and stake goes where the rules want it. The pool is a third of its cluster, so stake that comes or
//! goes in numbers takes epochs to warm up or to cool down.

use {
    crate::support::*,
    solana_account::Account,
    std::collections::BTreeMap,
    tidepool_client::ValidatorRecord,
    tidepool_interface::pda::StakeRole,
    tidepool_localnet::{world::OpenTicket, ValidatorConfig, VoteVersion, World, WorldConfig},
    tidepool_math::score::Verdict,
};

const VALIDATORS: usize = 60;
const EPOCHS: usize = 33;
const PEOPLE: [&str; 4] = ["ana", "bob", "cat", "eve"];

/// Silent in some epochs.
const SILENT: usize = 11;
/// Its commission is raised to all of the rewards in some.
const DEAR_FOR_A_WHILE: usize = 12;
/// Loses stake that the insurance pays for.
const SLASHED: usize = 13;
/// Loses more than the insurance has.
const SLASHED_BADLY: usize = 14;
/// Its vote account is closed.
const CLOSED: usize = 15;
/// Their commission is above the limit from the start, or their votes are too few.
const DEAR: [usize; 4] = [21, 22, 23, 24];
const LAZY: [usize; 4] = [31, 32, 33, 34];

/// Within so many epochs a validator that breaks a rule has lost all its stake, and one that keeps them again has its own.
const SOON: usize = 3;
/// A validator that was silent is judged by the credits of its last complete epochs, and by means of the epoch before.
const FORGOTTEN: usize = 6;

const INSURANCE: u64 = 150 * SOL;

fn of_mixed_quality() -> Vec<ValidatorConfig> {
    let versions = [VoteVersion::V1_14_11, VoteVersion::V3, VoteVersion::V4];
    let kind = |index: usize| {
        let good = ValidatorConfig::default()
            .with_stake(2_000 * SOL)
            .with_vote_version(versions[index % 3])
            .with_commission_bps((index % 9) as u16 * 100)
            .with_uptime_bps(10_000 - (index % 7) as u16 * 50);
        match index {
            index if DEAR.contains(&index) => good.with_commission_bps(1_100 + index as u16 * 100),
            index if LAZY.contains(&index) => good.with_uptime_bps(8_000),
            _ => good,
        }
    };
    (0..VALIDATORS).map(kind).collect()
}

/// The faucet is half of what people have; inflation is so much less that a stake earns what it does on mainnet.
fn config() -> WorldConfig {
    let mut config = WorldConfig::default().with_validators(of_mixed_quality()).with_parameters(|p| {
        p.settings.max_move_bps = 2_000;
        p.settings.max_validator_bps = 400;
    });
    config.chain.inflation = 0.009;
    config.weights.clear();
    config
}

struct Run {
    world: World,
    dice: Dice,
    /// Of this run: 0 is the first.
    epoch: usize,
    /// Open tickets with the epoch of their order.
    ordered: Vec<(OpenTicket, usize)>,
    /// Since when a validator has had to leave and had stake.
    leaving: BTreeMap<usize, usize>,
    /// Whether stake of this epoch's edge was still cooling down or warming up.
    was_slow: Vec<bool>,
    rates: Vec<u128>,
    slashed: u64,
    moved_in: u64,
    moved_out: u64,
    tickets_paid: usize,
    /// The longest that one waited.
    longest_wait: usize,
}

impl Run {
    fn start() -> Self {
        let mut world = World::start(config()).unwrap();
        for name in PEOPLE {
            world.add_user(name, 60_000 * SOL).unwrap();
        }
        world
            .set_rules(|rules| {
                rules.max_commission_bps = 1_000;
                rules.min_credit_bps = 9_000;
                rules.max_vote_lag_bps = 12_000;
                rules.score_gain = 10;
                rules.max_group_bps = 1_500;
            })
            .unwrap();
        world.deposit("ana", 30_000 * SOL).unwrap();
        for index in 0..VALIDATORS {
            world.add_validator(index, 100).unwrap();
        }
        for index in 40..50 {
            world.reweigh(index, 100, 1).unwrap(); // ten of one operator, who may have 15 %
        }
        world.fund_insurance(INSURANCE).unwrap();
        world.add_liquidity("eve", 1_000 * SOL).unwrap();
        world.review_all().unwrap();
        Self {
            world,
            dice: Dice(33),
            epoch: 0,
            ordered: vec![],
            leaving: BTreeMap::new(),
            was_slow: vec![],
            rates: vec![],
            slashed: 0,
            moved_in: 0,
            moved_out: 0,
            tickets_paid: 0,
            longest_wait: 0,
        }
    }

    /// What happens to the cluster, and large orders and deposits, which no insurance or reserve makes light of.
    fn plot(&mut self) {
        let Self { world, .. } = self;
        match self.epoch {
            5 => world.chain.set_uptime(SILENT, 0),
            6 => world.chain.set_commission(DEAR_FOR_A_WHILE, 10_000),
            8 => self.slash(SLASHED, 100 * SOL),
            10 => {
                let vote = world.validators[CLOSED].vote;
                world.chain.set_account(&vote, &Account::default());
            }
            12 => world.chain.set_uptime(SILENT, 10_000),
            14 => world.chain.set_commission(DEAR_FOR_A_WHILE, 0),
            16 => self.order("ana", 20_000 * SOL),
            20 => drop(world.deposit("bob", 25_000 * SOL).unwrap()),
            22 => self.slash(SLASHED_BADLY, self.staked(SLASHED_BADLY) / 10 * 9),
            _ => {}
        }
    }

    fn slash(&mut self, index: usize, lamports: u64) {
        self.world.slash(index, lamports).unwrap();
        self.slashed += lamports;
    }

    /// Whether users leave the pool alone in this epoch.
    fn is_quiet(&self) -> bool {
        (26..30).contains(&self.epoch)
    }

    fn order(&mut self, name: &str, lst: u64) {
        let ticket = self.world.order_unstake(name, lst).unwrap();
        self.ordered.push((ticket, self.epoch));
    }

    /// Somebody comes, leaves or gives.
    fn somebody_acts(&mut self) {
        let name = *self.dice.pick(&PEOPLE);
        let lst = self.world.lst_of(name);
        let Self { world, dice, .. } = self;
        match dice.between(0, 6) {
            0 | 1 => drop(world.deposit(name, dice.between(SOL, 400 * SOL)).unwrap()),
            2 | 3 if lst > SOL => {
                let lst = dice.between(SOL, lst.min(300 * SOL) + 1);
                self.order(name, lst);
            }
            4 if lst > 10 * SOL => drop(world.liquid_unstake(name, dice.between(SOL, 10 * SOL)).unwrap()),
            5 => {
                let index = dice.between(0, VALIDATORS as u64) as usize;
                let [main, onramp, offramp] = world.validators[index].stakes;
                let to = *dice.pick(&[world.keys.reserve, world.keys.insurance, main, onramp, offramp]);
                world.give(&to, dice.between(1, 2 * SOL)).unwrap();
            }
            _ => {}
        }
    }

    fn records(&self) -> Vec<ValidatorRecord> {
        (0..VALIDATORS).map(|index| self.world.record(index)).collect()
    }

    /// Counts what has moved since the records were `before`.
    fn count_moves(&mut self, before: &[ValidatorRecord]) {
        for (before, after) in before.iter().zip(self.records()) {
            self.moved_in += after.lamports[1].saturating_sub(before.lamports[1]);
            self.moved_out += after.cooling_lamports.saturating_sub(before.cooling_lamports);
        }
    }

    fn run_epoch(&mut self) {
        self.plot();
        if !self.is_quiet() {
            (0..5).for_each(|_| self.somebody_acts());
        }
        self.world.to_move_window();
        self.world.recycle().unwrap();
        self.world.next_slot();
        let before = self.records();
        self.world.work_the_window().unwrap();
        self.count_moves(&before);
        self.assert_targets();

        let slow = |world: &World| {
            let stakes = world.validators.iter().flat_map(|validator| validator.stakes);
            let found = stakes.map(|key| world.chain.stake_activation(&key));
            found.into_iter().any(|found| found.activating > 0 || found.deactivating > 0)
        };
        let before = self.records();
        self.world.cross_epoch();
        self.was_slow.push(slow(&self.world));
        self.world.update_all().unwrap();
        self.world.review_all().unwrap();
        self.world.leave_at_once().unwrap();
        self.world.sync().unwrap();
        self.world.claim_due().unwrap();
        self.world.collect_due().unwrap();
        self.count_moves(&before);
        self.epoch += 1;
        self.look_at_rate();
        self.look_at_tickets();
        self.look_at_leavers();
        assert_eq!(self.world.pool().last_update_epoch, self.world.chain.epoch());
    }

    /// Once users have left it alone for two epochs, every validator has its target within a minimum delegation, but those
    /// whose accounts are on their way.
    fn assert_targets(&self) {
        if !self.is_quiet() || self.epoch < 29 {
            return;
        }
        let (pool, slot) = (self.world.pool(), self.world.chain.slot());
        for (index, record) in self.records().iter().enumerate() {
            let target = pool.target_stake(record, slot).unwrap();
            let away = target.0.abs_diff(record.staked_lamports);
            assert!(away < SOL, "{index}: {} of {target:?}", record.staked_lamports);
        }
    }

    /// The rate falls in one epoch: in which a loss is found that is larger than insurance and withheld rewards.
    fn look_at_rate(&mut self) {
        let rate = worth(&self.world.rate());
        if let Some(before) = self.rates.last() {
            let may_fall = self.epoch == 23;
            assert_eq!(rate < *before, may_fall, "epoch {}: {rate} after {before}", self.epoch);
        }
        self.rates.push(rate);
    }

    /// A ticket is paid within two epochs, or as soon as the cluster has let its stake go.
    fn look_at_tickets(&mut self) {
        let (epoch, world) = (self.epoch, &self.world);
        let open = self.ordered.len();
        let mut waits = vec![];
        self.ordered.retain(|(ticket, ordered)| {
            let is_open = world.ticket(ticket).is_some();
            waits.push(epoch - ordered);
            is_open
        });
        self.tickets_paid += open - self.ordered.len();
        self.longest_wait = waits.into_iter().max().unwrap_or_default().max(self.longest_wait);
        for (_, ordered) in &self.ordered {
            let slow = self.was_slow[*ordered..].iter().filter(|slow| **slow).count();
            assert!(epoch - ordered < 2 + slow, "a ticket of epoch {ordered} waits in epoch {epoch}");
        }
    }

    /// Whoever has to leave has lost all stake soon, from when its accounts could be moved.
    fn look_at_leavers(&mut self) {
        for (index, record) in self.records().into_iter().enumerate() {
            let can_leave = !record.uses(StakeRole::Onramp) || self.leaving.contains_key(&index);
            let is_there = record.staked_lamports > 0 || record.cooling_lamports > 0;
            if !(record.must_leave() && is_there && can_leave) {
                self.leaving.remove(&index);
                continue;
            }
            let since = *self.leaving.entry(index).or_insert(self.epoch);
            assert!(self.epoch - since < SOON, "{index} still has stake: {record:?}");
        }
    }

    fn staked(&self, index: usize) -> u64 {
        self.world.record(index).staked_lamports
    }

    fn verdict(&self, index: usize) -> u8 {
        self.world.record(index).verdict
    }

    /// What has become of the validators of the plot.
    fn assert_consequences(&self) {
        let share = self.world.pool().staked_lamports / VALIDATORS as u64;
        let has_all = |index: usize| self.staked(index) > share / 2;
        let has_none = |index: usize, verdict: Verdict| {
            assert_eq!((self.staked(index), self.verdict(index)), (0, verdict as u8), "validator {index}");
        };
        match self.epoch {
            5 | 11 => (0..20).filter(|index| *index < 11 || self.epoch == 5).for_each(|index| {
                assert!(has_all(index), "validator {index} is as good as any");
            }),
            9 => {
                has_none(SILENT, Verdict::Silent);
                has_none(DEAR_FOR_A_WHILE, Verdict::CommissionTooHigh);
                let pool = self.world.pool();
                assert!(pool.insurance_lamports < INSURANCE, "it has paid");
            }
            14 => has_none(CLOSED, Verdict::NoVoteAccount),
            18 => assert!(has_all(DEAR_FOR_A_WHILE), "it is back"),
            21 => assert!(has_all(SILENT), "it is back, {} epochs after its votes", FORGOTTEN + SOON),
            EPOCHS => {
                DEAR.into_iter().for_each(|index| has_none(index, Verdict::CommissionTooHigh));
                LAZY.into_iter().for_each(|index| has_none(index, Verdict::TooFewCredits));
                has_none(CLOSED, Verdict::NoVoteAccount);
                assert!(has_all(SLASHED) && has_all(SLASHED_BADLY), "bad luck is not held against them");
            }
            _ => {}
        }
    }
}

#[test]
fn sixty_validators_of_mixed_quality_through_thirty_three_epochs_and_the_pool_runs_itself() {
    let mut run = Run::start();
    for _ in 0..EPOCHS {
        run.run_epoch();
        run.assert_consequences();
    }
    let world = &mut run.world;
    assert!(run.was_slow.iter().filter(|slow| **slow).count() >= 4, "{:?}", run.was_slow);
    let rewards = world.ledger.rewards as i64 + run.slashed as i64;
    let (first, last) = (run.rates[0], *run.rates.last().unwrap());
    let sent = world.chain.bank().transaction_count();
    println!(
        "{EPOCHS} epochs, {VALIDATORS} validators, {sent} transactions; {} SOL of rewards, {} SOL slashed; {} SOL delegated, \
         {} SOL undelegated; {} tickets paid, the slowest after {} epochs; stake moved for more than one epoch at {} edges; \
         rate {:.9} after {:.9}; books differ by {}",
        rewards / SOL as i64,
        run.slashed / SOL,
        run.moved_in / SOL,
        run.moved_out / SOL,
        run.tickets_paid,
        run.longest_wait,
        run.was_slow.iter().filter(|slow| **slow).count(),
        last as f64 / 1e18,
        first as f64 / 1e18,
        world.difference(),
    );
    let left = everybody_leaves(world, &PEOPLE, 8);
    println!("everybody left with {} SOL", left / SOL);
    (0..VALIDATORS).for_each(|index| update_all_accounts_of(world, index)); // where gifts lie that no keeper has seen
    assert_all_booked(world);
}
