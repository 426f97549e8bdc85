//! Those who come or leave with a stake account. What the pool has staked with each validator is told to the model.

use super::{
    admin::Function,
    check,
    numbers::{ceil, floor, something, Amount, BPS, PPB},
    Model, Refusal,
};

/// What an epoch is taken to gain as long as none was seen, in parts per billion.
const UNKNOWN_GAIN_PPB: Amount = 1_000_000;

/// A validator as the pool knows it, and its main account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Validator {
    /// What of the pool's stake with it is active or warming up.
    pub staked: Amount,
    /// Of its stake, what is cooling down.
    pub cooling: Amount,
    /// Weight × score.
    pub weight: Amount,
    /// What is delegated in its main account.
    pub main_stake: Amount,
    /// All of that is active and nobody has asked it to cool down.
    pub main_is_active: bool,
    /// Nothing is staked there.
    pub main_is_idle: bool,
}

impl Model {
    /// A whole stake account of a person joins the main account of validator `index`. Active stake earns at once:
    /// it is charged for rewards that are not found yet alone. What is free pays the entry rate. Gives the LST.
    pub fn deposit_stake(
        &mut self,
        own: usize,
        is_active_there: bool,
        index: usize,
        validators: &[Validator],
        min_out: Amount,
    ) -> Result<Amount, Refusal> {
        self.attempt(|m| {
            check(!m.cluster.pays_rewards, Refusal::EpochRewardsActive)?;
            m.touch();
            m.require_open(Function::Deposit)?;
            let account = m.books.own_stakes[own];
            let (stake, free) = (account.stake, account.lamports - account.stake);
            let validator = validators[index];
            check(validator.weight > 0, Refusal::ValidatorTakesNoStake)?;
            check(is_active_there, Refusal::StakeNotActive)?;
            let most = floor(m.delegatable(validators) + stake, m.books.pool.settings.max_validator, BPS);
            check(validator.staked + stake <= most, Refusal::ValidatorAboveCap)?;
            check(account.lamports > 0, Refusal::ZeroAmount)?;
            check(account.lamports >= m.books.pool.settings.min_deposit, Refusal::BelowMinimumDeposit)?;
            m.require_room(account.lamports)?;
            let entry = m.entry_rate();
            let earned = m.rate_with(m.stake_charge());
            let gross = earned.shares(stake)? + entry.shares(free)?;
            let fee = ceil(gross, m.books.pool.fees.deposit, BPS);
            let shares = something(gross - fee)?;
            check(shares >= min_out, Refusal::BelowMinimumOut)?;
            check(validator.main_is_active || validator.main_is_idle, Refusal::ValidatorTakesNoStake)?;
            // Into an account without stake only stake can be moved: the rest goes to the reserve.
            let to_reserve = if validator.main_is_active { 0 } else { free };
            let is_enough = validator.main_is_active || stake >= m.cluster.minimum_delegation;
            check(is_enough, Refusal::BelowMinimumDelegation)?;

            m.stream_premium(account.lamports, gross, m.entry_charge());
            let main = &mut m.books.stakes[index][0];
            main.lamports += account.lamports - to_reserve;
            main.seen += account.lamports - to_reserve;
            m.books.pool.reserve += to_reserve;
            m.books.vaults.reserve += to_reserve;
            m.books.pool.supply += gross;
            m.books.pool.fee_shares_due += fee;
            m.mint(account.owner, shares);
            m.books.own_stakes.remove(own);
            m.fill();
            Ok(shares)
        })
    }

    /// Burns LST, but for the fee, and splits active stake off validator `index` into an empty stake account of the person.
    /// It costs the larger of the fee and of what the pool or that validator's stake gained in the last epoch; what that is
    /// more is streamed over an epoch. Gives the stake.
    pub fn withdraw_stake(
        &mut self,
        own: usize,
        lst: Amount,
        index: usize,
        validators: &[Validator],
        min_out: Amount,
    ) -> Result<Amount, Refusal> {
        self.attempt(|m| {
            check(!m.cluster.pays_rewards, Refusal::EpochRewardsActive)?;
            m.touch();
            m.require_open(Function::WithdrawStake)?;
            check(lst > 0, Refusal::ZeroAmount)?;
            let user = m.books.own_stakes[own].owner;
            check(m.books.people[user].lst >= lst, Refusal::InsufficientBalance)?;
            let fee = ceil(lst, m.books.pool.fees.stake_withdrawal, BPS);
            let gained = match m.epoch_gain_ppb().max(m.books.validators[index].gain_ppb) {
                0 => UNKNOWN_GAIN_PPB,
                gained => gained,
            };
            let charge = (ceil(lst, gained, PPB) - fee).max(0);
            let rate = m.rate();
            let lamports = something(rate.lamports(lst - fee - charge))?;
            check(lamports >= min_out, Refusal::BelowMinimumOut)?;
            let validator = validators[index];
            let main = m.books.stakes[index][0];
            check(main.lamports >= main.seen, Refusal::ValidatorNotUpdated)?;
            check(validator.main_is_active, Refusal::StakeNotActive)?;
            let sum = |of: fn(&Validator) -> Amount| -> Amount { validators.iter().map(of).sum() };
            let has_its_share = validator.staked * sum(|v| v.weight) >= sum(|v| v.staked) * validator.weight;
            check(has_its_share, Refusal::ValidatorBelowShare)?;
            let least = lamports.min(validator.main_stake - lamports);
            check(least >= m.cluster.minimum_delegation, Refusal::BelowMinimumDelegation)?;
            // What has not been seen cannot be booked as handed out.
            check(lamports <= main.seen, Refusal::ValidatorNotUpdated)?;

            m.books.people[user].lst -= lst;
            m.books.vaults.lst_minted -= lst;
            m.books.pool.supply -= lst - fee;
            m.books.pool.fee_shares_due += fee;
            let main = &mut m.books.stakes[index][0];
            main.lamports -= lamports;
            main.seen -= lamports;
            let account = &mut m.books.own_stakes[own];
            account.lamports += lamports;
            account.stake += lamports;
            m.stream(rate.lamports(charge), m.cluster.slots_per_epoch);
            Ok(lamports)
        })
    }

    /// What is to be spread over the validators: stake and spare SOL, less what tickets wait for. Tickets of this very slot
    /// do not count yet: neither what they wait for nor what the reserve has promised them.
    fn delegatable(&self, validators: &[Validator]) -> Amount {
        let pool = &self.books.pool;
        let staked: Amount = validators.iter().map(|validator| validator.staked + validator.cooling).sum();
        let buffer = ceil(self.books.value(), pool.settings.reserve_target, BPS);
        let mut queue = pool.queue;
        let mut waiting = queue.unfilled();
        if pool.order_slot == self.cluster.slot {
            waiting = queue.unfilled_since(pool.total_before, pool.cancelled_before);
            queue.filled = queue.filled.min(pool.total_before).max(queue.settled);
        }
        let free = (pool.reserve - queue.reserved() - pool.insurance_due).max(0);
        (staked + free - buffer - waiting).max(0)
    }
}
