//! What may stand in the place of something else, because it costs nobody anything but the one who sends it, and why.

use crate::impostors::{FLAGS, ITSELF_NOW, SIGNING};

/// These impostors, in this place of this instruction.
pub struct Harmless {
    pub instruction: &'static str,
    pub place: &'static str,
    pub who: Who,
}

#[derive(Clone, Copy)]
pub enum Who {
    /// Whoever signs: it is his own SOL and he wants it so.
    AnyoneWhoSigns,
    /// The account itself, whatever has become of it.
    ItselfSpoilt,
    /// Every account there is.
    Anything,
    /// By name.
    These(&'static [&'static str]),
}

const fn harmless(instruction: &'static str, place: &'static str, who: Who) -> Harmless {
    Harmless { instruction, place, who }
}

/// Whoever gives something away may give it to any token account that can take it. A copy is an account of the same
/// owner for the same mint.
const ANY_LST_ACCOUNT: Who = Who::These(&["bob's LST", "carl's LST", "treasury", "dead LST", "copy"]);
/// What is minted into the liquidity pool's vault is a gift to the holders, by the next sync.
const ANY_LST_ACCOUNT_AND_THE_VAULT: Who =
    Who::These(&["bob's LST", "carl's LST", "treasury", "dead LST", "copy", "LST vault"]);
const ANY_LP_ACCOUNT: Who = Who::These(&["bob's LP", "carl's LP", "dead LP", "copy"]);
/// Another account of who signs.
const OWN_OTHER_ACCOUNT: Who = Who::These(&["copy"]);
/// A view answers for the pool it is asked about.
const THE_OTHER_POOL: Who = Who::These(&["other pool"]);

pub const HARMLESS: &[Harmless] = &[
    harmless("initialize_pool", "creator", Who::AnyoneWhoSigns),
    harmless("initialize_pool", "treasury", OWN_OTHER_ACCOUNT),
    harmless("add_validator", "payer", Who::AnyoneWhoSigns),
    harmless("deposit", "user", Who::AnyoneWhoSigns),
    harmless("deposit", "lst_to", ANY_LST_ACCOUNT),
    // A depositor does not fail because somebody else closed an account: what cannot take LST of the mint gets none.
    harmless("deposit", "referrer", Who::Anything),
    // A validator that leaves may do so right before or right after: the stake is the same.
    harmless("deposit_stake", "vote", Who::These(GONE_VOTE_ACCOUNT)),
    harmless("deposit_stake", "user_stake", OWN_OTHER_ACCOUNT),
    harmless("deposit_stake", "lst_to", ANY_LST_ACCOUNT_AND_THE_VAULT),
    // A validator that closes its vote account must not keep its stake.
    harmless("withdraw_stake", "vote", Who::ItselfSpoilt),
    harmless("withdraw_stake", "user_stake", OWN_OTHER_ACCOUNT),
    harmless("withdraw_stake", "lst_from", OWN_OTHER_ACCOUNT),
    harmless("undelegate", "vote", Who::ItselfSpoilt),
    harmless("order_unstake", "rent_payer", Who::AnyoneWhoSigns),
    harmless("order_unstake", "lst_from", OWN_OTHER_ACCOUNT),
    // A ticket is paid to its owner, and its rent to who paid that, whatever they are or have become.
    harmless("claim_ticket", "owner", Who::ItselfSpoilt),
    harmless("claim_ticket", "rent_payer", Who::ItselfSpoilt),
    harmless("cancel_ticket", "rent_payer", Who::ItselfSpoilt),
    harmless("cancel_ticket", "lst_to", ANY_LST_ACCOUNT_AND_THE_VAULT),
    harmless("release_ticket", "rent_payer", Who::ItselfSpoilt),
    harmless("collect_recycled", "rent_payer", Who::ItselfSpoilt),
    harmless("recycle_liquidity", "rent_payer", Who::AnyoneWhoSigns),
    harmless("liquid_unstake", "lst_from", OWN_OTHER_ACCOUNT),
    harmless("add_liquidity", "user", Who::AnyoneWhoSigns),
    harmless("add_liquidity", "lp_to", ANY_LP_ACCOUNT),
    harmless("remove_liquidity", "lp_from", OWN_OTHER_ACCOUNT),
    harmless("remove_liquidity", "lst_to", ANY_LST_ACCOUNT),
    // Stake that is no longer the pool's is booked as lost and reported; it must not keep the rest from being updated.
    harmless("update_validators", "main", Who::ItselfSpoilt),
    harmless("update_validators", "onramp", Who::ItselfSpoilt),
    harmless("update_validators", "offramp", Who::ItselfSpoilt),
    // A treasury that cannot take its fees leaves them to the holders.
    harmless("sync_pool", "treasury", Who::ItselfSpoilt),
    // The history is Tidepool's and at the address the pool names. It is short until it is extended, and neither growing
    // nor being asked does anything to it.
    harmless("sync_pool", "history", Who::These(&["itself, now cut in half", "itself, now a byte short"])),
    harmless("extend_history", "history", Who::ItselfSpoilt),
    harmless("extend_history", "payer", Who::AnyoneWhoSigns),
    harmless("get_apy", "history", Who::ItselfSpoilt),
    harmless("get_rate", "pool", THE_OTHER_POOL),
    harmless("get_safety", "pool", THE_OTHER_POOL),
    harmless("preview_order_unstake", "pool", THE_OTHER_POOL),
    // The admin can do all that the guardian can.
    harmless("pause", "guardian", Who::These(&["operator, signing"])),
    harmless("resume", "guardian", Who::These(&["operator, signing"])),
];

/// Closed in this very transaction, or made anew and empty.
const GONE_VOTE_ACCOUNT: &[&str] = &[
    "itself, now zeroed",
    "itself, now zeroed and a byte short",
    "itself, now zeroed and half as long",
    "itself, now zeroed and twice as long",
    "itself, now without data",
];

impl Harmless {
    /// What a rule must have met to be of use: each impostor it names, or any of those it describes.
    pub fn expectations(&self) -> Vec<String> {
        let names = match self.who {
            Who::AnyoneWhoSigns => vec!["anyone who signs"],
            Who::ItselfSpoilt => vec!["itself, spoilt"],
            Who::Anything => vec!["anything"],
            Who::These(names) => names.to_vec(),
        };
        names.into_iter().map(|name| self.describe(name)).collect()
    }

    /// What this impostor fulfils, if the rule allows it.
    fn allow(&self, instruction: &str, place: &str, impostor: &str) -> Option<String> {
        if (self.instruction, self.place) != (instruction, place) {
            return None;
        }
        let name = match self.who {
            Who::AnyoneWhoSigns => impostor.ends_with(SIGNING).then_some("anyone who signs"),
            Who::ItselfSpoilt => impostor.starts_with(ITSELF_NOW).then_some("itself, spoilt"),
            Who::Anything => (!FLAGS.contains(&impostor)).then_some("anything"),
            Who::These(names) => names.iter().find(|name| **name == impostor).copied(),
        };
        name.map(|name| self.describe(name))
    }

    fn describe(&self, impostor: &str) -> String {
        format!("{}: {} is {impostor}", self.instruction, self.place)
    }
}

/// What allows this impostor.
pub fn allowed(instruction: &str, place: &str, impostor: &str) -> Option<String> {
    HARMLESS.iter().find_map(|rule| rule.allow(instruction, place, impostor))
}
