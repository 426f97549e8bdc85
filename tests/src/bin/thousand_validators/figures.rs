//! The figures, the file they are kept in, and what they must reach.

use {
    crate::{Result, MOVING},
    serde::{Deserialize, Serialize},
    std::{fmt, path::PathBuf},
    tidepool_localnet::Outcome,
};

/// What a cluster takes of a transaction.
const MAX_COMPUTE_UNITS: u64 = 1_400_000;
const MAX_BYTES: usize = 1_232;
const MAX_LOCKS: usize = 64;

const MAX_TRANSACTIONS_RESTING: usize = 25;
const MAX_TRANSACTIONS_MOVING: usize = 30;

/// A rise beyond this needs somebody who writes it down on purpose.
const TOLERATED_RISE_PERCENT: u64 = 5;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// The first stake of all validators joins their main accounts.
    pub first_stake: Updates,
    /// All validators have earned, and nothing moves.
    pub resting: Updates,
    /// Stake of a tenth of them joins what they have.
    pub moving: Updates,
    /// An epoch in which no crank is turned.
    pub without_updates: Quiet,
}

/// All validators updated once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Updates {
    pub validators: usize,
    pub moving: usize,
    pub transactions: usize,
    pub compute_units: u64,
    /// Of one transaction.
    pub most_compute_units: u64,
    pub most_accounts: usize,
    pub most_bytes: usize,
    /// Between two transactions: a deposit, an order, a claim and an instant exit, all of which succeeded.
    pub times_users_acted: usize,
}

/// An epoch without updates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    pub slots: u64,
    /// Of them, at the epoch's start, while every stake instruction fails.
    pub slots_with_rewards_being_paid: u64,
    /// In which a deposit, an order, a claim and an instant exit succeeded.
    pub slots_in_which_users_could_act: u64,
}

impl Updates {
    pub fn count(&mut self, outcome: &Outcome, accounts: usize, moving: usize) {
        self.transactions += 1;
        self.moving += moving;
        self.compute_units += outcome.compute_units;
        self.most_compute_units = self.most_compute_units.max(outcome.compute_units);
        self.most_accounts = self.most_accounts.max(accounts);
        self.most_bytes = self.most_bytes.max(outcome.bytes);
    }

    /// Whether a cluster takes each of its transactions.
    fn fits(&self) -> bool {
        self.most_compute_units <= MAX_COMPUTE_UNITS
            && self.most_bytes <= MAX_BYTES
            && self.most_accounts <= MAX_LOCKS
    }

    fn is_worse_than(&self, old: &Self) -> bool {
        let all_but_units =
            |figures: &Self| Self { compute_units: 0, most_compute_units: 0, ..figures.clone() };
        let rose = |new: u64, old: u64| new * 100 > old * (100 + TOLERATED_RISE_PERCENT);
        all_but_units(self) != all_but_units(old)
            || rose(self.compute_units, old.compute_units)
            || rose(self.most_compute_units, old.most_compute_units)
    }
}

impl Figures {
    fn updates(&self) -> [(&'static str, &Updates); 3] {
        [("first stake", &self.first_stake), ("resting", &self.resting), ("moving", &self.moving)]
    }

    /// What the pool was made to do and does not.
    pub fn missed_aims(&self) -> Vec<String> {
        let Quiet { slots, slots_in_which_users_could_act, .. } = self.without_updates;
        let mut aims: Vec<(bool, String)> = vec![
            (
                self.resting.transactions <= MAX_TRANSACTIONS_RESTING && self.resting.moving == 0,
                format!("resting validators: at most {MAX_TRANSACTIONS_RESTING} transactions"),
            ),
            (
                self.moving.transactions <= MAX_TRANSACTIONS_MOVING && self.moving.moving == MOVING,
                format!("{MOVING} of them moving: at most {MAX_TRANSACTIONS_MOVING} transactions"),
            ),
            (
                slots > 0 && slots == slots_in_which_users_could_act,
                format!("users could act in {slots_in_which_users_could_act} of {slots} slots"),
            ),
        ];
        for (name, updates) in self.updates() {
            aims.push((updates.fits(), format!("{name}: a transaction is too large for a cluster")));
        }
        aims.into_iter()
            .filter(|(is_reached, _)| !is_reached)
            .map(|(_, aim)| format!("missed: {aim}"))
            .collect()
    }

    pub fn worse_than(&self, old: &Self) -> Vec<String> {
        let pairs = self.updates().into_iter().zip(old.updates());
        let mut complaints: Vec<String> = pairs
            .filter(|((_, new), (_, old))| new.is_worse_than(old))
            .map(|((name, new), (_, old))| {
                format!("{name}: {old:?} became {new:?}; if it has to, `make bench`")
            })
            .collect();
        if self.without_updates != old.without_updates {
            complaints.push(format!("{:?} became {:?}", old.without_updates, self.without_updates));
        }
        complaints
    }

    pub fn read() -> Result<Self> {
        let text =
            std::fs::read_to_string(path()).map_err(|error| format!("{}: {error}", path().display()))?;
        Ok(serde_json::from_str(&text)?)
    }

    pub fn write(&self) -> Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        std::fs::write(path(), text).map_err(|error| format!("{}: {error}", path().display()).into())
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "{:<12} validators  moving  transactions   CU in all  most in one  accounts  bytes  users acted",
            ""
        )?;
        for (name, of) in self.updates() {
            writeln!(
                f,
                "{name:<12} {:>10} {:>7} {:>13} {:>11} {:>12} {:>9} {:>6} {:>12}",
                of.validators,
                of.moving,
                of.transactions,
                of.compute_units,
                of.most_compute_units,
                of.most_accounts,
                of.most_bytes,
                of.times_users_acted,
            )?;
        }
        let Quiet { slots, slots_with_rewards_being_paid: paying, slots_in_which_users_could_act: acted } =
            self.without_updates;
        write!(f, "an epoch without updates: {slots} slots, rewards are paid in {paying}; users could act in {acted}")
    }
}

fn path() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../bench/thousand_validators.json"))
}
