//! What happens in the story, as data and as a sentence.

use {
    super::table::{lst, rate_text, sol},
    serde::Serialize,
    std::fmt,
};

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The cluster paid for the epoch before; `streamed` of it reaches the holders in the course of this one.
    Rewards {
        lamports: u64,
        streamed: u64,
    },
    StakeCooled {
        lamports: u64,
    },
    TicketPaid {
        who: &'static str,
        lamports: u64,
    },
    LiquidityAdded {
        who: &'static str,
        lamports: u64,
    },
    Deposited {
        who: &'static str,
        lamports: u64,
        lst: u64,
        rate: f64,
    },
    UnstakeOrdered {
        who: &'static str,
        lst: u64,
        lamports: u64,
        /// What the reserve could have paid.
        free_reserve: u64,
    },
    ExitedAtOnce {
        who: &'static str,
        lst: u64,
        lamports: u64,
        fee: u64,
    },
    StakeDelegated {
        lamports: u64,
        validators: usize,
    },
    StakeUndelegated {
        lamports: u64,
        validators: usize,
        /// Whether tickets wait for it; else it is on its way to other validators.
        for_tickets: bool,
    },
}

/// An event and the epoch it falls into.
#[derive(Clone, Debug, Serialize)]
pub struct Happened {
    pub epoch: u64,
    #[serde(flatten)]
    pub event: Event,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Rewards { lamports, streamed } => write!(
                f,
                "the cluster has paid {} SOL of rewards; {} flow to the holders over an epoch",
                sol(*lamports),
                sol(*streamed)
            ),
            Self::StakeCooled { lamports } => {
                write!(f, "{} SOL of stake have cooled down and are back in the reserve", sol(*lamports))
            }
            Self::TicketPaid { who, lamports } => {
                write!(f, "a keeper claims the ticket: {} SOL arrive in {who}'s wallet", sol(*lamports))
            }
            Self::LiquidityAdded { who, lamports } => {
                write!(f, "{who} adds {} SOL of liquidity, for those who leave at once", sol(*lamports))
            }
            Self::Deposited { who, lamports, lst: minted, rate } => write!(
                f,
                "{who} deposits {} SOL and gets {} LST at {}",
                sol(*lamports),
                lst(*minted),
                rate_text(*rate)
            ),
            Self::UnstakeOrdered { who, lst: burned, lamports, free_reserve } => write!(
                f,
                "{who} orders a ticket: {} LST for {} SOL; the reserve could pay {}",
                lst(*burned),
                sol(*lamports),
                sol(*free_reserve)
            ),
            Self::ExitedAtOnce { who, lst: sold, lamports, fee } => write!(
                f,
                "{who} leaves at once with {} LST: gets {} SOL, {} SOL ({:.2} %) is the fee",
                lst(*sold),
                sol(*lamports),
                sol(*fee),
                100.0 * *fee as f64 / (*fee + *lamports) as f64
            ),
            Self::StakeDelegated { lamports, validators } => {
                write!(f, "keepers stake {} SOL with {}", sol(*lamports), count(*validators, "validator"))
            }
            Self::StakeUndelegated { lamports, validators, for_tickets } => write!(
                f,
                "keepers send {} SOL of {} to cool down, {}",
                sol(*lamports),
                count(*validators, "validator"),
                if *for_tickets { "for the ticket" } else { "above its target" }
            ),
        }
    }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
