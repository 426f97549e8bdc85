//! Fixed-APY pools as a plain program: integers, a list of people, a list of pools with their users, positions and
//! whitelists. Written from what the guides promise, and sharing nothing with the program or with `tidepool-math`: where the two
//! disagree, one of them is wrong. Sums are kept nowhere: they are added up when somebody asks.
//!
//! Start with [`Pool`]; then read a file for who acts: `users` with `exits`, `operator`, `whitelist`, `whales`.

mod exits;
mod gifts;
mod operator;
mod pool;
mod suspension;
mod users;
mod whales;
mod whitelist;

pub use {
    gifts::{Address, Numbered},
    operator::{NewPool, Vault},
    pool::{Admission, Pool, Position, Terms, UserBook},
    suspension::Suspension,
    users::{Renewal, Stake, Staked},
    whales::{bytes_for_texts, Collection, Did, Shown},
    whitelist::{Answer, Entry, EntryState, Tree},
};

use std::collections::BTreeMap;

/// Base units, lamports, seconds or basis points.
pub type Amount = i128;

const DAY: Amount = 86_400;

/// Why a step does nothing: an error by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    StakePaused,
    NotWhitelisted,
    AboveWhitelistAmount,
    EmergencyActive,
    NotStarted,
    WindowEnded,
    BelowMinimumStake,
    BelowMinimumRate,
    CapReached,
    RewardsNotFunded,
    ZeroAmount,
    AmountTooLarge,
    OwnerOnly,
    ClaimPaused,
    NothingToClaim,
    NotMatured,
    BelowMinimumReward,
    NoEmergency,
    AboveMaximumForfeit,
    NoEarlyExit,
    EarlyExitPaused,
    AlreadyMatured,
    ExitAlreadyRequested,
    NoExitRequested,
    NoticeRunning,
    ExitLapsed,
    WrongTokenAccount,
    WrongUser,
    WrongEntries,
    TooManyUsers,
    ProofTooLong,
    EmptyTree,
    WrongCollection,
    WrongAddress,
    InvalidMetadata,
    BelowWhaleThreshold,
    DidAlreadyMinted,
    NotTheAuthority,
    NotTheGuardian,
    NotTheWhitelistManager,
    NotProposed,
    UnknownFunction,
    OpenTooShort,
    WindowReversed,
    WindowInThePast,
    ZeroMinimum,
    MinimumAboveCap,
    CapBelowStaked,
    CapTooLarge,
    ZeroRate,
    InvalidLock,
    PoolExists,
    MintHasFreezeAuthority,
    AboveExcess,
    ExcessLocked,
    PoolNotEmpty,
    NoSurplus,
    NoApplication,
    ExpiryInThePast,
    AlreadyApproved,
    EntryInUse,
    /// Of a wallet.
    TooFewTokens,
    /// The user has no account in the pool, or somebody has sent lamports to where what was passed would be.
    AccountOwnedByWrongProgram,
    /// The entry or the collection that was passed is not there.
    AccountNotInitialized,
    /// The pool was closed.
    AccountDiscriminatorMismatch,
}

pub type Result<T> = std::result::Result<T, Refusal>;

pub(crate) fn ensure(holds: bool, refusal: Refusal) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(refusal)
    }
}

/// A fault that the model can be given, to see whether it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// Each claim rounds anew, from the last one on.
    RoundsEveryClaim,
    /// The last second of a lock does not count.
    LosesASecond,
    /// A position can be left a second after its lock only.
    UnlocksLate,
    /// A pool promises what is in its vault, whoever was promised it before.
    PromisesTwice,
    /// Half of what was earned when an early exit is completed, not when it was asked for.
    ExitCountsTheEnd,
    /// What was forfeited is free at once.
    ForfeitsAreFree,
    /// Who rolls over needs room under the cap beside what he has.
    RollsOverBesideItself,
    /// A new rate holds for open positions too.
    RateForAll,
}

impl Mistake {
    pub const ALL: [Self; 8] = [
        Self::RoundsEveryClaim,
        Self::LosesASecond,
        Self::UnlocksLate,
        Self::PromisesTwice,
        Self::ExitCountsTheEnd,
        Self::ForfeitsAreFree,
        Self::RollsOverBesideItself,
        Self::RateForAll,
    ];
}

/// What somebody has outside of all pools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    pub tokens: Amount,
    pub lamports: Amount,
}

/// What accounts cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rents {
    pub pool: Amount,
    pub vault: Amount,
    pub user: Amount,
    pub position: Amount,
    pub entry: Amount,
    /// What is left of a pool that was closed.
    pub retired: Amount,
    pub collection: Amount,
    pub did: Amount,
    /// A whale's mint before it is told its name.
    pub bare_did_mint: Amount,
    /// With its metadata, but for the texts in it.
    pub described_did_mint: Amount,
    pub did_account: Amount,
    pub byte: Amount,
}

impl Rents {
    /// Of a whale's mint whose texts have so many bytes.
    pub fn did_mint(&self, bytes_of_texts: usize) -> Amount {
        self.described_did_mint + self.byte * bytes_for_texts(bytes_of_texts) as Amount
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    pub mistake: Option<Mistake>,
    pub now: Amount,
    pub rents: Rents,
    /// Whether the mint's issuer can freeze token accounts.
    pub can_be_frozen: bool,
    pub people: Vec<Person>,
    pub pools: Vec<Pool>,
    /// By creator.
    pub collections: BTreeMap<usize, Collection>,
    /// Beside the rents.
    pub gifts: BTreeMap<Address, Amount>,
}

impl Model {
    pub fn has(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    /// A pool that was not closed.
    pub(crate) fn open_pool(&mut self, pool: usize) -> Result<&mut Pool> {
        let pool = &mut self.pools[pool];
        ensure(!pool.is_closed, Refusal::AccountDiscriminatorMismatch)?;
        Ok(pool)
    }

    /// What a step would do, without doing it.
    pub fn preview<T>(&self, step: impl FnOnce(&mut Self) -> T) -> T {
        step(&mut self.clone())
    }

    pub fn tokens(&self) -> Amount {
        let vaults = self.pools.iter().map(|pool| pool.principal + pool.reward);
        self.people.iter().map(|person| person.tokens).chain(vaults).sum()
    }
}
