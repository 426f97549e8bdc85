//! Every instruction in its normal and in its worst case. A case prepares a pool of its own, makes sure that it is what
//! its name says, and gives the outcome of the one transaction that is measured.

mod liquidity;
mod moves;
mod pool;
mod stage;
mod sync;
mod updates;
mod users;

use {crate::Result, tidepool_localnet::Outcome};

pub struct Case {
    /// Instruction and situation.
    pub name: &'static str,
    /// Compute units the instruction may use at most.
    pub limit: Option<u64>,
    /// Plays it on the chain of a seed.
    pub run: fn(u64) -> Result<Outcome>,
}

const fn case(name: &'static str, run: fn(u64) -> Result<Outcome>) -> Case {
    Case { name, limit: None, run }
}

const fn limited(name: &'static str, limit: u64, run: fn(u64) -> Result<Outcome>) -> Case {
    Case { name, limit: Some(limit), run }
}

const DEPOSIT: u64 = 11_500;
const LIQUID_UNSTAKE: u64 = 16_000;
const ORDER: u64 = 16_000;
const CLAIM: u64 = 9_000;
const DELEGATE: u64 = 40_000;
const UNDELEGATE: u64 = 45_000;

/// For an update of so many validators with rewards and nothing to move.
const fn resting(validators: u64) -> u64 {
    12_000 + 3_000 * validators
}

/// With stake that joins each one's main account.
const fn merging(validators: u64) -> u64 {
    34_000 * validators
}

/// With stake that comes back from each.
const fn returning(validators: u64) -> u64 {
    18_000 * validators
}

/// What a transaction may use, less the instruction that asks for it.
const TRANSACTION: u64 = 1_400_000 - 150;

pub const CASES: &[Case] = &[
    case("initialize_pool/normal", pool::initialize),
    case("initialize_pool/with lamports on its addresses", pool::initialize_with_lamports_on_its_addresses),
    case("add_validator/first on a page", pool::add_first_validator),
    case("add_validator/later", pool::add_later_validator),
    case("add_validator/last on a page", pool::add_last_validator),
    limited("deposit/normal", DEPOSIT, users::deposit),
    limited("deposit/worst", DEPOSIT, users::deposit_into_trouble),
    limited("deposit/fills all tickets", DEPOSIT, users::deposit_fills_all_tickets),
    limited("liquid_unstake/above the target", LIQUID_UNSTAKE, users::exit_above_the_target),
    limited("liquid_unstake/across the target", LIQUID_UNSTAKE, users::exit_across_the_target),
    limited("liquid_unstake/below the target", LIQUID_UNSTAKE, users::exit_below_the_target),
    limited("liquid_unstake/worst", LIQUID_UNSTAKE, users::exit_in_trouble),
    limited("order_unstake/normal", ORDER, users::order),
    limited("order_unstake/worst", ORDER, users::order_in_trouble),
    case("order_unstake/with lamports on the ticket's address", users::order_with_lamports_on_its_address),
    limited("claim_ticket/in full", CLAIM, users::claim_in_full),
    limited("claim_ticket/in part", CLAIM, users::claim_in_part),
    limited("claim_ticket/the rest", CLAIM, users::claim_the_rest),
    limited("claim_ticket/worst", CLAIM, users::claim_in_trouble),
    case("add_liquidity/normal", liquidity::add),
    case("add_liquidity/worst", liquidity::add_in_trouble),
    case("remove_liquidity/SOL alone", liquidity::remove_sol),
    case("remove_liquidity/worst", liquidity::remove_in_trouble),
    limited("delegate/first of an epoch", DELEGATE, moves::delegate),
    limited("delegate/again in the epoch", DELEGATE, moves::delegate_again),
    limited("delegate/worst", DELEGATE, moves::delegate_in_trouble),
    case("delegate/nothing due: at the target", moves::nothing_to_delegate),
    case("delegate/nothing due: tickets wait", moves::nothing_to_delegate_while_tickets_wait),
    case("delegate/nothing due: account busy", moves::nothing_to_delegate_to_a_busy_account),
    limited("undelegate/for tickets", UNDELEGATE, moves::undelegate_for_tickets),
    limited("undelegate/above the target", UNDELEGATE, moves::undelegate_above_the_target),
    limited("undelegate/worst", UNDELEGATE, moves::undelegate_in_trouble),
    case("undelegate/after a slow warm-up", moves::undelegate_after_a_slow_warm_up),
    case("undelegate/nothing due: at the target", moves::nothing_to_undelegate),
    case("undelegate/again in the epoch", moves::undelegate_again),
    case("undelegate/nothing due: not updated", moves::nothing_to_undelegate_unseen),
    limited("update_validators/resting 1", resting(1), |seed| updates::resting(seed, 1)),
    limited("update_validators/resting 5", resting(5), |seed| updates::resting(seed, 5)),
    limited("update_validators/resting 32", resting(32), |seed| updates::resting(seed, 32)),
    limited("update_validators/resting 48", resting(48), |seed| updates::resting(seed, 48)),
    case("update_validators/seen before 1", |seed| updates::seen_before(seed, 1)),
    case("update_validators/seen before 48", |seed| updates::seen_before(seed, 48)),
    limited("update_validators/merging 1", merging(1), |seed| updates::merging(seed, 1)),
    limited("update_validators/merging 5", merging(5), |seed| updates::merging(seed, 5)),
    limited("update_validators/merging 16", merging(16), |seed| updates::merging(seed, 16)),
    limited("update_validators/merging 1, the first stake", merging(1), updates::merging_the_first_stake),
    case("update_validators/merging 1, after a slow warm-up", updates::merging_after_a_slow_warm_up),
    limited("update_validators/returning 1", returning(1), |seed| updates::returning(seed, 1)),
    limited("update_validators/returning 5", returning(5), |seed| updates::returning(seed, 5)),
    limited("update_validators/returning 16", returning(16), |seed| updates::returning(seed, 16)),
    case("update_validators/worst 1", |seed| updates::all_at_once(seed, 1)),
    case("update_validators/worst 5", |seed| updates::all_at_once(seed, 5)),
    // A transaction may make 64 calls, itself and the compute limit among them, and this takes four a validator.
    limited("update_validators/worst 16", TRANSACTION, |seed| updates::all_at_once(seed, 16)),
    case("sync_pool/nothing due", sync::nothing_due),
    case("sync_pool/normal", sync::normal),
    case("sync_pool/worst", sync::all_due),
];
