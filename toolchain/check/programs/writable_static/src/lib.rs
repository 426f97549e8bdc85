//! Must be refused: a program has no writable data of its own.
use std::sync::atomic::{AtomicU64, Ordering};

static CALLS: AtomicU64 = AtomicU64::new(1);

#[unsafe(no_mangle)]
pub extern "C" fn entrypoint(input: *const u64) -> u64 {
    CALLS.fetch_add(unsafe { *input }, Ordering::Relaxed)
}
