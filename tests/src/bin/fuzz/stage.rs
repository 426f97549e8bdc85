//! A real pool on a real chain and the model beside it; every step is done with both.

use {
    crate::{
        action::{Action, Holder, Least, Place, Size, Who, PEOPLE},
        invariants::Watch,
        setup::{fees_of, settings_of, Setup, GUARDIAN},
    },
    solana_instruction::{AccountMeta, Instruction},
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    std::fmt,
    tidepool_client::{read_page, Batch, PoolFees, PoolKeys, PoolSettings, Role, ValidatorKeys},
    tidepool_interface::pda::{self, StakeRole},
    tidepool_localnet::{world::User, Chain, Failure, Outcome, World},
    tidepool_tests::model::{
        self, Amount, Cluster, Keeper, Mistake, Model, NewTicket, OwnStake, Owner, Person, Refusal,
        StakeAccount, TicketKind, Validator,
    },
};

/// More open tickets than this slow a run down without showing anything new.
const MOST_TICKETS: usize = 40;

/// Epochs within which everybody who leaves is paid.
const EPOCHS_TO_LEAVE: usize = 12;

/// Tags of the token program.
const TRANSFER: u8 = 3;
const BURN: u8 = 8;

/// Label of the key that owns the first treasury; `World` makes it.
const TREASURY: &str = "treasury";

/// Program and model do not agree, or an invariant is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What kind of difference it is; the same fault has the same.
    pub kind: String,
    pub text: String,
}

impl Difference {
    pub fn new(kind: impl Into<String>, text: impl Into<String>) -> Self {
        Self { kind: kind.into(), text: text.into() }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.text)
    }
}

/// How a step ended, in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// With what it gave, for a reader.
    Ok(String),
    Refused(Refusal),
    /// There was nothing to do it with, so it was not tried.
    Idle,
}

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

/// More stake accounts than this nobody has.
const MOST_STAKES: usize = 12;

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
    watch: Watch,
}

impl Stage {
    /// Makes the pool; `Err` if that cannot be done or if it is not what the model says a new pool is.
    pub fn new(setup: &Setup, mistake: Option<Mistake>) -> Result<Self, Difference> {
        let failed = |error: &dyn fmt::Display| Difference::new("no pool", error.to_string());
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
            cluster(&chain),
            setup.fees(),
            setup.settings(),
            setup.liquidity_target(),
            wallets.collect(),
            validators.len(),
        );
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
            watch: Watch::default(),
        };
        stage.compare()?;
        Ok(stage)
    }

    /// Does `action` in both and compares all there is.
    pub fn step(&mut self, action: &Action) -> Result<Done, Difference> {
        if *action == Action::EverybodyLeaves {
            return self.everybody_leaves();
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
            Action::Collect { ticket } => self.collect(ticket),
            Action::Release { ticket } => self.release(ticket),
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
            Action::Slash { validator, ppm } => self.slash(validator.into(), ppm),
            Action::Treasury { is_usable } => self.treasury(is_usable),
            Action::SetFees { by, fees } => self.set_fees(by, bytemuck::cast(fees)),
            Action::SetParameters { by, shares, lamports } => self.set_parameters(by, shares, lamports),
            Action::ProposeRole { by, role, to } => self.propose_role(by, role, to),
            Action::CancelRole { by, role } => self.cancel_role(by, role),
            Action::AcceptRole { role, by } => self.accept_role(role, by),
            Action::Pause { by, functions } => self.pause(by, functions),
            Action::Resume { by, functions } => self.resume(by, functions),
            Action::EverybodyLeaves => Ok(Done::Idle),
        }
    }

    // ---- users

    fn deposit(
        &mut self,
        user: usize,
        size: Size,
        least: Least,
        referrer: Option<usize>,
    ) -> Result<Done, Difference> {
        let lamports = amount(size, self.model.books.people[user].sol);
        let min = at_least(least, self.model.preview(|m| m.deposit(user, referrer, lamports.into(), 0)));
        let predicted = self.model.deposit(user, referrer, lamports.into(), min.into());
        let User { wallet, lst, .. } = self.people[user].clone();
        let referrer = referrer.map(|referrer| self.people[referrer].lst);
        let deposit = self.keys.deposit_referred(&wallet.pubkey(), &lst, referrer.as_ref(), lamports, min);
        let real = self.send(&deposit, &[&wallet]);
        agree(predicted.map(|out| format!("{lamports} lamports for {out} LST")), real)
    }

    fn order(&mut self, user: usize, size: Size, least: Least, pays: bool) -> Result<Done, Difference> {
        if self.model.books.tickets.len() >= MOST_TICKETS {
            return Ok(Done::Idle);
        }
        let lst = amount(size, self.model.books.people[user].lst);
        let NextTicket { nonce, gift } = self.next_tickets[user];
        let place = NewTicket { id: self.next_id, rent_payer: pays.then_some(user), gift };
        let min = at_least(least, self.model.preview(|m| m.order(user, lst.into(), 0, place)));
        let predicted = self.model.order(user, lst.into(), min.into(), place);
        let User { wallet, lst: from, .. } = self.people[user].clone();
        let owner = wallet.pubkey();
        let rent_payer = if pays { owner } else { self.chain.faucet().pubkey() };
        let order = self.keys.order_unstake(&owner, &rent_payer, &from, lst, min, nonce);
        let real = self.send(&order, &[&wallet]);
        if real.is_ok() {
            self.note_ticket(user, &owner, rent_payer);
        }
        agree(predicted.map(|out| format!("{lst} LST for {out} lamports")), real)
    }

    /// `place`: of the next tickets.
    fn note_ticket(&mut self, place: usize, owner: &Pubkey, rent_payer: Pubkey) {
        let next = &mut self.next_tickets[place];
        let key = pda::ticket(&self.keys.pool, owner, next.nonce).0;
        *next = NextTicket { nonce: next.nonce + 1, gift: 0 };
        self.tickets.push(KnownTicket { id: self.next_id, key, rent_payer });
        self.next_id += 1;
    }

    // ---- tickets

    /// Place and account of one of the open tickets, if there is any.
    fn ticket(&self, index: u16) -> Option<(usize, KnownTicket)> {
        let place = usize::from(index).checked_rem(self.tickets.len())?;
        Some((place, self.tickets[place]))
    }

    fn settle(&mut self, index: u16) -> Result<Done, Difference> {
        let Some((place, known)) = self.ticket(index) else { return Ok(Done::Idle) };
        let ticket = self.model.books.tickets[place];
        match (ticket.kind, ticket.owner) {
            (TicketKind::Recycled, _) => self.collect(index),
            (TicketKind::Cancelled, _) => self.release(index),
            (TicketKind::Order, Owner::Person(owner)) => {
                let predicted = self.model.claim(place);
                let owner = self.people[owner].wallet.pubkey();
                let real = self.send(&self.keys.claim_ticket(&known.key, &owner, &known.rent_payer), &[]);
                agree(predicted.map(|paid| format!("{paid} lamports")), real)
            }
            (TicketKind::Order, Owner::LiquidityPool) => Ok(Done::Idle),
        }
    }

    fn collect(&mut self, index: u16) -> Result<Done, Difference> {
        let Some((place, known)) = self.ticket(index) else { return Ok(Done::Idle) };
        let predicted = self.model.collect(place);
        let real = self.send(&self.keys.collect_recycled(&known.key, &known.rent_payer), &[]);
        agree(predicted.map(|paid| format!("{paid} lamports")), real)
    }

    fn release(&mut self, index: u16) -> Result<Done, Difference> {
        let Some((place, known)) = self.ticket(index) else { return Ok(Done::Idle) };
        let predicted = self.model.release(place);
        let real = self.send(&self.keys.release_ticket(&known.key, &known.rent_payer), &[]);
        agree(predicted.map(|is_done| format!("released: {is_done}")), real)
    }

    /// The owner of a ticket, or somebody who says that he is.
    fn signer_for(&self, place: usize, by: Option<u8>) -> usize {
        match (by, self.model.books.tickets[place].owner) {
            (Some(user), _) => user.into(),
            (None, Owner::Person(owner)) => owner,
            (None, Owner::LiquidityPool) => 0,
        }
    }

    fn cancel(&mut self, index: u16, by: Option<u8>, least: Least) -> Result<Done, Difference> {
        let Some((place, known)) = self.ticket(index) else { return Ok(Done::Idle) };
        let signer = self.signer_for(place, by);
        let min = at_least(least, self.model.preview(|m| m.cancel(place, signer, 0)));
        let predicted = self.model.cancel(place, signer, min.into());
        let User { wallet, lst, .. } = self.people[signer].clone();
        let cancel = self.keys.cancel_ticket(&known.key, &wallet.pubkey(), &known.rent_payer, &lst, min);
        let real = self.send(&cancel, &[&wallet]);
        agree(predicted.map(|lst| format!("{lst} LST")), real)
    }

    fn transfer(&mut self, index: u16, by: Option<u8>, to: usize) -> Result<Done, Difference> {
        let Some((place, known)) = self.ticket(index) else { return Ok(Done::Idle) };
        let signer = self.signer_for(place, by);
        let predicted = self.model.transfer(place, signer, to);
        let (wallet, to) = (self.people[signer].wallet.insecure_clone(), self.people[to].wallet.pubkey());
        let real = self.send(&self.keys.transfer_ticket(&known.key, &wallet.pubkey(), &to), &[&wallet]);
        agree(predicted.map(|()| String::new()), real)
    }

    fn recycle(&mut self, payer: Option<usize>) -> Result<Done, Difference> {
        if self.model.books.tickets.len() >= MOST_TICKETS {
            return Ok(Done::Idle);
        }
        let last = self.next_tickets.len() - 1;
        let NextTicket { nonce, gift } = self.next_tickets[last];
        let predicted = self.model.recycle(NewTicket { id: self.next_id, rent_payer: payer, gift });
        let faucet = self.chain.faucet();
        let wallet = payer.map_or(faucet, |payer| &self.people[payer].wallet).insecure_clone();
        let real = self.send(&self.keys.recycle_liquidity(&wallet.pubkey(), nonce), &[&wallet]);
        if real.is_ok() && predicted.is_ok_and(|lst| lst > 0) {
            let owner = self.keys.sol_vault;
            self.note_ticket(last, &owner, wallet.pubkey());
        }
        agree(predicted.map(|lst| format!("{lst} LST")), real)
    }

    // ---- stake accounts

    fn empty_stake_of(&self, user: usize) -> Option<usize> {
        let is_empty = |own: &OwnStake| own.owner == user && own.stake == 0;
        self.model.books.own_stakes.iter().position(is_empty)
    }

    fn note_stake(&mut self, owner: usize, key: Pubkey, lamports: Amount, stake: Amount) {
        self.stakes.push(KnownStake { id: self.next_id, owner, key });
        self.model.books.own_stakes.push(OwnStake { id: self.next_id, owner, lamports, stake });
        self.next_id += 1;
    }

    fn prepare_stake(&mut self, user: usize) -> Result<Done, Difference> {
        let key = self.chain.create_blank_stake().map_err(|failure| unexpected("a blank stake", &failure))?;
        let rent = self.model.cluster.stake_rent;
        self.note_stake(user, key, rent, 0);
        Ok(Done::Ok(String::new()))
    }

    fn make_stake(&mut self, user: usize, validator: usize, lamports: u64) -> Result<Done, Difference> {
        if self.stakes.len() >= MOST_STAKES || self.model.cluster.pays_rewards {
            return Ok(Done::Idle);
        }
        let lamports = lamports.max(self.model.cluster.minimum_delegation as u64);
        let vote = self.validators[validator % self.validators.len()].vote;
        let wallet = self.people[user].wallet.insecure_clone();
        let key = self.chain.create_stake(&wallet, &vote, lamports);
        let key = key.map_err(|failure| unexpected("a new stake", &failure))?;
        let rent = self.model.cluster.stake_rent;
        self.note_stake(user, key, rent + Amount::from(lamports), lamports.into());
        Ok(Done::Ok(format!("{lamports} lamports")))
    }

    fn deposit_stake(
        &mut self,
        index: usize,
        validator: Option<usize>,
        least: Least,
    ) -> Result<Done, Difference> {
        let with_stake: Vec<usize> =
            (0..self.stakes.len()).filter(|own| self.model.books.own_stakes[*own].stake > 0).collect();
        let Some(place) = index.checked_rem(with_stake.len()) else { return Ok(Done::Idle) };
        let own = with_stake[place];
        let known = self.stakes[own];
        let voter = self.chain.delegation(&known.key).map(|delegation| delegation.voter_pubkey);
        let home = self.validators.iter().position(|validator| Some(validator.vote) == voter);
        let index = validator.or(home).unwrap_or(0) % self.validators.len();
        let is_active_there = home == Some(index) && self.is_active(&known.key);
        let view = self.validators_now();
        let step = |m: &mut Model, min| m.deposit_stake(own, is_active_there, index, &view, min);
        let min = at_least(least, self.model.preview(|m| step(m, 0)));
        let predicted = step(&mut self.model, min.into());
        let User { wallet, lst, .. } = self.people[known.owner].clone();
        let deposit =
            self.keys.deposit_stake(&wallet.pubkey(), &known.key, &self.validators[index], &lst, min);
        let real = self.send(&deposit, &[&wallet]);
        if real.is_ok() {
            self.stakes.remove(own);
        }
        agree(predicted.map(|lst| format!("{lst} LST")), real)
    }

    fn withdraw_stake(
        &mut self,
        user: usize,
        index: usize,
        size: Size,
        least: Least,
    ) -> Result<Done, Difference> {
        let Some(own) = self.empty_stake_of(user) else { return Ok(Done::Idle) };
        if self.stakes.len() >= MOST_STAKES {
            return Ok(Done::Idle);
        }
        let index = index % self.validators.len();
        let lst = amount(size, self.model.books.people[user].lst);
        let view = self.validators_now();
        let step = |m: &mut Model, min| m.withdraw_stake(own, lst.into(), index, &view, min);
        let min = at_least(least, self.model.preview(|m| step(m, 0)));
        let predicted = step(&mut self.model, min.into());
        let User { wallet, lst: from, .. } = self.people[user].clone();
        let key = self.stakes[own].key;
        let validator = &self.validators[index];
        let withdraw = self.keys.withdraw_stake(&wallet.pubkey(), &key, validator, &from, lst, min);
        let real = self.send(&withdraw, &[&wallet]);
        agree(predicted.map(|out| format!("{lst} LST for {out} lamports of stake")), real)
    }

    /// Whether all of a stake is active and nobody has asked it to cool down.
    fn is_active(&self, key: &Pubkey) -> bool {
        let stays = |stake: u64, end: u64| stake > 0 && end == u64::MAX;
        let Some(delegation) = self.chain.delegation(key) else { return false };
        let now = self.chain.stake_activation(key);
        stays(delegation.stake, delegation.deactivation_epoch) && now.effective == delegation.stake
    }

    /// The validators as the pool's records say, and their main accounts as they are.
    fn validators_now(&self) -> Vec<Validator> {
        let account = self.chain.account(&self.validators[0].page).unwrap_or_default();
        let Ok(page) = read_page(&account.data) else { return vec![] };
        let view = |(index, keys): (usize, &ValidatorKeys)| {
            let record = &page.records[index];
            let main = keys.stake(StakeRole::Main);
            let delegation = self.chain.delegation(&main);
            let now = self.chain.stake_activation(&main);
            Validator {
                staked: record.staked_lamports.into(),
                cooling: Amount::from(record.cooling_lamports) + Amount::from(record.main_cooling_lamports),
                weight: record.effective_weight().into(),
                main_stake: delegation.map_or(0, |delegation| delegation.stake.into()),
                main_is_active: self.is_active(&main),
                main_is_idle: now.effective + now.activating + now.deactivating == 0,
            }
        };
        self.validators.iter().enumerate().map(view).collect()
    }

    // ---- admin and guardian

    /// Who has a role now, or somebody who may have none, and his key.
    fn signer(&self, by: Who) -> (Keeper, Keypair) {
        let who = match by {
            Who::Admin => self.model.books.pool.holders[Role::Admin as usize],
            Who::Guardian => self.model.books.pool.holders[Role::Guardian as usize],
            Who::Stranger => Keeper::Person(0),
        };
        (who, self.key_of(who))
    }

    fn key_of(&self, who: Keeper) -> Keypair {
        match who {
            Keeper::Founder => self.admin.insecure_clone(),
            Keeper::Watchman => self.guardian.insecure_clone(),
            Keeper::Person(index) => self.people[index].wallet.insecure_clone(),
        }
    }

    /// What a role is proposed to: a wallet or, for the treasury, a token account.
    pub fn address_of(&self, role: Role, who: Keeper) -> Pubkey {
        match (role, who) {
            (Role::Treasury, Keeper::Person(index)) => self.people[index].lst,
            (Role::Treasury, _) => self.first_treasury,
            (_, who) => self.key_of(who).pubkey(),
        }
    }

    fn propose_role(&mut self, by: Who, role: u8, to: u8) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let (role, who) = (role_of(role), who_of(to));
        let predicted = self.model.propose_role(signer, role as usize, who);
        let successor = self.address_of(role, who);
        let real = self.send(&self.keys.propose_role(&key.pubkey(), role, &successor), &[&key]);
        agree(predicted.map(|()| format!("{role:?} to {who:?}")), real)
    }

    fn cancel_role(&mut self, by: Who, role: u8) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let role = role_of(role);
        let predicted = self.model.cancel_role_proposal(signer, role as usize);
        let real = self.send(&self.keys.cancel_role_proposal(&key.pubkey(), role), &[&key]);
        agree(predicted.map(|()| format!("{role:?}")), real)
    }

    /// By who was proposed, unless another is named.
    fn accept_role(&mut self, role: u8, by: Option<u8>) -> Result<Done, Difference> {
        let role = role_of(role);
        let proposed = self.model.books.pool.proposed[role as usize];
        let who = by.map(who_of).or(proposed).unwrap_or(Keeper::Person(0));
        let predicted = self.model.accept_role(role as usize, who);
        let real = match role {
            Role::Treasury => {
                let account = self.address_of(role, who);
                let owner = match who {
                    Keeper::Person(_) => self.key_of(who),
                    _ => self.chain.keypair(TREASURY),
                };
                let accept = self.keys.accept_treasury(&owner.pubkey(), &account);
                let real = self.send(&accept, &[&owner]);
                if real.is_ok() {
                    self.keys.treasury = account;
                }
                real
            }
            _ => {
                let key = self.key_of(who);
                self.send(&self.keys.accept_role(&key.pubkey(), role), &[&key])
            }
        };
        agree(predicted.map(|()| format!("{role:?} to {who:?}")), real)
    }

    fn set_fees(&mut self, by: Who, fees: PoolFees) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let predicted = self.model.set_fees(signer, fees_of(&fees));
        let real = self.send(&self.keys.set_fees(&key.pubkey(), fees), &[&key]);
        agree(predicted.map(|()| String::new()), real)
    }

    fn set_parameters(&mut self, by: Who, shares: [u16; 4], lamports: [u64; 4]) -> Result<Done, Difference> {
        let settings = PoolSettings {
            reserve_target_bps: shares[0],
            move_window_bps: shares[1],
            max_validator_bps: shares[2],
            max_move_bps: shares[3],
            min_deposit_lamports: lamports[0],
            deposit_cap_lamports: lamports[1],
            instant_cap_lamports_per_day: lamports[2],
            liquidity_target_lamports: lamports[3],
        };
        let (signer, key) = self.signer(by);
        let predicted = self.model.set_parameters(signer, settings_of(&settings), lamports[3].into());
        let real = self.send(&self.keys.set_parameters(&key.pubkey(), settings), &[&key]);
        agree(predicted.map(|()| String::new()), real)
    }

    fn pause(&mut self, by: Who, functions: u8) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let predicted = self.model.pause(signer, functions);
        let real = self.send(&self.keys.pause(&key.pubkey(), functions), &[&key]);
        agree(predicted.map(|()| String::new()), real)
    }

    fn resume(&mut self, by: Who, functions: u8) -> Result<Done, Difference> {
        let (signer, key) = self.signer(by);
        let predicted = self.model.resume(signer, functions);
        let real = self.send(&self.keys.resume(&key.pubkey(), functions), &[&key]);
        agree(predicted.map(|()| String::new()), real)
    }

    // ---- liquidity

    fn liquid_unstake(&mut self, user: usize, size: Size, least: Least) -> Result<Done, Difference> {
        let lst = amount(size, self.model.books.people[user].lst);
        let min = at_least(least, self.model.preview(|m| m.liquid_unstake(user, lst.into(), 0)));
        let predicted = self.model.liquid_unstake(user, lst.into(), min.into());
        let User { wallet, lst: from, .. } = self.people[user].clone();
        let exit = self.keys.liquid_unstake(&wallet.pubkey(), &from, lst, min);
        let real = self.send(&exit, &[&wallet]);
        agree(predicted.map(|out| format!("{lst} LST for {out} lamports")), real)
    }

    fn add_liquidity(&mut self, user: usize, size: Size, least: Least) -> Result<Done, Difference> {
        let lamports = amount(size, self.model.books.people[user].sol);
        let min = at_least(least, self.model.preview(|m| m.add_liquidity(user, lamports.into(), 0)));
        let predicted = self.model.add_liquidity(user, lamports.into(), min.into());
        let User { wallet, lp, .. } = self.people[user].clone();
        let real = self.send(&self.keys.add_liquidity(&wallet.pubkey(), &lp, lamports, min), &[&wallet]);
        agree(predicted.map(|out| format!("{lamports} lamports for {out} LP")), real)
    }

    fn remove_liquidity(&mut self, user: usize, size: Size, least: Least) -> Result<Done, Difference> {
        let lp = amount(size, self.model.books.people[user].lp);
        let out = self.model.preview(|m| m.remove_liquidity(user, lp.into(), (0, 0)));
        let min_sol = at_least(least, out.map(|(sol, _)| sol));
        let min_lst = if least == Least::Quote { at_least(least, out.map(|(_, lst)| lst)) } else { 0 };
        let predicted = self.model.remove_liquidity(user, lp.into(), (min_sol.into(), min_lst.into()));
        let User { wallet, lp: from, lst } = self.people[user].clone();
        let remove = self.keys.remove_liquidity(&wallet.pubkey(), &from, &lst, lp, min_sol, min_lst);
        let real = self.send(&remove, &[&wallet]);
        agree(predicted.map(|(sol, lst)| format!("{lp} LP for {sol} lamports and {lst} LST")), real)
    }

    // ---- strangers

    fn gift(&mut self, to: Place, lamports: u64) -> Result<Done, Difference> {
        let mut lamports = lamports;
        let validator = |index: u8| usize::from(index) % self.validators.len();
        let key = match to {
            Place::Reserve => self.keys.reserve,
            Place::Insurance => self.keys.insurance,
            Place::LiquiditySol => self.keys.sol_vault,
            Place::Stake(index, role) => self.validators[validator(index)].stakes[usize::from(role)],
            Place::Ticket(_) if self.tickets.is_empty() => return Ok(Done::Idle),
            Place::Ticket(index) => self.tickets[usize::from(index) % self.tickets.len()].key,
            Place::NextTicket(user) => {
                lamports = lamports.max(self.model.cluster.wallet_rent as u64);
                let owner = self.people[usize::from(user)].wallet.pubkey();
                pda::ticket(&self.keys.pool, &owner, self.next_tickets[usize::from(user)].nonce).0
            }
            Place::Elsewhere(index) => self.elsewhere.0[usize::from(index) % self.elsewhere.0.len()],
        };
        self.chain.airdrop(&key, lamports).map_err(|failure| unexpected("a gift", &failure))?;
        let gift = Amount::from(lamports);
        let books = &mut self.model.books;
        match to {
            Place::Reserve => books.vaults.reserve += gift,
            Place::Insurance => books.vaults.insurance += gift,
            Place::LiquiditySol => books.vaults.liquidity_sol += gift,
            Place::Stake(index, role) => {
                books.stakes[usize::from(index) % self.validators.len()][usize::from(role)].lamports += gift;
            }
            Place::Ticket(index) => {
                let place = usize::from(index) % books.tickets.len();
                books.tickets[place].held += gift;
            }
            Place::NextTicket(user) => self.next_tickets[usize::from(user)].gift += gift,
            Place::Elsewhere(_) => books.vaults.elsewhere += gift,
        }
        Ok(Done::Ok(format!("{lamports} lamports")))
    }

    fn burn(&mut self, user: usize, size: Size, is_lst: bool) -> Result<Done, Difference> {
        let person = self.model.books.people[user];
        let has = if is_lst { person.lst } else { person.lp };
        let burned = amount(size, has).min(has as u64);
        if burned == 0 {
            return Ok(Done::Idle);
        }
        let User { wallet, lst, lp } = self.people[user].clone();
        let (mint, from) = if is_lst { (self.keys.lst_mint, lst) } else { (self.keys.lp_mint, lp) };
        let burn =
            token_instruction(&self.keys.token_program, BURN, burned, &[&from, &mint], &wallet.pubkey());
        self.send(&burn, &[&wallet]).map_err(|failure| unexpected("a burn", &failure))?;
        match is_lst {
            true => self.model.burn_lst(user, burned.into()),
            false => self.model.burn_lp(user, burned.into()),
        }
        Ok(Done::Ok(format!("{burned} tokens")))
    }

    fn send_tokens(&mut self, user: usize, size: Size, to: Holder, is_lst: bool) -> Result<Done, Difference> {
        let person = self.model.books.people[user];
        let has = if is_lst { person.lst } else { person.lp };
        let sent = amount(size, has).min(has as u64);
        let is_taker = match to {
            Holder::Person(other) => usize::from(other) != user,
            Holder::LiquidityVault => is_lst,
            Holder::Treasury => is_lst && self.model.books.vaults.treasury_is_usable,
            Holder::Dead => true,
        };
        if sent == 0 || !is_taker {
            return Ok(Done::Idle);
        }
        let User { wallet, lst, lp } = self.people[user].clone();
        let from = if is_lst { lst } else { lp };
        let address = match (to, is_lst) {
            (Holder::Person(other), true) => self.people[usize::from(other)].lst,
            (Holder::Person(other), false) => self.people[usize::from(other)].lp,
            (Holder::LiquidityVault, _) => self.keys.lst_vault,
            (Holder::Treasury, _) => self.first_treasury,
            (Holder::Dead, true) => self.keys.dead_lst,
            (Holder::Dead, false) => self.keys.dead_lp,
        };
        let transfer =
            token_instruction(&self.keys.token_program, TRANSFER, sent, &[&from, &address], &wallet.pubkey());
        self.send(&transfer, &[&wallet]).map_err(|failure| unexpected("a transfer", &failure))?;
        let books = &mut self.model.books;
        let amount = Amount::from(sent);
        *(if is_lst { &mut books.people[user].lst } else { &mut books.people[user].lp }) -= amount;
        *(match (to, is_lst) {
            (Holder::Person(other), true) => &mut books.people[usize::from(other)].lst,
            (Holder::Person(other), false) => &mut books.people[usize::from(other)].lp,
            (Holder::LiquidityVault, _) => &mut books.vaults.liquidity_lst,
            (Holder::Treasury, _) => &mut books.vaults.treasury_lst,
            (Holder::Dead, true) => &mut books.vaults.dead_lst,
            (Holder::Dead, false) => &mut books.vaults.dead_lp,
        }) += amount;
        Ok(Done::Ok(format!("{sent} tokens")))
    }

    fn treasury(&mut self, is_usable: bool) -> Result<Done, Difference> {
        /// Where a token account says whether it is initialized (1) or frozen (2).
        const STATE: usize = 108;
        if self.model.books.vaults.treasury_is_usable == is_usable {
            return Ok(Done::Idle);
        }
        let mut account = self.chain.account(&self.first_treasury).unwrap_or_default();
        account.data[STATE] = if is_usable { 1 } else { 2 };
        self.chain.set_account(&self.first_treasury, &account);
        self.model.books.vaults.treasury_is_usable = is_usable;
        Ok(Done::Ok(format!("usable: {is_usable}")))
    }

    // ---- keepers

    fn update(&mut self, mask: u8, all_accounts: bool) -> Result<Done, Difference> {
        let chosen: Vec<usize> = (0..self.validators.len()).filter(|index| mask >> index & 1 == 1).collect();
        let mut batch = Batch::default();
        let mut accounts = vec![];
        for validator in chosen {
            let uses = |role: &StakeRole| all_accounts || self.record_uses(validator, *role);
            let others: Vec<StakeRole> =
                [StakeRole::Onramp, StakeRole::Offramp].into_iter().filter(uses).collect();
            accounts.push(StakeAccount { validator, role: 0 });
            accounts.extend(others.iter().map(|role| StakeAccount { validator, role: *role as usize }));
            let _ = batch.add(&self.validators[validator], &others);
        }
        if batch.is_empty() {
            return Ok(Done::Idle);
        }
        let real = self.send(&self.keys.update_validators(&batch), &[]);
        let left = self.lamports_of(&accounts);
        let predicted = self.model.update(&accounts, &left);
        agree(predicted.map(|()| format!("{} accounts", accounts.len())), real)
    }

    fn sync(&mut self) -> Result<Done, Difference> {
        let real = self.send(&self.keys.sync_pool(), &[]);
        agree(self.model.sync().map(|()| String::new()), real)
    }

    fn delegate(&mut self, validator: usize) -> Result<Done, Difference> {
        let validator = validator % self.validators.len();
        let onramp = StakeAccount { validator, role: StakeRole::Onramp as usize };
        let before = self.lamports_of(&[onramp])[0];
        let real = self.send(&self.keys.delegate(&self.validators[validator]), &[]);
        let moved = self.lamports_of(&[onramp])[0] - before;
        let most = self.model.most_to_delegate();
        if moved > most || (moved > 0 && moved < self.model.cluster.minimum_delegation) {
            return Err(Difference::new("delegation", format!("{moved} lamports went out of {most}")));
        }
        let predicted = self.model.delegate(onramp, moved);
        agree(predicted.map(|()| format!("{moved} lamports")), real)
    }

    fn undelegate(&mut self, validator: usize) -> Result<Done, Difference> {
        let validator = validator % self.validators.len();
        let accounts =
            [StakeRole::Main, StakeRole::Offramp].map(|role| StakeAccount { validator, role: role as usize });
        let before = self.lamports_of(&accounts);
        let real = self.send(&self.keys.undelegate(&self.validators[validator]), &[]);
        let left = self.lamports_of(&accounts);
        let predicted = self.model.undelegate(&accounts, &left);
        agree(predicted.map(|()| format!("{} lamports", before[0] - left[0])), real)
    }

    /// Everybody takes out all there is, keepers do their work, and everyone is paid.
    fn everybody_leaves(&mut self) -> Result<Done, Difference> {
        let all = Size::Ppm(1_000_000);
        let least = Least::Nothing;
        for user in 0..self.people.len() as u8 {
            self.step(&Action::RemoveLiquidity { user, size: all, least })?;
        }
        for user in 0..self.people.len() as u8 {
            self.step(&Action::Order { user, size: all, least, pays_rent: false })?;
        }
        for epochs in 0..=EPOCHS_TO_LEAVE {
            for ticket in (0..self.tickets.len() as u16).rev() {
                self.step(&Action::Claim { ticket })?;
            }
            if !self.someone_waits() {
                return Ok(Done::Ok(format!("after {epochs} epochs")));
            }
            self.step(&Action::ToMoveWindow)?;
            for validator in 0..self.validators.len() as u8 {
                self.step(&Action::Undelegate { validator })?;
            }
            self.step(&Action::Epoch { at_edge: false })?;
            self.step(&Action::Update { validators: u8::MAX, all_accounts: true })?;
            self.step(&Action::Sync)?;
        }
        let tickets = &self.model.books.tickets;
        Err(Difference::new("somebody is not paid", format!("after {EPOCHS_TO_LEAVE} epochs: {tickets:?}")))
    }

    /// Whether somebody owns a ticket and could be paid: a payment that would leave an empty wallet below its rent waits,
    /// and the liquidity pool's own tickets may.
    fn someone_waits(&self) -> bool {
        let could_be_paid = |place| {
            let claim = self.model.preview(|model| model.claim(place));
            !matches!(claim, Err(Refusal::PayoutBelowRent | Refusal::TicketIsRecycled))
        };
        (0..self.model.books.tickets.len()).any(could_be_paid)
    }

    // ---- the cluster

    fn slots(&mut self, slots: u64) -> Result<Done, Difference> {
        let last = self.chain.first_slot(self.chain.epoch() + 1) - 1;
        self.go_to((self.chain.slot() + slots).min(last))
    }

    fn wait_for_move_window(&mut self) -> Result<Done, Difference> {
        let Cluster { first_slot, slots_per_epoch, .. } = self.model.cluster;
        let window =
            model::numbers::ceil(slots_per_epoch, self.model.books.pool.settings.move_window, 10_000);
        self.go_to((first_slot + slots_per_epoch - window) as u64)
    }

    fn go_to(&mut self, slot: u64) -> Result<Done, Difference> {
        if slot <= self.chain.slot() {
            return Ok(Done::Idle);
        }
        self.chain.jump_to(slot);
        self.look_at_cluster();
        Ok(Done::Ok(format!("slot {slot}")))
    }

    fn epoch(&mut self, at_edge: bool) -> Result<Done, Difference> {
        self.chain.cross_epoch();
        if !at_edge {
            self.chain.pay_rewards();
        }
        self.look_at_cluster();
        Ok(Done::Ok(format!("epoch {}", self.chain.epoch())))
    }

    fn slash(&mut self, validator: usize, ppm: u64) -> Result<Done, Difference> {
        let main = self.validators[validator % self.validators.len()].stake(StakeRole::Main);
        let stake = self.chain.delegation(&main).map_or(0, |delegation| delegation.stake);
        let loss = (u128::from(stake) * u128::from(ppm) / 1_000_000) as u64;
        if loss == 0 || self.chain.slash(&main, loss).is_none() {
            return Ok(Done::Idle);
        }
        self.look_at_cluster();
        Ok(Done::Ok(format!("{loss} lamports")))
    }

    /// Tells the model what the cluster has done.
    fn look_at_cluster(&mut self) {
        self.model.cluster = cluster(&self.chain);
        for (validator, keys) in self.validators.iter().enumerate() {
            for (role, key) in keys.stakes.iter().enumerate() {
                self.model.lies(StakeAccount { validator, role }, self.chain.lamports(key).into());
            }
        }
        for (known, own) in self.stakes.iter().zip(&mut self.model.books.own_stakes) {
            own.lamports = self.chain.lamports(&known.key).into();
            own.stake = self.chain.delegation(&known.key).map_or(0, |delegation| delegation.stake.into());
        }
    }

    // ---- both

    /// The faucet pays the fee, so that wallets change by what the program does alone.
    fn send(&self, instruction: &Instruction, signers: &[&Keypair]) -> Result<Outcome, Failure> {
        let mut all = vec![self.chain.faucet()];
        all.extend(signers);
        self.chain.send(std::slice::from_ref(instruction), &all)
    }

    fn lamports_of(&self, accounts: &[StakeAccount]) -> Vec<Amount> {
        let key = |account: &StakeAccount| self.validators[account.validator].stakes[account.role];
        accounts.iter().map(|account| self.chain.lamports(&key(account)).into()).collect()
    }
}

fn token_instruction(
    program: &Pubkey,
    tag: u8,
    amount: u64,
    accounts: &[&Pubkey; 2],
    owner: &Pubkey,
) -> Instruction {
    let mut data = vec![tag];
    data.extend_from_slice(&amount.to_le_bytes());
    let mut metas = accounts.map(|key| AccountMeta::new(*key, false)).to_vec();
    metas.push(AccountMeta::new_readonly(*owner, true));
    Instruction { program_id: *program, accounts: metas, data }
}

fn cluster(chain: &Chain) -> Cluster {
    const TICKET_SIZE: usize = 8 + 3 * 32 + 8 + 16 + 5 * 8 + 1;
    const STAKE_SIZE: usize = 200;
    const MINIMUM_DELEGATION: Amount = 1_000_000_000;
    let rent = chain.rent();
    Cluster {
        slot: chain.slot().into(),
        epoch: chain.epoch().into(),
        time: chain.clock().unix_timestamp.into(),
        first_slot: chain.first_slot(chain.epoch()).into(),
        slots_per_epoch: chain.slots_per_epoch().into(),
        pays_rewards: chain.rewards_active(),
        minimum_delegation: MINIMUM_DELEGATION,
        wallet_rent: rent.minimum_balance(0).into(),
        ticket_rent: rent.minimum_balance(TICKET_SIZE).into(),
        stake_rent: rent.minimum_balance(STAKE_SIZE).into(),
    }
}

fn role_of(number: u8) -> Role {
    Role::ALL[usize::from(number) % Role::ALL.len()]
}

/// One of the people, the founder or the watchman.
fn who_of(number: u8) -> Keeper {
    match number % (PEOPLE + 2) {
        PEOPLE => Keeper::Founder,
        person if person < PEOPLE => Keeper::Person(person.into()),
        _ => Keeper::Watchman,
    }
}

/// Base units; what does not fit a u64 is cut.
fn amount(size: Size, has: Amount) -> u64 {
    match size {
        Size::Units(units) => units,
        Size::Ppm(ppm) => u64::try_from(has * Amount::from(ppm) / 1_000_000).unwrap_or(u64::MAX),
    }
}

fn at_least(least: Least, quote: Result<Amount, Refusal>) -> u64 {
    let quote = quote.map_or(0, |quote| quote as u64);
    match least {
        Least::Nothing => 0,
        Least::Quote => quote,
        Least::OneMore => quote + 1,
    }
}

/// Both did it, or both refused for the same reason.
fn agree(predicted: Result<String, Refusal>, real: Result<Outcome, Failure>) -> Result<Done, Difference> {
    if let Err(failure) = &real {
        if is_panic(failure) {
            return Err(Difference::new("panic", failure.to_string()));
        }
    }
    match (predicted, real) {
        (Ok(what), Ok(_)) => Ok(Done::Ok(what)),
        (Err(refusal), Err(failure)) if reason(&failure) == format!("{refusal:?}") => {
            Ok(Done::Refused(refusal))
        }
        (Ok(what), Err(failure)) => {
            let kind = format!("refused as {}", reason(&failure));
            Err(Difference::new(kind, format!("the model does it: {what}\n{failure}")))
        }
        (Err(refusal), Ok(_)) => {
            Err(Difference::new(format!("not refused as {refusal:?}"), "the program does it"))
        }
        (Err(refusal), Err(failure)) => {
            let text = format!("the model says {refusal:?}\n{failure}");
            Err(Difference::new(format!("refused as {}", reason(&failure)), text))
        }
    }
}

fn unexpected(what: &str, failure: &Failure) -> Difference {
    Difference::new("a step of other programs", format!("{what}: {failure}"))
}

/// A panic, or anything else that only a fault of the program can cause, looks like any failed transaction.
fn is_panic(failure: &Failure) -> bool {
    const SIGNS: [&str; 6] = [
        "panicked",
        "Access violation",
        "failed to complete",
        "exceeded CUs",
        "out of memory",
        "unsupported BPF instruction",
    ];
    failure.logs.iter().any(|line| SIGNS.iter().any(|sign| line.contains(sign)))
}

/// The name of the program's error, or the runtime's words.
fn reason(failure: &Failure) -> String {
    let named = failure.logs.iter().find_map(|line| {
        let (_, rest) = line.split_once("Error Code: ")?;
        Some(rest.split('.').next()?.to_string())
    });
    let by_system = |code: u32| {
        let end = format!("Program 11111111111111111111111111111111 failed: custom program error: {code:#x}");
        failure.logs.contains(&end)
    };
    let words = format!("{:?}", failure.error);
    match named {
        Some(name) => name,
        None if words.starts_with("InsufficientFundsForRent") => "InsufficientFundsForRent".to_string(),
        None if failure.custom_error_code() == Some(1) && by_system(1) => "TooFewLamports".to_string(),
        None => words,
    }
}
