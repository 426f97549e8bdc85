//! A program that depends on another one.
#[unsafe(no_mangle)]
pub extern "C" fn entrypoint(input: *const u8) -> u64 {
    sound::answer(unsafe { *input.add(sound::INSTRUCTION_DATA).cast() })
}
