//! Limits no parameter of a fixed-APY pool can pass, whoever sets it.

const DAY: i64 = 86_400;

pub use tidepool_math::fixed::MAX_LOCK_SECONDS;

/// How long the guardian's emergency lasts, unless the authority renews it.
pub const GUARDIAN_EMERGENCY_SECONDS: i64 = 14 * DAY;

/// How long any emergency lasts, from its beginning: then what has matured can be taken out with its reward.
pub const MAX_EMERGENCY_SECONDS: i64 = 90 * DAY;

/// How long claims can be paused.
pub const CLAIM_PAUSE_SECONDS: i64 = 7 * DAY;

/// How long what was shut for a time is open before it can be shut again, however short it was shut: the clock counts whole
/// seconds, and what is shut and opened within each would never be open to anybody.
pub const MIN_OPEN_SECONDS: i64 = 60;

/// How long after the last forfeit what was forfeited stays in the pool.
pub const FORFEIT_LOCK_SECONDS: i64 = 30 * DAY;

/// From the request of an early exit to when it can be completed; twice that after the request, it lapses.
pub const EARLY_EXIT_NOTICE_SECONDS: i64 = 7 * DAY;

/// Users that one instruction adds to a whitelist or takes from it.
pub const MAX_WHITELIST_CHANGES: usize = 20;

/// Nodes of a Merkle proof: room for a million users.
pub const MAX_PROOF_NODES: usize = 20;
