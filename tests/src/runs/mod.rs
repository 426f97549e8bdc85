//! Random runs of a program against a plain model of it: whatever the program is, a run is a start, a script of steps and
//! what became of it. A script that fails is shortened and printed, and can be played again.
//!
//! A [`Game`] says what the steps are and does each of them with the program and with the model; [`main`] plays.

mod agree;
mod calls;
mod check;
mod command;
mod dice;
mod script;
mod shrink;

pub use {
    agree::{agree, unexpected},
    calls::{Calls, Counts},
    check::check_steps,
    command::main,
    dice::Dice,
    script::{Fault, Script, Tally},
};

use {
    serde::{de::DeserializeOwned, Serialize},
    std::{collections::BTreeMap, fmt},
};

/// A program on a chain and its model beside it.
pub trait Game: Sized {
    /// A step, in words that keep their meaning when steps around it are left out.
    type Action: Copy + fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send;
    /// A fault that the model can be given: the runs must then fail.
    type Mistake: Copy + fmt::Debug + Send + Sync + 'static;

    /// Of the command.
    const NAME: &'static str;
    const MISTAKES: &'static [Self::Mistake];
    /// Interface of the program, as Anchor writes it down.
    const IDL: &'static str;

    /// About `steps` random steps and how the run ends.
    fn script(seed: u64, run: u64, steps: u64) -> Vec<Self::Action>;

    /// The same step in smaller, best first.
    fn simpler(action: &Self::Action) -> Vec<Self::Action>;

    /// All of it follows from seed and run.
    fn start(seed: u64, run: u64, mistake: Option<Self::Mistake>) -> Result<Self, Difference>;

    /// Does the step in both and compares all there is.
    fn step(&mut self, action: &Self::Action) -> Result<Done, Difference>;

    /// What the run has to tell besides its steps.
    fn figures(&self) -> Figures;

    /// Every instruction of the program, and how often it was called.
    fn calls(&self) -> Counts;
}

/// Figures of runs by name.
pub type Figures = BTreeMap<&'static str, Figure>;

/// How figures of several runs come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    Sum(u64),
    Most(u64),
}

impl Figure {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Sum(one), Self::Sum(other)) => Self::Sum(one + other),
            (one, other) => Self::Most(one.number().max(other.number())),
        }
    }

    fn number(self) -> u64 {
        match self {
            Self::Sum(number) | Self::Most(number) => number,
        }
    }
}

/// Program and model do not agree, or an invariant is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What kind of difference it is; the same fault has the same.
    pub kind: String,
    pub text: String,
}

impl Difference {
    pub fn new(kind: impl Into<String>, text: impl Into<String>) -> Self {
        Self { kind: kind.into(), text: text.into() }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.text)
    }
}

/// How a step ended, in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// With what it gave, for a reader.
    Ok(String),
    /// By the name of the error.
    Refused(String),
    /// There was nothing to do it with, so it was not tried.
    Idle,
}
