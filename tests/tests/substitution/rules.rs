//! What may stand in the place of something else, because it costs nobody anything but the one who sends it; and what
//! Tidepool leaves to others to refuse; and why.

use crate::impostors::{FLAGS, ITSELF_NOW, READ_ONLY, SIGNING};

/// These impostors, in this place of this instruction.
struct Rule {
    instruction: &'static str,
    place: &'static str,
    who: Who,
}

pub struct Rules {
    what: &'static str,
    rules: &'static [Rule],
}

#[derive(Clone, Copy)]
enum Who {
    /// Whoever signs: it is his own SOL and he wants it so.
    AnyoneWhoSigns,
    /// The account itself, whatever has become of it.
    ItselfSpoilt,
    /// Every account there is.
    Anything,
    /// By name.
    These(&'static [&'static str]),
}

const fn rule(instruction: &'static str, place: &'static str, who: Who) -> Rule {
    Rule { instruction, place, who }
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

pub const HARMLESS: Rules = Rules {
    what: "harmless",
    rules: &[
        rule("initialize_pool", "creator", Who::AnyoneWhoSigns),
        rule("initialize_pool", "treasury", OWN_OTHER_ACCOUNT),
        rule("add_validator", "payer", Who::AnyoneWhoSigns),
        rule("join_pool", "payer", Who::AnyoneWhoSigns),
        // A validator whose vote account is closed can still be let go, and is judged by what has become of it.
        rule("drain_validator", "vote", Who::ItselfSpoilt),
        rule("remove_validator", "vote", Who::ItselfSpoilt),
        // No bond can be given away; one that were would have nothing to pay.
        rule("remove_validator", "bond", Who::ItselfSpoilt),
        rule("review_validator", "vote", Who::ItselfSpoilt),
        rule("open_bond", "payer", Who::AnyoneWhoSigns),
        rule("post_bond", "payer", Who::AnyoneWhoSigns),
        // Whoever gives something away may give it to any bond of the pool.
        rule("post_bond", "bond", Who::These(&["validator 1's bond"])),
        rule("fund_insurance", "payer", Who::AnyoneWhoSigns),
        // Who was named gets it, whatever it has become.
        rule("withdraw_insurance", "to", Who::ItselfSpoilt),
        rule("deposit", "user", Who::AnyoneWhoSigns),
        rule("deposit", "lst_to", ANY_LST_ACCOUNT),
        // A depositor does not fail because somebody else closed an account: what cannot take LST of the mint gets none.
        rule("deposit", "referrer", Who::Anything),
        // A validator that leaves may do so right before or right after: the stake is the same.
        rule("deposit_stake", "vote", Who::These(GONE_VOTE_ACCOUNT)),
        rule("deposit_stake", "user_stake", OWN_OTHER_ACCOUNT),
        rule("deposit_stake", "lst_to", ANY_LST_ACCOUNT_AND_THE_VAULT),
        // A validator that closes its vote account must not keep its stake.
        rule("withdraw_stake", "vote", Who::ItselfSpoilt),
        rule("withdraw_stake", "user_stake", OWN_OTHER_ACCOUNT),
        rule("withdraw_stake", "lst_from", OWN_OTHER_ACCOUNT),
        rule("undelegate", "vote", Who::ItselfSpoilt),
        rule("order_unstake", "rent_payer", Who::AnyoneWhoSigns),
        rule("order_unstake", "lst_from", OWN_OTHER_ACCOUNT),
        // A ticket is paid to its owner, and its rent to who paid that, whatever they are or have become.
        rule("claim_ticket", "owner", Who::ItselfSpoilt),
        rule("claim_ticket", "rent_payer", Who::ItselfSpoilt),
        rule("cancel_ticket", "rent_payer", Who::ItselfSpoilt),
        rule("cancel_ticket", "lst_to", ANY_LST_ACCOUNT_AND_THE_VAULT),
        // A ticket may be given to anybody, as the LST could have been.
        rule("transfer_ticket", "new_owner", Who::Anything),
        rule("release_ticket", "rent_payer", Who::ItselfSpoilt),
        rule("collect_recycled", "rent_payer", Who::ItselfSpoilt),
        rule("recycle_liquidity", "rent_payer", Who::AnyoneWhoSigns),
        rule("liquid_unstake", "lst_from", OWN_OTHER_ACCOUNT),
        rule("add_liquidity", "user", Who::AnyoneWhoSigns),
        rule("add_liquidity", "lp_to", ANY_LP_ACCOUNT),
        rule("remove_liquidity", "lp_from", OWN_OTHER_ACCOUNT),
        rule("remove_liquidity", "lst_to", ANY_LST_ACCOUNT),
        // Stake that is no longer the pool's is booked as lost and reported; it must not keep the rest from being updated.
        rule("update_validators", "main", Who::ItselfSpoilt),
        rule("update_validators", "onramp", Who::ItselfSpoilt),
        rule("update_validators", "offramp", Who::ItselfSpoilt),
        // A treasury that cannot take its fees leaves them to the holders.
        rule("sync_pool", "treasury", Who::ItselfSpoilt),
        // The history is Tidepool's and at the address the pool names. It is short until it is extended, and neither growing
        // nor being asked does anything to it.
        rule("sync_pool", "history", Who::These(&["itself, now cut in half", "itself, now a byte short"])),
        rule("extend_history", "history", Who::ItselfSpoilt),
        rule("extend_history", "payer", Who::AnyoneWhoSigns),
        rule("get_apy", "history", Who::ItselfSpoilt),
        rule("get_rate", "pool", THE_OTHER_POOL),
        rule("get_safety", "pool", THE_OTHER_POOL),
        rule("preview_order_unstake", "pool", THE_OTHER_POOL),
        // The admin can do all that the guardian can.
        rule("pause", "guardian", Who::These(&["operator, signing"])),
        rule("resume", "guardian", Who::These(&["operator, signing"])),
    ],
};

/// Refused by a program that Tidepool calls or by the runtime. All else it has to refuse itself: what another program
/// refuses today it may take tomorrow, or take from another caller.
pub const LEFT_TO_OTHERS: Rules = Rules {
    what: "left to others",
    rules: &[
        // The token program knows who may spend from an account.
        rule("order_unstake", "owner", Who::AnyoneWhoSigns),
        rule("order_unstake", "lst_from", OTHERS_LST_ACCOUNTS),
        rule("liquid_unstake", "user", Who::AnyoneWhoSigns),
        rule("liquid_unstake", "lst_from", OTHERS_LST_ACCOUNTS),
        rule("remove_liquidity", "user", Who::AnyoneWhoSigns),
        rule("remove_liquidity", "lp_from", Who::These(&["bob's LP", "carl's LP"])),
        rule("withdraw_stake", "user", Who::AnyoneWhoSigns),
        rule("withdraw_stake", "lst_from", Who::These(&["bob's LST", "carl's LST", "LST vault"])),
        // The stake program delegates to nothing that is no vote account.
        rule("delegate", "vote", Who::These(GONE_VOTE_ACCOUNT)),
        // It cannot be that the address the pool names is not Tidepool's; if it were, Tidepool could not write there.
        rule("extend_history", "history", Who::ItselfSpoilt),
        rule("sync_pool", "history", Who::ItselfSpoilt),
        // The interface does not list these accounts, so it says nothing of how they are passed.
        rule("update_validators", "main", Who::These(&[READ_ONLY])),
        rule("update_validators", "onramp", Who::These(&[READ_ONLY])),
        rule("update_validators", "offramp", Who::These(&[READ_ONLY])),
        // The pool is being written when its page is looked for.
        rule("add_validator", "page", Who::These(&["pool"])),
        rule("add_validator", "entry", Who::These(&["pool"])),
        rule("join_pool", "page", Who::These(&["pool"])),
        rule("join_pool", "entry", Who::These(&["pool"])),
        rule("update_validators", "page", Who::These(&["pool"])),
    ],
};

/// With enough in them.
const OTHERS_LST_ACCOUNTS: Who = Who::These(&["bob's LST", "carl's LST", "treasury", "LST vault"]);

/// Closed in this very transaction, or made anew and empty.
const GONE_VOTE_ACCOUNT: &[&str] = &[
    "itself, now zeroed",
    "itself, now zeroed and a byte short",
    "itself, now zeroed and half as long",
    "itself, now zeroed and twice as long",
    "itself, now without data",
];

impl Rules {
    /// What tells that this impostor is known.
    pub fn find(&self, instruction: &str, place: &str, impostor: &str) -> Option<String> {
        let mut rules =
            self.rules.iter().filter(|rule| (rule.instruction, rule.place) == (instruction, place));
        rules.find_map(|rule| Some(self.describe(rule, rule.who.includes(impostor)?)))
    }

    /// What each rule must have met to be of use: every impostor it names, or any of those it describes.
    pub fn expectations(&self) -> impl Iterator<Item = String> + '_ {
        self.rules.iter().flat_map(|rule| rule.who.all().iter().map(|name| self.describe(rule, name)))
    }

    fn describe(&self, rule: &Rule, impostor: &str) -> String {
        format!("{}: {} is {impostor}: {}", rule.instruction, rule.place, self.what)
    }
}

impl Who {
    fn all(&self) -> &'static [&'static str] {
        match self {
            Self::AnyoneWhoSigns => &["anyone who signs"],
            Self::ItselfSpoilt => &["itself, spoilt"],
            Self::Anything => &["anything"],
            Self::These(names) => names,
        }
    }

    /// Which of [`Who::all`] the impostor is.
    fn includes(&self, impostor: &str) -> Option<&'static str> {
        let is_one = match self {
            Self::AnyoneWhoSigns => impostor.ends_with(SIGNING),
            Self::ItselfSpoilt => impostor.starts_with(ITSELF_NOW),
            Self::Anything => !FLAGS.contains(&impostor),
            Self::These(names) => return names.iter().find(|name| **name == impostor).copied(),
        };
        is_one.then_some(self.all()[0])
    }
}
