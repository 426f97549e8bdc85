//! What happens in the story, as data and as a sentence.

use {
    super::{
        calendar::{date, DAY},
        plan::{EMERGENCY_REASON, GUARDIAN, MANAGER, OPERATOR},
        refusal::Refusal,
        table::{rate, tokens},
        tier::Tier,
    },
    serde::Serialize,
    std::fmt,
};

/// Amounts are base units of the token; times are Unix times.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    PoolOpened {
        tier: Tier,
        rate_bps: u16,
    },
    RewardsFunded {
        tier: Tier,
        amount: u64,
        /// In the reward vault and promised to nobody.
        free: u64,
    },
    Staked {
        who: &'static str,
        tier: Tier,
        amount: u64,
        rate_bps: u16,
        /// Set aside in the reward vault from now on.
        promised: u64,
        unlock_at: i64,
    },
    Refused {
        who: &'static str,
        tier: Tier,
        what: Attempt,
        /// Of what was tried, if it has one.
        #[serde(skip_serializing_if = "Option::is_none")]
        amount: Option<u64>,
        #[serde(flatten)]
        refusal: Refusal,
    },
    Applied {
        who: &'static str,
        amount: u64,
    },
    Approved {
        who: &'static str,
        max_amount: u64,
    },
    WhaleReminded {
        who: &'static str,
        active_stake: u64,
    },
    DidMinted {
        who: &'static str,
        name: String,
        symbol: String,
        mint: String,
    },
    /// By a keeper.
    Claimed {
        who: &'static str,
        amount: u64,
    },
    Compounded {
        who: &'static str,
        amount: u64,
        promised: u64,
        unlock_at: i64,
    },
    EmergencyBegan {
        tier: Tier,
        reason_code: u16,
        reason: &'static str,
        open_positions: u64,
        ends_at: i64,
    },
    /// What somebody sees before he decides.
    ExitWeighed {
        who: &'static str,
        principal: u64,
        /// Earned, and given up by who leaves now.
        given_up: u64,
        /// Earned and paid before.
        kept: u64,
        /// Who waits until then loses nothing.
        ends_at: i64,
    },
    LeftInEmergency {
        who: &'static str,
        principal: u64,
        /// Of the reward vault, what was kept for the position.
        forfeited: u64,
        locked_until: i64,
    },
    EmergencyEnded {
        tier: Tier,
        seconds: i64,
        /// Positions that waited, and what they earned meanwhile.
        waited: usize,
        earned: u64,
    },
    ForfeitFreed {
        tier: Tier,
        amount: u64,
        free: u64,
    },
    LiesIdle {
        who: &'static str,
        tier: Tier,
        principal: u64,
        claimable: u64,
        since: i64,
        /// What it would earn in a day if it were rolled over; none if the pool would refuse that.
        per_day: Option<u64>,
    },
    Unstaked {
        who: &'static str,
        tier: Tier,
        principal: u64,
        reward: u64,
    },
    RolledOver {
        who: &'static str,
        tier: Tier,
        principal: u64,
        reward: u64,
        promised: u64,
        unlock_at: i64,
    },
    ExcessTaken {
        tier: Tier,
        amount: u64,
    },
    PoolClosed {
        tier: Tier,
        principal_vault: u64,
        reward_vault: u64,
    },
}

/// What somebody tried in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Attempt {
    Stake,
    Claim,
    Unstake,
    WithdrawExcess,
    TransferDid,
}

/// An event and when it falls.
#[derive(Clone, Debug, Serialize)]
pub struct Happened {
    pub unix_time: i64,
    pub date: String,
    #[serde(flatten)]
    pub event: Event,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::PoolOpened { tier, rate_bps } => {
                write!(f, "the {OPERATOR} opens the {tier} pool: {}", rate(*rate_bps))
            }
            Self::RewardsFunded { tier, amount, free } => write!(
                f,
                "the {OPERATOR} brings {} of rewards to the {tier} pool; {} are promised to nobody",
                tokens(*amount),
                tokens(*free)
            ),
            Self::Staked { who, tier, amount, rate_bps, promised, unlock_at } => write!(
                f,
                "{who} stakes {} in the {tier} pool: {}; {} more by {}",
                tokens(*amount),
                rate(*rate_bps),
                tokens(*promised),
                date(*unlock_at)
            ),
            Self::Refused { who, tier, what, amount, refusal } => {
                let amount = amount.map(tokens).unwrap_or_default();
                match what {
                    Attempt::Stake => write!(f, "{who} would stake {amount} in the {tier} pool"),
                    Attempt::Claim => write!(f, "a keeper would claim for {who}"),
                    Attempt::Unstake => write!(f, "{who} comes a second too early"),
                    Attempt::WithdrawExcess => {
                        write!(f, "the {who} would take {amount} out of the {tier} pool's reward vault")
                    }
                    Attempt::TransferDid => write!(f, "{who} would give the token away"),
                }?;
                write!(f, ", and is refused:\n    {}", refusal.text)?;
                match refusal.fits {
                    Some(fits) => write!(f, "\n    what is left would cover {}", tokens(fits)),
                    None => Ok(()),
                }
            }
            Self::Applied { who, amount } => {
                write!(f, "{who} applies for the premium pool with {}", tokens(*amount))
            }
            Self::Approved { who, max_amount } => {
                write!(f, "the {MANAGER} approves {who} for up to {}", tokens(*max_amount))
            }
            Self::WhaleReminded { who, active_stake } => {
                write!(f, "{who} is told: with {} staked, a whale's token is there to be minted", tokens(*active_stake))
            }
            Self::DidMinted { who, name, symbol, .. } => {
                write!(f, "{who} mints it: \"{name}\" ({symbol}), one of its kind; it gives no claim on funds")
            }
            Self::Claimed { who, amount } => {
                write!(f, "a keeper claims for {who}: {} arrive in {who}'s wallet", tokens(*amount))
            }
            Self::Compounded { who, amount, promised, unlock_at } => write!(
                f,
                "{who} stakes what is earned so far, {}: {} more by {}",
                tokens(*amount),
                tokens(*promised),
                date(*unlock_at)
            ),
            Self::EmergencyBegan { tier, reason_code, open_positions, ends_at, .. } => write!(
                f,
                "! the {GUARDIAN} begins an emergency of the {tier} pool, reason {reason_code}: {}\n    \
                 no stakes, no claims; it ends by itself by {}; {open_positions} positions wait, or leave with principal only",
                EMERGENCY_REASON.1,
                date(*ends_at)
            ),
            Self::ExitWeighed { who, principal, given_up, kept, ends_at } => {
                write!(f, "{who} weighs it: {} now, and {} earned are given up", tokens(*principal), tokens(*given_up))?;
                if *kept > 0 {
                    write!(f, " ({} claimed before stay)", tokens(*kept))?;
                }
                write!(f, ";\n    or wait until {} at the latest, and lose nothing", date(*ends_at))
            }
            Self::LeftInEmergency { who, principal, forfeited, locked_until } => write!(
                f,
                "{who} leaves at once: {} arrive; {} that were kept for {who} are locked until {}",
                tokens(*principal),
                tokens(*forfeited),
                date(*locked_until)
            ),
            Self::EmergencyEnded { seconds, waited, earned, .. } => write!(
                f,
                "the emergency ends by itself after {} days; {waited} positions waited, and earned {} meanwhile",
                seconds / DAY,
                tokens(*earned)
            ),
            Self::ForfeitFreed { tier, amount, free } => write!(
                f,
                "{} given up in the {tier} pool are not locked any more; {} are promised to nobody",
                tokens(*amount),
                tokens(*free)
            ),
            Self::LiesIdle { who, tier, principal, claimable, since, per_day } => {
                write!(
                    f,
                    "{who}'s position in the {tier} pool lies idle: {} with {} earned, nothing more since {}",
                    tokens(*principal),
                    tokens(*claimable),
                    date(*since)
                )?;
                match per_day {
                    Some(reward) => write!(f, ";\n    rolled over, it would earn {} a day", tokens(*reward)),
                    None => Ok(()),
                }
            }
            Self::Unstaked { who, tier, principal, reward } => write!(
                f,
                "{who} leaves the {tier} pool: {} and {} of reward arrive",
                tokens(*principal),
                tokens(*reward)
            ),
            Self::RolledOver { who, principal, reward, promised, unlock_at, .. } => write!(
                f,
                "{who} rolls over {} with its reward of {}: {} more by {}",
                tokens(*principal),
                tokens(*reward),
                tokens(*promised),
                date(*unlock_at)
            ),
            Self::ExcessTaken { tier, amount } => write!(
                f,
                "the {OPERATOR} takes {} that nobody was promised out of the {tier} pool's reward vault",
                tokens(*amount)
            ),
            Self::PoolClosed { tier, principal_vault, reward_vault } => write!(
                f,
                "the {OPERATOR} closes the {tier} pool; left in its vaults: {} of principal, {} of rewards",
                tokens(*principal_vault),
                tokens(*reward_vault)
            ),
        }
    }
}
