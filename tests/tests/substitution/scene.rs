//! The pool the instructions are tried on, and everything on its chain that could be passed in the place of something
//! else.

use {
    tidepool_client::{BondTerms, Role},
    tidepool_localnet::{ASSOCIATED_TOKEN_PROGRAM, TOKEN_2022_PROGRAM},
    tidepool_tests::prelude::*,
};

/// A program that answers every call with success and does nothing: the most dangerous one to call by mistake.
pub const YES_PROGRAM: Pubkey = solana_sdk_ids::compute_budget::ID;

/// What the bonds promise: enough that every settlement takes something.
pub const TERMS: BondTerms = BondTerms { commission_bps: 1_000, bid_ppb: 20_000 };

/// A pool in the window in which stake moves, that has everything: active stake, liquidity with LST to sell, filled
/// tickets, rewards in flow, bonds, two pages of validators, a role for everybody; and another pool beside it.
pub struct Scene {
    pub world: World,
    pub keys: PoolKeys,
    /// What the pool was made with.
    pub parameters: PoolParameters,
    pub other: OtherPool,
    pub ana: User,
    pub bob: User,
    pub carl: User,
    pub manager: Keypair,
    pub guardian: Keypair,
    /// Pays for tickets and pages.
    pub rent_payer: Keypair,
    /// The first validator, who signs for it, and an active stake account of ana's with it.
    pub validator: ValidatorKeys,
    pub identity: Keypair,
    pub stake: Pubkey,
    /// Orders of ana and of bob that can be claimed.
    pub tickets: [OpenTicket; 2],
    /// A ticket of the liquidity pool, for the next epoch.
    pub recycled: OpenTicket,
    /// Accounts that were made on the way, by name.
    extras: Vec<(String, Pubkey)>,
    pub keyring: Vec<Keypair>,
}

impl Scene {
    pub fn new(config: WorldConfig) -> Self {
        let config = config.with_parameters(|p| {
            p.fees.deposit = 30;
            p.fees.ticket = 20;
            p.fees.referral_share = 5_000;
        });
        let parameters = config.parameters;
        let mut world = World::start(config).unwrap();
        for name in ["ana", "bob", "carl"] {
            world.add_user(name, 20_000 * SOL).unwrap();
            world.deposit(name, 500 * SOL).unwrap();
            world.add_liquidity(name, 100 * SOL).unwrap();
        }
        let [manager, guardian, rent_payer] =
            ["manager", "guardian", "rent payer"].map(|name| world.chain.wallet(name, 1_000 * SOL).unwrap());
        hand_over(&mut world, Role::Manager, &manager);
        hand_over(&mut world, Role::Guardian, &guardian);
        for index in 0..2 {
            world.open_bond(index, TERMS, 50 * SOL).unwrap();
        }
        world.run_epoch().unwrap();
        world.run_epoch().unwrap();
        enter(&mut world, limits::RECORDS_PER_PAGE, &manager); // the first of another page

        let other = OtherPool::beside(&world);
        let stake = world.add_stake("ana", 0, 10 * SOL).unwrap();
        let tickets = ["ana", "bob"].map(|name| order(&mut world, name, SOL, &rent_payer, 0));
        world.deposit("bob", 400 * SOL).unwrap();
        world.liquid_unstake("bob", 50 * SOL).unwrap();
        world.cross_epoch();
        world.update_all().unwrap();
        world.to_move_window();
        let recycled = recycle(&mut world, &rent_payer);
        world.liquid_unstake("bob", 50 * SOL).unwrap();

        let [ana, bob, carl] = ["ana", "bob", "carl"].map(|name| world.user(name));
        let identity = world.chain.validator(0).identity.insecure_clone();
        let second_identity = world.chain.validator(1).identity.insecure_clone();
        let keyring = [&ana.wallet, &bob.wallet, &carl.wallet, &world.operator, &other.owner];
        let keyring = keyring.into_iter().chain([&manager, &guardian, &rent_payer]);
        let keyring = keyring.chain([&identity, &second_identity]);
        let keyring = keyring.map(Keypair::insecure_clone).collect();
        let (keys, validator) = (world.keys, world.validators[0]);
        Self {
            world,
            keys,
            parameters,
            other,
            ana,
            bob,
            carl,
            manager,
            guardian,
            rent_payer,
            validator,
            identity,
            stake,
            tickets,
            recycled,
            extras: vec![],
            keyring,
        }
    }

    /// A new account with this name, which is tried in all places too.
    pub fn name(&mut self, name: &str, key: Pubkey) {
        self.extras.push((name.to_string(), key));
    }

    /// A wallet with SOL, which signs wherever it is asked.
    pub fn wallet(&mut self, name: &str) -> Pubkey {
        let wallet = self.world.chain.wallet(name, 1_000 * SOL).unwrap();
        self.keyring.push(wallet.insecure_clone());
        self.name(name, wallet.pubkey());
        wallet.pubkey()
    }

    pub fn keypair(&self, key: &Pubkey) -> Option<&Keypair> {
        self.keyring.iter().find(|keypair| keypair.pubkey() == *key)
    }

    /// All that could be taken for something else, by name.
    pub fn cast(&self) -> Vec<(String, Pubkey)> {
        let mut cast = self.extras.clone();
        cast.extend(of_pool("", &self.keys));
        for (index, validator) in self.world.validators.iter().enumerate().take(2) {
            cast.extend(of_validator(&format!("validator {index}'s "), &self.keys, validator));
            let identity = self.world.chain.validator(index).identity.pubkey();
            cast.push((format!("validator {index}'s identity"), identity));
        }
        let of_next_page = self.world.validators.iter().find(|validator| validator.page_index == 1);
        cast.extend(of_next_page.map(|validator| ("next page".to_string(), validator.page)));
        for (name, user) in [("ana", &self.ana), ("bob", &self.bob), ("carl", &self.carl)] {
            cast.push((name.to_string(), user.wallet.pubkey()));
            cast.push((format!("{name}'s LST"), user.lst));
            cast.push((format!("{name}'s LP"), user.lp));
        }
        for (name, ticket) in ["ana", "bob"].iter().zip(&self.tickets) {
            cast.push((format!("{name}'s ticket"), ticket.key));
        }
        cast.push(("recycled ticket".into(), self.recycled.key));
        cast.push(("ana's stake".into(), self.stake));
        let people = [
            ("operator", &self.world.operator),
            ("manager", &self.manager),
            ("guardian", &self.guardian),
            ("rent payer", &self.rent_payer),
        ];
        cast.extend(people.map(|(name, keypair)| (name.to_string(), keypair.pubkey())));
        cast.extend(self.of_other_pool());
        cast.extend(self.of_cluster());
        cast
    }

    /// What has this account's part in the other pool, if it is another account; and whether it is the pool's.
    pub fn counterpart(&self, key: &Pubkey) -> Option<(Pubkey, bool)> {
        let other = &self.other;
        let keys = |named: Vec<(String, Pubkey)>| named.into_iter().map(|(_, key)| key);
        let ours = keys(of_pool("", &self.keys)).chain(keys(of_validator("", &self.keys, &self.validator)));
        let theirs =
            keys(of_pool("", &other.keys)).chain(keys(of_validator("", &other.keys, &other.validator)));
        let anas = [self.tickets[0].key, self.ana.wallet.pubkey(), self.ana.lst, self.ana.lp];
        let owners = [other.ticket, other.owner.pubkey(), other.lst, other.lp];
        let of_pools = ours.zip(theirs).map(|(ours, theirs)| (ours, (theirs, true)));
        let of_users = anas.into_iter().zip(owners).map(|(anas, owners)| (anas, (owners, false)));
        let found = of_pools.chain(of_users).find(|(ours, _)| ours == key);
        found.map(|(_, counterpart)| counterpart).filter(|(theirs, _)| theirs != key)
    }

    fn of_other_pool(&self) -> Vec<(String, Pubkey)> {
        let other = &self.other;
        let mut cast = of_pool("other ", &other.keys);
        cast.extend(of_validator("other validator's ", &other.keys, &other.validator));
        cast.extend([
            ("other owner".into(), other.owner.pubkey()),
            ("other owner's LST".into(), other.lst),
            ("other owner's LP".into(), other.lp),
            ("other ticket".into(), other.ticket),
        ]);
        cast
    }

    fn of_cluster(&self) -> Vec<(String, Pubkey)> {
        let named = [
            ("a stranger's stake", self.world.chain.validator(0).stake),
            ("system program", cluster::SYSTEM_PROGRAM),
            ("stake program", cluster::STAKE_PROGRAM),
            ("token program", cluster::TOKEN_PROGRAM),
            ("Token-2022 program", TOKEN_2022_PROGRAM),
            ("associated token program", ASSOCIATED_TOKEN_PROGRAM),
            ("vote program", solana_sdk_ids::vote::ID),
            ("program that says yes", YES_PROGRAM),
            ("Tidepool", tidepool_interface::ID),
            ("clock", solana_sdk_ids::sysvar::clock::ID),
            ("rent", solana_sdk_ids::sysvar::rent::ID),
            ("empty address", self.world.chain.keypair("empty address").pubkey()),
        ];
        named.map(|(name, key)| (name.to_string(), key)).into()
    }
}

/// A validator that is new on the chain, without weight, at place `index` of the pool.
pub fn enter(world: &mut World, index: usize, manager: &Keypair) -> ValidatorKeys {
    let joins = world.chain.add_validator(&ValidatorConfig::default());
    let validator = world.keys.validator(&world.chain.validator(joins).vote, index);
    world.validators.push(validator);
    let payer = world.operator.insecure_clone();
    let add = world.keys.add_validator(&manager.pubkey(), &payer.pubkey(), &validator, 0, 0);
    world.send(&[add], &[manager, &payer]).unwrap();
    validator
}

/// An order whose rent `rent_payer` pays. In those that the world makes the faucet does, which pays for all transactions
/// and so signs for whatever happens to it.
pub fn order(world: &mut World, name: &str, lst: u64, rent_payer: &Keypair, nonce: u64) -> OpenTicket {
    let nonce = nonce + (1 << 32);
    let user = world.user(name);
    let (owner, payer) = (user.wallet.pubkey(), rent_payer.pubkey());
    let order = world.keys.order_unstake(&owner, &payer, &user.lst, lst, 0, nonce);
    let ticket = OpenTicket { key: pda::ticket(&world.keys.pool, &owner, nonce).0, owner, rent_payer: payer };
    world.tickets.push(ticket.clone());
    world.send(&[order], &[&user.wallet, rent_payer]).unwrap();
    ticket
}

fn recycle(world: &mut World, rent_payer: &Keypair) -> OpenTicket {
    let (owner, nonce) = (world.keys.sol_vault, 0);
    let key = pda::ticket(&world.keys.pool, &owner, nonce).0;
    let ticket = OpenTicket { key, owner, rent_payer: rent_payer.pubkey() };
    world.tickets.push(ticket.clone());
    let recycle = world.keys.recycle_liquidity(&rent_payer.pubkey(), nonce);
    world.send(&[recycle], &[rent_payer]).unwrap();
    ticket
}

fn hand_over(world: &mut World, role: Role, to: &Keypair) {
    let operator = world.operator.insecure_clone();
    let propose = world.keys.propose_role(&operator.pubkey(), role, &to.pubkey());
    let accept = world.keys.accept_role(&to.pubkey(), role);
    world.send(&[propose, accept], &[&operator, to]).unwrap();
}

fn of_pool(whose: &str, keys: &PoolKeys) -> Vec<(String, Pubkey)> {
    let named = [
        ("pool", keys.pool),
        ("LST mint", keys.lst_mint),
        ("treasury", keys.treasury),
        ("authority", keys.authority),
        ("reserve", keys.reserve),
        ("insurance", keys.insurance),
        ("history", keys.history),
        ("liquidity", keys.liquidity),
        ("SOL vault", keys.sol_vault),
        ("LST vault", keys.lst_vault),
        ("LP mint", keys.lp_mint),
        ("dead LST", keys.dead_lst),
        ("dead LP", keys.dead_lp),
    ];
    named.map(|(name, key)| (format!("{whose}{name}"), key)).into()
}

fn of_validator(whose: &str, keys: &PoolKeys, validator: &ValidatorKeys) -> Vec<(String, Pubkey)> {
    let [main, onramp, offramp] = validator.stakes;
    let named = [
        ("page", validator.page),
        ("vote", validator.vote),
        ("main", main),
        ("onramp", onramp),
        ("offramp", offramp),
        ("entry", keys.entry(&validator.vote)),
        ("bond", keys.bond(&validator.vote)),
    ];
    named.map(|(name, key)| (format!("{whose}{name}"), key)).into()
}
