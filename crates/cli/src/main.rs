//! `tidepool`: the command line of Tidepool.

mod demo;

use {
    clap::{Parser, Subcommand},
    std::process::ExitCode,
};

/// Liquid staking and fixed-APY pools on Solana
#[derive(Parser)]
#[command(name = "tidepool", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::Args),
}

fn main() -> ExitCode {
    let Cli { command } = Cli::parse();
    let result = match command {
        Command::Demo(args) => demo::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has read enough: `tidepool demo | head`.
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
