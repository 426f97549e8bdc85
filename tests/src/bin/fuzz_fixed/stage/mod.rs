//! Real pools on a real chain and the model beside them; every step is done with both.

mod amounts;
mod gifts;
mod leave;
mod operator;
mod outside;
mod users;
mod views;
mod whales;
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
    std::{
        collections::{BTreeMap, BTreeSet},
        fmt::Display,
    },
    tidepool_client::fixed::{
        Did, DidCollection, DidKeys, FixedPoolKeys, Pool, PoolParameters, Position, PositionKeys, UserPool,
        WhitelistEntry,
    },
    tidepool_interface::fixed::merkle::{leaf, parent, root_of, Node},
    tidepool_localnet::{
        fixed_world::{FixedWorld, Holder},
        Chain, Failure, Outcome, TOKEN_ACCOUNT_LEN,
    },
    tidepool_tests::{
        fixed_model::{self, Address, Amount, Entry, EntryState, Mistake, Model, Person, Rents, Tree},
        runs::{agree, Calls, Difference, Done, Game},
    },
};

/// More of them slow a run down without showing anything new.
const MOST_POSITIONS: usize = 30;
const MOST_POOLS: usize = 6;

/// What an instruction may say and name in a transaction without a table: the rest of its 1,232 bytes are two signatures,
/// payer, programs and compute limit.
const BYTES_WITHOUT_TABLE: usize = 900;
const BYTES_BY_ACCOUNT: usize = 33;

/// Of a pool that was closed.
const RETIRED_LEN: usize = 8;

/// Of a mint of Token-2022 with a metadata pointer that cannot be transferred; of one with metadata whose texts are empty; and
/// of an account of its tokens, whose owner cannot be changed and which cannot be transferred either.
const BARE_DID_MINT_LEN: usize = 166 + (4 + 64) + 4;
pub const DESCRIBED_DID_MINT_LEN: usize = BARE_DID_MINT_LEN + (4 + 2 * 32 + 3 * 4 + 4);
const DID_ACCOUNT_LEN: usize = 166 + 4 + 4;

/// A branch of a tree in which there is nobody.
const NOBODY: Node = [1; 32];

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
    pub fn tree(&self, people: &[Holder], tree: &Tree, whose: Option<usize>) -> (Node, Vec<Node>) {
        let Tree { leaves, levels_above } = tree;
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
        let Some(top) = level.first() else { return (Node::default(), vec![]) };
        let branches = vec![NOBODY; *levels_above];
        let root = root_of(*top, &branches);
        proof.extend(branches);
        (root, proof)
    }
}

/// What somebody has as a creator of pools.
pub struct Creator {
    /// Of his first pool, made or not.
    pub keys: FixedPoolKeys,
    /// Of each person.
    pub dids: Vec<DidKeys>,
}

pub struct Stage {
    pub chain: Chain,
    pub people: Vec<Holder>,
    pub pools: Vec<KnownPool>,
    /// Each of the people.
    pub creators: Vec<Creator>,
    pub model: Model,
    pub watch: Watch,
    pub calls: Calls,
    /// Positions rolled over or compounded by an entry, and by a leaf.
    pub renewals: [u64; 2],
    /// Where lamports were sent.
    gifted: BTreeMap<Address, Pubkey>,
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
        let model = Model {
            mistake,
            now,
            rents: rents(&chain),
            can_be_frozen: setup.mint.has_freeze_authority,
            people: books.collect(),
            pools: vec![],
            collections: BTreeMap::new(),
            gifts: BTreeMap::new(),
        };
        let token_program = chain.token_program_of(&mint);
        let creators = people.iter().map(|creator| {
            let keys = FixedPoolKeys::new(&creator.key(), 0, &mint, &token_program);
            Creator { keys, dids: people.iter().map(|owner| keys.did(&owner.key())).collect() }
        });
        let mut stage = Self {
            creators: creators.collect(),
            calls: Calls::of(Self::IDL),
            renewals: [0; 2],
            gifted: BTreeMap::new(),
            token_program,
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
        for (creator, new) in &setup.pools {
            stage.step(&Action::InitializePool { creator: *creator, new: *new })?;
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
            Action::Stake { pool, .. } => self.stake(self.pool(pool), action),
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
            Action::Gift { to, pool, user, lamports } => {
                self.gift(to, self.pool(pool), user.into(), lamports)
            }
            Action::InitializeUnfit { creator, what } => self.initialize_unfit(creator.into(), what),
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
            Action::EndEmergency { by, pool } => {
                let pool = self.pool_fit(pool, |book| book.emergency.is_on(self.model.now));
                self.end_emergency(by, pool)
            }
            Action::WithdrawExcess { by, pool, size } => self.withdraw_excess(by, self.pool(pool), size),
            Action::Sweep { pool } => self.sweep(self.pool(pool)),
            Action::ClosePool { by, pool } => self.close_pool(by, self.pool(pool)),
            Action::Apply { pool, user, amount } => self.apply(self.pool(pool), user.into(), amount),
            Action::Review { by, pool, user, max_amount, expires_in } => {
                let (pool, user) = self.entry_fit(pool, user, |book, entry| {
                    !book.is_closed && entry.state == EntryState::Applied
                });
                self.review(by, pool, user, max_amount, expires_in)
            }
            Action::Admit { by, pool, users, count, max_amount, expires_in } => {
                let users = self.named(users, count);
                self.admit(by, self.pool(pool), &users, max_amount, expires_in)
            }
            Action::Expel { by, pool, users, count, reason } => {
                self.expel(by, self.pool(pool), &self.named(users, count), reason)
            }
            Action::CloseEntry { pool, user, by } => {
                let now = self.model.now;
                let (pool, user) =
                    self.entry_fit(pool, user, |book, entry| book.is_closed || entry.admits(now).is_none());
                self.close_entry(pool, user, by.map_or(user, usize::from))
            }
            Action::SetTree { by, pool, users, max_amount, levels_above, told } => {
                let most = Amount::from(max_amount.max(1) / 2 + 1);
                let leaves = self.chosen(users).into_iter().map(|user| (user, most));
                let tree = Tree { leaves: leaves.collect(), levels_above: levels_above.into() };
                self.set_tree(by, self.pool(pool), tree, told)
            }
            Action::SetCollection { creator, by, threshold, texts } => {
                self.set_collection(creator.into(), by.unwrap_or(creator).into(), threshold, texts)
            }
            Action::MintDid { pool, user, shows } => {
                let collections = &self.model.collections;
                let pool = self.pool_fit(pool, |book| collections.contains_key(&book.creator));
                let users = &self.model.pools[pool].users;
                let known = users.keys().nth(usize::from(user) % users.len().max(1)).copied();
                let user = known.filter(|_| shows.mask != 0).unwrap_or(user.into());
                self.mint_did(pool, user, shows)
            }
            Action::BurnDid { number } => self.burn_did(number.into()),
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

    /// Mostly an open pool that is `fit`, if there is any.
    fn pool_fit(&self, pool: u8, fit: impl Fn(&fixed_model::Pool) -> bool) -> usize {
        let books = self.model.pools.iter().enumerate();
        let fitting = books.filter(|(_, book)| !book.is_closed && fit(book)).map(|(index, _)| index);
        let fitting: Vec<usize> = fitting.collect();
        match usize::from(pool).checked_rem(fitting.len()) {
            Some(place) if pool < 9 => fitting[place],
            _ => self.pool(pool),
        }
    }

    /// Mostly a pool and somebody whose entry there is `fit`, if there is any.
    fn entry_fit(
        &self,
        pool: u8,
        user: u8,
        fit: impl Fn(&fixed_model::Pool, &Entry) -> bool,
    ) -> (usize, usize) {
        let all = self.model.pools.iter().enumerate().flat_map(|(index, book)| {
            book.entries.iter().map(move |(user, entry)| (index, book, *user, entry))
        });
        let fitting = all.filter(|(_, book, _, entry)| fit(book, entry));
        let fitting: Vec<(usize, usize)> = fitting.map(|(index, _, user, _)| (index, user)).collect();
        match (usize::from(pool) * usize::from(PEOPLE) + usize::from(user)).checked_rem(fitting.len()) {
            Some(place) if pool < 10 => fitting[place],
            _ => (self.pool(pool), user.into()),
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

    /// Mostly a position that is `fit`, if there is any.
    fn find_fit(
        &self,
        position: u16,
        fit: impl Fn(&fixed_model::Pool, &fixed_model::Position) -> bool,
    ) -> Option<(usize, usize)> {
        let all = self.model.pools.iter().enumerate().flat_map(|(index, pool)| {
            pool.positions.iter().enumerate().map(move |(place, position)| (index, place, pool, position))
        });
        let fitting = all.filter(|(_, _, pool, position)| fit(pool, position));
        let fitting: Vec<(usize, usize)> = fitting.map(|(index, place, ..)| (index, place)).collect();
        match usize::from(position).checked_rem(fitting.len()) {
            Some(place) if position < 900 => Some(fitting[place]),
            _ => self.find(position, false),
        }
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

    /// People of a mask, or so many of them, again and again.
    fn named(&self, mask: u8, count: Option<u8>) -> Vec<usize> {
        let chosen = self.chosen(mask);
        let count = count.map_or(chosen.len(), usize::from);
        chosen.iter().cycle().take(count).copied().collect()
    }

    /// The faucet pays the fee, so that wallets change by what the program does alone. What names too many accounts takes them
    /// from a table.
    fn send(&self, instruction: &Instruction, signer: &Keypair) -> Result<Outcome, Failure> {
        let result = self.send_uncounted(instruction, signer);
        self.calls.count(instruction, result.is_ok());
        result
    }

    fn send_uncounted(&self, instruction: &Instruction, signer: &Keypair) -> Result<Outcome, Failure> {
        let (instructions, signers) = (std::slice::from_ref(instruction), [self.chain.faucet(), signer]);
        let bytes = BYTES_BY_ACCOUNT * instruction.accounts.len() + instruction.data.len();
        if bytes <= BYTES_WITHOUT_TABLE {
            return self.chain.send(instructions, &signers);
        }
        let passive = instruction.accounts.iter().filter(|account| !account.is_signer);
        let addresses: BTreeSet<Pubkey> = passive.map(|account| account.pubkey).collect();
        let addresses: Vec<Pubkey> = addresses.into_iter().collect();
        let table = self.chain.create_lookup_table(&addresses);
        self.chain.send_versioned(instructions, &signers, &[table])
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
    let of = |len: usize| Amount::from(chain.rent().minimum_balance(len));
    Rents {
        pool: of(Pool::SPACE),
        vault: of(TOKEN_ACCOUNT_LEN),
        user: of(UserPool::SPACE),
        position: of(Position::SPACE),
        entry: of(WhitelistEntry::SPACE),
        retired: of(RETIRED_LEN),
        collection: of(DidCollection::SPACE),
        did: of(Did::SPACE),
        bare_did_mint: of(BARE_DID_MINT_LEN),
        described_did_mint: of(DESCRIBED_DID_MINT_LEN),
        did_account: of(DID_ACCOUNT_LEN),
        byte: of(1) - of(0),
    }
}
