//! Real pools on a real chain and the model beside them; every step is done with both.

mod amounts;
mod leave;
mod operator;
mod outside;
mod users;
mod views;
mod whitelist;

use {
    crate::{
        action::{Action, Who, PEOPLE},
        invariants::Watch,
        setup::Setup,
    },
    amounts::amount,
    solana_instruction::Instruction,
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    std::{collections::BTreeMap, fmt::Display},
    tidepool_client::fixed::{
        FixedPoolKeys, Pool, PoolParameters, Position, PositionKeys, UserPool, WhitelistEntry,
    },
    tidepool_interface::fixed::merkle::{leaf, parent, Node},
    tidepool_localnet::{
        fixed_world::{FixedWorld, Holder},
        Chain, Failure, Outcome, TOKEN_ACCOUNT_LEN,
    },
    tidepool_tests::{
        fixed_model::{self, Amount, Mistake, Model, Person, Rents},
        runs::{agree, Difference, Done},
    },
};

/// More of them slow a run down without showing anything new.
const MOST_POSITIONS: usize = 30;
const MOST_POOLS: usize = 6;

/// Of a pool that was closed.
const RETIRED_LEN: usize = 8;

/// A pool and all addresses that people may have in it.
pub struct KnownPool {
    pub keys: FixedPoolKeys,
    pub creator: usize,
    pub parameters: PoolParameters,
    /// Of each person.
    pub users: Vec<Pubkey>,
    pub entries: Vec<Pubkey>,
}

impl KnownPool {
    /// The root of a tree of these leaves, and the way there from the leaf of `whose`. Zeros if there are no leaves.
    pub fn tree(
        &self,
        people: &[Holder],
        leaves: &[(usize, Amount)],
        whose: Option<usize>,
    ) -> (Node, Vec<Node>) {
        let hash = |(user, most): &(usize, Amount)| leaf(&self.keys.pool, &people[*user].key(), *most as u64);
        let mut level: Vec<Node> = leaves.iter().map(hash).collect();
        let mut place = leaves.iter().position(|(user, _)| Some(*user) == whose);
        let mut proof = vec![];
        while level.len() > 1 {
            proof.extend(place.and_then(|place| level.get(place ^ 1)));
            place = place.map(|place| place / 2);
            let pairs = level.chunks(2).map(|pair| match pair {
                [one, other] => parent(one, other),
                alone => alone[0],
            });
            level = pairs.collect();
        }
        (level.first().copied().unwrap_or_default(), proof)
    }
}

pub struct Stage {
    pub chain: Chain,
    pub people: Vec<Holder>,
    pub pools: Vec<KnownPool>,
    pub model: Model,
    pub watch: Watch,
    /// Of every position that was ever opened: pool, owner, index.
    positions: BTreeMap<(usize, usize, Amount), PositionKeys>,
    mint: Pubkey,
    token_program: Pubkey,
    decimals: u8,
    opened_at: Amount,
}

impl Stage {
    /// Makes the pools; `Err` if they are not what the model says.
    pub fn new(setup: &Setup, mistake: Option<Mistake>) -> Result<Self, Difference> {
        let failed = |error: &dyn Display| Difference::new("no chain", error.to_string());
        let mut world = FixedWorld::start(&setup.mint).map_err(|error| failed(&error))?;
        let mut people = vec![];
        for (index, tokens) in setup.tokens.iter().enumerate() {
            let user = world.add_user(&format!("person {index}"), *tokens);
            people.push(user.map_err(|failure| failed(&failure))?);
        }
        let FixedWorld { chain, mint, .. } = world;
        let books = people.iter().map(|person| Person {
            tokens: chain.token_balance(&person.tokens).into(),
            lamports: chain.lamports(&person.key()).into(),
        });
        let now = chain.clock().unix_timestamp.into();
        let model = Model { mistake, now, rents: rents(&chain), people: books.collect(), pools: vec![] };
        let mut stage = Self {
            token_program: chain.token_program_of(&mint),
            chain,
            people,
            pools: vec![],
            model,
            watch: Watch::default(),
            positions: BTreeMap::new(),
            mint,
            decimals: setup.mint.decimals,
            opened_at: now,
        };
        for (creator, new) in setup.pools.iter().enumerate() {
            stage.step(&Action::InitializePool { creator: creator as u8, new: *new })?;
        }
        Ok(stage)
    }

    pub fn days(&self) -> u64 {
        ((self.model.now - self.opened_at) / 86_400) as u64
    }

    /// Does `action` in both and compares all there is.
    pub fn step(&mut self, action: &Action) -> Result<Done, Difference> {
        if *action == Action::EverybodyLeaves {
            return self.everybody_leaves();
        }
        let before = self.model.clone();
        let done = self.act(action)?;
        if done != Done::Idle {
            self.compare()?;
            self.watch.check(&before, &self.model)?;
        }
        Ok(done)
    }

    fn act(&mut self, action: &Action) -> Result<Done, Difference> {
        match *action {
            Action::InitializePool { creator, new } => self.initialize_pool(creator.into(), new),
            Action::Wait { seconds } => self.wait(seconds.max(1).into()),
            Action::ToEdge { edge, offset } => self.jump_to_edge(edge.into(), offset.into()),
            Action::EverybodyLeaves => Ok(Done::Idle),
            _ if self.pools.is_empty() => Ok(Done::Idle),
            Action::Stake { pool, owner, funder, size, rate_above, proof } => {
                let funder = funder.unwrap_or(owner).into();
                self.stake(self.pool(pool), owner.into(), funder, size, rate_above, proof)
            }
            Action::Claim { position, by, to } => self.claim(position, by, to),
            Action::ClaimMany { position, mask, twice, by, to } => {
                self.claim_many(position, mask, twice, by, to)
            }
            Action::Compound { position, rate_above, proof } => self.compound(position, rate_above, proof),
            Action::RollOver { position, with_reward, rate_above, proof, to } => {
                self.roll_over(position, with_reward, rate_above, proof, to)
            }
            Action::Unstake { position, limit, to } => self.unstake(position, limit, to),
            Action::EmergencyWithdraw { position, limit, to } => self.emergency_withdraw(position, limit, to),
            Action::RequestExit { position } => self.request_exit(position),
            Action::CancelExit { position } => self.cancel_exit(position),
            Action::CompleteExit { position, limit, to } => self.complete_exit(position, limit, to),
            Action::SetOwnerOnly { pool, user, is_owner_only } => {
                self.set_owner_only(self.pool(pool), user.into(), is_owner_only)
            }
            Action::Fund { pool, funder, size } => self.fund(self.pool(pool), funder.into(), size),
            Action::Donate { pool, by, to_principal, size } => {
                self.donate(self.pool(pool), by.into(), to_principal, size)
            }
            Action::Gift { position, lamports } => self.gift(position, lamports),
            Action::InitializeAgain { pool } => self.initialize_again(self.pool(pool)),
            Action::SetTerms { by, pool, .. } => self.set_terms(by, self.pool(pool), action),
            Action::SetRoles { by, pool, guardian, whitelist_manager } => {
                self.set_roles(by, self.pool(pool), guardian.into(), whitelist_manager.into())
            }
            Action::Propose { by, pool, to } => self.propose(by, self.pool(pool), to.map(usize::from)),
            Action::Accept { by, pool } => self.accept(by, self.pool(pool)),
            Action::Pause { by, pool, functions } => self.pause(by, self.pool(pool), functions),
            Action::Resume { by, pool, functions } => self.resume(by, self.pool(pool), functions),
            Action::BeginEmergency { by, pool, reason } => self.begin_emergency(by, self.pool(pool), reason),
            Action::EndEmergency { by, pool } => self.end_emergency(by, self.pool(pool)),
            Action::WithdrawExcess { by, pool, size } => self.withdraw_excess(by, self.pool(pool), size),
            Action::Sweep { pool } => self.sweep(self.pool(pool)),
            Action::ClosePool { by, pool } => self.close_pool(by, self.pool(pool)),
            Action::Apply { pool, user, amount } => self.apply(self.pool(pool), user.into(), amount),
            Action::Review { by, pool, user, max_amount, expires_in } => {
                self.review(by, self.pool(pool), user.into(), max_amount, expires_in)
            }
            Action::Admit { by, pool, users, max_amount, expires_in } => {
                self.admit(by, self.pool(pool), users, max_amount, expires_in)
            }
            Action::Expel { by, pool, users, reason } => self.expel(by, self.pool(pool), users, reason),
            Action::CloseEntry { pool, user, by } => {
                self.close_entry(self.pool(pool), user.into(), by.unwrap_or(user).into())
            }
            Action::SetTree { by, pool, users, max_amount } => {
                self.set_tree(by, self.pool(pool), users, max_amount)
            }
            Action::Wrong { position, what } => self.wrong(position, what),
            Action::Look { pool, position, size } => self.look(self.pool(pool), position, size),
        }
    }

    /// Mostly one of the open pools.
    fn pool(&self, pool: u8) -> usize {
        let open: Vec<usize> = (0..self.pools.len()).filter(|at| !self.model.pools[*at].is_closed).collect();
        match pool {
            0..11 if !open.is_empty() => open[usize::from(pool) % open.len()],
            _ => usize::from(pool) % self.pools.len(),
        }
    }

    /// A pool and the place of one of its open positions; a matured one if `matured` and there is any.
    fn find(&self, position: u16, matured: bool) -> Option<(usize, usize)> {
        let all = self.model.pools.iter().enumerate().flat_map(|(index, pool)| {
            pool.positions.iter().enumerate().map(move |(place, position)| (index, place, position))
        });
        let (ripe, other): (Vec<_>, Vec<_>) =
            all.partition(|(_, _, position)| position.is_matured(self.model.now));
        let all = match matured && !ripe.is_empty() && position < 900 {
            true => ripe,
            false => ripe.into_iter().chain(other).collect(),
        };
        let found = all.get(usize::from(position).checked_rem(all.len())?)?;
        Some((found.0, found.1))
    }

    fn who(&self, who: Who, pool: usize) -> Option<usize> {
        let book = &self.model.pools[pool];
        match who {
            Who::Authority => Some(book.authority),
            Who::Guardian => Some(book.guardian),
            Who::WhitelistManager => Some(book.whitelist_manager),
            Who::Proposed => book.proposed,
            Who::Person(person) => Some(person.into()),
        }
    }

    pub fn position_keys(&self, pool: usize, position: &fixed_model::Position) -> PositionKeys {
        self.positions[&(pool, position.owner, position.index)]
    }

    /// People of a mask.
    fn chosen(&self, mask: u8) -> Vec<usize> {
        (0..usize::from(PEOPLE)).filter(|person| mask >> person & 1 == 1).collect()
    }

    /// The faucet pays the fee, so that wallets change by what the program does alone.
    fn send(&self, instruction: &Instruction, signer: &Keypair) -> Result<Outcome, Failure> {
        self.chain.send(std::slice::from_ref(instruction), &[self.chain.faucet(), signer])
    }

    /// Sent by a person, and compared with what the model says.
    fn try_both<T: std::fmt::Debug>(
        &self,
        predicted: fixed_model::Result<T>,
        instruction: &Instruction,
        signer: usize,
    ) -> Result<Done, Difference> {
        let real = self.send(instruction, &self.people[signer].wallet);
        agree(predicted.map(|what| format!("{what:?}")), real)
    }
}

fn rents(chain: &Chain) -> Rents {
    let of = |len: usize| chain.rent().minimum_balance(len).into();
    Rents {
        pool: of(Pool::SPACE),
        vault: of(TOKEN_ACCOUNT_LEN),
        user: of(UserPool::SPACE),
        position: of(Position::SPACE),
        entry: of(WhitelistEntry::SPACE),
        retired: of(RETIRED_LEN),
    }
}
