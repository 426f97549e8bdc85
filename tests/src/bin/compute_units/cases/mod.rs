//! Every instruction in its normal and in its worst case. A case prepares a pool of its own, makes sure that it is what
//! its name says, and gives the outcome of the one transaction that is measured.

mod bonds;
mod deposits;
mod fixed;
mod governance;
mod liquidity;
mod moves;
mod pool;
mod stage;
mod stakes;
mod sync;
mod tickets;
mod updates;
mod users;
mod validators;
mod views;

use {
    crate::Result,
    tidepool_localnet::{Outcome, VoteVersion},
};

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
/// A deposit that buys from the liquidity pool or pays a referrer makes one or two calls more.
const DEPOSIT_FOR_MORE: u64 = 16_000;
const DEPOSIT_STAKE: u64 = 60_000;
/// Into a main account in which nothing is staked: MoveStake and a withdrawal instead of one merge, once per validator.
const DEPOSIT_FIRST_STAKE: u64 = 66_000;
const WITHDRAW_STAKE: u64 = 55_000;
const LIQUID_UNSTAKE: u64 = 16_000;
const ORDER: u64 = 16_000;
const CLAIM: u64 = 9_000;
const ADD_LIQUIDITY: u64 = 18_000;
const REMOVE_LIQUIDITY: u64 = 22_000;
const VIEW: u64 = 5_000;
const DELEGATE: u64 = 40_000;
const UNDELEGATE: u64 = 45_000;
const REVIEW: u64 = 8_000;
const SETTLE: u64 = 15_000;
const FIXED_STAKE: u64 = 20_000;
/// A user's first stake in a pool makes his account there too.
const FIXED_FIRST_STAKE: u64 = 26_000;
const FIXED_CLAIM: u64 = 10_000;
const FIXED_UNSTAKE: u64 = 16_000;

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
    case("join_pool/later", bonds::join),
    case("set_weights/of one", validators::set_a_weight),
    case("set_weights/of 24", validators::set_many_weights),
    case("set_validator_rules/worst", validators::set_rules),
    case("drain_validator/normal", validators::drain),
    case("remove_validator/normal", validators::remove),
    case("open_bond/normal", bonds::open),
    case("open_bond/with lamports on its address", bonds::open_with_lamports_on_its_address),
    case("post_bond/normal", bonds::post),
    case("set_bond_terms/worse", bonds::set_worse_terms),
    case("request_bond_withdrawal/normal", bonds::request_withdrawal),
    case("withdraw_bond/normal", bonds::withdraw),
    case("fund_insurance/worst", bonds::fund_insurance),
    case("propose_insurance_withdrawal/worst", bonds::propose_insurance_withdrawal),
    case("cancel_insurance_withdrawal/worst", bonds::cancel_insurance_withdrawal),
    case("withdraw_insurance/normal", bonds::withdraw_insurance),
    case("extend_history/normal", pool::extend_history),
    case("propose_role/normal", governance::propose),
    case("cancel_role_proposal/normal", governance::cancel),
    case("accept_role/normal", governance::accept),
    case("accept_role/worst", governance::accept_treasury),
    case("set_fees/worst", governance::announce_fees),
    case("set_parameters/worst", governance::set_parameters),
    case("pause/worst", governance::pause),
    case("resume/worst", governance::resume),
    limited("deposit/normal", DEPOSIT, deposits::deposit),
    limited("deposit/worst", DEPOSIT, deposits::deposit_into_trouble),
    limited("deposit/fills all tickets", DEPOSIT, deposits::deposit_fills_all_tickets),
    limited("deposit/with a warm-up charge", DEPOSIT, deposits::deposit_charged_for_warm_up),
    limited("deposit/under new fees", DEPOSIT, deposits::deposit_under_new_fees),
    limited("deposit/with a referrer", DEPOSIT_FOR_MORE, deposits::deposit_referred),
    limited("deposit/all bought", DEPOSIT_FOR_MORE, deposits::deposit_bought),
    limited("deposit/all bought, worst", DEPOSIT_FOR_MORE, deposits::deposit_bought_in_trouble),
    limited("deposit/a part bought", DEPOSIT_FOR_MORE, deposits::deposit_bought_in_part),
    case("deposit/a part bought, worst", deposits::deposit_with_everything),
    case("deposit/on Token-2022", deposits::deposit_on_token_2022),
    limited("deposit_stake/normal", DEPOSIT_STAKE, stakes::deposit),
    limited("deposit_stake/worst", DEPOSIT_STAKE, stakes::deposit_in_trouble),
    limited("deposit_stake/the first stake", DEPOSIT_FIRST_STAKE, stakes::deposit_the_first_stake),
    limited("withdraw_stake/normal", WITHDRAW_STAKE, stakes::withdraw),
    limited("withdraw_stake/worst", WITHDRAW_STAKE, stakes::withdraw_in_trouble),
    limited("liquid_unstake/above the target", LIQUID_UNSTAKE, users::exit_above_the_target),
    limited("liquid_unstake/across the target", LIQUID_UNSTAKE, users::exit_across_the_target),
    limited("liquid_unstake/below the target", LIQUID_UNSTAKE, users::exit_below_the_target),
    limited("liquid_unstake/worst", LIQUID_UNSTAKE, users::exit_in_trouble),
    limited("liquid_unstake/under a daily cap", LIQUID_UNSTAKE, users::exit_under_a_daily_cap),
    case("liquid_unstake/on Token-2022", users::exit_on_token_2022),
    limited("order_unstake/normal", ORDER, users::order),
    limited("order_unstake/worst", ORDER, users::order_in_trouble),
    case("order_unstake/with lamports on the ticket's address", users::order_with_lamports_on_its_address),
    case("order_unstake/on Token-2022", users::order_on_token_2022),
    limited("claim_ticket/in full", CLAIM, users::claim_in_full),
    limited("claim_ticket/in part", CLAIM, users::claim_in_part),
    limited("claim_ticket/the rest", CLAIM, users::claim_the_rest),
    limited("claim_ticket/worst", CLAIM, users::claim_in_trouble),
    case("cancel_ticket/normal", tickets::cancel),
    case("cancel_ticket/covered in part", tickets::cancel_covered_in_part),
    case("cancel_ticket/worst", tickets::cancel_leaves_a_gap),
    case("release_ticket/normal", tickets::release),
    case("release_ticket/nothing due", tickets::release_too_early),
    case("transfer_ticket/normal", tickets::transfer),
    limited("add_liquidity/normal", ADD_LIQUIDITY, liquidity::add),
    limited("add_liquidity/worst", ADD_LIQUIDITY, liquidity::add_in_trouble),
    limited("remove_liquidity/SOL alone", REMOVE_LIQUIDITY, liquidity::remove_sol),
    limited("remove_liquidity/worst", REMOVE_LIQUIDITY, liquidity::remove_in_trouble),
    case("recycle_liquidity/normal", liquidity::recycle),
    case("recycle_liquidity/worst", liquidity::recycle_in_trouble),
    case("recycle_liquidity/nothing due", liquidity::recycle_nothing),
    case("collect_recycled/in full", liquidity::collect),
    case("collect_recycled/the rest", liquidity::collect_the_rest),
    case("collect_recycled/worst", liquidity::collect_in_part),
    limited("get_rate/normal", VIEW, views::rate),
    limited("get_rate/worst", VIEW, views::rate_in_trouble),
    limited("preview_deposit/worst", VIEW, views::deposit),
    limited("preview_liquid_unstake/worst", VIEW, views::liquid_unstake),
    limited("preview_order_unstake/worst", VIEW, views::order),
    limited("get_apy/7 days of 512 entries", VIEW, |seed| views::apy(seed, 7)),
    limited("get_apy/a year of 512 entries", VIEW, |seed| views::apy(seed, 365)),
    limited("get_safety/worst", VIEW, views::safety),
    limited("delegate/first of an epoch", DELEGATE, moves::delegate),
    limited("delegate/again in the epoch", DELEGATE, moves::delegate_again),
    limited("delegate/worst", DELEGATE, moves::delegate_in_trouble),
    case("delegate/nothing due: at the target", moves::nothing_to_delegate),
    case("delegate/nothing due: tickets wait", moves::nothing_to_delegate_while_tickets_wait),
    case("delegate/nothing due: account busy", moves::nothing_to_delegate_to_a_busy_account),
    limited("undelegate/for tickets", UNDELEGATE, moves::undelegate_for_tickets),
    limited("undelegate/above the target", UNDELEGATE, moves::undelegate_above_the_target),
    limited("undelegate/what has to leave", UNDELEGATE, validators::undelegate_what_has_to_leave),
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
    limited("update_validators/closing 16", TRANSACTION, |seed| validators::update_closes(seed, 16)),
    limited("review_validator/first of an epoch", REVIEW, validators::review),
    limited("review_validator/worst, V1_14_11", REVIEW, |seed| {
        validators::review_in_trouble(seed, VoteVersion::V1_14_11)
    }),
    limited("review_validator/worst, V3", REVIEW, |seed| {
        validators::review_in_trouble(seed, VoteVersion::V3)
    }),
    limited("review_validator/worst, V4", REVIEW, |seed| {
        validators::review_in_trouble(seed, VoteVersion::V4)
    }),
    limited("review_validator/without a vote account", REVIEW, validators::review_without_a_vote_account),
    case("review_validator/again in the epoch", validators::review_again),
    limited("settle_bond/a bid", SETTLE, bonds::settle),
    limited("settle_bond/worst", SETTLE, bonds::settle_in_trouble),
    case("settle_bond/again in the epoch", bonds::settle_again),
    case("sync_pool/nothing due", sync::nothing_due),
    case("sync_pool/normal", sync::normal),
    case("sync_pool/worst", sync::all_due),
    case("fixed_pools: initialize_pool/normal", fixed::initialize),
    limited("fixed_pools: stake/the first of a user", FIXED_FIRST_STAKE, fixed::first_stake),
    limited("fixed_pools: stake/normal", FIXED_STAKE, fixed::stake),
    limited("fixed_pools: stake/with an entry", FIXED_STAKE, fixed::stake_with_entry),
    case("fixed_pools: stake/the first of a user, with a proof of 20 nodes", fixed::stake_with_proof),
    case("fixed_pools: stake/with lamports on its address", fixed::stake_with_lamports_on_its_address),
    limited("fixed_pools: claim/normal", FIXED_CLAIM, fixed::claim),
    case("fixed_pools: claim_many/of 10", fixed::claim_ten),
    case("fixed_pools: compound/normal", fixed::compound),
    case("fixed_pools: roll_over/normal", fixed::roll_over),
    limited("fixed_pools: unstake/normal", FIXED_UNSTAKE, fixed::unstake),
    case("fixed_pools: emergency_withdraw/normal", fixed::emergency_withdraw),
    case("fixed_pools: complete_early_exit/normal", fixed::complete_early_exit),
    case("fixed_pools: fund_rewards/normal", fixed::fund),
    case("fixed_pools: withdraw_excess/normal", fixed::withdraw_excess),
    case("fixed_pools: add_to_whitelist/of 10", fixed::add_ten_to_whitelist),
    case("fixed_pools: mint_whale_did/normal", fixed::mint_whale_did),
    limited("fixed_pools: pending_reward/normal", VIEW, fixed::pending_reward),
    limited("fixed_pools: quote_stake/normal", VIEW, fixed::quote_stake),
    limited("fixed_pools: get_metrics/normal", VIEW, fixed::get_metrics),
];
