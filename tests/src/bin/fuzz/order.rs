//! Whatever the order in which cranks find what an epoch has brought, the pool is worth the same at its end. Tried with
//! copies of the model, which the program equals to the lamport in any one of these orders.

use tidepool_tests::{
    model::{Amount, Look, Model, Refusal},
    runs::{Dice, Difference},
};

/// Something that a pool adds up.
type Sum = fn(&Model) -> Amount;

/// What finds something.
#[derive(Clone, Debug)]
enum Crank {
    Update(Vec<Look>),
    Sync,
    Review(usize),
}

/// Compares two orders; whether there was anything to compare.
///
/// A loss and a gain in one epoch are left out: what of a gain is found before a loss has paid its fee already, and what of
/// it is withheld spares tickets too.
pub fn check(model: &Model) -> Result<bool, Difference> {
    let accounts = model.books.stakes.iter().flatten();
    let has_lost = accounts.clone().any(|account| account.now.is_open && account.now.lamports < account.seen);
    if model.cluster.pays_rewards || has_lost {
        return Ok(false);
    }
    let looks: Vec<Look> = looks(model);
    let mut at_once = vec![Crank::Sync];
    if !looks.is_empty() {
        at_once.insert(0, Crank::Update(looks.clone()));
    }
    let mut dice = Dice::new(model.cluster.slot as u64, 7);
    let mut one_by_one: Vec<Crank> = looks.iter().map(|look| Crank::Update(vec![*look])).collect();
    one_by_one.extend(looks.iter().map(|look| Crank::Review(look.validator)));
    one_by_one.extend([Crank::Sync, Crank::Sync]);
    one_by_one.extend(at_once.clone());
    dice.shuffle(&mut one_by_one);

    let [one, other] = [&at_once, &one_by_one].map(|cranks| at_the_end(model, cranks));
    let (one, other) = (one.map_err(refused)?, other.map_err(refused)?);
    // Each step rounds a fee, its shares and the end of the stream.
    let steps = one_by_one.len() as Amount;
    let lamports = steps * (4 + one.books.value() / one.books.pool.supply.max(1));
    let stream = one.books.pool.stream;
    let slot = lamports + stream.amount * steps / (stream.end - stream.start).max(1);
    let sums: [(&str, Sum, Amount); 4] = [
        ("all value", |m| m.books.value() + m.books.pool.stream.withheld, lamports),
        ("value", |m| m.books.value(), slot),
        ("tickets", |m| m.books.pool.queue.liabilities(), 0),
        ("insurance", |m| m.books.pool.insurance + m.books.pool.insurance_due, lamports),
    ];
    for (what, sum, most) in sums {
        let (one, other) = (sum(&one), sum(&other));
        if (one - other).abs() > most {
            let text = format!("{one} at once, {other} by {one_by_one:?}");
            return Err(Difference::new(format!("{what} depends on the order of cranks"), text));
        }
    }
    Ok(true)
}

fn looks(model: &Model) -> Vec<Look> {
    let validators = model.books.validators.iter().enumerate();
    let listed = validators.filter(|(_, validator)| validator.is_listed());
    listed.map(|(validator, _)| Look { validator, accounts: [true; 3] }).collect()
}

/// The pool at the end of the epoch.
fn at_the_end(model: &Model, cranks: &[Crank]) -> Result<Model, Refusal> {
    let mut model = model.clone();
    for crank in cranks {
        match crank {
            Crank::Update(looks) => model.update(looks)?,
            Crank::Sync => model.sync()?,
            Crank::Review(validator) => model.review(*validator)?,
        }
    }
    model.cluster.slot = model.cluster.first_slot + model.cluster.slots_per_epoch - 1;
    Ok(model.touched())
}

fn refused(refusal: Refusal) -> Difference {
    Difference::new("a crank of an epoch is refused", format!("{refusal:?}"))
}
