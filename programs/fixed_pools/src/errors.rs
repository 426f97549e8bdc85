use {anchor_lang::prelude::*, tidepool_math::MathError};

pub use anchor_lang::prelude::Result;

/// Every way an instruction can refuse. One error has one meaning, and nothing has changed when it is returned.
#[error_code]
#[derive(PartialEq, Eq)]
pub enum FixedPoolsError {
    #[msg("New stakes are paused: wait until the pool's authority lets them go on")]
    StakePaused,
    #[msg("You are not on this pool's whitelist: apply, or pass your entry or your Merkle proof")]
    NotWhitelisted,
    #[msg("This would be more than your whitelist entry allows: stake less")]
    AboveWhitelistAmount,
    #[msg("The pool is in emergency mode: wait until it ends, or take your principal by an emergency withdrawal")]
    EmergencyActive,
    #[msg("Staking has not started: come back when the window opens")]
    NotStarted,
    #[msg("Staking has ended: choose a pool whose window is open")]
    WindowEnded,
    #[msg("The stake is below this pool's minimum: stake more")]
    BelowMinimumStake,
    #[msg("The pool's rate is below the minimum you set: look at the rate and retry")]
    BelowMinimumRate,
    #[msg("The pool's cap has no room for this: stake what the log says fits")]
    CapReached,
    #[msg("The reward vault cannot cover this stake's reward: stake what the log says is left, or wait for funding")]
    RewardsNotFunded,
    #[msg("The amount is zero: name a positive amount")]
    ZeroAmount,
    #[msg("The amount is too large for the pool's books: use a smaller amount")]
    AmountTooLarge,
    #[msg("The vault did not receive what was sent: this mint takes something on the way")]
    WrongAmountReceived,
    #[msg("This user lets nobody else claim or stake for him: he has to sign himself")]
    OwnerOnly,

    #[msg("Claims are paused: the pause ends by itself, and what is earned is kept")]
    ClaimPaused,
    #[msg("Nothing has been earned since the last claim: come back later")]
    NothingToClaim,
    #[msg("The lock is not over: come back at its unlock time")]
    NotMatured,
    #[msg("The result is below the minimum you set: look again and retry")]
    BelowMinimumReward,
    #[msg("The pool is not in emergency mode: unstake when the lock is over")]
    NoEmergency,
    #[msg("More reward would be given up than you allow: wait until the emergency ends, or allow more")]
    AboveMaximumForfeit,

    #[msg("This pool has no early exit: unstake when the lock is over")]
    NoEarlyExit,
    #[msg("Early exits are paused: wait until the pool's authority lets them go on")]
    EarlyExitPaused,
    #[msg("The lock is over: unstake instead, with all of the reward")]
    AlreadyMatured,
    #[msg("An early exit has been requested already: complete or cancel it")]
    ExitAlreadyRequested,
    #[msg("No early exit has been requested: request one first")]
    NoExitRequested,
    #[msg("The notice of seven days is not over: complete the exit after it")]
    NoticeRunning,
    #[msg("The request has lapsed: request the exit again")]
    ExitLapsed,

    #[msg("This account belongs to another pool: pass the account of this pool")]
    WrongPool,
    #[msg("This is not the position's owner: pass the one that stands in it")]
    WrongOwner,
    #[msg("This is not who paid the rent: pass the one that stands in the account")]
    WrongRentPayer,
    #[msg("This is not the pool's mint: pass the one that its account names")]
    WrongMint,
    #[msg("This is not a vault of the pool: pass the one that its account names")]
    WrongVault,
    #[msg("The token program does not own this mint: pass the program that does")]
    WrongTokenProgram,
    #[msg("This is no token account of the owner and the pool's mint: pass one of his own")]
    WrongTokenAccount,
    #[msg("This is not the address the seeds and bump give: derive it again")]
    WrongAddress,
    #[msg("This account is the wrong one for this user: pass his own")]
    WrongUser,
    #[msg("This collection belongs to another creator or mint: pass the pool's own")]
    WrongCollection,

    #[msg("You are not the authority of this pool: have it sign")]
    NotTheAuthority,
    #[msg("You are neither the guardian nor the authority of this pool: have one of them sign")]
    NotTheGuardian,
    #[msg("You are not the whitelist manager of this pool: have him sign")]
    NotTheWhitelistManager,
    #[msg("You were not proposed as authority: have the authority propose you")]
    NotProposed,
    #[msg("No such function: use the bits that the interface names")]
    UnknownFunction,
    #[msg("It was shut until lately: it can be shut again when it has been open for as long, and for a minute at least")]
    OpenTooShort,

    #[msg("The window ends before it starts: set an end after its start")]
    WindowReversed,
    #[msg("The window would be over already: set an end in the future")]
    WindowInThePast,
    #[msg("The minimum stake is zero: set one base unit at least")]
    ZeroMinimum,
    #[msg("The minimum stake is above the cap: nobody could stake")]
    MinimumAboveCap,
    #[msg("More than that cap is staked: set a cap that covers it")]
    CapBelowStaked,
    #[msg("The cap with its reward is too large for the books: set a smaller cap or rate")]
    CapTooLarge,
    #[msg("The rate is zero: set one basis point at least")]
    ZeroRate,
    #[msg("The lock must be between one second and ten years")]
    InvalidLock,
    #[msg("The pool was made already: choose another number")]
    PoolExists,

    #[msg(
        "Less than that is free in the reward vault: the rest is promised to users, or was forfeited lately"
    )]
    AboveExcess,
    #[msg("Positions are open in an emergency: nothing leaves the reward vault until it ends")]
    ExcessLocked,
    #[msg("The pool is not empty: it can be closed when every position is gone and no forfeit is locked")]
    PoolNotEmpty,
    #[msg("Nothing was sent to the principal vault by mistake: there is no surplus")]
    NoSurplus,

    #[msg("This is no mint that a pool can take: pass an initialized mint of a token program")]
    UnsupportedMint,
    #[msg("The mint has an extension that a pool cannot take: the log names it")]
    RefusedMintExtension,
    #[msg("The mint's issuer can freeze this pool's vaults: say in the parameters that you accept that")]
    MintHasFreezeAuthority,

    #[msg("Too many users for one instruction: name twenty at most")]
    TooManyUsers,
    #[msg("The accounts do not match the users: pass the whitelist entry of each, in order")]
    WrongEntries,
    #[msg("The proof is too long: twenty nodes at most")]
    ProofTooLong,
    #[msg("A tree has a root and users, or neither: pass zeros for both to have no tree")]
    EmptyTree,
    #[msg("The user has not applied, or was answered already: there is nothing to review")]
    NoApplication,
    #[msg("The approval would be over already: set an expiry in the future, or 0 for none")]
    ExpiryInThePast,
    #[msg("You are approved already: there is nothing to apply for")]
    AlreadyApproved,
    #[msg("The entry is approved: remove it from the whitelist first")]
    EntryInUse,

    #[msg(
        "Your active stake is below the collection's threshold: pass all your pools of this creator and mint"
    )]
    BelowWhaleThreshold,
    #[msg("You have had your token of this collection: there is one for each user")]
    DidAlreadyMinted,
    #[msg("Name, symbol or address of the metadata is empty or too long")]
    InvalidMetadata,
}

/// `Ok` if the condition holds, the error otherwise. Not a macro: Anchor's `require!` pulls formatting code into every place
/// it stands in.
#[inline(always)]
pub fn ensure(holds: bool, error: FixedPoolsError) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(refusal(error))
    }
}

#[cold]
#[inline(never)]
fn refusal(error: FixedPoolsError) -> Error {
    error.into()
}

/// Turns an error of the formulas into the program's error of the same meaning.
pub trait MathResultExt<T> {
    fn named(self) -> Result<T>;
}

impl<T> MathResultExt<T> for core::result::Result<T, MathError> {
    /// Amounts are the only thing the formulas of this program can refuse: all of its rates and locks were checked.
    #[inline]
    fn named(self) -> Result<T> {
        self.map_err(|_| refusal(FixedPoolsError::AmountTooLarge))
    }
}
