//! Every instruction of a user in any order, under fees of every kind, through epochs.

use crate::support::*;

/// Fees of every kind or none, a target of liquidity from nothing to beyond reach, either token program.
fn config(dice: &mut Dice) -> WorldConfig {
    let is_free = dice.below(2) == 0;
    let warmup = dice.pick(&[0, 10_000]);
    let target = dice.pick(&[0, 20, 100, 100_000]) * SOL;
    let config = if dice.below(2) == 0 { still() } else { still().on_token_2022(&[]) };
    config.with_seed(dice.below(1_000)).with_parameters(|p| {
        p.fees.warmup = warmup;
        p.settings.liquidity_target_lamports = target;
        if !is_free {
            p.fees.reward = 600;
            p.fees.deposit = 10;
            p.fees.ticket = 10;
            p.fees.stake_withdrawal = 10;
            p.fees.liquid_min = 10;
            p.fees.liquid_max = 100;
            p.fees.liquid_treasury_share = 2_500;
            p.fees.insurance_share = 2_000;
            p.fees.referral_share = 5_000;
        }
    })
}

/// `eve` beside `ana` and `bob`, who do nothing.
struct Attack {
    world: World,
    dice: Dice,
    /// Stake accounts that are or were hers.
    stakes: Vec<Pubkey>,
    /// The most she may have: what she had, what she gave away, and what the faucet paid for her.
    most: u64,
}

impl Attack {
    /// At a rate without a short fraction, perhaps with a covered ticket; `bob` provides liquidity.
    fn start(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let mut world = staked(config(&mut dice), 1_000 * SOL);
        world.add_liquidity("bob", 50 * SOL).unwrap();
        if dice.below(2) == 0 {
            world.order_unstake("ana", 300 * SOL).unwrap();
        }
        let stakes = [30 * SOL, 2 * SOL + 7]
            .iter()
            .flat_map(|lamports| (0..4).map(move |index| (index, *lamports)))
            .map(|(index, lamports)| world.add_stake("eve", index, lamports).unwrap())
            .collect();
        slash(&mut world, 0, StakeRole::Main, 77_777_777_777);
        world.update([0]).unwrap();
        epochs(&mut world, 1);
        let mut attack = Self { world, dice, stakes, most: 0 };
        attack.most = attack.has();
        attack
    }

    fn has(&self) -> u64 {
        let eve = self.world.user("eve").wallet.pubkey();
        let is_hers = |key: &&Pubkey| {
            self.world.account(key).is_some_and(|account| account.data.get(12..44) == Some(eve.as_ref()))
        };
        let in_stake: u64 =
            self.stakes.iter().filter(is_hers).map(|key| self.world.chain.lamports(key)).sum();
        wealth(&self.world, "eve") + in_stake
    }

    /// One random step; what is refused changes nothing.
    fn step(&mut self) {
        let Self { world, dice, .. } = self;
        let amount = dice.amount();
        let (lst, lp) = (world.lst_of("eve"), world.lp_of("eve"));
        let _ = match dice.below(20) {
            0 | 1 => world.deposit("eve", amount).map(drop),
            2 | 3 => try_order(world, "eve", amount.min(lst)),
            4 => world.liquid_unstake("eve", amount.min(lst)).map(drop),
            5 => world.add_liquidity("eve", amount).map(drop),
            6 => world.remove_liquidity("eve", amount.min(lp)).map(drop),
            7 => world.sync().map(drop),
            8 => world.update_all(),
            9 => self.give(amount.min(SOL)),
            10..=12 => self.use_a_ticket(World::cancel),
            13 => self.use_a_ticket(World::release),
            14 => self.deposit_stake(),
            15 => self.withdraw_stake((SOL + amount % (20 * SOL)).min(lst)),
            16 => self.recycle(),
            17 => world.collect_due().and_then(|_| world.claim_due()).map(drop),
            18 => self.let_time_pass(),
            _ => world.run_epoch().map(drop),
        };
    }

    fn give(&mut self, lamports: u64) -> Result<(), Failure> {
        let keys = self.world.keys;
        let [main, onramp, offramp] = self.world.validators[self.dice.below(4) as usize].stakes;
        let to = self.dice.pick(&[keys.reserve, keys.sol_vault, keys.insurance, main, onramp, offramp]);
        self.most += lamports;
        self.world.give(&to, lamports)
    }

    fn use_a_ticket(
        &mut self,
        act: fn(&mut World, &OpenTicket) -> Result<Outcome, Failure>,
    ) -> Result<(), Failure> {
        let eve = self.world.user("eve").wallet.pubkey();
        let hers: Vec<OpenTicket> = self.world.tickets.iter().filter(|t| t.owner == eve).cloned().collect();
        if hers.is_empty() {
            return Ok(());
        }
        let one = &hers[self.dice.below(hers.len() as u64) as usize];
        act(&mut self.world, one).map(drop)
    }

    fn deposit_stake(&mut self) -> Result<(), Failure> {
        let Self { world, dice, stakes, .. } = self;
        let stake = dice.pick(stakes);
        let Some(delegation) = world.chain.delegation(&stake) else { return Ok(()) };
        let index = world.validators.iter().position(|v| v.vote == delegation.voter_pubkey).unwrap();
        world.deposit_stake("eve", &stake, index).map(drop)
    }

    fn withdraw_stake(&mut self, lst: u64) -> Result<(), Failure> {
        let index = largest(&self.world);
        let stake = self.world.withdraw_stake("eve", lst, index)?;
        self.stakes.push(stake);
        self.most += self.world.chain.rent().minimum_balance(200);
        Ok(())
    }

    /// A refusal leaves the other tickets known.
    fn recycle(&mut self) -> Result<(), Failure> {
        let known = self.world.tickets.clone();
        let result = self.world.recycle();
        if result.is_err() {
            self.world.tickets = known;
        }
        result.map(drop)
    }

    fn let_time_pass(&mut self) -> Result<(), Failure> {
        let index = self.dice.below(4) as usize;
        match self.dice.below(4) {
            0 => self.world.to_move_window(),
            1 => slots(&mut self.world, 1 + self.dice.below(20)),
            2 => return self.world.delegate(index).map(drop),
            _ => return self.world.undelegate(index).map(drop),
        }
        Ok(())
    }

    /// All who hold LST order all of it, and every ticket is paid.
    fn everybody_leaves(&mut self) {
        let world = &mut self.world;
        let _ = try_order(world, "eve", world.lst_of("eve"));
        order_all(world, &["ana"]);
        for _ in 0..4 {
            world.to_move_window();
            slots(world, 1);
            world.run_epoch().unwrap();
            for ticket in world.tickets.clone() {
                if world.ticket(&ticket).is_some_and(|t| t.kind == TicketKind::Cancelled) {
                    world.release(&ticket).unwrap();
                }
            }
            world.claim_due().unwrap();
            world.collect_due().unwrap();
        }
        let open = world.tickets.iter().filter(|ticket| world.ticket(ticket).is_some()).count();
        assert_eq!(open, 0);
    }
}

/// Invariant 5, and 4 for those who do nothing.
#[test]
fn no_use_of_any_instruction_makes_anybody_richer_or_the_others_poorer() {
    /// What a provider may lose by rounding: a lamport for each of SOL, LST, tickets and the price of a part of all.
    const ROUNDING: u64 = 4;
    for seed in 0..8 {
        let mut attack = Attack::start(seed);
        let [ana, bob] = ["ana", "bob"].map(|name| wealth(&attack.world, name));
        for step in 0..300 {
            attack.step();
            let (has, most) = (attack.has(), attack.most);
            assert!(has <= most, "eve has {} too much after step {step}, seed {seed}", has - most);
            let left = ["ana", "bob"].map(|name| wealth(&attack.world, name));
            assert!(left[0] >= ana, "ana lost {} in step {step}, seed {seed}", ana - left[0]);
            assert!(left[1] + ROUNDING >= bob, "bob lost {} in step {step}, seed {seed}", bob - left[1]);
        }
        attack.everybody_leaves();
    }
}
