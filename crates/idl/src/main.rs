//! The interface of a program, as its source gives it: what `anchor idl build` does, without the Anchor command line.
//!
//! `idl PROGRAM FILE` writes the interface of the program in the folder PROGRAM to FILE; `idl --check PROGRAM FILE`
//! fails if FILE says anything else.

use {
    anchor_lang_idl::build::IdlBuilder,
    std::{
        env,
        error::Error,
        fs,
        path::{Path, PathBuf},
        process::ExitCode,
    },
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["--check", program, file] => check(Path::new(program), Path::new(file)),
        [program, file] => write(Path::new(program), Path::new(file)),
        _ => Err("usage: idl [--check] PROGRAM FILE".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("idl: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(program: &Path, file: &Path) -> Result<()> {
    let interface = interface(program)?;
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, interface)?;
    Ok(())
}

fn check(program: &Path, file: &Path) -> Result<()> {
    let interface = interface(program)?;
    let written = fs::read_to_string(file).unwrap_or_default();
    match written == interface {
        true => Ok(()),
        false => Err(format!("{} is not what the program says: run `make idl`", file.display()).into()),
    }
}

/// The program is compiled for this machine with its feature `idl-build`, and tells its interface in a test.
fn interface(program: &Path) -> Result<String> {
    // Cargo sets this under rustup, and the builder would take it for part of a toolchain's name.
    env::remove_var("RUSTUP_TOOLCHAIN");
    let idl = IdlBuilder::new()
        .program_path(program.canonicalize()?)
        .cargo_args(["--lib", "--target-dir", &target_folder()?.to_string_lossy()].map(String::from).into())
        .build()?;
    Ok(serde_json::to_string_pretty(&idl)? + "\n")
}

/// A folder of its own: the builder compiles with other flags, and what it compiles in the shared one would be compiled
/// again by the next who wants it.
fn target_folder() -> Result<PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    Ok(env::current_dir()?.join(target).join("idl-build"))
}
