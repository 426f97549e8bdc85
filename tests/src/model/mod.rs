//! A pool as a plain program: integers, a list of people, a list of tickets, a list of validators. Written
//! from what the guides promise, and sharing nothing with the program or with `tidepool-math`: where the two disagree, one of
//! them is wrong.
//!
//! What a cluster does is told to the model: the clock, stake accounts after each of its epochs, and vote accounts. Everything the pool decides by
//! itself it computes, to the lamport, and also whether an instruction is refused, and why.
//!
//! [`Books`] is all there is. Then read a file for who acts: `users`, `tickets`, `liquidity`, `stakes`, `cranks`,
//! `update`, `moves`, `reviews`, `bonds`, `validators` with the manager, `admin`.

mod admin;
mod bonds;
mod books;
mod cranks;
mod liquidity;
mod moves;
pub mod numbers;
mod queue;
mod reviews;
mod stakes;
mod stream;
mod tickets;
mod update;
mod users;
mod validators;

pub use {
    admin::{Fees, Keeper, Settings, FUNCTIONS, ROLES, TREASURY},
    bonds::{Bond, Terms, Withdrawal},
    books::{Books, Gains, Liquidity, OwnStake, Owner, Pending, Person, Pool, Ticket, TicketKind, Vaults},
    numbers::{Amount, Rate},
    queue::{Queue, ONE},
    reviews::{Means, Rules, Sums, Vote},
    stream::Stream,
    tickets::NewTicket,
    update::Look,
    validators::{Phase, Stake, StakeBook, Status, ValidatorBook, MAIN, OFFRAMP, ONRAMP},
};

use numbers::{ceil, BPS, PPB};

/// Why a step does nothing: an error of the program by its name, or the cluster's own refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    ZeroAmount,
    AmountTooSmall,
    AmountTooLarge,
    InsufficientBalance,
    BelowMinimumOut,
    BelowMinimumDeposit,
    DepositCapReached,
    InstantCapReached,
    InsufficientLiquidity,
    PoolHasNoValue,
    Paused,
    GuardianPauseSpent,
    NotTheAdmin,
    NotTheGuardian,
    NotTheProposed,
    NoProposal,
    WrongTokenAccount,
    FeeAboveLimit,
    InvalidParameter,
    WrongTicketOwner,
    TicketTooYoung,
    TicketNotFilled,
    TicketCancelled,
    TicketNotCancelled,
    TicketIsRecycled,
    TicketNotRecycled,
    PayoutBelowRent,
    StakeNotActive,
    ValidatorTakesNoStake,
    ValidatorAboveCap,
    ValidatorBelowShare,
    StakeLacksRent,
    ValidatorNotUpdated,
    BelowMinimumDelegation,
    EpochRewardsActive,
    OutsideMoveWindow,
    NotTheManager,
    NoSuchValidator,
    NoSuchGroup,
    ValidatorExists,
    ValidatorIsDraining,
    ValidatorNotDraining,
    ValidatorNotEmpty,
    ReserveTooLow,
    NotAVoteAccount,
    StakeAccountMismatch,
    ForeignStakeAccount,
    BondExists,
    BondTooSmall,
    JoiningIsOff,
    ValidatorBreaksRules,
    NothingRequested,
    NoticeRunning,
    ProposalExpired,
    BondNotSettled,
    /// By Anchor: there is no such account.
    AccountNotInitialized,
    /// By the cluster: an account would be left with something, but less than its rent.
    InsufficientFundsForRent,
    /// By the system program: a wallet cannot pay for a new account.
    TooFewLamports,
}

/// What a pool's creator deposits for shares nobody can redeem, once in the pool and once in its liquidity pool.
pub const DEAD_SHARES: Amount = 100_000_000;

/// What the cluster says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cluster {
    pub slot: Amount,
    pub epoch: Amount,
    /// Seconds.
    pub time: Amount,
    pub first_slot: Amount,
    pub slots_per_epoch: Amount,
    /// Stake rewards are being paid: the stake program refuses everything.
    pub pays_rewards: bool,
    /// Smallest stake it takes.
    pub minimum_delegation: Amount,
    /// Rent of a wallet, of a ticket, of a stake account and of a bond.
    pub wallet_rent: Amount,
    pub ticket_rent: Amount,
    pub stake_rent: Amount,
    pub bond_rent: Amount,
    /// Stake of all validators of the cluster.
    pub all_stake: Amount,
    /// Entries that the account of the history has room for.
    pub history_room: Amount,
}

/// A formula that is wrong on purpose, to prove that a difference is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// Deposits are converted at the rate instead of the entry rate.
    DepositAtTheRate,
    /// The fee of an exit is that of its end, not the mean of its way.
    ExitFeeAtTheEnd,
    /// Tickets do not share a loss.
    TicketsBearNoLoss,
    /// A cancelled ticket gives the LST that was burned for it, whatever it is worth now.
    CancelGivesAllBack,
    /// Reviews of any part of the stake make the means.
    AnyMeansWillDo,
    /// Credits are compared over other epochs than those of the means.
    ComparesOtherEpochs,
    /// A group may have as much as its members.
    NoGroupCap,
    /// An undelegation may leave less than the minimum delegation.
    LeavesARemainder,
    /// A bond pays for the commission of today, not for the highest one that was seen.
    ForgetsTheHighestCommission,
}

impl Mistake {
    pub const ALL: [Self; 9] = [
        Self::DepositAtTheRate,
        Self::ExitFeeAtTheEnd,
        Self::TicketsBearNoLoss,
        Self::CancelGivesAllBack,
        Self::AnyMeansWillDo,
        Self::ComparesOtherEpochs,
        Self::NoGroupCap,
        Self::LeavesARemainder,
        Self::ForgetsTheHighestCommission,
    ];
}

/// A pool and everybody who has to do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    pub cluster: Cluster,
    /// Vote accounts of the validators.
    pub votes: Vec<Vote>,
    pub books: Books,
    pub mistake: Option<Mistake>,
}

impl Model {
    /// A pool that was just made, with the dead shares and validators of such weights, whose accounts' rent the reserve has
    /// paid.
    pub fn new(
        cluster: Cluster,
        fees: Fees,
        settings: Settings,
        target: Amount,
        people: Vec<Person>,
        weights: &[Amount],
    ) -> Self {
        let validators = weights.len();
        let (dead, rent) = (DEAD_SHARES, cluster.stake_rent);
        let reserve = dead - rent * 3 * validators as Amount;
        let now = Stake { is_open: true, lamports: rent, old_rent: rent, ..Stake::default() };
        let stakes = vec![[StakeBook { now, seen: rent }; 3]; validators];
        let pool = Pool {
            supply: dead,
            reserve,
            stream: Stream { start: cluster.slot, end: cluster.slot, ..Stream::default() },
            fees,
            settings,
            holders: [Keeper::Founder, Keeper::Founder, Keeper::Watchman, Keeper::Founder],
            counted_epoch: cluster.epoch,
            last_update_epoch: cluster.epoch,
            ..Pool::default()
        };
        let liquidity = Liquidity { sol: dead, lp_supply: dead, target, ..Liquidity::default() };
        let vaults = Vaults {
            reserve,
            liquidity_sol: dead,
            lst_minted: dead,
            lp_minted: dead,
            dead_lst: dead,
            dead_lp: dead,
            treasury_is_usable: true,
            ..Vaults::default()
        };
        let entered = |weight: &Amount| ValidatorBook {
            status: Status::Active,
            weight: *weight,
            score: validators::NEUTRAL,
            entered_in: cluster.epoch,
            ..ValidatorBook::default()
        };
        let books = Books {
            pool,
            liquidity,
            vaults,
            people,
            stakes,
            validators: weights.iter().map(entered).collect(),
            bonds: vec![None; validators],
            bond_gifts: vec![0; validators],
            bond_owners: vec![0; validators],
            ..Books::default()
        };
        Self { cluster, votes: vec![Vote::default(); validators], books, mistake: None }
    }

    /// Does all of `step` or, if it or the cluster refuses it, nothing.
    fn attempt<T>(&mut self, step: impl FnOnce(&mut Self) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let before = self.books.clone();
        let result = step(self).and_then(|given| self.require_rents(&before).map(|()| given));
        if result.is_err() {
            self.books = before;
        }
        result
    }

    /// At the end of a transaction the cluster wants every account to be empty, to have its rent of today or, since that may
    /// have risen, to have no less than before.
    fn require_rents(&self, before: &Books) -> Result<(), Refusal> {
        let stays =
            |now: Amount, was: Amount, rent: Amount| now == 0 || now >= rent || (was > 0 && now >= was);
        let (now, Cluster { wallet_rent, bond_rent, .. }) = (&self.books, self.cluster);
        let people = now.people.iter().zip(&before.people).map(|(now, was)| (now.sol, was.sol));
        let owners = now.bond_owners.iter().zip(&before.bond_owners).map(|(now, was)| (*now, *was));
        let held = |bond: &Option<Bond>| bond.map_or(0, |bond| bond.held);
        let mut bonds = now.bonds.iter().zip(&before.bonds).map(|(now, was)| (held(now), held(was)));
        let do_wallets_stay = people.chain(owners).all(|(now, was)| stays(now, was, wallet_rent));
        let do_bonds_stay = bonds.all(|(now, was)| stays(now, was, bond_rent));
        check(do_wallets_stay && do_bonds_stay, Refusal::InsufficientFundsForRent)
    }

    /// What a step would give, without doing it.
    pub fn preview<T>(&self, step: impl FnOnce(&mut Self) -> T) -> T {
        step(&mut self.clone())
    }

    /// What every instruction does first: announced fees take effect, pauses end, rewards are released up to this slot.
    fn touch(&mut self) {
        let Cluster { epoch, slot, .. } = self.cluster;
        let pool = &mut self.books.pool;
        if let Some(Pending { new, from }) = pool.pending_fees {
            if epoch >= from {
                (pool.fees, pool.pending_fees) = (new, None);
            }
        }
        if epoch >= pool.breaker_end {
            pool.breaker = false;
        }
        for function in 0..FUNCTIONS {
            if epoch >= pool.pause_end[function] {
                pool.paused[function] = false;
            }
        }
        pool.stream.release(slot);
    }

    /// What an instruction that works with the liquidity pool does next: an announced target takes effect.
    fn touch_liquidity(&mut self) {
        let liquidity = &mut self.books.liquidity;
        if let Some(Pending { new, from }) = liquidity.pending_target {
            if self.cluster.epoch >= from {
                (liquidity.target, liquidity.pending_target) = (new, None);
            }
        }
    }

    /// The pool as the next instruction will find it in this slot.
    pub fn touched(&self) -> Self {
        let mut now = self.clone();
        now.touch();
        now
    }

    /// What those who leave get for a share.
    pub fn rate(&self) -> Rate {
        Rate { value: self.books.value(), supply: self.books.pool.supply }
    }

    /// What an epoch gains per unit of value: this one as far as it is known, or the last one that had a gain.
    fn epoch_gain_ppb(&self) -> Amount {
        self.books.pool.gain_ppb.max(self.books.pool.last_gain_ppb)
    }

    /// What comers pay of what `epochs` epochs gain, ten at most.
    fn charge(&self, part: Amount, epochs: Amount) -> Amount {
        ceil(self.books.value(), ceil(self.epoch_gain_ppb(), part, BPS) * epochs.min(10), PPB)
    }

    /// Epochs whose rewards are not all found yet.
    fn epochs_not_found(&self) -> Amount {
        (self.cluster.epoch - self.books.pool.last_update_epoch).max(0)
    }

    /// For SOL: for rewards that are not found yet, and for the epoch in which it does not earn.
    fn entry_charge(&self) -> Amount {
        self.charge(self.books.pool.fees.warmup, self.epochs_not_found() + 1)
    }

    /// For stake that is active already: for rewards that are not found yet.
    fn stake_charge(&self) -> Amount {
        self.charge(self.books.pool.fees.warmup, self.epochs_not_found())
    }

    /// For SOL that comes back out of a ticket: an epoch's gain at least, whatever others pay.
    fn return_charge(&self) -> Amount {
        self.charge(BPS, self.epochs_not_found() + 1)
    }

    /// What those who come pay for a share: rewards that are found count in full, and there is a charge.
    pub fn entry_rate(&self) -> Rate {
        self.rate_with(self.entry_charge())
    }

    fn rate_with(&self, charge: Amount) -> Rate {
        Rate { value: self.found_rate().value + charge, supply: self.books.pool.supply }
    }

    /// The rate if all rewards that are found were released.
    pub fn found_rate(&self) -> Rate {
        let value = self.books.value() + self.books.pool.stream.withheld;
        Rate { value, supply: self.books.pool.supply }
    }
}

fn check(holds: bool, refusal: Refusal) -> Result<(), Refusal> {
    match holds {
        true => Ok(()),
        false => Err(refusal),
    }
}
