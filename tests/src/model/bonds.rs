//! What validators put up for their conduct, and the insurance.

use super::{
    check,
    numbers::{ceil, Amount, BPS, PPB},
    reviews::SOUND,
    validators::{ValidatorBook, NEUTRAL},
    Keeper, Mistake, Model, Pending, Refusal,
};

/// Epochs a bond stays liable after something worse was announced.
const NOTICE: Amount = 3;

/// The most epochs that are charged at once.
const MOST_EPOCHS: Amount = 10;

/// Epochs between the proposal to take money out of the insurance and the day on which it may be taken.
const INSURANCE_NOTICE: Amount = 14;

/// Epochs for which it may be taken then.
const INSURANCE_LASTS: Amount = 14;

/// What a bond promises: the highest commission, and what is paid per staked SOL and epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    pub commission: Amount,
    pub bid_ppb: Amount,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bond {
    /// What was posted and is still there.
    pub posted: Amount,
    /// What really lies in its account, rent and gifts with it.
    pub held: Amount,
    pub terms: Terms,
    pub pending: Option<Pending<Terms>>,
    /// What its owner wants back, and the epoch from which on he may have it.
    pub asked: Amount,
    pub asked_from: Amount,
    /// The last settlement: when, the stake that epoch began with, and the least credits that were asked for.
    pub settled_in: Amount,
    pub settled_stake: Amount,
    pub min_credits: Amount,
}

/// What is to leave the insurance: how much, to whom, and from which epoch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    pub lamports: Amount,
    pub to: usize,
    pub from: Amount,
}

impl Bond {
    /// Announced terms hold from a settlement on, once the notice is over.
    fn adopt_terms(&mut self, epoch: Amount) {
        if let Some(Pending { new, from }) = self.pending {
            if epoch >= from {
                (self.terms, self.pending) = (new, None);
            }
        }
    }

    /// Nobody has settled it for so long that nobody may be able to.
    pub(super) fn is_left_alone(&self, epoch: Amount) -> bool {
        epoch >= self.settled_in + NOTICE
    }

    /// What is better holds at once; if anything is worse, all of it holds after the notice.
    fn announce(&mut self, terms: Terms, epoch: Amount) {
        self.terms.commission = self.terms.commission.min(terms.commission);
        self.terms.bid_ppb = self.terms.bid_ppb.max(terms.bid_ppb);
        self.pending = (self.terms != terms).then_some(Pending { new: terms, from: epoch + NOTICE });
    }

    fn take(&mut self, lamports: Amount) {
        self.posted -= lamports;
        self.held -= lamports;
    }

    fn backing(&self) -> Amount {
        (self.posted - self.asked).max(0)
    }
}

impl Model {
    /// Who may withdraw from the vote account opens the validator's bond, empty; somebody outside pays its rent.
    pub fn open_bond(&mut self, index: usize, terms: Terms) -> Result<(), Refusal> {
        self.attempt(|m| {
            check(m.votes[index].is_open, Refusal::NotAVoteAccount)?;
            let epoch = m.cluster.epoch;
            let new = match m.books.bonds[index] {
                // What is as good as empty is opened anew, and owes what it owed.
                Some(bond) => {
                    check(bond.posted < m.cluster.bond_rent, Refusal::BondExists)?;
                    let mut bond = Bond { asked: 0, asked_from: 0, ..bond };
                    bond.announce(terms, epoch);
                    bond
                }
                None => {
                    let held = std::mem::take(&mut m.books.bond_gifts[index]) + m.cluster.bond_rent;
                    let min_credits = m.books.pool.rules.min_credits;
                    Bond { held, terms, settled_in: epoch, min_credits, ..Bond::default() }
                }
            };
            check(terms.commission <= BPS, Refusal::InvalidParameter)?;
            m.books.bonds[index] = Some(new);
            Ok(())
        })
    }

    /// What an instruction does with a bond that there is.
    fn with_bond<T>(
        &mut self,
        index: usize,
        change: impl FnOnce(&mut Self, &mut Bond) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.attempt(|m| {
            let mut bond = m.books.bonds[index].ok_or(Refusal::AccountNotInitialized)?;
            let result = change(m, &mut bond)?;
            m.books.bonds[index] = Some(bond);
            Ok(result)
        })
    }

    /// Anyone posts SOL.
    pub fn post_bond(&mut self, user: usize, index: usize, lamports: Amount) -> Result<(), Refusal> {
        self.with_bond(index, |m, bond| {
            check(lamports > 0, Refusal::ZeroAmount)?;
            m.pay(user, lamports)?;
            bond.posted += lamports;
            bond.held += lamports;
            Ok(())
        })
    }

    /// Promises that are better hold at once; if one is worse, all hold after the notice.
    pub fn set_terms(&mut self, index: usize, terms: Terms) -> Result<(), Refusal> {
        let epoch = self.cluster.epoch;
        self.with_bond(index, |_, bond| {
            check(terms.commission <= BPS, Refusal::InvalidParameter)?;
            bond.announce(terms, epoch);
            Ok(())
        })
    }

    pub fn ask_for_bond(&mut self, index: usize, lamports: Amount) -> Result<(), Refusal> {
        let from = self.cluster.epoch + NOTICE;
        self.with_bond(index, |_, bond| {
            check(lamports <= bond.posted, Refusal::InsufficientBalance)?;
            bond.asked = lamports;
            bond.asked_from = if lamports == 0 { 0 } else { from };
            Ok(())
        })
    }

    /// Gives what its owner gets.
    pub fn withdraw_bond(&mut self, index: usize) -> Result<Amount, Refusal> {
        self.with_bond(index, |m, bond| {
            check(bond.asked > 0, Refusal::NothingRequested)?;
            check(m.cluster.epoch >= bond.asked_from, Refusal::NoticeRunning)?;
            let is_settled = bond.settled_in >= m.cluster.epoch;
            check(is_settled || bond.is_left_alone(m.cluster.epoch), Refusal::BondNotSettled)?;
            let paid = bond.asked.min(m.can_leave(bond));
            check(paid > 0, Refusal::InsufficientBalance)?;
            bond.asked -= paid;
            if bond.asked == 0 {
                bond.asked_from = 0;
            }
            bond.take(paid);
            m.books.bond_owners[index] += paid;
            Ok(paid)
        })
    }

    /// What was posted, but for what its account lacks of today's rent.
    pub(super) fn can_leave(&self, bond: &Bond) -> Amount {
        bond.posted.min(bond.held - self.cluster.bond_rent).max(0)
    }

    /// Once an epoch, after an update and a review, a bond pays what its validator owes. Gives that; nothing if nothing was due.
    pub fn settle_bond(&mut self, index: usize) -> Result<Amount, Refusal> {
        self.attempt(|m| {
            let mut bond = m.books.bonds[index].ok_or(Refusal::AccountNotInitialized)?;
            m.touch();
            m.begin_epoch();
            m.require_listed(index)?;
            let epoch = m.cluster.epoch;
            let validator = m.books.validators[index];
            let is_seen = validator.updated_in == epoch && validator.reviewed_in == epoch;
            if bond.settled_in >= epoch || !is_seen {
                m.books.validators[index].note_bond(&bond);
                return Ok(0);
            }
            let owed = m.owed(&validator, &bond);
            let paid = owed.min(m.can_leave(&bond));
            bond.take(paid);
            bond.asked = bond.asked.min(bond.posted);
            bond.settled_in = epoch;
            bond.settled_stake = validator.opening_in(epoch);
            bond.min_credits = m.books.pool.rules.min_credits;
            bond.adopt_terms(epoch);
            let validator = &mut m.books.validators[index];
            let validator_lost = validator.lost;
            // It pays for what was slashed before anything else.
            validator.lost -= paid.min(validator.lost);
            if validator.has_left() {
                // Its bond is spent: nobody is held for what it does not pay.
                validator.lost = 0;
            }
            validator.highest_commission = validator.commission;
            validator.note_bond(&bond);
            m.books.bonds[index] = Some(bond);
            m.books.pool.gains.bonds += paid;
            let insured = m.back_to_insurance(paid.min(validator_lost), validator_lost);
            m.gain(paid - insured, |books| {
                books.pool.reserve += paid;
                books.vaults.reserve += paid;
                books.pool.insured_loss -= insured;
                books.pool.insurance_due += insured;
            });
            m.fill();
            Ok(paid)
        })
    }

    /// The insurance gets back what it has paid, once the others who bore a part of a loss are whole: of this one what the
    /// insurance cannot have paid, and of any what holders still miss.
    fn back_to_insurance(&self, paid: Amount, lost: Amount) -> Amount {
        let insured = self.books.pool.insured_loss;
        let of_others = (lost - insured).max(self.books.pool.loss_carry);
        (paid - of_others).clamp(0, insured)
    }

    /// Bid, commission above the promised one, credits short of the rule, and what was slashed; for the stake of the last
    /// settlement, if the validator stood in the pool then.
    fn owed(&self, validator: &ValidatorBook, bond: &Bond) -> Amount {
        let epochs = (self.cluster.epoch - bond.settled_in).min(MOST_EPOCHS);
        let was_there = bond.settled_in >= validator.entered_in;
        let stake = if was_there { bond.settled_stake } else { 0 };
        let gain = self.means().map_or(0, |means| means.gain);
        let of_gain = |bps: Amount| ceil(stake, gain * bps.max(0) * epochs, PPB * BPS);
        let seen = match self.mistake {
            Some(Mistake::ForgetsTheHighestCommission) => validator.commission,
            _ => validator.highest_commission,
        };
        ceil(stake, bond.terms.bid_ppb * epochs, PPB)
            + of_gain(seen - bond.terms.commission)
            + of_gain(bond.min_credits - validator.credit_ratio)
            + validator.lost
    }

    /// A validator that has a bond joins a pool that lets it, if it keeps the rules.
    pub fn join(&mut self, index: usize) -> Result<(), Refusal> {
        self.attempt(|m| {
            check(m.votes[index].is_open, Refusal::NotAVoteAccount)?;
            let mut bond = m.books.bonds[index].ok_or(Refusal::AccountNotInitialized)?;
            bond.adopt_terms(m.cluster.epoch);
            check(!m.cluster.pays_rewards, Refusal::EpochRewardsActive)?;
            m.touch();
            let rules = m.books.pool.rules;
            check(rules.join_weight > 0, Refusal::JoiningIsOff)?;
            check(bond.backing() >= rules.join_bond, Refusal::BondTooSmall)?;
            let found = m.judge(index, &ValidatorBook::default());
            check(found.verdict == SOUND, Refusal::ValidatorBreaksRules)?;
            let (weight, score) = (rules.join_weight, NEUTRAL);
            let mut new = ValidatorBook { weight, score, has_joined: true, ..ValidatorBook::default() };
            new.note_bond(&bond);
            // Who lets it join pays for its accounts; a sync finds that.
            m.books.vaults.reserve += 3 * m.cluster.stake_rent;
            m.enter(index, new)?;
            m.books.bonds[index] = Some(bond);
            Ok(())
        })
    }

    /// Anyone gives to the insurance.
    pub fn fund_insurance_by(&mut self, user: usize, lamports: Amount) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.touch();
            check(lamports > 0, Refusal::ZeroAmount)?;
            m.pay(user, lamports)?;
            m.books.pool.insurance += lamports;
            m.books.vaults.insurance += lamports;
            Ok(())
        })
    }

    pub fn propose_insurance(&mut self, signer: Keeper, lamports: Amount, to: usize) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.require_admin(signer)?;
            m.touch();
            check(lamports > 0, Refusal::ZeroAmount)?;
            let from = m.cluster.epoch + INSURANCE_NOTICE;
            m.books.pool.insurance_withdrawal = Some(Withdrawal { lamports, to, from });
            Ok(())
        })
    }

    pub fn cancel_insurance(&mut self, signer: Keeper) -> Result<(), Refusal> {
        self.attempt(|m| {
            m.require_admin(signer)?;
            m.touch();
            check(m.books.pool.insurance_withdrawal.take().is_some(), Refusal::NothingRequested)
        })
    }

    /// Gives what was taken; losses may have left less than was proposed.
    pub fn withdraw_insurance(&mut self, signer: Keeper) -> Result<Amount, Refusal> {
        self.attempt(|m| {
            m.require_admin(signer)?;
            m.touch();
            let proposal = m.books.pool.insurance_withdrawal.take().ok_or(Refusal::NothingRequested)?;
            let epoch = m.cluster.epoch;
            check(epoch >= proposal.from, Refusal::NoticeRunning)?;
            check(epoch < proposal.from + INSURANCE_LASTS, Refusal::ProposalExpired)?;
            // Losses come first, so all of them must have been found.
            check(m.books.pool.last_update_epoch == epoch, Refusal::ValidatorNotUpdated)?;
            let paid = proposal.lamports.min(m.books.pool.insurance);
            m.books.pool.insurance -= paid;
            m.books.vaults.insurance -= paid;
            m.books.people[proposal.to].sol += paid;
            Ok(paid)
        })
    }
}

impl ValidatorBook {
    /// A bond that is spent bids nothing.
    fn note_bond(&mut self, bond: &Bond) {
        self.bond = bond.backing();
        self.bid_ppb = if self.bond == 0 { 0 } else { bond.terms.bid_ppb };
    }
}
