//! Everything at once, by chance: users, keepers who come or do not, strangers who give and deactivate, slashing, silent
//! validators, cuts of the rent. `World` checks all books after each step; in the end everybody leaves and is paid.

use {
    crate::support::*,
    solana_pubkey::Pubkey,
    solana_stake_interface::instruction::deactivate_delinquent_stake,
    tidepool_client::TidepoolError,
    tidepool_interface::pda::StakeRole,
    tidepool_localnet::{features, Failure, ValidatorConfig, World, WorldConfig},
};

const VALIDATORS: u64 = 6;
/// They never vote; what is staked with them can be deactivated by anyone.
const SILENT: [usize; 2] = [2, 4];
const PEOPLE: [&str; 3] = ["ana", "bob", "cat"];

struct Chaos {
    seed: u64,
    world: World,
    dice: Dice,
    rent_cuts: Vec<Pubkey>,
    /// Whether people bring stake and take stake as well.
    with_stake: bool,
    /// Stake accounts of theirs, and the validators they are with.
    stakes: Vec<(&'static str, Pubkey, usize)>,
    /// How often some was brought, and taken.
    brought: usize,
    taken: usize,
}

impl Chaos {
    /// As [`Chaos::start`], with people who have stake of their own.
    fn start_with_stake(seed: u64) -> Self {
        let mut chaos = Self { with_stake: true, ..Self::start(seed) };
        for index in 0..VALIDATORS as usize {
            for name in PEOPLE {
                let lamports = chaos.dice.between(SOL, 100 * SOL);
                let stake = chaos.world.add_stake(name, index, lamports).unwrap();
                chaos.stakes.push((name, stake, index));
            }
        }
        chaos
    }

    fn start(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let stake = *dice.pick(&[300_000, 3_000]) * SOL; // or so little that stake moves for epochs
        let mut validators = vec![ValidatorConfig::default().with_stake(stake); VALIDATORS as usize];
        SILENT.iter().for_each(|index| validators[*index].uptime_bps = 0);
        let reserve_target = *dice.pick(&[0, 100, 1_000]);
        let max_validator = *dice.pick(&[10_000, 2_000]);
        let mut config = WorldConfig::default().with_seed(seed).with_validators(validators);
        config.chain.inflation = if stake > 100_000 * SOL { 0.045 } else { 0.000_5 };
        config.weights = (0..VALIDATORS).map(|_| *dice.pick(&[0, 1, 100, 10_000])).collect();
        config.parameters.settings.reserve_target_bps = reserve_target;
        config.parameters.settings.max_validator_bps = max_validator;
        let mut world = peopled(config);
        for name in PEOPLE {
            world.deposit(name, dice.between(SOL, 2_000 * SOL)).unwrap();
        }
        let rent_cuts = vec![
            features::set_lamports_per_byte_to_696::id(),
            features::set_lamports_per_byte_to_2575::id(),
            features::set_lamports_per_byte_to_5080::id(),
        ];
        Self { seed, world, dice, rent_cuts, with_stake: false, stakes: vec![], brought: 0, taken: 0 }
    }

    fn validator(&mut self) -> usize {
        self.dice.between(0, VALIDATORS) as usize
    }

    /// A few things in one slot.
    fn slot(&mut self) {
        for _ in 0..self.dice.between(1, 6) {
            let result = match self.dice.between(0, 20) {
                0..=7 => self.somebody_uses_the_pool(),
                8..=15 => self.somebody_turns_a_crank(),
                16 | 17 => self.somebody_gives(),
                18 => self.somebody_deactivates(),
                _ => self.misfortune(),
            };
            if let Err(failure) = result {
                assert_harmless(&failure);
            }
        }
    }

    fn somebody_uses_the_pool(&mut self) -> Result<(), Failure> {
        if self.with_stake && self.dice.between(0, 3) > 0 {
            return self.somebody_moves_stake();
        }
        let Self { world, dice, .. } = self;
        let name = *dice.pick(&PEOPLE);
        let (lst, lp) = (world.lst_of(name), world.lp_of(name));
        match dice.between(0, 6) {
            0 | 1 => world.deposit(name, dice.between(1_000, 300 * SOL)).map(drop),
            2 if lst > 0 => world.send_order(name, dice.between(1, lst + 1)).map(drop),
            3 if lst > 0 => world.liquid_unstake(name, dice.between(1, lst.min(50 * SOL) + 1)).map(drop),
            4 => world.add_liquidity(name, dice.between(SOL, 100 * SOL)).map(drop),
            5 if lp > 0 => world.remove_liquidity(name, dice.between(1, lp + 1)).map(drop),
            _ => world.claim_due().map(drop),
        }
    }

    fn somebody_moves_stake(&mut self) -> Result<(), Failure> {
        let index = self.validator();
        let Self { world, dice, stakes, .. } = self;
        if !stakes.is_empty() && dice.between(0, 2) == 0 {
            let place = dice.roll() as usize % stakes.len();
            let (name, stake, index) = stakes[place];
            world.deposit_stake(name, &stake, index)?;
            stakes.swap_remove(place);
            self.brought += 1;
            return Ok(());
        }
        let name = *dice.pick(&PEOPLE);
        let lst = dice.between(1, world.lst_of(name) + 2);
        let stake = world.withdraw_stake(name, lst, index)?;
        stakes.push((name, stake, index));
        self.taken += 1;
        Ok(())
    }

    fn somebody_turns_a_crank(&mut self) -> Result<(), Failure> {
        let index = self.validator();
        match self.dice.between(0, 5) {
            0 | 1 => self.world.update([index]).map(drop),
            2 => self.world.sync().map(drop),
            3 => self.world.delegate(index).map(drop),
            _ => self.world.undelegate(index).map(drop),
        }
    }

    fn somebody_gives(&mut self) -> Result<(), Failure> {
        let index = self.validator();
        let Self { world, dice, .. } = self;
        let [main, onramp, offramp] = world.validators[index].stakes;
        let places = [world.keys.reserve, world.keys.insurance, world.keys.sol_vault, main, onramp, offramp];
        let (to, lamports) = (*dice.pick(&places), *dice.pick(&[1, SOL / 500, SOL, 20 * SOL]));
        world.give(&to, lamports)
    }

    fn somebody_deactivates(&mut self) -> Result<(), Failure> {
        let Self { world, dice, .. } = self;
        let silent = &world.validators[*dice.pick(&SILENT)];
        let stake = silent.stake(*dice.pick(&StakeRole::ALL));
        let deactivate = deactivate_delinquent_stake(&stake, &silent.vote, &world.validators[0].vote);
        world.chain.vote(0, 1); // the witness
        drop(world.send(&[deactivate], &[])); // not yet, or not again, or there is nothing
        Ok(())
    }

    fn misfortune(&mut self) -> Result<(), Failure> {
        let index = self.validator();
        let Self { world, dice, rent_cuts, .. } = self;
        match dice.between(0, 8) {
            0 => {
                let key = world.validators[index].stake(*dice.pick(&StakeRole::ALL));
                let stake = world.chain.delegation(&key).map_or(0, |delegation| delegation.stake);
                let loss = stake / dice.between(1, 50);
                if loss < world.chain.lamports(&key) && world.chain.slash(&key, loss).is_some() {
                    world.ledger.rewards -= i128::from(loss);
                }
            }
            1 => {
                if let Some(cut) = rent_cuts.pop().filter(|_| dice.between(0, 3) == 0) {
                    world.chain.activate_feature(&cut);
                }
            }
            2 if !SILENT.contains(&index) && index > 0 => {
                world.chain.set_uptime(index, dice.between(0, 10_001) as u16);
            }
            _ => {}
        }
        Ok(())
    }

    /// An epoch in which things happen in some slots, with keepers or without.
    fn epoch(&mut self) {
        let epoch = self.world.chain.epoch();
        let has_keepers = self.dice.between(0, 3) > 0;
        for _ in 0..self.dice.between(1, 5) {
            self.slot();
            let slots = self.dice.between(1, 20);
            let last = self.world.chain.first_slot(epoch + 1) - 1;
            self.world.to_slot((self.world.chain.slot() + slots).min(last));
        }
        if has_keepers {
            self.world.work_the_window().unwrap();
            self.slot();
        }
        self.world.enter_epoch();
        self.slot();
        self.world.pay_rewards();
        if has_keepers {
            self.world.update_all().unwrap();
            self.world.sync().unwrap();
            self.world.claim_due().unwrap();
        }
    }

    fn everybody_leaves(&mut self) {
        let world = &mut self.world;
        for name in PEOPLE {
            if world.lp_of(name) > 0 {
                world.remove_liquidity(name, world.lp_of(name)).unwrap();
            }
            if world.lst_of(name) > 0 {
                world.send_order(name, world.lst_of(name)).unwrap();
            }
        }
        for _ in 0..25 {
            if world.tickets.is_empty() {
                (0..VALIDATORS as usize).for_each(|index| update_all_accounts_of(world, index));
                return assert_all_booked(world);
            }
            world.run_epoch().unwrap();
        }
        let records: Vec<_> = (0..VALIDATORS as usize)
            .map(|i| (StakeRole::ALL.map(|role| delegated(world, i, role)), world.record(i).lamports))
            .collect();
        panic!(
            "seed {}: {:?} short {:?} stakes {records:?}",
            self.seed,
            world.pool().queue(),
            shortfall(world)
        );
    }
}

/// What cannot be done now, or not with so much or so little.
#[track_caller]
fn assert_harmless(failure: &Failure) {
    let named = [
        TidepoolError::OutsideMoveWindow,
        TidepoolError::EpochRewardsActive,
        TidepoolError::AmountTooSmall,
        TidepoolError::InsufficientLiquidity,
        // Of stake that comes or goes.
        TidepoolError::InsufficientBalance,
        TidepoolError::StakeNotActive,
        TidepoolError::ValidatorTakesNoStake,
        TidepoolError::ValidatorAboveCap,
        TidepoolError::ValidatorBelowShare,
        TidepoolError::ValidatorNotUpdated,
        TidepoolError::BelowMinimumDelegation,
        TidepoolError::StakeAccountNotNew,
    ];
    let code = failure.custom_error_code();
    assert!(named.into_iter().any(|error| code == Some(error.into())), "{failure}");
}

/// Gives how often stake was brought and taken in all of them.
fn run(histories: impl IntoIterator<Item = Chaos>) -> (usize, usize) {
    let mut moves = (0, 0);
    for mut chaos in histories {
        for _ in 0..25 {
            chaos.epoch();
        }
        chaos.everybody_leaves();
        moves = (moves.0 + chaos.brought, moves.1 + chaos.taken);
    }
    moves
}

#[test]
fn after_any_history_everybody_can_leave_and_is_paid() {
    run((0..10).map(Chaos::start));
}

#[test]
fn after_any_other_history_everybody_can_leave_and_is_paid() {
    run((100..110).map(Chaos::start));
}

/// Of about 590 seeds these left a ticket unpaid: rents in validators that should have less stood for stake that others should
/// have more of, and nobody was at or above the target.
#[test]
fn after_the_histories_that_once_left_a_ticket_unpaid_everybody_is_paid() {
    run([2039, 3134].map(Chaos::start));
}

#[test]
fn after_any_history_in_which_stake_came_and_went_everybody_can_leave_and_is_paid() {
    let (brought, taken) = run((200..210).map(Chaos::start_with_stake));
    assert!(brought > 100 && taken > 30, "{brought} brought, {taken} taken");
}
