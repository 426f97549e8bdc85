//! Why the chain refused something, as whoever tried it reads it.

use {serde::Serialize, tidepool_localnet::Failure};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The program's name for it; empty if it has none.
    pub error: String,
    pub text: String,
    /// What would still have fitted, as the log of a refused stake says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fits: Option<u64>,
}

impl Refusal {
    pub fn of(failure: &Failure) -> Self {
        let said = || failure.logs.iter().filter_map(|line| line.strip_prefix("Program log: "));
        let between = |from: &str, to: &str| {
            said().find_map(|line| Some(line.split_once(from)?.1.split_once(to)?.0.to_string()))
        };
        let by_program = said().find_map(|line| line.split_once("Error Message: ")).map(|(_, text)| text);
        let text = by_program.or(said().next_back()).map(str::to_string);
        let fits = between("rewards for ", " are left").and_then(|amount| amount.parse().ok());
        Self {
            error: between("Error Code: ", ".").unwrap_or_default(),
            text: text.map_or(failure.error.to_string(), |text| text.trim_end_matches('.').to_string()),
            fits,
        }
    }
}
