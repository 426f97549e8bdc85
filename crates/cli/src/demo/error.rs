use {
    std::{fmt, io},
    tidepool_localnet::{world::StartError, Failure},
    tidepool_math::MathError,
};

/// Why the demo could not be played to its end.
#[derive(Debug)]
pub enum DemoError {
    Start(StartError),
    /// The chain refused a step of the story.
    Refused(Box<Failure>),
    /// A figure that is not one.
    Math(MathError),
    /// A story that is played beside the one that is told has come to no end.
    Interrupted,
    /// What the pools hold is not what the story says they should, in base units.
    OutOfBalance(i128),
    /// The chain let something happen that it must refuse.
    NotRefused(String),
    /// Somebody was not paid what the program promised, in base units.
    PromiseBroken {
        who: &'static str,
        promised: u64,
        paid: u64,
    },
    Json(serde_json::Error),
    Output(io::Error),
}

impl DemoError {
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for DemoError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Start(error) => write!(f, "the chain did not start: {error}"),
            Self::Refused(failure) => {
                write!(f, "the chain refused a step: {failure}\nBuild program and demo from the same sources: `make demo`")
            }
            Self::Math(error) => write!(f, "a figure cannot be computed: {error}"),
            Self::Interrupted => {
                write!(f, "the story without one of its chapters broke off: see above; please report this")
            }
            Self::OutOfBalance(units) => {
                write!(f, "the books do not balance: {units} base units are missing; please report this")
            }
            Self::NotRefused(what) => write!(f, "the chain did not refuse it: {what}; please report this"),
            Self::PromiseBroken { who, promised, paid } => {
                write!(f, "{who} was promised {promised} base units and paid {paid}; please report this")
            }
            Self::Json(error) => write!(f, "the figures do not make JSON: {error}"),
            Self::Output(error) => write!(f, "nothing can be written to standard output: {error}"),
        }
    }
}

impl std::error::Error for DemoError {}

impl From<StartError> for DemoError {
    fn from(error: StartError) -> Self {
        Self::Start(error)
    }
}

impl From<Failure> for DemoError {
    fn from(failure: Failure) -> Self {
        Self::Refused(Box::new(failure))
    }
}

impl From<MathError> for DemoError {
    fn from(error: MathError) -> Self {
        Self::Math(error)
    }
}

impl From<serde_json::Error> for DemoError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl From<io::Error> for DemoError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
