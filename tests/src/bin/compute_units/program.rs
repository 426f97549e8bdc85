//! The size of each program and its largest stack frame.

use {
    crate::figures::Figure,
    std::{
        fs,
        os::unix::fs::MetadataExt,
        path::{Path, PathBuf},
    },
};

/// A program, and what its figures are called.
pub struct Program {
    pub name: &'static str,
    pub size: &'static str,
    pub stack_frame: &'static str,
    max_size: u64,
}

pub const PROGRAMS: [Program; 2] = [
    Program {
        name: "tidepool",
        size: "program/size",
        stack_frame: "program/largest stack frame",
        max_size: 900_000,
    },
    Program {
        name: "fixed_pools",
        size: "fixed_pools: program/size",
        stack_frame: "fixed_pools: program/largest stack frame",
        max_size: 400_000,
    },
];

/// What the virtual machine gives a function.
const MAX_STACK_FRAME: u64 = 4_096;

impl Program {
    /// The stack frame is missing if the program was not linked by the toolchain of this repository.
    pub fn figures(&self, bytes: &[u8]) -> Vec<(&'static str, Figure)> {
        let size = Figure::Program { bytes: bytes.len() as u64, limit: self.max_size };
        let frame = stack_frame(self.name, bytes);
        let frame = frame.map(|bytes| Figure::Program { bytes, limit: MAX_STACK_FRAME });
        let rows = [(self.size, Some(size)), (self.stack_frame, frame)];
        rows.into_iter().filter_map(|(name, figure)| Some((name, figure?))).collect()
    }
}

/// What the linker noted beside the library it made; `None` if that is not the program that was measured.
fn stack_frame(name: &str, program: &[u8]) -> Option<u64> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/sbf/sbpf-solana-solana/release"));
    let library = folder.join(format!("lib{name}.so"));
    if fs::read(&library).ok()? != program {
        return None;
    }
    let inode = |path: &Path| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    let mut linked = fs::read_dir(folder.join("deps")).ok()?.flatten().map(|entry| entry.path());
    let linked: PathBuf = linked.find(|path| inode(path) == inode(&library))?;
    let text = fs::read_to_string(linked.with_extension("frame")).ok()?;
    text.split_whitespace().next()?.parse().ok()
}
