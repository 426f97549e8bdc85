use {anchor_lang::prelude::*, tidepool_math::MathError};

pub use anchor_lang::prelude::Result;

/// Every way an instruction can refuse. One error has one meaning, and nothing has changed when it is returned.
#[error_code]
#[derive(PartialEq, Eq)]
pub enum TidepoolError {
    #[msg("The amount is zero: name a positive amount")]
    ZeroAmount,
    #[msg("The amount is so small that it would round to nothing: use a larger amount")]
    AmountTooSmall,
    #[msg("The amount is too large for the pool's books: use a smaller amount")]
    AmountTooLarge,
    #[msg("The account holds less than the amount asked for: use a smaller amount")]
    InsufficientBalance,
    #[msg("The result is below the minimum you set: quote again and retry")]
    BelowMinimumOut,
    #[msg("The deposit is below this pool's minimum: deposit more")]
    BelowMinimumDeposit,
    #[msg("The deposit would bring the pool above its cap: deposit less")]
    DepositCapReached,
    #[msg("Instant exits have used what the pool allows in a day: exit with less, wait, or order a ticket")]
    InstantCapReached,
    #[msg("The liquidity pool holds too little SOL: exit with less, order a ticket, or wait until its own tickets are paid")]
    InsufficientLiquidity,
    #[msg("The pool has lost everything its shares stood for: nothing can be priced")]
    PoolHasNoValue,
    #[msg("The pool's books do not add up: report this at once")]
    BooksBroken,
    #[msg(
        "The mint holds more LST than this pool issued, so nothing is minted: report this; tickets still pay"
    )]
    MintOutOfStep,

    #[msg("This account belongs to another pool: pass the account of this pool")]
    WrongPool,
    #[msg("This is not the reserve of the pool: pass the one that its account names")]
    WrongReserve,
    #[msg("This is not the insurance vault of the pool: pass the one that its account names")]
    WrongInsurance,
    #[msg("This is not the authority of the pool: pass the one that its account names")]
    WrongAuthority,
    #[msg("This is not the LST mint of the pool: pass the one that its account names")]
    WrongMint,
    #[msg("This is not the history of the pool: pass the one that its account names")]
    WrongHistory,
    #[msg("This is not the treasury of the pool: pass the one that its account names")]
    WrongTreasury,
    #[msg("This is not the liquidity account or vault of the pool: pass the one that its account names")]
    WrongLiquidity,
    #[msg("The token program does not own this mint: pass the program that does")]
    WrongTokenProgram,
    #[msg("This is no usable token account of the mint: pass an initialized account of it")]
    WrongTokenAccount,
    #[msg("This is not the address the seeds and bump give: derive it again")]
    WrongAddress,
    #[msg("This program is not the stake program: pass Stake11111111111111111111111111111111111111")]
    WrongStakeProgram,
    #[msg("This is not the ticket's owner: pass the one that stands in it")]
    WrongTicketOwner,
    #[msg("This is not who paid the ticket's rent: pass the one that stands in it")]
    WrongRentPayer,
    #[msg("Only the pool's manager may do this: have him sign")]
    NotTheManager,

    #[msg("Only the pool's admin may do this: have him sign")]
    NotTheAdmin,
    #[msg("Only the pool's guardian or admin may do this: have one of them sign")]
    NotTheGuardian,
    #[msg("This is not whom the admin proposed for the role: have it proposed first")]
    NotTheProposed,
    #[msg("Nobody is proposed for this role: propose somebody first")]
    NoProposal,
    #[msg("This function is paused: wait until the pause ends, or leave by a ticket, which is always open")]
    Paused,
    #[msg("The guardian's pause has run out: the admin can renew it")]
    GuardianPauseSpent,

    #[msg("The LST mint must have 9 decimals: make one that has")]
    MintDecimals,
    #[msg("The LST mint must have no supply before the pool exists: make a new one")]
    MintHasSupply,
    #[msg("The LST mint must have no freeze authority: remove it for ever first")]
    MintHasFreezeAuthority,
    #[msg("The signer is not the authority of the LST mint: have that sign")]
    NotTheMintAuthority,
    #[msg("This is no mint a pool can issue: make a mint of the SPL Token program, or of Token-2022 with metadata alone")]
    UnsupportedMint,
    #[msg("The mint has an extension other than metadata and group pointers, named in the log: make one without it")]
    RefusedMintExtension,
    #[msg("A fee or share is above its hard limit: see the limits in tidepool-interface")]
    FeeAboveLimit,
    #[msg("A parameter is out of its range: a share above 10,000 basis points, a minimum above its maximum, a move window below 500, an unknown function or a zero key")]
    InvalidParameter,

    #[msg("A ticket is claimable from the epoch after its order: claim later")]
    TicketTooYoung,
    #[msg("No SOL has reached this ticket yet: claim once stake has cooled down")]
    TicketNotFilled,
    #[msg("This ticket was cancelled: nothing of it can be claimed, it only waits to be released")]
    TicketCancelled,
    #[msg("This ticket was not cancelled: there is no gap to release")]
    TicketNotCancelled,
    #[msg("This ticket is the liquidity pool's: collect it for the pool")]
    TicketIsRecycled,
    #[msg("This ticket is not the liquidity pool's: claim it for its owner")]
    TicketNotRecycled,
    #[msg("The owner's account would stay below the rent-exempt minimum: fund it first")]
    PayoutBelowRent,

    #[msg("This is not an open vote account of the vote program: pass a validator's")]
    NotAVoteAccount,
    #[msg("This validator already has a record in the pool: its entry says where")]
    ValidatorExists,
    #[msg("No validator with this vote account stands at this page and slot: its entry says where it does")]
    NoSuchValidator,
    #[msg("The slot of the page is taken: name a free one")]
    SlotTaken,
    #[msg("Pages are added one after another: name an existing page or the next one")]
    PageOutOfOrder,
    #[msg("The reserve cannot pay the rent of new stake accounts: deposit first")]
    ReserveTooLow,
    #[msg("A stake account is missing or not where the record wants it: pass the accounts in record order")]
    StakeAccountMismatch,
    #[msg("The batch names no validator: name one at least")]
    EmptyBatch,
    #[msg("More accounts were passed than the batch names validators for: leave them out")]
    TooManyAccounts,
    #[msg("Pages of a batch must be of this pool, each once and in rising order")]
    PagesOutOfOrder,
    #[msg("A stake account has a foreign authority or a lockup: the pool does not move it")]
    ForeignStakeAccount,
    #[msg(
        "The stake account must be of 200 bytes, without a lockup, and yours alone: staker and withdrawer"
    )]
    StakeNotYours,
    #[msg("The stake must be fully active and delegated to the validator that is named")]
    StakeNotActive,
    #[msg("The account for the stake must be a new one: 200 bytes, of the stake program, uninitialized, rent-exempt")]
    StakeAccountNotNew,
    #[msg("This validator takes no stake: bring stake of another one, or deposit SOL")]
    ValidatorTakesNoStake,
    #[msg("This validator has, or would have, more than its largest share: name another one")]
    ValidatorAboveCap,
    #[msg("This validator has less than its share of the stake: withdraw from one that has more")]
    ValidatorBelowShare,
    #[msg("The rent has risen and this stake account has too little of it to let stake out: send it what it lacks, choose another validator, or come back in the next epoch")]
    StakeLacksRent,
    #[msg(
        "A validator's stake account may have changed since it was last seen: update all validators first"
    )]
    ValidatorNotUpdated,
    #[msg(
        "What is withdrawn, or what stays, would be less than the smallest delegation: name another amount"
    )]
    BelowMinimumDelegation,
    #[msg("The vote account has a layout this program does not know: wait for its next version")]
    UnknownVoteVersion,
    #[msg("The vote account's bytes end too early: it is no vote account that can be read")]
    VoteAccountUnreadable,
    #[msg("The validator's stake is leaving for good: remove it, then enter it anew")]
    ValidatorIsDraining,
    #[msg("The validator is not leaving: drain it first")]
    ValidatorNotDraining,
    #[msg("The validator still has stake or rent in its stake accounts: update it until all is back")]
    ValidatorNotEmpty,
    #[msg("A group is above the highest number: see the limits in tidepool-interface")]
    NoSuchGroup,
    #[msg("This pool lets only its manager enter validators: ask him")]
    JoiningIsOff,
    #[msg("The validator breaks a rule of the pool: it cannot join before it keeps all of them")]
    ValidatorBreaksRules,
    #[msg("The bond backs with less than the pool asks for: post more, or take the request for it back")]
    BondTooSmall,
    #[msg("A stranger has taken the address of a stake account: use the next generation")]
    StakeAddressTaken,
    #[msg("The validator has a bond for this pool already: post to it, or set its terms")]
    BondExists,
    #[msg("This is not the bond of that validator for this pool: derive its address from both")]
    WrongBond,
    #[msg("Only the bond's owner may do this: have the key that stands in it sign")]
    NotTheBondOwner,
    #[msg("Only the validator's identity or the withdrawer of its vote account may open its bond")]
    NotTheValidator,
    #[msg("Nothing was asked for: request it first")]
    NothingRequested,
    #[msg("The notice still runs: come back in the epoch that the request names")]
    NoticeRunning,
    #[msg("The proposal's time is over: propose it anew")]
    ProposalExpired,
    #[msg(
        "The validator's bond has not paid yet what is owed: review the validator and settle its bond first"
    )]
    BondNotSettled,

    #[msg("The history has no entry that is old enough: ask again in the next epoch")]
    HistoryTooShort,
    #[msg("The history is whole: there is nothing to extend")]
    HistoryComplete,
    #[msg("Stake rewards are being paid out: try again in a few slots")]
    EpochRewardsActive,
    #[msg("Stake moves only in the last part of an epoch: try again then")]
    OutsideMoveWindow,
}

/// Refuses with `error` unless `holds`. Anchor's `require!` would add file, line and message to the code of every place
/// it stands in, which together outweigh the handlers.
#[inline(always)]
pub fn ensure(holds: bool, error: TidepoolError) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(refusal(error))
    }
}

#[cold]
#[inline(never)]
fn refusal(error: TidepoolError) -> Error {
    error.into()
}

/// Turns an error of the formulas into the program's error of the same meaning.
pub trait MathResultExt<T> {
    fn named(self) -> Result<T>;
}

impl<T> MathResultExt<T> for core::result::Result<T, MathError> {
    #[inline]
    fn named(self) -> Result<T> {
        self.map_err(|e| refusal(e.into()))
    }
}

impl From<MathError> for TidepoolError {
    fn from(error: MathError) -> Self {
        match error {
            MathError::Overflow => Self::AmountTooLarge,
            MathError::ZeroResult => Self::AmountTooSmall,
            MathError::NoValue => Self::PoolHasNoValue,
            MathError::InsufficientLiquidity => Self::InsufficientLiquidity,
            MathError::Insufficient => Self::InsufficientBalance,
            MathError::InvalidFee => Self::InvalidParameter,
        }
    }
}
