//! The command that plays random runs.

use {
    super::{calls::errors, Fault, Game, Script, Tally},
    std::{
        process::ExitCode,
        sync::{
            atomic::{AtomicBool, AtomicU64, Ordering},
            Mutex, PoisonError,
        },
        time::{Duration, Instant},
    },
};

const USAGE: &str =
    "[--steps N] [--seed N] [--threads N] [--run N] [--shrink-seconds N] [--mistake NAME] [--replay FILE]";

/// What was asked for.
struct Order<M> {
    steps: u64,
    seed: u64,
    threads: u64,
    /// Steps of one run, after which a new chain begins: its bank grows, and a failing run is shortened from here.
    steps_per_run: u64,
    /// A wrong formula for the model: the runs must fail.
    mistake: Option<M>,
    /// How long a failing script may be shortened.
    time_to_shrink: Duration,
    replay: Option<String>,
}

/// Plays as the arguments of the command say: random runs, or a script from a file.
pub fn main<G: Game>() -> ExitCode {
    match parse::<G>(std::env::args().skip(1)) {
        Ok(order) if order.replay.is_some() => replay::<G>(&order),
        Ok(order) => fuzz::<G>(&order),
        Err(error) => {
            eprintln!("{error}\nusage: {} {USAGE}", G::NAME);
            ExitCode::from(2)
        }
    }
}

fn parse<G: Game>(arguments: impl Iterator<Item = String>) -> Result<Order<G::Mistake>, String> {
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get().min(2) as u64);
    let mut order = Order {
        steps: 10_000,
        seed: 0,
        threads,
        steps_per_run: 4_000,
        mistake: None,
        time_to_shrink: Duration::from_secs(180),
        replay: None,
    };
    let mut arguments = arguments;
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(format!("{name} wants a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{name} {value}: not a number"));
        match name.as_str() {
            "--steps" => order.steps = number()?,
            "--seed" => order.seed = number()?,
            "--threads" => order.threads = number()?.clamp(1, 64),
            "--run" => order.steps_per_run = number()?.max(2),
            "--mistake" => order.mistake = Some(mistake::<G>(&value)?),
            "--shrink-seconds" => order.time_to_shrink = Duration::from_secs(number()?),
            "--replay" => order.replay = Some(value),
            _ => return Err(format!("{name} is unknown")),
        }
    }
    Ok(order)
}

fn mistake<G: Game>(name: &str) -> Result<G::Mistake, String> {
    let found = G::MISTAKES.iter().find(|mistake| format!("{mistake:?}") == name);
    found.copied().ok_or(format!("{name}: the mistakes are {:?}", G::MISTAKES))
}

/// Plays a script from a file and says what became of every step.
fn replay<G: Game>(order: &Order<G::Mistake>) -> ExitCode {
    let path = order.replay.clone().unwrap_or_default();
    let script = std::fs::read_to_string(&path)
        .map_err(|error| format!("{path}: {error}"))
        .and_then(|text| Script::<G>::parse(&text));
    match script {
        Ok(script) => {
            let script = Script::<G> { mistake: order.mistake, ..script };
            print!("{}", script.to_text());
            match script.play(|_, _| ()) {
                Ok(_) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Runs until all steps are done or one of the runs fails.
fn fuzz<G: Game>(order: &Order<G::Mistake>) -> ExitCode {
    quiet_panics();
    let start = Instant::now();
    let runs = order.steps.div_ceil(order.steps_per_run);
    let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
    let results = Mutex::new((Tally::default(), Vec::<(Script<G>, Fault)>::new()));
    std::thread::scope(|scope| {
        for _ in 0..order.threads {
            scope.spawn(|| loop {
                let run = next.fetch_add(1, Ordering::Relaxed);
                if run >= runs || failed.load(Ordering::Relaxed) {
                    break;
                }
                let steps = order.steps_per_run.min(order.steps - run * order.steps_per_run);
                let script = Script::<G>::random(order.seed, run, steps, order.mistake);
                let (tally, result) = script.tally();
                let mut all = results.lock().unwrap_or_else(PoisonError::into_inner);
                all.0.add(&tally);
                if let Err(fault) = result {
                    failed.store(true, Ordering::Relaxed);
                    all.1.push((script, fault));
                }
            });
        }
    });
    let (tally, faults) = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    report::<G>(order, &tally, start.elapsed().as_secs_f64(), faults.len());
    // The same one whichever thread was first.
    let Some((script, fault)) = faults.into_iter().min_by_key(|(script, _)| script.run) else {
        return ExitCode::SUCCESS;
    };
    println!(
        "\nrun {} of seed {} failed at step {}: {}",
        script.run, script.seed, fault.step, fault.difference
    );
    let short = script.shrunk(&fault, order.time_to_shrink);
    println!(
        "\nthe same in {} steps; play it again with `{} --replay FILE`:\n",
        short.actions.len(),
        G::NAME
    );
    print!("{}", short.to_text());
    ExitCode::FAILURE
}

/// A panic is a finding, told with the script that led to it.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|_| ()));
}

fn report<G: Game>(order: &Order<G::Mistake>, tally: &Tally, seconds: f64, differences: usize) {
    println!(
        "{} steps, seed {}, {} threads, {:.0} s, {:.0} steps/s",
        tally.steps,
        order.seed,
        order.threads,
        seconds,
        tally.steps as f64 / seconds
    );
    println!("\n{:<20}{:>10}{:>10}{:>10}", "step", "done", "refused", "idle");
    for (kind, [done, refused, idle]) in &tally.kinds {
        println!("{kind:<20}{done:>10}{refused:>10}{idle:>10}");
    }
    println!("\n{:<30}{:>10}", "refused as", "");
    for (name, count) in &tally.refusals {
        println!("{name:<30}{count:>10}");
    }
    let never = errors(G::IDL).into_iter().filter(|error| !tally.refusals.contains_key(error));
    println!("never: {}", never.collect::<Vec<_>>().join(", "));
    println!("\n{:<30}{:>10}{:>10}", "instruction", "done", "refused");
    for (name, [done, refused]) in &tally.calls {
        println!("{name:<30}{done:>10}{refused:>10}");
    }
    println!();
    for (name, figure) in &tally.figures {
        println!("{name:<30}{:>10}", figure.number());
    }
    println!("differences {differences}");
}
