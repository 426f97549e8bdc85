//! Limits no parameter can pass, whoever sets it.

use tidepool_math::{Bps, Lamports};

/// Decimals of every LST and of every liquidity share.
pub const DECIMALS: u8 = 9;

/// What a pool's creator deposits for shares that nobody can redeem, in the pool and again in its liquidity pool.
/// It makes the supply non-zero for ever and an attack by share inflation pointless.
pub const MIN_INITIAL_DEPOSIT: Lamports = Lamports(100_000_000);

/// What stays for ever in each of a pool's system accounts (reserve, insurance, SOL vault), below the books: the rent of
/// such an account, 890,880 lamports today, and of one after a tenfold rise. So a rise never stops the last payment.
pub const VAULT_FLOOR: Lamports = Lamports(10_000_000);

/// Groups of validators, with the number 0, which is no group.
pub const MAX_GROUPS: usize = 128;

/// Complete epochs whose credits a validator is judged by.
pub const CREDIT_WINDOW_EPOCHS: u64 = 4;

/// Epochs after which means are too old to judge by. Vote accounts keep the credits of 64 epochs.
pub const MAX_MEANS_AGE_EPOCHS: u64 = 10;

/// Epochs for which the breaker shuts deposits and instant exits.
pub const BREAKER_EPOCHS: u64 = 2;

/// Epochs from the proposal to take money out of the insurance vault until it may be taken.
pub const INSURANCE_NOTICE_EPOCHS: u64 = 14;

/// Epochs in which it may be taken then. A proposal that never ended would be no notice: kept for years, it could be used the
/// day before a loss is found.
pub const INSURANCE_TAKING_EPOCHS: u64 = 14;

/// Epochs for which a bond stays liable after its owner asked for it back, or for easier terms.
pub const BOND_NOTICE_EPOCHS: u64 = 3;

/// Validator records in a page.
pub const RECORDS_PER_PAGE: usize = 32;

/// Free lamports in a stake account below this stay where they are: moving them would cost more than they are worth,
/// and a stranger could make every update dear by giving a lamport away.
pub const MIN_SWEEP: Lamports = Lamports(1_000_000);

/// Part of an epoch in which stake can move, at least: tickets beyond the reserve are served in it.
pub const MIN_MOVE_WINDOW: Bps = Bps(500);

pub const MAX_REWARD_FEE: Bps = Bps(2_000);
pub const MAX_DEPOSIT_FEE: Bps = Bps(50);
pub const MAX_TICKET_FEE: Bps = Bps(50);
pub const MAX_STAKE_WITHDRAWAL_FEE: Bps = Bps(50);
pub const MAX_LIQUID_FEE: Bps = Bps(1_000);
pub const MAX_TREASURY_SHARE: Bps = Bps(7_500);
/// All of the last epoch's gain.
pub const MAX_WARMUP: Bps = Bps::ONE;
pub const MAX_REFERRAL_SHARE: Bps = Bps(5_000);

/// Epochs from the announcement of a higher fee to its taking effect: so at least one whole epoch lies between.
pub const FEE_NOTICE_EPOCHS: u64 = 2;

/// Epochs after which a pause ends by itself, and for which the guardian cannot repeat it.
pub const PAUSE_EPOCHS: u64 = 14;

/// Worth of LST in the liquidity pool below which it is not made a ticket.
pub const MIN_RECYCLE: Lamports = Lamports(100_000_000);

/// What active stake is taken to earn in an epoch before any reward was found, in parts per billion: 0.1 %, twice what two
/// days bring at 9 % a year.
pub const UNKNOWN_EPOCH_GAIN_PPB: u32 = 1_000_000;
