//! What happens in the story, as data and as a sentence.

use {
    super::{
        story::Judged,
        table::{bps, lst, rate_text, score, sol},
    },
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
    InsuranceFunded {
        lamports: u64,
    },
    BondOpened {
        who: String,
        lamports: u64,
        /// Promised at most.
        commission_bps: u16,
        bid_ppb: u32,
    },
    FellSilent {
        who: String,
    },
    CommissionSet {
        who: String,
        commission_bps: u16,
    },
    /// Nobody in the pool knows yet.
    Slashed {
        who: String,
        lamports: u64,
    },
    /// An update found it: who bears it, until a bond makes it good.
    LossFound {
        lamports: u64,
        from_insurance: u64,
        /// Out of the rewards in flow.
        from_holders: u64,
    },
    /// A review that found something new.
    Judged {
        who: String,
        from_bps: u16,
        #[serde(flatten)]
        judged: Judged,
        /// Nothing else has changed.
        #[serde(skip)]
        is_by_yield: bool,
    },
    /// What a bond owed by reason, and what it paid.
    BondPaid {
        who: String,
        lamports: u64,
        bid: u64,
        commission: u64,
        credits: u64,
        lost: u64,
        to_insurance: u64,
        /// What is left in it.
        bond: u64,
    },
    /// Of a validator with score 0, outside the window.
    StakeLeft {
        who: String,
        lamports: u64,
        /// What is still there, for the next epoch's budget.
        left: u64,
        budget: u64,
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
            Self::InsuranceFunded { lamports } => {
                write!(f, "the operator gives {} SOL to the insurance", sol(*lamports))
            }
            Self::BondOpened { who, lamports, commission_bps, bid_ppb } => {
                write!(
                    f,
                    "{who} posts a bond of {} SOL and promises a commission of {}",
                    sol(*lamports),
                    bps(*commission_bps)
                )?;
                match bid_ppb {
                    0 => Ok(()),
                    bid => write!(f, "; bids {bid} lamports a SOL"),
                }
            }
            Self::FellSilent { who } => write!(f, "! {who} stops voting"),
            Self::CommissionSet { who, commission_bps } => {
                write!(f, "! {who} sets its commission to {}", bps(*commission_bps))
            }
            Self::Slashed { who, lamports } => {
                write!(f, "! {who} is slashed: {} SOL of the pool's stake are gone", sol(*lamports))
            }
            Self::LossFound { lamports, from_insurance, from_holders } => write!(
                f,
                "an update finds {} SOL lost: the insurance pays {}, rewards in flow {}",
                sol(*lamports),
                sol(*from_insurance),
                sol(*from_holders)
            ),
            Self::Judged { who, from_bps, judged, .. } => write!(
                f,
                "{who} is judged: {}; credits {} of the mean, commission {}, score {} -> {}",
                judged.verdict,
                bps(judged.credit_ratio_bps),
                bps(judged.commission_bps),
                score(*from_bps),
                score(judged.score_bps)
            ),
            Self::BondPaid { who, lamports, bid, commission, credits, lost, to_insurance, .. } => {
                let reasons =
                    [("bid", bid), ("commission", commission), ("credits", credits), ("loss", lost)];
                let reasons = reasons.iter().filter(|(_, due)| **due > 0);
                let reasons: Vec<String> =
                    reasons.map(|(why, due)| format!("{why} {}", sol(**due))).collect();
                write!(f, "{who}'s bond pays {} SOL ({})", sol(*lamports), reasons.join(", "))?;
                match to_insurance {
                    0 => Ok(()),
                    back => write!(f, "; {} go back to the insurance", sol(*back)),
                }
            }
            Self::StakeLeft { who, lamports, left, budget } => write!(
                f,
                "{} SOL leave {who} at once, of {} that may move in an epoch{}",
                sol(*lamports),
                sol(*budget),
                if *left > 0 { format!("; {} are left", sol(*left)) } else { String::new() }
            ),
        }
    }
}

/// Changes of scores that a line has room for.
const SCORES_IN_LINE: usize = 4;

/// What happened, in lines; of validators whose yield alone is judged anew, all in one.
pub fn lines(happened: &[Happened]) -> Vec<String> {
    let (mut lines, mut scores) = (vec![], vec![]);
    for (number, Happened { event, .. }) in happened.iter().enumerate() {
        match event {
            Event::Judged { who, from_bps, judged, is_by_yield: true } => {
                scores.push(format!("{who} {} -> {}", score(*from_bps), score(judged.score_bps)));
            }
            event => lines.push(format!("  {event}")),
        }
        let goes_on = matches!(happened.get(number + 1), Some(Happened { event: Event::Judged { .. }, .. }));
        if !goes_on && !scores.is_empty() {
            let others = scores.len().saturating_sub(SCORES_IN_LINE);
            scores.truncate(SCORES_IN_LINE);
            let more = if others > 0 { format!(", +{others} more") } else { String::new() };
            lines.push(format!("  scores by yield: {}{more}", scores.join(", ")));
            scores.clear();
        }
    }
    lines
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
