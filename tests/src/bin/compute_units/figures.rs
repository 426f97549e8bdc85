//! The file the figures are kept in.

use {
    crate::{measure::Measured, Result},
    serde::{Deserialize, Serialize},
    std::{collections::BTreeMap, path::PathBuf},
};

/// What is known of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Figure {
    Instruction {
        /// Of the dearest run.
        compute_units: u64,
        /// Of them, consumed by programs it called.
        in_cpis: u64,
        /// Calls it made.
        calls: u64,
        /// Of the cheapest run, if keys make a difference.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_best: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u64>,
    },
    Program {
        bytes: u64,
        limit: u64,
    },
}

impl Figure {
    pub fn of_runs(runs: &[Measured], limit: Option<u64>) -> Result<Self> {
        let dearest = runs.iter().max_by_key(|run| run.total).ok_or("measured nothing")?;
        let cheapest = runs.iter().map(|run| run.total).min().filter(|total| *total < dearest.total);
        Ok(Self::Instruction {
            compute_units: dearest.total,
            in_cpis: dearest.in_cpis,
            calls: dearest.calls,
            at_best: cheapest,
            limit,
        })
    }

    /// What must not rise.
    pub fn value(&self) -> u64 {
        match self {
            Self::Instruction { compute_units, .. } => *compute_units,
            Self::Program { bytes, .. } => *bytes,
        }
    }

    pub fn limit(&self) -> Option<u64> {
        match self {
            Self::Instruction { limit, .. } => *limit,
            Self::Program { limit, .. } => Some(*limit),
        }
    }

    pub fn unit(&self) -> &'static str {
        match self {
            Self::Instruction { .. } => "CU",
            Self::Program { .. } => "bytes",
        }
    }
}

/// All figures by name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Figures(BTreeMap<String, Figure>);

impl Figures {
    pub fn of(rows: &[(&str, Figure)]) -> Self {
        Self(rows.iter().map(|(name, figure)| (name.to_string(), *figure)).collect())
    }

    /// Empty if there is no file yet.
    pub fn read() -> Result<Self> {
        match std::fs::read_to_string(path()) {
            Ok(text) => {
                Ok(serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path().display()))?)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("{}: {error}", path().display()).into()),
        }
    }

    pub fn write(&self) -> Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        std::fs::write(path(), text).map_err(|error| format!("{}: {error}", path().display()).into())
    }

    pub fn get(&self, name: &str) -> Option<&Figure> {
        self.0.get(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

fn path() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../bench/compute_units.json"))
}
