//! `tidepool demo`: a pool on the real runtime in this process, from deposits to tickets paid, with validators that come to
//! grief; what each of them cost, and an account of every lamport. Then the fixed-APY pools, from their opening to the last
//! token out.

mod costs;
mod error;
mod events;
mod fixed;
mod json;
mod keepers;
mod plan;
mod reconciliation;
mod stage;
mod story;
mod table;
mod text;
mod yields;

pub use error::DemoError;

use {
    plan::{Plan, MIN_EPOCHS},
    stage::Stage,
};

/// What stands between the stories.
const SECOND_PART: &str = "\n\nThe second program\n==================\n";

/// Play a pool that runs itself on a chain in this process: deposits, rewards, exits, validators judged, a slashing; and
/// every lamport accounted for. Then the fixed-APY pools in the same way
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Epochs to play, 12 to 1000
    #[arg(long, default_value_t = MIN_EPOCHS, value_parser = epochs)]
    pub epochs: u64,
    /// Validators of the chain and of the pool, 1 to 64
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub validators: u16,
    /// Decides keys, validators, amounts and dates; the same seed gives the same figures
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Play the fixed-APY pools alone
    #[arg(long, conflicts_with_all = ["epochs", "validators"])]
    pub fixed: bool,
    /// Print one JSON object and nothing else
    #[arg(long)]
    pub json: bool,
}

fn epochs(text: &str) -> Result<u64, String> {
    let epochs: u64 = text.parse().map_err(|_| "not a whole number from 12 to 1000".to_string())?;
    match epochs {
        ..MIN_EPOCHS => Err(format!(
            "too few: stake warms up, earns and cools down by epochs, and the story takes {MIN_EPOCHS}; ask for at least \
             {MIN_EPOCHS}"
        )),
        1_001.. => Err("too many: ask for at most 1000".to_string()),
        epochs => Ok(epochs),
    }
}

pub fn run(args: &Args) -> Result<(), DemoError> {
    let fixed_plan = fixed::Plan::new(args.seed)?;
    if args.fixed {
        let told = play_fixed(&fixed_plan, args.json)?;
        if args.json {
            Stage::without_bar(false).print(&json::render_fixed(&fixed_plan, &told)?)?;
        }
        return told.require_balanced();
    }
    let plan = Plan::new(args.seed, args.epochs, args.validators);
    let mut stage = Stage::new(!args.json, plan.all_epochs());
    stage.say(&table::opening(&plan))?;
    let played = costs::play_all(&plan, &mut stage)?;
    stage.finish();
    stage.say(&table::closing(&plan, &played))?;
    stage.say(SECOND_PART)?;
    let told = play_fixed(&fixed_plan, args.json)?;
    if args.json {
        stage.print(&json::render(&plan, &played, &fixed_plan, &told)?)?;
    }
    played.told.reconciliation.require_balanced()?;
    told.require_balanced()
}

fn play_fixed(plan: &fixed::Plan, is_silent: bool) -> Result<fixed::Told, DemoError> {
    let mut stage = Stage::without_bar(!is_silent);
    stage.say(&fixed::opening(plan))?;
    let told = fixed::play(plan, &mut stage)?;
    stage.say(&fixed::closing(&told))?;
    Ok(told)
}
