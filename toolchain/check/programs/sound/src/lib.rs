//! Runs the operations of `ops` on chain. Instruction data: which one, a seed, how many cases; returns their digest.
pub mod ops;

/// Where the instruction data starts in the input of a call without accounts.
pub const INSTRUCTION_DATA: usize = 16;

/// The digest of `count` cases of operation `op`.
pub fn answer([op, seed, count]: [u64; 3]) -> u64 {
    ops::run(op as usize, seed, count as u32)
}

#[cfg(not(feature = "no-entrypoint"))]
#[unsafe(no_mangle)]
pub extern "C" fn entrypoint(input: *const u8) -> u64 {
    unsafe extern "C" {
        fn sol_set_return_data(data: *const u8, len: u64);
    }
    unsafe {
        let digest = answer(*input.add(INSTRUCTION_DATA).cast());
        sol_set_return_data((&raw const digest).cast(), 8);
    }
    0
}
