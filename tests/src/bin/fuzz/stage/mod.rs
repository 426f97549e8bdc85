//! A real pool on a real chain and the model beside it; every step is done with both.

mod amounts;
mod cluster;
mod facts;
mod governance;
mod keepers;
mod stakes;
mod strangers;
mod targets;
mod tickets;
mod users;
mod validators;

use {
    crate::{
        action::Action,
        invariants::Watch,
        order,
        setup::{rules_from, Setup, GUARDIAN},
    },
    cluster::{cluster, stake_history},
    facts::votes,
    solana_instruction::Instruction,
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_stake_interface::stake_history::StakeHistory,
    std::fmt::Display,
    tidepool_client::{BondTerms, PoolKeys, ValidatorKeys},
    tidepool_interface::pda::StakeRole,
    tidepool_localnet::{world::User, Chain, Failure, Outcome, World},
    tidepool_tests::{
        model::{Amount, Mistake, Model, Person, TicketKind},
        runs::{agree, unexpected, Calls, Difference, Done, Game},
    },
};

/// More open tickets than this slow a run down without showing anything new.
const MOST_TICKETS: usize = 40;

/// An order that is not closed.
#[derive(Clone, Copy, Debug)]
pub struct KnownTicket {
    pub id: u64,
    pub key: Pubkey,
    pub rent_payer: Pubkey,
}

/// A stake account of somebody.
#[derive(Clone, Copy, Debug)]
pub struct KnownStake {
    pub id: u64,
    pub owner: usize,
    pub key: Pubkey,
}

/// The address of the next ticket of somebody.
#[derive(Clone, Copy, Debug, Default)]
struct NextTicket {
    nonce: u64,
    /// What strangers have sent there.
    gift: Amount,
}

pub struct Stage {
    pub chain: Chain,
    pub keys: PoolKeys,
    pub validators: Vec<ValidatorKeys>,
    pub people: Vec<User>,
    pub tickets: Vec<KnownTicket>,
    pub stakes: Vec<KnownStake>,
    pub model: Model,
    /// Accounts of the pool that hold no money, and what lay in them at first.
    pub elsewhere: (Vec<Pubkey>, u64),
    /// The creator, who is the first admin and manager, and the first guardian.
    admin: Keypair,
    guardian: Keypair,
    pub first_treasury: Pubkey,
    /// Of each person, and at last of the liquidity pool.
    next_tickets: Vec<NextTicket>,
    /// Of the next ticket or stake account.
    next_id: u64,
    rent_steps: usize,
    /// Of the cluster, as of its last epoch.
    stake_history: StakeHistory,
    /// Lamports that went to validators and came from them.
    moved: [Amount; 2],
    pub watch: Watch,
    pub calls: Calls,
}

impl Stage {
    /// Makes the pool; `Err` if that cannot be done or if it is not what the model says a new pool is.
    pub fn new(setup: &Setup, mistake: Option<Mistake>) -> Result<Self, Difference> {
        let failed = |error: &dyn Display| Difference::new("no pool", error.to_string());
        let mut world = World::start(setup.config.clone()).map_err(|error| failed(&error))?;
        let mut people = vec![];
        for (index, lamports) in setup.wallets.iter().enumerate() {
            let user = world.add_user(&format!("person {index}"), *lamports);
            people.push(user.map_err(|failure| failed(&failure))?);
        }
        let World { chain, keys, validators, operator: admin, .. } = world;
        let mut hollow = vec![keys.pool, keys.liquidity, keys.lst_mint, keys.lp_mint, keys.lst_vault];
        hollow.extend([keys.dead_lst, keys.dead_lp, keys.treasury, keys.history, validators[0].page]);
        let held = hollow.iter().map(|key| chain.lamports(key)).sum();

        let wallets = setup.wallets.iter().map(|sol| Person { sol: (*sol).into(), ..Person::default() });
        let mut model = Model::new(
            cluster(&chain, &keys.history),
            setup.fees(),
            setup.settings(),
            setup.liquidity_target(),
            wallets.collect(),
            &setup.weights(),
        );
        model.votes = votes(&chain, &validators);
        let stake_history = stake_history(&chain);
        model.mistake = mistake;
        let stage = Self {
            guardian: chain.keypair(GUARDIAN),
            next_tickets: vec![NextTicket::default(); people.len() + 1],
            first_treasury: keys.treasury,
            chain,
            keys,
            validators,
            people,
            tickets: vec![],
            stakes: vec![],
            model,
            elsewhere: (hollow, held),
            admin,
            next_id: 0,
            rent_steps: 0,
            stake_history,
            moved: [0; 2],
            watch: Watch::default(),
            calls: Calls::of(Self::IDL),
        };
        stage.compare()?;
        Ok(stage)
    }

    /// Does `action` in both and compares all there is.
    pub fn step(&mut self, action: &Action) -> Result<Done, Difference> {
        match action {
            Action::EverybodyLeaves => return self.everybody_leaves(),
            Action::ReachTargets => return self.reach_targets(),
            _ => {}
        }
        if let Action::WithdrawStake { user, .. } = *action {
            if self.empty_stake_of(user.into()).is_none() {
                self.step(&Action::PrepareStake { user })?;
            }
        }
        let before = self.model.clone();
        let done = self.act(action)?;
        if done != Done::Idle {
            self.compare()?;
            self.watch.check(action, &before, &self.model)?;
            if matches!(action, Action::Epoch { .. }) {
                self.watch.profits.orders += u64::from(order::check(&self.model)?);
            }
            self.forget_closed();
        }
        Ok(done)
    }

    fn act(&mut self, action: &Action) -> Result<Done, Difference> {
        match *action {
            Action::Deposit { user, size, least, referrer } => {
                self.deposit(user.into(), size, least, referrer.map(usize::from))
            }
            Action::Order { user, size, least, pays_rent } => self.order(user.into(), size, least, pays_rent),
            Action::Claim { ticket } => self.settle(ticket),
            Action::Collect { ticket } => self.collect(self.of_kind(ticket, TicketKind::Recycled)),
            Action::Release { ticket } => self.release(self.of_kind(ticket, TicketKind::Cancelled)),
            Action::Cancel { ticket, by, least } => self.cancel(ticket, by, least),
            Action::Transfer { ticket, by, to } => self.transfer(ticket, by, to.into()),
            Action::LiquidUnstake { user, size, least } => self.liquid_unstake(user.into(), size, least),
            Action::AddLiquidity { user, size, least } => self.add_liquidity(user.into(), size, least),
            Action::RemoveLiquidity { user, size, least } => self.remove_liquidity(user.into(), size, least),
            Action::Recycle { pays_rent } => self.recycle(pays_rent.map(usize::from)),
            Action::PrepareStake { user } => self.prepare_stake(user.into()),
            Action::MakeStake { user, validator, lamports } => {
                self.make_stake(user.into(), validator.into(), lamports)
            }
            Action::DepositStake { stake, validator, least } => {
                self.deposit_stake(stake.into(), validator.map(usize::from), least)
            }
            Action::WithdrawStake { user, validator, size, least } => {
                self.withdraw_stake(user.into(), validator.into(), size, least)
            }
            Action::Gift { to, lamports } => self.gift(to, lamports),
            Action::BurnLst { user, size } => self.burn(user.into(), size, true),
            Action::BurnLp { user, size } => self.burn(user.into(), size, false),
            Action::SendLst { user, size, to } => self.send_tokens(user.into(), size, to, true),
            Action::SendLp { user, size, to } => self.send_tokens(user.into(), size, to, false),
            Action::Update { validators, all_accounts } => self.update(validators, all_accounts),
            Action::Sync => self.sync(),
            Action::Delegate { validator } => self.delegate(validator.into()),
            Action::Undelegate { validator } => self.undelegate(validator.into()),
            Action::Slots { slots } => self.slots(slots.into()),
            Action::ToMoveWindow => self.wait_for_move_window(),
            Action::Epoch { at_edge } => self.epoch(at_edge),
            Action::ChangeRent => self.change_rent(),
            Action::Slash { validator, role, ppm } => self.slash(validator.into(), role.into(), ppm),
            Action::Review { validator } => self.review(validator.into()),
            Action::Remove { validator } => self.remove(validator.into()),
            Action::SetUptime { validator, bps } => self.set_uptime(validator.into(), bps),
            Action::SetCommission { validator, bps } => self.set_commission(validator.into(), bps),
            Action::DeactivateDelinquent { validator, role, witness } => {
                let role = StakeRole::ALL[usize::from(role) % 3];
                self.deactivate_delinquent(validator.into(), role, witness.into())
            }
            Action::SetWeight { by, validator, weight, group } => {
                self.set_weight(by, validator.into(), weight, group)
            }
            Action::Drain { by, validator } => self.drain(by, validator.into()),
            Action::Add { by, validator, weight, group } => self.add(by, validator.into(), weight, group),
            Action::SetRules { by, shares, numbers } => self.set_rules(by, rules_from(shares, numbers)),
            Action::Join { validator } => self.join(validator.into()),
            Action::OpenBond { validator, commission_bps, bid_ppb } => {
                self.open_bond(validator.into(), BondTerms { commission_bps, bid_ppb })
            }
            Action::SetTerms { validator, commission_bps, bid_ppb } => {
                self.set_terms(validator.into(), BondTerms { commission_bps, bid_ppb })
            }
            Action::PostBond { user, validator, size } => self.post_bond(user.into(), validator.into(), size),
            Action::AskForBond { validator, size } => self.ask_for_bond(validator.into(), size),
            Action::WithdrawBond { validator } => self.withdraw_bond(validator.into()),
            Action::SettleBond { validator } => self.settle_bond(validator.into()),
            Action::FundInsurance { user, size } => self.fund_insurance(user.into(), size),
            Action::ProposeInsurance { by, size, to } => self.propose_insurance(by, size, to.into()),
            Action::CancelInsurance { by } => self.cancel_insurance(by),
            Action::WithdrawInsurance { by } => self.withdraw_insurance(by),
            Action::Treasury { is_usable } => self.treasury(is_usable),
            Action::SetFees { by, fees } => self.set_fees(by, bytemuck::cast(fees)),
            Action::SetParameters { by, shares, lamports } => self.set_parameters(by, shares, lamports),
            Action::ProposeRole { by, role, to } => self.propose_role(by, role, to),
            Action::CancelRole { by, role } => self.cancel_role(by, role),
            Action::AcceptRole { role, by } => self.accept_role(role, by),
            Action::Pause { by, functions } => self.pause(by, functions),
            Action::Resume { by, functions } => self.resume(by, functions),
            Action::EverybodyLeaves | Action::ReachTargets => Ok(Done::Idle),
        }
    }

    /// The faucet pays the fee, so that wallets change by what the program does alone.
    fn send(&self, instruction: &Instruction, signers: &[&Keypair]) -> Result<Outcome, Failure> {
        let mut all = vec![self.chain.faucet()];
        all.extend(signers);
        let result = self.chain.send(std::slice::from_ref(instruction), &all);
        self.calls.count(instruction, result.is_ok());
        result
    }

    /// Down to the cluster, or up from it.
    fn count_move(&mut self, lamports: Amount) {
        self.moved[usize::from(lamports < 0)] += lamports.abs();
    }
}
