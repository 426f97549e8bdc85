//! Must be refused: it calls what nothing provides.
unsafe extern "C" {
    fn nobody_provides_this(word: u64) -> u64;
}

#[unsafe(no_mangle)]
pub extern "C" fn entrypoint(input: *const u64) -> u64 {
    unsafe { nobody_provides_this(*input) }
}
