//! Must be refused: one function needs more stack than a frame has.
use std::hint::black_box;

#[inline(never)]
pub fn too_much_on_the_stack(seed: u8) -> u8 {
    let mut bytes = [seed; 5000];
    black_box(&mut bytes);
    bytes[seed as usize]
}

#[unsafe(no_mangle)]
pub extern "C" fn entrypoint(input: *const u8) -> u64 {
    too_much_on_the_stack(unsafe { *input }) as u64
}
