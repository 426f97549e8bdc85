//! The program's size and its largest stack frame.

use {
    crate::figures::Figure,
    std::{
        fs,
        os::unix::fs::MetadataExt,
        path::{Path, PathBuf},
    },
};

pub const SIZE: &str = "program/size";
pub const STACK_FRAME: &str = "program/largest stack frame";

const MAX_SIZE: u64 = 900_000;
/// What the virtual machine gives a function.
const MAX_STACK_FRAME: u64 = 4_096;

/// The stack frame is missing if the program was not linked by the toolchain of this repository.
pub fn figures(program: &[u8]) -> Vec<(&'static str, Figure)> {
    let size = Figure::Program { bytes: program.len() as u64, limit: MAX_SIZE };
    let frame = stack_frame(program).map(|bytes| Figure::Program { bytes, limit: MAX_STACK_FRAME });
    let rows = [(SIZE, Some(size)), (STACK_FRAME, frame)];
    rows.into_iter().filter_map(|(name, figure)| Some((name, figure?))).collect()
}

/// What the linker noted beside the library it made; `None` if that is not the program that was measured.
fn stack_frame(program: &[u8]) -> Option<u64> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/sbf/sbpf-solana-solana/release"));
    let library = folder.join("libtidepool.so");
    if fs::read(&library).ok()? != program {
        return None;
    }
    let inode = |path: &Path| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    let mut linked = fs::read_dir(folder.join("deps")).ok()?.flatten().map(|entry| entry.path());
    let linked: PathBuf = linked.find(|path| inode(path) == inode(&library))?;
    let text = fs::read_to_string(linked.with_extension("frame")).ok()?;
    text.split_whitespace().next()?.parse().ok()
}
