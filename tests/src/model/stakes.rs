//! Those who come or leave with a stake account.

use super::{
    admin::Function,
    check,
    numbers::{ceil, something, Amount, BPS, PPB},
    validators::MAIN,
    Model, Refusal,
};

/// What an epoch is taken to gain as long as none was seen, in parts per billion.
const UNKNOWN_GAIN_PPB: Amount = 1_000_000;

impl Model {
    /// A whole stake account of a person joins the main account of validator `index`. Active stake earns at once:
    /// it is charged for rewards that are not found yet alone. What is free pays the entry rate. Gives the LST.
    pub fn deposit_stake(
        &mut self,
        own: usize,
        is_active_there: bool,
        index: usize,
        min_out: Amount,
    ) -> Result<Amount, Refusal> {
        self.attempt(|m| {
            check(!m.cluster.pays_rewards, Refusal::EpochRewardsActive)?;
            m.touch();
            m.require_open(Function::Deposit)?;
            let account = m.books.own_stakes[own];
            let (stake, free) = (account.stake, account.lamports - account.stake);
            m.require_listed(index)?;
            let validator = m.books.validators[index];
            let takes_stake = validator.effective_weight() > 0 && m.votes[index].is_open;
            check(takes_stake, Refusal::ValidatorTakesNoStake)?;
            check(is_active_there, Refusal::StakeNotActive)?;
            let most = m.most_of(index, m.delegatable() + stake);
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
            let main = m.books.stakes[index][MAIN].now;
            check(main.is_open, Refusal::ForeignStakeAccount)?;
            check(main.is_settled() || main.is_idle(), Refusal::ValidatorTakesNoStake)?;
            // Into an account without stake only stake can be moved: the rest goes to the reserve.
            let to_reserve = if main.is_settled() { 0 } else { free };
            let is_enough = main.is_settled() || stake >= m.cluster.minimum_delegation;
            check(is_enough, Refusal::BelowMinimumDelegation)?;
            let has_rent = main.is_settled() || free >= m.cluster.stake_rent;
            check(has_rent, Refusal::StakeLacksRent)?;

            m.stream_premium(account.lamports, gross, m.entry_charge());
            let main = &mut m.books.stakes[index][MAIN];
            let (joins, was_idle) = (account.lamports - to_reserve, main.now.is_idle());
            main.now.receive(joins, stake);
            main.seen += joins;
            let validator = &mut m.books.validators[index];
            validator.stake_becomes(validator.staked + stake, m.cluster.epoch);
            if was_idle {
                validator.main_cooling = 0;
            }
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
        min_out: Amount,
    ) -> Result<Amount, Refusal> {
        self.attempt(|m| {
            check(!m.cluster.pays_rewards, Refusal::EpochRewardsActive)?;
            m.touch();
            m.require_open(Function::WithdrawStake)?;
            check(lst > 0, Refusal::ZeroAmount)?;
            let user = m.books.own_stakes[own].owner;
            check(m.books.people[user].lst >= lst, Refusal::InsufficientBalance)?;
            m.require_listed(index)?;
            let fee = ceil(lst, m.books.pool.fees.stake_withdrawal, BPS);
            let gained = match m.epoch_gain_ppb().max(m.books.validators[index].gain_ppb) {
                0 => UNKNOWN_GAIN_PPB,
                gained => gained,
            };
            let charge = (ceil(lst, gained, PPB) - fee).max(0);
            let rate = m.rate();
            let lamports = something(rate.lamports(lst - fee - charge))?;
            check(lamports >= min_out, Refusal::BelowMinimumOut)?;
            let validator = m.books.validators[index];
            let main = m.books.stakes[index][MAIN];
            check(main.now.is_open, Refusal::ForeignStakeAccount)?;
            check(main.now.lamports >= main.seen, Refusal::ValidatorNotUpdated)?;
            check(main.now.is_settled(), Refusal::StakeNotActive)?;
            let (all, weights) = (m.books.staked(), m.books.total_weight());
            let has_its_share = validator.staked * weights >= all * validator.effective_weight();
            check(has_its_share, Refusal::ValidatorBelowShare)?;
            let least = lamports.min(main.now.delegated - lamports);
            check(least >= m.cluster.minimum_delegation, Refusal::BelowMinimumDelegation)?;
            let has_rent = main.now.lamports - main.now.delegated >= m.cluster.stake_rent;
            check(has_rent, Refusal::StakeLacksRent)?;
            // What has not been seen cannot be booked as handed out.
            check(lamports <= main.seen, Refusal::ValidatorNotUpdated)?;

            m.books.people[user].lst -= lst;
            m.books.vaults.lst_minted -= lst;
            m.books.pool.supply -= lst - fee;
            m.books.pool.fee_shares_due += fee;
            let main = &mut m.books.stakes[index][MAIN];
            main.now.lamports -= lamports;
            main.now.delegated -= lamports;
            main.seen -= lamports;
            let validator = &mut m.books.validators[index];
            validator.stake_becomes((validator.staked - lamports).max(0), m.cluster.epoch);
            let account = &mut m.books.own_stakes[own];
            account.lamports += lamports;
            account.stake += lamports;
            let charged = rate.lamports(charge);
            m.books.pool.gains.fees += charged;
            m.stream(charged, m.cluster.slots_per_epoch);
            Ok(lamports)
        })
    }
}
