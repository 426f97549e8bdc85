//! `thousand-validators`: a pool of 1,000 validators on the real runtime, updated by one keeper while its users come and go;
//! and the same pool in an epoch in which nobody updates it at all. Compared with `bench/thousand_validators.json`.
//!
//!     thousand-validators             measure, compare, fail if something became worse or misses its aim
//!     thousand-validators --write     measure and rewrite the file

mod figures;
mod keeper;
mod pool;
mod users;

use {
    figures::{Figures, Quiet},
    std::process::ExitCode,
    tidepool_localnet::{World, LAMPORTS_PER_SOL as SOL},
    users::Users,
};

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Error>;

/// Validators whose stake moves in the second update.
const MOVING: usize = 100;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let complaints = match arguments.as_slice() {
        [] => run(false),
        [option] if option == "--write" => run(true),
        _ => Err("there is --write alone".into()),
    };
    match complaints {
        Ok(complaints) if complaints.is_empty() => ExitCode::SUCCESS,
        Ok(complaints) => {
            eprintln!("\n{}", complaints.join("\n"));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("thousand-validators: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures, prints and gives what is wrong.
fn run(write: bool) -> Result<Vec<String>> {
    let figures = measure()?;
    println!("{figures}");
    let mut complaints = figures.missed_aims();
    if write {
        figures.write()?;
    } else {
        complaints.extend(figures.worse_than(&Figures::read()?));
    }
    Ok(complaints)
}

fn measure() -> Result<Figures> {
    let mut world = pool::start()?;
    let tables = pool::lookup_tables(&world);
    let mut users = Users::join(&mut world)?;

    pool::delegate(&mut world, &tables, 0..pool::VALIDATORS)?;
    world.cross_epoch();
    let first_stake = keeper::update_all(&mut world, &tables, |_| Ok(0))?;
    world.sync()?;

    users.order_ahead(&mut world)?;
    world.cross_epoch();
    let resting = keeper::update_all(&mut world, &tables, |world| users.act(world).map(|()| 1))?;
    world.sync()?;

    users.order_ahead(&mut world)?;
    world.deposit("ana", 2_000 * SOL)?;
    let spread = pool::VALIDATORS / MOVING;
    pool::delegate(&mut world, &tables, (0..pool::VALIDATORS).step_by(spread))?;
    world.cross_epoch();
    let moving = keeper::update_all(&mut world, &tables, |world| users.act(world).map(|()| 1))?;
    world.sync()?;

    users.order_ahead(&mut world)?;
    let without_updates = quiet_epoch(&mut world, &mut users);
    Ok(Figures { first_stake, resting, moving, without_updates })
}

/// A whole epoch, from its first slot on, in which the rewards are still being paid, without any crank.
fn quiet_epoch(world: &mut World, users: &mut Users) -> Quiet {
    world.advance(|chain| chain.cross_epoch());
    let epoch = world.chain.epoch();
    let mut quiet = Quiet::default();
    while world.chain.epoch() == epoch {
        quiet.slots += 1;
        quiet.slots_with_rewards_being_paid += u64::from(world.chain.rewards_active());
        match users.act(world) {
            Ok(()) => quiet.slots_in_which_users_could_act += 1,
            Err(error) => eprintln!("slot {}: {error}", world.chain.slot()),
        }
        world.advance(|chain| chain.next_slot());
    }
    quiet
}
