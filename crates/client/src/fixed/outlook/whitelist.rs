use fixed_pools::state::{WhitelistEntry, WhitelistState};

/// Applications that wait for an answer, the largest first: who, how much, and the hash of what was written beside it.
pub fn open_applications(entries: &[WhitelistEntry]) -> Vec<&WhitelistEntry> {
    let mut open: Vec<&WhitelistEntry> = entries.iter().filter(|entry| is_open(entry)).collect();
    open.sort_by_key(|entry| (std::cmp::Reverse(entry.requested_amount), entry.user));
    open
}

/// Approvals that have ended by `now`, the longest ago first. They admit nobody, but the pool counts their users until they apply
/// anew, are removed or close their entries.
pub fn expired_approvals(entries: &[WhitelistEntry], now: i64) -> Vec<&WhitelistEntry> {
    let is_expired = |entry: &&WhitelistEntry| entry.is_approved() && entry.admits(now).is_none();
    let mut expired: Vec<&WhitelistEntry> = entries.iter().filter(is_expired).collect();
    expired.sort_by_key(|entry| (entry.expires_at, entry.user));
    expired
}

fn is_open(entry: &WhitelistEntry) -> bool {
    entry.state == WhitelistState::Applied
}
